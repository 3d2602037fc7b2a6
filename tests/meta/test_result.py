"""The result: its table, its lead variants, and what is written of it."""

from __future__ import annotations

import gzip
import io
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from gwasmeta import GwasmetaError, MetaResult, Study, meta_analyze
from gwasmeta.meta.lead_variants import lead_variants

from .study_tables import Columns, one_variant, simulated_studies

PLACE = ["variant_id", "chromosome", "base_pair_location", "effect_allele", "other_allele"]
FREQUENCY = [f"effect_allele_frequency{which}" for which in ("", "_sd", "_min", "_max")]
HETEROGENEITY = ["cochran_q", "cochran_q_p_value", "cochran_q_neg_log_10_p_value", "i_squared", "i_squared_lower"]
HETEROGENEITY += ["i_squared_upper", "h_squared"]
ESTIMATE = ["beta", "standard_error", "z", "p_value", "neg_log_10_p_value"]
TEST = ["z", "p_value", "neg_log_10_p_value"]


def with_prefix(prefix: str, names: list[str]) -> list[str]:
    return [prefix + name for name in names]


def two_studies() -> dict[str, Columns]:
    """Effects 0.2 and 0.4, both with standard error 0.1; n 1000 and 3000; frequencies 0.3 and 0.5."""
    first = one_variant(chromosome="X")
    second = one_variant(chromosome="X", beta=0.4, effect_allele_frequency=0.5, n=3000.0)
    return {"ukb": first, "finns": second}


def without(study: Columns, *names: str) -> Columns:
    return {name: values for name, values in study.items() if name not in names}


# --- the table ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "columns"),
    [
        ({}, [*PLACE, *ESTIMATE, *FREQUENCY, "n", "n_studies", "direction", *HETEROGENEITY, "tau_squared"]),
        (
            {"methods": "sample_size"},
            [*PLACE, *TEST, "weight", *FREQUENCY, "n", "n_studies", "direction", *HETEROGENEITY],
        ),
        (
            {"methods": ("random", "sample_size", "fixed")},
            [
                *PLACE,
                *ESTIMATE,
                *with_prefix("sample_size_", [*TEST, "weight"]),
                *with_prefix("fixed_", ESTIMATE),
                *FREQUENCY,
                *("n", "n_studies", "direction"),
                *HETEROGENEITY,
                "tau_squared",
            ],
        ),
        (
            {"leave_one_out": True},
            [
                *PLACE,
                *ESTIMATE,
                *FREQUENCY,
                *("n", "n_studies", "direction"),
                *HETEROGENEITY,
                "tau_squared",
                *with_prefix("without_ukb_", [name for name in ESTIMATE if name != "z"]),
                *with_prefix("without_finns_", [name for name in ESTIMATE if name != "z"]),
            ],
        ),
    ],
)
def test_the_columns_of_the_table(options: dict[str, Any], columns: list[str]) -> None:
    assert list(meta_analyze(two_studies(), **options).table.columns) == columns


def test_odds_ratios_come_back_as_odds_ratios() -> None:
    studies = {
        name: without(study, "beta") | {"odds_ratio": [math.exp(study["beta"][0])]}
        for name, study in two_studies().items()
    }
    table = meta_analyze(studies).table
    assert list(table.columns)[5:10] == ["beta", "standard_error", "odds_ratio", "ci_lower", "ci_upper"]
    assert table["odds_ratio"][0] == pytest.approx(math.exp(0.3), rel=1e-12)
    assert table["ci_lower"][0] == pytest.approx(math.exp(0.3 - 1.959963984540054 * 0.1 / math.sqrt(2)), rel=1e-12)
    assert table["ci_upper"][0] == pytest.approx(math.exp(0.3 + 1.959963984540054 * 0.1 / math.sqrt(2)), rel=1e-12)


def test_columns_that_no_study_has_are_not_there() -> None:
    study = without(one_variant(), "n", "effect_allele_frequency")
    assert not {"n", *FREQUENCY} & set(meta_analyze([study]).table.columns)


def test_the_p_value_of_the_table_is_that_of_its_logarithm() -> None:
    studies = simulated_studies(np.random.default_rng(1), 3, 200)
    table = meta_analyze(studies, methods=("fixed", "sample_size")).table
    for prefix in ("", "sample_size_", "cochran_q_"):
        expected = 10.0 ** -table[f"{prefix}neg_log_10_p_value"]
        assert_allclose(table[f"{prefix}p_value"], expected, rtol=1e-14)


