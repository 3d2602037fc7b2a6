"""The public function: every format, every kind of source, one canonical table."""

from __future__ import annotations

import gzip
import io
import math
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from dialect_files import (
    CANONICAL,
    FILES,
    OTHERWISE,
    assert_canonical,
    lines,
    side_files_of,
    stream,
    table_of,
)

from gwasmeta import GwasmetaError, Study, SumStats, read_sumstats
from gwasmeta.sumstats.dialects import DIALECTS, Dialect

EVERY_FILE = [
    pytest.param(name, text, id=f"{name}-{number}")
    for name, files in FILES.items()
    for number, text in enumerate(files, 1)
]
# The tags of REGENIE's Info have semicolons between them.
SEPARATORS = {"tab": "\t", "blank": " ", "comma": ",", "semicolon": ";"}
EVERY_FILE_AND_SEPARATOR = [
    pytest.param(name, text, separator, id=f"{name}-{number}-{called}")
    for name, files in FILES.items()
    for number, text in enumerate(files, 1)
    for called, separator in SEPARATORS.items()
    if separator not in text or separator == " "
]

SSF, LDSC = FILES["ssf"][0], FILES["ldsc"][0]


# --- formats --------------------------------------------------------------------------------------------


def test_every_dialect_has_a_file_here() -> None:
    assert set(FILES) == {dialect.name for dialect in DIALECTS}


def study_of(name: str, text: str, folder: Path, separator: str = "\t") -> SumStats:
    return read_sumstats(Study(stream(text, separator), side_files=side_files_of(name, folder)))


@pytest.mark.parametrize(("name", "text", "separator"), EVERY_FILE_AND_SEPARATOR)
def test_every_format_is_read_to_the_same_canonical_table(name: str, text: str, separator: str, tmp_path: Path) -> None:
    study = study_of(name, text, tmp_path, separator)
    assert study.dialect == name
    assert study.rows_read == len(study) == 3
    assert len(study.log) == 0
    table = study.table.drop(columns=["ci_lower", "ci_upper", "log_10_p_value"], errors="ignore")
    assert {"effect_allele", "other_allele"} < set(table)
    assert {"beta", "standard_error"} < set(table) or "z" in table or name == "plink_meta"
    for column, expected in OTHERWISE.get(name, {}).items():
        np.testing.assert_array_equal(table.pop(column), expected)
    if name == "regenie_htp" and "ldl" in text:  # a quantitative trait
        assert table[["n_cases", "n_controls"]].isna().all(axis=None)
        table = table.drop(columns=["n_cases", "n_controls"])
    # limits have 9 digits and are 1 % apart
    assert_canonical(table, rtol=2e-5 if "OR_95L" in text or "hm_ci_lower" in text else 2e-7)


@pytest.mark.parametrize(("name", "text"), EVERY_FILE)
def test_every_column_that_the_dialect_knows_arrives(name: str, text: str, tmp_path: Path) -> None:
    study = study_of(name, text, tmp_path)
    # p-values become minus their logarithms
    expected = {"neg_log_10_p_value" if column.endswith("p_value") else column for column in study.columns}
    assert expected <= set(study.table)
    header = lines(text)[0]
    words = {header[0].removeprefix("#"), *header}
    for column, meaning in study.columns.items():  # a word, or an account of words
        assert meaning in words or any(word in meaning for word in words | {"given.frq"}), column


@pytest.mark.parametrize(("name", "text"), EVERY_FILE)
def test_an_inverted_rule_for_the_effect_allele_would_be_noticed(name: str, text: str, tmp_path: Path) -> None:
    # Read by a declaration with the alleles exchanged, the file gives other alleles than all files say, or none.
    dialect = next(dialect for dialect in DIALECTS if dialect.name == name)
    study = Study(stream(text), dialect=inverted(dialect), side_files=side_files_of(name, tmp_path))
    with pytest.raises((AssertionError, GwasmetaError)):
        assert_canonical(read_sumstats(study).table[["effect_allele", "other_allele"]])


