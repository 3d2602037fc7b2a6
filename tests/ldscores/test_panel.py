"""Panels of LD scores as they are read: against pandas, and against what can be wrong with them."""

from __future__ import annotations

import bz2
import gzip
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_array_equal

from gwasmeta.errors import GwasmetaError
from gwasmeta.ldscores import panel as panel_module
from gwasmeta.ldscores.panel import LdScorePanel, read_panel

CHROMOSOME_2 = "CHR SNP BP CM MAF L2\n2 rs5 500 0.1 0.2 5.25\n2 rs4 400 0.1 0.3 -0.125\n"
CHROMOSOME_10 = (
    "CHR SNP BP CM MAF L2\n10 rs1 100 0.1 0.2 1\n10 rs9 100 0.1 0.2 9e1\n10 rs9 100 0.1 0.2 8\n10 rs4 50 0.1 0.2 7\n"
)


def write_panel(folder: Path, scores: dict[str, str], m: str = "10\n") -> Path:
    folder.mkdir(exist_ok=True)
    for stem, text in scores.items():
        (folder / f"{stem}.l2.ldscore").write_text(text.replace(" ", "\t"))
        (folder / f"{stem}.l2.M_5_50").write_text(m)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_panel(tmp_path / "panel", {"2": CHROMOSOME_2, "10": CHROMOSOME_10})


def columns(panel: LdScorePanel) -> list[tuple[str, int, int, float]]:
    values = (panel.chromosome.tolist(), panel.base_pair_location.tolist(), panel.ld_score.tolist())
    return list(zip(panel.variant_ids.to_list(), *values, strict=True))


SORTED = [("rs4", 2, 400, -0.125), ("rs5", 2, 500, 5.25), ("rs1", 10, 100, 1.0), ("rs9", 10, 100, 90.0)]


def test_rows_are_sorted_by_place_and_the_first_of_repeated_ids_is_kept(folder):
    panel = read_panel(folder)
    assert columns(panel) == SORTED  # rs4 of chromosome 10 and the second rs9 left out
    assert panel.n_repeated == 2
    assert panel.m == 20
    assert (panel.name, len(panel)) == (str(folder), 4)
    assert [path.name for path in panel.files] == ["2.l2.ldscore", "10.l2.ldscore"]


def test_variants_are_found_in_any_order(folder):
    panel = read_panel(folder)
    assert panel.rows_of(["rs9", "rs", "rs4", "rs44", "rs5", "rs4", ""]).tolist() == [3, -1, 0, -1, 1, 0, -1]


@pytest.mark.parametrize(
    ("ending", "stored"),
    [
        (".gz", gzip.compress),
        (".bz2", bz2.compress),
        ("", lambda text: text.replace(b"\t", b"  ")),
        ("", lambda text: text.replace(b"CHR\tSNP\tBP\tCM\tMAF\tL2", b"chr\tsnp\tbp\tcm\tmaf\tl2")),
        ("", lambda text: text.replace(b"\n2\t", b"\nchr02\t")),
        ("", lambda text: text.replace(b"L2", b"base")),  # as LDSC calls it in a panel of one annotation
        ("", lambda text: text.replace(b"\n", b"\r\n")),
    ],
)
def test_every_form_of_a_file_says_the_same(folder, ending, stored: Callable[[bytes], bytes]):
    for path in list(folder.glob("*.ldscore")):
        text = path.read_bytes()
        path.unlink()
        Path(f"{path}{ending}").write_bytes(stored(text))
    assert columns(read_panel(folder)) == SORTED


def test_parquet_says_the_same(folder):
    for path in list(folder.glob("*.ldscore")):
        pl.read_csv(path, separator="\t").write_parquet(f"{path}.parquet")
        path.unlink()
    assert columns(read_panel(folder)) == SORTED


