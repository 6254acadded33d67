"""Files that a page hands over: never kept by anybody on the way, named in Chinese where the browser can."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
ZIP = "application/zip"
PDF = "application/pdf"
ENDINGS = {XLSX: "xlsx", CSV: "csv", ZIP: "zip", PDF: "pdf"}


def download(content: bytes, *, name: str, media_type: str) -> Response:
    """name: without ending; no personal data in it. RFC 6266: an ASCII name for old browsers, the real one beside."""
    ending = ENDINGS[media_type]
    plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-_") else "_" for sign in name)
    shown = f"attachment; filename=\"{plain}.{ending}\"; filename*=UTF-8''{quote(name, safe='')}.{ending}"
    headers = {"Content-Disposition": shown, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(content, mimetype=media_type, headers=headers)
