"""`gwasmeta store`, and commands that are given studies of a store."""

from __future__ import annotations

from pathlib import Path

import pytest

import gwasmeta
from gwasmeta.cli import main


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Go to an empty folder, and return the example's files by the names of the studies."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GWASMETA_STORE", raising=False)
    return {name: str(path) for name, path in gwasmeta.example_studies("quantitative").items()}


def test_add_list_check_remove(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    add = ["store", "add", files["alder"], "--name", "alder", "--sex", "male"]
    assert main(add) == 0
    assert capsys.readouterr().out.splitlines()[0].startswith("alder: added, 5,9")
    assert main(add) == 0
    assert capsys.readouterr().out.startswith("alder: nothing to do")
    assert main([*add, "--filter", "eaf > 0.2", "-q"]) == 0
    assert capsys.readouterr().out == ""
    assert main(["store", "list"]) == 0
    header, row = capsys.readouterr().out.splitlines()
    about = gwasmeta.StudyStore().about("alder")
    assert header.split() == [
        "name",
        "rows",
        "N",
        "lambda",
        "sex",
        "read",
        "as",
        "sha256",
        "added",
        "version",
        "source",
    ]
    assert row.split()[:2] == ["alder", f"{about.rows:,}"]
    assert f"{about.inflation_factor:.4f}" in row
    assert main(["store", "check"]) == 0
    assert f"1 study, {about.rows:,} rows, all as they were written" in capsys.readouterr().out
    assert main(["store", "remove", "alder"]) == 0
    assert main(["store", "list"]) == 0
    assert "has no studies" in capsys.readouterr().out.splitlines()[-1]


def test_damage_ends_with_an_error(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["store", "add", files["alder"], "--store", "here", "-q"]) == 0
    damaged = next(Path("here").rglob("chromosome=7/*.parquet"))
    damaged.write_bytes(damaged.read_bytes()[:-1])
    assert main(["store", "check", "--store", "here"]) == 2
    error = capsys.readouterr().err
    assert "1 of 1 studies damaged" in error
    assert f"{damaged.name}: has" in error
    assert "gwasmeta store remove alder.gwama" in error


def test_meta_of_studies_in_a_store(
    files: dict[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("alder", "birch"):
        assert main(["store", "add", files[name], "--name", name, "--store", "trees", "-q"]) == 0
    given = ["--genomic-control", "--method", "fixed", "-q", "--out"]
    assert main(["meta", f"alder={files['alder']}", f"birch={files['birch']}", *given, "of_files"]) == 0
    assert main(["meta", "store:trees/alder", "store:trees/birch", *given, "of_store"]) == 0
    monkeypatch.setenv("GWASMETA_STORE", "trees")
    assert main(["meta", "store:alder", f"birch={files['birch']}", *given, "mixed"]) == 0
    for out in ("of_store", "mixed"):
        assert Path(f"{out}.tsv").read_bytes() == Path("of_files.tsv").read_bytes()
    assert main(["meta", "store:alder", "store:elm", *given, "none"]) == 2
    assert "the store trees has no study elm\n  It has: alder, birch." in capsys.readouterr().err


def test_a_missing_store(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["store", "list"], ["store", "check"], ["store", "remove", "alder"], ["meta", "store:alder"]):
        assert main([*command, *(["--out", "none"] if command[0] == "meta" else [])]) == 2
        assert "there is no study store" in capsys.readouterr().err
