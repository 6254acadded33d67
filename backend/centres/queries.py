"""Centres for screens."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.centres.records import Centre
from backend.centres.rules import Scope
from backend.errors import NotFound


def list_centres(session: Session, *, scope: Scope) -> Sequence[Centre]:
    """Open centres of the scope, by code. With ALL_CENTRES: what everybody may know, their public contacts."""
    query = select(Centre).where(Centre.active)
    if scope.centre_id is not None:
        query = query.where(Centre.id == scope.centre_id)
    return session.scalars(query.order_by(Centre.code)).all()


def centre_in_scope(session: Session, *, scope: Scope, centre_id: int) -> Centre:
    centre = session.get(Centre, centre_id)
    if centre is None or not scope.covers(centre.id):
        raise NotFound(centre=centre_id)
    return centre
