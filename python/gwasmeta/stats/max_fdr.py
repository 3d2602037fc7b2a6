"""maxFDR: the largest false discovery rate that MTAG may have, given its estimates.

A SNP affects some traits and not others. How often which is not known, but MTAG's estimates exclude much, and maxFDR is
the maximum over what is left: on a grid of probabilities, as MTAG does it, or, where that has too many points, by a
search over all probabilities under which every two traits share at least 1 / intervals of the SNPs, as on the grid.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gwasmeta.cluster import THREADS, Workers
from gwasmeta.errors import GwasmetaError
from gwasmeta.stats._matrices import FloatArray
from gwasmeta.stats.causal_mixture import CausalMixture, causal_mixture
from gwasmeta.stats.causal_states import count_grid_points, probability_vectors
from gwasmeta.stats.max_fdr_grid import (
    CausalProbabilities,
    PartMaxima,
    fdr_of_points,
    largest_of_parts,
    seconds_of_grid,
    walk_grid,
)
from gwasmeta.stats.max_fdr_search import MaxFdrSearch
from gwasmeta.stats.max_fdr_starts import random_starts

Method = Literal["auto", "grid", "search"]
Progress = Callable[[Literal["points", "starts"], int, int], None]
OnPoints = Callable[[FloatArray, FloatArray], None]

_MOST_GRID_POINTS: Final = 2_000_000_000  # five traits at intervals of 1/10 have half of it
_MOST_POINTS_BEFORE_SEARCH: Final = 5_000_000
_SEED: Final = 20180101

ANNOUNCEMENT: Final = "maxFDR: "  # how what is said before a run begins

# A probability vector of a file has few decimals.
_SUM_ROUNDING: Final = 1e-6


@dataclass(frozen=True, repr=False)
class MaxFdr:
    """The largest false discovery rates.

    Attributes
    ----------
    fdr : ndarray, shape (n_traits,)
    probability : ndarray, shape (n_traits, n_states)
        For each trait, the probabilities of the causal states under which its rate is the largest.
    method : "grid", "points" or "search"
        What it is a maximum over: a grid, given points, or a search beyond a grid.
    n_points, n_possible : int
        Points of the grid or given, and how many of them are possible.
    intervals : int
        Of the grid, whose probabilities are multiples of 1 / intervals; 0 for given points.
    grid_fdr : ndarray, shape (n_traits,)
        The maxima over the points alone: with a search, what the result cannot be below.
    n_starts : int
        How many starts a search had for each trait; 0 without a search.
    n_reached : ndarray of int64, shape (n_traits,)
        How many of them led to within 1 % of the maximum. If it is few, another one may be higher still.
    traits : tuple of str
        Their names, where they are known.
    """

    fdr: FloatArray
    probability: FloatArray
    method: Literal["grid", "points", "search"]
    n_points: int
    n_possible: int
    intervals: int
    grid_fdr: FloatArray
    n_starts: int
    n_reached: NDArray[np.int64]
    traits: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Return the rates, what they are maxima over, and how sure that is."""
        over = f"{self.n_possible:,} possible ones of {self.n_points:,} points"
        if self.intervals:
            over += f" of a grid in steps of 1/{self.intervals}"
        if self.method == "search":
            over += f", and of a search from {self.n_starts} starts for each trait"
        lines = [f"maxFDR, the largest over {over}"]
        for trait, (rate, grid_rate) in enumerate(zip(self.fdr, self.grid_fdr, strict=True)):
            line = f"  {self.traits[trait] if self.traits else f'trait {trait + 1}'}: {rate:.6g}"
            if self.method == "search":
                reached = f"{self.n_reached[trait]} of {self.n_starts} starts led to within 1 % of it"
                line += f" ({reached}; the grid alone: {grid_rate:.6g})"
            lines.append(line)
        return "\n".join(lines)


