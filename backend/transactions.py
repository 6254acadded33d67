"""The session of every request and job: an operation is one transaction, and several can be made one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.orm import Session

from backend.errors import DomainError


class UnitOfWork(Session):
    """A session in which operations begin by `begin_write` and end by `commit`.

    Within `together` they begin and end savepoints of one transaction instead, and do not notice.
    """

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self._first: Callable[[], None] | None = None
        self._joined = False  # inside the one transaction of `together`
        self._afterwards: list[Callable[[], None]] = []

    @contextmanager
    def together(self, *, first: Callable[[], None], undo: Callable[[], None]) -> Iterator[None]:
        """All operations of the block are written at its end, or none of them.

        first: the beginning of the transaction, done when the first operation begins: what is slow before it (a picture
        being judged) holds up nobody. It may raise.
        undo: takes `first` back when the block ends by a DomainError. What operations committed before they refused
        stays: a wrong attempt is counted.
        """
        self._first = first
        try:
            yield
            self._end()
        except DomainError:
            if self._joined:
                self.rollback()
                undo()
                self._end()
            raise
        finally:
            self._first, self._joined = None, False
            self.rollback()  # whatever was not written

    def begin_write(self) -> None:
        """See records.begin_write."""
        self.rollback()
        self.expire_all()  # also after a commit, when there is nothing to roll back
        if not self._joined:
            self.connection(execution_options={"write": True})
            if self._first is None:
                return
            self._first()
            self._joined = True
        self.begin_nested()

    def commit(self) -> None:
        if not self._joined:
            self._end()
        elif (inner := self.get_nested_transaction()) is not None:
            inner.commit()

    def rollback(self) -> None:
        if not self._joined:
            super().rollback()
            self._afterwards.clear()
        elif (inner := self.get_nested_transaction()) is not None:
            inner.rollback()
            self.expire_all()

    def after_commit(self, then: Callable[[], None]) -> None:
        """Do this as soon as what was changed is written for good; nothing at all when it is not."""
        self._afterwards.append(then)

    def _end(self) -> None:
        super().commit()
        afterwards, self._afterwards = self._afterwards, []
        for then in afterwards:
            then()
