"""The median of statistics that lie in many places is that of all of them together, to the bit."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from gwasmeta.stats import spread_median
from gwasmeta.stats.genomic_control import inflation_factor
from gwasmeta.stats.spread_median import (
    ALL_SIZES,
    SizeCounts,
    bounds_from_histogram,
    bounds_from_sample,
    count_sizes,
    inflation_factor_of_counts,
    joined_counts,
)

Array = np.ndarray[Any, Any]
Median = Literal["middle", "upper"]
MEDIANS: tuple[Median, ...] = ("middle", "upper")

# Ties, edges of the bins of 0.01, and what has no bin of its own.
SIZES = st.sampled_from([0.0, 0.01, 0.02, 0.29, 0.57, 0.58, 0.67, 1.15, 5.1, 5.11, 5.12, 7.0, 1e150, math.inf])
STATISTICS = st.lists(st.tuples(SIZES | st.floats(0, 6), st.sampled_from([-1, 1])).map(math.prod), max_size=40)


def counted(z: Array, bounds: tuple[float, float], n_places: int, rng: np.random.Generator) -> SizeCounts:
    """Count statistics in so many places, each of which has them in a few blocks."""
    cuts = np.sort(rng.integers(0, len(z) + 1, n_places - 1))
    return joined_counts(count_sizes(np.array_split(part, 3), bounds) for part in np.split(z, cuts))


def median_of_squares(z: Array, median: Median) -> float:
    """Return the median of squares by another way: all sorted."""
    squares = np.sort(z**2) if median == "upper" else z**2
    return float(squares[len(z) // 2]) if median == "upper" else float(np.median(squares))


@settings(deadline=None)
@given(STATISTICS, st.integers(1, 6), st.sampled_from(MEDIANS), st.integers(0, 99))
def test_it_is_the_median_of_all(values: list[float], n_places: int, median: Median, seed: int) -> None:
    z = np.array(values)
    counts = counted(z, ALL_SIZES, n_places, np.random.default_rng(seed))
    assert counts.n == len(z)
    found = inflation_factor_of_counts(counts, median=median)
    np.testing.assert_equal(found, inflation_factor(z, median=median))
    if len(z):
        found = inflation_factor_of_counts(counts, median=median, chi_squared_median=1)
        assert_allclose(found, median_of_squares(z, median), rtol=1e-15)


@settings(deadline=None)
@given(STATISTICS.filter(bool), st.tuples(SIZES, SIZES).map(sorted), st.sampled_from(MEDIANS))
def test_between_bounds_it_is_exact_or_none(values: list[float], bounds: list[float], median: Median) -> None:
    """None where a middle value lies outside; the bounds belong to what is within."""
    z = np.array(values)
    low, high = bounds
    found = inflation_factor_of_counts(counted(z, (low, high), 3, np.random.default_rng(0)), median=median)
    ascending = np.sort(np.abs(z))
    middle = ascending[[len(z) // 2 if median == "upper" else (len(z) - 1) // 2, len(z) // 2]]
    if (middle < low).any() or (middle > high).any():
        assert found is None
    else:
        np.testing.assert_equal(found, inflation_factor(z, median=median))


@settings(deadline=None)
@given(STATISTICS.filter(bool), st.sampled_from(MEDIANS), st.integers(1, 4))
def test_bounds_from_the_histogram_hold_the_median(values: list[float], median: Median, n_places: int) -> None:
    """Whatever the first bounds were, and although a size at an edge may be in either bin."""
    z = np.array(values)
    first = counted(z, (3.0, 3.0), n_places, np.random.default_rng(1))
    low, high = bounds_from_histogram(first)
    assert 0 <= low < high
    second = counted(z, (low, high), n_places, np.random.default_rng(2))
    np.testing.assert_equal(inflation_factor_of_counts(second, median=median), inflation_factor(z, median=median))


def test_sizes_next_to_the_edges_of_bins_lie_within_the_bounds() -> None:
    """Some are counted in the bin beside the one whose edges, as they are rounded, they lie between."""
    edges = np.arange(1, 520) * 0.01
    for size in np.concatenate([np.nextafter(edges, 0), edges, np.nextafter(edges, 9), np.arange(1, 520) / 100]):
        z = np.array([size, -size])
        low, high = bounds_from_histogram(count_sizes([z], (0.0, 0.0)))
        assert low < size < high
        assert inflation_factor_of_counts(count_sizes([z], (low, high))) == inflation_factor(z)


def test_bounds_from_the_histogram_are_narrow() -> None:
    """Or all statistics would travel."""
    z = np.random.default_rng(3).normal(size=100_000)
    low, high = bounds_from_histogram(count_sizes([z], (9.0, 9.0)))
    assert low < np.median(np.abs(z)) < high
    assert high - low < 0.05


@pytest.mark.parametrize("median", MEDIANS)
@pytest.mark.parametrize("n", [1, 2, 3, 1000, 1001])
def test_many_values_alike(n: int, median: Median) -> None:
    z = np.full(n, -0.58)
    for bounds in (ALL_SIZES, (0.58, 0.58), bounds_from_histogram(count_sizes([z], (0, 0)))):
        assert inflation_factor_of_counts(count_sizes([z], bounds), median=median) == inflation_factor(z)
    assert inflation_factor_of_counts(count_sizes([z], (0.59, 1.0)), median=median) is None
    assert inflation_factor_of_counts(count_sizes([z], (0.0, 0.57)), median=median) is None


@pytest.mark.parametrize("median", MEDIANS)
def test_infinities(median: Median) -> None:
    z = np.array([np.inf, -np.inf, 3.0, np.inf])
    bounds = bounds_from_histogram(count_sizes([z], (0, 1)))
    assert bounds[1] == np.inf
    assert inflation_factor_of_counts(count_sizes([z], bounds), median=median) == np.inf


@pytest.mark.parametrize("bounds", [ALL_SIZES, (0.5, 0.6)])
def test_nothing_has_no_median(bounds: tuple[float, float]) -> None:
    for counts in (joined_counts([]), count_sizes([], bounds), joined_counts([count_sizes([np.empty(0)], bounds)] * 2)):
        assert counts.n == 0
        found = inflation_factor_of_counts(counts)
        assert found is not None
        assert math.isnan(found)


def test_joining_adds_up() -> None:
    z = np.random.default_rng(4).normal(size=999)
    apart = joined_counts(count_sizes([part], (0.5, 0.8)) for part in np.array_split(z, 5))
    together = count_sizes([z], (0.5, 0.8))
    assert (apart.n, apart.n_below) == (together.n, together.n_below) == (999, int((np.abs(z) < 0.5).sum()))
    assert_array_equal(apart.within, together.within)
    assert_array_equal(apart.histogram, together.histogram)
    assert apart.histogram.sum() == 999


@settings(deadline=None)
@given(STATISTICS, st.tuples(SIZES, SIZES).map(sorted), st.integers(0, 99))
def test_taking_out_is_not_having_counted(values: list[float], bounds: list[float], seed: int) -> None:
    """Also of several that are alike, some of which stay."""
    z, (low, high) = np.array(values), bounds
    gone = np.random.default_rng(seed).random(len(z)) < 0.4
    left = count_sizes([z], (low, high)).without(count_sizes([z[gone]], (low, high)))
    expected = count_sizes([z[~gone]], (low, high))
    assert (left.n, left.n_below) == (expected.n, expected.n_below)
    assert_array_equal(np.sort(left.within), np.sort(expected.within))
    assert_array_equal(left.histogram, expected.histogram)


# --- the first bounds ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [0, 1, 100, spread_median._FEW])
def test_of_few_all_are_kept(n: int) -> None:
    assert bounds_from_sample(np.linspace(0, 3, 50), n) == ALL_SIZES


def test_without_a_sample_all_are_kept() -> None:
    assert bounds_from_sample(np.empty(0), 10**7) == ALL_SIZES


def test_bounds_from_a_sample_hold_the_median_and_little_else() -> None:
    n = 1_000_000
    for seed in range(5):
        z = np.random.default_rng(seed).normal(size=n) * 1.1
        bounds = bounds_from_sample(np.abs(z[::3]), n)  # as many as one in 61 of 20 million
        counts = count_sizes([z], bounds)
        assert counts.within.size < 0.03 * n
        assert inflation_factor_of_counts(counts) == inflation_factor(z)


def test_a_sample_that_misleads_is_noticed() -> None:
    n = 2 * spread_median._FEW
    z = np.full(n, 0.1)
    z[::61] = 9.0
    counts = count_sizes([z], bounds_from_sample(np.abs(z[::61]), n))
    assert inflation_factor_of_counts(counts) is None
    again = count_sizes([z], bounds_from_histogram(counts))
    assert inflation_factor_of_counts(again) == inflation_factor(z)


@pytest.mark.parametrize("smallest", [True, False])
def test_there_is_room_for_taking_out(smallest: bool) -> None:
    """Also if all that are taken out are the smallest, or the largest, and although most are not kept."""
    n = 8 * spread_median._FEW
    z = np.random.default_rng(5).normal(size=n)
    sample = np.abs(z[::2])
    bounds = bounds_from_sample(sample, n, taken_out=0.04)
    counts = count_sizes([z], bounds)
    assert counts.within.size < 0.09 * n
    order = np.argsort(np.abs(z))
    out, kept = np.split(order if smallest else order[::-1], [n * 39 // 1000])
    left = counts.without(count_sizes([z[out]], bounds))
    assert inflation_factor_of_counts(left) == inflation_factor(z[kept])
    assert inflation_factor_of_counts(count_sizes([z[kept]], bounds_from_sample(sample, n))) is None


@pytest.mark.parametrize("size", [0.4, 0.55, 9.0])
def test_what_was_not_counted_cannot_be_taken_out(size: float) -> None:
    counts = count_sizes([np.array([0.5, 0.6])], ALL_SIZES)
    with pytest.raises(ValueError, match="have not been counted"):
        counts.without(count_sizes([np.array([size])], ALL_SIZES))
