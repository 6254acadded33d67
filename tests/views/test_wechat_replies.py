"""Every reply of the official account to a word, in both languages, as it was looked at.

UPDATE_SNAPSHOTS=1 writes the files anew; then look at them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from backend import App
from backend.notifications.records import ChannelChoice
from backend.notifications.rules import Channel
from backend.photos.rules import State
from backend.progress.rules import StageState, Step
from backend.proofreading.stages import Stage
from backend.views.public import wechat_answers
from backend.words import LANGUAGES
from tests.adapters.test_wechat import with_wechat
from tests.conftest import Clock
from tests.factories import Factory
from tests.stand_ins.wechat import WechatServer
from tests.views.test_wechat import bind, signed, write

FOLDER = Path(__file__).resolve().parents[1] / "snapshots" / "wechat"
WORDS = {"progress": "进度", "photo": "照片", "proofread": "校对"}


@pytest.fixture
def server(app: App) -> Iterator[WechatServer]:
    before = app.parts
    with WechatServer() as running:
        app.parts = with_wechat(before, running)
        yield running
    app.parts = before


def standings(topic: str) -> Iterator[tuple[str, str, object]]:
    """(what the student stands at, what the reply asks for it by, that put in its place)."""
    if topic == "progress":
        for step in Step:
            yield step.value, "next_step", lambda facts, step=step: step
    elif topic == "photo":
        yield "none", "photo_of", lambda session, student_id: None
        for state in State:
            photo = SimpleNamespace(state=state.value)
            yield state.value, "photo_of", lambda session, student_id, photo=photo: photo
    else:
        for name, done in (("not linked", []), ("linked", [Stage.LINKED]), ("done", [Stage.LINKED, Stage.PROOFREAD])):
            rows = [SimpleNamespace(stage=stage, state=StageState.DONE) for stage in done]
            yield name, "stages", lambda facts, rows=rows: rows


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("topic", WORDS)
def test_a_word_is_answered_as_it_was_looked_at(
    topic: str,
    language: str,
    app: App,
    client: FlaskClient,
    make: Factory,
    session: Session,
    server: WechatServer,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    student = make.student(make.centre(name="福州学习中心"))
    bind(app.parts, session, make.student_account(student), server, clock)
    choice = {"channel": Channel.WECHAT.value, "wanted": True, "language": language, "changed_at": clock()}
    session.add(ChannelChoice(student_id=student.id, **choice))
    session.commit()
    written = ""
    for name, asked, answer in standings(topic):
        monkeypatch.setattr(wechat_answers, asked, answer)
        written += f"[{name}]\n{write(client, clock, WORDS[topic])}\n\n"
    same(FOLDER / f"{topic}.{language}.txt", written)


def test_strangers_are_answered_in_every_language(client: FlaskClient, server: WechatServer, clock: Clock) -> None:
    """WeChat does not say which one they read."""
    said = {name: write(client, clock, text) for name, text in {"unbound": "进度", "hint": "在吗"}.items()}
    said["subscribe"] = follow(client, clock)
    same(FOLDER / "stranger.txt", "".join(f"[{name}]\n{text}\n\n" for name, text in said.items()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_is_known_is_answered_in_the_own_language_whatever_was_written(
    language: str,
    app: App,
    client: FlaskClient,
    make: Factory,
    session: Session,
    server: WechatServer,
    clock: Clock,
) -> None:
    student = make.student()
    bind(app.parts, session, make.student_account(student), server, clock)
    choice = {"channel": Channel.WECHAT.value, "wanted": True, "language": language, "changed_at": clock()}
    session.add(ChannelChoice(student_id=student.id, **choice))
    session.commit()
    said = {"hint": write(client, clock, "在吗"), "subscribe": follow(client, clock)}
    same(FOLDER / f"known.{language}.txt", "".join(f"[{name}]\n{text}\n\n" for name, text in said.items()))


def follow(client: FlaskClient, clock: Clock) -> str:
    body = (
        "<xml><ToUserName>gh_1</ToUserName><FromUserName>o-lin</FromUserName><CreateTime>1</CreateTime>"
        "<MsgType>event</MsgType><Event>subscribe</Event></xml>"
    )
    answer = ElementTree.fromstring(client.post(signed(clock), data=body).text)  # noqa: S314 - our own answer
    return answer.findtext("Content") or ""


def test_no_reply_is_kept_that_is_gone() -> None:
    known = {f"{topic}.{language}.txt" for topic in (*WORDS, "known") for language in LANGUAGES}
    assert {path.name for path in FOLDER.iterdir()} == known | {"stranger.txt"}


def same(path: Path, written: str) -> None:
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        FOLDER.mkdir(parents=True, exist_ok=True)
        path.write_text(written)
    assert path.exists(), "UPDATE_SNAPSHOTS=1 writes it"
    assert path.read_text() == written
