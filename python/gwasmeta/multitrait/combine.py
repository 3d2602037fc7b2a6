"""The SNPs that traits have in common, or all that any has, with alleles aligned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from gwasmeta.cores import on_all_cores
from gwasmeta.errors import GwasmetaError
from gwasmeta.multitrait.munge import Step
from gwasmeta.multitrait.snps import CommonSnps, Snps
from gwasmeta.multitrait.trait_rows import BoolArray, IntArray, Names, TraitRows

_ABSENT = -1


@dataclass(frozen=True)
class UsualSampleSize:
    """How far the n of a SNP may be from the most frequent n of the trait.

    Attributes
    ----------
    limits : tuple of float
        One for all traits, or one for each.
    unit : {"fraction", "samples"}
        Whether a limit is a fraction of the most frequent n, or a number of samples.
    """

    limits: tuple[float, ...]
    unit: Literal["fraction", "samples"]


@dataclass(frozen=True)
class CombiningOptions:
    """Which SNPs of cleaned traits are used together.

    Attributes
    ----------
    ambiguous : bool
        Keep SNPs whose strand cannot be told; covariances are estimated without them all the same.
    flip : bool
        Align effects where a trait has the alleles of the first trait in the other order. If not, effects of such SNPs
        are taken as they are.
    included, excluded : bool array, optional
        For each number in `Names.variants`, whether a list of SNPs names it.
    chromosomes : frozenset of str, optional
        Chromosomes to restrict to.
    usual_n : UsualSampleSize, optional
    """

    ambiguous: bool = False
    flip: bool = True
    included: BoolArray | None = None
    excluded: BoolArray | None = None
    chromosomes: frozenset[str] | None = None
    usual_n: UsualSampleSize | None = None


def common_snps(traits: Sequence[TraitRows], names: Names, options: CombiningOptions) -> CommonSnps:
    """Keep the SNPs that all traits have with the same two alleles, in the order of the first trait.

    Parameters
    ----------
    traits : sequence of TraitRows
        Cleaned; each SNP at most once in a trait.
    names : Names
    options : CombiningOptions

    Returns
    -------
    CommonSnps

    Raises
    ------
    GwasmetaError
        If no SNP is left, or chromosomes are needed and not known.
    """
    first, others = traits[0], traits[1:]
    left = np.ones(len(first), bool)
    steps: list[Step] = []
    if not options.ambiguous:
        left = _without(left, first.is_ambiguous, steps, "ambiguous", "the strand of A/T and C/G cannot be told")
    of_first = Snps.of(first)
    partners = on_all_cores(lambda trait: _partners(of_first, trait, names), others)
    for trait, (rows, agree) in zip(others, partners, strict=True):
        left = _without(left, rows == _ABSENT, steps, "not_common", f"trait {trait.name} does not have it")
        what = f"trait {trait.name} has other alleles than trait {first.name}"
        left = _without(left, ~agree, steps, "other_alleles", what)
    places = np.flatnonzero(left)
    rows_of_traits: list[npt.NDArray[Any]] = [places, *(rows[places] for rows, _ in partners)]
    common = _restricted(_aligned(traits, rows_of_traits, of_first.at(places), names, options.flip), options, steps)
    if not len(common):
        counts = "; ".join(f"{step.removed:,}: {step.reason}" for step in common.steps if step.removed)
        raise GwasmetaError(
            f"the traits {', '.join(trait.name for trait in traits)} have no SNP in common: {counts}\n"
            "  They are matched by their ids: have all files the same kind of ids?"
        )
    return common


def all_snps(traits: Sequence[TraitRows], names: Names, options: CombiningOptions) -> CommonSnps:
    """Take every SNP that any trait has, signed by the alleles of the first trait that has it.

    Where a later trait has other alleles, its row is left out.

    Parameters
    ----------
    traits, names, options
        As for `common_snps`, but SNPs whose strand cannot be told stay in.

    Returns
    -------
    CommonSnps
        In groups of SNPs that the same traits have; a group without an earlier trait stands before one with it.
    """
    rows_of_traits = np.stack([_rows_of(trait, names) for trait in traits])
    variants = np.flatnonzero((rows_of_traits != _ABSENT).any(axis=0))
    rows_of_traits = rows_of_traits[:, variants]
    leaders = (rows_of_traits != _ABSENT).argmax(axis=0)
    snps = Snps.joined(
        [
            Snps.of(trait).at(rows[leaders == place])
            for place, (trait, rows) in enumerate(zip(traits, rows_of_traits, strict=True))
        ]
    )
    order = np.empty(len(variants), np.int64)
    order[np.argsort(leaders, kind="stable")] = np.arange(len(variants))
    snps = snps.at(order)
    steps = []
    for trait, rows in zip(traits[1:], rows_of_traits[1:], strict=True):
        there = np.flatnonzero(rows != _ABSENT)
        matched = _alleles_agree(snps.at(there), trait, rows[there])
        rows[there[~matched]] = _ABSENT
        steps.append(_step("other_alleles", f"trait {trait.name} has other alleles than an earlier trait", matched))
    return _in_groups(_restricted(_aligned(traits, rows_of_traits, snps, names, options.flip), options, steps))


def _rows_of(trait: TraitRows, names: Names) -> IntArray:
    """Return, for the number of each SNP, the row of the trait that has it."""
    rows = np.full(len(names.variants), _ABSENT, dtype=np.int32)
    rows[trait.variant] = np.arange(len(trait), dtype=np.int32)
    return rows


def _partners(snps: Snps, trait: TraitRows, names: Names) -> tuple[IntArray, BoolArray]:
    """Return for each SNP the trait's row, and whether it has the same alleles; of no meaning where there is none."""
    rows = _rows_of(trait, names)[snps.variant]
    return rows, _alleles_agree(snps, trait, rows)


