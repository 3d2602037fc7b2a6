"""`gwasmeta metal`: METAL's script language."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gwasmeta.cli.heap import share_one_heap
from gwasmeta.cli.progress import shown_progress
from gwasmeta.errors import GwasmetaError

if TYPE_CHECKING:
    from gwasmeta.compat.metal_files import MetalFile
    from gwasmeta.compat.metal_session import Session
    from gwasmeta.compat.metal_settings import Analysis, Settings

_PROMPT = "metal> "
_EXAMPLES = """\
examples:
  gwasmeta metal metal.txt
      carries out a script that was written for METAL; results are in METAANALYSIS1.TBL, or where OUTFILE says

  gwasmeta metal < metal.txt
      the same; without a script and at a terminal, it asks for commands (HELP lists them)

a script:
  SCHEME STDERR                                 weights are 1 / standard error^2; SAMPLESIZE: sample sizes
  GENOMICCONTROL ON
  MARKER SNP
  ALLELE EA NEA
  EFFECT log(OR)
  STDERR SE
  PROCESS cohort1.txt.gz
  PROCESS cohort2.txt.gz                        the same columns as cohort1; set other labels before it otherwise
  ANALYZE HETEROGENEITY                         or ANALYZE, or ANALYZE RANDOM (random effects beside the fixed ones)

Every command of METAL's is known, by any abbreviation that METAL allows. Where METAL goes on after an error (a file
that is missing or lacks a column, a command that it does not know), gwasmeta stops and writes no further result.
docs/differences.md lists all that differs. gwasmeta meta does the same analyses without a script.
"""


def register(commands: Any) -> argparse.ArgumentParser:
    """Add the command's options."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "metal",
        help="carry out a METAL script",
        description="Combine one trait over studies as METAL does, by METAL's own scripts, unchanged.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("scripts", nargs="*", metavar="SCRIPT", help="commands are read from here, in order")
    return parser


def run(options: argparse.Namespace) -> None:
    """Carry out the scripts, or what comes in on standard input."""
    from gwasmeta.compat.metal_session import Session

    share_one_heap()
    session = Session(_analyze, print)
    if options.scripts:
        for script in options.scripts:
            session.source(script)
            if session.ended:
                break
    elif sys.stdin.isatty():
        _converse(session)
    else:
        session.carry_out((f"standard input, line {number}", line) for number, line in enumerate(sys.stdin, start=1))
    session.finish()


def _converse(session: Session) -> None:
    """Carry out what is typed; after an error, go on."""
    print("METAL's commands; HELP lists them, QUIT ends.")
    lines = _typed_lines()
    while not session.ended:
        try:
            session.carry_out(lines)
        except GwasmetaError as error:
            print(f"## ERROR: {error}")
        else:
            return


def _typed_lines() -> Iterator[tuple[str, str]]:
    while True:
        try:
            yield "", input(_PROMPT)
        except EOFError:
            print()
            return


def _analyze(files: list[MetalFile], settings: Settings, analysis: Analysis, table: Path) -> None:
    from gwasmeta.compat.metal import analyze

    with shown_progress(quiet=not sys.stderr.isatty()) as progress:
        analyze(files, settings, analysis, table, say=print, progress=progress)
