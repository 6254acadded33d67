"""Bad input at the photo page, through the real engine: a clear page, nothing stored, memory bounded."""

from __future__ import annotations

import io
import resource
import struct
import zlib
from collections.abc import Callable
from functools import cache

import pillow_heif
import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from backend.accounts.records import Account
from backend.history.records import HistoryEntry
from backend.parts import Parts
from backend.photos.records import PhotoDraft
from tests.factories import Factory

ClientOf = Callable[[Account], FlaskClient]


@pytest.fixture
def client(make: Factory, client_of: ClientOf) -> FlaskClient:
    student = make.student()
    make.settle(student)
    return client_of(make.student_account(student))


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def noise(size: tuple[int, int] = (600, 800), mode: str = "RGB") -> Image.Image:
    return Image.effect_noise(size, 60).convert(mode)


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


@cache
def png_bomb(width: int, height: int) -> bytes:
    """A PNG of about a megabyte that unfolds to width x height pixels of nothing."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    row, packer = bytes(1 + 3 * width), zlib.compressobj(1)
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def jpeg_with_size(width: int, height: int) -> bytes:
    """A small JPEG whose header promises another size."""
    content = bytearray(saved(Image.new("RGB", (64, 64)), "JPEG"))
    at = content.index(b"\xff\xc0") + 5
    content[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(content)


def spoiled(content: bytes) -> bytes:
    """The same length, rubbish in the middle."""
    middle = len(content) // 2
    return content[:middle] + b"\xff\x00\xff\xd8" * 50 + content[middle + 200 :]


def animated() -> bytes:
    frames = [Image.new("RGB", (100, 100), colour) for colour in ("red", "blue")]
    return saved(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=100)


def heic(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    pillow_heif.from_pillow(image).save(stream)
    return stream.getvalue()


HOPELESS: dict[str, Callable[[], bytes]] = {
    "text": lambda: "您好".encode() * 100,
    "one byte": lambda: b"\xff",
    "only the mark of a JPEG": lambda: b"\xff\xd8\xff\xe0",
    "only the mark of a PNG": lambda: b"\x89PNG\r\n\x1a\n",
    "only the mark of a HEIC": lambda: b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00",
    "a page": lambda: b"<html><script>alert(1)</script>",
    "a drawing": lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
    "a PDF": lambda: b"%PDF-1.7\n%%EOF",
    "a program": lambda: b"MZ" + bytes(500),
    "an archive": lambda: b"PK\x03\x04" + bytes(500),
    "a film": lambda: b"\x00\x00\x00\x18ftypmp42" + bytes(500),
    "GIF": lambda: saved(noise(), "GIF"),
    "BMP": lambda: saved(noise(), "BMP"),
    "TIFF": lambda: saved(noise(), "TIFF"),
    "WebP": lambda: saved(noise(), "WEBP"),
    "animated PNG": animated,
    "JPEG cut off": lambda: saved(noise(), "JPEG")[:20_000],
    "PNG cut off": lambda: saved(noise(), "PNG")[:20_000],
    "HEIC cut off": lambda: heic(noise((160, 200)))[:2_000],
    "PNG spoiled": lambda: spoiled(saved(noise(), "PNG")),
    "1x1": lambda: saved(Image.new("RGB", (1, 1)), "JPEG"),
    "1x1 PNG": lambda: saved(Image.new("RGB", (1, 1)), "PNG"),
    "a stripe": lambda: saved(noise((2000, 100)), "JPEG"),
    "a promise of 100 megapixels": lambda: jpeg_with_size(12_000, 9_000),
    "a promise of 4 gigapixels": lambda: jpeg_with_size(65_500, 65_500),
    "100 megapixels of nothing": lambda: png_bomb(10_000, 10_000),
}


def send(client: FlaskClient, *files: tuple[str, bytes, str], **form: str) -> TestResponse:
    sent = {**form, **{field: FileStorage(io.BytesIO(content), name) for field, content, name in files}}
    boundary, body = encode_multipart(sent)  # the test client would leave a temporary file open
    return client.post("/photo/check", data=body, content_type=f"multipart/form-data; boundary={boundary}")


def drafts(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(PhotoDraft)) or 0


def entries(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(HistoryEntry)) or 0


@pytest.mark.parametrize("content", HOPELESS.values(), ids=HOPELESS.keys())
def test_what_cannot_be_judged_is_explained_and_leaves_no_trace(
    client: FlaskClient, session: Session, parts: Parts, content: Callable[[], bytes]
) -> None:
    before = entries(session)
    answer = send(client, ("camera", content(), "me.jpg"))
    assert answer.status_code == 422
    assert "这张照片没有收下" in answer.text
    assert "没有保存任何内容" in answer.text
    assert drafts(session) == 0
    assert entries(session) == before
    assert list(parts.files.names()) == []
    assert list(parts.files.leftovers()) == []


def test_a_bomb_does_not_unfold_in_memory(client: FlaskClient) -> None:
    bomb = png_bomb(10_000, 10_000)  # 300 MB of pixels
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(3):
        assert send(client, ("album", bomb, "me.png")).status_code == 422
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024  # KB


JUDGED: dict[str, Callable[[], bytes]] = {
    "no face": lambda: saved(noise(), "JPEG"),
    "CMYK": lambda: saved(noise(mode="CMYK"), "JPEG"),
    "grey": lambda: saved(noise(mode="L"), "JPEG"),
    "16 bit": lambda: saved(Image.new("I;16", (600, 800), 40_000), "PNG"),
    "palette": lambda: saved(noise().convert("P"), "PNG"),
    "transparent": lambda: saved(noise(mode="RGBA"), "PNG"),
    "HEIC": lambda: heic(noise((160, 200))),
    "registration size": lambda: saved(noise((480, 640)), "JPEG"),
    "rubbish after the end": lambda: saved(noise(), "JPEG") + bytes(5000),
    "spoiled in the middle": lambda: spoiled(saved(noise(), "JPEG")),
    "a header of a wrong size": lambda: jpeg_with_size(1_500, 2_000),
    "broken EXIF": lambda: saved(noise(), "JPEG", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff" + bytes(40)),
}


@pytest.mark.parametrize("content", JUDGED.values(), ids=JUDGED.keys())
def test_an_odd_picture_gets_a_result_that_cannot_pass(client: FlaskClient, content: Callable[[], bytes]) -> None:
    answer = send(client, ("camera", content(), "me.jpg"))
    assert answer.status_code in (303, 422)
    if answer.status_code == 303:
        page = client.get(answer.headers["Location"])
        assert page.status_code == 200
        assert "还差一点" in page.text


NAMES = [
    "../../../etc/passwd",
    "C:\\fakepath\\me.jpg",
    "😀🪪.jpg",
    "a" * 5000 + ".jpg",
    "me\x00\x07.jpg",
    '"; drop table',
    "无",
]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_the_name_of_a_file_decides_nothing(client: FlaskClient, parts: Parts, name: str) -> None:
    answer = send(client, ("camera", saved(noise(), "JPEG"), name))
    assert answer.status_code == 303
    assert all(len(stored) == 64 for stored, _ in parts.files.names())


def test_no_file_two_files_and_empty_files_have_their_sentences(
    client: FlaskClient, session: Session, parts: Parts
) -> None:
    good = saved(noise(), "JPEG")
    for answer, sentence in [
        (client.post("/photo/check"), "还没有选照片"),
        (client.post("/photo/check", data={"camera": "me.jpg"}), "还没有选照片"),
        (send(client, ("photo", good, "me.jpg")), "还没有选照片"),
        (send(client, ("camera", b"", ""), ("album", b"", "")), "还没有选照片"),
        (send(client, ("camera", good, "a.jpg"), ("album", good, "b.jpg")), "一次只检测一张"),
        (send(client, ("camera", b"", "me.jpg")), "文件是空的"),
    ]:
        assert answer.status_code == 422
        assert sentence in answer.text
        chosen = sentence != "还没有选照片"
        assert ("这张照片没有收下" in answer.text) == ("请换一张再试" in answer.text) == chosen
    assert drafts(session) == 0
    assert list(parts.files.names()) == []


def test_a_file_over_the_limit_is_refused(client: FlaskClient, session: Session, parts: Parts) -> None:
    most = parts.settings.photos.max_bytes
    answer = send(client, ("camera", saved(noise(), "JPEG") + bytes(most), "me.jpg"))
    assert answer.status_code == 413
    assert f"照片太大了，最多 {most // 2**20} MB" in answer.text
    assert "证明材料" not in answer.text
    assert drafts(session) == 0


def test_a_body_over_the_limit_is_refused_before_it_is_parsed(
    client: FlaskClient, session: Session, parts: Parts
) -> None:
    answer = send(client, ("camera", bytes(40 * 2**20), "me.jpg"))
    assert answer.status_code == 413
    assert "文件太大" in answer.text
    assert drafts(session) == 0
    assert list(parts.files.names()) == []


def test_a_body_that_is_no_form_is_no_picture(client: FlaskClient) -> None:
    for content_type in ("image/jpeg", "application/json", "multipart/form-data", "multipart/form-data; boundary="):
        answer = client.post("/photo/check", data=saved(noise(), "JPEG"), content_type=content_type)
        assert answer.status_code in (400, 422)


def test_many_parts_are_refused(client: FlaskClient) -> None:
    answer = send(client, **{f"field{number}": "x" for number in range(300)})
    assert answer.status_code == 413


def test_nothing_is_read_before_the_student_may(make: Factory, client_of: ClientOf, parts: Parts) -> None:
    answer = send(client_of(make.student_account()), ("camera", saved(noise(), "JPEG"), "me.jpg"))
    assert answer.headers["Location"] == "/enrollment?because=data_not_confirmed"
    assert list(parts.files.names()) == []
