"""The worked example of the documentation prints what the documentation says."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from documents import DOCS, blocks
from gwasmeta.cli import main


def _blocks(language: str) -> list[str]:
    return [block.text for block in blocks(DOCS / "glucose.md") if block.language == language]


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
