"""WeChat's server as its documentation has it: tokens for all hosts, error codes, slow and broken answers."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select, text

from backend.history.rules import SYSTEM
from backend.notifications.rules import Channel
from backend.parts import Parts
from backend.ports import DeliveryFailed, Outgoing
from backend.settings import PROJECT
from backend.wechat.credentials import PAUSES
from backend.wechat.operations import allow_message, bind_wechat, sealed_ticket
from backend.wechat.records import WechatCredential, WechatPermission
from backend.wechat.rules import App, Trouble, WechatTrouble, page_signature, push_signature
from tests.conftest import Clock
from tests.factories import Factory
from tests.stand_ins.wechat import MINI_SECRET, PUSH_TOKEN, SECRET, WechatServer

NOTICE = Outgoing(
    title="照片需要重拍，请尽快重新拍摄并且提交一张照片", text="第 2 版还差一点。", link="https://photo.example.edu.cn/messages",
    at=datetime(2026, 11, 2, 2, 0, tzinfo=UTC),
)  # fmt: skip


def with_wechat(parts: Parts, server: WechatServer, **changes: Any) -> Parts:
    secrets = {"app_secret": SECRET, "mini_secret": MINI_SECRET, "push_token": PUSH_TOKEN}
    values = {
        **server.settings(),
        **{name: SecretStr(value) for name, value in secrets.items()},
        "timeout_seconds": 2.0,
    }
    wechat = parts.settings.wechat.model_copy(update={**values, **changes})
    return replace(parts, settings=parts.settings.model_copy(update={"wechat": wechat}))


@pytest.fixture
def server(clock: Clock) -> Iterator[WechatServer]:
    with WechatServer() as running:
        running.clock = clock
        yield running


@pytest.fixture
def wechat(parts: Parts, server: WechatServer) -> Parts:
    return with_wechat(parts, server)


TOKEN, TICKET = "/cgi-bin/stable_token", "/cgi-bin/ticket/getticket"
SEND, PERMITTED = "/cgi-bin/message/template/send", "/cgi-bin/message/template/subscribe"


def test_the_token_is_asked_for_once_and_kept_sealed(wechat: Parts, server: WechatServer) -> None:
    tokens = {wechat.wechat_credentials.token() for _ in range(3)}
    assert tokens == {server.current}
    assert server.times(TOKEN) == 1
    with wechat.sessions() as session:
        raw = session.execute(text("SELECT value FROM wechat_credential")).scalar_one()
        assert server.current.encode() not in bytes(raw)
        assert server.current not in repr(session.scalars(select(WechatCredential)).one())


def test_a_token_is_renewed_some_minutes_before_its_end(wechat: Parts, server: WechatServer, clock: Clock) -> None:
    wechat.wechat_credentials.token()
    clock.move(minutes=114)
    wechat.wechat_credentials.token()
    assert server.times(TOKEN) == 1
    clock.move(minutes=2)
    wechat.wechat_credentials.token()
    assert server.times(TOKEN) == 2


def test_a_token_that_ends_in_mid_flow_is_renewed_and_the_message_goes_out(wechat: Parts, server: WechatServer) -> None:
    wechat.wechat_credentials.token()
    server.forget_token()  # another system of the college has forced a new one
    wechat.messengers[Channel.WECHAT].send(address="o-lin", message=NOTICE)
    assert [how for how, _ in server.sent] == ["template"]
    assert server.times(SEND) == 2
    assert server.forced == 0


def test_a_token_that_wechat_still_believes_good_is_forced_once(wechat: Parts, server: WechatServer) -> None:
    wechat.wechat_credentials.token()
    server.trouble[SEND] = [40001]  # refused, yet stable_token gives the same again
    wechat.messengers[Channel.WECHAT].send(address="o-lin", message=NOTICE)
    assert server.forced == 1
    assert len(server.sent) == 1


def test_a_fresh_token_that_is_refused_too_ends_the_attempt(wechat: Parts, server: WechatServer) -> None:
    server.trouble[SEND] = [42001, 40014]
    with pytest.raises(DeliveryFailed) as caught:
        wechat.messengers[Channel.WECHAT].send(address="o-lin", message=NOTICE)
    assert (caught.value.reason, caught.value.for_good) == ("wechat_40014", False)


def test_a_token_that_has_ended_at_wechat_is_renewed_like_a_forced_one(
    wechat: Parts, server: WechatServer, clock: Clock
) -> None:
    token = wechat.wechat_credentials.token()
    server.ends[token] = clock.move(minutes=1)
    wechat.messengers[Channel.WECHAT].send(address="o-lin", message=NOTICE)
    assert (len(server.sent), server.made, server.forced) == (1, 2, 0)


def test_a_running_token_is_kept_only_for_what_is_left_of_it(wechat: Parts, server: WechatServer, clock: Clock) -> None:
    """Another system of the college has asked for it an hour ago."""
    wechat.wechat.token(force=False)
    clock.move(minutes=60)
    first = wechat.wechat_credentials.token()
    clock.move(minutes=54)
    assert wechat.wechat_credentials.token() == first
    clock.move(minutes=2)
    assert wechat.wechat_credentials.token() != first
    assert server.times(TOKEN) == 3


def test_a_token_that_wechat_does_not_change_so_soon_is_not_sent_again(
    wechat: Parts, server: WechatServer, clock: Clock
) -> None:
    wechat.wechat_credentials.token()
    server.trouble[SEND] = [40001] * 9
    reasons = []
    for _ in range(4):
        with pytest.raises(DeliveryFailed) as caught:
            wechat.messengers[Channel.WECHAT].send(address="o-lin", message=NOTICE)
        reasons.append((caught.value.reason, caught.value.for_good))
    assert reasons == [("wechat_40001", False)] + [("wechat_too_often", False)] * 3
    assert server.forced == 1
    assert server.times(TOKEN) == 5  # two with each of the first two messages, none with the others
    server.trouble[SEND] = []
    clock.move(minutes=6)
    wechat.messengers[Channel.WECHAT].send(address="o-lin", message=NOTICE)
    assert len(server.sent) == 1


def test_no_more_tokens_are_forced_than_wechat_allows_in_a_day(
    wechat: Parts, server: WechatServer, clock: Clock
) -> None:
    """Something forces one after the other: then pages and messages go on without WeChat."""
    server.forced_at = [clock()] * 20
    wechat.wechat_credentials.token()
    server.trouble[SEND] = [40001]
    with pytest.raises(DeliveryFailed) as caught:
        wechat.messengers[Channel.WECHAT].send(address="o-lin", message=NOTICE)
    assert (caught.value.reason, caught.value.for_good) == ("wechat_45009", False)
    assert server.forced == 0


@pytest.mark.parametrize("code", [45009, 45011])
def test_after_too_often_wechat_is_left_alone_for_some_minutes(
    wechat: Parts, server: WechatServer, clock: Clock, code: int
) -> None:
    server.trouble[TICKET] = [code]
    waited: list[float] = []
    wechat.wechat_credentials._pause = waited.append
    for _ in range(3):
        with pytest.raises(WechatTrouble) as caught:
            wechat.wechat_credentials.ticket()
        assert caught.value.trouble is Trouble.TOO_OFTEN
    assert (server.times(TICKET), waited) == (1, [])
    clock.move(minutes=6)
    assert wechat.wechat_credentials.ticket() == "ticket-1"
    assert server.times(TICKET) == 2


def test_while_wechat_is_left_alone_the_old_ticket_serves_to_its_end(
    wechat: Parts, server: WechatServer, clock: Clock
) -> None:
    wechat.wechat_credentials.ticket()
    clock.move(minutes=116)
    server.trouble[TICKET] = [45009]
    with pytest.raises(WechatTrouble):
        wechat.wechat_credentials.ticket()
    assert wechat.wechat_credentials.ticket() == "ticket-1"
    clock.move(minutes=4)
    with pytest.raises(WechatTrouble):
        wechat.wechat_credentials.ticket()
    assert server.times(TICKET) == 2
    clock.move(minutes=2)
    assert wechat.wechat_credentials.ticket() == "ticket-1"


def test_the_page_ticket_is_kept_too_and_survives_a_stale_token(
    wechat: Parts, server: WechatServer, clock: Clock
) -> None:
    wechat.wechat_credentials.token()
    server.forget_token()
    assert {wechat.wechat_credentials.ticket() for _ in range(3)} == {"ticket-1"}
    assert server.times(TICKET) == 2
    clock.move(hours=2)
    wechat.wechat_credentials.ticket()
    assert server.times(TICKET) == 3


def test_many_threads_refresh_once(wechat: Parts, server: WechatServer) -> None:
    server.slow_seconds = 0.3
    start, tokens = threading.Barrier(8), []

    def ask() -> None:
        start.wait()
        tokens.append(wechat.wechat_credentials.token())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(tokens) == {server.current}
    assert len(tokens) == 8
    assert server.times(TOKEN) == 1


def test_of_two_hosts_one_refreshes(wechat: Parts, server: WechatServer) -> None:
    """Two processes on one database, both without a token, at the same moment."""
    server.slow_seconds = 0.5
    program = (
        "import sys\n"
        "from datetime import UTC, datetime\n"
        "from backend.parts import make_parts\n"
        "from backend.settings import load_settings\n"
        "parts = make_parts(load_settings(), clock=lambda: datetime.now(UTC))\n"
        "parts.engine.connect().close()\n"
        "print('ready', flush=True)\n"
        "sys.stdin.readline()\n"
        "print(parts.wechat_credentials.token(), flush=True)\n"
    )
    settings = {f"XUEZHAO_WECHAT_{name.upper()}": value for name, value in server.settings().items()}
    environment = {
        **settings,
        "PATH": "",
        "XUEZHAO_MODE": "testing",
        "XUEZHAO_WECHAT_APP_SECRET": SECRET,
        "DATA_DIR": str(wechat.settings.data.dir),
        "DATABASE_URL": wechat.settings.database_url,
    }
    hosts = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=PROJECT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for host in hosts:
        assert host.stdout is not None
        assert host.stdout.readline() == "ready\n"
    for host in hosts:
        assert host.stdin is not None
        host.stdin.write("go\n")
        host.stdin.flush()
    tokens = {host.communicate(timeout=60)[0].strip() for host in hosts}
    assert tokens == {server.current}
    assert server.times(TOKEN) == 1


def test_a_host_that_dies_while_refreshing_holds_nobody_up(wechat: Parts, server: WechatServer, clock: Clock) -> None:
    assert wechat.wechat_credentials._lease("access_token", None)  # and then the power goes
    waited: list[float] = []

    def pause(seconds: float) -> None:
        waited.append(seconds)
        clock.move(seconds=10)

    patient = wechat.wechat_credentials
    patient._pause = pause
    assert patient.token() == server.current
    assert len(waited) == 3


def test_who_waits_in_vain_gives_up(wechat: Parts, server: WechatServer) -> None:
    assert wechat.wechat_credentials._lease("access_token", None)
    waited: list[float] = []
    impatient = wechat.wechat_credentials
    impatient._pause = waited.append
    with pytest.raises(WechatTrouble) as caught:
        impatient.token()
    assert caught.value.trouble is Trouble.BUSY
    assert len(waited) == PAUSES


def test_while_one_host_refreshes_the_old_token_still_serves(wechat: Parts, server: WechatServer, clock: Clock) -> None:
    old = wechat.wechat_credentials.token()
    clock.move(minutes=116)
    assert wechat.wechat_credentials._lease("access_token", None)
    assert wechat.wechat_credentials.token() == old
    assert server.times(TOKEN) == 1


def test_after_a_failed_refresh_the_next_may_try(wechat: Parts, server: WechatServer) -> None:
    server.trouble[TOKEN] = [-1]
    with pytest.raises(WechatTrouble):
        wechat.wechat_credentials.token()
    assert wechat.wechat_credentials.token() == server.current


@pytest.mark.parametrize(
    ("how", "trouble"), [("hang_up", "busy"), ("html", "busy"), ("list", "busy"), ("slow", "busy")]
)
def test_a_slow_or_broken_answer_is_no_answer(parts: Parts, server: WechatServer, how: str, trouble: str) -> None:
    impatient = with_wechat(parts, server, timeout_seconds=0.2)
    server.broken[TOKEN], server.slow_seconds = how, 0.6
    with pytest.raises(WechatTrouble) as caught:
        impatient.wechat_credentials.token()
    assert caught.value.trouble == trouble
    shown = None if caught.value.__suppress_context__ else caught.value.__context__
    assert shown is None, "a cause would show the address, where the secret stands"


@pytest.mark.parametrize(
    ("code", "reason", "for_good"),
    [
        (45009, "wechat_45009", False),  # quota: tomorrow
        (48001, "wechat_48001", True),  # not permitted: an administrator must act
        (-1, "wechat_-1", False),
        (47003, "wechat_47003", True),  # unknown to us: asking again would not help
    ],
)
def test_error_codes_say_whether_to_try_again(
    wechat: Parts, server: WechatServer, code: int, reason: str, for_good: bool
) -> None:
    server.trouble[SEND] = [code]
    with pytest.raises(DeliveryFailed) as caught:
        wechat.messengers[Channel.WECHAT].send(address="o-lin", message=NOTICE)
    assert (caught.value.reason, caught.value.for_good) == (reason, for_good)


def test_a_wrong_secret_is_said_as_such(parts: Parts, server: WechatServer) -> None:
    """WeChat has two numbers for it: 40125, and 40001 where it means a stale token elsewhere."""
    wrong = with_wechat(parts, server, app_secret=SecretStr("another"), mini_secret=SecretStr("another"))
    server.trouble[TOKEN] = [40001]
    asked: list[Callable[[], object]] = [
        wrong.wechat_credentials.token,
        wrong.wechat_credentials.token,
        lambda: wrong.wechat.visitor(server.new_code()),
        lambda: wrong.wechat.mini_visitor(server.new_code()),
    ]
    numbers = []
    for ask in asked:
        with pytest.raises(WechatTrouble) as caught:
            ask()
        assert caught.value.trouble is Trouble.NOT_PERMITTED
        numbers.append(caught.value.facts["code"])
    assert numbers == [40001, 40125, 40125, 40125]
    assert server.times(TOKEN) == 2


def test_who_does_not_follow_gets_the_message_that_they_allowed_and_no_second(
    wechat: Parts, server: WechatServer, make: Factory, clock: Clock
) -> None:
    account = make.student_account()
    ticket = sealed_ticket(App.OFFICIAL, "o-mei", now=clock())
    with wechat.sessions() as session:
        bind_wechat(session, account_id=account.id, ticket=ticket, actor=SYSTEM, now=clock())
        values = {"account_id": account.id, "now": clock()}
        assert allow_message(session, openid="o-mei", scene=1, **values)  # type: ignore[arg-type]
        assert not allow_message(session, openid="o-mei", scene=1, **values)  # type: ignore[arg-type]
        assert not allow_message(session, openid="o-lin", scene=2, **values)  # type: ignore[arg-type]
    server.permissions.add(("o-mei", "1"))
    messenger = wechat.messengers[Channel.WECHAT]
    messenger.send(address="o-mei", message=NOTICE)
    assert [how for how, _ in server.sent] == ["subscribe"]
    with pytest.raises(DeliveryFailed) as caught:
        messenger.send(address="o-mei", message=NOTICE)
    assert (caught.value.reason, caught.value.for_good) == ("wechat_not_permitted", True)
    with wechat.sessions() as session:
        assert session.scalars(select(WechatPermission)).all() == []


def test_a_message_has_the_documented_form(wechat: Parts, server: WechatServer) -> None:
    wechat.messengers[Channel.WECHAT].send(address="o-lin", message=NOTICE)
    ((_, body),) = server.sent
    assert body["touser"] == "o-lin"
    assert body["url"] == NOTICE.link
    assert body["data"]["time2"] == {"value": "2026-11-02 10:00"}
    assert len(body["data"]["thing1"]["value"]) == 20
    json.dumps(body)


def test_codes_work_once_and_snapshots_are_told_apart(wechat: Parts, server: WechatServer) -> None:
    for ask in (wechat.wechat.visitor, wechat.wechat.mini_visitor):
        code = server.new_code()
        assert ask(code).openid == "o-lin"
        numbers = []
        for worthless in (code, "never-given"):
            with pytest.raises(WechatTrouble) as caught:
                ask(worthless)
            assert caught.value.trouble is Trouble.STALE_CODE
            numbers.append(caught.value.facts["code"])
        assert numbers == [40163, 40029]
    server.snapshot = True
    assert wechat.wechat.visitor(server.new_code()).snapshot
    assert wechat.wechat.mini_visitor(server.new_code()).openid == "o-lin"


def test_the_page_signature_is_that_of_the_documentation() -> None:
    signed = page_signature(
        ticket="sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg",
        nonce="Wm3WZYTPz0wzccnW",
        timestamp=1414587457,
        address="http://mp.weixin.qq.com?params=value#part",
    )
    assert signed == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"
    expected = hashlib.sha1(b"123token", usedforsecurity=False).hexdigest()
    assert push_signature(token="token", timestamp="1", nonce="23") == expected
