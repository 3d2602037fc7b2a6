"""Checks of studies against each other: one point, box or bar a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gwasmeta.errors import GwasmetaError
from gwasmeta.plots.data.canvas import SQUARE_CANVAS, Canvas
from gwasmeta.plots.data.comparisons import ScatterData, scatter_data
from gwasmeta.plots.data.points import FloatArray, numbers_of
from gwasmeta.stats.genomic_control import inflation_factor_1000
from gwasmeta.stats.normal import neg_log_10_p_value

_P_Z_TOLERANCE = 0.05  # of -log10 p: beyond what printed digits explain
_MOST_DRAWN = 300.0


def p_z_data(z: ArrayLike, reported: ArrayLike, *, canvas: Canvas = SQUARE_CANVAS) -> ScatterData:
    """Compare reported p-values with those of the z statistics.

    Parameters
    ----------
    z : array_like, shape (n_variants,)
        Effect divided by its standard error.
    reported : array_like, shape (n_variants,)
        -log10 of the p-values in the file.
    canvas : Canvas

    Returns
    -------
    ScatterData
        x is -log10 p of z, y the reported one, both at most 300; variants where they differ by more than 0.05 and 2 %
        are marked.

    References
    ----------
    Winkler et al. (2014), Nature Protocols 9:1192 (P-Z plot).
    """
    computed, given = neg_log_10_p_value(numbers_of(z, "z")), numbers_of(reported, "reported")
    x, y = np.minimum(computed, _MOST_DRAWN), np.minimum(given, _MOST_DRAWN)
    top = max(float(np.nanmax(np.fmax(x, y), initial=1.0)), 1.0) * 1.03
    marked = np.abs(x - y) > _P_Z_TOLERANCE + 0.02 * np.fmax(x, y)
    return scatter_data(x, y, marked=marked, x_limits=(0.0, top), y_limits=(0.0, top), canvas=canvas)


def frequency_data(
    study: ArrayLike, reference: ArrayLike, *, tolerance: float = 0.2, canvas: Canvas = SQUARE_CANVAS
) -> ScatterData:
    """Compare a study's allele frequencies with those of a reference or of the meta-analysis.

    Parameters
    ----------
    study, reference : array_like, shape (n_variants,)
        Frequencies of the same allele.
    tolerance : float
        Variants whose frequencies differ by more are marked.
    canvas : Canvas

    Returns
    -------
    ScatterData
        x is the reference's frequency, y the study's.

    References
    ----------
    Winkler et al. (2014), Nature Protocols 9:1192 (EAF plot).
    """
    x, y = numbers_of(reference, "reference"), numbers_of(study, "study")
    limits = (-0.02, 1.02)
    return scatter_data(x, y, marked=np.abs(x - y) > tolerance, x_limits=limits, y_limits=limits, canvas=canvas)


@dataclass(frozen=True)
class StudyPoints:
    """A point a study.

    Attributes
    ----------
    study : tuple of str
    x, y : float64 arrays, shape (n_studies,)
    outlying : bool array, shape (n_studies,)
        Studies to look at.
    """

    study: tuple[str, ...]
    x: FloatArray
    y: FloatArray
    outlying: NDArray[np.bool_]

    def columns(self) -> dict[str, NDArray[Any]]:
        """Return the arrays that have one value a study, by name."""
        return {"study": np.array(self.study, dtype=object), "x": self.x, "y": self.y, "outlying": self.outlying}


def standard_error_n_data(
    study: Sequence[str], median_standard_error: ArrayLike, constant: ArrayLike, n: ArrayLike
) -> StudyPoints:
    """Compare the studies' standard errors with what their sample sizes give.

    Parameters
    ----------
    study : sequence of str
    median_standard_error : array_like, shape (n_studies,)
    constant : array_like, shape (n_studies,)
        The median over the variants of 1 / sqrt(2 f (1 - f)) for the minor allele frequency f.
    n : array_like, shape (n_studies,)
        The largest sample size.

    Returns
    -------
    StudyPoints
        x is the root of n, y is constant / median standard error: on the identity line for a trait of variance 1.
        Studies off the median ratio by more than a half are outlying: another unit, wrong n, relatedness.

    References
    ----------
    Winkler et al. (2014), Nature Protocols 9:1192 (SE-N plot).
    """
    x = np.sqrt(numbers_of(n, "n", len(study)))
    y = numbers_of(constant, "constant", len(study)) / numbers_of(median_standard_error, "standard errors", len(study))
    return _study_points(study, x, y, lambda x, y: np.abs(np.log(y / x / np.median(y / x))) > np.log(1.5))


def inflation_n_data(study: Sequence[str], inflation_factor: ArrayLike, n: ArrayLike) -> StudyPoints:
    """Show the studies' genomic inflation factors against their sample sizes.

    Parameters
    ----------
    study : sequence of str
    inflation_factor, n : array_like, shape (n_studies,)

    Returns
    -------
    StudyPoints
        x is n, y lambda; studies above 1.1 whose inflation scaled to 1000 samples is also above 1.1 are outlying.

    References
    ----------
    Winkler et al. (2014), Nature Protocols 9:1192 (lambda-N plot).
    """
    x, y = numbers_of(n, "n", len(study)), numbers_of(inflation_factor, "inflation_factor", len(study))
    return _study_points(study, x, y, lambda x, y: (y > 1.1) & (np.asarray(inflation_factor_1000(y, x)) > 1.1))


def _study_points(study: Sequence[str], x: FloatArray, y: FloatArray, outlying: Any) -> StudyPoints:
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any():
        raise GwasmetaError("no study has both a sample size and the value to draw against it")
    names = tuple(name for name, kept in zip(study, known, strict=True) if kept)
    return StudyPoints(names, x[known], y[known], np.asarray(outlying(x[known], y[known])))


@dataclass(frozen=True)
class Boxes:
    """Distributions as five quantiles.

    Attributes
    ----------
    study : tuple of str
    quantiles : float64 array, shape (n_studies, 5)
        Of the effects: 1 %, 25 %, 50 %, 75 %, 99 %.
    """

    study: tuple[str, ...]
    quantiles: FloatArray


@dataclass(frozen=True)
class AttritionData:
    """What became of each study's rows, one bar segment an entry.

    Attributes
    ----------
    study, rule : tuple of str
        The rule "used" is that of the rows that were used.
    count : int array
    rules : tuple of str
        In the order in which they are stacked: used first, then the most frequent.
    """

    study: tuple[str, ...]
    rule: tuple[str, ...]
    count: NDArray[np.int64]
    rules: tuple[str, ...]

    def columns(self) -> dict[str, NDArray[Any]]:
        """Return the arrays that have one value a segment, by name."""
        names = {"study": np.array(self.study, dtype=object), "rule": np.array(self.rule, dtype=object)}
        return {**names, "count": self.count}


USED, OTHER_RULES = "used", "other rules"


def attrition_data(
    study: Sequence[str], rows_used: Sequence[int], excluded_by: Sequence[Mapping[str, int]], *, most_rules: int = 6
) -> AttritionData:
    """Count each study's rows by what became of them.

    Parameters
    ----------
    study : sequence of str
    rows_used : sequence of int
    excluded_by : sequence of mappings
        For each study, rows by the rule that excluded them.
    most_rules : int
        The rules that caught fewer rows than so many others are counted together.

    Returns
    -------
    AttritionData
    """
    totals: dict[str, int] = {}
    for excluded in excluded_by:
        for rule, count in excluded.items():
            totals[rule] = totals.get(rule, 0) + int(count)
    ranked = sorted((rule for rule, count in totals.items() if count), key=lambda rule: -totals[rule])
    own, others = ranked[:most_rules], ranked[most_rules:]
    rules = [USED, *own, *([OTHER_RULES] if others else [])]
    entries: list[tuple[str, str, int]] = []
    for name, used, excluded in zip(study, rows_used, excluded_by, strict=True):
        counts = {USED: int(used)} | {rule: int(excluded.get(rule, 0)) for rule in own}
        if others:
            counts[OTHER_RULES] = sum(int(excluded.get(rule, 0)) for rule in others)
        entries += [(name, rule, counts[rule]) for rule in rules]
    names, labels, numbers = zip(*entries, strict=True) if entries else ((), (), ())
    return AttritionData(names, labels, np.array(numbers, dtype=np.int64), tuple(rules))
