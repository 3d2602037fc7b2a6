"""The bytes of an input as they are stored: opened, read and hashed."""

from __future__ import annotations

import difflib
import hashlib
import io
import os
import shlex
import sys
from typing import BinaryIO, cast

from gwasmeta.errors import GwasmetaError

PROBE = 1 << 16  # what is looked at to judge compression, encoding, line ends and header
STORED_CHUNK = 1 << 17  # larger chunks only cost copies at the many member ends of a bgzip file


class StreamError(Exception):
    """The stream broke; who counts the lines says after which one."""

    def __init__(self, problem: str, advice: str) -> None:
        super().__init__(problem, advice)
        self.problem, self.advice = problem, advice

    def located(self, name: str, whole_lines: int) -> GwasmetaError:
        """Say in which input it broke, and after how many whole lines."""
        where = f" after line {whole_lines}" if whole_lines else ""
        return GwasmetaError(f"{name}: {self.problem}{where}: {self.advice}")


class StoredBytes:
    """The bytes as they are stored, hashed as they pass; `name` is what error messages call them."""

    def __init__(self, stream: BinaryIO, name: str, *, closes_stream: bool) -> None:
        self.stream = stream
        self.name = name
        self._closes_stream = closes_stream
        self._hash = hashlib.sha256()
        self._waiting = b""  # looked at by `beginning`, not yet handed out

    def beginning(self) -> bytes:
        """Look at the first bytes (fewer only in a shorter file) without using them up."""
        self._waiting = self.read(PROBE)
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
            raise StreamError(
                "cannot be read", f"{reason(error)}\n  Check the disk or connection that it comes from."
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
        while self.read(STORED_CHUNK):
            pass

    def checksum(self) -> str:
        """Return the SHA-256 of what has been read, in hexadecimal."""
        return self._hash.hexdigest()

    def close(self) -> None:
        """Close the stream, unless somebody else opened it."""
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


def open_stored(source: str | os.PathLike[str] | BinaryIO, name: str | None) -> StoredBytes:
    """Open the source; without a name, it is called by its path or file name."""
    if isinstance(source, io.TextIOBase):
        raise GwasmetaError(
            "the given file object: is opened as text, which cannot be read\n"
            "  Open it in binary mode, open(path, 'rb'), or give its path."
        )
    if not isinstance(source, (str, os.PathLike)):
        own_name = getattr(source, "name", None)
        given_name = own_name if isinstance(own_name, str) else "the given file object"
        return StoredBytes(source, given_name if name is None else name, closes_stream=False)
    path = os.fspath(source)
    if path == "-":
        return StoredBytes(_standard_input(), "standard input" if name is None else name, closes_stream=False)
    return StoredBytes(_open_path(path), path if name is None else name, closes_stream=True)


def file_checksum(path: str | os.PathLike[str]) -> str:
    """Return the SHA-256 of a file as it is stored, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_stored(path: str | os.PathLike[str]) -> str:
    """Return the text of a small file, such as a list of names.

    Raises
    ------
    GwasmetaError
        If it cannot be opened or read, or is not text.
    """
    stored = open_stored(path, None)
    try:
        return stored.stream.read().decode()
    except UnicodeDecodeError as error:
        raise GwasmetaError(f"{stored.name}: is not a text file (byte {error.start})") from error
    except OSError as error:
        raise GwasmetaError(f"{stored.name}: cannot be read: {reason(error)}") from error
    finally:
        stored.close()


def _open_path(path: str) -> BinaryIO:
    try:
        # Unbuffered: blocks are large, and a buffer in between would copy each once more.
        return cast(BinaryIO, open(path, "rb", buffering=0))
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
        raise GwasmetaError(f"{path}: cannot be opened ({reason(error)}): check the path") from error


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


def reason(error: BaseException) -> str:
    """Say what the operating system, or else the exception itself, says."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
