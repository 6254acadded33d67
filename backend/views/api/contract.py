"""What every operation of the API has in common: what goes in and comes out is written down beside the function.

`@operation(...)` reads and checks what was sent, answers a change that comes twice once, and marks reads with an ETag.
The document at /api/v1/openapi.json is made of the same words: see document.py.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial, wraps
from typing import Annotated, Any, TypeVar

from flask import Response, g, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from backend.errors import Invalid
from backend.programs.operations import answer_under, claim_key, keep_answer, release_key
from backend.programs.rules import Answered
from backend.views import access
from backend.views.uploads import MEDIA_TYPES, PDF

Item = TypeVar("Item")

MAX_BODY = 64 * 1024  # bytes of a JSON body
MAX_KEY = 100  # characters of an idempotency key
PAGE = 50  # rows of a page, at most 200
JPEG = "image/jpeg"
PICTURES = (JPEG, "image/png", "image/heic")
EVIDENCE = (*PICTURES, PDF)
KEPT_PICTURES = tuple(MEDIA_TYPES.values())  # what is given back bears the name that its content has
KEPT_EVIDENCE = (*KEPT_PICTURES, PDF)


class Answer(BaseModel):
    """What we say. Times are in UTC, days as they are in China."""

    model_config = ConfigDict(frozen=True)


class Body(BaseModel):
    """What a program says: nothing unknown, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @field_validator("*")
    @classmethod
    def _plain(cls, value: object) -> object:
        """PostgreSQL keeps no text with a zero byte, and nobody writes one."""
        texts = value.items() if isinstance(value, dict) else [(value,)]
        if any(isinstance(text, str) and "\0" in text for pair in texts for text in pair):
            raise ValueError("a zero byte")
        return value


Next = Annotated[str | None, Field(examples=["YWZ0ZXI6NDI="])]  # the cursor of what comes after this page
Revision = Annotated[int, Field(ge=1, le=2**31 - 1, examples=[1])]


class Seen(Body):
    """The revision that the caller has seen: what moved on since is not changed."""

    seen_revision: Revision


@dataclass(frozen=True)
class Upload:
    """A part of a multipart body with files of these types. evidence: with the limits of evidence, not of photos."""

    name: str
    types: Sequence[str]
    many: bool = False
    needed: bool = True
    evidence: bool = False


@dataclass(frozen=True)
class Part:
    """A part of a multipart body with text."""

    name: str
    example: str
    needed: bool = False
    known: Sequence[str] = ()  # nothing else is taken


@dataclass(frozen=True)
class Asked:
    """A parameter of the query beside `cursor` and `limit`: one of a few known values."""

    name: str
    known: Sequence[str]


LIST: tuple[str, ...] = ("cursor", "limit")  # every list that can grow is read page by page


@dataclass(frozen=True)
class Contract:
    """What one operation takes and gives, as the document says it."""

    answer: type[Answer] | None
    body: type[Body] | None = None
    status: int = 200
    query: Sequence[str | Asked] = ()  # optional query parameters
    uploads: Sequence[Upload] = ()
    fields: Sequence[Part] = ()  # text parts of a multipart body
    errors: Sequence[int] = ()  # beyond those that every operation can give
    media: Sequence[str] = ()  # answers with a file of one of these types
    keyed: bool = True  # a change takes an idempotency key
    raw: str = ""  # media type of a body that is one file
    raw_bytes: int = 0  # of that file, at most


@dataclass(frozen=True)
class Page:
    """Where a list goes on."""

    after: int
    limit: int


FIRST = Page(0, PAGE)


def operation(
    *,
    answer: type[Answer] | None = None,
    body: type[Body] | None = None,
    status: int = 200,
    query: Sequence[str | Asked] = (),
    uploads: Sequence[Upload] = (),
    fields: Sequence[Part] = (),
    errors: Sequence[int] = (),
    media: Sequence[str] = (),
    keyed: bool = True,
) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    """Mark a function as an operation of the API; it gets `body` when it has one, and gives an Answer or a Response."""
    contract = Contract(answer, body, status, query, uploads, fields, errors, media, keyed)

    def mark(view: Callable[..., Any]) -> Callable[..., Response]:
        @wraps(view)
        def run(**values: Any) -> Response:
            if body is not None:
                values["body"] = _read(body)
            if uploads and request.mimetype != "multipart/form-data":
                raise UnsupportedMediaType
            if request.method == "GET":
                return _read_answer(_response(view(**values), status))
            key = request.headers.get("Idempotency-Key") if keyed else None
            return _once(key, lambda: _response(view(**values), status))

        run.contract = contract  # type: ignore[attr-defined]
        return run

    return mark


