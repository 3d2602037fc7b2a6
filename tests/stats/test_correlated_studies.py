"""Correlated studies: statsmodels, the combinations of independent studies, closed forms, shared people."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import chi2
from statsmodels.regression.linear_model import GLS
from study_matrices_data import FloatArray, Studies, studies

from gwasmeta.errors import GwasmetaError
from gwasmeta.stats.correlated_studies import _order_by_pattern, correlated_fixed_effects, correlated_z
from gwasmeta.stats.fixed_effects import fixed_effects
from gwasmeta.stats.heterogeneity import heterogeneity, heterogeneity_of_q
from gwasmeta.stats.normal import neg_log_10_p_value
from gwasmeta.stats.sample_size import weighted_z
from gwasmeta.stats.shared_samples import correlation_of_shared_samples

seeds = st.integers(0, 2**32 - 1)


@pytest.fixture(scope="module", autouse=True)
def compiled_least_squares() -> None:
    """Compile once, so that no single example is blamed for the compiler's time."""
    correlated_fixed_effects([[0.1, 0.5]], [[0.1, 0.1]], np.eye(2))


def some_correlation(seed: int, n_studies: int) -> FloatArray:
    """Return a correlation matrix with correlations of all sizes."""
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(n_studies, n_studies + 2)) + rng.choice([0, 1, 2])
    covariance = factor @ factor.T
    root = np.sqrt(np.diag(covariance))
    return np.asarray(covariance / np.outer(root, root))


def assert_agrees_with_statsmodels(beta: FloatArray, error: FloatArray, correlation: FloatArray) -> None:
    found = correlated_fixed_effects(beta, error, correlation)
    for variant, measured in enumerate(~np.isnan(beta)):
        if not measured.any():
            assert np.isnan([found.beta[variant], found.standard_error[variant], found.q[variant]]).all()
            continue
        b, d = beta[variant, measured], np.diag(error[variant, measured])
        model = GLS(b, np.ones(len(b)), sigma=d @ correlation[np.ix_(measured, measured)] @ d)
        reference = model.fit()
        assert_allclose(found.beta[variant], reference.params[0], rtol=1e-8, atol=1e-11)
        assert_allclose(found.standard_error[variant], np.sqrt(model.normalized_cov_params[0, 0]), rtol=1e-8)
        assert_allclose(found.q[variant], reference.ssr, rtol=1e-7, atol=1e-9)
        assert found.n_studies[variant] == len(b)
    assert_array_equal(found.z, found.beta / found.standard_error)
    assert_array_equal(found.neg_log_10_p_value, neg_log_10_p_value(found.z))


@given(data=studies(), seed=seeds)
def test_agrees_with_generalised_least_squares_of_statsmodels(data: Studies, seed: int) -> None:
    beta, error = data
    assert_agrees_with_statsmodels(beta, error, some_correlation(seed, beta.shape[1]))


def test_many_studies_and_many_patterns_agree_with_statsmodels() -> None:
    # Over 64 studies, the patterns need more than one word; some occur again far off, one variant has none.
    rng = np.random.default_rng(12)
    beta = rng.normal(size=(60, 70))
    beta[rng.random(beta.shape) < 0.3] = np.nan
    beta[40:50] = np.where(np.isnan(beta[:10]), np.nan, rng.normal(size=(10, 70)))
    beta[50, :69] = np.nan
    beta[51] = np.nan
    assert_agrees_with_statsmodels(beta, rng.uniform(0.1, 2, beta.shape), some_correlation(13, 70))


def test_each_pattern_of_absent_studies_is_met_once() -> None:
    # The matrix of a pattern is factorised anew where the pattern changes.
    rng = np.random.default_rng(14)
    patterns = rng.random((30, 150)) < 0.8
    patterns[15:, :64] = patterns[:15, :64]
    measured = patterns[rng.integers(0, 30, 2000)]
    in_order = measured[_order_by_pattern(measured)]
    n_changes = np.count_nonzero((in_order[1:] != in_order[:-1]).any(axis=1))
    assert n_changes + 1 == len(np.unique(measured, axis=0)) == 30


@given(studies())
def test_uncorrelated_studies_are_combined_as_independent_ones(data: Studies) -> None:
    beta, error = data
    independent = np.eye(beta.shape[1])
    found, expected = correlated_fixed_effects(beta, error, independent), fixed_effects(beta, error)
    assert_allclose(found.beta, expected.beta, rtol=1e-12, atol=1e-15)
    assert_allclose(found.standard_error, expected.standard_error, rtol=1e-14)
    q = heterogeneity(beta, error)
    of_found = heterogeneity_of_q(found.q, found.n_studies)
    assert_allclose(of_found.q, q.q, rtol=1e-9, atol=1e-12)
    assert_array_equal(of_found.degrees_of_freedom, q.degrees_of_freedom)

    n = 1000 * error
    found_z, expected_z = correlated_z(beta, n, independent), weighted_z(beta, n)
    assert_allclose(found_z.z, expected_z.z, rtol=1e-13, atol=1e-15)
    assert_array_equal(found_z.n, expected_z.n)
    assert_allclose(found_z.effective_n, expected_z.n, rtol=1e-13)


