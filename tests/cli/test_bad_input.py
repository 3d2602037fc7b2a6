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

import pytest
import zstandard

from gwasmeta import cli
from gwasmeta.errors import GwasmetaError

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
    monkeypatch.setattr("gwasmeta.sumstats.line_blocks._LONGEST_LINE", 2 << 20)


def there_is_no_temporary_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "no-such-folder")


class _FullDisk(io.RawIOBase):
    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def disk_is_full_from(number: int) -> Callable[[pytest.MonkeyPatch], None]:
    """Let nothing be written into this file, counted from 1, and the later ones; they are created nevertheless."""

    def fill(monkeypatch: pytest.MonkeyPatch) -> None:
        usual, opened_before = Path.open, []

        def opened(path, mode="r", buffering=-1, *arguments, **options):
            if "w" in mode:
                opened_before.append(path)
            if "w" not in mode or len(opened_before) < number:
                return usual(path, mode, buffering, *arguments, **options)
            path.touch()
            return io.BufferedWriter(_FullDisk(), 1 << 20)

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
DAMAGED = "...\n  Compare its checksum with the sender's, and fetch it again."
NOT_TEXT = "\n  Give a table of summary statistics as text; it may be compressed by gzip, bzip2, xz, zstd or zip."
RIGHT_FILTER = "\n  A right filter:  info >= 0.8 and 0.01 < eaf < 0.99 and chr not in ['X', 'Y']"
NO_ROW = "no row of any study can be used\n"
NO_GUESS = "  A wrong effect allele turns every effect around, so gwasmeta does not guess it.\n"

DAMAGED_FILES = [
    Case("gzip, cut", f"study.txt: {CUT} after line ...: {FETCH_AGAIN}", lambda: cut(gzip.compress(noisy_table()))),
    Case("bzip2, cut", f"study.txt: {CUT} after line ...: {FETCH_AGAIN}", lambda: cut(bz2.compress(noisy_table(), 1))),
    Case("xz, cut", f"study.txt: {CUT} after line ...: {FETCH_AGAIN}", lambda: cut(lzma.compress(noisy_table()))),
    Case(
        "zstd, cut", f"study.txt: {CUT} after line ...: {FETCH_AGAIN}", lambda: cut(zstandard.compress(noisy_table()))
    ),
    Case("gzip, its last bytes cut", f"study.txt: {CUT} after line 4: {FETCH_AGAIN}", gzip.compress(GOOD)[:-6]),
    Case("bzip2, its last bytes cut", f"study.txt: {CUT} after line 4: {FETCH_AGAIN}", bz2.compress(GOOD)[:-3]),
    Case("xz, its last bytes cut", f"study.txt: {CUT} after line 4: {FETCH_AGAIN}", lzma.compress(GOOD)[:-6]),
    Case("zstd, its last bytes cut", f"study.txt: {CUT}: {FETCH_AGAIN}", zstandard.compress(GOOD)[:-1]),
    Case(
        "gzip, wrong checksum",
        f"study.txt: its gzip data are damaged: {DAMAGED}",
        with_flipped_byte(gzip.compress(GOOD), -6),
    ),
    Case(
        "gzip, damaged in the middle",
        f"study.txt: its gzip data are damaged after line ...: {DAMAGED}",
        lambda: with_flipped_byte(gzip.compress(noisy_table()), 90_000),
    ),
    Case(
        "nothing, compressed",
        "study.txt: holds no text\n  Was it written or transferred completely?",
        gzip.compress(b""),
    ),
    Case(
        "a zip archive that is none",
        "study.txt: is a zip archive, damaged or incomplete (File is not a zip file): was the transfer complete?\n"
        "  Compare its size or checksum with the sender's, and fetch it again.",
        b"PK\x03\x04junk",
    ),
]

