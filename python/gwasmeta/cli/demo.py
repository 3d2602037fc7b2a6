"""`gwasmeta demo`: the embedded example, from study files to results."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, Literal, get_args

from gwasmeta.cli.progress import shown_progress

_Trait = Literal["quantitative", "case_control"]
_SHOWN = ["variant_id", "chromosome", "base_pair_location", "beta", "p_value", "n_studies", "i_squared"]


def register(commands: Any) -> argparse.ArgumentParser:
    """Add the command's options."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "demo",
        help="run the embedded example",
        description="Run the analyses of the embedded example: meta-analyses of five simulated cohorts, each in the"
        " format of another program, of one quantitative trait and one disease; and MTAG of three traits that share"
        " genes and people. Needs no network.",
    )
    parser.add_argument("out", type=Path, metavar="FOLDER", help="where the results go; created if it is not there")
    parser.add_argument("-q", "--quiet", action="store_true", help="print nothing but errors")
    return parser


def run(options: argparse.Namespace) -> None:
    """Analyse the example and print what was found."""
    from gwasmeta.errors import GwasmetaError

    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GwasmetaError(f"{options.out}: cannot be created: {error.strerror}") from error
    for trait in get_args(_Trait):
        _combine_studies(trait, options)
    _combine_traits(options)


def _combine_studies(trait: _Trait, options: argparse.Namespace) -> None:
    import gwasmeta

    with shown_progress(options.quiet) as progress:
        result = gwasmeta.meta_analyze(
            gwasmeta.example_studies(trait),
            methods=("fixed", "random"),
            genomic_control=True,
            progress=progress,
        )
    written = [*result.write(options.out / trait), *_report(result, options, trait)]
    if not options.quiet:
        print(f"\n{trait.replace('_', '-')} trait\n{result.summary()}\n\nlead variants (p <= 5e-8):")
        print(result.lead_variants()[_SHOWN].to_string(index=False))
        _print_written(written)


def _combine_traits(options: argparse.Namespace) -> None:
    import gwasmeta

    result = gwasmeta.mtag(gwasmeta.example_traits(), ld_scores=gwasmeta.example_ld_scores())
    written = [*result.write(options.out / "traits"), *_report(result, options, "traits")]
    if not options.quiet:
        print(f"\nthree traits together, by MTAG\n{result}")
        print(f"\ngenetic correlation\n{result.genetic_correlation.round(3).to_string()}")
        _print_written(written)


def _report(result: Any, options: argparse.Namespace, name: str) -> list[Path]:
    """Write a report of the result; without the libraries that it is made with, say how to get them."""
    from gwasmeta.errors import GwasmetaError
    from gwasmeta.report.page import drawing_without_screen

    try:
        drawing_without_screen()
    except GwasmetaError as error:
        print(f"gwasmeta: no report: {error}", file=sys.stderr)
        return []
    return [result.report(options.out / f"{name}.html", title=f"{name.replace('_', '-')} (example)")]


def _print_written(paths: list[Path]) -> None:
    print("written: " + ", ".join(map(str, paths)))
