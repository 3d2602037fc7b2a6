"""A panel of LD scores: of each SNP the sum of its squared correlations with the SNPs around it."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gwasmeta.cores import on_all_cores
from gwasmeta.errors import GwasmetaError
from gwasmeta.ldscores.cache import CachedRows, keep, read_cached
from gwasmeta.ldscores.id_text import ids_of_text, text_of_ids
from gwasmeta.ldscores.panel_files import MFile, find_panel_files, read_m
from gwasmeta.ldscores.score_file import ScoreRows, read_score_file
from gwasmeta.sumstats.text_index import TextIndex
from gwasmeta.sumstats.words import Words


@dataclass(frozen=True, eq=False)
class LdScorePanel:
    """LD scores of many SNPs, sorted by chromosome and position; each SNP once.

    Attributes
    ----------
    name : str
        What error messages call the panel: the path as given.
    variant_ids : Words
        Of M SNPs.
    chromosome : int16 array, shape (M,)
        X, Y and MT are 23, 24 and 26.
    base_pair_location : int32 array, shape (M,)
    ld_score : float64 array, shape (M,)
        Sum of r-squared over the SNPs of a window, itself included.
    m : float
        Number of SNPs that the scores were summed over; as a rule of those with a minor allele frequency above 0.05.
        NaN if it was not read.
    files : tuple of Path
        What it was read from.
    files_left_out : tuple of Path
        Files of LD scores in the same folder that do not belong to the panel, such as those of chromosome X.
    n_repeated : int
        Rows left out because an earlier row has the same id.
    """

    name: str
    variant_ids: Words
    chromosome: npt.NDArray[np.int16]
    base_pair_location: npt.NDArray[np.int32]
    ld_score: npt.NDArray[np.float64]
    m: float
    files: tuple[Path, ...] = ()
    files_left_out: tuple[Path, ...] = ()
    n_repeated: int = 0

    def __len__(self) -> int:
        return len(self.ld_score)

    @cached_property
    def _index(self) -> TextIndex:
        """The ids; the number of each is its row."""
        index = TextIndex()
        index.number(self.variant_ids)
        return index

    def rows_of(self, variant_ids: Words | Iterable[str]) -> npt.NDArray[np.int32]:
        """Return the row in which each of some variants stands.

        Parameters
        ----------
        variant_ids : Words or iterable of str
            Fastest in nearly the panel's order.

        Returns
        -------
        int32 array, shape (n_variants,)
            -1 for a variant that is not in the panel.
        """
        return self._index.find(variant_ids if isinstance(variant_ids, Words) else Words.of(variant_ids))

    def summary(self) -> str:
        """Return a few lines that say what the panel is."""
        low, median, high = np.quantile(self.ld_score, (0, 0.5, 1))
        lines = [
            f"{self.name}: LD scores of {len(self):,} SNPs on {_shown_chromosomes(self.chromosome)}",
            f"  mean {self.ld_score.mean():.3f}, median {median:.3f}, from {low:.3f} to {high:.3f}",
            f"  summed over {self.m:,.0f} SNPs (M)",
            f"  files: {self.files[0]}" + f" to {self.files[-1].name} ({len(self.files)})" * (len(self.files) > 1),
        ]
        if self.n_repeated:
            lines.append(f"  left out: {self.n_repeated:,} rows whose id an earlier row has")
        if self.files_left_out:
            lines.append(f"  not part of it: {', '.join(path.name for path in self.files_left_out)}")
        return "\n".join(lines)


def read_panel(panel: str | os.PathLike[str], *, m_file: MFile | None = "M_5_50", cache: bool = True) -> LdScorePanel:
    """Read a panel of LD scores in LDSC's format.

    Parameters
    ----------
    panel : path
        A folder with `.l2.ldscore` files (plain, .gz, .bz2 or .parquet), one for each chromosome or one for all; or
        the beginning of their names, with or without @ where the chromosome's number goes.
    m_file : {"M_5_50", "M"}, optional
        Where the number of SNPs is read: those with a minor allele frequency above 0.05, as LDSC does unless told
        otherwise, or all. None to do without: panels that only weights are taken from come without such files.
    cache : bool
        Keep the panel as Parquet in the user's cache folder, and read it from there the next time.

    Returns
    -------
    LdScorePanel

    Raises
    ------
    GwasmetaError
        If files are missing or cannot be understood.
    """
    files = find_panel_files(panel)
    m = math.nan if m_file is None else read_m(files, m_file)
    cached = read_cached(files.scores) if cache else None
    if cached is None:
        cached = _each_once(_sorted(_read_all(files.scores)))
        if cache:
            keep(files.scores, cached)
    rows = cached.rows
    return LdScorePanel(
        os.fspath(panel),
        rows.variant_ids,
        rows.chromosome,
        rows.base_pair_location,
        rows.ld_score,
        m,
        files.scores,
        files.left_out,
        cached.n_repeated,
    )


def _each_once(rows: ScoreRows) -> CachedRows:
    """Leave out rows whose id an earlier row has."""
    numbers = TextIndex().number(rows.variant_ids)
    largest_before = np.concatenate([[-1], np.maximum.accumulate(numbers)[:-1]])
    is_first = numbers > largest_before
    n_repeated = len(is_first) - int(np.count_nonzero(is_first))
    return CachedRows(rows if not n_repeated else rows.at(is_first), n_repeated)


def _read_all(paths: tuple[Path, ...]) -> list[ScoreRows]:
    contents = on_all_cores(read_score_file, paths)
    first_header = contents[0][0]
    for path, (header, _) in zip(paths, contents, strict=True):
        if set(header) != set(first_header):
            raise GwasmetaError(
                f"{path}: its columns are {' '.join(header)}, but those of {paths[0]} are {' '.join(first_header)}\n"
                "  The files of one panel have the same columns: are these of different panels, or versions of one?"
            )
    rows = [block for _, blocks in contents for block in blocks]
    if not rows:
        raise GwasmetaError(f"{paths[0]}: has no row below its header\n  Was it written or transferred completely?")
    return rows


def _sorted(blocks: list[ScoreRows]) -> ScoreRows:
    """Join rows and sort them by chromosome and position; rows of the same place stay in their order."""
    variant_ids = ids_of_text(bytearray().join(text_of_ids(block.variant_ids) for block in blocks))
    chromosome = np.concatenate([block.chromosome for block in blocks])
    position = np.concatenate([block.base_pair_location for block in blocks])
    ld_score = np.concatenate([block.ld_score for block in blocks])
    order = np.lexsort((position, chromosome))
    return ScoreRows(variant_ids, chromosome, position, ld_score).at(order)


def _shown_chromosomes(chromosome: npt.NDArray[np.int16]) -> str:
    """Return which chromosomes there are, such as `chromosomes 1-8, 10, 23`."""
    there = np.unique(chromosome)
    if len(there) == 1:
        return f"chromosome {there[0]}"
    ranges = np.split(there, np.flatnonzero(np.diff(there) > 1) + 1)
    return "chromosomes " + ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in ranges)
