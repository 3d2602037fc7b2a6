"""What the tests of the statistical core share: random studies, and the shared reference results."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import strategies as st
from numpy.typing import NDArray
from statsmodels.stats.meta_analysis import CombineResults, combine_effects

FloatArray = NDArray[np.float64]
Studies = tuple[FloatArray, FloatArray]

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared"


def shared_file(name: str) -> Path:
    """Return a file of the reference results; skip the test without it."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"needs {name} of the folder `shared` beside the checkout")
    return path


@st.composite
def studies(
    draw: st.DrawFn,
    fewest_studies: int = 1,
    missing: bool = True,
    standard_errors: tuple[float, float] = (0.01, 1),
) -> Studies:
    """Draw effects and standard errors of a few variants; NaN where a study did not measure the variant."""
    shape = draw(st.tuples(st.integers(1, 3), st.integers(fewest_studies, 6)))
    seed = draw(st.integers(0, 2**32 - 1))
    spread = draw(st.sampled_from([0, 0.03, 0.3]))
    rng = np.random.default_rng(seed)
    low, high = np.log(standard_errors)
    standard_error = np.exp(rng.uniform(low, high, shape))
    beta = rng.normal(rng.normal(0, 0.3, (shape[0], 1)), np.hypot(standard_error, spread))
    if missing:
        absent = rng.random(shape) < draw(st.sampled_from([0, 0.3, 0.7]))
        beta[absent] = np.nan
        standard_error[absent] = rng.choice([np.nan, 0, -1, np.inf], absent.sum())  # must not be looked at
    return beta, standard_error


def statsmodels_result(
    beta: FloatArray, standard_error: FloatArray, method: str, use_t: bool = False
) -> CombineResults:
    """Combine the studies of one variant by statsmodels, "dl" or "pm"."""
    options = {"atol": 1e-9} if method == "pm" else {}
    with np.errstate(invalid="ignore"):  # it does not truncate a negative tau-squared
        return combine_effects(beta, standard_error**2, method_re=method, use_t=use_t, **options)
