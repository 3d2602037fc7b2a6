"""`gwasmeta mtag`: MTAG's command line, unchanged; and lists of traits of any format."""

from __future__ import annotations

import argparse
import sys
from collections import deque
from typing import Any

from gwasmeta.cli.heap import share_one_heap
from gwasmeta.cli.progress import announce_compilation, shown_counts

_TRACEBACK = "--traceback"


def register(commands: Any) -> argparse.ArgumentParser:
    """Add the command; its words are MTAG's and reach it as they are."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "mtag",
        help="do what MTAG does, with MTAG's options, files and output",
        add_help=False,
        prefix_chars="\0",  # nothing is an option of ours
    )
    parser.add_argument("words", nargs="*")
    return parser


def run(options: argparse.Namespace) -> None:
    """Analyse and write as MTAG does; print the log if MTAG would."""
    from gwasmeta.compat.mtag import mtag
    from gwasmeta.compat.mtag_options import parse_options
    from gwasmeta.stats.max_fdr import ANNOUNCEMENT

    options.traceback = _TRACEBACK in options.words
    words = [word for word in options.words if word != _TRACEBACK]
    shown = parse_options(words)
    share_one_heap()
    on_terminal = sys.stderr.isatty()
    if on_terminal:
        announce_compilation()
    with shown_counts("maxFDR", quiet=not on_terminal) as progress:
        lines = mtag(words, progress)
        try:
            for line in lines:
                if shown.stream_stdout or shown.answer is not None or shown.studies is not None:
                    print(line)
                elif on_terminal and line.startswith(ANNOUNCEMENT):
                    print(line, file=sys.stderr)
        except BrokenPipeError:
            deque(lines, maxlen=0)  # who reads what is printed has seen enough, but wants the files all the same
            raise
