"""Genetic covariance and correlation: statsmodels, the truth of simulations, and what must not matter."""

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
    WeightedLine,
    delete_values_of_statsmodels,
    regression_of_statsmodels,
    simulate,
    standard_error_of_pseudo_values,
)
from numpy.testing import assert_allclose, assert_array_equal

from gwasmeta.errors import GwasmetaError
from gwasmeta.stats.block_jackknife import Estimate
from gwasmeta.stats.genetic_correlation import (
    CrossTraitRegressions,
    GeneticCorrelation,
    cross_trait_regressions,
    genetic_correlation,
    residual_covariance,
)
from gwasmeta.stats.ld_score_regression import HeritabilityRegression, heritability

COVARIANCE = np.array([[0.4, 0.2, -0.1], [0.2, 0.3, 0.0], [-0.1, 0.0, 0.35]])
SIGMA = np.array([[1.05, 0.3, 0.0], [0.3, 1.02, -0.1], [0.0, -0.1, 1.0]])
N = np.array([30_000.0, 40_000.0, 35_000.0])
every_place = [(one, other) for one in range(3) for other in range(one, 3)]


def three_traits(seed: int, n_snps: int = 5_000) -> Simulated:
    return simulate(np.random.default_rng(seed), n_snps, COVARIANCE, SIGMA, N)


def regress(data: Simulated, **options: object) -> CrossTraitRegressions:
    return cross_trait_regressions(data.z, data.n, data.ld_score, data.weight_ld_score, M, **options)  # type: ignore[arg-type]


def squares_of_statsmodels(
    data: Simulated, pair: tuple[int, int], intercepts: FloatArray | None = None
) -> tuple[WeightedLine, WeightedLine]:
    one, other = (
        regression_of_statsmodels(data.traits(trait), intercept=_given(intercepts, trait, trait)) for trait in pair
    )
    return one, other


def _given(intercepts: FloatArray | None, one: int, other: int) -> float | None:
    return None if intercepts is None or np.isnan(intercepts[one, other]) else float(intercepts[one, other])


@pytest.mark.parametrize("pair", every_place)
@pytest.mark.parametrize("intercepts", [None, SIGMA, np.where(np.eye(3), 1, np.nan), np.where(np.eye(3), np.nan, 0)])
def test_it_is_a_weighted_regression_of_statsmodels(pair: tuple[int, int], intercepts: FloatArray | None) -> None:
    data = three_traits(1)
    found = regress(data, intercepts=intercepts).pairs[pair]
    squares = squares_of_statsmodels(data, pair, intercepts)
    expected = regression_of_statsmodels(data.traits(*pair), squares, _given(intercepts, *pair))
    assert_allclose(found.covariance.covariance.value, expected.total, rtol=1e-10, atol=1e-13)
    assert_allclose(found.covariance.intercept.value, expected.intercept, rtol=1e-10, atol=1e-13)
    assert_allclose(found.covariance.mean_product, expected.y.mean(), rtol=1e-11)
    for regression, square in zip(found.heritabilities, squares, strict=True):
        assert_allclose(regression.heritability.value, square.total, rtol=1e-11)
    assert_allclose(found.correlation.value, expected.total / np.sqrt(squares[0].total * squares[1].total), rtol=1e-9)


@pytest.mark.parametrize("pair", [(0, 1), (1, 1)])
def test_delete_values_are_those_without_each_block(pair: tuple[int, int]) -> None:
    data = three_traits(2)
    squares = squares_of_statsmodels(data, pair)
    line = regression_of_statsmodels(data.traits(*pair), squares)
    totals, intercepts = delete_values_of_statsmodels(line, 50)
    found = regress(data, n_blocks=50).pairs[pair]
    assert_allclose(found.covariance.covariance.delete_values, totals, rtol=1e-10)
    assert_allclose(found.covariance.intercept.delete_values, intercepts, rtol=1e-9)
    expected = standard_error_of_pseudo_values(line.intercept, intercepts)
    assert_allclose(found.covariance.intercept.standard_error, expected, rtol=1e-8)

    h1, h2 = (delete_values_of_statsmodels(square, 50)[0] for square in squares)
    ratio = line.total / np.sqrt(squares[0].total * squares[1].total)
    expected = standard_error_of_pseudo_values(ratio, totals / np.sqrt(h1 * h2))
    assert_allclose(found.correlation.standard_error, expected, rtol=1e-7)


@lru_cache
def replicates() -> list[CrossTraitRegressions]:
    return [regress(three_traits(seed, n_snps=20_000)) for seed in range(2000, 2200)]


