"""Heritability by LD score regression: statsmodels, the truth of simulations, and what must not matter."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ld_score_data import (
    FloatArray,
    M,
    Simulated,
    delete_values_of_statsmodels,
    regression_of_statsmodels,
    simulate,
    standard_error_of_pseudo_values,
    weighted_least_squares,
)
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

from gwasmeta.errors import GwasmetaError
from gwasmeta.stats.ld_score_regression import HeritabilityRegression, heritability

H2, INTERCEPT, N = 0.4, 1.05, 30_000.0
N_SNPS = 5_000


def one_trait(seed: int, n_snps: int = N_SNPS, h2: float = H2) -> Simulated:
    rng = np.random.default_rng(seed)
    return simulate(rng, n_snps, np.array([[h2]]), np.array([[INTERCEPT]]), np.array([N]))


def regress(data: Simulated, **options: float | None) -> HeritabilityRegression:
    n_blocks = int(options.pop("n_blocks", None) or 200)
    columns = data.z[:, 0], data.n[:, 0], data.ld_score, data.weight_ld_score
    return heritability(*columns, M, n_blocks=n_blocks, **options)


@pytest.mark.parametrize("intercept", [None, 1.0, 1.07])
@pytest.mark.parametrize("h2", [0.4, 0.02, 1.5])  # more than 1 is taken for 1 in the weights
def test_it_is_a_weighted_regression_of_statsmodels(intercept: float | None, h2: float) -> None:
    data = one_trait(1, h2=h2)
    found, expected = regress(data, intercept=intercept), regression_of_statsmodels(data, intercept=intercept)
    assert_allclose(found.heritability.value, expected.total, rtol=1e-11)
    assert_allclose(found.intercept.value, expected.intercept, rtol=1e-11)
    assert_allclose(found.mean_chi_squared, np.mean(data.z**2), rtol=1e-13)


@pytest.mark.parametrize("intercept", [None, 1.0])
@pytest.mark.parametrize("n_blocks", [200, 37])
def test_delete_values_are_those_without_each_block(intercept: float | None, n_blocks: int) -> None:
    data = one_trait(2)
    line = regression_of_statsmodels(data, intercept=intercept)
    totals, intercepts = delete_values_of_statsmodels(line, n_blocks, intercept)
    found = regress(data, intercept=intercept, n_blocks=n_blocks)
    assert_allclose(found.heritability.delete_values, totals, rtol=1e-10)
    assert_allclose(found.intercept.delete_values, intercepts, rtol=1e-10)
    expected = standard_error_of_pseudo_values(line.total, totals)
    assert_allclose(found.heritability.standard_error, expected, rtol=1e-8)
    if intercept is None:
        expected = standard_error_of_pseudo_values(line.intercept, intercepts)
        assert_allclose(found.intercept.standard_error, expected, rtol=1e-8)
    else:
        assert np.isnan(found.intercept.standard_error)


def test_two_steps_take_the_intercept_from_the_first_and_the_slope_from_the_second() -> None:
    data, cutoff = one_trait(3), 4.0
    found = regress(data, two_step=cutoff)
    small = data.z[:, 0] ** 2 < cutoff
    assert (found.n_snps, found.n_first_step) == (N_SNPS, np.count_nonzero(small))
    start, intercept = first_step_of_statsmodels(data, small)
    assert_allclose(found.intercept.value, intercept, rtol=1e-11)

    weight = weights_of(start, data)
    x, y = data.n[:, 0] * data.ld_score / M, data.z[:, 0] ** 2
    correction = (weight * x).sum() / (weight * x**2).sum()
    for _ in range(2):
        total, _ = weighted_least_squares(y, x, weight, intercept)
        weight = weights_of((total, intercept), data)
    total, _ = weighted_least_squares(y, x, weight, intercept)
    assert_allclose(found.heritability.value, total, rtol=1e-11)

    borders = [0, *np.flatnonzero(small)[np.arange(1, 200) * small.sum() // 200], N_SNPS]
    first_block = np.arange(N_SNPS) < borders[1]
    without_first, _ = weighted_least_squares(y[~first_block], x[~first_block], weight[~first_block], intercept)
    shift = found.intercept.delete_values[0] - intercept
    assert_allclose(found.heritability.delete_values[0], without_first - shift * correction, rtol=1e-10)


def weights_of(line: tuple[float, float], data: Simulated, in_weights: FloatArray | None = None) -> FloatArray:
    scale = data.ld_score if in_weights is None else np.maximum(in_weights, 1)
    expected = data.n[:, 0] * min(max(line[0], 0), 1) * scale / M + line[1]
    return np.asarray(1 / (2 * expected**2) / np.maximum(data.weight_ld_score, 1))


def first_step_of_statsmodels(data: Simulated, small: NDArray[np.bool_]) -> tuple[tuple[float, float], float]:
    """Return the first guess, and the intercept; n enters the weights of the rounds twice."""
    x, y = data.n[:, 0] * data.ld_score / M, data.z[:, 0] ** 2
    start = (y.mean() - 1) / x.mean(), 1.0
    weight = weights_of(start, data)
    scaled = data.n[:, 0] * data.ld_score / data.n[:, 0].mean()
    for _ in range(2):
        line = weighted_least_squares(y[small], x[small], weight[small], None)
        weight = weights_of(line, data, in_weights=scaled)
    return start, weighted_least_squares(y[small], x[small], weight[small], None)[1]


@lru_cache
def replicates(two_step: float | None = None) -> list[HeritabilityRegression]:
    return [regress(one_trait(seed, n_snps=20_000), two_step=two_step) for seed in range(1000, 1200)]


@pytest.mark.parametrize("two_step", [None, 30.0])
@pytest.mark.parametrize(("parameter", "truth"), [("heritability", H2), ("intercept", INTERCEPT)])
def test_estimates_are_unbiased_and_their_intervals_cover(parameter: str, truth: float, two_step: float | None) -> None:
    estimates = [getattr(regression, parameter) for regression in replicates(two_step)]
    values = np.array([estimate.value for estimate in estimates])
    standard_errors = np.array([estimate.standard_error for estimate in estimates])
    assert abs(values.mean() - truth) < 3 * values.std(ddof=1) / np.sqrt(200)
    assert_allclose(standard_errors.mean(), values.std(ddof=1), rtol=0.15)  # which has a standard error of 5 %
    covered = np.abs(values - truth) < 1.96 * standard_errors
    assert 0.90 < covered.mean() < 0.99  # 0.95, plus and minus three standard errors


def test_without_signal_there_is_no_heritability_and_the_inflation_is_all_in_the_intercept() -> None:
    rng = np.random.default_rng(9)
    data = one_trait(9, n_snps=100_000)
    data.z[:] = np.sqrt(1.2) * rng.standard_normal(data.z.shape)
    found = regress(data)
    assert abs(found.heritability.z) < 3
    assert abs(found.intercept.value - 1.2) < 3 * found.intercept.standard_error
    assert abs(found.ratio - 1) < 3 * found.ratio_standard_error
    assert_allclose(found.lambda_gc, 1.2, atol=0.02)


def test_the_ratio_is_the_intercepts_share_of_the_inflation() -> None:
    found = regress(one_trait(4))
    inflation = found.mean_chi_squared - 1
    assert_allclose(found.ratio, (found.intercept.value - 1) / inflation, rtol=1e-13)
    assert_allclose(found.ratio_standard_error, found.intercept.standard_error / inflation, rtol=1e-13)


def test_there_is_no_ratio_without_inflation_or_of_a_given_intercept() -> None:
    deflated = one_trait(4)
    deflated.z[:] *= 0.5
    for found in (regress(deflated), regress(one_trait(4), intercept=1.0)):
        assert np.isnan(found.ratio)
        assert np.isnan(found.ratio_standard_error)


def test_lambda_is_the_median_over_that_of_chance() -> None:
    data = one_trait(4)
    assert_allclose(regress(data).lambda_gc, np.median(data.z**2) / 0.4549, rtol=1e-13)


seeds = st.integers(0, 2**32 - 1)
a_few = settings(deadline=None, max_examples=15)


@a_few
@given(seed=seeds, factor=st.floats(0.5, 2))
def test_units_of_n_m_and_ld_scores(seed: int, factor: float) -> None:
    data = one_trait(seed, n_snps=3000, h2=0.2)
    z, n, ld_score = data.z[:, 0], data.n[:, 0], data.ld_score + 1  # not below 1 when halved
    found = heritability(z, n, ld_score, ld_score, M, n_blocks=20)
    others = (
        (heritability(z, n * factor, ld_score, ld_score, M, n_blocks=20), 1 / factor),
        (heritability(z, n, ld_score, ld_score, M * factor, n_blocks=20), factor),
        (heritability(z, n, ld_score * factor, ld_score, M, n_blocks=20), 1 / factor),
        (heritability(z, n, ld_score, ld_score * factor, M, n_blocks=20), 1),
    )
    for other, expected in others:
        if 0 < found.heritability.value * expected < 1:  # the weights know bounds
            assert_allclose(other.heritability.value, found.heritability.value * expected, rtol=1e-9)
            assert_allclose(other.intercept.value, found.intercept.value, rtol=1e-9)


@a_few
@given(seed=seeds, two_step=st.sampled_from([None, 20.0]))
def test_signs_do_not_matter_and_missing_snps_are_absent_snps(seed: int, two_step: float | None) -> None:
    rng = np.random.default_rng(seed)
    data = one_trait(seed, n_snps=600, h2=0.2)
    missing = rng.random((2, 600)) < 0.1
    with_missing = Simulated(
        np.where(missing[0], np.nan, data.z[:, 0])[:, None] * rng.choice([-1, 1], (600, 1)),
        np.where(missing[1], np.nan, data.n[:, 0])[:, None],
        data.ld_score,
        data.weight_ld_score,
    )
    found = regress(with_missing, two_step=two_step)
    without = regress(data.rows(~missing.any(axis=0)), two_step=two_step)
    assert_equal_regressions(found, without)


def assert_equal_regressions(found: HeritabilityRegression, expected: HeritabilityRegression) -> None:
    for one, other in ((found.heritability, expected.heritability), (found.intercept, expected.intercept)):
        assert_array_equal(one.value, other.value)
        assert_array_equal(one.standard_error, other.standard_error)
        assert_array_equal(one.delete_values, other.delete_values)
    assert (found.mean_chi_squared, found.lambda_gc) == (expected.mean_chi_squared, expected.lambda_gc)
    assert (found.n_snps, found.n_first_step) == (expected.n_snps, expected.n_first_step)


def test_a_maximum_leaves_out_what_is_not_below_it() -> None:
    data = one_trait(6)
    data.z[17] = 2
    below = data.z[:, 0] ** 2 < 4
    found = regress(data, chi_squared_max=4.0)
    assert found.n_snps == below.sum()
    assert_equal_regressions(found, regress(data.rows(below)))


def test_ld_scores_below_one_are_one_in_the_weights_only() -> None:
    data = one_trait(7)
    small = Simulated(data.z, data.n, data.ld_score - 40, data.weight_ld_score - 20)
    assert (small.ld_score < 0).mean() > 0.2
    found, expected = regress(small), regression_of_statsmodels(small)
    assert_allclose([found.heritability.value, found.intercept.value], [expected.total, expected.intercept], rtol=1e-10)


def test_it_leaves_its_input_as_it_was() -> None:
    data = one_trait(8)
    data.z[3] = np.nan
    before = data.z.copy(), data.n.copy(), data.ld_score.copy()
    regress(data, two_step=10.0)
    for array, copy in zip((data.z, data.n, data.ld_score), before, strict=True):
        assert array.flags.writeable
        assert_array_equal(array, copy)


@pytest.mark.parametrize("n_snps", [0, 199])
def test_too_few_snps(n_snps: int) -> None:
    data = one_trait(1, n_snps=300)
    data.z[n_snps:] = np.nan
    expected = r"trait 1 has no SNP with" if n_snps == 0 else r"trait 1: 199 SNPs are left .* 200 are needed\n  Look"
    with pytest.raises(GwasmetaError, match=expected):
        regress(data, n_blocks=10)


def test_fewer_snps_than_blocks() -> None:
    with pytest.raises(GwasmetaError, match=r"trait 1: 300 SNPs are left .* 301 are needed"):
        regress(one_trait(1, n_snps=300), n_blocks=301)
    assert regress(one_trait(1, n_snps=300), n_blocks=300).n_snps == 300


def test_too_few_snps_in_the_first_step() -> None:
    data = one_trait(1, n_snps=300)
    small = np.count_nonzero(data.z**2 < 0.5)
    with pytest.raises(GwasmetaError, match=rf"trait 1: {small} SNPs with z² below 0.5 are left"):
        regress(data, two_step=0.5)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("z", np.inf, r"trait 1, SNP 5: z is inf\n"),
        ("n", 0, r"trait 1, SNP 5: n is 0\n"),
        ("n", -10, r"trait 1, SNP 5: n is -10\n"),
        ("n", np.inf, r"trait 1, SNP 5: n is inf\n"),
    ],
)
def test_impossible_statistics(column: str, value: float, message: str) -> None:
    data = one_trait(1, n_snps=300)
    getattr(data, column)[4] = value
    with pytest.raises(GwasmetaError, match=message):
        regress(data)


@pytest.mark.parametrize("ld_score", [100.0, 0.0, -1.0])
@pytest.mark.parametrize("two_step", [None, 30.0])
def test_ld_scores_that_do_not_differ(ld_score: float, two_step: float | None) -> None:
    data = one_trait(1, n_snps=300)
    same = np.full(300, ld_score)
    with pytest.raises(GwasmetaError, match=r"trait 1: the LD scores of the SNPs are all the same, or not positive"):
        heritability(data.z[:, 0], np.full(300, N), same, same, M, two_step=two_step)


@pytest.mark.parametrize("intercept", [None, 1.0])
def test_ld_scores_that_differ_in_one_block_only(intercept: float | None) -> None:
    data = one_trait(1, n_snps=300)
    data.ld_score[10:] = 0
    with pytest.raises(GwasmetaError, match=r"trait 1: the LD scores of the SNPs are all the same, or not positive"):
        regress(data, intercept=intercept, n_blocks=10)


def test_ld_scores_must_be_known() -> None:
    data = one_trait(1, n_snps=300)
    data.ld_score[9] = np.nan
    with pytest.raises(ValueError, match=r"^ld_score\[9\] is not a finite number"):
        regress(data)


@pytest.mark.parametrize("m", [0.0, -1.0, np.nan, np.inf])
def test_the_number_of_snps_in_the_panel_must_be_positive(m: float) -> None:
    data = one_trait(1, n_snps=300)
    with pytest.raises(GwasmetaError, match=r"computed from is .*\n.*M_5_50"):
        heritability(data.z[:, 0], data.n[:, 0], data.ld_score, data.weight_ld_score, m)


def test_two_steps_for_an_intercept_that_is_given() -> None:
    with pytest.raises(GwasmetaError, match=r"two steps estimate the intercept"):
        regress(one_trait(1), intercept=1.0, two_step=30.0)


def test_an_intercept_that_makes_variances_negative() -> None:
    data = one_trait(1, n_snps=300)
    data.z[:] = 0
    with pytest.raises(GwasmetaError, match=r"trait 1: .* negative variances; .* are 0 and 0"):
        regress(data, intercept=0.0)


def test_a_jackknife_has_two_blocks() -> None:
    with pytest.raises(ValueError, match=r"n_blocks is 1"):
        regress(one_trait(1), n_blocks=1)
