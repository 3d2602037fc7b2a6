"""Fixed effects: what holds for all studies, then metafor and statsmodels."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from numpy.testing import assert_allclose, assert_array_equal
from study_matrices_data import Studies, statsmodels_result, studies

from gwasmeta.stats.fixed_effects import fixed_effects
from gwasmeta.stats.normal import neg_log_10_p_value


@given(studies())
def test_swapping_the_alleles_flips_the_sign_and_nothing_else(data: Studies) -> None:
    beta, standard_error = data
    kept, swapped = fixed_effects(beta, standard_error), fixed_effects(-beta, standard_error)
    assert_array_equal(swapped.beta, -kept.beta)
    assert_array_equal(swapped.z, -kept.z)
    assert_array_equal(swapped.standard_error, kept.standard_error)
    assert_array_equal(swapped.neg_log_10_p_value, kept.neg_log_10_p_value)


@given(studies())
def test_the_order_of_the_studies_is_irrelevant(data: Studies) -> None:
    beta, standard_error = data
    forwards = fixed_effects(beta, standard_error)
    backwards = fixed_effects(beta[:, ::-1], standard_error[:, ::-1])
    assert_allclose(backwards.beta, forwards.beta, rtol=1e-12, atol=1e-15)
    assert_allclose(backwards.standard_error, forwards.standard_error, rtol=1e-14)


@given(studies())
def test_a_missing_study_is_an_absent_one(data: Studies) -> None:
    beta, standard_error = data
    combined = fixed_effects(beta, standard_error)
    for variant, measured in enumerate(~np.isnan(beta)):
        alone = fixed_effects(beta[[variant]][:, measured], standard_error[[variant]][:, measured])
        assert_allclose(combined.beta[variant], alone.beta[0], rtol=1e-12, atol=1e-15)
        assert_allclose(combined.standard_error[variant], alone.standard_error[0], rtol=1e-14)


@given(studies())
def test_other_units_rescale_the_effect_and_leave_z(data: Studies) -> None:
    beta, standard_error = data
    metres, millimetres = fixed_effects(beta, standard_error), fixed_effects(1e3 * beta, 1e3 * standard_error)
    assert_allclose(millimetres.beta, 1e3 * metres.beta, rtol=1e-12, atol=1e-12)
    assert_allclose(millimetres.standard_error, 1e3 * metres.standard_error, rtol=1e-14)
    assert_allclose(millimetres.z, metres.z, rtol=1e-12, atol=1e-12)


@given(studies(fewest_studies=2, missing=False))
def test_the_combined_error_is_below_that_of_every_study(data: Studies) -> None:
    beta, standard_error = data
    assert (fixed_effects(beta, standard_error).standard_error < standard_error.min(axis=1)).all()


def test_one_study_returns_itself() -> None:
    combined = fixed_effects([[np.nan, 0.3, np.nan]], [[np.nan, 0.1, 0.2]])
    assert_allclose(combined.beta, [0.3], rtol=1e-15)
    assert_allclose(combined.standard_error, [0.1], rtol=1e-15)
    assert_allclose(combined.z, [3], rtol=1e-15)
    assert_allclose(combined.neg_log_10_p_value, neg_log_10_p_value([3]), rtol=1e-14)


def test_two_equal_studies_halve_the_variance() -> None:
    combined = fixed_effects([[0.3, 0.3]], [[0.1, 0.1]])
    assert_allclose(combined.beta, [0.3], rtol=1e-15)
    assert_allclose(combined.standard_error**2, [0.005], rtol=1e-15)


def test_a_variant_that_no_study_measured_has_no_estimate() -> None:
    combined = fixed_effects([[np.nan, np.nan], [0.1, 0.2]], [[0.1, 0.1], [0.1, 0.1]])
    for column in (combined.beta, combined.standard_error, combined.z, combined.neg_log_10_p_value):
        assert_array_equal(np.isnan(column), [True, False])


def test_agrees_with_metafor() -> None:
    # metafor 3.8-1: rma(c(.12, .05, .20), sei=c(.04, .03, .08), method="EE")
    combined = fixed_effects([[0.12, 0.05, 0.20]], [[0.04, 0.03, 0.08]])
    assert_allclose(combined.beta, 0.0855045871559633, rtol=1e-12)
    assert_allclose(combined.standard_error, 0.0229878308453076, rtol=1e-12)


@given(studies(fewest_studies=2, missing=False))
def test_agrees_with_statsmodels(data: Studies) -> None:
    beta, standard_error = data
    combined = fixed_effects(beta, standard_error)
    for variant in range(len(beta)):
        reference = statsmodels_result(beta[variant], standard_error[variant], "dl")
        assert_allclose(combined.beta[variant], reference.mean_effect_fe, rtol=1e-12, atol=1e-15)
        assert_allclose(combined.standard_error[variant], reference.sd_eff_w_fe, rtol=1e-12)


@pytest.mark.parametrize("faulty", [0, -0.1, np.nan, np.inf, 1e-60, 1e60])
def test_a_measured_effect_needs_a_standard_error(faulty: float) -> None:
    beta = np.full((3, 2), 0.1)
    standard_error = np.full((3, 2), 0.1)
    standard_error[2, 1] = faulty
    with pytest.raises(ValueError, match=re.escape(f"standard_error[2, 1] is {float(faulty)}: ")):
        fixed_effects(beta, standard_error)


def test_an_infinite_effect_is_refused() -> None:
    with pytest.raises(ValueError, match=re.escape("beta[0, 1] is -inf: ")):
        fixed_effects([[0.1, -np.inf]], [[0.1, 0.1]])


@pytest.mark.parametrize(("beta", "standard_error"), [([0.1, 0.2], [0.1, 0.1]), ([[0.1, 0.2]], [[0.1], [0.1]])])
def test_shapes_that_do_not_fit_are_refused(beta: list[float], standard_error: list[float]) -> None:
    with pytest.raises(ValueError, match=r"beta has shape .* and standard_error has shape .*n_studies"):
        fixed_effects(beta, standard_error)
