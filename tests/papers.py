"""Papers for tests: small pictures and PDFs as people would send them, and PDFs that are made to harm."""

from __future__ import annotations

import io

import pypdfium2
from PIL import Image


def scan(kind: str = "JPEG", size: tuple[int, int] = (600, 400), shade: int = 220) -> bytes:
    """A light sheet; another shade is another file."""
    out = io.BytesIO()
    Image.new("RGB", size, (shade, 230, 240)).save(out, kind)
    return out.getvalue()


def pdf(pages: int = 1, size: tuple[float, float] = (595, 842)) -> bytes:
    """White pages."""
    with pypdfium2.PdfDocument.new() as document:
        for _ in range(pages):
            document.new_page(*size).close()
        out = io.BytesIO()
        document.save(out)
    return out.getvalue()


def stuffed_pdf(strokes: int) -> bytes:
    """A page of so many strokes that drawing it takes very long."""
    content = b"0 0 m " + b"500 800 l 1 1 l S 0 0 m " * strokes
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
    ]
    out, places = b"%PDF-1.7\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(out)
    return out + b"xref\n0 5\n0000000000 65535 f \n%strailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        table,
        start,
    )
