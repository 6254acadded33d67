"""Running an installation: migrate, prepare, worker, doctor."""

from __future__ import annotations

import signal

import click
from flask.cli import with_appcontext

from backend.adapters.migrations import draft_migration, migrate, newest
from backend.batches.overlooked import overlooked_refusals, return_overlooked
from backend.cli import demo
from backend.doctor import examine
from backend.views.access import parts
from backend.views.assets import pack_ahead
from backend.worker import Tools, Worker


@click.command("migrate")
@with_appcontext
def migrate_command() -> None:
    """Bring the database to the newest schema."""
    changed = migrate(parts().engine)
    click.echo(f"database: {'migrated to' if changed else 'is at'} {newest()}")


@click.command("draft-migration")
@click.argument("number")
@click.argument("message")
@with_appcontext
def draft_command(number: str, message: str) -> None:
    """Write migration NUMBER from the difference between tables and database. For developers."""
    draft_migration(parts().engine, number, message)


@click.command("prepare")
@with_appcontext
def prepare_command() -> None:
    """Everything before serving: secrets, schema, the demo on the first run. Prints the demo accounts."""
    joined = parts()
    click.echo("database: " + ("migrated" if migrate(joined.engine) else "ready"))
    if joined.settings.demo.enabled:
        demo.load_once(joined)
        demo.print_accounts(joined)


@click.command("worker")
@with_appcontext
def worker_command() -> None:
    """Do the jobs, one after another, until told to stop."""
    joined = parts()
    pack_ahead(joined)  # here, where nobody waits for a page
    worker = Worker(Tools.of(joined))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    worker.run()


@click.command("doctor")
@with_appcontext
def doctor_command() -> None:
    """Check the history's chain, states against it, files both ways. Exit code 1 when something is wrong."""
    joined = parts()
    harm = 0
    with joined.sessions() as session:
        for finding in examine(session, joined.files, now=joined.clock()):
            harm += finding.harm
            click.echo(("WRONG  " if finding.harm else "note   ") + finding.text)
    click.echo("doctor: nothing wrong" if not harm else f"doctor: {harm} thing(s) wrong")
    raise SystemExit(1 if harm else 0)


@click.command("return-refused")
@click.option("--yes", is_flag=True, help="Return them; without it they are only counted.")
@with_appcontext
def return_refused_command(yes: bool) -> None:
    """Return accepted photos that the capture unit has refused. For receipts taken in before that happened by itself.

    Each student is told to take another photo. Repeating it changes nothing.
    """
    joined = parts()
    with joined.sessions() as session:
        if yes:
            click.echo(f"returned: {return_overlooked(session, now=joined.clock())}")
        else:
            click.echo(
                f"accepted although refused by the unit: {len(overlooked_refusals(session))}; --yes returns them"
            )


COMMANDS = (migrate_command, draft_command, prepare_command, worker_command, doctor_command, return_refused_command)
