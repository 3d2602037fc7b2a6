"""What the header of one file has been found to mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from gwasmeta.sumstats.derived import DerivedColumn
from gwasmeta.sumstats.dialects import RowSelector
from gwasmeta.sumstats.effects import EFFECTS_FROM, P_VALUE_COLUMNS, says_effect
from gwasmeta.sumstats.vocabulary import COLUMNS


@dataclass(frozen=True)
class HeaderReading:
    """What the columns of one file mean.

    Attributes
    ----------
    dialect : str
        Name of the dialect; "custom" where the columns that the caller named suffice, "synonyms" where words that can
        mean one thing only were needed besides.
    header : tuple of str
        The words of the header.
    positions : dict of str to int
        Canonical column -> its place in the header, counted from 0.
    unused : tuple of str
        Words of the header without meaning here.
    missing_codes : dict of str to tuple of float
        Canonical number column -> numbers that mean "missing" in it; only columns that have such.
    keep_rows : tuple of (int, RowSelector)
        Places in the header, and what a row needs there to be about the variant.
    other_allele_of : tuple of (int, int) or None
        Where no column names the other allele: two places, one of which holds it and one the effect allele.
    derived : dict of str to DerivedColumn
        Canonical columns that are worked out from others, in the order in which that is possible.
    constants : dict of str to float
        Sample counts that are written in the header.
    beside : dict of str to str
        Canonical column -> where another file gives it, such as "A2 of height.frq".
    trait, traits : str, tuple of str
        Of a file with several traits: the one that is read, and all of them.
    named : frozenset of str
        Columns that the caller named.
    effect_allele_rule : str
        Why the effect allele is the one that it is taken to be.
    """

    dialect: str
    header: tuple[str, ...]
    positions: dict[str, int]
    unused: tuple[str, ...]
    missing_codes: dict[str, tuple[float, ...]]
    keep_rows: tuple[tuple[int, RowSelector], ...]
    other_allele_of: tuple[int, int] | None
    derived: Mapping[str, DerivedColumn] = field(default_factory=dict)
    constants: Mapping[str, float] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)
    trait: str = ""
    traits: tuple[str, ...] = ()
    named: frozenset[str] = frozenset()
    effect_allele_rule: str = ""

    @cached_property
    def available(self) -> frozenset[str]:
        """Every canonical column that can be had, from wherever."""
        return frozenset({*self.positions, *self.derived, *self.constants, *self.beside})

    def meaning(self, column: str) -> str:
        """Say where a canonical column comes from: a word of the header, a formula, another file; empty if nowhere."""
        if column in self.derived:
            return self.derived[column].explained
        if column in self.positions:
            return self.header[self.positions[column]]
        if column in self.beside:
            return self.beside[column]
        if column in self.constants:
            return f"{self.constants[column]:g}, in the header"
        if column == "other_allele" and self.other_allele_of is not None:
            return " or ".join(self.header[position] for position in self.other_allele_of)
        return ""

    def meanings(self) -> dict[str, str]:
        """Return where each canonical column comes from, in the vocabulary's order."""
        return {column: self.meaning(column) for column in COLUMNS if column in self.available}

    def lacking(self, alleles_needed: bool = True, effect_needed: bool = True) -> list[tuple[str, ...]]:
        """Return, for each thing that a study must say and this one does not, columns that would say it.

        Where no effect is needed, a p-value is enough.
        """
        lacking: list[tuple[str, ...]] = []
        if "variant_id" not in self.available and not self.available >= {"chromosome", "base_pair_location"}:
            lacking.append(("variant_id",))
        if alleles_needed and "effect_allele" not in self.available:
            lacking.append(("effect_allele",))
        if alleles_needed and "other_allele" not in self.available and self.other_allele_of is None:
            lacking.append(("other_allele",))
        if not (says_effect(self.available) or (not effect_needed and self.available & set(P_VALUE_COLUMNS))):
            lacking.append(tuple(column for column in EFFECTS_FROM[0] if column not in self.available))
        return lacking


def effect_allele_explained(reading: HeaderReading) -> str:
    """Say in one line which column is taken as the effect allele, and why."""
    where = reading.meaning("effect_allele") or "none"
    if "effect_allele" in reading.named:
        return f"{where}: the caller named it"
    return f"{where}: {reading.effect_allele_rule}" if reading.effect_allele_rule else where