WRONG_NUMBERS_OF_FIELDS = [
    Case("fewer", f"study.txt, line 3: 8 fields, but the header has 9{FIELDS}", changed("rs2\t", "")),
    Case("more", f"study.txt, line 4: 10 fields, but the header has 9{FIELDS}", GOOD[:-1] + b"\tx\n"),
    Case("a single one", f"study.txt, line 3: 1 field, but the header has 9{FIELDS}", table(ROWS[0], "rs2")),
    Case("the last line cut", f"study.txt, line 4: 7 fields, but the header has 9{FIELDS}", GOOD[:-11]),
    Case(
        "an extra tab at each line's end",
        f"study.txt, line 2: 10 fields, but the header has 9{FIELDS}",
        GOOD.replace(b"1000\n", b"1000\t\n"),
    ),
    Case(
        "a comma within quotes",
        f"study.txt, line 2: 10 fields, but the header has 9{FIELDS}",
        table(*ROWS, separator=",").replace(b"rs1", b'"rs1,2"'),
    ),
    Case(
        "below preamble, comment and blank line",
        f"study.txt, line 8: 8 fields, but the header has 9{FIELDS}",
        b"## made by hand\n\n" + table(ROWS[0], "#comment", "", ROWS[1], "rs3 2 300 A G 0.2 -0.1 0.04"),
    ),
    Case(
        "with the line ends of Windows",
        f"study.txt, line 3: 8 fields, but the header has 9{FIELDS}",
        changed("rs2\t", "").replace(b"\n", b"\r\n"),
    ),
    Case(
        "with the line ends of old Macs",
        f"study.txt, line 3: 8 fields, but the header has 9{FIELDS}",
        changed("rs2\t", "").replace(b"\n", b"\r"),
    ),
    Case(
        "fewer, beyond 4 MB",
        f"study.txt, line 120000: 5 fields, but the header has 9{FIELDS}",
        lambda: long_table_with(b"rs9\t1\t1\tA\tC\n", 120_000),
    ),
    Case(
        "more, beyond 4 MB of a gzip file",
        f"study.txt, line 125001: 10 fields, but the header has 9{FIELDS}",
        lambda: gzip.compress(long_table_with(b"rs9\t1\t1\tA\tC\t0.3\t0.1\t0.05\t1000\tx\n", 125_001), 1),
    ),
    Case(
        "header between tabs, rows between commas",
        f"study.txt, line 2: 1 field, but the header has 9{FIELDS}",
        table() + table(*ROWS, separator=",").partition(b"\n")[2],
    ),
    Case(
        "header between commas, rows between blanks",
        f"study.txt, line 2: 1 field, but the header has 9{FIELDS}",
        table(separator=",") + table(*ROWS, separator=" ").partition(b"\n")[2],
    ),
    Case(
        "a single row between blanks among rows between tabs",
        f"study.txt, line 3: 1 field, but the header has 9{FIELDS}",
        changed(ROWS[1].replace(" ", "\t"), ROWS[1]),
    ),
]

NO_TEXT_TABLE = [
    Case(
        "binary junk",
        f"study.txt, line 1: is not a text table: it has a NUL byte in it{NOT_TEXT}",
        b"\x89HDF\r\x1a\0\1" + random.Random(1).randbytes(5000),
    ),
    Case(
        "UTF-16 with a byte order mark",
        "study.txt: is text in UTF-16, not in UTF-8\n  Convert it:  iconv -f UTF-16 -t UTF-8 study.txt > converted.txt",
        GOOD.decode().encode("utf-16"),
    ),
    Case(
        "UTF-16 without a byte order mark",
        "study.txt: is text in UTF-16LE, not in UTF-8\n"
        "  Convert it:  iconv -f UTF-16LE -t UTF-8 study.txt > converted.txt",
        GOOD.decode().encode("utf-16-le"),
    ),
    Case(
        "a NUL near the top",
        f"study.txt, line 3: is not a text table: it has a NUL byte in it{NOT_TEXT}",
        changed("rs2", "r\0"),
    ),
    Case(
        "a NUL beyond 4 MB",
        "study.txt, line 120000: has a NUL byte in it, which no text has\n"
        "  Was the file damaged on its way? Compare its checksum with the sender's, fetch it again.",
        lambda: long_table_with(b"rs9\t1\t1\tA\tC\t0.3\t\0\t0.05\t1000\n", 120_000),
    ),
    Case("an empty file", "study.txt: is empty (0 bytes)\n  Was it written or transferred completely?", b""),
    Case(
        "blank lines",
        "study.txt: has no header: each of its lines is blank or begins with '#'\n"
        "  Is this the right file, and was it written completely?",
        b"\n \n\n",
    ),
    Case(
        "a preamble",
        "study.txt: has no header: each of its lines is blank or begins with '#'\n"
        "  Is this the right file, and was it written completely?",
        b"## a\n## b\n",
    ),
    Case(
        "a line without end",
        "study.txt, line 3: is longer than 2 MiB: is this a text table?\n"
        "  A table of summary statistics has one variant on each line; check what wrote the file.",
        lambda: table(ROWS[0]) + b"A" * (5 << 20),
        machine=lines_may_have_2_mib,
    ),
]