def test_an_estimate_no_double_can_hold_the_p_value_of() -> None:
    result = meta_analyze([one_variant(beta=6.0, standard_error=0.1)])
    (row,) = result.table.to_dict("records")
    assert row["z"] == pytest.approx(60, rel=1e-15)
    assert row["neg_log_10_p_value"] == pytest.approx(783.6063991684468, rel=1e-14)  # R 4.2, pnorm(log.p = TRUE)
    assert row["p_value"] == 0


def test_variants_are_in_the_order_of_their_first_appearance() -> None:
    first = {name: values * 3 for name, values in one_variant().items()} | {"variant_id": ["rs9", "rs2", "rs5"]}
    second = {name: values * 4 for name, values in one_variant().items()} | {
        "variant_id": ["rs1", "rs5", "rs10", "rs9"]
    }
    table = meta_analyze([first, second]).table
    assert table["variant_id"].tolist() == ["rs9", "rs2", "rs5", "rs1", "rs10"]
    assert list(table.index) == list(range(5))


def test_a_result_without_variants_is_an_empty_table_of_the_same_kinds() -> None:
    full, empty = (meta_analyze(two_studies(), min_studies=least) for least in (2, 3))
    assert len(empty) == len(empty.table) == 0
    assert full.table.dtypes.to_dict() == empty.table.dtypes.to_dict()
    assert "0 variants" in repr(empty)


# --- lead variants --------------------------------------------------------------------------------------


def table_of(chromosomes: list[str | None], positions: list[float | None], neg_log_10: list[float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "variant_id": [f"rs{k}" for k in range(len(positions))],
            "chromosome": chromosomes,
            "base_pair_location": pd.array(positions, dtype="Float64").astype("Int64"),
            "neg_log_10_p_value": neg_log_10,
        }
    )


@st.composite
def hits(draw: st.DrawFn) -> pd.DataFrame:
    n = draw(st.integers(1, 25))
    lists: list[st.SearchStrategy[list[Any]]] = [
        st.lists(st.sampled_from(["1", "2", "X"]), min_size=n, max_size=n),
        st.lists(st.integers(1, 20), min_size=n, max_size=n),
        st.lists(st.sampled_from([0.0, 2.0, 7.0, 7.4, 8.0, 9.5, 400.0, float("nan")]), min_size=n, max_size=n),
    ]
    chromosomes, positions, neg_log_10 = (draw(values) for values in lists)
    return table_of(chromosomes, positions, neg_log_10)


def brute_force_leads(table: pd.DataFrame, least: float, window: int) -> list[str]:
    left = table[table["neg_log_10_p_value"] >= least]
    leads = []
    while len(left):
        lead = left.iloc[int(left["neg_log_10_p_value"].argmax())]  # the first of equals
        leads.append(lead["variant_id"])
        near = (left["base_pair_location"] - lead["base_pair_location"]).abs() < window
        left = left[~(near & (left["chromosome"] == lead["chromosome"]))]
    return leads


@settings(max_examples=40, deadline=None)
@given(hits(), st.integers(1, 8))
def test_lead_variants_are_those_of_brute_force(table: pd.DataFrame, window: int) -> None:
    leads = lead_variants(table, 5e-8, window)
    assert leads["variant_id"].tolist() == brute_force_leads(table, -math.log10(5e-8), window)
    assert leads["neg_log_10_p_value"].is_monotonic_decreasing
    assert list(leads.index) == list(range(len(leads)))


def test_the_edges_of_a_locus() -> None:
    table = table_of(["1"] * 4, [1000, 1499, 1500, 2000], [10.0, 9.0, 8.0, 7.5])
    assert lead_variants(table, 5e-8, 500)["variant_id"].tolist() == ["rs0", "rs2", "rs3"]
    assert lead_variants(table, 1e-9, 500)["variant_id"].tolist() == ["rs0"]
    assert lead_variants(table, 1e-9, 499)["variant_id"].tolist() == ["rs0", "rs1"]


