"""What traits gain, and what is said of traits without signal."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from trait_files import simulated_traits

from gwasmeta import MtagResult, mtag
from gwasmeta.multitrait.estimates import Gain, little_signal

_N_SNPS = 3000
_SIGMA = np.array([[1.0, 0.1], [0.1, 1.3]])


@pytest.fixture(scope="module")
def combined() -> MtagResult:
    """Combine a study with signal and one whose z² are smaller than its element of Sigma, as if of the same trait."""
    strong, null = simulated_traits(_N_SNPS, np.diag([1e-5, 0.0]), np.eye(2), [1e5, 8e4], seed=71)
    traits: dict[str, pd.DataFrame] = {"strong": strong, "null": null}
    return mtag(traits, sigma=_SIGMA, covariance="identical_traits", mean_chi_squared_min=0.5, median_z_max=1)


def test_no_sample_size_is_worth_a_signal_that_there_is_not(combined: MtagResult) -> None:
    table, n = combined.traits["combined"].table, combined.summary["n_max"]
    after = float((table["z"] ** 2).mean())
    before = combined.summary["mean_chi_squared_before"]
    assert before["null"] < 1 < before["strong"]
    assert math.isnan(combined.summary.loc["null", "equivalent_n"])
    expected = n["strong"] * (after - 1) / (before["strong"] - 1)
    assert combined.summary.loc["strong", "equivalent_n"] == pytest.approx(expected, rel=1e-9)


def test_a_trait_without_signal_is_warned_of_wherever_the_result_is_told(combined: MtagResult, tmp_path: Path) -> None:
    (warning,) = combined.warnings
    assert warning.startswith("Mean chi^2 of trait null is 0.7")
    assert "shows no genetic signal" in warning
    assert f"warning: {warning}" in repr(combined)
    combined.write(tmp_path / "both")
    told = json.loads((tmp_path / "both.json").read_text())
    assert told["warnings"] == [warning]
    assert told["summary"][1]["equivalent_n"] is None


@pytest.mark.parametrize(
    ("before", "said"), [(0.98, "not above 1: "), (1.0, "not above 1: "), (1.05, "below 1.1: "), (1.1, None)]
)
def test_how_much_signal_is_little(before: float, said: str | None) -> None:
    found = [*little_signal([Gain("waist", 10, 100, 90, before, 2.0, math.nan)])]
    assert len(found) == (said is not None)
    assert all(f"trait waist is {before:.3f}, {said}" in sentence for sentence in found)
