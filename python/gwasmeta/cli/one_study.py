"""What the commands about a single study share: the options that say how to read it, and its progress."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gwasmeta.cli.named_words import named_words
from gwasmeta.cli.progress import announce_compilation

if TYPE_CHECKING:
    from gwasmeta.sumstats.reader import RowProgress
    from gwasmeta.sumstats.study import Study

_ROWS_PER_LINE = 5_000_000


_FORMS = "summary statistics: text (tab, comma, semicolon, blanks; plain, gz, bgz, bz2, xz, zst), Parquet or GWAS-VCF"


def add_reading_options(parser: Any, *, several: bool = False) -> None:
    """Add the file, or several files, and the options that say how one is read."""
    if several:
        parser.add_argument(
            "files", nargs="+", metavar="[NAME=]FILE", help=f"{_FORMS}; one alone may be - for standard input"
        )
    else:
        parser.add_argument("file", metavar="FILE", help=f"{_FORMS}; - is standard input")
    group = parser.add_argument_group("reading")
    group.add_argument("--name", metavar="NAME", help="what the study is called (default: the file's name)")
    group.add_argument("--dialect", metavar="NAME", help="the format, where it is not recognised")
    group.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="COLUMN=WORD[,...]",
        help="which of the header's words is a column, such as effect_allele=Allele2,other_allele=Allele1",
    )
    group.add_argument("--trait", metavar="NAME", help="which trait is meant, of a file with several")
    group.add_argument(
        "--side-file",
        action="append",
        default=[],
        dest="side_files",
        metavar="FILE",
        help="the .frq or .bim with the alleles that PLINK 1.9's results lack; looked for beside them if not given",
    )
    for name, what in (
        ("n", "sample size, for files without such a column"),
        ("n-cases", "number of cases"),
        ("n-controls", "number of controls"),
    ):
        group.add_argument(f"--{name}", type=float, metavar="NUMBER", help=what)
    group.add_argument(
        "--filter",
        action="append",
        default=[],
        dest="filters",
        metavar="CONDITION",
        help="keep only rows that satisfy it: 'info >= 0.4', 'maf >= 0.01', 'n * maf >= 10'",
    )


def study_of(options: argparse.Namespace) -> Study:
    """Return the study that the options speak of."""
    return study_of_file(options.file, options.name, options)


def study_of_file(file: str, name: str | None, options: argparse.Namespace) -> Study:
    """Return a study that is read as the options say."""
    from gwasmeta import Study

    return Study(
        file,
        name=name,
        dialect=options.dialect,
        columns=named_words(options.column, "--column", "COLUMN=WORD, such as effect_allele=Allele2"),
        trait=options.trait,
        side_files=tuple(options.side_files),
        n=options.n,
        n_cases=options.n_cases,
        n_controls=options.n_controls,
        filters=tuple(options.filters),
    )


@contextmanager
def shown_rows(quiet: bool) -> Iterator[RowProgress | None]:
    """Hand out what reports the rows read: a count that runs on a terminal, a line now and then elsewhere."""
    if quiet:
        yield None
        return
    announce_compilation()
    on_terminal = sys.stderr.isatty()
    shown = 0

    def report(rows: int) -> None:
        nonlocal shown
        if on_terminal:
            print(f"\r{rows:,} rows", end="", file=sys.stderr, flush=True)
        elif rows - shown >= _ROWS_PER_LINE:
            shown = rows
            print(f"{rows:,} rows read", file=sys.stderr, flush=True)

    try:
        yield report
    finally:
        if on_terminal:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
