"""Genomic control: how far the bulk of the statistics is inflated above what chance gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike

from gwasmeta.stats._matrices import FloatArray

_SAMPLED: Final = 61  # every so many; prime, so that nothing periodic in the file is met in step
_BRACKET: Final = (0.45, 0.55)

CHI_SQUARED_1_MEDIAN: Final = 0.45493642311957275
"""Median of the chi-squared distribution with one degree of freedom."""


def inflation_factor(
    z: ArrayLike,
    overwrite_z: bool = False,
    *,
    median: Literal["middle", "upper"] = "middle",
    chi_squared_median: float = CHI_SQUARED_1_MEDIAN,
) -> float:
    """Return the genomic inflation factor, lambda GC.

    Parameters
    ----------
    z : array_like
        The z statistics of the variants, any shape; NaN where there is none.
    overwrite_z : bool
        Spare the memory of a copy: an array of double precision without NaN is left with other contents.
    median : {"middle", "upper"}
        Of an even number of values: the mean of the middle two, or the upper of them, as METAL has it.
    chi_squared_median : float
        What the median is divided by; GWAMA and METAL have 0.4549364.

    Returns
    -------
    float
        median(z²) / chi_squared_median; NaN without any value.

    References
    ----------
    Devlin & Roeder (1999), Biometrics 55:997; the median as in Bacanu, Devlin & Roeder (2000), American
    Journal of Human Genetics 66:1933.
    """
    statistics = np.asarray(z, dtype=np.float64).reshape(-1)
    missing = np.isnan(statistics)
    if missing.any():
        statistics = statistics[~missing]
    if statistics.size == 0:
        return float("nan")
    sizes = np.abs(statistics, out=statistics if overwrite_z else None)  # they have the order of their squares
    upper = sizes.size // 2
    middle = [upper] if median == "upper" else [(sizes.size - 1) // 2, upper]
    sizes.partition(middle)
    return float(np.mean(np.square(sizes[middle]))) / chi_squared_median


def inflation_factor_of_blocks(
    blocks: Callable[[], Iterable[FloatArray]],
    *,
    median: Literal["middle", "upper"] = "middle",
    chi_squared_median: float = CHI_SQUARED_1_MEDIAN,
) -> tuple[float, int]:
    """Return what `inflation_factor` gives of all blocks together, without having them together.

    Parameters
    ----------
    blocks : callable
        Returns the blocks of z statistics, without NaN; called two or three times.
    median, chi_squared_median
        As for `inflation_factor`.

    Returns
    -------
    inflation : float
    n : int
        Number of statistics.

    Notes
    -----
    A sample tells between which bounds the median lies; only the statistics within are kept and sorted.
    """
    sample = np.abs(np.concatenate([np.empty(0), *(block[::_SAMPLED] for block in blocks())]))
    low, high = np.quantile(sample, _BRACKET, method="nearest") if sample.size else (0.0, np.inf)
    n = n_below = 0
    within = [np.empty(0)]
    for block in blocks():
        sizes = np.abs(block)
        n += sizes.size
        n_below += int(np.count_nonzero(sizes < low))
        within.append(sizes[(sizes >= low) & (sizes <= high)])
    kept = np.concatenate(within)
    upper = n // 2 - n_below
    lower = upper if median == "upper" else (n - 1) // 2 - n_below
    if not 0 <= lower <= upper < kept.size:  # a sample that is unlike the whole, or hardly any statistics
        everything = np.concatenate([np.empty(0), *blocks()])
        return inflation_factor(everything, True, median=median, chi_squared_median=chi_squared_median), n
    kept.partition([lower, upper])
    return float(np.mean(np.square(kept[[lower, upper]]))) / chi_squared_median, n


def inflation_factor_1000(inflation: ArrayLike, n: ArrayLike) -> FloatArray:
    """Rescale inflation factors of a quantitative trait to a study of 1000 samples.

    Parameters
    ----------
    inflation : array_like
        Genomic inflation factors.
    n : array_like
        Sample sizes, of a shape that broadcasts with `inflation`.

    Returns
    -------
    ndarray
        1 + (inflation - 1) 1000 / n: under polygenicity and stratification the excess grows with n.

    References
    ----------
    Freedman et al. (2004), Nature Genetics 36:388, carried over from cases and controls.
    """
    excess = np.asarray(inflation, dtype=np.float64) - 1
    return np.asarray(1 + excess * 1000 / np.asarray(n, dtype=np.float64))


def inflation_factor_1000_case_control(inflation: ArrayLike, n_cases: ArrayLike, n_controls: ArrayLike) -> FloatArray:
    """Rescale inflation factors of a disease to a study of 1000 cases and 1000 controls.

    Parameters
    ----------
    inflation : array_like
        Genomic inflation factors.
    n_cases, n_controls : array_like
        Positive numbers, of shapes that broadcast with `inflation`.

    Returns
    -------
    ndarray
        1 + (inflation - 1) (1 / n_cases + 1 / n_controls) / (1 / 1000 + 1 / 1000).

    References
    ----------
    Freedman et al. (2004), Nature Genetics 36:388.
    """
    excess = np.asarray(inflation, dtype=np.float64) - 1
    inverse_sizes = 1 / np.asarray(n_cases, dtype=np.float64) + 1 / np.asarray(n_controls, dtype=np.float64)
    return np.asarray(1 + excess * inverse_sizes / (1 / 1000 + 1 / 1000))
