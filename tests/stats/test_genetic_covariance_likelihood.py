"""Omega by maximum likelihood: the likelihood against scipy, its maximum against closed forms and a known truth."""

from __future__ import annotations

import numpy as np
import pytest
from mtag_data import LARGEST_N, OMEGA, SIGMA, Array, random_covariance, simulate
from numpy.testing import assert_allclose
from scipy.optimize import minimize
from scipy.stats import multivariate_normal

from gwasmeta.errors import GwasmetaError
from gwasmeta.stats.genetic_covariance import omega_moments
from gwasmeta.stats.genetic_covariance_likelihood import log_likelihood, omega_maximum_likelihood


def reference(z: Array, n: Array, omega: Array, sigma: Array) -> float:
    return sum(
        float(multivariate_normal.logpdf(of_snp, cov=omega * np.sqrt(np.outer(sizes, sizes)) + sigma))
        for of_snp, sizes in zip(z, n, strict=True)
    )


@pytest.mark.parametrize("n_traits", [1, 2, 3, 5])
def test_log_likelihood_is_that_of_normal_distributions(n_traits: int) -> None:
    generator = np.random.default_rng(n_traits)
    omega = random_covariance(generator, n_traits, 1e-6)
    sigma = np.eye(n_traits) + 0.05
    data = simulate(generator, 300, omega, sigma)
    expected = reference(data.z, data.n, omega, sigma)
    assert_allclose(log_likelihood(data.z, data.n, omega, sigma), expected, rtol=1e-12)


def test_log_likelihood_of_snps_with_one_sample_size_is_that_of_normal_distributions() -> None:
    data = simulate(np.random.default_rng(11), 300)
    n = np.broadcast_to(LARGEST_N, data.z.shape)
    assert_allclose(log_likelihood(data.z, n, OMEGA, SIGMA), reference(data.z, n, OMEGA, SIGMA), rtol=1e-12)


def test_no_statistic_is_too_large_for_the_likelihood() -> None:
    z, n = np.array([[37.5, 37.5, 0.1], [2000.0, -1500.0, 3.0]]), np.full((2, 3), 5e4)
    expected = reference(z, n, 1e-4 * OMEGA, SIGMA)
    assert expected < -1e5  # its density is 0
    assert_allclose(log_likelihood(z, n, 1e-4 * OMEGA, SIGMA), expected, rtol=1e-12)
    assert omega_maximum_likelihood(z, n, SIGMA).converged


def test_an_impossible_omega_has_no_likelihood() -> None:
    data = simulate(np.random.default_rng(12), 10)
    omega = np.where(np.eye(3), OMEGA, -10 * OMEGA.max())
    assert log_likelihood(data.z, data.n, omega, SIGMA) == -np.inf


def test_with_one_sample_size_the_most_likely_omega_is_that_of_the_moments() -> None:
    data = simulate(np.random.default_rng(13), 5000)
    n = np.broadcast_to(LARGEST_N, data.z.shape)
    found = omega_maximum_likelihood(data.z, n, SIGMA)
    assert found.converged
    assert_allclose(found.omega, omega_moments(data.z, n, SIGMA), rtol=1e-5)  # a sample covariance


def test_it_is_the_maximum_that_a_simplex_finds() -> None:
    data = simulate(np.random.default_rng(14), 400, OMEGA[:2, :2], SIGMA[:2, :2])

    def negative(x: Array) -> float:
        factor = 1e-3 * np.array([[np.exp(x[0]), 0], [x[1], np.exp(x[2])]])
        return -reference(data.z, data.n, factor @ factor.T, SIGMA[:2, :2])

    simplex = minimize(negative, [0.7, 1.0, 0.3], method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-9})
    found = omega_maximum_likelihood(data.z, data.n, SIGMA[:2, :2])
    assert found.converged
    assert_allclose(found.log_likelihood, -simplex.fun, atol=1e-5)
    factor = 1e-3 * np.array([[np.exp(simplex.x[0]), 0], [simplex.x[1], np.exp(simplex.x[2])]])
    assert_allclose(found.omega, factor @ factor.T, rtol=1e-3)


