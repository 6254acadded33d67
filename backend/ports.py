"""What the core needs from outside, as Protocols. Adapters implement them; the core never imports an adapter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from backend.compliance.observed import FaceBox, Grey, Mesh, Rgb


class FileStore(Protocol):
    """Bytes under a name that tells nothing: the SHA-256 of the content, in hex."""

    def put(self, content: bytes) -> str:
        """Keep the content durably (on disk before this returns) and give its name. Putting it twice is harmless."""

    def get(self, name: str) -> bytes:
        """The content. Raises FileMissing when there is none, FileDamaged when it does not match its name."""

    def delete(self, name: str) -> None:
        """Forget the content; a name that is not there is no error."""

    def names(self) -> Iterator[tuple[str, datetime]]:
        """Every name kept, with the time of writing (UTC)."""


class JobQueue(Protocol):
    """Work to do later, written in the same transaction as the fact that asks for it."""

    def enqueue(
        self,
        session: Session,
        *,
        kind: str,
        payload: Mapping[str, Any],
        run_at: datetime,
        key: str | None = None,
    ) -> None:
        """Add one job. With a key, a second one under the same key is not added while the first is still open."""


@dataclass(frozen=True)
class Outgoing:
    """A message on its way out of the house: no personal data but the address. link: empty without public_url."""

    title: str
    text: str
    link: str
    at: datetime
    foot: str = ""  # where there is room: who sends this and how to stop it
    code: str = ""  # a verification code: the message is nothing else


class DeliveryFailed(Exception):
    """A channel could not deliver; `reason` is a short code without personal data.

    for_good: trying again would not help. address: the address itself is wrong or refuses us.
    """

    def __init__(self, reason: str, *, for_good: bool = False, address: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.for_good, self.address = reason, for_good or address, address


class Messenger(Protocol):
    """A channel that reaches a person outside the application."""

    def send(self, *, address: str, message: Outgoing) -> None:
        """Deliver, or raise DeliveryFailed with the reason."""


@dataclass(frozen=True)
class Visitor:
    """Somebody at WeChat. snapshot: a virtual account that WeChat lends to look at a snapshot of the page."""

    openid: str
    snapshot: bool = False


class WechatPlatform(Protocol):
    """WeChat's server. Every call raises WechatTrouble when it does not do it."""

    def token(self, *, force: bool) -> tuple[str, int]:
        """The access token and its seconds. force: a new one, although the old one is good."""

    def ticket(self, token: str) -> tuple[str, int]:
        """The ticket with which pages are signed, and its seconds."""

    def visitor(self, code: str) -> Visitor:
        """Who came from the silent authorisation of the official account."""

    def mini_visitor(self, code: str) -> Visitor:
        """Who called wx.login in the mini program."""

    def send_template(self, token: str, *, openid: str, message: Outgoing) -> None:
        """A template message to a follower of the official account."""

    def send_permitted(self, token: str, *, openid: str, scene: int, message: Outgoing) -> None:
        """The one message that the person has allowed under this number."""


@dataclass(frozen=True)
class Identity:
    """Somebody whom a sign-on server vouches for.

    outside: what it calls this session, subject: what it calls the person, where it can end sessions by that.
    """

    name: str
    outside: str | None = None
    subject: str | None = None


@dataclass(frozen=True)
class Ended:
    """What has ended at a sign-on server: the session `outside`, or without that all of `subject`."""

    outside: str | None = None
    subject: str | None = None


class SignOn(Protocol):
    """The college's single sign-on. The browser goes there and comes back; the server vouches for who it is."""

    def start(self, *, back: str) -> tuple[str, dict[str, str]]:
        """Where the browser goes, and what its cookie keeps until it is back at the address `back`."""

    def finish(self, *, answer: Mapping[str, str], kept: Mapping[str, str], back: str, now: datetime) -> Identity:
        """Who came back. Raises SignOnFailed with the reason."""

    def ended(self, *, form: Mapping[str, str], now: datetime) -> Ended | None:
        """What the server says has ended, in the words of Identity; None when the message proves nothing."""

    def sign_out(self, *, back: str) -> str | None:
        """Where the person can sign out there too; None when the server has no such page."""


class FaceAnalyser(Protocol):
    """Models that see faces. Pictures are (height, width, 3) uint8 sRGB; answers are in pixels of the picture given."""

    def faces(self, rgb: Rgb) -> tuple[FaceBox, ...]:
        """Every face, the largest first; small and partly hidden ones too."""

    def mesh(self, rgb: Rgb, face: FaceBox, *, blendshapes: bool = True) -> Mesh:
        """The 478 points of that face."""

    def person(self, rgb: Rgb, *, small: bool = False) -> Grey:
        """How much each pixel belongs to a person, hair and clothes included: (height, width), 0..1.

        small: rgb is little more than a head; it is seen as finely as in a whole picture, in a third of the time.
        """

    def make_room(self) -> None:
        """Give back the memory that this thread keeps for the next picture, which takes 50 ms longer then."""
