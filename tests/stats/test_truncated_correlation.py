"""Truncated correlation: scipy's bivariate normal, a search of its likelihood, closed forms, known overlap."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize_scalar
from scipy.stats import multivariate_normal, norm
from study_matrices_data import FloatArray

from gwasmeta.errors import GwasmetaError
from gwasmeta.stats.truncated_correlation import (
    correlation_from_sums,
    near_null_sums,
    rectangle_probability,
    truncated_correlation,
)

CUTOFFS = [0.3, 1.0, 2.0]
every_cutoff = pytest.mark.parametrize("cutoff", CUTOFFS)


def scipy_rectangle(rho: float, cutoff: float) -> float:
    corner = np.full(2, cutoff)
    covariance = [[1, rho], [rho, 1]]
    return float(multivariate_normal.cdf(corner, cov=covariance, allow_singular=True, lower_limit=-corner))


@pytest.mark.parametrize("cutoff", [0.05, *CUTOFFS, 5.0, 20.0])
@pytest.mark.parametrize("rho", [-0.99999, -0.95, -0.4, -1e-4, 0, 0.1, 0.7, 0.999, 0.9999999])
def test_the_probability_of_the_square_is_that_of_scipy(rho: float, cutoff: float) -> None:
    assert_allclose(rectangle_probability(np.arctanh(rho), cutoff), scipy_rectangle(rho, cutoff), rtol=0, atol=5e-15)


@every_cutoff
def test_the_probability_of_the_square_has_closed_forms(cutoff: float) -> None:
    one = 1 - 2 * norm.sf(cutoff)
    assert_allclose(rectangle_probability([0, 60, -60], cutoff), [one**2, one, one], rtol=0, atol=1e-15)


def log_likelihood(rho: float, z: FloatArray, cutoff: float) -> float:
    density = multivariate_normal.logpdf(z, cov=[[1, rho], [rho, 1]])
    return float(np.sum(density) - len(z) * np.log(scipy_rectangle(rho, cutoff)))


def truncated_normal_pairs(rng: np.random.Generator, rho: float, cutoff: float, n: int) -> FloatArray:
    """Draw n pairs with both |z| below the cutoff."""
    share = scipy_rectangle(rho, cutoff)
    z = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], int(3 * n / share) + 200)
    return np.asarray(z[(np.abs(z) < cutoff).all(axis=1)][:n])


@every_cutoff
@pytest.mark.parametrize("rho", [-0.6, 0.0, 0.3, 0.9])
def test_the_estimate_maximises_the_likelihood_of_scipy(rho: float, cutoff: float) -> None:
    z = truncated_normal_pairs(np.random.default_rng(7), rho, cutoff, 3000)
    best = minimize_scalar(
        lambda r: -log_likelihood(r, z, cutoff), bounds=(-0.9999, 0.9999), method="bounded", options={"xatol": 1e-11}
    )
    assert_allclose(truncated_correlation(z[:, 0], z[:, 1], cutoff), best.x, rtol=0, atol=1e-6)


@lru_cache
def rectangles(cutoff: float) -> tuple[FloatArray, FloatArray]:
    rho = np.tanh(np.linspace(-6, 6, 601))
    return rho, np.array([scipy_rectangle(r, cutoff) for r in rho])


@every_cutoff
@settings(deadline=None)  # the first example fills the cache
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 6))
def test_no_correlation_is_more_likely_even_for_a_handful_of_pairs(cutoff: float, seed: int, n: int) -> None:
    # There the likelihood may have two maxima, the more so the closer the pairs are to zero.
    rng = np.random.default_rng(seed)
    z1, z2 = rng.uniform(-cutoff, cutoff, (2, n)) * rng.choice([1, 0.3, 0.01])
    rho, rectangle = rectangles(cutoff)

    def mean_log_likelihood(r: FloatArray, probability: FloatArray) -> FloatArray:
        exponent = (np.mean(z1**2 + z2**2) - 2 * r * np.mean(z1 * z2)) / (1 - r**2)
        return np.asarray(-0.5 * (exponent + np.log(1 - r**2)) - np.log(probability))

    found = truncated_correlation(z1, z2, cutoff)
    at_found = mean_log_likelihood(np.array(found), np.array(scipy_rectangle(found, cutoff)))
    assert at_found >= mean_log_likelihood(rho, rectangle).max() - 1e-10


@pytest.mark.parametrize("seed", range(5))
def test_without_truncation_it_is_the_root_of_a_cubic(seed: int) -> None:
    # Kendall & Stuart, The Advanced Theory of Statistics, volume 2, example 18.3: variances known to be 1.
    z = np.random.default_rng(seed).multivariate_normal([0, 0], [[1, 0.4], [0.4, 1]], 50)
    m, p = np.mean(z[:, 0] ** 2 + z[:, 1] ** 2), np.mean(z[:, 0] * z[:, 1])
    roots = np.roots(np.array([1, -p, m - 1, -p]))
    real = roots[np.abs(roots.imag) < 1e-9].real
    assert len(real) == 1
    assert_allclose(truncated_correlation(z[:, 0], z[:, 1], np.inf), real[0], rtol=1e-11)


@pytest.mark.parametrize(("cutoff", "factor"), [(1.0, 3.4), (2.0, 1.3)])
@pytest.mark.parametrize("rho", [-0.3, 0.0, 0.2, 0.6])
def test_it_finds_the_correlation_of_which_only_the_middle_is_seen(rho: float, cutoff: float, factor: float) -> None:
    z = np.random.default_rng(11).multivariate_normal([0, 0], [[1, rho], [rho, 1]], 400_000)
    n = np.count_nonzero((np.abs(z) < cutoff).all(axis=1))
    assert abs(truncated_correlation(z[:, 0], z[:, 1], cutoff) - rho) < 4 * factor / np.sqrt(n)


@pytest.mark.parametrize(("cutoff", "factor"), [(1.0, 3.4), (2.0, 1.3)])
def test_the_standard_error_of_unrelated_studies_is_as_documented(cutoff: float, factor: float) -> None:
    n_variants = 2000
    z = norm.ppf(np.random.default_rng(5).uniform(norm.cdf(-cutoff), norm.cdf(cutoff), (n_variants, 60)))
    sums = near_null_sums(z, cutoff)
    estimates = correlation_from_sums(sums.n, sums.sum_squares, sums.sum_products, cutoff)[np.triu_indices(60, 1)]
    assert_allclose(estimates.std() * np.sqrt(n_variants), factor, rtol=0.06)  # two standard errors of 1770 pairs


def test_large_statistics_do_not_matter() -> None:
    rng = np.random.default_rng(3)
    z1, z2 = rng.normal(size=(2, 1000))
    associated = np.full(500, 8.0)
    with_associations = truncated_correlation(np.append(z1, associated), np.append(z2, associated))
    assert_allclose(with_associations, truncated_correlation(z1, z2), rtol=1e-10)


@every_cutoff
def test_sums_are_those_of_the_variants_next_to_zero_in_both(cutoff: float) -> None:
    z = np.random.default_rng(1).normal(size=(200, 4))
    z[np.random.default_rng(2).random(z.shape) < 0.2] = np.nan
    z[0, :2] = cutoff, 0  # not below
    sums = near_null_sums(z, cutoff)
    for one in range(4):
        for other in range(4):
            pairs = z[:, [one, other]]
            used = pairs[(np.abs(pairs) < cutoff).all(axis=1)]
            assert sums.n[one, other] == len(used)
            assert_allclose(sums.sum_squares[one, other], (used**2).sum(), rtol=1e-12)
            assert_allclose(sums.sum_products[one, other], used.prod(axis=1).sum(), rtol=1e-12, atol=1e-13)
    blocks = [near_null_sums(z[:77], cutoff), near_null_sums(z[77:], cutoff)]
    assert_array_equal(blocks[0].n + blocks[1].n, sums.n)
    assert_allclose(blocks[0].sum_products + blocks[1].sum_products, sums.sum_products, rtol=1e-12, atol=1e-13)
    assert_allclose(blocks[0].sum_squares + blocks[1].sum_squares, sums.sum_squares, rtol=1e-12)


def test_a_matrix_of_sums_gives_the_matrix_of_pairwise_estimates() -> None:
    z = np.random.default_rng(4).normal(size=(500, 3)) @ [[1, 0.5, 0], [0, 1, 0.5], [0, 0, 1]] / [1, 1.2, 1.2]
    sums = near_null_sums(z)
    matrix = correlation_from_sums(sums.n, sums.sum_squares, sums.sum_products)
    assert_allclose(np.diag(matrix), 1, rtol=1e-12)
    assert_array_equal(matrix, matrix.T)
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert_allclose(matrix[one, other], truncated_correlation(z[:, one], z[:, other]), rtol=1e-12)


@every_cutoff
def test_another_allele_order_of_studies_and_copies(cutoff: float) -> None:
    z1, z2 = np.random.default_rng(8).normal(size=(2, 300))
    found = truncated_correlation(z1, z2, cutoff)
    assert_allclose(truncated_correlation(z2, z1, cutoff), found, rtol=1e-12)
    assert_allclose(truncated_correlation(-z1, z2, cutoff), -found, rtol=1e-9)
    assert_allclose(truncated_correlation(z1, z1, cutoff), 1, rtol=1e-12)
    assert_allclose(truncated_correlation(z1, -z1, cutoff), -1, rtol=1e-12)
    almost = truncated_correlation(z1, z1 + 1e-5 * z2, cutoff)  # 1 - rho is half the mean squared difference
    assert_allclose(1 - almost, 0.5e-10, rtol=0.5)


def test_without_pairs_there_is_no_estimate_and_without_products_it_is_zero() -> None:
    assert np.isnan(truncated_correlation([2, np.nan, 0.1], [0.1, 0.1, -3]))
    assert truncated_correlation([0, 0], [0, 0]) == 0
    assert truncated_correlation([0.5, 0.5], [0.5, -0.5]) == 0
    assert_array_equal(np.isnan(correlation_from_sums([0, 10], [0, 5], [0, 1])), [True, False])
    assert correlation_from_sums(np.zeros((0, 2)), np.zeros((0, 2)), np.zeros((0, 2))).shape == (0, 2)


@pytest.mark.parametrize("cutoff", [0, -1, np.nan])
def test_a_cutoff_that_leaves_nothing_is_refused(cutoff: float) -> None:
    for refused in (
        lambda: truncated_correlation([0.1], [0.1], cutoff),
        lambda: near_null_sums([[0.1, 0.1]], cutoff),
        lambda: correlation_from_sums(1, 1, 0.5, cutoff),
    ):
        with pytest.raises(GwasmetaError, match=r"the cutoff of z is .*\n.*must be positive"):
            refused()
