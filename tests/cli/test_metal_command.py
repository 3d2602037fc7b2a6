"""`gwasmeta metal` at work: scripts, standard input, the prompt, and what an error leaves behind."""

from __future__ import annotations

import builtins
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from gwasmeta import cli

SCRIPT = """\
SCHEME STDERR
MARKER SNP
PROCESS a.txt
PROCESS b.txt
ANALYZE HETEROGENEITY
"""
TABLE = """\
MarkerName\tAllele1\tAllele2\tEffect\tStdErr\tP-value\tDirection\tHetISq\tHetChiSq\tHetDf\tHetPVal
rs1\ta\tg\t0.2000\t0.0707\t0.004678\t++\t50.0\t2.000\t1\t0.1573
rs2\ta\tc\t0.3000\t0.1000\t0.0027\t?+\t0.0\t0.000\t0\t1
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    header = "SNP ALLELE1 ALLELE2 EFFECT STDERR\n"
    (tmp_path / "a.txt").write_text(header + "rs1 A G 0.1 0.1\n")
    (tmp_path / "b.txt").write_text(header + "rs1 G A -0.3 0.1\nrs2 A C 0.3 0.1\n")
    (tmp_path / "metal.txt").write_text(SCRIPT)
    return tmp_path


def metal(*words: str) -> int:
    return cli.main(["metal", *words])


def test_a_script_is_carried_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert metal("metal.txt") == 0
    assert (folder / "METAANALYSIS1.TBL").read_text() == TABLE
    captured = capsys.readouterr()
    assert "## Completed meta-analysis for 2 markers!\n## Smallest p-value is 0.0027 at marker 'rs2'\n" in captured.out
    assert {line for line in captured.err.splitlines() if "compiling" not in line} == set()  # in a fresh checkout
    names = {path.name for path in folder.iterdir()}
    assert names == {"a.txt", "b.txt", "metal.txt", "METAANALYSIS1.TBL", "METAANALYSIS1.TBL.info"}


def test_scripts_are_carried_out_one_after_the_other_in_one_session(folder: Path) -> None:
    first, second = SCRIPT.rsplit("PROCESS", 1)
    (folder / "first.txt").write_text(first)
    (folder / "second.txt").write_text(f"PROCESS{second}QUIT\nNO MORE\n")
    assert metal("first.txt", "second.txt", "third.txt") == 0
    assert (folder / "METAANALYSIS1.TBL").read_text() == TABLE


def test_a_script_on_standard_input(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(SCRIPT))
    assert metal() == 0
    assert (folder / "METAANALYSIS1.TBL").read_text() == TABLE


@pytest.mark.parametrize("by_standard_input", [False, True])
@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("PROCES b.txt", ""),  # an abbreviation: nothing is wrong with it
        ("PROSESS b.txt", "PROSESS: METAL has no such command; perhaps PROCESSFILE?\n  HELP lists the commands.\n"),
        ("PROCESS c.txt", "PROCESSFILE c.txt: c.txt: there is no such file\n"),
        ("EFFECT BETA\nPROCESS b.txt", "there is no column BETA (effects, set by EFFECTLABEL BETA)\n"),
        ("COLUMNCOUNTING SOMETIMES", "COLUMNCOUNTING SOMETIMES: SOMETIMES is none of STRICT, LENIENT\n"),
    ],
)
def test_an_error_names_its_line_and_nothing_is_written(
    by_standard_input: bool,
    wrong: str,
    says: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    script = SCRIPT.replace("PROCESS b.txt", wrong)
    (folder / "metal.txt").write_text(script)
    monkeypatch.setattr("sys.stdin", io.StringIO(script))
    code = metal() if by_standard_input else metal("metal.txt")
    errors = capsys.readouterr().err
    if not says:
        assert (code, errors) == (0, "")
        return
    assert code == 2
    where = "standard input" if by_standard_input else "metal.txt"
    assert errors.startswith(f"gwasmeta: error: {where}, line {4 + wrong.count(chr(10))}: ")
    assert says in errors
    assert not list(folder.glob("METAANALYSIS*"))


def test_an_error_leaves_the_results_before_it(folder: Path) -> None:
    (folder / "metal.txt").write_text(f"{SCRIPT}PROCESS c.txt\nANALYZE\n")
    assert metal("metal.txt") == 2
    assert (folder / "METAANALYSIS1.TBL").read_text() == TABLE
    assert not (folder / "METAANALYSIS2.TBL").exists()


def test_a_script_that_is_not_there(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert metal("no.txt") == 2
    assert "no.txt: the script cannot be read: No such file or directory" in capsys.readouterr().err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lines that somebody is going to type at a terminal."""
    lines: list[str] = []
    left: Iterator[str] = iter(lines)

    def typed_line(prompt: str) -> str:
        assert prompt == "metal> "
        try:
            return next(left)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr(builtins, "input", typed_line)
    return lines