UNUSABLE_ROWS = [
    Case("header only", f"{NO_ROW}  study.txt: 0 rows read...", table()),
    Case("header only, without line end", f"{NO_ROW}  study.txt: 0 rows read...", table()[:-1]),
    Case(
        "header only, twice",
        f"{NO_ROW}  study.txt: 0 rows read...\n  again.txt: 0 rows read...",
        table(),
        "study.txt again.txt",
        files={"again.txt": table()},
    ),
    Case(
        "each row excluded",
        f"{NO_ROW}"
        "  study.txt: 3 rows read; beta_missing 2, alleles_identical 1\n"
        "    first: line 2, rs1: beta_missing ('NA'): the effect is missing or no number",
        table("rs1 1 100 A C 0.3 NA 0.05 1000", "rs2 1 200 G G 0.4 0.2 0.05 1000", "rs3 2 300 A G 0.2 ? 0.04 1000"),
    ),
    Case(
        "each row excluded by a filter",
        f"{NO_ROW}  study.txt: 3 rows read; filter: eaf > 0.9 3\n    first: line 2, rs1: filter: eaf > 0.9 ('0.3'):...",
        command="study.txt --filter 'eaf > 0.9'",
    ),
    Case(
        "decimal commas",
        f"{NO_ROW}  study.txt: 3 rows read; beta_missing 3\n    first: line 2, rs1: beta_missing ('0,1'):...",
        GOOD.replace(b"\t", b";").replace(b".", b","),
    ),
    Case(
        "sample-size method, but no n",
        "...study.txt...sample-size...--n ...",
        table(*(row.removesuffix(" 1000") for row in ROWS), header=HEADER.removesuffix(" N")),
        "study.txt --method sample-size",
    ),
]

HEADERS = [
    Case(
        "a name twice",
        "study.txt, line 1: the header has BETA, wanted as beta, 2 times: BETA in column 7, BETA in column 10\n"
        "  Which one is meant cannot be told: remove or rename the others in the file.",
        table(*(f"{row} 1" for row in ROWS), header=f"{HEADER} BETA"),
    ),
    Case(
        "one word",
        "study.txt, line 1: the header has one word only: 'MARKERNAME'\n"
        "  Neither tabs, commas, semicolons nor blanks separate it into columns.\n"
        "  Is this the right file, and is the line that names its columns there?",
        b"MARKERNAME\nrs1\n",
    ),
    Case(
        "not there: the first line has numbers",
        "study.txt, line 1: ...is the line that names its columns there?...",
        table(*ROWS[1:], header=ROWS[0]),
    ),
    Case(
        "not there, and one line only",
        "study.txt, line 1: ...is the line that names its columns there?...",
        table(header=ROWS[0])[:-1],
    ),
    Case(
        "of an unknown tool",
        "study.txt, line 1: the header is of no format that gwasmeta knows\n"
        "  Missing:\n...\n"
        "  Free words of the header: MarkerID Allele1 Allele2 BETA SE\n"
        f"{NO_GUESS}"
        "  Allele1 and Allele2 can be read in two ways:  --column effect_allele=Allele1,other_allele=Allele2"
        "  or  --column effect_allele=Allele2,other_allele=Allele1\n"
        "  Name the columns:  --column variant_id=MarkerID --column effect_allele=WORD --column other_allele=WORD"
        " --column beta=BETA --column standard_error=SE\n...",
        table("rs1 A C 0.1 0.1", header="MarkerID Allele1 Allele2 BETA SE"),
    ),
    Case(
        "with several readings of the effect allele",
        "study.txt, line 1: the header fits several formats that differ in the alleles:"
        " metal (effect allele ALLELE1, other allele ALLELE2), regenie (effect allele ALLELE1, other allele ALLELE0)\n"
        f"{NO_GUESS}"
        "  Say which tool wrote the file:  --dialect metal or --dialect regenie"
        '      in Python:  dialect="metal"',
        table(header="MARKER ALLELE1 ALLELE2 EFFECT STDERR CHROM GENPOS ID ALLELE0 LOG10P BETA SE"),
    ),
    Case(
        "without what fixed effects need",
        "study.txt: an effect with its standard error is needed, and the ldsc columns of this file do not give it\n"
        "...\n  The file has: SNP, A1, A2, Z, N.\n...--method sample-size...",
        table("rs1 A C 1.2 100", header=LDSC),
    ),
    Case(
        "without positions, to match by position",
        "study.txt: no column for chromosome, which matching variants by position needs\n"
        "  Name it by --column chromosome=WORD, or match by id (--match id). The file has: SNP, A1, A2, Z, N.",
        table("rs1 A C 1.2 100", header=LDSC),
        "study.txt --method sample-size --match position",
    ),
    Case(
        "without ids, to match by id",
        "study.txt: no column for variant_id, which matching variants by id needs\n"
        "  Name it by --column variant_id=WORD, or match by position (--match position). The file has: chromosome,...",
        table(header="chromosome base_pair_location effect_allele other_allele beta standard_error"),
    ),
]

