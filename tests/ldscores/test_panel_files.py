"""Which files a panel is, by every way in which LDSC and MTAG name one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gwasmeta.errors import GwasmetaError
from gwasmeta.ldscores.panel_files import PanelFiles, find_panel_files, read_m


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "me@work" / "panel"  # an @ that is none of the pattern's
    path.mkdir(parents=True)
    return path


def put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_text("")


def names(files: PanelFiles) -> list[str]:
    return [path.name for path in files.scores]


@pytest.mark.parametrize(
    ("there", "given"),
    [
        (["2.l2.ldscore.gz", "10.l2.ldscore.gz", "1.l2.ldscore.gz"], ["", "/", "/@"]),
        (["eur2.l2.ldscore", "eur10.l2.ldscore", "eur1.l2.ldscore"], ["", "/", "/eur", "/eur@"]),
        (["1000G.2.l2.ldscore.bz2", "1000G.10.l2.ldscore.bz2"], ["", "/1000G.", "/1000G.@"]),
        (["chr2_eur.l2.ldscore.parquet", "chr10_eur.l2.ldscore.parquet"], ["/chr@_eur"]),
        (["all.l2.ldscore.gz"], ["", "/", "/all", "/all.l2.ldscore.gz"]),
        (["phase3.l2.ldscore.gz"], ["", "/phase", "/phase3", "/phase3.l2.ldscore.gz"]),
        (["1.l2.ldscore.gz"], ["", "/1", "/1.l2.ldscore.gz"]),
    ],
)
def test_every_way_of_naming_a_panel_finds_its_files_in_the_chromosomes_order(folder, there, given):
    put(folder, *there, "README", "1.l2.M_5_50")
    in_order = sorted(there, key=lambda name: (len(name), name))
    for ending in given:
        assert names(find_panel_files(f"{folder}{ending}")) == in_order
        assert find_panel_files(f"{folder}{ending}").left_out == ()


def test_a_folder_means_the_files_that_are_named_by_the_chromosome_alone(folder):
    put(folder, "1.l2.ldscore.gz", "6.l2.ldscore.gz", "6_old.l2.ldscore.gz", "X.l2.ldscore.gz", "afr1.l2.ldscore.gz")
    files = find_panel_files(folder)
    assert names(files) == ["1.l2.ldscore.gz", "6.l2.ldscore.gz"]
    assert [path.name for path in files.left_out] == ["6_old.l2.ldscore.gz", "X.l2.ldscore.gz", "afr1.l2.ldscore.gz"]


def test_the_pattern_may_be_in_the_folders_name(folder):
    for chromosome in (1, 22):
        (folder / f"chr{chromosome}").mkdir()
        put(folder, f"chr{chromosome}/eur.{chromosome}.l2.ldscore.gz")
    assert names(find_panel_files(folder / "chr@" / "eur.@")) == ["eur.1.l2.ldscore.gz", "eur.22.l2.ldscore.gz"]


def test_of_several_compressions_of_a_file_the_one_that_ldsc_takes(folder):
    put(folder, "1.l2.ldscore", "1.l2.ldscore.gz", "1.l2.ldscore.parquet")
    assert names(find_panel_files(folder)) == ["1.l2.ldscore.gz"]
    assert find_panel_files(folder).left_out == ()
    put(folder, "1.l2.ldscore.bz2")
    assert names(find_panel_files(folder)) == ["1.l2.ldscore.bz2"]


@pytest.mark.parametrize(
    ("there", "given", "message"),
    [
        ([], "/none/eur@", "there is no folder .*/none: check the path\n.*ldscores fetch eur_w_ld_chr"),
        ([], "", r"panel: holds no LD scores \(\*\.l2\.ldscore, \.gz, \.bz2 or \.parquet\)\n.*ldscores fetch"),
        (["eur1.l2.ldscore.gz"], "/afr@", "/afr@: no LD scores have names that begin so.*\n.*other names:\n.*/eur1.l2"),
        (["eur1.l2.ldscore.gz"], "/afr", "/afr: no LD scores have names that begin so.*\n.*other names:\n.*/eur1.l2"),
        (
            ["eur1.l2.ldscore", "afr1.l2.ldscore", "all.l2.ldscore"],
            "",
            "holds 3 panels.*\n.*\n.*/afr@\n.*/all\n.*/eur@",
        ),
        (
            ["eur.l2.ldscore", "eur1.l2.ldscore"],
            "/eur",
            "both eur.l2.ldscore and eur1.l2.*\n  Write .*/eur@ .* or .*/eur.l2",
        ),
        (["notes.txt"], "/notes.txt", "is no file of LD scores, whose name ends in .l2.ldscore"),
    ],
)
def test_what_cannot_be_found_or_told_apart_is_refused(folder, there, given, message):
    put(folder, *there)
    with pytest.raises(GwasmetaError, match=message):
        find_panel_files(f"{folder}{given}")


def test_m_is_added_up_over_the_chromosomes(folder):
    put(folder, "1.l2.ldscore.gz", "2.l2.ldscore.gz")
    for name, number in (("1.l2.M_5_50", 100), ("2.l2.M_5_50", 23), ("1.l2.M", 200), ("2.l2.M", "46.5\n")):
        (folder / name).write_text(f"{number}\n")
    assert read_m(find_panel_files(folder)) == 123
    assert read_m(find_panel_files(folder), "M") == 246.5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "12 34\n",
            "1.l2.M_5_50, line 1: holds '12 34' where one positive number of SNPs is expected\n.*several annotations",
        ),
        ("many\n", "holds 'many'"),
        ("", "holds 'nothing'"),
        ("0\n", "holds '0'"),
        ("nan\n", "holds 'nan'"),
        ("inf\n", "holds 'inf'"),
    ],
)
def test_a_number_of_snps_that_is_none_is_refused(folder, text, message):
    put(folder, "1.l2.ldscore.gz")
    (folder / "1.l2.M_5_50").write_text(text)
    with pytest.raises(GwasmetaError, match=message):
        read_m(find_panel_files(folder))


def test_a_missing_number_of_snps_is_told_with_the_file_that_is_there_instead(folder):
    put(folder, "1.l2.ldscore.gz")
    with pytest.raises(GwasmetaError, match=re.escape(str(folder / "1.l2.M_5_50"))) as without:
        read_m(find_panel_files(folder))
    assert "ask for" not in str(without.value)
    put(folder, "1.l2.M")
    with pytest.raises(GwasmetaError, match=r"There is 1\.l2\.M: ask for M"):
        read_m(find_panel_files(folder))
