"""Text input, compressed or not, as blocks of whole lines for the tokeniser."""

from __future__ import annotations

import bz2
import codecs
import difflib
import hashlib
import io
import lzma
import os
import re
import shlex
import sys
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from queue import SimpleQueue
from types import TracebackType
from typing import BinaryIO, NamedTuple, Protocol, Self, cast

import numpy as np
import numpy.typing as npt
import zstandard
from isal import igzip_lib

from gwasmeta.errors import GwasmetaError

_LINE_FEED, _CARRIAGE_RETURN = 10, 13
_PROBE = 1 << 16  # what is looked at to judge encoding, line ends and header
_LONGEST_LINE = 64 << 20
_BLOCKS_AHEAD = 3
_STORED_CHUNK = 1 << 17  # larger chunks only cost copies at the many member ends of a bgzip file
# isa-l drops what it knows of a gzip header that arrives in pieces (its issue 224): hand it over whole.
_WHOLE_MEMBER_HEADER = 1 << 12
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
    block_size : int, default 4 MiB
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
        block_size: int = 2 << 20,
    ) -> None:
        if block_size < 1:
            raise ValueError(f"block_size is {block_size}; it must be at least 1")
        stream, given_name, is_ours = _open(source)
        self.name = given_name if name is None else name
        self.checksum = ""
        self._stored = _StoredBytes(stream, closes_stream=is_ours)
        self._read_ahead: _ReadAhead | None = None
        try:
            decoder, unpack_command = _decoder(self._stored, self.name)
            self._lines = _LineCutter(decoder, self.name, block_size)
            head = self._lines.take_head(unpack_command)
        except BaseException:
            self._stored.close()
            raise
        self.separator, self.header, self.header_line_number = head

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
        self._read_ahead = _ReadAhead(self._lines, self._stored)
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

    def _consume(self, read_ahead: _ReadAhead) -> Iterator[LineBlock]:
        try:
            yield from read_ahead.run()
            self.checksum = self._stored.checksum()
        finally:
            self.close()


# --- opening ------------------------------------------------------------------------------------------


def _open(source: str | os.PathLike[str] | BinaryIO) -> tuple[BinaryIO, str, bool]:
    """Open the source; return it with its name, and whether closing it is up to us."""
    if isinstance(source, io.TextIOBase):
        raise GwasmetaError(
            "the given file object: is opened as text, which cannot be read\n"
            "  Open it in binary mode, open(path, 'rb'), or give its path."
        )
    if not isinstance(source, (str, os.PathLike)):
        own_name = getattr(source, "name", None)
        return source, own_name if isinstance(own_name, str) else "the given file object", False
    path = os.fspath(source)
    if path == "-":
        return _standard_input(), "standard input", False
    try:
        # Unbuffered: blocks are large, and a buffer in between would copy each once more.
        return cast(BinaryIO, open(path, "rb", buffering=0)), path, True
    except FileNotFoundError:
        raise GwasmetaError(f"{path}: there is no such file{_similar_names(path)}") from None
    except IsADirectoryError:
        raise GwasmetaError(f"{path}: is a folder, not a file\n  Name one of the files in it.") from None
    except PermissionError:
        raise GwasmetaError(
            f"{path}: permission denied\n"
            f"  Ask its owner for the right to read it (ls -l {shlex.quote(path)} shows who that is)."
        ) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise GwasmetaError(f"{path}: cannot be opened ({_reason(error)}): check the path") from error


def _standard_input() -> BinaryIO:
    buffered = getattr(sys.stdin, "buffer", None)
    if buffered is None:
        raise GwasmetaError("standard input: is not there to be read\n  Give the path of a file instead of '-'.")
    # Python aborts at exit if a thread still waits inside the buffered reader; the raw one has no lock.
    return cast(BinaryIO, getattr(buffered, "raw", buffered))


def _similar_names(path: str) -> str:
    folder, name = os.path.split(path)
    if folder and not os.path.isdir(folder):
        return f"\n  The folder {folder} does not exist either: check the path."
    try:
        neighbours = os.listdir(folder or ".")
    except OSError:
        neighbours = []
    similar = [os.path.join(folder, near) for near in difflib.get_close_matches(name, neighbours)]
    if not similar:
        return f"\n  Nothing in {folder or 'the current folder'} has a similar name: check the path."
    return f"\n  Did you mean {' or '.join(similar)}?"


