"""Rows of a store as other programs read them, by the words of docs/store.md: the same values as Polars has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow
import pyarrow.dataset
import pytest
from pandas.testing import assert_frame_equal

import gwasmeta
from documents import DOCS, Block, blocks

TYPES = {
    "chromosome": "string",
    "base_pair_location": "int32",
    "variant_id": "string",
    "effect_allele": "string",
    "other_allele": "string",
    "beta": "double",
    "standard_error": "double",
    "neg_log_10_p_value": "double",
    "effect_allele_frequency": "double",
    "n": "double",
    "source_line": "int64",
}


def snippet(language: str) -> str:
    (found,) = [block for block in blocks(DOCS / "store.md") if _is_for_others(block) and block.language == language]
    return found.text


def _is_for_others(block: Block) -> bool:
    return block.section == "For other programs"


@pytest.fixture
def finns(study_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pl.DataFrame:
    """Return what gwasmeta reads of the study that the snippets name, in the default store of the current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GWASMETA_STORE", raising=False)
    store = gwasmeta.StudyStore()
    store.add(study_file, name="FINNS")
    return store.scan("FINNS").collect()


def in_order(rows: Any) -> pd.DataFrame:
    """Return rows by their line, columns by their name: programs read a folder's files in an order of their own."""
    table = rows.to_pandas() if not isinstance(rows, pd.DataFrame) else rows
    return table.sort_values("source_line").reset_index(drop=True)[sorted(table.columns)]


def assert_same(rows: Any, expected: pl.DataFrame) -> None:
    assert_frame_equal(in_order(rows), in_order(expected), check_dtype=False, check_exact=True)
    assert len(expected) == 9
    assert expected["chromosome"].null_count() == 2
    assert "HLA*A/1%" in expected["chromosome"].to_list()


def by_duckdb() -> pyarrow.Table:
    with duckdb.connect() as connection:
        return connection.sql(snippet("sql")).to_arrow_table()


def by_arrow() -> pyarrow.dataset.Dataset:
    """Read as arrow for R does: `hive_partition(chromosome = utf8())` is that schema of the folders' names."""
    assert snippet("r").splitlines() == [
        'rows <- Sys.glob("gwasmeta-store/studies/FINNS/v-*/rows")',
        "arrow::open_dataset(rows, partitioning = arrow::hive_partition(chromosome = arrow::utf8()))",
    ]
    (rows,) = Path().glob("gwasmeta-store/studies/FINNS/v-*/rows")
    folders = pyarrow.dataset.partitioning(pyarrow.schema({"chromosome": pyarrow.string()}), flavor="hive")
    return pyarrow.dataset.dataset(rows, partitioning=folders)


def test_polars(finns: pl.DataFrame) -> None:
    assert_same(eval(snippet("python"), {"pl": pl}).collect(), finns)


def test_duckdb(finns: pl.DataFrame) -> None:
    assert_same(by_duckdb(), finns)
    with duckdb.connect() as connection:
        one = connection.sql(snippet("sql").strip().rstrip(";") + " WHERE chromosome = 'X'").fetchall()
    assert len(one) == finns.filter(pl.col("chromosome") == "X").height == 1


def test_arrow(finns: pl.DataFrame) -> None:
    dataset = by_arrow()
    assert_same(dataset.to_table(), finns)
    one = dataset.to_table(filter=pyarrow.dataset.field("chromosome") == "1")
    assert one.num_rows == finns.filter(pl.col("chromosome") == "1").height == 4


@pytest.mark.parametrize("read", [by_duckdb, lambda: by_arrow().to_table()], ids=["duckdb", "arrow"])
def test_columns_have_the_types_that_are_documented(finns: pl.DataFrame, read: Callable[[], pyarrow.Table]) -> None:
    """Also where all chromosomes are numbers."""
    numbered = finns.filter(pl.col("chromosome").is_in(["1", "2"]))
    gwasmeta.StudyStore().add(numbered.drop("source_line"), name="FINNS")
    found = read()
    assert found.num_rows == numbered.height == 5
    types = {name: str(found.schema.field(name).type) for name in found.column_names}
    assert {name: text.removeprefix("large_") for name, text in types.items()} == TYPES
