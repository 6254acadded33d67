"""Before an account: a graduate finds the way, applies without a number, and looks after the application."""

from __future__ import annotations

from datetime import date
from typing import Literal

from flask import Blueprint, request
from pydantic import Field

from backend.accounts.rules import Method
from backend.alumni import applications
from backend.alumni.records import AlumniApplication
from backend.alumni.rules import QUESTIONS, ApplicationState, Route, answers_from, route_of
from backend.centres.queries import list_centres
from backend.centres.rules import ALL_CENTRES
from backend.days import day_of
from backend.errors import Invalid
from backend.views import access
from backend.views.api.alumni import YesNo
from backend.views.api.contract import Answer, Asked, Body, operation
from backend.views.api.sessions import Token, token_said
from backend.views.limits import application_limit, sign_in_limit

blueprint = Blueprint("api_applications", __name__, url_prefix="/api/v1")

NUMBER = "K7QX-M2PD"


class Triage(Answer):
    """Either the next `question` with its `options`, or the `route` with what it asks for."""

    question: str | None = Field(examples=["diploma"])
    options: list[str] = Field(examples=[["yes", "no"]])
    route: Route | None
    scans: list[str] = Field(examples=[["diploma", "id_front", "id_back", "photo"]])
    prints: int
    sheet: bool
    photo: bool
    boundary: date


class CentreSaid(Answer):
    """A learning centre with its public contacts."""

    id: int
    name: str = Field(examples=["福州学习中心"])
    address: str = Field(examples=["福州市仓山区"])
    contact: str = Field(examples=["陈老师 0591-00000000"])
    hours: str = Field(examples=["周一至周五 9:00-17:00"])


class Centres(Answer):
    items: list[CentreSaid]


class Receipt(Answer):
    """Both open the application; the code is said this once."""

    number: str = Field(examples=[NUMBER])
    code: str = Field(examples=["W3HN-T9RA"])


class Application(Answer):
    """`matched`: staff found the person; an account can be opened. `reason`: why nobody was found."""

    number: str = Field(examples=[NUMBER])
    state: ApplicationState
    made_on: date
    due_on: date | None
    centre_id: int | None
    reason: str | None = Field(examples=["The name and the number do not belong together."])


class Apply(Body):
    """centre_id: the centre that is remembered; null for the college's registry."""

    name: str = Field(max_length=60, examples=["林小满"])
    certificate_number: str = Field("", max_length=40, examples=[""])
    id_number: str = Field(max_length=30, examples=["990101199602290044"])
    phone: str = Field(max_length=24, examples=["13900000000"])
    centre_id: int | None = Field(None, ge=1, le=2**31 - 1)
    graduated: Literal["before", "since"] = Field(examples=["before"])
    diploma: YesNo | None = Field(None, examples=["yes"])
    captured: Literal["yes", "no", "unknown"] | None = Field(None, examples=["no"])


class Opens(Body):
    number: str = Field(min_length=1, max_length=40, examples=[NUMBER])
    code: str = Field(min_length=1, max_length=40, examples=["W3HN-T9RA"])


class Account(Opens):
    password: str = Field(min_length=1, max_length=128, examples=["Demo-xuezhao-26"])


@blueprint.get("/alumni/triage")
@access.public
@operation(answer=Triage, query=tuple(Asked(name, known) for name, known in QUESTIONS.items()))
def triage() -> Triage:
    """Ask again with every answer so far until there is a route. `boundary` is the day that "graduated" speaks of."""
    rules = access.parts().alumni
    given = {}
    for name, known in QUESTIONS.items():
        if (said := request.args.get(name)) is None:
            continue
        if said not in known:
            raise Invalid({name: "unknown"})
        given[name] = said
    answers, question = answers_from(rules, given)
    route = route_of(rules, answers) if answers else None
    needs = rules.needs.get(route) if route else None
    return Triage(
        question=question or None,
        options=list(QUESTIONS[question]) if question else [],
        route=route,
        scans=list(needs.scans) if needs else [],
        prints=needs.prints if needs else 0,
        sheet=needs.sheet if needs else False,
        photo=needs.photo if needs else False,
        boundary=rules.boundary,
    )


@blueprint.get("/centres")
@access.public
@operation(answer=Centres)
def centres() -> Centres:
    return Centres(
        items=[
            CentreSaid(
                id=centre.id,
                name=centre.name,
                address=centre.address,
                contact=f"{centre.contact_name} {centre.contact_phone}".strip(),
                hours=centre.hours,
            )
            for centre in list_centres(access.session(), scope=ALL_CENTRES)
        ]
    )


@blueprint.post("/alumni/applications")
@application_limit
@access.public
@operation(answer=Receipt, status=201, body=Apply)
def apply(body: Apply) -> Receipt:
    """Whether somebody is on the roster is not looked up: staff do that."""
    rules = access.parts().alumni
    said = {"graduated": body.graduated, "diploma": body.diploma, "captured": body.captured}
    answers, question = answers_from(rules, {name: value for name, value in said.items() if value is not None})
    if answers is None:
        raise Invalid({question: "answer_needed"})
    made = applications.apply(
        access.session(),
        name=body.name,
        certificate_number=body.certificate_number,
        id_number=body.id_number,
        phone=body.phone,
        centre_id=body.centre_id,
        answers=answers,
        rules=rules,
        now=access.now(),
    )
    return Receipt(number=made.number, code=made.code)


@blueprint.post("/alumni/applications/look-up")
@sign_in_limit
@access.public
@operation(answer=Application, body=Opens, errors=(403,), keyed=False)
def look_up(body: Opens) -> Application:
    """Number and code stand in no address. Changes nothing, so it takes no key."""
    return _said(_opened(body))


@blueprint.post("/alumni/applications/withdrawal")
@sign_in_limit
@access.public
@operation(answer=Application, body=Opens, errors=(403, 409))
def withdraw(body: Opens) -> Application:
    """The personal data go at once."""
    found = _opened(body)
    done = applications.withdraw_application(
        access.session(), application_id=found.id, rules=access.parts().alumni, now=access.now()
    )
    return _said(done)


@blueprint.post("/alumni/applications/account")
@sign_in_limit
@access.public
@operation(answer=Token, status=201, body=Account, errors=(403, 409), keyed=False)
def open_account(body: Account) -> Token:
    """Staff found the person: with number and code they choose a password and are signed in."""
    found = _opened(body)
    token = applications.open_matched_account(
        access.session(),
        application_id=found.id,
        password=body.password,
        device=access.device(),
        policy=access.parts().policy,
        now=access.now(),
        method=Method.TOKEN,
    )
    return token_said(token)


def _opened(body: Opens) -> AlumniApplication:
    """Wrong tries are counted, as at every sign-in."""
    return applications.look_up(
        access.session(), number=body.number, code=body.code, policy=access.parts().policy, now=access.now()
    )


def _said(found: AlumniApplication) -> Application:
    return Application(
        number=found.number,
        state=ApplicationState(found.state),
        made_on=day_of(found.made_at),
        due_on=found.due_on,
        centre_id=found.centre_id,
        reason=found.reason,
    )
