"""What the caller says of one study: where its rows are and how to read them."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TypeAlias

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.stored_study import PREFIX, is_stored, stored_study

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

    from gwasmeta.sumstats.dialects import Dialect

    StudySource: TypeAlias = str | os.PathLike[str] | BinaryIO | pd.DataFrame | pl.DataFrame | Mapping[str, Any]

_ENDINGS = {
    ".gz",
    ".bgz",
    ".bz2",
    ".xz",
    ".zst",
    ".txt",
    ".tsv",
    ".csv",
    ".tbl",
    ".parquet",
    ".pq",
    ".out",
    ".sumstats",
}


@dataclass(frozen=True)
class TextRules:
    r"""How a text is split into columns, for callers who know it or want another program's rules.

    Parameters
    ----------
    separator : str, optional
        "\t", ",", ";", " " for runs of blanks and tabs, or " ," for runs of blanks, tabs and commas; judged from the
        header if not given.
    uneven_lines : {"refuse", "skip", "lenient"}
        What a line with another number of fields than the header is: an error; a row to be left out; or, unless
        the last column that is read lies beyond its end, a row like any other.
    repeated_words : {"refuse", "first", "last"}
        Which column a word means that the header has twice.
    lower_case_filters : bool
        Compare texts in filters in lower case; the conditions have to be written so.
    """

    separator: str | None = None
    uneven_lines: Literal["refuse", "skip", "lenient"] = "refuse"
    repeated_words: Literal["refuse", "first", "last"] = "refuse"
    lower_case_filters: bool = False

    def __post_init__(self) -> None:
        for what, choices in (
            ("separator", (None, "\t", ",", ";", " ", " ,")),
            ("uneven_lines", ("refuse", "skip", "lenient")),
            ("repeated_words", ("refuse", "first", "last")),
        ):
            if getattr(self, what) not in choices:
                shown = ", ".join(repr(choice) for choice in choices)
                raise GwasmetaError(f"text rules: {what} {getattr(self, what)!r}: choose among {shown}")


@dataclass(frozen=True)
class Study:
    """One study's summary statistics, and what its file does not say.

    Parameters
    ----------
    source : path, binary stream, pandas or Polars frame, or mapping of columns
        "-" is standard input; "store:NAME" is a study in a store, which also says its name and its sex.
    name : str, optional
        How results and logs call the study; the file's name without its endings if not given.
    n, n_cases, n_controls : float, optional
        Samples of the study, for files without such a column. A column wins, row by row, where it has a value.
    dialect : str or Dialect, optional
        The format, by its name; recognised from the header if not given.
    columns : mapping, optional
        Canonical column to the header's word for it, for columns that the dialect does not know or gets wrong.
    filters : str or sequence of str
        Conditions that a row must satisfy, such as ``"info >= 0.4"``.
    exclusions : sequence of str
        Conditions that a row must not satisfy; unlike a filter turned around, one leaves rows without the value in.
    inflation_factor : float, optional
        The genomic-control factor to use instead of the one estimated from the rows.
    sex : {"male", "female"}, optional
        Whose study it is, for sex-differentiated analysis.
    flip_effects : bool
        Change the sign of every effect: the file gives those of the other allele. Frequencies stay as they are.
    sums : mapping, optional
        Name of a column of the result to the header's word for the numbers that it adds up over studies.
    text_rules : TextRules
        How a text is split into columns.
    trait : str, optional
        Which trait is meant, of a file with several (BGENIE, REGENIE with --no-split).
    side_files : path or sequence of paths
        Further files of the study, with what its results lack (.frq or .bim of PLINK 1.9); looked for beside it if not
        given.
    """

    source: StudySource
    name: str | None = None
    n: float | None = None
    n_cases: float | None = None
    n_controls: float | None = None
    dialect: str | Dialect | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    filters: str | Sequence[str] = ()
    inflation_factor: float | None = None
    sex: Literal["male", "female"] | None = None
    flip_effects: bool = False
    exclusions: Sequence[str] = ()
    sums: Mapping[str, str] = field(default_factory=dict)
    text_rules: TextRules = TextRules()
    trait: str | None = None
    side_files: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = ()

    def __post_init__(self) -> None:
        if self.path is not None and is_stored(self.path):
            self._complete_from_store(self.path)
        for what in ("n", "n_cases", "n_controls", "inflation_factor"):
            value = getattr(self, what)
            if value is not None and not 0 < value < math.inf:
                raise GwasmetaError(f"{self.file}: {what} = {value}: a positive number is needed")
        if self.sex not in (None, "male", "female"):
            raise GwasmetaError(f"{self.file}: sex {self.sex!r}: write male or female")
        object.__setattr__(self, "side_files", self.side_paths)

    def _complete_from_store(self, path: str) -> None:
        """Take what was given when the study was added, where nothing else is given now."""
        entry = stored_study(path)[1]
        for what, stored in (
            ("name", entry.name),
            ("sex", entry.options.get("sex")),
            ("inflation_factor", entry.options.get("inflation_factor")),
        ):
            if getattr(self, what) is None:
                object.__setattr__(self, what, stored)

    def findable(self) -> Study:
        """Return the study as a process in another folder finds it: by whole paths, and with the name that it has."""
        if self.path is None or self.path == "-":
            return self
        if is_stored(self.path):
            folder, entry = stored_study(self.path)
            path = f"{PREFIX}{folder.parent.parent.absolute()}/{entry.name}"
        else:
            path = os.path.abspath(self.path)
        return replace(
            self, source=path, name=self.label, side_files=tuple(os.path.abspath(file) for file in self.side_paths)
        )

    @property
    def conditions(self) -> tuple[str, ...]:
        """The filters, one or several, as a tuple."""
        return (self.filters,) if isinstance(self.filters, str) else tuple(self.filters)

    @property
    def side_paths(self) -> tuple[str, ...]:
        """The side files, one or several, as a tuple of paths."""
        given = (self.side_files,) if isinstance(self.side_files, str | os.PathLike) else self.side_files
        return tuple(os.fspath(path) for path in given)

    @property
    def path(self) -> str | None:
        """The path, or None where the rows are in memory or in a stream."""
        return os.fspath(self.source) if isinstance(self.source, str | os.PathLike) else None

    @property
    def file(self) -> str:
        """What messages call the place the rows come from."""
        if self.path == "-":
            return "standard input"
        if self.path is not None:
            return self.path
        if hasattr(self.source, "read"):
            return str(getattr(self.source, "name", "")) or self.name or "the given file object"
        return self.name or "data frame"

    @property
    def label(self) -> str:
        """The study's name; its file's name without endings if it has none."""
        if self.name:
            return self.name
        if self.path is None or self.path == "-":
            return self.file
        path = PurePath(self.path)
        while path.suffix.lower() in _ENDINGS and path.stem:
            path = path.with_suffix("")
        return path.name
