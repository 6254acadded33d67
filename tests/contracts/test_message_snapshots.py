"""Every message in both languages as people get it. UPDATE_SNAPSHOTS=1 writes the files anew; then look at them."""

from __future__ import annotations

import os
import tomllib
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from functools import partial
from pathlib import Path

import pytest

from backend.adapters.messengers import MailMessenger
from backend.follow_ups import TOLD_TO_STUDENT
from backend.notifications.rules import read_plans
from backend.notifications.words import code_words, outside_words
from backend.ports import Outgoing
from backend.settings import PROJECT, Mail, load_settings
from backend.wechat.rules import MOST_OF_A_THING, template_values
from backend.words import LANGUAGES, say

FOLDER = Path(__file__).resolve().parents[1] / "snapshots" / "messages"
KINDS = sorted({*TOLD_TO_STUDENT.values(), "photo_needs_retake"})
FACTS = {"version": 2, "reasons": ["HEAD_TOP", "BG_UNIFORM"], "state": ""}
LINK = "https://photo.example.edu.cn/messages"
SAY = partial(say, PROJECT / "webapp" / "i18n")
WORDS, CODE_WORDS = outside_words(SAY), code_words(SAY)
PLANS = read_plans(tomllib.loads((PROJECT / "config" / "messages.toml").read_text()))
AT = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
SENDER: Mail = load_settings({}).mail.model_copy(update={"sender": "学照通 <no-reply@example.edu.cn>"})


def as_people_get_it(kind: str, language: str) -> str:
    facts = {**FACTS, "state": "needs_retake"} if kind == "photo_needs_retake" else FACTS
    asked = "photo_submitted" if kind == "photo_needs_retake" else kind
    title, text, foot = WORDS(asked, facts, language)
    message = Outgoing(title=title, text=text, link=LINK, at=AT, foot=foot)
    mail = MailMessenger(SENDER)._mail("lin@example.edu.cn", message)
    plan = PLANS.messages[asked]
    ways = ", ".join(plan.channels) or "-"
    time = "2026-11-02 10:00"
    card = template_values("thing1=title time2=time", title=title, text=text, time=time)
    return (
        f"[{kind}, {language}] {ways}; {plan.reach}; {'waits for the day' if plan.waits_for_day else 'at once'}; "
        f"pause {plan.pause.total_seconds() / 3600:g} h; kept {plan.keep.days} d\n"
        f"\n-- mail\nFrom: {mail['From']}\nSubject: {mail['Subject']}\n\n{mail.get_content()}"
        f"\n-- text message\n{title}\n"
        f"\n-- WeChat\n" + "".join(f"{name}: {value['value']}\n" for name, value in card.items())
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_message_reads_as_it_was_looked_at(kind: str, language: str) -> None:
    path = FOLDER / f"{kind}.{language}.txt"
    written = as_people_get_it(kind, language)
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        FOLDER.mkdir(parents=True, exist_ok=True)
        path.write_text(written)
    assert path.exists(), "UPDATE_SNAPSHOTS=1 writes it"
    assert path.read_text() == written


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_title_fits_into_a_message_of_wechat_whole_and_says_by_itself_what_it_is_about(language: str) -> None:
    """A text message and a card of WeChat show the title alone."""
    titles = {kind: SAY(language, f"message.{kind}.title") for kind in KINDS}
    assert {kind: title for kind, title in titles.items() if len(title) > MOST_OF_A_THING} == {}
    said = [title for kind, title in titles.items() if kind != "photo_needs_retake"]
    assert sorted({title for title in said if said.count(title) > 1}) == [], "two messages that look the same"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_code_reads_as_it_was_looked_at(language: str) -> None:
    title, text = CODE_WORDS(language, "012345", timedelta(minutes=10))
    path = FOLDER / f"code.{language}.txt"
    written = f"{title}\n\n{text}\n"
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        path.write_text(written)
    assert path.read_text() == written


def test_no_snapshot_is_left_of_a_message_that_is_gone() -> None:
    known = {f"{kind}.{language}.txt" for kind in [*KINDS, "code"] for language in LANGUAGES}
    assert {path.name for path in FOLDER.iterdir()} == known


def test_a_mail_is_one_that_mail_programs_understand() -> None:
    message = Outgoing(title="照片审核通过", text="正文", link=LINK, at=AT)
    mail: EmailMessage = MailMessenger(SENDER)._mail("lin@example.edu.cn", message)
    assert mail["Subject"] == "照片审核通过"
    assert mail["From"].addresses[0].display_name == "学照通"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith("@example.edu.cn>")
    assert mail.get_content() == f"正文\n\n{LINK}\n"
    bytes(mail)  # every line can be encoded
