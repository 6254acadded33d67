"""The verbs of an import: take a file in, match its columns, check it, write it, take it back.

Lines are written in chunks, each its own short transaction, so that students who submit meanwhile never wait long for
SQLite's one writer. A chunk counts itself in `done_rows` in the same transaction: a worker that dies leaves whole
chunks behind, and the next one goes on where it stopped, reading the same lines from the stored file.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from time import sleep
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, sessionmaker

from backend.centres.rules import Scope
from backend.days import day_of
from backend.enrollment.rules import masked_id_number
from backend.errors import Invalid, NotFound
from backend.exchange import disc, linked, match, receipts, roster
from backend.exchange.kinds import ExchangeRules, Kind
from backend.exchange.lines import NO_HEADINGS, Line, Problem, missing_columns, signature
from backend.exchange.people import refuse_same_student
from backend.exchange.photos import shown_path, table_of
from backend.exchange.plans import Given, Planned, Writer
from backend.exchange.queries import import_in_scope
from backend.exchange.reading import Readers, Reading, read_lines
from backend.exchange.recognising import SHOWN, Recognition, recognise_table, sheets_signature
from backend.exchange.records import ColumnChoice, Import, ImportProblem
from backend.exchange.resting import resting_on
from backend.exchange.rules import (
    ColumnsMissing,
    ImportAction,
    ImportState,
    Outcome,
    StillNeeded,
    may_take_in,
    next_state,
)
from backend.exchange.sheet import SheetRefused
from backend.exchange.stuck import refuse_while_working
from backend.history.operations import happened
from backend.history.rules import Actor, ActorKind, Fact
from backend.identity.rules import Rounds
from backend.ports import FileStore
from backend.proofreading.rules import Table
from backend.records import begin_write

MAX_LABEL = 120  # characters of a file's own name that are kept
MAX_PROBLEMS = 20_000  # refused lines that are named; more are only counted
# seconds between two chunks: somebody who waits for SQLite's one writer looks every tenth of a second
LET_OTHERS_IN = 0.12
CHECKED_AT_ONCE = 2000  # lines between two words of the dry run about how far it is

WRITERS: dict[str, Writer] = {
    "roster": roster.WRITER,
    "match": match.WRITER,
    "receipt": receipts.WRITER,
    "linked": linked.WRITER,
    "disc": disc.WRITER,
}


def take_file(
    session: Session,
    *,
    files: FileStore,
    readers: Readers,
    rules: ExchangeRules,
    kind: str,
    content: bytes,
    label: str,
    as_of: date | None,
    scope: Scope,
    actor: Actor,
    now: datetime,
) -> Import:
    """Keep an uploaded file and recognise its columns. Raises SheetRefused, NotFound for a kind not theirs, Invalid."""
    found = kind_of(rules, kind, scope)
    today = day_of(now)
    if found.dated and (as_of is None or as_of > today):
        raise Invalid({"as_of": "day_needed" if as_of is None else "day_to_come"})
    about: dict[str, object] = {}
    columns: dict[str, object] = {}
    preview: dict[str, object] = {}
    if found.photos:
        archive = readers.photos(content, readers.limits)
        form, about["files"] = "zip", len(archive.paths)
        about["table"] = archive.table is not None
        if (beside := table_of(archive, found)) is not None:
            table = recognise_table(session, beside, found, readers)
            about |= table.about
            columns, preview = table.columns, table.preview
    else:
        table = recognise_table(session, content, found, readers)
        form, about, columns, preview = table.format, table.about, table.columns, table.preview
    name = files.put(content)
    begin_write(session)
    run = Import(
        kind=kind,
        state=ImportState.UPLOADED,
        centre_id=scope.centre_id,
        file_name=name,
        label=label[:MAX_LABEL],
        bytes=len(content),
        format=form,
        about=about,
        columns=columns,
        preview=json.dumps(preview, ensure_ascii=False),
        as_of=as_of if found.dated else None,
        uploaded_by=actor.known_id,
        uploaded_at=now,
    )
    session.add(run)
    session.flush()
    happened(session, _fact("import.uploaded", run), actor=actor, now=now)
    session.commit()
    return run


def kind_of(rules: ExchangeRules, name: str, scope: Scope) -> Kind:
    """Raises NotFound for a kind that is none, or not for people of one centre."""
    kind = rules.kinds.get(name)
    if kind is None or not may_take_in(kind, scope):
        raise NotFound(kind=name)
    return kind


def choose_sheet(
    session: Session,
    *,
    files: FileStore,
    readers: Readers,
    rules: ExchangeRules,
    scope: Scope,
    import_id: int,
    place: int | None,
    actor: Actor,
    now: datetime,
) -> Import:
    """Another sheet of the workbook is meant; remembered for workbooks with the same sheets. Raises SheetRefused."""
    run = import_in_scope(session, scope=scope, import_id=import_id)
    next_state(run.state, ImportAction.CHOOSE)  # before the file is read: it may be gone
    sheets = run.about.get("sheets", [])
    name = next((sheet["name"] for sheet in sheets if sheet["place"] == place), None)
    if name is None:
        raise NotFound(sheet=place)
    table = recognise_table(
        session, _table_bytes(run, files, readers), kind_of(rules, run.kind, scope), readers, place=place
    )
    run = _read_anew(session, scope, import_id, table)
    sign = sheets_signature([sheet["name"] for sheet in sheets])
    _remember(session, run.kind, sign, {"sheet": name}, actor, now)
    happened(session, _fact("import.sheet_chosen", run), actor=actor, now=now)
    session.commit()
    return run


def choose_heading(
    session: Session,
    *,
    files: FileStore,
    readers: Readers,
    rules: ExchangeRules,
    scope: Scope,
    import_id: int,
    row: int | None,
    actor: Actor,
    now: datetime,
) -> Import:
    """The headings stand in this row (from 0), or nowhere (NO_HEADINGS). The dry run remembers it with the columns.

    Raises NotFound for a row that the page does not show, SheetRefused.
    """
    run = import_in_scope(session, scope=scope, import_id=import_id)
    next_state(run.state, ImportAction.CHOOSE)  # before the file is read: it may be gone
    shown = [number for number, _ in json.loads(run.preview).get("top", [])]
    if row is None or row not in (shown and [NO_HEADINGS, *shown]):
        raise NotFound(row=row)
    content, kind = _table_bytes(run, files, readers), kind_of(rules, run.kind, scope)
    table = recognise_table(session, content, kind, readers, place=run.columns.get("sheet"), header=row)
    run = _read_anew(session, scope, import_id, table)
    happened(session, _fact("import.heading_chosen", run), actor=actor, now=now)
    session.commit()
    return run


def _table_bytes(run: Import, files: FileStore, readers: Readers) -> bytes:
    """The table of the stored file: the file itself, or what lies beside its photos."""
    content = files.get(run.file_name)
    return (readers.photos(content, readers.limits).table or b"") if run.format == "zip" else content


def _read_anew(session: Session, scope: Scope, import_id: int, table: Recognition) -> Import:
    """Begin the change: what was recognised anew takes the place of what was before."""
    begin_write(session)
    run = _locked(session, scope, import_id)
    run.state = next_state(run.state, ImportAction.CHOOSE)
    run.about, run.columns = {**run.about, **table.about}, table.columns
    run.preview = json.dumps(table.preview, ensure_ascii=False)
    return run


def start_check(
    session: Session,
    *,
    rules: ExchangeRules,
    scope: Scope,
    import_id: int,
    columns: Mapping[str, int] | None,
    words: Sequence[str],
    by_name: bool = False,
    actor: Actor,
    now: datetime,
) -> Import:
    """The columns are known: the dry run begins. What was chosen is remembered for files with the same headings.

    columns: name -> place; None: as they were recognised, or photos alone. words: the headings, to remember them by.
    by_name: the table beside photos does not count, their names say whose they are. Raises ColumnsMissing.
    """
    begin_write(session)
    run = _locked(session, scope, import_id)
    kind = kind_of(rules, run.kind, scope)
    state = next_state(run.state, ImportAction.MATCH)
    if kind.photos and run.columns:
        run.columns = {**run.columns, "by_name": by_name}
    meant = run.columns.get("columns") if columns is None else columns
    if meant is not None and not by_name:
        wrong = missing_columns(kind, meant)
        if wrong or len(set(meant.values())) < len(meant) or set(meant) - set(kind.columns):
            raise ColumnsMissing(columns=wrong or sorted(meant))
    if columns is not None:
        run.columns = {**run.columns, "columns": dict(columns)}
        _remember(session, run.kind, signature(words), dict(columns), actor, now)
    run.state, run.started_by = state, actor.known_id
    run.done_rows, run.total_rows, run.expected, run.counts = 0, 0, {}, {}
    session.execute(delete(ImportProblem).where(ImportProblem.import_id == run.id))
    happened(session, _fact("import.matched", run), actor=actor, now=now)
    session.commit()
    return run


def _remember(session: Session, kind: str, sign: str, chosen: dict[str, Any], actor: Actor, now: datetime) -> None:
    known = session.scalars(
        select(ColumnChoice).where(ColumnChoice.kind == kind, ColumnChoice.signature == sign)
    ).one_or_none()
    if known is None:
        known = ColumnChoice(kind=kind, signature=sign)
        session.add(known)
    known.columns, known.chosen_by, known.chosen_at = chosen, actor.known_id, now


def rematch(session: Session, *, scope: Scope, import_id: int, actor: Actor, now: datetime) -> Import:
    """Back to the columns: nothing has been written yet."""
    return _move(session, scope, import_id, ImportAction.REMATCH, "import.rematched", actor, now)


def discard(session: Session, *, scope: Scope, import_id: int, actor: Actor, now: datetime) -> Import:
    """Give the file up; nothing was written, and the file goes."""
    return _move(session, scope, import_id, ImportAction.DISCARD, "import.discarded", actor, now)


def start_commit(session: Session, *, scope: Scope, import_id: int, actor: Actor, now: datetime) -> Import:
    """Write what the dry run showed."""
    begin_write(session)
    run = _locked(session, scope, import_id)
    run.state = next_state(run.state, ImportAction.COMMIT)
    run.done_rows, run.committed_at, run.counts, run.started_by = 0, now, {}, actor.known_id
    session.execute(delete(ImportProblem).where(ImportProblem.import_id == run.id))
    happened(session, _fact("import.committed", run), actor=actor, now=now)
    session.commit()
    return run


def start_undo(session: Session, *, scope: Scope, import_id: int, actor: Actor, now: datetime) -> Import:
    """Take back what was written. Raises StillNeeded with what rests on it."""
    begin_write(session)
    run = _locked(session, scope, import_id)
    state = next_state(run.state, ImportAction.UNDO)
    refuse_while_working(session, run)
    resting = resting_on(session, WRITERS[run.kind].depends(run))
    if resting:
        raise StillNeeded({item.what: item.count for item in resting})
    run.state, run.done_rows, run.started_by = state, 0, actor.known_id
    happened(session, _fact("import.undo_begun", run), actor=actor, now=now)
    session.commit()
    return run


def _move(
    session: Session, scope: Scope, import_id: int, action: ImportAction, verb: str, actor: Actor, now: datetime
) -> Import:
    begin_write(session)
    run = _locked(session, scope, import_id)
    state = next_state(run.state, action)
    refuse_while_working(session, run)
    run.state = state
    happened(session, _fact(verb, run), actor=actor, now=now)
    session.commit()
    return run


def _locked(session: Session, scope: Scope, import_id: int) -> Import:
    import_in_scope(session, scope=scope, import_id=import_id)
    return session.get_one(Import, import_id, with_for_update={"of": Import}, populate_existing=True)


def _fact(verb: str, run: Import) -> Fact:
    facts = {"state": str(run.state), "kind": run.kind}
    if run.counts:
        facts["counts"] = dict(run.counts)  # type: ignore[assignment]
    return Fact(verb, run.id, facts=facts)


def _end_fact(verb: str, run: Import) -> Fact:
    """All of it is written, or taken back: also what followed for whole cohorts."""
    fact, joined = _fact(verb, run), run.about.get("joined")
    return replace(fact, facts={**fact.facts, "cohorts_joined": joined}) if joined else fact


# what the worker does


def run_check(
    sessions: sessionmaker[Session],
    *,
    files: FileStore,
    readers: Readers,
    rules: ExchangeRules,
    table: Table,
    rounds: Rounds,
    import_id: int,
    now: datetime,
) -> None:
    """The dry run: every line is planned, nothing is written but how far it is, the numbers and the problems."""
    with sessions() as session:
        run = session.get_one(Import, import_id)
        if run.state != ImportState.CHECKING:
            return
        counts: Counter[str] = Counter()
        problems: list[Problem] = []
        examples: list[dict[str, Any]] = []
        total = 0
        try:
            reading, given = _read(run, files, readers, rules, table, rounds, now)
            lines, total = reading.lines, len(reading.lines)
            writer = WRITERS[run.kind]
            if writer.one_each:
                refuse_same_student(session, lines, given.scope)
            step = max(total, 1) if writer.whole else CHECKED_AT_ONCE
            for start in range(0, total, step):
                planned = writer.plan(session, lines[start : start + step], given)
                counts.update(item.outcome.value for item in planned)
                problems.extend(problem for item in planned for problem in item.line.problems)
                examples.extend(_examples(planned, examples))
                session.expunge_all()
                _say(sessions, import_id, start + len(planned), total)
        except SheetRefused as bad:  # the file was read once already: only what is inside a ZIP can still be refused
            problems.append(Problem(0, "", "file", f"file_{bad.reason}"))
        begin_write(session)
        run = session.get_one(Import, import_id, with_for_update={"of": Import})
        if run.state != ImportState.CHECKING:
            return
        run.state = next_state(run.state, ImportAction.CHECKED)
        run.done_rows = run.total_rows = total
        run.preview = json.dumps({**json.loads(run.preview), "examples": examples}, ensure_ascii=False)
        run.expected = {outcome.value: counts[outcome.value] for outcome in Outcome}
        _keep_problems(session, import_id, problems)
        happened(session, _fact("import.checked", run), actor=_starter(run), now=now)
        session.commit()


def _read(
    run: Import, files: FileStore, readers: Readers, rules: ExchangeRules, table: Table, rounds: Rounds, now: datetime
) -> tuple[Reading, Given]:
    kind = rules.kinds[run.kind]
    reading = read_lines(files.get(run.file_name), kind, run.columns, readers=readers, files=files)
    today = day_of(now)
    return reading, Given(Scope(run.centre_id), today, run.as_of or today, reading, table, rounds)


def _say(sessions: sessionmaker[Session], import_id: int, done: int, total: int) -> None:
    """How far the dry run is, for the page that waits."""
    with sessions() as session:
        begin_write(session)
        run = session.get_one(Import, import_id, with_for_update={"of": Import})
        run.done_rows, run.total_rows = done, total
        session.commit()


def _examples(planned: Sequence[Planned], known: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The first lines of each outcome that changes something, for the page of the dry run. Numbers are masked."""
    found: list[dict[str, Any]] = []
    for outcome in (Outcome.NEW, Outcome.CHANGED):
        room = SHOWN - sum(example["outcome"] == outcome for example in known)
        for item in [item for item in planned if item.outcome is outcome][: max(room, 0)]:
            student, values = item.student, item.line.values
            changes = [
                [column, _masked(column, item.before[column]), _masked(column, item.values[column])]
                for column in item.before
            ]
            found.append(
                {
                    "outcome": outcome.value,
                    "row": item.line.row,
                    "name": student.name if student else values.get("name", ""),
                    "number": student.student_number if student else values.get("student_number", ""),
                    "changes": changes,
                }
            )
    return found


