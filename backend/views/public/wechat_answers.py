"""What the official account answers to a word: where somebody stands, without a name or a number."""

from __future__ import annotations

from backend.enrollment.records import Student
from backend.notifications.queries import choices_of
from backend.notifications.rules import Channel
from backend.photos.queries import photo_of
from backend.photos.rules import State
from backend.progress.rules import StageState, Step, next_step, stages
from backend.proofreading.stages import Stage
from backend.views import access
from backend.views.addresses import root_address
from backend.views.student.steps import known_of
from backend.wechat.queries import student_behind
from backend.wechat.rules import Topic, topic_of
from backend.words import DEFAULT, LANGUAGES, say


def answer(openid: str, content: str) -> str:
    """The reply to a text message; a hint for who is not bound or asks something else."""
    topic, student_id = topic_of(content), student_behind(access.session(), openid)
    if topic is None:
        return _say(_language(student_id), "wechat.answer.hint") if student_id else _to_strangers("hint")
    if student_id is None:
        return f"{_to_strangers('unbound')}\n{root_address()}/mine/wechat"
    student, language = access.session().get_one(Student, student_id), _language(student_id)
    return _with_link(language, SENTENCES[topic](student, language), "/home")


def welcome(openid: str) -> str:
    """To a new follower."""
    student_id = student_behind(access.session(), openid)
    if student_id is None:
        return _to_strangers("welcome_unbound")
    return _say(_language(student_id), "wechat.answer.welcome")


def _language(student_id: int) -> str:
    """In which a student is told by WeChat."""
    choice = choices_of(access.session(), student_id).get(Channel.WECHAT)
    return choice.language if choice is not None else DEFAULT


def _to_strangers(key: str) -> str:
    """In every language: WeChat does not say which one they read."""
    return "\n".join(_say(language, f"wechat.answer.{key}") for language in LANGUAGES)


def _progress(student: Student, language: str) -> str:
    step = next_step(known_of(student))
    text = _say(language, f"home.next.{step}.text")
    if step is Step.ASK_CENTRE:  # on the page the number stands below; a chat has no page
        contact = f"{student.centre.name} {student.centre.contact_phone}".strip()
        text = _say(language, "wechat.answer.ask_centre", contact=contact)
    return f"{_say(language, f'home.next.{step}.title')}\n{text}"


def _photo(student: Student, language: str) -> str:
    photo = photo_of(access.session(), student.id)
    words = PHOTO_WORDS[State(photo.state)] if photo is not None else "none"
    return _say(language, f"wechat.answer.photo.{words}")


def _proofread(student: Student, language: str) -> str:
    done = {row.stage for row in stages(known_of(student)) if row.state is StageState.DONE}
    if Stage.PROOFREAD in done:
        return _say(language, "wechat.answer.proofread.done")
    return _say(language, "wechat.answer.proofread.now" if Stage.LINKED in done else "wechat.answer.proofread.later")


SENTENCES = {Topic.PROGRESS: _progress, Topic.PHOTO: _photo, Topic.PROOFREAD: _proofread}
PHOTO_WORDS = {
    State.NEEDS_RETAKE: "retake",
    State.READY_FOR_REVIEW: "waiting",
    State.RETURNED: "returned",
    State.ACCEPTED: "accepted",
    State.WITHDRAWN: "none",
}


def _with_link(language: str, text: str, path: str) -> str:
    return f"{text}\n{_say(language, 'wechat.answer.open', address=root_address() + path)}"


def _say(language: str, key: str, /, **values: object) -> str:
    return say(access.parts().webapp / "i18n", language, key, **values)
