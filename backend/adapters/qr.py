"""QR codes as drawings: sharp at every size, made without a picture library."""

from __future__ import annotations

from dataclasses import dataclass

from qrcode.constants import ERROR_CORRECT_Q
from qrcode.main import QRCode

QUIET_ZONE = 4  # light modules around the code, as ISO/IEC 18004 asks


@dataclass(frozen=True)
class Drawing:
    """An SVG whose unit is one module. modules: its width and height, quiet zone included."""

    svg: str
    modules: int


def draw_qr(text: str) -> Drawing:
    """The smallest code of `text` at error level Q (a quarter of it may be dirty or torn), in black on white."""
    code = QRCode(error_correction=ERROR_CORRECT_Q, border=QUIET_ZONE)
    code.add_data(text)
    code.make(fit=True)
    matrix = code.get_matrix()
    side = len(matrix)
    dark = "".join(f"M{x} {y}h{length}v1h-{length}z" for y, row in enumerate(matrix) for x, length in _runs(row))
    return Drawing(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#000" d="{dark}"/></svg>',
        side,
    )


def _runs(row: list[bool]) -> list[tuple[int, int]]:
    """(start, length) of each unbroken run of dark modules: one rectangle each leaves no hairlines in print."""
    runs: list[tuple[int, int]] = []
    for x, dark in enumerate(row):
        if dark and runs and sum(runs[-1]) == x:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        elif dark:
            runs.append((x, 1))
    return runs
