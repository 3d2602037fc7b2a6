"""A list of SNPs with their alleles, such as w_hm3.snplist of LDSC."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np

from gwasmeta.errors import GwasmetaError
from gwasmeta.multitrait.strands import AlleleCodes, pair_class
from gwasmeta.multitrait.trait_rows import BoolArray, IntArray, Names, TraitRows, allele_codes
from gwasmeta.sumstats.raw_blocks import Layout, TextBlock
from gwasmeta.sumstats.source import TextSource

_WORDS = {"variant_id": "SNP", "effect_allele": "A1", "other_allele": "A2"}


@dataclass(frozen=True)
class SnpList:
    """SNPs in the order of a list; arrays of shape (n_listed,).

    Attributes
    ----------
    variant : int32 array
        Numbers in `Names.variants`.
    one, other : int8 arrays
        Alleles, in no particular order.
    """

    variant: IntArray
    one: AlleleCodes
    other: AlleleCodes

    def has(self, rows: TraitRows) -> BoolArray:
        """Say which rows are about a SNP of the list."""
        return np.asarray(np.isin(rows.variant, self.variant))

    def agrees_with(self, rows: TraitRows) -> BoolArray:
        """Say which rows, all about SNPs of the list, have its alleles, in any order and on any strand."""
        classes = np.full(max(self.variant.max(initial=0), rows.variant.max(initial=0)) + 1, -1, np.int8)
        classes[self.variant[::-1]] = pair_class(self.one, self.other)[::-1]  # of a repeated id the first
        return np.asarray(classes[rows.variant] == pair_class(rows.effect_allele, rows.other_allele))


def read_snp_list(path: str | os.PathLike[str], names: Names) -> SnpList:
    """Read a list with the columns SNP, A1 and A2, of which others may stand beside.

    Parameters
    ----------
    path : path
        Text, plain or compressed.
    names : Names
        Gets the names of SNPs that it does not have yet.

    Returns
    -------
    SnpList

    Raises
    ------
    GwasmetaError
        If it cannot be read, or lacks a column.
    """
    with TextSource(path, name=os.fspath(path)) as source:
        places = {word.upper(): place for place, word in enumerate(source.header)}
        missing = [word for word in _WORDS.values() if word not in places]
        if missing:
            raise GwasmetaError(
                f"{os.fspath(path)}, line {source.header_line_number}: a list of SNPs with alleles needs the columns"
                f" {', '.join(_WORDS.values())}, and has no {', '.join(missing)}\n"
                f"  The header has: {' '.join(source.header)}"
            )
        words = {column: places[word] for column, word in _WORDS.items()}
        layout = Layout(os.fspath(path), source.header, {}, words, frozenset(), source.separator)
        parts = []
        for lines in source.blocks():
            block = TextBlock(lines, layout).words
            alleles = allele_codes(block["effect_allele"]), allele_codes(block["other_allele"])
            parts.append((names.variants.number(block["variant_id"]), *alleles))
    if not parts:
        raise GwasmetaError(f"{os.fspath(path)}: has no SNP below its header")
    return SnpList(*(np.concatenate(column) for column in zip(*parts, strict=True)))
