"""The walk through a grid of probabilities of the causal states, and the false discovery rates on the way.

It places one unit of probability after the other, in states that never fall. All that are not yet placed might go to
the state that affects all traits, which is the best for every pair of traits: if even then a pair has effects that
correlate beyond 1, no point that begins with these units is possible, and none is looked at.

All that is compiled stands in this file: the cache of machine code does not notice a change in another one.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gwasmeta.compiled import compiled
from gwasmeta.stats._matrices import FloatArray

# Of an eigenvalue of a correlation matrix that counts as 0: points on the edge of what is possible are kept.
_ROUNDING: Final = 1e-12


@compiled
def walk(
    first_units: NDArray[np.int64],
    intervals: int,
    center: FloatArray,
    width: float,
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    has_pair: FloatArray,
    correlation: FloatArray,
    error_variance: FloatArray,
    pair_variance: FloatArray,
    threshold: float,
) -> tuple[NDArray[np.uint16], FloatArray]:
    """Return the units of all possible points that begin with the given ones, and the false discovery rates there."""
    n_states, n_pairs = has_pair.shape
    n_traits = center.size
    depth = first_units.size
    units = np.zeros(intervals + 1, np.int64)
    placed = np.zeros((intervals + 1, n_pairs))  # row i: how many of the first i units each pair of traits shares
    for level in range(depth):
        units[level] = first_units[level]
        placed[level + 1] = placed[level] + has_pair[first_units[level]]

    joint, triangle = np.empty(n_pairs), np.empty((n_traits, n_traits))
    states, probability = np.empty(intervals, np.int64), np.empty(intervals)
    n_kept = 0
    kept_units, kept_fdr = np.empty((64, intervals), np.uint16), np.empty((64, n_traits))

    level = depth
    units[level] = n_states
    while level >= depth:
        units[level] -= 1
        if units[level] < (units[level - 1] if level > 0 else 0):
            level -= 1
            continue
        here, state = placed[level + 1], units[level]
        for pair in range(n_pairs):
            here[pair] = placed[level, pair] + has_pair[state, pair]
        free = intervals - level - 1
        if not _pairs_may_be_possible(here, free, intervals, center, width, first, second, correlation):
            continue
        if free > 0:
            level += 1
            units[level] = n_states
            continue
        for pair in range(n_pairs):
            joint[pair] = here[pair] / intervals
        if not _is_possible(joint, center, width, first, second, correlation, triangle):
            continue
        if n_kept == len(kept_units):
            kept_units, kept_fdr = np.append(kept_units, kept_units, 0), np.append(kept_fdr, kept_fdr, 0)
        for unit in range(intervals):
            kept_units[n_kept, unit] = units[unit]
        n_used = _count_units(units, intervals, states, probability)
        _write_rates(
            states, probability, n_used, joint, has_pair, error_variance, pair_variance, threshold, kept_fdr[n_kept]
        )
        n_kept += 1
    return kept_units[:n_kept].copy(), kept_fdr[:n_kept].copy()


@compiled
def _pairs_may_be_possible(
    placed: FloatArray,
    free: int,
    intervals: int,
    center: FloatArray,
    width: float,
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    correlation: FloatArray,
) -> bool:
    """Tell whether some point may be possible, judged by single traits and pairs, with `free` units not yet placed."""
    for trait in range(center.size):
        if placed[trait] > (center[trait] + width) * intervals + _ROUNDING:
            return False
        if placed[trait] + free < (center[trait] - width) * intervals - _ROUNDING:
            return False
    for pair in range(first.size):
        together = placed[pair] + free
        apart = (placed[first[pair]] + free) * (placed[second[pair]] + free)
        if together == 0 or (1 + 4 * _ROUNDING) * together**2 < correlation[pair] ** 2 * apart:
            return False
    return True


@compiled
def _is_possible(
    joint: FloatArray,
    center: FloatArray,
    width: float,
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    correlation: FloatArray,
    triangle: FloatArray,
) -> bool:
    """Tell whether traits share SNPs with these joint probabilities, and effects there have a covariance matrix."""
    n_traits = center.size
    for trait in range(n_traits):
        if not abs(joint[trait] - center[trait]) < width:
            return False
    for pair in range(first.size):
        if not joint[pair] > 0:
            return False
        root = np.sqrt(joint[first[pair]] * joint[second[pair]])
        triangle[second[pair], first[pair]] = correlation[pair] * root / joint[pair]
    for i in range(n_traits):  # the Cholesky factor, its diagonal inverted
        for j in range(i + 1):
            element = triangle[i, j] if j < i else triangle[i, i] + _ROUNDING
            for k in range(j):
                element -= triangle[i, k] * triangle[j, k]
            if j < i:
                triangle[i, j] = element * triangle[j, j]
            elif element > 0:
                triangle[i, i] = element**-0.5
            else:
                return False
    return True


@compiled
def _count_units(units: NDArray[np.int64], intervals: int, states: NDArray[np.int64], probability: FloatArray) -> int:
    """Write the states that have units, and their probabilities; return how many they are."""
    n_used = 0
    for unit in range(intervals):
        if unit == 0 or units[unit] != units[unit - 1]:
            states[n_used] = units[unit]
            probability[n_used] = 0.0
            n_used += 1
        probability[n_used - 1] += 1
    for i in range(n_used):
        probability[i] /= intervals
    return n_used


@compiled
def _write_rates(
    states: NDArray[np.int64],
    probability: FloatArray,
    n_used: int,
    joint: FloatArray,
    has_pair: FloatArray,
    error_variance: FloatArray,
    pair_variance: FloatArray,
    threshold: float,
    fdr: FloatArray,
) -> None:
    """Write each trait's rate of discoveries at SNPs that do not affect it, among all its discoveries."""
    for trait in range(fdr.size):
        false = all_discoveries = 0.0
        for i in range(n_used):
            variance = error_variance[trait]
            for pair in range(joint.size):
                variance += has_pair[states[i], pair] * pair_variance[trait, pair] / joint[pair]
            discoveries = probability[i] * math.erfc(threshold / np.sqrt(2 * variance))
            all_discoveries += discoveries
            if has_pair[states[i], trait] == 0:
                false += discoveries
        fdr[trait] = false / all_discoveries


@compiled
def evaluate(
    points: FloatArray,
    center: FloatArray,
    width: float,
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    has_pair: FloatArray,
    correlation: FloatArray,
    error_variance: FloatArray,
    pair_variance: FloatArray,
    threshold: float,
) -> FloatArray:
    """Return the false discovery rates at the points, NaN where one is not possible."""
    n_points, n_states = points.shape
    n_traits = center.size
    fdr = np.full((n_points, n_traits), np.nan)
    joint, triangle = np.empty(first.size), np.empty((n_traits, n_traits))
    states, probability = np.empty(n_states, np.int64), np.empty(n_states)
    for point in range(n_points):
        n_used = 0
        joint[:] = 0.0
        for state in range(n_states):
            if points[point, state] > 0:
                states[n_used] = state
                probability[n_used] = points[point, state]
                n_used += 1
                for pair in range(first.size):
                    joint[pair] += points[point, state] * has_pair[state, pair]
        if _is_possible(joint, center, width, first, second, correlation, triangle):
            _write_rates(
                states, probability, n_used, joint, has_pair, error_variance, pair_variance, threshold, fdr[point]
            )
    return fdr
