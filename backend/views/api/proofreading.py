"""The photo at 学信网: look, say whether it is right, say that the button there was pressed."""

from __future__ import annotations

from datetime import date, datetime

from flask import Blueprint, Response
from pydantic import Field

from backend.accounts.rules import Permission
from backend.proofreading.operations import conclude, confirm_click
from backend.proofreading.queries import own_linked_photo
from backend.proofreading.rules import ProofStep
from backend.views import access
from backend.views.api.contract import PICTURES, Answer, Body, operation
from backend.views.student.steps import standing_of

blueprint = Blueprint("api_proofreading", __name__, url_prefix="/api/v1/proofreading")


class LinkedPhoto(Answer):
    id: int
    seen_on: date


class ConclusionSaid(Answer):
    photo_right: bool
    data_right: bool
    made_at: datetime
    changeable_until: datetime


class Proofreading(Answer):
    """Where the student stands. `data_version` and the linked photo's `id` go back with the conclusion."""

    step: ProofStep
    linked_photo: LinkedPhoto | None
    data_version: int
    conclusion: ConclusionSaid | None
    clicked: bool | None
    look_again_on: date | None


class Conclude(Body):
    photo_right: bool
    data_right: bool
    seen_linked_photo: int | None = Field(None, ge=1, le=2**31 - 1)
    seen_version: int = Field(ge=1, le=2**31 - 1, examples=[1])


class Click(Body):
    clicked: bool


@blueprint.get("")
@access.needs(Permission.OWN_DATA)
@operation(answer=Proofreading)
def show() -> Proofreading:
    return _said()


@blueprint.get("/photos/<int:linked_id>/picture")
@access.needs(Permission.OWN_DATA)
@operation(media=PICTURES[:2])
def picture(linked_id: int) -> Response:
    found = own_linked_photo(access.session(), student_id=access.student().id, linked_id=linked_id)
    return Response(access.parts().files.get(found.file_name), mimetype=found.media_type)


@blueprint.post("/conclusion")
@access.needs(Permission.OWN_DATA)
@operation(answer=Proofreading, body=Conclude, errors=(409,))
def answer(body: Conclude) -> Proofreading:
    conclude(
        access.session(),
        student_id=access.student().id,
        photo_right=body.photo_right,
        data_right=body.data_right,
        seen_linked_id=body.seen_linked_photo,
        seen_version=body.seen_version,
        table=access.parts().proofreading,
        actor=access.actor(),
        now=access.now(),
    )
    return _said()


@blueprint.post("/click")
@access.needs(Permission.OWN_DATA)
@operation(answer=Proofreading, body=Click, errors=(409,))
def click(body: Click) -> Proofreading:
    """The button at 学信网 can be pressed by the student alone; this says whether it was."""
    confirm_click(
        access.session(),
        student_id=access.student().id,
        clicked=body.clicked,
        actor=access.actor(),
        now=access.now(),
    )
    return _said()


def _said() -> Proofreading:
    standing = standing_of(access.student())
    found = standing.conclusion
    return Proofreading(
        step=standing.step,
        linked_photo=LinkedPhoto(id=standing.photo.id, seen_on=standing.photo.as_of) if standing.photo else None,
        data_version=access.student().data_version,
        conclusion=ConclusionSaid(
            photo_right=found.photo_right,
            data_right=found.data_right,
            made_at=found.made_at,
            changeable_until=found.window_until,
        )
        if found
        else None,
        clicked=standing.clicked.holds if standing.clicked else None,
        look_again_on=standing.run.look_again_on if standing.run else None,
    )
