"""Random effects: metafor and statsmodels, then what holds for all studies."""

from __future__ import annotations

import re
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from study_matrices_data import FloatArray, Studies, shared_file, statsmodels_result, studies

from gwasmeta.stats.between_study_variance import Estimator
from gwasmeta.stats.fixed_effects import fixed_effects
from gwasmeta.stats.heterogeneity import heterogeneity
from gwasmeta.stats.random_effects import RandomEffects, random_effects, random_effects_given_tau_squared

ESTIMATORS = get_args(Estimator)
every_estimator = pytest.mark.parametrize("estimator", ESTIMATORS)
both_tests = pytest.mark.parametrize("hartung_knapp", [False, True], ids=["z", "hartung_knapp"])

BETA = [[-0.689706844, -0.338136727, -0.141895858, 1.12415248]]
STANDARD_ERROR = [[0.210656113, 0.116405629, 0.0390729949, 0.980186859]]

N_GOLDEN_VARIANTS = 300
# Effects that are all equal: Hartung-Knapp has no standard error, and metafor gives Inf or a rounding error.
N_GOLDEN_EQUAL_EFFECTS = 5


@pytest.fixture(scope="module")
def golden_studies() -> Studies:
    rows = pd.read_csv(shared_file("golden/meta/metafor_input.tsv"), sep="\t")
    matrices = rows.pivot(index="variant", columns="study").loc[golden_variants()]
    assert len(matrices) == N_GOLDEN_VARIANTS
    return matrices["beta"].to_numpy(), matrices["se"].to_numpy()


@pytest.fixture(scope="module")
def golden() -> pd.DataFrame:
    rows = pd.read_csv(shared_file("golden/meta/metafor.tsv.gz"), sep="\t")
    table = rows.set_index(["method", "test", "variant"]).sort_index()
    grid = pd.MultiIndex.from_product([["FE", *ESTIMATORS], ["z", "knha"], golden_variants()])
    assert table.index.is_unique
    assert set(table.index) == set(grid)
    numbers = ["tau2", "beta", "se", "zval", "pval", "ci_lb", "ci_ub", "Q", "Qp", "I2", "H2"]
    assert table[numbers].notna().all().all()
    return table[numbers]


def golden_variants() -> list[str]:
    return [f"v{number}" for number in range(1, N_GOLDEN_VARIANTS + 1)]


def assert_agrees_with_golden(found: RandomEffects, expected: pd.DataFrame, hartung_knapp: bool) -> None:
    tested = (expected["Q"] > 1e-20).to_numpy() | (not hartung_knapp)
    assert tested.sum() == N_GOLDEN_VARIANTS - (N_GOLDEN_EQUAL_EFFECTS if hartung_knapp else 0)
    assert_allclose(found.beta, expected["beta"], rtol=1e-8)

    # An interval may end next to 0: its accuracy is that of a standard error.
    unit = found.standard_error[tested]
    assert_allclose(unit, expected["se"][tested], rtol=1e-8)
    assert_allclose(found.statistic[tested], expected["zval"][tested], rtol=1e-8)
    assert_allclose(found.neg_log_10_p_value[tested], -np.log10(expected["pval"][tested]), rtol=1e-8)
    assert_allclose(found.ci_lower[tested] / unit, expected["ci_lb"][tested] / unit, rtol=1e-8, atol=1e-8)
    assert_allclose(found.ci_upper[tested] / unit, expected["ci_ub"][tested] / unit, rtol=1e-8, atol=1e-8)


@both_tests
@every_estimator
def test_agrees_with_golden_metafor(
    estimator: Estimator, hartung_knapp: bool, golden: pd.DataFrame, golden_studies: Studies
) -> None:
    expected = golden.loc[(estimator, "knha" if hartung_knapp else "z")].loc[golden_variants()]
    found = random_effects(*golden_studies, estimator, hartung_knapp)
    assert_agrees_with_golden(found, expected, hartung_knapp)
    # metafor iterates until a step is below 1e-12, which is up to 12 steps from the limit; where the limit is
    # 0, it stops that far above it.
    assert_allclose(found.tau_squared, expected["tau2"], rtol=1e-8, atol=1.5e-11)
    assert_allclose(found.i_squared, expected["I2"], rtol=1e-8, atol=1e-7)  # per cent: 1e-9 of the whole
    assert_allclose(found.h_squared, expected["H2"], rtol=1e-8)


