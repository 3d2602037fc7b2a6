"""The options that say where a command's work is done."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gwasmeta.cluster import Cluster


def add_cluster_options(parser: argparse.ArgumentParser) -> None:
    """Add --workers and --scheduler."""
    group = parser.add_argument_group("where the work is done (docs/scaling.md); the results are the same to the bit")
    where = group.add_mutually_exclusive_group()
    where.add_argument(
        "--workers", type=_positive, metavar="N", help="on N processes of this machine (default: on threads of one)"
    )
    where.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="on the workers of a Dask scheduler, such as tcp://login1:8786, which see the same files under the same"
        " paths",
    )


def chosen_cluster(options: argparse.Namespace) -> Cluster:
    """Return where the work is to be done."""
    cluster: int | str | None = options.workers if options.scheduler is None else options.scheduler
    return cluster


def _positive(word: str) -> int:
    if not (word.isascii() and word.isdigit() and int(word) > 0):
        raise argparse.ArgumentTypeError(f"{word!r} is not a positive whole number")
    return int(word)
