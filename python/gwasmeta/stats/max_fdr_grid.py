"""The false discovery rate at all points of a grid of probabilities, one part of it after the other."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from math import comb
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gwasmeta.cluster import THREADS, Workers
from gwasmeta.stats._matrices import FloatArray
from gwasmeta.stats._max_fdr_walk import evaluate, walk
from gwasmeta.stats.causal_mixture import CausalMixture
from gwasmeta.stats.causal_states import count_grid_points, grid_parts

_PART_POINTS: Final = 2**18

_Part: TypeAlias = tuple[tuple[int, ...], int]  # the units that its points begin with, and how many points it has

_TIMED_PARTS: Final = 50
_TIMED_POINTS: Final = 2**12


@dataclass(frozen=True)
class CausalProbabilities:
    """How often each trait may be causal: closer than `width` to `center`, shape (n_traits,)."""

    center: FloatArray
    width: float

    @classmethod
    def any(cls, n_traits: int) -> CausalProbabilities:
        """Return what every probability satisfies."""
        return cls(np.full(n_traits, 0.5), np.inf)


@dataclass(frozen=True)
class GridPart:
    """Neighbouring points of the grid, and the possible ones among them.

    Attributes
    ----------
    n_points : int
        How many points were there.
    units : ndarray of uint16, shape (n_possible, intervals)
        The states of the possible points' units of probability: see `causal_states.probability_vectors`.
    fdr : ndarray, shape (n_possible, n_traits)
        The false discovery rate of each trait.
    """

    n_points: int
    units: NDArray[np.uint16]
    fdr: FloatArray

    def maxima(self) -> PartMaxima:
        """Return the largest rates, each at the first point that has it."""
        rows = self.fdr.argmax(axis=0) if len(self.fdr) else np.empty(0, dtype=np.intp)
        columns = np.arange(rows.size)
        return PartMaxima(self.n_points, len(self.fdr), self.units[rows], self.fdr[rows, columns])


@dataclass(frozen=True)
class PartMaxima:
    """The largest false discovery rates among neighbouring points of the grid.

    Attributes
    ----------
    n_points, n_possible : int
    units : ndarray of uint16, shape (n_traits, intervals)
        For each trait, the point of its largest rate; without rows if no point is possible.
    fdr : ndarray, shape (n_traits,)
    """

    n_points: int
    n_possible: int
    units: NDArray[np.uint16]
    fdr: FloatArray


def walk_grid(
    mixture: CausalMixture, intervals: int, causal: CausalProbabilities, part_points: int = _PART_POINTS
) -> Iterator[GridPart]:
    """Yield the parts of the grid, in MTAG's order: see `causal_states.grid_parts`.

    Parameters
    ----------
    mixture : CausalMixture
    intervals : int
        All probabilities are multiples of 1 / intervals.
    causal : CausalProbabilities
        Other points are not possible.
    part_points : int
        How many points a part has at most.
    """
    parts = grid_parts(len(mixture.states), intervals, part_points)
    return THREADS.in_order(partial(walk_part, mixture, intervals, causal), parts)


def largest_of_parts(
    mixture: CausalMixture, intervals: int, causal: CausalProbabilities, workers: Workers
) -> Iterator[PartMaxima]:
    """Yield the largest rates in the parts of the grid, in their order; all else as for `walk_grid`."""
    parts = grid_parts(len(mixture.states), intervals, _PART_POINTS)
    return workers.in_order(partial(_largest_of_part, mixture, intervals, causal), parts)


def walk_part(mixture: CausalMixture, intervals: int, causal: CausalProbabilities, part: _Part) -> GridPart:
    """Return the possible ones among the points of the grid that begin with the given units."""
    first_units, n_points = part
    units, fdr = walk(
        np.array(first_units, dtype=np.int64), intervals, causal.center, causal.width, mixture.first, mixture.second,
        mixture.has_pair, mixture.correlation, mixture.error_variance, mixture.pair_variance, mixture.threshold,
    )  # fmt: skip
    return GridPart(n_points, units, fdr)


def _largest_of_part(mixture: CausalMixture, intervals: int, causal: CausalProbabilities, part: _Part) -> PartMaxima:
    return walk_part(mixture, intervals, causal, part).maxima()


def seconds_of_grid(mixture: CausalMixture, intervals: int, causal: CausalProbabilities) -> float:
    """Estimate how long one core takes for the grid, from some small parts that are chosen at random."""
    n_states, n_traits = mixture.states.shape
    generator = np.random.default_rng(0)
    walk_part(mixture, 1, causal, ((), n_states))  # compiled now, if it has to be
    seconds_per_point = []
    for _ in range(_TIMED_PARTS):
        part = _random_part(n_states, intervals, generator)
        started = time.perf_counter()
        walk_part(mixture, intervals, causal, part)
        seconds_per_point.append((time.perf_counter() - started) / part[1])
    return float(np.mean(seconds_per_point)) * count_grid_points(n_traits, intervals)


def _random_part(n_states: int, intervals: int, generator: np.random.Generator) -> _Part:
    """Return a small part of the grid, each with a chance in proportion to its points."""
    place = np.sort(generator.choice(n_states + intervals - 1, intervals, replace=False))
    units = place - np.arange(intervals)
    for n_fixed in range(intervals):
        lowest, free = (int(units[n_fixed - 1]) if n_fixed else 0), intervals - n_fixed
        n_points = comb(free + n_states - lowest - 1, free)
        if n_points <= _TIMED_POINTS or free == 1:
            break
    return tuple(int(unit) for unit in units[:n_fixed]), n_points


def fdr_of_points(
    mixture: CausalMixture, probability: ArrayLike, causal: CausalProbabilities
) -> tuple[NDArray[np.bool_], FloatArray]:
    """Return which probability vectors are possible, and the false discovery rate of each trait at these.

    Parameters
    ----------
    mixture : CausalMixture
    probability : array_like, shape (n_points, n_states)
        Not negative, and each row sums up to 1.
    causal : CausalProbabilities
        Other points are not possible.

    Returns
    -------
    possible : ndarray of bool, shape (n_points,)
        Every two traits share SNPs, effects at these have a covariance matrix, and each trait is causal as often as it
        may be.
    fdr : ndarray, shape (n_points, n_traits)
        NaN where not possible.
    """
    points = np.ascontiguousarray(probability, dtype=np.float64)
    fdr = evaluate(
        points, causal.center, causal.width, mixture.first, mixture.second, mixture.has_pair, mixture.correlation,
        mixture.error_variance, mixture.pair_variance, mixture.threshold,
    )  # fmt: skip
    return ~np.isnan(fdr[:, 0]), fdr
