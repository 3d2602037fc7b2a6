"""GWAMA's map: chromosomes and positions of markers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import numpy as np
import numpy.typing as npt

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.text_index import TextIndex, grow
from gwasmeta.sumstats.words import Words

_LINES_AT_ONCE = 1 << 16


class MarkerMap:
    """Chromosomes and positions of markers, read from a map file.

    Parameters
    ----------
    path : str
        A line a marker: chromosome, marker, position; or as PLINK's .map, with a genetic distance before the
        position. A first line whose position is no number names the columns. Of a marker's lines the last counts.

    Attributes
    ----------
    has_header, has_names : bool
        Whether the first line names the columns, and whether a chromosome has another name than a number.

    Raises
    ------
    GwasmetaError
        If it cannot be read, or a line is not of this form.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self.has_header = False
        self._markers = TextIndex()
        self._positions = np.zeros(0)
        self._chromosomes = np.zeros(0, dtype=np.int32)
        self._chromosome_names = TextIndex()
        try:
            with open(path, encoding="utf-8", errors="surrogateescape") as file:
                lines = self._places(file)
                while places := list(islice(lines, _LINES_AT_ONCE)):
                    self._enter(places)
        except OSError as error:
            raise GwasmetaError(f"{path}: the map cannot be read: {error.strerror}") from error
        if not len(self._markers):
            raise GwasmetaError(f"{path}: the map has no line with a chromosome, a marker and a position")
        self.has_names = any(not name.isdecimal() for name in self._chromosome_names.words().to_list())

    def _places(self, lines: Iterable[str]) -> Iterator[tuple[str, str, float]]:
        """Yield chromosome, marker and position of each line."""
        for number, line in enumerate(lines, start=1):
            words = line.split()
            if not words:
                continue
            try:
                position = float(words[2 if len(words) == 3 else 3])
                if not position.is_integer():
                    raise ValueError
            except (IndexError, ValueError):
                if number > 1:
                    raise GwasmetaError(
                        f"{self._path}, line {number}: no chromosome, marker and position:"
                        f" {line.strip()[:60]!r}\n  A map has three words a line, or four as PLINK's .map."
                    ) from None
                self.has_header = True
                continue
            yield words[0], words[1], position

    def _enter(self, places: Sequence[tuple[str, str, float]]) -> None:
        chromosomes, markers, positions = zip(*places, strict=True)
        numbers = self._markers.number(Words.of(markers))
        for column in (self._positions, self._chromosomes):
            grow(column, len(self._markers))
        self._positions[numbers] = positions
        self._chromosomes[numbers] = self._chromosome_names.number(Words.of(chromosomes))

    def places(self, markers: Words) -> tuple[Words, npt.NDArray[np.float64]]:
        """Return chromosomes and positions, empty and NaN for markers that the map does not have."""
        found = self._markers.find(markers)
        known, rows = found >= 0, np.maximum(found, 0)
        names = Words.of([*self._chromosome_names.words().to_list(), ""])
        codes = np.where(known, np.append(self._chromosomes, 0)[rows], len(names) - 1)
        return names.take(codes), np.where(known, np.append(self._positions, 0)[rows], np.nan)
