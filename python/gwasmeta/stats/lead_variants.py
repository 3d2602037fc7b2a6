"""The most significant variant of each locus, on plain arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gwasmeta.compiled import compiled


def lead_rows(
    chromosome: ArrayLike, position: ArrayLike, neg_log_10_p_value: ArrayLike, *, window: float
) -> NDArray[np.intp]:
    """Pick lead variants greedily: the most significant first, then those at least a window away from all before.

    Parameters
    ----------
    chromosome : array_like of int, shape (n_candidates,)
        The same number for the same chromosome.
    position : array_like, shape (n_candidates,)
        In base pairs.
    neg_log_10_p_value : array_like, shape (n_candidates,)
        Of equal ones, the first row counts as the more significant.
    window : float
        In base pairs. A variant nearer than this to a lead variant belongs to its locus.

    Returns
    -------
    ndarray of int, shape (n_loci,)
        Rows of the lead variants, the most significant first.
    """
    places, positions = np.asarray(chromosome, dtype=np.int64), np.asarray(position, dtype=np.float64)
    by_place = np.lexsort((positions, places))
    strongest_first = np.argsort(-np.asarray(neg_log_10_p_value, dtype=np.float64), kind="stable")
    rank_along_genome = np.empty(by_place.size, dtype=np.intp)
    rank_along_genome[by_place] = np.arange(by_place.size)
    chosen = _chosen(places[by_place], positions[by_place], rank_along_genome[strongest_first], float(window))
    return np.asarray(strongest_first[chosen])


@compiled
def _chosen(chromosome: Any, position: Any, order: Any, window: float) -> Any:
    """Say for each candidate of `order`, numbers along the genome, whether it leads a locus."""
    taken = np.zeros(order.size, dtype=np.bool_)
    chosen = np.zeros(order.size, dtype=np.bool_)
    for rank in range(order.size):
        lead = order[rank]
        if taken[lead]:
            continue
        chosen[rank] = True
        for step in (-1, 1):
            neighbour = lead + step
            while (
                0 <= neighbour < order.size
                and chromosome[neighbour] == chromosome[lead]
                and abs(position[neighbour] - position[lead]) < window
            ):
                taken[neighbour] = True
                neighbour += step
    return chosen
