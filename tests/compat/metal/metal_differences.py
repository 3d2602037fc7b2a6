"""Where `gwasmeta metal` and METAL differ on purpose: the names of docs/differences.md, and what each explains.

Differences in what a row is taken for are found in the input. Most can also be taken away: rows are rewritten to say
plainly what METAL made of them, and then every cell must be METAL's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from golden_reasons import allele_missing, alleles_identical, no_bases, no_rows, number
from metal_replay import by_rounding

BoolArray = npt.NDArray[np.bool_]

_FREQUENCIES = frozenset({"Freq1", "FreqSE", "MinFreq", "MaxFreq"})
_SMALLEST_POWER = -307  # that a double can be, nearly
_NOT_FINITE = frozenset({"nan", "-nan", "inf", "-inf", "infinity", "-infinity"})


@dataclass(frozen=True)
class RowDifference:
    """A difference in what some rows are taken for.

    Attributes
    ----------
    name : str
    rows : callable
        From a file's rows, under gwasmeta's names, to a mask of those that it is about.
    rewritten : callable, optional
        From such rows to ones of which both programs make what METAL made of them.
    remains : callable, optional
        Mask of those that cannot be rewritten; without `rewritten`, all.
    columns : frozenset of str, optional
        Columns of the result that it touches; all if not given.
    """

    name: str
    rows: Callable[[pd.DataFrame], BoolArray]
    rewritten: Callable[[pd.DataFrame], pd.DataFrame] | None = None
    remains: Callable[[pd.DataFrame], BoolArray] = no_rows
    columns: frozenset[str] | None = None

    def remaining(self, rows: pd.DataFrame) -> BoolArray:
        """Return the mask of the rows that are still otherwise when all that can be are rewritten."""
        return self.rows(rows) if self.rewritten is None else self.remains(rows)


def _effect_is_text(rows: pd.DataFrame) -> BoolArray:
    return np.isnan(number(rows, "beta")) if "beta" in rows else no_rows(rows)


def _has_no_direction(rows: pd.DataFrame) -> BoolArray:
    if "beta" in rows:
        return ~(np.abs(number(rows, "beta")) > 0)
    return np.asarray(number(rows, "odds_ratio") == 1)


def _with_direction(rows: pd.DataFrame) -> pd.DataFrame:
    """METAL sees a direction down where the word begins with a minus, and up otherwise."""
    if "beta" in rows:
        return rows.assign(beta=np.where(rows["beta"].str.startswith("-"), "-1", "1"))
    return rows.assign(odds_ratio="2")


def _no_alleles(rows: pd.DataFrame) -> BoolArray:
    if "other_allele" not in rows:
        return no_rows(rows)
    return allele_missing(rows) | alleles_identical(rows)


_WORDS_FOR_ALLELES = {"NA": "NAA", ".": ".."}  # they sort as METAL's do
_OTHER_WORD = "Z"  # behind every base, as METAL leaves a pair of the same ones as it is


def _with_words_for_alleles(rows: pd.DataFrame) -> pd.DataFrame:
    same = alleles_identical(rows)
    effect, other = (rows[name].replace(_WORDS_FOR_ALLELES) for name in ("effect_allele", "other_allele"))
    return rows.assign(effect_allele=effect, other_allele=np.where(same, _OTHER_WORD, other))


def as_metal_prints(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of rewritten rows with METAL's alleles in place of the words for them."""
    back = {word.lower(): allele.lower() for allele, word in _WORDS_FOR_ALLELES.items()}
    first, second = (table[name].replace(back) for name in ("Allele1", "Allele2"))
    return table.assign(Allele1=first, Allele2=np.where(second == _OTHER_WORD.lower(), first, second))


def _no_frequency(rows: pd.DataFrame) -> BoolArray:
    frequency = number(rows, "effect_allele_frequency")
    return ~((frequency >= 0) & (frequency <= 1))


def _frequency_is_number(rows: pd.DataFrame) -> BoolArray:
    return _no_frequency(rows) & ~np.isnan(number(rows, "effect_allele_frequency"))


def _no_weight(rows: pd.DataFrame) -> BoolArray:
    return ~(number(rows, "n") > 0) if "n" in rows else no_rows(rows)


