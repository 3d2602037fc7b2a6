"""The MTAG estimator: the paper's formula with its inverses written out, identities, and a known truth."""

from __future__ import annotations

import numpy as np
import pytest
from mtag_data import OMEGA, SIGMA, Array, random_covariance, simulate
from numpy.testing import assert_allclose, assert_array_equal

from gwasmeta.errors import GwasmetaError
from gwasmeta.stats.correlated_studies import correlated_fixed_effects
from gwasmeta.stats.fixed_effects import fixed_effects
from gwasmeta.stats.mtag_estimator import MtagEstimates, mtag


def by_the_paper(z: Array, n: Array, omega: Array, sigma: Array) -> tuple[Array, Array]:
    """Equation (1) of Turley et al. (2018) and its variance, one SNP and trait after the other."""
    beta, standard_error = np.full(z.shape, np.nan), np.full(z.shape, np.nan)
    for snp in range(len(z)):
        measured = np.flatnonzero(~np.isnan(z[snp]))
        all_effects, all_errors = omega[np.ix_(measured, measured)], sigma[np.ix_(measured, measured)]
        root_n = np.sqrt(n[snp, measured])
        estimate = z[snp, measured] / root_n
        for place, trait in enumerate(measured):
            weight = all_effects[:, place] / all_effects[place, place]
            variance = all_effects - np.outer(weight, weight) * all_effects[place, place]
            inverse = np.linalg.inv(variance + all_errors / np.outer(root_n, root_n))
            precision = weight @ inverse @ weight
            beta[snp, trait] = weight @ inverse @ estimate / precision
            standard_error[snp, trait] = precision**-0.5
    return beta, standard_error


def assert_same(result: MtagEstimates, beta: Array, standard_error: Array, rtol: float = 1e-9) -> None:
    assert_allclose(result.standard_error, standard_error, rtol=rtol)
    assert_allclose(result.z, beta / standard_error, rtol=rtol, atol=rtol)
    assert_allclose(result.beta, beta, rtol=rtol, atol=rtol * 1e-3)


@pytest.mark.parametrize("n_traits", [1, 2, 3, 4, 7])
def test_it_is_the_formula_of_the_paper(n_traits: int) -> None:
    generator = np.random.default_rng(n_traits)
    omega = random_covariance(generator, n_traits, 1e-6)
    sigma = 0.9 * np.eye(n_traits) + 0.05 * random_covariance(generator, n_traits)
    data = simulate(generator, 100, omega, sigma)
    assert_same(mtag(data.z, data.n, omega, sigma), *by_the_paper(data.z, data.n, omega, sigma))


def test_the_traits_that_a_snp_lacks_might_as_well_not_be_there() -> None:
    generator = np.random.default_rng(11)
    omega, sigma = random_covariance(generator, 4, 1e-6), np.eye(4) + 0.1
    data = simulate(generator, 400, omega, sigma)
    data.z[generator.random(data.z.shape) < 0.4] = np.nan
    data.n[np.isnan(data.z)] = np.nan
    result = mtag(data.z, data.n, omega, sigma)
    assert len(np.unique(np.isnan(data.z), axis=0)) == 16  # all patterns, also that of no trait
    assert_array_equal(np.isnan(result.z), np.isnan(data.z))
    assert_same(result, *by_the_paper(data.z, data.n, omega, sigma))


def test_more_traits_than_bits_of_a_pattern_are_kept_apart() -> None:
    n_traits = 40
    generator = np.random.default_rng(12)
    omega, sigma = 1e-6 * (np.eye(n_traits) + 0.5), np.eye(n_traits)
    data = simulate(generator, 6, omega, sigma)
    data.z[0, 0] = data.z[1, 39] = data.z[2, [0, 39]] = data.z[4, 32] = np.nan
    assert_same(mtag(data.z, data.n, omega, sigma), *by_the_paper(data.z, data.n, omega, sigma))


def test_one_trait_is_returned() -> None:
    data = simulate(np.random.default_rng(13), 50, OMEGA[:1, :1], SIGMA[:1, :1])
    result = mtag(data.z, data.n, [[4e-6]], [[1.05]])
    assert_allclose(result.beta, data.z / np.sqrt(data.n), rtol=1e-13)
    assert_allclose(result.standard_error, np.sqrt(1.05 / data.n), rtol=1e-13)
    assert_allclose(result.z, data.z / np.sqrt(1.05), rtol=1e-13)


