"""`gwasmeta store`: studies kept in Parquet, read and checked once."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from gwasmeta.cli.cluster_options import add_cluster_options, chosen_cluster
from gwasmeta.cli.named_words import named_file
from gwasmeta.cli.one_study import add_reading_options, shown_rows, study_of_file
from gwasmeta.cli.progress import announce_compilation, shown_counts
from gwasmeta.errors import GwasmetaError

if TYPE_CHECKING:
    import pandas as pd

    from gwasmeta import Study

_EXAMPLES = """\
examples:
  gwasmeta store add ukb.regenie.gz --name UKB
  gwasmeta store add finns.txt.gz --name FINNS --n 18500 --filter 'info >= 0.4'
      each study is read and checked once, and kept in the folder gwasmeta-store, as Parquet sorted by position with a
      folder a chromosome; adding the same file again does nothing, adding a new one replaces the study

  gwasmeta store add UKB=ukb.regenie.gz FINNS=finns.txt.gz ESTB=estonians.txt.gz --workers 3
      several at once, on processes of this machine, or with --scheduler on a cluster; one that cannot be added does not
      keep out the others, and is told at the end

  gwasmeta meta store:UKB store:FINNS cohort3.txt.gz --genomic-control --out height
      wherever a command takes a file of a study, it takes store:NAME; store:FOLDER/NAME is one of another store

  gwasmeta store list
  gwasmeta store check
  gwasmeta store remove FINNS

The store is the folder of --store, else that of the environment variable GWASMETA_STORE, else gwasmeta-store in the
current folder. docs/store.md says how its files are laid out, for Polars, DuckDB and R.
"""


def register(commands: Any) -> argparse.ArgumentParser:
    """Add the command's options."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "store",
        help="keep studies so that the next analysis of them is cheap: add, list, check, remove",
        description="Keep studies in a store: read and checked once, as Parquet, by chromosome and position.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(title="what to do", metavar="ACTION", required=True)
    add = actions.add_parser("add", help="add studies, or replace those of their names")
    add_reading_options(add, several=True)
    add_cluster_options(add)
    add.add_argument("--sex", choices=("male", "female"), help="whose study it is, for sex-differentiated analysis")
    add.add_argument("-q", "--quiet", action="store_true", help="print nothing but errors")
    shown = actions.add_parser("list", help="show the studies: rows, samples, lambda, where they come from")
    check = actions.add_parser("check", help="compare every file with what was written, and say what is damaged")
    remove = actions.add_parser("remove", help="take studies out of the store, without asking")
    remove.add_argument("names", nargs="+", metavar="NAME", help="the studies")
    for action, act in ((add, _add), (shown, _list), (check, _check), (remove, _remove)):
        action.add_argument(
            "--store", metavar="FOLDER", help="the store (default: $GWASMETA_STORE, else gwasmeta-store)"
        )
        action.set_defaults(act=act)
    return parser


def run(options: argparse.Namespace) -> None:
    """Do what is asked for."""
    options.act(options)


def _add(options: argparse.Namespace) -> None:
    import gwasmeta

    studies = _studies(options)
    store, cluster = gwasmeta.StudyStore(options.store), chosen_cluster(options)
    if len(studies) == 1 and cluster is None:
        with shown_rows(options.quiet) as progress:
            additions = [store.add(studies[0], progress=progress)]
    else:
        if not options.quiet:
            announce_compilation()
        with shown_counts("store add", options.quiet) as counts:
            progress_of_studies = None if counts is None else partial(counts, "studies")
            additions = [*store.add_all(studies, progress=progress_of_studies, cluster=cluster)]
    if not options.quiet:
        print(*additions, sep="\n")


def _studies(options: argparse.Namespace) -> list[Study]:
    from dataclasses import replace

    if options.name is not None and len(options.files) > 1:
        raise GwasmetaError("--name is for one file; write NAME=FILE for each of several")
    named = [(options.name, options.files[0])] if options.name is not None else map(named_file, options.files)
    return [replace(study_of_file(file, name, options), sex=options.sex) for name, file in named]


def _list(options: argparse.Namespace) -> None:
    import gwasmeta

    store = gwasmeta.StudyStore(options.store)
    table = store.list()
    if table.empty:
        print(f"the store {store.path} has no studies; gwasmeta store add FILE adds one")
        return
    print(_shown(table).to_string(index=False))


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    """Return the studies as they are printed, without what no study has."""
    import pandas as pd

    columns = {
        "name": table["name"],
        "rows": table["rows"].map("{:,}".format),
        "N": table["n"].map(_whole),
        "cases": table["n_cases"].map(_whole),
        "lambda": table["inflation_factor"].map(lambda factor: f"{factor:.4f}" if factor == factor else ""),
        "sex": table["sex"].fillna(""),
        "read as": table["dialect"],
        "sha256": table["sha256"].str[:12],
        "added": table["added"].str[:16].str.replace("T", " "),
        "version": table["version"],
        "source": table["source"],
    }
    return pd.DataFrame({name: texts for name, texts in columns.items() if texts.astype(bool).any()})


def _whole(n: float) -> str:
    return f"{n:,.0f}" if n == n else ""


def _check(options: argparse.Namespace) -> None:
    import gwasmeta

    store = gwasmeta.StudyStore(options.store)
    problems = store.check()
    left = store.leftovers()
    for path in left:
        print(
            f"{path}: is left from an addition that was stopped, or belongs to one at work; the next addition of the"
            " study removes it",
            file=sys.stderr,
        )
    if len(problems):
        lines = [f"{row.path}: {row.problem}\n    {row.remedy}" for row in problems.itertuples()]
        damaged = problems["study"].nunique()
        raise GwasmetaError(f"{store.path}: {damaged} of {len(store.names)} studies damaged\n  " + "\n  ".join(lines))
    rows = store.list()["rows"].sum()
    studies = "1 study" if len(store.names) == 1 else f"{len(store.names):,} studies"
    print(f"{store.path}: {studies}, {rows:,} rows, all as they were written")


def _remove(options: argparse.Namespace) -> None:
    import gwasmeta

    store = gwasmeta.StudyStore(options.store)
    for name in options.names:
        store.remove(name)
        print(f"{name}: removed")
