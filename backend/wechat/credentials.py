"""One access token and one page ticket for all hosts: kept in the database, refreshed by one while the others wait.

Getting one takes an answer of WeChat, which may take seconds; the database is not locked for so long. Who finds it
missing or nearly over takes a lease in a short transaction, asks WeChat, and writes the answer in another.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy.orm import Session, sessionmaker

from backend.ports import WechatPlatform
from backend.records import begin_write, insert_into
from backend.wechat.records import WechatCredential
from backend.wechat.rules import EARLY, LEASE, Trouble, WechatTrouble

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
            # WeChat gives the same again while it believes it good: only then it is forced, which it counts
            return self._platform.token(force=True) if fresh[0] == stale else fresh

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
        """The kept value while it is good for some minutes, or at all while somebody refreshes it."""
        with self._sessions() as session:
            row, now = session.get(WechatCredential, name), self._clock()
            if row is None or row.value is None or row.value == stale or row.expires_at is None:
                return None
            leased = row.leased_until is not None and row.leased_until > now
            return row.value if row.expires_at - (timedelta(0) if leased else EARLY) > now else None

    def _lease(self, name: str, stale: str | None) -> bool:
        """Take the refreshing upon this host; False while another has it, or has just done it."""
        with self._sessions() as session:
            begin_write(session)
            session.execute(insert_into(session, WechatCredential).values(name=name).on_conflict_do_nothing())
            row = session.get_one(WechatCredential, name, with_for_update={"of": WechatCredential})
            now = self._clock()
            fresh = row.value is not None and row.expires_at is not None and row.expires_at - EARLY > now
            if (row.leased_until is not None and row.leased_until > now) or (fresh and row.value != stale):
                session.rollback()
                return False
            row.leased_until = now + LEASE
            session.commit()
            return True

    def _refresh(self, name: str, fetch: Callable[[], tuple[str, int]]) -> str:
        value: str | None = None
        seconds = 0
        try:
            value, seconds = fetch()
        finally:
            with self._sessions() as session:
                begin_write(session)
                row = session.get_one(WechatCredential, name, with_for_update={"of": WechatCredential})
                row.leased_until = None
                if value is not None:
                    row.value, row.expires_at = value, self._clock() + timedelta(seconds=seconds)
                session.commit()
        return value
