"""Answers for programs, as JSON under /api/v1. Errors have one form: see `views/problems.py`."""

from __future__ import annotations

from flask import Flask

from backend.views.api import photos


def register_api(app: Flask) -> None:
    """One line for each topic."""
    for topic in (photos,):
        app.register_blueprint(topic.blueprint)
