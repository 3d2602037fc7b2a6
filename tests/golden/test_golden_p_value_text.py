"""P-values as GWAMA and METAL wrote them: their texts from the statistics beside them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from gwasmeta.stats.normal import neg_log_10_p_value
from gwasmeta.sumstats.table_text import GwamaPValue, MetalPValue, NumberColumn, NumberStyle, table_text


def written(logarithms: npt.NDArray[np.float64], style: NumberStyle) -> list[str]:
    return table_text([NumberColumn(logarithms, style)]).decode().splitlines()


def columns_of(paths: list[Path], *columns: str) -> pd.DataFrame:
    """Return the rows of all tables that have these columns, as text; without those that are no numbers."""
    tables = [pd.read_csv(path, sep="\t", dtype=str) for path in paths if path.stat().st_size]
    rows = pd.concat([table[list(columns)] for table in tables if set(columns) <= set(table)]).drop_duplicates()
    return rows[np.isfinite(rows.apply(pd.to_numeric, errors="coerce")).all(axis=1)]


def test_gwama(golden_meta: Path) -> None:
    paths = sorted(golden_meta.glob("runs/*_gwama/*/out.out*"))
    rows = columns_of(paths, "p-value", "_-log10_p-value")
    logarithms = rows["_-log10_p-value"].astype(float).to_numpy()
    # Six decimals of the logarithm leave a choice of two texts, near 1 of three or four.
    candidates = [written(np.maximum(logarithms + error, 0), GwamaPValue()) for error in np.linspace(-5e-7, 5e-7, 9)]
    is_ours = [theirs in ours for theirs, *ours in zip(rows["p-value"], *candidates, strict=True)]
    assert all(is_ours), rows[~np.array(is_ours)]
    assert sum(logarithms <= 3) > 1_000
    assert sum(logarithms > 3) > 1_000


def test_metal(golden_meta: Path) -> None:
    paths = sorted(golden_meta.glob("runs/*_metal/*/METAANALYSIS*.TBL*"))
    rows = columns_of([path for path in paths if ".info" not in path.name], "Effect", "StdErr", "P-value")
    rows = rows[rows["StdErr"].str.fullmatch(r"\d+\.\d{12}")]
    effect, error = rows["Effect"].astype(float).abs().to_numpy(), rows["StdErr"].astype(float).to_numpy()
    logarithms = neg_log_10_p_value(effect / error)
    # Twelve decimals were printed, and METAL's own p-values are off by up to 3e-8 of their value (RULES_METAL 5).
    known_to = 2 * logarithms * 5e-13 * (1 / np.maximum(effect, 1e-12) + 1 / error) + 3e-8 / np.log(10)
    rows, logarithms, known_to = rows[known_to < 1e-5], logarithms[known_to < 1e-5], known_to[known_to < 1e-5]
    candidates = [written(np.maximum(logarithms + part * known_to, 0), MetalPValue()) for part in (-1, 0, 1)]
    is_ours = [theirs in ours for theirs, *ours in zip(rows["P-value"], *candidates, strict=True)]
    assert all(is_ours), rows[~np.array(is_ours)]
    assert sum(logarithms < 88) > 10_000
    assert sum(logarithms > 89) > 100
