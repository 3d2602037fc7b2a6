"""All variants of an analysis or of a store: numbered as they come, with their first alleles and places."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gwasmeta.compiled import compiled
from gwasmeta.meta.ranges.column_files import read_numbers, told_of_disk
from gwasmeta.meta.ranges.study_rows import NO_CHROMOSOME, StudyRows
from gwasmeta.meta.variants import compared_alleles
from gwasmeta.store.places import sync, write_durably
from gwasmeta.sumstats.sink import whole_file
from gwasmeta.sumstats.text_index import TextIndex, grow
from gwasmeta.sumstats.words import BASES, Words

UNSET = -1

# How a row's place compares with its variant's; its alleles are in the bits below, as `compared_alleles` has them.
PLACE_SHIFT = 3
NO_PLACE, SAME_PLACE, OTHER_PLACE = 0, 1, 2

_CHUNK = 1 << 18  # rows numbered at a time
_ARRAYS = {"ends": "<u8", "effect": "<i4", "other": "<i4", "chromosome": "<i2", "position": "<i4"}
_CONTENTS = "catalogue.json"
_LAYOUT = 2


class Catalogue:
    """Variants numbered 0, 1, 2, ... in order of their first appearance.

    What is known of a variant is what its first row says; it never changes, so that a study that has been numbered
    stays so whatever is added later. An analysis finds its own reference alleles from its own first study.
    """

    def __init__(self) -> None:
        self.names = TextIndex()
        self.alleles = TextIndex()
        self.alleles.number(Words.of(BASES))
        self.chromosomes: dict[str, int] = {}
        self._effect, self._other, self._position = (np.empty(0, dtype=np.int32) for _ in range(3))
        self._chromosome = np.empty(0, dtype=np.int16)

    def __len__(self) -> int:
        return len(self.names)

    def number(self, rows: StudyRows) -> Iterator[NumberedRows]:
        """Give numbers to the rows of a study, chunk by chunk in their order; variants not seen before are added.

        Parameters
        ----------
        rows : StudyRows

        Yields
        ------
        NumberedRows
        """
        if not rows.files.n_rows:
            yield NumberedRows.none()
            return
        alleles = self._alleles_of(rows)
        chromosomes = self._chromosomes_of(rows)
        begin_of_names = 0
        for start in range(0, rows.files.n_rows, _CHUNK):
            stop = min(start + _CHUNK, rows.files.n_rows)
            lengths = rows.files.read("name_length", start, stop).astype(np.int32)
            n_bytes = int(lengths.sum(dtype=np.int64))
            names = _words(rows.names.read("bytes", begin_of_names, begin_of_names + n_bytes), lengths)
            begin_of_names += n_bytes
            effect, other = (alleles[rows.files.read(name, start, stop)] for name in ("effect", "other"))
            if "reverse_strand" in rows.files:
                turned = rows.files.read("reverse_strand", start, stop) & (effect < 4) & (other < 4)
                effect, other = np.where(turned, 3 - effect, effect), np.where(turned, 3 - other, other)
            if "chromosome" in rows.files:
                chromosome = chromosomes[rows.files.read("chromosome", start, stop)]
                position = rows.files.read("position", start, stop)
            else:
                chromosome, position = np.full(stop - start, NO_CHROMOSOME, np.int16), np.zeros(stop - start, np.int32)
            yield self._compared(start, names, effect, other, chromosome, position)

    def _compared(
        self,
        start: int,
        names: Words,
        effect: npt.NDArray[np.int32],
        other: npt.NDArray[np.int32],
        chromosome: npt.NDArray[np.int16],
        position: npt.NDArray[np.int32],
    ) -> NumberedRows:
        variants = self.names.number(names)
        for name, fill in (("_effect", UNSET), ("_other", UNSET), ("_chromosome", NO_CHROMOSOME), ("_position", 0)):
            setattr(self, name, _grown(getattr(self, name), len(self), fill))
        codes = np.empty(len(variants), dtype=np.uint8)
        known = (self._effect, self._other, self._chromosome, self._position)
        _compare(variants, effect, other, chromosome, position, *known, codes)
        unlike = np.flatnonzero(is_unlike(codes))
        return NumberedRows(
            variants, codes, unlike + start, effect[unlike], other[unlike], chromosome[unlike], position[unlike]
        )

    def _alleles_of(self, rows: StudyRows) -> npt.NDArray[np.int32]:
        """Return the number that each of a study's alleles has here; its last element is for those that are missing."""
        words = Words.of(rows.alleles)
        codes = words.allele_codes()
        longer = np.flatnonzero(codes < 0)
        codes[longer] = self.alleles.number(words.take(longer).upper_case())
        return np.append(codes, np.int32(UNSET))

    def _chromosomes_of(self, rows: StudyRows) -> npt.NDArray[np.int16]:
        """Return the number that each of a study's chromosomes has here, and last that of none."""
        numbers = [self.chromosomes.setdefault(name, len(self.chromosomes)) for name in rows.chromosomes]
        return np.array([*numbers, NO_CHROMOSOME], dtype=np.int16)

    def save(self, folder: Path, durably: bool = False) -> CatalogueFiles:
        """Write what has been added since the catalogue was read or written last, and return what there is now.

        Parameters
        ----------
        folder : Path
        durably : bool
            Wait until it is on the disk.
        """
        saved = CatalogueFiles.read(folder)
        if saved is None:
            folder.mkdir(parents=True, exist_ok=True)
            for name in ("names", *_ARRAYS):  # not written over: another process may have mapped those of an old layout
                (folder / name).unlink(missing_ok=True)
            saved = CatalogueFiles(folder, (), 0, 0, (), ())
        new = self.names.words(saved.n_variants)
        ends = saved.n_bytes + np.cumsum(new.lengths, dtype=np.uint64)
        rest = slice(saved.n_variants, len(self))
        arrays: tuple[npt.NDArray[Any], ...] = (
            ends,
            self._effect[rest],
            self._other[rest],
            self._chromosome[rest],
            self._position[rest],
        )
        contents = CatalogueFiles(
            folder,
            (*saved.states, uuid.uuid4().hex),
            len(self),
            saved.n_bytes + len(new.data),
            tuple(self.alleles.words().to_list("surrogateescape")),
            tuple(self.chromosomes),
        )
        if contents == replace(saved, states=contents.states) and saved.states:
            return saved
        with told_of_disk(folder):
            _append(folder / "names", saved.n_bytes, new.data)
            for (name, dtype), values in zip(_ARRAYS.items(), arrays, strict=True):
                _append(folder / name, saved.n_variants * np.dtype(dtype).itemsize, values.astype(dtype))
            for name in ("names", *_ARRAYS) if durably else ():
                sync(folder / name)
            contents.write(durably)  # until it names them, what was appended does not count
        return contents

    @classmethod
    def load(cls, folder: Path) -> Catalogue:
        """Read a catalogue in order to number further studies; an empty one where there is none."""
        files = CatalogueFiles.read(folder)
        catalogue = cls()
        if files is None:
            return catalogue
        for start in range(0, files.n_variants, _CHUNK):
            catalogue.names.number(files.names(start, min(start + _CHUNK, files.n_variants)))
        catalogue.alleles.number(Words.of(files.alleles[len(BASES) :]))
        catalogue.chromosomes = {name: number for number, name in enumerate(files.chromosomes)}
        for name in ("effect", "other", "chromosome", "position"):
            setattr(catalogue, f"_{name}", files.array(name, 0, files.n_variants).copy())  # as it is to grow
        return catalogue


