"""Invented people. Their ID numbers have the region code 99, which no region has."""

from __future__ import annotations

from datetime import date

from backend.enrollment.rules import check_character


def invented_id_number(born: date, serial: int, *, male: bool) -> str:
    """A number with a right checksum that can belong to nobody.

    serial: 0..499, distinguishes people of one birthday; the 17th digit is odd for men, as in real numbers.
    """
    first17 = f"990101{born:%Y%m%d}{2 * serial + male:03d}"
    return first17 + check_character(first17)
