"""Omega by moments against its definition and a known truth; the repair against what it promises."""

from __future__ import annotations

import numpy as np
import pytest
from mtag_data import LARGEST_N, OMEGA, SIGMA, random_covariance, simulate
from numpy.testing import assert_allclose, assert_array_equal

from gwasmeta.errors import GwasmetaError
from gwasmeta.stats.genetic_covariance import make_positive_semidefinite, omega_moments, perfectly_correlated


def test_moments_are_the_mean_of_what_covaries_beyond_the_errors() -> None:
    data = simulate(np.random.default_rng(1), 500)
    expected = np.zeros((3, 3))
    for z, n in zip(data.z, data.n, strict=True):
        expected += (np.outer(z, z) - SIGMA) / np.sqrt(np.outer(n, n)) / len(data.z)
    assert_allclose(omega_moments(data.z, data.n, SIGMA), expected, rtol=1e-12)


def test_moments_of_more_snps_than_a_block_are_those_of_its_parts() -> None:
    data = simulate(np.random.default_rng(2), 150_000)
    halves = [omega_moments(data.z[part], data.n[part], SIGMA) for part in (slice(75_000), slice(75_000, None))]
    assert_allclose(omega_moments(data.z, data.n, SIGMA), np.mean(halves, axis=0), rtol=1e-10)


def test_moments_are_unbiased() -> None:
    generator = np.random.default_rng(3)
    replicates = []
    for _ in range(200):
        data = simulate(generator, 2000)
        replicates.append(omega_moments(data.z, data.n, SIGMA))
    standard_error = np.std(replicates, axis=0, ddof=1) / np.sqrt(200)
    assert (standard_error < 0.02 * OMEGA.max()).all()
    assert (np.abs((np.mean(replicates, axis=0) - OMEGA) / standard_error) < 3.5).all()


def test_scaling_a_trait_scales_its_row() -> None:
    data = simulate(np.random.default_rng(4), 300)
    scale = np.array([1.0, 3.0, 1.0])  # of the effects: as if from a smaller sample
    scaled = omega_moments(data.z, data.n / scale**2, SIGMA)
    assert_allclose(scaled, omega_moments(data.z, data.n, SIGMA) * np.outer(scale, scale), rtol=1e-12)


def test_the_order_of_the_traits_is_irrelevant() -> None:
    data = simulate(np.random.default_rng(5), 300)
    order = [2, 0, 1]
    reordered = omega_moments(data.z[:, order], data.n[:, order], SIGMA[np.ix_(order, order)])
    assert_allclose(reordered, omega_moments(data.z, data.n, SIGMA)[np.ix_(order, order)], rtol=1e-12)


def test_a_missing_statistic_is_refused_by_its_place() -> None:
    data = simulate(np.random.default_rng(6), 10)
    data.z[3, 1] = np.nan
    with pytest.raises(ValueError, match=r"z\[3, 1\] is missing"):
        omega_moments(data.z, data.n, SIGMA)
    with pytest.raises(ValueError, match="no SNP"):
        omega_moments(np.empty((0, 3)), np.empty((0, 3)), SIGMA)


@pytest.mark.parametrize(
    ("sigma", "complaint"),
    [
        (SIGMA[:2, :2], r"shape \(2, 2\), and there are 3 traits"),
        (SIGMA + np.triu(np.full((3, 3), 0.01), 1), "sigma, row 1, column 2: 0.13"),
        (SIGMA - np.diag([0, 2, 0]), "sigma, row 2, column 2: -0.97"),
        (np.where(np.eye(3)[::-1], np.nan, SIGMA), "sigma, row 1, column 3: nan"),
    ],
)
def test_a_sigma_that_is_none_is_refused_by_its_element(sigma: np.ndarray, complaint: str) -> None:
    data = simulate(np.random.default_rng(7), 10)
    with pytest.raises(GwasmetaError, match=complaint):
        omega_moments(data.z, data.n, sigma)


def test_a_covariance_matrix_is_left_as_it_is() -> None:
    repaired = make_positive_semidefinite(OMEGA)
    assert_array_equal(repaired.matrix, OMEGA)
    assert not repaired.was_needed
    assert repaired.n_shrinkages == 0


def test_correlations_beyond_one_become_099() -> None:
    repaired = make_positive_semidefinite([[4.0, -7.0], [-7.0, 9.0]])
    assert_allclose(repaired.matrix, [[4.0, -0.99 * 6.0], [-0.99 * 6.0, 9.0]], rtol=1e-15)
    assert repaired.was_needed
    assert repaired.n_shrinkages == 0


def test_contradicting_correlations_are_shrunk_until_they_agree() -> None:
    # 1 - 2 r² + r² s - s² + ...: with r = 0.9 x, s = 0.2 x the determinant 1 - 1.66 x² + 0.324 x³ is 0 at x = 0.8468,
    # and 0.99^17 = 0.8429 is the first power below it
    given = np.array([[1.0, 0.9, 0.2], [0.9, 1.0, 0.9], [0.2, 0.9, 1.0]])
    repaired = make_positive_semidefinite(given)
    assert repaired.n_shrinkages == 17
    assert_allclose(repaired.matrix, np.where(np.eye(3), given, given * 0.99**17), rtol=1e-13)


def test_a_repaired_matrix_has_its_variances_and_no_negative_eigenvalue() -> None:
    generator = np.random.default_rng(8)
    n_needed = 0
    for _ in range(50):
        given = random_covariance(generator, 5)
        given += 0.8 * np.triu(generator.normal(size=(5, 5)), 1)
        given = np.triu(given) + np.triu(given, 1).T
        repaired = make_positive_semidefinite(given)
        n_needed += repaired.was_needed
        assert_array_equal(repaired.matrix.diagonal(), given.diagonal())
        assert np.linalg.eigvalsh(repaired.matrix).min() >= 0
        assert repaired.was_needed == (np.linalg.eigvalsh(given).min() < 0)
    assert n_needed > 10


def test_a_negative_variance_cannot_be_repaired() -> None:
    with pytest.raises(GwasmetaError, match="omega, row 2, column 2: -1"):
        make_positive_semidefinite(np.diag([1.0, -1.0]))


def test_perfect_correlation_keeps_the_variances() -> None:
    perfect = perfectly_correlated(OMEGA)
    assert_allclose(perfect.diagonal(), OMEGA.diagonal(), rtol=1e-15)
    root = np.sqrt(OMEGA.diagonal())
    assert_allclose(perfect / np.outer(root, root), np.ones((3, 3)), rtol=1e-15)


def test_moments_need_no_more_than_the_sample_sizes_ratio() -> None:
    """What a study of constant size says: the covariance of z less Sigma, by the sizes."""
    data = simulate(np.random.default_rng(9), 400)
    n = np.broadcast_to(LARGEST_N, data.z.shape)
    covariance = data.z.T @ data.z / len(data.z)
    expected = (covariance - SIGMA) / np.sqrt(np.outer(LARGEST_N, LARGEST_N))
    assert_allclose(omega_moments(data.z, n, SIGMA), expected, rtol=1e-10)
