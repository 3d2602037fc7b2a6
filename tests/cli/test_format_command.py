"""`gwasmeta format` and `gwasmeta inspect` at work: every option arrives, and what is printed; `meta --studies`."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

import gwasmeta
from gwasmeta import cli

STUDY = """\
SNP CHR BP A1 A2 OTHER_N EFF ERR FREQ
rs1 1 1000 A G 90 0.5 0.1 0.2
rs2 1 2000 A T 90 0.5 0.1 0.005
"""
COLUMNS = "variant_id=SNP,chromosome=CHR,base_pair_location=BP,effect_allele=A1,other_allele=A2"
NAMED = f"--column {COLUMNS} --column beta=EFF,standard_error=ERR,effect_allele_frequency=FREQ"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.txt").write_text(STUDY)
    return tmp_path


def run(command: str) -> int:
    return cli.main(shlex.split(command))


def test_a_study_is_written_and_the_summary_printed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(f"format s.txt {NAMED} --n 80 --to metal --filter 'maf >= 0.01' --name mine --out out") == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        "mine: read as custom, 1 of 2 rows written as metal, build unknown",
        "  excluded           1  filter: maf >= 0.01: asked for",
    ]
    assert "written: out.txt.gz, out.log.tsv" in printed.err
    table = gwasmeta.read_sumstats(folder / "out.txt.gz").table
    assert table[["variant_id", "effect_allele", "n", "beta"]].to_numpy().tolist() == [["rs1", "A", 80.0, 0.5]]


def test_every_option_arrives(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}

    def format_sumstats(source: Any, out: str, **options: Any) -> Any:
        given.update(options, source=source, out=out)
        raise gwasmeta.GwasmetaError("enough")

    monkeypatch.setattr(gwasmeta, "format_sumstats", format_sumstats)
    words = "--to vcf --reference r --palindromic drop --palindromic-window 0.1 --liftover c --build b --metadata m"
    more = "--dialect gwama --n 1 --n-cases 2 --n-controls 3 --trait t --side-file f --filter a --filter b --quiet"
    assert run(f"format s.txt -o o {words} {more} --sort --tabix") == 2
    study = given.pop("source")
    assert given == {
        **{"out": "o", "to": "vcf", "reference": "r", "palindromic": "drop", "palindromic_window": 0.1},
        **{"liftover": "c", "build": "b", "metadata": "m", "sort": True, "tabix": True, "progress": None},
    }
    assert (study.path, study.dialect, study.n, study.n_cases, study.n_controls) == ("s.txt", "gwama", 1, 2, 3)
    assert (study.trait, study.side_files, study.filters) == ("t", ("f",), ("a", "b"))


def test_an_inspection_is_printed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(f"inspect s.txt {NAMED}") == 0
    printed = capsys.readouterr().out
    assert "effect allele  A1: the caller named it" in printed
    assert "palindromic    50.0% of variants" in printed


def test_quiet_prints_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(f"format s.txt {NAMED} --to parquet --out out --quiet") == 0
    assert capsys.readouterr() == ("", "")


def test_errors_of_the_user_end_with_2(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(f"format s.txt {NAMED} --to ldsc --out out") == 2
    assert "no column for n, which LD score regression's .sumstats needs" in capsys.readouterr().err


def test_meta_reads_a_list_of_studies_and_options_win(folder: Path) -> None:
    paths = gwasmeta.example_studies("quantitative")
    lines = ["path\tname\tlambda\tfilters", f"{paths['alder']}\ta\t1.5\tn > 1290", f"{paths['birch']}\tb\t\t"]
    (folder / "studies.tsv").write_text("\n".join(lines) + "\n")
    c = f"c={paths['cedar']}"
    command = f"meta --studies studies.tsv {c} --inflation-factor b=1.25 --genomic-control --out out --quiet"
    assert run(command) == 0
    studies = json.loads((folder / "out.json").read_text())["studies"]
    assert [study["study"] for study in studies] == ["a", "b", "c"]
    assert [study["filters"] for study in studies] == [["n > 1290"], [], []]
    direct = gwasmeta.meta_analyze(
        {
            "a": gwasmeta.Study(paths["alder"], inflation_factor=1.5, filters="n > 1290"),
            "b": gwasmeta.Study(paths["birch"], inflation_factor=1.25),
            "c": gwasmeta.Study(paths["cedar"]),
        },
        genomic_control=True,
    )
    direct.write(folder / "direct")
    assert (folder / "direct.tsv").read_bytes() == (folder / "out.tsv").read_bytes()


def test_a_list_of_studies_or_files_is_needed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("meta --out out") == 2
    assert "no studies: give their files, or a list of them by --studies FILE" in capsys.readouterr().err


def test_the_sexes_of_a_list_make_a_sex_differentiated_analysis(folder: Path) -> None:
    paths = gwasmeta.example_studies("quantitative")
    entries = [f"- path: {paths['alder']}\n  sex: male\n", f"- path: {paths['birch']}\n  sex: female\n"]
    (folder / "studies.yaml").write_text("".join(entries))
    assert run("meta --studies studies.yaml --out out --quiet") == 0
    assert "sex_heterogeneity_p_value" in (folder / "out.tsv").read_text().splitlines()[0]
