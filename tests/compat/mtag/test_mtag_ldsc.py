"""LD score regression inside `gwasmeta mtag`: the panel that is looked for, and what --verbose tells."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from golden_cases import GoldenCase
from numpy.testing import assert_allclose

from gwasmeta.cli import main

_NUMBER = r"(?:-?\d+\.?\d*(?:e[-+]\d+)?)"


def _printed(log: str) -> list[tuple[str, list[float]]]:
    """Return the lines `name: value (standard error)`, without LDSC's P, which underflows."""
    pattern = rf"(?:^|[AP]M )([A-Z][\w .^*]*\w): ({_NUMBER})(?: \(({_NUMBER})\))?$"
    lines = re.findall(pattern, log, re.MULTILINE)
    return [(name, [float(word) for word in words if word]) for name, *words in lines if name not in ("P", "SNPs")]


def test_verbose_log_has_the_regressions_that_the_original_s_has(
    golden_mtag: Path, european_panel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(golden_mtag)
    case = GoldenCase(golden_mtag, "02_three_default")
    words = case.words(tmp_path / "mtag", european_panel)
    assert main(["mtag", *words, *(["--verbose"] if "--verbose" not in words else [])]) == 0
    ours = iter(_printed((tmp_path / "mtag.log").read_text()))
    theirs = _printed((case.folder / "mtag.log").read_text())
    theirs = [line for line in theirs if line[0] not in ("Version", "Total time elapsed")]
    correlations = [numbers for name, numbers in theirs if name == "Genetic Correlation"]
    assert len(correlations) == 6
    for name, numbers in theirs:  # with three decimals; each trait's own regression stands once more in ours
        tolerance = 1e-3 * abs(numbers[0]) if name == "Z-score" else 0.001
        if name == "Z-score" and numbers[0] > 1e5:  # of a trait with itself: 1 over nearly nothing
            continue
        if not any(known == name and np.allclose(found, numbers, rtol=0, atol=tolerance) for known, found in ours):
            raise AssertionError(f"{name}: {numbers} is not in the log")


def test_default_panel_is_the_one_that_was_fetched(
    golden_mtag: Path,
    european_panel: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(golden_mtag)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    case = GoldenCase(golden_mtag, "01_two_default")
    words = ["mtag", *case.words(tmp_path / "mtag", european_panel)[:-2]]
    assert "--ld_ref_panel" not in words
    assert main(words) == 2
    assert "gwasmeta ldscores fetch eur_w_ld_chr" in capsys.readouterr().err
    assert not list(tmp_path.glob("mtag*"))
    panels = tmp_path / "cache" / "gwasmeta" / "panels"
    panels.mkdir(parents=True)
    (panels / "eur_w_ld_chr").symlink_to(european_panel)
    assert main(words) == 0
    assert_allclose(np.loadtxt(tmp_path / "mtag_sigma_hat.txt"), case.matrix("_sigma_hat.txt"), rtol=1e-9)