CORRELATION = COVARIANCE / np.sqrt(np.outer(np.diag(COVARIANCE), np.diag(COVARIANCE)))


TRUTHS = [("genetic_covariance", COVARIANCE), ("intercept", SIGMA), ("genetic_correlation", CORRELATION)]
ESTIMATED = [
    pytest.param(name, truth, place, id=f"{name}-{place[0]}-{place[1]}")
    for name, truth in TRUTHS
    for place in every_place
    if name != "genetic_correlation" or place[0] != place[1]  # with itself it is 1, but for the weights
]


@pytest.mark.parametrize(("parameter", "truth", "place"), ESTIMATED)
def test_estimates_are_unbiased_and_their_intervals_cover(
    parameter: str, truth: FloatArray, place: tuple[int, int]
) -> None:
    estimates = [getattr(regressions, parameter) for regressions in replicates()]
    values = np.array([estimate.value[place] for estimate in estimates])
    standard_errors = np.array([estimate.standard_error[place] for estimate in estimates])
    assert abs(values.mean() - truth[place]) < 3.3 * values.std(ddof=1) / np.sqrt(200)  # 15 tests at p = 0.001
    assert_allclose(standard_errors.mean(), values.std(ddof=1), rtol=0.18)
    covered = np.abs(values - truth[place]) < 1.96 * standard_errors
    assert 0.90 < covered.mean() < 0.99


def test_a_trait_is_correlated_with_itself() -> None:
    found = regress(three_traits(3))
    assert_allclose(np.diag(found.genetic_correlation.value), 1, atol=1e-3)
    assert_allclose(np.diag(found.intercept.value), [own.intercept.value for own in found.heritabilities], atol=1e-3)


def test_matrices_are_symmetric_and_lack_what_was_not_asked_for() -> None:
    data = three_traits(4)
    everything, some = regress(data), regress(data, pairs=[(0, 1), (2, 0)])
    for parameter in ("genetic_covariance", "intercept", "genetic_correlation"):
        for estimate in ("value", "standard_error"):
            whole, part = (getattr(getattr(regressions, parameter), estimate) for regressions in (everything, some))
            assert_array_equal(whole, whole.T)
            assert np.isfinite(whole).all()
            asked_for = np.array([[False, True, True], [True, False, False], [True, False, False]])
            assert_array_equal(part, np.where(asked_for, whole, np.nan))
    assert list(some.pairs) == [(0, 1), (2, 0)]


def test_many_traits_are_many_times_two_traits() -> None:
    data = three_traits(5)
    for pair, found in regress(data).pairs.items():
        two = data.traits(*pair)
        alone = genetic_correlation(two.z, two.n, two.ld_score, two.weight_ld_score, M)
        assert_equal_pairs(found, alone)


seeds = st.integers(0, 2**32 - 1)
a_few = settings(deadline=None, max_examples=10)


@a_few
@given(seed=seeds, two_step=st.sampled_from([None, 20.0]), chi_squared_max=st.sampled_from([None, 12.0]))
def test_missing_snps_are_absent_from_their_pairs_only(
    seed: int, two_step: float | None, chi_squared_max: float | None
) -> None:
    data = three_traits(seed, n_snps=1500)
    rng = np.random.default_rng(seed)
    z = np.where(rng.random(data.z.shape) < [0.1, 0.1, 0], np.nan, data.z)
    n = np.where(rng.random(data.z.shape) < [0.05, 0.05, 0], np.nan, data.n)
    options = {"two_step": two_step, "chi_squared_max": chi_squared_max}
    found = regress(Simulated(z, n, data.ld_score, data.weight_ld_score), **options)
    for pair, regressions in found.pairs.items():
        present = ~np.isnan(z[:, pair] + n[:, pair]).any(axis=1)
        if chi_squared_max is not None:
            present &= np.abs(z[:, pair].prod(axis=1)) < chi_squared_max
        there = data.rows(present).traits(*pair)
        assert regressions.covariance.n_snps == present.sum()
        assert_equal_pairs(regressions, regress(there, two_step=two_step).pairs[0, 1])


def test_each_trait_of_a_pair_keeps_its_own_intercept_where_the_other_lacks_snps() -> None:
    data = three_traits(5)
    z = data.z.copy()
    z[::7, 1] = np.nan
    both = ~np.isnan(z[:, 1])
    known = np.where(np.eye(3, dtype=bool), SIGMA, np.nan)
    found = cross_trait_regressions(z, data.n, data.ld_score, data.weight_ld_score, M, intercepts=known)
    for place, trait in enumerate((0, 1)):
        expected = heritability(
            z[both, trait], data.n[both, trait], data.ld_score[both], data.weight_ld_score[both], M,
            intercept=SIGMA[trait, trait], two_step=None,
        )  # fmt: skip
        assert found.pairs[0, 1].heritabilities[place].heritability.value == expected.heritability.value


