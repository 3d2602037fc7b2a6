"""`gwasmeta inspect`: what a file of summary statistics is understood as, and what is odd about it."""

from __future__ import annotations

import argparse
from typing import Any

from gwasmeta.cli.one_study import add_reading_options, shown_rows, study_of

_EXAMPLES = """\
examples:
  gwasmeta inspect cohort1.txt.gz
      the format that is recognised, which allele is taken as the effect allele and why, each column's meaning and first
      values, build of the genome, samples, lambda, agreement of p-values with effects, and everything odd

  gwasmeta inspect cohort2.txt --column effect_allele=Allele2,other_allele=Allele1,beta=BETA,standard_error=SE
      a header that is not recognised, read as the options say
"""


def register(commands: Any) -> argparse.ArgumentParser:
    """Add the command's options."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "inspect",
        help="say what a file is understood as, and what is odd about it",
        description="Read a file of summary statistics and say what it is understood as: before a meta-analysis, this"
        " is where a wrong effect allele, a wrong column or a wrong build shows.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_reading_options(parser)
    parser.add_argument("-q", "--quiet", action="store_true", help="do not show how far it is")
    return parser


def run(options: argparse.Namespace) -> None:
    """Read and print."""
    import gwasmeta

    with shown_rows(options.quiet) as progress:
        inspection = gwasmeta.inspect_sumstats(study_of(options), progress=progress)
    print(inspection)
