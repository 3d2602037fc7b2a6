"""`gwasmeta ldscores` at work: what each action prints and writes, and that every option arrives."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import pytest

from gwasmeta import cli
from gwasmeta.errors import GwasmetaError
from gwasmeta.ldscores import fetch
from gwasmeta.ldscores.fetch import PublishedPanel
from gwasmeta.ldscores.panel import read_panel

BED = b"\x6c\x1b\x01" + bytes(
    # four people a byte; copies of the first allele 2 1 0 0 | 1 2 0 0 | 0 0 0 0 | 2 2 0 1 | 0 1 2 2
    [0b11111000, 0b11110010, 0b11111111, 0b10110000, 0b00001011]
)
COPIES = np.array([[2, 1, 0, 0], [1, 2, 0, 0], [2, 2, 0, 1], [0, 1, 2, 2]])  # the third SNP does not vary
BIM = "".join(
    f"{chromosome}\trs{i}\t{i * 0.6:.1f}\t{i * 400_000}\tA\tC\n"
    for i, chromosome in enumerate((1, 1, 1, 1, 2), start=1)
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with genotypes in it, and a cache of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "x.bed").write_bytes(BED)
    (tmp_path / "x.bim").write_text(BIM)
    (tmp_path / "x.fam").write_text("".join(f"f i{i} 0 0 0 0\n" for i in range(4)))
    return tmp_path


def ldscores(command: str) -> int:
    return cli.main(["ldscores", *shlex.split(command)])


def term(a: int, b: int) -> float:
    """What two SNPs add to each other's LD score."""
    r_squared = np.corrcoef(COPIES[a], COPIES[b])[0, 1] ** 2
    return float(r_squared - (1 - r_squared) / 2)


ALL = [1 + term(0, 1) + term(0, 2), 1 + term(0, 1) + term(1, 2), 1 + term(0, 2) + term(1, 2), 1]
NEAREST = [1 + term(0, 1), 1 + term(0, 1), 1, 1]
NEIGHBOURS = [1 + term(0, 1), 1 + term(0, 1) + term(1, 2), 1 + term(1, 2), 1]


@pytest.mark.parametrize(
    ("options", "expected", "window"),
    [
        ("", NEAREST, "1 cM"),
        ("--window-cm 2", ALL, "2 cM"),
        ("--ld-wind-cm 0.7", NEAREST, "0.7 cM"),
        ("--window-kb 400", NEAREST, "400 kb"),
        ("--ld-wind-kb 1200", ALL, "1200 kb"),
        ("--window-snps 1", NEIGHBOURS, "1 SNPs"),
        ("--ld-wind-snps 2", ALL, "2 SNPs"),
    ],
)
def test_compute_writes_the_scores_of_the_window_that_is_asked_for(folder, capsys, options, expected, window):
    assert ldscores(f"compute --bfile x --out y {options} --parquet") == 0
    printed = capsys.readouterr()
    assert printed.out == (
        f"4 SNPs of 4 people; windows of {window} on either side\n"
        "  left out: 1 that do not vary\n"
        f"  LD scores: mean {np.mean(expected):.3f}, median {np.median(expected):.3f},"
        f" from {min(expected):.3f} to {max(expected):.3f}\n"
        "  M 4, of which 4 with a minor allele frequency above 0.05 (M_5_50)\n"
        "written: y.l2.ldscore.parquet, y.l2.M, y.l2.M_5_50\n"
    )
    assert "LD scores: 4 of 4 SNPs\n" in printed.err
    assert read_panel("y").ld_score == pytest.approx(expected, rel=1e-13)


def test_compute_writes_files_of_each_chromosome_as_ldsc_does(folder, capsys):
    assert ldscores("compute --bfile x --out eur.@ --quiet") == 0
    assert capsys.readouterr() == ("", "")
    assert read_panel("eur.@").ld_score == pytest.approx(NEAREST, abs=0.0005)
    written = sorted(path.name for path in folder.glob("eur*"))
    assert written == [f"eur.{c}.l2.{end}" for c in (1, 2) for end in ("M", "M_5_50", "ldscore.gz")]


def test_info_says_what_a_panel_is(folder, capsys):
    ldscores("compute --bfile x --out eur.@ --quiet")
    assert ldscores("info eur.@") == 0
    assert capsys.readouterr().out.startswith("eur.@: LD scores of 4 SNPs on chromosomes 1-2\n")
    assert ldscores("info") == 2
    assert "gwasmeta ldscores fetch eur_w_ld_chr" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("compute --bfile none --out y", "none.fam: there is no such file"),
        ("compute --bfile x --out none/y", "there is no folder none; create it first"),
        ("compute --bfile x --out none/@", "there is no folder none; create it first"),
        ("compute --bfile x --out y --window-kb -1", "a window of -1 kb on either side: give a positive number"),
        ("info none", "none: no LD scores have names that begin so"),
        ("fetch afr", "afr: is no panel that can be fetched; there is eur_w_ld_chr"),
    ],
)
def test_what_cannot_be_done_is_told_and_leaves_nothing_behind(folder, capsys, command, message):
    before = sorted(folder.iterdir())
    assert ldscores(command) == 2
    assert message in capsys.readouterr().err
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("command", ["", "compute --bfile x", "compute --bfile x --out y --window-kb 1 --window-cm 1"])
def test_a_command_that_is_not_complete_or_contradicts_itself_is_refused(folder, capsys, command):
    with pytest.raises(SystemExit, match="2"):
        ldscores(command)
    assert "usage: gwasmeta ldscores" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["info none --traceback", "--traceback info none"])
def test_errors_are_shown_with_the_way_to_them_if_asked_for(folder, command):
    with pytest.raises(GwasmetaError, match="none: no LD scores"):
        ldscores(command)


def test_fetch_says_where_the_panel_is(folder, capsys, monkeypatch):
    pytest.importorskip("pooch")
    checksum = "53c234e5e8472b6ac51c1ae1cab3fe06fad053beb8ebfd8977b010655bfdd3c3"  # of "2\n"
    panel = PublishedPanel(
        "eur_w_ld_chr", "two files", "http://127.0.0.1:9/", "?", {"1.l2.M": checksum, "2.l2.M": checksum}
    )
    monkeypatch.setattr(fetch, "published_panel", lambda name: panel)
    (folder / "here").mkdir()
    for name in panel.checksums:
        (folder / "here" / name).write_bytes(b"2\n")
    assert ldscores("fetch --folder here") == 0
    printed = capsys.readouterr()
    assert printed.out == "eur_w_ld_chr is in here\n"
    assert printed.err == "eur_w_ld_chr: 1 of 2 files\neur_w_ld_chr: 2 of 2 files\n"
    (folder / "here" / "2.l2.M").write_bytes(b"3\n")
    assert ldscores("fetch eur_w_ld_chr --folder here") == 2
    assert "http://127.0.0.1:9/2.l2.M: cannot be fetched" in capsys.readouterr().err