def test_unrelated_traits_are_returned() -> None:
    data = simulate(np.random.default_rng(14), 50)
    result = mtag(data.z, data.n, np.diag(OMEGA.diagonal()), np.diag(SIGMA.diagonal()))
    assert_allclose(result.beta, data.z / np.sqrt(data.n), rtol=1e-13)
    assert_allclose(result.standard_error, np.sqrt(SIGMA.diagonal() / data.n), rtol=1e-13)


def test_identical_traits_of_different_people_are_meta_analysed_by_inverse_variance() -> None:
    data = simulate(np.random.default_rng(15), 200)
    data.z[::7, 1] = np.nan
    intercepts = SIGMA.diagonal()
    result = mtag(data.z, data.n, np.ones((3, 3)), np.diag(intercepts))
    combined = fixed_effects(data.z / np.sqrt(data.n), np.sqrt(intercepts / data.n))
    for trait in range(3):
        measured = ~np.isnan(data.z[:, trait])
        assert_allclose(result.beta[measured, trait], combined.beta[measured], rtol=1e-11)
        assert_allclose(result.standard_error[measured, trait], combined.standard_error[measured], rtol=1e-11)
        assert_allclose(result.z[measured, trait], combined.z[measured], rtol=1e-11)


def test_identical_traits_of_the_same_people_are_meta_analysed_with_their_correlation() -> None:
    data = simulate(np.random.default_rng(16), 200)
    root = np.sqrt(SIGMA.diagonal())
    result = mtag(data.z, data.n, np.ones((3, 3)), SIGMA)
    combined = correlated_fixed_effects(data.z / np.sqrt(data.n), root / np.sqrt(data.n), SIGMA / np.outer(root, root))
    for trait in range(3):
        assert_allclose(result.beta[:, trait], combined.beta, rtol=1e-11)
        assert_allclose(result.standard_error[:, trait], combined.standard_error, rtol=1e-11)


def test_scaling_a_trait_scales_its_effects_alone() -> None:
    data = simulate(np.random.default_rng(17), 100)
    scale = np.array([1.0, 20.0, 1.0])
    result = mtag(data.z, data.n, OMEGA, SIGMA)
    scaled = mtag(data.z, data.n / scale**2, OMEGA * np.outer(scale, scale), SIGMA)
    assert_allclose(scaled.beta, result.beta * scale, rtol=1e-11)
    assert_allclose(scaled.standard_error, result.standard_error * scale, rtol=1e-11)
    assert_allclose(scaled.z, result.z, rtol=1e-10, atol=1e-12)


def test_the_order_of_the_traits_is_irrelevant() -> None:
    data = simulate(np.random.default_rng(18), 100)
    order = [2, 0, 1]
    result = mtag(data.z, data.n, OMEGA, SIGMA)
    block = np.ix_(order, order)
    reordered = mtag(data.z[:, order], data.n[:, order], OMEGA[block], SIGMA[block])
    assert_allclose(reordered.z, result.z[:, order], rtol=1e-10, atol=1e-12)
    assert_allclose(reordered.standard_error, result.standard_error[:, order], rtol=1e-12)


def test_the_order_and_number_of_snps_are_irrelevant() -> None:
    data = simulate(np.random.default_rng(19), 150_000)
    result = mtag(data.z, data.n, OMEGA, SIGMA)
    some = np.random.default_rng(20).permutation(150_000)[:1000]
    alone = mtag(data.z[some], data.n[some], OMEGA, SIGMA)
    assert_array_equal(alone.z, result.z[some])
    assert_array_equal(alone.standard_error, result.standard_error[some])


def test_swapping_the_alleles_flips_the_sign_and_nothing_else() -> None:
    data = simulate(np.random.default_rng(21), 100)
    kept, swapped = mtag(data.z, data.n, OMEGA, SIGMA), mtag(-data.z, data.n, OMEGA, SIGMA)
    assert_array_equal(swapped.beta, -kept.beta)
    assert_array_equal(swapped.z, -kept.z)
    assert_array_equal(swapped.standard_error, kept.standard_error)


def test_perfectly_correlated_traits_of_unequal_heritability() -> None:
    root = np.array([1.0, 2.0, 0.5]) * 1e-3
    data = simulate(np.random.default_rng(22), 100)
    omega = np.outer(root, root)
    assert_same(mtag(data.z, data.n, omega, SIGMA), *by_the_paper(data.z, data.n, omega, SIGMA))


