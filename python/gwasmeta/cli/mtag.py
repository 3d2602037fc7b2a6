"""`gwasmeta mtag`: MTAG's command line, unchanged."""

from __future__ import annotations

import argparse
import sys
from collections import deque
from typing import Any

from gwasmeta.cli.heap import share_one_heap

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

    options.traceback = _TRACEBACK in options.words
    words = [word for word in options.words if word != _TRACEBACK]
    shown = parse_options(words)
    share_one_heap()
    lines = mtag(words, _show_progress if sys.stderr.isatty() else None)
    try:
        for line in lines:
            if shown.stream_stdout or shown.answer is not None:
                print(line)
    except BrokenPipeError:
        deque(lines, maxlen=0)  # who reads what is printed has seen enough, but wants the files all the same
        raise


def _show_progress(what: str, done: int, total: int) -> None:
    """Say on a terminal how far maxFDR is."""
    end = "\r" if done < total else "\n"
    print(f"maxFDR: {done / total:4.0%} of {total:,} {what}", end=end, file=sys.stderr, flush=True)
