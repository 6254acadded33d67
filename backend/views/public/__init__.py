"""Pages for: public."""

from __future__ import annotations

from flask import Flask


def register_public(app: Flask) -> None:
    """One line for each topic."""
