"""Flask lives here. register_views joins what every request passes, then the pages of each audience."""

from __future__ import annotations

from flask import Flask

from backend.views import access, addresses, assets, errors, headers, input, limits, logs, words
from backend.views.api import register_api
from backend.views.console import register_console
from backend.views.public import register_public
from backend.views.student import register_student


def register_views(app: Flask) -> None:
    """The order matters: logs see every request, headers every answer, access decides before any view."""
    for part in (addresses, logs, headers, words, assets, errors, input, limits, access):
        part.register(app)
    register_public(app)
    register_student(app)
    register_console(app)
    register_api(app)