def test_effects_are_unbiased_and_errors_calibrated_whatever_the_true_effect() -> None:
    data = simulate(np.random.default_rng(23), 200_000)
    result = mtag(data.z, data.n, OMEGA, SIGMA)
    deviation = (result.beta - data.effect) / result.standard_error
    assert (np.abs(deviation.mean(axis=0)) < 4 / np.sqrt(200_000)).all()
    assert_allclose(deviation.var(axis=0), 1, atol=4 * np.sqrt(2 / 200_000))
    for trait in range(3):
        slope = np.cov(result.beta[:, trait], data.effect[:, trait])[0, 1] / data.effect[:, trait].var()
        error = result.standard_error[:, trait].mean() / data.effect[:, trait].std() / np.sqrt(200_000)
        assert abs(slope - 1) < 4 * error
    assert (result.standard_error < np.sqrt(SIGMA.diagonal() / data.n)).mean() > 0.99  # and there is a gain


def test_a_trait_without_effects_of_its_own_has_standard_normal_statistics() -> None:
    generator = np.random.default_rng(24)
    weight = OMEGA[:, 0] / OMEGA[0, 0]
    others = OMEGA - np.outer(weight, weight) * OMEGA[0, 0]  # what is left of the effects where trait 1 has none
    effect = generator.multivariate_normal(np.zeros(3), others, 200_000, method="eigh")
    data = simulate(generator, 200_000, effect=effect)
    z = mtag(data.z, data.n, OMEGA, SIGMA).z[:, 0]
    assert abs(z.mean()) < 4 / np.sqrt(200_000)
    assert abs(z.var() - 1) < 4 * np.sqrt(2 / 200_000)
    assert abs((np.abs(z) > 3.2905).mean() - 0.001) < 4 * np.sqrt(0.001 / 200_000)


def test_a_given_omega_that_is_no_covariance_matrix_is_used_as_it_is() -> None:
    omega = 1e-6 * np.array([[4.0, 4.4], [4.4, 4.0]])
    data = simulate(np.random.default_rng(25), 100)
    z, n = data.z[:, 1:], data.n[:, 1:] / 10
    assert_same(mtag(z, n, omega, SIGMA[1:, 1:]), *by_the_paper(z, n, omega, SIGMA[1:, 1:]))


def test_without_a_variance_there_is_an_error_that_says_so() -> None:
    omega = 1e-6 * np.array([[4.0, 44.0], [44.0, 4.0]])
    data = simulate(np.random.default_rng(26), 5)
    with pytest.raises(GwasmetaError, match=r"trait 1, SNP 1: no MTAG estimate has a variance, nor of 9 others"):
        mtag(data.z[:, :2], data.n[:, :2], omega, SIGMA[:2, :2])


def test_faulty_input_is_refused() -> None:
    data = simulate(np.random.default_rng(27), 5)
    with pytest.raises(GwasmetaError, match=r"omega has shape \(2, 2\), and there are 3 traits"):
        mtag(data.z, data.n, OMEGA[:2, :2], SIGMA)
    with pytest.raises(GwasmetaError, match="sigma is not positive definite"):
        mtag(data.z, data.n, OMEGA, np.ones((3, 3)))
    data.n[2, 1] = 0
    with pytest.raises(ValueError, match=r"n\[2, 1\] is 0"):
        mtag(data.z, data.n, OMEGA, SIGMA)


def test_no_snps_have_no_estimates() -> None:
    assert mtag(np.empty((0, 3)), np.empty((0, 3)), OMEGA, SIGMA).z.shape == (0, 3)


def test_sums_of_weights_are_the_estimates_where_all_effects_are_1() -> None:
    data = simulate(np.random.default_rng(11), 400, OMEGA, SIGMA)
    data.z[::3, 1] = np.nan
    result = mtag(data.z, data.n, OMEGA, SIGMA)
    complete = data.n[~np.isnan(data.z).any(axis=1)]
    sums_of_weights, _ = by_the_paper(np.sqrt(complete), complete, OMEGA, SIGMA)
    assert_allclose(result.mean_weight_sums, sums_of_weights.mean(axis=0), rtol=1e-9)


def test_without_snps_that_all_traits_have_there_is_no_sum_of_weights() -> None:
    data = simulate(np.random.default_rng(12), 10, OMEGA, SIGMA)
    data.z[:, 1] = np.nan
    assert np.isnan(mtag(data.z, data.n, OMEGA, SIGMA).mean_weight_sums).tolist() == [True] * 3


@pytest.mark.parametrize("layout", ["C", "F"])
def test_the_layout_in_memory_is_irrelevant_and_columns_come_in_one_piece(layout: str) -> None:
    data = simulate(np.random.default_rng(13), 50, OMEGA, SIGMA)
    result = mtag(np.array(data.z, order=layout), np.array(data.n, order=layout), OMEGA, SIGMA)
    assert_same(result, *by_the_paper(data.z, data.n, OMEGA, SIGMA))
    assert result.beta[:, 1].flags.c_contiguous
