"""Every study's effects, read again: they are those that the analysis combined."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

import gwasmeta
from gwasmeta import GwasmetaError, Study, fixed_effects, meta_analyze, random_effects
from gwasmeta.meta.analyze import as_studies
from gwasmeta.meta.sidecar import read_sidecar
from gwasmeta.meta.study_effects import read_study_effects
from gwasmeta.meta.study_frequencies import matched_frequencies

from .study_tables import NOT_PALINDROMIC, one_variant, simulated_studies


@pytest.fixture(scope="module")
def result() -> gwasmeta.MetaResult:
    return meta_analyze(gwasmeta.example_studies("quantitative"), methods=("fixed", "random"), genomic_control=True)


def test_they_combine_to_the_results_estimates(result):
    chosen = result.table.sample(200, random_state=1)
    effects = result.study_effects(chosen["variant_id"])
    fixed, random = (combine(effects.beta, effects.standard_error) for combine in (fixed_effects, random_effects))
    assert_allclose(fixed.beta, chosen["beta"], rtol=1e-9, atol=1e-12)
    assert_allclose(fixed.standard_error, chosen["standard_error"], rtol=1e-9)
    assert_allclose(random.beta, chosen["random_beta"], rtol=1e-7, atol=1e-10)
    assert_allclose(np.nansum(effects.n, axis=1), chosen["n"])
    assert (~np.isnan(effects.beta)).sum(axis=1).tolist() == chosen["n_studies"].tolist()
    assert list(effects.effect_allele) == chosen["effect_allele"].tolist()
    assert list(effects.other_allele) == chosen["other_allele"].tolist()
    assert effects.variants == tuple(chosen["variant_id"])


@pytest.mark.parametrize(
    "options",
    [
        {"match": "position"},
        {"palindromic": "infer"},
        {"methods": "random", "min_studies": 2, "leave_one_out": False},
        {"overlap": "estimated", "genomic_control": True},
        {"genomic_control": True, "genomic_control_result": False, "methods": ("fixed", "sample_size")},
    ],
)
def test_they_follow_the_analysis_options(options):
    studies = simulated_studies(np.random.default_rng(4), n_studies=4, n_variants=400, pairs=NOT_PALINDROMIC)
    result = meta_analyze(studies, **options)
    names = result.table["variant_id"].iloc[[0, 5, 9]]
    effects = result.study_effects(names)
    plain = {key: value for key, value in options.items() if key in ("match", "palindromic", "genomic_control")}
    expected = meta_analyze(studies, **plain).table.set_index("variant_id").loc[names]
    combined = fixed_effects(effects.beta, effects.standard_error)
    assert_allclose(combined.beta, expected["beta"], rtol=1e-9)
    assert_allclose(combined.standard_error, expected["standard_error"], rtol=1e-9)


def test_imputed_variants_are_corrected_by_their_own_factor():
    rng = np.random.default_rng(3)
    n = 400
    imputed = np.arange(n) % 2
    beta = rng.normal(0, np.where(imputed == 1, 0.2, 0.15))
    study = {
        "variant_id": [f"rs{k}" for k in range(n)], "effect_allele": ["A"] * n, "other_allele": ["C"] * n,
        "beta": beta, "standard_error": np.full(n, 0.1), "imputed": imputed,
    }  # fmt: skip
    result = meta_analyze({"a": study}, genomic_control=True)
    effects = result.study_effects(["rs10", "rs11"])
    factors = result.studies.loc[0, ["applied_inflation_factor", "applied_inflation_factor_imputed"]].astype(float)
    assert factors.iloc[0] != pytest.approx(factors.iloc[1])
    assert_allclose(effects.standard_error[:, 0], 0.1 * np.sqrt(factors))


def test_without_an_analysis_nothing_is_corrected():
    studies = as_studies({"a": one_variant(beta=0.2), "b": Study(one_variant(beta=0.4), inflation_factor=4.0)}, ())
    effects = read_study_effects(studies, ["rs1"])
    assert effects.beta.tolist() == [[0.2, 0.4]]
    assert_allclose(effects.standard_error, [[0.1, 0.1]])


def test_a_variant_that_no_study_has_is_an_error(result):
    with pytest.raises(GwasmetaError, match="no study has the variant rs_none"):
        result.study_effects(["rs_none"])


def test_a_stream_cannot_be_read_again():
    text = "MARKERNAME EA NEA BETA SE\nrs1 A C 0.1 0.05\n"
    result = meta_analyze({"a": io.BytesIO(text.encode())})
    with pytest.raises(GwasmetaError, match="cannot be read again"):
        result.study_effects(["rs1"])


# --- from the sidecar ---------------------------------------------------------------------------------


def test_a_sidecar_reads_the_studies_as_the_analysis_did(result, tmp_path):
    result.write(tmp_path / "out")
    names = result.table["variant_id"].iloc[[3, 100, 2000]]
    again, now = read_sidecar(tmp_path / "out.json").study_effects(names), result.study_effects(names)
    assert again.studies == now.studies
    assert_allclose(again.beta, now.beta)
    assert_allclose(again.standard_error, now.standard_error)


def test_a_sidecar_knows_renamed_columns_filters_and_what_was_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = "SNP Allele1 Allele2 EFF STDERR R2\nrs1 A C 0.1 0.05 0.9\nrs2 A C 0.3 0.05 0.2\nrs3 G T 0.2 0.1 0.8\n"
    Path("a.txt").write_text(text)
    columns = {
        "variant_id": "SNP", "effect_allele": "Allele2", "other_allele": "Allele1", "beta": "EFF",
        "standard_error": "STDERR", "info": "R2",
    }  # fmt: skip
    study = Study("a.txt", columns=columns, filters="info > 0.5", n=500, flip_effects=True)
    result = meta_analyze({"a": study, "b": one_variant(effect_allele="C", other_allele="A")})
    frameless = meta_analyze({"a": study}, match="id")
    frameless.write("out")
    assert_allclose(read_sidecar("out.json").study_effects(["rs1"]).beta, [[-0.1]])
    assert read_sidecar("out.json").study_effects(["rs1"]).n.tolist() == [[500.0]]
    with pytest.raises(GwasmetaError, match="no study has the variant rs2"):
        read_sidecar("out.json").study_effects(["rs2"])
    result.write("both")
    with pytest.raises(GwasmetaError, match="is not there"):
        read_sidecar("both.json")


def test_a_study_that_has_changed_is_noticed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text("MARKERNAME EA NEA BETA SE\nrs1 A C 0.1 0.05\n")
    meta_analyze("a.txt").write("out")
    Path("a.txt").write_text("MARKERNAME EA NEA OR OR_95L OR_95U\nrs1 A C 1.1 1.0 1.3\n")
    with pytest.raises(GwasmetaError, match=r"a\.txt: its header is not the one that out\.json describes"):
        read_sidecar("out.json")
    os.remove("a.txt")
    with pytest.raises(GwasmetaError, match=r"its study a\.txt is not there"):
        read_sidecar("out.json")


@pytest.mark.parametrize("text", ["{}", "not json", "[1]", '{"options": {}, "conventions": {"x": 1}, "studies": []}'])
def test_other_files_are_no_sidecars(tmp_path, text):
    path = tmp_path / "out.json"
    path.write_text(text)
    with pytest.raises(GwasmetaError, match="is not the JSON file that gwasmeta meta writes"):
        read_sidecar(path)


# --- frequencies --------------------------------------------------------------------------------------


def test_frequencies_are_those_of_the_references_allele():
    reference = one_variant(effect_allele_frequency=0.3)
    study = one_variant(effect_allele=reference["other_allele"][0], other_allele=reference["effect_allele"][0],
                        effect_allele_frequency=0.6)  # fmt: skip
    first, second = matched_frequencies(Study(reference, name="r"), Study(study, name="s"))
    assert (first.tolist(), second.tolist()) == ([0.3], [0.4])


def test_studies_without_a_common_variant_are_an_error():
    with pytest.raises(GwasmetaError, match="no variant with a frequency is in"):
        matched_frequencies(
            Study(one_variant(effect_allele_frequency=0.3), name="r"),
            Study(one_variant(variant_id="rs2", effect_allele_frequency=0.3), name="s"),
        )
