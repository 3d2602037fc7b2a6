"""`gwasmeta ldsc`: LD score regression, by its own words or by a command line of ldsc.py."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from functools import partial
from typing import Any

from gwasmeta.cli.cluster_options import add_cluster_options, chosen_cluster
from gwasmeta.cli.named_words import named_file
from gwasmeta.errors import GwasmetaError

_TRACEBACK = "--traceback"
_MANY_TRAITS = 20  # whose pairs take long enough to say how far they are
_EXAMPLES = """\
examples:
  gwasmeta ldsc h2 height.sumstats.gz --out height
      heritability and intercept; writes height.log (as LDSC words it), height.tsv, height.log.tsv (what was left out)
      and height.json; LD scores are those of `gwasmeta ldscores fetch`

  gwasmeta ldsc rg height.sumstats.gz bmi.regenie.gz t2d=diabetes.txt.gz --ref-ld-chr eur_w_ld_chr/ --out three
      genetic correlations of all pairs; files that are not .sumstats are cleaned as by `gwasmeta munge`

  gwasmeta ldsc h2 t2d.sumstats.gz --samp-prev 0.17 --pop-prev 0.05 --out t2d
      heritability of a disease on the scale of the liability

  gwasmeta ldsc rg traits/*.sumstats.gz --scheduler tcp://login1:8786 --out all
      the pairs of hundreds of traits, on the workers of a Dask scheduler (docs/scaling.md)

  gwasmeta ldsc --rg a.sumstats.gz,b.sumstats.gz --ref-ld-chr eur_w_ld_chr/ --w-ld-chr eur_w_ld_chr/ --out a_b
      a command line of ldsc.py: --h2 and --rg are understood with the options below; of several traits the first is
      paired with each other

gwasmeta ldsc h2 --help and gwasmeta ldsc rg --help show the options. docs/ldsc.md lists every option of ldsc.py.
"""

# Options of ldsc.py that have no counterpart here, and what does the same.
_ELSEWHERE = {
    "--l2": "LD scores are computed by  gwasmeta ldscores compute --bfile PREFIX --out PREFIX",
    "--h2-cts": "regressions on several annotations are not part of gwasmeta",
    "--overlap-annot": "regressions on several annotations are not part of gwasmeta",
    "--print-coefficients": "regressions on several annotations are not part of gwasmeta",
    "--frqfile": "regressions on several annotations are not part of gwasmeta",
    "--frqfile-chr": "regressions on several annotations are not part of gwasmeta",
    "--ref-ld-chr-cts": "regressions on several annotations are not part of gwasmeta",
    "--print-cov": "in Python, regressions[...].heritability.delete_values has what covariances are made of",
    "--print-delete-vals": "in Python, regressions[...].heritability.delete_values has them",
}
_WITHOUT_EFFECT = ("--no-check-alleles", "--invert-anyway", "--return-silly-things", "--yes-really")


def register(commands: Any) -> argparse.ArgumentParser:
    """Add the command; its words reach it as they are, since they may be those of ldsc.py."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "ldsc",
        help="LD score regression: heritability and genetic correlations",
        add_help=False,
        prefix_chars="\0",  # nothing is an option yet
    )
    parser.add_argument("words", nargs="*")
    return parser


def run(options: argparse.Namespace) -> None:
    """Regress, write, and print what was found."""
    options.traceback = _TRACEBACK in options.words
    words = [word for word in options.words if word != _TRACEBACK]
    _run(ldsc_parser().parse_args(in_own_words(words) or ["--help"]))


def in_own_words(words: Sequence[str]) -> list[str]:
    """Turn a command line of ldsc.py into one of ours: `--h2 FILE` into `h2 FILE`, `--rg A,B` into `rg A B`.

    Raises
    ------
    GwasmetaError
        If an option is one of ldsc.py that is not taken here.
    """
    plain = [part for word in words for part in (word.split("=", 1) if word.startswith("--") else [word])]
    for word in plain:
        if word in _ELSEWHERE:
            raise GwasmetaError(f"{word} of ldsc.py is not taken here: {_ELSEWHERE[word]}")
    plain = [word for word in plain if word not in _WITHOUT_EFFECT]
    for analysis in ("h2", "rg"):
        option = f"--{analysis}"
        if option in plain:
            place = plain.index(option)
            files = plain[place + 1 : place + 2]
            if not files or files[0].startswith("--"):
                raise GwasmetaError(f"{option}: which files? Write {option} A.sumstats.gz,B.sumstats.gz")
            rest = plain[:place] + plain[place + 2 :]
            first = ["--pairs", "first"] if analysis == "rg" else []
            return [analysis, *files[0].split(","), *first, *rest]
    return plain


def ldsc_parser() -> argparse.ArgumentParser:
    """Return the parser of our own words."""
    parser = argparse.ArgumentParser(
        prog="gwasmeta ldsc",
        description="LD score regression. Results agree with LDSC 1.0.1.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    analyses = parser.add_subparsers(title="analyses", dest="analysis", metavar="{h2,rg}", required=True)
    for name, what in (("h2", "heritability of each trait"), ("rg", "genetic correlations of all pairs of traits")):
        _add_analysis(analyses.add_parser(name, help=what, description=f"Estimate the {what}."), name)
    return parser


def _add_analysis(parser: argparse.ArgumentParser, name: str) -> None:
    parser.add_argument(
        "files", nargs="+", metavar="[NAME=]FILE", help=".sumstats files; others are cleaned as by gwasmeta munge first"
    )
    parser.add_argument(
        "-o", "--out", default="ldsc", metavar="PREFIX", help="beginning of the output's names (default: ldsc)"
    )
    _add_panel_options(parser.add_argument_group("LD scores"))
    _add_regression_options(parser.add_argument_group("regression"), name)
    prevalences = parser.add_argument_group("diseases", "one number for each trait; nan for a quantitative one")
    prevalences.add_argument("--samp-prev", metavar="NUMBERS", help="share of cases in each study")
    prevalences.add_argument("--pop-prev", metavar="NUMBERS", help="share of the population that has each disease")
    if name == "rg":
        add_cluster_options(parser)
    parser.add_argument("-q", "--quiet", action="store_true", help="print nothing but errors")


def _add_panel_options(group: Any) -> None:
    panels = group.add_mutually_exclusive_group()
    for option in ("--ref-ld-chr", "--ref-ld"):
        panels.add_argument(
            option,
            dest="ld_scores",
            metavar="PANEL",
            help="folder, DIR/prefix@ or DIR/prefix (default: the panel that was fetched)"
            if option == "--ref-ld-chr"
            else "the same",
        )
    weights = group.add_mutually_exclusive_group()
    for option in ("--w-ld-chr", "--w-ld"):
        weights.add_argument(
            option,
            dest="weights",
            metavar="PANEL",
            help="LD scores for the weights (default: the same panel)" if option == "--w-ld-chr" else "the same",
        )
    group.add_argument("--M", type=float, metavar="NUMBER", help="number of SNPs that the scores are sums over")
    group.add_argument("--not-M-5-50", action="store_true", help="take it from .l2.M instead of .l2.M_5_50")


def _add_regression_options(group: Any, analysis: str) -> None:
    group.add_argument("--no-intercept", action="store_true", help="intercepts are 1, and 0 for pairs")
    group.add_argument(
        "--intercept-h2", metavar="NUMBERS", help="the intercept of each trait, as known; nan: to be estimated"
    )
    if analysis == "rg":
        group.add_argument(
            "--intercept-gencov",
            metavar="NUMBERS",
            help="the intercept of each pair: one number for all, or, with --pairs first, one for each trait"
            " (that of the first is not used)",
        )
        group.add_argument(
            "--pairs", choices=("all", "first"), default="all", help="all pairs (default), or the first with the others"
        )
    default = "30, where the intercept is not given" if analysis == "h2" else "one step"
    group.add_argument(
        "--two-step", type=float, metavar="Z2", help=f"get intercepts from SNPs with z² below it (default: {default})"
    )
    group.add_argument("--chisq-max", type=float, metavar="Z2", help="leave out SNPs with z² of this or more")
    group.add_argument("--n-blocks", type=int, default=200, metavar="N", help="of the jackknife (default: 200)")


def _run(options: argparse.Namespace) -> None:
    import gwasmeta
    from gwasmeta.cli.progress import announce_compilation, shown_counts
    from gwasmeta.multitrait.ldsc_files import regression_paths
    from gwasmeta.sumstats.sink import refuse_overwriting

    for path in regression_paths(options.out):
        refuse_overwriting(path, [given for _, given in map(named_file, options.files)])
    studies = [gwasmeta.Study(path, name=name) for name, path in map(named_file, options.files)]
    common = {
        "ld_scores": options.ld_scores,
        "weights": options.weights,
        "m": options.M,
        "m_file": "M" if options.not_M_5_50 else "M_5_50",
        "chi_squared_max": options.chisq_max,
        "n_blocks": options.n_blocks,
        "sample_prevalence": _numbers(options.samp_prev, "--samp-prev", len(studies)),
        "population_prevalence": _numbers(options.pop_prev, "--pop-prev", len(studies)),
    }
    if not options.quiet:
        announce_compilation()
    result: Any
    if options.analysis == "h2":
        intercept = _own_intercepts(options, len(studies))
        given = {} if options.two_step is None else {"two_step": options.two_step}
        result = gwasmeta.ldsc_h2(studies, intercept=intercept, **common, **given)
    else:
        with shown_counts("genetic correlations", options.quiet or len(studies) < _MANY_TRAITS) as progress:
            result = gwasmeta.ldsc_rg(
                studies,
                intercepts=_intercepts(options, len(studies)),
                pairs=options.pairs,
                two_step=options.two_step,
                progress=None if progress is None else partial(progress, "pairs"),
                cluster=chosen_cluster(options),
                **common,
            )
    paths = result.write(options.out)
    if not options.quiet:
        print(result.summary())
        print("written: " + ", ".join(map(str, paths)), file=sys.stderr)


def _own_intercepts(options: argparse.Namespace, n_traits: int) -> list[float] | None:
    if options.no_intercept and options.intercept_h2 is not None:
        raise GwasmetaError("--no-intercept is --intercept-h2 1: give one of them")
    known = [1.0] * n_traits if options.no_intercept else _numbers(options.intercept_h2, "--intercept-h2", n_traits)
    if known is not None and options.two_step is not None:
        raise GwasmetaError("--two-step estimates the intercept, which is given: leave one of the two out")
    return known


def _intercepts(options: argparse.Namespace, n_traits: int) -> Any:
    """Return the matrix of known intercepts, NaN where they are to be estimated."""
    import numpy as np

    matrix = np.full((n_traits, n_traits), math.nan)
    own = _own_intercepts(options, n_traits)
    if options.no_intercept:
        matrix[:] = 0.0
    if options.intercept_gencov is not None:
        if "," not in options.intercept_gencov:
            matrix[:] = _numbers(options.intercept_gencov, "--intercept-gencov", 1)
        elif options.pairs == "all" and n_traits > 2:
            raise GwasmetaError("--intercept-gencov: one number for all pairs, or several with --pairs first")
        else:
            matrix[0, :] = matrix[:, 0] = _numbers(options.intercept_gencov, "--intercept-gencov", n_traits)
    np.fill_diagonal(matrix, math.nan if own is None else own)
    return matrix


def _numbers(text: str | None, option: str, n_traits: int) -> list[float] | None:
    """Return a number for each trait; N stands for a minus, as in ldsc.py, and one number for all will do."""
    if text is None:
        return None
    try:
        numbers = [float(word.replace("N", "-") if word[:1] == "N" else word) for word in text.split(",")]
    except ValueError:
        raise GwasmetaError(f"{option} {text}: write numbers with commas between them, such as 0.4,nan") from None
    if len(numbers) not in (1, n_traits):
        raise GwasmetaError(f"{option} {text}: {len(numbers)} numbers for {n_traits} traits: give one for each")
    return numbers * n_traits if len(numbers) == 1 else numbers
