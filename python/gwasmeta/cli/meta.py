"""`gwasmeta meta`: combine one trait over studies."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gwasmeta.cli.cluster_options import add_cluster_options, chosen_cluster
from gwasmeta.cli.heap import share_one_heap
from gwasmeta.cli.meta_options import add_control_options, add_matching_options, add_method_options, add_output_options
from gwasmeta.cli.named_words import named_file, named_words
from gwasmeta.cli.progress import shown_progress
from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.dialects import DIALECTS

_EXAMPLES = """\
examples:
  gwasmeta meta cohort1.txt.gz cohort2.regenie cohort3.glm.linear --out height
      fixed effects, heterogeneity; writes height.tsv, height.log.tsv and height.json

  gwasmeta meta *.txt.gz --genomic-control --method fixed,random --tau-squared REML --out height.tsv.gz
      each study corrected by its inflation factor; random effects beside the fixed ones

  gwasmeta meta ukb=a.tsv.gz finns=b.tsv.gz --filter 'info >= 0.4' --filter 'min(eaf, 1-eaf) >= 0.01' --out t2d
      studies named ukb and finns; rows that do not satisfy both conditions are left out, and counted in t2d.log.tsv

  gwasmeta meta men=m.txt women=w.txt --sex men=male --sex women=female --out height
      the estimates of each sex, and tests of their difference, beside the combined ones

  gwasmeta meta --studies studies.yaml --out height
      studies.yaml lists the studies with their paths, names, sample sizes, columns, filters, sex, lambda

  gwasmeta meta ukb=a.txt finns=b.txt --n finns=18500 --column ukb:effect_allele=Allele2 --out bmi
      finns has no column of sample sizes; in ukb the effect allele is in another column than usual

  gwasmeta meta store:UKB store:FINNS new.txt.gz --leave-one-out --out height
      two studies that  gwasmeta store add  has read and checked, and a file

  gwasmeta meta --studies studies.yaml --method fixed,random --tau-squared REML --memory 4GB --workers 2 --out height
      many studies on a small machine: their rows lie on disk, two processes combine them; the same bits as without

A study's format is recognised from its header. What gwasmeta understood, and every row that it left out,
is in PREFIX.log.tsv and PREFIX.json.
"""


def register(commands: Any) -> argparse.ArgumentParser:
    """Add the command's options."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "meta",
        help="combine one trait over studies",
        description="Combine one trait's association results over studies: fixed effects, random effects, or z"
        " weighted by sample size, with heterogeneity, genomic control, and a log of everything left out.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "studies",
        nargs="*",
        metavar="[NAME=]FILE",
        help="summary statistics: text (tab, comma, semicolon, blanks; plain, gz, bgz, bz2, xz, zst), Parquet or"
        " GWAS-VCF; - is standard input, store:NAME a study of the store (gwasmeta store --help)",
    )
    parser.add_argument(
        "--studies",
        dest="manifest",
        metavar="FILE",
        help="a list of studies, YAML or a table with a header (path, name, n, n_cases, n_controls, sex, dialect,"
        " columns, filters, lambda); paths start from its folder",
    )
    parser.add_argument(
        "-o",
        "--out",
        required=True,
        metavar="PREFIX",
        help="beginning of the output's names, or the table's name: X.tsv, X.tsv.gz, X.tsv.bgz, X.tsv.zst, X.parquet",
    )
    _add_reading_options(parser.add_argument_group("reading the studies", "STUDY= or STUDY: applies to one study."))
    combining = parser.add_argument_group("combining")
    add_method_options(combining)
    _add_sexes(combining)
    control = parser.add_argument_group("genomic control")
    add_control_options(control)
    _add_known_factors(control)
    add_matching_options(parser.add_argument_group("matching variants and alleles"))
    output = parser.add_argument_group("output")
    add_output_options(output)
    _add_report(output)
    output.add_argument(
        "--memory",
        metavar="AMOUNT",
        help="such as 4GB: take no more; what does not fit is kept on disk, in the folder that TMPDIR names",
    )
    add_cluster_options(parser)
    return parser


