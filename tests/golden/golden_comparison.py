"""Numbers as the programs printed them, and the cells in which a result of ours is another one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray = npt.NDArray[np.float64]

RELATIVE_SLACK = 1e-9  # both programs compute in double precision, by other orders of summation
ROW = "row"  # the "column" of a variant that only one of the two results has
_LOG_10_SMALLEST_DOUBLE = -1074 * math.log10(2)
_LOWEST_POWER, _SUBNORMAL_POWER = -324, -308
_SHOWN_CELLS = 12


@dataclass(frozen=True)
class Printed:
    """Numbers known to the last digit printed: anything from `low` to `high` prints like that."""

    words: Sequence[str]
    low: FloatArray
    high: FloatArray

    @classmethod
    def numbers(cls, words: Iterable[str], significant: int | None = None, missing: str | None = None) -> Printed:
        """Read numbers; with `significant` digits even where fewer are shown ("%.4g" drops zeros at the end)."""
        words = list(words)
        values = np.array([math.nan if word == missing else float(word) for word in words])
        halves = np.array([_half_unit(word, significant) for word in words])
        return cls(words, values - halves, values + halves)

    @classmethod
    def minus_log_10(cls, words: Iterable[str], significant: int | None = None) -> Printed:
        """Read p-values as minus their decimal logarithm, whatever their exponent; 0 is below every double."""
        words = list(words)
        limits = np.array([_minus_log_10_limits(word, significant) for word in words]).reshape(-1, 2)
        return cls(words, limits[:, 0], limits[:, 1])


def _half_unit(word: str, significant: int | None) -> float:
    if not word[-1:].isdigit():  # nan, inf
        return 0.0
    if significant is not None and float(word) != 0:
        return 0.5 * 10.0 ** (math.floor(math.log10(abs(float(word)))) + 1 - significant)
    mantissa, _, exponent = word.lower().partition("e")
    return 0.5 * 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))


def _minus_log_10_limits(word: str, significant: int | None) -> tuple[float, float]:
    if "nan" in word.lower():
        return math.nan, math.nan
    mantissa, _, exponent = word.lower().partition("e")
    power = int(exponent or 0)
    half = _half_unit(mantissa, significant)
    if _LOWEST_POWER <= power <= _SUBNORMAL_POWER:
        half += 10.0 ** (math.log10(0.5) + _LOG_10_SMALLEST_DOUBLE - power)  # doubles have few digits down there
    if float(mantissa) <= half:
        assert float(mantissa) == 0, f"{word}: too few digits to compare"
        return -_LOG_10_SMALLEST_DOUBLE, math.inf
    return -math.log10(float(mantissa) + half) - power, -math.log10(float(mantissa) - half) - power


@dataclass
class Comparison:
    """The cells in which two results differ, and the variants that only one of them has."""

    variants: pd.Index
    _differences: list[pd.DataFrame] = field(default_factory=list)

    @classmethod
    def of_rows(cls, ours: pd.DataFrame, theirs: pd.DataFrame) -> Comparison:
        """Begin with the variants; both results must be indexed by them."""
        comparison = cls(theirs.index[theirs.index.isin(ours.index)])
        for rows, present, absent in ((ours, "there", "absent"), (theirs, "absent", "there")):
            alone = rows.index.difference(comparison.variants)
            comparison._enter(alone, ROW, [present] * len(alone), [absent] * len(alone), np.full(len(alone), np.inf))
        return comparison

    def within(
        self,
        column: str,
        ours: npt.ArrayLike,
        printed: Printed,
        slack: npt.ArrayLike = 0.0,
        unless: npt.ArrayLike = False,
    ) -> None:
        """Note where a number of ours, up to rounding, does not print as theirs."""
        ours = np.asarray(ours, dtype=np.float64)
        with np.errstate(invalid="ignore"):
            tolerance = RELATIVE_SLACK * np.where(np.isfinite(ours), np.abs(ours), 0) + np.asarray(slack)
            agree = (ours >= printed.low - tolerance) & (ours <= printed.high + tolerance)
            agree |= np.isnan(ours) & np.isnan(printed.low)
            beyond = np.maximum(printed.low - ours, ours - printed.high)
            unit = tolerance + (printed.high - printed.low) / 2
        differ = ~agree & ~np.asarray(unless)
        words = [word for word, chosen in zip(printed.words, differ, strict=True) if chosen]
        self._enter(self.variants[differ], column, ours[differ].tolist(), words, (beyond / unit)[differ])

    def same(self, column: str, ours: npt.ArrayLike, theirs: npt.ArrayLike) -> None:
        """Note where a text is not the same."""
        words = (np.asarray(column, dtype=object) for column in (self.variants, ours, theirs))  # Arrow iterates slowly
        differ = [(v, a, b) for v, a, b in zip(*words, strict=True) if a != b]
        variants, left, right = zip(*differ, strict=True) if differ else ((), (), ())
        self._enter(pd.Index(variants), column, list(left), list(right), np.full(len(differ), np.inf))

    def _enter(
        self, variants: pd.Index, column: str, ours: Sequence[object], theirs: Sequence[object], excess: FloatArray
    ) -> None:
        columns = {"ours": list(map(str, ours)), "theirs": list(map(str, theirs)), "excess": excess}
        self._differences.append(pd.DataFrame({"variant": list(variants), "column": column, **columns}))

    @property
    def differences(self) -> pd.DataFrame:
        """The cells that differ, the worst first: `excess` is in units of what was allowed."""
        cells = pd.concat(self._differences, ignore_index=True).astype({"variant": str, "column": str})
        return cells.sort_values("excess", ascending=False)


def describe(cells: pd.DataFrame) -> str:
    """Say how many cells differ and show the worst of each column."""
    counts = ", ".join(f"{column} {count}" for column, count in cells["column"].value_counts().items())
    worst = cells.groupby("column", sort=False).head(3).head(_SHOWN_CELLS)
    return f"{len(cells)} cells differ ({counts}); the worst:\n{worst.to_string(index=False)}"


def assert_no_difference(comparison: Comparison, expected_variants: int) -> None:
    """Fail with the worst rows unless both results have the same variants and agree in every cell."""
    cells = comparison.differences
    assert cells.empty, describe(cells)
    assert len(comparison.variants) == expected_variants
