"""The causal states and the grid, against all that there are."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from gwasmeta.errors import GwasmetaError
from gwasmeta.stats.causal_states import causal_states, count_grid_points, grid_parts, probability_vectors


def grid(n_states: int, intervals: int) -> list[tuple[int, ...]]:
    """Return all vectors of whole numbers with this sum, in the order of MTAG's grid."""
    return [point for point in product(range(intervals + 1), repeat=n_states) if sum(point) == intervals]


def test_states_are_binary_numbers() -> None:
    expected = [[0, 0, 0], [0, 0, 1], [0, 1, 0], [0, 1, 1], [1, 0, 0], [1, 0, 1], [1, 1, 0], [1, 1, 1]]
    assert_array_equal(causal_states(3), np.array(expected, dtype=bool))


def test_too_many_traits_are_refused() -> None:
    assert causal_states(14).shape == (16384, 14)
    with pytest.raises(GwasmetaError, match=r"15 traits have 2\^15 causal states"):
        causal_states(15)


@pytest.mark.parametrize(("n_traits", "intervals"), [(1, 1), (1, 7), (2, 5), (3, 3)])
def test_points_are_counted(n_traits: int, intervals: int) -> None:
    assert count_grid_points(n_traits, intervals) == len(grid(2**n_traits, intervals))


def test_four_traits_with_ten_intervals_have_more_than_three_million_points() -> None:
    assert count_grid_points(4, 10) == 3_268_760


def test_units_are_added_up_by_state() -> None:
    vectors = probability_vectors([[0, 0, 3], [1, 2, 2]], 4)
    assert_array_equal(vectors, [[2 / 3, 0, 0, 1 / 3], [0, 1 / 3, 2 / 3, 0]])
    assert probability_vectors(np.empty((0, 3), dtype=np.uint16), 4).shape == (0, 4)


@pytest.mark.parametrize("largest", [1, 4, 20, 1000])
@pytest.mark.parametrize(("n_states", "intervals"), [(2, 1), (4, 5), (8, 3)])
def test_parts_have_every_point_once_and_in_order(n_states: int, intervals: int, largest: int) -> None:
    points = []
    for first_units, n_points in grid_parts(n_states, intervals, largest):
        assert n_points <= max(largest, n_states)
        lowest = first_units[-1] if first_units else 0
        free = intervals - len(first_units)
        fixed = np.bincount(first_units, minlength=n_states) if first_units else np.zeros(n_states, dtype=int)
        of_part = [point for point in grid(n_states, free) if not any(point[:lowest])]
        assert len(of_part) == n_points
        points += [tuple(int(count) for count in fixed + point) for point in of_part]
    assert points == grid(n_states, intervals)
