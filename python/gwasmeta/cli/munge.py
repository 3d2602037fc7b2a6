"""`gwasmeta munge`: one trait cleaned for LD score regression."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from gwasmeta.cli.named_words import named_words
from gwasmeta.errors import GwasmetaError

_EXAMPLES = """\
examples:
  gwasmeta munge height.regenie.gz --merge-alleles w_hm3.snplist --out height
      writes height.sumstats.gz for LD score regression, height.log.tsv (each rule and how many rows it removed)
      and height.json; the format of the input is recognised from its header

  gwasmeta munge cohort.txt --column effect_allele=Allele2,other_allele=Allele1 --n 18500 --out cohort
      columns that are not recognised are named; the file has no column of sample sizes

  gwasmeta munge --sumstats t2d.txt --N-cas 26676 --N-con 132532 --merge-alleles w_hm3.snplist --out t2d
      a command line of munge_sumstats.py: with --sumstats the header is read by its words (A1 is the effect allele),
      and a number of samples that is given is used, whatever the file has

z is worked out from the p-value, where there is one, and the sign of the effect. docs/ldsc.md lists every option of
munge_sumstats.py.
"""

# Options of munge_sumstats.py that have no counterpart here, and what does the same.
_ELSEWHERE = {
    "--daner": "give the numbers by --N-cas and --N-con, and the frequency's column by --frq FRQ_U_...",
    "--daner-n": "name the columns: --N-cas-col Nca --N-con-col Nco --frq FRQ_U_...",
    "--no-alleles": "a file without alleles is of no use here: effects could not be compared",
    "--info-list": "name one column of imputation quality by --info",
    "--nstudy": "restrict by --filter 'COLUMN >= NUMBER'",
    "--nstudy-min": "restrict by --filter 'COLUMN >= NUMBER'",
    "--a1-inc": "name the columns of effect, or of z",
}
_COLUMN_OPTIONS = {
    "snp": "variant_id",
    "a1": "effect_allele",
    "a2": "other_allele",
    "p": "p_value",
    "frq": "effect_allele_frequency",
    "info": "info",
    "N_col": "n",
    "N_cas_col": "n_cases",
    "N_con_col": "n_controls",
}


def register(commands: Any) -> argparse.ArgumentParser:
    """Add the command's options."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "munge",
        help="clean one trait for LD score regression",
        description="Clean one trait's summary statistics for LD score regression, by the rules of LDSC's"
        " munge_sumstats.py, whose options are understood.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", nargs="?", metavar="FILE", help="summary statistics of any format; - is standard input")
    parser.add_argument(
        "--sumstats", metavar="FILE", help="the same, its header read by the words of munge_sumstats.py"
    )
    parser.add_argument(
        "-o", "--out", required=True, metavar="PREFIX", help="PREFIX.sumstats.gz, PREFIX.log.tsv and PREFIX.json"
    )
    _add_reading_options(parser.add_argument_group("reading"))
    _add_cleaning_options(parser.add_argument_group("cleaning"))
    parser.add_argument("-q", "--quiet", action="store_true", help="print nothing but errors")
    parser.add_argument(
        "--chunksize", type=float, metavar="ROWS", help="without effect: files of any size are streamed"
    )
    for option, instead in _ELSEWHERE.items():
        parser.add_argument(option, nargs="?", const=True, help=argparse.SUPPRESS, action=_Refused, remedy=instead)
    return parser


