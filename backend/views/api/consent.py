"""What a student agrees to: the texts, giving and withdrawing."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint
from pydantic import Field

from backend.accounts.rules import Permission
from backend.alumni.operations import open_case_of
from backend.alumni.papers import SCANS_CONSENT
from backend.consent.operations import give_consent
from backend.consent.queries import consents_of
from backend.consent.rules import Purpose
from backend.errors import NotFound
from backend.views import access
from backend.views.api.contract import Answer, Body, operation
from backend.views.student.consent import asked
from backend.views.student.mine import purposes, withdraw_purpose
from backend.views.words import look

blueprint = Blueprint("api_consent", __name__, url_prefix="/api/v1/consents")


class ConsentSaid(Answer):
    """One thing to agree to, in the caller's language. `version` goes back with the answer."""

    purpose: str = Field(examples=["photo"])
    version: str = Field(examples=["2026-11"])
    title: str = Field(examples=["Handling of my photo"])
    summary: list[str] = Field(examples=[["What for", "Who sees it", "How long it is kept"]])
    text: str = Field(examples=["The whole text, in Markdown."])
    without: str = Field(examples=["Without it the photo can be brought to the learning centre."])
    given_at: datetime | None
    given_version: str | None = Field(examples=["2026-11"])


class Consents(Answer):
    items: list[ConsentSaid]


class Give(Body):
    seen_version: str = Field(min_length=1, max_length=40, examples=["2026-11"])


@blueprint.get("")
@access.needs(Permission.OWN_DATA)
@operation(answer=Consents)
def show() -> Consents:
    return _said()


@blueprint.put("/<purpose>")
@access.needs(Permission.OWN_DATA)
@operation(answer=Consents, body=Give, errors=(409,))
def give(purpose: str, body: Give) -> Consents:
    """Show the text first: the version says which one was seen."""
    if purpose not in _open():
        raise NotFound(purpose=purpose)
    give_consent(
        access.session(),
        student_id=access.student().id,
        purpose=_open()[purpose],
        seen_version=body.seen_version,
        language=look().language,
        actor=access.actor(),
        now=access.now(),
    )
    return _said()


@blueprint.delete("/<purpose>")
@access.needs(Permission.OWN_DATA)
@operation(answer=Consents, errors=(409,))
def withdraw(purpose: str) -> Consents:
    """A photo that still waits for a person is withdrawn with it."""
    if purpose not in purposes():
        raise NotFound(purpose=purpose)
    withdraw_purpose(purpose)
    return _said()


def _open() -> dict[str, Purpose]:
    """What this person is asked about: graduates with a case about their scans too."""
    session, known = access.session(), access.parts().purposes
    graduate = open_case_of(session, access.student().id) is not None
    return {**asked(), **({SCANS_CONSENT: known[SCANS_CONSENT]} if graduate else {})}


def _said() -> Consents:
    given = {c.purpose: c for c in reversed(consents_of(access.session(), access.student().id)) if not c.withdrawn_at}
    said = []
    for name, purpose in {**_open(), **purposes()}.items():
        text, answer = purpose.texts[look().language], given.get(name)
        said.append(
            ConsentSaid(
                purpose=name,
                version=purpose.version,
                title=text.title,
                summary=list(text.summary),
                text=text.full,
                without=text.without,
                given_at=answer.given_at if answer else None,
                given_version=answer.version if answer else None,
            )
        )
    return Consents(items=said)
