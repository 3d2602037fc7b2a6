"""The worked example of the documentation prints what the documentation says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from gwasmeta.cli import main

DOCUMENT = Path(__file__).parents[2] / "docs" / "glucose.md"


def _blocks(language: str) -> list[str]:
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", DOCUMENT.read_text(), flags=re.MULTILINE | re.DOTALL)
    return [text for written_in, text in fenced if written_in == language]


def test_the_command_prints_the_documented_summary_and_finds_the_documented_signal(
    golden_meta: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = shlex.split(_blocks("bash")[0].replace("\\\n", " "))
    command[command.index("--out") + 1] = str(tmp_path / "glucose")
    monkeypatch.chdir(golden_meta / "data_real")
    assert main(command[1:]) == 0
    summary, signal = _blocks("")
    assert capsys.readouterr().out == summary

    names, values = (line.split() for line in signal.splitlines())
    header, *lines = (tmp_path / "glucose.tsv").read_text().splitlines()
    rows = [dict(zip(header.split("\t"), line.split("\t"), strict=True)) for line in lines]
    strongest = max(rows, key=lambda row: float(row["neg_log_10_p_value"]))
    assert [strongest[name] for name in names] == values
