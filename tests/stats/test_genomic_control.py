"""Genomic control: the quantiles of the normal distribution are not inflated; what is multiplied shows."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import chi2, norm

from gwasmeta.stats.genomic_control import (
    CHI_SQUARED_1_MEDIAN,
    inflation_factor,
    inflation_factor_1000,
    inflation_factor_1000_case_control,
    inflation_factor_of_blocks,
)

NULL_Z = norm.ppf((np.arange(1001) + 0.5) / 1001)


def test_the_median_of_chi_squared() -> None:
    assert_allclose(CHI_SQUARED_1_MEDIAN, chi2.median(1), rtol=1e-14)


def test_chance_is_not_inflated() -> None:
    # The median of the squares is that of z at 0.75, which the grid meets to within half a step.
    assert_allclose(inflation_factor(NULL_Z), 1, atol=0.003)


def test_inflation_is_the_factor_of_the_squares() -> None:
    assert_allclose(inflation_factor(np.sqrt(1.2) * NULL_Z), 1.2 * inflation_factor(NULL_Z), rtol=1e-14)


@pytest.mark.parametrize("z", [[1, -2, 5], [1, np.nan, -2, 5, np.nan], [[5, 1], [np.nan, -2]], [-3, 5, 1, -1]])
def test_the_median_is_that_of_the_squares_of_what_is_there(z: list[float]) -> None:
    expected = 4 if 2 in np.abs(z) else 5  # of 1, 1, 9, 25 the mean of the middle two
    assert_allclose(inflation_factor(z), expected / 0.454936423119572752, rtol=1e-15)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 10, 999, 1000, 1001])
@pytest.mark.parametrize("overwrite_z", [False, True])
def test_the_upper_median_is_one_of_the_values(n: int, overwrite_z: bool) -> None:
    z = np.random.default_rng(n).standard_normal(n)
    ascending = np.sort(z**2)
    upper = inflation_factor(z.copy(), overwrite_z, median="upper", chi_squared_median=1)
    middle = inflation_factor(z.copy(), overwrite_z, median="middle", chi_squared_median=1)
    assert_allclose(upper, ascending[n // 2], rtol=1e-15)
    assert_allclose(middle, np.median(ascending), rtol=1e-15)
    assert (upper == middle) == (n % 2 == 1)


def test_the_upper_median_knows_no_missing_values() -> None:
    assert_allclose(inflation_factor([np.nan, -3, 1, np.nan], median="upper", chi_squared_median=1), 9, rtol=1e-15)


def test_the_median_of_chance_may_be_rounded_as_metal_rounds_it() -> None:
    assert_allclose(inflation_factor([1, -2, 5], chi_squared_median=0.4549364), 4 / 0.4549364, rtol=1e-15)


@pytest.mark.parametrize("median", ["middle", "upper"])
def test_no_statistic_no_inflation_factor(median: Literal["middle", "upper"]) -> None:
    assert np.isnan(inflation_factor([], median=median))
    assert np.isnan(inflation_factor([np.nan, np.nan], median=median))


def test_rescaling_to_a_thousand_samples() -> None:
    assert_allclose(inflation_factor_1000([1.1, 0.98], [50_000, 500]), [1.002, 0.96], rtol=1e-14)
    # 1 + 0.1 (1/5000 + 1/10000) / (2/1000)
    assert_allclose(inflation_factor_1000_case_control(1.1, 5000, 10_000), 1.015, rtol=1e-14)
    assert_allclose(inflation_factor_1000_case_control(1.1, 1000, 1000), 1.1, rtol=1e-14)


@pytest.mark.parametrize("median", ["middle", "upper"])
@pytest.mark.parametrize("n", [0, 1, 2, 3, 60, 61, 62, 1000, 50_001])
@pytest.mark.parametrize("order", ["as_drawn", "sorted", "infinite", "all_equal"])
def test_of_blocks_it_is_what_it_is_of_all_together(n: int, median: Literal["middle", "upper"], order: str) -> None:
    z = np.random.default_rng(n).normal(size=n) * 1.1
    if order == "sorted":  # every sample of a block is unlike the others
        z.sort()
    elif order == "infinite":
        z[: 2 * n // 3] = np.inf
    elif order == "all_equal":
        z[:] = 0.5
    blocks = np.array_split(z, 7)
    inflation, count = inflation_factor_of_blocks(lambda: iter(blocks), median=median)
    assert count == n
    np.testing.assert_equal(inflation, inflation_factor(z, median=median))
    np.testing.assert_array_equal(np.concatenate(blocks), z)  # left as they were


def test_of_a_file_whose_sample_misleads_it_is_exact_all_the_same() -> None:
    z = np.full(61 * 100, 0.1)
    z[::61] = 9.0  # every row that the sample meets
    assert inflation_factor_of_blocks(lambda: [z]) == (inflation_factor(z), z.size)
