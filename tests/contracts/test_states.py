"""State machines are whole: every state is reached, and left or named as final; every fact has its follow-ups."""

from __future__ import annotations

import ast
import re
import tomllib
from enum import StrEnum
from pathlib import Path

import pytest

from backend import follow_ups
from backend.alumni.rules import (
    APPLICATION_TRANSITIONS,
    CASE_TRANSITIONS,
    FINAL,
    ApplicationAction,
    ApplicationState,
    CaseAction,
    CaseState,
)
from backend.batches import rules as batches
from backend.bulk import rules as bulk
from backend.doctor import STATEFUL
from backend.enrollment.rules import CORRECTION_TRANSITIONS, CorrectionAction, CorrectionState
from backend.errata import rules as errata
from backend.exchange.rules import IMPORT_TRANSITIONS, ImportAction, ImportState
from backend.fees import rules as fee_rules
from backend.identity import rules as identity
from backend.notices.rules import NOTICE_TRANSITIONS, NoticeAction, NoticeState
from backend.notifications.rules import DELIVERY_TRANSITIONS, DeliveryAction, DeliveryState, read_plans
from backend.onsite import rules as onsite
from backend.photos.rules import TRANSITIONS, Action, State
from backend.settings import PROJECT
from backend.words import read_catalogue
from backend.worker import WORK

MACHINES = [
    pytest.param(State, Action, TRANSITIONS, {None}, set(), id="photo"),
    pytest.param(
        CorrectionState,
        CorrectionAction,
        CORRECTION_TRANSITIONS,
        {CorrectionState.SUBMITTED},
        {CorrectionState.ACCEPTED, CorrectionState.REFUSED, CorrectionState.WITHDRAWN},
        id="correction",
    ),
    pytest.param(errata.State, errata.Action, errata.TRANSITIONS, {errata.State.DRAFT}, errata.FINAL, id="erratum"),
    pytest.param(
        identity.State, identity.Action, identity.TRANSITIONS, {identity.State.OPEN}, identity.FINAL, id="identity"
    ),
    pytest.param(
        NoticeState, NoticeAction, NOTICE_TRANSITIONS, {NoticeState.DRAFT}, {NoticeState.WITHDRAWN}, id="notice"
    ),
    pytest.param(
        onsite.State, onsite.Action, onsite.TRANSITIONS, {onsite.State.DRAFT}, {onsite.State.CANCELLED}, id="session"
    ),
    pytest.param(
        batches.State,
        batches.Action,
        batches.TRANSITIONS,
        {batches.State.DRAFT},
        {batches.State.CANCELLED},
        id="batch",
    ),
    pytest.param(fee_rules.State, fee_rules.Action, fee_rules.TRANSITIONS, {fee_rules.State.OWED}, set(), id="fee"),
    pytest.param(
        ImportState,
        ImportAction,
        IMPORT_TRANSITIONS,
        {ImportState.UPLOADED},
        {ImportState.UNDONE, ImportState.DISCARDED},
        id="import",
    ),
    pytest.param(
        bulk.UploadState,
        bulk.UploadAction,
        bulk.UPLOAD_TRANSITIONS,
        {bulk.UploadState.OPEN},
        {bulk.UploadState.CLOSED, bulk.UploadState.EXPIRED},
        id="bulk_upload",
    ),
    pytest.param(
        CaseState,
        CaseAction,
        CASE_TRANSITIONS,
        {CaseState.WITH_STUDENT, CaseState.AT_CENTRE},
        set(FINAL),
        id="alumni_case",
    ),
    pytest.param(
        ApplicationState,
        ApplicationAction,
        APPLICATION_TRANSITIONS,
        {ApplicationState.WAITING},
        set(ApplicationState) - {ApplicationState.WAITING},
        id="alumni_application",
    ),
]

MACHINES.append(
    pytest.param(
        DeliveryState,
        DeliveryAction,
        DELIVERY_TRANSITIONS,
        {DeliveryState.WAITING},
        {DeliveryState.SENT, DeliveryState.SKIPPED},
        id="delivery",
    )
)

Table = dict[tuple[StrEnum | None, StrEnum], StrEnum]


@pytest.mark.parametrize(("states", "actions", "table", "starts", "final"), MACHINES)
def test_every_state_is_reached_and_left_or_final(
    states: type[StrEnum], actions: type[StrEnum], table: Table, starts: set[StrEnum | None], final: set[StrEnum]
) -> None:
    reached = set(starts)
    while True:
        more = {after for (before, _), after in table.items() if before in reached} - reached
        if not more:
            break
        reached |= more
    assert set(states) <= reached
    assert {state for state in states if not any(before == state for before, _ in table)} == final
    assert {action for _, action in table} == set(actions), "an action that no state allows"


def test_every_message_has_its_plan_and_every_plan_a_message() -> None:
    with (PROJECT / "config" / "messages.toml").open("rb") as file:
        plans = read_plans(tomllib.load(file))
    assert set(plans.messages) == set(follow_ups.TOLD_TO_STUDENT.values()), "add a table to config/messages.toml"


def test_a_jobs_kind_has_one_function_and_a_function_one_kind() -> None:
    assert set(WORK) == set(follow_ups.KINDS)
    words = read_catalogue(PROJECT / "webapp" / "i18n" / "zh-CN")
    assert {f"settings.jobs.kinds.{kind}" for kind in follow_ups.KINDS} <= set(words), "what failed is told in words"


def test_every_follow_up_belongs_to_a_fact_that_is_written() -> None:
    written = set()
    for path in (PROJECT / "backend").rglob("*.py"):
        if path.name == "follow_ups.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and re.fullmatch(r"[a-z_]+\.[a-z_]+", text):
                written.add(text)
    assert set(follow_ups.TOLD_TO_STUDENT) <= written


def test_the_doctor_knows_every_table_with_a_state() -> None:
    from backend.adapters.tables import Record

    with_state = {table.name for table in Record.metadata.tables.values() if "state" in table.columns} - {
        "job",
        "delivery",
        "webhook_delivery",
    }
    assert {table.__tablename__ for table in STATEFUL.values()} == with_state


def test_every_enum_member_of_a_state_says_what_it_means() -> None:
    for path in sorted((PROJECT / "backend").glob("*/rules.py")):
        lines = path.read_text().splitlines()
        inside = False
        for line in lines:
            if re.match(r"class \w*State\(StrEnum\)", line):
                inside = True
            elif inside and line.startswith("class "):
                inside = False
            elif inside and re.match(r"\s+[A-Z_]+ = ", line):
                assert "#" in line, f"{Path(path).parent.name}: {line.strip()} has no sentence"
