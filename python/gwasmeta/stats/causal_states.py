"""Which traits a SNP affects: the causal states, and the grid of their probabilities.

A point of the grid gives each state a whole number of units of probability, each 1 / intervals. It is written as the
sorted states of its units, of which there are few, however many states there are: (0, 0, 3) with three intervals is
probability 2/3 of state 0 and 1/3 of state 3.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import comb
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gwasmeta.errors import GwasmetaError
from gwasmeta.stats._matrices import FloatArray

MOST_TRAITS: Final = 14  # 16,384 states


def causal_states(n_traits: int) -> NDArray[np.bool_]:
    """Return which traits each causal state affects.

    Parameters
    ----------
    n_traits : int
        At most 14.

    Returns
    -------
    ndarray of bool, shape (2**n_traits, n_traits)
        Rows in the order of binary numbers, the last trait changing fastest: none first, all last.

    Raises
    ------
    GwasmetaError
        If there are more traits.
    """
    if n_traits > MOST_TRAITS:
        raise GwasmetaError(
            f"{n_traits} traits have 2^{n_traits} causal states, too many to maximise over their probabilities\n"
            f"  Compute maxFDR for at most {MOST_TRAITS} traits: those that correlate most with a trait matter most."
        )
    bit_of_trait = np.arange(n_traits - 1, -1, -1)
    return (np.arange(2**n_traits)[:, np.newaxis] >> bit_of_trait & 1).astype(bool)


def count_grid_points(n_traits: int, intervals: int) -> int:
    """Return the number of probability vectors of all causal states whose elements are multiples of 1 / intervals."""
    return comb(intervals + 2**n_traits - 1, intervals)


def probability_vectors(units: ArrayLike, n_states: int) -> FloatArray:
    """Return the probabilities that points of the grid give to the states.

    Parameters
    ----------
    units : array_like of int, shape (n_points, intervals)
        The states of each point's units of probability.
    n_states : int

    Returns
    -------
    ndarray, shape (n_points, n_states)
    """
    states = np.asarray(units, dtype=np.int64)
    n_points, intervals = states.shape
    place = states + n_states * np.arange(n_points)[:, np.newaxis]
    counts = np.bincount(place.ravel(), minlength=n_points * n_states).reshape(n_points, n_states)
    return np.asarray(counts / intervals)


def grid_parts(n_states: int, intervals: int, largest: int) -> Iterator[tuple[tuple[int, ...], int]]:
    """Divide the grid into parts that can be walked through on their own.

    Parameters
    ----------
    n_states : int
    intervals : int
    largest : int
        No part has more points, unless all its units but one are fixed.

    Yields
    ------
    first_units : tuple of int
        The states of the first units: those that the points of the part have in common.
    n_points : int

    Notes
    -----
    Parts, and the points of a part, are in MTAG's order: that of the probability vectors read from left to right, from
    (0, ..., 0, 1) to (1, 0, ..., 0). Sorted units then fall.
    """
    # The points of a part have `intervals - len(first_units)` units more, none in a lower state than the last.
    pending: list[tuple[int, ...]] = [()]
    while pending:
        first_units = pending.pop()
        lowest = first_units[-1] if first_units else 0
        free = intervals - len(first_units)
        n_points = comb(free + n_states - lowest - 1, free)
        if n_points <= largest or free <= 1:
            yield first_units, n_points
        else:
            pending.extend((*first_units, state) for state in range(lowest, n_states))