def inverted(dialect: Dialect) -> Dialect:
    """Exchange effect and other allele wherever a dialect declares them; frequencies stay."""
    turned = {"effect_allele": "other_allele", "other_allele": "effect_allele"}
    swapped_side = {"allele_1": "allele_2", "allele_2": "allele_1"}
    columns = {word: turned.get(column, column) for word, column in dialect.columns.items()}
    return replace(
        dialect,
        columns=columns,
        derived=tuple(replace(made, column=turned.get(made.column, made.column)) for made in dialect.derived),
        other_allele_of=None,
        side_files=tuple(
            replace(
                side,
                columns={word: swapped_side.get(meaning, meaning) for word, meaning in side.columns.items()},
            )
            for side in dialect.side_files
        ),
    )


def test_columns_come_in_the_order_of_the_documentation() -> None:
    order = ["variant_id", "chromosome", "base_pair_location", "effect_allele", "other_allele", "beta"]
    assert list(read_sumstats(stream(SSF)).table)[:8] == [*order, "standard_error", "neg_log_10_p_value"]


def test_a_dialect_can_be_named_and_a_column_too() -> None:
    table = "snp first second effect se\nrs1 A C 0.1 0.02\n"
    words = {
        "variant_id": "snp",
        "effect_allele": "second",
        "other_allele": "first",
        "beta": "effect",
        "standard_error": "se",
    }
    study = read_sumstats(io.BytesIO(table.encode()), columns=words)
    assert (study.dialect, study.columns) == ("custom", words)
    assert study.table["effect_allele"].tolist() == ["C"]

    bolt_like = "SNP A1 A2 Z N\nrs1 A C 2 90\n"
    assert read_sumstats(io.BytesIO(bolt_like.encode()), dialect="ldsc").dialect == "ldsc"
    with pytest.raises(GwasmetaError, match="there is no dialect 'nosuch'"):
        read_sumstats(io.BytesIO(bolt_like.encode()), dialect="nosuch")


# --- effects, z and p-values ----------------------------------------------------------------------------


def of_columns(**columns: list[Any]) -> SumStats:
    """Read three variants with these columns of the vocabulary, as text."""
    given = {name: CANONICAL[name] for name in ("variant_id", "effect_allele", "other_allele")} | columns
    rows = [" ".join(given), *(" ".join(map(str, row)) for row in zip(*given.values(), strict=True))]
    return read_sumstats(io.BytesIO(("\n".join(rows) + "\n").encode()), name="Estonia")


ODDS_RATIO = CANONICAL["odds_ratio"]
LOWER = [ratio * math.exp(-1.96 * error) for ratio, error in zip(ODDS_RATIO, [0.01, 0.01, 0.02], strict=True)]
UPPER = [ratio * math.exp(1.96 * error) for ratio, error in zip(ODDS_RATIO, [0.01, 0.01, 0.02], strict=True)]
P_VALUES = [math.erfc(z / math.sqrt(2)) for z in (5.0, 2.0, 1.5)]


@pytest.mark.parametrize(
    "columns",
    [
        {"beta": CANONICAL["beta"], "standard_error": CANONICAL["standard_error"]},
        {"odds_ratio": ODDS_RATIO, "standard_error": CANONICAL["standard_error"]},
        {"odds_ratio": ODDS_RATIO, "ci_lower": LOWER, "ci_upper": UPPER},
        {"odds_ratio": ODDS_RATIO, "ci_lower": LOWER},
    ],
    ids=lambda columns: "+".join(columns),
)
def test_effects_from_whatever_a_file_gives(columns: dict[str, list[float]]) -> None:
    table = of_columns(**columns).table
    np.testing.assert_allclose(table["beta"], CANONICAL["beta"], rtol=1e-12)
    np.testing.assert_allclose(table["standard_error"], CANONICAL["standard_error"], rtol=1e-12)


