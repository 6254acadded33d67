"""The invented college: load it once, start it afresh, show its accounts."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from backend.parts import Parts


def load_once(parts: Parts) -> None:
    """Load the demo when the database has no centre yet."""


def print_accounts(parts: Parts) -> None:
    """The accounts to try, a line each."""


@click.group("demo")
def demo_group() -> None:
    """The invented college."""


@demo_group.command("accounts")
@with_appcontext
def accounts() -> None:
    """Print the accounts to try."""
    print_accounts(current_app.parts)  # type: ignore[attr-defined]


COMMANDS = (demo_group,)
