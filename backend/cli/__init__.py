"""The commands of `flask --app wsgi ...`: one file for each group."""

from __future__ import annotations

from flask import Flask


def register_commands(app: Flask) -> None:
    from backend.cli import compliance, demo, icons, operate, staff, weights

    for command in (
        *operate.COMMANDS,
        *staff.COMMANDS,
        *demo.COMMANDS,
        *compliance.COMMANDS,
        *weights.COMMANDS,
        *icons.COMMANDS,
    ):
        app.cli.add_command(command)
