"""Cohorts, ID numbers and their masks, the fields a student verifies, the life of a correction. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from itertools import pairwise

from backend.centres.rules import CODE
from backend.errors import DomainError

COHORT = {"code": 16, "name": 60}  # the most characters of each


def cohort_problems(*, code: str, name: str, days: Sequence[tuple[str, date | None]]) -> dict[str, str]:
    """Why a cohort cannot be kept, by field; empty when it can. days: (field, last day) in the order of the way."""
    problems = {field: "needed" for field, text in (("code", code), ("name", name)) if not text}
    problems |= {field: "too_long" for field, text in (("code", code), ("name", name)) if len(text) > COHORT[field]}
    if code and not CODE.fullmatch(code):
        problems["code"] = "code_signs"
    known = [(field, day) for field, day in days if day is not None]
    problems |= {later: "days_order" for (_, before), (later, day) in pairwise(known) if day < before}
    return problems


class IdDocument(StrEnum):
    RESIDENT = "resident"  # 居民身份证 and the residence permits 81/82/83: 18 characters with a check character
    PASSPORT = "passport"  # foreign students
    PERMIT = "permit"  # travel permits of Hong Kong, Macao and Taiwan residents
    OTHER = "other"  # taken as written


_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999, ISO 7064 MOD 11-2
_CHECKS = "10X98765432"


def check_character(first17: str) -> str:
    """The 18th character of a resident's number."""
    return _CHECKS[sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first17, strict=True)) % 11]


def id_number_problem(document: IdDocument, number: str, *, today: date) -> str | None:
    """Why a number cannot be: "length", "characters", "birth_date" or "checksum"; None when it can.

    The region is not looked up: old and special regions (81, 82, 83, Sansha) belong to real people.
    """
    if document is not IdDocument.RESIDENT:
        return None if re.fullmatch(r"[0-9A-Za-z()\-]{5,24}", number) else "characters"
    if len(number) != 18:
        return "length"
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        return "characters"
    born = birth_date(number)
    if born is None or not date(1900, 1, 1) <= born <= today:
        return "birth_date"
    return None if check_character(number[:17]) == number[17] else "checksum"


def birth_date(number: str) -> date | None:
    """The date of birth in an 18-character resident's number; None when it is no date."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def normalised_id_number(text: str) -> str:
    """As people type it -> as it is kept: no spaces, full-width digits narrowed, a final x in capitals."""
    narrow = text.translate({full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)})
    return re.sub(r"\s+", "", narrow).upper()


def masked_id_number(number: str) -> str:
    """First 3 and last 2 characters: enough for the owner to recognise it."""
    return number[:3] + "*" * (len(number) - 5) + number[-2:] if len(number) >= 8 else "*" * len(number)


def normalised_name(text: str) -> str:
    """Spaces inside and around Chinese names go, the separating dot is U+00B7; letters keep one space between words."""
    dotted = re.sub(r"[•．‧∙・]", "·", text.strip())
    chinese = re.search(r"[\u2e80-\u9fff\U00020000-\U0003ffff]", dotted)
    return re.sub(r"\s+", "" if chinese else " ", dotted)


# what the student verifies, in this order; the value is the attribute of enrollment.records.Student
VERIFIED_FIELDS = (
    "name",
    "gender",
    "id_number",
    "student_number",
    "level",
    "programme",
    "study_form",
    "entry_date",
    "study_years",
    "status",
    "centre",
)


MAX_CLAIM = 120  # characters of a right value


def normalised_claim(field: str, text: str) -> str:
    """A right value as the student typed it -> as it is kept and compared."""
    if field == "id_number":
        return normalised_id_number(text)
    return normalised_name(text) if field == "name" else text.strip()


def claim_problem(field: str, claim: str, *, registered: str, today: date) -> str | None:
    """Why a claimed value (normalised) cannot be taken, as the key of its sentence; None when it can."""
    if not claim:
        return "claim_needed"
    if len(claim) > MAX_CLAIM:
        return "claim_too_long"
    if claim == registered:
        return "claim_same"
    if field == "gender" and claim not in ("male", "female"):
        return "claim_needed"
    if field == "entry_date" and not _is_date(claim):
        return "claim_date"
    # other documents have other lengths; 18 characters are a resident's number, and a slip in it is found at once
    if field == "id_number" and len(claim) == 18 and id_number_problem(IdDocument.RESIDENT, claim, today=today):
        return "claim_id_number"
    return None


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


class CorrectionState(StrEnum):
    SUBMITTED = "submitted"  # waits for the staff of the centre
    ACCEPTED = "accepted"  # staff agree and see to it; the registered data change with the college's next list; final
    REFUSED = "refused"  # the registered value stands, with a reason; final
    WITHDRAWN = "withdrawn"  # the student took it back; final


class CorrectionAction(StrEnum):
    ACCEPT = "accept"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


CORRECTION_TRANSITIONS: dict[tuple[CorrectionState, CorrectionAction], CorrectionState] = {
    (CorrectionState.SUBMITTED, CorrectionAction.ACCEPT): CorrectionState.ACCEPTED,
    (CorrectionState.SUBMITTED, CorrectionAction.REFUSE): CorrectionState.REFUSED,
    (CorrectionState.SUBMITTED, CorrectionAction.WITHDRAW): CorrectionState.WITHDRAWN,
}


class NothingReported(DomainError):
    """A correction without any field."""

    code = "nothing_reported"


class DataDisputed(DomainError):
    """The student has reported the data as wrong and the case is open: nothing is captured for them meanwhile."""

    code = "data_disputed"


class DataNotConfirmed(DomainError):
    """The student has not confirmed the registered data in their present version."""

    code = "data_not_confirmed"


# 学历证书编号: school 5 digits, type 1, year 4, level 2, serial 6 (5 in those made until about 2002), as the rules of
# electronic registration build it for ordinary, adult and network education. 自学考试 builds other numbers, not ours.
CERTIFICATE_TYPES = {"1": "普通", "5": "成人", "6": "自学考试和学历文凭考试", "7": "网络教育"}
CERTIFICATE_LEVELS = {"01": "博士研究生", "02": "硕士研究生", "04": "第二学士学位", "05": "本科", "06": "专科"}
FIRST_CERTIFICATE_YEAR = 1981  # earlier diplomas have no number of this form


def certificate_number_problem(number: str, *, today: date) -> str | None:
    """Which part of a certificate number cannot be: "characters", "length", "school", "type", "year" or "level".

    None when all can: whether the diploma exists, nobody but 学信网 knows.
    """
    if not re.fullmatch(r"[0-9]+", number):
        return "characters"
    if len(number) not in (17, 18):
        return "length"
    if number[0] == "0":  # no school's code begins so
        return "school"
    if number[5] not in CERTIFICATE_TYPES:
        return "type"
    if not FIRST_CERTIFICATE_YEAR <= int(number[6:10]) <= today.year:
        return "year"
    return None if number[10:12] in CERTIFICATE_LEVELS else "level"
