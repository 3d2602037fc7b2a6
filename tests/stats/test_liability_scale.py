"""The liability scale: a published factor, the integral behind it, and quantitative traits."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import norm

from gwasmeta.errors import GwasmetaError
from gwasmeta.stats.liability_scale import liability_scale


def test_half_the_population_is_ill() -> None:
    # The density at a threshold of 0 is 1 / sqrt(2 pi).
    assert_allclose(liability_scale(0.5, 0.5), np.pi / 2, rtol=1e-14)


@pytest.mark.parametrize(("sample", "population"), [(0.5, 0.01), (0.4, 0.02), (0.1, 0.3), (0.9, 1e-5)])
def test_it_is_the_formula_of_lee_with_the_normal_distribution_of_scipy(sample: float, population: float) -> None:
    density = norm.pdf(norm.isf(population))
    expected = population**2 * (1 - population) ** 2 / (sample * (1 - sample) * density**2)
    assert_allclose(liability_scale(sample, population), expected, rtol=1e-13)


def test_effects_on_cases_are_those_on_the_liability_divided_by_its_root() -> None:
    # Without ascertainment: the regression of being ill on a liability's part with variance h² has a slope of
    # the density at the threshold, so that it explains h² density² of the variance K (1 - K).
    rng = np.random.default_rng(5)
    h2, K = 0.5, 0.1
    genetic = rng.normal(0, np.sqrt(h2), 1_000_000)
    ill = genetic + rng.normal(0, np.sqrt(1 - h2), genetic.size) > norm.isf(K)
    slope = np.cov(genetic, ill)[0, 1] / h2
    observed = slope**2 * h2 / (K * (1 - K))
    assert_allclose(observed * liability_scale(K, K), h2, rtol=0.02)


def test_quantitative_traits_stay_as_they_are() -> None:
    factors = liability_scale([np.nan, 0.5], [np.nan, 0.5])
    assert factors[0] == 1
    assert_allclose(factors[1], np.pi / 2, rtol=1e-14)


@pytest.mark.parametrize(
    ("sample", "population"), [(0.4, np.nan), (np.nan, 0.02), (0, 0.02), (0.4, 1), (40, 2), (-0.1, 0.1)]
)
def test_prevalences_that_are_none_are_refused(sample: float, population: float) -> None:
    with pytest.raises(GwasmetaError, match=r"trait 2 has .*\n.*above 0 and below 1"):
        liability_scale([0.3, sample], [0.1, population])


def test_shapes_differ() -> None:
    with pytest.raises(ValueError, match=r"shape \(2,\)"):
        liability_scale([0.3, 0.4], [0.1])
