"""What the command says of broken input: one line of the table for each way a file or a command can be wrong.

Every message is what a user sees. None is a traceback, none leaves a file behind, and none harms an older result.
"""

from __future__ import annotations

import bz2
import errno
import functools
import gzip
import io
import lzma
import os
import random
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pytest
import zstandard

from gwasmeta import cli
from gwasmeta.sumstats import source as source_module

BAD_INPUT = 2
HEADER = "MARKERNAME CHR POS EA NEA EAF BETA SE N"
ROWS = (
    "rs1 1 100 A C 0.3 0.1 0.05 1000",
    "rs2 1 200 G T 0.4 0.2 0.05 1000",
    "rs3 2 300 A G 0.2 -0.1 0.04 1000",
)
LDSC = "SNP A1 A2 Z N"
OLDER_RESULT = ("meta.tsv", "meta.log.tsv", "meta.json")


# --- making broken files --------------------------------------------------------------------------------


def table(*rows: str, header: str = HEADER, separator: str = "\t") -> bytes:
    """Text whose words, here between blanks, are separated as asked."""
    return "".join(separator.join(line.split()) + "\n" for line in (header, *rows)).encode()


def changed(old: str, new: str) -> bytes:
    """The good study with something in it replaced, once."""
    assert old in GOOD.decode()
    return GOOD.decode().replace(old, new, 1).encode()


GOOD = table(*ROWS)
LINES_OF_5_MB = 130_000


@functools.cache
def long_table() -> list[bytes]:
    """The lines of a table that is read in three blocks."""
    rows = (b"rs%d\t1\t%d\tA\tC\t0.3\t0.0123456\t0.05\t1000\n" % (number, number) for number in range(LINES_OF_5_MB))
    return [table(), *rows]


def long_table_with(line: bytes, number: int) -> bytes:
    """A table of 5 MB whose line of this number, counted from 1, is another."""
    lines = long_table()
    assert sum(map(len, lines[:number])) > 4 << 20
    return b"".join([*lines[: number - 1], line, *lines[number:]])


@functools.cache
def noisy_table() -> bytes:
    """A table that does not compress well, so that there is a middle to cut the compressed file in."""
    noise = random.Random(1)
    rows = (f"rs{row} 1 {row + 1} A C 0.3 {noise.gauss(0, 1):.6f} 0.05 1000" for row in range(20_000))
    return table(*rows)