@pytest.mark.parametrize(
    "columns",
    [
        {"z": CANONICAL["z"], "n": CANONICAL["n"]},
        {"p_value": P_VALUES, "effect_direction": ["+", "-", "+"], "n": CANONICAL["n"]},
        {"p_value": P_VALUES, "effect_direction": ["+-?", "-++", "+??"], "n": CANONICAL["n"]},
        {"p_value": P_VALUES, "beta": [7, -7, 1e-9], "n": CANONICAL["n"]},
        {"neg_log_10_p_value": CANONICAL["neg_log_10_p_value"], "odds_ratio": [1.2, 0.1, 9]},
        {"log_10_p_value": [-p for p in CANONICAL["neg_log_10_p_value"]], "effect_direction": [1, -1, 0.5]},
    ],
    ids=lambda columns: "+".join(columns),
)
def test_z_where_a_file_gives_no_standard_error(columns: dict[str, list[Any]]) -> None:
    table = of_columns(**columns).table
    np.testing.assert_allclose(table["z"], CANONICAL["z"], rtol=1e-12)
    assert "standard_error" not in table
    if "n" in columns:
        assert table["n"].tolist() == CANONICAL["n"]


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("p_value", ["1e-400", "2.5e-1000", "0.01"]),
        ("neg_log_10_p_value", ["400", "999.6020599913279", "2"]),
        ("log_10_p_value", ["-400", "-999.6020599913279", "-2"]),
    ],
)
def test_no_p_value_underflows(column: str, values: list[str]) -> None:
    effects = {"beta": CANONICAL["beta"], "standard_error": CANONICAL["standard_error"]}
    table = of_columns(**effects, **{column: values}).table
    np.testing.assert_allclose(table["neg_log_10_p_value"], [400, 999.6020599913279, 2], rtol=1e-15)


def test_p_values_that_are_none_do_no_harm_where_they_are_not_needed() -> None:
    effects = {"beta": CANONICAL["beta"], "standard_error": CANONICAL["standard_error"]}
    study = of_columns(**effects, p_value=["0", "NA", "0.01"])
    np.testing.assert_array_equal(study.table["neg_log_10_p_value"], [np.nan, np.nan, 2])


# --- missing values and rules ---------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["NA", ".", "nan", "#NA", "null", "-", "abc"])
def test_a_row_without_an_effect_is_in_the_log_and_not_in_the_table(missing: str) -> None:
    effects = {"beta": [0.05, missing, 0.03], "standard_error": CANONICAL["standard_error"]}
    study = of_columns(**effects)
    assert study.table["variant_id"].tolist() == ["rs11", "rs33"]
    assert study.rows_read == 3
    assert study.log.to_dict("records") == [
        {
            "rule": "beta_missing",
            "action": "excluded",
            "count": 1,
            "reason": "the effect is missing or no number",
            "line": 3,
            "variant_id": "rs22",
            "value": missing,
        }
    ]


def test_gwama_s_minus_nine_is_missing_where_gwama_means_it() -> None:
    header = "rs_number reference_allele other_allele eaf beta se n_samples"
    study = read_sumstats(io.BytesIO(f"{header}\nrs1 A C -9 -9 0.02 -9\n".encode()))
    assert study.table["beta"].tolist() == [-9]
    assert study.table[["effect_allele_frequency", "n"]].isna().all(axis=None)
    assert len(study.log) == 0


def test_a_printed_study_says_what_was_left_out() -> None:
    study = of_columns(beta=[0.05, "NA", "NA"], standard_error=[0.01, 0.01, 0.02])
    first = str(study).splitlines()[0]
    assert first == "Estonia: 1 of 3 rows, read as ssf; excluded: beta_missing 2"
    whole = of_columns(beta=[0.05, 1, 2], standard_error=[0.01, 0.01, 0.02])
    assert str(whole).splitlines()[0].endswith("3 of 3 rows, read as ssf; excluded: none")


