"""Pages for: console."""

from __future__ import annotations

from flask import Flask


def register_console(app: Flask) -> None:
    """One line for each topic."""
