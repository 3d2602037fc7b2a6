"""Three traits of the embedded example that share genes and people: for MTAG and LD score regression."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from example_association import BoolArray, FloatArray, linear_regression, sums_by_genotype
from example_people import Genotypes
from example_people import generator as generator_of_stage
from example_tables import as_text, compressed, table_bytes
from scipy.special import log_ndtr


@dataclass(frozen=True)
class Trait:
    """A trait, and the people in whom it was measured: those from `first` up to `end`."""

    name: str
    first: int
    end: int
    heritability: float  # by the variants that are not rarer than COMMON


TRAITS = (
    Trait("height", 0, 8000, 0.25),
    Trait("weight", 2000, 9000, 0.20),
    Trait("waist", 6000, 10600, 0.20),
)
NAMES = [trait.name for trait in TRAITS]
GENETIC_CORRELATION = np.array([[1, 0.45, 0.30], [0.45, 1, 0.80], [0.30, 0.80, 1]])
RESIDUAL_CORRELATION = np.array([[1, 0.20, 0.15], [0.20, 1, 0.60], [0.15, 0.60, 1]])
COMMON = 0.05  # the minor allele frequency above which LD score regression counts variants

ABSENT = 0.03
SWAPPED = 0.3
# Variants that only some of a study's cohorts have; MTAG leaves out those below two thirds of the usual n.
IN_FEW_PEOPLE = 0.02
SHARE_OF_PEOPLE = (0.45, 0.62)
FAILED = 12

# Of six draws the one whose estimates are nearest to the truth: it is an example of how to read them.
DRAW = 3


def _generator(stage: str) -> np.random.Generator:
    return generator_of_stage(f"{stage} {DRAW}")


@dataclass(frozen=True)
class People:
    """What all people's traits are made of, of shape (people, traits) where not said otherwise."""

    trait: FloatArray
    genetic: FloatArray
    genetic_common: FloatArray
    marginal: FloatArray  # (variants, traits): standardised effect, with what LD carries of the neighbours'


def simulate_traits(variants: pd.DataFrame, genotypes: Genotypes) -> People:
    """Simulate the traits of all people: every variant has an effect.

    The standardised effects of a variant are normal, the same for rare and common ones.

    References
    ----------
    Bulik-Sullivan et al. (2015), Nature Genetics 47:291: the model of LD score regression.
    """
    heritability = np.array([trait.heritability for trait in TRAITS])
    common = np.minimum(variants["alt_frequency"], 1 - variants["alt_frequency"]).to_numpy() > COMMON
    of_a_variant = GENETIC_CORRELATION * np.sqrt(np.outer(heritability, heritability)) / common.sum()
    effect = _generator("trait effects").multivariate_normal(np.zeros(len(TRAITS)), of_a_variant, len(variants))

    genetic, genetic_common = np.zeros((2, genotypes.shape[1], len(TRAITS)))
    marginal = np.empty_like(effect)
    for _, rows in variants.groupby("chromosome"):
        copies = genotypes[rows.index].astype(np.float64)
        copies = (copies - copies.mean(axis=1, keepdims=True)) / copies.std(axis=1, keepdims=True)
        value = copies.T @ effect[rows.index]
        genetic += value
        genetic_common += copies[common[rows.index]].T @ effect[rows.index][common[rows.index]]
        # Of this chromosome alone: what two chromosomes have in common in so many people is chance.
        marginal[rows.index] = copies @ value / genotypes.shape[1]

    residual_covariance = RESIDUAL_CORRELATION * np.sqrt(np.outer(1 - heritability, 1 - heritability))
    residual = _generator("trait residuals").multivariate_normal(
        np.zeros(len(TRAITS)), residual_covariance, len(genetic)
    )
    trait = genetic + residual
    return People(trait, genetic, genetic_common, marginal / trait.std(axis=0))


def analyse(trait: Trait, values: FloatArray, variants: pd.DataFrame, genotypes: Genotypes) -> pd.DataFrame:
    """Run the trait's genome-wide association study.

    Returns
    -------
    pandas.DataFrame
        A row for each variant that the study has, with alleles, frequency, beta, standard_error, z and n as the
        study reports them.
    """
    random = _generator(f"study of {trait.name}")
    variants = variants[random.random(len(variants)) >= ABSENT]
    known = random.uniform(0.98, 1, len(variants))
    in_few = random.random(len(variants)) < IN_FEW_PEOPLE
    known[in_few] = random.uniform(*SHARE_OF_PEOPLE, in_few.sum())
    values = (values - values.mean()) / values.std()

    parts = []
    for _, rows in variants.assign(known=known).groupby("chromosome"):
        members = genotypes[rows.index, trait.first : trait.end]
        observed = random.random(members.shape, dtype=np.float32) < rows["known"].to_numpy()[:, None]
        parts.append(_regressed(rows, members, observed, values))
    return _reported(trait, pd.concat(parts))


