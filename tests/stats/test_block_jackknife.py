"""The block jackknife: of a mean it is the standard error of the mean; blocks cover every row once."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import norm, sem

from gwasmeta.stats.block_jackknife import Estimate, block_borders, jackknife


@given(n_rows=st.integers(2, 100_000), n_blocks=st.integers(2, 300))
def test_blocks_cover_every_row_once_and_are_of_nearly_equal_size(n_rows: int, n_blocks: int) -> None:
    borders = block_borders(n_rows, n_blocks)
    sizes = np.diff(borders)
    assert (borders[0], borders[-1], len(sizes)) == (0, n_rows, n_blocks)
    assert sizes.min() >= 0
    assert sizes.max() - sizes.min() <= 2  # the points are rounded down, after rounding errors


def test_borders_are_rounded_down() -> None:
    assert_array_equal(block_borders(10, 4), [0, 2, 5, 7, 10])


def test_of_a_mean_it_is_the_standard_error_of_the_mean() -> None:
    values = np.random.default_rng(1).normal(3, 2, 50)
    without_each = (values.sum() - values) / 49
    estimate = jackknife(values.mean(), without_each)
    assert_allclose(estimate.standard_error, sem(values), rtol=1e-13)
    assert estimate.value == values.mean()


def test_of_a_ratio_it_is_that_of_its_pseudo_values() -> None:
    numerator, denominator = np.random.default_rng(2).uniform(1, 2, (2, 30))
    value = numerator.sum() / denominator.sum()
    without_each = (numerator.sum() - numerator) / (denominator.sum() - denominator)
    pseudo_values = 30 * value - 29 * without_each
    assert_allclose(jackknife(value, without_each).standard_error, sem(pseudo_values), rtol=1e-12)


def test_the_test_of_an_estimate_is_two_sided() -> None:
    estimate = Estimate(-0.6, 0.2, np.zeros(2))
    assert_allclose(estimate.z, -3, rtol=1e-14)
    assert_allclose(estimate.neg_log_10_p_value, -np.log10(2 * norm.sf(3)), rtol=1e-13)
    large = Estimate(100, 1, np.zeros(2))  # its p-value underflows
    assert_allclose(large.neg_log_10_p_value, -(norm.logsf(100) + np.log(2)) / np.log(10), rtol=1e-13)


def test_in_other_units_the_test_is_the_same() -> None:
    estimate = jackknife(0.4, [0.3, 0.5, 0.45])
    scaled = estimate.scaled(0.68)
    assert_allclose(scaled.value, 0.272, rtol=1e-14)
    assert_allclose(scaled.z, estimate.z, rtol=1e-14)
    assert_allclose(jackknife(scaled.value, scaled.delete_values).standard_error, scaled.standard_error, rtol=1e-13)


def test_without_a_standard_error_there_is_no_test() -> None:
    estimate = Estimate(1.0, np.nan, np.ones(3))
    assert np.isnan(estimate.z)
    assert np.isnan(estimate.neg_log_10_p_value)
