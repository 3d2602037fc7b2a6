"""Lists of studies: what their fields become, and the errors that name file, line and field."""

from __future__ import annotations

from pathlib import Path

import pytest

import gwasmeta

YAML = """\
defaults:
  filters: [info >= 0.4]
  n_cases: 100
studies:
  - path: ukb.regenie.gz
    name: ukb
    lambda: 1.05
    n_cases: 1_200

  - finns/a.txt
  - path: /data/b.txt
    sex: F
    n: 18500
    columns: {effect_allele: Allele2, other_allele: Allele1}
    filters: maf > 0.01
    flip_effects: true
    dialect: saige
"""
TABLE = """\
# our studies
path\tname\tn\tlambda\tsex\tcolumns\tfilters\tflip_effects
ukb.regenie.gz\tukb\t\t1.05\t\t\tinfo >= 0.4;maf > 0.01\t

/data/b.txt\t\t18500\t\tmale\teffect_allele=Allele2,other_allele=Allele1\t\tyes
"""


def test_yaml(tmp_path: Path) -> None:
    (tmp_path / "studies.yaml").write_text(YAML)
    ukb, finns, other = gwasmeta.read_manifest(tmp_path / "studies.yaml")
    assert (ukb.path, ukb.name, ukb.inflation_factor, ukb.n_cases) == (
        str(tmp_path / "ukb.regenie.gz"), "ukb", 1.05, 1200,
    )  # fmt: skip
    assert ukb.filters == ("info >= 0.4",)
    assert (finns.path, finns.label, finns.n_cases) == (str(tmp_path / "finns/a.txt"), "a", 100)
    assert (other.path, other.sex, other.n, other.dialect) == ("/data/b.txt", "female", 18500, "saige")
    assert other.columns == {"effect_allele": "Allele2", "other_allele": "Allele1"}
    assert (other.filters, other.flip_effects) == (("maf > 0.01",), True)


def test_table(tmp_path: Path) -> None:
    (tmp_path / "studies.tsv").write_text(TABLE)
    ukb, other = gwasmeta.read_manifest(tmp_path / "studies.tsv")
    assert (ukb.name, ukb.inflation_factor, ukb.n, ukb.sex) == ("ukb", 1.05, None, None)
    assert ukb.filters == ("info >= 0.4", "maf > 0.01")
    assert (other.n, other.sex, other.flip_effects) == (18500, "male", True)
    assert other.columns == {"effect_allele": "Allele2", "other_allele": "Allele1"}


def test_a_list_of_paths_and_traits_will_do(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("- a.txt\n- b.txt\n")
    (tmp_path / "b.yaml").write_text("traits:\n- a.txt\n- path: b.txt\n")
    for name in ("a.yaml", "b.yaml"):
        assert [study.label for study in gwasmeta.read_manifest(tmp_path / name)] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("studies:\n- path: a\n  N: 5\n", r"m\.yaml, line 3, field N: there is no such field; the fields are path"),
        ("studies:\n- path: a\n  n: many\n", r"m\.yaml, line 3, field n: 'many' is no number"),
        ("studies:\n- path: a\n- path: b\n  n: -5\n", r"m\.yaml, line 4, field n: -5: a positive number"),
        ("studies:\n- path: a\n\n  sex: both\n", r"m\.yaml, line 4, field sex: 'both': write male or female"),
        ("studies:\n- name: a\n", r"m\.yaml, line 2, field path: every study needs one"),
        ("studies:\n- path: a\n  columns: A1\n", r"line 3, field columns: 'A1': write it as COLUMN=WORD"),
        ("studies:\n- path: a\n  filters: {a: b}\n", r"line 3, field filters: .*a text or a list"),
        ("studies:\n- path: a\n  flip_effects: perhaps\n", r"line 3, field flip_effects: 'perhaps': write true"),
        ("studies:\n- path: a\n  name: x\n- path: b\n  name: x\n", r"line 5, field name: 'x' .* in line 3 already"),
        ("studies:\n- 5\n", r"m\.yaml, line 2: 5: write a path"),
        ("studies: []\n", r"m\.yaml: lists no study"),
        ("cohorts: []\n", r"m\.yaml: is no list of studies"),
        ("studies: []\nother: 1\n", r"m\.yaml: 'other': beside studies"),
        ("studies: [\n", r"m\.yaml: is no YAML"),
        ("defaults: {n: x}\nstudies:\n- path: a\n", r"m\.yaml, line 3, field n: 'x' is no number"),
    ],
)
def test_errors_of_yaml_name_line_and_field(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "m.yaml").write_text(text)
    with pytest.raises(gwasmeta.GwasmetaError, match=message):
        gwasmeta.read_manifest(tmp_path / "m.yaml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file\tn\na\t5\n", r"m\.tsv, line 1: the header has no field path"),
        ("path\tn\na\t5\nb\n", r"m\.tsv, line 3: 1 fields, but the header has 2"),
        ("path\tn\na\t5\nb\tx\n", r"m\.tsv, line 3, field n: 'x' is no number"),
        ("path\tcolour\na\tred\n", r"m\.tsv, line 2, field colour: there is no such field"),
    ],
)
def test_errors_of_tables_name_line_and_field(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "m.tsv").write_text(text)
    with pytest.raises(gwasmeta.GwasmetaError, match=message):
        gwasmeta.read_manifest(tmp_path / "m.tsv")


def test_a_manifest_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(gwasmeta.GwasmetaError, match=r"m\.yaml: cannot be read: No such file"):
        gwasmeta.read_manifest(tmp_path / "m.yaml")


def test_an_analysis_of_a_manifest_is_that_of_its_studies(tmp_path: Path) -> None:
    examples = gwasmeta.example_studies("quantitative")
    entries = [f"- path: {path}\n  name: {name}\n  filters: n > 1000" for name, path in examples.items()]
    (tmp_path / "m.yaml").write_text("\n".join(entries))
    listed = gwasmeta.meta_analyze(gwasmeta.read_manifest(tmp_path / "m.yaml"))
    direct = gwasmeta.meta_analyze({name: gwasmeta.Study(p, filters="n > 1000") for name, p in examples.items()})
    assert listed.table.equals(direct.table)
    assert listed.parameters()["studies"][0]["filters"] == ["n > 1000"]
