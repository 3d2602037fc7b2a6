"""SNPs and several traits' statistics at them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from gwasmeta.multitrait.munge import Step
from gwasmeta.multitrait.trait_rows import BoolArray, IntArray, Names, TraitRows
from gwasmeta.sumstats.effects import FloatArray
from gwasmeta.sumstats.words import Words


@dataclass(frozen=True)
class Snps:
    """What SNPs are: arrays of shape (n_snps,).

    Attributes
    ----------
    variant : int32 array
        Numbers in `Names.variants`.
    effect_allele, other_allele : int8 arrays
        0 to 3 for A, C, G, T.
    chromosome : int32 array, optional
        Numbers in `Names.chromosomes`.
    base_pair_location : float64 array, optional
    """

    variant: IntArray
    effect_allele: npt.NDArray[np.int8]
    other_allele: npt.NDArray[np.int8]
    chromosome: IntArray | None
    base_pair_location: FloatArray | None

    def __len__(self) -> int:
        return len(self.variant)

    @classmethod
    def of(cls, trait: TraitRows) -> Snps:
        """Return those of a trait."""
        return cls(trait.variant, trait.effect_allele, trait.other_allele, trait.chromosome, trait.base_pair_location)

    @classmethod
    def joined(cls, parts: Sequence[Snps]) -> Snps:
        """Put SNPs one behind the other; what is not known of some of them is not known of any."""
        columns = (_joined([getattr(part, name) for part in parts]) for name in cls.__dataclass_fields__)
        return cls(*columns)

    def at(self, places: npt.NDArray[Any]) -> Snps:
        """Return the SNPs in these places, or of a mask."""
        return Snps(
            self.variant[places],
            self.effect_allele[places],
            self.other_allele[places],
            None if self.chromosome is None else self.chromosome[places],
            None if self.base_pair_location is None else self.base_pair_location[places],
        )


def _joined(columns: list[Any]) -> Any:
    return None if any(column is None for column in columns) else np.concatenate(columns)


@dataclass(frozen=True)
class CommonSnps:
    """Statistics of several traits at the same SNPs, signed by the same alleles.

    Attributes
    ----------
    names : Names
    snps : Snps
    z, n : float64 arrays, shape (n_snps, n_traits)
        Columns in one piece; NaN where a trait does not have the SNP.
    frequency : float64 array, shape (n_snps, n_traits), optional
        Of the effect allele. None if a trait has no frequencies.
    steps : tuple of Step
        What was removed on the way here.
    """

    names: Names
    snps: Snps
    z: FloatArray
    n: FloatArray
    frequency: FloatArray | None
    steps: tuple[Step, ...] = field(default=(), repr=False)

    def __len__(self) -> int:
        return len(self.snps)

    @property
    def is_ambiguous(self) -> BoolArray:
        """SNPs whose two alleles are complements of each other, so that their strand cannot be told."""
        return np.asarray(self.snps.effect_allele + self.snps.other_allele == 3)

    @property
    def variant_ids(self) -> Words:
        """The ids of the SNPs."""
        return self.names.variants.words().take(self.snps.variant)

    def mean_frequency(self, rows: slice) -> FloatArray | None:
        """Return for some SNPs the mean over the traits that have it; NaN where one of these does not know its own."""
        if self.frequency is None:
            return None
        return np.asarray(np.mean(self.frequency[rows], axis=1, where=~np.isnan(self.z[rows])))

    def kept(self, chosen: BoolArray, *steps: Step) -> CommonSnps:
        """Return the SNPs of a mask, and remember the steps that led to them."""
        common = self if chosen.all() else self.at(np.flatnonzero(chosen))
        return replace(common, steps=self.steps + steps)

    def at(self, places: npt.NDArray[np.intp]) -> CommonSnps:
        """Return the SNPs in these places; without a copy, if these are all of them as they stand."""
        if len(places) == len(self) and (places == np.arange(len(self))).all():
            return self
        return CommonSnps(
            self.names,
            self.snps.at(places),
            _rows_at(self.z, places),
            _rows_at(self.n, places),
            None if self.frequency is None else _rows_at(self.frequency, places),
            self.steps,
        )


def _rows_at(matrix: FloatArray, places: npt.NDArray[np.intp]) -> FloatArray:
    """Return rows of a matrix whose columns are each in one piece, and stay so."""
    return np.take(matrix.T, places, axis=1).T
