"""kill -9 of web server and worker while students submit: what was acknowledged is there, nothing is half-done."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.demo.pictures import Studio, Wish
from backend.jobs.records import Job
from backend.jobs.rules import JobState
from backend.notifications.records import Message
from backend.parts import Parts
from backend.photos.records import PhotoDraft, PhotoVersion
from tests.factories import PASSWORD, Factory
from tests.journeys.server import Server

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("server")]

PEOPLE = 4
ENOUGH = 6  # acknowledged steps after which the power goes


class Student:
    """One student's phone: signs in, then checks and submits pictures one after another."""

    def __init__(self, address: str, login: str, noted: Callable[[], None]) -> None:
        self._web = httpx.Client(base_url=address, trust_env=False, timeout=30)
        self._login = login
        self._noted = noted
        self.drafts: list[int] = []  # acknowledged
        self.submitted: list[int] = []  # drafts whose submission was acknowledged

    def work(self, picture: bytes) -> None:
        """Until the line breaks."""
        try:
            self._post("/sign-in", {"login": self._login, "password": PASSWORD})
            for number in range(50):
                # what stands after the end of a JPEG is no part of the picture, but makes it another file
                content = picture + f"{self._login} {number}".encode()
                answer = self._post("/photo/check", {}, {"camera": ("p.jpg", content)})
                draft = int(re.search(r"/photo/draft/(\d+)", answer.headers["location"])[1])  # type: ignore[index]
                self.drafts.append(draft)
                self._noted()
                self._post(f"/photo/draft/{draft}/submit", {}, page=f"/photo/draft/{draft}")
                self.submitted.append(draft)
                self._noted()
        except httpx.TransportError:
            return  # the power is gone

    def _post(
        self,
        address: str,
        data: dict[str, str],
        files: dict[str, tuple[str, bytes]] | None = None,
        page: str | None = None,
    ) -> httpx.Response:
        form = self._web.get(page or {"/photo/check": "/photo"}.get(address, address))
        token = re.search(r'name="csrf_token" value="([^"]+)"', form.text)
        assert token, f"no form at {form.url}: {form.status_code}"
        answer = self._web.post(address, data={**data, "csrf_token": token[1]}, files=files)
        assert answer.status_code in (302, 303), f"{address}: {answer.status_code} {answer.text[:500]}"
        return answer


def test_what_was_acknowledged_survives_kill_9(parts: Parts, make: Factory, session: Session, tmp_path: Path) -> None:
    centre = make.centre()
    accounts = [make.student_account(make.student(centre)) for _ in range(PEOPLE)]
    for account in accounts:
        assert account.student is not None
        make.settle(account.student)
    logins = [account.login for account in accounts]
    picture = Studio(parts.analyser).take(Wish(), quality=80)
    server = Server(
        parts.settings.data.dir,
        DATABASE_URL=parts.settings.database_url,
        XUEZHAO_DATA_DURABLE="true",
        XUEZHAO_JOBS_LEASE_SECONDS="2",
        XUEZHAO_SERVER_WORKERS="2",
    )
    enough, count, lock = threading.Event(), [0], threading.Lock()

    def noted() -> None:
        with lock:
            count[0] += 1
            if count[0] >= ENOUGH:
                enough.set()

    session.close()  # no read of ours is open while the server works
    server.start()
    try:
        students = [Student(server.address, login, noted) for login in logins]
        threads = [threading.Thread(target=student.work, args=(picture,)) for student in students]
        for thread in threads:
            thread.start()
        assert enough.wait(120), f"nothing was acknowledged:\n{server.log.read_text()[-3000:]}"
        server.kill()  # in the middle of what the others are doing
        for thread in threads:
            thread.join(timeout=60)

        after = server.command("doctor")
        assert after.returncode == 0, after.stdout + after.stderr
        acknowledged = {draft for student in students for draft in student.drafts}
        submitted = {draft for student in students for draft in student.submitted}
        assert len(acknowledged) + len(submitted) >= ENOUGH
        with parts.sessions() as fresh:
            versions = set(fresh.scalars(select(PhotoVersion.draft_id)))
            drafts = set(fresh.scalars(select(PhotoDraft.id)))
        assert submitted <= versions
        assert acknowledged <= versions | drafts

        server.start()
        _finish_jobs(parts)
        with parts.sessions() as fresh:
            told = fresh.scalars(select(Message).where(Message.kind == "photo_submitted")).all()
        assert len(told) == len(versions), "each submission is told once, also those that the dead worker had"
        again = server.command("doctor")
        assert again.returncode == 0, again.stdout + again.stderr
    finally:
        server.kill()


def _finish_jobs(parts: Parts) -> None:
    tick = threading.Event()
    for _ in range(300):
        with parts.sessions() as fresh:
            states = fresh.scalars(select(Job.state).where(Job.kind == "tell_student")).all()
        assert JobState.DEAD not in states
        if all(state == JobState.DONE for state in states):
            return
        tick.wait(0.1)
    raise AssertionError("the jobs of the dead worker were not done")
