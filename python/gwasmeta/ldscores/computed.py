"""Computed LD scores: a table, and files that LDSC, MTAG and gwasmeta read."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gwasmeta.errors import GwasmetaError
from gwasmeta.ldscores.chromosome_pattern import filled, is_pattern
from gwasmeta.ldscores.id_text import ids_of_text, text_of_ids
from gwasmeta.ldscores.panel_files import SCORES
from gwasmeta.ldscores.plink_files import PlinkFiles
from gwasmeta.ldscores.windows import Window
from gwasmeta.sumstats.sink import compressed_text, refuse_impossible, whole_files
from gwasmeta.sumstats.table_text import Fixed, NumberColumn, Significant, table_text
from gwasmeta.sumstats.words import Words

if TYPE_CHECKING:
    import pandas as pd

_COMMON = 0.05  # minor allele frequency above which a SNP is counted in M_5_50
_DECIMALS = 3  # as LDSC writes them
_DIGITS_OF_A_POSITION = 12


@dataclass(frozen=True, eq=False)
class ComputedLdScores:
    """LD scores of M SNPs, in the order of the genotypes' files.

    Attributes
    ----------
    variant_ids, chromosomes : Words
        As they are written in the .bim file.
    base_pair_location, centimorgans : float64 array, shape (M,)
    minor_allele_frequency : float64 array, shape (M,)
    ld_score : float64 array, shape (M,)
    window : Window
    n_samples : int
        People whose genotypes were used; of several files, in that with the fewest.
    n_monomorphic : int
        SNPs left out because they do not vary, or no genotype of them is known.
    n_unplaced : int
        SNPs left out because they are on chromosome 0, which means that their place is not known.
    """

    variant_ids: Words
    chromosomes: Words
    base_pair_location: npt.NDArray[np.float64]
    centimorgans: npt.NDArray[np.float64]
    minor_allele_frequency: npt.NDArray[np.float64]
    ld_score: npt.NDArray[np.float64]
    window: Window
    n_samples: int
    n_monomorphic: int
    n_unplaced: int

    @classmethod
    def of(
        cls, plink: PlinkFiles, snps: npt.NDArray[np.intp], ld_score: npt.NDArray[np.float64], window: Window
    ) -> ComputedLdScores:
        """Put LD scores beside what the files say of their SNPs."""
        n_monomorphic = int(np.count_nonzero(~plink.varies))
        return cls(
            plink.variant_ids.take(snps),
            plink.chromosomes.take(snps),
            plink.base_pair_location[snps],
            plink.centimorgans[snps],
            plink.minor_allele_frequency[snps],
            ld_score,
            window,
            plink.n_samples,
            n_monomorphic,
            len(plink) - len(snps) - n_monomorphic,
        )

    def __len__(self) -> int:
        return len(self.ld_score)

    @property
    def m(self) -> int:
        """Number of SNPs."""
        return len(self)

    @property
    def m_5_50(self) -> int:
        """Number of SNPs with a minor allele frequency above 0.05."""
        return int(np.count_nonzero(self.minor_allele_frequency > _COMMON))

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a SNP."""
        import pandas as pd

        return pd.DataFrame(
            {
                "variant_id": self.variant_ids.to_list(),
                "chromosome": self.chromosomes.to_list(),
                "base_pair_location": self.base_pair_location.astype(np.int64),
                "centimorgans": self.centimorgans,
                "minor_allele_frequency": self.minor_allele_frequency,
                "ld_score": self.ld_score,
            }
        )

    def summary(self) -> str:
        """Return a few lines that say what was computed and what was left out."""
        left_out = ", ".join(
            f"{count:,} {why}"
            for count, why in ((self.n_monomorphic, "that do not vary"), (self.n_unplaced, "without a place"))
            if count
        )
        low, median, high = np.quantile(self.ld_score, (0, 0.5, 1))
        return (
            f"{len(self):,} SNPs of {self.n_samples:,} people; windows of {self.window}\n"
            f"  left out: {left_out or 'no SNP'}\n"
            f"  LD scores: mean {self.ld_score.mean():.3f}, median {median:.3f}, from {low:.3f} to {high:.3f}\n"
            f"  M {self.m:,}, of which {self.m_5_50:,} with a minor allele frequency above {_COMMON} (M_5_50)"
        )

    def write(self, out: str | os.PathLike[str], *, parquet: bool = False) -> list[Path]:
        """Write the LD scores in LDSC's format: `OUT.l2.ldscore.gz`, `OUT.l2.M` and `OUT.l2.M_5_50`.

        Parameters
        ----------
        out : path
            The beginning of the files' names. With an @ in it, three files for each chromosome, whose name takes the
            place of the @.
        parquet : bool
            Write the scores with all their digits as `OUT.l2.ldscore.parquet` instead, which LDSC does not read.

        Returns
        -------
        list of Path
            All of them appear, or none.

        Raises
        ------
        GwasmetaError
            If a file cannot be written.
        """
        sets = self._sets(os.fspath(out))
        ending = ".parquet" if parquet else ".gz"
        names = [path for name in sets for path in (f"{name}{SCORES}{ending}", f"{name}.l2.M", f"{name}.l2.M_5_50")]
        for name in names:
            refuse_impossible(name)
        with whole_files(*names) as besides:
            for number, rows in enumerate(sets.values()):
                self._write_set(rows, names[3 * number : 3 * number + 3], besides[3 * number : 3 * number + 3])
        return [Path(name) for name in names]

    def _sets(self, out: str) -> dict[str, npt.NDArray[np.intp]]:
        """Return the rows of each set of files by the beginning of its names."""
        rows = np.arange(len(self))
        if not is_pattern(out):
            return {out: rows}
        runs = self.chromosomes.runs()
        names = [filled(out, name) for name in self.chromosomes.take(runs).to_list()]
        return dict(zip(names, np.split(rows, runs[1:]), strict=True))

    def _write_set(self, rows: npt.NDArray[np.intp], names: Sequence[str], besides: Sequence[Path]) -> None:
        frequency = self.minor_allele_frequency[rows]
        if names[0].endswith(".parquet"):
            self._write_parquet(rows, besides[0], names[0])
        else:
            with compressed_text(besides[0], names[0]) as sink:
                sink.write(b"CHR\tSNP\tBP\tL2\n")
                sink.write(self._text(rows))
        for count, name, beside in zip(
            (len(frequency), int((frequency > _COMMON).sum())), names[1:], besides[1:], strict=True
        ):
            with compressed_text(beside, name) as sink:
                sink.write(f"{count}\n".encode())

    def _text(self, rows: npt.NDArray[np.intp]) -> bytes:
        return table_text(
            [
                self.chromosomes.take(rows),
                self.variant_ids.take(rows),
                NumberColumn(self.base_pair_location[rows], Significant(_DIGITS_OF_A_POSITION)),
                NumberColumn(self.ld_score[rows], Fixed(_DECIMALS)),
            ]
        )

    def _write_parquet(self, rows: npt.NDArray[np.intp], beside: Path, name: str) -> None:
        import polars as pl

        table = self.table.iloc[rows]
        frame = pl.DataFrame(
            {
                "CHR": table["chromosome"].tolist(),
                "SNP": table["variant_id"].tolist(),
                "BP": table["base_pair_location"].to_numpy(),
                "CM": table["centimorgans"].to_numpy(),
                "MAF": table["minor_allele_frequency"].to_numpy(),
                "L2": table["ld_score"].to_numpy(),
            }
        )
        try:
            frame.write_parquet(beside)
        except (OSError, pl.exceptions.PolarsError) as error:
            raise GwasmetaError(f"{name}: cannot be written: {error}") from error


def joined(parts: Sequence[ComputedLdScores]) -> ComputedLdScores:
    """Return the LD scores of several sets of files one behind the other."""
    if len(parts) == 1:
        return parts[0]
    return ComputedLdScores(
        _joined_words([part.variant_ids for part in parts]),
        _joined_words([part.chromosomes for part in parts]),
        np.concatenate([part.base_pair_location for part in parts]),
        np.concatenate([part.centimorgans for part in parts]),
        np.concatenate([part.minor_allele_frequency for part in parts]),
        np.concatenate([part.ld_score for part in parts]),
        parts[0].window,
        min(part.n_samples for part in parts),
        sum(part.n_monomorphic for part in parts),
        sum(part.n_unplaced for part in parts),
    )


def _joined_words(columns: Sequence[Words]) -> Words:
    return ids_of_text(bytearray().join(map(text_of_ids, columns)))
