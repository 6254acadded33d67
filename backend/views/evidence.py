"""Evidence: taken from a form into the store, and shown as pictures that bear who looks at them, and when."""

from __future__ import annotations

from flask import Response

from backend.adapters.watermark import Undrawable
from backend.days import ZONE
from backend.enrollment.operations import Evidence
from backend.errors import NotFound
from backend.views import access
from backend.views.uploads import UploadProblem, read_evidence
from backend.words import say

LANGUAGE = "zh-CN"  # the mark on a picture is for whoever finds a copy of it, whatever language the viewer reads


def take_evidence(field: str = "evidence") -> list[Evidence]:
    """What was sent in this field, checked by its content, counted in pages, and kept in the store.

    Raises UploadProblem (also for a PDF that cannot be opened) and Unreadable.
    """
    parts = access.parts()
    sent = read_evidence(field, max_bytes=parts.settings.photos.evidence_max_bytes, intake=parts.standard.intake)
    try:
        pages = [parts.pages_of(file.content, media_type=file.media_type) for file in sent]
    except Undrawable as problem:
        raise UploadProblem(f"pdf_{problem.reason}") from None
    return [
        Evidence(parts.files.put(file.content), file.media_type, len(file.content), count)
        for file, count in zip(sent, pages, strict=True)
    ]


def show_evidence(file_name: str, media_type: str, page: int = 1) -> Response:
    """One page as a JPEG with the viewer's name, place and time all over it. It is kept nowhere.

    The caller writes the history first, when it is not the owner who looks. Raises NotFound when there is no such
    page, Undrawable.
    """
    parts = access.parts()
    content = parts.files.get(file_name)
    access.session().rollback()  # no connection is held while the page is drawn
    drawn = parts.watermarked(content, media_type=media_type, lines=viewer_lines(), page=page)
    if drawn is None:
        raise NotFound(page=page)
    return Response(drawn, mimetype="image/jpeg", headers={"Cache-Control": "no-store"})


def viewer_lines() -> tuple[str, ...]:
    """Who looks, from where, when, and what for."""
    person = access.account()
    place = person.centre or (person.student and person.student.centre)
    when = access.now().astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
    return (
        f"{person.display_name} {person.login}",
        f"{place.name if place else _say('evidence.college')} {when}",
        _say("evidence.only"),
    )


def _say(key: str) -> str:
    return say(access.parts().webapp / "i18n", LANGUAGE, key)