@dataclass(frozen=True)
class NumberedRows:
    """Some rows of a study, numbered.

    Attributes
    ----------
    variants : int32 array, shape (n_rows,)
    codes : uint8 array, shape (n_rows,)
        How alleles and place compare with the variant's.
    unlike : int64 array, shape (n_unlike,)
        The rows, counted from the study's first, whose alleles or place do not follow from the variant's.
    effect, other, chromosome, position : arrays, shape (n_unlike,)
        Those of these rows.
    """

    variants: npt.NDArray[np.int32]
    codes: npt.NDArray[np.uint8]
    unlike: npt.NDArray[np.int64]
    effect: npt.NDArray[np.int32]
    other: npt.NDArray[np.int32]
    chromosome: npt.NDArray[np.int16]
    position: npt.NDArray[np.int32]

    @classmethod
    def none(cls) -> NumberedRows:
        """No rows, in the types that rows have."""
        number = np.empty(0, dtype=np.int32)
        return cls(number, np.empty(0, np.uint8), np.empty(0, np.int64), number, number, np.empty(0, np.int16), number)


@dataclass(frozen=True)
class CatalogueFiles:
    """A catalogue on disk, of which ranges of variants are read.

    Attributes
    ----------
    folder : Path
    states : tuple of str
        Names of what the catalogue has been each time that it was added to, at last of what it is now. The numbers of
        a study mean the same variants here if the catalogue has been in the state in which the study was numbered; two
        copies of a catalogue that were added to have other states from there on.
    n_variants, n_bytes : int
        What counts of the files: more may have been appended by a process that was killed.
    alleles, chromosomes : tuple of str
        By their numbers.
    """

    folder: Path
    states: tuple[str, ...]
    n_variants: int
    n_bytes: int
    alleles: tuple[str, ...]
    chromosomes: tuple[str, ...]

    @classmethod
    def read(cls, folder: Path) -> CatalogueFiles | None:
        """Read what a catalogue holds; None where there is none, or one that is damaged or of another layout."""
        try:
            told = json.loads((folder / _CONTENTS).read_bytes())
        except (FileNotFoundError, ValueError):
            return None
        if told["layout"] != _LAYOUT:
            return None
        states, alleles, chromosomes = (tuple(told[name]) for name in ("states", "alleles", "chromosomes"))
        return cls(folder, states, told["variants"], told["bytes"], alleles, chromosomes)

    def write(self, durably: bool) -> None:
        """Say in the folder what counts of its files, at once."""
        told = {
            "layout": _LAYOUT,
            "states": self.states,
            "variants": self.n_variants,
            "bytes": self.n_bytes,
            "alleles": self.alleles,
            "chromosomes": self.chromosomes,
        }
        if durably:
            write_durably(self.folder / _CONTENTS, json.dumps(told))
            return
        with whole_file(self.folder / _CONTENTS) as beside:
            beside.write_text(json.dumps(told), encoding="utf-8")

    @cached_property
    def allele_words(self) -> Words:
        """The alleles by their numbers; once for all ranges, as there may be as many as variants."""
        return Words.of(self.alleles)

    @cached_property
    def chromosome_words(self) -> Words:
        """The chromosomes by their numbers, and last none."""
        return Words.of([*self.chromosomes, ""])

    def array(self, name: str, start: int, stop: int) -> npt.NDArray[Any]:
        """Return `effect`, `other`, `chromosome` or `position` of a range of variants."""
        return read_numbers(self.folder / name, _ARRAYS[name], start, stop - start)

    def names(self, start: int, stop: int) -> Words:
        """Return the names of a range of variants."""
        ends = self.array("ends", max(start - 1, 0), stop).astype(np.int64)
        begin = 0 if start == 0 else int(ends[0])
        lengths = np.diff(ends, prepend=0) if start == 0 else np.diff(ends)
        n_bytes = int(lengths.sum())
        return _words(read_numbers(self.folder / "names", "u1", begin, n_bytes), lengths.astype(np.int32))


