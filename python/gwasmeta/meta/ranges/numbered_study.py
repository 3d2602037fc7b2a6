"""A study laid down by variant: numbered by a catalogue, sorted by number, and read back by ranges of variants."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gwasmeta.meta.preparation import PreparedBlock
from gwasmeta.meta.ranges.catalogue import (
    OTHER_PLACE,
    PLACE_SHIFT,
    Catalogue,
    CatalogueFiles,
    NumberedRows,
    has_explicit_alleles,
)
from gwasmeta.meta.ranges.column_files import ColumnFiles, ColumnWriter, new_folder, told_of_disk
from gwasmeta.meta.ranges.matching import RowPlaces, turned
from gwasmeta.meta.ranges.study_rows import SHOWN_BEGIN, SHOWN_LENGTH, StudyRows
from gwasmeta.meta.ranges.study_sizes import size_files
from gwasmeta.sumstats.checks import SHOWN_OF_A_FIELD
from gwasmeta.sumstats.row_block import RowBlock
from gwasmeta.sumstats.row_log import Example
from gwasmeta.sumstats.words import Words

RANK = "rank"
"""Column that says where in the study a row is, where rows have been brought into another order."""

GRAIN = 1 << 14
"""Ranges of variants begin at multiples of it."""


@dataclass(frozen=True)
class NumberedStudy:
    """A study whose rows lie on disk in the order of their variants' numbers.

    Attributes
    ----------
    rows : StudyRows
        Its files have also `variant` and `code`; rows of one variant are in the order of the study.
    unlike : ColumnFiles
        `row`, `effect`, `other`, `chromosome`, `position` of the rows that `code` does not tell them of.
    contested : ColumnFiles
        `variant`: the numbers, ascending, of those with alleles that `code` does not tell, or with several rows.
    begins : tuple of int
        Where the rows of each `GRAIN` variants begin, and behind the last the number of rows.
    unlike_begins, contested_begins : tuple of int
        The same of the rows of `unlike` and of `contested`.
    """

    rows: StudyRows
    unlike: ColumnFiles
    contested: ColumnFiles = field(default_factory=lambda: ColumnFiles(Path(), 0, {}))
    begins: tuple[int, ...] = ()
    unlike_begins: tuple[int, ...] = ()
    contested_begins: tuple[int, ...] = ()

    def rows_of(self, start: int, stop: int) -> tuple[int, int]:
        """Return where the rows of a range of variants begin and end."""
        return _part(self.begins, start, stop)

    def unlike_of(self, start: int, stop: int) -> tuple[int, int]:
        """Return where those of them that are unlike begin and end among all that are."""
        return _part(self.unlike_begins, start, stop)

    def read_contested(self, start: int, stop: int) -> npt.NDArray[np.int32]:
        """Return the numbers of the contested variants of a range."""
        return self.contested.read("variant", *_part(self.contested_begins, start, stop))


def _part(begins: tuple[int, ...], start: int, stop: int) -> tuple[int, int]:
    last = len(begins) - 1
    return begins[min(start // GRAIN, last)], begins[min(-(-stop // GRAIN), last)]


def number_study(catalogue: Catalogue, rows: StudyRows) -> NumberedStudy:
    """Give numbers to a study's rows, and add its new variants to the catalogue.

    The order in which studies are numbered decides the numbers, and with them the order of the result.
    """
    numbers, unlike = ColumnWriter(rows.files.folder), ColumnWriter(rows.files.folder / "unlike")
    for chunk in catalogue.number(rows):
        numbers.append({"variant": chunk.variants, "code": chunk.codes})
        unlike.append(_unlike_columns(chunk))
    added = numbers.close()
    files = replace(rows.files, n_rows=added.n_rows, columns={**rows.files.columns, **added.columns})
    (rows.names.folder / "bytes").unlink(missing_ok=True)  # the catalogue has them, and the places
    told = {"name_length", "chromosome", "position"}
    if not _is_spelled(rows):
        told |= {"effect", "other"}
        rows = replace(rows, alleles=())  # there may be a million
    return NumberedStudy(replace(rows, files=files.without(told)), unlike.close())


def _is_spelled(rows: StudyRows) -> bool:
    """Say whether alleles are written otherwise than the catalogue has them."""
    return "reverse_strand" in rows.files or any(
        allele != allele.upper() or allele.isdigit() for allele in rows.alleles
    )


def sorted_by_variant(study: NumberedStudy) -> NumberedStudy:
    """Return a study with its rows in the order of their variants' numbers.

    A pure function: what it writes is in a folder of its own, beside that of the study.
    """
    rows, unlike = study.rows, study.unlike
    variants, of_unlike = rows.files.read("variant"), unlike.read("row")
    folder = new_folder(rows.files.folder.parent)  # not before: a study that is gone stays so
    if (variants[1:] < variants[:-1]).any():
        order = np.argsort(variants, kind="stable")
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order))
        variants, of_unlike = variants[order], rank[of_unlike]
        files = rows.files.copied(folder, order, {"variant": variants, RANK: order.astype(np.uint32)})
    else:
        files = rows.files.copied(folder, slice(None), {"variant": variants})
    unlike = unlike.copied(folder / "unlike", np.argsort(of_unlike), {"row": np.sort(of_unlike)})
    with told_of_disk(folder):
        shutil.copytree(rows.shown.folder, folder / "shown")
        for path in size_files(rows.files.folder):
            shutil.copy(path, folder)
    rows = replace(rows, files=files, shown=replace(rows.shown, folder=folder / "shown"))
    return _with_begins(NumberedStudy(rows, unlike, _contested(folder / "contested", files, unlike)))


def _contested(folder: Path, files: ColumnFiles, unlike: ColumnFiles) -> ColumnFiles:
    """Write which variants of a study may have rows that an analysis leaves out."""
    variants, rows = files.read("variant"), unlike.read("row")
    repeated = variants[1:][variants[1:] == variants[:-1]]
    explicit = variants[rows[has_explicit_alleles(files.read("code")[rows])]]
    contested = ColumnWriter(folder)
    contested.append({"variant": np.unique(np.concatenate([repeated, explicit]))})
    return contested.close()


def _with_begins(study: NumberedStudy) -> NumberedStudy:
    """Return a study that knows where the rows of each `GRAIN` variants begin."""
    variants = study.rows.files.read("variant")
    n_grains = -(-(int(variants[-1]) + 1) // GRAIN) if len(variants) else 0
    first_variants = np.arange(n_grains + 1, dtype=np.int64) * GRAIN
    begins = np.searchsorted(variants, first_variants)
    unlike_begins = np.searchsorted(study.unlike.read("row"), begins)
    contested_begins = np.searchsorted(study.contested.read("variant"), first_variants)
    return replace(
        study,
        begins=tuple(begins.tolist()),
        unlike_begins=tuple(unlike_begins.tolist()),
        contested_begins=tuple(contested_begins.tolist()),
    )


@dataclass(frozen=True)
class NumberedBlock(PreparedBlock):
    """Rows of a study that belong to a range of variants.

    Attributes
    ----------
    places : RowPlaces
    """

    places: RowPlaces


@dataclass(frozen=True)
class VariantsOfRange:
    """What a catalogue says of a range of variants."""

    files: CatalogueFiles
    start: int
    stop: int

    @cached_property
    def effect(self) -> npt.NDArray[np.int32]:
        """Each variant's effect allele in the catalogue."""
        return self.files.array("effect", self.start, self.stop)

    @cached_property
    def other(self) -> npt.NDArray[np.int32]:
        """Each variant's other allele in the catalogue."""
        return self.files.array("other", self.start, self.stop)

    @cached_property
    def chromosome(self) -> npt.NDArray[np.int16]:
        """Each variant's chromosome in the catalogue, `NO_CHROMOSOME` for none."""
        return self.files.array("chromosome", self.start, self.stop)

    @cached_property
    def position(self) -> npt.NDArray[np.int32]:
        """Each variant's position in the catalogue."""
        return self.files.array("position", self.start, self.stop)

    @cached_property
    def names(self) -> Words:
        """The variants' names."""
        return self.files.names(self.start, self.stop)

    def take_in(self) -> None:
        """Read or map all of it now; the files may be removed then."""
        _ = self.effect, self.other, self.chromosome, self.position, self.names


