"""A block of rows as read, before any check: from text, or from a frame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
import numpy.typing as npt

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.effects import FloatArray
from gwasmeta.sumstats.field_marks import BLANKS
from gwasmeta.sumstats.source import LineBlock
from gwasmeta.sumstats.tokens import tokenise
from gwasmeta.sumstats.vcf_frames import VcfFrames
from gwasmeta.sumstats.words import Words

if TYPE_CHECKING:
    import polars as pl

_FRAME_BLOCK = 1 << 16  # rows
_ANY_NUMBER = np.iinfo(np.int32).max


@dataclass(frozen=True)
class Layout:
    """Which columns to read, by their position, and as what.

    Attributes
    ----------
    file : str
        What messages call the place the rows come from.
    header : tuple of str
    numbers, words : mapping of str to int
        Column name to its position in the header.
    logarithms : frozenset of str
        Those of `numbers` that are read as minus their decimal logarithm.
    separator : str
        Between fields of a text; a blank stands for runs of blanks.
    uneven_lines : {"refuse", "skip", "lenient"}
        What becomes of a line of text with more or fewer fields than the header: an error; or no row, but an
        `UnevenLine`; or that only where it ends before the last column to be read, and a row otherwise.
    """

    file: str
    header: tuple[str, ...]
    numbers: dict[str, int]
    words: dict[str, int]
    logarithms: frozenset[str]
    separator: str = "\t"
    uneven_lines: Literal["refuse", "skip", "lenient"] = "refuse"

    @property
    def n_fields(self) -> tuple[int, int]:
        """The fewest and the most fields that make a line of text a row."""
        if self.uneven_lines == "lenient":
            return 1 + max((*self.numbers.values(), *self.words.values()), default=0), _ANY_NUMBER
        return len(self.header), len(self.header)


@dataclass(frozen=True)
class UnevenLine:
    """A line that is no row, because it has more or fewer fields than a row has.

    Attributes
    ----------
    number : int
        Where it stands in the file, counted from 1.
    n_fields : int
    fields : tuple of str
        As they are written.
    """

    number: int
    n_fields: int
    fields: tuple[str, ...]


class RawBlock(Protocol):
    """Rows as read: columns of numbers and of words, and for each row its line and the text of any field.

    Beside them, in `uneven`, the lines between them that are no rows.
    """

    n_rows: int
    numbers: dict[str, FloatArray]
    words: dict[str, Words]
    uneven: tuple[UnevenLine, ...]

    @property
    def lines(self) -> npt.NDArray[np.int64]:
        """Line of the file in which each row stands, counted from 1."""

    def field(self, row: int, position: int) -> str:
        """Return one field as it is written."""


class TextBlock:
    """Rows of a text file.

    Raises
    ------
    GwasmetaError
        If a line has more or fewer fields than the header, where the layout does not let it pass.
    """

    def __init__(self, block: LineBlock, layout: Layout) -> None:
        self._data = block.data
        self._separator = layout.separator
        capacity = block.n_lines
        numbers = np.empty((len(layout.numbers), capacity))
        starts, lengths = np.empty((2, len(layout.words), capacity), dtype=np.int32)
        self._line_starts, line_numbers = np.empty((2, capacity), dtype=np.int32)
        uneven = np.empty((capacity, 3), dtype=np.int32)
        n_rows, n_uneven = tokenise(
            block.data,
            BLANKS if layout.separator == " " else ord(layout.separator),
            layout.n_fields,
            np.array(list(layout.numbers.values()), dtype=np.int64),
            np.array([name in layout.logarithms for name in layout.numbers], dtype=np.bool_),
            np.array(list(layout.words.values()), dtype=np.int64),
            numbers,
            starts,
            lengths,
            self._line_starts,
            line_numbers,
            uneven,
        )
        if n_uneven and layout.uneven_lines == "refuse":
            raise _refusal(block.first_line + int(uneven[0, 0]), int(uneven[0, 2]), layout)
        self.n_rows = n_rows
        self.uneven = tuple(
            UnevenLine(block.first_line + line, n_fields, tuple(self._fields(start)))
            for line, start, n_fields in uneven[:n_uneven].tolist()
        )
        self.numbers = {name: numbers[role, :n_rows] for role, name in enumerate(layout.numbers)}
        self.words = {
            name: Words(block.data, starts[role, :n_rows], lengths[role, :n_rows])
            for role, name in enumerate(layout.words)
        }
        self._first_line = block.first_line
        self._line_numbers = line_numbers[:n_rows]

    @cached_property
    def lines(self) -> npt.NDArray[np.int64]:
        """Line of the file in which each row stands, counted from 1."""
        return self._line_numbers.astype(np.int64) + self._first_line

    def field(self, row: int, position: int) -> str:
        """Return one field as it is written."""
        fields = self._fields(int(self._line_starts[row]))
        return fields[position] if position < len(fields) else ""

    @cached_property
    def _text(self) -> bytes:
        return self._data.tobytes()

    def _fields(self, start: int) -> list[str]:
        line = self._text[start : self._text.index(b"\n", start)].decode(errors="replace").rstrip("\r")
        fields = line.split() if self._separator == " " else line.split(self._separator)
        return [field.strip(' "') for field in fields]


def _refusal(line: int, n_fields: int, layout: Layout) -> GwasmetaError:
    return GwasmetaError(
        f"{layout.file}, line {line}: {n_fields} field{'s' * (n_fields != 1)}, but the header has"
        f" {len(layout.header)}\n"
        "  A row with missing or extra fields has its values under the wrong columns; repair or remove the"
        " line, or export the file again."
    )


class FrameBlock:
    """Rows of a data frame; their lines are counted from 1, without a header."""

    uneven: tuple[UnevenLine, ...] = ()

    def __init__(self, frame: pl.DataFrame, first_row: int, layout: Layout) -> None:
        self._frame = frame
        self.n_rows = frame.height
        self.numbers = {
            name: _frame_numbers(frame.to_series(position), name in layout.logarithms, layout.file)
            for name, position in layout.numbers.items()
        }
        self.words = {
            name: _frame_words(frame.to_series(position), layout.file) for name, position in layout.words.items()
        }
        self._first_row = first_row

    @cached_property
    def lines(self) -> npt.NDArray[np.int64]:
        """Number of each row, counted from 1."""
        return np.arange(self._first_row + 1, self._first_row + 1 + self._frame.height)

    def field(self, row: int, position: int) -> str:
        """Return one field as text."""
        return str(self._frame[row, position])


def frame_blocks(frame: pl.LazyFrame | VcfFrames, layout: Layout) -> Iterator[FrameBlock]:
    """Cut a frame into blocks of rows, reading no more of it at a time.

    Raises
    ------
    GwasmetaError
        If the file that it comes from is damaged.
    """
    first_row = 0
    for rows in frame.frames() if isinstance(frame, VcfFrames) else _slices(frame, layout.file):
        for start in range(0, rows.height, _FRAME_BLOCK):
            yield FrameBlock(rows.slice(start, _FRAME_BLOCK), first_row + start, layout)
        first_row += rows.height


def _slices(frame: pl.LazyFrame, file: str) -> Iterator[pl.DataFrame]:
    import polars as pl

    first_row, most = 0, _FRAME_BLOCK * 8
    while True:
        try:
            rows = frame.slice(first_row, most).collect()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise GwasmetaError(f"{file}: cannot be read as Parquet: {error}") from error
        yield rows
        first_row += rows.height
        if rows.height < most:
            return


def _frame_words(column: pl.Series, file: str) -> Words:
    import polars as pl

    if column.dtype.is_float():  # chromosome 1.0 is chromosome 1, as pandas holds it beside missing values
        column = column.fill_nan(None)
        whole = column.cast(pl.Int64, strict=False)
        column = whole if (whole.cast(column.dtype) == column).fill_null(True).all() else column
    return Words.of(_cast(column, pl.String, file).fill_null("").to_list())


def _frame_numbers(column: pl.Series, as_minus_log_10: bool, file: str) -> FloatArray:
    import polars as pl

    if column.dtype in (pl.String, pl.Categorical, pl.Enum):
        return _frame_words(column, file).numbers(as_minus_log_10)
    values: FloatArray = _cast(column, pl.Float64, file).to_numpy().copy()
    if as_minus_log_10:
        with np.errstate(divide="ignore", invalid="ignore"):
            values = np.where(values > 0, -np.log10(values), np.nan) + 0.0
    return values


def _cast(column: pl.Series, kind: type[pl.DataType], file: str) -> pl.Series:
    import polars as pl

    try:
        return column.cast(kind)
    except pl.exceptions.PolarsError as error:
        raise GwasmetaError(
            f"{file}: column {column.name} holds {column.dtype}, which is neither numbers nor text"
        ) from error