PARQUET = [
    Case(
        "junk",
        "study.parquet: cannot be read as Parquet: ...",
        command="study.parquet",
        files={"study.parquet": b"PAR1" + b"junk" * 100},
    ),
    Case(
        "cut",
        "study.parquet: cannot be read as Parquet: ...",
        command="study.parquet",
        files={"study.parquet": parquet_study()[:-50]},
    ),
    Case(
        "damaged in the middle",
        "study.parquet: cannot be read as Parquet: ...",
        command="study.parquet",
        files={"study.parquet": b"PAR1" + bytes(200) + parquet_study(1000)[204:]},
    ),
    Case(
        "without the columns that are needed",
        "study.parquet: the header is of no format that gwasmeta knows\n...\n"
        "  Free words of the header: rsid pval\n...",
        command="study.parquet",
        files={"study.parquet": parquet(rsid=["rs1"], pval=[0.5])},
    ),
    Case(
        "without rows",
        f"{NO_ROW}  study.parquet: 0 rows read...",
        command="study.parquet",
        files={"study.parquet": parquet_study(0)},
    ),
    Case(
        "with words for numbers",
        f"{NO_ROW}  study.parquet: 2 rows read; beta_missing 2\n    first: line 1, rs0: beta_missing ('x'):...",
        command="study.parquet",
        files={"study.parquet": parquet_study(BETA=["x", "y"])},
    ),
    Case(
        "with lists for numbers",
        "study.parquet: ...BETA...",
        command="study.parquet",
        files={"study.parquet": parquet_study(BETA=[[0.1], [0.2]])},
    ),
    Case(
        "with lists for words",
        "study.parquet: ...MARKERNAME...",
        command="study.parquet",
        files={"study.parquet": parquet_study(MARKERNAME=[["rs1"], ["rs2"]])},
    ),
]

PATHS = [
    Case(
        "a missing file",
        "god.txt: there is no such file\n  Did you mean good.txt or study.txt?",
        command="god.txt",
    ),
    Case(
        "a missing file that is like no other",
        "9999: there is no such file\n  Nothing in the current folder has a similar name: check the path.",
        command="9999",
    ),
    Case(
        "a missing folder",
        "cohorts/good.txt: there is no such file\n  The folder cohorts does not exist either: check the path.",
        command="cohorts/good.txt",
    ),
    Case("a folder", "out: is a folder, not a file\n  Name one of the files in it.", command="out"),
    Case("no path behind the name", "...ukb=...", command="ukb="),
    Case(
        "a file without permission",
        "study.txt: permission denied\n  Ask its owner for the right to read it (ls -l study.txt shows who that is).",
        machine=permission_is_denied,
    ),
    Case(
        "empty standard input",
        "standard input: is empty (0 bytes)\n  Was it written or transferred completely?",
        command="-",
        stdin=b"",
    ),
    Case("standard input twice", "standard input...twice...", command="first=- second=-", stdin=GOOD),
    Case(
        "Parquet from standard input",
        "standard input, line 1: is not a text table: it has a NUL byte in it...",
        command="-",
        stdin=parquet_study(),
    ),
    Case("two studies of one name", "two studies are named 'ukb'...", command="ukb=study.txt ukb=good.txt"),
]