def is_unlike(codes: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Say of which rows alleles or place are not told by the variant and the code."""
    return np.asarray(has_explicit_alleles(codes) | ((codes >> PLACE_SHIFT) == OTHER_PLACE))


def has_explicit_alleles(codes: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Say of which rows the alleles are not told by the variant and the code."""
    return np.asarray((codes & 7) > 3)


def _words(data: npt.NDArray[np.uint8], lengths: npt.NDArray[np.int32]) -> Words:
    starts = np.zeros(len(lengths), dtype=np.int32)
    np.cumsum(lengths[:-1], out=starts[1:])
    return Words(data, starts, lengths)


def _grown(array: npt.NDArray[Any], size: int, fill: int) -> npt.NDArray[Any]:
    known = array.shape[0]
    grow(array, size)
    array[known:] = fill
    return array


def _append(path: Path, known: int, values: npt.NDArray[Any]) -> None:
    """Write behind the bytes that count; what a killed process has left there is written over."""
    with path.open("r+b" if path.exists() else "wb") as file:
        file.truncate(known)
        file.seek(known)
        file.write(np.ascontiguousarray(values).data)


@compiled
def _compare(
    variants: Any,
    effect: Any,
    other: Any,
    chromosome: Any,
    position: Any,
    known_effect: Any,
    known_other: Any,
    known_chromosome: Any,
    known_position: Any,
    codes: Any,
) -> None:
    for row in range(variants.size):
        variant = variants[row]
        if known_effect[variant] == UNSET:
            known_effect[variant], known_other[variant] = effect[row], other[row]
            known_chromosome[variant], known_position[variant] = chromosome[row], position[row]
        code = compared_alleles(effect[row], other[row], known_effect[variant], known_other[variant])
        place = NO_PLACE
        if chromosome[row] != NO_CHROMOSOME:
            same = chromosome[row] == known_chromosome[variant] and position[row] == known_position[variant]
            place = SAME_PLACE if same else OTHER_PLACE
        codes[row] = code | place << PLACE_SHIFT
