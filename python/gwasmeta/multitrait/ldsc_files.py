"""The files of a regression's result: a table, the text of LDSC's log, what was left out, and a sidecar."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gwasmeta.multitrait.ldsc_report import p_value_text
from gwasmeta.multitrait.ldsc_trait import LOG_COLUMNS
from gwasmeta.multitrait.ldsc_traits import TraitLog
from gwasmeta.sumstats.result_files import file_prefix, possible_paths, write_json, write_rows
from gwasmeta.sumstats.sink import compressed_text, whole_files

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
    prefix = file_prefix(out, "ldsc")
    return possible_paths(prefix + ending for ending in _ENDINGS)


def write_regression(
    out: str | os.PathLike[str], table: pd.DataFrame, text: str, traits: Sequence[TraitLog], facts: Mapping[str, Any]
) -> list[Path]:
    """Write the files, all or none, and return their paths; `facts` are those of the sidecar."""
    paths = regression_paths(out)
    with whole_files(*paths) as (table_beside, text_beside, log_beside, sidecar_beside):
        _as_text(table).to_csv(table_beside, sep="\t", index=False, na_rep="NA")
        with compressed_text(text_beside, paths[1]) as sink:
            sink.write(f"{text}\n".encode())
        write_rows(log_beside, paths[2], LOG_COLUMNS, log_rows(traits))
        write_json(sidecar_beside, paths[3], facts)
    return paths


def log_rows(traits: Sequence[TraitLog]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of the log: what each rule removed of each trait."""
    for trait in traits:
        for step in trait.steps:
            yield (trait.source.name, trait.source.file, step.rule, step.removed, step.left, step.reason)


def _as_text(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with p-values as text: a double cannot hold all of them."""
    if "p_value" not in table:
        return table
    return table.assign(p_value=[p_value_text(value, _DIGITS_OF_P_VALUES) for value in table["neg_log_10_p_value"]])