def test_at_the_prompt_an_error_is_told_and_the_session_goes_on(
    folder: Path, typed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = SCRIPT.splitlines()
    typed += [lines[0], "FOO", *lines[1:3], "PROCESS c.txt", *lines[3:]]
    assert metal() == 0
    printed = capsys.readouterr().out
    assert "## ERROR: FOO: METAL has no such command\n" in printed
    assert "## ERROR: PROCESSFILE c.txt: c.txt: there is no such file\n" in printed
    assert (folder / "METAANALYSIS1.TBL").read_text() == TABLE


def test_quit_ends_the_session(folder: Path, typed: list[str]) -> None:
    typed += ["QUIT", *SCRIPT.splitlines()]
    assert metal() == 0
    assert not (folder / "METAANALYSIS1.TBL").exists()


def test_return_ends_the_session_as_the_outermost_script(folder: Path, typed: list[str]) -> None:
    typed += ["RETURN", *SCRIPT.splitlines()]
    assert metal() == 0
    assert not (folder / "METAANALYSIS1.TBL").exists()


def test_files_without_analysis_are_told_of_at_the_end(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "metal.txt").write_text(SCRIPT.replace("ANALYZE HETEROGENEITY", "# later"))
    assert metal("metal.txt") == 0
    assert "## NOTE: 2 files are in no result: no ANALYZE follows their PROCESSFILE" in capsys.readouterr().out


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        metal("--help")
    assert left.value.code == 0
    text = capsys.readouterr().out
    for taught in ("gwasmeta metal metal.txt", "gwasmeta metal < metal.txt", "PROCESS cohort1", "ANALYZE RANDOM"):
        assert taught in text


def test_a_script_cannot_be_a_source_of_itself(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "one.txt").write_text("SOURCE other.txt\n")
    (folder / "other.txt").write_text("SOURCE one.txt\n")
    assert metal("one.txt") == 2
    assert "one.txt: is being carried out already" in capsys.readouterr().err


def test_missing_frequencies_are_noted_only_where_some_are_missing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = "SNP ALLELE1 ALLELE2 EFFECT STDERR FREQ\n"
    (folder / "metal.txt").write_text("SCHEME STDERR\nMARKER SNP\nAVERAGEFREQ ON\nPROCESS a.txt\nANALYZE\n")
    for frequency, noted in (("0.2", False), ("NA", True)):
        (folder / "a.txt").write_text(f"{header}rs1 A G 0.1 0.1 0.3\nrs2 A G 0.1 0.1 {frequency}\n")
        assert metal("metal.txt") == 0
        assert ("(frequency_missing)" in capsys.readouterr().out) == noted


def test_all_p_values_of_a_table_are_logarithms_if_asked_for(folder: Path) -> None:
    for switch in ("OFF", "ON"):
        (folder / "metal.txt").write_text(
            f"SCHEME STDERR\nMARKER SNP\nLOGPVALUE {switch}\nPROCESS a.txt\nPROCESS b.txt\n"
            f"OUTFILE {switch} .TBL\nANALYZE RANDOM\n"
        )
        assert metal("metal.txt") == 0
    (p_value, log_p_value) = (
        float((folder / f"{switch}1.TBL").read_text().splitlines()[1].split("\t")[column])
        for switch, column in (("OFF", -2), ("ON", -2))
    )
    assert log_p_value == pytest.approx(np.log10(p_value), abs=0.005)
