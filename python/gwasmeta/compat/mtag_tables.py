"""The files that MTAG writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gwasmeta.compat.mtag_options import MtagOptions
from gwasmeta.multitrait.estimation import Analysis
from gwasmeta.multitrait.tables import TraitStatistics, write_table
from gwasmeta.sumstats.effects import FloatArray

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
    if options.equal_h2:
        yield "Writing one table for all traits, effects per allele by the mean of their frequencies"
        _write(analysis, None, options, paths[0])
        return
    for trait, path in enumerate(paths):
        yield f"Writing trait {trait + 1}"
        _write(analysis, trait, options, path)


def _write(analysis: Analysis, trait: int | None, options: MtagOptions, path: Path) -> None:
    statistics = TraitStatistics(analysis.snps, analysis.estimates, trait, options.std_betas)
    patterns = options.meta_format and trait is not None
    headers = _SNP_WORDS | _study_words(options, patterns, trait is None) | _MTAG_WORDS
    write_table(path, statistics, headers, missing="NA" if patterns else "", measured_only=patterns)


def _study_words(options: MtagOptions, as_in_the_input: bool, all_traits: bool) -> dict[str, str]:
    if all_traits:
        return {"effect_allele_frequency": "meta_freq"}
    if as_in_the_input:
        return {"study_z": options.z_name, "n": options.n_name, "effect_allele_frequency": options.eaf_name}
    return _STUDY_WORDS


def matrix_lines(matrix: FloatArray) -> bytes:
    """Return a matrix as MTAG writes it: tabs between numbers of 18 digits behind the point."""
    return "".join("\t".join(f"{value:.18e}" for value in row) + "\n" for row in matrix).encode()
