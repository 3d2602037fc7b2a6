"""Between-study variance: metafor, statsmodels, a dense search of the likelihood, and properties."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from numpy.testing import assert_allclose, assert_array_equal
from study_matrices_data import FloatArray, Studies, statsmodels_result, studies

from gwasmeta.errors import GwasmetaError
from gwasmeta.stats.between_study_variance import Estimator, between_study_variance

ESTIMATORS = get_args(Estimator)
every_estimator = pytest.mark.parametrize("estimator", ESTIMATORS)

# Where tau-squared is next to 0, it is a difference of numbers of the size of the effects' variance, up to 1.
ROUNDING = 1e-13

BETA = [[-0.689706844, -0.338136727, -0.141895858, 1.12415248]]
STANDARD_ERROR = [[0.210656113, 0.116405629, 0.0390729949, 0.980186859]]


@pytest.mark.parametrize(
    ("estimator", "expected"),
    [
        ("DL", 0.0425184665288071),
        ("PM", 0.121893485043734),
        ("REML", 0.0442618659891415),
        ("ML", 0.0171885576246837),
        ("SJ", 0.271023414247238),
        ("HE", 0.369400410904739),
        ("HS", 0.00851704536097593),
        ("EB", 0.121893485046068),
    ],
)
def test_agrees_with_metafor(estimator: Estimator, expected: float) -> None:
    # metafor 3.8-1: rma(beta, sei=standard_error, method=estimator)$tau2. Its iterations stop when a step is
    # below 1e-12, some 1e-11 from the limit.
    assert_allclose(between_study_variance(BETA, STANDARD_ERROR, estimator), expected, rtol=0, atol=1e-11)


@given(data=studies(fewest_studies=2, missing=False))
def test_dersimonian_laird_agrees_with_statsmodels(data: Studies) -> None:
    beta, standard_error = data
    tau_squared = between_study_variance(beta, standard_error, "DL")
    for variant in range(len(beta)):
        reference = statsmodels_result(beta[variant], standard_error[variant], "dl")
        # Its Q, in one pass, is rounded to the digits of the largest squared z; tau² divides by the weights.
        weight = np.sort(standard_error[variant] ** -2)
        rounding = 1e-15 * ((beta / standard_error)[variant] ** 2).sum() / weight[:-1].sum()
        assert_allclose(tau_squared[variant], max(0, reference.tau2), rtol=1e-9, atol=rounding)


@pytest.mark.parametrize("estimator", ["PM", "EB"])
@given(data=studies(fewest_studies=2, missing=False))
def test_paule_mandel_agrees_with_statsmodels(estimator: Estimator, data: Studies) -> None:
    beta, standard_error = data
    tau_squared = between_study_variance(beta, standard_error, estimator)
    for variant in range(len(beta)):
        reference = statsmodels_result(beta[variant], standard_error[variant], "pm")
        if reference.tau2 > 0:  # it also returns 0 where its last step lands on the root, or a rounding beyond
            assert_allclose(tau_squared[variant], reference.tau2, rtol=1e-8, atol=1e-9)


def log_likelihood(
    beta: FloatArray, standard_error: FloatArray, tau_squared: FloatArray, restricted: bool
) -> FloatArray:
    """Return the profile log-likelihood of one variant at many values of tau-squared."""
    variance = standard_error**2 + tau_squared[:, np.newaxis]
    mean = np.average(np.broadcast_to(beta, variance.shape), axis=1, weights=1 / variance)
    value = -0.5 * (np.log(variance) + (beta - mean[:, np.newaxis]) ** 2 / variance).sum(axis=1)
    return value - 0.5 * np.log((1 / variance).sum(axis=1)) if restricted else value


@pytest.mark.parametrize("estimator", ["ML", "REML"])
@given(data=studies(fewest_studies=2, missing=False, standard_errors=(1e-4, 1)))
def test_no_tau_squared_is_more_likely_than_the_maximum(estimator: Estimator, data: Studies) -> None:
    for beta, standard_error in zip(*data, strict=True):
        found = between_study_variance([beta], [standard_error], estimator)
        others = np.concatenate(([0], np.geomspace(1e-9, 100, 20_000)))
        restricted = estimator == "REML"
        best = log_likelihood(beta, standard_error, others, restricted).max()
        assert log_likelihood(beta, standard_error, found, restricted)[0] >= best - 1e-12 * (1 + abs(best))


@pytest.mark.parametrize(
    ("beta", "standard_error", "lower", "upper"),
    [
        # Two maxima, near 0.0025 and near 0.374; the second is the greater one.
        ([-0.63, -2.18, -0.61, -2.11, -1.52], [1, 0.01, 0.5, 0.01, 1], 0.3, 0.45),
        # Two maxima, at 0 and near 0.266; the first is the greater one.
        ([0.91, 0.45, 0.47, -0.82, 0.45, -0.68], [0.3, 0.02, 1, 0.5, 0.02, 0.5], 0, 0),
        # Two maxima, at 0 and near 0.0016; the second is the greater one.
        ([0.09, -0.13, -0.03, -0.03], [0.05, 1, 0.02, 0.01], 0.001, 0.002),
    ],
)
def test_the_greatest_of_several_maxima_is_found(
    beta: list[float], standard_error: list[float], lower: float, upper: float
) -> None:
    tau_squared = between_study_variance([beta], [standard_error], "REML")[0]
    assert lower <= tau_squared <= upper


@given(studies(fewest_studies=2, missing=False))
def test_paule_mandel_makes_q_equal_to_its_expectation(data: Studies) -> None:
    beta, standard_error = data
    tau_squared = between_study_variance(beta, standard_error, "PM")
    weight = 1 / (standard_error**2 + tau_squared[:, np.newaxis])
    mean = np.average(beta, axis=1, weights=weight)
    q = (weight * (beta - mean[:, np.newaxis]) ** 2).sum(axis=1)
    degrees_of_freedom = beta.shape[1] - 1
    assert_allclose(q[tau_squared > 0], degrees_of_freedom, rtol=1e-11)
    assert (q[tau_squared == 0] <= degrees_of_freedom).all()


@every_estimator
def test_equal_standard_errors_have_a_closed_form(estimator: Estimator) -> None:
    beta, error = np.array([[0.1, 0.5, -0.3, 0.9]]), 0.2
    biased, unbiased = beta.var(axis=1), beta.var(axis=1, ddof=1)
    expected = {
        "ML": biased - error**2,
        "SJ": unbiased * biased / (biased + error**2),
        "HS": biased - error**2,
    }.get(estimator, unbiased - error**2)
    assert_allclose(between_study_variance(beta, np.full((1, 4), error), estimator), expected, rtol=1e-12)


@every_estimator
@given(data=studies())
def test_alleles_order_and_units_are_irrelevant(estimator: Estimator, data: Studies) -> None:
    beta, standard_error = data
    tau_squared = between_study_variance(beta, standard_error, estimator)
    swapped = between_study_variance(-beta, standard_error, estimator)
    assert_array_equal(swapped, tau_squared)
    reversed_order = between_study_variance(beta[:, ::-1], standard_error[:, ::-1], estimator)
    assert_allclose(reversed_order, tau_squared, rtol=1e-9, atol=ROUNDING)
    in_other_units = between_study_variance(1024 * beta, 1024 * standard_error, estimator)
    assert_allclose(in_other_units, 1024**2 * tau_squared, rtol=1e-9, atol=1024**2 * ROUNDING)


@every_estimator
@given(data=studies())
def test_a_missing_study_is_an_absent_one(estimator: Estimator, data: Studies) -> None:
    beta, standard_error = data
    tau_squared = between_study_variance(beta, standard_error, estimator)
    for variant, measured in enumerate(~np.isnan(beta)):
        alone = between_study_variance(beta[[variant]][:, measured], standard_error[[variant]][:, measured], estimator)
        assert_array_equal(alone, tau_squared[[variant]])


@pytest.mark.parametrize("estimator", ["DL", "PM", "EB", "HE", "REML"])
def test_effects_that_spread_as_chance_lets_them_leave_nothing(estimator: Estimator) -> None:
    # Two studies with standard errors 1: the expected squared difference is 2, and tau² = difference² / 2 - 1.
    beta = [[0, np.sqrt(2) - 1e-6], [0, np.sqrt(2) + 1e-6]]
    tau_squared = between_study_variance(beta, np.ones((2, 2)), estimator)
    assert tau_squared[0] == 0
    assert_allclose(tau_squared[1], np.sqrt(2) * 1e-6 + 0.5e-12, rtol=1e-8)


@every_estimator
def test_equal_effects_one_study_and_no_study(estimator: Estimator) -> None:
    beta = [[0.3, 0.3, 0.3], [np.nan, 0.3, np.nan], [np.nan, np.nan, np.nan]]
    tau_squared = between_study_variance(beta, [[0.1, 0.2, 0.3]] * 3, estimator)
    assert_allclose(tau_squared, [0, 0, np.nan], rtol=0, atol=1e-30)


@every_estimator
def test_one_study_of_nearly_all_the_weight_takes_no_digits(estimator: Estimator) -> None:
    # Of two studies, DL, HE, PM and REML are (difference² - v1 - v2) / 2; the others have closed forms, too.
    difference, small, large = 3.0, 1e-9, 1.0
    tau_squared = between_study_variance([[0, difference]], [[small, large]], estimator)[0]
    moments = (difference**2 - small**2 - large**2) / 2
    biased = difference**2 / 4
    expected = {
        "SJ": biased * difference**2 / (2 * biased + small**2 + large**2),
        "ML": log_likelihood_maximum_of_two(difference, small, large),
        "HS": (difference**2 / (small**2 + large**2) - 2) / (small**-2 + large**-2),
    }.get(estimator, moments)
    assert_allclose(tau_squared, expected, rtol=1e-11)


def log_likelihood_maximum_of_two(difference: float, small: float, large: float) -> float:
    """Return the ML estimate of two studies with these errors: at the border, as a dense search shows."""
    candidates = np.concatenate(([0], np.geomspace(1e-20, 100, 100_000)))
    effects, errors = np.array([0, difference]), np.array([small, large])
    return float(candidates[log_likelihood(effects, errors, candidates, restricted=False).argmax()])


def test_an_unknown_estimator_is_refused_with_the_known_ones() -> None:
    with pytest.raises(GwasmetaError, match=r"no estimator 'REM'.*\n.*DL, PM, REML, ML, SJ, HE, HS, EB"):
        between_study_variance([[0.1, 0.2]], [[0.1, 0.1]], "REM")  # type: ignore[arg-type]
