"""Papers that are asked for before the registration, as the student sees them: no mark, no reason."""

from __future__ import annotations

from datetime import date, datetime

from flask import Blueprint, Response, request

from backend.accounts.rules import Permission
from backend.errors import Invalid, NotFound
from backend.identity.queries import evidence_of, open_review_of
from backend.identity.records import IdentityCase
from backend.identity.rules import Action, Party, State, actions_of
from backend.views import access
from backend.views.api.contract import EVIDENCE, JPEG, Answer, Part, Seen, Upload, operation
from backend.views.api.errata_said import EvidenceSaid, Piece
from backend.views.errata_words import in_language
from backend.views.evidence import show_evidence
from backend.views.limits import upload_limit
from backend.views.student.papers import add_paper, hand_in_papers

blueprint = Blueprint("api_papers", __name__, url_prefix="/api/v1/papers")


class Papers(Answer):
    """`needed`: papers are asked for now. `revision` goes back with handing in."""

    needed: bool
    revision: int
    may_add: bool
    due_on: date | None
    since: datetime | None
    wanted: list[EvidenceSaid]
    given: list[Piece]


@blueprint.get("")
@access.needs(Permission.OWN_DATA)
@operation(answer=Papers)
def show() -> Papers:
    return _said()


@blueprint.post("/evidence")
@upload_limit
@access.needs(Permission.OWN_DATA)
@operation(
    answer=Papers,
    status=201,
    uploads=(Upload("evidence", EVIDENCE, many=True, evidence=True),),
    fields=(Part("kind", "id_card", needed=True),),
    errors=(409, 413),
)
def add() -> Papers:
    """Pictures or PDFs of one kind that is wanted."""
    kind = request.form.get("kind", "")
    if kind not in {known.name for known in access.parts().rounds.wanted}:
        raise Invalid({"kind": "unknown"})
    add_paper(_case(), kind, field="evidence", needed=True)
    return _said()


@blueprint.get("/evidence/<int:evidence_id>/pages/<int:number>")
@access.needs(Permission.OWN_DATA)
@operation(media=(JPEG,), errors=(422,))
def piece(evidence_id: int, number: int) -> Response:
    """One page with the name of who looks and the time on it."""
    found = evidence_of(_case(), evidence_id)
    return show_evidence(found.file_name, found.media_type, number)


@blueprint.post("/submission")
@access.needs(Permission.OWN_DATA)
@operation(answer=Papers, body=Seen, errors=(409,))
def submit(body: Seen) -> Papers:
    """Everything is there: on to whoever looks at it."""
    hand_in_papers(_case(), seen_revision=body.seen_revision)
    return _said()


def _case() -> IdentityCase:
    case = open_review_of(access.session(), access.student().id)
    if case is None:
        raise NotFound(papers="none")
    return case


def _said() -> Papers:
    case = open_review_of(access.session(), access.student().id)
    if case is None:
        return Papers(needed=False, revision=0, may_add=False, due_on=None, since=None, wanted=[], given=[])
    access.session().refresh(case)
    return Papers(
        needed=True,
        revision=case.revision,
        may_add=Action.ADD in actions_of(State(case.state), Party.STUDENT),
        due_on=case.due_on,
        since=case.state_since,
        wanted=[
            EvidenceSaid(name=kind.name, label=in_language(kind.label), required=kind.required)
            for kind in access.parts().rounds.wanted
        ],
        given=[
            Piece(id=item.id, kind=item.kind, media_type=item.media_type, pages=item.pages, added_at=item.added_at)
            for item in case.evidence
        ],
    )