@dataclass(frozen=True)
class MaxFdrPlan:
    """What is going to be computed; `run` does it.

    Attributes
    ----------
    mixture : CausalMixture
    causal : CausalProbabilities
    method : "grid" or "search"
    intervals : int
        Every two traits are causal together with probability 1 / intervals or more.
    grid_intervals : int
        Of the grid: the same, or with a search fewer, if there were too many points.
    n_points : int
        Of the grid.
    n_starts : int
        Of the search for each trait; 0 without one.
    """

    mixture: CausalMixture
    causal: CausalProbabilities
    method: Literal["grid", "search"]
    intervals: int
    grid_intervals: int
    n_points: int
    n_starts: int

    def estimated_seconds(self, workers: Workers = THREADS) -> float:
        """Return how long `run` will take, measured on some small parts of the grid and one start of a search."""
        seconds = seconds_of_grid(self.mixture, self.grid_intervals, self.causal) / max(1, workers.n_workers)
        if self.method == "grid":
            return seconds
        least_joint, n_traits = 1 / self.intervals, self.mixture.states.shape[1]
        starts = random_starts(self.mixture, least_joint, self.causal, 1, np.random.default_rng(_SEED))
        started = time.perf_counter()
        for start in starts:
            MaxFdrSearch(self.mixture, least_joint, self.causal).climb(0, start)
        at_once = 1 if workers.is_local else max(1, workers.n_workers)  # the interpreter's lock has one climb at a time
        return float(seconds + (time.perf_counter() - started) * self.n_starts * n_traits / at_once)

    def announcement(self, seconds: float) -> str:
        """Return what is to be said before `run`: how many points there are, and that it takes some seconds."""
        text = (
            f"{ANNOUNCEMENT}the largest false discovery rate over a grid of {self.n_points} points"
            f" ({len(self.mixture.states)} causal states, probabilities in steps of 1/{self.grid_intervals}),"
            f" about {seconds:.1f} s"
        )
        if self.method == "search":
            text += (
                f"\n  the grid of 1/{self.intervals} has too many points: from this one and {self.n_starts} starts for"
                " each trait, a search beyond it"
            )
        return text

    def run(
        self, progress: Progress | None = None, on_points: OnPoints | None = None, workers: Workers = THREADS
    ) -> MaxFdr:
        """Compute it.

        Parameters
        ----------
        progress : callable, optional
            Called now and then with "points" or "starts", how many are done, and how many there are.
        on_points : callable, optional
            Called with the possible points of the grid, shape (some, n_states), and the rates at these, shape
            (some, n_traits): time and again, in MTAG's order. The grid is then walked on threads of this process,
            whatever the workers are: to send the points would take longer than to compute them.
        workers : Workers
            What walks through the parts of the grid, and climbs from the starts of a search. The grid of three traits
            takes a hundredth of a second, that of four half a second, and that of five a minute of a core.

        Raises
        ------
        GwasmetaError
            If no point is possible.
        """
        best = _Best(self.mixture)
        done = 0
        for part in self._parts(on_points, workers):
            done += part.n_points
            best.take_part(part)
            if progress is not None:
                progress("points", done, self.n_points)
        grid_fdr = best.fdr.copy()
        reached = np.zeros(grid_fdr.size, dtype=np.int64)
        if self.method == "search":
            reached = self._search(best, progress, workers)
        best.refuse_none(self.grid_intervals, self.causal)
        return MaxFdr(
            best.fdr, best.probability, self.method, done, best.n_possible, self.grid_intervals, grid_fdr,
            self.n_starts, reached,
        )  # fmt: skip

    def _parts(self, on_points: OnPoints | None, workers: Workers) -> Iterator[PartMaxima]:
        if on_points is None:
            yield from largest_of_parts(self.mixture, self.grid_intervals, self.causal, workers)
            return
        for part in walk_grid(self.mixture, self.grid_intervals, self.causal):
            if len(part.fdr):
                on_points(probability_vectors(part.units, len(self.mixture.states)), part.fdr)
            yield part.maxima()

    def _search(self, best: _Best, progress: Progress | None, workers: Workers) -> NDArray[np.int64]:
        """Climb from the best points so far and from random ones; return how often that led to the best."""
        search = MaxFdrSearch(self.mixture, 1 / self.intervals, self.causal)
        rates: list[list[float]] = [[] for _ in best.fdr]
        for trait, rate, point in workers.in_order(partial(_climbed, search), self._starts(best)):
            rates[trait].append(rate)
            best.take(trait, rate, point)
            if progress is not None:
                progress("starts", trait * self.n_starts + len(rates[trait]), len(rates) * self.n_starts)
        near = [np.array(of_trait) >= 0.99 * fdr for of_trait, fdr in zip(rates, best.fdr, strict=True)]
        return np.array([np.count_nonzero(of_trait) for of_trait in near], dtype=np.int64)

    def _starts(self, best: _Best) -> Iterator[tuple[int, FloatArray]]:
        """Yield the traits and where to climb from: the best point of the grid, and random ones."""
        generator = np.random.default_rng(_SEED)
        n_random = self.n_starts - 1 if best.n_possible else self.n_starts
        for trait, of_grid in enumerate(best.probability.copy()):
            if best.n_possible:
                yield trait, of_grid
            for start in random_starts(self.mixture, 1 / self.intervals, self.causal, n_random, generator):
                yield trait, start


