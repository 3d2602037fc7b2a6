"""The largest false discovery rate over all probabilities of the causal states, not only those of a grid.

Sequential quadratic programming (SLSQP) climbs from many starts. The states are many (2^T), but few have probability at
a maximum: where the rates are given, it is at a corner of a polytope with as many sides as there are pairs of traits.
So each climb uses some states, and is repeated with those added that would raise it, until none does.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from gwasmeta.cores import ONE_BLAS_THREAD
from gwasmeta.stats._matrices import FloatArray
from gwasmeta.stats.causal_mixture import CausalMixture
from gwasmeta.stats.max_fdr_grid import CausalProbabilities, fdr_of_points
from gwasmeta.stats.max_fdr_starts import is_possible, nested_mixture

_ALL_AT_ONCE: Final = 32  # so many states need no choice of them
_ADDED: Final = 16  # states at a time
_MOST_ROUNDS: Final = 12
_LEAST_GAIN: Final = 1e-4  # in the logarithm of the rate, for all the probability there is
_ACTIVE: Final = 1e-6  # a constraint or a probability so close to its limit is at it

_OPTIONS: Final[Any] = {"maxiter": 200, "ftol": 1e-9}
_EDGE: Final = 1e-9  # of what SLSQP leaves of a constraint
_ROUNDING: Final = 5e-13  # of eigenvalues that are 0 for any probabilities, where a matrix of effects is singular
_PERFECT: Final = 1 - 1e-9  # correlation
# How far what a climb found is moved towards a point that is possible for sure, if it is not possible itself.
_RETREATS: Final = (0.0, *(10.0**-k for k in range(10, 1, -1)))


class MaxFdrSearch:
    """A search over all probabilities under which every two traits share at least a given part of the SNPs.

    Parameters
    ----------
    mixture : CausalMixture
    least_joint : float
        Lowest probability, of every pair of traits and every trait, of being causal together. Without such a limit, a
        rate near 1 is always possible, if almost no SNP affects any trait. On a grid it is 1 / intervals.
    causal : CausalProbabilities
        How often each trait may be causal.
    """

    def __init__(self, mixture: CausalMixture, least_joint: float, causal: CausalProbabilities) -> None:
        self._mixture = mixture
        self._least_joint = least_joint
        self._causal = causal
        self._n_traits = mixture.states.shape[1]
        self._midst = nested_mixture(mixture.states, least_joint, causal, (1 + least_joint) / 2)
        self._usable = _states_that_do_not_split_perfect_pairs(mixture)

    def climb(self, trait: int, start: FloatArray) -> tuple[float, FloatArray]:
        """Return the rate and the point that a climb leads to, or a rate of 0 if that is not possible.

        Parameters
        ----------
        trait : int
        start : ndarray, shape (n_states,)
            Possible.
        """
        with ONE_BLAS_THREAD:
            return self._climb(trait, start)

    def _climb(self, trait: int, start: FloatArray) -> tuple[float, FloatArray]:
        point = np.where(self._usable, start, 0.0)
        point = point / point.sum()
        chosen = self._usable & ((point > 0) | (self._usable.sum() <= _ALL_AT_ONCE))
        chosen[[0, -1]] = True
        best = 0.0, point
        for _ in range(_MOST_ROUNDS):
            columns = np.flatnonzero(chosen)
            point = self._climb_among(trait, columns, point)
            here = self._made_possible(trait, point)
            if here[0] > best[0]:
                best = here
            gain = np.where(self._usable & ~chosen, self._gain_of_states(trait, columns, point), 0.0)
            better = np.argsort(-gain)[:_ADDED]
            better = better[gain[better] > _LEAST_GAIN]
            if better.size == 0:
                break
            chosen = point > _ACTIVE
            chosen[[0, -1]] = True
            chosen[better] = True
        return best

    def _climb_among(self, trait: int, columns: NDArray[np.intp], start: FloatArray) -> FloatArray:
        """Return where SLSQP leads among the mixtures of some states."""
        has_pair = self._mixture.has_pair[columns]

        def negative(some: FloatArray, *_: Any) -> tuple[float, FloatArray]:
            value, gradient = self._log_fdr(trait, columns, np.maximum(some, 0.0))
            return -value, -gradient

        def eigenvalues(some: FloatArray) -> FloatArray:
            return self._eigenvalues(some @ has_pair)[0] + _ROUNDING

        def eigenvalue_slopes(some: FloatArray) -> FloatArray:
            return np.asarray(self._eigenvalues(some @ has_pair)[1] @ has_pair.T)

        sides, limits = self._sides(has_pair)
        constraints: Any = [
            {"type": "eq", "fun": lambda some: some.sum() - 1, "jac": np.ones_like},
            {"type": "ineq", "fun": lambda some: sides @ some - limits, "jac": lambda _: sides},
            {"type": "ineq", "fun": eigenvalues, "jac": eigenvalue_slopes},
        ]
        with np.errstate(divide="ignore", invalid="ignore"):  # a step too far is taken back
            found: Any = optimize.minimize(
                negative,
                start[columns] / start[columns].sum(),
                jac=True,
                method="SLSQP",
                bounds=[(0.0, 1.0)] * columns.size,
                constraints=constraints,
                options=_OPTIONS,
            )
        point = np.zeros(start.size)
        point[columns] = np.maximum(np.nan_to_num(found.x), 0.0)
        return point / point.sum() if point.sum() > 0 else start

    def _sides(self, has_pair: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the linear constraints: sides @ probability >= limits."""
        sides = [has_pair.T]
        limits = [np.full(has_pair.shape[1], self._least_joint)]
        if self._causal.width < np.inf:
            of_trait = has_pair.T[: self._n_traits]
            width = self._causal.width * (1 - _EDGE)  # the limits themselves are excluded
            sides += [of_trait, -of_trait]
            limits += [self._causal.center - width, -self._causal.center - width]
        return np.concatenate(sides), np.concatenate(limits)

    def _log_fdr(self, trait: int, columns: NDArray[np.intp], some: FloatArray) -> tuple[float, FloatArray]:
        """Return the logarithm of the rate of a mixture of some states, and its derivatives by the probabilities."""
        value, by_probability, by_joint = self._log_fdr_slopes(trait, columns, some)
        return value, by_probability + self._mixture.has_pair[columns] @ by_joint

    def _log_fdr_slopes(
        self, trait: int, columns: NDArray[np.intp], some: FloatArray
    ) -> tuple[float, FloatArray, FloatArray]:
        """Return it, and its derivatives by the probabilities with given joint ones, and by the joint ones."""
        mixture = self._mixture
        has_pair = mixture.has_pair[columns]
        joint = np.maximum(some @ has_pair, _EDGE)
        variance = mixture.error_variance[trait] + has_pair @ (mixture.pair_variance[trait] / joint)
        x = mixture.threshold / np.sqrt(variance)
        power = special.erfc(x / np.sqrt(2.0))
        is_false = ~mixture.states[columns, trait]
        all_discoveries = max(float(some @ power), np.finfo(float).tiny)
        false = max(float(some @ (power * is_false)), np.finfo(float).tiny)
        share = is_false / false - 1 / all_discoveries
        by_variance = share * some * np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi) * x / variance
        by_joint = -(by_variance @ has_pair) * mixture.pair_variance[trait] / joint**2
        return float(np.log(false / all_discoveries)), share * power, by_joint

    def _eigenvalues(self, joint: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return those of the correlations of effects at shared SNPs, and their derivatives by joint probabilities."""
        mixture, n_traits = self._mixture, self._n_traits
        joint = np.maximum(joint, _EDGE)
        correlation = np.empty((n_traits, n_traits))
        root = np.sqrt(joint[mixture.first] * joint[mixture.second])
        correlation[mixture.first, mixture.second] = mixture.correlation * root / joint
        correlation[mixture.second, mixture.first] = correlation[mixture.first, mixture.second]
        values, vectors = np.linalg.eigh(correlation)
        terms = vectors.T[:, :, np.newaxis] * vectors.T[:, np.newaxis, :] * correlation  # one matrix an eigenvalue
        between = terms[:, mixture.first, mixture.second] * np.where(mixture.first == mixture.second, 0.0, 2.0)
        slopes = -between / joint
        own = terms.sum(axis=2) - np.diagonal(terms, axis1=1, axis2=2)
        slopes[:, :n_traits] += own / joint[:n_traits]
        return values, slopes

    def _gain_of_states(self, trait: int, columns: NDArray[np.intp], point: FloatArray) -> FloatArray:
        """Return how much each state would raise the logarithm of the rate, if it took probability from the others.

        These are the derivatives of the Lagrange function, whose multipliers are fitted to those of the states in use.
        """
        has_pair = self._mixture.has_pair
        joint = point @ has_pair
        gradient = self._log_fdr(trait, np.arange(point.size), point)[1]
        values, slopes = self._eigenvalues(joint)
        sides, limits = self._sides(has_pair)
        active = np.concatenate([
            sides[sides @ point - limits < _ACTIVE],
            (slopes @ has_pair.T)[values < _ACTIVE],
            np.array([[1.0], [-1.0]]) * np.ones(point.size),  # of the sum, a multiplier of either sign
        ])  # fmt: skip
        in_use = columns[point[columns] > _ACTIVE]
        multipliers, _ = optimize.nnls(active[:, in_use].T, -gradient[in_use])
        return np.asarray(gradient + multipliers @ active)

    def _made_possible(self, trait: int, point: FloatArray) -> tuple[float, FloatArray]:
        """Return the rate and the nearest possible point on the way to the midst of them; 0 if none is."""
        retreat = np.array(_RETREATS)[:, np.newaxis]
        tries = (1 - retreat) * point + retreat * self._midst
        possible = is_possible(self._mixture, self._least_joint, self._causal, tries)
        if not possible.any():
            return 0.0, point
        nearest = tries[int(possible.argmax())]
        _, fdr = fdr_of_points(self._mixture, nearest[np.newaxis], self._causal)
        return float(fdr[0, trait]), nearest


def _states_that_do_not_split_perfect_pairs(mixture: CausalMixture) -> NDArray[np.bool_]:
    """Return the states that may have probability: traits that correlate perfectly share all their SNPs."""
    perfect = (mixture.first != mixture.second) & (np.abs(mixture.correlation) >= _PERFECT)
    one, other = mixture.states[:, mixture.first[perfect]], mixture.states[:, mixture.second[perfect]]
    return np.asarray(~(one ^ other).any(axis=1))
