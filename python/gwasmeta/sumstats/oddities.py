"""What to look at before a study is used: thresholds of consortium quality control, each with its sentence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gwasmeta.sumstats.dialects import dialect_named
from gwasmeta.sumstats.inspected_rows import InspectedRows

if TYPE_CHECKING:
    from gwasmeta.sumstats.inspection import Inspection

_HIGHEST_INFLATION, _LOWEST_INFLATION = 1.2, 0.9  # opengwas-reports flags above 1.2
_LOWEST_CORRELATION, _MOST_DIFFERING = 0.99, 0.01  # QCGWAS flags a correlation below 0.99
_LARGEST_MEAN_BETA = 0.1  # opengwas-reports
_ENOUGH_ROWS = 1000  # for a statement about how values are distributed
_FEW_SAMPLES = 2 / 3  # of the largest n, LDSC's threshold
_AUTOSOMES = set(range(1, 23))


def oddities(inspection: Inspection, rows: InspectedRows) -> Iterator[str]:
    """Yield a sentence for each thing that is odd."""
    for finding in rows.log:
        first = finding.examples[0]
        yield (
            f"{finding.count:,} rows {finding.action}, {finding.rule}: {finding.reason}; first: line {first.line},"
            f" {first.variant_id or 'no id'}, {first.value!r}"
        )
    yield from _odd_statistics(inspection, rows)
    yield from _odd_columns(inspection, rows)


def _odd_statistics(inspection: Inspection, rows: InspectedRows) -> Iterator[str]:
    inflation, enough = inspection.inflation_factor, inspection.rows_usable >= _ENOUGH_ROWS
    if enough and inflation > _HIGHEST_INFLATION:
        yield f"lambda is {inflation:.3f}, above {_HIGHEST_INFLATION}: stratification, or a large polygenic study"
    if enough and inflation < _LOWEST_INFLATION:
        yield f"lambda is {inflation:.3f}, below {_LOWEST_INFLATION}: standard errors too large, or few samples"
    if enough and abs(inflation - 1) < 0.0005:
        yield "lambda is 1.000: the statistics may have been corrected by genomic control before"
    consistency = inspection.consistency
    if consistency is not None and (
        consistency.n_differing > _MOST_DIFFERING * consistency.n
        or (enough and consistency.correlation < _LOWEST_CORRELATION)
    ):
        yield (
            f"{consistency.n_differing / consistency.n:.1%} of p-values do not agree with effect / standard error:"
            " another test's p, corrected p, one-sided p, or a wrong column"
        )
    if rows.n_without_p:
        yield f"{rows.n_without_p:,} p-values are missing, 0 or impossible; `gwasmeta format` works them out from z"
    if rows.n_beta >= _ENOUGH_ROWS and rows.n_positive_beta == rows.n_beta:
        yield "no effect is negative: are these odds ratios, to be read as odds_ratio?"
    elif rows.n_beta >= _ENOUGH_ROWS and abs(rows.sum_beta / rows.n_beta) > _LARGEST_MEAN_BETA:
        yield f"the mean effect is {rows.sum_beta / rows.n_beta:.3f}, further than {_LARGEST_MEAN_BETA} from 0"


def _odd_columns(inspection: Inspection, rows: InspectedRows) -> Iterator[str]:
    frequencies, n = rows.frequencies, inspection.n
    if frequencies is None:
        yield "no frequencies of the effect allele: the strand of palindromic variants cannot be inferred"
    elif frequencies.maximum <= 0.5 and inspection.rows_usable >= _ENOUGH_ROWS and not _tests_minor_allele(inspection):
        yield "no frequency is above one half: it may be the minor allele's, not the effect allele's"
    repeated = rows.n_repeated_ids()
    if repeated:
        yield f"{repeated:,} rows repeat the id of an earlier row, in any case: several alleles, or a row too many"
    if n is None:
        yield "no sample sizes: give them by --n NUMBER (Python: n=NUMBER) where they are needed"
    elif n.minimum < _FEW_SAMPLES * n.maximum:
        yield f"sample sizes differ between rows, from {n.minimum:,.10g} to {n.maximum:,.10g}"
    if rows.chromosomes:
        lacking = sorted(_AUTOSOMES - rows.chromosomes)
        if lacking:
            yield f"no rows on chromosome {', '.join(map(str, lacking))}"
        if 0 in rows.chromosomes:
            yield "contigs other than chromosomes 1 to 22, X, Y and MT"
    if inspection.build.build == "unknown":
        yield f"the build of the genome is unknown: {inspection.build.reason}"


def _tests_minor_allele(inspection: Inspection) -> bool:
    dialect = dialect_named(inspection.dialect)
    return dialect is not None and dialect.tests_minor_allele