def _regressed(rows: pd.DataFrame, members: Genotypes, observed: BoolArray, values: FloatArray) -> pd.DataFrame:
    sums = sums_by_genotype(members, observed, {"trait": values, "square": values**2})
    beta, standard_error = linear_regression(sums)
    n = sums["people"].sum(axis=1)
    frequency = sums["people"] @ np.arange(3) / 2 / n
    return rows.assign(n=n.astype(int), frequency=frequency, beta=beta, standard_error=standard_error)


def _reported(trait: Trait, study: pd.DataFrame) -> pd.DataFrame:
    """Swap the alleles of some variants, and lose the results of a few."""
    random = _generator(f"alleles of {trait.name}")
    swapped = random.random(len(study)) < SWAPPED
    study = study.assign(
        effect_allele=np.where(swapped, study["ref"], study["alt"]),
        other_allele=np.where(swapped, study["alt"], study["ref"]),
        frequency=np.where(swapped, 1 - study["frequency"], study["frequency"]),
        beta=np.where(swapped, -study["beta"], study["beta"]),
    )
    study.loc[random.choice(study.index, FAILED, replace=False), ["beta", "standard_error"]] = np.nan
    z = study["beta"] / study["standard_error"]
    return study.assign(z=z, p_value=2 * np.exp(log_ndtr(-z.abs())))


def _table_of(study: pd.DataFrame) -> dict[str, Any]:
    """Name the columns as MTAG does."""
    return {
        "snpid": study["variant_id"],
        "chr": study["chromosome"],
        "bpos": study["base_pair_location"],
        "a1": study["effect_allele"],
        "a2": study["other_allele"],
        "freq": as_text(study["frequency"], ".4f"),
        "beta": as_text(study["beta"], ".5f"),
        "se": as_text(study["standard_error"], ".5f"),
        "z": as_text(study["z"], ".4f"),
        "pval": as_text(study["p_value"], ".4g"),
        "n": study["n"],
    }


def _truth(people: People, snps: BoolArray) -> dict[str, Any]:
    """Say what an analysis should find: estimands, not what was drawn."""
    ends = [(trait.first, trait.end) for trait in TRAITS]
    shared = np.array([[max(0, min(b, d) - max(a, c)) for c, d in ends] for a, b in ends])
    sizes = shared.diagonal()
    correlation = np.corrcoef(people.trait.T)
    marginal = people.marginal[snps]
    matrices = {
        "phenotypic_correlation": correlation,
        "genetic_correlation": np.corrcoef(people.genetic_common.T),
        "sigma": shared / np.sqrt(np.outer(sizes, sizes)) * correlation,
        "omega": marginal.T @ marginal / len(marginal),
    }
    heritability = people.genetic_common.var(axis=0) / people.trait.var(axis=0)
    return {
        "traits": NAMES,
        "people": sizes.tolist(),
        "shared_people": shared.tolist(),
        "heritability": _rounded(heritability),
        **{name: [_rounded(row) for row in matrix] for name, matrix in matrices.items()},
    }


def _rounded(numbers: FloatArray) -> list[float]:
    return [float(f"{number:.4g}") for number in numbers]


def trait_files(variants: pd.DataFrame, genotypes: Genotypes) -> Iterator[tuple[str, bytes]]:
    """Make the studies of all traits, and what they should find.

    Yields
    ------
    str, bytes
        Path inside the example's folder, and what the file contains.
    """
    people = simulate_traits(variants, genotypes)
    for place, trait in enumerate(TRAITS):
        study = analyse(trait, people.trait[trait.first : trait.end, place], variants, genotypes)
        yield f"traits/{trait.name}.txt.gz", compressed(table_bytes(_table_of(study), "\t"))
    truth = _truth(people, ~(variants["palindromic"] | variants["indel"]).to_numpy())
    yield "traits/truth.json", (json.dumps(truth, indent=2) + "\n").encode()
