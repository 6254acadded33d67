"""Mail by SMTP and text messages by HTTP, against servers of ours."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from backend.adapters.messengers import MailMessenger, SmsMessenger, aliyun_signature, make_mail, make_sms
from backend.ports import DeliveryFailed, Outgoing
from backend.settings import load_settings
from tests.stand_ins.mail import MailServer
from tests.stand_ins.sms import SmsServer

NOW = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
NOTICE = Outgoing(
    title="照片审核通过", text="第 2 版照片中心已通过。", link="https://photo.example.edu.cn/messages", at=NOW
)
CODE = Outgoing(title="学照通验证码", text="您的验证码是 012345", link="", at=NOW, code="012345")


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def sms_server() -> Iterator[SmsServer]:
    with SmsServer() as server:
        yield server


def mail(server: MailServer, **changes: Any) -> MailMessenger:
    settings = load_settings({}).mail.model_copy(
        update={
            "host": "127.0.0.1",
            "port": server.port,
            "encryption": "none",
            "sender": "学照通 <no-reply@example.edu.cn>",
            "timeout_seconds": 5.0,
            **changes,
        }
    )
    return MailMessenger(settings)


def sms(server: SmsServer, provider: str = "gateway", **changes: Any) -> SmsMessenger:
    settings = load_settings({}).sms.model_copy(
        update={
            "provider": provider,
            "url": f"{server.address}/{provider}",
            "key_id": "key",
            "key_secret": SecretStr("sms-secret"),
            "sign_name": "学照通",
            "template_code": "SMS_1",
            "template_notice": "SMS_2",
            "timeout_seconds": 2.0,
            **changes,
        }
    )
    return SmsMessenger(settings, clock=lambda: NOW)


def test_a_mail_arrives_with_its_words_and_the_way_in(mail_server: MailServer) -> None:
    mail(mail_server).send(address="lin@example.edu.cn", message=NOTICE)
    ((recipient, got),) = mail_server.mails
    assert recipient == "lin@example.edu.cn"
    assert got["Subject"] == NOTICE.title
    assert got.get_content().replace("\r\n", "\n") == f"{NOTICE.text}\n\n{NOTICE.link}\n"


@pytest.mark.parametrize(
    ("name", "reason", "for_good", "address"),
    [("gone", "mail_550", True, True), ("full", "mail_452", False, False)],
)
def test_a_mailbox_may_be_gone_or_only_full(
    mail_server: MailServer, name: str, reason: str, for_good: bool, address: bool
) -> None:
    with pytest.raises(DeliveryFailed) as caught:
        mail(mail_server).send(address=f"{name}@example.edu.cn", message=NOTICE)
    failure = caught.value
    assert (failure.reason, failure.for_good, failure.address) == (reason, for_good, address)


def test_a_server_that_is_closed_or_away_is_asked_again(mail_server: MailServer) -> None:
    mail_server.closed = True
    with pytest.raises(DeliveryFailed) as caught:
        mail(mail_server).send(address="lin@example.edu.cn", message=NOTICE)
    assert not caught.value.for_good
    with pytest.raises(DeliveryFailed) as caught:
        mail(mail_server, port=9).send(address="lin@example.edu.cn", message=NOTICE)
    assert (caught.value.reason, caught.value.for_good) == ("mail_ConnectionRefusedError", False)


def test_who_signs_in_must_know_the_password(mail_server: MailServer) -> None:
    mail_server.password = "right"
    known: dict[str, Any] = {"user": "no-reply", "password": SecretStr("right")}
    mail(mail_server, **known).send(address="lin@example.edu.cn", message=NOTICE)
    assert len(mail_server.mails) == 1
    wrong = {**known, "password": SecretStr("wrong-word")}
    with pytest.raises(DeliveryFailed) as caught:
        mail(mail_server, **wrong).send(address="lin@example.edu.cn", message=NOTICE)
    assert (caught.value.reason, caught.value.for_good) == ("mail_sign_in_535", False)
    assert "wrong-word" not in f"{caught.value!r} {caught.value.__cause__!r}"


def test_over_tls_only_a_server_that_is_trusted_gets_the_mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, another = certificate(tmp_path / "own.pem"), certificate(tmp_path / "another.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own)
    with MailServer(context) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(another))
        with pytest.raises(DeliveryFailed) as caught:
            mail(server, encryption="tls").send(address="lin@example.edu.cn", message=NOTICE)
        assert caught.value.reason == "mail_SSLCertVerificationError"
        monkeypatch.setenv("SSL_CERT_FILE", str(own))
        mail(server, encryption="tls").send(address="lin@example.edu.cn", message=NOTICE)
        assert len(server.mails) == 1


def certificate(path: Path) -> Path:
    """A certificate of this machine, signed by itself, with its key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, path.stem)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return path


