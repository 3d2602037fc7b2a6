"""`gwasmeta report`: one HTML file that says whether a result can be trusted, and what was found."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from gwasmeta.cli.plot import _add_study_options, _places, _table
from gwasmeta.cli.progress import shown_progress

_EXAMPLES = """\
examples:
  gwasmeta report height --out height.html
      the result that gwasmeta meta --out height wrote (height.tsv, height.log.tsv, height.json); its studies are
      read again for the forest plots of the lead variants and for the checks of each study

  gwasmeta report traits --out traits.html            a result of gwasmeta.mtag(...).write("traits")
  gwasmeta report METAANALYSIS1.TBL --out old.html    a table of METAL, of GWAMA, or of a single study
  gwasmeta report old.out --map markers.map --out old.html      a table of GWAMA, whose markers have no places

The report is a single file that needs no network: it can be sent by mail, opened on a phone, and printed.
"""


def register(commands: Any) -> argparse.ArgumentParser:
    """Add the command's options."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "report",
        help="write one HTML file with the tables, checks and pictures of a result",
        description="Write a report of a result: what was run, the studies with what about them is to be looked at,"
        " an interactive Manhattan plot, the lead variants with their forest plots, QQ plots, heterogeneity; of MTAG"
        " the matrices and what each trait gained.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "table", metavar="RESULT", help="a table, or the beginning of the names of a result's files (--out of meta)"
    )
    parser.add_argument("-o", "--out", metavar="FILE", help="the report (default: RESULT.html)")
    parser.add_argument("--title", help="the heading (default: the result's name)")
    _add_study_options(parser)
    parser.add_argument(
        "--map",
        metavar="FILE",
        help="places of markers, where the table has none: chromosome, marker, position (GWAMA's map, PLINK's .map)",
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="print nothing but errors")
    return parser


def run(options: argparse.Namespace) -> None:
    """Write the report, and say where it is."""
    from gwasmeta.report.page import drawing_without_screen
    from gwasmeta.report.runs import prefix_of
    from gwasmeta.report.write import write_report

    out = options.out or f"{prefix_of(options.table)}.html"
    drawing_without_screen()
    with shown_progress(options.quiet) as progress:
        write_report(
            _table(options, options.table), out, title=options.title, places=_places(options), progress=progress
        )
    if not options.quiet:
        print(f"written: {out}", file=sys.stderr)
