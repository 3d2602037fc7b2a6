"""Forest plots: one variant's effect in each study, and combined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gwasmeta.errors import GwasmetaError
from gwasmeta.plots.data.points import FloatArray, numbers_of
from gwasmeta.stats.between_study_variance import Estimator
from gwasmeta.stats.fixed_effects import fixed_effects
from gwasmeta.stats.heterogeneity import heterogeneity
from gwasmeta.stats.random_effects import random_effects

_NORMAL_QUANTILE_975: Final = 1.959963984540054


@dataclass(frozen=True)
class Summary:
    """A combined effect.

    Attributes
    ----------
    beta, lower, upper : float
        With its 95 % confidence interval.
    neg_log_10_p_value : float
    """

    beta: float
    lower: float
    upper: float
    neg_log_10_p_value: float


@dataclass(frozen=True)
class ForestData:
    """One variant across studies.

    Attributes
    ----------
    study : tuple of str
        In the order given, without those that did not measure the variant.
    beta, lower, upper : float64 arrays, shape (n_studies,)
        Effects with their 95 % confidence intervals.
    weight, random_weight : float64 arrays, shape (n_studies,)
        In per cent, of the fixed-effects and of the random-effects mean.
    n : float64 array, shape (n_studies,)
        Sample sizes; NaN where not known.
    fixed, random : Summary
    q, q_neg_log_10_p_value, i_squared, tau_squared : float
        Cochran's Q, its test, and what is derived from it; I² is NaN for a single study.
    degrees_of_freedom : int
        Of Q.
    """

    study: tuple[str, ...]
    beta: FloatArray
    lower: FloatArray
    upper: FloatArray
    weight: FloatArray
    random_weight: FloatArray
    n: FloatArray
    fixed: Summary
    random: Summary
    q: float
    q_neg_log_10_p_value: float
    degrees_of_freedom: int
    i_squared: float
    tau_squared: float

    def columns(self) -> dict[str, NDArray[Any]]:
        """Return the arrays that have one value a study, by name."""
        arrays = {name: values for name, values in vars(self).items() if isinstance(values, np.ndarray)}
        return {"study": np.array(self.study, dtype=object), **arrays}


def forest_data(
    study: Sequence[str],
    beta: ArrayLike,
    standard_error: ArrayLike,
    n: ArrayLike | None = None,
    *,
    tau_squared: Estimator = "DL",
    hartung_knapp: bool = False,
) -> ForestData:
    """Compute what a forest plot of one variant shows.

    Parameters
    ----------
    study : sequence of str
    beta, standard_error : array_like, shape (n_studies,)
        Per copy of the same allele; NaN where a study did not measure the variant.
    n : array_like, shape (n_studies,), optional
        Sample sizes.
    tau_squared : {"DL", "PM", "REML", "ML", "SJ", "HE", "HS", "EB"}
        Estimator of the between-study variance.
    hartung_knapp : bool
        Standard error of the random-effects mean by Hartung and Knapp.

    Returns
    -------
    ForestData

    Raises
    ------
    GwasmetaError
        If no study measured the variant, or a column has another length than `study`.
    """
    effects, errors = (
        numbers_of(values, what, len(study)) for values, what in ((beta, "beta"), (standard_error, "standard_error"))
    )
    sizes = np.full(len(study), np.nan) if n is None else numbers_of(n, "n", len(study))
    measured = np.isfinite(effects) & (errors > 0) & np.isfinite(errors)
    if not measured.any():
        raise GwasmetaError("no study measured the variant: there is nothing to draw a forest plot of")
    effects, errors, sizes = effects[measured], errors[measured], sizes[measured]
    row = effects[np.newaxis], errors[np.newaxis]
    fixed, random, spread = fixed_effects(*row), random_effects(*row, tau_squared, hartung_knapp), heterogeneity(*row)
    half_width = _NORMAL_QUANTILE_975 * fixed.standard_error
    between = float(np.nan_to_num(random.tau_squared[0]))
    return ForestData(
        tuple(name for name, kept in zip(study, measured, strict=True) if kept),
        effects,
        effects - _NORMAL_QUANTILE_975 * errors,
        effects + _NORMAL_QUANTILE_975 * errors,
        _shares(errors**-2),
        _shares(1 / (errors**2 + between)),
        sizes,
        _summary(fixed.beta, fixed.beta - half_width, fixed.beta + half_width, fixed.neg_log_10_p_value),
        _summary(random.beta, random.ci_lower, random.ci_upper, random.neg_log_10_p_value),
        float(spread.q[0]),
        float(spread.neg_log_10_p_value[0]),
        int(spread.degrees_of_freedom[0]),
        float(spread.i_squared[0]),
        between,
    )


def _shares(weight: FloatArray) -> FloatArray:
    return np.asarray(100 * weight / weight.sum())


def _summary(*numbers: FloatArray) -> Summary:
    return Summary(*(float(values[0]) for values in numbers))