def _add_reading_options(group: Any) -> None:
    group.add_argument(
        "--dialect",
        action="append",
        default=[],
        metavar="[STUDY=]NAME",
        help=f"the format, where it is not recognised: {', '.join(dialect.name for dialect in DIALECTS)}",
    )
    group.add_argument(
        "--trait",
        action="append",
        default=[],
        metavar="[STUDY=]NAME",
        help="which trait is meant, of a file with several (BGENIE, REGENIE --no-split)",
    )
    group.add_argument(
        "--side-file",
        action="append",
        default=[],
        dest="side_files",
        metavar="[STUDY=]FILE",
        help="the .frq or .bim with the alleles that PLINK 1.9's results lack; looked for beside them if not given",
    )
    group.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="[STUDY:]COLUMN=WORD[,...]",
        help="which of the header's words is a column, such as effect_allele=Allele2,other_allele=Allele1",
    )
    for name, what in (
        ("n", "sample size, for files without such a column"),
        ("n-cases", "number of cases"),
        ("n-controls", "number of controls"),
    ):
        group.add_argument(f"--{name}", action="append", default=[], metavar="[STUDY=]NUMBER", help=what)
    group.add_argument(
        "--filter",
        action="append",
        default=[],
        dest="filters",
        metavar="[STUDY:]CONDITION",
        help="keep only rows that satisfy it: 'info >= 0.4', 'min(eaf, 1-eaf) >= 0.01', 'n > 1000 and se < 1'",
    )
    group.add_argument(
        "--sum",
        action="append",
        default=[],
        dest="sums",
        metavar="[STUDY:]NAME=WORD",
        help="add up a column over studies: the result gets a column NAME with the sum of the header's WORD",
    )
    group.add_argument(
        "--flip", action="append", default=[], metavar="STUDY", help="change the sign of all effects of a study"
    )


def _add_sexes(group: Any) -> None:
    group.add_argument(
        "--sex",
        action="append",
        default=[],
        metavar="STUDY=male|female",
        help="sex-differentiated analysis: whose study it is, for every study; adds each sex's estimates and the"
        " tests of Magi, Lindgren and Morris",
    )


def _add_known_factors(group: Any) -> None:
    group.add_argument(
        "--inflation-factor",
        action="append",
        default=[],
        metavar="[STUDY=]NUMBER",
        help="use this factor instead of an estimate",
    )


def _add_report(group: Any) -> None:
    group.add_argument(
        "--report", metavar="FILE", help="write a report of the result as well: one HTML file with tables and pictures"
    )
    group.add_argument("-q", "--quiet", action="store_true", help="print nothing but errors")


def run(options: argparse.Namespace) -> None:
    """Combine, write, and print the summary."""
    import gwasmeta
    from gwasmeta.meta.output_paths import refuse_impossible_output

    share_one_heap()
    studies = _studies(options)
    refuse_impossible_output(options.out, [study.path for study in studies if study.path is not None])
    if options.report:
        from gwasmeta.report.page import refuse_impossible_report

        refuse_impossible_report(options.report)
    with shown_progress(options.quiet) as progress:
        result = gwasmeta.meta_analyze(
            studies,
            methods=[name.strip().replace("-", "_") for name in options.method.split(",")],
            tau_squared=options.tau_squared,
            hartung_knapp=options.hartung_knapp,
            genomic_control=options.genomic_control,
            genomic_control_variants=options.genomic_control_variants,
            genomic_control_result=options.genomic_control_result,
            match=options.match,
            palindromic=options.palindromic,
            palindromic_window=options.palindromic_window,
            frequency_difference=options.frequency_difference,
            min_studies=options.min_studies,
            min_n=options.min_n,
            direction_p=options.direction_p,
            leave_one_out=options.leave_one_out,
            sex_differentiated=bool(options.sex) or all(study.sex for study in studies),
            overlap=options.overlap,
            z_cutoff=options.z_cutoff,
            position_conflicts=options.position_conflicts,
            cluster=chosen_cluster(options),
            memory=options.memory,
            progress=progress,
        )
    paths = result.write(options.out, format=options.format)
    if options.report:
        with shown_progress(options.quiet) as progress:
            paths.append(result.report(options.report, title=_title(options.out), progress=progress))
    if not options.quiet:
        print(result.summary())
        print("written: " + ", ".join(map(str, paths)), file=sys.stderr)


