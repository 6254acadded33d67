"""Settings: config/*.toml and the environment -> one frozen object. An unknown or ill-typed key stops the start."""

from __future__ import annotations

import json
import os
import re
import secrets
import tomllib
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError, field_validator, model_validator

PROJECT = Path(__file__).resolve().parent.parent
PREFIX = "XUEZHAO_"
MODE_VARIABLE = "XUEZHAO_MODE"
# passwords and keys: from the environment only, never from a file that is copied about
SECRET = {
    ("sso", "client_secret"),
    ("wechat", "app_secret"),
    ("wechat", "mini_secret"),
    ("wechat", "push_token"),
    ("wechat", "push_aes_key"),
    ("mail", "password"),
    ("sms", "key_secret"),
}
ALIASES = {"PORT": ("server", "port"), "DATA_DIR": ("data", "dir"), "DATABASE_URL": ("database", "url")}


class SettingsError(Exception):
    """The configuration cannot be used; the text says which key and why."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Server(_Section):
    host: str
    port: int
    public_url: str
    workers: int
    threads: int
    behind_proxies: int
    metrics_token: str


class Data(_Section):
    dir: Path
    durable: bool
    models_dir: Path
    cache_dir: Path


class Database(_Section):
    url: str
    busy_seconds: int
    pool_size: int


class Security(_Section):
    cookies_secure: bool
    staff_totp: Literal["optional", "required"]
    session_hours_student: int
    session_hours_staff: int
    idle_minutes_staff: int
    lockout_failures: int
    lockout_minutes: int
    password_min_length: int
    password_min_length_staff: int
    password_memory_kib: int
    rate_sign_in: str
    rate_upload: str
    rate_frames: str
    rate_application: str


class Sso(_Section):
    protocol: Literal["off", "oidc", "cas"]
    server: str
    client_id: str
    client_secret: SecretStr
    claim: str
    scopes: str
    local_passwords: Literal["everybody", "administrators"]
    timeout_seconds: float

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.protocol != "off":
            _need(self.server, "server")
            _over_https(self.server, "server")
        if self.protocol == "oidc":
            _need(self.client_id, "client_id")
        return self


class Wechat(_Section):
    appid: str
    app_secret: SecretStr
    mini_appid: str
    mini_secret: SecretStr
    api_url: str
    authorize_url: str
    subscribe_url: str
    script_url: str
    push_token: SecretStr
    push_aes_key: SecretStr
    verify_code: str
    template_id: str
    template_fields: str
    subscribe_template_id: str
    timeout_seconds: float

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for address in (self.api_url, self.authorize_url, self.subscribe_url, self.script_url):
            _over_https(address, "api_url, authorize_url, subscribe_url, script_url")
        if not re.fullmatch(r"[\w:/.~%-]+", self.script_url, re.ASCII):  # it stands in a header with marks of its own
            raise ValueError("script_url is an address without a query")
        if key := self.push_aes_key.get_secret_value():
            if not re.fullmatch(r"[A-Za-z0-9]{43}", key):
                raise ValueError("push_aes_key has 43 letters and digits")
            _need(self.push_token.get_secret_value(), "push_token")
        return self


class Mail(_Section):
    host: str
    port: int
    encryption: Literal["starttls", "tls", "none"]
    user: str
    password: SecretStr
    sender: str
    timeout_seconds: float

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.host:
            _need(self.sender, "sender")
        return self


class Sms(_Section):
    provider: Literal["off", "gateway", "aliyun"]
    url: str
    key_id: str
    key_secret: SecretStr
    sign_name: str
    template_code: str
    template_notice: str
    timeout_seconds: float

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.provider != "off":
            _need(self.url, "url")
            _over_https(self.url, "url")
        return self


def _need(value: str, name: str) -> None:
    if not value:
        raise ValueError(f"{name} is empty")


def _over_https(address: str, name: str) -> None:
    """Secrets and identities travel over HTTPS; plain HTTP is for a server on this machine, as in tests."""
    parts = urlsplit(address)
    local = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")
    if address and parts.scheme != "https" and not local:
        raise ValueError(f"{name} must begin with https://")


class Photos(_Section):
    max_bytes: int
    draft_minutes: int
    undo_seconds: int
    default_profile: str
    check_threads: int
    evidence_max_bytes: int


class Bulk(_Section):
    most_files: int
    keep_days: int


class Notices(_Section):
    link_days: int
    college: str
    poster_font: str


class Jobs(_Section):
    poll_seconds: float
    lease_seconds: int
    max_attempts: int
    backoff_seconds: int


class Api(_Section):
    rate: str
    plain_webhooks: bool
    webhook_networks: str
    webhook_seconds: float

    @field_validator("webhook_networks")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        for part in value.split():
            ip_network(part)
        return value

    @property
    def own_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """Networks inside that webhooks may lead to; with plain_webhooks this machine too."""
        this_machine = ("127.0.0.0/8", "::1/128") if self.plain_webhooks else ()
        return tuple(ip_network(part) for part in (*self.webhook_networks.split(), *this_machine))


class Logs(_Section):
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"]
    format: Literal["json", "text"]


class Demo(_Section):
    enabled: bool


class Settings(_Section):
    """All settings. Paths are absolute; `mode` is the name of the file that overrode the defaults."""

    mode: Literal["development", "testing", "production"]
    server: Server
    data: Data
    database: Database
    security: Security
    photos: Photos
    bulk: Bulk
    notices: Notices
    jobs: Jobs
    sso: Sso
    wechat: Wechat
    mail: Mail
    sms: Sms
    api: Api
    logs: Logs
    demo: Demo

    @property
    def database_url(self) -> str:
        return self.database.url or f"sqlite:///{self.data.dir / 'xuezhao.sqlite3'}"

    @property
    def files_dir(self) -> Path:
        return self.data.dir / "files"


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the defaults, the mode's file and the environment, in this order of strength.

    Raises SettingsError naming the key when one is unknown, missing or of the wrong type.
    """
    environment = os.environ if environment is None else environment
    mode = environment.get(MODE_VARIABLE, "development")
    mode_file = PROJECT / "config" / f"{mode}.toml"
    if mode == "default" or not mode_file.is_file():
        raise SettingsError(f"{MODE_VARIABLE}={mode}: there is no config/{mode}.toml")
    values = _read(PROJECT / "config" / "default.toml")
    for section, keys in _read(mode_file).items():
        values.setdefault(section, {}).update(keys)
    for section, key in SECRET:
        if values.get(section, {}).get(key):
            raise SettingsError(f"{section}.{key} stands in a file: set {PREFIX}{section}_{key}".upper())
    for section, key, text in _from_environment(environment, values):
        values.setdefault(section, {})[key] = text
    try:
        settings = Settings.model_validate({"mode": mode, **values})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"setting {where}: {first['msg']}") from None
    return settings.model_copy(update={"data": _absolute(settings.data)})


