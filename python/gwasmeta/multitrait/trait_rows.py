"""One trait's rows as arrays, its SNPs and chromosomes known by the numbers that a whole run shares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from gwasmeta.sumstats.effects import FloatArray
from gwasmeta.sumstats.text_index import TextIndex
from gwasmeta.sumstats.words import Words

IntArray = npt.NDArray[np.int32]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Names:
    """What SNPs and chromosomes are called, in order of their first appearance in a run."""

    variants: TextIndex = field(default_factory=TextIndex)
    chromosomes: TextIndex = field(default_factory=TextIndex)

    def among(self, ids: Iterable[str]) -> BoolArray:
        """Say of each SNP, by its number, whether it is one of these."""
        numbers = self.variants.find(Words.of(ids))
        found = np.zeros(len(self.variants), dtype=bool)
        found[numbers[numbers >= 0]] = True
        return found


@dataclass(frozen=True)
class TraitRows:
    """Rows of one trait; arrays of shape (n_rows,).

    Attributes
    ----------
    name, file : str
        How results and messages call the trait and the place it comes from.
    variant : int32 array
        Number of the SNP in `Names.variants`.
    effect_allele, other_allele : int8 arrays
        0 to 3 for A, C, G, T; negative for anything else.
    incomplete : bool array
        Rows without an id or an allele.
    z, n : float64 arrays
        NaN where missing.
    frequency : float64 array, optional
        Of the effect allele.
    p_value, info, standard_error : float64 arrays, optional
        Only looked at by the rules of cleaning.
    chromosome : int32 array, optional
        Number in `Names.chromosomes`.
    base_pair_location : float64 array, optional
    """

    name: str
    file: str
    variant: IntArray
    effect_allele: npt.NDArray[np.int8]
    other_allele: npt.NDArray[np.int8]
    incomplete: BoolArray
    z: FloatArray
    n: FloatArray
    frequency: FloatArray | None = None
    p_value: FloatArray | None = None
    info: FloatArray | None = None
    standard_error: FloatArray | None = None
    chromosome: IntArray | None = None
    base_pair_location: FloatArray | None = None

    def __len__(self) -> int:
        return len(self.variant)

    def kept(self, rows: BoolArray) -> TraitRows:
        """Return the rows of a mask."""
        if rows.all():
            return self
        places = np.flatnonzero(rows)
        columns: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self)}
        taken = {name: array[places] for name, array in columns.items() if isinstance(array, np.ndarray)}
        return TraitRows(**(columns | taken))

    @property
    def is_ambiguous(self) -> BoolArray:
        """Rows whose two alleles are complements of each other, so that their strand cannot be told."""
        return np.asarray(self.effect_allele + self.other_allele == 3)


@dataclass(frozen=True)
class TraitBlock:
    """Some consecutive rows as read; words where `TraitRows` has numbers of names.

    Attributes
    ----------
    variant_id : Words
    chromosome : Words, optional
    columns : mapping of str to array
        The other columns of `TraitRows`.
    """

    variant_id: Words
    chromosome: Words | None
    columns: Mapping[str, npt.NDArray[Any]]


def collect_rows(name: str, file: str, blocks: Iterable[TraitBlock], names: Names) -> TraitRows:
    """Join blocks, in their order, and number the names in them."""
    parts: dict[str, list[npt.NDArray[Any]]] = {}
    for block in blocks:
        columns = dict(block.columns)
        columns["variant"] = names.variants.number(block.variant_id)
        if block.chromosome is not None:
            columns["chromosome"] = names.chromosomes.number(block.chromosome)
        for column, array in columns.items():
            parts.setdefault(column, []).append(array)
    if not parts:
        nothing = np.empty(0)
        alleles = np.empty(0, np.int8)
        return TraitRows(name, file, np.empty(0, np.int32), alleles, alleles, np.empty(0, bool), nothing, nothing)
    joined = {}
    for column in list(parts):  # one after the other, so that no more than one column is held twice
        joined[column] = np.concatenate(parts.pop(column))
    return TraitRows(name, file, **joined)


def allele_codes(words: Words) -> npt.NDArray[np.int8]:
    """Return the codes of alleles: 0 to 3 for A, C, G, T, negative for anything else."""
    return words.allele_codes().astype(np.int8)
