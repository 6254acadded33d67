"""Files that are broken, hostile or unusual: each is a named error or a finding, never a crash."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pillow_heif
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from backend.adapters.faces import FaceNetworks
from backend.compliance import decode
from backend.compliance.assess import Unreadable, assess
from backend.compliance.boxes import TooMuch, ensure_bounded
from backend.compliance.codes import Code
from backend.compliance.decode import UNREADABLE_REASONS, mode_for, open_source, pixels
from backend.compliance.findings import Mode, PictureVerdict, Report, Verdict
from backend.compliance.standard import Standard
from backend.compliance.structure import structure_of
from tests import images
from tests.compliance import heif
from tests.compliance.conftest import Judge
from tests.compliance.hostile import EXIF_PART, PHOTOSHOP_PART, REFUSED, scans, segments
from tests.compliance.portraits import Studio

GREY = np.full((200, 150, 3), 128, np.uint8)


def animated_png() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(GREY).save(buffer, "PNG", save_all=True, append_images=[Image.fromarray(GREY // 2)])
    return buffer.getvalue()


WHOLE = images.jpeg(images.astronaut())
BROKEN = {
    "empty": (b"", "empty"),
    "text": (b"hello, this is no picture", "not_a_picture"),
    "gif": (images.encoded(GREY, "GIF"), "unsupported_type"),
    "bmp": (images.encoded(GREY, "BMP"), "unsupported_type"),
    "webp": (images.encoded(GREY, "WEBP"), "unsupported_type"),
    "pdf": (b"%PDF-1.7\n", "unsupported_type"),
    "one pixel": (images.jpeg(GREY[:1, :1]), "too_small"),
    "a strip": (images.jpeg(np.full((1000, 80, 3), 9, np.uint8)), "too_narrow"),
    "animated": (animated_png(), "animated"),
    "cut JPEG": (WHOLE[: len(WHOLE) // 2], "truncated"),
    "cut PNG": (images.encoded(images.astronaut(), "PNG")[:9000], "truncated"),
    "only a JPEG header": (WHOLE[:12], "truncated"),
}


@pytest.mark.parametrize(("content", "reason"), BROKEN.values(), ids=BROKEN)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_file_that_cannot_be_judged_says_why(content: bytes, reason: str, judge: Judge) -> None:
    with pytest.raises(Unreadable) as raised:
        judge(content, mode=Mode.CAPTURE)
    assert raised.value.reason == reason


def test_a_file_beyond_the_byte_limit_is_not_decoded(judge: Judge, standard: Standard) -> None:
    with pytest.raises(Unreadable) as raised:
        judge(WHOLE + b"\0" * standard.intake.max_bytes)
    assert raised.value.reason == "too_many_bytes"


@pytest.mark.parametrize(("make", "reason"), REFUSED.values(), ids=REFUSED)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_file_made_to_keep_a_machine_busy_is_refused_unread(
    make: Callable[[], bytes], reason: str, judge: Judge
) -> None:
    with pytest.raises(Unreadable) as raised:
        judge(make(), mode=Mode.CAPTURE)
    assert raised.value.reason == reason


@pytest.mark.parametrize("content", [scans(40), segments(500)], ids=["50 scans", "500 segments"])
def test_more_parts_than_usual_are_still_read(content: bytes, standard: Standard) -> None:
    source = open_source(content, standard.intake)
    assert pixels(source, at_least=source.size).shape[2] == 3


def test_a_jpeg_in_several_passes_is_held_whole(standard: Standard) -> None:
    part = images.astronaut()
    assert structure_of(images.jpeg(part, progressive=True), "JPEG").held_whole
    assert not structure_of(images.jpeg(part), "JPEG").held_whole
    assert not structure_of(images.jpeg(part[..., 0]), "JPEG").held_whole
    small = replace(standard.intake, max_pixels_whole=100_000)
    assert open_source(images.jpeg(part), small).size == (512, 512)
    with pytest.raises(Unreadable, match="too_many_pixels"):
        open_source(images.jpeg(part, progressive=True), small)


def test_the_mode_is_found_without_reading_what_would_never_end() -> None:
    assert mode_for(segments(100_000)) is Mode.CAPTURE


def test_a_cut_heif_is_a_named_error(judge: Judge) -> None:
    pillow_heif.register_heif_opener(thumbnails=False)
    whole = images.encoded(images.astronaut(), "HEIF", quality=60)
    assert judge(whole, mode=Mode.CAPTURE).finding(Code.FILE_FORMAT) is not None
    with pytest.raises(Unreadable):
        judge(whole[: len(whole) // 2], mode=Mode.CAPTURE)


def outcome(content: bytes, mode: Mode, standard: Standard, analyser: FaceNetworks) -> Report | str:
    try:
        return assess(content, file_name="x", mode=mode, standard=standard, profile="base", analyser=analyser).report
    except Unreadable as error:
        return error.reason


def seeds() -> list[bytes]:
    """One small picture of each kind that is taken: what is damaged below."""
    pillow_heif.register_heif_opener(thumbnails=False)
    part = images.astronaut()[:300, 100:340]
    deep = Image.fromarray(part[..., 0].astype(np.uint16) * 257)
    exif = Image.Exif()
    exif[0x0112], exif[0x0131] = 6, "a program"
    encoded = [images.encoded(part, "HEIF", quality=50), images.encoded(GREY, "PNG"), images.jpeg(GREY)]
    encoded += [images.jpeg(part), images.jpeg(part, progressive=True, exif=exif.tobytes())]
    for picture in (Image.fromarray(part).convert("P"), Image.fromarray(part).convert("RGBA"), deep):
        buffer = io.BytesIO()
        picture.save(buffer, "PNG")
        encoded.append(buffer.getvalue())
    return encoded


SEEDS = seeds()
BOXES = heif.grid(2, 2, of_grids=2)[:1000]


@settings(
    max_examples=60, deadline=4000, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_damaged_bytes_end_in_a_report_or_a_named_error(
    data: st.DataObject, standard: Standard, analyser: FaceNetworks
) -> None:
    content = bytearray(data.draw(st.sampled_from(SEEDS)))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(1, len(content)))
    mode = data.draw(st.sampled_from([Mode.FINAL, Mode.CAPTURE]))
    result = outcome(bytes(content[:cut]) if data.draw(st.booleans()) else bytes(content), mode, standard, analyser)
    assert isinstance(result, Report) or result in UNREADABLE_REASONS


@settings(max_examples=60, deadline=4000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(max_size=300),
    start=st.sampled_from([b"", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"\0\0\0\x18ftypheic"]),
)
def test_any_bytes_end_in_a_named_error(
    content: bytes, start: bytes, standard: Standard, analyser: FaceNetworks
) -> None:
    assert outcome(start + content, Mode.CAPTURE, standard, analyser) in UNREADABLE_REASONS


@pytest.mark.parametrize("size", [(60, 60), (61, 240), (480, 640), (640, 480), (200, 799)])
def test_odd_sizes_do_not_crash(size: tuple[int, int], judge: Judge) -> None:
    width, height = size
    for mode in (Mode.FINAL, Mode.CAPTURE, Mode.FRAME):
        report = judge(images.jpeg(np.full((height, width, 3), 200, np.uint8)), mode=mode)
        assert report.finding(Code.NO_FACE).verdict is Verdict.BAD  # type: ignore[union-attr]


def test_unusual_pictures_are_read(studio: Studio, judge: Judge) -> None:
    picture = Image.fromarray(studio.straight)
    deep = Image.fromarray((studio.straight[..., 0].astype(np.uint16)) * 257)
    for image, kind in (
        (picture.convert("CMYK"), "JPEG"),
        (picture.convert("RGBA"), "PNG"),
        (picture.convert("P"), "PNG"),
        (picture.convert("L"), "JPEG"),
        (deep, "PNG"),
        (picture.convert("1"), "PNG"),
    ):
        buffer = io.BytesIO()
        image.save(buffer, kind)
        assert judge(buffer.getvalue(), mode=Mode.CAPTURE).frame is not None, image.mode


def test_grey_and_cmyk_do_not_pass_as_24_bits(studio: Studio, judge: Judge) -> None:
    for bands, bits in (("L", 8), ("CMYK", 32)):
        buffer = io.BytesIO()
        Image.fromarray(studio.straight).convert(bands).save(buffer, "JPEG")
        for mode in (Mode.FINAL, Mode.CAPTURE):
            report = judge(buffer.getvalue(), mode=mode)
            assert report.finding(Code.COLOR_DEPTH).value == bits  # type: ignore[union-attr]
            assert report.verdict is PictureVerdict.RETAKE


def test_the_orientation_is_applied_once(standard: Standard) -> None:
    wide = np.zeros((200, 300, 3), np.uint8)
    wide[:, :30] = (255, 0, 0)
    exif = Image.Exif()
    exif[0x0112] = 6  # turn clockwise to see it
    source = open_source(images.jpeg(wide, exif=exif.tobytes()), standard.intake)
    seen = pixels(source, at_least=source.size)
    assert source.size == (200, 300)
    assert seen.shape[:2] == (300, 200)
    assert seen[:20, :, 0].mean() > 200  # what was left is now on top


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_picture_is_turned_as_its_metadata_says(turn: int, standard: Standard) -> None:
    exif = Image.Exif()
    exif[0x0112] = turn
    stored = Image.fromarray(images.astronaut()[:300, 100:340])
    content = images.encoded(np.asarray(stored), "PNG", exif=exif.tobytes())
    with Image.open(io.BytesIO(content)) as opened:
        expected = ImageOps.exif_transpose(opened)
    source = open_source(content, standard.intake)
    seen = pixels(source, at_least=source.size)
    assert source.size == expected.size
    assert np.array_equal(seen, np.asarray(expected))


@pytest.mark.parametrize("side", [300, 1400], ids=["whole", "reduced"])
def test_metadata_that_is_none_does_not_stop_the_reading(side: int, standard: Standard) -> None:
    note = PngInfo()
    note.add_text("Raw profile type exif", "\nexif\n  4\nno hexadecimal number", zip=True)
    content = images.encoded(np.full((side, side, 3), 90, np.uint8), "PNG", pnginfo=note)
    source = open_source(content, standard.intake)
    assert pixels(source, at_least=(300, 300)).shape[:2] in ((300, 300), (350, 350))


def test_as_much_metadata_as_programs_write_is_read(standard: Standard) -> None:
    content = segments(4, EXIF_PART + PHOTOSHOP_PART)
    assert pixels(open_source(content, standard.intake), at_least=(512, 512)).shape == (512, 512, 3)


def test_a_heif_in_tiles_and_turned_is_read(standard: Standard) -> None:
    source = open_source(heif.grid(2, 3, [heif.turned(1), heif.profile(5000)], repeated=3), standard.intake)
    assert source.size == (1024, 1536)
    assert pixels(source, at_least=source.size).shape == (1536, 1024, 3)


def test_pictures_made_of_pictures_that_are_made_of_others_are_not_decoded() -> None:
    ensure_bounded(heif.grid(2, 2, of_grids=2))
    with pytest.raises(TooMuch):  # the decoder reads all of them before it says that they are corrupt
        ensure_bounded(heif.grid(9, 9, of_grids=3))


@pytest.mark.parametrize("kind", [b"ipma", b"ipco"])
def test_a_box_that_ends_at_once_is_left_to_the_decoder(kind: bytes) -> None:
    ensure_bounded(heif.full(b"meta", heif.box(b"iprp", heif.box(kind, b""))))


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_damaged_boxes_are_left_to_the_decoder_or_refused(data: st.DataObject) -> None:
    content = bytearray(BOXES)
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(TooMuch):
        ensure_bounded(bytes(content[: data.draw(st.integers(0, len(content)))]))


def test_a_profile_of_many_megabytes_is_not_applied(standard: Standard, monkeypatch: pytest.MonkeyPatch) -> None:
    applied: list[bytes] = []
    monkeypatch.setattr(decode, "_through_profile", lambda image, profile: applied.append(profile) or image)
    for size in (1000, 5_000_000):
        source = open_source(images.jpeg(GREY, icc_profile=bytes(size)), standard.intake)
        pixels(source, at_least=source.size)
    assert [len(profile) for profile in applied] == [1000]


def test_a_picture_is_final_only_as_a_480x640_jpeg(studio: Studio) -> None:
    assert mode_for(images.jpeg(studio.straight)) is Mode.FINAL
    assert mode_for(images.encoded(studio.straight, "PNG")) is Mode.CAPTURE
    assert mode_for(WHOLE) is Mode.CAPTURE
    assert mode_for(b"nothing") is Mode.CAPTURE


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "CMYK", "L", "P", "I;16"])
def test_a_large_picture_read_in_strips_is_the_picture_read_whole(mode: str, standard: Standard) -> None:
    large = Image.fromarray(images.astronaut()).resize((1536, 2048))
    picture = Image.fromarray(np.asarray(large.convert("L")).astype(np.uint16) * 257) if mode == "I;16" else None
    buffer = io.BytesIO()
    (picture or large.convert(mode)).save(buffer, "JPEG" if mode == "CMYK" else "PNG")
    source = open_source(buffer.getvalue(), standard.intake)
    whole, small = pixels(source, at_least=source.size), pixels(source, at_least=(500, 660))
    assert whole.shape == (2048, 1536, 3)
    assert small.shape[:2] in ((682, 512), (1024, 768))  # a JPEG can only be halved
    again = np.asarray(Image.fromarray(whole).resize(small.shape[1::-1], Image.Resampling.BOX))
    assert np.abs(again.astype(int) - small).mean() < 3


def test_a_large_heif_is_read_in_strips(standard: Standard) -> None:
    pillow_heif.register_heif_opener(thumbnails=False)
    large = np.asarray(Image.fromarray(images.astronaut()).resize((1536, 2048)))
    source = open_source(images.encoded(large, "HEIF", quality=80), standard.intake)
    assert pixels(source, at_least=source.size).shape == (2048, 1536, 3)
    small = pixels(source, at_least=(500, 660))
    expected = np.asarray(Image.fromarray(large[:2046]).reduce(3))
    assert np.abs(small.astype(int) - expected).mean() < 3