def test_a_variant_without_a_place_leads_nothing() -> None:
    table = table_of(["1", None, "1"], [1000, None, 5000], [8.0, 300.0, 9.0])
    assert lead_variants(table, 5e-8, 500)["variant_id"].tolist() == ["rs2", "rs0"]


def test_lead_variants_of_a_result() -> None:
    study = {name: values * 3 for name, values in one_variant(beta=0.8).items()}
    study |= {"variant_id": ["rs1", "rs2", "rs3"], "base_pair_location": [1000, 1500, 2_000_000]}
    study |= {"standard_error": [0.1, 0.05, 0.13]}
    result = meta_analyze([study])
    leads = result.lead_variants()
    pd.testing.assert_frame_equal(leads, result.table.loc[[1, 2]].reset_index(drop=True))
    assert result.lead_variants(p=1e-20)["variant_id"].tolist() == ["rs2"]
    assert result.lead_variants(window=100)["variant_id"].tolist() == ["rs2", "rs1", "rs3"]
    assert result.lead_variants(p=1e-300).empty
    study["base_pair_location"][1] = None  # of the only one below 1e-20
    assert meta_analyze([study]).lead_variants(p=1e-20).empty


def test_lead_variants_of_many_blocks_without_the_whole_table() -> None:
    """Which may be too large for memory."""
    result = meta_analyze(simulated_studies(np.random.default_rng(3), 2, 20_000))
    leads = result.lead_variants(p=0.01, window=50_000)
    assert "table" not in vars(result)
    assert len(leads) > 100
    pd.testing.assert_frame_equal(leads, lead_variants(result.table, 0.01, 50_000))


@pytest.mark.parametrize("p", [0, -1, 1.5, float("nan")])
def test_a_threshold_that_is_no_p_value_is_refused(p: float) -> None:
    with pytest.raises(GwasmetaError, match="must be above 0 and at most 1"):
        meta_analyze(two_studies()).lead_variants(p=p)


def test_lead_variants_need_positions() -> None:
    with pytest.raises(GwasmetaError, match="chromosomes and positions"):
        meta_analyze([without(one_variant(), "chromosome", "base_pair_location")]).lead_variants()


# --- writing --------------------------------------------------------------------------------------------

READERS: dict[str, Callable[[bytes], bytes]] = {
    ".tsv": bytes,
    ".txt": bytes,
    ".tsv.gz": gzip.decompress,
    ".tsv.bgz": gzip.decompress,
    ".tsv.zst": lambda stored: zstandard.ZstdDecompressor().stream_reader(io.BytesIO(stored)).read(),
}
PRINTED_DIGITS = {"effect_allele_frequency_sd": 4, "h_squared": 4, "tau_squared": 6, "cochran_q": 6}
PRINTED_DIGITS |= dict.fromkeys(["i_squared", "i_squared_lower", "i_squared_upper"], 4)
PRINTED_DIGITS |= dict.fromkeys([f"effect_allele_frequency{which}" for which in ("", "_min", "_max")], 6)


@pytest.fixture(scope="module")
def large_result() -> MetaResult:
    """More than one block of variants, with all that a table can have, and missing values among it."""
    studies = simulated_studies(np.random.default_rng(2), 3, 70_000, share=0.7)
    studies[0]["chromosome"] = ["NA" if k % 7 == 0 else name for k, name in enumerate(studies[0]["chromosome"])]
    studies[2]["beta"] = [100 * beta for beta in studies[2]["beta"]]  # z beyond 38 among them
    del studies[1]["n"]
    named = dict(zip("abc", studies, strict=True))
    return meta_analyze(named, methods=("fixed", "random"), leave_one_out=True)


def test_what_is_written_is_the_table_to_the_printed_digits(large_result: MetaResult, tmp_path: Path) -> None:
    path, *_ = large_result.write(tmp_path / "result.tsv")
    read = pd.read_csv(path, sep="\t", keep_default_na=False, na_values=["NA"], dtype={"chromosome": str})
    table = large_result.table.drop(columns="cochran_q_neg_log_10_p_value")
    assert sorted(read.columns) == sorted(table.columns)
    for name in table.columns:
        if table[name].dtype.kind not in "if":
            assert words_of(read[name]) == words_of(table[name]), name
            continue
        digits = 4 if name.endswith("p_value") and "log" not in name else PRINTED_DIGITS.get(name, 8)
        smallest = 2.3e-308 if name.endswith("p_value") else 0  # what pandas reads below it has fewer digits
        expected = table[name].to_numpy(dtype=float, na_value=np.nan)
        half_a_digit = 0.5001 * 10 ** (1 - digits)
        assert_allclose(read[name].to_numpy(float), expected, rtol=half_a_digit, atol=smallest, err_msg=name)


