"""From bytes to pixels, within limits: the one module that decodes pictures.

How the file is put together and its header are looked at first; limits are checked before a pixel is decoded; the
orientation is applied once; big JPEGs are decoded at a fraction of their size when that has enough pixels.
"""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image, ImageCms

from backend.compliance.findings import Mode
from backend.compliance.observed import Rgb
from backend.compliance.standard import Intake
from backend.compliance.structure import Structure, Unbounded, structure_of

UNREADABLE_REASONS = (
    "empty",  # no bytes
    "too_many_bytes",  # more than the intake limit
    "not_a_picture",  # no picture type recognised in the content
    "unsupported_type",  # a picture or document, but not JPEG, PNG or HEIF
    "animated",  # several pictures in a row
    "too_many_pixels",  # the header promises more than may be decoded
    "too_small",  # a side shorter than the intake limit
    "too_narrow",  # one side many times as long as the other
    "truncated",  # the end is missing
    "corrupt",  # the content cannot be decoded, or only with more work than any picture needs
)

REGISTRATION_SIZE = (480, 640)
MOST_OF_PROFILE = 4 * 1024 * 1024  # bytes, read for each strip: phones write below 1 KB, printers 3 MB at most
STRIP = 512  # rows of a large picture that are converted at a time
TURNS = {  # what Exif says of how the picture was held -> how it is turned to be seen upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
AVERAGED = frozenset({"RGB", "RGBA", "CMYK", "L"})

_heif_registered = False
_register_lock = threading.Lock()


class Unreadable(Exception):
    """The bytes are no picture that can be judged. `reason` is one of UNREADABLE_REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Metadata:
    """What the file says about itself.

    kind:     "JPEG", "PNG" or "HEIF", by content.
    bits:     bits per pixel as stored: 24 for colour, 8 for grey, 32 for CMYK or colour with transparency, ...
    bands:    the stored bands, for instance "RGB", "L", "CMYK".
    dpi:      horizontal and vertical density, None when the file states none.
    tables:   JPEG quantisation tables, 64 numbers each; empty for other types.
    software: the program that the file names, "" when it names none.
    taken:    the date of capture as stored, "YYYY:MM:DD ..." , "" when absent.
    """

    kind: str
    bits: int
    bands: str
    dpi: tuple[float, float] | None
    tables: tuple[tuple[int, ...], ...]
    software: str
    taken: str


@dataclass(frozen=True)
class Source:
    """A picture file that passed the limits, not yet decoded.

    size: width and height as a person sees it, orientation applied.
    turned: width and height change places between the stored and the seen picture.
    held_whole: every stored pixel will be in memory at once.
    """

    content: bytes
    size: tuple[int, int]
    turned: bool
    held_whole: bool
    metadata: Metadata


def kind_of(content: bytes) -> str:
    """ "JPEG", "PNG" or "HEIF" by the first bytes. Raises Unreadable: unsupported_type or not_a_picture."""
    if content[:3] == b"\xff\xd8\xff":
        return "JPEG"
    if content[:8] == b"\x89PNG\r\n\x1a\n":
        return "PNG"
    if content[4:8] == b"ftyp" and content[8:12] in HEIF_BRANDS:
        return "HEIF"
    if content.startswith(OTHER_SIGNATURES) or content[4:8] == b"ftyp":
        raise Unreadable("unsupported_type")
    raise Unreadable("not_a_picture")


HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1"})
OTHER_SIGNATURES = (
    b"GIF8",
    b"BM",
    b"II*\x00",
    b"MM\x00*",
    b"RIFF",
    b"%PDF",
    b"PK\x03\x04",
    b"8BPS",
    b"<svg",
    b"<?xml",
)


def open_source(content: bytes, intake: Intake) -> Source:
    """Check everything that can be known without decoding. Raises Unreadable."""
    if not content:
        raise Unreadable("empty")
    if len(content) > intake.max_bytes:
        raise Unreadable("too_many_bytes")
    kind = kind_of(content)
    held_whole = _structure(content, kind).held_whole
    with _opened(content, kind) as image:
        width, height = image.size
        _check_size(width, height, intake.max_pixels_whole if held_whole else intake.max_pixels, intake)
        if kind == "PNG" and getattr(image, "is_animated", False):
            raise Unreadable("animated")
        turned = kind != "HEIF" and _orientation(image) in (5, 6, 7, 8)  # HEIF is turned by its decoder
        size = (height, width) if turned else (width, height)
        return Source(content, size, turned, held_whole, _metadata(image, kind))


def mode_for(content: bytes) -> Mode:
    """FINAL for a JPEG of exactly 480x640 pixels, else CAPTURE (also for what cannot be read)."""
    try:
        if kind_of(content) != "JPEG":
            return Mode.CAPTURE
        _structure(content, "JPEG")
        with _opened(content, "JPEG") as image:
            return Mode.FINAL if image.size == REGISTRATION_SIZE else Mode.CAPTURE
    except Unreadable:
        return Mode.CAPTURE


def pixels(source: Source, *, at_least: tuple[int, int]) -> Rgb:
    """As `read`, as numbers: (height, width, 3)."""
    return np.asarray(read(source, at_least=at_least))


def read(source: Source, *, at_least: tuple[int, int]) -> Image.Image:
    """The whole picture as a person sees it, in sRGB, in mode "RGB".

    A large one is best cut and reduced as it is: to numbers and back costs a tenth of what reading it does.
    at_least: width and height that must remain; a JPEG may come out at 1/2, 1/4 or 1/8 of its size, never below this.
    Raises Unreadable: truncated or corrupt.
    """
    wanted = at_least[::-1] if source.turned else at_least
    if source.metadata.kind == "HEIF":
        return _heif_read(source.content, wanted)
    with _opened(source.content, source.metadata.kind) as image:
        try:
            if source.metadata.kind == "JPEG":
                image.draft(image.mode, wanted)
            image.load()
        except Exception as error:
            raise _broken(error) from error
        turn = TURNS.get(_orientation(image))
        seen = _reduced(image, wanted)
        return seen if turn is None else seen.transpose(turn)


def _heif_read(content: bytes, at_least: tuple[int, int]) -> Image.Image:
    """Read past Pillow, which would keep the whole picture a second time. Its decoder has turned it already."""
    try:
        decoded = pillow_heif.open_heif(content, convert_hdr_to_8bit=True)
        whole = np.asarray(decoded)
        info = {"icc_profile": decoded.info.get("icc_profile")}
    except Exception as error:
        raise _broken(error) from error
    times = max(1, min(whole.shape[1] // at_least[0], whole.shape[0] // at_least[1]))
    height, width = (side // times * times for side in whole.shape[:2])
    step = STRIP // times * times or times
    seen = Image.new("RGB", (width // times, height // times))
    for row in range(0, height, step):
        strip = Image.fromarray(np.ascontiguousarray(whole[row : min(row + step, height), :width]))
        strip.info.update(info)
        seen.paste(_as_srgb(strip.reduce(times) if strip.mode in AVERAGED else strip), (0, row // times))
    return seen


def _reduced(image: Image.Image, at_least: tuple[int, int]) -> Image.Image:
    """In sRGB, at a whole fraction of the size when that is enough; strip by strip, so that no second picture of full
    size, with transparency or 16 bits, is ever in memory."""
    times = min(image.width // at_least[0], image.height // at_least[1])
    if times < 2:
        return _as_srgb(image)
    size = image.width // times, image.height // times
    small = Image.new("RGB", size)
    small.info = dict(image.info)
    step = max(1, STRIP // times)
    for row in range(0, size[1], step):
        lower = min(row + step, size[1])
        strip = image.crop((0, row * times, size[0] * times, lower * times))
        # fewer pixels to convert, where the mode can be averaged
        part = _as_srgb(strip.reduce(times)) if image.mode in AVERAGED else _as_srgb(strip).reduce(times)
        small.paste(part, (0, row))
    small.info.pop("icc_profile", None)
    return small


def _structure(content: bytes, kind: str) -> Structure:
    try:
        return structure_of(content, kind)
    except Unbounded as error:
        raise Unreadable("corrupt") from error


def _opened(content: bytes, kind: str) -> Image.Image:
    formats = {"JPEG": ("JPEG", "MPO"), "PNG": ("PNG",), "HEIF": ("HEIF",)}[kind]
    if kind == "HEIF":
        _register_heif()
    try:
        return Image.open(io.BytesIO(content), formats=formats)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unreadable("too_many_pixels") from None
    except Exception as error:
        raise _broken(error) from error


def _register_heif() -> None:
    global _heif_registered
    with _register_lock:
        if not _heif_registered:
            pillow_heif.register_heif_opener(thumbnails=False)
            _heif_registered = True


def _broken(error: Exception) -> Unreadable:
    """The decoders raise many types with many texts; only the end of the file missing is told apart."""
    text = str(error).lower()
    cut = any(word in text for word in ("truncated", "not enough data", "premature", "end of file", "eof"))
    return Unreadable("truncated" if cut else "corrupt")


def _check_size(width: int, height: int, most: int, intake: Intake) -> None:
    if width * height > most:
        raise Unreadable("too_many_pixels")
    if min(width, height) < intake.min_side:
        raise Unreadable("too_small")
    if max(width, height) > intake.max_aspect * min(width, height):
        raise Unreadable("too_narrow")


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(0x0112, 1))
    except Exception:  # broken metadata does not make the picture unreadable
        return 1


def _metadata(image: Image.Image, kind: str) -> Metadata:
    try:
        exif: Any = image.getexif()
        software = str(exif.get(0x0131, "") or image.info.get("Software", "") or "")
        taken = str(exif.get_ifd(0x8769).get(0x9003, "") or "")
    except Exception:  # broken metadata says nothing
        software = taken = ""
    tables = getattr(image, "quantization", None) or {}
    return Metadata(
        kind=kind,
        bits=_bits(image),
        bands="".join(image.getbands()),
        dpi=_density(image),
        tables=tuple(tuple(int(step) for step in table) for _, table in sorted(tables.items())),
        software=software.strip("\x00 ")[:200],
        taken=taken.strip("\x00 ")[:40],
    )


def _bits(image: Image.Image) -> int:
    if image.mode in ("1", "P"):
        return 1 if image.mode == "1" else 8
    if image.mode.startswith("I") or image.mode == "F":
        return 16
    return 8 * len(image.getbands())


def _density(image: Image.Image) -> tuple[float, float] | None:
    """A JFIF density in "no unit" is an aspect ratio, not a resolution; Pillow leaves `dpi` out then."""
    dpi: Any = image.info.get("dpi")
    try:
        horizontal, vertical = float(dpi[0]), float(dpi[1])
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        return None
    if not (0 < horizontal < 1e5 and 0 < vertical < 1e5):
        return None
    return horizontal, vertical


def _as_srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if profile and len(profile) <= MOST_OF_PROFILE and image.mode in ("RGB", "CMYK"):
        image = _through_profile(image, profile)
    if image.mode.startswith("I"):
        deep = np.asarray(image).astype(np.float32)
        image = Image.fromarray(np.clip(deep / 257, 0, 255).astype(np.uint8))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        image = Image.alpha_composite(white, image.convert("RGBA"))
    return image if image.mode == "RGB" else image.convert("RGB")


def _through_profile(image: Image.Image, profile: bytes) -> Image.Image:
    """Phones store Display P3: taken for sRGB, a light-blue wall would change its colour."""
    try:
        stored = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(stored):
            return image
        converted = ImageCms.profileToProfile(image, stored, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image  # an unusable profile: the numbers stand for themselves
    return converted if converted is not None else image
