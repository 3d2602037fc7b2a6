"""What each column of a file means, in words, with its first values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gwasmeta.sumstats.raw_blocks import Layout, TextBlock
from gwasmeta.sumstats.reader import StudyReader
from gwasmeta.sumstats.source import TextSource
from gwasmeta.sumstats.vcf_frames import VcfFrames
from gwasmeta.sumstats.vocabulary import COLUMNS

_SHOWN = 3  # values of a column


@dataclass(frozen=True)
class ColumnMeaning:
    """A column of the file, or one that is worked out or found elsewhere.

    Attributes
    ----------
    word : str
        The header's word; for a column that is not in the file, where it comes from.
    column : str
        The canonical column that it is read as; empty for none.
    description : str
        What that column holds.
    first_values : tuple of str
        As they are written; none where the rows come from a stream, which can be read only once.
    """

    word: str
    column: str
    description: str
    first_values: tuple[str, ...]


def column_meanings(reader: StudyReader) -> tuple[ColumnMeaning, ...]:
    """Return the meaning of each word of a study's header, in their order, and of what comes from elsewhere."""
    return (*_of_header(reader), *_from_elsewhere(reader))


def _of_header(reader: StudyReader) -> Iterator[ColumnMeaning]:
    reading = reader.reading
    columns = {position: column for column, position in reading.positions.items()}
    uses = {position: selector.explained for position, selector in reading.keep_rows}
    for position in reading.other_allele_of or ():
        uses.setdefault(position, "one of two alleles; that which is not the effect allele is the other")
    values = _first_values(reader)
    for position, word in enumerate(reader.header):
        column = columns.get(position, "")
        yield ColumnMeaning(word, column, COLUMNS.get(column, "") or uses.get(position, ""), values[position])


def _from_elsewhere(reader: StudyReader) -> Iterator[ColumnMeaning]:
    reading = reader.reading
    for column in COLUMNS:
        if column in reading.derived or (column in reading.available and column not in reading.positions):
            yield ColumnMeaning(reading.meaning(column), column, COLUMNS[column], ())


def _first_values(reader: StudyReader) -> list[tuple[str, ...]]:
    nothing: list[tuple[str, ...]] = [()] * len(reader.header)
    frame, study = reader.frame, reader.study
    if frame is not None:
        rows = next(iter(frame.frames()), None) if isinstance(frame, VcfFrames) else frame.head(_SHOWN).collect()
        columns = [] if rows is None else rows.head(_SHOWN).get_columns()
        return [tuple(map(_shown, column.to_list())) for column in columns] or nothing
    if study.path is None or study.path == "-":
        return nothing
    with TextSource(study.path, separator=study.text_rules.separator) as source:
        lines = next(source.blocks(), None)
        if lines is None:
            return nothing
        places = {str(position): position for position in range(len(reader.header))}
        layout = Layout(study.file, reader.header, {}, places, frozenset(), source.separator, "skip")
        block = TextBlock(lines, layout)
        n_shown = min(_SHOWN, len(block.lines))
        return [tuple(words[row] for row in range(n_shown)) for words in block.words.values()]


def _shown(value: object) -> str:
    return "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
