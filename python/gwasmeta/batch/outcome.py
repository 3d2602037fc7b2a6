"""What became of one run: rows of the index, or why there is no result."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from gwasmeta.batch.runs import Run

_LETTERS_SHOWN: Final = 200

Status = Literal["done", "failed", "waiting"]


@dataclass(frozen=True)
class IndexRow:
    """One trait in the index; None stands for what is not known.

    Attributes
    ----------
    trait, group : str
    status : {"done", "failed", "waiting"}
    studies : int
        That were combined; for MTAG the traits.
    variants : int
        Rows of the table.
    lead_variants : int
        None where no variant has a place.
    top_variant : str
        The most significant one.
    top_neg_log_10_p_value : float
    inflation_factor : float
        Genomic inflation factor lambda of the result, before a correction of it.
    study_inflation_factor_min, study_inflation_factor_max : float
        Of the studies' own.
    n_max : float
        Largest number of samples of a variant.
    seconds : float
        That the run took, when it was made.
    table : str
        Its file, seen from the folder of the index.
    """

    trait: str
    group: str
    status: Status
    studies: int
    variants: int | None = None
    lead_variants: int | None = None
    top_variant: str | None = None
    top_neg_log_10_p_value: float | None = None
    inflation_factor: float | None = None
    study_inflation_factor_min: float | None = None
    study_inflation_factor_max: float | None = None
    n_max: float | None = None
    seconds: float | None = None
    table: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return its fields."""
        return asdict(self)


@dataclass(frozen=True)
class Failure:
    """Why a run has no result.

    Attributes
    ----------
    step : str
        What was being done.
    message : str
        In one line.
    """

    step: str
    message: str


@dataclass(frozen=True)
class Outcome:
    """What became of a run.

    Attributes
    ----------
    run : str
        Its name.
    rows : tuple of IndexRow
        One a trait.
    kept : bool
        Whether an earlier batch had made it already, and nothing has changed since.
    failure : Failure or None
    """

    run: str
    rows: tuple[IndexRow, ...]
    kept: bool = False
    failure: Failure | None = None


def rows_without_result(run: Run, status: Status) -> tuple[IndexRow, ...]:
    """Return the rows of a run that has none."""
    return tuple(IndexRow(trait, run.group, status, len(run.studies)) for trait in run.traits)


def shortened(message: str) -> str:
    """Return the beginning of a message, for the screen."""
    return textwrap.shorten(message, _LETTERS_SHOWN, placeholder=" ...")


def one_line(message: str) -> str:
    """Return a message of several lines in one, without tabs."""
    return " ".join(message.split())


FAILURE_COLUMNS: Final[Sequence[str]] = ("trait", "group", "step", "message")
