"""What a batch returns: its index, what failed, and a few lines that sum it up."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

from gwasmeta.batch.index import INDEX_COLUMNS
from gwasmeta.batch.outcome import FAILURE_COLUMNS, IndexRow, shortened

if TYPE_CHECKING:
    import pandas as pd

_MOST_SHOWN: Final = 40
_COUNTS: Final = ("variants", "lead_variants", "n_max")
_SHOWN: Final = {
    "trait": "trait",
    "group": "group",
    "studies": "studies",
    "variants": "variants",
    "lead_variants": "leads",
    "top_variant": "top variant",
    "top_neg_log_10_p_value": "-log10 p",
    "inflation_factor": "lambda",
    "study_inflation_factor_min": "studies' min",
    "study_inflation_factor_max": "max",
    "n_max": "N",
}


class BatchResult:
    """What `gwasmeta.run_batch` returns.

    Attributes
    ----------
    folder : Path
        With the results, index.tsv and failures.tsv.
    index : pandas.DataFrame
        One row a trait, as in index.tsv.
    failures : pandas.DataFrame
        The traits that have no result: what was being done, and the message.
    n_made, n_kept : int
        Runs that were made now, and that an earlier batch had made already.
    """

    def __init__(
        self, folder: Path, rows: Sequence[IndexRow], failures: Sequence[tuple[str, ...]], n_made: int, n_kept: int
    ) -> None:
        self.folder = folder
        self.n_made = n_made
        self.n_kept = n_kept
        self._rows = tuple(rows)
        self._failures = tuple(failures)

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def n_failed(self) -> int:
        """Number of traits without a result."""
        return len(self._failures)

    @cached_property
    def index(self) -> pd.DataFrame:
        """One row a trait."""
        import pandas as pd

        table = pd.DataFrame([row.as_json() for row in self._rows], columns=list(INDEX_COLUMNS))
        numbers = [name for name in table.columns if "factor" in name or name.endswith(("p_value", "n_max", "seconds"))]
        return table.astype(dict.fromkeys(numbers, "float64") | dict.fromkeys(("variants", "lead_variants"), "Int64"))

    @cached_property
    def failures(self) -> pd.DataFrame:
        """One row a trait that has no result."""
        import pandas as pd

        return pd.DataFrame(list(self._failures), columns=list(FAILURE_COLUMNS))

    def summary(self) -> str:
        """Return a few lines: what was made and what failed; of few traits the index, of many its totals."""
        kept = f", {self.n_kept:,} runs kept from before" if self.n_kept else ""
        n_done = len(self) - self.n_failed
        lines = [f"{n_done:,} of {len(self):,} traits done{kept}"]
        if 0 < n_done <= _MOST_SHOWN:
            lines.append(self._table())
        elif n_done:
            lines += self._totals()
        return "\n".join([*lines, *self._failure_lines()])

    def __repr__(self) -> str:
        return self.summary()

    def _table(self) -> str:
        done = self.index[self.index["status"] == "done"]
        shown = done[list(_SHOWN)].copy()
        for name in _COUNTS:
            shown[name] = [_count(value) for value in done[name].astype("float64")]
        for name in (name for name in _SHOWN if "factor" in name):
            shown[name] = [f"{value:.3f}" if value == value else "" for value in done[name]]
        shown["top_neg_log_10_p_value"] = [
            f"{value:.2f}" if value == value else "" for value in done["top_neg_log_10_p_value"]
        ]
        shown = shown.fillna("").rename(columns=_SHOWN)
        return shown.loc[:, [bool(shown[name].astype(bool).any()) for name in shown]].to_string(index=False)

    def _totals(self) -> list[str]:
        done = [row for row in self._rows if row.status == "done"]
        leads = [row.lead_variants or 0 for row in done]
        lines = [
            f"  {sum(row.variants or 0 for row in done):,} variants, {sum(leads):,} lead variants in"
            f" {sum(map(bool, leads)):,} traits"
        ]
        factors = [row.inflation_factor for row in done if row.inflation_factor is not None]
        if factors:
            lines.append(
                f"  lambda of the results {min(factors):.3f} to {max(factors):.3f}, median {median(factors):.3f}"
            )
        top = max(done, key=lambda row: row.top_neg_log_10_p_value or 0)
        if top.top_neg_log_10_p_value is not None:
            lines.append(f"  strongest: {top.top_variant} of {top.trait}, -log10 p {top.top_neg_log_10_p_value:.2f}")
        return lines

    def _failure_lines(self) -> list[str]:
        lines = [f"failed: {trait}: {shortened(message)}" for trait, _, _, message in self._failures[:_MOST_SHOWN]]
        if self.n_failed > _MOST_SHOWN:
            lines.append(f"and {self.n_failed - _MOST_SHOWN:,} more, in failures.tsv")
        return lines


def _count(value: float) -> str:
    return f"{value:,.0f}" if value == value else ""