def _masked(column: str, value: object) -> str:
    text = "" if value is None else str(value)
    return masked_id_number(text) if column in ("id_number", "phone") else text


def _starter(run: Import) -> Actor:
    """In whose name the worker acts: who started this step."""
    return Actor(ActorKind.STAFF, run.started_by)


def _keep_problems(session: Session, import_id: int, problems: Sequence[Problem]) -> None:
    session.add_all(
        ImportProblem(
            import_id=import_id,
            row=problem.row,
            place=shown_path(problem.place[:200]),
            column=problem.column,
            code=problem.code,
            value=shown_path(problem.value[:120]),
        )
        for problem in problems[:MAX_PROBLEMS]
    )
    session.flush()


def run_commit(
    sessions: sessionmaker[Session],
    *,
    files: FileStore,
    readers: Readers,
    rules: ExchangeRules,
    table: Table,
    rounds: Rounds,
    import_id: int,
    now: datetime,
) -> None:
    """Write the lines chunk by chunk, from where the last worker stopped."""
    with sessions() as session:
        run = session.get_one(Import, import_id)
        if run.state != ImportState.COMMITTING:
            return
        reading, given = _read(run, files, readers, rules, table, rounds, now)
        writer, done, actor = WRITERS[run.kind], run.done_rows, _starter(run)
        if writer.one_each:
            refuse_same_student(session, reading.lines, given.scope)
        whole = writer.plan(session, reading.lines, given) if writer.whole else None
        session.expunge_all()  # what was planned is only read from here on
        while done < len(reading.lines) and _write_chunk(
            session, import_id, reading.lines, done, whole, writer=writer, given=given, actor=actor, now=now
        ):
            done += writer.chunk
            sleep(LET_OTHERS_IN)
        begin_write(session)
        run = session.get_one(Import, import_id, with_for_update={"of": Import})
        if run.state != ImportState.COMMITTING or run.done_rows < len(reading.lines):
            return  # another worker has it
        run.state, run.finished_at, run.preview = next_state(run.state, ImportAction.FINISH), now, "{}"
        happened(session, _end_fact("import.finished", run), actor=actor, now=now)
        session.commit()


