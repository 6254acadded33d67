"""Mail and text messages: what leaves the house, each by one way."""

from __future__ import annotations

import base64
import hmac
import json
import secrets
import smtplib
import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from urllib.parse import quote

import httpx

from backend.adapters.outside import client
from backend.ports import DeliveryFailed, Messenger, Outgoing
from backend.settings import Mail, Sms

# SMTP: 5xx is for good, 4xx for now; these say that the mailbox itself is not there or refuses us
NO_SUCH_MAILBOX = {550, 551, 553, 521, 556}


class MailMessenger:
    """Plain text by SMTP. One connection for one message: few are sent, and a kept line breaks unseen."""

    def __init__(self, settings: Mail) -> None:
        self._settings = settings

    def send(self, *, address: str, message: Outgoing) -> None:
        settings = self._settings
        mail = self._mail(address, message)
        try:
            with self._connected() as line:
                if settings.user:
                    line.login(settings.user, settings.password.get_secret_value())
                line.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            code = max(code for code, _ in error.recipients.values())
            raise DeliveryFailed(f"mail_{code}", for_good=code >= 500, address=code in NO_SUCH_MAILBOX) from None
        except smtplib.SMTPAuthenticationError as error:
            raise DeliveryFailed(f"mail_sign_in_{error.smtp_code}") from None
        except smtplib.SMTPResponseException as error:
            raise DeliveryFailed(f"mail_{error.smtp_code}", for_good=error.smtp_code >= 500) from None
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryFailed(f"mail_{type(error).__name__}"[:40]) from None

    def _connected(self) -> smtplib.SMTP:
        settings, safe = self._settings, ssl.create_default_context()
        if settings.encryption == "tls":
            return smtplib.SMTP_SSL(settings.host, settings.port, timeout=settings.timeout_seconds, context=safe)
        line = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout_seconds)
        if settings.encryption == "starttls":
            try:
                line.starttls(context=safe)
            except BaseException:
                line.close()
                raise
        return line

    def _mail(self, address: str, message: Outgoing) -> EmailMessage:
        name, sender = parseaddr(self._settings.sender)
        mail = EmailMessage()
        mail["From"] = Address(display_name=name, addr_spec=sender)
        mail["To"] = Address(addr_spec=address)
        mail["Subject"] = message.title
        mail["Date"] = format_datetime(message.at)
        mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2] or None)
        mail["Auto-Submitted"] = "auto-generated"  # holiday notes are not sent back
        mail.set_content("\n\n".join(part for part in (message.text, message.link, message.foot) if part) + "\n")
        return mail


class SmsMessenger:
    """Text messages by one HTTP request. Providers differ in how the request is written and the answer read."""

    def __init__(self, settings: Sms, *, clock: Callable[[], datetime]) -> None:
        self._settings, self._clock = settings, clock

    def send(self, *, address: str, message: Outgoing) -> None:
        template = self._settings.template_code if message.code else self._settings.template_notice
        values = {"code": message.code} if message.code else {"title": message.title}
        write, read = PROVIDERS[self._settings.provider]
        request = write(self._settings, address, template, values, message, self._clock())
        try:
            with client(timeout=self._settings.timeout_seconds) as line:
                answer = line.send(request)
        except httpx.HTTPError as error:
            raise DeliveryFailed(f"sms_{type(error).__name__}"[:40]) from None
        if answer.status_code == 429 or answer.status_code >= 500:
            raise DeliveryFailed(f"sms_{answer.status_code}")
        try:
            read(answer)
        except (ValueError, AttributeError, TypeError):
            raise DeliveryFailed("sms_broken_answer") from None


def _write_gateway(
    settings: Sms, address: str, template: str, values: Mapping[str, str], message: Outgoing, _now: datetime
) -> httpx.Request:
    """The college's own gateway: a JSON object by POST, the secret as bearer token."""
    body = {
        "to": address,
        "sign": settings.sign_name,
        "template": template,
        "values": dict(values),
        "text": message.text if message.code else message.title,
    }
    secret = settings.key_secret.get_secret_value()
    return httpx.Request(
        "POST", settings.url, json=body, headers={"Authorization": f"Bearer {secret}"} if secret else {}
    )


def _read_gateway(answer: httpx.Response) -> None:
    """2xx is taken; {"reason": "...", "address": true} says that the number refuses us."""
    if answer.is_success:
        return
    said = answer.json() if answer.headers.get("Content-Type", "").startswith("application/json") else {}
    raise DeliveryFailed(f"sms_{answer.status_code}", for_good=True, address=said.get("address") is True)


def _write_aliyun(
    settings: Sms, address: str, template: str, values: Mapping[str, str], _message: Outgoing, now: datetime
) -> httpx.Request:
    """SendSms of Alibaba Cloud (version 2017-05-25), signed with HMAC-SHA1 over the sorted parameters."""
    parameters = {
        "AccessKeyId": settings.key_id,
        "Action": "SendSms",
        "Format": "JSON",
        "PhoneNumbers": address,
        "SignName": settings.sign_name,
        "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": secrets.token_hex(16),
        "SignatureVersion": "1.0",
        "TemplateCode": template,
        "TemplateParam": json.dumps(dict(values), ensure_ascii=False),
        "Timestamp": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "Version": "2017-05-25",
    }
    parameters["Signature"] = aliyun_signature(parameters, settings.key_secret.get_secret_value())
    return httpx.Request("POST", settings.url, data=parameters)


def aliyun_signature(parameters: Mapping[str, str], secret: str) -> str:
    """The signature of a POST request, base64."""

    def encoded(text: str) -> str:
        return quote(text, safe="~")

    line = "&".join(f"{encoded(name)}={encoded(parameters[name])}" for name in sorted(parameters))
    text = f"POST&{encoded('/')}&{encoded(line)}"
    return base64.b64encode(hmac.digest(f"{secret}&".encode(), text.encode(), "sha1")).decode()


# Alibaba Cloud's codes: the number is wrong or has refused; asking later helps
ALIYUN_ADDRESS = {"isv.MOBILE_NUMBER_ILLEGAL", "isv.BLACK_KEY_CONTROL_LIMIT", "isv.MOBILE_IN_BLACK"}
ALIYUN_LATER = {"isv.BUSINESS_LIMIT_CONTROL", "isp.SYSTEM_ERROR", "isv.DAY_LIMIT_CONTROL", "isv.AMOUNT_NOT_ENOUGH"}


def _read_aliyun(answer: httpx.Response) -> None:
    code = answer.json().get("Code")
    if code != "OK":
        short = str(code).rpartition(".")[2].lower()[:35]
        raise DeliveryFailed(f"sms_{short}", for_good=code not in ALIYUN_LATER, address=code in ALIYUN_ADDRESS)


Write = Callable[[Sms, str, str, Mapping[str, str], Outgoing, datetime], httpx.Request]
PROVIDERS: dict[str, tuple[Write, Callable[[httpx.Response], None]]] = {
    "gateway": (_write_gateway, _read_gateway),
    "aliyun": (_write_aliyun, _read_aliyun),
}


def make_mail(settings: Mail) -> Messenger | None:
    return MailMessenger(settings) if settings.host else None


def make_sms(settings: Sms, *, clock: Callable[[], datetime]) -> Messenger | None:
    return SmsMessenger(settings, clock=clock) if settings.provider != "off" else None
