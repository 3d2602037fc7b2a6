"""MTAG from Sigma to its z statistics, of traits whose causal SNPs are known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pytest
from ld_block_data import N_REPLICATES, Panel, assert_intervals_cover, assert_unbiased
from mtag_data import OMEGA, SIGMA, Array, simulate
from scipy.stats import binom, kstest, norm

from gwasmeta.stats.genetic_correlation import PairwiseEstimates, residual_covariance
from gwasmeta.stats.genetic_covariance import omega_moments
from gwasmeta.stats.mtag_estimator import MtagEstimates, mtag

PANEL = Panel()
GENETIC = np.array([[0.5, 0.3, -0.15], [0.3, 0.4, 0.0], [-0.15, 0.0, 0.6]])
N = np.array([6_000.0, 9_000.0, 4_000.0])
# Of the effects that a SNP tags, as MTAG has it: those of the average SNP.
MARGINAL = GENETIC / PANEL.m * PANEL.ld_score.mean()


@dataclass(frozen=True)
class Run:
    """What was estimated from one simulation, and MTAG's z at SNPs that tag no effect on any trait."""

    sigma: PairwiseEstimates
    omega: Array
    null_z: Array


@lru_cache
def replicates() -> list[Run]:
    runs = []
    for seed in range(N_REPLICATES):
        data = PANEL.simulate(np.random.default_rng(seed), GENETIC, SIGMA, N)
        sigma = residual_covariance(data.z, data.n, PANEL.ld_score, PANEL.weight_ld_score, PANEL.m)
        omega = omega_moments(data.z, data.n, sigma.value)
        null_z = mtag(data.z[data.is_null], data.n[data.is_null], omega, sigma.value).z
        runs.append(Run(sigma, omega, null_z))
    return runs


def test_sigma_is_unbiased_and_its_intervals_cover() -> None:
    values = np.array([run.sigma.value for run in replicates()])
    assert_unbiased(values, SIGMA, precision=0.005)
    assert_intervals_cover(values, np.array([run.sigma.standard_error for run in replicates()]), SIGMA)


def test_omega_is_unbiased() -> None:
    values = np.array([run.omega for run in replicates()])
    assert_unbiased(values, MARGINAL, precision=0.03 * MARGINAL.diagonal().min())


def z_variance_of_null_snps(omega: Array, sigma: Array, n: Array) -> Array:
    """Return for each trait the variance of MTAG's z at a SNP that affects none, by the paper's formula."""
    errors = sigma / np.sqrt(np.outer(n, n))
    variances = []
    for trait in range(len(n)):
        weight = omega[:, trait] / omega[trait, trait]
        v = omega - np.outer(weight, weight) * omega[trait, trait] + errors
        of_effects = np.linalg.solve(v, weight)
        variances.append(of_effects @ errors @ of_effects / (weight @ of_effects))
    return np.array(variances)


def test_snps_that_tag_no_effect_are_no_more_significant_than_chance_has_it() -> None:
    """With Omega and Sigma estimated from the same data, half of whose SNPs have effects."""
    expected = z_variance_of_null_snps(MARGINAL, SIGMA, N)
    assert (expected < 0.98).all()  # their errors are taken for effects of the other traits too
    variances = np.array([(run.null_z**2).mean(axis=0) for run in replicates()])
    assert (variances.mean(axis=0) < 1).all()
    assert (np.abs(variances.mean(axis=0) - expected) < 0.02).all()  # Sigma's own errors are in them
    for p in (0.05, 0.001):
        significant = np.array([(np.abs(run.null_z) > norm.isf(p / 2)).mean(axis=0) for run in replicates()])
        assert (significant.mean(axis=0) < p).all()


def assert_normal(z: Array, variance: float) -> None:
    """By Kolmogorov and Smirnov, and by the numbers of SNPs in the tails."""
    standard = z / np.sqrt(variance)
    assert kstest(standard, norm.cdf).pvalue > 1e-3
    for p in (0.05, 1e-3, 1e-4):
        fewest, most = binom.interval(0.9999, z.size, p)
        assert fewest <= np.count_nonzero(np.abs(standard) > norm.isf(p / 2)) <= most


@pytest.mark.parametrize("n_traits", [2, 3])
def test_snps_without_any_effect_have_the_variance_of_the_formula(n_traits: int) -> None:
    omega, sigma = OMEGA[:n_traits, :n_traits], SIGMA[:n_traits, :n_traits]
    n = np.array([200e3, 120e3, 60e3])[:n_traits]
    z = np.random.default_rng(1).multivariate_normal(np.zeros(n_traits), sigma, 200_000)
    result = mtag(z, np.broadcast_to(n, z.shape), omega, sigma)
    variances = z_variance_of_null_snps(omega, sigma, n)
    assert (variances < 1).all()
    for trait, variance in enumerate(variances):
        assert_normal(result.z[:, trait], float(variance))


def test_snps_without_any_effect_are_standard_normal_if_the_traits_are_perfectly_correlated() -> None:
    root = np.sqrt(OMEGA.diagonal())
    data = simulate(np.random.default_rng(2), 200_000, effect=np.zeros((200_000, 3)))
    result = mtag(data.z, data.n, np.outer(root, root), SIGMA)
    for trait in range(3):
        assert_normal(result.z[:, trait], 1.0)


@pytest.mark.parametrize("n_traits", [2, 3])
def test_a_trait_without_effects_of_its_own_is_standard_normal_whatever_the_others_have(n_traits: int) -> None:
    omega, sigma = OMEGA[:n_traits, :n_traits], SIGMA[:n_traits, :n_traits]
    rng = np.random.default_rng(3)
    for trait in range(n_traits):
        weight = omega[:, trait] / omega[trait, trait]
        others = omega - np.outer(weight, weight) * omega[trait, trait]
        effect = rng.multivariate_normal(np.zeros(n_traits), others, 100_000, method="eigh")
        data = simulate(rng, 100_000, omega, sigma, effect)
        assert_normal(mtag(data.z, data.n, omega, sigma).z[:, trait], 1.0)


def test_effects_are_unbiased_and_as_uncertain_as_they_say_where_traits_are_missing() -> None:
    rng = np.random.default_rng(4)
    data = simulate(rng, 300_000)
    data.z[rng.random(data.z.shape) < 0.3] = np.nan
    result = mtag(data.z, data.n, OMEGA, SIGMA)
    patterns = np.unique(~np.isnan(data.z), axis=0)
    assert len(patterns) == 8
    for pattern in patterns[1:]:
        alike = (~np.isnan(data.z) == pattern).all(axis=1)
        for trait in np.flatnonzero(pattern):
            assert_calibrated(result, data.effect, alike, int(trait))


def assert_calibrated(result: MtagEstimates, effect: Array, snps: np.ndarray, trait: int) -> None:
    """The error of an estimate is 0 on average, has the variance that it says, and no regard to the true effect."""
    truth = effect[snps, trait]
    deviation = (result.beta[snps, trait] - truth) / result.standard_error[snps, trait]
    assert abs(deviation.mean()) < 4 / np.sqrt(truth.size)
    assert abs(deviation.var() - 1) < 4 * np.sqrt(2 / truth.size)
    assert abs(np.corrcoef(deviation, truth)[0, 1]) < 4 / np.sqrt(truth.size)
