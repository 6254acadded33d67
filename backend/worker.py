"""The worker: takes jobs one after another, and looks after what grows old. One function for each kind of job."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.orm import Session, sessionmaker

from backend.alumni.applications import forget_due_applications
from backend.alumni.papers import drop_due_scans
from backend.batches.operations import run_sealing
from backend.bulk.ending import drop_expired_uploads
from backend.bulk.work import BulkTools, run_work
from backend.capture.rules import CaptureRules
from backend.doctor import files_in_use, sweep
from backend.errata import retention as errata_retention
from backend.errata.forms import Forms
from backend.errata.operations import remind_of_case
from backend.exchange import operations as imports
from backend.exchange.judging import Judge, judge_returned
from backend.exchange.kinds import ExchangeRules
from backend.exchange.reading import Readers
from backend.identity import retention as identity_retention
from backend.identity.rules import Rounds
from backend.jobs import operations as jobs
from backend.notifications.choices import send_code
from backend.notifications.operations import Outside, deliver, tell_student
from backend.parts import Parts
from backend.photos.operations import drop_expired_drafts
from backend.ports import FileStore
from backend.programs.operations import Caller, announce, call_webhook, forget_answers
from backend.programs.rules import Event
from backend.proofreading.reminders import move_reminders, remind_student
from backend.proofreading.rules import Table
from backend.settings import Settings

log = structlog.get_logger()


@dataclass(frozen=True)
class Tools:
    """What the work needs from outside."""

    sessions: sessionmaker[Session]
    files: FileStore
    settings: Settings
    clock: Callable[[], datetime]
    readers: Readers
    exchange: ExchangeRules
    proofreading: Table
    rounds: Rounds
    capture: CaptureRules
    outside: Outside
    call: Caller
    bulk: BulkTools
    judge: Judge
    forms: Forms

    @classmethod
    def of(cls, parts: Parts) -> Tools:
        """The tools of an installation."""
        return cls(
            sessions=parts.sessions,
            files=parts.files,
            settings=parts.settings,
            clock=parts.clock,
            readers=parts.readers,
            exchange=parts.exchange,
            proofreading=parts.proofreading,
            rounds=parts.rounds,
            capture=parts.capture,
            outside=parts.outside,
            call=parts.call_outside,
            bulk=parts.bulk_tools,
            judge=parts.judge,
            forms=parts.forms,
        )


def _tell_student(tools: Tools, payload: Mapping[str, Any]) -> None:
    with tools.sessions() as session:
        tell_student(
            session,
            student_id=payload["student_id"],
            message=payload["message"],
            entry_id=payload["entry_id"],
            outside=tools.outside,
            now=tools.clock(),
        )


def _deliver(tools: Tools, payload: Mapping[str, Any]) -> None:
    with tools.sessions() as session:
        deliver(session, delivery_id=payload["delivery_id"], outside=tools.outside, now=tools.clock())


def _send_code(tools: Tools, payload: Mapping[str, Any]) -> None:
    with tools.sessions() as session:
        send_code(session, choice_id=payload["choice_id"], outside=tools.outside, now=tools.clock())


def _drop_drafts(tools: Tools, _payload: Mapping[str, Any]) -> None:
    with tools.sessions() as session:
        drop_expired_drafts(session, files=tools.files, now=tools.clock())


def _remind_student(tools: Tools, payload: Mapping[str, Any]) -> None:
    with tools.sessions() as session:
        remind_student(session, reminder_id=payload["reminder_id"], table=tools.proofreading, now=tools.clock())


def _move_reminders(tools: Tools, payload: Mapping[str, Any]) -> None:
    cohort_id = payload["cohort_id"]
    move_reminders(tools.sessions, cohort_id=cohort_id, table=tools.proofreading, now=tools.clock())


def _check_import(tools: Tools, payload: Mapping[str, Any]) -> None:
    imports.run_check(tools.sessions, **_import_tools(tools), import_id=payload["import_id"], now=tools.clock())


def _commit_import(tools: Tools, payload: Mapping[str, Any]) -> None:
    imports.run_commit(tools.sessions, **_import_tools(tools), import_id=payload["import_id"], now=tools.clock())


def _undo_import(tools: Tools, payload: Mapping[str, Any]) -> None:
    imports.run_undo(tools.sessions, import_id=payload["import_id"], now=tools.clock())


def _import_tools(tools: Tools) -> dict[str, Any]:
    return {
        "files": tools.files,
        "readers": tools.readers,
        "rules": tools.exchange,
        "table": tools.proofreading,
        "rounds": tools.rounds,
    }


def _drop_alumni_data(tools: Tools, _payload: Mapping[str, Any]) -> None:
    with tools.sessions() as session:
        drop_due_scans(session, files=tools.files, used=files_in_use, now=tools.clock())
        forget_due_applications(session, now=tools.clock())


def _drop_evidence(tools: Tools, _payload: Mapping[str, Any]) -> None:
    with tools.sessions() as session:
        errata_retention.drop_due_evidence(session, retention=tools.forms.retention, now=tools.clock())
        identity_retention.drop_due_evidence(session, rounds=tools.rounds, now=tools.clock())


def _remind_of_case(tools: Tools, payload: Mapping[str, Any]) -> None:
    with tools.sessions() as session:
        remind_of_case(
            session,
            case_id=payload["case_id"],
            state=payload["state"],
            since=datetime.fromisoformat(payload["since"]),
            now=tools.clock(),
        )


def _seal_batch(tools: Tools, payload: Mapping[str, Any]) -> None:
    batch_id = payload["batch_id"]
    run_sealing(tools.sessions, files=tools.files, rules=tools.capture, batch_id=batch_id, now=tools.clock())


def _work_bulk(tools: Tools, payload: Mapping[str, Any]) -> None:
    run_work(tools.bulk, upload_id=payload["upload_id"], now=tools.clock())


def _judge_returned(tools: Tools, payload: Mapping[str, Any]) -> None:
    import_id = payload["import_id"]
    judge_returned(tools.sessions, files=tools.files, judge=tools.judge, import_id=import_id, now=tools.clock())


def _announce(tools: Tools, payload: Mapping[str, Any]) -> None:
    with tools.sessions() as session:
        announce(session, event=Event(payload["event"]), entry_id=payload["entry_id"], now=tools.clock())


def _call_webhook(tools: Tools, payload: Mapping[str, Any]) -> None:
    with tools.sessions() as session:
        call_webhook(session, delivery_id=payload["delivery_id"], call=tools.call, now=tools.clock())


WORK: dict[str, Callable[[Tools, Mapping[str, Any]], None]] = {
    "tell_student": _tell_student,
    "deliver": _deliver,
    "send_code": _send_code,
    "drop_drafts": _drop_drafts,
    "remind_student": _remind_student,
    "move_reminders": _move_reminders,
    "check_import": _check_import,
    "commit_import": _commit_import,
    "undo_import": _undo_import,
    "drop_alumni_data": _drop_alumni_data,
    "drop_evidence": _drop_evidence,
    "remind_of_case": _remind_of_case,
    "seal_batch": _seal_batch,
    "work_bulk": _work_bulk,
    "judge_returned": _judge_returned,
    "announce": _announce,
    "call_webhook": _call_webhook,
}


class Worker:
    """Takes jobs until told to stop; a lease that is kept alive while a job runs says that the worker lives."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._settings = tools.settings.jobs
        self._name = f"{os.uname().nodename}-{os.getpid()}-{secrets.token_hex(3)}"
        self._stop = threading.Event()

    def stop(self) -> None:
        self._stop.set()

    def run(self) -> None:
        """Work until stopped; the job under way is finished first."""
        log.info("worker.started", worker=self._name)
        swept_at: datetime | None = None
        while not self._stop.is_set():
            now = self._tools.clock()
            if swept_at is None or now - swept_at > timedelta(minutes=10):
                self._sweep(now)
                swept_at = now
            try:
                busy = self.run_one()
            except Exception:  # the database is away: wait and try again
                log.exception("worker.no_job_taken")
                busy = False
            if not busy:
                self._stop.wait(self._settings.poll_seconds)
        log.info("worker.stopped", worker=self._name)

    def run_one(self) -> bool:
        """Do the job that is due longest. False when nothing is due."""
        tools, settings = self._tools, self._settings
        with tools.sessions() as session:
            job = jobs.take_job(
                session,
                worker=self._name,
                lease_seconds=settings.lease_seconds,
                max_attempts=settings.max_attempts,
                now=tools.clock(),
            )
        if job is None:
            return False
        finished = threading.Event()
        keeper = threading.Thread(target=self._keep_lease, args=(job.id, finished), daemon=True)
        keeper.start()
        try:
            WORK[job.kind](tools, job.payload)
        except Exception as error:
            # the type only, here and in the log: an error's text may hold personal data
            log.exception("job.failed", job=job.id, kind=job.kind, attempt=job.attempts)
            with tools.sessions() as session:
                jobs.fail_job(
                    session,
                    job_id=job.id,
                    worker=self._name,
                    error=type(error).__name__,
                    max_attempts=settings.max_attempts,
                    backoff_seconds=settings.backoff_seconds,
                    now=tools.clock(),
                )
        else:
            with tools.sessions() as session:
                jobs.finish_job(session, job_id=job.id, worker=self._name, now=tools.clock())
        finally:
            finished.set()
            keeper.join()
        return True

    def _keep_lease(self, job_id: int, finished: threading.Event) -> None:
        lease = self._settings.lease_seconds
        while not finished.wait(lease / 3):
            try:
                with self._tools.sessions() as session:
                    until = self._tools.clock() + timedelta(seconds=lease)
                    if not jobs.extend_lease(session, job_id=job_id, worker=self._name, until=until):
                        return
            except Exception:  # the database is busy or away: the next try is still in time
                log.exception("worker.lease_not_kept")

    def _sweep(self, now: datetime) -> None:
        """Clean up after processes that died: files without a row, jobs done long ago."""
        try:
            sweep(self._tools.sessions, self._tools.files, now=now)
            with self._tools.sessions() as session:
                jobs.delete_finished(session, before=now - timedelta(days=14))
                forget_answers(session, now=now)
                drop_expired_uploads(session, files=self._tools.files, now=now)
        except Exception:
            log.exception("worker.sweep_failed")
