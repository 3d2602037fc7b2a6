"""Pictures are drawn without a screen, and closed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("matplotlib").use("agg")


@pytest.fixture(autouse=True)
def _closed_figures() -> Iterator[None]:
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


@pytest.fixture(scope="session")
def table() -> pd.DataFrame:
    """A result of 30,000 variants on five chromosomes with a dozen loci."""
    rng = np.random.default_rng(11)
    n = 30_000
    chromosome = np.sort(rng.integers(1, 6, n))
    position = rng.integers(1, 90_000_000, n)
    heights = rng.exponential(1 / np.log(10), n)
    heights[rng.choice(n, 12, replace=False)] = np.linspace(8, 25, 12)
    frequency = rng.uniform(0.02, 0.98, n)
    error = 1 / np.sqrt(2 * frequency * (1 - frequency) * 20_000)
    from gwasmeta.stats.normal import z_from_neg_log_10_p_value

    z = z_from_neg_log_10_p_value(heights) * rng.choice([-1, 1], n)
    return pd.DataFrame(
        {
            "variant_id": [f"rs{k}" for k in range(n)],
            "chromosome": chromosome.astype(str),
            "base_pair_location": position,
            "effect_allele": "A",
            "other_allele": "G",
            "beta": z * error,
            "standard_error": error,
            "effect_allele_frequency": frequency,
            "n": 20_000.0,
            "neg_log_10_p_value": heights,
        }
    )
