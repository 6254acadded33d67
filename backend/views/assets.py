"""Files for the browser under addresses that name their content: kept for ever by browsers, never stale."""

from __future__ import annotations

import hashlib
import mimetypes
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, Response, send_from_directory, url_for
from werkzeug.exceptions import NotFound

from backend.views import access

blueprint = Blueprint("assets", __name__)

# Python's own table lacks some of these on some systems; browsers refuse modules and streaming compilation without
for ending, media_type in {
    ".mjs": "text/javascript",
    ".js": "text/javascript",
    ".wasm": "application/wasm",
}.items():
    mimetypes.add_type(media_type, ending)


@cache
def fingerprint(folder: Path) -> str:
    """12 hex digits over names and contents of a folder. Computed once per process."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.stat().st_size < 4_000_000:
            digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
        elif path.is_file():
            digest.update(f"{path.relative_to(folder)} {path.stat().st_size}".encode())
    return digest.hexdigest()[:12]


@blueprint.get("/assets/<mark>/<path:path>")
@access.public
def own(mark: str, path: str) -> Response:
    return _send(access.parts().webapp / "assets", mark, path)


@blueprint.get("/vendor/<mark>/<path:path>")
@access.public
def vendored(mark: str, path: str) -> Response:
    return _send(access.parts().vendor, mark, path)


def _send(folder: Path, mark: str, path: str) -> Response:
    if not folder.is_dir():
        raise NotFound()
    answer = send_from_directory(folder, path, conditional=True)
    current = mark == fingerprint(folder)
    # an old address still answers, so that a page from before an update keeps its looks, but is not kept
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable" if current else "no-cache"
    return answer


def register(app: Flask) -> None:
    parts = app.parts  # type: ignore[attr-defined]

    def asset(path: str) -> str:
        return url_for("assets.own", mark=fingerprint(parts.webapp / "assets"), path=path)

    def vendor(path: str) -> str:
        return url_for("assets.vendored", mark=fingerprint(parts.vendor), path=path)

    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(asset=asset, vendor=vendor)

    @app.get("/favicon.ico")
    @access.public
    def favicon() -> Response:
        answer = send_from_directory(parts.webapp / "assets" / "figures", "favicon.svg", mimetype="image/svg+xml")
        answer.headers["Cache-Control"] = "public, max-age=86400"
        return answer
