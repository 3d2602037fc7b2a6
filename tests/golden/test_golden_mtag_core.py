"""The statistics behind MTAG, given what the original had at each step, against what it made of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from golden_mtag import (
    GOLDEN,
    Array,
    matrix,
    mean_n,
    omega_of,
    printed_numbers,
    small_statistics,
    statistics,
    stored,
    traits,
)
from numpy.testing import assert_allclose, assert_array_equal

from gwasmeta.stats.genetic_covariance import make_positive_semidefinite, omega_moments, perfectly_correlated
from gwasmeta.stats.genetic_covariance_likelihood import log_likelihood, omega_maximum_likelihood
from gwasmeta.stats.max_fdr import max_fdr_of_points, plan_max_fdr
from gwasmeta.stats.mtag_estimator import MtagEstimates, mtag
from gwasmeta.stats.normal import neg_log_10_p_value
from gwasmeta.stats.spike_slab import SpikeSlab, fit_spike_slab

ONE_SET_OF_SNPS = [
    "01_two_default",
    "02_three_default",
    "03_no_overlap",
    "04_perfect_gencov",
    "06a_numerical_omega_two",
    "06b_numerical_omega_perfect",
    "06c_numerical_omega_three",
    "07_nometa_no3only",
    "11_std_betas",
    "12_incld_ambig",
    "13_homogNs_frac",
    "13b_homogNs_dist",
    "14a_nmin_mafmin",
    "14c_include_exclude",
    "14d_only_chr",
    "15_gencov_residcov_path",
    "16_n_value",
    "17_five_default",
    "19_renamed_columns",
    "22b_low_chi2_force",
    "23_maf_min_renamed_eaf",
    "24_dup_first_fails",
    "25_npy_paths",
    "26_single_trait",
    "28_allele_flipping_ref",
    "30_residcov_nonpsd3",
    "31_omega_adjusted",
    "33_three_fdr3_fit_ss",
    "44_cores2_fdr_perfect",
    "45_gencov_nonpsd",
]
UNION_OF_SNPS = ["07_meta_valid3", "07_meta_two_aligned"]
GRIDS = [
    ("08_two_fdr10", "08_two_fdr10", 10, 5e-8),
    ("09_three_fdr5", "09_three_fdr5", 5, 5e-8),
    ("09b_three_fdr10", "09b_three_fdr10", 10, 5e-8),
    ("18_skip_mtag_fdr", "18_skip_mtag_fdr", 10, 5e-8),
    ("32_fdr_psig", "32_fdr_psig", 20, 1e-5),
    ("43_fdr_equal_h2", "32_fdr_psig", 10, 5e-8),
    ("44_cores2_fdr_perfect", "32_fdr_psig", 10, 5e-8),
]


@pytest.fixture(scope="module", autouse=True)
def _golden_mtag() -> None:
    if not GOLDEN.is_dir():
        pytest.skip("needs golden/mtag of the folder `shared` beside the checkout")


def assert_as_written(case: str, snps: pd.Index[str], result: MtagEstimates, frequency: Array) -> None:
    per_allele = 1.0 if case == "11_std_betas" else np.sqrt(2 * frequency * (1 - frequency))
    assert_allclose(result.z, statistics(case, snps, "mtag_z"), rtol=1e-9, atol=1e-9)
    assert_allclose(result.standard_error / per_allele, statistics(case, snps, "mtag_se"), rtol=1e-9)
    assert_allclose(result.beta / per_allele, statistics(case, snps, "mtag_beta"), rtol=1e-9, atol=1e-12)
    p_value = statistics(case, snps, "mtag_pval")
    p_value[p_value < 1e-300] = np.nan  # some are 0
    expected = np.where(np.isnan(p_value), np.nan, neg_log_10_p_value(result.z))
    assert_allclose(-np.log10(p_value), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("case", ONE_SET_OF_SNPS)
def test_estimates_of_snps_that_every_trait_has(case: str) -> None:
    snps = traits(case)[0].index
    for other in traits(case)[1:]:
        snps = snps.intersection(other.index)
    assert len(snps) > 500
    z, n, frequency = (statistics(case, snps, column) for column in ("Z", "N", "FRQ"))
    result = mtag(z, n, omega_of(case), matrix(case, "sigma_hat"))
    assert_as_written(case, snps, result, frequency)


@pytest.mark.parametrize("case", UNION_OF_SNPS)
def test_estimates_of_snps_that_some_traits_lack(case: str) -> None:
    snps = traits(case)[0].index
    for other in traits(case)[1:]:
        snps = snps.union(other.index, sort=False)
    if case != "07_meta_valid3":  # rows of each trait were thinned: only there does a missing row mean a missing SNP
        chosen = [rows.index for rows in traits(case)]
        snps = snps[np.all([snps.isin(index) for index in chosen], axis=0)]
    z, n, frequency = (statistics(case, snps, column) for column in ("z", "n", "freq"))
    result = mtag(z, n, omega_of(case), matrix(case, "sigma_hat"))
    assert_as_written(case, snps, result, frequency)


@pytest.mark.parametrize("case", ["05_perfect_gencov_equal_h2", "43_fdr_equal_h2"])
def test_estimates_where_all_traits_are_the_same(case: str) -> None:
    source = {"05_perfect_gencov_equal_h2": "02_three_default", "43_fdr_equal_h2": "06a_numerical_omega_two"}[case]
    written = pd.read_csv(stored(case, "mtag_mtag_meta.txt"), sep="\t", index_col="SNP")
    snps = written.index
    for rows in traits(source):
        snps = snps.intersection(rows.index)
    assert len(snps) > 500
    result = mtag(
        statistics(source, snps, "Z"), statistics(source, snps, "N"), omega_of(case), matrix(case, "sigma_hat")
    )
    per_allele = np.sqrt(2 * written.loc[snps, "meta_freq"] * (1 - written.loc[snps, "meta_freq"]))
    for trait in range(result.z.shape[1]):
        assert_allclose(result.z[:, trait], written.loc[snps, "mtag_z"], rtol=1e-9, atol=1e-9)
        assert_allclose(result.standard_error[:, trait] / per_allele, written.loc[snps, "mtag_se"], rtol=1e-9)


def test_weight_factors() -> None:
    case = "01_two_default"
    snps = traits(case)[0].index
    z, n = statistics(case, snps, "Z"), statistics(case, snps, "N")
    factors = mtag(z, n, omega_of(case), matrix(case, "sigma_hat")).mean_weight_sums
    printed = printed_numbers(case, "mtag.log", r"MTAG weight factors.*\n\[(.*)\]")
    assert_allclose(factors, printed, atol=0.0005)


@pytest.mark.parametrize("case", ["01_two_default", "30_residcov_nonpsd3", "31_omega_adjusted", "33_three_fdr3_fit_ss"])
def test_omega_by_moments(case: str) -> None:
    if case == "01_two_default":
        snps = traits(case)[0].index
        z, n = statistics(case, snps, "Z"), statistics(case, snps, "N")
    elif case == "31_omega_adjusted":
        snps = traits("06a_numerical_omega_two")[0].index
        z, n = (statistics("06a_numerical_omega_two", snps, column) for column in ("Z", "N"))
    else:
        z, n = small_statistics()
    repaired = make_positive_semidefinite(omega_moments(z, n, matrix(case, "sigma_hat")))
    assert_allclose(repaired.matrix, omega_of(case), rtol=1e-9)
    adjusted = printed_numbers(case, "mtag.log", r"Completed in (\d+) iterations")
    assert repaired.was_needed == (case in ("30_residcov_nonpsd3", "31_omega_adjusted"))
    assert repaired.n_shrinkages == (adjusted[-1] if repaired.was_needed else 0)


def test_sigma_is_repaired() -> None:
    given = np.loadtxt(GOLDEN / "inputs" / "residcov3_nonpsd.txt")
    repaired = make_positive_semidefinite(given)
    assert_allclose(repaired.matrix, matrix("30_residcov_nonpsd3", "sigma_hat"), rtol=1e-12)
    assert repaired.n_shrinkages == printed_numbers("30_residcov_nonpsd3", "mtag.log", r"Completed in (\d+) iter")[0]


def test_omega_is_repaired_where_sigma_has_no_overlap() -> None:
    # Omega before the repair is that of run 02, with Sigma's covariances put back by their mean over sqrt(N N')
    assert printed_numbers("03_no_overlap", "mtag.log", r"Completed in (\d+) iterations")[0] == 7
    root = np.sqrt(omega_of("03_no_overlap").diagonal())
    correlation = omega_of("03_no_overlap") / np.outer(root, root)
    before = np.where(np.eye(3), 1.0, correlation / 0.99**7)
    repaired = make_positive_semidefinite(before)
    assert repaired.n_shrinkages == 7
    assert_allclose(repaired.matrix, correlation, rtol=1e-12)


def test_perfect_correlation() -> None:
    assert_allclose(perfectly_correlated(omega_of("02_three_default")), omega_of("04_perfect_gencov"), rtol=1e-9)


@pytest.mark.parametrize(
    ("case", "perfect"),
    [("06a_numerical_omega_two", False), ("06b_numerical_omega_perfect", True), ("06c_numerical_omega_three", False)],
)
def test_omega_by_maximum_likelihood(case: str, perfect: bool) -> None:
    if case == "06c_numerical_omega_three":
        z, n = small_statistics()
    else:
        snps = traits("06a_numerical_omega_two")[0].index
        z, n = (statistics("06a_numerical_omega_two", snps, column) for column in ("Z", "N"))
    sigma = matrix(case, "sigma_hat")
    found = omega_maximum_likelihood(z, n, sigma, perfect_correlation=perfect)
    of_the_original = log_likelihood(z, n, omega_of(case), sigma)
    assert found.converged
    assert found.log_likelihood > of_the_original - 1e-6
    if found.log_likelihood < of_the_original + 1e-3:  # the original did not stop short
        assert_allclose(found.omega, omega_of(case), rtol=1e-3)
    assert (found.log_likelihood > of_the_original + 1e-3) == (case == "06c_numerical_omega_three")


@pytest.mark.parametrize(("case", "sizes", "intervals", "p_significant"), GRIDS)
def test_false_discovery_rates(case: str, sizes: str, intervals: int, p_significant: float) -> None:
    seen: list[tuple[Array, Array]] = []
    plan = plan_max_fdr(
        omega_of(case), matrix(case, "sigma_hat"), mean_n(sizes), intervals=intervals, p_significant=p_significant
    )
    result = plan.run(on_points=lambda *some: seen.append(some))
    assert_grid(case, seen)
    assert_allclose(result.fdr, matrix(case, "fdr_mat").max(axis=0), atol=1e-10, rtol=1e-10)
    best = matrix(case, "prob_grid")[matrix(case, "fdr_mat").argmax(axis=0)]
    if "perfect" not in case and "equal" not in case:  # there, all traits are equal up to rounding
        assert_array_equal(result.probability, best)


def assert_grid(case: str, seen: list[tuple[Array, Array]]) -> None:
    assert_array_equal(np.concatenate([probability for probability, _ in seen]), matrix(case, "prob_grid"))
    assert_allclose(np.concatenate([fdr for _, fdr in seen]), matrix(case, "fdr_mat"), atol=1e-10, rtol=1e-10)


@pytest.mark.parametrize(("case", "intervals"), [("10_two_fdr_fit_ss", 10), ("33_three_fdr3_fit_ss", 4)])
def test_spike_and_slab(case: str, intervals: int) -> None:
    if case == "10_two_fdr_fit_ss":
        snps = traits("01_two_default")[0].index
        z, n = (statistics("01_two_default", snps, column) for column in ("Z", "N"))
    else:
        z, n = small_statistics()
    n = np.round(n)
    fits = [fit(z[:, trait], n[:, trait]) for trait in range(z.shape[1])]
    causal = [fit.causal_probability for fit in fits]
    assert_allclose(causal, printed_numbers(case, "mtag.log", r"Trait \d: \t (.*)$"), atol=0.0005)
    simplex = printed_numbers(case, "stdout.txt", r"function value: (.*)$")
    assert_allclose([-fit.log_likelihood for fit in fits], simplex, atol=1e-5)

    seen: list[tuple[Array, Array]] = []
    sigma = matrix(case, "sigma_hat")
    plan = plan_max_fdr(omega_of(case), sigma, n.mean(axis=0), intervals=intervals, causal_probabilities=causal)
    plan.run(on_points=lambda *some: seen.append(some))
    assert_grid(case, seen)


def fit(z: Array, n: Array) -> SpikeSlab:
    return fit_spike_slab(z / np.sqrt(n), 1 / np.sqrt(n))


def test_a_grid_file_at_which_the_original_stops() -> None:
    given = np.loadtxt(GOLDEN / "inputs" / "grid2.txt")
    model = omega_of("32_fdr_psig"), matrix("32_fdr_psig", "sigma_hat"), mean_n("32_fdr_psig")
    of_given: list[tuple[Array, Array]] = []
    result = max_fdr_of_points(*model, given, on_points=lambda *some: of_given.append(some))
    assert (result.n_points, result.n_possible) == (6, len(of_given[0][0]))
    assert result.n_possible >= 2

    of_grid: list[tuple[Array, Array]] = []
    plan_max_fdr(*model, intervals=20).run(on_points=lambda *some: of_grid.append(some))
    points, rates = (np.concatenate(both) for both in zip(*of_grid, strict=True))
    for point, fdr in zip(*of_given[0], strict=True):
        same = (np.abs(points - point) < 1e-12).all(axis=1)
        assert same.sum() == 1
        assert_allclose(fdr, rates[same][0], rtol=1e-9)
    kept = [bool((np.abs(points - point) < 1e-12).all(axis=1).any()) for point in given]
    assert sum(kept) == result.n_possible  # the others are impossible, or no probabilities
