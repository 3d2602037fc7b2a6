"""Text input, compressed or not, as blocks of whole lines for the tokeniser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from types import TracebackType
from typing import BinaryIO, Self

from gwasmeta.sumstats.byte_streams import open_stored
from gwasmeta.sumstats.compression import choose_decoder
from gwasmeta.sumstats.line_blocks import LineBlock, LineCutter, ReadAhead

__all__ = ["LineBlock", "TextSource"]


class TextSource:
    r"""A delimited text table, opened: its header, and the lines below it in blocks.

    Compression (gzip, bgzip, bzip2, xz, zstd, a zip archive of one file) is recognised by the first bytes,
    never by the name. Decompression and hashing run in one background thread that keeps at most three
    blocks ahead of the consumer, so that about four blocks are in memory at a time.

    Above the header, blank lines and lines that begin with ``##`` are skipped. The last line that begins
    with a single ``#`` is the header if it looks like one: three words or more, none of them a number, as
    many as the first line without ``#``, which has a number in it (PLINK 2, FinnGen). Otherwise such lines
    are comments and the first line without ``#`` is the header (METAL, SNPTEST). Where no line follows, a
    ``#`` line with three words between tabs is the header of an empty table.

    Parameters
    ----------
    source : str, path or binary file object
        ``"-"`` is standard input. A file object is read from where it stands and left open.
    name : str, optional
        What error messages call the input; by default its path as given, or "standard input".
    separator : str, optional
        What separates the fields; judged from the header if not given.
    block_size : int, default 2 MiB
        Bytes in a block. A block is shorter at the end, and longer only for a line that does not fit (up
        to 64 MiB).

    Attributes
    ----------
    name : str
        What error messages call the input.
    separator : str
        ``"\t"``, ``","``, ``";"``, or ``" "`` for runs of blanks and tabs; judged from the header.
    header : tuple of str
        The header's words, without surrounding blanks and double quotes and without a leading ``#``.
    header_line_number : int
        Physical line number of the header, counted from 1.
    checksum : str
        SHA-256 of the bytes as stored (compressed, if they are), in hexadecimal; empty until the last
        block has been read.

    Raises
    ------
    GwasmetaError
        If the input cannot be opened or read, is damaged or incomplete, or is no text table.
    """

    name: str
    separator: str
    header: tuple[str, ...]
    header_line_number: int
    checksum: str

    def __init__(
        self,
        source: str | os.PathLike[str] | BinaryIO,
        *,
        name: str | None = None,
        separator: str | None = None,
        block_size: int = 2 << 20,
    ) -> None:
        if block_size < 1:
            raise ValueError(f"block_size is {block_size}; it must be at least 1")
        self._stored = open_stored(source, name)
        self.name = self._stored.name
        self.checksum = ""
        self._read_ahead: ReadAhead | None = None
        try:
            decoder, unpack_command = choose_decoder(self._stored)
            self._lines = LineCutter(decoder, self.name, block_size, separator)
            header = self._lines.take_header(unpack_command)
        except BaseException:
            self._stored.close()
            raise
        self.separator, self.header, self.header_line_number = header.separator, header.words, header.number

    def blocks(self) -> Iterator[LineBlock]:
        """Iterate over the lines below the header; possible once.

        Comment lines and blank lines are left in. After the last block, `checksum` is set. Stopping early
        is fine: the background thread ends with the iterator, or with `close`.

        Yields
        ------
        LineBlock
            In the order of the file.

        Raises
        ------
        GwasmetaError
            If the stored bytes cannot be read, are damaged or end too early, if a line is longer than
            64 MiB, or if a NUL byte shows that this is no text.
        ValueError
            If the source is closed, or its blocks have been asked for before.
        """
        if self._read_ahead is not None or self._lines.cancelled.is_set():
            raise ValueError(f"{self.name}: the blocks of a TextSource can be read once, before it is closed")
        self._read_ahead = ReadAhead(self._lines, self._stored)
        return self._consume(self._read_ahead)

    def close(self) -> None:
        """Stop reading and close the file; what was opened by somebody else stays open."""
        self._lines.cancelled.set()
        if self._read_ahead is None or self._read_ahead.stop():
            self._stored.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _consume(self, read_ahead: ReadAhead) -> Iterator[LineBlock]:
        try:
            yield from read_ahead.run()
            self.checksum = self._stored.checksum()
        finally:
            self.close()
