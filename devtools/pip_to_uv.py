"""uv reads none of pip's settings, and mirrors are the rule in China: they are handed on."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from devtools.ground import PYTHON


def pip_settings() -> dict[str, str]:
    """What pip.conf and PIP_* say on this machine, by option name."""
    command = [str(PYTHON), "-m", "pip", "config", "list"]
    lines = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    return parse_pip_settings(lines)


def parse_pip_settings(lines: Sequence[str]) -> dict[str, str]:
    """From the lines of `pip config list`, such as global.index-url='https://mirror.example/simple'.

    The environment (:env:) is stronger than [install], and [install] than [global]; other sections are of
    other pip commands.
    """
    found: dict[str, dict[str, str]] = {"global": {}, "install": {}, ":env:": {}}
    for line in lines:
        name, _, value = line.partition("=")
        section, _, option = name.rpartition(".")
        if section in found:
            found[section][option] = str(ast.literal_eval(value))
    return found["global"] | found["install"] | found[":env:"]


def uv_settings(pip: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """The variables to add for uv; what `environment` already sets for uv itself wins.

    pip takes the best version of all its indexes, so uv is told to do the same. The hashes in the lock files
    say which bytes are meant: a second index cannot slip in others.
    """
    reachable = [link for link in pip.get("find-links", "").split() if "://" in link or Path(link).exists()]
    handed_on = {
        "UV_DEFAULT_INDEX": pip.get("index-url", ""),
        "UV_INDEX": " ".join(pip.get("extra-index-url", "").split()),
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_FIND_LINKS": ",".join(reachable),
        "UV_NO_INDEX": "1" if pip.get("no-index", "").lower() in ("1", "true", "yes", "on") else "",
        "UV_INSECURE_HOST": " ".join(pip.get("trusted-host", "").split()),
        "UV_HTTP_TIMEOUT": pip.get("timeout", pip.get("default-timeout", "")),
        "SSL_CERT_FILE": pip.get("cert", ""),
        "ALL_PROXY": pip.get("proxy", ""),
    }
    return {name: value for name, value in handed_on.items() if value and name not in environment}