def words_of(column: pd.Series[Any]) -> list[str | None]:
    return [word if isinstance(word, str) else None for word in column]


def test_all_text_files_have_the_same_text(large_result: MetaResult, tmp_path: Path) -> None:
    texts = set()
    for ending, text_of in READERS.items():
        paths = large_result.write(tmp_path / f"result{ending}")
        assert [path.name for path in paths] == [f"result{ending}", "result.log.tsv", "result.json"]
        texts.add(text_of(paths[0].read_bytes()))
    assert len(texts) == 1


def test_parquet_holds_the_table(large_result: MetaResult, tmp_path: Path) -> None:
    paths = large_result.write(tmp_path / "result.parquet")
    assert [path.name for path in paths] == ["result.parquet", "result.log.tsv", "result.json"]
    read = pl.read_parquet(paths[0])
    table = large_result.table
    assert read.columns == list(table.columns)
    for name in table.columns:
        if table[name].dtype.kind in "if":
            assert read[name].dtype.is_numeric(), name
            values = read[name].cast(pl.Float64).to_numpy()
            assert_allclose(values, table[name].to_numpy(dtype=float, na_value=np.nan), rtol=0, err_msg=name)
        else:
            assert read[name].dtype == pl.String, name
            assert read[name].to_list() == words_of(table[name]), name


def test_parquet_holds_a_table_without_positions_and_one_without_rows(tmp_path: Path) -> None:
    placeless = meta_analyze([without(one_variant(), "chromosome", "base_pair_location")])
    read = pl.read_parquet(placeless.write(tmp_path / "placeless.parquet")[0])
    assert read["chromosome"].to_list() == [None]
    assert read["base_pair_location"].to_list() == [None]
    empty = meta_analyze(two_studies(), min_studies=3)
    read = pl.read_parquet(empty.write(tmp_path / "empty.parquet")[0])
    assert read.height == 0
    assert read.columns == list(empty.table.columns)


@pytest.mark.parametrize(
    ("out", "table", "prefix"),
    [
        ("height", "height.tsv", "height"),
        ("height.v2", "height.v2.tsv", "height.v2"),
        ("height.TSV.GZ", "height.TSV.GZ", "height"),
        ("height.txt.bgz", "height.txt.bgz", "height"),
        (".tsv", ".tsv.tsv", ".tsv"),
    ],
)
def test_the_names_of_the_files(tmp_path: Path, out: str, table: str, prefix: str) -> None:
    paths = meta_analyze(two_studies()).write(str(tmp_path / out))
    assert [path.name for path in paths] == [table, f"{prefix}.log.tsv", f"{prefix}.json"]
    assert all(path.is_file() for path in paths)


def test_an_ending_that_is_not_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GwasmetaError, match=r"\.gz is not written; choose one of \.tsv, \.tsv\.gz"):
        meta_analyze(two_studies()).write(tmp_path / "height.gz")
    assert not list(tmp_path.iterdir())