def _named_studies(options: argparse.Namespace) -> list[Any]:
    """Return the studies of the list, and then those given by their files, with distinct names."""
    from gwasmeta import Study, read_manifest
    from gwasmeta.meta.analyze import with_distinct_names

    listed = read_manifest(options.manifest) if options.manifest else []
    given = [Study(path, name=name) for name, path in map(named_file, options.studies)]
    if not listed and not given:
        raise GwasmetaError("no studies: give their files, or a list of them by --studies FILE")
    return with_distinct_names([*listed, *given])


def _title(out: str) -> str:
    from gwasmeta.meta.output_paths import without_table_ending

    return os.path.basename(without_table_ending(out))


def _studies(options: argparse.Namespace) -> list[Any]:
    named = _named_studies(options)
    labels = [study.label for study in named]
    dialects = _by_study(options.dialect, "--dialect", labels, "=")
    traits = _by_study(options.trait, "--trait", labels, "=")
    side_files = _by_study(options.side_files, "--side-file", labels, "=")
    columns = _by_study(options.column, "--column", labels, ":")
    filters = _by_study(options.filters, "--filter", labels, ":")
    sums = _by_study(options.sums, "--sum", labels, ":")
    sexes = _by_study(options.sex, "--sex", labels, "=")
    unknown = [label for label in options.flip if label not in labels]
    if unknown:
        raise GwasmetaError(f"--flip {unknown[0]}: there is no such study; the studies are {', '.join(labels)}")

    def number(what: str, label: str, otherwise: float | None) -> float | None:
        option = f"--{what.replace('_', '-')}"
        value = _number(_by_study(getattr(options, what), option, labels, "=")[label], option, label)
        return otherwise if value is None else value

    return [
        replace(
            study,
            dialect=dialects[label][-1] if dialects[label] else study.dialect,
            trait=traits[label][-1] if traits[label] else study.trait,
            side_files=(*study.side_paths, *side_files[label]),
            columns={
                **study.columns,
                **named_words(columns[label], "--column", "COLUMN=WORD, such as effect_allele=Allele2"),
            },
            sums={**study.sums, **named_words(sums[label], "--sum", "NAME=WORD, such as n_cases_total=NCASES")},
            sex=_sex(sexes[label]) or study.sex,
            flip_effects=study.flip_effects or label in options.flip,
            filters=(*study.conditions, *filters[label]),
            n=number("n", label, study.n),
            n_cases=number("n_cases", label, study.n_cases),
            n_controls=number("n_controls", label, study.n_controls),
            inflation_factor=number("inflation_factor", label, study.inflation_factor),
        )
        for study, label in zip(named, labels, strict=True)
    ]


def _by_study(words: Sequence[str], option: str, labels: Sequence[str], separator: str) -> dict[str, list[str]]:
    """Give each study the values meant for all and, behind them, those meant for it alone."""
    common: list[str] = []
    own: dict[str, list[str]] = {label: [] for label in labels}
    for word in words:
        label, found, value = word.partition(separator)
        if found and label in own:
            own[label].append(value)
        elif found and re.fullmatch(r"[\w.-]+", label):
            raise GwasmetaError(f"{option} {word}: there is no study {label!r}; the studies are {', '.join(labels)}")
        else:
            common.append(word)
    return {label: common + values for label, values in own.items()}


def _sex(words: Sequence[str]) -> Any:
    letters = words[-1].lower() if words else None
    return {"m": "male", "f": "female"}.get(letters, letters) if letters else None


def _number(words: Sequence[str], option: str, study: str) -> float | None:
    if not words:
        return None
    try:
        return float(words[-1])
    except ValueError:
        raise GwasmetaError(f"{option} {words[-1]}: not a number, for study {study}") from None
