"""The formats in which one study is written: their columns, what they need, and which rows they cannot hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.alleles import are_bases
from gwasmeta.sumstats.canonical import place_ids
from gwasmeta.sumstats.chromosomes import chromosome_numbers, names_of_ssf
from gwasmeta.sumstats.effects import CONFIDENCE_FACTOR
from gwasmeta.sumstats.row_block import RowBlock
from gwasmeta.sumstats.table_format import HARMONISATION_CODE, Column, Format, OutputColumn, numbers_of, words_of
from gwasmeta.sumstats.table_text import Fixed, PValue, Significant
from gwasmeta.sumstats.variant_numbers import rs_numbers
from gwasmeta.sumstats.words import Words

_INTEGER = Significant(15)
_P_VALUE = PValue(8)


@dataclass(frozen=True)
class StudyFormat:
    """One way to write a study.

    Attributes
    ----------
    name, title : str
        What a user writes after ``--to``, and what it is.
    ending : str
        Of the file's name, where the caller gives none.
    table : Format or None
        The columns of a table of text; None where it is none.
    needs : tuple of str
        Canonical columns that it cannot do without.
    only_bases : bool
        Whether alleles other than words of A, C, G and T have no place in it.
    only_chromosomes : bool
        Whether contigs other than 1 to 22, X, Y and MT have no place in it.
    asks_for : tuple of str
        Canonical columns that its standard wants in every row.
    fractions : tuple of str
        Canonical columns whose values must lie between 0 and 1; others are written as missing.
    source : str
        URL of the format's documentation.
    """

    name: str
    title: str
    ending: str
    table: Format | None
    needs: tuple[str, ...]
    source: str
    only_bases: bool = False
    only_chromosomes: bool = False
    asks_for: tuple[str, ...] = ()
    fractions: tuple[str, ...] = ()

    @property
    def needs_place(self) -> bool:
        """Whether every row must have a chromosome and a position."""
        return "base_pair_location" in self.needs


def _derive_ssf(values: Mapping[str, Column]) -> dict[str, Column]:
    """Write chromosomes as numbers, rsids in a column of their own, ids without other characters."""
    ids, chromosomes = words_of(values["variant_id"]), names_of_ssf(chromosome_numbers(words_of(values["chromosome"])))
    is_rsid, lower = rs_numbers(ids) >= 0, ids.lower_case()
    derived: dict[str, Column] = {
        "chromosome_ssf": chromosomes,
        "variant_id_ssf": _in_letters_of_ssf(ids),
        "rsid": Words(lower.data, lower.starts, np.where(is_rsid, lower.lengths, 0).astype(np.int32)),
    }
    if "beta" not in values:
        derived["z_score"] = values["z"]
    if HARMONISATION_CODE in values:  # then it is known which allele is the reference's
        reference, alternate = words_of(values["other_allele"]), words_of(values["effect_allele"])
        positions = numbers_of(values["base_pair_location"])
        derived["variant_id_ssf"] = place_ids(chromosomes, positions, reference, alternate, "_")
        derived["ref_allele"] = _OTHER_ALLELE.take(np.zeros(len(ids), dtype=np.intp))
    return derived


_OTHER_ALLELE = Words.of(["OA"])
_SSF_LETTERS = np.array([byte if chr(byte).isalnum() and byte < 128 else ord("_") for byte in range(256)], np.uint8)


def _in_letters_of_ssf(words: Words) -> Words:
    return Words(_SSF_LETTERS[words.data], words.starts, words.lengths)


def _derive_gwama(values: Mapping[str, Column]) -> dict[str, Column]:
    """Add the odds ratio of a study of cases and controls, which GWAMA wants unless it is told otherwise."""
    if "n_cases" not in values and "odds_ratio" not in values:
        return {}
    beta, half_width = numbers_of(values["beta"]), CONFIDENCE_FACTOR * numbers_of(values["standard_error"])
    with np.errstate(over="ignore"):
        return {
            "odds_ratio": np.exp(beta),
            "ci_lower": np.exp(beta - half_width),
            "ci_upper": np.exp(beta + half_width),
        }


def _derive_metal(values: Mapping[str, Column]) -> dict[str, Column]:
    """METAL takes the sign of the effect from a column that has to be there."""
    return {} if "beta" in values else {"beta": values["z"]}


_CODE = OutputColumn(HARMONISATION_CODE, HARMONISATION_CODE, _INTEGER)

_SSF_TABLE = Format(
    "ssf",
    (
        OutputColumn("chromosome", "chromosome_ssf"),
        OutputColumn("base_pair_location", "base_pair_location", _INTEGER),
        OutputColumn("effect_allele", "effect_allele"),
        OutputColumn("other_allele", "other_allele"),
        OutputColumn("beta", "beta"),
        OutputColumn("z-score", "z_score"),
        OutputColumn("standard_error", "standard_error"),
        OutputColumn("effect_allele_frequency", "effect_allele_frequency"),
        OutputColumn("neg_log_10_p_value", "neg_log_10_p_value"),
        OutputColumn("variant_id", "variant_id_ssf"),
        OutputColumn("rsid", "rsid"),
        OutputColumn("ref_allele", "ref_allele"),
        OutputColumn("info", "info"),
        OutputColumn("n", "n", Fixed(0)),
        OutputColumn("n_cases", "n_cases", Fixed(0)),
        OutputColumn("n_controls", "n_controls", Fixed(0)),
        _CODE,
    ),
    missing="#NA",
    required=frozenset({"standard_error", "effect_allele_frequency"}),
    derive=_derive_ssf,
)

_GWAMA_TABLE = Format(
    "gwama",
    (
        OutputColumn("MARKERNAME", "variant_id"),
        OutputColumn("CHROMOSOME", "chromosome"),
        OutputColumn("POSITION", "base_pair_location", _INTEGER),
        OutputColumn("IMPUTED", "imputed", _INTEGER),
        OutputColumn("EA", "effect_allele"),
        OutputColumn("NEA", "other_allele"),
        OutputColumn("EAF", "effect_allele_frequency"),
        OutputColumn("N", "n", _INTEGER),
        OutputColumn("BETA", "beta"),
        OutputColumn("SE", "standard_error"),
        OutputColumn("OR", "odds_ratio"),
        OutputColumn("OR_95L", "ci_lower"),
        OutputColumn("OR_95U", "ci_upper"),
        OutputColumn("INFO", "info"),
        _CODE,
    ),
    missing="NA",
    derive=_derive_gwama,
)

_METAL_TABLE = Format(
    "metal",
    (
        OutputColumn("MARKER", "variant_id"),
        OutputColumn("CHROMOSOME", "chromosome"),
        OutputColumn("POSITION", "base_pair_location", _INTEGER),
        OutputColumn("ALLELE1", "effect_allele"),
        OutputColumn("ALLELE2", "other_allele"),
        OutputColumn("FREQ", "effect_allele_frequency"),
        OutputColumn("EFFECT", "beta"),
        OutputColumn("STDERR", "standard_error"),
        OutputColumn("PVALUE", "neg_log_10_p_value", _P_VALUE),
        OutputColumn("N", "n", _INTEGER),
        OutputColumn("INFO", "info"),
        _CODE,
    ),
    missing="NA",
    derive=_derive_metal,
)

_MTAG_TABLE = Format(
    "mtag",
    (
        OutputColumn("snpid", "variant_id"),
        OutputColumn("chr", "chromosome"),
        OutputColumn("bpos", "base_pair_location", _INTEGER),
        OutputColumn("a1", "effect_allele"),
        OutputColumn("a2", "other_allele"),
        OutputColumn("freq", "effect_allele_frequency"),
        OutputColumn("beta", "beta"),
        OutputColumn("se", "standard_error"),
        OutputColumn("z", "z"),
        OutputColumn("pval", "neg_log_10_p_value", _P_VALUE),
        OutputColumn("n", "n", _INTEGER),
        OutputColumn("info", "info"),
        _CODE,
    ),
    missing="NA",
)

_LDSC_TABLE = Format(
    "ldsc",
    (
        OutputColumn("SNP", "variant_id"),
        OutputColumn("A1", "effect_allele"),
        OutputColumn("A2", "other_allele"),
        OutputColumn("Z", "z"),
        OutputColumn("N", "n", _INTEGER),
        OutputColumn("FRQ", "effect_allele_frequency"),
    ),
    missing="NA",
)

# The canonical columns under their own names, for Parquet, whose columns have no text.
CANONICAL_ORDER = (
    *("variant_id", "chromosome", "base_pair_location", "effect_allele", "other_allele", "beta", "standard_error", "z"),
    *("neg_log_10_p_value", "effect_allele_frequency", "n", "n_cases", "n_controls", "info", "imputed"),
    HARMONISATION_CODE,
)

_PLACE = ("chromosome", "base_pair_location")
_EFFECT = ("beta", "standard_error")

STUDY_FORMATS: dict[str, StudyFormat] = {
    shape.name: shape
    for shape in (
        StudyFormat(
            "ssf",
            "GWAS-SSF, the format of the GWAS Catalog, with its metadata",
            ".tsv.gz",
            _SSF_TABLE,
            _PLACE,
            "https://github.com/EBISPOT/gwas-summary-statistics-standard",
            only_bases=True,
            only_chromosomes=True,
            asks_for=("effect_allele_frequency",),
            fractions=("info",),
        ),
        StudyFormat(
            "gwama",
            "input of GWAMA",
            ".txt.gz",
            _GWAMA_TABLE,
            ("variant_id", *_EFFECT),
            "https://www.geenivaramu.ee/en/tools/gwama",
        ),
        StudyFormat(
            "metal",
            "input of METAL, under its default labels",
            ".txt.gz",
            _METAL_TABLE,
            ("variant_id",),
            "https://genome.sph.umich.edu/wiki/METAL_Documentation",
        ),
        StudyFormat(
            "mtag",
            "input of MTAG",
            ".txt.gz",
            _MTAG_TABLE,
            ("variant_id", "n"),
            "https://github.com/JonJala/mtag/wiki/Tutorial-1:-The-Basics",
        ),
        StudyFormat(
            "ldsc",
            "LD score regression's .sumstats",
            ".sumstats.gz",
            _LDSC_TABLE,
            ("variant_id", "n"),
            "https://github.com/bulik/ldsc/wiki/Summary-Statistics-File-Format",
        ),
        StudyFormat("parquet", "Parquet, canonical columns at full precision", ".parquet", None, (), ""),
        StudyFormat(
            "vcf",
            "GWAS-VCF, the effect allele as ALT",
            ".vcf.gz",
            None,
            _PLACE + _EFFECT,
            "https://github.com/MRCIEU/gwas-vcf-specification",
            only_bases=True,
            only_chromosomes=True,
        ),
    )
}


def chosen_study_format(name: str) -> StudyFormat:
    """Return a format by its name.

    Raises
    ------
    GwasmetaError
        If there is none of that name.
    """
    if name not in STUDY_FORMATS:
        described = "\n".join(f"    {shape.name:<8} {shape.title}" for shape in STUDY_FORMATS.values())
        raise GwasmetaError(f"format {name!r}: choose among\n{described}")
    return STUDY_FORMATS[name]


def without_unfit_rows(shape: StudyFormat, block: RowBlock) -> RowBlock:
    """Return the rows that a format can hold."""
    if shape.only_chromosomes:
        other = chromosome_numbers(block.words["chromosome"]) == 0
        reason = f"{shape.name} has chromosomes 1 to 22, X, Y and MT only"
        block = block.without("no_chromosome_of_format", reason, "chromosome", other)
    if shape.only_bases:
        bases = are_bases(block.words["effect_allele"]) & are_bases(block.words["other_allele"])
        reason = f"{shape.name} has alleles of A, C, G and T only"
        block = block.without("alleles_not_bases", reason, ("effect_allele", "other_allele"), ~bases)
    for column in set(shape.fractions) & set(block.numbers):
        values = block.numbers[column]
        beyond = (values < 0) | (values > 1)
        reason = f"the standard of {shape.name} has it between 0 and 1"
        block.findings.append(block.finding(f"{column}_not_within_0_1", reason, column, beyond, "blanked"))
        block = block.with_number(column, np.where(beyond, np.nan, values))
    for column in shape.asks_for:
        missing = np.isnan(block.numbers.get(column, np.full(len(block), np.nan)))
        reason = f"the standard of {shape.name} wants one in every row"
        block.findings.append(block.finding(f"{column}_missing", reason, column, missing, "warned"))
    return block


def format_values(block: RowBlock) -> dict[str, Column]:
    """Return all columns of a block by their names."""
    return {**block.words, **block.numbers}


def columns_of(table: Format, values: Mapping[str, Column]) -> Sequence[OutputColumn]:
    """Return the columns that a table has for rows with these values."""
    known = set(values) | table.required
    return [column for column in table.columns if column.source in known]