def _reason(error: BaseException) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__


# --- stored bytes -------------------------------------------------------------------------------------


class _StreamError(Exception):
    """The stream broke; who counts the lines says after which one."""

    def __init__(self, problem: str, advice: str) -> None:
        super().__init__(problem, advice)
        self.problem, self.advice = problem, advice

    def located(self, name: str, whole_lines: int) -> GwasmetaError:
        where = f" after line {whole_lines}" if whole_lines else ""
        return GwasmetaError(f"{name}: {self.problem}{where}: {self.advice}")


def _ends_too_early() -> _StreamError:
    return _StreamError(
        "ends in the middle of its compressed data",
        "was the transfer complete?\n  Compare its size or checksum with the sender's, and fetch it again.",
    )


def _is_damaged(kind: str, error: Exception) -> _StreamError:
    return _StreamError(
        f"its {kind} data are damaged",
        f"{error}\n  Compare its checksum with the sender's, and fetch it again.",
    )


class _StoredBytes:
    """The bytes as they are stored, hashed as they pass."""

    def __init__(self, stream: BinaryIO, *, closes_stream: bool) -> None:
        self.stream = stream
        self._closes_stream = closes_stream
        self._hash = hashlib.sha256()
        self._waiting = b""  # looked at by `beginning`, not yet handed out

    def beginning(self) -> bytes:
        """Look at the first bytes (fewer only in a shorter file) without using them up."""
        self._waiting = self.read(_PROBE)
        return self._waiting

    def readinto(self, target: memoryview) -> int:
        """Fill some of `target`; 0 means the end."""
        if self._waiting:
            size = min(len(target), len(self._waiting))
            target[:size] = self._waiting[:size]
            self._waiting = self._waiting[size:]
            return size
        try:
            size = self._read_stream(target)
        except (OSError, ValueError) as error:  # ValueError: the file object was closed by its owner
            raise _StreamError(
                "cannot be read", f"{_reason(error)}\n  Check the disk or connection that it comes from."
            ) from error
        self._hash.update(target[:size])
        return size

    def read(self, size: int) -> bytes:
        """Return exactly `size` bytes; fewer only at the end."""
        chunk = bytearray(size)
        view, filled = memoryview(chunk), 0
        while filled < size and (fresh := self.readinto(view[filled:])):
            filled += fresh
        return bytes(view[:filled])

    def rewind(self) -> bool:
        """Go back to the beginning; False where that is impossible (a pipe)."""
        seekable = getattr(self.stream, "seekable", None)
        if seekable is None or not seekable():
            return False
        self.stream.seek(-len(self._waiting), io.SEEK_CUR)
        self._hash, self._waiting = hashlib.sha256(), b""
        return True

    def hash_from(self, start: int) -> None:
        """Hash what a reader that jumps about in the stream took from `start` on."""
        self.stream.seek(start)
        while self.read(_STORED_CHUNK):
            pass

    def checksum(self) -> str:
        return self._hash.hexdigest()

    def close(self) -> None:
        if self._closes_stream:
            self.stream.close()

    def _read_stream(self, target: memoryview) -> int:
        readinto = getattr(self.stream, "readinto", None)
        if readinto is None:  # the least that a file object can be: one with read()
            chunk = self.stream.read(len(target))
            target[: len(chunk)] = chunk
            return len(chunk)
        size: int | None = readinto(target)
        if size is None:
            raise BlockingIOError("it has no data yet and does not wait for them (non-blocking mode)")
        return size


# --- compression --------------------------------------------------------------------------------------


class _Decoder(Protocol):
    """What delivers text: fills some of `target`, returns how much; 0 means the end."""

    def readinto(self, target: memoryview, /) -> int: ...


class _Member(Protocol):
    """One gzip member, bzip2 or xz stream, or zstd frame; a file can hold many in a row."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _ZstdFrame:
    """A zstd frame with the interface of the others; zstandard's own stream reader hides a missing end."""

    def __init__(self) -> None:
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._output = b""
        self._given = 0

    @property
    def eof(self) -> bool:
        return self._frame.eof and self.needs_input

    @property
    def needs_input(self) -> bool:
        return self._given == len(self._output)

    @property
    def unused_data(self) -> bytes:
        return self._frame.unused_data

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        if data:
            self._output, self._given = self._frame.decompress(data), 0
        piece = self._output[self._given : self._given + max_length]
        self._given += len(piece)
        return piece


