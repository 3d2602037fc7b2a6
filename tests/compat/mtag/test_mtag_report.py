"""--report beside MTAG's own options, on the embedded traits."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import gwasmeta
from gwasmeta.cli import main


def _words(folder: Path, *more: str) -> list[str]:
    traits = [str(path) for path in gwasmeta.example_traits().values()]
    common = ["--sumstats", ",".join(traits), "--ld_ref_panel", str(gwasmeta.example_ld_scores())]
    return ["mtag", *common, "--out", str(folder / "three"), "--report", str(folder / "three.html"), *more]


def test_the_report_is_of_the_run(tmp_path: Path) -> None:
    assert main(_words(tmp_path)) == 0
    page = (tmp_path / "three.html").read_text()
    assert 'aria-label="Manhattan plot' in page
    table = pd.read_csv(tmp_path / "three_trait_1.txt", sep="\t")
    assert f"{len(table):,}" in page
    assert "<title>three" in page
    omega = np.loadtxt(tmp_path / "three_omega_hat.txt")
    for first, name in enumerate(gwasmeta.example_traits()):
        assert f">{name}<" in page
        second = (first + 1) % 3
        correlation = omega[first, second] / np.sqrt(omega[first, first] * omega[second, second])
        assert f">{correlation:.3f}<" in page
    for path in gwasmeta.example_traits().values():
        assert hashlib.sha256(Path(path).read_bytes()).hexdigest() in page


def test_without_positions_the_report_does_without_its_manhattan_plot(tmp_path: Path) -> None:
    assert main(_words(tmp_path, "--no_chr_data")) == 0
    page = (tmp_path / "three.html").read_text()
    assert ">waist<" in page
    assert 'aria-label="Manhattan plot' not in page


def test_a_report_that_cannot_be_written_is_told_before_the_traits_are_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*_words(tmp_path), "--report", str(tmp_path / "nowhere" / "three.html")]) == 2
    assert "there is no folder" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
