"""Cleaning one trait: rules in their order, and how many rows each of them removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from gwasmeta.errors import GwasmetaError
from gwasmeta.multitrait.trait_rows import BoolArray, TraitRows

# A ninth of SNPs may have a third fewer samples than the others: LDSC's threshold for a trait's sample sizes.
_N_QUANTILE, _N_DIVISOR = 0.9, 1.5


@dataclass(frozen=True)
class CleaningOptions:
    """Which rows of a trait are used.

    Attributes
    ----------
    maf_min : float, optional
        Minor allele frequencies must be above this, and known; no rule about frequencies if not given.
    info_min : float, optional
        Imputation quality must be at least this.
    n_min : float, optional
        Sample sizes must be at least this; the 90th percentile of the trait divided by 1.5 if not given.
    n_max : float, optional
        Sample sizes must be at most this.
    median_z_max : float
        Size from which the median of z shows that the effects are not signed by an arbitrary allele.
    mean_chi_squared_min : float
        Mean of z² below which a trait has too little signal; 0 to go on whatever it is.
    ambiguous : bool
        Keep A/T and C/G SNPs, whose strand cannot be told.
    """

    maf_min: float | None = None
    info_min: float | None = None
    n_min: float | None = None
    n_max: float | None = None
    median_z_max: float = 0.1
    mean_chi_squared_min: float = 1.02
    ambiguous: bool = True


@dataclass(frozen=True)
class Step:
    """What one rule did to the rows of a trait.

    Attributes
    ----------
    rule, reason : str
        The rule's name, and what was wrong with the rows that it removed.
    removed, left : int
        Rows.
    example : str
        The first value that was wrong, and its line, where they are known.
    """

    rule: str
    reason: str
    removed: int
    left: int
    example: str = ""

    def explained(self) -> str:
        """Return how many rows were removed and why, with the example."""
        such = f" (such as {self.example})" if self.example else ""
        return f"{self.removed:,} by {self.rule}: {self.reason}{such}"


@dataclass(frozen=True)
class TraitSummary:
    """What became of a trait's rows.

    Attributes
    ----------
    name, file : str
    steps : tuple of Step
        Every rule that was applied, in its order, those included that removed nothing.
    n_read, n_left : int
    median_z, mean_chi_squared : float
        Of the rows left.
    """

    name: str
    file: str
    steps: tuple[Step, ...]
    n_read: int
    n_left: int
    median_z: float
    mean_chi_squared: float


@dataclass(frozen=True)
class _Rule:
    name: str
    reason: str
    satisfied: Callable[[TraitRows], BoolArray]


def munge(rows: TraitRows, options: CleaningOptions, before: Sequence[Step] = ()) -> tuple[TraitRows, TraitSummary]:
    """Apply the rules of cleaning to a trait.

    Parameters
    ----------
    rows : TraitRows
    options : CleaningOptions
    before : sequence of Step
        What was removed already; the first says how many rows there were.

    Returns
    -------
    rows : TraitRows
        Those that pass, each SNP at most once, in the order of the file; without the columns that only rules look at.
    summary : TraitSummary

    Raises
    ------
    GwasmetaError
        If no row is left, the median of z is far from 0, or the mean of z² is too small. The message names the trait
        and says what to do.
    """
    n_read = before[0].left if before else len(rows)
    steps = [*before]
    for rule in _rules(rows, options):
        n_before = len(rows)
        rows = rows.kept(rule.satisfied(rows))
        steps.append(Step(rule.name, rule.reason, n_before - len(rows), len(rows)))
    if not len(rows):
        raise GwasmetaError(_nothing_left(rows, n_read, steps))
    median_z, mean_chi_squared = float(np.median(rows.z)), float(np.mean(rows.z**2))
    summary = TraitSummary(rows.name, rows.file, tuple(steps), n_read, len(rows), median_z, mean_chi_squared)
    _refuse_unfit(summary, options)
    return replace(rows, p_value=None, info=None, standard_error=None), summary


def _rules(rows: TraitRows, options: CleaningOptions) -> Iterator[_Rule]:
    """Yield the rules that apply; those that look at all rows that are left come last."""
    yield _Rule("missing_value", "id, allele, z, n or another value that is needed is missing", _is_complete(options))
    if options.info_min is not None:
        info_min = options.info_min
        yield _Rule("info_below_minimum", f"INFO is not {info_min:g} or more", lambda rows: _of(rows.info) >= info_min)
    if options.maf_min is not None:
        yield _Rule(
            "maf_not_above_minimum",
            f"minor allele frequency is not above {options.maf_min:g}",
            _is_frequent(options.maf_min),
        )
    if rows.standard_error is not None:
        yield _Rule(
            "standard_error_not_positive", "standard error is not positive", lambda rows: _of(rows.standard_error) > 0
        )
    if rows.p_value is not None:
        yield _Rule("p_value_out_of_range", "p-value is not above 0 and up to 1", _has_possible_p_value)
    yield _Rule("not_a_snp", "alleles are not two different ones of A, C, G, T", _is_snp)
    if not options.ambiguous:
        yield _Rule("ambiguous", "the strand of A/T and C/G cannot be told", lambda rows: ~rows.is_ambiguous)
    yield _Rule("duplicated_id", "an earlier row that passed has the same id", _is_first)
    yield _Rule("n_below_minimum", _n_min_reason(options), _has_enough_samples(options.n_min))
    if options.n_max is not None:
        n_max = options.n_max
        yield _Rule("n_above_maximum", f"n is above {n_max:g}", lambda rows: rows.n <= n_max)


def _is_complete(options: CleaningOptions) -> Callable[[TraitRows], BoolArray]:
    def satisfied(rows: TraitRows) -> BoolArray:
        complete = ~rows.incomplete & np.isfinite(rows.z) & ~np.isnan(rows.n)
        if rows.p_value is not None:
            complete &= ~np.isnan(rows.p_value)
        if options.maf_min is not None:
            complete &= ~np.isnan(_of(rows.frequency))
        return complete

    return satisfied


def _is_frequent(maf_min: float) -> Callable[[TraitRows], BoolArray]:
    def satisfied(rows: TraitRows) -> BoolArray:
        frequency = _of(rows.frequency)
        return (frequency > 0) & (frequency < 1) & (np.minimum(frequency, 1 - frequency) > maf_min)

    return satisfied


def _has_possible_p_value(rows: TraitRows) -> BoolArray:
    p_value = _of(rows.p_value)
    return (p_value > 0) & (p_value <= 1)


def _is_snp(rows: TraitRows) -> BoolArray:
    effect, other = rows.effect_allele, rows.other_allele
    return np.asarray((effect >= 0) & (other >= 0) & (effect != other))


def _is_first(rows: TraitRows) -> BoolArray:
    places = np.arange(len(rows))
    first = np.zeros(int(rows.variant.max(initial=-1)) + 1, dtype=np.int64)
    first[rows.variant[::-1]] = places[::-1]  # of several, the one assigned last stays
    return np.asarray(first[rows.variant] == places)


def _has_enough_samples(n_min: float | None) -> Callable[[TraitRows], BoolArray]:
    def satisfied(rows: TraitRows) -> BoolArray:
        if not len(rows):
            return np.ones(0, dtype=bool)
        least = float(np.quantile(rows.n, _N_QUANTILE)) / _N_DIVISOR if n_min is None else n_min
        return np.asarray(rows.n >= least)

    return satisfied


def _n_min_reason(options: CleaningOptions) -> str:
    if options.n_min is None:
        return "n is below the 90th percentile of the trait divided by 1.5"
    return f"n is below {options.n_min:g}"


def _of(column: npt.NDArray[np.float64] | None) -> npt.NDArray[np.float64]:
    """Return a column that a rule needs and the reader has made sure of."""
    assert column is not None
    return column


def _nothing_left(rows: TraitRows, n_read: int, steps: list[Step]) -> str:
    reasons = "; ".join(step.explained() for step in steps if step.removed) or "it has no rows"
    return (
        f"trait {rows.name} ({rows.file}): none of its {n_read:,} rows can be used: {reasons}\n"
        "  Look whether the right columns were read, and whether the thresholds fit this trait."
    )


def _refuse_unfit(trait: TraitSummary, options: CleaningOptions) -> None:
    where = f"trait {trait.name} ({trait.file})"
    if abs(trait.median_z) > options.median_z_max:
        raise GwasmetaError(
            f"{where}: the median of z is {trait.median_z:.5g}, more than {options.median_z_max:g} from 0\n"
            "  Either z is not what its column holds (odds ratios and p-values are not signed), or effects are given"
            " for an allele that is not arbitrary.\n"
            "  If they are right, allow it by --median-z-max (gwasmeta mtag: --median_z_cutoff; Python: median_z_max)."
        )
    if not trait.mean_chi_squared >= options.mean_chi_squared_min:
        raise GwasmetaError(
            f"{where}: the mean of z² is {trait.mean_chi_squared:.4f}, less than {options.mean_chi_squared_min:g}:"
            " the study has too little power for its covariances to be estimated\n"
            "  Leave the trait out; or go on all the same by --force (Python: mean_chi_squared_min=0)."
        )