def _write_chunk(
    session: Session,
    import_id: int,
    lines: Sequence[Line],
    start: int,
    whole: Sequence[Planned] | None,
    *,
    writer: Writer,
    given: Given,
    actor: Actor,
    now: datetime,
) -> bool:
    """One transaction. False when another worker has written these lines meanwhile."""
    planned = list(whole[start : start + writer.chunk]) if whole is not None else None
    if planned is not None:
        for item in planned:  # files before the rows that refer to them
            if item.outcome in (Outcome.NEW, Outcome.CHANGED):
                item.values["file_name"] = disc.keep_photo(item, given)
    begin_write(session)
    run = session.get_one(Import, import_id, with_for_update={"of": Import})
    if run.state != ImportState.COMMITTING or run.done_rows != start:
        session.rollback()
        return False
    if planned is None:
        planned = writer.plan(session, lines[start : start + writer.chunk], given)
    writer.write(session, run, planned, given, actor, now)
    counts = Counter(run.counts)
    counts.update(item.outcome.value for item in planned)
    run.counts, run.total_rows, run.done_rows = dict(counts), len(lines), start + len(planned)
    _keep_problems(session, import_id, [problem for item in planned for problem in item.line.problems])
    session.commit()
    session.expunge_all()
    return True


def run_undo(sessions: sessionmaker[Session], *, import_id: int, now: datetime) -> None:
    """Take the lines back chunk by chunk; what is taken back says so itself, so a new worker goes on."""
    with sessions() as session:
        while True:
            begin_write(session)
            run = session.get_one(Import, import_id, with_for_update={"of": Import})
            if run.state != ImportState.UNDOING:
                return
            writer, actor = WRITERS[run.kind], _starter(run)
            taken = writer.undo(session, run, writer.chunk, actor, now)
            run.done_rows += taken
            if not taken:
                run.state, run.undone_at, run.preview = next_state(run.state, ImportAction.FINISH_UNDO), now, "{}"
                happened(session, _end_fact("import.undone", run), actor=actor, now=now)
                session.commit()
                return
            session.commit()
            session.expunge_all()
            sleep(LET_OTHERS_IN)
