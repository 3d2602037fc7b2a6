"""Manifests that are not in order: everything is told at once, with its place, before anything is run."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from batch_data import studies_of

import gwasmeta
from gwasmeta.batch.options import META_OPTIONS, MTAG_OPTIONS
from gwasmeta.cli import main

_TRAITS = "traits:\n  bmi: [bmi.ukb.tsv]\n"


def refusal(folder: Path, name: str, text: str, **options: object) -> str:
    (folder / name).write_text(text)
    with pytest.raises(gwasmeta.GwasmetaError) as caught:
        gwasmeta.run_batch(folder / name, folder / "out", **options)
    assert not (folder / "out" / "index.tsv").exists()
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("path\tname\na\tb\n", "its header has no field trait"),
        ("trait\tpath\tcolour\nbmi\tbmi.ukb.tsv\tred\n", "its header has colour, and there is no such field"),
        ("trait\tpath\tn_case\nbmi\tbmi.ukb.tsv\t5\n", "no such field; perhaps n_cases"),
        ("trait\tname\nbmi\tukb\n", "line 1: the header has no field path"),
        ("trait\tpath\nbmi\n", "line 2: 1 fields, but the header has 2"),
        ("trait\tpath\n", "m.tsv: lists no trait"),
        ("trait\tpath\n\tbmi.ukb.tsv\n", "line 2, field trait: every line needs the trait"),
        ("trait\tpath\tn\nbmi\tbmi.ukb.tsv\tmany\n", "line 2, field n: 'many' is no number"),
        ("trait\tpath\tdialect\nbmi\tbmi.ukb.tsv\tregeni\n", "there is no dialect 'regeni'; perhaps regenie"),
        ("trait\tpath\tfilters\nbmi\tbmi.ukb.tsv\tn >\n", "bmi.ukb.tsv: filter"),
        ("trait\tpath\tname\nbmi\tbmi.ukb.tsv\ta\nbmi\tbmi.finns.tsv\ta\n", "trait bmi: two studies are named 'a'"),
        ("trait\tpath\nbmi\tstore:nowhere/a\n", "there is no study store"),
        ("trait\tpath\nbmi\t.\n", "line 2, trait bmi: {folder}: is a folder"),
        ("trait\tpath\n../bmi\tbmi.ukb.tsv\n", "'../bmi' cannot be part of a file's name here"),
        ("trait\tpath\n.batch\tbmi.ukb.tsv\n", "'.batch' cannot be part of a file's name here"),
        ("trait\tpath\nindex\tbmi.ukb.tsv\n", "its file index.tsv is one of the batch itself already"),
        (
            "trait\tpath\nBMI\tbmi.ukb.tsv\nbmi\tbmi.ukb.tsv\n",
            "its file bmi.tsv is one of {folder}/m.tsv, line 2, trait",
        ),
        (
            "trait\tpath\na\tbmi.ukb.tsv\na.log\tbmi.ukb.tsv\n",
            "its file a.log.tsv is one of {folder}/m.tsv, line 2, tra",
        ),
    ],
)
def test_tables(studies, text, told):
    assert told.format(folder=studies) in refusal(studies, "m.tsv", text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "m.yaml: is empty"),
        ("a: [", "m.yaml: is no YAML"),
        ("- bmi.ukb.tsv\n", "m.yaml: is no list of traits"),
        ("studies: [bmi.ukb.tsv]\n", "m.yaml: is no list of traits"),
        ("traits: [bmi.ukb.tsv]\n", "m.yaml, line 1: traits: write a name and a colon"),
        ("traits:\n  bmi: bmi.ukb.tsv\n", "m.yaml, line 2: a list is needed"),
        ("traits:\n  bmi: []\n", "m.yaml, line 2, trait bmi: has no studies"),
        ("traits:\n  bmi: {methods: fixed}\n", "m.yaml, line 2: trait bmi: has no studies"),
        ("traits:\n  bmi: [3]\n", "m.yaml, line 2: 3: write a path"),
        ("traits:\n  bmi:\n  - bmi.ukb.tsv\n  bmi:\n  - bmi.finns.tsv\n", "line 4: bmi stands in line 2 already"),
        ("traits:\n  bmi:\n  - path: bmi.ukb.tsv\n    nn: 5\n", "m.yaml, line 4, field nn: there is no such field"),
        ("traits:\n  bmi:\n  - path: bmi.ukb.tsv\n    dialekt: a\n", "perhaps dialect?"),
        ("defaults:\n  n: 5\n  dialekt: a\n" + _TRAITS, "one problem; nothing was run\n  {folder}/m.yaml, line 3: "),
        ("defaults: 5\n" + _TRAITS, "m.yaml, line 1: defaults: fields of studies are needed"),
        ("genomic_controll: true\n" + _TRAITS, "line 1: genomic_controll: there is no such word here; perhaps genom"),
        ("trait:\n  a: []\n" + _TRAITS, "m.yaml, line 1: trait: there is no such word here; perhaps traits"),
        ("genomic_control: maybe\n" + _TRAITS, "m.yaml, line 1: genomic_control: 'maybe': write true or false"),
        ("min_n: many\n" + _TRAITS, "m.yaml, line 1: min_n: 'many': a number is needed"),
        ("min_studies: 1.5\n" + _TRAITS, "m.yaml, line 1: min_studies: 1.5: a whole number is needed"),
        ("methods: 5\n" + _TRAITS, "method '5': choose among fixed, random, sample_size"),
        ("methods: {a: b}\n" + _TRAITS, "m.yaml, line 1: methods: {{'a': 'b'}}: a text or a list of texts is needed"),
        (_TRAITS + "tau_squared: XX\n", "m.yaml, line 2, trait bmi: tau-squared estimator 'XX': choose among DL"),
        (_TRAITS + "hartung_knapp: yes\n", "Hartung-Knapp is a test of random effects: add random"),
        (_TRAITS + "palindromic_window: 2\n", "palindromic window = 2.0: must be from 0 to 0.5"),
        (_TRAITS + "filters: info >\n", "trait bmi: filter"),
        (_TRAITS + "memory: much\n", "m.yaml, line 3: 'much' is no amount of memory"),
        (_TRAITS + "format: xls\n", "format 'xls': choose among gwasmeta, ssf"),
        (_TRAITS + "ending: .csv\n", "ending '.csv': choose among .tsv, .tsv.gz"),
        (_TRAITS + "lead_p: 0\n", "lead_p = 0.0: must be above 0"),
        (_TRAITS + "lead_window: -1\n", "lead_window = -1: must be at least 1 base pair"),
        (_TRAITS + "overlap: shared.txt\n", "{folder}/shared.txt: there is no such file"),
        (_TRAITS + "overlap: estimated\nmethods: random\n", "overlap of samples is allowed for in fixed effects"),
        ("groups:\n  a: {traits: {bmi: [bmi.ukb.tsv]}}\n" + _TRAITS, "the name 'bmi' is taken already: {folder}/m."),
        ("groups:\n  a: {kind: mtags, traits: []}\n", "m.yaml, line 2: kind: 'mtags': choose among meta, mtag"),
        ("groups:\n  a: {kind: mtag}\n", "m.yaml, line 2: a: has no traits"),
        ("groups:\n  a: {kind: mtag, traits: {bmi: bmi.ukb.tsv}}\n", "m.yaml, line 2: a list is needed"),
        ("groups:\n  a: {kind: mtag, genomic_control: true, traits: [bmi.ukb.tsv]}\n", "genomic_control: there is"),
        ("groups:\n  a: {kind: mtag, covariance: none, traits: [bmi.ukb.tsv]}\n", "'none': choose among free"),
        ("groups:\n  a: {kind: mtag, ld_scores: nowhere, traits: [bmi.ukb.tsv]}\n", "group a: {folder}/nowhere"),
    ],
)  # fmt: skip
def test_yaml(studies, text, told):
    assert told.format(folder=studies) in refusal(studies, "m.yaml", text)


def test_all_missing_files_are_told_at_once_and_nothing_is_run(studies, tmp_path, capsys):
    for name in ("bmi.finns", "waist.ukb"):
        (studies / f"{name}.tsv").unlink()
    assert main(["batch", str(studies / "traits.tsv"), "--out", str(tmp_path / "out")]) == 2
    told = capsys.readouterr().err
    assert f"{studies / 'traits.tsv'}: 2 problems; nothing was run" in told
    for line, trait, name in ((3, "bmi", "bmi.finns"), (4, "waist", "waist.ukb")):
        assert f"line {line}, trait {trait}: {studies / name}.tsv: there is no such file" in told
    assert not (tmp_path / "out").exists()


def test_a_result_is_not_written_over_a_study(studies):
    (studies / "m.csv").write_text("trait,path\nbmi.ukb,bmi.finns.tsv\nheight,bmi.ukb.tsv\n")
    with pytest.raises(
        gwasmeta.GwasmetaError, match=r"trait height: .*bmi\.ukb\.tsv is read, and would be written over"
    ):
        gwasmeta.run_batch(studies / "m.csv", studies)


def test_very_many_problems_are_shortened(studies):
    told = refusal(studies, "m.csv", "trait,path\n" + "".join(f"t{k},missing{k}\n" for k in range(100)))
    assert "100 problems" in told
    assert "and 70 more" in told


@pytest.mark.parametrize(
    ("traits", "told"),
    [
        ({"bmi": []}, "trait bmi: no studies"),
        ({"bmi": [{"variant_id": ["rs1"]}]}, "a batch takes files and stored studies"),
        ({"bmi": ["-"]}, "standard input: a batch takes files"),
        ({"bmi": ["missing.txt"]}, "missing.txt: there is no such file"),
        ({}, "the traits: lists no trait"),
    ],
)
def test_mappings(tmp_path, traits, told):
    with pytest.raises(gwasmeta.GwasmetaError) as caught:
        gwasmeta.run_batch(traits, tmp_path / "out")
    assert told in str(caught.value)


def test_the_callers_options_are_checked_too(studies, tmp_path):
    given = {"bmi": studies_of(studies, "bmi")}
    for options, told in (
        ({"genomic_controll": True}, "genomic_controll: there is no such word here; perhaps genomic_control"),
        ({"progres": 5}, "progres: there is no such word here"),
        ({"methods": "median"}, "trait bmi: method 'median': choose among"),
    ):
        with pytest.raises(gwasmeta.GwasmetaError) as caught:
            gwasmeta.run_batch(given, tmp_path / "out", **options)
        assert told in str(caught.value)


def test_anchors_and_merges_of_yaml(studies, tmp_path):
    (studies / "m.yaml").write_text(
        "traits:\n  bmi: &usual\n    methods: fixed,random\n    studies: [bmi.ukb.tsv, bmi.finns.tsv]\n"
        "  again: {<<: *usual, methods: fixed}\n"
    )
    result = gwasmeta.run_batch(studies / "m.yaml", tmp_path / "out")
    assert result.index["studies"].to_list() == [2, 2]
    headers = [(tmp_path / "out" / f"{trait}.tsv").read_text().split("\n")[0] for trait in ("bmi", "again")]
    assert ["random_beta" in header for header in headers] == [True, False]


def test_every_argument_of_the_functions_can_be_chosen():
    """Beside what a batch gives itself, and where it runs."""
    own = {"studies", "traits", "filters", "progress", "cluster"}
    for options, function in ((META_OPTIONS, gwasmeta.meta_analyze), (MTAG_OPTIONS, gwasmeta.mtag)):
        assert set(options) == set(inspect.signature(function).parameters) - own
