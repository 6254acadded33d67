"""学照通: create_app joins the parts. Nothing else in the package knows all of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import IO

from flask import Flask, Request
from werkzeug.middleware.proxy_fix import ProxyFix

from backend.parts import Parts, make_parts
from backend.settings import Settings


class AppRequest(Request):
    """Uploaded files stay in memory (the request's size is limited): no picture is left in a temporary folder."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return BytesIO()


class App(Flask):
    """The web application; `parts` are what its views work with."""

    request_class = AppRequest
    parts: Parts


def utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(settings: Settings, *, clock: Callable[[], datetime] = utc_now) -> App:
    """The whole application for these settings. `clock` gives the time; tests move it."""
    from backend.cli import register_commands
    from backend.views import register_views

    parts = make_parts(settings, clock=clock)
    app = App(__name__, template_folder=str(parts.webapp / "templates"), static_folder=None)
    app.parts = parts
    app.config.update(
        SECRET_KEY=parts.secrets.session_key,
        MAX_CONTENT_LENGTH=settings.photos.max_bytes + 2**20,
        MAX_FORM_MEMORY_SIZE=2**20,
        MAX_FORM_PARTS=200,
        SESSION_COOKIE_NAME="xuezhao",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.security.cookies_secure,
        WTF_CSRF_TIME_LIMIT=None,
    )
    if settings.server.behind_proxies:
        count = settings.server.behind_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    register_views(app)
    register_commands(app)
    return app
