"""Calls to addresses that another system gave: never inwards, never elsewhere than where was looked."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from backend.adapters import outside
from backend.adapters.outside import LeadsInside, calling
from backend.programs.rules import Address
from tests.stand_ins.server import Exchange, StandIn

THIS_MACHINE = (ip_network("127.0.0.0/8"),)


class Hook(StandIn):
    """Takes calls; `/moved` leads to this machine's door for nobody."""

    def answer(self, exchange: Exchange) -> None:
        if exchange.path == "/moved":
            exchange.redirect(f"{self.address}/inside")
        else:
            exchange.send(exchange.headers["Host"])


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with Hook() as running:
        yield running


def known(*names: str) -> Callable[[str, int], Sequence[Address]]:
    return lambda _host, _port: [ip_address(name) for name in names]


def test_a_call_goes_to_the_address_that_was_looked_up_under_the_name_that_was_given(hook: Hook) -> None:
    looked: list[str] = []

    def once(host: str, _port: int) -> Sequence[Address]:
        looked.append(host)
        return [ip_address("127.0.0.1")] if len(looked) == 1 else [ip_address("127.0.0.9")]

    port = hook.address.rpartition(":")[2]
    call = calling(5, own=THIS_MACHINE, resolve=once)
    assert call(f"http://hooks.college.test:{port}/hook", "{}", {}) == 200
    assert looked == ["hooks.college.test"]
    assert hook.asked == [("POST", "/hook")]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.20.0.7", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.7", "224.0.0.1",
        "::1", "fe80::1", "fd00::7", "::ffff:127.0.0.1", "64:ff9b::a14:7", "2002:7f00:1::",
    ],
)  # fmt: skip
def test_a_name_that_stands_for_an_inside_address_is_not_called(hook: Hook, address: str) -> None:
    port = hook.address.rpartition(":")[2]
    with pytest.raises(LeadsInside):
        calling(5, resolve=known(address))(f"http://hooks.college.test:{port}/hook", "{}", {})
    with pytest.raises(LeadsInside):  # one of several is enough
        calling(5, resolve=known("93.184.216.34", address))(f"http://hooks.college.test:{port}/hook", "{}", {})
    assert hook.asked == []


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.0.0.1", "localhost"])
def test_other_spellings_of_this_machine_are_this_machine(hook: Hook, host: str) -> None:
    port = hook.address.rpartition(":")[2]
    with pytest.raises(LeadsInside):
        calling(5)(f"http://{host}:{port}/hook", "{}", {})
    assert hook.asked == []


def test_a_network_of_the_house_may_be_called_when_the_settings_say_so(hook: Hook) -> None:
    assert calling(5, own=THIS_MACHINE)(f"{hook.address}/hook", "{}", {}) == 200


def test_a_redirect_is_an_answer_and_is_not_followed(hook: Hook) -> None:
    assert calling(5, own=THIS_MACHINE)(f"{hook.address}/moved", "{}", {}) == 302
    assert hook.asked == [("POST", "/moved")]


def test_the_next_address_is_tried_when_one_takes_no_line(hook: Hook) -> None:
    port = hook.address.rpartition(":")[2]
    call = calling(5, own=THIS_MACHINE, resolve=known("127.0.0.77", "127.0.0.1"))
    assert call(f"http://hooks.college.test:{port}/hook", "{}", {}) == 200
    with pytest.raises(httpx.ConnectError):
        calling(5, own=THIS_MACHINE, resolve=known("127.0.0.77"))(f"http://hooks.college.test:{port}/hook", "{}", {})


def test_the_certificate_must_bear_the_name_and_not_the_address(
    hook: Hook, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    trusted, served = certificate_for("hooks.college.test", tmp_path)
    monkeypatch.setattr(outside, "_trusted", lambda: trusted)
    hook.speak_tls(served)
    port = hook.address.rpartition(":")[2]
    call = calling(5, own=THIS_MACHINE, resolve=known("127.0.0.1"))
    assert call(f"https://hooks.college.test:{port}/hook", "{}", {}) == 200
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        call(f"https://others.college.test:{port}/hook", "{}", {})


def certificate_for(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Who trusts it, and who shows it: a certificate that lasts for this test."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem = made.public_bytes(Encoding.PEM)
    (folder / "hook.pem").write_bytes(private + pem)
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(folder / "hook.pem")
    return ssl.create_default_context(cadata=pem.decode()), served
