"""What R calls for the statistics on matrices of effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

import gwasmeta
from gwasmeta.interop.messages import Say


def fixed_effects(_say: Say, **arguments: Any) -> pd.DataFrame:
    """Combine effects by inverse variance."""
    return pd.DataFrame(asdict(gwasmeta.fixed_effects(**arguments)))


def random_effects(_say: Say, **arguments: Any) -> pd.DataFrame:
    """Estimate the mean of effects that differ."""
    return pd.DataFrame(asdict(gwasmeta.random_effects(**arguments)))


def heterogeneity(_say: Say, **arguments: Any) -> pd.DataFrame:
    """Test whether effects differ."""
    return pd.DataFrame(asdict(gwasmeta.heterogeneity(**arguments)))


def leave_one_out(_say: Say, **arguments: Any) -> dict[str, Any]:
    """Combine effects without each study."""
    return asdict(gwasmeta.leave_one_out(**arguments))


def genomic_control(_say: Say, z: Sequence[float], standard_error: Sequence[float] | None) -> dict[str, Any]:
    """Estimate the inflation factor of z statistics, and correct them where it is above 1."""
    values = np.asarray(z, dtype=np.float64)
    factor = gwasmeta.inflation_factor(values)
    scale = np.sqrt(factor) if factor > 1 else 1.0
    corrected = {"inflation_factor": factor, "z": values / scale}
    if standard_error is not None:
        corrected["standard_error"] = np.asarray(standard_error, dtype=np.float64) * scale
    return corrected
