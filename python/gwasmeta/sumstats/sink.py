"""Output files that appear whole or not at all, compressed as their names say."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Protocol

from gwasmeta.errors import GwasmetaError

_LONGEST_KEPT = 200  # letters of a name, so that the name beside it is not too long where the name itself is not
_BGZF_BLOCK = 0xFF00  # bytes of text in one block; the compressed block must stay below 64 KiB
_BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


class Writable(Protocol):
    """What text is written to."""

    def write(self, text: bytes, /) -> object:
        """Write some bytes."""


@contextmanager
def whole_files(*paths: str | os.PathLike[str]) -> Iterator[list[Path]]:
    """Hand out a name beside each path; what is written there takes their places if nothing goes wrong with any.

    Raises
    ------
    GwasmetaError
        If a file cannot be written. Nothing is left behind then, and older files stay as they were.
    """
    targets = [Path(path) for path in paths]
    besides = [target.with_name(f".{target.name[:_LONGEST_KEPT]}.{os.getpid()}.part") for target in targets]
    try:
        yield besides
        for target, beside in zip(targets, besides, strict=True):
            with _told_of(target):
                beside.replace(target)
    finally:
        for beside in besides:
            with suppress(OSError):
                beside.unlink()


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Hand out a name beside `path`; what is written there takes its place if nothing goes wrong.

    Raises
    ------
    GwasmetaError
        If the file cannot be written; see `whole_files`.
    """
    with whole_files(path) as (beside,), _told_of(Path(path)):
        yield beside


@contextmanager
def compressed_text(beside: Path, target: str | os.PathLike[str], blocked: bool = False) -> Iterator[Writable]:
    """Open the file beside `target` for writing text.

    The target's name says how it is compressed: .gz, .bgz or .zst; any other name is plain. `blocked` has .gz written
    as .bgz is, in independent blocks.

    Raises
    ------
    GwasmetaError
        If the file cannot be written.
    """
    with _told_of(Path(target)), beside.open("wb", buffering=1 << 20) as file:
        match Path(target).suffix.lower():
            case ".gz" if not blocked:
                from isal import igzip_threaded

                with igzip_threaded.open(file, "wb", compresslevel=2, threads=1) as compressed:  # type: ignore[no-untyped-call]
                    yield compressed
            case ".bgz" | ".gz":
                bgzf = _BgzfWriter(file)
                yield bgzf
                bgzf.finish()
            case ".zst":
                import zstandard

                with zstandard.ZstdCompressor(level=3).stream_writer(file, closefd=False) as writer:
                    yield writer
            case _:
                yield file


@contextmanager
def _told_of(target: Path) -> Iterator[None]:
    """Turn what the system says of a file into what the user can act on."""
    try:
        yield
    except OSError as error:
        if not os.path.isdir(target.parent):
            raise GwasmetaError(f"{target}: there is no folder {target.parent}; create it first") from error
        raise GwasmetaError(f"{target}: cannot be written: {error.strerror or error}") from error


def refuse_impossible(path: str | os.PathLike[str]) -> None:
    """Find out that a file cannot be written before hours are spent on what it is to hold.

    Raises
    ------
    GwasmetaError
        If its folder is missing or cannot be written to, or it is a folder itself.
    """
    target = Path(path)
    if os.path.isdir(target):
        raise GwasmetaError(f"{target}: cannot be written: Is a directory")
    with suppress(_NothingToWriteError), whole_file(target) as beside:
        beside.touch()
        with _told_of(target), suppress(FileNotFoundError):
            target.lstat()  # a name that is too long
        raise _NothingToWriteError


def refuse_overwriting(
    path: str | os.PathLike[str], inputs: Iterable[str | os.PathLike[str] | None], option: str = "--out"
) -> None:
    """Refuse to write a file that is to be read.

    Parameters
    ----------
    path : path
        To be written.
    inputs : iterable of path or None
        To be read; None, and what is no file, is passed over.
    option : str
        By which the user gives the path.

    Raises
    ------
    GwasmetaError
        If the path is one of the inputs, by whatever name.
    """
    if os.path.isfile(path) and any(
        given is not None and os.path.isfile(given) and os.path.samefile(path, given) for given in inputs
    ):
        raise GwasmetaError(
            f"{os.fspath(path)}: is part of the input, and would be written over; choose another {option}"
        )


class _NothingToWriteError(Exception):
    """Leaves `whole_file` without a file."""


class _BgzfWriter:
    """Gzip in independent blocks, as tabix and samtools want it (SAM specification, section 4.1)."""

    def __init__(self, file: IO[bytes]) -> None:
        from isal import igzip_lib, isal_zlib

        self._file = file
        self._deflate, self._checksum = igzip_lib.compress, isal_zlib.crc32
        self._waiting = bytearray()

    def write(self, text: bytes) -> None:
        """Compress what fills blocks, keep the rest for later."""
        self._waiting += text
        whole = len(self._waiting) - len(self._waiting) % _BGZF_BLOCK
        for start in range(0, whole, _BGZF_BLOCK):
            self._write_block(bytes(self._waiting[start : start + _BGZF_BLOCK]))
        del self._waiting[:whole]

    def finish(self) -> None:
        """Write what is left and the empty block that marks the end."""
        if self._waiting:
            self._write_block(bytes(self._waiting))
        self._file.write(_BGZF_END)

    def _write_block(self, text: bytes) -> None:
        # Level 1 of this deflate makes less of tables of numbers than zlib's level 4 does, in a seventh of its time.
        body = self._deflate(text, level=1)  # where there is nothing to win it stores the text, so that blocks fit
        size = len(body) + 25  # of the whole block, minus 1
        self._file.write(struct.pack("<4BI2BH2B2H", 31, 139, 8, 4, 0, 0, 255, 6, 66, 67, 2, size))
        self._file.write(body + struct.pack("<2I", self._checksum(text), len(text)))