def _climbed(search: MaxFdrSearch, task: tuple[int, FloatArray]) -> tuple[int, float, FloatArray]:
    trait, start = task
    return trait, *search.climb(trait, start)


def plan_max_fdr(
    omega: ArrayLike,
    sigma: ArrayLike,
    mean_n: ArrayLike,
    *,
    intervals: int = 10,
    p_significant: float = 5e-8,
    causal_probabilities: ArrayLike | None = None,
    method: Method = "auto",
    n_starts: int = 30,
) -> MaxFdrPlan:
    """Decide how to compute maxFDR.

    Parameters
    ----------
    omega : array_like, shape (n_traits, n_traits)
        Covariance of the true effects.
    sigma : array_like, shape (n_traits, n_traits)
        Covariance of the errors of the z statistics.
    mean_n : array_like, shape (n_traits,)
        Mean sample size of each trait; MTAG rounds those of the SNPs first.
    intervals : int
        Into how many parts the grid divides a probability. The larger, the rarer may causal SNPs be.
    p_significant : float
        Two-sided p-value below which a SNP is a discovery.
    causal_probabilities : array_like, shape (n_traits,), optional
        How often each trait is causal (see `spike_slab`): only probabilities closer than 1 / intervals are possible.
    method : "auto", "grid" or "search"
        "auto": the grid, if it has no more than two thousand million points, as for five traits and 10 intervals.
    n_starts : int
        Of a search, for each trait.

    Returns
    -------
    MaxFdrPlan

    Raises
    ------
    ValueError
        If there is not one positive sample size, or one causal probability, a trait.
    GwasmetaError
        If omega or sigma cannot be covariance matrices of these traits, there are too many traits, there is no interval
        or no start, or the p-value is not between 0 and 1.

    References
    ----------
    Turley et al. (2018), Nature Genetics 50:229, Online Methods and Supplementary Note on maxFDR.
    """
    for name, number in (("intervals", intervals), ("starts", n_starts)):
        if number < 1:
            raise GwasmetaError(f"the number of {name} is {number}\n  It must be at least 1; 10 is usual.")
    mixture = causal_mixture(omega, sigma, mean_n, p_significant)
    n_traits = mixture.states.shape[1]
    causal = _causal_probabilities(causal_probabilities, n_traits, intervals)
    n_points = count_grid_points(n_traits, intervals)
    if method == "grid" or (method == "auto" and n_points <= _MOST_GRID_POINTS):
        return MaxFdrPlan(mixture, causal, "grid", intervals, intervals, n_points, 0)
    grid_intervals = intervals
    while grid_intervals > 1 and count_grid_points(n_traits, grid_intervals) > _MOST_POINTS_BEFORE_SEARCH:
        grid_intervals -= 1
    n_points = count_grid_points(n_traits, grid_intervals)
    return MaxFdrPlan(mixture, causal, "search", intervals, grid_intervals, n_points, n_starts)


