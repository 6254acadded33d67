"""What a student agrees to: the texts, giving and withdrawing."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint
from pydantic import Field

from backend.accounts.rules import Permission
from backend.consent.operations import give_consent
from backend.consent.queries import consents_of
from backend.errors import NotFound
from backend.views import access
from backend.views.api.contract import Answer, Body, operation
from backend.views.student.consent import asked
from backend.views.student.mine import withdraw_purpose
from backend.views.words import look

blueprint = Blueprint("api_consent", __name__, url_prefix="/api/v1/consents")


class ConsentSaid(Answer):
    """One thing to agree to, in the caller's language. `version` goes back with the answer."""

    purpose: str
    version: str
    title: str
    summary: list[str]
    text: str
    without: str
    given_at: datetime | None
    given_version: str | None


class Consents(Answer):
    items: list[ConsentSaid]


class Give(Body):
    seen_version: str = Field(min_length=1, max_length=40)


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
    if purpose not in asked():
        raise NotFound(purpose=purpose)
    give_consent(
        access.session(),
        student_id=access.student().id,
        purpose=asked()[purpose],
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
    if purpose not in asked():
        raise NotFound(purpose=purpose)
    withdraw_purpose(purpose)
    return _said()


def _said() -> Consents:
    given = {c.purpose: c for c in reversed(consents_of(access.session(), access.student().id)) if not c.withdrawn_at}
    said = []
    for name, purpose in asked().items():
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
