"""The public function that reads one study into memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from gwasmeta.sumstats.one_study import one_study
from gwasmeta.sumstats.reader import StudyReader
from gwasmeta.sumstats.row_block import RowBlock
from gwasmeta.sumstats.row_log import StudyLog
from gwasmeta.sumstats.vocabulary import COLUMNS, TEXT_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

    from gwasmeta.sumstats.dialects import Dialect
    from gwasmeta.sumstats.study import Study, StudySource

_ORDER = (
    "variant_id",
    "chromosome",
    "base_pair_location",
    "effect_allele",
    "other_allele",
    "beta",
    "standard_error",
    "z",
    "neg_log_10_p_value",
)


@dataclass(frozen=True)
class SumStats:
    """One study in canonical columns.

    Attributes
    ----------
    table : pandas.DataFrame
        The rows that passed the checks, in the file's order, with the columns of GWAS-SSF.
    log : pandas.DataFrame
        Rules that caught rows: how many, what happened to them, and the first examples.
    dialect : str
        The format that the header was recognised as.
    columns : dict of str to str
        Canonical column to the header's word for it, or to what else it comes from.
    rows_read : int
    name : str
        How the study is called.
    """

    table: pd.DataFrame = field(repr=False)
    dialect: str
    columns: dict[str, str]
    rows_read: int
    name: str
    _log: StudyLog = field(repr=False)

    @cached_property
    def log(self) -> pd.DataFrame:
        """Every rule that caught a row, with its first examples, one a line."""
        import pandas as pd

        rows = [
            (
                finding.rule,
                finding.action,
                finding.count,
                finding.reason,
                example.line,
                example.variant_id,
                example.value,
            )
            for finding in self._log
            for example in finding.examples
        ]
        names = ["rule", "action", "count", "reason", "line", "variant_id", "value"]
        return pd.DataFrame(rows, columns=names)

    def __len__(self) -> int:
        return len(self.table)

    def __str__(self) -> str:
        left_out = ", ".join(f"{rule} {count:,}" for rule, count in self._log.excluded.items()) or "none"
        return (
            f"{self.name}: {len(self):,} of {self.rows_read:,} rows, read as {self.dialect}; excluded: {left_out}\n"
            f"{self.table.head().to_string(index=False)}"
        )


def read_sumstats(
    source: StudySource | Study,
    *,
    name: str | None = None,
    dialect: str | Dialect | None = None,
    columns: Mapping[str, str] | None = None,
    n: float | None = None,
    n_cases: float | None = None,
    n_controls: float | None = None,
    filters: str | Iterable[str] = (),
) -> SumStats:
    """Read one study's summary statistics, whatever tool wrote them.

    Parameters
    ----------
    source : path, binary stream, pandas or Polars frame, mapping of columns, or Study
        Text with tabs, commas, semicolons or blanks, plain or compressed; or Parquet. "-" is standard input.
    name : str, optional
        How the study is called; the file's name if not given.
    dialect : str or Dialect, optional
        The format; recognised from the header if not given.
    columns : mapping, optional
        Canonical column to the header's word for it, such as ``{"effect_allele": "Allele2"}``.
    n, n_cases, n_controls : float, optional
        Samples, for files without such columns.
    filters : str or iterable of str
        Conditions that a row must satisfy, such as ``"info >= 0.4"``.

    Returns
    -------
    SumStats
        Effects as `beta` and `standard_error` (log odds for odds ratios), or `z`; p-values as
        `neg_log_10_p_value`, so that none underflows.

    Raises
    ------
    GwasmetaError
        If the file cannot be read, or its header is not understood. The message says where and what to do.
    """
    study = one_study(source, name, dialect, columns, n, n_cases, n_controls, filters)
    reader = StudyReader(study)
    log = StudyLog(study.label, study.file)
    blocks = []
    for task in reader.tasks():
        block = task()
        log.rows_read += block.n_read
        log.rows_used += len(block)
        log.add(block.findings)
        blocks.append(_columns(block))
    log.check_balance()
    return SumStats(_table(blocks), reader.dialect, reader.columns, log.rows_read, study.label, log)


def _columns(block: RowBlock) -> dict[str, Any]:
    words = {name: words.to_list() for name, words in block.words.items() if name in TEXT_COLUMNS}
    numbers = {name: values.copy() for name, values in block.numbers.items() if name in COLUMNS}
    return words | numbers


def _table(blocks: list[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    if not blocks:
        return pd.DataFrame(columns=list(_ORDER))
    names = sorted(blocks[0], key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER))
    table = {}
    for name in names:
        parts = [block[name] for block in blocks]
        joined: Any = np.concatenate(parts) if name not in TEXT_COLUMNS else [word for part in parts for word in part]
        table[name] = joined
    return pd.DataFrame(table)