def test_nothing_near_it_is_more_likely() -> None:
    generator = np.random.default_rng(15)
    data = simulate(generator, 20_000)
    found = omega_maximum_likelihood(data.z, data.n, SIGMA)
    assert_allclose(found.log_likelihood, log_likelihood(data.z, data.n, found.omega, SIGMA), rtol=1e-14)
    for step in (1e-2, 1e-3):
        for _ in range(10):
            change = generator.normal(size=(3, 3)) * step * 1e-6
            near = log_likelihood(data.z, data.n, found.omega + change + change.T, SIGMA)
            assert near < found.log_likelihood + 1e-6


def test_it_is_near_the_truth() -> None:
    estimates = []
    for seed in range(20):
        data = simulate(np.random.default_rng(seed), 5000)
        estimates.append(omega_maximum_likelihood(data.z, data.n, SIGMA).omega)
    standard_error = np.std(estimates, axis=0, ddof=1) / np.sqrt(20)
    assert (np.abs(np.mean(estimates, axis=0) - OMEGA) < 4 * standard_error).all()


def test_it_is_found_on_the_edge_where_the_moments_have_no_covariance_matrix() -> None:
    perfect = 1e-6 * np.array([[4.0, 4.0], [4.0, 4.0]])
    sigma = np.eye(2)
    for seed in range(20):
        data = simulate(np.random.default_rng(seed), 2000, perfect, sigma)
        moments = omega_moments(data.z, data.n, sigma)
        if np.linalg.det(moments) < 0:
            break
    found = omega_maximum_likelihood(data.z, data.n, sigma)
    bound = omega_maximum_likelihood(data.z, data.n, sigma, perfect_correlation=True)
    assert found.converged
    assert np.linalg.eigvalsh(found.omega).min() > -1e-18
    assert_allclose(found.log_likelihood, bound.log_likelihood, atol=1e-3)
    assert_allclose(found.omega, bound.omega, rtol=1e-2)


def test_perfect_correlation_is_the_best_of_those() -> None:
    data = simulate(np.random.default_rng(16), 2000)
    found = omega_maximum_likelihood(data.z, data.n, SIGMA, perfect_correlation=True)
    root = np.sqrt(found.omega.diagonal())
    assert_allclose(found.omega / np.outer(root, root), np.ones((3, 3)), rtol=1e-12)

    def negative(x: Array) -> float:
        return -log_likelihood(data.z, data.n, 1e-6 * np.exp(np.add.outer(x, x)), SIGMA)

    simplex = minimize(negative, [0.5, 0.5, 0.5], method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-8})
    assert found.converged
    assert_allclose(found.log_likelihood, -simplex.fun, atol=1e-5)
    assert_allclose(root, 1e-3 * np.exp(simplex.x), rtol=1e-3)


def test_the_order_of_snps_and_traits_is_irrelevant() -> None:
    generator = np.random.default_rng(17)
    data = simulate(generator, 2000)
    traits, snps = [1, 2, 0], generator.permutation(2000)
    found = omega_maximum_likelihood(data.z, data.n, SIGMA).omega
    z, n = data.z[snps][:, traits], data.n[snps][:, traits]
    reordered = omega_maximum_likelihood(z, n, SIGMA[np.ix_(traits, traits)]).omega
    assert_allclose(reordered, found[np.ix_(traits, traits)], rtol=1e-4, atol=1e-10)


def test_a_singular_sigma_is_refused() -> None:
    data = simulate(np.random.default_rng(18), 10)
    with pytest.raises(GwasmetaError, match="sigma is not positive definite"):
        log_likelihood(data.z, data.n, OMEGA, np.ones((3, 3)))