def _read(path: Path) -> dict[str, dict[str, Any]]:
    with path.open("rb") as file:
        return tomllib.load(file)


def _from_environment(
    environment: Mapping[str, str], known: Mapping[str, Mapping[str, Any]]
) -> list[tuple[str, str, str]]:
    found = [(*target, environment[name]) for name, target in ALIASES.items() if environment.get(name)]
    for name, text in environment.items():
        if not name.startswith(PREFIX) or name == MODE_VARIABLE:
            continue
        section, _, key = name.removeprefix(PREFIX).lower().partition("_")
        if key not in known.get(section, {}):
            raise SettingsError(f"{name}: there is no setting {section}.{key}")
        found.append((section, key, text))
    return found


def _absolute(data: Data) -> Data:
    folders = {"dir": data.dir, "models_dir": data.models_dir, "cache_dir": data.cache_dir}
    return data.model_copy(update={name: _under_project(folder) for name, folder in folders.items()})


def _under_project(path: Path) -> Path:
    return path if path.is_absolute() else (PROJECT / path).resolve()


class Secrets(BaseModel):
    """Keys of this installation. Never printed: `repr` shows nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    session_key: str
    data_key: str

    def __repr__(self) -> str:
        return "Secrets(...)"

    __str__ = __repr__


def load_secrets(data_dir: Path) -> Secrets:
    """The secrets of this data folder; made on the first call, readable by the owner only (mode 600).

    Two processes that start at once agree: the file is written aside and linked into place once.
    """
    path = data_dir / "secrets.json"
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        fresh = {"session_key": secrets.token_hex(32), "data_key": secrets.token_hex(32)}
        aside = data_dir / f".secrets-{secrets.token_hex(8)}"
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(fresh, file)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(aside, path)
        except FileExistsError:
            pass
        finally:
            aside.unlink()
    return Secrets(**json.loads(path.read_text()))