@given(data=studies(), seed=seeds)
def test_the_order_of_studies_and_variants_and_the_allele_are_irrelevant(data: Studies, seed: int) -> None:
    beta, error = data
    correlation = some_correlation(seed, beta.shape[1])
    studies_order = np.random.default_rng(seed).permutation(beta.shape[1])
    variants_order = np.random.default_rng(seed).permutation(beta.shape[0])
    b, e = (values[variants_order][:, studies_order] for values in (beta, error))
    r = correlation[np.ix_(studies_order, studies_order)]

    kept, moved = correlated_fixed_effects(beta, error, correlation), correlated_fixed_effects(-b, e, r)
    assert_allclose(moved.beta, -kept.beta[variants_order], rtol=1e-8, atol=1e-11)
    assert_allclose(moved.standard_error, kept.standard_error[variants_order], rtol=1e-9)
    assert_allclose(moved.q, kept.q[variants_order], rtol=1e-7, atol=1e-9)
    kept_z, moved_z = correlated_z(beta, 1000 * error, correlation), correlated_z(-b, 1000 * e, r)
    assert_allclose(moved_z.z, -kept_z.z[variants_order], rtol=1e-9, atol=1e-12)
    assert_allclose(moved_z.effective_n, kept_z.effective_n[variants_order], rtol=1e-9)


@given(data=studies(), seed=seeds)
def test_an_absent_study_is_as_if_it_did_not_exist(data: Studies, seed: int) -> None:
    z, n = data[0], 1000 * data[1]
    correlation = some_correlation(seed, z.shape[1])
    found = correlated_z(z, n, correlation)
    for variant, measured in enumerate(~np.isnan(z)):
        there = correlation[np.ix_(measured, measured)]
        alone = correlated_z(z[[variant]][:, measured], n[[variant]][:, measured], there)
        for name in ("z", "neg_log_10_p_value", "n", "effective_n"):
            assert_allclose(getattr(found, name)[variant], getattr(alone, name)[0], rtol=1e-10, atol=1e-13)


def test_equally_correlated_studies_have_closed_forms() -> None:
    k, rho = 5, 0.3
    correlation = np.full((k, k), rho) + (1 - rho) * np.eye(k)
    beta = np.array([[0.1, -0.2, 0.4, 0.3, 0.05]])
    found = correlated_fixed_effects(beta, np.full((1, k), 0.2), correlation)
    assert_allclose(found.beta, beta.mean(axis=1), rtol=1e-13)
    assert_allclose(found.standard_error**2, 0.04 * (1 + (k - 1) * rho) / k, rtol=1e-13)
    assert_allclose(found.q, beta.var() * k / (0.04 * (1 - rho)), rtol=1e-12)

    found_z = correlated_z(beta / 0.2, np.full((1, k), 1000), correlation)
    assert_allclose(found_z.z, found.z, rtol=1e-13)  # of studies of one size, these weights are the best ones
    assert_allclose(found_z.effective_n, k * 1000 / (1 + (k - 1) * rho), rtol=1e-13)
    assert_array_equal(found_z.n, [5000])


def test_a_copy_of_a_study_adds_nothing() -> None:
    nearly_one = 1 - 1e-7
    correlation = [[1, nearly_one], [nearly_one, 1]]
    found = correlated_fixed_effects([[0.3, 0.3]], [[0.1, 0.1]], correlation)
    assert_allclose([found.beta[0], found.standard_error[0]], [0.3, 0.1], rtol=1e-7)
    found_z = correlated_z([[3, 3]], [[500, 500]], correlation)
    assert_allclose([found_z.z[0], found_z.effective_n[0], found_z.n[0]], [3, 500, 1000], rtol=1e-7)


@given(data=studies(missing=False), seed=seeds)
def test_no_weights_beat_those_of_generalised_least_squares(data: Studies, seed: int) -> None:
    z, n = data[0], 1000 * data[1]
    correlation = some_correlation(seed, z.shape[1])
    best = correlated_fixed_effects(z / np.sqrt(n), 1 / np.sqrt(n), correlation)
    found = correlated_z(z, n, correlation)
    assert (found.effective_n <= best.standard_error**-2 * (1 + 1e-9)).all()


def test_of_people_in_both_studies_and_people_in_one_none_is_worth_more_than_one() -> None:
    # Two studies of 1000 people, 500 of them the same: 1500 people, but the common ones count twice in the mean.
    correlation = correlation_of_shared_samples([[1000, 500], [500, 1000]])
    assert_allclose(correlated_z([[1, 1]], [[1000, 1000]], correlation).effective_n, 4000 / 3, rtol=1e-13)


