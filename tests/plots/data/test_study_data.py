"""Forest plots, scatter plots, checks of studies, many traits: each number against another source."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects

from gwasmeta.errors import GwasmetaError
from gwasmeta.plots.data import (
    Canvas,
    attrition_data,
    forest_data,
    frequency_data,
    gain_data,
    heterogeneity_data,
    inflation_n_data,
    matrix_data,
    max_fdr_surface_data,
    p_z_data,
    scatter_data,
    standard_error_n_data,
    volcano_data,
)

BETA, ERROR, N = [0.12, 0.05, 0.20, -0.02], [0.04, 0.03, 0.08, 0.05], [1000.0, 2000.0, 300.0, 800.0]


# --- forest -------------------------------------------------------------------------------------------


def test_a_forest_plot_has_the_numbers_of_statsmodels():
    data = forest_data(list("abcd"), BETA, ERROR, N)
    other = combine_effects(np.array(BETA), np.array(ERROR) ** 2, method_re="chi2", use_t=False)
    table = other.summary_frame()
    fixed, random = table.loc["fixed effect"], table.loc["random effect"]
    assert_allclose([data.fixed.beta, data.fixed.lower, data.fixed.upper], fixed[["eff", "ci_low", "ci_upp"]])
    assert_allclose([data.random.beta, data.random.lower, data.random.upper], random[["eff", "ci_low", "ci_upp"]])
    assert_allclose(data.lower, table["ci_low"].iloc[:4])
    assert_allclose(data.weight, 100 * table["w_fe"].iloc[:4])
    assert_allclose(data.random_weight, 100 * table["w_re"].iloc[:4])
    assert_allclose([data.q, data.tau_squared, data.i_squared], [other.q, other.tau2, 100 * other.i2])
    assert 10**-data.q_neg_log_10_p_value == pytest.approx(stats.chi2.sf(other.q, 3))
    assert data.degrees_of_freedom == 3


def test_studies_without_the_variant_are_not_in_the_forest_plot():
    holed = forest_data(list("abxcd"), [*BETA[:2], np.nan, *BETA[2:]], [*ERROR[:2], 0.1, *ERROR[2:]])
    whole = forest_data(list("abcd"), BETA, ERROR)
    assert holed.study == whole.study
    assert holed.fixed == whole.fixed
    assert set(holed.columns()) == {"study", "beta", "lower", "upper", "weight", "random_weight", "n"}


def test_one_study_is_its_own_summary():
    data = forest_data(["a"], [0.1], [0.02])
    assert data.fixed.beta == data.random.beta == 0.1
    assert np.isnan(data.i_squared)
    assert (data.degrees_of_freedom, data.tau_squared) == (0, 0)


def test_no_study_is_an_error():
    with pytest.raises(GwasmetaError, match="no study measured the variant"):
        forest_data(["a", "b"], [np.nan, 0.1], [0.1, 0.0])
    with pytest.raises(GwasmetaError, match="beta: has shape"):
        forest_data(["a", "b"], [0.1], [0.1])


# --- scatter plots ------------------------------------------------------------------------------------


def test_correlation_and_slope_are_of_all_variants():
    rng = np.random.default_rng(1)
    x = rng.normal(size=5000)
    y = 0.7 * x + rng.normal(size=5000)
    data = scatter_data(np.append(x, np.nan), np.append(y, 1.0), canvas=Canvas(30.0, 30.0))
    assert data.correlation == pytest.approx(stats.pearsonr(x, y).statistic)
    assert data.slope == pytest.approx((x @ y) / (x @ x))
    assert data.n_variants == 5000
    assert len(data.x) < 900
    assert_allclose(data.y, y[data.row])


def test_a_volcano_is_symmetric_and_marks_what_is_significant():
    data = volcano_data([0.1, -0.3, 0.2], [9.0, 2.0, np.nan])
    assert data.x_limits[0] == -data.x_limits[1] < -0.3
    assert dict(zip(data.row.tolist(), data.marked.tolist(), strict=True)) == {0: True, 1: False}


def test_heterogeneity_marks_significant_variants_with_a_large_i_squared():
    data = heterogeneity_data([80.0, 80.0, 74.0, np.nan], [8.0, 2.0, 8.0, 9.0])
    assert data.row[data.marked].tolist() == [0]
    assert (data.n_variants, data.n_marked) == (3, 1)


def test_values_of_which_no_variant_has_both_are_an_error():
    with pytest.raises(GwasmetaError, match="no variant has both values"):
        scatter_data([1.0, np.nan], [np.nan, 1.0])


# --- studies ------------------------------------------------------------------------------------------


def test_the_p_z_plot_compares_with_the_normal_distribution():
    z = np.array([0.5, -2.0, 4.0, 6.0])
    right = -np.log10(2 * stats.norm.sf(np.abs(z)))
    one_sided = right.copy()
    one_sided[2] -= np.log10(2) * 5
    data = p_z_data(z, one_sided)
    assert_allclose(data.x, right)
    assert data.row[data.marked].tolist() == [2]
    assert p_z_data(z, right).n_marked == 0
    assert p_z_data([50.0], [600.0]).y.tolist() == [300.0]


def test_frequencies_that_differ_are_marked():
    data = frequency_data([0.1, 0.5, 0.9, np.nan], [0.12, 0.71, 0.69, 0.5])
    assert data.row[data.marked].tolist() == [1, 2]
    assert (data.n_variants, data.n_marked) == (3, 2)


def test_standard_errors_of_a_trait_of_variance_1_lie_on_the_identity():
    frequency, n = np.array([0.1, 0.25, 0.4]), np.array([1000.0, 4000.0])
    constant = np.median((2 * frequency * (1 - frequency)) ** -0.5)
    errors = [np.median((2 * frequency * (1 - frequency) * size) ** -0.5) for size in n]
    data = standard_error_n_data(["a", "b"], errors, [constant] * 2, n)
    assert_allclose(data.y, data.x)
    assert_allclose(data.x, n**0.5)
    assert not data.outlying.any()


def test_a_study_in_another_unit_is_outlying():
    data = standard_error_n_data(list("abc"), [0.1, 0.1, 0.01], [2.0] * 3, [400, 400, 400])
    assert data.outlying.tolist() == [False, False, True]


def test_inflation_that_sample_size_explains_is_not_outlying():
    data = inflation_n_data(["large", "small", "none", "without"], [1.3, 1.3, 1.0, np.nan], [100_000, 900, 900, 5])
    assert data.study == ("large", "small", "none")
    assert data.outlying.tolist() == [False, True, False]


def test_no_study_with_a_sample_size_is_an_error():
    with pytest.raises(GwasmetaError, match="no study has both a sample size"):
        inflation_n_data(["a"], [1.0], [np.nan])


def test_attrition_accounts_for_every_row():
    excluded = [{"beta_missing": 5, "alleles_identical": 1}, {}, {"filter: info >= 0.4": 100, "beta_missing": 2}]
    data = attrition_data(["a", "b", "c"], [90, 50, 10], excluded, most_rules=2)
    assert data.rules == ("used", "filter: info >= 0.4", "beta_missing", "other rules")
    counts = dict(zip(zip(data.study, data.rule, strict=True), data.count.tolist(), strict=True))
    assert counts["a", "other rules"] == 1
    assert counts["b", "used"] == 50
    for study, used, by_rule in zip("abc", [90, 50, 10], excluded, strict=True):
        assert sum(count for (name, _), count in counts.items() if name == study) == used + sum(by_rule.values())


# --- many traits --------------------------------------------------------------------------------------


def test_a_matrix_in_long_form_has_every_cell():
    data = matrix_data(["a", "b"], [[1.0, 0.3], [0.4, 1.0]])
    assert data.value[(data.row == 1) & (data.column == 0)] == 0.4
    assert len(data.value) == 4
    with pytest.raises(GwasmetaError, match=r"shape \(1, 2\)"):
        matrix_data(["a", "b"], [[1.0, 0.3]])


def test_a_surface_is_the_maximum_over_all_points_with_the_same_shares():
    states = np.array(list(itertools.product([False, True], repeat=2)))
    units = np.array([u for u in itertools.product(range(5), repeat=4) if sum(u) == 4])
    probability = units / 4
    fdr = np.random.default_rng(1).random((len(units), 2))
    data = max_fdr_surface_data(["a", "b"], states, probability, fdr, trait=1, other=0, intervals=4)
    for i, j in itertools.product(range(5), repeat=2):
        chosen = ((probability @ states)[:, 1] == i / 4) & ((probability @ states)[:, 0] == j / 4)
        assert_allclose(data.fdr[j, i], fdr[chosen, 1].max() if chosen.any() else np.nan)
    assert data.maximum == fdr[:, 1].max()
    assert (data.trait, data.other) == ("b", "a")


def test_gains_keep_their_traits():
    data = gain_data(["a", "b"], [1.2, 1.1], [1.5, 1.1], [2000, 1000], [1000, 1000])
    assert data.columns()["trait"].tolist() == ["a", "b"]
    assert data.columns()["after"].tolist() == [1.5, 1.1]
