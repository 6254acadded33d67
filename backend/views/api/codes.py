"""Every code of an error, with one sentence: made of the errors themselves, so that none is left out."""

from __future__ import annotations

from collections.abc import Iterator

from backend.errors import DomainError
from backend.views.errors import KNOWN_HTTP
from backend.views.words import t
from backend.wechat.rules import Trouble

PAGES = ("stale_form", "unreadable", "undrawable")  # of what is sent, and told by its own handler
UPLOADS = (
    *("missing", "several", "empty", "too_big", "too_many", "no_picture", "live_only"),
    *("cut_off", "pdf_broken", "pdf_locked", "pdf_slow"),
)


def codes_said() -> dict[str, str]:
    """Code -> what happened, in the caller's language, in the order of the alphabet."""
    said = {code: t(f"error.{code}.title") for code in {kind.code for kind in _kinds(DomainError)}}
    said |= {f"http_{status}": t(f"error.http_{status}.title") for status in KNOWN_HTTP}
    said |= {code: t(f"error.{code}.title") for code in PAGES}
    said |= {f"upload_{reason}": t(f"photo.upload.{reason}") for reason in UPLOADS}
    for trouble in Trouble:
        way = "again" if trouble is Trouble.STALE_CODE else "busy"
        said[f"wechat_{trouble.value}"] = t(f"wechat.sorry.{way}.text")
    return dict(sorted(said.items()))


def _kinds(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for below in kind.__subclasses__():
        yield below
        yield from _kinds(below)
