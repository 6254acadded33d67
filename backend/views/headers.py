"""Headers of every answer: what the browser may load, that personal pages are not kept, and the rest of the armour."""

from __future__ import annotations

import gzip
import secrets

import brotli
from flask import Flask, Response, g, request

from backend.views import access

PACKED = ("text/html", "application/json")
SMALLEST = 1000  # bytes: below it there is nothing to win
QUALITY = 5  # of both: about a millisecond a page

POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'nonce-{nonce}'",
    "style-src": "'self' 'nonce-{nonce}'",
    "img-src": "'self' data: blob:",
    "media-src": "'self' blob: mediastream:",
    "worker-src": "'self'",
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}

# a style sheet, script or drawing obeys the policy of the page that it is loaded into; this one is for whoever opens it
# by itself, and short: a page has thirty of them
FILE_POLICY = {"default-src": "'none'", "frame-ancestors": "'none'"}


def csp_nonce() -> str:
    """The word that inline script or style of this one answer must carry."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def allow_wasm() -> None:
    """This answer is a worker's script that runs WebAssembly: a worker obeys the policy it came with, no page's."""
    g.runs_wasm = True


def allow_wechat_script() -> str:
    """This answer is a page that loads WeChat's script (JS-SDK). Gives the script's address.

    The script talks to WeChat through frames of these two schemes on iOS.
    """
    address = access.parts().settings.wechat.script_url
    g.wechat_script = address
    return address


def _policy() -> dict[str, str]:
    if "wechat_script" in g:
        return POLICY | {
            "script-src": f"{POLICY['script-src']} {g.wechat_script}",
            "frame-src": "'self' weixin: wvjbscheme:",
        }
    if "runs_wasm" in g:
        return POLICY | {"script-src": POLICY["script-src"] + " 'wasm-unsafe-eval'"}
    return FILE_POLICY if request.blueprint == "assets" else POLICY


def _add(answer: Response) -> Response:
    headers = answer.headers
    nonce = csp_nonce()
    headers["Content-Security-Policy"] = "; ".join(f"{k} {v.format(nonce=nonce)}" for k, v in _policy().items())
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if request.blueprint != "assets":
        headers["X-Frame-Options"] = "DENY"
        headers["Referrer-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=(), payment=()"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    # the next person at the same phone must not see this one's pages
    headers.setdefault("Cache-Control", "no-store")
    return answer


def _pack(answer: Response) -> Response:
    """Pages in brotli or gzip for who takes it.

    Our cookies stay with our own pages (SameSite): no other page can have answers made and learn from their lengths.
    """
    answer.vary.add("Accept-Encoding")
    if answer.mimetype not in PACKED or answer.is_streamed or answer.content_encoding:
        return answer
    content, takes = answer.get_data(), request.accept_encodings
    if len(content) > SMALLEST and takes["br"] > 0:
        answer.set_data(brotli.compress(content, quality=QUALITY))
        answer.content_encoding = "br"
    elif len(content) > SMALLEST and takes["gzip"] > 0:
        answer.set_data(gzip.compress(content, QUALITY, mtime=0))
        answer.content_encoding = "gzip"
    return answer


def register(app: Flask) -> None:
    app.after_request(_pack)
    app.after_request(_add)
    app.jinja_env.globals.update(csp_nonce=csp_nonce, wechat_script=allow_wechat_script)
