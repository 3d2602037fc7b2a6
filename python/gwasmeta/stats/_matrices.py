"""The door of the statistical core: matrices with a row for each variant and a column for each study."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

# Wide of any unit of measurement, and the third power of a weight 1 / standard_error² is still a number.
_SMALLEST_STANDARD_ERROR: Final = 1e-50
_LARGEST_STANDARD_ERROR: Final = 1e50


def study_matrices(beta: ArrayLike, standard_error: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Check the studies' effects and their standard errors, and return both as float64 matrices.

    Parameters
    ----------
    beta : array_like, shape (n_variants, n_studies)
        NaN where a study did not measure the variant.
    standard_error : array_like, shape (n_variants, n_studies)
        In the units of `beta`; not looked at where `beta` is NaN.

    Returns
    -------
    beta : ndarray, shape (n_variants, n_studies)
    standard_error : ndarray, shape (n_variants, n_studies)
        Infinite where `beta` is NaN, so that the weight 1 / standard_error² is 0 there.

    Raises
    ------
    ValueError
        If these are not two matrices of one shape, a measured effect is infinite, or a measured effect has
        no standard error between 1e-50 and 1e50. The message names the first such element.
    """
    effects, errors = _matrices_of_one_shape("beta", beta, "standard_error", standard_error)
    measured = ~np.isnan(effects)
    _refuse("beta", effects, measured & np.isinf(effects), "it must be finite, or NaN where not measured")
    usable = (errors >= _SMALLEST_STANDARD_ERROR) & (errors <= _LARGEST_STANDARD_ERROR)  # not NaN, either
    remedy = "it must be positive, from 1e-50 to 1e50, where the study measured the variant"
    _refuse("standard_error", errors, measured & ~usable, remedy)
    return effects, np.where(measured, errors, np.inf)


def sample_size_matrices(z: ArrayLike, n: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Check the studies' z statistics and their sample sizes, and return both as float64 matrices.

    Parameters
    ----------
    z : array_like, shape (n_variants, n_studies)
        NaN where a study did not measure the variant.
    n : array_like, shape (n_variants, n_studies)
        Sample sizes; not looked at where `z` is NaN.

    Returns
    -------
    z : ndarray, shape (n_variants, n_studies)
    n : ndarray, shape (n_variants, n_studies)
        0 where `z` is NaN.

    Raises
    ------
    ValueError
        If these are not two matrices of one shape, a z statistic is infinite, or a measured variant has
        no positive finite sample size. The message names the first such element.
    """
    statistics, sizes = _matrices_of_one_shape("z", z, "n", n)
    measured = ~np.isnan(statistics)
    _refuse("z", statistics, measured & np.isinf(statistics), "it must be finite, or NaN where not measured")
    usable = (sizes > 0) & (sizes < np.inf)  # not NaN, either
    remedy = "it must be positive and finite where the study measured the variant"
    _refuse("n", sizes, measured & ~usable, remedy)
    return statistics, np.where(measured, sizes, 0)


def _matrices_of_one_shape(
    first_name: str, first: ArrayLike, second_name: str, second: ArrayLike
) -> tuple[FloatArray, FloatArray]:
    one, other = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if one.ndim != 2 or one.shape != other.shape:
        raise ValueError(
            f"{first_name} has shape {one.shape} and {second_name} has shape {other.shape}: "
            "both must be matrices of the same shape (n_variants, n_studies)"
        )
    return one, other


def _refuse(name: str, values: FloatArray, faulty: NDArray[np.bool_], remedy: str) -> None:
    if faulty.any():
        variant, study = np.unravel_index(int(faulty.argmax()), faulty.shape)
        raise ValueError(f"{name}[{variant}, {study}] is {float(values[variant, study])}: {remedy}")
