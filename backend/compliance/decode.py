"""From bytes to pixels, within limits."""

from __future__ import annotations

from backend.compliance.findings import Mode


class Unreadable(Exception):
    """The bytes are no picture that can be judged. `reason` is a word of UNREADABLE_REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def mode_for(content: bytes) -> Mode:
    """FINAL for a JPEG of exactly 480x640 pixels, else CAPTURE."""
    raise NotImplementedError
