"""How the C library lays out memory in the command's own process."""

from __future__ import annotations

import ctypes
import sys

_M_ARENA_MAX = -8  # of glibc's malloc.h


def share_one_heap() -> None:
    """Have all threads allocate from one heap, where the C library is one that can be told so.

    Blocks of rows are made in one thread and freed in another. With a heap a thread, as glibc has by default, each
    keeps what was freed in it: some 40 MB more for nothing. Only a process of our own is set so, never a notebook's.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
    except (OSError, AttributeError):  # another C library, without this setting
        return