def page() -> Page:
    """The page that is asked for by `cursor` and `limit`. Raises Invalid."""
    limit = request.args.get("limit", str(PAGE))
    if not (limit.isascii() and limit.isdigit() and len(limit) < 4 and 1 <= int(limit) <= 200):
        raise Invalid({"limit": "range"})
    cursor = request.args.get("cursor")
    if not cursor:
        return Page(0, int(limit))
    try:
        after = base64.urlsafe_b64decode(cursor.encode("ascii")).decode("ascii")
        if not after.startswith("after:") or not after[6:].isdigit() or len(after) > 25:
            raise ValueError
        number = int(after[6:])
        if number > 2**31 - 1:
            raise ValueError
    except ValueError:
        raise Invalid({"cursor": "unknown"}) from None
    return Page(number, int(limit))


def cursor_after(number: int) -> str:
    """The cursor of what comes after this row."""
    return base64.urlsafe_b64encode(f"after:{number}".encode()).decode()


def cut(rows: Sequence[Item], limit: int, number: Callable[[Item], int]) -> tuple[Sequence[Item], str | None]:
    """One row more than asked for was read: the page, and the cursor when there is more."""
    shown = rows[:limit]
    return shown, cursor_after(number(shown[-1])) if len(rows) > limit else None


def before(rows: Sequence[Item], asked: Page, number: Callable[[Item], int]) -> tuple[Sequence[Item], str | None]:
    """A page of rows that stand newest first: those after the cursor, and the cursor when there is more."""
    left = [row for row in rows if not asked.after or number(row) < asked.after]
    return cut(left, asked.limit, number)


def _read(model: type[Body]) -> Body:
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    content = request.stream.read(MAX_BODY + 1)
    g.body_read = content
    if len(content) > MAX_BODY:
        request.max_content_length = MAX_BODY
        raise RequestEntityTooLarge
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        if any(item["type"] == "json_invalid" for item in found):
            raise BadRequest from None
        raise Invalid({".".join(str(part) for part in item["loc"]) or "body": item["type"] for item in found}) from None


def _response(said: Any, status: int) -> Response:
    if isinstance(said, Response):
        return said
    if said is None:
        return Response(status=204)
    return Response(said.model_dump_json(), status=status, mimetype="application/json")


def _read_answer(answer: Response) -> Response:
    """A read: for the asker alone, to be asked again, with a mark that says whether it changed."""
    if answer.headers.get("Cache-Control") != "no-store":  # scans with the viewer's name on them are kept nowhere
        answer.headers["Cache-Control"] = "private, no-cache"
    answer.vary.update(("Authorization", "Accept-Language"))
    if answer.status_code == 200:
        answer.set_etag(hashlib.sha256(answer.get_data()).hexdigest()[:32])
        answer.make_conditional(request)
    return answer


def _once(key: str | None, change: Callable[[], Response]) -> Response:
    """Make the change; a second time under the same key gives the first answer. What was refused may be tried again.

    The key, the change and its answer are one transaction: nothing of it is written without the rest.
    """
    if key is None:
        return _unkept(change())
    if not 1 <= len(key) <= MAX_KEY or not key.isprintable() or not key.isascii():
        raise Invalid({"Idempotency-Key": "length"})
    session, request_hash = access.session(), _request_hash()
    # without a token a key belongs to what was sent with it: nobody gets the answer to somebody else's words
    asker = access.asker() or f"public:{request_hash.hex()[:24]}"
    asked: dict[str, Any] = {"asker": asker, "key": key, "request_hash": request_hash, "now": access.now()}
    before = answer_under(session, **asked)
    if before is not None:
        return _replayed(*before)
    claim, release = partial(claim_key, session, **asked), partial(release_key, session, asker=asker, key=key)
    try:
        with session.together(first=claim, undo=release):
            answer = change()
            said = answer.get_data(as_text=True)
            keep_answer(session, asker=asker, key=key, status=answer.status_code, body=said)
    except Answered as first:  # by a request that was at work at the same time
        return _replayed(first.status, first.body)
    return _unkept(answer)


def _replayed(status: int, text: str) -> Response:
    again = Response(text, status=status, mimetype="application/json") if text else Response(status=status)
    again.headers["Idempotency-Replayed"] = "true"
    return _unkept(again)


def _unkept(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _request_hash() -> bytes:
    """What the request asks for. The boundaries of a multipart body differ from one sending to the next: not they."""
    said = hashlib.sha256(f"{request.method} {request.full_path}\n".encode())
    if request.mimetype == "multipart/form-data":
        for name, values in sorted(request.form.lists()):
            said.update(repr((name, values)).encode())
        for name, files in sorted(request.files.lists(), key=lambda pair: pair[0]):
            for file in files:
                said.update(repr((name, hashlib.sha256(file.stream.read()).hexdigest())).encode())
                file.stream.seek(0)
    else:
        said.update(g.get("body_read", b""))
    return said.digest()