def _alleles_agree(snps: Snps, trait: TraitRows, rows: IntArray) -> BoolArray:
    """Say where a trait has the two alleles of the SNP, in either order."""
    effect, other = trait.effect_allele[rows], trait.other_allele[rows]
    same = (effect == snps.effect_allele) & (other == snps.other_allele)
    swapped = (effect == snps.other_allele) & (other == snps.effect_allele)
    return np.asarray(same | swapped)


def _aligned(
    traits: Sequence[TraitRows], rows_of_traits: Iterable[npt.NDArray[Any]], snps: Snps, names: Names, flip: bool
) -> CommonSnps:
    """Gather the traits' statistics at some SNPs, effects turned where alleles are the other way round."""
    shape = len(traits), len(snps)
    z, n = np.empty(shape), np.empty(shape)
    frequency = None if any(trait.frequency is None for trait in traits) else np.empty(shape)

    def gather(task: tuple[int, TraitRows, npt.NDArray[Any]]) -> None:
        place, trait, rows = task
        absent = np.flatnonzero(rows == _ABSENT)  # these take the values of some row first
        turned = (trait.effect_allele[rows] != snps.effect_allele) & flip
        z[place], n[place] = trait.z[rows], trait.n[rows]
        np.negative(z[place], out=z[place], where=turned)
        z[place, absent] = n[place, absent] = np.nan
        if frequency is not None and trait.frequency is not None:
            frequency[place] = trait.frequency[rows]
            np.subtract(1, frequency[place], out=frequency[place], where=turned)
            frequency[place, absent] = np.nan

    on_all_cores(gather, zip(range(len(traits)), traits, rows_of_traits, strict=True))
    return CommonSnps(names, snps, z.T, n.T, None if frequency is None else frequency.T)


def _restricted(common: CommonSnps, options: CombiningOptions, steps: Sequence[Step]) -> CommonSnps:
    """Apply the restrictions that the caller asks for."""
    snps = replace(common, steps=tuple(steps))
    if options.included is not None:
        listed = options.included[snps.snps.variant]
        snps = snps.kept(listed, _step("not_included", "no list of included SNPs has it", listed))
    if options.excluded is not None:
        unlisted = ~options.excluded[snps.snps.variant]
        snps = snps.kept(unlisted, _step("excluded", "a list of excluded SNPs has it", unlisted))
    if options.chromosomes is not None:
        wanted = _on_chromosomes(snps, options.chromosomes)
        snps = snps.kept(wanted, _step("other_chromosome", "it is on none of the chosen chromosomes", wanted))
    if options.usual_n is not None:
        usual = _has_usual_n(snps, options.usual_n)
        snps = snps.kept(usual, _step("unusual_n", "n is far from the most frequent n of a trait", usual))
    return snps


def _on_chromosomes(snps: CommonSnps, wanted: frozenset[str]) -> BoolArray:
    if snps.snps.chromosome is None:
        raise GwasmetaError(
            "a restriction to chromosomes needs a column of chromosomes in the file of the first trait\n"
            "  Name it by --chr_name, or give a list of SNPs by --include."
        )
    known = snps.names.chromosomes.words().to_list()
    return np.asarray(np.isin(snps.snps.chromosome, [number for number, name in enumerate(known) if name in wanted]))


def _has_usual_n(snps: CommonSnps, usual: UsualSampleSize) -> BoolArray:
    """Say at which SNPs every trait that has it has an n near its most frequent one; of several, the smallest."""
    n_traits = snps.n.shape[1]
    limits = usual.limits * n_traits if len(usual.limits) == 1 else usual.limits
    near = np.ones(len(snps), bool)
    for limit, n in zip(limits, snps.n.T, strict=True):
        there = ~np.isnan(n)
        if not there.any():
            continue
        values, counts = np.unique(n[there], return_counts=True)
        mode = values[counts.argmax()]
        distance = np.abs(n - mode) / mode if usual.unit == "fraction" else np.abs(n - mode)
        near &= ~there | (distance <= limit)
    return near


def _in_groups(snps: CommonSnps) -> CommonSnps:
    present = ~np.isnan(snps.z)
    order = np.lexsort(present.T[::-1])
    return snps.at(order)


def _without(left: BoolArray, gone: BoolArray, steps: list[Step], rule: str, reason: str) -> BoolArray:
    """Return what is left of the SNPs, and enter how many went."""
    still_left = left & ~gone
    n_left = int(np.count_nonzero(still_left))
    steps.append(Step(rule, reason, int(np.count_nonzero(left)) - n_left, n_left))
    return still_left


def _step(rule: str, reason: str, kept: BoolArray) -> Step:
    left = int(np.count_nonzero(kept))
    return Step(rule, reason, len(kept) - left, left)
