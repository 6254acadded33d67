"""Which centres somebody may see. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """The centres whose people and photos one may see: one centre, or all (`centre_id` None).

    Every query for staff takes one; there is no way to ask without.
    """

    centre_id: int | None

    def covers(self, centre_id: int) -> bool:
        return self.centre_id is None or self.centre_id == centre_id


ALL_CENTRES = Scope(None)

# what the college says of a centre, and the most characters of each; the code stands in file names and receipts
NAMED = {"code": 16, "name": 80, "province": 32}
CODE = re.compile(r"[A-Za-z0-9-]+")

# what a centre tells its students, and the most characters of each
DETAILS = {"contact_name": 40, "contact_phone": 32, "hours": 80, "address": 160}
