"""The table of learning centres."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from backend.records import Record


class Centre(Record):
    """A learning centre. `contact_*`, `address` and `hours` are shown to its students."""

    __tablename__ = "centre"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    province: Mapped[str] = mapped_column(String(32))
    address: Mapped[str] = mapped_column(String(160), default="")
    contact_name: Mapped[str] = mapped_column(String(40), default="")
    contact_phone: Mapped[str] = mapped_column(String(32), default="")
    hours: Mapped[str] = mapped_column(String(80), default="")
    photo_profile: Mapped[str | None] = mapped_column(String(40))  # None: the profile of the settings
    active: Mapped[bool] = mapped_column(default=True)  # False: closed, nothing new begins there
