"""What a browser fetches to show a page for the first time, in bytes over the wire: the answers themselves."""

from __future__ import annotations

import re
from posixpath import dirname, join, normpath
from urllib.parse import urlsplit

from flask.testing import FlaskClient

# what the markup asks for at once. Not: links, forms, icons for home screens, what a script imports only when it runs
LINKS = (
    r'<link[^>]+rel="(?:stylesheet|icon|modulepreload|preload)"[^>]*href="([^"]+)"',
    r'<script[^>]+src="([^"]+)"',
    r'<img[^>]+src="([^"]+)"',
    r'<(?:use|image)[^>]+href="([^"#]+)',
)
IMPORT = re.compile(r"""^\s*(?:import|export)\b[^;"'(]*["'](\.[^"']+)["']""", re.MULTILINE)
CSS_URL = re.compile(r"""url\(["']?([^"')]+)["']?\)""")


def first_view(client: FlaskClient, address: str, encoding: str = "br") -> dict[str, int]:
    """Each address that the page needs -> bytes of its answer. Raises AssertionError when one does not answer."""
    page, sizes = _get(client, address, "identity").decode(), {address: len(_get(client, address, encoding))}
    waiting = [found for pattern in LINKS for found in re.findall(pattern, page)]
    while waiting:
        path = urlsplit(waiting.pop()).path
        if not path.startswith("/") or path in sizes:
            continue  # data: and what is there already
        sizes[path] = len(_get(client, path, encoding))
        waiting += _needed_by(client, path)
    return sizes


def _needed_by(client: FlaskClient, path: str) -> list[str]:
    if not path.endswith((".js", ".mjs", ".css")):
        return []
    text = _get(client, path, "identity").decode()
    found = CSS_URL.findall(text) if path.endswith(".css") else IMPORT.findall(text)
    return [normpath(join(dirname(path), name)) for name in found if not name.startswith(("data:", "#", "%23", "http"))]


def _get(client: FlaskClient, path: str, encoding: str) -> bytes:
    with client.get(path, headers={"Accept-Encoding": encoding}) as answer:
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return bytes(answer.data)