def test_own_regressions_use_all_snps_of_the_trait() -> None:
    data = three_traits(6)
    data.z[::3, 1] = np.nan
    found = regress(data)
    assert [own.n_snps for own in found.heritabilities] == [5000, 3333, 5000]
    for trait, own in enumerate(found.heritabilities):
        alone = heritability(data.z[:, trait], data.n[:, trait], data.ld_score, data.weight_ld_score, M)
        assert_equal_estimates(own.heritability, alone.heritability)
    assert found.pairs[0, 1].heritabilities[0].n_snps == 3333
    assert found.pairs[0, 2].heritabilities[0] is found.heritabilities[0]  # run once


@a_few
@given(seed=seeds, order=st.permutations(range(3)))
def test_the_order_of_traits_does_not_matter(seed: int, order: list[int]) -> None:
    data = three_traits(seed, n_snps=1500)
    found, reordered = regress(data), regress(data.traits(*order))
    for parameter in ("genetic_covariance", "intercept", "genetic_correlation"):
        for estimate in ("value", "standard_error"):
            whole, other = (getattr(getattr(one, parameter), estimate) for one in (found, reordered))
            assert_array_equal(other, whole[np.ix_(order, order)])


@a_few
@given(seed=seeds, two_step=st.sampled_from([None, 20.0]))
def test_the_other_allele_turns_the_pair_around(seed: int, two_step: float | None) -> None:
    data = three_traits(seed, n_snps=1500)
    turned = Simulated(data.z * [1, -1, 1], data.n, data.ld_score, data.weight_ld_score)
    found, other = regress(data, two_step=two_step), regress(turned, two_step=two_step)
    signs = np.outer([1, -1, 1], [1, -1, 1])
    for parameter in ("genetic_covariance", "intercept", "genetic_correlation"):
        one, two = getattr(found, parameter), getattr(other, parameter)
        assert_array_equal(two.value, one.value * signs)
        assert_array_equal(two.standard_error, one.standard_error)


@a_few
@given(seed=seeds, factor=st.floats(1, 2))  # smaller studies would meet the bounds in the weights
def test_another_sample_size_rescales_the_traits_covariances_and_no_correlation(seed: int, factor: float) -> None:
    data = three_traits(seed, n_snps=3000)
    larger = Simulated(data.z, data.n * [factor, 1, 1], data.ld_score, data.weight_ld_score)
    found, other = regress(data), regress(larger)
    scale = np.outer(*[[factor**-0.5, 1, 1]] * 2)
    assert_allclose(other.genetic_covariance.value, found.genetic_covariance.value * scale, rtol=1e-8, atol=1e-12)
    assert_allclose(other.intercept.value, found.intercept.value, rtol=1e-8, atol=1e-12)
    assert_allclose(other.genetic_correlation.value, found.genetic_correlation.value, rtol=1e-8, atol=1e-12)


def test_the_first_step_has_snps_that_are_small_in_both_traits() -> None:
    data = three_traits(7).traits(0, 1)
    found = genetic_correlation(data.z, data.n, data.ld_score, data.weight_ld_score, M, two_step=4.0)
    assert found.covariance.n_first_step == np.count_nonzero((data.z**2 < 4).all(axis=1))
    assert found.heritabilities[0].n_first_step == np.count_nonzero(data.z[:, 0] ** 2 < 4)


def test_without_a_positive_heritability_there_is_no_correlation() -> None:
    data = three_traits(8)
    smallest_ld_score_first = np.argsort(np.argsort(data.ld_score))
    for trait in (1, 2):
        data.z[:, trait] = np.sort(np.abs(data.z[:, trait]))[::-1][
            smallest_ld_score_first
        ]  # z² falls with the LD score
    found = regress(data)
    for pair in ((0, 1), (1, 2)):
        assert found.heritabilities[pair[1]].heritability.value < 0
        correlation = found.pairs[pair].correlation
        assert np.isnan([correlation.value, correlation.standard_error, *correlation.delete_values]).all()
        assert np.isfinite(found.pairs[pair].covariance.covariance.standard_error)
    assert np.isfinite(found.pairs[0, 0].correlation.standard_error)


