"""Studies that share people: statsmodels' generalised least squares, people simulated in several studies, METAL."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import norm
from statsmodels.regression.linear_model import GLS

from gwasmeta import GwasmetaError, MetaResult, Study, meta_analyze
from gwasmeta.meta.engine import MetaEngine
from gwasmeta.meta.options import MetaOptions
from gwasmeta.stats.genomic_control import inflation_factor
from gwasmeta.stats.normal import neg_log_10_p_value
from gwasmeta.stats.sequential_overlap import sequential_overlap_step

from .study_tables import Columns, FloatArray, assert_same_table, matrices, one_variant, simulated_studies, swapped

NAMES = ("ukb", "finns", "hunt", "moba")
CORRELATION = np.array(
    [[1.0, 0.5, 0.2, 0.0], [0.5, 1.0, 0.3, 0.1], [0.2, 0.3, 1.0, 0.0], [0.0, 0.1, 0.0, 1.0]],
)


def four_studies(seed: int = 1) -> list[Columns]:
    """Studies with every pattern of presence; the third counts the other alleles."""
    studies = simulated_studies(np.random.default_rng(seed), 4, 80, share=0.6)
    return [swapped(study) if number == 2 else study for number, study in enumerate(studies)]


def named(studies: Sequence[Columns]) -> dict[str, Columns]:
    return dict(zip(NAMES, studies, strict=False))


def aligned(studies: Sequence[Columns]) -> tuple[FloatArray, FloatArray]:
    """Return effects and errors as variants x studies, turned to the alleles of the first study of each variant."""
    _, beta, error = matrices([swapped(study) if number == 2 else study for number, study in enumerate(studies)])
    turned = np.argmax(~np.isnan(beta), axis=1) == 2
    return np.where(turned[:, None], -beta, beta), error


# --- a correlation that is given --------------------------------------------------------------------------------


def assert_generalised_least_squares(result: MetaResult, beta: FloatArray, error: FloatArray) -> None:
    table = result.table
    for row, measured in enumerate(~np.isnan(beta)):
        b, d = beta[row, measured], np.diag(error[row, measured])
        model = GLS(b, np.ones(len(b)), sigma=d @ CORRELATION[np.ix_(measured, measured)] @ d)
        fitted = model.fit()
        found = table.loc[row]
        assert_allclose(found["beta"], fitted.params[0], rtol=1e-9, atol=1e-12)
        assert_allclose(found["standard_error"], np.sqrt(model.normalized_cov_params[0, 0]), rtol=1e-9)
        assert_allclose(found["cochran_q"], fitted.ssr, rtol=1e-8, atol=1e-11)
        assert found["n_studies"] == measured.sum()
    assert_allclose(table["z"], table["beta"] / table["standard_error"], rtol=1e-12)
    assert_allclose(table["neg_log_10_p_value"], neg_log_10_p_value(table["z"]), rtol=1e-12)


def test_effects_are_combined_by_generalised_least_squares() -> None:
    studies = four_studies()
    beta, error = aligned(studies)
    assert len(np.unique(np.isnan(beta), axis=0)) == 15
    assert_generalised_least_squares(meta_analyze(studies, overlap=CORRELATION), beta, error)


def test_genomic_control_comes_before_it_and_that_of_the_result_behind_it() -> None:
    studies = four_studies()
    beta, error = aligned(studies)
    factors = [max(1, inflation_factor((beta / error)[:, k])) for k in range(4)]
    assert min(factors) > 1
    options: dict[str, Any] = {"overlap": CORRELATION, "genomic_control": True}
    result = meta_analyze(studies, **options)
    assert_generalised_least_squares(result, beta, error * np.sqrt(factors))
    corrected = meta_analyze(studies, genomic_control_result=True, **options)
    factor = inflation_factor(result.table["z"])
    assert factor > 1
    assert corrected.inflation_factors["fixed"] == pytest.approx(factor, rel=1e-12)
    assert_allclose(corrected.table["standard_error"], result.table["standard_error"] * np.sqrt(factor), rtol=1e-12)
    assert_allclose(corrected.table["z"], result.table["z"] / np.sqrt(factor), rtol=1e-11, atol=1e-14)


def test_the_sum_of_z_has_the_variance_that_the_overlap_gives_it() -> None:
    studies = four_studies()
    beta, error = aligned(studies)
    table = meta_analyze(studies, methods="sample_size", overlap=CORRELATION).table
    root_n = np.where(np.isnan(beta), 0, np.sqrt([1000, 2000, 3000, 4000]))
    variance = np.einsum("vi,ij,vj->v", root_n, CORRELATION, root_n)
    z = beta / error
    assert_allclose(table["z"], np.nansum(root_n * z, axis=1) / np.sqrt(variance), rtol=1e-11, atol=1e-13)
    assert_allclose(table["weight"], variance, rtol=1e-11)
    assert_array_equal(table["n"], (root_n**2).sum(axis=1).round())
    for row, measured in enumerate(~np.isnan(beta)):  # Q of the model z = sqrt(n) delta
        sigma = CORRELATION[np.ix_(measured, measured)]
        expected = GLS(z[row, measured], root_n[row, measured], sigma=sigma).fit().ssr
        assert_allclose(table["cochran_q"][row], expected, rtol=1e-8, atol=1e-10)


def test_both_methods_allow_for_it_in_one_run() -> None:
    studies = four_studies()
    both = meta_analyze(studies, methods=("fixed", "sample_size"), overlap=CORRELATION).table
    of_effects = meta_analyze(studies, overlap=CORRELATION).table
    of_z = meta_analyze(studies, methods="sample_size", overlap=CORRELATION).table
    assert_allclose(both["z"], of_effects["z"], rtol=0)
    assert_allclose(both["sample_size_z"], of_z["z"], rtol=0)
    assert_allclose(both["sample_size_weight"], of_z["weight"], rtol=0)
    assert_allclose(both["cochran_q"], of_effects["cochran_q"], rtol=0)


@pytest.mark.parametrize("methods", ["fixed", "sample_size", ("fixed", "sample_size")])
def test_without_correlation_nothing_changes(methods: Any) -> None:
    studies = four_studies()
    ordinary, independent = (meta_analyze(studies, methods=methods, overlap=matrix) for matrix in (None, np.eye(4)))
    expected = ordinary.table.drop(columns="tau_squared", errors="ignore").set_index("variant_id")
    assert_same_table(independent.table.set_index("variant_id"), expected, tolerance=1e-10)


# --- how the matrix can be given ----------------------------------------------------------------------------------

N_SHARED = np.array([[1000, 400, 0, 0], [400, 2000, 600, 0], [0, 600, 3000, 100], [0, 0, 100, 500]])
FORMS: dict[str, Any] = {  # a slash ends a line
    "lists": CORRELATION.tolist(),
    "tuples": tuple(map(tuple, CORRELATION)),
    "array": CORRELATION,
    "in order": "ukb finns hunt moba/1 .5 .2 0/.5 1 .3 .1/.2 .3 1 0/0 .1 0 1/",
    "other order": "moba hunt ukb finns/1 0 0 .1/0 1 .2 .3/0 .2 1 .5/.1 .3 .5 1/",
    "names in front": "\tukb\tfinns\thunt\tmoba/ukb\t1\t.5\t.2\t0/finns .5 1 .3 .1/hunt .2 .3 1 0/moba 0 .1 0 1/",
    "rows in another order": "ukb finns hunt moba/moba 0 .1 0 1/hunt .2 .3 1 0/finns .5 1 .3 .1/ukb 1 .5 .2 0/",
    "commas": ",ukb,finns,hunt,moba/ukb,1,.5,.2,0/finns,.5,1,.3,.1/hunt,.2,.3,1,0/moba,0,.1,0,1/",
    "more studies": "ukb other finns hunt moba/1 .9 .5 .2 0/.9 1 .8 0 0/.5 .8 1 .3 .1/.2 0 .3 1 0/0 0 .1 0 1/",
}


@pytest.mark.parametrize("form", FORMS)
def test_the_matrix_can_be_given_in_many_forms(form: str, tmp_path: Path) -> None:
    overlap = FORMS[form]
    if isinstance(overlap, str):
        path = tmp_path / "overlap.txt"
        path.write_text(overlap.replace("/", "\n"))
        overlap = str(path) if form == "in order" else path
    studies = named(four_studies())
    beta, error = aligned(list(studies.values()))
    assert_generalised_least_squares(meta_analyze(studies, overlap=overlap), beta, error)


def test_counts_of_shared_samples_become_correlations() -> None:
    studies = four_studies()
    size = np.diag(N_SHARED)
    correlation = N_SHARED / np.sqrt(np.outer(size, size))
    assert correlation[0, 1] == pytest.approx(0.28284271, rel=1e-7)
    by_counts, by_correlation = (meta_analyze(studies, overlap=given).table for given in (N_SHARED, correlation))
    assert_same_table(by_counts.set_index("variant_id"), by_correlation.set_index("variant_id"), tolerance=1e-12)


def test_the_correlation_that_was_used_can_be_seen(tmp_path: Path) -> None:
    result = meta_analyze(named(four_studies()), overlap=CORRELATION)
    found = result.correlations["fixed"]
    assert [list(found.index), list(found.columns)] == [list(NAMES), list(NAMES)]
    assert_allclose(found.to_numpy(), CORRELATION, rtol=1e-15)
    assert_allclose(result.parameters()["correlations"]["fixed"], CORRELATION, rtol=1e-15)


BAD_MATRICES = {
    "not square": ([[1, 0.5], [0.5, 1], [0, 0]], "square|2 studies"),
    "three studies": (np.eye(3), "2 studies|2 x 2|studies"),
    "one dimension": ([1, 0.5], "matrix"),
    "ragged": ([[1, 0.5], [0.5]], "overlap"),
    "words": ([["a", "b"], ["b", "a"]], "overlap"),
    "not symmetric": ([[1, 0.5], [0.4, 1]], "row 1, column 2|row 2, column 1"),
    "too large": ([[1, 1.5], [1.5, 1]], "not positive definite"),
    "copies": ([[1, 1], [1, 1]], "not positive definite"),
    "diagonal": ([[1, 0.5], [0.5, 0.9]], "the diagonal must be 1"),
    "missing": ([[1, float("nan")], [float("nan"), 1]], "every pair of studies needs a number"),
    "more shared than there are": ([[100, 200], [200, 300]], "cannot share more than the smaller one has"),
    "a number": (0.5, "overlap"),
}


@pytest.mark.parametrize("case", BAD_MATRICES)
def test_a_matrix_that_cannot_be_is_refused_before_anything_is_read(case: str) -> None:
    overlap, message = BAD_MATRICES[case]
    read: list[Any] = []
    with pytest.raises(GwasmetaError, match=message):
        meta_analyze([one_variant(), one_variant()], overlap=overlap, progress=lambda *state: read.append(state))
    assert read == []


BAD_FILES = {
    "": "is empty",
    "ukb hunt\n1 0\n0 1\n": "line 1: has no study 'finns'",
    "ukb ukb finns\n1 0 0\n0 1 0\n0 0 1\n": "line 1: names a study twice",
    "ukb finns\n1 0\n": "has 1 rows of numbers for 2 studies",
    "ukb finns\n1 0\n0 1\n0 0\n": "has 3 rows of numbers for 2 studies",
    "ukb finns\n1 0\n0 1 0 0\n": "line 3: 4 fields, but there are 2 studies",
    "ukb finns\n1 half\nhalf 1\n": "line 2: .*half",
    "ukb finns\nukb 1 0.5\nhunt 0.5 1\n": "line 3: .*hunt",
    "ukb finns\nukb 1 0.5\nukb 0.5 1\n": "line 3: .*ukb",
}


@pytest.mark.parametrize("text", BAD_FILES)
def test_a_file_that_is_no_matrix_of_the_studies_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "overlap.txt"
    path.write_text(text)
    with pytest.raises(GwasmetaError, match=f"(?s)overlap.txt.*{BAD_FILES[text]}"):
        meta_analyze({"ukb": one_variant(), "finns": one_variant()}, overlap=path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"methods": "random"}, "not in random effects"),
        ({"methods": ("fixed", "random")}, "not in random effects"),
        ({"leave_one_out": True}, "not allowed for in leave-one-out"),
        ({"sex_differentiated": True}, "not allowed for in leave-one-out and sex-differentiated"),
        ({"z_cutoff": 0}, "z cutoff"),
        ({"z_cutoff": -1}, "z cutoff"),
        ({"overlap": "estimate"}, "estimate"),
    ],
    ids=str,
)
def test_what_does_not_go_with_overlap_is_refused(options: dict[str, Any], message: str) -> None:
    studies = [Study(one_variant(), name="a", sex="male"), Study(one_variant(), name="b", sex="male")]
    with pytest.raises(GwasmetaError, match=message):
        meta_analyze(studies, **({"overlap": "estimated"} | options))


# --- correlations that are estimated --------------------------------------------------------------------------------

COHORTS = (slice(0, 300), slice(150, 450), slice(450, 750))  # of 750 people: half of the first is in the second
N_VARIANTS = 40_000


@pytest.fixture(scope="module")
def people() -> tuple[list[Columns], FloatArray]:
    """Simulate people with a trait that no variant bears on; return three studies of them, and how they correlate."""
    rng = np.random.default_rng(20240607)
    trait = rng.normal(size=750)
    beta, error = np.empty((2, 3, N_VARIANTS))
    for start in range(0, N_VARIANTS, 4000):
        frequency = rng.uniform(0.1, 0.5, 4000).astype(np.float32)
        dosage = sum((rng.random((750, 4000), dtype=np.float32) < frequency).astype(np.float32) for _ in range(2))
        for number, cohort in enumerate(COHORTS):
            y, g = trait[cohort] - trait[cohort].mean(), dosage[cohort] - dosage[cohort].mean(axis=0)
            variance = (g**2).sum(axis=0, dtype=np.float64)
            beta[number, start : start + 4000] = y @ g / variance
            # The score test: its statistic has variance 1 over the genotypes, whatever the trait.
            error[number, start : start + 4000] = y.std(ddof=1) / np.sqrt(variance)
    centred = np.zeros((3, 750))
    for number, cohort in enumerate(COHORTS):
        centred[number, cohort] = trait[cohort] - trait[cohort].mean()
    studies = [
        {
            "variant_id": [f"rs{k}" for k in range(N_VARIANTS)],
            "effect_allele": ["A"] * N_VARIANTS,
            "other_allele": ["C"] * N_VARIANTS,
            "beta": beta[number].tolist(),
            "standard_error": error[number].tolist(),
            "n": [300.0] * N_VARIANTS,
        }
        for number in range(3)
    ]
    return studies, np.corrcoef(centred)


@pytest.mark.parametrize("method", ["fixed", "sample_size"])
@pytest.mark.parametrize(("z_cutoff", "per_variant"), [(1.0, 3.4), (2.0, 1.3)])
def test_the_overlap_of_people_is_found(people: Any, method: Any, z_cutoff: float, per_variant: float) -> None:
    studies, expected = people
    assert 0.4 < expected[0, 1] < 0.6
    assert abs(expected[0, 2]) < 1e-15
    studies = [
        studies[0],
        studies[1],
        studies[2] | {"effect_allele": ["C"] * N_VARIANTS, "other_allele": ["A"] * N_VARIANTS},
    ]
    result = meta_analyze(studies, methods=method, overlap="estimated", z_cutoff=z_cutoff)
    found = result.correlations[method].to_numpy()
    both_near = (2 * norm.cdf(z_cutoff) - 1) ** 2 * N_VARIANTS
    error = per_variant / np.sqrt(both_near)  # as correlation_from_sums documents it
    assert_array_equal(np.diag(found), 1)
    assert_array_equal(found, found.T)
    assert_allclose(found[0, 1], expected[0, 1], rtol=0, atol=4 * error)
    assert_allclose(found[[0, 1], 2], 0, rtol=0, atol=4 * error)
    assert (found >= 0).all()


@pytest.mark.parametrize("method", ["fixed", "sample_size"])
@pytest.mark.parametrize("level", [0.05, 0.001])
def test_p_values_are_uniform_where_shared_people_would_make_them_too_small(
    people: Any, method: Any, level: float
) -> None:
    studies, _ = people
    within = 4 * np.sqrt(level * (1 - level) / N_VARIANTS)
    rates = {
        overlap: (meta_analyze(studies, methods=method, overlap=overlap).table["p_value"] < level).mean()
        for overlap in (None, "estimated")
    }
    assert rates["estimated"] == pytest.approx(level, abs=within)
    assert rates[None] > level + 2 * within


@pytest.mark.parametrize("method", ["fixed", "sample_size"])
def test_heterogeneity_is_chi_squared_where_people_are_shared(people: Any, method: Any) -> None:
    studies, correlation = people
    within = 4 * 2 / np.sqrt(N_VARIANTS)  # four standard errors of the mean of chi-squared on 2 degrees of freedom
    allowed_for, ignored = (
        meta_analyze(studies, methods=method, overlap=given).table["cochran_q"] for given in (correlation, None)
    )
    assert allowed_for.mean() == pytest.approx(2, abs=within)
    assert ignored.mean() < 2 - 2 * within


def test_studies_that_are_opposites_are_taken_for_independent() -> None:
    rng = np.random.default_rng(3)
    beta = rng.normal(0, 0.1, 3000)
    columns: Columns = {"variant_id": [f"rs{k}" for k in range(3000)], "effect_allele": ["A"] * 3000}
    columns |= {"other_allele": ["C"] * 3000, "standard_error": [0.1] * 3000}
    studies = [columns | {"beta": b.tolist()} for b in (beta, -beta + rng.normal(0, 0.05, 3000))]
    result = meta_analyze(studies, overlap="estimated")
    assert_array_equal(result.correlations["fixed"], np.eye(2))
    assert_allclose(result.table["z"], meta_analyze(studies).table["z"], rtol=1e-10, atol=1e-12)


# --- METAL's, study by study ----------------------------------------------------------------------------------------


def shared_z(seed: int, n_studies: int = 3, n_variants: int = 3000) -> tuple[list[Columns], FloatArray, FloatArray]:
    """Return studies of z that correlate by 0.4, and their z and n as variants x studies, NaN where absent."""
    rng = np.random.default_rng(seed)
    correlation = np.full((n_studies, n_studies), 0.4) + 0.6 * np.eye(n_studies)
    z = rng.multivariate_normal(np.zeros(n_studies), correlation, n_variants)
    z[rng.random(z.shape) < 0.2] = np.nan
    n = np.where(rng.random(z.shape) < 0.5, 700.0, 1200.0)
    studies = []
    for number in range(n_studies):
        rows = np.flatnonzero(~np.isnan(z[:, number]))
        columns: Columns = {"variant_id": [f"rs{k}" for k in rows], "effect_allele": ["A"] * len(rows)}
        columns |= {"other_allele": ["C"] * len(rows)}
        studies.append(columns | {"z": z[rows, number].tolist(), "n": n[rows, number].tolist()})
    return studies, z, n


@pytest.mark.parametrize("genomic_control", [False, True])
@pytest.mark.parametrize("z_cutoff", [1.0, 2.0])
def test_the_sequential_correction_is_metals_step_by_step(genomic_control: bool, z_cutoff: float) -> None:
    """`sequential_overlap_step` gives what METAL printed: tests/stats/test_sequential_overlap.py."""
    studies, z, n = shared_z(5)
    if genomic_control:
        studies = [study | {"z": [1.5 * value for value in study["z"]]} for study in studies]
        z = 1.5 * z
        z /= np.sqrt([inflation_factor(z[:, k]) for k in range(3)])
    options = MetaOptions(
        methods=("sample_size",), overlap="sequential", z_cutoff=z_cutoff, genomic_control=genomic_control
    )
    engine = MetaEngine([Study(study) for study in studies], options)
    engine.run()
    table = MetaResult(engine).table
    rows = table["variant_id"].str.removeprefix("rs").astype(int)
    weighted, weight, total = np.zeros((3, len(rows)))
    for number in range(3):
        step = sequential_overlap_step(weighted, weight, total, z[rows, number], n[rows, number], z_cutoff)
        weighted, weight, total = step.weighted_z, step.weight, step.n
        for name in ("lowest_n", "n_variants", "correlation"):
            found = getattr(engine.sequential.bins[number], name)  # type: ignore[union-attr]
            assert_allclose(found, getattr(step.bins, name), rtol=1e-9, err_msg=name)
    assert max(step.bins.correlation) > 0.2
    assert_allclose(table["z"], weighted / np.sqrt(weight), rtol=1e-10, atol=1e-12)
    assert_allclose(table["weight"], weight, rtol=1e-10)
    assert_allclose(table["overlap_n"], total, rtol=1e-10)
    assert_allclose(table["n"], np.nansum(np.where(np.isnan(z), np.nan, n)[rows], axis=1), rtol=1e-13)
    assert_allclose(table["neg_log_10_p_value"], neg_log_10_p_value(table["z"]), rtol=1e-12)


@pytest.mark.parametrize("methods", [("fixed",), ("sample_size", "fixed"), ("random",)])
def test_the_sequential_correction_is_one_of_the_sample_size_method(methods: Any) -> None:
    with pytest.raises(GwasmetaError, match=r"sample-size method: give it alone|not in random effects"):
        MetaOptions(methods=methods, overlap="sequential")
