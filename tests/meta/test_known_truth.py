"""Simulated effects of known size and spread through the engine: estimates are unbiased, intervals cover.

The replicates are the variants, so a few thousand of them are one run. Seeds are fixed; the bounds are those that a
right program exceeds with a probability of one in a million.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from gwasmeta import meta_analyze

from .study_tables import Columns

N_REPLICATES = 4000
ONE_IN_A_MILLION = 1e-6
BETA = 0.12


def studies_of_truth(tau: float, n_studies: int, equal_errors: bool = False) -> list[Columns]:
    rng = np.random.default_rng([n_studies, int(1000 * tau)])
    names = [f"rs{k}" for k in range(N_REPLICATES)]
    studies = []
    for _ in range(n_studies):
        standard_error = np.full(N_REPLICATES, 0.1) if equal_errors else rng.uniform(0.05, 0.2, N_REPLICATES)
        own_truth = rng.normal(BETA, tau, N_REPLICATES) if tau else np.full(N_REPLICATES, BETA)
        turned = rng.random(N_REPLICATES) < 0.5  # the engine has to turn them back
        beta = rng.normal(own_truth, standard_error)
        studies.append(
            {
                "variant_id": names,
                "effect_allele": np.where(turned, "C", "A").tolist(),
                "other_allele": np.where(turned, "A", "C").tolist(),
                "beta": np.where(turned, -beta, beta).tolist(),
                "standard_error": standard_error.tolist(),
                "n": [1000.0] * N_REPLICATES,
            }
        )
    return studies


@cache
def estimates(tau: float, n_studies: int, method: Any, **options: Any) -> pd.DataFrame:
    """Return the table with the effects turned to allele A."""
    equal_errors = options.pop("equal_errors", False)
    table = meta_analyze(studies_of_truth(tau, n_studies, equal_errors), methods=method, **options).table
    sign = np.where(table["effect_allele"] == "A", 1, -1)
    return table.assign(**{name: sign * table[name] for name in ("beta", "z") if name in table})


def assert_unbiased(estimate: Any, truth: float) -> None:
    values = np.asarray(estimate, dtype=float)
    z = (values.mean() - truth) / (values.std(ddof=1) / np.sqrt(len(values)))
    assert 2 * stats.norm.sf(abs(z)) > ONE_IN_A_MILLION, z


def assert_covers(covered: Any, share: float = 0.95) -> None:
    low, high = stats.binom.interval(1 - ONE_IN_A_MILLION, len(covered), share)
    assert low <= int(np.sum(covered)) <= high, float(np.mean(covered))


def within(table: pd.DataFrame, quantile: float) -> Any:
    return (table["beta"] - BETA).abs() <= quantile * table["standard_error"]


def test_the_bounds_can_be_exceeded() -> None:
    """A bias of 6 % and an interval of 92 % must be noticed, or the tests below say nothing."""
    table = estimates(0.0, 4, "fixed")
    with pytest.raises(AssertionError):
        assert_unbiased(1.06 * table["beta"], BETA)
    with pytest.raises(AssertionError):
        assert_covers(within(table, stats.norm.isf(0.04)))


@pytest.mark.parametrize("n_studies", [1, 2, 4, 9])
def test_fixed_effects_of_studies_that_agree(n_studies: int) -> None:
    table = estimates(0.0, n_studies, "fixed")
    assert_unbiased(table["beta"], BETA)
    assert_covers(within(table, stats.norm.isf(0.025)))


@pytest.mark.parametrize("n_studies", [2, 4, 9])
def test_cochrans_q_of_studies_that_agree_is_chi_squared(n_studies: int) -> None:
    table = estimates(0.0, n_studies, "fixed")
    assert stats.kstest(table["cochran_q"], stats.chi2(n_studies - 1).cdf).pvalue > ONE_IN_A_MILLION
    assert_covers(table["cochran_q_p_value"] > 0.05)


def test_p_values_without_an_effect_are_uniform() -> None:
    table = estimates(0.0, 4, "fixed")
    z = (table["beta"] - BETA) / table["standard_error"]
    assert stats.kstest(z, "norm").pvalue > ONE_IN_A_MILLION


@pytest.mark.parametrize("n_studies", [3, 5, 12])
@pytest.mark.parametrize("tau", [0.15, 0.4])
def test_random_effects_of_studies_that_differ(tau: float, n_studies: int) -> None:
    """Hartung and Knapp's intervals hold with few studies, where tau² is far above the studies' variances."""
    table = estimates(tau, n_studies, "random", hartung_knapp=True, tau_squared="REML", equal_errors=True)
    assert_unbiased(table["beta"], BETA)
    assert_covers(within(table, stats.t.isf(0.025, n_studies - 1)))


def test_fixed_effects_of_studies_that_differ_cover_too_little() -> None:
    """What random effects are for; were tau ignored by the simulation, the test above would prove nothing."""
    table = estimates(0.4, 5, "fixed")
    assert_unbiased(table["beta"], BETA)
    assert within(table, stats.norm.isf(0.025)).mean() < 0.6


@pytest.mark.parametrize("estimator", ["DL", "HE", "PM"])
def test_the_variance_between_studies_is_unbiased_where_none_is_cut_at_zero(estimator: Any) -> None:
    table = estimates(0.5, 12, "random", tau_squared=estimator)
    assert (table["tau_squared"] > 0).all()
    assert_unbiased(table["tau_squared"], 0.25)


def test_restricted_maximum_likelihood_with_equal_variances_is_the_sample_variance() -> None:
    """Balanced data: the expectation of (sample variance - sampling variance) is tau² exactly."""
    table = estimates(0.5, 12, "random", tau_squared="REML", equal_errors=True)
    assert_unbiased(table["tau_squared"], 0.25)


def test_maximum_likelihood_is_too_small_by_the_degree_of_freedom() -> None:
    table = estimates(0.5, 12, "random", tau_squared="ML", equal_errors=True)
    total_variance = 0.25 + 0.01
    assert_unbiased(table["tau_squared"], total_variance * 11 / 12 - 0.01)


def test_the_sample_size_method_has_the_expected_statistic() -> None:
    table = estimates(0.0, 4, "sample_size", equal_errors=True)
    z = table["z"] - 4 * (BETA / 0.1) / np.sqrt(4)  # of four equal studies: sum of z over the root of four
    assert_unbiased(z, 0)
    assert stats.kstest(z, "norm").pvalue > ONE_IN_A_MILLION


def test_leaving_out_a_study_still_covers() -> None:
    table = estimates(0.0, 4, "fixed", leave_one_out=True)
    sign = np.where(table["effect_allele"] == "A", 1, -1)
    names = [
        name.removesuffix("_beta") for name in table.columns if name.startswith("without_") and name.endswith("_beta")
    ]
    assert len(names) == 4
    for name in names:
        distance = (sign * table[f"{name}_beta"] - BETA).abs()
        assert_covers(distance <= stats.norm.isf(0.025) * table[f"{name}_standard_error"])


def test_genomic_control_undoes_a_known_inflation() -> None:
    rng = np.random.default_rng(8)
    z = rng.normal(0, np.sqrt(1.3), N_REPLICATES)
    study: Columns = {
        "variant_id": [f"rs{k}" for k in range(N_REPLICATES)],
        "effect_allele": ["A"] * N_REPLICATES,
        "other_allele": ["C"] * N_REPLICATES,
        "beta": (0.1 * z).tolist(),
        "standard_error": [0.1] * N_REPLICATES,
    }
    result = meta_analyze([study], genomic_control=True)
    # The median of z² has the standard error 1 / (2 f(m) sqrt(n)), f being chi-squared's density at its median.
    spread = 1 / (2 * stats.chi2.pdf(stats.chi2.median(1), 1) * np.sqrt(N_REPLICATES)) / stats.chi2.median(1)
    distance = abs(result.studies["inflation_factor"][0] / 1.3 - 1) / spread
    assert 2 * stats.norm.sf(distance) > ONE_IN_A_MILLION
    assert_covers(result.table["p_value"] > 0.05)
