"""The people of the embedded example: their genotypes on 22 short chromosomes."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import msprime
import numpy as np
import pandas as pd
from numpy.typing import NDArray

SEED = 22
PEOPLE = 10_600
# The lengths of GRCh38's chromosomes, so that a Manhattan plot has its usual shape.
CHROMOSOME_MEGABASES = (
    *(249, 242, 198, 190, 182, 171, 159, 145, 138, 134, 135),
    *(133, 114, 107, 102, 90, 83, 80, 59, 64, 47, 51),
)
SHRINKAGE = 40
VARIANTS_PER_MEGABASE = 90
MINOR_ALLELE_FREQUENCY = 0.01
# Less than the 1e-8 of a human genome, so that variants this far apart are still in LD.
MORGANS_PER_BASE = 5e-9

# Where there are further variants: so that LD scores differ as they do between regions of the human genome.
DENSE_REGION = 400_000
REGIONS_PER_DENSE_ONE = 4
FURTHER_VARIANTS_PER_MEGABASE = 450  # of dense regions
FIRST_FURTHER_NAME = 10_000_000  # names of the others are below
_CHROMOSOMES = range(1, len(CHROMOSOME_MEGABASES) + 1)

Genotypes = NDArray[np.int8]
"""Copies of the alternative allele, shape (n_variants, PEOPLE)."""


def generator(stage: str) -> np.random.Generator:
    """Return a stage's own random numbers: a change to one stage leaves those of the others as they were."""
    return np.random.default_rng([SEED, *stage.encode()])


def _demography() -> msprime.Demography:
    # Three epochs that give roughly the allele frequencies and the LD of Europeans.
    demography = msprime.Demography()
    demography.add_population(name="everyone", initial_size=50_000)
    demography.add_population_parameters_change(time=300, initial_size=4_000)
    demography.add_population_parameters_change(time=2_000, initial_size=12_000)
    return demography


@functools.cache
def _ancestry(chromosome: int) -> msprime.TreeSequence:
    return msprime.sim_ancestry(
        PEOPLE,
        demography=_demography(),
        sequence_length=_length(chromosome),
        recombination_rate=MORGANS_PER_BASE,
        random_seed=1000 * SEED + chromosome,
    )


def _length(chromosome: int) -> int:
    return CHROMOSOME_MEGABASES[chromosome - 1] * 1_000_000 // SHRINKAGE


def _mutated(chromosome: int, rate: float, seed: int) -> msprime.TreeSequence:
    # Far fewer mutations than in reality: only those that the arrays type are needed.
    return msprime.sim_mutations(
        _ancestry(chromosome), rate=rate, model=msprime.BinaryMutationModel(), random_seed=seed + chromosome
    )


def _chosen(mutated: msprime.TreeSequence, wanted: int, stage: str) -> tuple[NDArray[np.int64], Genotypes]:
    """Choose among the variants that are not rare; return positions and genotypes."""
    haplotypes = mutated.genotype_matrix()
    frequency = haplotypes.mean(axis=1)
    common = np.flatnonzero(np.minimum(frequency, 1 - frequency) >= MINOR_ALLELE_FREQUENCY)
    chosen = np.sort(generator(stage).choice(common, wanted, replace=False))
    genotypes = (haplotypes[chosen, ::2] + haplotypes[chosen, 1::2]).astype(np.int8)
    return _positions(mutated)[chosen], genotypes


def _positions(mutated: msprime.TreeSequence) -> NDArray[np.int64]:
    return np.asarray(mutated.sites_position.astype(np.int64) + 1)


def _simulate_chromosome(chromosome: int) -> tuple[NDArray[np.int64], Genotypes]:
    wanted = round(_length(chromosome) / 1e6 * VARIANTS_PER_MEGABASE)
    return _chosen(_mutated(chromosome, 1e-9, 2000 * SEED), wanted, f"variants {chromosome}")


