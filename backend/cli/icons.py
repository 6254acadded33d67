"""The app's icons from their drawing. For developers: run it when webapp/assets/figures/app-icon.svg has changed."""

from __future__ import annotations

import click
import typst

from backend.settings import PROJECT

FIGURES = PROJECT / "webapp" / "assets" / "figures"
SIZES = (180, 192, 512)  # iOS; the two that a web manifest needs
POINTS = 120  # side of the drawing


@click.command("draw-icons")
def draw_icons() -> None:
    """Draw the app's icons as PNG."""
    page = f'#set page(width: {POINTS}pt, height: {POINTS}pt, margin: 0pt)\n#image("app-icon.svg", width: {POINTS}pt)'
    for size in SIZES:
        picture: object = typst.compile(  # type: ignore[call-overload]
            page.encode(), root=str(FIGURES), format="png", ppi=72 * size / POINTS
        )
        if not isinstance(picture, bytes):
            raise click.ClickException("the drawing has more than one page")
        name = "app-icon.png" if size == 180 else f"app-icon-{size}.png"
        (FIGURES / name).write_bytes(picture)
        click.echo(f"{name}: {len(picture)} bytes")


COMMANDS = (draw_icons,)
