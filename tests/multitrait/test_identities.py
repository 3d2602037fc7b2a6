"""What must hold of a whole analysis, Sigma and Omega estimated from the data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.stats import norm
from trait_files import simulated_traits, write_ld_scores

import gwasmeta
from gwasmeta.cli import main
from gwasmeta.multitrait.result import MtagResult

_N_SNPS = 4000
_SIGMA = np.array([[1.05, 0.15, 0.1], [0.15, 1.02, 0.05], [0.1, 0.05, 1.03]])
_OMEGA = 1e-5 * np.array([[1.0, 0.6, 0.3], [0.6, 1.2, 0.2], [0.3, 0.2, 1.5]])
_N = [100_000.0, 60_000.0, 80_000.0]


@dataclass(frozen=True)
class Studies:
    """Three traits, their sample sizes different from SNP to SNP, and a panel of LD scores."""

    traits: dict[str, pd.DataFrame]
    panel: Path

    def analysed(self, traits: dict[str, pd.DataFrame] | None = None, **options: object) -> MtagResult:
        given = self.traits if traits is None else traits
        return gwasmeta.mtag(given, ld_scores=self.panel, median_z_max=1.0, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Studies:
    rng = np.random.default_rng(31)
    ld_score = rng.gamma(2.0, 10.0, _N_SNPS) + 1
    frames = simulated_traits(_N_SNPS, np.zeros((3, 3)), _SIGMA, _N, seed=32)
    effect = rng.multivariate_normal(np.zeros(3), _OMEGA, _N_SNPS) * np.sqrt(ld_score / ld_score.mean())[:, None]
    for trait, frame in enumerate(frames):
        frame["n"] = np.round(_N[trait] * rng.uniform(0.8, 1.0, _N_SNPS))
        frame["z"] += effect[:, trait] * np.sqrt(frame["n"])
    panel = write_ld_scores(tmp_path_factory.mktemp("identities") / "panel", frames[0], ld_score, _N_SNPS)
    return Studies(dict(zip("abc", frames, strict=True)), panel)


def test_one_trait_is_returned_with_its_errors_as_large_as_the_intercept_says(studies: Studies) -> None:
    study = studies.traits["a"]
    result = studies.analysed({"a": study}, standardised=True)
    intercept = result.sigma.loc["a", "a"]
    assert intercept != 1
    table = result.traits["a"].table
    assert_allclose(table["beta"], study["z"] / np.sqrt(study["n"]), rtol=1e-10)
    assert_allclose(table["standard_error"], np.sqrt(intercept / study["n"]), rtol=1e-10)


def test_identical_traits_of_other_people_are_the_meta_analysis_of_the_other_engine(studies: Studies) -> None:
    """Inverse variance, with each trait's variances multiplied by its intercept."""
    result = studies.analysed(covariance="identical_traits", overlap=False, standardised=True)
    intercepts = np.diag(result.sigma)
    assert len(set(intercepts)) == 3
    assert_allclose(result.sigma, np.diag(intercepts))
    cohorts = {
        name: study.drop(columns="z").assign(
            beta=study["z"] / np.sqrt(study["n"]), standard_error=np.sqrt(intercept / study["n"])
        )
        for (name, study), intercept in zip(studies.traits.items(), intercepts, strict=True)
    }
    table = result.traits["combined"].table.set_index("variant_id")
    combined = gwasmeta.meta_analyze(cohorts).table.set_index("variant_id").loc[table.index]
    sign = np.where(combined["effect_allele"] == table["effect_allele"], 1, -1)
    assert_allclose(table["beta"], sign * combined["beta"], rtol=1e-9, atol=1e-14)
    for column in ("standard_error", "neg_log_10_p_value"):
        assert_allclose(table[column], combined[column], rtol=1e-9, err_msg=column)


