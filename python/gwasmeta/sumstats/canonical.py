"""Rows that passed the checks in one way of writing: capital letters, forward strand, usual chromosomes, z and p."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gwasmeta.stats.normal import neg_log_10_p_value
from gwasmeta.sumstats.alleles import are_bases, on_other_strand, with_letters
from gwasmeta.sumstats.chromosomes import chromosome_numbers, usual_names
from gwasmeta.sumstats.effects import FloatArray
from gwasmeta.sumstats.row_block import RowBlock
from gwasmeta.sumstats.table_text import NumberColumn, Significant, table_text
from gwasmeta.sumstats.words import Words, chosen_words, words_of_lines

_KEPT_NUMBERS = frozenset(
    {
        *("base_pair_location", "beta", "odds_ratio", "standard_error", "z", "neg_log_10_p_value"),
        *("effect_allele_frequency", "n", "n_cases", "n_controls", "info", "imputed"),
    }
)
_KEPT_WORDS = ("variant_id", "chromosome", "effect_allele", "other_allele")
_ALLELES = ("effect_allele", "other_allele")
_MINUS = ord("-")


def canonical_rows(block: RowBlock) -> RowBlock:
    """Return the rows in the one way of writing that all formats are made of.

    z comes from the effect where the file has none, the p-value from z where the file has none. Rows given on the
    reverse strand are turned to the forward one. A row without an id is called chromosome:position:other:effect allele.
    """
    block = _on_forward_strand(with_letters(block))
    numbers = {name: values for name, values in block.numbers.items() if name in _KEPT_NUMBERS}
    if "z" not in numbers:
        with np.errstate(divide="ignore", invalid="ignore"):
            numbers["z"] = numbers["beta"] / numbers["standard_error"]
    words = {name: block.words[name] for name in _KEPT_WORDS if name in block.words}
    if "chromosome" in words:
        words["chromosome"] = usual_chromosomes(words["chromosome"])
    return _with_p_values(_with_ids(replace(block, numbers=numbers, words=words)))


def usual_chromosomes(written: Words) -> Words:
    """Return chromosomes by their usual names, other contigs as they are written."""
    numbers = chromosome_numbers(written)
    names = usual_names(numbers)
    return names if numbers.all() else chosen_words(numbers > 0, names, written)


def place_ids(chromosomes: Words, positions: FloatArray, first: Words, second: Words, separator: str) -> Words:
    """Return chromosome, position and two alleles of each row as one word."""
    columns: list[Words | NumberColumn] = [chromosomes, NumberColumn(positions, Significant(15)), first, second]
    return words_of_lines(table_text(columns, separator=separator))


def _with_ids(block: RowBlock) -> RowBlock:
    own = block.words.get("variant_id")
    lacking = np.ones(len(block), dtype=np.bool_) if own is None else own.missing()
    if not lacking.any() or "chromosome" not in block.words or "base_pair_location" not in block.numbers:
        return block
    alleles = (block.words["other_allele"], block.words["effect_allele"])
    made = place_ids(block.words["chromosome"], block.numbers["base_pair_location"], *alleles, ":")
    ids = made if own is None else chosen_words(lacking, made, own)
    return replace(block, words=block.words | {"variant_id": ids})


def _with_p_values(block: RowBlock) -> RowBlock:
    """Work out the p-values that are missing, or 0 because they were too small for the program that wrote them."""
    z, own = block.numbers["z"], block.numbers.get("neg_log_10_p_value")
    if own is None:
        return block.with_number("neg_log_10_p_value", neg_log_10_p_value(z))
    lacking = ~(np.isfinite(own) & (own >= 0))
    if not lacking.any():
        return block
    reason = "it is missing, zero, negative or above 1; it is worked out from the effect"
    block.findings.append(block.finding("p_value_worked_out", reason, "neg_log_10_p_value", lacking, "warned"))
    completed: FloatArray = own.copy()
    completed[lacking] = neg_log_10_p_value(z[lacking])
    return block.with_number("neg_log_10_p_value", completed)


def _on_forward_strand(block: RowBlock) -> RowBlock:
    strand = block.words.get("strand")
    if strand is None:
        return block
    first = strand.data[np.minimum(strand.starts, strand.data.size - 1)]
    reverse = (strand.lengths > 0) & (first == _MINUS)
    if not reverse.any():
        return block
    bases = are_bases(block.words["effect_allele"]) & are_bases(block.words["other_allele"])
    reason = "it is given on the reverse strand, and its alleles are no bases that have complements"
    turned = reverse[bases | ~reverse]
    block = block.without("alleles_without_complement", reason, _ALLELES, reverse & ~bases)
    reason = "the file gives it on the reverse strand; alleles are complemented"
    block.findings.append(block.finding("strand_turned", reason, "strand", turned, "warned"))
    return on_other_strand(block, turned)
