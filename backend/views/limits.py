"""Rate limits, counted in the database: exact across workers."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from flask import Flask, current_app
from flask_limiter import Limiter
from flask_limiter.util import get_qualified_name, get_remote_address
from flask_login import current_user

from backend.adapters.rate_limits import SqlStorage


def _address() -> str:
    return f"address:{get_remote_address()}"


def _person() -> str:
    return f"account:{current_user.id}" if current_user.is_authenticated else _address()


limiter = Limiter(key_func=_address)


def _setting(name: str) -> str:
    return str(getattr(current_app.parts.settings.security, name))  # type: ignore[attr-defined]


# decorators for views; `per_method` so that looking at a form is free
sign_in_limit = limiter.shared_limit(lambda: _setting("rate_sign_in"), scope="sign_in", methods=["POST"])
frame_limit = limiter.shared_limit(lambda: _setting("rate_frames"), scope="frame", key_func=_person, methods=["POST"])
upload_limit = limiter.shared_limit(lambda: _setting("rate_upload"), scope="upload", key_func=_person, methods=["POST"])

api_limit = limiter.shared_limit(lambda: current_app.parts.settings.api.rate, scope="api", key_func=_person)  # type: ignore[attr-defined]

application_limit = limiter.shared_limit(lambda: _setting("rate_application"), scope="application", methods=["POST"])


def seconds_left() -> int:
    """Until the window of this request's limit begins anew; 0 when the request was not counted."""
    limit = limiter.current_limit
    return max(0, int(limit.reset_at - time.time())) if limit is not None else 0  # reset_at is rounded up already


def rates_of(view: Callable[..., Any]) -> list[str]:
    """How often a view may be called, beside what holds for all of its topic: "3 per 1 second"."""
    return [str(limit.limit) for limit in limiter.limit_manager.decorated_limits(get_qualified_name(view))]


def register(app: Flask) -> None:
    app.config["RATELIMIT_STORAGE_URI"] = f"{SqlStorage.STORAGE_SCHEME[0]}://"
    app.config["RATELIMIT_STORAGE_OPTIONS"] = {"engine": lambda: current_app.parts.engine}  # type: ignore[attr-defined]
    app.config["RATELIMIT_STRATEGY"] = "fixed-window"
    limiter.init_app(app)
