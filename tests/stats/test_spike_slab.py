"""The spike and slab, against scipy's simplex on a likelihood of scipy's, and a known truth."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import norm

from gwasmeta.errors import GwasmetaError
from gwasmeta.stats.spike_slab import fit_spike_slab

Array = NDArray[np.float64]


def simulate(generator: np.random.Generator, n_snps: int, causal: float, slab_variance: float) -> tuple[Array, Array]:
    standard_error = generator.uniform(0.002, 0.004, n_snps)
    effect = np.where(generator.random(n_snps) < causal, generator.normal(0, np.sqrt(slab_variance), n_snps), 0)
    return effect + generator.normal(0, standard_error), standard_error


def reference(beta: Array, standard_error: Array, causal: float, slab_variance: float) -> float:
    spike = norm.logpdf(beta, 0, standard_error) + np.log1p(-causal)
    slab = norm.logpdf(beta, 0, np.sqrt(standard_error**2 + slab_variance)) + np.log(causal)
    return float(np.logaddexp(spike, slab).sum())


@pytest.mark.parametrize(("causal", "slab_variance"), [(0.05, 1e-4), (0.3, 2e-5), (0.7, 8e-6)])
def test_it_is_the_maximum_that_a_simplex_finds(causal: float, slab_variance: float) -> None:
    beta, standard_error = simulate(np.random.default_rng(1), 20_000, causal, slab_variance)
    found = fit_spike_slab(beta, standard_error)

    def negative(x: Array) -> float:
        return -reference(beta, standard_error, 1 / (1 + np.exp(-x[0])), np.exp(x[1]))

    start = [np.log(causal / (1 - causal)), np.log(slab_variance)]
    simplex = minimize(negative, start, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-9})
    assert found.converged
    assert_allclose(found.log_likelihood, -simplex.fun, atol=1e-6)
    assert_allclose(found.causal_probability, 1 / (1 + np.exp(-simplex.x[0])), rtol=1e-4)
    assert_allclose(found.slab_variance, np.exp(simplex.x[1]), rtol=1e-4)


def test_it_is_near_the_truth() -> None:
    fits = [fit_spike_slab(*simulate(np.random.default_rng(seed), 20_000, 0.1, 5e-5)) for seed in range(50)]
    for estimates, truth in (
        ([fit.causal_probability for fit in fits], 0.1),
        ([fit.slab_variance for fit in fits], 5e-5),
    ):
        assert abs(np.mean(estimates) - truth) < 4 * np.std(estimates, ddof=1) / np.sqrt(50)


def test_other_units_rescale_the_slab_alone() -> None:
    beta, standard_error = simulate(np.random.default_rng(2), 5000, 0.2, 5e-5)
    metres, millimetres = fit_spike_slab(beta, standard_error), fit_spike_slab(1e3 * beta, 1e3 * standard_error)
    assert_allclose(millimetres.causal_probability, metres.causal_probability, rtol=1e-5)
    assert_allclose(millimetres.slab_variance, 1e6 * metres.slab_variance, rtol=1e-5)


def test_no_effect_is_too_large() -> None:
    beta, standard_error = simulate(np.random.default_rng(3), 1000, 0.1, 5e-5)
    beta[0] = 1.0  # |z| of some hundreds: its density under the spike is 0
    found = fit_spike_slab(beta, standard_error)
    expected = reference(beta, standard_error, found.causal_probability, found.slab_variance)
    assert_allclose(found.log_likelihood, expected, rtol=1e-12)


def test_missing_effects_are_left_out() -> None:
    beta, standard_error = simulate(np.random.default_rng(4), 1000, 0.1, 5e-5)
    with_missing = fit_spike_slab(np.r_[np.nan, beta], np.r_[np.nan, standard_error])
    assert with_missing == fit_spike_slab(beta, standard_error)
    with pytest.raises(GwasmetaError, match="no SNP has an effect"):
        fit_spike_slab([np.nan], [np.nan])


def test_without_effects_the_slab_vanishes_in_one_way_or_the_other() -> None:
    generator = np.random.default_rng(5)
    standard_error = np.full(5000, 0.003)
    found = fit_spike_slab(generator.normal(0, 0.9 * standard_error), standard_error)
    assert found.causal_probability * found.slab_variance < 1e-3 * 0.003**2
