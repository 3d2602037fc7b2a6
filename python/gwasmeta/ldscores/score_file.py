"""One file of LD scores, as text or Parquet, to arrays."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.raw_blocks import Layout, RawBlock, TextBlock, frame_blocks
from gwasmeta.sumstats.source import TextSource
from gwasmeta.sumstats.vocabulary import canonical_chromosome
from gwasmeta.sumstats.words import Words

_PLACE = ("CHR", "SNP", "BP")
_NOT_SCORES = (*_PLACE, "CM", "MAF")
_NUMBERS_OF_LETTERS = {"X": 23, "Y": 24, "MT": 26}  # PLINK's
_LARGEST_CHROMOSOME = np.iinfo(np.int16).max
_LARGEST_POSITION = np.iinfo(np.int32).max


@dataclass(frozen=True)
class ScoreRows:
    """Consecutive rows of a file of LD scores.

    Attributes
    ----------
    variant_ids : Words
    chromosome : int16 array, shape (n_rows,)
        X, Y and MT are 23, 24 and 26.
    base_pair_location : int32 array, shape (n_rows,)
    ld_score : float64 array, shape (n_rows,)
    """

    variant_ids: Words
    chromosome: npt.NDArray[np.int16]
    base_pair_location: npt.NDArray[np.int32]
    ld_score: npt.NDArray[np.float64]

    def at(self, rows: npt.NDArray[Any]) -> ScoreRows:
        """Return some rows, given as indices or as a mask."""
        return ScoreRows(
            self.variant_ids.take(rows), self.chromosome[rows], self.base_pair_location[rows], self.ld_score[rows]
        )


def read_score_file(path: Path) -> tuple[tuple[str, ...], list[ScoreRows]]:
    """Read a file of LD scores.

    Returns
    -------
    tuple of str
        The names of its columns, in upper case.
    list of ScoreRows

    Raises
    ------
    GwasmetaError
        If a column is missing, there are several of LD scores, or a row has no number where one is needed.
    """
    if path.suffix == ".parquet":
        return _read_parquet(path)
    with TextSource(path) as source:
        header = tuple(map(str.upper, source.header))
        layout = _layout(path, header, source.separator, f"line {source.header_line_number}")
        return header, [_checked(TextBlock(block, layout), layout, "line") for block in source.blocks()]


def _read_parquet(path: Path) -> tuple[tuple[str, ...], list[ScoreRows]]:
    import polars as pl

    try:
        frame = pl.scan_parquet(path)
        header = tuple(map(str.upper, frame.collect_schema().names()))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise GwasmetaError(f"{path}: cannot be read as Parquet: {error}\n  Fetch or compute it again.") from error
    layout = _layout(path, header, "", "its schema")
    return header, [_checked(block, layout, "row") for block in frame_blocks(frame, layout)]


def _layout(path: Path, header: tuple[str, ...], separator: str, where: str) -> Layout:
    missing = [name for name in _PLACE if name not in header]
    scores = [name for name in header if name not in _NOT_SCORES]
    if missing or not scores:
        raise GwasmetaError(
            f"{path}, {where}: has no column {' or '.join(missing) or 'of LD scores'}; its columns are"
            f" {' '.join(header)}\n  A file of LD scores has CHR, SNP, BP and L2: is this one of LDSC's, and complete?"
        )
    if len(scores) > 1:
        raise GwasmetaError(
            f"{path}, {where}: has {len(scores)} columns of LD scores: {' '.join(scores)}\n"
            "  Panels of several annotations (partitioned heritability) are not supported: give one with a single"
            " column, L2."
        )
    numbers = {"BP": header.index("BP"), scores[0]: header.index(scores[0])}
    words = {"SNP": header.index("SNP"), "CHR": header.index("CHR")}
    return Layout(str(path), header, numbers, words, frozenset(), separator)


def _checked(block: RawBlock, layout: Layout, row_word: str) -> ScoreRows:
    """Return the rows of a block if all of them have numbers where they are needed."""
    place_column, score_column = layout.numbers
    positions, scores = block.numbers[place_column], block.numbers[score_column]
    chromosomes = _chromosome_numbers(block.words["CHR"])
    for name, is_bad, what in (
        (score_column, ~np.isfinite(scores), "no number"),
        (place_column, ~((positions >= 0) & (positions <= _LARGEST_POSITION)), "no position"),
        ("CHR", chromosomes < 0, "not 1 to 22, X, Y or MT"),
    ):
        if is_bad.any():
            row = int(is_bad.argmax())
            shown = block.field(row, layout.header.index(name))
            raise GwasmetaError(
                f"{layout.file}, {row_word} {block.lines[row]}: {name} is {shown!r}, which is {what}\n"
                "  A panel holds one number for each SNP: remove the row, or fetch or compute the panel again."
            )
    return ScoreRows(block.words["SNP"], chromosomes, positions.astype(np.int32), scores)


def _chromosome_numbers(words: Words) -> npt.NDArray[np.int16]:
    """Return the chromosomes as numbers, -1 where a word is none."""
    runs = words.runs()  # few: rows are sorted
    numbers = np.array([_chromosome_number(name) for name in words.take(runs).to_list()], dtype=np.int16)
    return np.repeat(numbers, np.diff(runs, append=len(words)))


def _chromosome_number(name: str) -> int:
    canonical = canonical_chromosome(name)
    number = _NUMBERS_OF_LETTERS.get(canonical) or (int(canonical) if canonical.isdecimal() else -1)
    return number if number <= _LARGEST_CHROMOSOME else -1
