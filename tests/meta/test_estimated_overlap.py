"""Overlap that is estimated: people simulated in several studies, and METAL's correction study by study."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import norm

from gwasmeta import GwasmetaError, MetaResult, Study, meta_analyze
from gwasmeta.meta.engine import MetaEngine
from gwasmeta.meta.options import MetaOptions
from gwasmeta.stats.genomic_control import inflation_factor
from gwasmeta.stats.normal import neg_log_10_p_value
from gwasmeta.stats.sequential_overlap import sequential_overlap_step

from .study_tables import Columns, FloatArray

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


def test_too_few_variants_to_estimate_a_correlation_from_are_refused(people: Any) -> None:
    studies, _ = people
    with pytest.raises(GwasmetaError, match=r"studies 1 and 2 share .* of which .* 100 are needed.*\n.*--z-cutoff"):
        meta_analyze(studies, overlap="estimated", z_cutoff=0.01)
