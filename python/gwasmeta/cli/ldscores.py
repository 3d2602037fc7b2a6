"""`gwasmeta ldscores`: panels of LD scores computed, fetched and looked at."""

from __future__ import annotations

import argparse
from functools import partial
from typing import Any

from gwasmeta.cli.progress import shown_counts

_EXAMPLES = """\
examples:
  gwasmeta ldscores fetch eur_w_ld_chr
      the panel of Europeans that LDSC and MTAG use, 26 MB, for everything that needs LD scores

  gwasmeta ldscores compute --bfile finns --out panel/finns
      from finns.bed, finns.bim and finns.fam: panel/finns.l2.ldscore.gz, .l2.M and .l2.M_5_50

  gwasmeta ldscores compute --bfile 1000G.EAS.@ --window-kb 1000 --out eas/@
      one set of genotypes a chromosome in, one set of LD scores a chromosome out

  gwasmeta ldscores info eas
      how many SNPs it has, on which chromosomes, and of which files it consists
"""


def register(commands: Any) -> argparse.ArgumentParser:
    """Add the command's options."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "ldscores",
        help="compute, fetch or look at panels of LD scores",
        description="LD scores say how many variants each SNP is correlated with; LD score regression and MTAG need"
        " those of the studies' ancestry.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    _add_compute(actions)
    _add_fetch(actions)
    _add_info(actions)
    for action in actions.choices.values():  # understood behind the action, too
        action.add_argument(
            "--traceback", action="store_true", default=argparse.SUPPRESS, help="show errors with the way to them"
        )
    return parser


def run(options: argparse.Namespace) -> None:
    """Do what was asked for."""
    options.action(options)


def _add_compute(actions: Any) -> None:
    parser = actions.add_parser(
        "compute",
        help="compute LD scores from genotypes",
        description="Compute LD scores from genotypes in PLINK's format: of each SNP the sum of r2 - (1 - r2) / (n - 2)"
        " over the SNPs of its window, as LDSC's --l2 does, with windows of exactly the width that is given.",
    )
    parser.add_argument(
        "--bfile",
        required=True,
        metavar="PREFIX",
        help="of the .bed, .bim and .fam files; an @ in it stands for the chromosomes 1 to 22",
    )
    parser.add_argument(
        "-o",
        "--out",
        required=True,
        metavar="PREFIX",
        help="beginning of the output's names; with an @ in it, files for each chromosome",
    )
    windows = parser.add_mutually_exclusive_group()
    for unit, kind, what in (
        ("kb", float, "thousands of base pairs"),
        ("cm", float, "centimorgans"),
        ("snps", int, "SNPs"),
    ):
        windows.add_argument(
            f"--window-{unit}",
            f"--ld-wind-{unit}",
            type=kind,
            metavar="WIDTH",
            help=f"width of the window on either side of a SNP in {what}"
            + " (without any window: 1 cM, or 1000 kb where the .bim file has no genetic positions)" * (unit == "kb"),
        )
    parser.add_argument(
        "--parquet", action="store_true", help="write the scores as Parquet, with all their digits; not for LDSC"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="print nothing but errors")
    parser.set_defaults(action=_compute)


def _add_fetch(actions: Any) -> None:
    parser = actions.add_parser(
        "fetch",
        help="fetch a published panel",
        description="Fetch a published panel file by file, and check each by its SHA-256. What is there already is not"
        " fetched again.",
    )
    parser.add_argument(
        "panel",
        nargs="?",
        default="eur_w_ld_chr",
        metavar="PANEL",
        help="eur_w_ld_chr (the default): 1.29 million HapMap3 SNPs, 1000 Genomes Europeans",
    )
    parser.add_argument(
        "--folder", metavar="FOLDER", help="where its files go; usually where MTAG looks, in your cache folder"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="print nothing but errors")
    parser.set_defaults(action=_fetch)


def _add_info(actions: Any) -> None:
    parser = actions.add_parser("info", help="say what a panel is", description="Read a panel and say what it is.")
    parser.add_argument(
        "panel", nargs="?", metavar="PANEL", help="folder, DIR/prefix@ or DIR/prefix; the fetched one if not given"
    )
    parser.set_defaults(action=_info)


def _compute(options: argparse.Namespace) -> None:
    from gwasmeta.ldscores.chromosome_pattern import filled
    from gwasmeta.ldscores.compute import compute_ld_scores
    from gwasmeta.sumstats.sink import refuse_impossible

    refuse_impossible(f"{filled(options.out, 1)}.l2.M")
    with shown_counts("LD scores", options.quiet) as report:
        scores = compute_ld_scores(
            options.bfile,
            window_kb=options.window_kb,
            window_cm=options.window_cm,
            window_snps=options.window_snps,
            progress=report and partial(report, "SNPs"),
        )
    written = scores.write(options.out, parquet=options.parquet)
    if not options.quiet:
        print(scores.summary())
        print("written: " + ", ".join(map(str, written[:3])) + f" and {len(written) - 3} more" * (len(written) > 3))


def _fetch(options: argparse.Namespace) -> None:
    from gwasmeta.ldscores.fetch import fetch_panel

    with shown_counts(options.panel, options.quiet) as report:
        folder = fetch_panel(options.panel, options.folder, progress=report and partial(report, "files"))
    if not options.quiet:
        print(f"{options.panel} is in {folder}")


def _info(options: argparse.Namespace) -> None:
    from gwasmeta.ldscores.fetch import default_panel
    from gwasmeta.ldscores.panel import read_panel

    print(read_panel(options.panel or default_panel()).summary())