def test_bgz_is_in_blocks_that_tabix_can_find(large_result: MetaResult, tmp_path: Path) -> None:
    """SAM specification, section 4.1: each block says its size in an extra field, an empty one is the end."""
    stored = large_result.write(tmp_path / "result.tsv.bgz")[0].read_bytes()
    place, blocks = 0, 0
    while place < len(stored):
        assert stored[place : place + 4] == b"\x1f\x8b\x08\x04"
        assert stored[place + 10 : place + 16] == b"\x06\x00BC\x02\x00"
        size = int.from_bytes(stored[place + 16 : place + 18], "little") + 1
        assert len(gzip.decompress(stored[place : place + size])) <= 1 << 16
        place, blocks = place + size, blocks + 1
    assert place == len(stored)
    assert blocks > 100
    assert stored.endswith(bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000"))


# --- formats: worked out by hand from beta 0.2 and 0.4, standard errors 0.1 ------------------------------
# beta 0.3, standard error 0.1/sqrt(2), z 3 sqrt(2); Q = 2 on 1 degree of freedom, p 0.1573; I2 = 50 %, H2 = 2;
# tau2 = (2 - 1) / (200 - 100) = 0.01; frequency 0.45 with sd sqrt((1000 0.15^2 + 3000 0.05^2) / 4000) = 0.0866.
# z weighted by sample size: (2 sqrt(1000) + 4 sqrt(3000)) / sqrt(4000) = 1 + 2 sqrt(3) = 4.4641, p 8.041e-06.

WRITTEN: dict[tuple[str, str], dict[str, str]] = {
    ("gwasmeta", "fixed"): {
        "variant_id": "rs1",
        "chromosome": "X",
        "base_pair_location": "1000",
        "effect_allele": "A",
        "other_allele": "C",
        "beta": "0.3",
        "standard_error": "0.070710678",
        "z": "4.2426407",
        "p_value": "2.209e-05",
        "neg_log_10_p_value": "4.6557945",
        "effect_allele_frequency": "0.45",
        "effect_allele_frequency_sd": "0.0866",
        "effect_allele_frequency_min": "0.3",
        "effect_allele_frequency_max": "0.5",
        "n": "4000",
        "n_studies": "2",
        "direction": "++",
        "cochran_q": "2",
        "cochran_q_p_value": "0.1573",
        "i_squared": "50",
        "i_squared_lower": "NA",
        "i_squared_upper": "NA",
        "h_squared": "2",
        "tau_squared": "0.01",
    },
    ("ssf", "fixed"): {
        "chromosome": "23",
        "base_pair_location": "1000",
        "effect_allele": "A",
        "other_allele": "C",
        "beta": "0.3",
        "standard_error": "0.070710678",
        "effect_allele_frequency": "0.45",
        "neg_log_10_p_value": "4.6557945",
        "variant_id": "rs1",
        "n": "4000",
    },
    ("gwama", "fixed"): {
        "chromosome": "X",
        "position": "1000",
        "rs_number": "rs1",
        "reference_allele": "A",
        "other_allele": "C",
        "eaf": "0.450000",
        "beta": "0.300000",
        "se": "0.070711",
        "beta_95L": "0.161407",
        "beta_95U": "0.438593",
        "z": "4.242641",
        "p-value": "2.209e-05",
        "_-log10_p-value": "4.655795",
        "q_statistic": "2.000000",
        "q_p-value": "0.1573",
        "i2": "0.500000",
        "n_studies": "2",
        "n_samples": "4000",
        "effects": "++",
    },
    ("metal", "fixed"): {
        "Chromosome": "X",
        "Position": "1000",
        "MarkerName": "rs1",
        "Allele1": "a",
        "Allele2": "c",
        "Freq1": "0.4500",
        "FreqSE": "0.0866",
        "MinFreq": "0.3000",
        "MaxFreq": "0.5000",
        "Effect": "0.300000",
        "StdErr": "0.070711",
        "P-value": "2.209e-05",
        "Direction": "++",
        "HetISq": "50.0",
        "HetChiSq": "2.000",
        "HetDf": "1",
        "HetPVal": "0.1573",
        "TotalN": "4000",
    },
    ("metal", "sample_size"): {
        "Chromosome": "X",
        "Position": "1000",
        "MarkerName": "rs1",
        "Allele1": "a",
        "Allele2": "c",
        "Freq1": "0.4500",
        "FreqSE": "0.0866",
        "MinFreq": "0.3000",
        "MaxFreq": "0.5000",
        "Zscore": "4.464",
        "P-value": "8.041e-06",
        "Direction": "++",
        "HetISq": "0.0",
        "HetChiSq": "0.072",
        "HetDf": "1",
        "HetPVal": "0.7887",
        "TotalN": "4000",
    },
    ("ssf", "sample_size"): {
        "chromosome": "23",
        "base_pair_location": "1000",
        "effect_allele": "A",
        "other_allele": "C",
        "beta": "#NA",
        "standard_error": "#NA",
        "effect_allele_frequency": "0.45",
        "neg_log_10_p_value": "5.0947148",
        "variant_id": "rs1",
        "n": "4000",
    },
}


@pytest.mark.parametrize(("format", "method"), WRITTEN)
def test_every_format_by_hand(tmp_path: Path, format: str, method: Any) -> None:
    path, *_ = meta_analyze(two_studies(), methods=method).write(tmp_path / "result", format=format)
    header, row = path.read_text().splitlines()
    assert dict(zip(header.split("\t"), row.split("\t"), strict=True)) == WRITTEN[format, method]
    assert header.split("\t") == list(WRITTEN[format, method])


@pytest.mark.parametrize(
    ("format", "header", "row"),
    [
        ("ssf", "chromosome base_pair_location effect_allele_frequency", ["#NA", "#NA", "#NA"]),
        ("gwama", "chromosome position eaf n_samples i2", ["-9", "-9", "-9", "-9", "-9"]),
        ("metal", "Chromosome Position HetISq", ["NA", "NA", "NA"]),
        ("gwasmeta", "chromosome base_pair_location i_squared", ["NA", "NA", "NA"]),
    ],
)
def test_what_is_missing_is_written_as_the_format_wants_it(
    tmp_path: Path, format: str, header: str, row: list[str]
) -> None:
    study = without(one_variant(), "chromosome", "base_pair_location", "effect_allele_frequency", "n")
    path, *_ = meta_analyze([study]).write(tmp_path / "result", format=format)
    words, values = (line.split("\t") for line in path.read_text().splitlines())
    written = dict(zip(words, values, strict=True))
    assert [written[name] for name in header.split()] == row


def test_columns_of_other_methods_are_written_with_their_p_values(tmp_path: Path) -> None:
    result = meta_analyze(two_studies(), methods=("fixed", "sample_size"), leave_one_out=True)
    header, row = result.write(tmp_path / "result")[0].read_text().splitlines()
    written = dict(zip(header.split("\t"), row.split("\t"), strict=True))
    assert written["sample_size_z"] == "4.4641016"
    assert written["sample_size_p_value"] == "8.041e-06"
    assert written["sample_size_neg_log_10_p_value"] == "5.0947148"
    assert written["without_ukb_beta"] == "0.4"
    assert written["without_ukb_p_value"] == "6.334e-05"
    assert written["without_finns_p_value"] == "0.0455"


@pytest.mark.parametrize(
    ("format", "name", "text"),
    [("gwasmeta", "p_value", "2.475e-784"), ("gwama", "p-value", "2.475e-784"), ("metal", "P-value", "2.475e-784")],
)
def test_a_p_value_below_every_double_is_written_from_its_logarithm(
    tmp_path: Path, format: str, name: str, text: str
) -> None:
    result = meta_analyze([one_variant(beta=6.0, standard_error=0.1)])
    header, row = result.write(tmp_path / "result", format=format)[0].read_text().splitlines()
    assert dict(zip(header.split("\t"), row.split("\t"), strict=True))[name] == text


@pytest.mark.parametrize("format", ["gwasmeta", "ssf", "gwama", "metal"])
def test_what_is_written_can_be_read_as_a_study(tmp_path: Path, format: str) -> None:
    studies = simulated_studies(np.random.default_rng(3), 3, 50)
    result = meta_analyze(studies)
    path, *_ = result.write(tmp_path / "result.txt.gz", format=format)
    again = meta_analyze([path]).table
    assert again["variant_id"].tolist() == result.table["variant_id"].tolist()
    assert again["effect_allele"].tolist() == result.table["effect_allele"].tolist()
    assert again["chromosome"].tolist() == result.table["chromosome"].tolist()
    assert_allclose(again["beta"], result.table["beta"], atol=0.5001e-6, rtol=0)
    assert_allclose(again["standard_error"], result.table["standard_error"], atol=0.5001e-6, rtol=0)


@pytest.mark.parametrize("format", ["gwasmeta", "ssf", "gwama", "metal"])
def test_a_result_without_variants_is_written_as_a_header(tmp_path: Path, format: str) -> None:
    result = meta_analyze(two_studies(), min_studies=3)
    (header,) = result.write(tmp_path / "result", format=format)[0].read_text().splitlines()
    assert header.split("\t") == list(WRITTEN[format, "fixed"])


def test_an_unknown_format_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(GwasmetaError, match="format 'vcf': choose among gwasmeta, ssf, gwama, metal"):
        meta_analyze(two_studies()).write(tmp_path / "result", format="vcf")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(GwasmetaError, match=r"there is no folder .*nowhere; create it first"):
        meta_analyze(two_studies()).write(tmp_path / "nowhere" / "result")


def test_a_run_that_fails_while_writing_leaves_the_older_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = meta_analyze(two_studies())
    paths = result.write(tmp_path / "result")
    before = {path: path.read_bytes() for path in paths}

    def full_disk(*_: Any, **__: Any) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gwasmeta.meta.result.table_text", full_disk)
    with pytest.raises(GwasmetaError, match=r"result\.tsv: cannot be written: No space left on device"):
        result.write(tmp_path / "result")
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


# --- looking at it --------------------------------------------------------------------------------------


@pytest.fixture
def shown() -> MetaResult:
    studies = two_studies()
    bad = {name: values * 2 for name, values in studies["ukb"].items()} | {"standard_error": [0.1, 0.0]}
    bad["variant_id"] = ["rs1", "rs<2>"]
    return meta_analyze({"ukb": bad, "finns": studies["finns"]}, methods=("fixed", "sample_size"), min_n=1)


@pytest.mark.parametrize("look", [repr, MetaResult.summary, MetaResult._repr_html_])
def test_a_look_at_the_result_tells_studies_rows_and_inflation(
    shown: MetaResult, look: Callable[[MetaResult], str]
) -> None:
    text = " ".join(look(shown).split())
    assert "fixed, sample-size; 2 studies, 1 variants" in text
    assert "ukb 1 rows used 1 excluded lambda 8.792 (ssf)" in text
    assert "finns 1 rows used 0 excluded" in text
    assert "lambda of the sample-size result" in text


def test_a_look_shows_the_most_significant_variants() -> None:
    study = {name: values * 9 for name, values in one_variant().items()}
    study |= {"variant_id": [f"rs{k}" for k in range(9)], "beta": [0.1 * k for k in range(9)]}
    result = meta_analyze([study])
    lines = repr(result).splitlines()[-5:]
    assert [line.split()[0] for line in lines] == ["rs8", "rs7", "rs6", "rs5", "rs4"]
    html = result._repr_html_()
    assert html.index("rs8") < html.index("rs4")
    assert "rs3" not in html


def test_names_are_escaped_in_html() -> None:
    html = meta_analyze([Study(one_variant(variant_id="<b>rs1</b>"), name="<i>mine</i>")])._repr_html_()
    assert "<i>" not in html
    assert "<b>" not in html
    assert "&lt;i&gt;mine" in html


def test_one_study_is_one_study() -> None:
    assert "1 study, " in repr(meta_analyze([one_variant()]))


def test_what_is_left_out_of_the_result_is_said() -> None:
    result = meta_analyze([*two_studies().values(), one_variant(variant_id="rs2")], min_studies=2)
    assert "left out of the result: 1 by min_studies" in result.summary()


def test_the_table_of_studies() -> None:
    result = meta_analyze(two_studies())
    studies = result.studies
    assert studies["study"].tolist() == ["ukb", "finns"]
    assert studies["n"].tolist() == [1000, 3000]
    assert studies["dialect"].tolist() == ["ssf", "ssf"]
    assert studies["rows_read"].tolist() == studies["rows_used"].tolist() == [1, 1]
    assert json.loads(json.dumps(result.parameters()))["variants"] == 1


def test_parquet_holds_the_table_block_by_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gwasmeta.meta.columns.BLOCK_ROWS", 64)
    studies = simulated_studies(np.random.default_rng(5), n_variants=500, share=0.7)
    result = meta_analyze(studies, methods=("fixed", "random"), genomic_control=True)
    path = result.write(tmp_path / "out.parquet")[0]
    written = pl.read_parquet(path)
    assert written.columns == list(result.table.columns)
    for name, values in result.table.items():
        if written[name].dtype == pl.String:
            assert written[name].to_list() == [None if pd.isna(value) else value for value in values]
        else:
            assert str(values.dtype).lower() == str(written[name].dtype).lower()
            np.testing.assert_array_equal(
                written[name].cast(pl.Float64).fill_null(np.nan), values.astype("float64"), err_msg=str(name)
            )
