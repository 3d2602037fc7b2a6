"""Batches: the same files as each trait alone, an index that is right, and traits that fail without harm to others."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from batch_data import (
    STUDIES,
    TRAITS,
    n_lead_variants,
    read_index,
    result_files,
    studies_of,
    table_manifest,
    write_studies,
)
from numpy.testing import assert_allclose
from scipy.stats import chi2

import gwasmeta
from gwasmeta.cli import main


def files_of(folder: Path, trait: str) -> list[bytes]:
    return [(folder / f"{trait}{ending}").read_bytes() for ending in (".tsv", ".log.tsv", ".json")]


# --- the same as alone --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [{}, {"methods": ["random", "fixed"], "tau_squared": "REML", "genomic_control": True}, {"filters": "n > 1000"}],
    ids=str,
)
def test_the_files_are_those_of_each_trait_alone(studies, tmp_path, options):
    gwasmeta.run_batch(studies / "traits.tsv", tmp_path / "out", **options)
    for trait in TRAITS:
        gwasmeta.meta_analyze(studies_of(studies, trait), **options).write(tmp_path / trait)
        assert files_of(tmp_path / "out", trait) == files_of(tmp_path, trait)


@pytest.mark.parametrize(("shape", "ending"), [("ssf", ".tsv.gz"), ("metal", ".txt"), ("gwasmeta", ".parquet")])
def test_tables_have_the_columns_and_the_ending_that_are_asked_for(studies, tmp_path, shape, ending):
    gwasmeta.run_batch(studies / "traits.tsv", tmp_path / "out", format=shape, ending=ending)
    gwasmeta.meta_analyze(studies_of(studies, "bmi")).write(tmp_path / f"bmi{ending}", format=shape)
    assert (tmp_path / "out" / f"bmi{ending}").read_bytes() == (tmp_path / f"bmi{ending}").read_bytes()
    assert read_index(tmp_path / "out").loc["bmi", "table"] == f"bmi{ending}"


def test_the_command_writes_what_gwasmeta_meta_writes(studies, tmp_path):
    words = ["--method", "fixed,random", "--genomic-control", "--palindromic", "drop", "--quiet"]
    (studies / "bmi.txt").write_text("path\tname\n" + "".join(f"bmi.{name}.tsv\t{name}\n" for name in STUDIES))
    assert main(["batch", str(studies / "traits.tsv"), "--out", str(tmp_path / "out"), *words]) == 0
    assert main(["meta", "--studies", str(studies / "bmi.txt"), "--out", str(tmp_path / "bmi"), *words]) == 0
    assert files_of(tmp_path / "out", "bmi") == files_of(tmp_path, "bmi")


def test_a_table_yaml_and_a_mapping_give_the_same(studies, tmp_path):
    (studies / "traits.csv").write_text((studies / "traits.tsv").read_text().replace("\t", ","))
    lists = {trait: [f"  - {{path: {trait}.{name}.tsv, name: {name}}}\n" for name in STUDIES] for trait in TRAITS}
    lines = [f"  {trait}:\n{''.join(of_trait)}" for trait, of_trait in lists.items()]
    (studies / "traits.yaml").write_text("genomic_control: true\ntraits:\n" + "".join(lines))
    given = {trait: studies_of(studies, trait) for trait in TRAITS}
    gwasmeta.run_batch(studies / "traits.yaml", tmp_path / "yaml")
    expected = result_files(tmp_path / "yaml")
    assert len(expected) == 3 * 3 + 2
    for form, manifest in {"tsv": studies / "traits.tsv", "csv": studies / "traits.csv", "mapping": given}.items():
        gwasmeta.run_batch(manifest, tmp_path / form, genomic_control=True)
        assert result_files(tmp_path / form) == expected


def test_paths_start_from_the_manifest_and_results_can_be_used_from_anywhere(studies, tmp_path, monkeypatch):
    monkeypatch.chdir(studies.parent)
    gwasmeta.run_batch("studies/traits.tsv", "out")
    monkeypatch.chdir(studies)
    told = json.loads((tmp_path / "out" / "bmi.json").read_text())
    assert [study["file"] for study in told["studies"]] == list(studies_of(studies, "bmi").values())
    assert gwasmeta.run_batch("traits.tsv", "../out").n_kept == 3


def test_stored_studies(studies, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = gwasmeta.StudyStore("gwasmeta-store")
    for name, path in studies_of(studies, "bmi").items():
        store.add(path, name=name)
    (studies / "stored.csv").write_text("trait,path\nbmi,store:ukb\nbmi,store:finns\nbmi,store:ours\n")
    gwasmeta.run_batch(studies / "stored.csv", "out")
    gwasmeta.meta_analyze([store.study(name) for name in STUDIES]).write("alone")
    assert files_of(tmp_path / "out", "bmi") == files_of(tmp_path, "alone")  # which names the stores from the root on


def test_a_trait_with_studies_of_both_sexes_is_compared_as_by_the_command(studies, tmp_path):
    (studies / "sexes.tsv").write_text("trait\tpath\tsex\nbmi\tbmi.ukb.tsv\tmale\nbmi\tbmi.finns.tsv\tfemale\n")
    gwasmeta.run_batch(studies / "sexes.tsv", tmp_path / "out")
    assert "sex_heterogeneity_p_value" in pd.read_csv(tmp_path / "out" / "bmi.tsv", sep="\t")
    gwasmeta.run_batch(studies / "sexes.tsv", tmp_path / "out", sex_differentiated=False)
    assert "sex_heterogeneity_p_value" not in pd.read_csv(tmp_path / "out" / "bmi.tsv", sep="\t")


# --- options ------------------------------------------------------------------------------------------------------

_LEVELS = """\
methods: random
genomic_control: true
filters: n > 900
ending: .tsv.gz
defaults: {n_cases: 100, n_controls: 200}
traits:
  height: [height.ukb.tsv, height.finns.tsv]
