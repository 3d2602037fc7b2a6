"""Pictures whose layout matters, beside ones that somebody has looked at.

`python tests/plots/test_reference_images.py` draws them anew; look at them before you commit them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.testing.compare import compare_images

from gwasmeta import plots

REFERENCE = Path(__file__).parent / "reference"
# Root mean square over the pixels, of 255: nothing where matplotlib, which brings its own font, is the same; 7 for a
# missing or moved name. If a later matplotlib draws letters otherwise, draw the pictures anew, and look at them.
TOLERANCE = 5.0


def _associations() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    n = 20_000
    heights = rng.exponential(1 / np.log(10), n)
    heights[rng.choice(n, 9, replace=False)] = [8, 9, 9.5, 10, 12, 14, 15, 21, 180]  # the last breaks the axis
    return pd.DataFrame(
        {
            "variant_id": [f"rs{number}" for number in range(n)],
            "chromosome": np.sort(rng.integers(1, 23, n)).astype(str),
            "base_pair_location": rng.integers(1, 100_000_000, n),
            "neg_log_10_p_value": heights,
        }
    )


def manhattan() -> Axes:
    return plots.manhattan(_associations(), title="Nine loci, one of them extreme")


def forest() -> Axes:
    data = plots.data.forest_data(
        ["alder", "birch", "cedar", "a cohort with a long name"],
        np.array([0.11, 0.05, -0.02, 0.3]),
        np.array([0.03, 0.02, 0.05, 0.12]),
        n=np.array([9_000.0, 21_000.0, 3_000.0, 600.0]),
    )
    return plots.forest(data, title="rs1421085, allele C")


PICTURES: dict[str, Callable[[], Axes]] = {"manhattan": manhattan, "forest": forest}


def _draw(name: str, path: Path) -> None:
    figure = PICTURES[name]().figure
    figure.savefig(path, dpi=60, metadata={"Software": None})


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_looks_as_it_did(name: str, tmp_path: Path) -> None:
    _draw(name, tmp_path / f"{name}.png")
    assert compare_images(str(REFERENCE / f"{name}.png"), str(tmp_path / f"{name}.png"), tol=TOLERANCE) is None


if __name__ == "__main__":
    for picture in sys.argv[1:] or PICTURES:
        _draw(picture, REFERENCE / f"{picture}.png")