def regression(dosage: FloatArray, trait: FloatArray) -> Studies:
    """Regress the trait on each variant; effects and standard errors of shape (n_variants,)."""
    x = dosage - dosage.mean(axis=1, keepdims=True)
    y = trait - trait.mean()
    sum_x2 = (x**2).sum(axis=1)
    beta = x @ y / sum_x2
    residual_variance = (y @ y - beta**2 * sum_x2) / (len(y) - 2)
    return beta, np.sqrt(residual_variance / sum_x2)


def test_studies_that_share_people_keep_the_level_of_the_test() -> None:
    rng = np.random.default_rng(20240604)
    n_variants, people = 10_000, [np.arange(0, 800), np.arange(400, 1200), np.arange(600, 900)]
    dosage = rng.binomial(2, rng.uniform(0.2, 0.5, (n_variants, 1)), (n_variants, 1200)).astype(np.float64)
    trait = rng.normal(size=1200)
    results = [regression(dosage[:, study], trait[study]) for study in people]
    beta, error = (np.stack(columns, axis=1) for columns in zip(*results, strict=True))
    n = np.broadcast_to([len(study) for study in people], beta.shape)
    shared = [[len(np.intersect1d(one, other)) for other in people] for one in people]
    correlation = correlation_of_shared_samples(shared)

    corrected = correlated_fixed_effects(beta, error, correlation)
    of_z = correlated_z(beta / error, n, correlation)
    for level in (0.5, 0.05, 0.005):
        binomial_error = np.sqrt(level * (1 - level) / n_variants)
        for neg_log_10_p in (corrected.neg_log_10_p_value, of_z.neg_log_10_p_value):
            assert abs((10**-neg_log_10_p < level).mean() - level) < 4 * binomial_error
        for uncorrected in (fixed_effects(beta, error), weighted_z(beta / error, n)):
            assert (10**-uncorrected.neg_log_10_p_value < level).mean() > level + 10 * binomial_error

    mean_q = corrected.q.mean()
    assert abs(mean_q - 2) < 4 * chi2(2).std() / np.sqrt(n_variants)
    assert_allclose(
        np.median(heterogeneity_of_q(corrected.q, corrected.n_studies).neg_log_10_p_value), 0.301, atol=0.02
    )


@pytest.mark.parametrize(
    ("correlation", "message"),
    [
        ([[1, 0.2, 0], [0.2, 1, 0], [0, 0, 1]], r"shape \(3, 3\), and there are 2 studies\n.*order of the studies"),
        ([1, 1], r"shape \(2,\), and there are 2 studies"),
        ([[1, 0.2], [0.3, 1]], r"row 1, column 2: 0.2\n.*other half"),
        ([[1, 0.2], [0.2, 0.9]], r"row 2, column 2: 0.9\n.*diagonal must be 1"),
        ([[1, np.nan], [np.nan, 1]], r"row 1, column 2: nan\n.*needs a number"),
        ([[1, 1], [1, 1]], r"not positive definite: .*\n.*\n  studies 1 and 2, 1: leave out one"),
        ([[1, -1.2], [-1.2, 1]], r"eigenvalue is -0.2\n.*\n  studies 1 and 2, -1.2: "),
    ],
)
def test_what_is_no_correlation_matrix_is_refused(correlation: list[list[float]], message: str) -> None:
    with pytest.raises(GwasmetaError, match=message):
        correlated_fixed_effects([[0.1, 0.2]], [[0.1, 0.1]], correlation)
    with pytest.raises(GwasmetaError, match=message):
        correlated_z([[0.1, 0.2]], [[100, 100]], correlation)


def test_a_matrix_rounded_in_a_file_is_taken_as_symmetric() -> None:
    rounded = [[1, 0.12345678], [0.123456785, 1 + 1e-9]]
    exact = [[1, 0.1234567825], [0.1234567825, 1]]
    found = correlated_fixed_effects([[0.1, 0.2]], [[0.1, 0.1]], rounded)
    assert_array_equal(found.standard_error, correlated_fixed_effects([[0.1, 0.2]], [[0.1, 0.1]], exact).standard_error)


def test_faulty_elements_are_named_and_no_variants_are_no_fault() -> None:
    with pytest.raises(ValueError, match=re.escape("standard_error[0, 1] is 0.0: ")):
        correlated_fixed_effects([[0.1, 0.2]], [[0.1, 0]], np.eye(2))
    with pytest.raises(ValueError, match=re.escape("n[0, 0] is -1.0: ")):
        correlated_z([[0.1, 0.2]], [[-1, 5]], np.eye(2))
    assert correlated_fixed_effects(np.zeros((0, 2)), np.zeros((0, 2)), np.eye(2)).beta.shape == (0,)
    assert correlated_z(np.zeros((0, 2)), np.zeros((0, 2)), np.eye(2)).z.shape == (0,)