def test_without_encryption_where_it_is_asked_for_nothing_is_sent(mail_server: MailServer) -> None:
    """The server does not offer STARTTLS: neither the password nor the mail goes out in the clear."""
    with pytest.raises(DeliveryFailed):
        mail(mail_server, encryption="starttls").send(address="lin@example.edu.cn", message=NOTICE)
    assert mail_server.mails == []


@pytest.mark.parametrize("provider", ["gateway", "aliyun"])
def test_a_text_message_says_which_template_and_what_goes_in(sms_server: SmsServer, provider: str) -> None:
    messenger = sms(sms_server, provider)
    messenger.send(address="13800000000", message=NOTICE)
    messenger.send(address="13800000000", message=CODE)
    notice, code = sms_server.sent
    if provider == "gateway":
        assert notice == {
            "to": "13800000000",
            "sign": "学照通",
            "template": "SMS_2",
            "values": {"title": NOTICE.title},
            "text": NOTICE.title,
        }
        assert (code["template"], code["values"], code["text"]) == ("SMS_1", {"code": "012345"}, CODE.text)
    else:
        assert (notice["PhoneNumbers"], notice["SignName"], notice["TemplateCode"]) == (
            "13800000000",
            "学照通",
            "SMS_2",
        )
        assert notice["TemplateParam"] == '{"title": "照片审核通过"}'
        assert code["TemplateParam"] == '{"code": "012345"}'
        assert notice["SignatureNonce"] != code["SignatureNonce"]


def test_the_signature_is_that_of_the_documented_method() -> None:
    """POST&%2F&<parameters, sorted and encoded twice>, HMAC-SHA1 with the secret and an ampersand."""
    assert aliyun_signature({"b": "2 *~", "a": "中"}, "secret") == "OiDKC4NHChMkkNMl4140dGoBsJA="


@pytest.mark.parametrize(
    ("provider", "status", "code", "body", "reason", "for_good", "address"),
    [
        ("gateway", 500, "", None, "sms_500", False, False),
        ("gateway", 429, "", None, "sms_429", False, False),
        ("gateway", 400, "", None, "sms_400", True, False),
        ("gateway", 422, "", {"address": True}, "sms_422", True, True),
        ("gateway", 422, "", ["odd"], "sms_broken_answer", False, False),
        ("aliyun", 200, "isv.BUSINESS_LIMIT_CONTROL", None, "sms_business_limit_control", False, False),
        ("aliyun", 200, "isv.MOBILE_NUMBER_ILLEGAL", None, "sms_mobile_number_illegal", True, True),
        ("aliyun", 200, "isv.SMS_TEMPLATE_ILLEGAL", None, "sms_sms_template_illegal", True, False),
    ],
)
def test_what_a_provider_refuses_is_understood(
    sms_server: SmsServer,
    provider: str,
    status: int,
    code: str,
    body: object,
    reason: str,
    for_good: bool,
    address: bool,
) -> None:
    sms_server.status, sms_server.code, sms_server.body = status, code, body
    with pytest.raises(DeliveryFailed) as caught:
        sms(sms_server, provider).send(address="13800000000", message=NOTICE)
    failure = caught.value
    assert (failure.reason, failure.for_good, failure.address) == (reason, for_good, address)


def test_a_wrong_secret_needs_a_person(sms_server: SmsServer) -> None:
    with pytest.raises(DeliveryFailed) as caught:
        sms(sms_server, "aliyun", key_secret=SecretStr("wrong")).send(address="13800000000", message=NOTICE)
    assert caught.value.for_good


def test_a_broken_line_is_asked_again(sms_server: SmsServer) -> None:
    sms_server.broken = True
    with pytest.raises(DeliveryFailed) as caught:
        sms(sms_server).send(address="13800000000", message=NOTICE)
    assert not caught.value.for_good


def test_what_is_not_set_up_is_no_channel() -> None:
    settings = load_settings({})
    assert make_mail(settings.mail) is None
    assert make_sms(settings.sms, clock=lambda: NOW) is None
