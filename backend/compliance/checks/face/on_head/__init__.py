"""What can be worn on a head, one kind of sign in each file; HEADWEAR asks them all. At half size, like the regions."""

from __future__ import annotations

from backend.compliance.face import Face
from backend.compliance.regions import FACTOR


def columns(face: Face, beside: float) -> slice:
    """That many face widths left and right of the axis."""
    return slice(*(max(0, int((face.axis + side * beside * face.width) * FACTOR)) for side in (-1, 1)))
