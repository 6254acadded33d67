"""Headers of every answer: what the browser may load, that personal pages are not kept, and the rest of the armour."""

from __future__ import annotations

import secrets

from flask import Flask, Response, g, request

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


def csp_nonce() -> str:
    """The word that inline script or style of this one answer must carry."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def allow_wasm() -> None:
    """This answer is a worker's script that runs WebAssembly: a worker obeys the policy it came with, no page's."""
    g.runs_wasm = True


def _policy() -> dict[str, str]:
    if "runs_wasm" not in g:
        return POLICY
    return POLICY | {"script-src": POLICY["script-src"] + " 'wasm-unsafe-eval'"}


def _add(answer: Response) -> Response:
    headers = answer.headers
    nonce = csp_nonce()
    headers["Content-Security-Policy"] = "; ".join(f"{k} {v.format(nonce=nonce)}" for k, v in _policy().items())
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=(), payment=()"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    # the next person at the same phone must not see this one's pages
    headers.setdefault("Cache-Control", "no-store")
    return answer


def register(app: Flask) -> None:
    app.after_request(_add)
    app.jinja_env.globals["csp_nonce"] = csp_nonce
