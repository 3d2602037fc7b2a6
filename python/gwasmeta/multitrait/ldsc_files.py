"""The files of a regression's result: a table, the text of LDSC's log, what was left out, and a sidecar."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gwasmeta.errors import GwasmetaError
from gwasmeta.multitrait.ldsc_report import p_value_text
from gwasmeta.multitrait.ldsc_trait import LOG_COLUMNS
from gwasmeta.multitrait.ldsc_traits import TraitLog
from gwasmeta.sumstats.sink import refuse_impossible, whole_files

if TYPE_CHECKING:
    import pandas as pd

_DIGITS_OF_P_VALUES = 15
_ENDINGS = (".tsv", ".log", ".log.tsv", ".json")


def regression_paths(out: str | os.PathLike[str]) -> list[Path]:
    """Return the paths of the table, the text, the log of what was left out, and the sidecar.

    Raises
    ------
    GwasmetaError
        If the name is none of files, or a file cannot be written.
    """
    prefix = os.fspath(out)
    if not Path(prefix).name or prefix.endswith(("/", os.sep)):
        raise GwasmetaError(f"{prefix or 'out'}: is no name for files; add one, such as {os.path.join(prefix, 'ldsc')}")
    paths = [Path(prefix + ending) for ending in _ENDINGS]
    for path in paths:
        refuse_impossible(path)
    return paths


def write_regression(
    out: str | os.PathLike[str], table: pd.DataFrame, text: str, traits: Sequence[TraitLog], facts: Mapping[str, Any]
) -> list[Path]:
    """Write the files, all or none, and return their paths; `facts` are those of the sidecar, fit for JSON."""
    paths = regression_paths(out)
    with whole_files(*paths) as (table_beside, text_beside, log_beside, sidecar_beside):
        _as_text(table).to_csv(table_beside, sep="\t", index=False, na_rep="NA")
        text_beside.write_text(text + "\n", encoding="utf-8")
        rows = [LOG_COLUMNS, *log_rows(traits)]
        log_beside.write_text("".join("\t".join(map(str, row)) + "\n" for row in rows), encoding="utf-8")
        sidecar_beside.write_text(json.dumps(facts, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    return paths


def log_rows(traits: Sequence[TraitLog]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of the log: what each rule removed of each trait."""
    for trait in traits:
        for step in trait.steps:
            yield (trait.source.name, trait.source.file, step.rule, step.removed, step.left, step.reason)


def as_json(value: Any) -> Any:
    """Return the same for JSON, which has neither NaN nor arrays: None says that there is no such number."""
    if isinstance(value, Mapping):
        return {name: as_json(one) for name, one in value.items()}
    if isinstance(value, np.ndarray | list | tuple):
        return [as_json(one) for one in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _as_text(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with p-values as text: a double cannot hold all of them."""
    if "p_value" not in table:
        return table
    return table.assign(p_value=[p_value_text(value, _DIGITS_OF_P_VALUES) for value in table["neg_log_10_p_value"]])
