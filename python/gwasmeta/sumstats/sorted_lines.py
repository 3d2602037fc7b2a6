"""Lines of text put into the order of their keys, on disk: only the keys are in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from gwasmeta.compiled import compiled

_LINE_FEED = 10
_LINES_AT_ONCE = 1 << 16


class SortedLines:
    """Takes lines in, and gives them back sorted; lines of equal keys stay in their order.

    Lines wait in a temporary file; 20 bytes a line are in memory.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="gwasmeta-sort-")  # noqa: SIM115, closed by __exit__
        self._keys: list[npt.NDArray[np.int64]] = []
        self._lengths: list[npt.NDArray[np.int32]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, text: bytes, keys: npt.NDArray[np.int64]) -> None:
        """Take in lines, each ended by a line feed, and the key of each."""
        ends = np.flatnonzero(np.frombuffer(text, dtype=np.uint8) == _LINE_FEED) + 1
        self._file.write(text)
        self._keys.append(keys)
        self._lengths.append(np.diff(ends, prepend=0).astype(np.int32))

    def texts(self) -> Iterator[bytes]:
        """Give the lines in their order, some at a time."""
        if not self._keys:
            return
        keys, lengths = np.concatenate(self._keys), np.concatenate(self._lengths)
        if not keys.size:
            return
        self._file.flush()
        order = np.argsort(keys, kind="stable")
        starts = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths, dtype=np.int64)[:-1]])
        stored = np.memmap(self._file, dtype=np.uint8, mode="r")
        for first in range(0, len(order), _LINES_AT_ONCE):
            chosen = order[first : first + _LINES_AT_ONCE]
            yield _gathered(stored, starts[chosen], lengths[chosen]).tobytes()


@compiled
def _gathered(stored: Any, starts: Any, lengths: Any) -> Any:
    text = np.empty(lengths.sum(), dtype=np.uint8)
    place = 0
    for line in range(starts.size):
        start, length = starts[line], lengths[line]
        text[place : place + length] = stored[start : start + length]
        place += length
    return text
