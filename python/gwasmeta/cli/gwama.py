"""`gwasmeta gwama`: GWAMA's command line, unchanged."""

from __future__ import annotations

import argparse
import sys
from collections import deque
from typing import Any

from gwasmeta.cli.heap import share_one_heap
from gwasmeta.cli.progress import shown_progress

_TRACEBACK = "--traceback"


def register(commands: Any) -> argparse.ArgumentParser:
    """Add the command; its words are GWAMA's and reach it as they are."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "gwama",
        help="do what GWAMA does, with GWAMA's options, files and output",
        add_help=False,
        prefix_chars="\0",  # nothing is an option of ours
    )
    parser.add_argument("words", nargs="*")
    return parser


def run(options: argparse.Namespace) -> None:
    """Combine and write as GWAMA does, and print what it prints."""
    from gwasmeta.compat.gwama import gwama

    options.traceback = _TRACEBACK in options.words
    share_one_heap()
    with shown_progress(quiet=not sys.stderr.isatty()) as progress:
        lines = gwama([word for word in options.words if word != _TRACEBACK], progress)
        try:
            for line in lines:
                print(line)
        except BrokenPipeError:
            deque(lines, maxlen=0)  # who reads what is printed has seen enough, but wants the files all the same
            raise
