"""uv is told what pip has been told."""

from pathlib import Path

from devtools.pip_to_uv import parse_pip_settings, uv_settings


def test_the_environment_is_stronger_than_the_files():
    lines = [
        "global.index-url='https://mirror.example/simple'",
        "install.index-url='https://college.example/simple'",
        ":env:.index-url='https://laptop.example/simple'",
        "freeze.index-url='https://other.example/simple'",
    ]
    assert parse_pip_settings(lines[:1])["index-url"] == "https://mirror.example/simple"
    assert parse_pip_settings(lines[:2])["index-url"] == "https://college.example/simple"
    assert parse_pip_settings(lines)["index-url"] == "https://laptop.example/simple"


def test_a_mirror_becomes_the_default_index():
    assert uv_settings({"index-url": "https://mirror.example/simple"}, {})["UV_DEFAULT_INDEX"] == (
        "https://mirror.example/simple"
    )


def test_several_indexes_are_equals_as_they_are_for_pip():
    told = uv_settings({"extra-index-url": "\nhttps://a.example/simple\nfile:///srv/simple"}, {})
    assert told["UV_INDEX"] == "https://a.example/simple file:///srv/simple"
    assert told["UV_INDEX_STRATEGY"] == "unsafe-best-match"


def test_folders_of_wheels_are_named_unless_they_are_gone(tmp_path: Path):
    told = uv_settings({"find-links": f"{tmp_path} /no/such/folder https://wheels.example/"}, {})
    assert told["UV_FIND_LINKS"] == f"{tmp_path},https://wheels.example/"


def test_certificates_proxies_and_patience_are_handed_on():
    pip = {"cert": "/ca.pem", "proxy": "http://proxy.example:3128", "default-timeout": "90", "no-index": "true"}
    told = uv_settings(pip | {"trusted-host": "a.example\nb.example"}, {})
    assert told["SSL_CERT_FILE"] == "/ca.pem"
    assert told["ALL_PROXY"] == "http://proxy.example:3128"
    assert told["UV_HTTP_TIMEOUT"] == "90"
    assert told["UV_NO_INDEX"] == "1"
    assert told["UV_INSECURE_HOST"] == "a.example b.example"


def test_what_is_set_for_uv_itself_wins():
    told = uv_settings({"index-url": "https://mirror.example/simple"}, {"UV_DEFAULT_INDEX": "https://own.example/"})
    assert "UV_DEFAULT_INDEX" not in told


def test_without_settings_of_pip_uv_keeps_its_own():
    assert uv_settings({}, {}).keys() == {"UV_INDEX_STRATEGY"}
