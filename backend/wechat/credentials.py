"""One access token and one page ticket for all hosts: kept in the database, refreshed by one while the others wait.

Getting one takes an answer of WeChat, which may take seconds; the database is not locked for so long. Who finds it
missing or nearly over takes a lease in a short transaction, asks WeChat, and writes the answer in another. Where WeChat
says "too often" it is left alone for a while: what needs it goes on without, at once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy.orm import Session, sessionmaker

from backend.ports import WechatPlatform
from backend.records import begin_write, insert_into
from backend.wechat.records import WechatCredential
from backend.wechat.rules import EARLY, LEASE, REST, Trouble, WechatTrouble

Answer = TypeVar("Answer")

TOKEN, TICKET = "access_token", "jsapi_ticket"
PAUSE_SECONDS = 0.1
PAUSES = 150  # who waits for another host gives up after these


class Credentials:
    """What every call to WeChat needs. pause: waits so many seconds while another host refreshes."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        platform: WechatPlatform,
        *,
        clock: Callable[[], datetime],
        pause: Callable[[float], object],
    ) -> None:
        self._sessions, self._platform, self._clock, self._pause = sessions, platform, clock, pause

    def with_token(self, call: Callable[[str], Answer]) -> Answer:
        """call(access token); once more with a fresh one when WeChat says that it is not the newest."""
        token = self.token()
        try:
            return call(token)
        except WechatTrouble as error:
            if error.trouble is not Trouble.STALE_CREDENTIAL:
                raise
        return call(self.token(stale=token))

    def token(self, *, stale: str | None = None) -> str:
        """The access token. stale: one that WeChat has refused. Raises WechatTrouble."""

        def fetch() -> tuple[str, int]:
            fresh = self._platform.token(force=False)
            if fresh[0] == stale:  # WeChat believes it good still: only then a new one is forced, which it counts
                fresh = self._platform.token(force=True)
            if fresh[0] == stale:  # forced a moment ago: it gives no other so soon
                raise WechatTrouble(Trouble.TOO_OFTEN)
            return fresh

        return self._current(TOKEN, fetch, stale)

    def ticket(self) -> str:
        """The ticket with which pages are signed. Raises WechatTrouble."""
        return self._current(TICKET, lambda: self.with_token(self._platform.ticket), None)

    def _current(self, name: str, fetch: Callable[[], tuple[str, int]], stale: str | None) -> str:
        for _ in range(PAUSES):
            found = self._look(name, stale)
            if found is not None:
                return found
            if self._lease(name, stale):
                return self._refresh(name, fetch)
            self._pause(PAUSE_SECONDS)
        raise WechatTrouble(Trouble.BUSY)

    def _look(self, name: str, stale: str | None) -> str | None:
        """The kept value while it is good for some minutes, or at all while it is refreshed or WeChat left alone.

        Raises WechatTrouble where there is none and WeChat is left alone.
        """
        with self._sessions() as session:
            row, now = session.get(WechatCredential, name), self._clock()
            if row is None:
                return None
            resting = _ahead(row.resting_until, now)
            early = timedelta(0) if resting or _ahead(row.leased_until, now) else EARLY
            if row.value is not None and row.value != stale and _ahead(row.expires_at, now + early):
                return row.value
            if resting:
                raise WechatTrouble(Trouble.TOO_OFTEN)
            return None

    def _lease(self, name: str, stale: str | None) -> bool:
        """Take the refreshing upon this host; False while another has it, or has just done it or been sent away."""
        with self._sessions() as session:
            begin_write(session)
            session.execute(insert_into(session, WechatCredential).values(name=name).on_conflict_do_nothing())
            row = session.get_one(WechatCredential, name, with_for_update={"of": WechatCredential})
            now = self._clock()
            fresh = row.value is not None and row.value != stale and _ahead(row.expires_at, now + EARLY)
            if fresh or _ahead(row.leased_until, now) or _ahead(row.resting_until, now):
                session.rollback()
                return False
            row.leased_until = now + LEASE
            session.commit()
            return True

    def _refresh(self, name: str, fetch: Callable[[], tuple[str, int]]) -> str:
        value: str | None = None
        seconds = 0
        rest: datetime | None = None
        try:
            value, seconds = fetch()
        except WechatTrouble as error:
            rest = self._clock() + REST if error.trouble is Trouble.TOO_OFTEN else None
            raise
        finally:
            with self._sessions() as session:
                begin_write(session)
                row = session.get_one(WechatCredential, name, with_for_update={"of": WechatCredential})
                row.leased_until, row.resting_until = None, rest
                if value is not None:
                    row.value, row.expires_at = value, self._clock() + timedelta(seconds=seconds)
                session.commit()
        return value


def _ahead(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment > now
