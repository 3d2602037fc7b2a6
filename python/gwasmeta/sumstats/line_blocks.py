"""Text cut into its header and blocks of whole lines, in a thread that keeps ahead of the consumer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from queue import SimpleQueue
from typing import Any

import numpy as np
import numpy.typing as npt

from gwasmeta.compiled import compiled
from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.byte_streams import PROBE, StoredBytes, StreamError
from gwasmeta.sumstats.byte_vectors import where_in_64
from gwasmeta.sumstats.compression import Decoder
from gwasmeta.sumstats.eight_bytes import count_bits
from gwasmeta.sumstats.header_line import HeaderLine, checked_encoding, find_header

_LINE_FEED, _CARRIAGE_RETURN = 10, 13
_LONGEST_LINE = 64 << 20
_BLOCKS_AHEAD = 3
_CACHED = 1 << 16  # stays in the processor's cache, so that looking for line ends needs no second block of memory
_SECONDS_FOR_A_SILENT_PIPE = 1.0


@dataclass(frozen=True, eq=False)
class LineBlock:
    """Consecutive whole lines of a text input.

    Attributes
    ----------
    data : ndarray of uint8, shape (n_bytes,)
        The lines as they stand in the file, contiguous and writable. Ends with a line feed, which is added
        where the last line of the file has none; a carriage return before a line feed is left in.
    first_line : int
        Physical line number of the block's first line, counted from 1 at the top of the file.
    """

    data: npt.NDArray[np.uint8]
    first_line: int

    @cached_property
    def n_lines(self) -> int:
        """Number of lines; counted when first asked for."""
        return int(_count_lines(self.data))


class LineCutter:
    """Cuts the text that a decoder delivers into the header and blocks of whole lines."""

    def __init__(self, decoder: Decoder, name: str, block_size: int, separator: str | None) -> None:
        self.cancelled = threading.Event()
        self._decoder = decoder
        self._name = name
        self._block_size = block_size
        self._longest_line = max(_LONGEST_LINE, block_size)
        self._line_feeds_missing = False  # lines end as on the Macs before 2001, with a carriage return
        self._commas_are_blanks = separator == " ,"
        self._separator = " " if self._commas_are_blanks else separator
        self._waiting = np.empty(0, np.uint8)  # read with the header, but below it
        self._next_line = 1

    def take_header(self, unpack_command: str) -> HeaderLine:
        """Read up to the end of the header; what was read beyond stays for `blocks`."""
        text, ended = self._extended(b"")
        text = checked_encoding(text, self._name, unpack_command)
        while (header := find_header(text, ended, self._name, self._separator)) is None:
            unfinished = len(text) - (text.rfind(b"\n") + 1)
            if unfinished >= self._longest_line:
                raise self._line_too_long(text.count(b"\n") + 1)
            text, ended = self._extended(text)
        self._waiting = np.frombuffer(text, np.uint8)[header.end :]
        self._next_line = header.number + 1
        return header

    def blocks(self) -> Iterator[LineBlock]:
        """Yield what is below the header; to be called once."""
        tail, ended = np.empty(0, np.uint8), False
        while not ended:
            data, ended = self._filled(tail)
            end = _end_of_last_line(data)
            if end:
                block = LineBlock(data[:end], self._next_line)
                self._next_line += block.n_lines
                yield block
            elif data.size >= self._longest_line:
                raise self._line_too_long(self._next_line)
            tail = data[end:]

    def _extended(self, text: bytes) -> tuple[bytes, bool]:
        """Read on, doubling the text; say whether it ended."""
        fresh = np.empty(max(PROBE, len(text)), np.uint8)
        size = self._read(fresh, text.count(b"\n"))
        ended = size < fresh.size
        text += fresh[:size].tobytes()
        # The line feed that belongs to a carriage return at the very end may not have been read yet.
        if b"\n" not in text and b"\r" in (text if ended else text[:-1]):
            self._line_feeds_missing = True
        if self._line_feeds_missing:
            text = text.replace(b"\r", b"\n")
        if self._commas_are_blanks:
            text = text.replace(b",", b" ")
        return text, ended

    def _filled(self, tail: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.uint8], bool]:
        """Return the unfinished line and what follows it, and whether that is all there is."""
        capacity = self._block_size
        if tail.size >= capacity:
            capacity = min(2 * tail.size, self._longest_line)
        data = np.empty(capacity, np.uint8)
        data[: tail.size] = tail
        size = tail.size + self._read(data[tail.size :], self._next_line - 1)
        self._refuse_nul(data[:size])
        ended = size < capacity
        if ended and size and data[size - 1] != _LINE_FEED:  # there is room: `data` was not filled
            data[size] = _LINE_FEED
            size += 1
        return data[:size], ended

    def _read(self, target: npt.NDArray[np.uint8], lines_before: int) -> int:
        """Fill `target`, less only at the end of the text."""
        self._refuse_if_cancelled()
        filled = min(target.size, self._waiting.size)
        target[:filled] = self._waiting[:filled]
        self._waiting = self._waiting[filled:]
        view = target.data
        while filled < target.size:
            self._refuse_if_cancelled()
            try:
                size = self._decoder.readinto(view[filled:])
            except StreamError as fault:
                whole_lines = lines_before + _count_lines(target[:filled])
                raise fault.located(self._name, whole_lines) from fault.__cause__
            if not size:
                break
            fresh = target[filled : filled + size]
            if self._line_feeds_missing:
                fresh[fresh == _CARRIAGE_RETURN] = _LINE_FEED
            if self._commas_are_blanks:
                fresh[fresh == ord(",")] = ord(" ")
            filled += size
        return filled

    def _refuse_if_cancelled(self) -> None:
        if self.cancelled.is_set():
            raise ValueError(f"{self._name}: the TextSource was closed before its last block was read")

    def _refuse_nul(self, data: npt.NDArray[np.uint8]) -> None:
        if data.size and data.min() == 0:
            line = self._next_line + _count_lines(data[: int(data.argmin())])
            raise GwasmetaError(
                f"{self._name}, line {line}: has a NUL byte in it, which no text has\n"
                "  Was the file damaged on its way? Compare its checksum with the sender's, fetch it again."
            )

    def _line_too_long(self, line: int) -> GwasmetaError:
        return GwasmetaError(
            f"{self._name}, line {line}: is longer than {self._longest_line >> 20} MiB: "
            "is this a text table?\n"
            "  A table of summary statistics has one variant on each line; check what wrote the file."
        )


@compiled
def _count_lines(data: npt.NDArray[np.uint8]) -> Any:
    window, size = np.uint64(64), np.uint64(data.size)
    position = n_lines = np.uint64(0)
    while position + window <= size:
        n_lines += count_bits(where_in_64(data, position, _LINE_FEED))
        position += window
    while position < size:
        n_lines += np.uint64(data[position] == _LINE_FEED)
        position += np.uint64(1)
    return np.int64(n_lines)


def _end_of_last_line(data: npt.NDArray[np.uint8]) -> int:
    for stop in range(data.size, 0, -_CACHED):
        start = max(stop - _CACHED, 0)
        position = data[start:stop].tobytes().rfind(b"\n")
        if position >= 0:
            return start + position + 1
    return 0


class ReadAhead:
    """Cuts blocks in a background thread, at most `_BLOCKS_AHEAD` in front of the consumer."""

    def __init__(self, lines: LineCutter, stored: StoredBytes) -> None:
        self._lines = lines
        self._stored = stored
        self._done: SimpleQueue[LineBlock | BaseException | None] = SimpleQueue()
        self._free = threading.Semaphore(_BLOCKS_AHEAD)
        self._thread: threading.Thread | None = None

    def run(self) -> Iterator[LineBlock]:
        """Start the thread and hand out its blocks."""
        self._thread = threading.Thread(target=self._produce, name="gwasmeta-read-ahead", daemon=True)
        self._thread.start()
        while isinstance(done := self._done.get(), LineBlock):
            self._free.release()
            yield done
        if done is not None:
            raise done

    def stop(self) -> bool:
        """Let the thread end; False if it still waits for a silent pipe, and then closes that itself."""
        self._lines.cancelled.set()
        self._free.release()
        if self._thread is None:
            return True
        self._thread.join(_SECONDS_FOR_A_SILENT_PIPE)
        return not self._thread.is_alive()

    def _produce(self) -> None:
        end: BaseException | None = None
        try:
            blocks = self._lines.blocks()
            while self._free.acquire() and (block := next(blocks, None)) is not None:
                self._done.put(block)
        except BaseException as error:  # raised where the consumer sees it
            end = error
        self._done.put(end)
        self._stored.close()