class _Refused(argparse.Action):
    """An option of munge_sumstats.py that is not taken: says what does the same."""

    def __init__(self, *args: Any, remedy: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._remedy = remedy

    def __call__(self, parser: argparse.ArgumentParser, _namespace: Any, _values: Any, option: Any = None) -> None:
        parser.error(f"{option} of munge_sumstats.py is not taken here; instead: {self._remedy}")


def _add_reading_options(group: Any) -> None:
    group.add_argument("--dialect", metavar="NAME", help="the format, where it is not recognised")
    group.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="COLUMN=WORD[,...]",
        help="which of the header's words is a column, such as effect_allele=Allele2",
    )
    for option, what in (
        ("--snp", "id"),
        ("--a1", "effect allele"),
        ("--a2", "other allele"),
        ("--p", "p-value"),
        ("--frq", "frequency of the effect allele"),
        ("--info", "imputation quality"),
        ("--N-col", "number of samples"),
        ("--N-cas-col", "number of cases"),
        ("--N-con-col", "number of controls"),
    ):
        group.add_argument(option, metavar="WORD", help=f"the header's word for the {what}")
    group.add_argument(
        "--signed-sumstats", metavar="WORD,NULL", help="the effect, and its value where there is none: BETA,0 or OR,1"
    )
    group.add_argument("--ignore", metavar="WORD,...", help="words of the header to give no meaning (with --sumstats)")
    for option, what in (("N", "samples"), ("N-cas", "cases"), ("N-con", "controls")):
        group.add_argument(
            f"--{option}",
            f"--{option.lower().replace('cas', 'cases').replace('con', 'controls')}",
            type=float,
            metavar="NUMBER",
            dest=option.replace("-", "_"),
            help=f"number of {what}; where a file that is not given by --sumstats has a column, that wins",
        )
    group.add_argument(
        "--filter",
        action="append",
        default=[],
        dest="filters",
        metavar="CONDITION",
        help="keep only rows that satisfy it",
    )


def _add_cleaning_options(group: Any) -> None:
    for option, default, what in (
        ("--maf-min", 0.01, "minor allele frequencies must be above this, where the file has them"),
        ("--info-min", 0.9, "imputation quality must be at least this, where the file has it"),
    ):
        group.add_argument(option, type=float, default=default, metavar="NUMBER", help=f"{what} (default: {default})")
    group.add_argument(
        "--n-min",
        type=float,
        metavar="NUMBER",
        help="sample sizes must be at least this (default: their 90th percentile divided by 1.5)",
    )
    group.add_argument("--n-max", type=float, metavar="NUMBER", help="sample sizes must be at most this")
    group.add_argument(
        "--merge-alleles",
        metavar="FILE",
        help="a list with the columns SNP, A1, A2 to restrict to, such as w_hm3.snplist; the output has all its SNPs,"
        " those without statistics empty",
    )
    group.add_argument(
        "--median-z-max",
        type=float,
        default=0.1,
        metavar="NUMBER",
        help="refuse a median of z beyond it (default: 0.1)",
    )
    group.add_argument("--keep-maf", action="store_true", help="write the frequency of A1 as FRQ")


def run(options: argparse.Namespace) -> None:
    """Clean, write, and say what was removed."""
    import gwasmeta
    from gwasmeta.cli.progress import shown_progress
    from gwasmeta.multitrait.ldsc_trait import sumstats_paths
    from gwasmeta.sumstats.sink import refuse_overwriting

    study = _study(options)
    for path in sumstats_paths(options.out):
        refuse_overwriting(path, (study.path, options.merge_alleles))
    with shown_progress(options.quiet):
        trait = gwasmeta.munge(
            study,
            maf_min=options.maf_min,
            info_min=options.info_min,
            n_min=options.n_min or None,
            n_max=options.n_max,
            merge_alleles=options.merge_alleles,
            median_z_max=options.median_z_max,
        )
    paths = trait.write(options.out, frequency=options.keep_maf)
    if not options.quiet:
        print(trait)
        print("written: " + ", ".join(map(str, paths)), file=sys.stderr)


def _study(options: argparse.Namespace) -> Any:
    from gwasmeta import Study
    from gwasmeta.multitrait.ldsc_words import ldsc_dialect, signed_statistic

    if (options.file is None) == (options.sumstats is None):
        raise GwasmetaError("give one file: gwasmeta munge FILE --out PREFIX, or --sumstats FILE as munge_sumstats.py")
    columns = named_words(options.column, "--column", "COLUMN=WORD, such as effect_allele=Allele2")
    for option, column in _COLUMN_OPTIONS.items():
        if (word := getattr(options, option)) is not None:
            columns[column] = word
    if options.signed_sumstats is not None:
        columns |= signed_statistic(options.signed_sumstats)
    dialect = options.dialect
    if options.sumstats is not None and dialect is None:
        given = any(number is not None for number in (options.N, options.N_cas, options.N_con))
        dialect = ldsc_dialect((options.ignore or "").split(","), without_samples=given)
    elif options.ignore:
        raise GwasmetaError("--ignore goes with --sumstats; a column of another meaning is named by --column")
    return Study(
        options.sumstats or options.file,
        n=options.N,
        n_cases=options.N_cas,
        n_controls=options.N_con,
        dialect=dialect,
        columns=columns,
        filters=tuple(options.filters),
    )
