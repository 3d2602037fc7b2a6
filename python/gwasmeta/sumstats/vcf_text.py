"""GWAS-VCF as text: the header, and a line for each row."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from gwasmeta._version import __version__
from gwasmeta.sumstats.builds import contig_lengths
from gwasmeta.sumstats.chromosomes import CHROMOSOMES
from gwasmeta.sumstats.table_format import HARMONISATION_CODE, Column, numbers_of, words_of
from gwasmeta.sumstats.table_text import NumberColumn, Significant, table_text
from gwasmeta.sumstats.words import Words, words_of_lines

# FORMAT field, canonical column, significant digits, description in the words of the specification.
_FIELDS = (
    ("NS", "n", 15, "Variant-specific number of samples used to test association with the trait"),
    ("NC", "n_cases", 15, "Variant-specific number of cases used to estimate the effect (binary traits only)"),
    ("ES", "beta", 8, "Effect size estimate relative to the alternative allele"),
    ("SE", "standard_error", 8, "Standard error of effect size estimate"),
    ("LP", "neg_log_10_p_value", 8, "-log10 p-value for effect estimate"),
    ("AF", "effect_allele_frequency", 8, "Alternative allele frequency in trait subset"),
    ("SI", "info", 8, "Accuracy score of association statistics imputation"),
)
_CODES = Words.of(f"HM={code}" for code in range(100))
_NOT_IN_IDS = np.arange(256).astype(np.uint8)
_NOT_IN_IDS[[ord(letter) for letter in " ;,\t"]] = ord("_")


def vcf_header(
    study: str,
    available: Collection[str],
    chromosomes: Sequence[int],
    build: str,
    facts: Mapping[str, str | int],
    reference: str | None,
) -> bytes:
    """Write the header of a GWAS-VCF of one study.

    Parameters
    ----------
    study : str
    available : collection of str
        Canonical columns that the rows have.
    chromosomes : sequence of int
        Numbers of those that occur.
    build : str
    facts : mapping
        What is known of the study, for its line ``##trait``.
    reference : str or None
        Where the alleles of the reference genome were looked up; None if REF is only the other allele.
    """
    sample = sample_name(study)
    lengths = contig_lengths(build)
    lines = ["##fileformat=VCFv4.2", "##gwasformat=GWAS-VCFv1.1", f"##source=gwasmeta-{__version__}"]
    known = "the other allele, not compared with a reference genome" if reference is None else f"as in {reference}"
    lines.append(f"##gwasmeta_REF={known}")
    lines.append('##FILTER=<ID=PASS,Description="All filters passed">')
    for number in chromosomes:
        name = CHROMOSOMES[number - 1]
        length = f",length={lengths[name]}" if name in lengths else ""
        lines.append(f"##contig=<ID={name}{length}{f',assembly={build}' if lengths else ''}>")
    if HARMONISATION_CODE in available:
        lines.append(
            '##INFO=<ID=HM,Number=1,Type=Integer,Description="What was done to the row, hm_code of the GWAS Catalog">'
        )
    for field, column, _, description in _FIELDS:
        if column in available:
            lines.append(f'##FORMAT=<ID={field},Number=A,Type=Float,Description="{description}">')
    shown = "".join(f",{name}={value}" for name, value in facts.items())
    lines.append(f'##trait=<ID={sample},Description="{sample}"{shown}>')
    lines.append(f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{sample}")
    return ("\n".join(lines) + "\n").encode()


def sample_name(study: str) -> str:
    """Return a study's name without what has a meaning in a VCF's header."""
    return re.sub(r'[\s<>=,"]+', "_", study)


def vcf_lines(values: Mapping[str, Column]) -> bytes:
    """Write rows as lines of a GWAS-VCF; the effect allele is ALT."""
    fields = [(field, values[column], digits) for field, column, digits, _ in _FIELDS if column in values]
    numbers = [NumberColumn(numbers_of(column), Significant(digits)) for _, column, digits in fields]
    sample = words_of_lines(table_text(numbers, missing=".", separator=":"))
    ids = words_of(values["variant_id"])
    nothing, passed, keys = _repeated((".", "PASS", ":".join(field for field, _, _ in fields)), len(ids))
    code = values.get(HARMONISATION_CODE)
    info = nothing if code is None else _CODES.take(numbers_of(code).astype(np.intp))
    columns: list[Words | NumberColumn] = [
        words_of(values["chromosome"]),
        NumberColumn(numbers_of(values["base_pair_location"]), Significant(15)),
        Words(_NOT_IN_IDS[ids.data], ids.starts, ids.lengths),
        words_of(values["other_allele"]),
        words_of(values["effect_allele"]),
        *(nothing, passed, info, keys),
        sample,
    ]
    return table_text(columns, missing=".")


def _repeated(words: Sequence[str], n_rows: int) -> list[Words]:
    """Return for each word a column that has it in every row."""
    each = Words.of(words)
    return [each.take(np.full(n_rows, place)) for place in range(len(words))]
