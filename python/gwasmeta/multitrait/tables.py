"""Results as tables: the SNPs, and each trait's statistics at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gwasmeta.multitrait.estimates import per_allele
from gwasmeta.multitrait.snps import CommonSnps
from gwasmeta.stats.mtag_estimator import MtagEstimates
from gwasmeta.stats.normal import neg_log_10_p_value
from gwasmeta.sumstats.effects import FloatArray
from gwasmeta.sumstats.table_text import NumberColumn, PValue, table_text
from gwasmeta.sumstats.words import BASES, Words

if TYPE_CHECKING:
    import polars as pl

_SMALLEST_DOUBLE = 307.0  # minus the decimal logarithm, below which a double loses digits
_DIGITS_OF_SMALL_P_VALUES = 15


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


def trait_table(
    snps: CommonSnps, estimates: MtagEstimates, trait: int, *, standardised: bool, frequency: FloatArray | None = None
) -> pl.DataFrame:
    """Return one trait's statistics.

    Parameters
    ----------
    snps : CommonSnps
    estimates : MtagEstimates
        At the same SNPs.
    trait : int
    standardised : bool
        Leave effects in units of standard deviations; otherwise they are per copy of the allele.
    frequency : float64 array, shape (n_snps,), optional
        To be used instead of the trait's own.

    Returns
    -------
    polars.DataFrame
        study_z and n of the trait's study, effect_allele_frequency, beta, standard_error, z and neg_log_10_p_value.
    """
    import polars as pl

    if frequency is None:
        missing = np.full(len(snps), np.nan)
        frequency = missing if snps.frequency is None else snps.frequency[:, trait]
    beta, standard_error = estimates.beta[:, trait], estimates.standard_error[:, trait]
    if not standardised:
        beta, standard_error = per_allele(beta, frequency), per_allele(standard_error, frequency)
    columns = {
        "study_z": snps.z[:, trait],
        "n": snps.n[:, trait],
        "effect_allele_frequency": frequency,
        "beta": beta,
        "standard_error": standard_error,
        "z": estimates.z[:, trait],
        "neg_log_10_p_value": neg_log_10_p_value(estimates.z[:, trait]),
    }
    return pl.DataFrame(
        {name: pl.Series(np.ascontiguousarray(values), nan_to_null=True) for name, values in columns.items()}
    )


def combined_table(snps: CommonSnps, estimates: MtagEstimates, *, standardised: bool) -> pl.DataFrame:
    """Return the statistics of traits that are all the same, as `trait_table` does those of one.

    Without study_z and n; the frequency is the mean of the traits that have the SNP.
    """
    leader = np.isnan(snps.z).argmin(axis=1)[:, np.newaxis]  # all traits that have a SNP have the same estimate

    def of_leader(matrix: FloatArray) -> FloatArray:
        return np.take_along_axis(matrix, leader, axis=1)

    same = MtagEstimates(of_leader(estimates.beta), of_leader(estimates.standard_error), of_leader(estimates.z))
    table = trait_table(snps, same, 0, standardised=standardised, frequency=snps.mean_frequency())
    return table.drop("study_z", "n")


def p_value_column(neg_log_10: pl.Series) -> pl.Series:
    """Return p-values as numbers; as text if some are too small for a number."""
    import polars as pl

    logarithms = neg_log_10.fill_null(np.nan).to_numpy()
    p_values = pl.Series(10.0**-logarithms, nan_to_null=True)
    small = np.flatnonzero(logarithms > _SMALLEST_DOUBLE)
    if not small.size:
        return p_values
    text = table_text([NumberColumn(logarithms[small], PValue(_DIGITS_OF_SMALL_P_VALUES))]).decode()
    return p_values.cast(pl.String).scatter(small, text.split())


def _as_series(words: Words) -> pl.Series:
    import polars as pl

    if not len(words):
        return pl.Series([], dtype=pl.String)
    text = table_text([words], missing="").decode(errors="replace")
    return pl.Series([text.removesuffix("\n")]).str.split("\n").explode()
