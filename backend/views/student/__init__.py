"""Pages for: student."""

from __future__ import annotations

from flask import Flask


def register_student(app: Flask) -> None:
    """One line for each topic."""
