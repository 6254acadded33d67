"""Staff accounts from the command line: the first administrator has nobody else to make the account."""

from __future__ import annotations

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from backend.accounts.rules import Role
from backend.accounts.staff import create_staff
from backend.centres.records import Centre
from backend.errors import Invalid
from backend.history.rules import SYSTEM
from backend.views.access import parts


@click.group("staff")
def staff_group() -> None:
    """Staff accounts."""


@staff_group.command("create")
@click.argument("login")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--centre", "centre_code", help="code of the centre, for the roles of a centre")
@click.option("--name", default="", help="name that is shown")
@with_appcontext
def create(login: str, role: str, centre_code: str | None, name: str) -> None:
    """Create a staff account and print its first password, to be changed at the first sign-in."""
    joined = parts()
    with joined.sessions() as session:
        centre = session.scalars(select(Centre).where(Centre.code == centre_code)).one_or_none()
        if centre_code and centre is None:
            raise click.ClickException(f"there is no centre with the code {centre_code}")
        try:
            _, password = create_staff(
                session,
                login=login,
                display_name=name,
                role=Role(role),
                centre_id=centre.id if centre else None,
                password=None,
                creator=None,
                policy=joined.policy,
                actor=SYSTEM,
                now=joined.clock(),
            )
        except Invalid as error:
            raise click.ClickException(", ".join(f"{field}: {why}" for field, why in error.problems.items())) from None
    click.echo(f"{login}: first password {password}")


COMMANDS = (staff_group,)
