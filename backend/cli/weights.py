"""What the engine on the phone weighs over the wire."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from backend.adapters.packed import ENCODINGS
from backend.views.access import parts
from backend.views.live import FILES, FOLDER, engine_weights


@click.command("weights")
@with_appcontext
def weights_command() -> None:
    """Print the bytes of the live engine's files: as they are, and as they are sent."""
    weights = engine_weights(parts())
    click.echo(row("file", "bytes", *ENCODINGS))
    for weight in weights:
        sent = (f"{weight.packed[encoding]:,}" for encoding in ENCODINGS)
        click.echo(row(f"{FOLDER}/{FILES[weight.name]}", f"{weight.plain:,}", *sent))
    totals = (f"{sum(weight.packed[encoding] for weight in weights):,}" for encoding in ENCODINGS)
    click.echo(row("together", f"{sum(weight.plain for weight in weights):,}", *totals))


def row(name: str, *numbers: str) -> str:
    return f"{name:48s}" + "".join(f"{number:>13s}" for number in numbers)


COMMANDS = (weights_command,)
