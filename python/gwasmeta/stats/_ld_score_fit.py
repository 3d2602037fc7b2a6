"""The weighted line of LD score regression: weights that follow the fit, in one step or two, and its jackknife."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gwasmeta.errors import GwasmetaError
from gwasmeta.stats._ld_score_snps import Snps, refuse_too_few
from gwasmeta.stats._ld_score_sums import weighted_block_sums
from gwasmeta.stats._matrices import FloatArray
from gwasmeta.stats.block_jackknife import Estimate, block_borders, jackknife

_REWEIGHTINGS: Final = 2
_SINGULAR: Final = 1e-12  # the weighted variance of x, as a share of its mean square


@dataclass(frozen=True)
class Line:
    """E[z1 z2] = total n l / m + intercept at LD score l, where n = sqrt(n1 n2); the total is h² or a covariance."""

    total: float
    intercept: float


@dataclass(frozen=True)
class FittedLine:
    """The estimates, and how many SNPs the intercept comes from."""

    total: Estimate
    intercept: Estimate
    n_first_step: int


@dataclass(frozen=True)
class _Solution:
    """Slope on x = n l / mean n, and intercept: from all blocks, and without each in turn."""

    slope: float
    intercept: float
    slopes: FloatArray
    intercepts: FloatArray


def fit_line(
    snps: Snps, squares: tuple[Line, Line] | None, intercept: float | None, two_step: float | None, n_blocks: int
) -> FittedLine:
    """Regress z1 z2 on the LD score.

    `squares` are the lines of z1² and z2², which the weights need. For the regression of z² they are None: there
    they are the line that is being fitted. The other arguments are those of `heritability`.
    """
    if n_blocks < 2:
        raise ValueError(f"n_blocks is {n_blocks}: a jackknife needs at least 2")
    if not snps.mean_n_ld_score > 0:
        raise _no_line(snps.name)
    without_signal = 1.0 if squares is None else 0.0
    start_intercept = without_signal if intercept is None else intercept
    start = Line(snps.m * (snps.mean_product - start_intercept) / snps.mean_n_ld_score, start_intercept)
    if two_step is not None:
        if intercept is not None:
            raise GwasmetaError("two steps estimate the intercept, and it was given\n  Leave out one of the two.")
        return _two_steps(snps, squares, start, two_step, n_blocks)
    rounds = _reweighted_sums(snps, squares, start, intercept, block_borders(snps.z1.size, n_blocks))
    solution = _solve_with_deletions(snps, rounds[-1], intercept)
    total = _total(snps, solution.slope, solution.slopes)
    if intercept is not None:
        return FittedLine(total, Estimate(intercept, float("nan"), solution.intercepts), snps.z1.size)
    return FittedLine(total, jackknife(solution.intercept, solution.intercepts), snps.z1.size)


def _two_steps(snps: Snps, squares: tuple[Line, Line] | None, start: Line, cutoff: float, n_blocks: int) -> FittedLine:
    """Take the intercept from SNPs with both z² below the cutoff, then the slope from all SNPs."""
    chosen = np.flatnonzero((snps.z1**2 < cutoff) & (snps.z2**2 < cutoff))
    refuse_too_few(snps.name, chosen.size, n_blocks, among=f" with z² below {cutoff:g}")
    borders = block_borders(chosen.size, n_blocks)
    first_rounds = _reweighted_sums(snps.at(chosen), squares, start, None, borders, scaled_in_weights=True)
    first = _solve_with_deletions(snps, first_rounds[-1], None)

    borders = np.array([0, *chosen[borders[1:-1]], snps.z1.size])
    second_rounds = _reweighted_sums(snps, squares, start, first.intercept, borders)
    second = _solve_with_deletions(snps, second_rounds[-1], first.intercept)
    # Without a block the intercept would have been another one, and the slope lower for a higher one.
    _, wx, wxx, _, _ = second_rounds[0].sum(axis=0)
    slopes = second.slopes - (first.intercepts - first.intercept) * (wx / wxx)
    return FittedLine(
        _total(snps, second.slope, slopes), jackknife(first.intercept, first.intercepts), int(chosen.size)
    )


def _reweighted_sums(
    snps: Snps,
    squares: tuple[Line, Line] | None,
    start: Line,
    intercept: float | None,
    borders: NDArray[np.int64],
    scaled_in_weights: bool = False,
) -> list[FloatArray]:
    """Return the block sums with the weights of the first guess, and with those of each estimate from the last."""
    rounds = [_block_sums(snps, squares, start, borders, scaled_in_weights=False)]
    for _ in range(_REWEIGHTINGS):
        slope, fitted_intercept = _solve(snps.name, rounds[-1].sum(axis=0), intercept)
        line = Line(snps.m * float(slope) / snps.mean_n, float(fitted_intercept))
        rounds.append(_block_sums(snps, squares, line, borders, scaled_in_weights))
    return rounds


def _block_sums(
    snps: Snps, squares: tuple[Line, Line] | None, line: Line, borders: NDArray[np.int64], scaled_in_weights: bool
) -> FloatArray:
    one, other = (line, line) if squares is None else squares
    least = 0.0 if squares is None else -1.0
    lines = [
        (np.clip(one.total, 0, 1) / snps.m, one.intercept),
        (np.clip(other.total, 0, 1) / snps.m, other.intercept),
        (np.clip(line.total, least, 1) / snps.m, line.intercept),
    ]
    statistics = snps.z1, snps.n1, snps.z2, snps.n2, snps.ld_score, snps.weight_ld_score
    sums, least_weight = weighted_block_sums(*statistics, snps.mean_n, np.array(lines), scaled_in_weights, borders)
    if not (least_weight > 0 and np.isfinite(sums).all()):
        raise GwasmetaError(
            f"{snps.name}: LD score regression arrives at negative variances; the intercepts of its z² are "
            f"{one.intercept:.3g} and {other.intercept:.3g}, that of their product is {line.intercept:.3g}\n"
            "  Too few SNPs do this, and sample sizes or LD scores of other SNPs. With intercepts that are given "
            "(1 for a trait, 0 for a pair without people in common) it can do with fewer SNPs."
        )
    return sums


def _solve(name: str, sums: FloatArray, intercept: float | None) -> tuple[FloatArray, FloatArray]:
    """Return slopes and intercepts of the weighted least squares whose sums stand on the last axis."""
    w, wx, wxx, wy, wxy = np.moveaxis(sums, -1, 0)
    if intercept is not None:
        if not (wxx > 0).all():
            raise _no_line(name)
        return (wxy - intercept * wx) / wxx, np.full_like(wxy, intercept)
    determinant = w * wxx - wx**2
    if not (determinant > _SINGULAR * w * wxx).all():
        raise _no_line(name)
    return (w * wxy - wx * wy) / determinant, (wxx * wy - wx * wxy) / determinant


def _no_line(name: str) -> GwasmetaError:
    return GwasmetaError(
        f"{name}: the LD scores of the SNPs are all the same, or not positive, and give no line\n"
        "  Look whether this is the panel's column L2, and the panel for these SNPs."
    )


def _solve_with_deletions(snps: Snps, sums: FloatArray, intercept: float | None) -> _Solution:
    total = sums.sum(axis=0)
    slopes, intercepts = _solve(snps.name, np.vstack([total, total - sums]), intercept)
    return _Solution(float(slopes[0]), float(intercepts[0]), slopes[1:], intercepts[1:])


def _total(snps: Snps, slope: float, slopes: FloatArray) -> Estimate:
    return jackknife(slope, slopes).scaled(snps.m / snps.mean_n)
