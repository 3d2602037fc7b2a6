"""Studies whose overlap is given: statsmodels' generalised least squares, and every form that a matrix can have."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from statsmodels.regression.linear_model import GLS

from gwasmeta import GwasmetaError, MetaResult, Study, meta_analyze
from gwasmeta.stats.genomic_control import inflation_factor
from gwasmeta.stats.normal import neg_log_10_p_value

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
    line = next(line for line in result.summary().splitlines() if "correlation" in line)
    pairs = "ukb, finns 0.500; ukb, hunt 0.200; finns, hunt 0.300; finns, moba 0.100"
    assert line == f"  correlation of the studies, fixed: {pairs}"


def test_without_correlated_pairs_the_summary_says_so() -> None:
    assert "  correlation of the studies, sample-size: none" in meta_analyze(
        named(four_studies()), methods="sample_size", overlap=np.eye(4)
    ).summary().split("\n")
    assert "correlation" not in meta_analyze(four_studies()).summary()


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
        ({"overlap": "estimate"}, "^estimate: there is no such file"),
    ],
    ids=str,
)
def test_what_does_not_go_with_overlap_is_refused(options: dict[str, Any], message: str) -> None:
    studies = [Study(one_variant(), name="a", sex="male"), Study(one_variant(), name="b", sex="male")]
    with pytest.raises(GwasmetaError, match=message):
        meta_analyze(studies, **({"overlap": "estimated"} | options))
