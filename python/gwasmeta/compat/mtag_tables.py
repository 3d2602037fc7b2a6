"""The files that MTAG writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gwasmeta.compat.mtag_options import MtagOptions
from gwasmeta.multitrait.estimation import Analysis
from gwasmeta.multitrait.tables import combined_table, p_value_column, snp_table, trait_table
from gwasmeta.sumstats.effects import FloatArray

if TYPE_CHECKING:
    import polars as pl

_SNP_WORDS = {
    "variant_id": "SNP",
    "chromosome": "CHR",
    "base_pair_location": "BP",
    "effect_allele": "A1",
    "other_allele": "A2",
}
_STUDY_WORDS = {"study_z": "Z", "n": "N", "effect_allele_frequency": "FRQ"}
_MTAG_WORDS = {"beta": "mtag_beta", "standard_error": "mtag_se", "z": "mtag_z", "p_value": "mtag_pval"}


def table_endings(options: MtagOptions) -> list[str]:
    """Return what the names of the tables end in, behind --out."""
    n_traits = len(options.sumstats)
    if options.equal_h2:
        return ["_mtag_meta.txt"]
    if n_traits == 1 and not options.meta_format:
        return ["_trait.txt"]
    return [f"_trait_{trait}.txt" for trait in range(1, n_traits + 1)]


def write_tables(analysis: Analysis, options: MtagOptions, paths: list[Path]) -> Iterator[str]:
    """Write the tables, one after the other, and say so."""
    snps = snp_table(analysis.snps).rename(_SNP_WORDS, strict=False)
    if options.equal_h2:
        yield "Writing one table for all traits, effects per allele by the mean of their frequencies"
        _write(snps.hstack(_one_for_all(analysis, options)), paths[0], "")
        return
    for trait, path in enumerate(paths):
        yield f"Writing trait {trait + 1}"
        statistics = _of_trait(analysis, trait, options)
        if options.meta_format:
            there = statistics.get_column("mtag_z").is_not_null()
            _write(snps.filter(there).hstack(statistics.filter(there)), path, "NA")
        else:
            _write(snps.hstack(statistics), path, "")


def _of_trait(analysis: Analysis, trait: int, options: MtagOptions) -> pl.DataFrame:
    study_words = _STUDY_WORDS
    if options.meta_format:
        study_words = {"study_z": options.z_name, "n": options.n_name, "effect_allele_frequency": options.eaf_name}
    table = trait_table(analysis.snps, analysis.estimates, trait, standardised=options.std_betas)
    return _in_words(table, study_words | _MTAG_WORDS)


def _one_for_all(analysis: Analysis, options: MtagOptions) -> pl.DataFrame:
    table = combined_table(analysis.snps, analysis.estimates, standardised=options.std_betas)
    return _in_words(table, {"effect_allele_frequency": "meta_freq"} | _MTAG_WORDS)


def _in_words(table: pl.DataFrame, words: dict[str, str]) -> pl.DataFrame:
    p_value = p_value_column(table.get_column("neg_log_10_p_value")).alias("p_value")
    return table.with_columns(p_value).select(list(words)).rename(words)


def _write(table: pl.DataFrame, path: Path, missing: str) -> None:
    table.write_csv(path, separator="\t", null_value=missing, quote_style="never")


def matrix_lines(matrix: FloatArray) -> bytes:
    """Return a matrix as MTAG writes it: tabs between numbers of 18 digits behind the point."""
    return "".join("\t".join(f"{value:.18e}" for value in row) + "\n" for row in matrix).encode()
