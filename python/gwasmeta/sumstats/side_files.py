"""Alleles and frequencies from a second file, for tables of results that name no or one allele (PLINK 1.9)."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.derived import same_letters
from gwasmeta.sumstats.dialects import Dialect, SideFile
from gwasmeta.sumstats.effects import FloatArray
from gwasmeta.sumstats.header_words import HeaderWords
from gwasmeta.sumstats.raw_blocks import Layout, TextBlock
from gwasmeta.sumstats.source import TextSource
from gwasmeta.sumstats.study import Study
from gwasmeta.sumstats.text_index import TextIndex
from gwasmeta.sumstats.words import Words, chosen_words

_ALLELES = ("allele_1", "allele_2")
_NUMBERS = ("allele_1_frequency", "n_alleles")
_COMPRESSED = {".gz", ".bgz", ".bz2", ".xz", ".zst"}


@dataclass(frozen=True)
class SideTable:
    """What a side file says of each variant, found by the variant's name.

    Attributes
    ----------
    path : str
    allele_1, allele_2 : Words
        Of each variant, in the order of `index`, and an empty word at the end.
    numbers : dict of str to float64 array
        `allele_1_frequency` and `n_alleles`, where the file has them; NaN at the end.
    index : TextIndex
    """

    path: str
    allele_1: Words
    allele_2: Words
    numbers: dict[str, FloatArray]
    index: TextIndex

    def add_to(self, words: dict[str, Words], numbers: dict[str, FloatArray], columns: Collection[str]) -> None:
        """Add columns to those of a block; empty, or NaN, for variants that are not here.

        Where the block names the effect allele, the other one is the one of the two here that is not it, and neither
        if it is neither of them.
        """
        rows = self.index.find(words["variant_id"])  # -1, the empty end, for those that are not here
        first, second = self.allele_1.take(rows), self.allele_2.take(rows)
        is_first = np.ones(len(rows), dtype=np.bool_)
        is_second = np.zeros(len(rows), dtype=np.bool_)
        if "effect_allele" not in columns and "effect_allele" in words:
            is_first = same_letters(words["effect_allele"], first)
            is_second = same_letters(words["effect_allele"], second) & ~is_first
        if "effect_allele" in columns:
            words["effect_allele"] = first
        if "other_allele" in columns:
            other = chosen_words(is_first, second, first)
            known = is_first | is_second
            words["other_allele"] = Words(other.data, other.starts, np.where(known, other.lengths, 0).astype(np.int32))
        if "effect_allele_frequency" in columns:
            frequency = self.numbers["allele_1_frequency"][rows]
            turned = np.where(is_second, 1 - frequency, np.nan)
            numbers["effect_allele_frequency"] = np.where(is_first, frequency, turned)
        if "n" in columns:
            numbers["n"] = self.numbers["n_alleles"][rows] / 2


class SideFiles:
    """The side files of one study: those that the caller gives, else those beside it with the names of its tool.

    Parameters
    ----------
    study : Study
    """

    def __init__(self, study: Study) -> None:
        self._study = study
        self.table: SideTable | None = None

    def columns_for(self, dialect: Dialect) -> Mapping[str, str]:
        """Read the side file of a study in this dialect, and return its columns and where they are.

        Raises
        ------
        GwasmetaError
            If a file that the caller gives is none that the dialect knows, or cannot be read.
        """
        found = self._found(dialect)
        if found is None:
            return {}
        path, declared = found
        self.table = read_side_file(path, declared)
        words = {meaning: word for word, meaning in declared.columns.items()}
        name = os.path.basename(path)
        places = {"other_allele": f"{words['allele_1']} or {words['allele_2']} of {name}"}
        if "effect_allele" not in dialect.columns.values() and declared.tells_effect_allele:
            places["effect_allele"] = f"{words['allele_1']} of {name}"
            places["other_allele"] = f"{words['allele_2']} of {name}"
        if "allele_1_frequency" in words:
            places["effect_allele_frequency"] = f"{words['allele_1_frequency']} of {name}"
        if "n_alleles" in words:
            places["n"] = f"{words['n_alleles']} / 2 of {name}"
        return places

    def _found(self, dialect: Dialect) -> tuple[str, SideFile] | None:
        given = list(self._study.side_paths)
        if given and not dialect.side_files:
            raise GwasmetaError(
                f"{self._study.file}: the side file {given[0]} is given, and {dialect.name or 'this'} files need none\n"
                "  Leave the option out for this study."
            )
        needs_effect_allele = "effect_allele" not in dialect.columns.values()
        for declared in dialect.side_files:
            if needs_effect_allele and not declared.tells_effect_allele:
                continue
            if given:
                fits = [path for path in given if _plain_name(path).endswith(declared.ending)]
            else:
                fits = [path for path in self.names_beside(declared.ending) if os.path.isfile(path)]
            if fits:
                return fits[0], declared
        if given:
            endings = " or ".join(declared.ending for declared in dialect.side_files)
            raise GwasmetaError(
                f"{given[0]}: is no side file that says what {self._study.file} lacks\n"
                f"  {dialect.name} files ({dialect.title}) take {endings}"
                + ("; the effect allele is in .frq only." if needs_effect_allele else ".")
            )
        return None

    def names_beside(self, ending: str) -> Iterator[str]:
        """Yield the names that a side file may have: the study's, with ever more of its endings taken off."""
        if self._study.path is None or self._study.path == "-":
            return
        stem = Path(self._study.path)
        while stem.suffix:
            stem = stem.with_suffix("")
            yield f"{stem}{ending}"


