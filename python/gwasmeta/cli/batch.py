"""`gwasmeta batch`: many traits, listed in a manifest."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gwasmeta.cli.cluster_options import add_cluster_options, chosen_cluster
from gwasmeta.cli.heap import share_one_heap
from gwasmeta.cli.meta_options import add_control_options, add_matching_options, add_method_options, add_output_options
from gwasmeta.cli.progress import announce_compilation
from gwasmeta.errors import GwasmetaError

if TYPE_CHECKING:
    from gwasmeta.batch.outcome import Outcome
    from gwasmeta.batch.run import BatchProgress

_EXAMPLES = """\
examples:
  gwasmeta batch traits.tsv --out results --genomic-control
      traits.tsv has a line for each study of each trait:
          trait   path                    name    n
          height  ukb_height.regenie.gz   ukb
          height  finns_height.txt.gz     finns   18500
          bmi     ukb_bmi.regenie.gz      ukb
      further columns as in  gwasmeta meta --studies : n_cases, n_controls, sex, dialect, columns, filters, lambda, ...
      writes results/height.tsv, height.log.tsv and height.json, the same of bmi, index.tsv and failures.tsv

  gwasmeta batch traits.yaml --out results
      the same with options for single traits, groups of traits, and MTAG runs:
          methods: [fixed, random]            # as gwasmeta.meta_analyze calls them, for all traits
          genomic_control: true
          defaults: {dialect: regenie}        # fields of every study
          traits:
            height: [ukb_height.txt, store:FINNS_HEIGHT]
            t2d:
              filters: info >= 0.6
              studies:
                - {path: ukb_t2d.txt, n_cases: 12000, n_controls: 380000}
                - {path: finns_t2d.txt, name: finns}
          groups:
            body:
              kind: mtag
              ld_scores: eur_w_ld_chr
              traits: [{path: height.txt.gz, name: height}, {path: bmi.txt.gz, name: bmi}]

  gwasmeta batch traits.tsv --out results
      once more, after an interruption or with new files of one cohort: only what is missing, has failed, or would be
      made from other files or by other options is made again

  gwasmeta batch traits.tsv --out results --ending .tsv.gz --scheduler tcp://login1:8786
      compressed tables; a Dask cluster, one trait a worker

index.tsv has for each trait its status, studies, variants, lead variants, strongest variant, lambda of the result and
of the studies, samples, seconds and table. A trait that fails does not stop the others: failures.tsv says why, and the
exit code is 2. An option given here counts for all traits, whatever the manifest says. docs/batch.md tells more.
"""
_WIDEST_NAME = 30  # letters of a trait's name beside the bar
_OPTIONS = (
    *("method", "tau_squared", "hartung_knapp", "overlap", "z_cutoff", "leave_one_out"),
    *("genomic_control", "genomic_control_variants", "genomic_control_result"),
    *("match", "palindromic", "palindromic_window", "position_conflicts", "frequency_difference"),
    *("filters", "format", "ending", "min_studies", "min_n", "direction_p", "lead_p", "lead_window", "memory"),
)
"""What is handed to `gwasmeta.run_batch` where it is given."""


def register(commands: Any) -> argparse.ArgumentParser:
    """Add the command's options."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "batch",
        help="many traits, and MTAG runs, listed in a file: continued, resumed, indexed",
        description="Run many meta-analyses and MTAG runs that a manifest lists; go on after one fails, resume after an"
        " interruption, and index the results.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "manifest",
        metavar="MANIFEST",
        help="traits with their studies: a table (tabs, or commas in .csv) with a header, a line for each study of each"
        " trait; or YAML. Paths start from its folder; store:NAME is a stored study",
    )
    parser.add_argument("-o", "--out", required=True, metavar="FOLDER", help="folder for the results")
    reading = parser.add_argument_group("reading the studies")
    reading.add_argument(
        "--filter",
        action="append",
        dest="filters",
        metavar="CONDITION",
        help="keep only rows that satisfy it, of every study, beside the manifest's conditions: 'info >= 0.4'",
    )
    add_method_options(parser.add_argument_group("combining"))
    add_control_options(parser.add_argument_group("genomic control"))
    add_matching_options(parser.add_argument_group("matching variants and alleles"))
    _add_output_options(parser.add_argument_group("output"))
    add_cluster_options(parser)
    parser.set_defaults(**dict.fromkeys(_OPTIONS))  # what is not said here is left to the manifest
    return parser


def _add_output_options(group: Any) -> None:
    add_output_options(group)
    group.add_argument("--ending", metavar="ENDING", help="of the tables: .tsv, .tsv.gz, .tsv.bgz, .tsv.zst, .parquet")
    group.add_argument(
        "--lead-p", type=float, metavar="P", help="index: lead variants have at most this p-value (default: 5e-8)"
    )
    group.add_argument(
        "--lead-window", type=int, metavar="BP", help="index: and are at least so far apart (default: 500000)"
    )
    group.add_argument(
        "--memory",
        metavar="AMOUNT",
        help="such as 4GB: no process takes more for a trait's studies; what does not fit is kept on disk, in TMPDIR",
    )
    group.add_argument("-q", "--quiet", action="store_true", help="print nothing but errors")


def run(options: argparse.Namespace) -> None:
    """Run what the manifest lists, and print what came of it."""
    import gwasmeta

    share_one_heap()
    given = {name: value for name in _OPTIONS if (value := getattr(options, name)) is not None}
    try:
        with _shown_traits(options.quiet) as progress:
            result = gwasmeta.run_batch(
                options.manifest, options.out, cluster=chosen_cluster(options), progress=progress, **given
            )
    except KeyboardInterrupt:
        raise KeyboardInterrupt("what is done stays, and the same command goes on from there") from None
    if not options.quiet:
        print(result.summary())
        print(f"written: {result.folder / 'index.tsv'}", file=sys.stderr)
    if result.n_failed:
        raise GwasmetaError(
            f"{result.n_failed:,} of {len(result):,} traits failed; {result.folder / 'failures.tsv'} says why\n"
            "  The others are done. Run the same command again when the cause is mended: it makes what is missing."
        )


@contextmanager
def _shown_traits(quiet: bool) -> Iterator[BatchProgress | None]:
    """Hand out what a batch reports its progress to: a bar on a terminal, a line for each trait elsewhere."""
    if quiet:
        yield None
        return
    announce_compilation()
    if not sys.stderr.isatty():
        yield _print_line
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("runs"))
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def report(name: str, done: int, total: int, outcome: Outcome | None) -> None:
            bar.update(task, description=name[:_WIDEST_NAME], completed=done, total=total)
            if outcome is not None and outcome.failure is not None:
                bar.console.print(_line(outcome, done, total), markup=False, highlight=False)

        yield report


def _print_line(_run: str, done: int, total: int, outcome: Outcome | None) -> None:
    if outcome is not None:
        print(_line(outcome, done, total), file=sys.stderr)


def _line(outcome: Outcome, done: int, total: int) -> str:
    from gwasmeta.batch.outcome import shortened

    if outcome.failure is not None:
        told = f"failed, {outcome.failure.step}: {shortened(outcome.failure.message)}"
    elif outcome.kept:
        told = "kept from before"
    else:
        variants = max(row.variants or 0 for row in outcome.rows)
        leads = sum(row.lead_variants or 0 for row in outcome.rows)
        told = (
            f"{variants:,} variants, {leads:,} lead variant{'' if leads == 1 else 's'}, {outcome.rows[0].seconds:.1f} s"
        )
    return f"{outcome.run}: {told} ({done:,}/{total:,})"
