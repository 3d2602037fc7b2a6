"""Which columns of one file are to be read for what is wanted of it, for its filters and for its sums."""

from __future__ import annotations

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.derived import FORMULAS, DerivedColumn
from gwasmeta.sumstats.effects import P_VALUE_COLUMNS
from gwasmeta.sumstats.filters import RowFilter
from gwasmeta.sumstats.header_reading import HeaderReading
from gwasmeta.sumstats.study import Study
from gwasmeta.sumstats.vocabulary import COLUMNS, NUMBER_COLUMNS, TEXT_COLUMNS

# Columns read beside the canonical ones: what selects rows, and two alleles of which one is the other allele.
KEPT_BY = "_kept_by_"
ALLELE_1, ALLELE_2 = "_allele_1", "_allele_2"

SAMPLES = ("n", "n_cases", "n_controls")


class ColumnsToRead:
    """The columns of one file that are to be read, as words or as numbers, and those to be had otherwise.

    Parameters
    ----------
    reading : HeaderReading

    Attributes
    ----------
    words, numbers : dict of str to int
        Names of columns to their places in the header.
    derived : dict of str to DerivedColumn
        Columns to be worked out, each behind those that it needs.
    beside : set of str
        Columns that another file gives.
    """

    def __init__(self, reading: HeaderReading) -> None:
        self.words: dict[str, int] = {}
        self.numbers: dict[str, int] = {}
        self.derived: dict[str, DerivedColumn] = {}
        self.beside: set[str] = set()
        self.reading = reading

    def has(self, column: str) -> bool:
        """Say whether there will be such a column of numbers."""
        return column in self.numbers or column in self.derived or column in self.beside

    def add(self, column: str) -> None:
        """Have a canonical column read, where the file has it, or what it is worked out from."""
        if column in self.reading.derived:
            self._add_derived(self.reading.derived[column])
        elif column in self.reading.positions:
            columns = self.words if column in TEXT_COLUMNS else self.numbers
            columns[column] = self.reading.positions[column]
        elif column in self.reading.beside:
            self.beside.add(column)

    def _add_derived(self, column: DerivedColumn) -> None:
        for kind, name in zip(FORMULAS[column.formula].inputs, column.inputs, strict=True):
            if name in column.places:
                (self.words if kind == "words" else self.numbers)[name] = column.places[name]
            else:
                self.add(name)
        self.derived[column.column] = column  # behind those that it needs


def sample_counts(study: Study, reading: HeaderReading) -> dict[str, float]:
    """Return sample counts for rows without one: the caller's, else those in the header."""
    given = {name: value for name in SAMPLES if (value := getattr(study, name)) is not None}
    return dict(reading.constants) | given


def add_sums(study: Study, reading: HeaderReading, columns: ColumnsToRead) -> dict[str, str]:
    """Have the columns that are added up read as numbers."""
    words, numbers = columns.words, columns.numbers
    sums = {}
    for name, word in study.sums.items():
        position = _header_position(word, reading)
        if position is None:
            raise GwasmetaError(
                f"{study.file}: no column {word}, which is to be added up as {name}\n"
                f"  It has: {', '.join(reading.header)}."
            )
        if position in words.values():
            raise GwasmetaError(f"{study.file}: {word}, to be added up as {name}, is a column of words")
        if position in (reading.positions.get(column) for column in P_VALUE_COLUMNS):
            raise GwasmetaError(f"{study.file}: {word}, to be added up as {name}, holds p-values, which have no sum")
        known = next((column for column in NUMBER_COLUMNS if numbers.get(column) == position), None)
        sums[name] = known or reading.header[position]
        numbers.setdefault(sums[name], position)
    return sums


def add_filter_columns(
    study: Study, reading: HeaderReading, row_filter: RowFilter, columns: ColumnsToRead, made: set[str]
) -> dict[str, str]:
    """Have the columns of a filter read; return which column each of its names means."""
    words, numbers = columns.words, columns.numbers
    meant = {}
    for name in row_filter.names:
        column, position = _meant_column(name, reading)
        meant[name] = column
        positions = _positions_for(column, reading) if position is None else {column: position}
        elsewhere = _elsewhere_for(column, reading) if position is None else ()
        for known in elsewhere:
            columns.add(known)
        if not positions and not elsewhere and column not in made | _given(study, reading):
            raise GwasmetaError(
                f"{study.file}: the filter '{row_filter.text}' asks for {name}, which this file does not have\n"
                f"  It has: {', '.join(reading.header)}. A filter can be given to single studies."
            )
        for known, position in positions.items():
            if name in row_filter.text_names and position in numbers.values():
                raise GwasmetaError(
                    f"{study.file}: the filter '{row_filter.text}' compares {name} with text; it is a column of numbers"
                )
            if known in words or known in numbers:
                continue
            (words if name in row_filter.text_names else numbers)[known] = position
    return meant


def _elsewhere_for(column: str, reading: HeaderReading) -> tuple[str, ...]:
    """Return the columns for a canonical one that are worked out, or that another file gives."""
    candidates = P_VALUE_COLUMNS if column in P_VALUE_COLUMNS else (column,)
    return tuple(known for known in candidates if known in reading.derived or known in reading.beside)


def _meant_column(name: str, reading: HeaderReading) -> tuple[str, int | None]:
    """Return the canonical column that a filter's name means; or a word of the header and its place there."""
    position = _header_position(name, reading)
    if name in reading.available or position is None:
        return name, None
    canonical = {position: column for column, position in reading.positions.items()}
    if position in canonical:
        return canonical[position], None
    word = reading.header[position]
    return (f"the file's {word}" if word in COLUMNS else word), position


def _positions_for(column: str, reading: HeaderReading) -> dict[str, int]:
    """Return the columns to read for a canonical one that a filter asks for."""
    candidates = P_VALUE_COLUMNS if column in P_VALUE_COLUMNS else (column,)
    positions = {known: reading.positions[known] for known in candidates if known in reading.positions}
    if not positions and column == "n":  # the sum of cases and controls
        parts = {known: reading.positions[known] for known in SAMPLES if known in reading.positions}
        return parts if len(parts) == 2 else {}
    return positions


def _header_position(word: str, reading: HeaderReading) -> int | None:
    by_word = {known.casefold(): position for position, known in enumerate(reading.header)}
    return by_word.get(word.casefold())


def _given(study: Study, reading: HeaderReading) -> set[str]:
    """Return the sample counts that the caller or the header gives for a study."""
    given = set(sample_counts(study, reading))
    return given | {"n"} if {"n_cases", "n_controls"} <= given else given
