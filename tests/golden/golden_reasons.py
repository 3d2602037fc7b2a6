"""Named reasons for which a program's result and ours may differ, found in the rows that were read.

Where it can be done, a reason can also be taken away: the rows are rewritten to say plainly what the program made of
them. That shows that the reason explains the difference, and not only that it is there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from golden_comparison import describe
from golden_files import read_words

from gwasmeta import Study
from gwasmeta.sumstats.dialects import Dialect

BoolArray = npt.NDArray[np.bool_]

NOTE = "note"  # the column that names the fault planted in a row; no program reads it


@dataclass(frozen=True)
class Reason:
    """Why results may differ.

    Attributes
    ----------
    name, why : str
    rows : callable
        From one study's rows, as words under gwasmeta's names, to a mask of those that it is about.
    taken_away : callable, optional
        From such rows to what our reader must be given in their place; no rows where the program drops them.
    columns : frozenset of str, optional
        Columns of the result that it touches; all if not given.
    """

    name: str
    why: str
    rows: Callable[[pd.DataFrame], BoolArray]
    taken_away: Callable[[pd.DataFrame], pd.DataFrame] | None = None
    columns: frozenset[str] | None = None


def read_study(path: Path, dialect: Dialect) -> pd.DataFrame:
    """Read a study as words, under gwasmeta's names."""
    rows = read_words(path)
    names = {word.upper(): name for word, name in dialect.columns.items()} | {"NOTE": NOTE}
    return rows[[word for word in rows if word in names]].rename(columns=names)


def write_study(rows: pd.DataFrame, path: Path, inflation_factor: float | None = None) -> Study:
    """Write rows under gwasmeta's names, and return the study that reads them."""
    rows.to_csv(path, sep="\t", index=False)
    dialect = Dialect(
        "words",
        "under gwasmeta's names",
        {name: name for name in map(str, rows) if name != NOTE},
        signature=(),
        source="",
    )
    return Study(path, dialect=dialect, inflation_factor=inflation_factor)


def without_reasons(rows: pd.DataFrame, reasons: Sequence[Reason]) -> pd.DataFrame:
    """Take away all reasons that can be, one after the other, the rows staying in order."""
    for reason in reasons:
        if reason.taken_away is not None:
            about = reason.rows(rows)
            if not about.any():
                continue
            rows = pd.concat([rows[~about], reason.taken_away(rows[about].copy())]).sort_index()
    return rows


def explained_counts(
    differences: pd.DataFrame, studies: Sequence[pd.DataFrame], reasons: Sequence[Sequence[Reason]]
) -> dict[str, int]:
    """Count the variants that each reason makes differ.

    Parameters
    ----------
    differences : DataFrame
        Of a `Comparison`.
    studies : sequence of DataFrame
        The rows that were read.
    reasons : sequence of sequence of Reason
        Those that can be at work in each study.

    Raises
    ------
    AssertionError
        If a cell differs for no reason; it shows the worst ones.
    """
    if differences.empty:
        return {}
    names = differences["variant"].str.lower()
    unexplained = np.ones(len(differences), dtype=np.bool_)
    explained: dict[str, set[str]] = {}
    for rows, of_study in zip(studies, reasons, strict=True):
        for reason in of_study:
            variants = rows.loc[reason.rows(rows), "variant_id"].str.lower()
            covered = names.isin(variants).to_numpy()
            if reason.columns is not None:
                covered = covered & differences["column"].isin(reason.columns).to_numpy()
            unexplained &= ~covered
            if covered.any():
                explained.setdefault(reason.name, set()).update(differences.loc[covered, "variant"])
    assert not unexplained.any(), describe(differences[unexplained])
    return {name: len(variants) for name, variants in sorted(explained.items())}


def number(rows: pd.DataFrame, column: str) -> npt.NDArray[np.float64]:
    """Return a column as numbers, NaN where it has none."""
    if column not in rows:
        return np.full(len(rows), np.nan)
    return pd.to_numeric(rows[column], errors="coerce").to_numpy(dtype=np.float64)


def with_column(
    column: str, words: Callable[[pd.DataFrame], pd.Series | str]
) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Return a function that replaces a column."""
    return lambda rows: rows.assign(**{column: words(rows)})


def no_rows(rows: pd.DataFrame) -> BoolArray:
    """Return the mask of none of the rows."""
    return np.zeros(len(rows), dtype=np.bool_)


def dropped(rows: pd.DataFrame) -> pd.DataFrame:
    """Return none of the rows."""
    return rows.iloc[:0]


_NO_ALLELE = ("NA", ".")


def allele_missing(rows: pd.DataFrame) -> BoolArray:
    """Say in which rows an allele is NA or a point."""
    return (rows["effect_allele"].isin(_NO_ALLELE) | rows["other_allele"].isin(_NO_ALLELE)).to_numpy()


def alleles_identical(rows: pd.DataFrame) -> BoolArray:
    """Say in which rows both alleles are the same."""
    pairs = zip(rows["effect_allele"], rows["other_allele"], strict=True)
    return np.array([effect.upper() == other.upper() for effect, other in pairs], dtype=np.bool_)


def no_bases(rows: pd.DataFrame) -> BoolArray:
    """Say in which rows an allele is there but no single base, by its letter or its number."""
    bases = list("ACGTacgt1234")
    no_base = ~rows["effect_allele"].isin(bases) | ~rows["other_allele"].isin(bases)
    return no_base.to_numpy() & ~allele_missing(rows)


def frequency_missing(rows: pd.DataFrame) -> BoolArray:
    """Say in which rows the frequency is none between 0 and 1."""
    frequency = number(rows, "effect_allele_frequency")
    return ~((frequency > 0) & (frequency < 1))


def n_missing(rows: pd.DataFrame) -> BoolArray:
    """Say in which rows there is no positive n."""
    return ~(number(rows, "n") > 0)