OPTIONS = [
    Case(
        "an unknown dialect",
        "study.txt, line 1: there is no dialect 'metall'; perhaps metal or meta or metal_out?\n  Known are:\n"
        "    gwama                   input of GWAMA and MR-MEGA\n...",
        command="study.txt --dialect metall",
    ),
    Case(
        "a dialect that does not fit",
        "study.txt, line 1: the header is not one of metal (input of METAL under its default labels)\n  Missing:\n"
        "    variant_id, or chromosome and base_pair_location; metal calls it MARKER\n...",
        command="study.txt --dialect metal",
    ),
    Case(
        "a dialect for a study that is not there",
        "--dialect ukb=metal: there is no study 'ukb'; the studies are study, good",
        command="study.txt good.txt --dialect ukb=metal",
    ),
    Case(
        "an unknown column",
        "study.txt, line 1: 'BETA' is named as 'bta', which is no column of gwasmeta; perhaps beta?\n"
        "  The columns that can be named: variant_id, chromosome, ...",
        command="study.txt --column bta=BETA",
    ),
    Case(
        "a word that the header lacks",
        f"study.txt, line 1: 'BTA', named as beta, is not in the header; perhaps BETA?\n  The header: {HEADER}",
        command="study.txt --column beta=BTA",
    ),
    Case(
        "a word for two columns",
        "study.txt, line 1: BETA is named as beta and as z\n"
        "  A column has one meaning: name another word of the header for one of the two.",
        command="study.txt --column beta=BETA --column z=BETA",
    ),
    Case(
        "a column without a word",
        "--column beta: write it as COLUMN=WORD, such as effect_allele=Allele2",
        command="study.txt --column beta",
    ),
    Case(
        "a column with an empty word",
        "--column beta=: write it as COLUMN=WORD, such as effect_allele=Allele2",
        command="study.txt --column beta=",
    ),
    Case(
        "a column for a study that is not there",
        "--column ukb:beta=BETA: there is no study 'ukb'; the studies are study",
        command="study.txt --column ukb:beta=BETA",
    ),
    Case("n is no number", "--n many: not a number...", command="study.txt --n many"),
    Case("n is no number, for one study", "--n ...many: not a number...", command="study.txt --n study=many"),
    Case("n is negative", "study.txt: n = -5.0: a positive number is needed", command="study.txt --n -5"),
    Case("n is infinite", "study.txt: n = inf: a positive number is needed...", command="study.txt --n inf"),
    Case(
        "n for a study that is not there",
        "--n ukb=5: there is no study 'ukb'; the studies are study",
        command="study.txt --n ukb=5",
    ),
    Case("cases are no number", "--n-cases x: not a number...", command="study.txt --n-cases x"),
    Case("no controls", "study.txt: n_controls = 0.0: a positive number is needed", command="study.txt --n-controls 0"),
    Case(
        "an inflation factor that is no number",
        "--inflation-factor x: not a number...",
        command="study.txt --inflation-factor x",
    ),
    Case(
        "an infinite inflation factor",
        "study.txt: inflation_factor = inf: a positive number is needed...",
        command="study.txt --inflation-factor inf",
    ),
    Case("an unknown method", "method 'fixe': choose among fixed, random, ...", command="study.txt --method fixe"),
    Case("no method", "method '': choose among fixed, random, ...", command="study.txt --method ''"),
    Case(
        "an unknown estimator",
        "tau-squared estimator 'XX': choose among DL, PM, REML, ML, SJ, HE, HS, EB",
        command="study.txt --method random --tau-squared XX",
    ),
    Case(
        "leave-one-out without fixed effects",
        "leave-one-out gives fixed-effects estimates: add fixed to the methods",
        command="study.txt --method random --leave-one-out",
    ),
    Case("Hartung-Knapp without random effects", "...random...", command="study.txt --hartung-knapp"),
    Case("no studies are enough", "min studies = 0: must be from 1 to 1000000", command="study.txt --min-studies 0"),
    Case("a negative n", "min n = -1.0: must be from 0 to 1000000000000", command="study.txt --min-n -1"),
    Case("an n that is no number", "min n = nan: must be from 0 to 1000000000000", command="study.txt --min-n nan"),
    Case(
        "a window beyond all frequencies",
        "palindromic window = 0.6: must be from 0 to 0.5",
        command="study.txt --palindromic infer --palindromic-window 0.6",
    ),
    Case(
        "a difference beyond all frequencies",
        "frequency difference = 2.0: must be from 0 to 1",
        command="study.txt --frequency-difference 2",
    ),
    Case("a p-value above 1", "direction p = 1.5: must be from 0 to 1", command="study.txt --direction-p 1.5"),
]

FILTERS = [
    Case(
        "with a part missing",
        "filter not understood: no filter is written like this...\n    eaf >\n    ^" + RIGHT_FILTER,
        command="study.txt --filter 'eaf >'",
    ),
    Case("without anything", "filter not understood: it is empty\n..." + RIGHT_FILTER, command="study.txt --filter ''"),
    Case(
        "on a column that the file lacks",
        "study.txt: the filter 'info > 0.3' asks for info, which this file does not have\n"
        "  It has: MARKERNAME, CHR, POS, EA, NEA, EAF, BETA, SE, N. A filter can be given to single studies.",
        command="study.txt --filter 'info > 0.3'",
    ),
    Case(
        "that would run a program",
        "filter not understood: this is no part of what a filter can say\n"
        "    __import__('os').system('touch attacked') == 0\n    ^" + RIGHT_FILTER,
        command="study.txt --filter \"__import__('os').system('touch attacked') == 0\"",
    ),
    Case(
        "for a study that is not there",
        "--filter ukb:eaf > 0.3: there is no study 'ukb'; the studies are study",
        command="study.txt --filter 'ukb:eaf > 0.3'",
    ),
]