def test_nothing_but_the_header_is_a_table_without_rows_that_has_its_columns() -> None:
    header = b"variant_id\teffect_allele\tother_allele\tbeta\tstandard_error\n"
    study = read_sumstats(io.BytesIO(header))
    assert len(study) == study.rows_read == 0
    assert {"variant_id", "effect_allele", "other_allele", "beta", "standard_error"} <= set(study.table)


# --- what the caller says -------------------------------------------------------------------------------


def test_samples_that_the_caller_gives() -> None:
    text = "variant_id effect_allele other_allele beta standard_error"
    rows = f"{text}\nrs1 A C 0.1 0.02\n".encode()
    assert read_sumstats(io.BytesIO(rows), n=500).table["n"].tolist() == [500]
    cases = read_sumstats(io.BytesIO(rows), n_cases=200, n_controls=300).table
    assert cases[["n_cases", "n_controls", "n"]].to_numpy().tolist() == [[200, 300, 500]]
    with_column = f"{text} n\nrs1 A C 0.1 0.02 90\nrs2 A C 0.1 0.02 NA\n".encode()
    assert read_sumstats(io.BytesIO(with_column), n=500).table["n"].tolist() == [90, 500]
    with pytest.raises(GwasmetaError, match="a positive number is needed"):
        read_sumstats(io.BytesIO(rows), n=-1)


ARRAYS = """
    variant_id effect_allele other_allele beta standard_error info PLATE Batch
    rs1 A C 0.1 0.02 0.9 7 UKBB
    rs2 A C 0.2 0.02 0.3 8 BiLEVE
    rs3 A C 0.3 0.02 0.8 x UKBB
"""


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        ("info >= 0.8", ["rs1", "rs3"]),
        (["info >= 0.8"], ["rs1", "rs3"]),
        (["info >= 0.8", "Batch == 'UKBB'", "PLATE < 8"], ["rs1"]),
        ("Batch in ['BiLEVE', 'other']", ["rs2"]),
        ("Batch != 'UKBB'", ["rs2"]),
        ("PLATE >= 7", ["rs1", "rs2"]),
        ("PLATE == 'x'", ["rs3"]),
        ((), ["rs1", "rs2", "rs3"]),
    ],
)
def test_filters_on_columns_with_and_without_meaning(filters: Any, kept: list[str]) -> None:
    study = read_sumstats(stream(ARRAYS), filters=filters)
    assert study.table["variant_id"].tolist() == kept
    assert study.rows_read == 3
    assert "PLATE" not in study.table


def test_a_study_says_all_of_it_by_itself() -> None:
    study = Study(stream(ARRAYS), name="Estonia", n=70, filters=("info >= 0.8",))
    read = read_sumstats(study)
    assert read.name == "Estonia"
    assert read.table["n"].tolist() == [70, 70]


@pytest.mark.parametrize("options", [{"n": 90}, {"filters": "info >= 0.8"}, {"name": "Estonia"}], ids=str)
def test_what_is_said_beside_a_study_is_not_ignored_in_silence(options: dict[str, Any]) -> None:
    with pytest.raises(GwasmetaError, match="Study"):
        read_sumstats(Study(stream(ARRAYS)), **options)


# --- kinds of sources -----------------------------------------------------------------------------------

WORDS = lines(SSF)[0]


def as_polars() -> pl.DataFrame:
    return pl.read_csv(table_of(SSF), separator="\t")


def as_pandas(**options: Any) -> pd.DataFrame:
    frame: pd.DataFrame = pd.read_csv(io.BytesIO(table_of(SSF)), sep="\t", **options)
    return frame


def columns_of(frame: pd.DataFrame) -> dict[str, list[Any]]:
    return {str(column): frame[column].tolist() for column in frame}