def _plain_name(path: str) -> str:
    name = Path(path)
    return (name.with_suffix("") if name.suffix in _COMPRESSED else name).name


def read_side_file(path: str, declared: SideFile) -> SideTable:
    """Read alleles and frequencies of all variants of a side file.

    Raises
    ------
    GwasmetaError
        If it cannot be read, or lacks a column.
    """
    with TextSource(path) as source:
        header = declared.header or source.header
        layout = _layout(path, header, declared, source.separator)
        blocks = [TextBlock(block, layout) for block in source.blocks()]
    words = {name: [block.words[name] for block in blocks] for name in layout.words}
    numbers = {name: [block.numbers[name] for block in blocks] for name in layout.numbers}
    if declared.header:  # then what was taken as the header is the first row
        for name, position in layout.words.items():
            words[name].insert(0, Words.of([source.header[position]]))
    index = TextIndex()
    rows = np.concatenate([index.number(part) for part in words["variant_id"]] or [np.empty(0, np.int32)])
    first_rows = np.full(len(index), -1)
    first_rows[rows[::-1]] = np.arange(len(rows))[::-1]
    alleles = [_joined(words[name]) for name in _ALLELES]
    first, second = (_of_one_meaning(column, alleles, rows, first_rows) for column in alleles)
    letters = np.concatenate([first.data, second.data])  # shared, so that blocks choose among them without a copy
    return SideTable(
        path,
        Words(letters, first.starts, first.lengths),
        Words(letters, (second.starts + first.data.size).astype(np.int32), second.lengths),
        {name: np.append(np.concatenate(parts)[first_rows], np.nan) for name, parts in numbers.items()},
        index,
    )


def _layout(path: str, header: tuple[str, ...], declared: SideFile, separator: str) -> Layout:
    found = HeaderWords(header, f"{path}, line 1")
    places = {meaning: found.position(word, meaning) for word, meaning in declared.columns.items()}
    missing = [word for word, meaning in declared.columns.items() if places[meaning] is None]
    if missing:
        raise GwasmetaError(
            f"{path}, line 1: a {declared.ending} file has a column {missing[0]}, and this one has not\n"
            f"  The header: {' '.join(header)}"
        )
    known = {meaning: place for meaning, place in places.items() if place is not None}
    return Layout(
        path,
        header,
        {name: known[name] for name in _NUMBERS if name in known},
        {name: known[name] for name in ("variant_id", *_ALLELES)},
        frozenset(),
        separator,
    )


def _joined(parts: Sequence[Words]) -> Words:
    """Put columns of several blocks behind each other, with an empty word at the end."""
    compact = [part.upper_case() for part in parts]
    offsets = np.cumsum([0] + [part.data.size for part in compact])
    starts = [part.starts + offset for part, offset in zip(compact, offsets, strict=False)]
    return Words(
        np.concatenate([*(part.data for part in compact), np.full(1, 10, dtype=np.uint8)]),
        np.concatenate([*starts, [offsets[-1]]]).astype(np.int32),
        np.concatenate([*(part.lengths for part in compact), [0]]).astype(np.int32),
    )


def _of_one_meaning(
    column: Words,
    alleles: Sequence[Words],
    rows: npt.NDArray[np.int32],
    first_rows: npt.NDArray[np.intp],
) -> Words:
    """Return the allele of each name's first row; none where rows of the same name differ."""
    again = np.flatnonzero(first_rows[rows] != np.arange(len(rows)))
    doubtful = np.zeros(len(first_rows) + 1, dtype=np.bool_)
    for allele in alleles:
        differ = ~same_letters(allele.take(again), allele.take(first_rows[rows[again]]))
        doubtful[rows[again[differ]]] = True
    kept = column.take(np.append(first_rows, len(column) - 1))
    return Words(kept.data, kept.starts, np.where(doubtful, 0, kept.lengths).astype(np.int32))
