"""ID numbers, names, certificate numbers, and the life of a correction."""

from __future__ import annotations

from datetime import date

import pytest

from backend.demo.people import invented_id_number
from backend.enrollment.rules import (
    CORRECTION_TRANSITIONS,
    CorrectionAction,
    CorrectionState,
    IdDocument,
    certificate_number_problem,
    check_character,
    id_number_problem,
    masked_id_number,
    normalised_id_number,
    normalised_name,
)

TODAY = date(2026, 11, 2)
GOOD = invented_id_number(date(1996, 2, 29), 7, male=False)


def problem(number: str, document: IdDocument = IdDocument.RESIDENT) -> str | None:
    return id_number_problem(document, number, today=TODAY)


def test_an_invented_number_has_a_right_checksum() -> None:
    assert problem(GOOD) is None


@pytest.mark.parametrize("region", ["81", "82", "83", "46"])
def test_residence_permits_and_new_regions_are_taken(region: str) -> None:
    first17 = region + GOOD[2:17]
    assert problem(first17 + check_character(first17)) is None


def test_one_changed_digit_is_always_found() -> None:
    for place in range(17):
        for digit in set("0123456789") - {GOOD[place]}:
            assert problem(GOOD[:place] + digit + GOOD[place + 1 :]) in ("checksum", "birth_date")


def test_two_swapped_digits_are_always_found() -> None:
    for place in range(16):
        if GOOD[place] != GOOD[place + 1]:
            swapped = GOOD[:place] + GOOD[place + 1] + GOOD[place] + GOOD[place + 2 :]
            assert problem(swapped) in ("checksum", "birth_date")


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("", "length"),
        (GOOD[:15], "length"),
        (GOOD[:17] + "Y", "characters"),
        ("９" * 18, "characters"),
        (GOOD[:6] + "19970229" + GOOD[14:], "birth_date"),
        (GOOD[:6] + "20270101" + GOOD[14:], "birth_date"),
        (GOOD[:6] + "18991231" + GOOD[14:], "birth_date"),
    ],
)
def test_what_is_wrong_with_a_number_is_named(number: str, why: str) -> None:
    assert problem(number) == why


@pytest.mark.parametrize("document", [IdDocument.PASSPORT, IdDocument.PERMIT, IdDocument.OTHER])
def test_other_documents_are_taken_as_written(document: IdDocument) -> None:
    assert problem("E12345678", document) is None
    assert problem("H0123456(7)", document) is None
    assert problem("x", document) == "characters"
    assert problem("E1234 5678'", document) == "characters"


def test_a_typed_number_is_narrowed_and_capital() -> None:
    assert normalised_id_number(" ９９0101 19960229 001x ") == "99010119960229001X"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" 林 小 满 ", "林小满"),
        ("买买提•艾力", "买买提·艾力"),
        ("阿依古丽・买买提", "阿依古丽·买买提"),
        ("Anna   Maria", "Anna Maria"),
        ("𠮷 田", "𠮷田"),
    ],
)
def test_a_typed_name_is_written_one_way(typed: str, kept: str) -> None:
    assert normalised_name(typed) == kept


def test_a_mask_shows_three_and_two() -> None:
    assert masked_id_number(GOOD) == GOOD[:3] + "*" * 13 + GOOD[-2:]
    assert masked_id_number("E1234") == "*****"
    assert masked_id_number("") == ""


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("999995202605123456", None),
        ("999997201806000001", None),
        ("99999520180512345", None),
        ("9999952026051234", "length"),
        ("9999952026051234567", "length"),
        ("99999520260512345X", "characters"),
        ("99999-2026-05-1234", "characters"),
        ("099995202605123456", "school"),
        ("999992202605123456", "type"),
        ("999995190005123456", "year"),
        ("999995202705123456", "year"),
        ("999995202603123456", "level"),
        ("999995202699123456", "level"),
    ],
)
def test_a_certificate_number_says_which_part_of_it_cannot_be(number: str, why: str | None) -> None:
    assert certificate_number_problem(number, today=TODAY) == why


def test_an_open_correction_can_be_decided_once() -> None:
    final = set(CorrectionState) - {CorrectionState.SUBMITTED}
    assert {state for state, _ in CORRECTION_TRANSITIONS} == {CorrectionState.SUBMITTED}
    assert set(CORRECTION_TRANSITIONS.values()) == final
    assert {action for _, action in CORRECTION_TRANSITIONS} == set(CorrectionAction)