GENOMIC_CONTROL = [
    Case(
        "a list that is missing",
        "lis.txt: ...there is no such file\n  Did you mean list.txt...",
        command="study.txt --genomic-control --genomic-control-variants lis.txt",
        files={"list.txt": b"rs1\n"},
    ),
    Case(
        "an empty list",
        "list.txt: ...is empty...",
        command="study.txt --genomic-control --genomic-control-variants list.txt",
        files={"list.txt": b"\n"},
    ),
    Case(
        "a compressed list",
        "list.txt: is not a text file...",
        command="study.txt --genomic-control --genomic-control-variants list.txt",
        files={"list.txt": gzip.compress(b"rs1\n")},
    ),
    Case(
        "a folder for a list",
        "out: is a folder, not a file...",
        command="study.txt --genomic-control --genomic-control-variants out",
    ),
    Case(
        "a list of variants that no study has",
        "list.txt: ...",
        command="study.txt --genomic-control --genomic-control-variants list.txt",
        files={"list.txt": b"chr1:100\n"},
    ),
]

OUTPUT = [
    Case(
        "into a folder that is missing",
        "results/meta.tsv: there is no folder results; create it first",
        command="study.txt --out results/meta",
    ),
    Case("into a file", "good.txt/meta.tsv: there is no folder good.txt...", command="study.txt --out good.txt/meta"),
    Case("into a folder, without a name", "out/: ...", command="study.txt --out out/"),
    Case("without any name", "...name...", command="study.txt --out ''"),
    Case(
        "of a name that is too long", f"out/{'x' * 300}.tsv: ...too long...", command=f"study.txt --out out/{'x' * 300}"
    ),
    Case(
        "over a folder",
        "folder.tsv: cannot be written: Is a directory...",
        command="study.txt --out folder",
        files={"folder.tsv/file": b""},
    ),
    Case(
        "with a log over a folder",
        "folder.log.tsv: cannot be written: Is a directory...",
        command="study.txt --out folder",
        files={"folder.log.tsv/file": b""},
    ),
    Case(
        "over a study",
        "study.tsv: ...part of the input...",
        command="study.tsv --out study",
        files={"study.tsv": GOOD},
    ),
    *(
        Case(
            f"to a disk that is full before {name}",
            f"out/{name}: cannot be written: No space left on device...",
            command=f"study.txt --out out/{out}",
            machine=disk_is_full_from(number),
        )
        for number, out, name in (
            (1, "meta", "meta.tsv"),
            (1, "meta.tsv.gz", "meta.tsv.gz"),
            (1, "meta.tsv.bgz", "meta.tsv.bgz"),
            (1, "meta.tsv.zst", "meta.tsv.zst"),
            (2, "meta", "meta.log.tsv"),
            (3, "meta", "meta.json"),
        )
    ),
    Case(
        "without a folder for temporary files",
        "no-such-folder...TMPDIR...",
        command="study.txt --method random",
        machine=there_is_no_temporary_folder,
    ),
]

GROUPS = {
    "damaged": DAMAGED_FILES,
    "fields": WRONG_NUMBERS_OF_FIELDS,
    "no table": NO_TEXT_TABLE,
    "rows": UNUSABLE_ROWS,
    "header": HEADERS,
    "parquet": PARQUET,
    "path": PATHS,
    "option": OPTIONS,
    "filter": FILTERS,
    "genomic control": GENOMIC_CONTROL,
    "output": OUTPUT,
}
CASES = [pytest.param(case, id=f"{group}: {case.name}") for group, cases in GROUPS.items() for case in cases]


# --- the test -----------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a good study, an older result in out/, and a place for temporary files."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.txt").write_bytes(GOOD)
    for name in ("out", "temporary"):
        (tmp_path / name).mkdir()
    for name in OLDER_RESULT:
        (tmp_path / "out" / name).write_bytes(b"older " + name.encode())
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return tmp_path


def prepare(case: Case, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "study.txt").write_bytes(case.study() if callable(case.study) else case.study)
    for name, content in case.files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    if case.stdin is not None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(case.stdin)))


def all_files(folder: Path) -> dict[str, bytes | None]:
    paths = folder.rglob("*")
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in paths}


def meta(command: str) -> int:
    words = shlex.split(command)
    return cli.main(["meta", *words, "--quiet", *([] if "--out" in words else ["--out", "out/meta"])])


def assert_says(text: str, message: str) -> None:
    """Compare with a message in which ... stands for anything."""
    pattern = ".*".join(map(re.escape, message.split("...")))
    if not re.fullmatch(pattern, text, re.DOTALL):
        pytest.fail(f"this should be said:\n\n{message}\n\nand this is:\n\n{text}", pytrace=False)


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_explained_and_does_no_harm(case, folder, monkeypatch, capsys):
    prepare(case, folder, monkeypatch)
    before = all_files(folder)
    with monkeypatch.context() as on_this_machine:
        case.machine(on_this_machine)
        code = meta(case.command)
    said = capsys.readouterr()
    assert_says(said.err, f"gwasmeta: error: {case.message}\n")
    assert code == BAD_INPUT
    assert said.out == ""
    assert "Traceback" not in said.err
    assert all_files(folder) == before


