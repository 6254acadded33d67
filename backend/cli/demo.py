"""The invented college: load it once, start it afresh, show its accounts."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from backend.demo import college
from backend.demo.people import PEOPLE
from backend.parts import Parts
from backend.views.access import parts


def load_once(parts: Parts) -> None:
    """Load the demo when the database is empty; says what it does, on stderr: stdout is for the accounts."""
    if college.load_once(parts, lambda line: click.echo(line, err=True)):
        click.echo("demo: loaded", err=True)


def print_accounts(parts: Parts) -> None:
    """The accounts to try, a line each."""
    newcomer, ready, waiting = PEOPLE[24], PEOPLE[42], PEOPLE[12]
    click.echo(f"""
  Demo accounts (password of all: {college.PASSWORD})
    student without a photo   {ready.student_number}   {ready.name}
    student waiting           {waiting.student_number}   {waiting.name}
    not activated yet         {newcomer.student_number}   {newcomer.name}   ID number {newcomer.id_number}
    centre staff / head       fz / fz-head   (Fuzhou; xm: Xiamen, hz: Hangzhou)
    college registry          xueji
    administrator             admin
""")


@click.group("demo")
def demo_group() -> None:
    """The invented college."""


@demo_group.command("load")
@with_appcontext
def load_command() -> None:
    """Load the demo into an empty database."""
    load_once(parts())


@demo_group.command("reset")
@with_appcontext
def reset_command() -> None:
    """Empty the database and the files, and load the demo again. Refuses to touch anything but the demo."""
    joined = parts()
    if not joined.settings.demo.enabled or not college.is_demo(joined):
        raise click.ClickException("this database is not the demo's: nothing was changed")
    college.clear(joined)
    load_once(joined)


@demo_group.command("accounts")
@with_appcontext
def accounts_command() -> None:
    """Print the accounts to try."""
    print_accounts(parts())


COMMANDS = (demo_group,)