groups:
  shape:
    tau_squared: reml
    filters: [n > 950]
    defaults: {n_controls: 300}
    traits:
      bmi:
        defaults: {sex: male}
        method: fixed,random
        filters: eaf > 0.2
        studies: [bmi.ukb.tsv, {path: bmi.finns.tsv, sex: female, n_cases: 400}]
      waist: [waist.ukb.tsv]
"""


def options_of(path: Path) -> dict[str, object]:
    told = json.loads(path.read_text())
    return told["options"] | {name: [study[name] for study in told["studies"]] for name in ("filters", "given")}


def test_what_is_said_of_fewer_traits_wins_and_filters_add_up(studies, tmp_path):
    (studies / "levels.yaml").write_text(_LEVELS)
    gwasmeta.run_batch(studies / "levels.yaml", tmp_path / "out")
    height, bmi, waist = (options_of(tmp_path / "out" / f"{trait}.json") for trait in TRAITS)
    assert [height["methods"], bmi["methods"], waist["methods"]] == [["random"], ["fixed", "random"], ["random"]]
    assert [height["tau_squared"], bmi["tau_squared"], waist["tau_squared"]] == ["DL", "REML", "REML"]
    assert height["filters"] == [["n > 900"]] * 2
    assert bmi["filters"] == [["n > 900", "n > 950", "eaf > 0.2"]] * 2
    assert all(options["genomic_control"] for options in (height, bmi, waist))
    assert height["given"] == [{"n_cases": 100, "n_controls": 200}] * 2
    usual = {"n_cases": 100, "n_controls": 300, "sex": "male"}
    assert bmi["given"] == [usual, usual | {"sex": "female", "n_cases": 400}]
    assert waist["given"] == [{"n_cases": 100, "n_controls": 300}]
    assert (tmp_path / "out" / "waist.tsv.gz").is_file()
    assert read_index(tmp_path / "out")["group"].to_list() == ["", "shape", "shape"]


def test_what_the_caller_says_wins_over_all_levels(studies, tmp_path):
    (studies / "levels.yaml").write_text(_LEVELS)
    words = ["--method", "fixed", "--filter", "n > 1", "--ending", ".tsv", "--quiet"]
    assert main(["batch", str(studies / "levels.yaml"), "--out", str(tmp_path / "out"), *words]) == 0
    for trait in TRAITS:
        options = options_of(tmp_path / "out" / f"{trait}.json")
        assert (options["methods"], options["genomic_control"]) == (["fixed"], True)
        assert options["filters"][0][-1] == "n > 1"
        assert (tmp_path / "out" / f"{trait}.tsv").is_file()


@pytest.mark.parametrize("form", ["tsv", "yaml"])
def test_the_field_trait_in_file_chooses_among_the_traits_of_a_file(studies, tmp_path, form):
    rows = pd.read_csv(studies / "bmi.ukb.tsv", sep="\t")
    regenie = pd.DataFrame(
        {"CHROM": rows["chromosome"], "GENPOS": rows["base_pair_location"], "ID": rows["variant_id"]}
    )
    regenie = regenie.assign(ALLELE0="C", ALLELE1="A", A1FREQ=0.3, N=1000, TEST="ADD")
    for number, sign in ((1, 1), (2, -1)):
        regenie[f"BETA.Y{number}"] = sign * rows["beta"]
        regenie[f"SE.Y{number}"], regenie[f"CHISQ.Y{number}"], regenie[f"LOG10P.Y{number}"] = 0.1, 1.0, 1.0
    regenie.to_csv(studies / "both.regenie", sep=" ", index=False)
    if form == "tsv":
        text = "trait\tpath\ttrait_in_file\none\tboth.regenie\tY1\nother\tboth.regenie\tY2\n"
    else:
        entry = "[{{path: both.regenie, trait_in_file: {}}}]"
        text = f"traits:\n  one: {entry.format('Y1')}\n  other: {entry.format('Y2')}\n"
    (studies / f"both.{form}").write_text(text)
    gwasmeta.run_batch(studies / f"both.{form}", tmp_path / "out")
    one, other = (pd.read_csv(tmp_path / "out" / f"{trait}.tsv", sep="\t") for trait in ("one", "other"))
    assert_allclose(one["beta"], rows["beta"])
    assert_allclose(other["beta"], -rows["beta"])


# --- the index ----------------------------------------------------------------------------------------------------


def height_of(p_value: str) -> float:
    """Return -log10 of a number that a double may not hold."""
    mantissa, _, exponent = p_value.partition("e")
    return -np.log10(float(mantissa)) - int(exponent or 0)


def inflation(z: pd.Series) -> float:
    return float(np.median(z**2) / chi2.ppf(0.5, 1))


@pytest.mark.parametrize(("p", "window"), [(5e-8, 500_000), (1e-4, 250_000)])
def test_the_index_says_what_the_tables_say(studies, tmp_path, p, window):
    gwasmeta.run_batch(studies / "traits.tsv", tmp_path / "out", lead_p=p, lead_window=window)
    index = read_index(tmp_path / "out")
    assert list(index.index) == list(TRAITS)
    for trait, row in index.iterrows():
        table = pd.read_csv(tmp_path / "out" / row["table"], sep="\t", dtype={"p_value": str})
        table["neg_log_10_p_value"] = table["p_value"].map(height_of)
        own = [pd.read_csv(path, sep="\t") for path in studies_of(studies, trait).values()]
        factors = [inflation(study["beta"] / study["standard_error"]) for study in own]
        assert (row["status"], row["studies"], row["variants"]) == ("done", 3, len(table))
        assert row["lead_variants"] == n_lead_variants(table, p, window) > 3
        strongest = table.loc[table["neg_log_10_p_value"].idxmax()]
        assert row["top_variant"] == strongest["variant_id"]
        assert_allclose(row["top_neg_log_10_p_value"], strongest["neg_log_10_p_value"], rtol=1e-3)
        assert_allclose(row["inflation_factor"], inflation(table["z"]), rtol=1e-4)
        assert_allclose(row["study_inflation_factor_min"], min(factors), rtol=1e-6)
        assert_allclose(row["study_inflation_factor_max"], max(factors), rtol=1e-6)
        assert row["n_max"] == table["n"].max()
        assert 0 < row["seconds"] < 600


def test_results_of_several_blocks_are_indexed_as_a_whole(tmp_path):
    """The engine gives the result in blocks of some thousands of variants; here the strongest is in the last."""
    rng = np.random.default_rng(3)
    n = 20_000
    rows = pd.DataFrame({"variant_id": [f"rs{k}" for k in range(n)], "chromosome": np.arange(n) // 5000 + 1})
    rows["base_pair_location"] = 40_000 * (np.arange(n) % 5000 + 1)
    rows = rows.assign(effect_allele="A", other_allele="C", beta=rng.normal(0, 0.1, n), standard_error=0.1)
    rows.loc[rng.choice(n, 60), "beta"] = 0.8
    rows.loc[n - 7, "beta"] = -5.0  # p is 0 for a double
    rows["n"] = np.where(np.arange(n) == 3, 5000, 1000)
    rows.to_csv(tmp_path / "large.tsv", sep="\t", index=False)
    result = gwasmeta.run_batch({"large": [tmp_path / "large.tsv"]}, tmp_path / "out").index.iloc[0]
    expected = gwasmeta.meta_analyze(tmp_path / "large.tsv").lead_variants()
    assert result["lead_variants"] == len(expected) > 40
    assert result["top_variant"] == f"rs{n - 7}" == expected["variant_id"][0]
    assert_allclose(result["top_neg_log_10_p_value"], 544.6529, rtol=1e-4)  # 50 standard errors
    assert result["n_max"] == 5000


def test_without_places_or_samples_the_index_says_that_they_are_not_known(tmp_path):
    (tmp_path / "a.txt").write_text("MARKERNAME EA NEA BETA SE\nrs1 A C 0.9 0.1\nrs2 A C 0.1 0.1\n")
    (tmp_path / "traits.tsv").write_text("trait\tpath\none\ta.txt\n")
    gwasmeta.run_batch(tmp_path / "traits.tsv", tmp_path / "out")
    row = read_index(tmp_path / "out").loc["one"]
    assert row["top_variant"] == "rs1"
    assert row[["lead_variants", "n_max"]].isna().all()


# --- failures -----------------------------------------------------------------------------------------------------


@pytest.fixture
def with_bad_traits(studies: Path) -> Path:
    (studies / "bmi.finns.tsv").write_text("no\theader\nof\tours\n")
    ours = (studies / "waist.ours.tsv").read_text().splitlines()
    for name in STUDIES:
        (studies / f"waist.{name}.tsv").write_text(f"{ours[0]}\nrs1\t1\t100\tA\tA\t0.3\t0.1\t0.1\t100\n")
    return studies


def test_a_trait_that_fails_does_not_stop_the_others(with_bad_traits, tmp_path, capsys):
    words = ["batch", str(with_bad_traits / "traits.tsv"), "--out", str(tmp_path / "out")]
    assert main(words) == 2
    printed = capsys.readouterr()
    assert "2 of 3 traits failed" in printed.err
    (told,) = (line for line in printed.err.splitlines() if line.startswith("bmi: failed, combining the studies: "))
    assert told.endswith(" ... (2/3)")  # the whole of it is in the file
    assert len(told) < 280
    assert "1 of 3 traits done" in printed.out
    failures = pd.read_csv(tmp_path / "out" / "failures.tsv", sep="\t")
    assert failures["trait"].to_list() == ["bmi", "waist"]
    assert set(failures["step"]) == {"combining the studies"}
    assert "bmi.finns.tsv, line 1: " in failures["message"][0]
    assert "no row of any study can be used" in failures["message"][1]
    assert "alleles_identical 1" in failures["message"][1]
    index = read_index(tmp_path / "out")
    assert index["status"].to_list() == ["done", "failed", "failed"]
    assert index.loc["bmi", ["variants", "table"]].isna().all()
    assert sorted(path.name for path in (tmp_path / "out").iterdir() if path.is_file()) == [
        "failures.tsv", "height.json", "height.log.tsv", "height.tsv", "index.tsv",
    ]  # fmt: skip


def test_what_failed_is_made_when_its_cause_is_mended(with_bad_traits, tmp_path):
    assert gwasmeta.run_batch(with_bad_traits / "traits.tsv", tmp_path / "out").n_failed == 2
    write_studies(with_bad_traits)
    result = gwasmeta.run_batch(with_bad_traits / "traits.tsv", tmp_path / "out")
    assert (result.n_failed, result.n_made, result.n_kept) == (0, 2, 1)
    assert (tmp_path / "out" / "failures.tsv").read_text() == "trait\tgroup\tstep\tmessage\n"


def test_a_fault_of_ours_in_one_trait_is_told_as_such_and_stops_no_other(studies, tmp_path, monkeypatch):
    from gwasmeta.batch import computing

    def faulty(run, result):
        if run.name == "bmi":
            raise KeyError("no\tsuch\nthing")
        return whole(run, result)

    whole = computing._findings_of_result
    monkeypatch.setattr(computing, "_findings_of_result", faulty)
    result = gwasmeta.run_batch(studies / "traits.tsv", tmp_path / "out")
    assert result.failures["step"].to_list() == ["looking for lead variants"]
    assert "a fault of gwasmeta, please report it: KeyError" in result.failures["message"][0]
    assert "test_batch.py, line" in result.failures["message"][0]
    assert result.index["status"].to_list() == ["done", "failed", "done"]


def test_the_index_is_up_to_date_while_the_batch_runs(studies, tmp_path):
    seen = []

    def look(name, done, total, outcome):
        if outcome is None:
            seen.append((name, done, total, read_index(tmp_path / "out")["status"].to_list()))

    gwasmeta.run_batch(studies / "traits.tsv", tmp_path / "out", progress=look)
    assert seen == [
        ("height", 0, 3, ["waiting", "waiting", "waiting"]),
        ("bmi", 1, 3, ["done", "waiting", "waiting"]),
        ("waist", 2, 3, ["done", "done", "waiting"]),
    ]


# --- what is printed ----------------------------------------------------------------------------------------------


def test_few_traits_are_shown_many_are_summed_up(studies, tmp_path):
    few = gwasmeta.run_batch(studies / "traits.tsv", tmp_path / "few")
    header, height, *_ = few.summary().splitlines()[1:]
    assert " ".join(header.split()) == "trait studies variants leads top variant -log10 p lambda studies' min max N"
    assert height.split()[:4] == ["height", "3", "300", str(few.index["lead_variants"][0])]
    names = tuple(f"t{k}" for k in range(41))
    write_studies(tmp_path / "many", names)
    many = gwasmeta.run_batch(table_manifest(tmp_path / "many" / "traits.tsv", names), tmp_path / "out")
    lines = many.summary().splitlines()
    assert lines[0] == "41 of 41 traits done"
    assert lines[1].strip().startswith(f"{41 * 300:,} variants, {many.index['lead_variants'].sum():,} lead variants")
    assert len(lines) == 4