def test_the_table_has_each_case_once():
    names = [case.id for case in CASES]
    assert len(set(names)) == len(names) >= 45


# --- where the table does not reach ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("", "the following arguments are required: COMMAND"),
        ("mta", "argument COMMAND: invalid choice: 'mta' (choose from ...)"),
        ("meta good.txt", "the following arguments are required: -o/--out"),
        ("meta good.txt --out out/meta --frobnicate", "unrecognized arguments: --frobnicate"),
        ("meta good.txt --out", "argument -o/--out: expected one argument"),
        ("meta good.txt --out out/meta --format plink", "argument --format: invalid choice: 'plink' (choose from ...)"),
        ("meta good.txt --out out/meta --match rsid", "argument --match: invalid choice: 'rsid' (choose from ...)"),
        (
            "meta good.txt --out out/meta --palindromic flip",
            "argument --palindromic: invalid choice: 'flip' (choose from ...)",
        ),
        ("meta good.txt --out out/meta --min-studies x", "argument --min-studies: invalid int value: 'x'"),
        ("meta good.txt --out out/meta --min-n many", "argument --min-n: invalid float value: 'many'"),
    ],
)
def test_a_wrong_command_line_is_answered_with_the_usage(folder, capsys, words, message):
    before = all_files(folder)
    with pytest.raises(SystemExit) as caught:
        cli.main(shlex.split(words))
    said = capsys.readouterr()
    assert caught.value.code == BAD_INPUT
    assert_says(said.err, f"usage: gwasmeta ...\ngwasmeta...: error: {message}\n")
    assert said.out == ""
    assert all_files(folder) == before


def test_a_study_without_rows_among_others_is_no_error(folder, capsys):
    (folder / "study.txt").write_bytes(table())
    assert meta("good.txt study.txt --out out/with") == 0
    assert meta("good.txt --out out/without") == 0
    assert capsys.readouterr().err == ""
    with_it, without = ((folder / f"out/{name}.tsv").read_text() for name in ("with", "without"))
    assert with_it == without.replace("\t+\t", "\t+?\t").replace("\t-\t", "\t-?\t")
    assert "study\tstudy.txt\trows_read\t\t0\t" in (folder / "out/with.log.tsv").read_text()


def test_a_fault_in_the_second_study_leaves_nothing_of_the_first(folder, capsys):
    (folder / "study.txt").write_bytes(changed("rs3\t", ""))
    before = all_files(folder)
    assert meta("good.txt study.txt --method fixed,random --leave-one-out") == BAD_INPUT
    assert_says(
        capsys.readouterr().err, f"gwasmeta: error: study.txt, line 4: 8 fields, but the header has 9{FIELDS}\n"
    )
    assert all_files(folder) == before


@contextmanager
def files_of_at_most(n_bytes: int) -> Iterator[None]:
    """Let the system refuse to make any file of this process larger, as a full disk would."""
    resource = pytest.importorskip("resource", reason="only Unix can limit the size of files")
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (
            "study.txt --method random",
            "...temporary...: cannot hold the studies' effects for the methods that need them all (...)\n"
            "  0 MB are needed for each study; set TMPDIR to a folder with room.",
        ),
        ("study.txt --out out/new.parquet", "out/new.parquet: cannot be written: ..."),
    ],
)
def test_a_disk_that_fills_up_is_told_by_those_who_write_without_python(folder, capsys, command, message):
    (folder / "study.txt").write_bytes(noisy_table())
    assert meta(f"good.txt {command.replace('out/new', 'out/before')}") == 0  # what is compiled is cached in files
    capsys.readouterr()
    before = all_files(folder)
    with files_of_at_most(10_000):
        code = meta(command)
    assert_says(capsys.readouterr().err, f"gwasmeta: error: {message}\n")
    assert code == BAD_INPUT
    assert all_files(folder) == before


@pytest.mark.parametrize("out", ["results/meta", "good.txt/meta", "table", "log", "good"])
def test_an_output_that_cannot_be_is_refused_before_hours_of_reading(folder, capsys, out):
    (folder / "table.tsv").mkdir()
    (folder / "log.log.tsv").mkdir()
    (folder / "good.tsv").write_bytes(GOOD)
    assert cli.main(["meta", "good.tsv", "--out", out]) == BAD_INPUT
    said = capsys.readouterr()
    assert said.err.startswith("gwasmeta: error: ")  # no line of progress before it
    assert said.out == ""
    assert (folder / "good.tsv").read_bytes() == GOOD


