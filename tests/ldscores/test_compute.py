"""LD scores from genotypes: against LDSC, against the definition written with dense matrices, and closed forms."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from plink_data import random_genotypes, write_plink

from gwasmeta.errors import GwasmetaError
from gwasmeta.ldscores import compute
from gwasmeta.ldscores.compute import compute_ld_scores
from gwasmeta.ldscores.panel import read_panel
from gwasmeta.ldscores.plink_files import open_plink_files

PRINTED = 0.0005  # half a unit of LDSC's last decimal


def by_definition(copies: npt.NDArray[np.float64], inside: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """LD scores from whole matrices; `inside` says which SNPs are in whose window."""
    mean = np.nanmean(copies, axis=1, keepdims=True)
    filled = np.where(np.isnan(copies), mean, copies)
    r_squared = np.corrcoef(filled) ** 2
    return (np.where(inside, r_squared - (1 - r_squared) / (copies.shape[1] - 2), 0)).sum(axis=1)


# --- LDSC ---


@pytest.mark.parametrize(
    ("window", "name"), [({"window_kb": 1000}, "ldwindkb1000_chunk1"), ({"window_cm": 1}, "ldwindcm1_chunk1")]
)
def test_agrees_with_ldsc_where_its_windows_are_exact(golden_ld_scores, window, name):
    ours = compute_ld_scores(golden_ld_scores / "l2", **window)
    ldsc = pd.read_csv(golden_ld_scores / f"{name}.l2.ldscore.gz", sep="\t")
    assert ours.variant_ids.to_list() == ldsc["SNP"].tolist()
    assert np.abs(ours.ld_score - ldsc["L2"]).max() <= PRINTED
    assert ours.m == int((golden_ld_scores / f"{name}.l2.M").read_text())
    assert ours.m_5_50 == int((golden_ld_scores / f"{name}.l2.M_5_50").read_text())


def test_windows_of_snps_agree_with_ldsc_away_from_the_chromosomes_border_which_it_ignores(golden_ld_scores):
    ours = compute_ld_scores(golden_ld_scores / "l2", window_snps=200)
    ldsc = pd.read_csv(golden_ld_scores / "ldwindsnps200_chunk1.l2.ldscore.gz", sep="\t")
    border = int((ldsc["CHR"] == 21).sum())
    distance = np.abs(np.arange(4000) - border + 0.5)
    differs = np.abs(ours.ld_score - ldsc["L2"]) > PRINTED
    assert not differs[distance > 200].any()
    assert differs[distance < 150].mean() > 0.9  # the border matters there


# --- the definition ---

POSITION = [100, 150, 200, 1000, 1100, 1150, 2150, 2151, 3151, 9000, 30, 40, 50, 1049, 1050]
CHROMOSOME = ["3"] * 10 + ["X"] * 5


@pytest.mark.parametrize("segment", [1, 4, 1024])
@pytest.mark.parametrize("block", [1, 3, 128])
@pytest.mark.parametrize("missing", [0.0, 0.1])
def test_windows_hold_every_snp_up_to_their_width_and_none_beyond(tmp_path, monkeypatch, segment, block, missing):
    monkeypatch.setattr(compute, "_SEGMENT", segment)
    monkeypatch.setattr(compute, "_BLOCK", block)
    copies = random_genotypes(15, 203, missing)  # 203: the last byte of a SNP is not full
    position = np.array(POSITION)
    centimorgans = position / 1024  # exact, so that a distance of 1 is 1
    prefix = write_plink(
        tmp_path / "x", copies, chromosome=CHROMOSOME, position=POSITION, centimorgans=centimorgans.tolist()
    )
    same = np.equal.outer(CHROMOSOME, CHROMOSOME)
    for window, distance, width in (
        ({"window_kb": 1}, position, 1000),
        ({"window_cm": 1000 / 1024}, position, 1000),
        ({"window_snps": 3}, np.arange(15), 3),
        ({"window_kb": 1e9}, position, 1e12),
        ({"window_kb": 1e-9}, position, 0),
    ):
        inside = same & (np.abs(np.subtract.outer(distance, distance)) <= width)
        scores = compute_ld_scores(prefix, **window)
        assert_allclose(scores.ld_score, by_definition(copies, inside), rtol=1e-12)
        assert str(scores.window) == f"{next(iter(window.values())):g} {scores.window.unit} on either side"


def test_all_digits_hold_over_many_segments(tmp_path):
    copies = random_genotypes(3000, 50, missing=0.01)
    scores = compute_ld_scores(write_plink(tmp_path / "x", copies), window_kb=700)
    index = np.arange(3000)
    inside = np.abs(np.subtract.outer(index, index)) <= 700
    assert_allclose(scores.ld_score, by_definition(copies, inside), rtol=1e-11)


def test_unlinked_snps_have_a_score_of_1_on_average_and_copies_of_a_snp_their_number(tmp_path):
    rng = np.random.default_rng(3)
    unlinked = rng.binomial(2, 0.4, (2000, 100))
    scores = compute_ld_scores(write_plink(tmp_path / "unlinked", unlinked), window_kb=100).ld_score
    assert abs(scores.mean() - 1) < 5 * scores.std() / np.sqrt(2000 / 200)
    copies = np.repeat(rng.binomial(2, 0.4, (1, 100)), 7, axis=0)
    copies[3] = 2 - copies[3]
    assert_allclose(compute_ld_scores(write_plink(tmp_path / "same", copies), window_kb=100).ld_score, 7, rtol=1e-14)


def test_the_first_allele_and_the_order_of_people_do_not_matter(tmp_path):
    copies = random_genotypes(40, 61, missing=0.05)
    usual = compute_ld_scores(write_plink(tmp_path / "a", copies), window_kb=9).ld_score
    rng = np.random.default_rng(8)
    turned = np.where(rng.random((40, 1)) < 0.5, 2 - copies, copies)[:, rng.permutation(61)]
    assert_allclose(compute_ld_scores(write_plink(tmp_path / "b", turned), window_kb=9).ld_score, usual, rtol=1e-12)


# --- what is left out ---


def test_snps_that_do_not_vary_or_have_no_place_are_left_out_and_counted(tmp_path):
    copies = random_genotypes(8, 40, missing=0.05)
    copies[1] = 1  # all heterozygous
    copies[2] = np.nan
    copies[4] = np.where(np.isnan(copies[4]), np.nan, 2)
    copies[6] = 0
    chromosome = ["0", "1", "1", "1", "1", "1", "1", "1"]
    scores = compute_ld_scores(write_plink(tmp_path / "x", copies, chromosome=chromosome), window_snps=1)
    assert scores.variant_ids.to_list() == ["rs3", "rs5", "rs7"]
    assert (scores.n_monomorphic, scores.n_unplaced, scores.m) == (4, 1, 3)
    index = np.arange(3)
    inside = np.abs(np.subtract.outer(index, index)) <= 1  # neighbours are counted among those that are left
    assert_allclose(scores.ld_score, by_definition(copies[[3, 5, 7]], inside), rtol=1e-12)
    assert "left out: 4 that do not vary, 1 without a place" in scores.summary()


def test_the_minor_allele_frequency_is_that_of_the_known_genotypes(tmp_path):
    copies = random_genotypes(50, 33, missing=0.3)
    scores = compute_ld_scores(write_plink(tmp_path / "x", copies), window_kb=5)
    frequency = np.nanmean(copies, axis=1) / 2
    expected = np.minimum(frequency, 1 - frequency)
    assert_allclose(scores.minor_allele_frequency, expected, rtol=1e-14)
    assert scores.m_5_50 == (expected > 0.05).sum()


# --- input ---


def test_without_a_window_it_is_1_cm_or_1000_kb_where_no_genetic_positions_are_known(tmp_path):
    copies = random_genotypes(4, 20)
    known = write_plink(tmp_path / "known", copies, centimorgans=[0, 0.9, 1.1, 2.2])
    assert str(compute_ld_scores(known).window) == "1 cM on either side"
    assert str(compute_ld_scores(write_plink(tmp_path / "unknown", copies)).window) == "1000 kb on either side"


def test_files_of_single_chromosomes_give_what_one_file_of_all_gives(tmp_path):
    copies = random_genotypes(30, 25, missing=0.02)
    write_plink(tmp_path / "all", copies, chromosome=["2"] * 12 + ["11"] * 18)
    write_plink(tmp_path / "part2", copies[:12], chromosome=["2"] * 12)
    write_plink(tmp_path / "part11", copies[12:], chromosome=["11"] * 18)
    done: list[tuple[int, int]] = []
    parts = compute_ld_scores(tmp_path / "part@", window_kb=12, progress=lambda *report: done.append(report))
    whole = compute_ld_scores(tmp_path / "all", window_kb=12)
    assert done == [(12, 30), (30, 30)]
    pd.testing.assert_frame_equal(
        parts.table.drop(columns=["variant_id", "base_pair_location"]),
        whole.table.drop(columns=["variant_id", "base_pair_location"]),
    )
    assert parts.variant_ids.to_list() == [f"rs{i}" for i in (*range(12), *range(18))]


def cut_bed(prefix: Path) -> None:
    bed = prefix.with_suffix(".bed")
    bed.write_bytes(bed.read_bytes()[:-1])


def sample_major(prefix: Path) -> None:
    bed = prefix.with_suffix(".bed")
    bed.write_bytes(b"\x6c\x1b\x00" + bed.read_bytes()[3:])


def no_bed(prefix: Path) -> None:
    prefix.with_suffix(".bed").write_bytes(b"PK\x03\x04")


def without(suffix: str) -> Any:
    return lambda prefix: prefix.with_suffix(suffix).unlink()


def edited(suffix: str, old: str, new: str) -> Any:
    def edit(prefix: Path) -> None:
        text = prefix.with_suffix(suffix).read_text()
        assert old in text
        prefix.with_suffix(suffix).write_text(text.replace(old, new, 1))

    return edit


@pytest.mark.parametrize(
    ("damage", "window", "message"),
    [
        (cut_bed, {}, r"x\.bed: has 32 bytes, but 6 SNPs \(\.bim\) x 20 samples \(\.fam\) take 33\n.*belong together"),
        (sample_major, {}, r"x\.bed: is in the old order, sample by sample\n.*--make-bed"),
        (no_bed, {}, r"x\.bed: is no PLINK \.bed file: it begins with b'PK'"),
        (without(".bed"), {}, r"x\.bed: cannot be read: No such file"),
        (without(".bim"), {}, r"x\.bim: there is no such file"),
        (without(".fam"), {}, r"x\.fam: there is no such file"),
        (
            edited(".bim", "rs2\t0.0", "rs2\tNA"),
            {},
            r"x\.bim, line 3: the genetic position is 'NA', which is no number",
        ),
        (edited(".bim", "\tA\tC", "\tA"), {}, r"x\.bim, line 1: 5 fields"),
        (edited(".bim", "3000", "1500"), {"window_kb": 1}, r"rs2 \(1500\) stands behind rs1 \(2000\).*not sorted"),
        (edited(".bim", "1\trs3", "7\trs3"), {"window_kb": 1}, r"SNPs of chromosome 1 do not stand together"),
        (None, {"window_cm": 1}, r"no genetic positions \(third column\) for chromosome 1\n.*--window-kb"),
        (None, {"window_cm": 1, "window_kb": 2}, "windows of 2 kb on either side and of 1 cM on either side: give one"),
        (None, {"window_kb": 0}, "a window of 0 kb on either side: give a positive number"),
        (None, {"window_snps": -3}, "a window of -3 SNPs"),
        (None, {"window_kb": float("nan")}, "a window of nan kb"),
    ],
)
def test_files_and_windows_that_cannot_be_used_are_refused(tmp_path, damage, window, message):
    prefix = write_plink(tmp_path / "x", random_genotypes(6, 20))
    if damage:
        damage(prefix)
    with pytest.raises(GwasmetaError, match=message):
        compute_ld_scores(prefix, **window)


def test_genotypes_that_say_nothing_are_refused(tmp_path):
    with pytest.raises(GwasmetaError, match="holds 2 people; LD scores need at least 3"):
        compute_ld_scores(write_plink(tmp_path / "two", [[0, 1], [1, 2]]))
    with pytest.raises(GwasmetaError, match="none of its 2 SNPs varies and has a place"):
        compute_ld_scores(write_plink(tmp_path / "same", np.ones((2, 9))))
    empty = write_plink(tmp_path / "nobody", np.ones((2, 9)))
    empty.with_suffix(".fam").write_text("\n")
    with pytest.raises(GwasmetaError, match=r"nobody\.fam: holds nobody"):
        compute_ld_scores(empty)
    with pytest.raises(GwasmetaError, match=re.escape(f"{tmp_path}/none@.bed: no such file for any chromosome")):
        compute_ld_scores(tmp_path / "none@")


def test_genotypes_are_decoded_as_they_were_written(tmp_path):
    copies = random_genotypes(7, 21, missing=0.2)
    plink = open_plink_files(write_plink(tmp_path / "x", copies))
    snps = np.array([5, 0, 2])
    mean = np.nanmean(copies, axis=1, keepdims=True)
    filled = np.where(np.isnan(copies), mean, copies)
    expected = (filled - mean) / filled.std(axis=1, keepdims=True)
    assert_allclose(plink.standardised(snps), expected[snps], atol=1e-14)


# --- output ---


@pytest.fixture
def two_chromosomes(tmp_path: Path) -> Path:
    copies = random_genotypes(9, 30)
    copies[5] = np.r_[1, np.zeros(29)]  # rare
    return write_plink(tmp_path / "x", copies, chromosome=["4"] * 5 + ["21"] * 4)


def test_the_files_are_those_of_ldsc(two_chromosomes, tmp_path):
    scores = compute_ld_scores(two_chromosomes, window_kb=2)
    written = scores.write(tmp_path / "out")
    assert [path.name for path in written] == ["out.l2.ldscore.gz", "out.l2.M", "out.l2.M_5_50"]
    assert [path.read_text() for path in written[1:]] == ["9\n", "8\n"]
    table = pd.read_csv(written[0], sep="\t", dtype=str)
    assert list(table) == ["CHR", "SNP", "BP", "L2"]
    assert table["CHR"].tolist() == ["4"] * 5 + ["21"] * 4
    assert table["BP"].tolist() == [str(1000 * i) for i in range(1, 10)]
    assert table["L2"].tolist() == [f"{score:.3f}" for score in scores.ld_score]
    panel = read_panel(tmp_path / "out")
    assert panel.m == 8
    assert_allclose(panel.ld_score, scores.ld_score, atol=PRINTED)


def test_an_at_sign_asks_for_files_of_each_chromosome(two_chromosomes, tmp_path):
    scores = compute_ld_scores(two_chromosomes, window_kb=2)
    (tmp_path / "you@home").mkdir()
    written = scores.write(tmp_path / "you@home" / "eur.@")
    assert [path.name for path in written if path.suffix == ".gz"] == ["eur.4.l2.ldscore.gz", "eur.21.l2.ldscore.gz"]
    assert [path.read_text() for path in written if path.suffix != ".gz"] == ["5\n", "5\n", "4\n", "3\n"]
    panel = read_panel(tmp_path / "you@home" / "eur.@")
    assert panel.variant_ids.to_list() == scores.variant_ids.to_list()
    assert panel.m == 8


def test_parquet_keeps_all_digits(two_chromosomes, tmp_path):
    scores = compute_ld_scores(two_chromosomes, window_kb=2)
    written = scores.write(tmp_path / "eur.@", parquet=True)
    assert written[0].name == "eur.4.l2.ldscore.parquet"
    panel = read_panel(tmp_path / "eur.@")
    assert panel.ld_score.tolist() == scores.ld_score.tolist()
    assert panel.variant_ids.to_list() == scores.variant_ids.to_list()


def test_all_files_appear_or_none(two_chromosomes, tmp_path):
    scores = compute_ld_scores(two_chromosomes, window_kb=2)
    (tmp_path / "out.l2.M_5_50").mkdir()
    before = sorted(tmp_path.iterdir())
    with pytest.raises(GwasmetaError, match=r"out\.l2\.M_5_50: cannot be written"):
        scores.write(tmp_path / "out")
    assert sorted(tmp_path.iterdir()) == before
