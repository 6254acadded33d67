"""Batches of one centre: one that the unit has begun to answer by a file, and one that does not fit yet."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.batches.operations import add_photos, begin_batch, hand_over, run_sealing, seal
from backend.batches.queries import students_at_hand
from backend.batches.records import Batch
from backend.centres.rules import ALL_CENTRES, Scope
from backend.consent.operations import withdraw_consent
from backend.days import day_of
from backend.demo.exchange import take_in
from backend.history.rules import Actor, ActorKind
from backend.parts import Parts

HEADINGS = ("学号", "姓名", "结果", "原因")


class Batches:
    """What the desk of `centre_id` does with its accepted photos in `round_id`."""

    def __init__(self, parts: Parts, session: Session, *, centre_id: int, round_id: int, now: datetime) -> None:
        self._parts, self._session, self._now = parts, session, now
        self._here = {"centre_id": centre_id, "round_id": round_id}
        desk = session.scalars(select(Account).where(Account.centre_id == centre_id).order_by(Account.id)).first()
        self._desk = Actor(ActorKind.STAFF, desk.id if desk else None)
        self._scope = Scope(centre_id)

    def load(self) -> None:
        """The first batch went out six days ago, and two days later a file answered one photo of it.

        A student of the second one took the agreement back before it was sealed; one photo waits to be chosen.
        """
        then = self._now - timedelta(days=6)
        batch = self._begin(then)
        waiting, _ = students_at_hand(self._session, batch, settled_before=then, text="", offset=0, limit=9)
        people = [(student.id, student.student_number, student.name) for student in waiting]
        batch_id = batch.id
        revision = self._fill(batch_id, [student_id for student_id, _, _ in people[:2]], then)
        hand_over(
            self._session,
            **self._seen(batch_id, revision, then),
            handed_on=day_of(then),
            reference="演示交接-01",
        )
        self._receipt(people[0], then + timedelta(days=2))
        second = self._begin(self._now - timedelta(days=1)).id
        self._fill(second, [people[2][0]], self._now - timedelta(days=1), without_agreement=people[2][0])

    def _begin(self, then: datetime) -> Batch:
        return begin_batch(self._session, scope=self._scope, **self._here, actor=self._desk, now=then)

    def _fill(
        self, batch_id: int, student_ids: list[int], then: datetime, *, without_agreement: int | None = None
    ) -> int:
        """Put these photos in and seal; gives the revision after it."""
        add_photos(
            self._session,
            scope=self._scope,
            batch_id=batch_id,
            student_ids=student_ids,
            undo_seconds=self._parts.settings.photos.undo_seconds,
            actor=self._desk,
            now=then,
        )
        if without_agreement is not None:
            withdraw_consent(
                self._session,
                student_id=without_agreement,
                purpose="hand_over",
                actor=Actor(ActorKind.STUDENT),
                now=then,
            )
        revision = self._session.get_one(Batch, batch_id).revision
        rules = self._parts.capture
        seal(self._session, **self._seen(batch_id, revision, then), rules=rules)
        run_sealing(self._parts.sessions, files=self._parts.files, rules=rules, batch_id=batch_id, now=then)
        return self._session.get_one(Batch, batch_id, populate_existing=True).revision

    def _seen(self, batch_id: int, revision: int, then: datetime) -> dict[str, Any]:
        who = {"scope": self._scope, "actor": self._desk, "now": then}
        return {"batch_id": batch_id, "seen_revision": revision, **who}

    def _receipt(self, person: tuple[int, str, str], then: datetime) -> None:
        """The registry takes the unit's receipt in."""
        registry = self._session.scalars(select(Account).where(Account.login == "xueji")).one()
        _, number, name = person
        rows = [HEADINGS, (number, name, "已采集", "")]
        take_in(
            self._session,
            self._parts,
            "\r\n".join(",".join(row) for row in rows).encode("gb18030"),
            "receipt",
            f"采集单位回执 {then:%m-%d}.csv",
            words=HEADINGS,
            scope=ALL_CENTRES,
            actor=Actor(ActorKind.STAFF, registry.id),
            then=then,
        )
