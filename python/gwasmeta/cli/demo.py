"""`gwasmeta demo`: the embedded example, from study files to results."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from gwasmeta.cli.progress import shown_progress


def register(commands: Any) -> argparse.ArgumentParser:
    """Add the command's options."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "demo",
        help="run the embedded example",
        description="Run the meta-analyses of the embedded example: five simulated cohorts, each in the format of"
        " another program, one quantitative trait and one disease. Needs no network.",
    )
    parser.add_argument("out", type=Path, metavar="FOLDER", help="where the results go; created if it is not there")
    parser.add_argument("-q", "--quiet", action="store_true", help="print nothing but errors")
    return parser


def run(options: argparse.Namespace) -> None:
    """Combine both traits and print what was found."""
    import gwasmeta
    from gwasmeta.errors import GwasmetaError

    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GwasmetaError(f"{options.out}: cannot be created: {error.strerror}") from error
    for trait in ("quantitative", "case_control"):
        with shown_progress(options.quiet) as progress:
            result = gwasmeta.meta_analyze(
                gwasmeta.example_studies(trait),
                methods=("fixed", "random"),
                genomic_control=True,
                progress=progress,
            )
        written = result.write(options.out / trait)
        if not options.quiet:
            columns = [
                "variant_id",
                "chromosome",
                "base_pair_location",
                "beta",
                "p_value",
                "n_studies",
                "i_squared",
            ]
            print(f"\n{trait.replace('_', '-')} trait\n{result.summary()}\n\nlead variants (p <= 5e-8):")
            print(result.lead_variants()[columns].to_string(index=False))
            print("written: " + ", ".join(map(str, written)))