SOURCES: dict[str, Callable[[], Any]] = {
    "pandas": as_pandas,
    "pandas, nullable": lambda: as_pandas(dtype_backend="numpy_nullable"),
    "pandas, all text": lambda: as_pandas(dtype=str),
    "pandas, objects": lambda: as_pandas().astype(object),
    "pandas, categories": lambda: as_pandas().astype(dict.fromkeys(("chromosome", "effect_allele", "n"), "category")),
    "pandas, small numbers": lambda: as_pandas().astype({"base_pair_location": "int32", "n": "uint16"}),
    "pandas, any index": lambda: as_pandas().set_axis(["x", "x", "y"]),
    "Polars": as_polars,
    "Polars, lazy": lambda: as_polars().lazy(),
    "Polars, categories": lambda: as_polars().with_columns(pl.col("effect_allele", "chromosome").cast(pl.Categorical)),
    "Polars, all text": lambda: as_polars().with_columns(pl.all().cast(pl.String)),
    "mapping of lists": lambda: columns_of(as_pandas()),
    "mapping of arrays": lambda: {name: np.array(values) for name, values in columns_of(as_pandas()).items()},
    "mapping of pandas columns": lambda: {name: as_pandas()[name] for name in WORDS},
    "binary stream": lambda: stream(SSF),
    "compressed stream": lambda: io.BytesIO(gzip.compress(table_of(SSF))),
}


@pytest.mark.parametrize("kind", SOURCES)
def test_every_kind_of_source_gives_the_same_table(kind: str) -> None:
    study = read_sumstats(SOURCES[kind]())
    assert study.dialect == "ssf"
    assert_canonical(study.table)
    assert len(study.log) == 0