def _simulate_dense_regions(chromosome: int, occupied: NDArray[np.int64]) -> tuple[NDArray[np.int64], Genotypes]:
    """Return variants of the dense regions of a chromosome, none where there is one already."""
    mutated = _mutated(chromosome, 5e-9, 3000 * SEED)
    positions = _positions(mutated)
    dense = positions // DENSE_REGION % REGIONS_PER_DENSE_ONE == 1
    usable = dense & ~np.isin(positions, occupied) & np.diff(positions, prepend=0).astype(bool)
    n_dense_bases = np.count_nonzero(np.arange(_length(chromosome)) // DENSE_REGION % REGIONS_PER_DENSE_ONE == 1)
    wanted = round(n_dense_bases / 1e6 * FURTHER_VARIANTS_PER_MEGABASE)
    return _chosen(mutated.delete_sites(np.flatnonzero(~usable)), wanted, f"further variants {chromosome}")


def _random_alleles(count: int, stage: str) -> pd.DataFrame:
    random = generator(stage)
    bases = np.array(list("ACGT"))
    code = random.integers(4, size=count)
    palindromic = random.random(count) < 0.05
    # In this order the complement of a base is its code XOR 3; 1 and 2 lead to the other two.
    other = np.where(palindromic, code ^ 3, code ^ random.integers(1, 3, size=count))
    ref, alt = bases[code].astype(object), bases[other].astype(object)
    indel = (random.random(count) < 0.015) & ~palindromic
    for row in np.flatnonzero(indel):
        longer = ref[row] + "".join(random.choice(bases, random.integers(1, 6)))
        ref[row], alt[row] = (ref[row], longer) if random.random() < 0.5 else (longer, ref[row])
    return pd.DataFrame({"ref": ref, "alt": alt, "palindromic": palindromic, "indel": indel})


def simulate_people() -> tuple[pd.DataFrame, Genotypes]:
    """Simulate the genotypes of all people on 22 short chromosomes.

    Returns
    -------
    variants : pandas.DataFrame
        One row per variant: chromosome, base_pair_location, variant_id, alt_frequency, ref, alt,
        palindromic, indel.
    genotypes : ndarray of int8, shape (n_variants, PEOPLE)
        Copies of the alternative allele.

    References
    ----------
    Baumdicker et al. (2022), Genetics 220:iyab229 (msprime 1.0).
    """
    parts = list(map(_simulate_chromosome, _CHROMOSOMES))
    n_variants = sum(len(positions) for positions, _ in parts)
    numbers = generator("names").choice(9_000_000, n_variants, replace=False) + 1_000_000
    return _joined(parts, numbers, "alleles")


def with_dense_regions(variants: pd.DataFrame, genotypes: Genotypes) -> tuple[pd.DataFrame, Genotypes]:
    """Add further variants of the same people, in every fourth region of 400 kb.

    Parameters
    ----------
    variants, genotypes
        As `simulate_people` returns them.

    Returns
    -------
    variants : pandas.DataFrame
        All of them by chromosome and position, with the same columns.
    genotypes : ndarray of int8, shape (n_variants, PEOPLE)
    """
    occupied = {
        chromosome: rows.to_numpy() for chromosome, rows in variants.groupby("chromosome")["base_pair_location"]
    }
    parts = [_simulate_dense_regions(chromosome, occupied[chromosome]) for chromosome in _CHROMOSOMES]
    n_variants = sum(len(part) for _, part in parts)
    further, further_genotypes = _joined(parts, FIRST_FURTHER_NAME + np.arange(n_variants), "further alleles")
    everything = pd.concat([variants, further], ignore_index=True)
    order = np.lexsort((everything["base_pair_location"], everything["chromosome"]))
    all_genotypes = np.concatenate([genotypes, further_genotypes])[order]
    return everything.iloc[order].reset_index(drop=True), all_genotypes


def _joined(
    parts: Sequence[tuple[NDArray[np.int64], Genotypes]], names: NDArray[np.int64], alleles: str
) -> tuple[pd.DataFrame, Genotypes]:
    """Join the chromosomes' variants and give them names and alleles."""
    positions, genotypes = zip(*parts, strict=True)
    all_genotypes = np.concatenate(genotypes)
    variants = pd.DataFrame(
        {
            "chromosome": np.repeat(list(_CHROMOSOMES), list(map(len, positions))),
            "base_pair_location": np.concatenate(positions),
            "variant_id": [f"rs{name}" for name in names],
            "alt_frequency": all_genotypes.mean(axis=1) / 2,
        }
    )
    return variants.join(_random_alleles(len(variants), alleles)), all_genotypes
