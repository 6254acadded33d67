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


class Messenger(Protocol):
    """A channel that reaches a person outside the application."""

    channel: str

    def send(self, *, address: str, title: str, text: str) -> None:
        """Deliver, or raise DeliveryFailed with the reason."""


@dataclass(frozen=True)
class Identity:
    """Somebody whom a sign-on server vouches for; outside: what it calls this session, when it can end it."""

    name: str
    outside: str | None = None


class SignOn(Protocol):
    """The college's single sign-on. The browser goes there and comes back; the server vouches for who it is."""

    def start(self, *, back: str) -> tuple[str, dict[str, str]]:
        """Where the browser goes, and what its cookie keeps until it is back at the address `back`."""

    def finish(self, *, answer: Mapping[str, str], kept: Mapping[str, str], back: str, now: datetime) -> Identity:
        """Who came back. Raises SignOnFailed with the reason."""

    def ended(self, *, form: Mapping[str, str], now: datetime) -> str | None:
        """The session (Identity.outside) that the server says has ended; None when the message proves nothing."""

    def sign_out(self, *, back: str) -> str | None:
        """Where the person can sign out there too; None when the server has no such page."""


class FaceAnalyser(Protocol):
    """Models that see faces. Pictures are (height, width, 3) uint8 sRGB; answers are in pixels of the picture given."""

    def faces(self, rgb: Rgb) -> tuple[FaceBox, ...]:
        """Every face, the largest first; small and partly hidden ones too."""

    def mesh(self, rgb: Rgb, face: FaceBox, *, blendshapes: bool = True) -> Mesh:
        """The 478 points of that face."""

    def person(self, rgb: Rgb) -> Grey:
        """How much each pixel belongs to a person, hair and clothes included: (height, width), 0..1."""