def max_fdr_of_points(
    omega: ArrayLike,
    sigma: ArrayLike,
    mean_n: ArrayLike,
    points: ArrayLike,
    *,
    p_significant: float = 5e-8,
    on_points: OnPoints | None = None,
) -> MaxFdr:
    """Compute maxFDR over given probabilities of the causal states (MTAG's --grid_file).

    Parameters
    ----------
    omega, sigma, mean_n, p_significant
        As in `plan_max_fdr`.
    points : array_like, shape (n_points, 2**n_traits)
        Probabilities of the causal states: see `causal_states.causal_states`. Rows that have a negative element, or
        do not sum up to 1 within 1e-6, are not possible.
    on_points : callable, optional
        Called with the possible points and the rates at these.

    Returns
    -------
    MaxFdr

    Raises
    ------
    ValueError, GwasmetaError
        As in `plan_max_fdr`; if there is not one column for each state, or no point is possible.
    """
    mixture = causal_mixture(omega, sigma, mean_n, p_significant)
    n_states, n_traits = mixture.states.shape
    rows = np.atleast_2d(np.asarray(points, dtype=np.float64))
    if rows.ndim != 2 or rows.shape[1] != n_states:
        raise GwasmetaError(
            f"the grid has {rows.shape[-1]} columns, and {n_traits} traits have {n_states} causal states\n"
            "  Give one column for each state: no trait causal, the last trait alone, the last but one alone, both, ..."
        )
    causal = CausalProbabilities.any(n_traits)
    are_probabilities = (rows >= 0).all(axis=1) & (np.abs(rows.sum(axis=1) - 1) <= _SUM_ROUNDING)
    possible, fdr = fdr_of_points(mixture, rows[are_probabilities], causal)
    kept = rows[are_probabilities][possible]
    best = _Best(mixture)
    best.take_points(kept, fdr[possible])
    best.refuse_none(0, causal)
    if on_points is not None:
        on_points(kept, fdr[possible])
    no_starts = np.zeros(n_traits, dtype=np.int64)
    return MaxFdr(best.fdr, best.probability, "points", len(rows), len(kept), 0, best.fdr, 0, no_starts)


class _Best:
    """The largest rate of each trait so far, and where it is."""

    def __init__(self, mixture: CausalMixture) -> None:
        n_states, n_traits = mixture.states.shape
        self.fdr = np.zeros(n_traits)
        self.probability = np.full((n_traits, n_states), np.nan)
        self.n_possible = 0

    def take(self, trait: int, fdr: float, point: FloatArray) -> None:
        if np.isnan(self.probability[trait, 0]) or fdr > self.fdr[trait]:  # of equal ones, the first
            self.fdr[trait], self.probability[trait] = fdr, point

    def take_points(self, points: FloatArray, fdr: FloatArray) -> None:
        self.n_possible += len(fdr)
        if len(fdr):
            for trait, row in enumerate(fdr.argmax(axis=0)):
                self.take(trait, float(fdr[row, trait]), points[row])

    def take_part(self, part: PartMaxima) -> None:
        self.n_possible += part.n_possible
        if part.n_possible:
            points = probability_vectors(part.units, self.probability.shape[1])
            for trait, (rate, point) in enumerate(zip(part.fdr, points, strict=True)):
                self.take(trait, float(rate), point)

    def refuse_none(self, intervals: int, causal: CausalProbabilities) -> None:
        """Raise a GwasmetaError if nothing possible was found."""
        if not np.isnan(self.probability).any():
            return
        where = f"of a grid with {intervals} intervals" if intervals else "of the given grid"
        reason = (
            "  The traits' causal probabilities may differ too much for their correlations: do not fix them,\n"
            "  or divide the grid more finely."
            if causal.width < np.inf
            else "  Omega is no covariance matrix, or the grid does not suit it: divide it more finely."
        )
        raise GwasmetaError(f"no probabilities {where} are possible with these effects' covariances\n{reason}")


def _causal_probabilities(values: ArrayLike | None, n_traits: int, intervals: int) -> CausalProbabilities:
    if values is None:
        return CausalProbabilities.any(n_traits)
    center = np.array(values, dtype=np.float64)
    if center.shape != (n_traits,) or not ((center >= 0) & (center <= 1)).all():
        raise ValueError(f"causal_probabilities must be {n_traits} numbers from 0 to 1, not {center}")
    return CausalProbabilities(center, 1 / intervals)
