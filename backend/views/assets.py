"""Files for the browser under addresses that name their content: kept for ever by browsers, never stale."""

from __future__ import annotations

import hashlib
import mimetypes
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, Response, request, send_file, send_from_directory, url_for
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

from backend.adapters.packed import ENCODINGS, PackedFiles, content_name
from backend.parts import Parts
from backend.views import access, headers

blueprint = Blueprint("assets", __name__)

# Python's own table lacks some of these on some systems; browsers refuse modules and streaming compilation without
for ending, media_type in {
    ".mjs": "text/javascript",
    ".js": "text/javascript",
    ".wasm": "application/wasm",
    ".task": "application/octet-stream",
    ".tflite": "application/octet-stream",
}.items():
    mimetypes.add_type(media_type, ending)

PACKED = {"text/css", "text/javascript", "image/svg+xml", "application/wasm", "application/octet-stream"}
RUNS_WASM = "js/engine/device-worker.js"  # the one script that does, in a worker with a policy of its own


@cache
def fingerprint(folder: Path) -> str:
    """12 hex digits over names and contents of a folder. Computed once per process."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def vendor_mark(vendor: Path, path: str) -> str:
    """Each package has a mark of its own: a new version of one leaves the others in the browsers' keeping."""
    return fingerprint(vendor / path.partition("/")[0])


@blueprint.get("/assets/<mark>/<path:path>")
@access.public
def own(mark: str, path: str) -> Response:
    folder = access.parts().webapp / "assets"
    if path == RUNS_WASM:
        headers.allow_wasm()
    return _kept(_file(folder, path), mark == fingerprint(folder))


@blueprint.get("/vendor/<mark>/<path:path>")
@access.public
def vendored(mark: str, path: str) -> Response:
    folder = access.parts().vendor
    return _kept(_file(folder, path), mark == vendor_mark(folder, path))


@blueprint.get("/assets/<mark>/css/common.css")
@access.public
def common_styles(mark: str) -> Response:
    """The sheets that every page has, as one: twenty requests less on a weak line. Their order is in common.txt."""
    folder = access.parts().webapp / "assets"
    sheets = _joined(folder / "css")
    encoding = _wanted_encoding("text/css")
    if encoding is not None:
        answer = _packed(packed_files(access.parts()).of_bytes(sheets, encoding), "text/css", encoding)
    else:
        answer = Response(sheets, mimetype="text/css")
        answer.add_etag()
        answer.make_conditional(request)
    return _kept(answer, mark == fingerprint(folder))


@cache
def _joined(folder: Path) -> bytes:
    names = (folder / "common.txt").read_text().split()
    return b"\n".join((folder / f"{name}.css").read_bytes() for name in names)


def packed_files(parts: Parts) -> PackedFiles:
    return PackedFiles(parts.settings.data.cache_dir)


def pack_ahead(parts: Parts) -> int:
    """Compress everything for every kind of browser now, so that no first visitor waits. Gives the number of files."""
    packed, css = packed_files(parts), parts.webapp / "assets" / "css"
    files = [
        file
        for folder in (parts.webapp / "assets", parts.vendor)
        for file in folder.rglob("*")
        if file.is_file() and mimetypes.guess_type(file.name)[0] in PACKED
    ]
    for encoding in ENCODINGS:
        packed.of_bytes(_joined(css), encoding)
        for file in files:
            packed.of(file, encoding)
    return len(files)


def _file(folder: Path, path: str) -> Response:
    """The file, compressed for who takes it. A part of a file is a part of the file itself, so it comes as it is."""
    found = safe_join(str(folder), path)
    if found is None or not Path(found).is_file():
        raise NotFound
    file = Path(found)
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    encoding = _wanted_encoding(kind)
    if encoding is not None:
        return _packed(packed_files(access.parts()).of(file, encoding), kind, encoding)
    return send_file(file, mimetype=kind, conditional=True, etag=content_name(file)[:32])


def _wanted_encoding(kind: str) -> str | None:
    if kind not in PACKED or "Range" in request.headers:
        return None
    return next((name for name in ENCODINGS if request.accept_encodings[name] > 0), None)


def _packed(copy: Path, kind: str, encoding: str) -> Response:
    answer = Response(copy.read_bytes(), mimetype=kind)
    answer.content_encoding = encoding
    answer.set_etag(copy.name.replace(".", "-"))
    answer.make_conditional(request)
    return answer


def _kept(answer: Response, current: bool) -> Response:
    answer.vary.add("Accept-Encoding")
    # an old address still answers, so that a page from before an update keeps its looks, but is not kept
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable" if current else "no-cache"
    return answer


class CookieOfPages(SecureCookieSessionInterface):
    """Pages depend on the cookie, files do not: they are the same for everybody.

    Were they said to, WebKit would fetch the engine's megabytes anew whenever the cookie changes, as at every sign-in.
    """

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if request.blueprint != blueprint.name:
            super().save_session(app, session, response)


def register(app: Flask) -> None:
    app.session_interface = CookieOfPages()

    def asset(path: str) -> str:
        return url_for("assets.own", mark=fingerprint(access.parts().webapp / "assets"), path=path)

    def vendor(path: str) -> str:
        return url_for("assets.vendored", mark=vendor_mark(access.parts().vendor, path), path=path)

    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(asset=asset, vendor=vendor)

    @app.get("/favicon.ico")
    @access.public
    def favicon() -> Response:
        figures = access.parts().webapp / "assets" / "figures"
        answer = send_from_directory(figures, "favicon.svg", mimetype="image/svg+xml")
        answer.headers["Cache-Control"] = "public, max-age=86400"
        return answer