@both_tests
def test_fixed_effects_and_heterogeneity_agree_with_golden_metafor(
    hartung_knapp: bool, golden: pd.DataFrame, golden_studies: Studies
) -> None:
    expected = golden.loc[("FE", "knha" if hartung_knapp else "z")].loc[golden_variants()]
    scaled = random_effects_given_tau_squared(*golden_studies, np.zeros(N_GOLDEN_VARIANTS), hartung_knapp)
    assert_agrees_with_golden(scaled, expected, hartung_knapp)

    found = heterogeneity(*golden_studies)
    assert_allclose(found.q, expected["Q"], rtol=1e-9, atol=1e-12)
    assert_allclose(found.neg_log_10_p_value, -np.log10(expected["Qp"]), rtol=1e-9, atol=1e-12)
    assert_allclose(found.i_squared, expected["I2"], rtol=1e-9, atol=1e-12)
    assert_allclose(found.h_squared, expected["H2"], rtol=1e-9, atol=1e-12)


def test_agrees_with_metafor() -> None:
    # metafor 3.8-1: rma(beta, sei=standard_error, method="REML", test="z" and "knha", threshold 1e-12)
    normal = random_effects(BETA, STANDARD_ERROR, "REML")
    assert_allclose(normal.beta, -0.303624311905157, rtol=1e-10)
    assert_allclose(normal.standard_error, 0.139463398468946, rtol=1e-10)
    assert_allclose(normal.statistic, -2.17708958220148, rtol=1e-10)
    assert_allclose(normal.neg_log_10_p_value, -np.log10(0.0294738841977632), rtol=1e-10)
    assert_allclose([normal.ci_lower, normal.ci_upper], [[-0.576967550065851], [-0.0302810737444641]], rtol=1e-10)
    assert_allclose(normal.i_squared, 71.9935924914374, rtol=1e-10)
    assert_allclose(normal.h_squared, 3.57061147415735, rtol=1e-10)

    student = random_effects(BETA, STANDARD_ERROR, "REML", hartung_knapp=True)
    assert_allclose(student.standard_error, 0.167004301567287, rtol=1e-10)
    assert_allclose(student.statistic, -1.81806282266822, rtol=1e-10)
    assert_allclose(student.neg_log_10_p_value, -np.log10(0.166642604400664), rtol=1e-10)
    assert_allclose([student.ci_lower, student.ci_upper], [[-0.835106534394457], [0.227857910584142]], rtol=1e-10)


@given(data=studies(fewest_studies=2, missing=False))
def test_agrees_with_statsmodels(data: Studies) -> None:
    beta, standard_error = data
    results = [statsmodels_result(*variant, "pm", use_t=True) for variant in zip(beta, standard_error, strict=True)]
    tau_squared = [reference.tau2 for reference in results]
    normal = random_effects_given_tau_squared(beta, standard_error, tau_squared)
    student = random_effects_given_tau_squared(beta, standard_error, tau_squared, hartung_knapp=True)
    for variant, reference in enumerate(results):
        error = reference.sd_eff_w_re
        assert_allclose(normal.beta[variant], reference.mean_effect_re, rtol=1e-11, atol=1e-11 * error)
        assert_allclose(normal.standard_error[variant], error, rtol=1e-11)
        assert_allclose(student.standard_error[variant], reference.sd_eff_w_re_hksj, rtol=1e-11)
        lower, upper = reference.conf_int()[3]  # random effects, scaled
        assert_allclose(student.ci_lower[variant], lower, rtol=1e-11, atol=1e-11 * error)
        assert_allclose(student.ci_upper[variant], upper, rtol=1e-11, atol=1e-11 * error)


@both_tests
@every_estimator
@given(data=studies(fewest_studies=2))
def test_swapping_the_alleles_mirrors_the_effect(estimator: Estimator, hartung_knapp: bool, data: Studies) -> None:
    beta, standard_error = data
    kept = random_effects(beta, standard_error, estimator, hartung_knapp)
    swapped = random_effects(-beta, standard_error, estimator, hartung_knapp)
    assert_array_equal(swapped.beta, -kept.beta)
    assert_array_equal(swapped.ci_lower, -kept.ci_upper)
    assert_array_equal(swapped.statistic, -kept.statistic)
    assert_array_equal(swapped.neg_log_10_p_value, kept.neg_log_10_p_value)


@both_tests
@given(data=studies(fewest_studies=2), power=st.integers(-20, 20))
def test_other_units_rescale_the_effect_and_leave_the_test(hartung_knapp: bool, data: Studies, power: int) -> None:
    beta, standard_error = data
    unit = 2.0**power
    kept = random_effects(beta, standard_error, "REML", hartung_knapp)
    rescaled = random_effects(unit * beta, unit * standard_error, "REML", hartung_knapp)
    assert_allclose(rescaled.beta, unit * kept.beta, rtol=1e-9)
    assert_allclose(rescaled.standard_error, unit * kept.standard_error, rtol=1e-9)
    assert_allclose(rescaled.tau_squared, unit**2 * kept.tau_squared, rtol=1e-9)
    assert_allclose(rescaled.statistic, kept.statistic, rtol=1e-9)
    assert_allclose(rescaled.i_squared, kept.i_squared, rtol=1e-9)


