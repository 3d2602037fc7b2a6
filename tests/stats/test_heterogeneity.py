"""Heterogeneity: what holds for all studies, then exact arithmetic, statsmodels and published numbers."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from numpy.testing import assert_allclose, assert_array_equal
from study_matrices_data import Studies, statsmodels_result, studies

from gwasmeta.stats.heterogeneity import heterogeneity, heterogeneity_of_q
from gwasmeta.stats.normal import neg_log_10_chi_squared_p_value


@given(studies())
def test_alleles_order_and_units_are_irrelevant(data: Studies) -> None:
    beta, standard_error = data
    q = heterogeneity(beta, standard_error).q
    assert_array_equal(heterogeneity(-beta, standard_error).q, q)
    assert_allclose(heterogeneity(beta[:, ::-1], standard_error[:, ::-1]).q, q, rtol=1e-11, atol=1e-13)
    assert_allclose(heterogeneity(1e3 * beta, 1e3 * standard_error).q, q, rtol=1e-11, atol=1e-13)


@given(studies(fewest_studies=2, missing=False))
def test_agrees_with_statsmodels(data: Studies) -> None:
    beta, standard_error = data
    found = heterogeneity(beta, standard_error)
    for variant in range(len(beta)):
        reference = statsmodels_result(beta[variant], standard_error[variant], "dl")
        # Its Q, in one pass, is rounded to the digits of the sum of the squared z.
        rounding = 1e-15 * ((beta / standard_error)[variant] ** 2).sum()
        assert_allclose(found.q[variant], reference.q, rtol=1e-12, atol=rounding)
        assert found.degrees_of_freedom[variant] == reference.df
        assert_allclose(found.h_squared[variant], reference.h2, rtol=1e-12, atol=rounding)
        i_squared = 100 * max(0, reference.i2)
        assert_allclose(found.i_squared[variant], i_squared, rtol=1e-12, atol=100 * rounding)


def test_agrees_with_exact_arithmetic_when_the_effects_are_large_against_their_spread() -> None:
    beta, standard_error = [4096.0, 4096.125, 4096.25, 4095.5], [0.125, 0.25, 0.5, 0.25]
    weight = [1 / Fraction(error) ** 2 for error in standard_error]
    mean = sum(w * Fraction(b) for w, b in zip(weight, beta, strict=True)) / sum(weight)
    q = sum(w * (Fraction(b) - mean) ** 2 for w, b in zip(weight, beta, strict=True))
    assert_allclose(heterogeneity([beta], [standard_error]).q, float(q), rtol=1e-11)


@pytest.mark.parametrize(
    ("q", "n_studies", "i_squared", "upper"),
    [(55.9, 55, 3, 28), (39.5, 33, 19, 48)],
    ids=["tamoxifen", "streptokinase"],
)
def test_interval_as_published(q: float, n_studies: int, i_squared: int, upper: int) -> None:
    # Higgins, Thompson, Deeks & Altman (2003), BMJ 327:557, table: I² in whole per cent, 95 % interval.
    found = heterogeneity_of_q([q], [n_studies])
    assert round(float(found.i_squared[0])) == i_squared
    assert found.i_squared_lower[0] == 0
    assert abs(found.i_squared_upper[0] - upper) < 0.6


def test_interval_by_hand() -> None:
    # Q above k: SE(ln H) = 0.5 (ln 40 - ln 5) / (sqrt 80 - sqrt 9); not above: sqrt(1/8 (1 - 1/48)), k = 6.
    found = heterogeneity_of_q([40, 3], [6, 6])
    log_h = 0.5 * np.log([8, 0.6])
    margin = 1.959963984540054 * np.array([0.5 * np.log(8) / (80**0.5 - 3), (47 / 384) ** 0.5])
    assert_allclose(found.i_squared, [87.5, 0], rtol=1e-14)
    assert_allclose(found.i_squared_lower, [100 * (1 - np.exp(-2 * (log_h - margin)[0])), 0], rtol=1e-12)
    assert_allclose(found.i_squared_upper, 100 * (1 - np.exp(-2 * (log_h + margin))), rtol=1e-12)


@given(studies())
def test_i_squared_is_a_percentage_inside_its_interval(data: Studies) -> None:
    found = heterogeneity(*data)
    several = found.degrees_of_freedom > 0
    assert ((found.i_squared[several] >= 0) & (found.i_squared[several] < 100)).all()
    known = several & ~np.isnan(found.i_squared_upper)
    assert (found.i_squared_lower[known] <= found.i_squared[known]).all()
    assert (found.i_squared[known] <= found.i_squared_upper[known]).all()


def test_two_agreeing_studies_have_no_interval() -> None:
    found = heterogeneity_of_q([2, 2.5, 0], [2, 2, 2])
    assert_array_equal(np.isnan(found.i_squared_lower), [True, False, True])
    assert_array_equal(np.isnan(found.i_squared_upper), [True, False, True])
    assert_allclose(found.i_squared, [50, 60, 0], rtol=1e-14)
    assert_array_equal(found.h_squared, [2, 2.5, 0])


def test_equal_effects_are_homogeneous() -> None:
    found = heterogeneity_of_q([0, -1e-12], [4, 4])  # the second from running sums
    for column in (
        found.q,
        found.neg_log_10_p_value,
        found.i_squared,
        found.h_squared,
        found.i_squared_upper,
    ):
        assert_array_equal(column, [0, 0])


def test_a_single_study_has_no_heterogeneity() -> None:
    single = heterogeneity([[np.nan, 0.3]], [[np.nan, 0.1]])
    of_noise = heterogeneity_of_q([1e-9], [1])  # from running sums
    for found in (single, of_noise):
        assert (found.q[0], found.degrees_of_freedom[0], found.neg_log_10_p_value[0]) == (0, 0, 0)
        for column in (found.i_squared, found.i_squared_lower, found.i_squared_upper, found.h_squared):
            assert np.isnan(column[0])


def test_no_study_has_no_result() -> None:
    found = heterogeneity([[np.nan, np.nan]], [[0.1, 0.1]])
    assert found.degrees_of_freedom[0] == 0
    for column in (
        found.q,
        found.neg_log_10_p_value,
        found.i_squared,
        found.i_squared_upper,
        found.h_squared,
    ):
        assert np.isnan(column[0])


def test_q_is_tested_on_one_degree_of_freedom_less_than_studies() -> None:
    found = heterogeneity_of_q([12.5, 12.5, 9000], [3, 7, 7])
    assert_array_equal(found.degrees_of_freedom, [2, 6, 6])
    expected = neg_log_10_chi_squared_p_value([12.5, 12.5, 9000], [2, 6, 6])
    assert_array_equal(found.neg_log_10_p_value, expected)