def test_sex_chromosomes_in_one_file_are_sorted_behind_the_others(tmp_path):
    rows = "CHR SNP BP L2\nX rs1 5 1\nMT rs2 6 2\n22 rs3 7 3\n23 rs4 4 4\nY rs5 1 5\n"
    panel = read_panel(write_panel(tmp_path / "panel", {"all": rows}))
    assert panel.variant_ids.to_list() == ["rs3", "rs4", "rs1", "rs5", "rs2"]
    assert panel.chromosome.tolist() == [22, 23, 23, 24, 26]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("-0.125", "NA", "2.l2.ldscore, line 3: L2 is 'NA', which is no number\n.*compute the panel again"),
        ("-0.125", "inf", "2.l2.ldscore, line 3: L2 is 'inf', which is no number"),
        ("rs5 500", "rs5 5OO", "2.l2.ldscore, line 2: BP is '5OO', which is no position"),
        ("rs5 500", "rs5 -1", "line 2: BP is '-1', which is no position"),
        ("2 rs4", "GL00 rs4", "2.l2.ldscore, line 3: CHR is 'GL00', which is not 1 to 22, X, Y or MT"),
        ("2 rs4", "NA rs4", "line 3: CHR is 'NA', which is not"),
        (" 0.3 -0.125", " 0.3", "2.l2.ldscore, line 3: 5 fields, but the header has 6"),
        ("SNP", "ID", "2.l2.ldscore, line 1: has no column SNP; its columns are CHR ID BP CM MAF L2"),
        ("MAF L2", "MAF CM", "line 1: has no column of LD scores"),
        ("CM MAF L2", "CM L2_coding L2_base", "line 1: has 2 columns of LD scores: L2_CODING L2_BASE\n.*partitioned"),
        ("2 rs5 500 0.1 0.2 5.25\n2 rs4 400 0.1 0.3 -0.125\n", "", None),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_line(folder, old, new, message):
    assert old in CHROMOSOME_2
    write_panel(folder, {"2": CHROMOSOME_2.replace(old, new, 1)})
    if message is None:  # one chromosome may be empty, as long as another is not
        assert len(read_panel(folder)) == 3
        write_panel(folder, {"10": CHROMOSOME_2.replace(old, new, 1)})
        message = "2.l2.ldscore: has no row below its header"
    with pytest.raises(GwasmetaError, match=message):
        read_panel(folder)


def test_a_number_that_is_none_in_parquet_is_refused_with_its_row(folder):
    table = pl.read_csv(folder / "2.l2.ldscore", separator="\t")
    (folder / "2.l2.ldscore").unlink()
    for value in (None, np.inf):
        table.with_columns(L2=pl.Series([1.0, value])).write_parquet(folder / "2.l2.ldscore.parquet")
        with pytest.raises(
            GwasmetaError, match=r"2\.l2\.ldscore\.parquet, row 2: L2 is '(inf|None)', which is no number"
        ):
            read_panel(folder)


def test_a_broken_parquet_file_is_refused(folder):
    (folder / "2.l2.ldscore").rename(folder / "2.l2.ldscore.parquet")
    with pytest.raises(GwasmetaError, match=r"2\.l2\.ldscore\.parquet: cannot be read as Parquet"):
        read_panel(folder)


def test_files_of_one_panel_have_the_same_columns(folder):
    write_panel(folder, {"10": CHROMOSOME_10.replace("CM MAF", "CM MAF2").replace(" L2", " MAF")})
    with pytest.raises(
        GwasmetaError, match=r"10\.l2\.ldscore: its columns are .*MAF2.*, but those of .*2\.l2\.ldscore"
    ):
        read_panel(folder)


def test_the_summary_says_what_was_left_out(folder):
    write_panel(folder, {"X": CHROMOSOME_2})
    assert read_panel(folder).summary() == (
        f"{folder}: LD scores of 4 SNPs on chromosomes 2, 10\n"
        "  mean 24.031, median 3.125, from -0.125 to 90.000\n"
        "  summed over 20 SNPs (M)\n"
        f"  files: {folder}/2.l2.ldscore to 10.l2.ldscore (2)\n"
        "  left out: 2 rows whose id an earlier row has\n"
        "  not part of it: X.l2.ldscore"
    )


