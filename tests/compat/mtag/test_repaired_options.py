"""What the original gets wrong or stops at, against its own runs without the fault, or against the input."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest
from golden_cases import GoldenCase, read_table
from numpy.testing import assert_allclose

from gwasmeta.cli import main


@pytest.fixture
def run(golden_mtag: Path, european_panel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(golden_mtag)

    def replay(name: str) -> list[pl.DataFrame]:
        """Run a case; return its traits' tables."""
        out = tmp_path / "mtag"
        assert main(["mtag", *GoldenCase(golden_mtag, name).words(out, european_panel)]) == 0
        return [read_table(path.read_bytes()) for path in sorted(tmp_path.glob("mtag_trait_*.txt"))]

    return replay


def _input(golden_mtag: Path, name: str) -> pl.DataFrame:
    text = gzip.decompress((golden_mtag / "inputs" / name).read_bytes())
    return pl.read_csv(text, separator="\t", null_values=["NA", "."], infer_schema_length=None)


def test_n_max_keeps_the_snps_of_the_unrestricted_run_that_are_within_it(run, golden_mtag: Path) -> None:
    tables = run("14b_nmax")
    unrestricted = [GoldenCase(golden_mtag, "01_two_default").table(f"_trait_{trait}.txt").rows for trait in (1, 2)]
    within = (unrestricted[0]["N"] <= 249999) & (unrestricted[1]["N"] <= 119999)
    assert 0 < within.sum() < len(within)
    for table, all_snps in zip(tables, unrestricted, strict=True):
        assert table["SNP"].equals(all_snps.filter(within)["SNP"])


def test_union_has_the_estimates_of_the_aligned_intersection(run, golden_mtag: Path) -> None:
    """The original does not align the union's alleles; its run without --meta_format on the same files does."""
    aligned = GoldenCase(golden_mtag, "07_nometa_no3only")
    for trait, table in enumerate(run("07_meta_no3only"), start=1):
        both = aligned.table(f"_trait_{trait}.txt").rows.join(table, on="SNP", how="left", suffix=" of union")
        assert_allclose(both["mtag_z of union"], both["mtag_z"], atol=1e-9)
        assert both["A1 of union"].equals(both["A1"])
        assert_allclose(both["freq"], both["FRQ"], atol=1e-12)


def test_union_with_snps_of_a_later_trait_only(run, golden_mtag: Path) -> None:
    tables = run("07_meta")
    ids = [set(_input(golden_mtag, f"meta_t{trait}.txt.gz")["snpid"]) for trait in (1, 2, 3)]
    only_third = ids[2] - ids[0] - ids[1]
    assert only_third
    alone = tables[2].filter(pl.col("SNP").is_in(list(only_third)))
    # A trait alone is estimated from itself: z is divided by the root of its element of Sigma.
    ratio = (alone["mtag_z"] / alone["z"]).to_numpy()
    assert len(ratio) > 0.9 * len(only_third)
    assert_allclose(ratio, ratio[0], rtol=1e-9)
    assert {table["SNP"].n_unique() == table.height for table in tables} == {True}


def test_frequency_of_1_leaves_effect_and_error_empty(run) -> None:
    table = run("34_freq_one")[0]
    fixed = table.filter(pl.col("FRQ").is_in([0.0, 1.0]))
    assert fixed.height > 0
    assert fixed["mtag_beta"].null_count() == fixed["mtag_se"].null_count() == fixed.height
    assert fixed["mtag_z"].null_count() == fixed["mtag_pval"].null_count() == 0


def test_usual_sample_sizes_in_the_union(run) -> None:
    for table in run("35_meta_homogNs"):
        mode = table["n"].mode().min()
        assert ((table["n"] - mode).abs() <= 0.1 * mode).all()


def test_list_under_the_name_of_the_option(run, golden_mtag: Path) -> None:
    listed = set((golden_mtag / "inputs" / "include_snpid.txt").read_text().split()[1:])
    assert set(run("38_include_header_snpid")[0]["SNP"]) <= listed


def test_first_row_that_passes_is_used_of_a_repeated_id(run, golden_mtag: Path) -> None:
    rows = _input(golden_mtag, "dupquirk_t1.txt.gz")
    repeated = (golden_mtag / "inputs" / "dupquirk_ids.txt").read_text().split()
    frequent = pl.min_horizontal("eaf", 1 - pl.col("eaf")) > 0.01
    expected = rows.filter(pl.col("snpid").is_in(repeated) & frequent).unique("snpid", keep="first")
    both = expected.join(run("24_dup_first_fails")[0], left_on="snpid", right_on="SNP")
    assert both.height > 0
    assert_allclose(both["Z"], both["z"])
    assert_allclose(both["FRQ"], both["eaf"])


def test_given_n_wins_over_the_column(run) -> None:
    tables = run("40_n_value_with_n_column")
    assert [table["N"].unique().to_list() for table in tables] == [[200000.0], [100000.0]]