@dataclass(frozen=True)
class _Compression:
    name: str
    magics: tuple[bytes, ...]
    unpack_command: str
    new_member: Callable[[], _Member]
    damage: type[Exception]


_COMPRESSIONS = (
    _Compression(
        "gzip",
        (b"\x1f\x8b\x08",),
        "gzip -dc",
        lambda: igzip_lib.IgzipDecompressor(igzip_lib.DECOMP_GZIP),
        cast(type[Exception], igzip_lib.IsalError),  # its stub says that it is an instance
    ),
    _Compression(
        "bzip2",
        # Level, then the mark of a block or of an empty file's end: "BZh9" alone could be text.
        tuple(b"BZh%d" % level + mark for level in range(1, 10) for mark in (b"1AY&SY", b"\x17rE8P\x90")),
        "bzip2 -dc",
        bz2.BZ2Decompressor,
        OSError,
    ),
    _Compression(
        "xz",
        (b"\xfd7zXZ\x00",),
        "xz -dc",
        lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ),
        lzma.LZMAError,
    ),
    _Compression(
        "zstd",
        # A data frame, or one of the sixteen kinds of frame to skip, with which parallel writers begin.
        (b"\x28\xb5\x2f\xfd", *(bytes([kind]) + b"\x2a\x4d\x18" for kind in range(0x50, 0x60))),
        "zstd -dc",
        _ZstdFrame,
        zstandard.ZstdError,
    ),
)
_ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06")


def _decoder(stored: _StoredBytes, name: str) -> tuple[_Decoder, str]:
    """Choose by the first bytes; return also the shell command that unpacks such a file."""
    try:
        beginning = stored.beginning()
    except _StreamError as fault:
        raise fault.located(name, 0) from fault.__cause__
    if not beginning:
        raise GwasmetaError(f"{name}: is empty (0 bytes)\n  Was it written or transferred completely?")
    if beginning.startswith(_ZIP_MAGICS):
        return _ZipContent(stored, name), "unzip -p"
    for compression in _COMPRESSIONS:
        if beginning.startswith(compression.magics):
            return _Decompressed(stored, compression), compression.unpack_command
    return stored, ""


class _Decompressed:
    """The text of a compressed file: that of all its members."""

    def __init__(self, stored: _StoredBytes, compression: _Compression) -> None:
        self._stored = stored
        self._compression = compression
        self._member = compression.new_member()
        self._unread = b""
        self._ended = False

    def readinto(self, target: memoryview) -> int:
        """Fill some of `target`; 0 means the end."""
        while not self._ended:
            piece = self._decompress(len(target))
            if piece:
                target[: len(piece)] = piece
                return len(piece)
            if self._member.eof:
                self._begin_next_member()
        return 0

    def _decompress(self, max_length: int) -> bytes:
        if self._member.eof:
            return b""
        data = b""
        if self._member.needs_input:
            data, self._unread = self._unread or self._stored.read(_STORED_CHUNK), b""
            if not data:
                raise _ends_too_early()
        try:
            return self._member.decompress(data, max_length)
        except self._compression.damage as error:
            raise _is_damaged(self._compression.name, error) from error

    def _begin_next_member(self) -> None:
        rest = self._member.unused_data.lstrip(b"\0")  # padding to a tape's or a stream's block size
        while len(rest) < _WHOLE_MEMBER_HEADER and (more := self._stored.read(_STORED_CHUNK)):
            rest = (rest + more).lstrip(b"\0")
        if not rest:
            self._ended = True
        elif rest.startswith(self._compression.magics):
            self._member, self._unread = self._compression.new_member(), rest
        elif any(magic.startswith(rest) for magic in self._compression.magics):
            raise _ends_too_early()
        else:
            kind = self._compression.name
            raise _StreamError(
                f"something that is not {kind} ({rest[:12]!r}) follows its {kind} data",
                "was something else appended to it, or is it damaged?\n  Fetch it again, or cut off what follows.",
            )


