"""Results as tables: the SNPs, and each trait's statistics at them; to look at, and as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from gwasmeta.cores import in_order
from gwasmeta.multitrait.estimates import per_allele
from gwasmeta.multitrait.snps import CommonSnps
from gwasmeta.stats.mtag_estimator import MtagEstimates
from gwasmeta.stats.normal import neg_log_10_p_value
from gwasmeta.sumstats.effects import FloatArray
from gwasmeta.sumstats.sink import compressed_text
from gwasmeta.sumstats.table_text import NumberColumn, PValue, Significant, table_text
from gwasmeta.sumstats.words import BASES, Words

if TYPE_CHECKING:
    import polars as pl

Column: TypeAlias = Words | FloatArray

_ALL = slice(None)
_BLOCK_ROWS = 1 << 14
_EXACT, _EXACT_P_VALUE = Significant(15), PValue(15)  # all digits that a double has of any decimal number
_BASES = np.frombuffer(bytearray(BASES.ljust(16).encode()), dtype=np.uint8)  # long enough to be read eight at a time


@dataclass(frozen=True)
class TraitStatistics:
    """Statistics of one trait, computed by ranges of SNPs.

    Attributes
    ----------
    snps : CommonSnps
    estimates : MtagEstimates
        At these SNPs.
    trait : int, optional
        None if all traits are the same.
    standardised : bool
        Leave effects in units of standard deviations; otherwise they are per copy of the allele.
    """

    snps: CommonSnps
    estimates: MtagEstimates
    trait: int | None
    standardised: bool

    def at(self, rows: slice) -> dict[str, FloatArray]:
        """Return the columns at some SNPs.

        These are study_z and n of the trait's study, effect_allele_frequency, beta, standard_error, z and
        neg_log_10_p_value; without the first two where all traits are the same, and with their mean frequency.
        """
        if self.trait is None:
            return self._of_all_traits(rows)
        known = self.snps.frequency
        columns = {"study_z": self.snps.z[rows, self.trait], "n": self.snps.n[rows, self.trait]}
        frequency = np.full(len(columns["n"]), np.nan) if known is None else known[rows, self.trait]
        found = (matrix[rows, self.trait] for matrix in _matrices(self.estimates))
        return columns | self._estimates(frequency, *found)

    def _of_all_traits(self, rows: slice) -> dict[str, FloatArray]:
        leader = np.isnan(self.snps.z[rows]).argmin(axis=1)[:, np.newaxis]  # all that have a SNP have one estimate
        found = (np.take_along_axis(matrix[rows], leader, axis=1)[:, 0] for matrix in _matrices(self.estimates))
        mean = self.snps.mean_frequency(rows)
        return self._estimates(np.full(len(leader), np.nan) if mean is None else mean, *found)

    def _estimates(
        self, frequency: FloatArray, beta: FloatArray, standard_error: FloatArray, z: FloatArray
    ) -> dict[str, FloatArray]:
        if not self.standardised:
            beta, standard_error = per_allele(beta, frequency), per_allele(standard_error, frequency)
        return {
            "effect_allele_frequency": frequency,
            "beta": beta,
            "standard_error": standard_error,
            "z": z,
            "neg_log_10_p_value": neg_log_10_p_value(z),
        }

    def frame(self) -> pl.DataFrame:
        """Return what `at` returns for all SNPs, missing values as null."""
        import polars as pl

        columns = self.at(_ALL).items()
        return pl.DataFrame({name: pl.Series(np.ascontiguousarray(it), nan_to_null=True) for name, it in columns})


def _matrices(estimates: MtagEstimates) -> tuple[FloatArray, FloatArray, FloatArray]:
    return estimates.beta, estimates.standard_error, estimates.z


def snp_table(snps: CommonSnps) -> pl.DataFrame:
    """Return what identifies the SNPs: variant_id, chromosome, base_pair_location, effect_allele, other_allele."""
    import polars as pl

    columns = {"variant_id": _as_series(snps.variant_ids)}
    known = snps.snps
    if known.chromosome is not None:
        columns["chromosome"] = _as_series(snps.names.chromosomes.words()).gather(known.chromosome)
    if known.base_pair_location is not None:
        columns["base_pair_location"] = pl.Series(known.base_pair_location, nan_to_null=True).cast(pl.Int64)
    bases = pl.Series(list(BASES))
    columns["effect_allele"] = bases.gather(known.effect_allele.astype(np.uint32))
    columns["other_allele"] = bases.gather(known.other_allele.astype(np.uint32))
    return pl.DataFrame(columns)


def write_table(
    path: Path,
    statistics: TraitStatistics,
    headers: Mapping[str, str],
    *,
    missing: str,
    measured_only: bool = False,
) -> None:
    """Write the SNPs and a trait's statistics at them, as lines of fields between tabs.

    Parameters
    ----------
    path : Path
    statistics : TraitStatistics
    headers : mapping
        Columns in their order to what the file calls them. Those that are not known of the SNPs are left out.
        `p_value` is written from its logarithm, however small it is.
    missing : str
        Stands for a value that is not known.
    measured_only : bool
        Leave out SNPs that the trait does not have.

    Raises
    ------
    GwasmetaError
        If the file cannot be written.
    """
    of_snps = _columns_of_snps(statistics.snps)

    def text_of(start: int) -> bytes:
        rows = slice(start, start + _BLOCK_ROWS)
        numbers = statistics.at(rows)
        chosen = np.flatnonzero(~np.isnan(numbers["z"])) if measured_only else None
        columns = of_snps(rows) | numbers
        return table_text([_written(name, columns, chosen) for name in written], missing=missing)

    known = {"p_value"} | of_snps(slice(0)).keys() | statistics.at(slice(0)).keys()
    written = [name for name in headers if name in known]
    tasks = (partial(text_of, start) for start in range(0, len(statistics.snps), _BLOCK_ROWS))
    with compressed_text(path, path) as sink:
        sink.write(("\t".join(headers[name] for name in written) + "\n").encode())
        for text in in_order(tasks):
            sink.write(text)


def _columns_of_snps(snps: CommonSnps) -> Callable[[slice], dict[str, Column]]:
    """Return a function from rows to the columns that `snp_table` has of all."""
    known = snps.snps
    names, chromosomes = snps.names.variants.words(), snps.names.chromosomes.words()

    def at(rows: slice) -> dict[str, Column]:
        columns: dict[str, Column] = {
            "variant_id": names.take(known.variant[rows]),
            "effect_allele": _base_words(known.effect_allele[rows]),
            "other_allele": _base_words(known.other_allele[rows]),
        }
        if known.chromosome is not None:
            columns["chromosome"] = chromosomes.take(known.chromosome[rows])
        if known.base_pair_location is not None:
            columns["base_pair_location"] = known.base_pair_location[rows]
        return columns

    return at


def _base_words(codes: npt.NDArray[np.int8]) -> Words:
    return Words(_BASES, codes.astype(np.int32), np.ones(len(codes), dtype=np.int32))


def _written(name: str, columns: Mapping[str, Column], chosen: npt.NDArray[np.intp] | None) -> Words | NumberColumn:
    column = columns["neg_log_10_p_value" if name == "p_value" else name]
    if isinstance(column, Words):
        return column if chosen is None else column.take(chosen)
    return NumberColumn(column if chosen is None else column[chosen], _EXACT_P_VALUE if name == "p_value" else _EXACT)


def _as_series(words: Words) -> pl.Series:
    import polars as pl

    if not len(words):
        return pl.Series([], dtype=pl.String)
    text = table_text([words], missing="").decode(errors="replace")
    return pl.Series([text.removesuffix("\n")]).str.split("\n").explode()
