"""kill -9 of web server and worker while a pile of scans comes in: every file that was acknowledged is there, once."""

from __future__ import annotations

import re
import threading

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.bulk.records import BulkItem, BulkUpload
from backend.demo.pictures import Studio, Wish
from backend.parts import Parts
from backend.photos.records import PhotoVersion
from tests.factories import PASSWORD, Factory
from tests.journeys.server import Server

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("server")]

FILES, ENOUGH = 16, 7  # the power goes after so many acknowledged files


class Desk:
    """A browser that sends files as the page's script does."""

    def __init__(self, address: str, login: str) -> None:
        self._web = httpx.Client(base_url=address, trust_env=False, timeout=30, follow_redirects=True)
        self._token = ""
        self._post("/staff/sign-in", {"login": login, "password": PASSWORD})

    def close(self) -> None:
        self._web.close()

    def begin(self) -> str:
        return str(self._post("/console/bulk", {}).url)

    def send(self, upload: str, name: str, content: bytes) -> int:
        form = {"csrf_token": self._token, "path": name}
        headers = {"Accept": "application/json"}
        return self._web.post(
            f"{upload}/files", data=form, files={"file": ("photo", content)}, headers=headers
        ).status_code

    def take_ready(self, upload: str) -> None:
        self._post(f"{upload}/choose", {"action": "take_ready"}, page=upload)

    def _post(self, address: str, data: dict[str, str], page: str = "") -> httpx.Response:
        form = self._web.get(page or address)
        token = re.search(r'name="csrf_token" value="([^"]+)"', form.text)
        assert token, f"no form at {form.url}: {form.status_code}"
        answer = self._web.post(address, data={**data, "csrf_token": token[1]})
        assert answer.status_code == 200, f"{address}: {answer.status_code}"
        again = re.search(r'name="csrf_token" value="([^"]+)"', answer.text)
        self._token = again[1] if again else token[1]
        return answer


def test_every_acknowledged_file_survives_kill_9(parts: Parts, make: Factory, session: Session) -> None:
    wang = make.staff()
    students = [make.student(wang.centre) for _ in range(FILES)]
    for student in students:
        make.settle(student)
    names = [f"{student.student_number}.jpg" for student in students]
    picture = Studio(parts.analyser).take(Wish(), quality=80)
    files = {name: picture + name.encode() for name in names}
    server = Server(
        parts.settings.data.dir,
        DATABASE_URL=parts.settings.database_url,
        XUEZHAO_DATA_DURABLE="true",
        XUEZHAO_JOBS_LEASE_SECONDS="2",
    )
    login = session.get_one(Account, wang.id).login
    session.close()
    server.start()
    try:
        desk = Desk(server.address, login)
        upload = desk.begin()
        acknowledged = [name for name in names[:ENOUGH] if desk.send(upload, name, files[name]) == 201]
        assert len(acknowledged) == ENOUGH
        broken = threading.Thread(target=_send_until_it_breaks, args=(desk, upload, names[ENOUGH:], files))
        broken.start()
        server.kill()
        broken.join(timeout=60)
        assert server.command("doctor").returncode == 0
        with parts.sessions() as fresh:
            kept = {item.path for item in fresh.scalars(select(BulkItem))}
        assert set(acknowledged) <= kept

        server.start()
        desk.close()
        desk = Desk(server.address, login)
        upload = f"{server.address}/console/bulk/{upload.rpartition('/')[2]}"
        answers = {name: desk.send(upload, name, files[name]) for name in names}  # everything once more
        assert {answers[name] for name in kept} == {200}
        _wait_for_the_worker(parts)
        desk.take_ready(upload)
        desk.close()
        server.kill()  # perhaps in the middle of handing in
        server.start()
        _wait_for_the_worker(parts)
        with parts.sessions() as fresh:
            items = fresh.scalars(select(BulkItem)).all()
            versions = fresh.scalars(select(PhotoVersion)).all()
        assert sorted(item.path for item in items) == sorted(names)
        assert {item.version_id for item in items} == {version.id for version in versions}
        assert len(versions) == FILES
        again = server.command("doctor")
        assert again.returncode == 0, again.stdout + again.stderr
    finally:
        server.kill()


def _send_until_it_breaks(desk: Desk, upload: str, names: list[str], files: dict[str, bytes]) -> None:
    try:
        for name in names:
            desk.send(upload, name, files[name])
    except httpx.TransportError:
        return  # the power is gone


def _wait_for_the_worker(parts: Parts) -> None:
    tick = threading.Event()
    for _ in range(900):
        with parts.sessions() as fresh:
            if not fresh.scalars(select(BulkUpload)).one().working:
                return
        tick.wait(0.1)
    raise AssertionError("the work of the dead worker was not done")