class _ZipContent:
    """The text of the only file in a zip archive."""

    def __init__(self, stored: _StoredBytes, name: str) -> None:
        if not stored.rewind():
            raise GwasmetaError(
                f"{name}: is a zip archive, which cannot be read from a pipe\n"
                "  Give its path, or pipe what unzip -p prints."
            )
        self._stored = stored
        self._start = stored.stream.tell()
        self._ended = False
        try:
            archive = zipfile.ZipFile(stored.stream)
            self._content = cast(zipfile.ZipExtFile, archive.open(_only_file(archive, name)))
        except (zipfile.BadZipFile, EOFError) as error:
            raise GwasmetaError(
                f"{name}: is a zip archive, damaged or incomplete ({error}): was the transfer complete?\n"
                "  Compare its size or checksum with the sender's, and fetch it again."
            ) from error
        except NotImplementedError as error:
            raise GwasmetaError(
                f"{name}: is a zip archive of a kind that cannot be read ({error})\n"
                "  Unpack it, and give the file in it."
            ) from error
        except OSError as error:
            raise GwasmetaError(
                f"{name}: cannot be read ({_reason(error)})\n  Check the disk or connection that it comes from."
            ) from error

    def readinto(self, target: memoryview) -> int:
        """Fill some of `target`; 0 means the end."""
        if self._ended:
            return 0
        try:
            piece = self._content.read1(len(target))
        except EOFError as error:
            raise _ends_too_early() from error
        except (zipfile.BadZipFile, zlib.error, lzma.LZMAError) as error:
            raise _is_damaged("zip", error) from error
        except OSError as error:  # bzip2 inside a zip archive has no other exception either
            raise _StreamError("cannot be read", _reason(error)) from error
        if not piece:
            self._ended = True
            self._stored.hash_from(self._start)
        target[: len(piece)] = piece
        return len(piece)


