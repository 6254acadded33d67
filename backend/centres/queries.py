"""Centres for screens."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.centres.records import Centre
from backend.centres.rules import Scope
from backend.errors import NotFound


def list_centres(session: Session, *, scope: Scope, closed: bool = False) -> Sequence[Centre]:
    """Open centres of the scope, by code. With ALL_CENTRES: what everybody may know, their public contacts.

    closed: those that are closed as well, after the open ones: for what is there already, not for what is begun.
    """
    query = select(Centre).order_by(Centre.active.desc(), Centre.code)
    if not closed:
        query = query.where(Centre.active)
    if scope.centre_id is not None:
        query = query.where(Centre.id == scope.centre_id)
    return session.scalars(query).all()


def is_open(session: Session, centre_id: int) -> bool:
    """May something new begin there? False as well for a centre that does not exist."""
    return session.scalar(select(Centre.id).where(Centre.id == centre_id, Centre.active)) is not None


def centre_in_scope(session: Session, *, scope: Scope, centre_id: int) -> Centre:
    centre = session.get(Centre, centre_id)
    if centre is None or not scope.covers(centre.id):
        raise NotFound(centre=centre_id)
    return centre
