"""ZIPs of photos, opened without trust: names in GBK, paths that lead elsewhere, locked files, bombs."""

from __future__ import annotations

import io
import zipfile
import zlib

from backend.compliance.assess import Unreadable
from backend.compliance.decode import open_source
from backend.compliance.standard import Intake
from backend.exchange.photos import ArchiveReader, PhotoArchive, PhotoFile
from backend.exchange.sheet import Limits, SheetRefused

IGNORED = ("__macosx/", ".ds_store", "thumbs.db", "desktop.ini")  # what systems put beside people's files
TABLES = (".xlsx", ".xls", ".csv", ".dbf")
MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png"}
UTF8_NAME, LOCKED = 0x800, 0x1
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)


def photo_reader(intake: Intake, *, as_they_are: bool = False) -> ArchiveReader:
    """How archives are read; intake: the limits of pictures; as_they_are: see open_photos."""

    def open_with(content: bytes, limits: Limits) -> PhotoArchive:
        return open_photos(content, limits, intake, as_they_are=as_they_are)

    return open_with


def open_photos(content: bytes, limits: Limits, intake: Intake, *, as_they_are: bool = False) -> PhotoArchive:
    """The files of a ZIP. Raises SheetRefused when the whole cannot be taken; a single bad file is named by `read`.

    as_they_are: every file is given, tables too, and the caller looks whether it is a picture. A file that says it is
    larger than a picture may be is never unpacked, so it does not make the whole too large.
    """
    if len(content) > limits.bytes:
        raise SheetRefused("too_large")
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = [member for member in archive.infolist() if not member.filename.endswith("/")]
    except BROKEN:
        raise SheetRefused("no_archive" if content[:2] != b"PK" else "damaged") from None
    named = [(name_of(member), member) for member in members]
    named = [pair for pair in named if not _is_ignored(pair[0])]
    if len(named) > limits.pictures:
        raise SheetRefused("too_many_files")
    # what is declared is what is read at most: a member that lies about its size fails its checksum
    unpacked = [member.file_size for _, member in named]
    if sum(size for size in unpacked if not as_they_are or size <= limits.picture_bytes) > limits.unpacked_bytes:
        raise SheetRefused("too_large")
    tables = [pair for pair in named if pair[0].lower().endswith(TABLES) and not as_they_are]
    photos = [pair for pair in named if pair not in tables]
    if not photos:
        raise SheetRefused("no_photos")
    if len(tables) > 1:
        raise SheetRefused("several_tables")

    def read(place: int) -> PhotoFile:
        name, member = photos[place]
        return _read(archive, name, member, limits, None if as_they_are else intake)

    table = None
    if tables:
        found = _bytes_of(archive, tables[0][1], limits.unpacked_bytes)
        if isinstance(found, str):
            raise SheetRefused("table_unreadable")
        table = found
    return PhotoArchive(tuple(name for name, _ in photos), read, table, tables[0][0] if tables else "")


def name_of(member: zipfile.ZipInfo) -> str:
    """The name as its writer meant it: UTF-8 when marked so, else what Chinese Windows writes."""
    name = member.filename
    if not member.flag_bits & UTF8_NAME:
        try:
            raw = name.encode("cp437")
        except UnicodeEncodeError:
            return name
        for encoding in ("utf-8", "gb18030"):
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError:
                continue
    return name


def _is_ignored(name: str) -> bool:
    plain = name.replace("\\", "/").lower()
    return plain.startswith(IGNORED[0]) or plain.rpartition("/")[2] in IGNORED[1:] or "/._" in f"/{plain}"


def _leads_elsewhere(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return ".." in parts or parts[0] == "" or ":" in parts[0] or any(not sign.isprintable() for sign in name)


def _read(
    archive: zipfile.ZipFile, name: str, member: zipfile.ZipInfo, limits: Limits, intake: Intake | None
) -> PhotoFile:
    if _leads_elsewhere(name):
        return PhotoFile(name, b"", problem="bad_path")
    found = _bytes_of(archive, member, limits.picture_bytes)
    if isinstance(found, str):
        return PhotoFile(name, b"", problem=found)
    if intake is None:
        return PhotoFile(name, found)
    try:
        kind = open_source(found, intake).metadata.kind
    except Unreadable:
        return PhotoFile(name, b"", problem="not_picture")
    if kind not in MEDIA_TYPES:
        return PhotoFile(name, b"", problem="not_picture")
    return PhotoFile(name, found, MEDIA_TYPES[kind])


def _bytes_of(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes | str:
    """The content, or why there is none."""
    if member.flag_bits & LOCKED:
        return "locked"
    if member.file_size > most:
        return "too_big"
    try:
        with archive.open(member) as stream:
            content = stream.read(most + 1)
    except BROKEN:
        return "damaged"
    return "too_big" if len(content) > most else content
