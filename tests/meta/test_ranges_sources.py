"""Studies of every kind of source are the same in ranges as in memory."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import gwasmeta
from gwasmeta import Study, StudyStore
from gwasmeta.meta.ranges import numbered_studies

from .ranges_comparison import assert_same_in_ranges, odd_study, odd_variants, streams, text_of, written
from .study_tables import Columns, gzipped, simulated_studies, table_bytes

pytestmark = pytest.mark.usefixtures("small_ranges")


def plain_studies(n_studies: int = 3, n_variants: int = 100) -> list[Columns]:
    rng = np.random.default_rng(5)
    studies = simulated_studies(rng, n_studies, n_variants, share=0.8)
    orders = [rng.permutation(len(study["beta"])) for study in studies]
    return [
        {name: [values[row] for row in order] for name, values in study.items()}
        for study, order in zip(studies, orders, strict=True)
    ]


@pytest.mark.parametrize("frame", [dict, pd.DataFrame, pl.DataFrame])
def test_frames(frame: Callable[[Columns], Any], tmp_path: Path) -> None:
    studies = {f"cohort {k}": frame(study) for k, study in enumerate(plain_studies())}
    assert_same_in_ranges(studies, tmp_path, genomic_control=True, methods=("random", "fixed"))


def test_frames_with_missing_values(tmp_path: Path) -> None:
    frames = [pd.DataFrame(study) for study in plain_studies()]
    frames[1].loc[::3, ["n", "effect_allele_frequency", "base_pair_location"]] = np.nan
    frames[2].loc[::4, "chromosome"] = None
    frames[2].loc[1::9, "beta"] = np.nan
    assert_same_in_ranges(frames, tmp_path)


def test_files_of_every_kind_together(tmp_path: Path) -> None:
    texts = [table_bytes(study) for study in plain_studies(4)]
    paths = [tmp_path / name for name in ("a.tsv", "b.txt.gz", "c.parquet", "d.csv")]
    paths[0].write_bytes(texts[0])
    paths[1].write_bytes(gzipped(texts[1]))
    pl.read_csv(texts[2], separator="\t").write_parquet(paths[2])
    paths[3].write_bytes(texts[3].replace(b"\t", b","))
    result = assert_same_in_ranges(paths, tmp_path, genomic_control=True)
    assert all(len(checksum) == 64 for checksum in result.studies["sha256"])


def test_standard_input_between_files_streams_and_frames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    studies = plain_studies(4)
    (path,) = written(studies[:1], tmp_path)

    def make() -> list[Study]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(text_of(studies[1])))
        return [Study(path), Study("-"), Study(text_of(studies[2]), name="stream"), Study(studies[3], name="frame")]

    result = assert_same_in_ranges(make, tmp_path)
    assert result.studies["rows_read"].tolist() == [len(study["beta"]) for study in studies]


def test_one_study_alone(tmp_path: Path) -> None:
    assert_same_in_ranges(plain_studies(1), tmp_path, methods=("fixed", "random"), leave_one_out=True)


def test_one_file_twice(tmp_path: Path) -> None:
    (path,) = written(plain_studies(1), tmp_path)
    result = assert_same_in_ranges([path, path], tmp_path)
    assert result.studies["study"].is_unique
    assert set(result.table["n_studies"]) == {2}


def test_the_example_studies(tmp_path: Path) -> None:
    """Five formats of other programs; columns worked out from others."""
    result = assert_same_in_ranges(gwasmeta.example_studies("quantitative"), tmp_path, genomic_control=True)
    assert len(result.table) > 500


def test_conditions_and_values_that_the_caller_gives(tmp_path: Path) -> None:
    texts = [table_bytes(study).replace(b"beta\t", b"EFFECT_SIZE_X\t") for study in plain_studies(3)]

    def make() -> list[Study]:
        streams = [io.BytesIO(text) for text in texts]
        word = {"beta": "EFFECT_SIZE_X"}
        return [
            Study(streams[0], name="a", columns=word, n=5000, flip_effects=True),
            Study(streams[1], name="b", columns=word, filters="se < 0.1", n_cases=100, n_controls=900),
            Study(streams[2], name="c", columns=word, exclusions=("eaf < 0.3",)),
        ]

    assert_same_in_ranges(make, tmp_path, methods=("fixed", "sample_size"))


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StudyStore:
    """Return a store with four odd studies, in the folder that `store:NAME` looks in."""
    monkeypatch.setenv("GWASMETA_STORE", str(tmp_path / "store"))
    rng = np.random.default_rng(8)
    variants = odd_variants(rng, 150)
    kept = StudyStore(tmp_path / "store")
    orders = ("same", "shuffled", "reversed", "shuffled")
    for k, order in enumerate(orders):
        study = odd_study(rng, variants, order=order, has=("imputed",) if k else ())
        kept.add(Study(text_of(study), name=f"kept{k}"))
    return kept


STORE_OPTIONS: list[dict[str, Any]] = [
    {},
    {"genomic_control": True, "methods": ("random", "fixed")},
    {"match": "position", "position_conflicts": "exclude"},
    {"palindromic": "infer", "leave_one_out": True},
    {"methods": "sample_size", "genomic_control": True},
    {"filters": ("chromosome in (1, 2)", "n > 800")},
]


@pytest.mark.parametrize("options", STORE_OPTIONS)
def test_studies_of_a_store(store: StudyStore, options: dict[str, Any], tmp_path: Path) -> None:
    """And again, as they are kept by variant then; in the order in which the store has met the variants."""
    names = [f"store:{name}" for name in store.names]
    for chosen in (names, names[::-1], names[1:3], names):
        assert_same_in_ranges(chosen, tmp_path, rows_in_any_order=True, **options)


def test_studies_of_a_store_beside_files(store: StudyStore, tmp_path: Path) -> None:
    rng = np.random.default_rng(9)
    study = odd_study(rng, odd_variants(rng, 150))
    (path,) = written([study], tmp_path)

    def make() -> list[Any]:
        return [path, "store:kept1", *streams([study])(), "store:kept0"]

    assert_same_in_ranges(make, tmp_path, genomic_control=True)
    assert_same_in_ranges(make, tmp_path, methods="random", min_studies=2)


def test_a_study_that_is_replaced_in_the_store(store: StudyStore, tmp_path: Path) -> None:
    """The new one counts, whatever is known of the old one."""
    names = [f"store:{name}" for name in store.names]
    before = assert_same_in_ranges(names, tmp_path, rows_in_any_order=True)
    rng = np.random.default_rng(10)
    store.add(Study(text_of(odd_study(rng, odd_variants(rng, 220))), name="kept1"))
    after = assert_same_in_ranges(names, tmp_path, rows_in_any_order=True)
    assert len(after.table) > len(before.table)


def test_files_are_read_by_workers_and_streams_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What only this process has cannot travel, and is laid down by it."""
    read_here = []
    real = numbered_studies.lay_down

    def noted(reader: Any, *rest: Any) -> Any:
        read_here.append(reader.study.label)
        return real(reader, *rest)

    monkeypatch.setattr(numbered_studies, "lay_down", noted)
    studies = plain_studies(3)
    (path,) = written(studies[:1], tmp_path)

    def make() -> list[Study]:
        return [Study(studies[1], name="frame"), Study(path), Study(text_of(studies[2]), name="stream")]

    assert_same_in_ranges(make, tmp_path)
    assert read_here == ["frame", "stream"]
