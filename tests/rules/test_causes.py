"""Why a photo is missing: one cause and one next step for every combination of facts."""

from __future__ import annotations

import itertools

import pytest

from backend.enrollment.pinyin import sounds_like
from backend.photos.rules import State
from backend.progress.causes import NEXT, Cause, MissingFacts, cause_of

YES_NO = (False, True)
EVERY = [
    MissingFacts(*values)
    for values in itertools.product(
        *(YES_NO, YES_NO, YES_NO, (None, False, True), (None, *State), YES_NO, YES_NO, (None, False, True), YES_NO),
        *(YES_NO, YES_NO, YES_NO),
    )
]


def test_every_combination_has_one_cause_with_a_next_step() -> None:
    found = {cause_of(facts) for facts in EVERY}
    assert found == set(Cause) == set(NEXT)


def test_what_stops_everything_else_comes_first() -> None:
    for facts in EVERY:
        if facts.identity:
            assert cause_of(facts) is Cause.IDENTITY
        elif facts.disputed:
            assert cause_of(facts) is Cause.DISPUTED
        elif facts.erratum:
            assert cause_of(facts) is Cause.ERRATUM


@pytest.mark.parametrize(
    ("facts", "cause"),
    [
        (MissingFacts(), Cause.NOT_ACTIVE),
        (MissingFacts(active=True), Cause.NOT_CONFIRMED),
        (MissingFacts(active=True, confirmed=True), Cause.NOT_CAPTURED),
        (MissingFacts(active=True, confirmed=True, photo=State.NEEDS_RETAKE), Cause.FAILED),
        (MissingFacts(active=True, confirmed=True, photo=State.RETURNED), Cause.FAILED),
        (MissingFacts(active=True, confirmed=True, photo=State.READY_FOR_REVIEW), Cause.WAITING),
        (MissingFacts(photo=State.ACCEPTED), Cause.NOT_SENT),
        (MissingFacts(photo=State.ACCEPTED, agrees=False), Cause.NOT_AGREED),
        (MissingFacts(photo=State.ACCEPTED, agrees=False, has_code=False), Cause.NOT_AGREED),
        (MissingFacts(photo=State.ACCEPTED, agrees=False, unit_has=True), Cause.NOT_LINKED),
        (MissingFacts(photo=State.READY_FOR_REVIEW, agrees=False), Cause.WAITING),
        (MissingFacts(photo=State.ACCEPTED, has_code=False), Cause.NO_CODE),
        (MissingFacts(photo=State.ACCEPTED, has_code=True), Cause.NOT_SENT),
        (MissingFacts(photo=State.ACCEPTED, unit_has=True), Cause.NOT_LINKED),
        (MissingFacts(photo=State.ACCEPTED, unit_has=False), Cause.REJECTED),
        (MissingFacts(unit_has=True), Cause.NOT_LINKED),
        (MissingFacts(unit_has=False), Cause.REJECTED),
        (MissingFacts(photo=State.ACCEPTED, has_code=False, sent=True), Cause.SENT),
        (MissingFacts(photo=State.ACCEPTED, agrees=False, sent=True), Cause.SENT),
        (MissingFacts(photo=State.ACCEPTED, unit_has=False, newer=True, sent=True), Cause.SENT),
        (MissingFacts(photo=State.ACCEPTED, unit_has=True, sent=True), Cause.NOT_LINKED),
        (MissingFacts(active=True, confirmed=True, captured=True), Cause.CAPTURED),
        (MissingFacts(unit_has=True, captured=True), Cause.NOT_LINKED),
        (MissingFacts(unit_has=False, photo=State.RETURNED), Cause.REJECTED),
        (MissingFacts(unit_has=False, photo=State.NEEDS_RETAKE, newer=True), Cause.FAILED),
        (MissingFacts(unit_has=False, photo=State.READY_FOR_REVIEW), Cause.WAITING),
        (MissingFacts(unit_has=False, photo=State.ACCEPTED, newer=True), Cause.NOT_SENT),
        (MissingFacts(unit_has=True, photo=State.ACCEPTED, newer=True), Cause.NOT_LINKED),
    ],
)
def test_the_cause_is_the_furthest_point_that_is_known(facts: MissingFacts, cause: Cause) -> None:
    assert cause_of(facts) is cause


@pytest.mark.parametrize(
    ("name", "letters", "found"),
    [
        ("林小满", "lxm", True),
        ("林小满", "LinXiao", True),
        ("林小满", "lin xiao man", True),
        ("林小满", "xm", False),
        ("单于飞", "chanyufei", True),
        ("单于飞", "dyf", True),
        ("曾子墨", "zzm", True),
        ("曾子墨", "czm", True),
        ("阿依努尔·买买提", "aynemmt", True),
        ("黄䶮", "hy", True),
        ("林小满", "", False),
    ],
)
def test_a_name_is_found_by_its_letters(name: str, letters: str, found: bool) -> None:
    assert sounds_like(name, letters) is found