def _not_finite(rows: pd.DataFrame) -> BoolArray:
    texts = rows[
        [name for name in ("beta", "standard_error", "p_value", "n", "effect_allele_frequency") if name in rows]
    ]
    return np.array([any(word.lower() in _NOT_FINITE for word in row) for row in texts.to_numpy()], dtype=np.bool_)


def _empty_field(rows: pd.DataFrame) -> BoolArray:
    return np.asarray((rows == "").any(axis=1))


EFFECT_IS_TEXT = RowDifference("effect_is_text", _effect_is_text, lambda rows: rows.assign(beta="0"))
NO_DIRECTION = RowDifference("no_direction", _has_no_direction, _with_direction)
WEIGHT_NOT_POSITIVE = RowDifference(
    "weight_not_positive",
    _no_weight,
    lambda rows: rows.assign(n="1e-12"),  # of a weight that is nearly none, direction, chi-squared and Q are METAL's
    lambda rows: number(rows, "n") < 0,
)
NO_ALLELES = RowDifference("no_alleles", _no_alleles, _with_words_for_alleles)
FREQUENCY_MISSING = RowDifference(
    "frequency_missing",
    _no_frequency,
    lambda rows: rows.assign(effect_allele_frequency="0"),
    _frequency_is_number,
    _FREQUENCIES,
)
HALF_COMPLEMENTED = RowDifference(
    "half_complemented",
    lambda rows: (rows["strand"] == "-").to_numpy() & no_bases(rows) if "strand" in rows else no_rows(rows),
)
NOT_FINITE = RowDifference("not_finite", _not_finite)
EMPTY_FIELD = RowDifference("empty_field", _empty_field)


def possible_differences(script: str) -> list[RowDifference]:
    """Return the differences in single rows that can be at work in a script."""
    differences = [NO_ALLELES, NOT_FINITE, EMPTY_FIELD]
    if "SCHEME STDERR" in script:
        differences.append(EFFECT_IS_TEXT)
    if "SCHEME STDERR" not in script or "SCHEME SAMPLESIZE" in script:
        differences.append(NO_DIRECTION)
        if "ADDFILTER N > 0" not in script:
            differences.append(WEIGHT_NOT_POSITIVE)
    if "FREQ ON" in script:
        differences.append(FREQUENCY_MISSING)
    if "USESTRAND ON" in script:
        differences.append(HALF_COMPLEMENTED)
    return differences


def rewritten(rows: pd.DataFrame, differences: list[RowDifference]) -> pd.DataFrame:
    """Rewrite rows so that the differences are taken away as far as they can be."""
    for difference in differences:
        about = difference.rows(rows)
        if difference.rewritten is not None and about.any():
            rows = pd.concat([rows[~about], difference.rewritten(rows[about])]).sort_index()
    return rows


def difference_of_cell(
    cell: Mapping[str, str], by_row: Mapping[str, tuple[RowDifference, set[str]]], columns: Mapping[str, frozenset[str]]
) -> str | None:
    """Return the name of the difference that explains a cell.

    Parameters
    ----------
    cell : mapping
        marker, column, ours, theirs.
    by_row : mapping of str to (RowDifference, set of str)
        The markers that each difference is about.
    columns : mapping of str to frozenset of str
        Differences in whole columns.
    """
    column, ours, theirs = cell["column"], cell["ours"], cell["theirs"]
    if column == "MarkerName" and ours.lower() == theirs.lower():
        return "marker_spelling"
    if (column, theirs) == ("HetPVal", "0") and int(ours.partition("e")[2] or 0) < _SMALLEST_POWER:
        return "heterogeneity_p_underflows"
    if (column, theirs) == ("logHetP", "-inf") and float(ours) < _SMALLEST_POWER:
        return "heterogeneity_p_underflows"
    if column in CUSTOM_COLUMNS and f"{float(ours):g}" == theirs:
        return "custom_sums_in_full"
    for name, (difference, markers) in by_row.items():
        if cell["marker"] in markers and (difference.columns is None or column in difference.columns):
            return name
    for name, whole in columns.items():
        if column in whole:
            return name
    if column == "HetDf" or not by_rounding(ours, theirs):
        return None
    return "overlap_correlation" if column in {"Weight", "N"} else "last_digit"


CUSTOM_COLUMNS = frozenset({"TotalN", "SumInfo", "TotalInfo", "PosSum"})
