"""The `gwasmeta` command: a subcommand a file, each with `register` and `run`."""

from __future__ import annotations

import argparse
import atexit
import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

from gwasmeta._version import __version__
from gwasmeta.cli import (
    batch,
    demo,
    format,
    gwama,
    inspect,
    ldsc,
    ldscores,
    meta,
    metal,
    mtag,
    munge,
    plot,
    report,
    store,
)
from gwasmeta.errors import GwasmetaError

DONE, OUR_FAULT, BAD_INPUT = 0, 1, 2
_INTERRUPTED = 130  # what a shell expects after Ctrl-C

_COMMANDS = (meta, batch, inspect, format, munge, ldsc, ldscores, gwama, metal, mtag, plot, report, store, demo)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        The words behind `gwasmeta`; those of the process if not given.

    Returns
    -------
    int
        0 done, 2 bad input or usage, 1 a fault of the program.
    """
    options, unknown = _parser().parse_known_args(argv)
    if unknown:
        options.parser.error(f"unrecognized arguments: {' '.join(unknown)}")  # with the usage of the command itself
    try:
        options.run(options)
        sys.stdout.flush()
    except GwasmetaError as error:  # theirs to solve: the message is the remedy
        if options.traceback:
            raise
        print(f"gwasmeta: error: {error}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt as stopped:
        print(f"gwasmeta: interrupted; {str(stopped) or 'no output was written'}", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:  # the reader of our output, `head` for instance, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as error:
        if options.traceback:
            raise
        print(
            f"gwasmeta: this is a fault of gwasmeta {__version__}, not yours: {type(error).__name__}: {error}\n"
            "  Please report it, with what the command prints when --traceback is added.",
            file=sys.stderr,
        )
        return OUR_FAULT
    return DONE


def run_process() -> NoReturn:
    """Run the command line of this process, and end it.

    What is registered for the end is done, but the memory is left to the system, which takes it back at once; Python
    would free it object by object, a twentieth of the time of a large analysis.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a job that a cluster stops clears up as after Ctrl-C
    code = main()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gwasmeta",
        description="Meta-analysis of genome-wide association studies.",
        epilog="gwasmeta COMMAND --help explains a command and shows examples.",
    )
    parser.add_argument("--version", action="version", version=f"gwasmeta {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in _COMMANDS:
        subparser = command.register(commands)
        if "-" in subparser.prefix_chars:  # the commands of other programs read their words by themselves
            subparser.add_argument("--traceback", action="store_true", help="show errors with the way to them")
        subparser.set_defaults(run=command.run, parser=subparser, traceback=False)
    return parser