def cut(stored: bytes) -> bytes:
    return stored[: len(stored) * 2 // 3]


def with_flipped_byte(stored: bytes, place: int) -> bytes:
    return stored[:place] + bytes([stored[place] ^ 0xFF]) + stored[place:][1:]


def parquet(**columns: list[object]) -> bytes:
    import polars as pl

    file = io.BytesIO()
    pl.DataFrame(columns).write_parquet(file)
    return file.getvalue()


def parquet_study(n_rows: int = 2, **columns: list[object]) -> bytes:
    study: dict[str, list[object]] = {
        "MARKERNAME": [f"rs{row}" for row in range(n_rows)],
        "EA": ["A"] * n_rows,
        "NEA": ["C"] * n_rows,
        "BETA": [0.1] * n_rows,
        "SE": [0.1] * n_rows,
    }
    return parquet(**(study | columns))


# --- making a machine that does not do as it should --------------------------------------------------------


def permission_is_denied(monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read everything, so the refusal has to be made."""
    usual = open

    def refusing(path, *arguments, **options):
        if path == "study.txt":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return usual(path, *arguments, **options)

    monkeypatch.setattr("builtins.open", refusing)


def lines_may_have_2_mib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "_LONGEST_LINE", 2 << 20)


def there_is_no_temporary_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "no-such-folder")


class _FullDisk(io.RawIOBase):
    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def disk_is_full_for(part_of_name: str) -> Callable[[pytest.MonkeyPatch], None]:
    """Let nothing be written into files whose names contain this; they are created nevertheless."""

    def fill(monkeypatch: pytest.MonkeyPatch) -> None:
        usual = Path.open

        def opened(path, mode="r", buffering=-1, *arguments, **options):
            if "w" not in mode or part_of_name not in path.name:
                return usual(path, mode, buffering, *arguments, **options)
            path.touch()
            full = io.BufferedWriter(_FullDisk(), 1 << 20)
            return full if "b" in mode else io.TextIOWrapper(full)

        monkeypatch.setattr(Path, "open", opened)

    return fill


# --- the table --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """One way to be wrong: the words behind `gwasmeta meta`, the files, and what is said.

    Beside `study.txt` there is a good study, `good.txt`. In the message, ... stands for anything.
    """

    name: str
    message: str
    study: bytes | Callable[[], bytes] = GOOD
    command: str = "study.txt"
    files: Mapping[str, bytes] = field(default_factory=dict)
    stdin: bytes | None = None
    machine: Callable[[pytest.MonkeyPatch], None] = lambda _: None


FIELDS = (
    "\n  A row with missing or extra fields has its values under the wrong columns; repair or remove the line,"
    " or export the file again."
)
CUT = "ends in the middle of its compressed data"
FETCH_AGAIN = "was the transfer complete?\n  Compare its size or checksum with the sender's, and fetch it again."
DAMAGED = "Error -6 Incorrect checksum found\n  Compare its checksum with the sender's, and fetch it again."
NOT_TEXT = (
    "\n  Give a table of summary statistics as text; it may be compressed by gzip, bzip2, xz, zstd or zip."
)
RIGHT_FILTER = "\n  A right filter:  info >= 0.8 and 0.01 < eaf < 0.99 and chr not in ['X', 'Y']"
NO_ROW = "no row of any study can be used\n"

DAMAGED_FILES = [
    # bzip2 loses the block that is cut, so the last whole line is earlier; the others give all that is there.
    Case("gzip, cut", f"study.txt: {CUT} after line 13...: {FETCH_AGAIN}", lambda: cut(gzip.compress(noisy_table()))),
    Case("bzip2, cut", f"study.txt: {CUT} after line 1...: {FETCH_AGAIN}", lambda: cut(bz2.compress(noisy_table(), 1))),
    Case("xz, cut", f"study.txt: {CUT} after line 13...: {FETCH_AGAIN}", lambda: cut(lzma.compress(noisy_table()))),
    Case("zstd, cut", f"study.txt: {CUT} after line 1...: {FETCH_AGAIN}", lambda: cut(zstandard.compress(noisy_table()))),
    Case("gzip, its last bytes cut", f"study.txt: {CUT} after line 4: {FETCH_AGAIN}", gzip.compress(GOOD)[:-6]),
    Case("bzip2, its last bytes cut", f"study.txt: {CUT} after line 4: {FETCH_AGAIN}", bz2.compress(GOOD)[:-3]),
    Case("xz, its last bytes cut", f"study.txt: {CUT} after line 4: {FETCH_AGAIN}", lzma.compress(GOOD)[:-6]),
    Case("zstd, its last bytes cut", f"study.txt: {CUT}: {FETCH_AGAIN}", zstandard.compress(GOOD)[:-1]),
    Case(
        "gzip, wrong checksum",
        f"study.txt: its gzip data are damaged after line 4: {DAMAGED}",
        with_flipped_byte(gzip.compress(GOOD), -6),
    ),
    Case(
        "gzip, damaged in the middle",
        f"study.txt: its gzip data are damaged after line ...: {DAMAGED.partition('checksum')[2]}".replace(
            ": ", ": ...", 2
        ).replace("study.txt: ...", "study.txt: "),
        lambda: with_flipped_byte(gzip.compress(noisy_table()), 90_000),
    ),
    Case("nothing, compressed", "study.txt: holds no text...", gzip.compress(b"")),
    Case("zip that is none", "study.txt: is a zip archive, damaged or incomplete...", b"PK\x03\x04junk"),
]
