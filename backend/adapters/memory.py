"""Memory of pictures goes back to the system when they are done with.

glibc raises the size from which a block is asked of the system, up to 32 MB, as soon as one is freed; the pictures
after that lie in the heap and keep it large between two requests (a process stood at 280 MB instead of 230 after two
pictures of 25 megapixels, and peaked 15 MB higher). A fixed size ends that. It is above what is kept of a picture of 12
megapixels, halved as it is read: pages fetched anew for each of those cost a twelfth of its time. Other C libraries
have no such call and are left alone.
"""

from __future__ import annotations

import ctypes
from contextlib import suppress

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # malloc.h
BIG = 16 * 1024 * 1024
KEPT = 64 * 1024 * 1024  # free at the end of the heap: fetched anew for each picture, it costs a twelfth of its time


def give_back_free_heap() -> None:
    """What lies free in the heap goes back to the system now."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def give_back_big_blocks() -> None:
    """For the whole process; may be called again."""
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(M_MMAP_THRESHOLD, BIG)
        library.mallopt(M_TRIM_THRESHOLD, KEPT)
