"""Sex differences: scipy's tails on the log scale, Cochran's Q between the sexes, the paper's identity."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import chi2
from study_matrices_data import Studies, studies

from gwasmeta.stats.fixed_effects import fixed_effects
from gwasmeta.stats.heterogeneity import heterogeneity
from gwasmeta.stats.sex_differences import sex_differentiated, sex_heterogeneity

LN_10 = np.log(10)
TWO_SEXES = studies(fewest_studies=2)


@pytest.mark.parametrize("z_male", [0, 1e-3, -0.7, 2, -12, 25])
@pytest.mark.parametrize("z_female", [0, 1e-5, -1.1, 5, 27])
def test_the_differentiated_test_has_the_tail_of_scipy(z_male: float, z_female: float) -> None:
    expected = -chi2.logsf(z_male**2 + z_female**2, 2) / LN_10
    assert_allclose(sex_differentiated(z_male, z_female), expected, rtol=1e-13)


def test_no_p_value_is_too_small() -> None:
    assert_allclose(sex_differentiated([3e4], [-4e4]), [25e8 / 2 / LN_10], rtol=1e-14)
    # The normal tail is phi(z) / z for large z.
    z = 1e4
    tail = (z**2 / 2 + np.log(z * np.sqrt(np.pi / 2))) / LN_10
    assert_allclose(sex_heterogeneity([z], [0.6], [0.0], [0.8]), [tail], rtol=1e-12)


@given(TWO_SEXES)
def test_heterogeneity_is_cochrans_q_of_the_two_sexes(data: Studies) -> None:
    beta, error = (values[:, :2] for values in data)
    error = np.where(np.isnan(beta), np.nan, error)
    found = sex_heterogeneity(beta[:, 0], error[:, 0], beta[:, 1], error[:, 1])
    expected = heterogeneity(beta, error).neg_log_10_p_value
    both = ~np.isnan(beta).any(axis=1)
    assert_allclose(found[both], expected[both], rtol=1e-9, atol=1e-12)
    assert_array_equal(np.isnan(found), ~both)


@given(studies(fewest_studies=2, missing=False, standard_errors=(0.05, 1)))
def test_heterogeneity_is_what_the_differentiated_test_adds_to_the_combined_one(data: Studies) -> None:
    # Magi, Lindgren & Morris: the statistics on 1 + 1 = 2 degrees of freedom add up.
    beta, error = (values[:, :2] for values in data)
    z = beta / error
    both_sexes = sex_differentiated(z[:, 0], z[:, 1]) * 2 * LN_10
    added = both_sexes - fixed_effects(beta, error).z ** 2
    found = sex_heterogeneity(beta[:, 0], error[:, 0], beta[:, 1], error[:, 1])
    assert_allclose(found, -chi2.logsf(np.maximum(added, 0), 1) / LN_10, rtol=1e-6, atol=1e-6)


def test_without_a_sex_there_is_no_test() -> None:
    assert_array_equal(sex_differentiated([np.nan, 1, np.nan], [1, np.nan, np.nan]), np.full(3, np.nan))
    nothing = sex_heterogeneity([np.nan, 0.1, 0.1], [np.nan, 0.1, 0.1], [0.2, np.nan, 0.2], [0.1, np.nan, np.nan])
    assert_array_equal(nothing, np.full(3, np.nan))


def test_under_the_null_hypothesis_p_values_are_uniform() -> None:
    rng = np.random.default_rng(20240601)
    n = 100_000
    beta, error = rng.normal(size=(n, 2)), np.array([0.5, 1.5])
    for neg_log_10_p in (
        sex_differentiated(beta[:, 0], beta[:, 1]),
        sex_heterogeneity(beta[:, 0] * error[0], error[0], beta[:, 1] * error[1], error[1]),
    ):
        for level in (0.5, 0.05, 0.001):
            found = (10**-neg_log_10_p < level).mean()
            assert abs(found - level) < 4 * np.sqrt(level * (1 - level) / n)