@both_tests
@given(data=studies())
def test_a_missing_study_is_an_absent_one(hartung_knapp: bool, data: Studies) -> None:
    beta, standard_error = data
    together = random_effects(beta, standard_error, "PM", hartung_knapp)
    for variant, measured in enumerate(~np.isnan(beta)):
        alone = random_effects(
            beta[[variant]][:, measured], standard_error[[variant]][:, measured], "PM", hartung_knapp
        )
        for name, column in columns(together).items():
            assert_allclose(columns(alone)[name], column[[variant]], rtol=1e-11, atol=1e-12, err_msg=name)


def columns(result: RandomEffects) -> dict[str, FloatArray]:
    return dict(vars(result))


@given(data=studies())
def test_without_between_study_variance_it_is_the_fixed_effects_estimate(data: Studies) -> None:
    beta, standard_error = data
    found = random_effects_given_tau_squared(beta, standard_error, np.zeros(len(beta)))
    expected = fixed_effects(beta, standard_error)
    assert_allclose(found.beta, expected.beta, rtol=1e-14, atol=1e-15)
    assert_allclose(found.standard_error, expected.standard_error, rtol=1e-14)
    assert_allclose(found.neg_log_10_p_value, expected.neg_log_10_p_value, rtol=1e-12, atol=1e-14)
    several = (~np.isnan(beta)).sum(axis=1) > 1
    assert_array_equal(found.i_squared[several], 0)
    assert_array_equal(found.h_squared[several], 1)


def test_two_equal_studies_halve_the_variance() -> None:
    found = random_effects([[0.3, 0.3]], [[0.1, 0.1]], "REML")
    assert_allclose(found.beta, 0.3, rtol=1e-15)
    assert_allclose(found.standard_error**2, 0.005, rtol=1e-15)


@every_estimator
def test_one_study_returns_itself(estimator: Estimator) -> None:
    found = random_effects([[0.3, np.nan]], [[0.1, np.nan]], estimator)
    assert_allclose(found.beta, 0.3, rtol=1e-15)
    assert_allclose(found.standard_error, 0.1, rtol=1e-15)
    assert_allclose(found.statistic, 3, rtol=1e-15)
    assert found.tau_squared[0] == 0
    assert np.isnan(found.i_squared[0])
    assert np.isnan(found.h_squared[0])


def test_hartung_knapp_says_nothing_about_one_study() -> None:
    found = random_effects([[0.3, np.nan]], [[0.1, np.nan]], hartung_knapp=True)
    assert_allclose(found.beta, 0.3, rtol=1e-15)
    for column in (
        found.standard_error,
        found.statistic,
        found.neg_log_10_p_value,
        found.ci_lower,
        found.ci_upper,
    ):
        assert np.isnan(column[0])


def test_hartung_knapp_of_effects_without_spread() -> None:
    found = random_effects([[0.5, 0.5, 0.5], [0, 0, 0]], np.full((2, 3), 0.25), hartung_knapp=True)
    assert_array_equal(found.standard_error, [0, 0])
    assert_array_equal(found.statistic, [np.inf, np.nan])
    assert_array_equal(found.neg_log_10_p_value, [np.inf, np.nan])


@both_tests
def test_a_variant_without_study_or_without_tau_squared_has_no_result(hartung_knapp: bool) -> None:
    beta = [[np.nan, np.nan], [0.1, 0.2], [0.1, 0.2]]
    found = random_effects_given_tau_squared(beta, np.full((3, 2), 0.1), [0.1, np.nan, 0.1], hartung_knapp)
    for name in (
        "beta",
        "standard_error",
        "statistic",
        "neg_log_10_p_value",
        "ci_lower",
        "ci_upper",
        "i_squared",
    ):
        assert_array_equal(np.isnan(columns(found)[name]), [True, True, False], err_msg=name)


def test_one_study_of_nearly_all_the_weight_takes_no_digits() -> None:
    # Two studies: the typical sampling variance (k - 1) S1 / (S1² - S2) is (v1 + v2) / 2.
    found = random_effects_given_tau_squared([[0, 3]], [[1e-9, 1]], [0.5])
    assert_allclose(found.h_squared, 2, rtol=1e-14)
    assert_allclose(found.i_squared, 50, rtol=1e-14)


@pytest.mark.parametrize(
    ("tau_squared", "message"),
    [
        ([0.1, -0.1], "tau_squared[1] is -0.1: "),
        ([np.inf, 0], "tau_squared[0] is inf: "),
        ([0.1], "tau_squared has shape (1,): it must be (2,)"),
        (0.1, "tau_squared has shape (): it must be (2,)"),
    ],
)
def test_an_impossible_tau_squared_is_refused(tau_squared: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        random_effects_given_tau_squared([[0.1, 0.2]] * 2, [[0.1, 0.1]] * 2, tau_squared)
