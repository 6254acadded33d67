"""Draws the pages of a PDF from standard input as PNG to standard output: run as a process that may be killed.

Arguments: "count", or the number of a page, or 0 for all; the longest side in pixels; the most pages; bytes of memory.
Ends with 3 when the file wants a password, with 2 when it cannot be opened.
"""

from __future__ import annotations

import io
import struct
import sys
from contextlib import suppress


def _limit(memory: int) -> None:
    with suppress(ImportError, ValueError, OSError):  # Windows has no such limits; the time limit holds everywhere
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(what: str, side: int, most: int, memory: int) -> int:
    import pypdfium2

    content = sys.stdin.buffer.read()
    _limit(memory)
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        return 3 if "password" in str(error).lower() else 2
    pages = min(len(document), most)
    if what == "count":
        sys.stdout.write(str(pages))
        return 0 if pages else 2
    wanted = range(pages) if what == "0" else [int(what) - 1]
    for number in wanted:
        if not 0 <= number < pages:
            continue
        page = document[number]
        width, height = page.get_size()
        if not (0 < width < 20_000 and 0 < height < 20_000):
            return 2
        drawn = page.render(scale=side / max(width, height), may_draw_forms=False).to_pil()
        kept = io.BytesIO()
        drawn.convert("RGB").save(kept, "PNG", compress_level=1)
        sys.stdout.buffer.write(struct.pack(">I", len(kept.getvalue())) + kept.getvalue())
    return 0


if __name__ == "__main__":
    what, *numbers = sys.argv[1:]
    sys.exit(main(what, *(int(number) for number in numbers)))
