"""Staff accounts from the command line: the first administrator has nobody else to make the account."""

from __future__ import annotations

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.accounts.sign_on import set_sign_on_name
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


@staff_group.command("link")
@click.argument("login")
@click.argument("name")
@with_appcontext
def link(login: str, name: str) -> None:
    """Link a staff account with the NAME under which the college's single sign-on knows the person."""
    joined = parts()
    with joined.sessions() as session:
        account_id = session.scalar(select(Account.id).where(Account.kind == "staff", Account.login == login))
        if account_id is None:
            raise click.ClickException(f"there is no staff account {login}")
        try:
            set_sign_on_name(session, account_id=account_id, name=name, creator=None, actor=SYSTEM, now=joined.clock())
        except Invalid as error:
            raise click.ClickException(", ".join(error.problems.values())) from None
    click.echo(f"{login}: linked")


COMMANDS = (staff_group,)