def test_the_error_is_the_last_thing_that_is_said(folder, capsys):
    (folder / "study.txt").write_bytes(b"")
    (folder / "later.txt").write_bytes(changed("rs3\t", ""))
    assert cli.main(["meta", "good.txt", "later.txt", "--out", "out/meta"]) == BAD_INPUT
    said = capsys.readouterr()
    assert_says(
        said.err,
        "good: 3 rows read (1/2 studies)\n"
        f"gwasmeta: error: later.txt, line 4: 8 fields, but the header has 9{FIELDS}\n",
    )
    assert said.out == ""


def test_a_process_ends_with_the_code_and_without_a_traceback(folder):
    (folder / "study.txt").write_bytes(b"")
    command = [sys.executable, "-m", "gwasmeta", "meta", "study.txt", "--out", "out/meta"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == BAD_INPUT
    assert ended.stderr == (
        "gwasmeta: error: study.txt: is empty (0 bytes)\n  Was it written or transferred completely?\n"
    )
    assert ended.stdout == ""


def test_the_way_to_an_error_is_shown_to_who_asks(folder):
    with pytest.raises(GwasmetaError, match=r"^god\.txt: there is no such file"):
        meta("god.txt --traceback")


def test_a_fault_of_the_program_is_not_blamed_on_the_user(folder, monkeypatch, capsys):
    def broken(*_, **__):
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("gwasmeta.meta_analyze", broken)
    assert meta("good.txt") == 1
    said = capsys.readouterr()
    assert_says(
        said.err,
        "gwasmeta: this is a fault of gwasmeta ..., not yours: ZeroDivisionError: by zero\n"
        "  Please report it, with what the command prints when --traceback is added.\n",
    )
    assert said.out == ""


def test_who_interrupts_the_writing_finds_nothing_of_it(folder, monkeypatch, capsys):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    before = all_files(folder)
    monkeypatch.setattr("gwasmeta.meta.result.table_text", interrupted)
    assert meta("good.txt") == 130
    assert capsys.readouterr().err == "gwasmeta: interrupted; no output was written\n"
    assert all_files(folder) == before


# --- numbers out of range ---------------------------------------------------------------------------------------


def log_of(folder: Path) -> list[list[str]]:
    return [line.split("\t") for line in (folder / "out/meta.log.tsv").read_text().splitlines()]


def excluded_values(folder: Path) -> list[str]:
    return [value for *_, action, _count, _reason, _line, _id, value in log_of(folder) if action == "excluded"]


@pytest.mark.parametrize("method", ["fixed", "random"])
@pytest.mark.parametrize("standard_error", ["0", "-0.05", "nan", "inf", "1e-200", "1e200"])
def test_a_standard_error_without_a_weight_excludes_its_row(folder, capsys, method, standard_error):
    (folder / "study.txt").write_bytes(changed("\t0.2\t0.05\t", f"\t0.2\t{standard_error}\t"))
    assert meta(f"study.txt --method {method}") == 0
    assert capsys.readouterr().err == ""
    assert excluded_values(folder) == [standard_error]
    assert [line.split("\t")[0] for line in (folder / "out/meta.tsv").read_text().splitlines()[1:]] == ["rs1", "rs3"]


@pytest.mark.parametrize("beta", ["inf", "1e400", "NA", ""])
def test_an_effect_that_is_no_number_excludes_its_row(folder, capsys, beta):
    (folder / "study.txt").write_bytes(changed("\t0.2\t0.05\t", f"\t{beta}\t0.05\t"))
    assert meta("study.txt") == 0
    assert capsys.readouterr().err == ""
    assert excluded_values(folder) == [beta]


ON_NO_CHROMOSOME = ["0", "-200", "1e300", "9" * 11, "9" * 12, "9" * 19, "9" * 25, "x"]


@pytest.mark.parametrize("match", ["id", "position"])
def test_a_position_on_no_chromosome_matches_nothing_and_is_not_written(folder, match):
    rows = [f"rs{number} 1 {position} A C 0.3 0.1 0.05 1000" for number, position in enumerate(ON_NO_CHROMOSOME)]
    (folder / "study.txt").write_bytes(table(*rows, "rs99 2 300 A G 0.2 -0.1 0.04 1000"))
    # In a process of its own: compiled code that writes beyond its arrays takes the tests down with it.
    command = f"meta study.txt --match {match} --out out/meta --quiet"
    ended = subprocess.run([sys.executable, "-m", "gwasmeta", *command.split()], capture_output=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, b"")
    written = [line.split("\t")[2] for line in (folder / "out/meta.tsv").read_text().splitlines()[1:]]
    if match == "position":
        assert written == ["300"]
        counts = {row[2]: int(row[4]) for row in log_of(folder) if row[2] == "rows_read" or row[3] == "excluded"}
        assert counts.pop("rows_read") == 1 + sum(counts.values())
    else:
        assert written == ["NA"] * len(ON_NO_CHROMOSOME) + ["300"]
