"""What a study is called, and what it refuses."""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.study import Study

FRAMES: dict[str, Any] = {
    "pandas": pd.DataFrame({"variant_id": ["rs1"]}),
    "Polars": pl.DataFrame({"variant_id": ["rs1"]}),
    "mapping": {"variant_id": ["rs1"]},
}


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("cohort7.txt", "cohort7"),
        ("cohort7.txt.gz", "cohort7"),
        ("data/height/COHORT7.TSV.GZ", "COHORT7"),
        ("cohort.v2.csv.zst", "cohort.v2"),
        ("meta1.tbl", "meta1"),
        ("gwama.out", "gwama"),
        ("study.parquet", "study"),
        ("cohort7.regenie", "cohort7.regenie"),
        ("cohort7", "cohort7"),
        ("a.txt.d/b.bgz", "b"),
        (".txt", ".txt"),
    ],
)
def test_a_study_is_called_as_its_file_without_the_endings(path: str, label: str) -> None:
    assert Study(path).label == label
    assert Study(Path(path)).label == label


def test_a_name_wins_over_the_file_s() -> None:
    study = Study("cohort7.txt.gz", name="Estonia")
    assert study.label == "Estonia"
    assert study.file == "cohort7.txt.gz"  # messages about lines still name the file


def test_a_path_is_kept_as_given() -> None:
    assert Study("a/b.txt").path == "a/b.txt"
    assert Study(Path("a/b.txt")).path == str(Path("a/b.txt"))
    assert Study(Path("a/b.txt")).file == str(Path("a/b.txt"))


def test_standard_input_is_called_so() -> None:
    study = Study("-")
    assert (study.path, study.file, study.label) == ("-", "standard input", "standard input")
    assert Study("-", name="Estonia").label == "Estonia"


@pytest.mark.parametrize("kind", FRAMES)
def test_a_frame_is_called_by_its_name_if_it_has_one(kind: str) -> None:
    unnamed, named = Study(FRAMES[kind]), Study(FRAMES[kind], name="Estonia")
    assert (unnamed.path, unnamed.file, unnamed.label) == (None, "data frame", "data frame")
    assert (named.path, named.file, named.label) == (None, "Estonia", "Estonia")


def test_a_column_called_name_is_not_the_name_of_the_frame() -> None:
    assert Study(pd.DataFrame({"name": ["rs1", "rs2"]})).file == "data frame"


def test_an_open_file_is_called_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "cohort7.txt"
    path.write_text("x")
    with path.open("rb") as file:
        study = Study(file)
        assert study.path is None
        assert study.file == str(path)


def test_a_stream_without_a_name_is_no_data_frame() -> None:
    assert Study(io.BytesIO(b"")).file == "the given file object"  # as TextSource says


def study_with(what: str, value: Any) -> Study:
    options: dict[str, Any] = {what: value}
    return Study("cohort7.txt", **options)


@pytest.mark.parametrize("what", ["n", "n_cases", "n_controls", "inflation_factor"])
@pytest.mark.parametrize("value", [0, -1, -0.5, math.nan, math.inf])
def test_counts_and_factors_are_positive(what: str, value: float) -> None:
    with pytest.raises(GwasmetaError) as caught:
        study_with(what, value)
    assert str(caught.value) == f"cohort7.txt: {what} = {value}: a positive number is needed"


@pytest.mark.parametrize("what", ["n", "n_cases", "n_controls", "inflation_factor"])
@pytest.mark.parametrize("value", [None, 1, 0.5, 1e9])
def test_counts_and_factors_that_are_possible(what: str, value: float | None) -> None:
    assert getattr(study_with(what, value), what) == value


def test_nothing_but_the_source_needs_to_be_said() -> None:
    study = Study("cohort7.txt")
    assert (study.name, study.dialect, study.columns, study.filters) == (None, None, {}, ())
    assert (study.n, study.n_cases, study.n_controls, study.inflation_factor) == (None, None, None, None)
