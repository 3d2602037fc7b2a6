"""Decompression, chosen by the first bytes of an input and never by its name."""

from __future__ import annotations

import bz2
import lzma
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, cast

import zstandard
from isal import igzip_lib

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.byte_streams import STORED_CHUNK, StoredBytes, StreamError, reason

# isa-l drops what it knows of a gzip header that arrives in pieces (its issue 224): hand it over whole.
_WHOLE_MEMBER_HEADER = 1 << 12


class Decoder(Protocol):
    """What delivers text; `StoredBytes` of an uncompressed file do so themselves."""

    def readinto(self, target: memoryview, /) -> int:
        """Fill some of `target`; 0 means the end."""
        ...


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


def choose_decoder(stored: StoredBytes) -> tuple[Decoder, str]:
    """Choose by the first bytes; return also the shell command that unpacks such a file."""
    try:
        beginning = stored.beginning()
    except StreamError as fault:
        raise fault.located(stored.name, 0) from fault.__cause__
    if not beginning:
        raise GwasmetaError(f"{stored.name}: is empty (0 bytes)\n  Was it written or transferred completely?")
    if beginning.startswith(_ZIP_MAGICS):
        return _ZipContent(stored), "unzip -p"
    for compression in _COMPRESSIONS:
        if beginning.startswith(compression.magics):
            return _Decompressed(stored, compression), compression.unpack_command
    return stored, ""


class _Decompressed:
    """The text of a compressed file: that of all its members."""

    def __init__(self, stored: StoredBytes, compression: _Compression) -> None:
        self._stored = stored
        self._compression = compression
        self._member = compression.new_member()
        self._unread = b""
        self._ended = False

    def readinto(self, target: memoryview) -> int:
        """Fill some of `target`; 0 means the end."""
        while not self._ended:
            if self._member.eof:
                self._begin_next_member()
            elif piece := self._decompress(len(target)):
                target[: len(piece)] = piece
                return len(piece)
        return 0

    def _decompress(self, max_length: int) -> bytes:
        data = b""
        if self._member.needs_input:
            data, self._unread = self._unread or self._stored.read(STORED_CHUNK), b""
            if not data:
                raise _ends_too_early()
        try:
            return self._member.decompress(data, max_length)
        except self._compression.damage as error:
            raise _is_damaged(self._compression.name, error) from error

    def _begin_next_member(self) -> None:
        rest = self._member.unused_data.lstrip(b"\0")  # padding to a tape's or a stream's block size
        while len(rest) < _WHOLE_MEMBER_HEADER and (more := self._stored.read(STORED_CHUNK)):
            rest = (rest + more).lstrip(b"\0")
        if not rest:
            self._ended = True
        elif rest.startswith(self._compression.magics):
            self._member, self._unread = self._compression.new_member(), rest
        elif any(magic.startswith(rest) for magic in self._compression.magics):
            raise _ends_too_early()
        else:
            kind = self._compression.name
            raise StreamError(
                f"something that is not {kind} ({rest[:12]!r}) follows its {kind} data",
                "was something else appended to it, or is it damaged?\n  Fetch it again, or cut off what follows.",
            )


class _ZipContent:
    """The text of the only file in a zip archive."""

    def __init__(self, stored: StoredBytes) -> None:
        name = stored.name
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
                f"{name}: cannot be read ({reason(error)})\n  Check the disk or connection that it comes from."
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
            raise StreamError("cannot be read", reason(error)) from error
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


def _ends_too_early() -> StreamError:
    return StreamError(
        "ends in the middle of its compressed data",
        "was the transfer complete?\n  Compare its size or checksum with the sender's, and fetch it again.",
    )


def _is_damaged(kind: str, error: Exception) -> StreamError:
    return StreamError(
        f"its {kind} data are damaged",
        f"{error}\n  Compare its checksum with the sender's, and fetch it again.",
    )