def test_a_heritability_that_one_block_carries_gives_no_standard_error() -> None:
    data = three_traits(8)
    rng = np.random.default_rng(8)
    data.z[:, 1] = rng.standard_normal(5000)
    strong = np.argmax(data.ld_score[:250])
    data.z[strong, 1] = 40
    found = regress(data, n_blocks=20).pairs[0, 1]
    own = found.heritabilities[1].heritability
    assert own.value > 0 > own.delete_values[0]
    assert np.isfinite(found.correlation.value)
    assert np.isnan(found.correlation.standard_error)


def test_sigma_is_the_matrix_of_intercepts() -> None:
    data = three_traits(9)
    arrays = data.z, data.n, data.ld_score, data.weight_ld_score
    sigma, expected = residual_covariance(*arrays, M), regress(data).intercept
    assert_array_equal(sigma.value, expected.value)
    assert_array_equal(sigma.standard_error, expected.standard_error)
    diagonal = residual_covariance(*arrays, M, overlap=False)
    assert_array_equal(diagonal.value, np.diag(np.diag(expected.value)))
    assert_array_equal(diagonal.standard_error, np.diag(np.diag(expected.standard_error)))


def assert_equal_estimates(found: Estimate, expected: Estimate) -> None:
    assert_array_equal(found.value, expected.value)
    assert_array_equal(found.standard_error, expected.standard_error)
    assert_array_equal(found.delete_values, expected.delete_values)


def assert_equal_pairs(found: GeneticCorrelation, expected: GeneticCorrelation) -> None:
    def estimates(pair: GeneticCorrelation) -> list[Estimate]:
        own: list[HeritabilityRegression] = [*pair.heritabilities]
        both = [estimate for regression in own for estimate in (regression.heritability, regression.intercept)]
        return [pair.correlation, pair.covariance.covariance, pair.covariance.intercept, *both]

    for one, other in zip(estimates(found), estimates(expected), strict=True):
        assert_equal_estimates(one, other)
    assert found.covariance.n_snps == expected.covariance.n_snps
    assert found.covariance.n_first_step == expected.covariance.n_first_step


def test_messages_name_the_pair_and_the_trait() -> None:
    data = three_traits(1, n_snps=350)
    few = Simulated(data.z.copy(), data.n, data.ld_score, data.weight_ld_score)
    few.z[:150, 0] = np.nan
    few.z[200:, 2] = np.nan
    with pytest.raises(GwasmetaError, match=r"^traits 1 and 3: 50 SNPs are left"):
        regress(few, n_blocks=10)
    few.n[9, 1] = 0
    with pytest.raises(GwasmetaError, match=r"^trait 2, SNP 10: n is 0"):
        regress(few, n_blocks=10)
    data.z[:, 1] = np.nan
    with pytest.raises(GwasmetaError, match=r"^trait 2 has no SNP with both"):
        regress(data, n_blocks=10)


@pytest.mark.parametrize(
    ("intercepts", "message"),
    [
        (np.eye(2), r"shape \(2, 2\), and there are 3 traits"),
        ([1, 1, 1], r"shape \(3,\), and there are 3 traits"),
        ([[1, 0.1, 0], [0, 1, 0], [0, 0, 1]], "not a symmetric matrix"),
        (np.diag([1, np.inf, 1]), "not a symmetric matrix of finite numbers"),
    ],
)
def test_intercepts_that_are_none(intercepts: FloatArray, message: str) -> None:
    with pytest.raises(GwasmetaError, match=message):
        regress(three_traits(1, n_snps=300), intercepts=intercepts)


def test_intercepts_that_make_variances_negative() -> None:
    expected = r"^traits 1 and 2: .* negative variances; the intercepts of its z² are -5 and 1, .* is 0\n"
    with pytest.raises(GwasmetaError, match=expected):
        regress(three_traits(1), intercepts=np.diag([-5, 1, 1]))


def test_shapes() -> None:
    data = three_traits(1, n_snps=300)
    with pytest.raises(ValueError, match=r"z has shape \(300, 3\): it must be \(n_snps, 2\)"):
        genetic_correlation(data.z, data.n, data.ld_score, data.weight_ld_score, M)
    with pytest.raises(ValueError, match=r"z has shape \(300, 3\) and n \(300, 2\)"):
        cross_trait_regressions(data.z, data.n[:, :2], data.ld_score, data.weight_ld_score, M)
    with pytest.raises(ValueError, match=r"weight_ld_score has shape \(299,\)"):
        cross_trait_regressions(data.z, data.n, data.ld_score, data.weight_ld_score[1:], M)
