"""Every setting is explained; nothing unknown is taken."""

from __future__ import annotations

import re
import stat
import tomllib
from pathlib import Path

import pytest

from backend.settings import PROJECT, SettingsError, load_secrets, load_settings

DEFAULTS = PROJECT / "config" / "default.toml"


def test_every_setting_has_a_sentence_that_explains_it() -> None:
    for line in DEFAULTS.read_text().splitlines():
        if re.match(r"\w+ =", line):
            assert re.search(r"# \w.{10,}", line), f"not explained: {line}"


def test_every_setting_can_be_set_by_the_environment(tmp_path: Path) -> None:
    values = tomllib.loads(DEFAULTS.read_text())
    for section, keys in values.items():
        for key, value in keys.items():
            text = str(value).lower() if isinstance(value, bool) else str(value)
            load_settings({f"XUEZHAO_{section}_{key}".upper(): text, "DATA_DIR": str(tmp_path)})


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"XUEZHAO_SERVER_PROT": "1"}, "no setting server.prot"),
        ({"XUEZHAO_NONSENSE": "1"}, "no setting nonsense."),
        ({"PORT": "eighty"}, "server.port"),
        ({"XUEZHAO_MODE": "holiday"}, "config/holiday.toml"),
        ({"XUEZHAO_SECURITY_STAFF_TOTP": "sometimes"}, "security.staff_totp"),
    ],
)
def test_a_wrong_setting_stops_the_start_and_is_named(environment: dict[str, str], says: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(says)):
        load_settings(environment)


@pytest.mark.parametrize("text", ["[server]\nport = 1\nextra = 2", "[nonsense]\nkey = 1"])
def test_an_unknown_key_in_a_file_stops_the_start(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "default.toml").write_text(DEFAULTS.read_text())
    (tmp_path / "config" / "development.toml").write_text(text)
    monkeypatch.setattr("backend.settings.PROJECT", tmp_path)
    with pytest.raises(SettingsError):
        load_settings({})


def test_settings_are_frozen() -> None:
    settings = load_settings({})
    with pytest.raises(ValueError, match="frozen"):
        settings.server.port = 1


def test_production_needs_one_time_codes_and_secure_cookies() -> None:
    security = load_settings({"XUEZHAO_MODE": "production"}).security
    assert security.staff_totp == "required"
    assert security.cookies_secure


def test_secrets_are_made_once_for_the_owner_only_and_never_shown(tmp_path: Path) -> None:
    first = load_secrets(tmp_path / "data")
    assert load_secrets(tmp_path / "data") == first
    mode = (tmp_path / "data" / "secrets.json").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    assert first.data_key not in f"{first!r} {first}"


def test_a_secret_in_a_file_stops_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "default.toml").write_text(DEFAULTS.read_text())
    (tmp_path / "config" / "development.toml").write_text('[sso]\nclient_secret = "hush"')
    monkeypatch.setattr("backend.settings.PROJECT", tmp_path)
    with pytest.raises(SettingsError, match="XUEZHAO_SSO_CLIENT_SECRET"):
        load_settings({})


def test_a_secret_of_the_environment_is_not_shown() -> None:
    settings = load_settings({"XUEZHAO_SSO_CLIENT_SECRET": "hush-hush", "XUEZHAO_MAIL_PASSWORD": "hush-hush"})
    assert settings.sso.client_secret.get_secret_value() == "hush-hush"
    assert "hush-hush" not in f"{settings!r} {settings}"


@pytest.mark.parametrize(
    "environment",
    [
        {"XUEZHAO_SSO_PROTOCOL": "cas"},
        {"XUEZHAO_SSO_PROTOCOL": "cas", "XUEZHAO_SSO_SERVER": "http://cas.example.edu.cn/cas"},
        {"XUEZHAO_SSO_PROTOCOL": "oidc", "XUEZHAO_SSO_SERVER": "https://id.example.edu.cn"},
        {"XUEZHAO_WECHAT_API_URL": "http://api.weixin.qq.com"},
        {"XUEZHAO_WECHAT_PUSH_AES_KEY": "short", "XUEZHAO_WECHAT_PUSH_TOKEN": "t"},
        {"XUEZHAO_WECHAT_PUSH_AES_KEY": "a" * 43},
        {"XUEZHAO_MAIL_HOST": "mail.example.edu.cn"},
        {"XUEZHAO_SMS_PROVIDER": "gateway"},
    ],
)
def test_a_way_out_of_the_house_is_whole_and_over_https_or_stops_the_start(environment: dict[str, str]) -> None:
    with pytest.raises(SettingsError):
        load_settings(environment)
