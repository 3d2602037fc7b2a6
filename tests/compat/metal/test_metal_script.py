"""Lines of METAL's script language: names and their abbreviations, comments, and what is wrong with a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from gwasmeta.compat.metal_script import COMMANDS, Command, script_lines, understood
from gwasmeta.errors import GwasmetaError


@pytest.mark.parametrize(
    ("line", "name"),
    [
        # as METAL's documentation and the scripts of its example write them
        ("MARKER SNP", "MARKERLABEL"),
        ("WEIGHT N", "WEIGHTLABEL"),
        ("ALLELE A1 A2", "ALLELELABELS"),
        ("FREQ F", "FREQLABEL"),
        ("EFFECT BETA", "EFFECTLABEL"),
        ("STDERR SE", "STDERRLABEL"),
        ("PVAL P", "PVALUELABEL"),
        ("PROCESS a.txt", "PROCESSFILE"),
        ("DEFAULT 100", "DEFAULTWEIGHT"),
        ("AVERAGEFREQ ON", "AVERAGEFREQUENCY"),
        ("MINMAXFREQ ON", "MINMAXFREQUENCY"),
        ("GENOMIC ON", "GENOMICCONTROL"),
        # the first command in METAL's order whose shortest form is long enough
        ("an", "ANALYZE"),
        ("ANALYSE", "ANALYZE"),
        ("EXIT", "QUIT"),
        ("q", "QUIT"),
        ("ef BETA", "EFFECTLABEL"),
        ("EFFECT_PRINT 6", "EFFECT_PRINT_PRECISION"),
        ("STDERR_ 6", "STDERR_PRINT_PRECISION"),
        ("e 6", "EFFECT_PRINT_PRECISION"),
        ("std SE", "STDERRLABEL"),
        ("str STRAND", "STRANDLABEL"),
        ("sc STDERR", "SCHEME"),
        ("se TAB", "SEPARATOR"),
        ("so b.txt", "SOURCE"),
        ("co LENIENT", "COLUMNCOUNTING"),
        ("cu N", "CUSTOMVARIABLE"),
        ("cl", "CLEAR"),
        ("o ON", "OVERLAP"),
        ("ou a b", "OUTFILE"),
        ("pos POS", "POSITIONLABEL"),
        ("pr a.txt", "PROCESSFILE"),
        ("l ON", "LOGPVALUE"),
        ("la N AS M", "LABEL"),
        ("minm ON", "MINMAXFREQUENCY"),
        ("minw 1", "MINWEIGHT"),
    ],
)
def test_commands_may_be_abbreviated_in_any_case(line: str, name: str) -> None:
    for written in (line, line.upper(), f"  {line}\r"):
        command = understood(written)
        assert command is not None
        assert command.name == name
        assert len(command.arguments) == len(line.split()) - 1


@pytest.mark.parametrize("rule", COMMANDS, ids=lambda rule: rule.name)
def test_every_command_is_known_by_its_whole_name(rule: object) -> None:
    name, arguments = rule.name, rule.arguments  # type: ignore[attr-defined]
    command = understood(f"{name} {arguments}")
    assert command is not None
    assert command.name == {"ANALYSE": "ANALYZE", "EXIT": "QUIT"}.get(name, name)


@pytest.mark.parametrize("line", ["", "   ", "\t\r", "# MARKER SNP", "   #MARKER SNP", "#"])
def test_blank_lines_and_comments_are_passed_over(line: str) -> None:
    assert understood(line) is None


def test_arguments_keep_their_case_and_may_begin_like_comments() -> None:
    assert understood("CHROMOSOME #Chrom", "a.txt, line 3") == Command("CHROMOSOMELABEL", ("#Chrom",), "a.txt, line 3")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("MARKR SNP", "MARKR: METAL has no such command; perhaps MARKERLABEL?"),
        ("XYZZY", "XYZZY: METAL has no such command\n"),
        ("MA SNP", "MA: too short an abbreviation; MARKERLABEL or MAXWARNINGS"),
        ("MIN 3", "MIN: too short an abbreviation; MINMAXFREQUENCY or MINWEIGHT"),
        ("MARKER", "MARKER: something is missing; write it as  MARKERLABEL LABEL"),
        ("ALLELE A1", "ALLELE A1: something is missing; write it as  ALLELELABELS LABEL1 LABEL2"),
        ("ADDFILTER N >", "ADDFILTER N >: something is missing; write it as  ADDFILTER LABEL CONDITION VALUE"),
        ("LABEL TotalN AS", "write it as  LABEL NAME AS LABEL"),
    ],
)
def test_an_error_says_where_and_what(line: str, says: str) -> None:
    with pytest.raises(GwasmetaError) as caught:
        understood(line, "run.txt, line 7")
    assert str(caught.value).startswith("run.txt, line 7: ")
    assert says in str(caught.value)


def test_lines_end_as_on_any_system_and_are_numbered(tmp_path: Path) -> None:
    script = tmp_path / "run.txt"
    script.write_bytes(b"\xef\xbb\xbfFLIP\r\n\r\nPROCESS caf\xe9.txt\nANALYZE")
    lines = list(script_lines(str(script)))
    assert [where for where, _ in lines] == [f"{script}, line {number}" for number in (1, 2, 3, 4)]
    commands = [understood(line) for _, line in lines]
    assert [command and command.name for command in commands] == ["FLIP", None, "PROCESSFILE", "ANALYZE"]
    assert commands[2] is not None
    assert commands[2].arguments[0].encode(errors="surrogateescape") == b"caf\xe9.txt"


def test_a_script_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(GwasmetaError, match=r"no\.txt: the script cannot be read: No such file"):
        list(script_lines(str(tmp_path / "no.txt")))
