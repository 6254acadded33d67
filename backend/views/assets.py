"""Files for the browser under addresses that name their content: kept for ever by browsers, never stale."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from functools import cache, lru_cache
from pathlib import Path

from flask import Blueprint, Flask, Response, request, send_from_directory, url_for
from werkzeug.exceptions import NotFound

from backend.views import access

blueprint = Blueprint("assets", __name__)

PACKED = {"text/css", "text/javascript", "image/svg+xml", "application/wasm"}

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


@blueprint.get("/assets/<mark>/css/common.css")
@access.public
def common_styles(mark: str) -> Response:
    """The sheets that every page has, as one: twenty requests less on a weak line. Their order is in common.txt."""
    folder = access.parts().webapp / "assets"
    answer = Response(_joined(folder / "css"), mimetype="text/css")
    answer.add_etag()
    answer.make_conditional(request)
    return _kept(_packed(answer), mark == fingerprint(folder))


@cache
def _joined(folder: Path) -> bytes:
    names = (folder / "common.txt").read_text().split()
    return b"\n".join((folder / f"{name}.css").read_bytes() for name in names)


def _send(folder: Path, mark: str, path: str) -> Response:
    if not folder.is_dir():
        raise NotFound()
    answer = send_from_directory(folder, path, conditional=True)
    return _kept(_packed(answer), mark == fingerprint(folder))


def _packed(answer: Response) -> Response:
    """The same in gzip for who takes it; each content is compressed once per process."""
    answer.vary.add("Accept-Encoding")
    takes = request.accept_encodings["gzip"] > 0
    if takes and answer.status_code == 200 and answer.mimetype in PACKED and "Range" not in request.headers:
        answer.direct_passthrough = False
        answer.set_data(_gzip(answer.get_data()))
        answer.content_encoding = "gzip"
    return answer


@lru_cache(maxsize=256)
def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def _kept(answer: Response, current: bool) -> Response:
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