@pytest.mark.parametrize("ending", [".txt", ".txt.gz", ".parquet", ""])
def test_every_kind_of_file_gives_the_same_table(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"estonia{ending}"
    if ending == ".parquet":
        as_polars().write_parquet(path)
    else:
        path.write_bytes(gzip.compress(table_of(SSF)) if ending.endswith("gz") else table_of(SSF, end="\r\n"))
    for source in (path, str(path)):
        study = read_sumstats(source)
        assert study.name == "estonia"
        assert_canonical(study.table)
    with path.open("rb") as file:
        if ending != ".parquet":
            assert_canonical(read_sumstats(file).table)


def test_parquet_is_recognised_by_its_bytes_and_refused_if_it_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "estonia.txt"
    as_polars().write_parquet(path)
    assert_canonical(read_sumstats(path).table)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(GwasmetaError, match=r"estonia\.txt: cannot be read as Parquet"):
        read_sumstats(path)


@pytest.mark.parametrize("text", [SSF, LDSC], ids=["effects", "z"])
@pytest.mark.parametrize("compressed", [False, True])
def test_standard_input(monkeypatch: pytest.MonkeyPatch, text: str, compressed: bool) -> None:
    content = gzip.compress(table_of(text)) if compressed else table_of(text)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    study = read_sumstats("-")
    assert study.name == "standard input"
    assert_canonical(study.table)


def test_a_stream_is_read_from_where_it_stands_and_left_open() -> None:
    content = b"something else\n"
    source = io.BytesIO(content + table_of(LDSC))
    source.seek(len(content))
    assert_canonical(read_sumstats(source).table)
    assert not source.closed


def test_a_stream_that_can_only_be_read_once_is_enough() -> None:
    class Pipe(io.RawIOBase):
        def __init__(self, content: bytes) -> None:
            self._content = io.BytesIO(content)

        def readable(self) -> bool:
            return True

        def readinto(self, target: Any) -> int:
            return self._content.readinto(memoryview(target)[:7])

    pipe: Any = Pipe(table_of(LDSC))
    assert_canonical(read_sumstats(pipe).table)


def test_a_file_opened_as_text_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "estonia.txt"
    path.write_bytes(table_of(SSF))
    with path.open() as file, pytest.raises(GwasmetaError, match="Open it in binary mode"):
        read_sumstats(file)  # type: ignore[arg-type]


@pytest.mark.parametrize("source", [7, [1, 2], None, object()], ids=str)
def test_what_is_no_study_is_refused_as_such(source: Any) -> None:
    with pytest.raises(GwasmetaError, match=f"cannot read a study from {type(source).__name__}"):
        read_sumstats(source)


# --- frames with missing values -------------------------------------------------------------------------

NA_FRAME: dict[str, list[Any]] = {
    "variant_id": ["rs1", "rs2", "rs3", None],
    "chromosome": ["1", None, "X", "2"],
    "effect_allele": ["A", "C", None, "G"],
    "other_allele": ["G", "T", "A", "C"],
    "beta": [0.1, 0.2, 0.3, 0.4],
    "standard_error": [0.01, None, 0.03, 0.04],
    "n": [100, 200, 300, 400],
}


def with_missing(missing: Any) -> dict[str, list[Any]]:
    return {name: [missing if value is None else value for value in values] for name, values in NA_FRAME.items()}


def nullable() -> pd.DataFrame:
    return pd.DataFrame(NA_FRAME).convert_dtypes()


MISSING: dict[str, Callable[[], Any]] = {
    "pandas, None": lambda: pd.DataFrame(NA_FRAME, dtype=object),
    "pandas, NaN": lambda: pd.DataFrame(with_missing(np.nan)),
    "pandas, NaN as objects": lambda: pd.DataFrame(with_missing(np.nan), dtype=object),
    "pandas, NA as objects": lambda: pd.DataFrame(with_missing(pd.NA), dtype=object),
    "pandas, nullable": nullable,
    "pandas, nullable texts": lambda: pd.DataFrame(NA_FRAME).astype(
        dict.fromkeys(("variant_id", "chromosome"), "string")
    ),
    "pandas, categories": lambda: pd.DataFrame(NA_FRAME).astype(
        dict.fromkeys(("variant_id", "chromosome", "effect_allele", "standard_error"), "category")
    ),
    "pandas, texts for missing": lambda: pd.DataFrame(with_missing("NA")).astype(str),
    "Polars, null": lambda: pl.DataFrame(NA_FRAME),
    "Polars, NaN": lambda: pl.DataFrame(NA_FRAME).with_columns(pl.col("standard_error").fill_null(np.nan)),
    "mapping, None": lambda: NA_FRAME,
}


@pytest.mark.parametrize("kind", MISSING)
def test_missing_values_are_missing_however_a_frame_has_them(kind: str) -> None:
    study = read_sumstats(MISSING[kind]())
    assert study.table["variant_id"].tolist() == ["rs1"]
    caught = {row["rule"]: row["line"] for row in study.log.to_dict("records")}
    assert caught == {"variant_id_missing": 4, "effect_allele_missing": 3, "standard_error_missing": 2}


@pytest.mark.parametrize(
    "counts",
    [pd.array([100, None, 300], dtype="Int64"), pd.array([100.0, None, 300.0], dtype="Float64"), [100, None, 300]],
    ids=["Int64", "Float64", "objects"],
)
def test_a_missing_count_is_nan(counts: Any) -> None:
    frame = as_pandas().assign(n=counts).drop(columns=["n_cases", "n_controls"])
    np.testing.assert_array_equal(read_sumstats(frame).table["n"], [100, np.nan, 300])


CHROMOSOMES: dict[str, Any] = {
    "pandas, whole": lambda frame: frame.assign(chromosome=[1.0, 6.0, 22.0]),
    "pandas, beside NaN": lambda frame: frame.assign(chromosome=[1.0, np.nan, 22.0]),
    "pandas, Float64": lambda frame: frame.assign(chromosome=pd.array([1.0, None, 22.0], dtype="Float64")),
    "pandas, Int64": lambda frame: frame.assign(chromosome=pd.array([1, None, 22], dtype="Int64")),
    "pandas, integers": lambda frame: frame.assign(chromosome=[1, 6, 22]),
    "Polars, beside null": lambda frame: pl.DataFrame(columns_of(frame)).with_columns(
        chromosome=pl.Series([1.0, None, 22.0])
    ),
    "Polars, beside NaN": lambda frame: pl.DataFrame(columns_of(frame)).with_columns(
        chromosome=pl.Series([1.0, float("nan"), 22.0])
    ),
    "mapping": lambda frame: columns_of(frame) | {"chromosome": [1.0, None, 22.0]},
}


@pytest.mark.parametrize("kind", CHROMOSOMES)
def test_chromosome_1_is_not_called_1_point_0(kind: str) -> None:
    # pandas has numbers beside a missing one as floating point
    table = read_sumstats(CHROMOSOMES[kind](as_pandas())).table
    first, second, third = table["chromosome"]
    assert (first, third) == ("1", "22")
    assert second in {"6", ""}


def test_numbers_in_a_frame_keep_their_last_bit_and_logarithms_are_taken_of_p_values() -> None:
    frame = as_pandas().assign(beta=[0.1, 1 / 3, 1e-17], p_value=[1e-300, 0.5, 1.0])
    table = read_sumstats(frame).table
    assert table["beta"].tolist() == [0.1, 1 / 3, 1e-17]
    np.testing.assert_allclose(table["neg_log_10_p_value"], [300, math.log10(2), 0], rtol=1e-15)


def test_a_p_value_of_0_in_a_frame_is_missing_and_not_infinite() -> None:
    table = read_sumstats(as_pandas().assign(p_value=[0.0, 0.5, -1])).table
    np.testing.assert_allclose(table["neg_log_10_p_value"], [np.nan, math.log10(2), np.nan])


def test_texts_in_a_frame_are_p_values_however_small() -> None:
    table = read_sumstats(as_pandas().assign(p_value=["1e-400", "0.1", "NA"])).table
    np.testing.assert_array_equal(table["neg_log_10_p_value"], [400, 1, np.nan])


def test_a_table_of_several_blocks_is_put_together_in_order() -> None:
    n_rows = 70_000  # a block of a frame has fewer
    names = [f"rs{k}" for k in range(n_rows)]
    beta = np.arange(n_rows) / n_rows
    columns = {"variant_id": names, "effect_allele": ["A"] * n_rows, "other_allele": ["C"] * n_rows, "beta": beta}
    study = read_sumstats(columns | {"standard_error": np.where(np.arange(n_rows) % 30_000 == 7, np.nan, 1.0)})
    kept = [k for k in range(n_rows) if k not in {7, 30_007, 60_007}]
    assert study.table["variant_id"].tolist() == [names[k] for k in kept]
    assert study.table["beta"].tolist() == beta[kept].tolist()
    assert study.log["line"].tolist() == [8, 30_008, 60_008]
    assert (study.rows_read, len(study)) == (n_rows, n_rows - 3)


def test_a_frame_is_left_as_it_was() -> None:
    frame = as_pandas().assign(n=[0, -9, 100])
    before = frame.copy()
    read_sumstats(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_the_log_of_a_frame_names_its_rows_from_1() -> None:
    study = read_sumstats(as_pandas().assign(beta=[0.1, np.nan, 0.3]))
    assert study.log[["rule", "line", "variant_id"]].to_numpy().tolist() == [["beta_missing", 2, "rs22"]]


# --- errors ---------------------------------------------------------------------------------------------


def test_an_error_names_the_file_and_the_line(tmp_path: Path) -> None:
    path = tmp_path / "estonia.txt"
    path.write_bytes(table_of(SSF) + b"rs4\tA\n")
    with pytest.raises(GwasmetaError) as caught:
        read_sumstats(path)
    assert str(caught.value).startswith(f"{path}, line 5: 2 fields, but the header has 13\n")

    path.write_bytes(b"SNP CHR BP\nrs1 1 100\n")
    with pytest.raises(GwasmetaError) as caught:
        read_sumstats(path)
    assert str(caught.value).startswith(f"{path}, line 1: the header is of no format that gwasmeta knows")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(GwasmetaError, match="there is no such file"):
        read_sumstats(tmp_path / "nosuch.txt")