def _only_file(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    # The Finder of macOS adds a folder of its own to every archive.
    files = [file for file in archive.infolist() if not file.is_dir() and not file.filename.startswith("__MACOSX/")]
    if any(file.filename == "[Content_Types].xml" for file in files):
        raise GwasmetaError(f"{name}: is a spreadsheet or document of Office\n  Save it as tab-separated text.")
    if len(files) != 1:
        some = ", ".join(file.filename for file in files[:3]) + (", ..." if len(files) > 3 else "")
        raise GwasmetaError(
            f"{name}: is a zip archive of {len(files)} files{some and f' ({some})'}\n"
            "  It must hold exactly one: unpack it, and give the file that is meant."
        )
    if files[0].flag_bits & 1:
        raise GwasmetaError(f"{name}: is an encrypted zip archive\n  Unpack it, and give the file in it.")
    return files[0]


# --- lines --------------------------------------------------------------------------------------------


class _Head(NamedTuple):
    separator: str
    words: tuple[str, ...]
    line_number: int


class _LineCutter:
    """Cuts the text that a decoder delivers into the header and blocks of whole lines."""

    def __init__(self, decoder: _Decoder, name: str, block_size: int) -> None:
        self.cancelled = threading.Event()
        self._decoder = decoder
        self._name = name
        self._block_size = block_size
        self._longest_line = max(_LONGEST_LINE, block_size)
        self._line_feeds_missing = False  # lines end as on the Macs before 2001, with a carriage return
        self._waiting = np.empty(0, np.uint8)  # read with the header, but below it
        self._next_line = 1

    def take_head(self, unpack_command: str) -> _Head:
        """Read up to the end of the header; what was read beyond stays for `blocks`."""
        text, ended = self._extended(b"")
        text = _checked_encoding(text, self._name, unpack_command)
        while (header := _find_header(text, ended)) is None:
            unfinished = len(text) - (text.rfind(b"\n") + 1)
            if unfinished >= self._longest_line:
                raise self._line_too_long(text.count(b"\n") + 1)
            text, ended = self._extended(text)
        if not header.text:
            raise _no_header(self._name, text)
        separator, words = _header_words(header, self._name)
        self._waiting = np.frombuffer(text, np.uint8)[header.end :]
        self._next_line = header.number + 1
        return _Head(separator, words, header.number)

    def blocks(self) -> Iterator[LineBlock]:
        """Yield what is below the header; to be called once."""
        tail, ended = np.empty(0, np.uint8), False
        while not ended:
            data, ended = self._filled(tail)
            end = _end_of_last_line(data)
            if end:
                yield LineBlock(data[:end], self._next_line)
                self._next_line += _count_lines(data[:end])
            elif data.size >= self._longest_line:
                raise self._line_too_long(self._next_line)
            tail = data[end:]

    def _extended(self, text: bytes) -> tuple[bytes, bool]:
        """Read on, doubling the text; say whether it ended."""
        fresh = np.empty(max(_PROBE, len(text)), np.uint8)
        size = self._read(fresh, text.count(b"\n"))
        ended = size < fresh.size
        text += fresh[:size].tobytes()
        # The line feed that belongs to a carriage return at the very end may not have been read yet.
        if b"\n" not in text and b"\r" in (text if ended else text[:-1]):
            self._line_feeds_missing = True
        if self._line_feeds_missing:
            text = text.replace(b"\r", b"\n")
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
            except _StreamError as fault:
                whole_lines = lines_before + _count_lines(target[:filled])
                raise fault.located(self._name, whole_lines) from fault.__cause__
            if not size:
                break
            if self._line_feeds_missing:
                fresh = target[filled : filled + size]
                fresh[fresh == _CARRIAGE_RETURN] = _LINE_FEED
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


def _count_lines(data: npt.NDArray[np.uint8]) -> int:
    # In slices that stay in the processor's cache, so that the comparison needs no second block of memory.
    slices = (data[start : start + _PROBE] for start in range(0, data.size, _PROBE))
    return sum(int(np.count_nonzero(piece == _LINE_FEED)) for piece in slices)


def _end_of_last_line(data: npt.NDArray[np.uint8]) -> int:
    for stop in range(data.size, 0, -_PROBE):
        start = max(stop - _PROBE, 0)
        position = data[start:stop].tobytes().rfind(b"\n")
        if position >= 0:
            return start + position + 1
    return 0


# --- the header ---------------------------------------------------------------------------------------


class _Line(NamedTuple):
    text: bytes
    number: int
    end: int  # where in the head the next line begins


_BYTE_ORDER_MARKS = (
    # UTF-32 first: its mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_ENCODING_OF_NUL_PATTERN = {  # which of four successive bytes are NUL in text of mostly Latin letters
    (False, True, True, True): "UTF-32LE",
    (True, True, True, False): "UTF-32BE",
    (False, True, False, True): "UTF-16LE",
    (True, False, True, False): "UTF-16BE",
}
_CONTROL_CHARACTER = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
_NUMBER = re.compile(rb"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


def _checked_encoding(text: bytes, name: str, unpack_command: str) -> bytes:
    """Return the text without its byte order mark, if it can be UTF-8 at all."""
    encoding = _wide_encoding(text)
    if encoding:
        quoted = shlex.quote(name)
        source, pipe = ("", f"{unpack_command} {quoted} | ") if unpack_command else (f" {quoted}", "")
        raise GwasmetaError(
            f"{name}: is text in {encoding}, not in UTF-8\n"
            f"  Convert it:  {pipe}iconv -f {encoding} -t UTF-8{source} > converted.txt"
        )
    nul = text.find(b"\0")
    if nul >= 0:
        raise _not_text(name, text.count(b"\n", 0, nul) + 1, "a NUL byte")
    return text.removeprefix(codecs.BOM_UTF8)


def _wide_encoding(text: bytes) -> str | None:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if text.startswith(mark):
            return encoding
    sample = np.frombuffer(text[: min(len(text), 1024) // 4 * 4], np.uint8).reshape(-1, 4)
    if not sample.size:
        return None
    mostly_nul = (sample == 0).mean(axis=0) > 0.9
    return _ENCODING_OF_NUL_PATTERN.get(tuple(mostly_nul.tolist()))


def _find_header(text: bytes, ended: bool) -> _Line | None:
    """Find the header, by the rule that `TextSource` states.

    Returns
    -------
    _Line or None
        None if more text is needed to tell; a line without text if there is no header.
    """
    marked: _Line | None = None
    start = number = 0
    while start < len(text):
        line_feed = text.find(b"\n", start)
        if line_feed < 0 and not ended:
            return None
        end = line_feed + 1 or len(text)
        number += 1
        line = _Line(text[start:end].rstrip(b"\r\n"), number, end)
        start = end
        if not line.text.strip() or line.text.startswith(b"##"):
            continue
        if not line.text.startswith(b"#"):
            return marked if marked and _heads(marked.text[1:], line.text) else line
        marked = line
    if not ended:
        return None
    if marked and marked.text.strip().count(b"\t") >= 2:
        return marked
    return _Line(b"", number, len(text))


def _heads(candidate: bytes, following: bytes) -> bool:
    """Judge whether a line that began with '#' is the header of the line that follows."""
    separator = _separator(candidate)
    words, values = _words(candidate, separator), _words(following, separator)
    return (
        len(words) >= 3
        and len(words) == len(values)
        and not any(_NUMBER.fullmatch(word) for word in words)
        and any(_NUMBER.fullmatch(value) for value in values)
    )


def _separator(line: bytes) -> bytes:
    if b"\t" in line.strip():
        return b"\t"
    # A file with decimal commas is separated by semicolons: the one that separates more words.
    comma_or_semicolon = max(b",", b";", key=line.count)
    return comma_or_semicolon if comma_or_semicolon in line else b" "


def _words(line: bytes, separator: bytes) -> list[bytes]:
    parts = line.split() if separator == b" " else line.split(separator)
    return [part.strip().strip(b'"').strip() for part in parts]


def _header_words(header: _Line, name: str) -> tuple[str, tuple[str, ...]]:
    line = header.text.removeprefix(b"#")
    junk = _CONTROL_CHARACTER.search(line)
    if junk:
        raise _not_text(name, header.number, f"the control character 0x{junk[0].hex()}")
    separator = _separator(line)
    words = _words(line, separator)
    if len(words) < 2:
        raise GwasmetaError(
            f"{name}, line {header.number}: the header has one word only: {_decoded(line[:60])!r}\n"
            "  Neither tabs, commas, semicolons nor blanks separate it into columns.\n"
            "  Is this the right file, and is the line that names its columns there?"
        )
    words[0] = words[0].removeprefix(b"#").strip()
    return separator.decode(), tuple(map(_decoded, words))


def _decoded(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:  # an old 8-bit encoding; which one matters only to names nobody asks for
        return text.decode("latin-1")


def _not_text(name: str, line: int, found: str) -> GwasmetaError:
    return GwasmetaError(
        f"{name}, line {line}: is not a text table: it has {found} in it\n"
        "  Give a table of summary statistics as text; it may be compressed by gzip, bzip2, xz, zstd or zip."
    )


def _no_header(name: str, text: bytes) -> GwasmetaError:
    if not text:
        return GwasmetaError(f"{name}: holds no text\n  Was it written or transferred completely?")
    return GwasmetaError(
        f"{name}: has no header: each of its lines is blank or begins with '#'\n"
        "  Is this the right file, and was it written completely?"
    )


# --- the background thread ----------------------------------------------------------------------------


@dataclass(frozen=True)
class _End:
    error: BaseException | None


class _ReadAhead:
    """Cuts blocks in a background thread, at most `_BLOCKS_AHEAD` in front of the consumer."""

    def __init__(self, lines: _LineCutter, stored: _StoredBytes) -> None:
        self._lines = lines
        self._stored = stored
        self._done: SimpleQueue[LineBlock | _End] = SimpleQueue()
        self._free = threading.Semaphore(_BLOCKS_AHEAD)
        self._thread: threading.Thread | None = None

    def run(self) -> Iterator[LineBlock]:
        """Start the thread and hand out its blocks."""
        self._thread = threading.Thread(target=self._produce, name="gwasmeta-read-ahead", daemon=True)
        self._thread.start()
        while isinstance(done := self._done.get(), LineBlock):
            self._free.release()
            yield done
        if done.error is not None:
            raise done.error

    def stop(self) -> bool:
        """Let the thread end; False if it still waits for a silent pipe, and then closes that itself."""
        self._lines.cancelled.set()
        self._free.release()
        if self._thread is None:
            return True
        self._thread.join(_SECONDS_FOR_A_SILENT_PIPE)
        return not self._thread.is_alive()

    def _produce(self) -> None:
        error: BaseException | None = None
        try:
            blocks = self._lines.blocks()
            while self._free.acquire() and (block := next(blocks, None)) is not None:
                self._done.put(block)
        except BaseException as caught:  # raised where the consumer sees it
            error = caught
        finally:
            self._done.put(_End(error))
            self._stored.close()
