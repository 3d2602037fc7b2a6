"""docs/batch.md says what is so: its manifests are ones, its tables complete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from batch_data import write_studies

import gwasmeta
from documents import DOCS
from gwasmeta.batch.index import INDEX_COLUMNS
from gwasmeta.batch.manifest import read_runs
from gwasmeta.batch.options import FILTERS, LEAD_OPTIONS, META_OPTIONS, MTAG_OPTIONS, OUTPUT_OPTIONS
from gwasmeta.cli.batch import _EXAMPLES

PAGE = DOCS / "batch.md"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder, the current one, with a store, and the files that the page's manifests name."""
    monkeypatch.chdir(tmp_path)
    write_studies(tmp_path, ("height",))
    gwasmeta.StudyStore("gwasmeta-store").add("height.ukb.tsv", name="FINNS_HEIGHT")
    for path in re.findall(r"[\w.]+\.(?:txt|regenie)(?:\.gz)?", PAGE.read_text() + _EXAMPLES):
        Path(path).touch()
    Path("eur_w_ld_chr").mkdir()
    for chromosome in range(1, 23):
        Path(f"eur_w_ld_chr/{chromosome}.l2.ldscore.gz").touch()
        Path(f"eur_w_ld_chr/{chromosome}.l2.M_5_50").touch()
    return tmp_path


def test_the_table_is_a_manifest(folder):
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("|")]
    start = next(place for place, line in enumerate(lines) if line.startswith("| trait | path"))
    rows = [[word.strip() for word in line.strip("|").split("|")] for line in lines[start : start + 6]]
    (folder / "traits.tsv").write_text("\n".join("\t".join(row) for row in (rows[0], *rows[2:])) + "\n")
    height, bmi = read_runs("traits.tsv", {}, folder / "out")
    assert [study.label for study in (*height.studies, *bmi.studies)] == ["ukb", "finns", "ukb", "finns"]
    assert bmi.studies[1].conditions == ("info >= 0.4", "n > 1000")


def test_the_yaml_is_a_manifest(folder):
    (folder / "traits.yaml").write_text(re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)[0])
    runs = {run.name: run for run in read_runs("traits.yaml", {}, folder / "out")}
    assert list(runs) == ["height", "t2d", "ldl", "hdl", "body"]
    assert runs["t2d"].options["filters"] == ("info >= 0.4", "eaf > 0.01")
    assert [study.dialect for study in runs["t2d"].studies] == ["regenie", "saige"]
    assert runs["body"].options == {
        "filters": ("info >= 0.4",), "ld_scores": str(folder / "eur_w_ld_chr"), "maf_min": 0.05,
    }  # fmt: skip


def test_the_manifests_that_help_shows_are_manifests(folder):
    table = re.findall(r"^ {10}((?:trait|height|bmi) .*)$", _EXAMPLES, re.MULTILINE)
    padded = [re.split(" {2,}", line) for line in table]
    rows = [row + [""] * (len(padded[0]) - len(row)) for row in padded]
    (folder / "traits.tsv").write_text("\n".join(map("\t".join, rows)) + "\n")
    assert [len(run.studies) for run in read_runs("traits.tsv", {}, folder / "out")] == [2, 1]
    yaml = _EXAMPLES[_EXAMPLES.index("          methods: [") :].split("\n\n")[0]
    (folder / "traits.yaml").write_text("\n".join(line[10:] for line in yaml.splitlines()) + "\n")
    assert [run.name for run in read_runs("traits.yaml", {}, folder / "out")] == ["height", "t2d", "body"]


def test_every_column_of_the_index_and_every_word_is_there():
    text = PAGE.read_text()
    described = {name for line in text.splitlines() if line.startswith("| `") for name in re.findall(r"`(\w+)`", line)}
    assert set(INDEX_COLUMNS) <= described
    assert {*LEAD_OPTIONS, *OUTPUT_OPTIONS, FILTERS, "traits", "groups", "kind", "defaults"} <= described
    unknown = described - {*INDEX_COLUMNS, *META_OPTIONS, *MTAG_OPTIONS, *LEAD_OPTIONS, *OUTPUT_OPTIONS, FILTERS}
    values = {"traits", "groups", "kind", "defaults", "meta", "mtag", "method", "done", "failed", "waiting"}
    assert unknown <= values | {"gwasmeta", "ssf", "gwama", "metal"}