# --- the cache ---


def cached_files(home: Path) -> list[Path]:
    return sorted(home.rglob("*.parquet"))


def test_a_panel_is_parsed_once(folder, cache_home, monkeypatch):
    first = read_panel(folder)
    assert len(cached_files(cache_home)) == 1
    monkeypatch.setattr(panel_module, "read_score_file", lambda path: pytest.fail("parsed again"))
    second = read_panel(folder)
    assert columns(second) == columns(first)
    assert second.n_repeated == 2
    assert second.ld_score.dtype == first.ld_score.dtype == np.float64
    assert (second.chromosome.dtype, second.base_pair_location.dtype) == (np.int16, np.int32)


@pytest.mark.parametrize("change", ["size", "time"])
def test_a_panel_that_has_changed_is_parsed_again_and_its_old_form_removed(folder, cache_home, change):
    read_panel(folder)
    (old,) = cached_files(cache_home)
    path = folder / "2.l2.ldscore"
    before = path.stat()
    path.write_text(path.read_text().replace("5.25", "6.25" if change == "time" else "6.250"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + (change == "time")))
    assert read_panel(folder).ld_score.tolist() == [-0.125, 6.25, 1.0, 90.0]
    (new,) = cached_files(cache_home)
    assert new != old


def test_a_panel_elsewhere_does_not_take_the_place_of_another(folder, tmp_path, cache_home):
    write_panel(tmp_path / "other", {"2": CHROMOSOME_2, "10": CHROMOSOME_10.replace("9e1", "8e1")})
    assert read_panel(folder).ld_score.tolist() == [-0.125, 5.25, 1.0, 90.0]
    assert read_panel(tmp_path / "other").ld_score.tolist() == [-0.125, 5.25, 1.0, 80.0]
    assert len(cached_files(cache_home)) == 2


def test_the_number_of_snps_is_not_kept(folder):
    assert read_panel(folder).m == 20
    (folder / "2.l2.M_5_50").write_text("15\n")
    assert read_panel(folder).m == 25


def test_a_cache_that_cannot_be_written_or_read_is_no_error(folder, cache_home, monkeypatch):
    cache_home.write_text("a file where a folder should be")
    assert columns(read_panel(folder)) == SORTED
    cache_home.unlink()
    read_panel(folder)
    (kept,) = cached_files(cache_home)
    kept.write_bytes(b"PAR1 and then nothing")
    assert columns(read_panel(folder)) == SORTED


def test_nothing_is_kept_if_not_asked_to(folder, cache_home):
    assert columns(read_panel(folder, cache=False)) == SORTED
    assert not cache_home.exists()


# --- a real panel ---


def test_the_european_panel_is_what_pandas_reads(european_panel):
    tables = [
        pd.read_csv(european_panel / f"{c}.l2.ldscore.gz", sep="\t", converters={"L2": float}) for c in range(1, 23)
    ]
    table = pd.concat(tables).sort_values(["CHR", "BP"], kind="stable").drop_duplicates("SNP")
    parsed, cached = read_panel(european_panel), read_panel(european_panel)
    for panel in (parsed, cached):
        assert panel.m == sum(int((european_panel / f"{c}.l2.M_5_50").read_text()) for c in range(1, 23))
        assert panel.variant_ids.to_list() == table["SNP"].tolist()
        assert_array_equal(panel.ld_score, table["L2"])
        assert_array_equal(panel.chromosome, table["CHR"])
        assert_array_equal(panel.base_pair_location, table["BP"])
    some = table["SNP"].sample(1000, random_state=1)
    assert_array_equal(table["SNP"].to_numpy()[cached.rows_of(some)], some)
