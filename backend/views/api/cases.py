"""The student's cases: errata, and a graduate's case without a photo. They are read here and worked on in the pages."""

from __future__ import annotations

from datetime import date, datetime

from flask import Blueprint

from backend.accounts.rules import Permission
from backend.alumni.queries import case_of
from backend.alumni.rules import CaseState, Route
from backend.errata.queries import cases_of, own_case
from backend.errata.records import ErratumCase
from backend.errata.rules import WAITS_FOR, Form, Party, Reason, State
from backend.errors import NotFound
from backend.views import access
from backend.views.api.contract import Answer, operation

blueprint = Blueprint("api_cases", __name__, url_prefix="/api/v1")


class Erratum(Answer):
    id: int
    form: Form
    reason: Reason
    state: State
    state_since: datetime
    waits_for: Party | None
    due_on: date | None
    look_again_on: date | None


class Errata(Answer):
    items: list[Erratum]


class AlumniCase(Answer):
    id: int
    route: Route
    state: CaseState
    since: datetime
    due_on: date | None
    sent_on: date | None


@blueprint.get("/errata")
@access.needs(Permission.OWN_DATA)
@operation(answer=Errata)
def errata() -> Errata:
    return Errata(items=[_said(case) for case in cases_of(access.session(), access.student().id)])


@blueprint.get("/errata/<int:case_id>")
@access.needs(Permission.OWN_DATA)
@operation(answer=Erratum)
def erratum(case_id: int) -> Erratum:
    return _said(own_case(access.session(), student_id=access.student().id, case_id=case_id))


@blueprint.get("/alumni-case")
@access.needs(Permission.OWN_DATA)
@operation(answer=AlumniCase)
def alumni() -> AlumniCase:
    case = case_of(access.session(), access.student().id)
    if case is None:
        raise NotFound(alumni_case="none")
    return AlumniCase(
        id=case.id,
        route=Route(case.route),
        state=CaseState(case.state),
        since=case.since,
        due_on=case.due_on,
        sent_on=case.sent_on,
    )


def _said(case: ErratumCase) -> Erratum:
    return Erratum(
        id=case.id,
        form=Form(case.form),
        reason=Reason(case.reason),
        state=State(case.state),
        state_since=case.state_since,
        waits_for=WAITS_FOR.get(State(case.state)),
        due_on=case.due_on,
        look_again_on=case.look_again_on,
    )