def read_block(study: NumberedStudy, of: VariantsOfRange, columns: Iterable[str]) -> NumberedBlock:
    """Return the rows of a study that belong to a range of variants, with the columns asked for where it has them.

    Rows of one variant are in the order of the study; the findings of the block are told in that order as well.
    """
    begin, end = study.rows_of(of.start, of.stop)
    files = study.rows.files
    places = read_places(study, of)
    numbers = {name: files.read(name, begin, end) for name in columns if name in files}
    block = RangeBlock(0, numbers, {}, places.effect, places.other, [], _Describe(study, of, begin, places))
    chosen = files.read("for_genomic_control", begin, end) if "for_genomic_control" in files else None
    return NumberedBlock(block, of.names, None, chosen, places)


def read_places(study: NumberedStudy, of: VariantsOfRange) -> RowPlaces:
    """Return what the rows of a study that belong to a range of variants say of these."""
    begin, end = study.rows_of(of.start, of.stop)
    first, last = study.unlike_of(of.start, of.stop)
    return RowPlaces(
        study.rows.files.read("variant", begin, end),
        of.start,
        study.rows.files.read("code", begin, end),
        study.unlike.read("row", first, last) - begin,
        *(study.unlike.read(name, first, last) for name in ("effect", "other", "chromosome", "position")),
    )