def test_the_command_line_of_identical_traits_gives_the_same(studies: Studies, tmp_path: Path) -> None:
    files = [tmp_path / f"{name}.txt" for name in studies.traits]
    for path, study in zip(files, studies.traits.values(), strict=True):
        columns = {"variant_id": "snpid", "chromosome": "chr", "base_pair_location": "bpos", "effect_allele": "a1"}
        columns |= {"other_allele": "a2", "effect_allele_frequency": "freq"}
        study.rename(columns=columns).assign(p=2 * norm.sf(np.abs(study["z"]))).to_csv(path, sep="\t", index=False)
    words = ["mtag", "--sumstats", ",".join(map(str, files)), "--ld_ref_panel", str(studies.panel)]
    words += ["--perfect_gencov", "--equal_h2", "--no_overlap", "--std_betas", "--median_z_cutoff", "1"]
    assert main([*words, "--out", str(tmp_path / "out")]) == 0
    written = pd.read_csv(tmp_path / "out_mtag_meta.txt", sep="\t").set_index("SNP")
    sigma = np.loadtxt(tmp_path / "out_sigma_hat.txt")
    weights = np.column_stack([study["n"] for study in studies.traits.values()]) / sigma.diagonal()
    effects = np.column_stack([study["z"] / np.sqrt(study["n"]) for study in studies.traits.values()])
    assert_allclose(written["mtag_beta"], (effects * weights).sum(axis=1) / weights.sum(axis=1), rtol=1e-9, atol=1e-14)
    assert_allclose(written["mtag_se"], weights.sum(axis=1) ** -0.5, rtol=1e-9)


def test_scaling_a_trait_scales_its_row_of_omega_and_its_effects_alone(studies: Studies) -> None:
    """Effects three times as large, from a ninth of the samples."""
    scaled = studies.traits | {"b": studies.traits["b"].assign(n=studies.traits["b"]["n"] / 9)}
    one, other = studies.analysed(standardised=True), studies.analysed(scaled, standardised=True)
    scale = np.array([1.0, 3.0, 1.0])
    assert_allclose(other.sigma, one.sigma, rtol=1e-8, atol=1e-10)
    assert_allclose(other.omega, one.omega * np.outer(scale, scale), rtol=1e-8)
    assert_allclose(other.genetic_correlation, one.genetic_correlation, rtol=1e-8)
    for name, factor in zip("abc", scale, strict=True):
        before, after = one.traits[name].table, other.traits[name].table
        assert_allclose(after["z"], before["z"], rtol=1e-7, atol=1e-9)
        assert_allclose(after["beta"], factor * before["beta"], rtol=1e-7, atol=1e-12)
        assert_allclose(after["standard_error"], factor * before["standard_error"], rtol=1e-8)


def test_the_unit_of_a_traits_effects_is_irrelevant(studies: Studies) -> None:
    """Inches or centimetres: what counts of effect and error is their ratio."""
    study = studies.traits["b"]
    frequency = study["effect_allele_frequency"]
    error = (2 * frequency * (1 - frequency) * study["n"]) ** -0.5
    in_units = {
        unit: study.drop(columns="z").assign(beta=unit * study["z"] * error, standard_error=unit * error)
        for unit in (1.0, 2.54)
    }
    one, other = (studies.analysed(studies.traits | {"b": of_unit}) for of_unit in in_units.values())
    assert_allclose(other.omega, one.omega, rtol=1e-9)
    for name in "abc":
        pd.testing.assert_frame_equal(other.traits[name].table, one.traits[name].table, rtol=1e-9)


@pytest.mark.parametrize("options", [{}, {"covariance": "perfect_correlation"}, {"omega": "likelihood"}])
def test_the_order_of_traits_is_irrelevant(studies: Studies, options: dict[str, str]) -> None:
    order = ["c", "a", "b"]
    one = studies.analysed(**options)
    other = studies.analysed({name: studies.traits[name] for name in order}, **options)
    tolerance = 1e-4 if "omega" in options else 1e-8  # the search for the maximum ends somewhere near it
    for matrix in ("sigma", "omega", "genetic_correlation"):
        expected = getattr(one, matrix).loc[order, order]
        pd.testing.assert_frame_equal(getattr(other, matrix), expected, rtol=tolerance, atol=1e-12)
    pd.testing.assert_frame_equal(other.summary, one.summary.loc[order], rtol=tolerance)
    for name in "abc":
        one_table, other_table = one.traits[name].table, other.traits[name].table
        pd.testing.assert_frame_equal(other_table, one_table, rtol=tolerance, atol=tolerance)
    assert_allclose(other.max_fdr(intervals=5).fdr, one.max_fdr(intervals=5).fdr[[2, 0, 1]], rtol=20 * tolerance)
