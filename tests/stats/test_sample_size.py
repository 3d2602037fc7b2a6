"""Sample-size weighted meta-analysis: scipy, the inverse-variance scheme, and closed forms."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import combine_pvalues, norm
from study_matrices_data import Studies, studies

from gwasmeta.stats.fixed_effects import fixed_effects
from gwasmeta.stats.heterogeneity import heterogeneity
from gwasmeta.stats.normal import neg_log_10_p_value
from gwasmeta.stats.sample_size import effective_sample_size, weighted_z, weighted_z_heterogeneity


@given(studies(missing=False))
def test_agrees_with_scipy(data: Studies) -> None:
    z, n = data[0], 1000 * data[1]
    combined = weighted_z(z, n)
    for variant in range(len(z)):
        reference = combine_pvalues(norm.sf(z[variant]), "stouffer", np.sqrt(n[variant]))
        assert_allclose(combined.z[variant], reference.statistic, rtol=1e-9, atol=1e-12)


@given(studies())
def test_is_the_inverse_variance_scheme_for_a_trait_of_unit_variance(data: Studies) -> None:
    # beta = z / sqrt(n) with standard error 1 / sqrt(n) has weight n and the same z.
    z, n = data[0], 1000 * data[1]
    root_n = np.sqrt(np.where(np.isnan(z), np.nan, n))
    combined, expected = weighted_z(z, n), fixed_effects(z / root_n, 1 / root_n)
    assert_allclose(combined.z, expected.z, rtol=1e-11, atol=1e-13)
    assert_allclose(combined.neg_log_10_p_value, expected.neg_log_10_p_value, rtol=1e-10, atol=1e-13)
    found, expected_heterogeneity = weighted_z_heterogeneity(z, n), heterogeneity(z / root_n, 1 / root_n)
    assert_allclose(found.q, expected_heterogeneity.q, rtol=1e-11, atol=1e-13)
    assert_array_equal(found.degrees_of_freedom, expected_heterogeneity.degrees_of_freedom)


@given(studies())
def test_swapping_the_alleles_flips_the_sign_and_nothing_else(data: Studies) -> None:
    z, n = data
    kept, swapped = weighted_z(z, n), weighted_z(-z, n)
    assert_array_equal(swapped.z, -kept.z)
    assert_array_equal(swapped.n, kept.n)
    assert_array_equal(weighted_z_heterogeneity(-z, n).q, weighted_z_heterogeneity(z, n).q)


def test_by_hand() -> None:
    # S = 10 * 2 + 20 * (-1) + 5 * 4 = 20, N = 525, expected z = sqrt(n) S / N
    z, n = [[2, -1, np.nan, 4]], [[100, 400, 9, 25]]
    combined = weighted_z(z, n)
    assert_allclose(combined.z, 20 / np.sqrt(525), rtol=1e-14)
    assert_allclose(combined.neg_log_10_p_value, neg_log_10_p_value(20 / np.sqrt(525)), rtol=1e-13)
    assert_array_equal(combined.n, [525])
    q = (2 - 200 / 525) ** 2 + (-1 - 400 / 525) ** 2 + (4 - 100 / 525) ** 2
    assert_allclose(weighted_z_heterogeneity(z, n).q, q, rtol=1e-14)
    assert weighted_z_heterogeneity(z, n).degrees_of_freedom[0] == 2


def test_one_study_two_equal_studies_and_no_study() -> None:
    z, n = [[3, np.nan], [3, 3], [np.nan, np.nan]], np.full((3, 2), 500)
    combined = weighted_z(z, n)
    assert_allclose(combined.z, [3, 3 * np.sqrt(2), np.nan], rtol=1e-14)
    assert_array_equal(combined.n, [500, 1000, 0])
    assert_allclose(weighted_z_heterogeneity(z, n).q, [0, 0, np.nan], atol=1e-28)


@pytest.mark.parametrize("faulty", [0, -5, np.nan, np.inf])
def test_a_measured_variant_needs_a_sample_size(faulty: float) -> None:
    for function in (weighted_z, weighted_z_heterogeneity):
        with pytest.raises(ValueError, match=re.escape(f"n[0, 1] is {float(faulty)}: ")):
            function([[1, 2]], [[100, faulty]])


def test_what_cannot_be_z_statistics_is_refused() -> None:
    with pytest.raises(ValueError, match=re.escape("z[0, 0] is inf: ")):
        weighted_z([[np.inf, 2]], [[100, 100]])
    with pytest.raises(ValueError, match=r"z has shape \(2,\) and n has shape \(2,\)"):
        weighted_z([1, 2], [100, 100])


def test_effective_sample_size() -> None:
    assert_allclose(effective_sample_size([1000, 100], [1000, 10_000]), [2000, 4 / 0.0101], rtol=1e-14)
    assert_array_equal(effective_sample_size([0, 5, 0, np.nan], [5, 0, 0, 5]), [0, 0, 0, np.nan])


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_no_study_is_more_effective_than_a_balanced_one(n_cases: int, n_controls: int) -> None:
    size = effective_sample_size(n_cases, n_controls)
    assert size == effective_sample_size(n_controls, n_cases)
    assert size <= (n_cases + n_controls) * (1 + 1e-15)
    assert size < 4 * min(n_cases, n_controls)