@dataclass(frozen=True)
class RankedExample(Example):
    """A row, and where in the study it is: the first ones of all ranges are told."""

    rank: int = 0


class RangeBlock(RowBlock):
    """A block whose rows are in the order of their variants, and whose findings are told in the order of the study.

    Its alleles are those of the unlike rows only; the others' follow from their codes.
    """

    def __len__(self) -> int:
        return self._describe.n_rows

    def in_study_order(self, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
        """Return rows in the order in which the study has them."""
        return rows[np.argsort(self._describe.ranks[rows], kind="stable")] if len(rows) > 1 else rows

    @property
    def _describe(self) -> _Describe:
        assert isinstance(self._example, _Describe)
        return self._example


class _Describe:
    """Describes rows by line, variant, and what the study's file says of them; reads that when it is asked first."""

    def __init__(self, study: NumberedStudy, of: VariantsOfRange, begin: int, places: RowPlaces) -> None:
        rows = study.rows
        self._files, self._alleles, self._shown = rows.files, rows.alleles, rows.shown
        self._of, self._begin, self._places = of, begin, places
        self._has_ids = "variant_id" in rows.columns
        self.n_rows = len(places.numbers)

    @cached_property
    def ranks(self) -> npt.NDArray[Any]:
        """Where in the study each row is."""
        if RANK not in self._files:
            return np.arange(self._begin, self._begin + self.n_rows)
        return self._files.read(RANK, self._begin, self._begin + self.n_rows)

    def __call__(self, row: int, columns: tuple[str, ...]) -> RankedExample:
        texts = tuple(self._text(column, row)[:SHOWN_OF_A_FIELD] for column in columns)
        line = int(self._read("line", row))
        return RankedExample(line, self._name(row), texts, rank=int(self.ranks[row]))

    def _name(self, row: int) -> str:
        if SHOWN_BEGIN not in self._files:
            return self._of.names[self._variant(row)]
        begin, length = int(self._read(SHOWN_BEGIN, row)), int(self._read(SHOWN_LENGTH, row))
        return self._shown.read("bytes", begin, begin + length).tobytes().decode(errors="replace")

    def _text(self, column: str, row: int) -> str:
        match column:
            case "effect_allele" | "other_allele":
                name = column.removesuffix("_allele")
                if name in self._files:
                    allele = self._alleles[int(self._read(name, row))]
                    return allele.encode(errors="surrogateescape").decode(errors="replace")
                return self._of.files.allele_words[self._allele(row, is_other=name == "other")]
            case "base_pair_location":
                return str(self._position(row))
            case "variant_id":
                return self._name(row) if self._has_ids else ""
            case _:
                return f"{self._read(column, row):.15g}" if column in self._files else ""

    def _allele(self, row: int, is_other: bool) -> int:
        code = int(self._places.codes[row]) & 7
        if code > 3:
            unlike = int(np.searchsorted(self._places.unlike, row))
            return int((self._places.effect, self._places.other)[is_other][unlike])
        variant = self._variant(row)
        return int(turned(code, self._of.effect[variant], self._of.other[variant])[is_other])

    def _position(self, row: int) -> int:
        if int(self._places.codes[row]) >> PLACE_SHIFT == OTHER_PLACE:
            return int(self._places.position[np.searchsorted(self._places.unlike, row)])
        return int(self._of.position[self._variant(row)])

    def _variant(self, row: int) -> int:
        return int(self._places.numbers[row]) - self._places.first

    def _read(self, name: str, row: int) -> Any:
        return self._files.read(name, self._begin + row, self._begin + row + 1)[0]


def _unlike_columns(chunk: NumberedRows) -> dict[str, npt.NDArray[Any]]:
    return {
        "row": chunk.unlike,
        "effect": chunk.effect,
        "other": chunk.other,
        "chromosome": chunk.chromosome,
        "position": chunk.position,
    }
