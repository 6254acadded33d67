"""Staff through the college's single sign-on, against servers of ours over real HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pyotp
import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import App
from backend.accounts.records import Account, SignIn
from backend.accounts.rules import Role
from backend.accounts.sign_on import set_sign_on_name
from backend.errors import Invalid, NotAllowed, NotFound
from backend.history.records import HistoryEntry
from backend.history.rules import SYSTEM
from backend.parts import Parts, policy_of
from tests.conftest import Clock
from tests.factories import PASSWORD, Factory
from tests.stand_ins.sign_on import CasServer, OpenIdServer, logout_request

ClientOf = Callable[[Account], FlaskClient]
SITE = "http://localhost"


def with_sign_on(app: App, parts: Parts, **changes: Any) -> Parts:
    """The application as it is with these settings of section `sso`."""
    sso = parts.settings.sso.model_copy(update=changes)
    settings = parts.settings.model_copy(update={"sso": sso})
    app.parts = replace(parts, settings=settings, policy=policy_of(settings))
    return app.parts


@pytest.fixture
def oidc(app: App, parts: Parts, clock: Clock) -> Iterator[OpenIdServer]:
    with OpenIdServer(clock) as server:
        with_sign_on(
            app,
            parts,
            protocol="oidc",
            server=server.address,
            client_id="xuezhao",
            client_secret=SecretStr("college-secret"),
        )
        yield server
    app.parts = parts


@pytest.fixture
def cas(app: App, parts: Parts) -> Iterator[CasServer]:
    with CasServer() as server:
        with_sign_on(app, parts, protocol="cas", server=f"{server.address}/cas")
        yield server
    app.parts = parts


def there_and_back(client: FlaskClient) -> str:
    """The start, then the sign-on server; gives the address with which the browser comes back."""
    started = client.get("/staff/sign-on")
    assert started.status_code == 302
    answer = httpx.get(started.location, follow_redirects=False, trust_env=False)
    assert answer.status_code == 302
    back: str = answer.headers["location"]
    assert back.startswith(f"{SITE}/staff/sign-on/back?")
    return back.removeprefix(SITE)


def methods(session: Session) -> list[str]:
    session.rollback()
    return list(session.scalars(select(SignIn.method).order_by(SignIn.id)))


@pytest.fixture(params=["oidc", "cas"])
def server(request: pytest.FixtureRequest) -> OpenIdServer | CasServer:
    found: OpenIdServer | CasServer = request.getfixturevalue(request.param)
    return found


def test_a_linked_member_of_staff_comes_in(
    server: OpenIdServer | CasServer, client: FlaskClient, make: Factory, session: Session
) -> None:
    wang = make.staff(sign_on_name="T0001")
    answer = client.get(there_and_back(client))
    assert (answer.status_code, answer.location) == (303, "/staff/sign-in")
    assert client.get("/staff/sign-in").location == "/console"
    assert client.get("/console").status_code == 200
    assert methods(session) == ["sign_on"]
    told = session.scalars(select(HistoryEntry).where(HistoryEntry.verb == "account.signed_in")).one()
    assert (told.subject_id, told.facts) == (wang.id, {"by": "sign_on"})


def test_who_is_not_linked_gets_no_account_but_a_kind_page_with_the_name(
    server: OpenIdServer | CasServer, client: FlaskClient, make: Factory, session: Session
) -> None:
    make.staff(login="T0001")  # bearing the name locally is not being linked
    make.staff(sign_on_name="t0001")
    accounts = len(session.scalars(select(Account)).all())
    answer = client.get(there_and_back(client))
    assert answer.status_code == 403
    assert "<code>T0001</code>" in answer.text
    assert methods(session) == []
    assert len(session.scalars(select(Account)).all()) == accounts


def test_a_closed_account_stays_closed(
    server: OpenIdServer | CasServer, client: FlaskClient, make: Factory, session: Session
) -> None:
    make.staff(sign_on_name="T0001", active=False)
    assert client.get(there_and_back(client)).status_code == 403
    assert methods(session) == []


def test_an_answer_works_once_and_in_the_browser_that_asked(
    server: OpenIdServer | CasServer, app: App, client: FlaskClient, make: Factory
) -> None:
    make.staff(sign_on_name="T0001")
    stolen = there_and_back(client)
    stranger = app.test_client()
    assert stranger.get(stolen).status_code == 403  # no state in this browser
    there_and_back(stranger)
    assert stranger.get(stolen).status_code == 403  # another state
    assert client.get(stolen).status_code == 303
    assert client.get(stolen).status_code == 403
    assert stranger.get("/console").location == "/staff/sign-in"


def test_a_ticket_that_was_used_elsewhere_proves_nothing(
    server: OpenIdServer | CasServer, client: FlaskClient, make: Factory
) -> None:
    make.staff(sign_on_name="T0001")
    back = there_and_back(client)
    if isinstance(server, OpenIdServer):
        server.codes.clear()
    else:
        server.tickets.clear()
    assert "已经用过" in client.get(back).text


def test_an_old_page_begins_again(
    server: OpenIdServer | CasServer, client: FlaskClient, make: Factory, clock: Clock
) -> None:
    make.staff(sign_on_name="T0001")
    back = there_and_back(client)
    clock.move(minutes=16)
    assert client.get(back).status_code == 403


def test_a_person_who_cancels_finds_the_way_back(server: OpenIdServer | CasServer, client: FlaskClient) -> None:
    state = parse_qs(urlsplit(there_and_back(client)).query)["state"][0]
    answer = client.get(f"/staff/sign-on/back?state={state}&error=access_denied")
    assert answer.status_code == 403
    assert "/staff/sign-on" in answer.text


def test_a_broken_server_is_no_fault_of_the_person(
    server: OpenIdServer | CasServer, client: FlaskClient, make: Factory
) -> None:
    make.staff(sign_on_name="T0001")
    back = there_and_back(client)
    server.broken = True
    answer = client.get(back)
    assert answer.status_code == 502
    assert "没有回应" in answer.text


def test_a_server_that_is_silent_holds_nobody_up(
    server: OpenIdServer | CasServer, app: App, client: FlaskClient, make: Factory
) -> None:
    make.staff(sign_on_name="T0001")
    back = there_and_back(client)
    sso = app.parts.settings.sso.model_copy(update={"timeout_seconds": 0.2})
    app.parts = replace(app.parts, settings=app.parts.settings.model_copy(update={"sso": sso}))
    server.slow = True
    answer = client.get(back)
    assert (answer.status_code, "没有回应" in answer.text) == (502, True)


def test_the_one_time_code_is_asked_here_too(
    server: OpenIdServer | CasServer, app: App, client: FlaskClient, make: Factory, clock: Clock
) -> None:
    app.parts = replace(app.parts, policy=replace(app.parts.policy, staff_totp_required=True))
    wang = make.staff(sign_on_name="T0001", totp_secret=pyotp.random_base32(), totp_confirmed_at=clock())
    client.get(there_and_back(client))
    assert client.get("/console").location == "/staff/second-factor"
    code = pyotp.TOTP(wang.totp_secret or "").at(clock())
    assert client.post("/staff/second-factor", data={"code": code}).location == "/console"
    assert client.get("/console").status_code == 200


def test_nobody_changes_a_password_that_they_never_had(
    server: OpenIdServer | CasServer, client: FlaskClient, make: Factory
) -> None:
    make.staff(sign_on_name="T0001", must_change_password=True)
    client.get(there_and_back(client))
    assert client.get("/console").status_code == 200
    assert 'name="current"' not in client.get("/console/settings").text


def test_signing_out_leads_to_the_other_door(
    server: OpenIdServer | CasServer, client: FlaskClient, make: Factory
) -> None:
    make.staff(sign_on_name="T0001")
    client.get(there_and_back(client))
    answer = client.post("/sign-out")
    assert answer.location == "/staff/signed-out"
    assert f'href="{server.address}' in client.get("/staff/signed-out").text
    assert client.get("/console").location == "/staff/sign-in"


def test_local_passwords_stay_for_administrators(
    server: OpenIdServer | CasServer, app: App, parts: Parts, client: FlaskClient, make: Factory
) -> None:
    wang, admin = make.staff(), make.staff(Role.ADMINISTRATOR)
    refused = client.post("/staff/sign-in", data={"login": wang.login, "password": PASSWORD})
    assert refused.status_code == 422
    assert "统一身份认证" in refused.text
    assert client.post("/staff/sign-in", data={"login": admin.login, "password": PASSWORD}).status_code == 303
    with_sign_on(app, parts, protocol="cas", server="http://localhost/cas", local_passwords="everybody")
    assert app.test_client().post("/staff/sign-in", data={"login": wang.login, "password": PASSWORD}).status_code == 303


def test_students_never_come_in_by_it(
    server: OpenIdServer | CasServer, client: FlaskClient, make: Factory, session: Session
) -> None:
    lin = make.student_account()
    server.person = lin.login
    assert client.get(there_and_back(client)).status_code == 403
    assert client.post("/sign-in", data={"login": lin.login, "password": PASSWORD}).status_code == 303


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"iss": "https://id.elsewhere.example"}, id="another issuer"),
        pytest.param({"aud": "another-client"}, id="for another client"),
        pytest.param({"aud": ["xuezhao", "x"], "azp": "x"}, id="made for another client"),
        pytest.param({"aud": "another-client", "azp": "xuezhao"}, id="made by us for another"),
        pytest.param({"exp": 1}, id="expired"),
        pytest.param({"nonce": "another"}, id="another nonce"),
        pytest.param({"nonce": None}, id="no nonce"),
        pytest.param({"iat": None}, id="no time"),
    ],
)
def test_an_identity_token_that_says_the_wrong_thing_is_refused(
    changes: dict[str, Any], oidc: OpenIdServer, client: FlaskClient, make: Factory, session: Session
) -> None:
    make.staff(sign_on_name="T0001")
    oidc.changes = changes
    if "nonce" in changes:
        honest = oidc.identity_token
        oidc.identity_token = lambda **said: honest(**{**said, **changes})  # type: ignore[method-assign]
        oidc.changes = {}
    assert client.get(there_and_back(client)).status_code == 403
    assert methods(session) == []


@pytest.mark.parametrize(
    ("ahead", "status"),
    [
        pytest.param(0, 303, id="the same time"),
        pytest.param(110, 303, id="theirs is ahead within two minutes"),
        pytest.param(-410, 303, id="theirs is behind, and the token over by less than two minutes"),
        pytest.param(130, 403, id="theirs is further ahead"),
        pytest.param(-430, 403, id="theirs is further behind"),
    ],
)
def test_two_clocks_may_differ_by_two_minutes(
    ahead: int, status: int, oidc: OpenIdServer, client: FlaskClient, make: Factory, clock: Clock
) -> None:
    make.staff(sign_on_name="T0001")
    oidc.clock = lambda: clock() + timedelta(seconds=ahead)
    assert client.get(there_and_back(client)).status_code == status


def test_a_server_that_calls_itself_otherwise_is_not_the_colleges(
    oidc: OpenIdServer, client: FlaskClient, make: Factory
) -> None:
    make.staff(sign_on_name="T0001")
    oidc.issuer = "https://id.elsewhere.example"
    answer = client.get("/staff/sign-on")
    assert (answer.status_code, "location" in answer.headers) == (403, False)


def test_a_ticket_for_another_service_proves_nothing(cas: CasServer, client: FlaskClient, make: Factory) -> None:
    """Another application of the college passes on what its own visitor brought."""
    make.staff(sign_on_name="T0001")
    back = there_and_back(client)
    ticket = parse_qs(urlsplit(back).query)["ticket"][0]
    cas.tickets[ticket] = "https://library.example.edu.cn/"
    assert client.get(back).status_code == 403


@pytest.mark.parametrize("trick", ["sign_with_another_key", "sign_with_the_public_key"])
def test_a_token_that_the_server_has_not_signed_is_refused(
    trick: str, oidc: OpenIdServer, client: FlaskClient, make: Factory
) -> None:
    make.staff(sign_on_name="T0001")
    getattr(oidc, trick)()
    assert client.get(there_and_back(client)).status_code == 403


def test_without_the_verifier_a_code_is_worth_nothing(oidc: OpenIdServer, client: FlaskClient, make: Factory) -> None:
    make.staff(sign_on_name="T0001")
    back = there_and_back(client)
    with client.session_transaction() as cookie:
        cookie["sign_on"] = {**cookie["sign_on"], "verifier": "a-guess"}
    assert client.get(back).status_code == 403


def test_the_name_may_stand_in_another_claim(oidc: OpenIdServer, app: App, client: FlaskClient, make: Factory) -> None:
    make.staff(sign_on_name="wang.min")
    sso = app.parts.settings.sso.model_copy(update={"claim": "preferred_username"})
    app.parts = replace(app.parts, settings=app.parts.settings.model_copy(update={"sso": sso}))
    assert "没有给出" in client.get(there_and_back(client)).text
    oidc.more = {"preferred_username": "wang.min"}  # at the userinfo endpoint
    assert client.get(there_and_back(client)).status_code == 303
    oidc.more, oidc.changes = {}, {"preferred_username": "wang.min"}
    assert client.get(there_and_back(client)).status_code == 303


def test_cas_may_name_an_attribute(cas: CasServer, app: App, client: FlaskClient, make: Factory) -> None:
    make.staff(sign_on_name="wang.min")
    sso = app.parts.settings.sso.model_copy(update={"claim": "employeeNumber"})
    app.parts = replace(app.parts, settings=app.parts.settings.model_copy(update={"sso": sso}))
    assert "没有给出" in client.get(there_and_back(client)).text
    cas.attributes = {"employeeNumber": "wang.min"}
    assert client.get(there_and_back(client)).status_code == 303


def test_cas_ends_our_session_with_its_own(cas: CasServer, app: App, client: FlaskClient, make: Factory) -> None:
    make.staff(sign_on_name="T0001")
    back = there_and_back(client)
    ticket = parse_qs(urlsplit(back).query)["ticket"][0]
    client.get(back)
    other = app.test_client()
    assert other.post("/staff/sign-on/back", data={"logoutRequest": logout_request("ST-guess")}).status_code == 200
    assert client.get("/console").status_code == 200
    bomb = '<!DOCTYPE a [<!ENTITY b "b">]>' + logout_request(ticket)
    assert other.post("/staff/sign-on/back", data={"logoutRequest": bomb}).status_code == 400
    assert client.get("/console").status_code == 200
    assert other.post("/staff/sign-on/back", data={"logoutRequest": logout_request(ticket)}).status_code == 200
    assert client.get("/console").location == "/staff/sign-in"


def test_oidc_ends_our_session_with_a_signed_message(
    oidc: OpenIdServer, app: App, client: FlaskClient, make: Factory
) -> None:
    make.staff(sign_on_name="T0001")
    client.get(there_and_back(client))
    other = app.test_client()
    events = {"http://schemas.openid.net/event/backchannel-logout": {}}

    def tell(**changes: Any) -> int:
        token = oidc.identity_token(**{"events": events, "sub": None, **changes})
        return other.post("/staff/sign-on/back", data={"logout_token": token}).status_code

    assert tell(events={}) == tell(aud="another") == tell(nonce="n") == tell(iat=1) == tell(iss="x") == 400
    assert other.post("/staff/sign-on/back", data={"logout_token": "junk"}).status_code == 400
    assert client.get("/console").status_code == 200
    assert tell() == 200
    assert client.get("/console").location == "/staff/sign-in"


@pytest.mark.parametrize("claim", ["", "preferred_username"])
def test_a_message_that_names_the_person_alone_ends_all_that_came_from_there(
    oidc: OpenIdServer, app: App, client: FlaskClient, make: Factory, claim: str
) -> None:
    """Sessions of others stay, and one of the same person that began with a password here."""
    with_sign_on(app, app.parts, claim=claim, local_passwords="everybody")
    wang, zhao = make.staff(sign_on_name="T0001"), make.staff(sign_on_name="T0002")
    desk, home, local, other = client, app.test_client(), app.test_client(), app.test_client()
    for number, (browser, account) in enumerate([(desk, wang), (home, wang), (other, zhao)]):
        name = str(account.sign_on_name)
        oidc.person = f"subject of {name}" if claim else name
        # one server says which session it is, one does not
        oidc.changes = {"preferred_username": name, "sid": f"S-{number}" if number else None}
        assert browser.get(there_and_back(browser)).status_code == 303
    local.post("/staff/sign-in", data={"login": wang.login, "password": PASSWORD})
    assert [browser.get("/console").status_code for browser in (desk, home, other, local)] == [200] * 4
    events = {"http://schemas.openid.net/event/backchannel-logout": {}}

    def tell(subject: str | None) -> int:
        token = oidc.identity_token(events=events, sub=subject, sid=None)
        return app.test_client().post("/staff/sign-on/back", data={"logout_token": token}).status_code

    assert (tell(None), tell("")) == (400, 400)
    assert tell("nobody") == 200
    assert desk.get("/console").status_code == 200
    assert tell(f"subject of {wang.sign_on_name}" if claim else wang.sign_on_name) == 200
    assert [browser.get("/console").status_code for browser in (desk, home, other, local)] == [302, 302, 200, 200]


def test_while_it_is_off_there_is_no_such_page(client: FlaskClient) -> None:
    assert client.get("/staff/sign-on").status_code == 404
    assert client.get("/staff/sign-on/back").status_code == 404
    assert client.post("/staff/sign-on/back").status_code == 404
    assert client.get("/staff/signed-out").status_code == 404
    assert "/staff/sign-on" not in client.get("/staff/sign-in").text


def test_who_keeps_an_account_links_it(server: OpenIdServer | CasServer, make: Factory, client_of: ClientOf) -> None:
    """By the page: the administrator and the own head may, nobody else."""
    centre = make.centre()
    head, wang = make.staff(Role.CENTRE_HEAD, centre), make.staff(centre=centre)
    zhao, other_head = make.staff(), make.staff(Role.CENTRE_HEAD)
    people = {
        "administrator": (make.staff(Role.ADMINISTRATOR), 303),
        "head": (head, 303),
        "other head": (other_head, 404),
        "registry": (make.staff(Role.REGISTRY), 404),
        "colleague": (zhao, 404),
        "student": (make.student_account(), 404),
    }
    for who, (person, status) in people.items():
        browser = client_of(person)
        answer = browser.post(f"/console/settings/staff/{wang.id}/sign-on", data={"sign_on_name": "T0007"})
        assert answer.status_code == status, who


def test_a_name_belongs_to_one_account(session: Session, make: Factory, clock: Clock) -> None:
    admin, wang, zhao = make.staff(Role.ADMINISTRATOR), make.staff(sign_on_name="T1"), make.staff()

    def link(account: Account, name: str, creator: Account | None = admin) -> None:
        set_sign_on_name(session, account_id=account.id, name=name, creator=creator, actor=SYSTEM, now=clock())

    with pytest.raises(Invalid):
        link(zhao, "T1")
    with pytest.raises(Invalid):
        link(zhao, "a\u200bb")
    link(wang, " T1 ")
    link(wang, "")
    link(zhao, "T1")
    with pytest.raises(NotAllowed):
        link(admin, "T2")  # nobody links the own account from the console
    link(admin, "T2", None)
    with pytest.raises(NotFound):
        link(make.student_account(), "T3")
