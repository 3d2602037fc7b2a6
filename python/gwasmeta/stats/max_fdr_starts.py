"""Where a search for the largest false discovery rate starts: possible mixtures of few causal states."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from gwasmeta.stats._matrices import FloatArray
from gwasmeta.stats.causal_mixture import CausalMixture
from gwasmeta.stats.max_fdr_grid import CausalProbabilities, fdr_of_points

# How much of a start is nested, the least that makes it possible.
_NESTED_PARTS: Final = np.linspace(0.1, 1.0, 10)[:, np.newaxis]
_STATES_PER_TRAIT: Final = 2
_MOST_DRAWS_PER_START: Final = 20


def random_starts(
    mixture: CausalMixture,
    least_joint: float,
    causal: CausalProbabilities,
    n_starts: int,
    generator: np.random.Generator,
) -> FloatArray:
    """Draw mixtures at random.

    Each is made of some random states, and of nested ones: of two traits, one has all SNPs of the other. Traits that
    are causal equally often then share all SNPs, which is possible whatever Omega is.

    Parameters
    ----------
    mixture : CausalMixture
    least_joint : float
        Lowest probability of every pair of traits and every trait of being causal together.
    causal : CausalProbabilities
        How often each trait may be causal.
    n_starts : int
    generator : numpy.random.Generator

    Returns
    -------
    ndarray, shape (n_starts, n_states)
        Fewer rows, or none, where hardly any mixture is possible.
    """
    starts: list[FloatArray] = []
    for _ in range(_MOST_DRAWS_PER_START * n_starts):
        if len(starts) == n_starts:
            break
        nested = nested_mixture(mixture.states, least_joint, causal, least_joint ** generator.uniform())
        tries = (1 - _NESTED_PARTS) * _random_mixture(mixture.states, generator) + _NESTED_PARTS * nested
        possible = is_possible(mixture, least_joint, causal, tries)
        if possible.any():
            starts.append(tries[int(possible.argmax())])
    return np.array(starts).reshape(len(starts), len(mixture.states))


def nested_mixture(
    states: NDArray[np.bool_], least_joint: float, causal: CausalProbabilities, wanted: float
) -> FloatArray:
    """Return a mixture in which each trait is causal as often as wanted, or as near to it as it may be.

    Parameters
    ----------
    states : ndarray of bool, shape (n_states, n_traits)
    least_joint : float
    causal : CausalProbabilities
    wanted : float

    Returns
    -------
    ndarray, shape (n_states,)
        Of any two traits, the one that is causal more often has all SNPs of the other.
    """
    inside = causal.width * (1 - 1e-6)  # the limits themselves are excluded
    lowest = np.maximum(causal.center - inside, least_joint)
    often = np.clip(wanted, lowest, np.minimum(causal.center + inside, 1.0))
    bit = 2 ** np.arange(often.size - 1, -1, -1)
    point = np.zeros(len(states))
    state, left = 0, 1.0
    for trait in np.argsort(-often):
        point[state] += left - often[trait]
        state, left = state + int(bit[trait]), float(often[trait])
    point[state] += left
    return point


def is_possible(
    mixture: CausalMixture, least_joint: float, causal: CausalProbabilities, points: FloatArray
) -> NDArray[np.bool_]:
    """Tell of each row of probabilities whether it is possible and every two traits share enough SNPs."""
    possible, _ = fdr_of_points(mixture, points, causal)
    enough = points @ mixture.has_pair >= least_joint * (1 - 1e-9)
    return np.asarray(possible & enough.all(axis=1))


def _random_mixture(states: NDArray[np.bool_], generator: np.random.Generator) -> FloatArray:
    """Return random probabilities of as many random states as there are traits, twice."""
    n_states, n_traits = states.shape
    some = generator.choice(n_states, min(_STATES_PER_TRAIT * n_traits, n_states), replace=False)
    point = np.zeros(n_states)
    point[some] = generator.dirichlet(np.ones(some.size))
    return point
