"""LD score regression of traits whose causal SNPs are known, in blocks of linkage disequilibrium."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
from ld_block_data import N_REPLICATES, Panel, assert_intervals_cover, assert_unbiased

from gwasmeta.stats.block_jackknife import Estimate
from gwasmeta.stats.genetic_correlation import CrossTraitRegressions, cross_trait_regressions
from gwasmeta.stats.ld_score_regression import HeritabilityRegression, heritability

GENETIC = np.array([[0.5, -0.24], [-0.24, 0.3]])
SIGMA = np.array([[1.04, 0.25], [0.25, 0.98]])  # some confounding, many people in common, some deflation
N = np.array([6_000.0, 9_000.0])
CORRELATION = GENETIC[0, 1] / np.sqrt(GENETIC[0, 0] * GENETIC[1, 1])

PANEL = Panel()


@lru_cache
def replicates() -> list[CrossTraitRegressions]:
    found = []
    for seed in range(N_REPLICATES):
        studies = PANEL.simulate(np.random.default_rng(seed), GENETIC, SIGMA, N)
        found.append(cross_trait_regressions(studies.z, studies.n, PANEL.ld_score, PANEL.weight_ld_score, PANEL.m))
    return found


def assert_true(estimates: list[Estimate], truth: float) -> None:
    values = np.array([estimate.value for estimate in estimates])
    assert_unbiased(values, np.asarray(truth), precision=0.01)
    assert_intervals_cover(values, np.array([estimate.standard_error for estimate in estimates]), np.asarray(truth))


@pytest.mark.parametrize("trait", [0, 1])
def test_heritabilities_and_intercepts(trait: int) -> None:
    own = [regressions.heritabilities[trait] for regressions in replicates()]
    assert_true([regression.heritability for regression in own], GENETIC[trait, trait])
    assert_true([regression.intercept for regression in own], SIGMA[trait, trait])


def test_genetic_covariances_correlations_and_their_intercepts() -> None:
    pairs = [regressions.pairs[0, 1] for regressions in replicates()]
    assert_true([pair.covariance.covariance for pair in pairs], GENETIC[0, 1])
    assert_true([pair.covariance.intercept for pair in pairs], SIGMA[0, 1])
    assert_true([pair.correlation for pair in pairs], CORRELATION)


def regress(seed: int, intercept: float | None, two_step: float | None) -> HeritabilityRegression:
    studies = PANEL.simulate(np.random.default_rng(seed), GENETIC[1:, 1:] / 3, SIGMA[1:, 1:], N[1:])
    columns = studies.z[:, 0], studies.n[:, 0], PANEL.ld_score, PANEL.weight_ld_score, PANEL.m
    return heritability(*columns, intercept=intercept, two_step=two_step)


@pytest.mark.parametrize(("intercept", "two_step"), [(None, 30.0), (SIGMA[1, 1], None)])
def test_two_steps_and_a_known_intercept(intercept: float | None, two_step: float | None) -> None:
    found = [regress(seed, intercept, two_step) for seed in range(N_REPLICATES)]
    assert_true([regression.heritability for regression in found], GENETIC[1, 1] / 3)
    if intercept is None:
        assert_true([regression.intercept for regression in found], SIGMA[1, 1])
