"""Simulated studies of correlated traits at the SNPs of a real panel of LD scores, in files as MTAG reads them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from isal import igzip
from numpy.typing import NDArray
from scipy.special import ndtr

from gwasmeta.ldscores.panel import LdScorePanel, read_panel

SEED = 20260105
LAYOUT = 1  # raise it with every change of the simulation: files of another layout are not reused

# Of one trait after the other; further traits begin again.
_LARGEST_N = (250_000, 120_000, 60_000, 400_000, 80_000)
_HERITABILITY = (0.20, 0.15, 0.22, 0.10, 0.25)
_INTERCEPT = (1.04, 1.03, 1.015, 1.06, 1.02)
_NEXT_GENETIC_CORRELATION = 0.75  # of neighbouring traits; its powers for traits that are further apart
_OVERLAP = 0.12  # what people in both studies add to the covariance of neighbours' z, with powers of 0.5

_SHUFFLED = 3  # every third file is in random order
_FRACTION_MISSING = 0.05  # SNPs that one trait lacks
_FRACTION_SWAPPED = 0.30  # SNPs for which one trait counts the other allele
_FRACTION_WITH_ALL_PEOPLE = 0.55
_FRACTION_WITH_FEW_PEOPLE = 0.005  # MTAG's filter removes them
_PAIRS = ("AC", "AG", "CA", "CT", "GA", "GT", "TC", "TG")  # alleles whose strand can be told


@dataclass(frozen=True)
class TraitSet:
    """Which traits to simulate; equal sets are equal files, to the byte.

    Attributes
    ----------
    n_traits : int
    n_snps : int
        In all traits together; each lacks some.
    panel : Path
        Folder of LD scores; the SNPs are some of its own.
    """

    n_traits: int
    n_snps: int
    panel: Path

    @property
    def genetic_correlation(self) -> NDArray[np.float64]:
        return _NEXT_GENETIC_CORRELATION ** _apart(self.n_traits)

    @property
    def sigma(self) -> NDArray[np.float64]:
        """Covariance of z statistics that is no genetic signal."""
        apart = _apart(self.n_traits)
        return np.where(apart == 0, np.resize(_INTERCEPT, self.n_traits), _OVERLAP * 0.5 ** (apart - 1.0))


def _apart(n: int) -> NDArray[np.int64]:
    return np.abs(np.subtract.outer(np.arange(n), np.arange(n)))


def write_traits(traits: TraitSet, work_dir: Path) -> tuple[Path, ...]:
    """Write one file a trait below `work_dir`, unless it is there already, and return their paths."""
    directory = work_dir / f"traits_v{LAYOUT}_{traits.n_snps}x{traits.n_traits}"
    directory.mkdir(parents=True, exist_ok=True)
    paths = tuple(directory / f"trait_{number:02d}.txt.gz" for number in range(1, traits.n_traits + 1))
    if all(path.exists() for path in paths):
        return paths
    panel = read_panel(traits.panel, cache=False)
    random = np.random.default_rng([SEED, traits.n_snps, traits.n_traits])
    rows = np.sort(random.choice(len(panel), min(traits.n_snps, len(panel)), replace=False))
    n = _sample_sizes(traits, rows.size, random)
    z = _z_statistics(traits, panel.ld_score[rows], n, panel.m, random)
    snps = _snps(panel, rows, random)
    for trait, path in enumerate(paths):
        shuffled = (trait + 1) % _SHUFFLED == 0
        _write_whole(_table(snps, z[:, trait], n[:, trait], shuffled, random), path)
    return paths


def _sample_sizes(traits: TraitSet, n_snps: int, random: np.random.Generator) -> NDArray[np.float64]:
    shape = n_snps, traits.n_traits
    share = np.where(random.random(shape) < _FRACTION_WITH_ALL_PEOPLE, 1.0, random.uniform(0.85, 1.0, shape))
    share = np.where(random.random(shape) < _FRACTION_WITH_FEW_PEOPLE, random.uniform(0.3, 0.6, shape), share)
    return np.rint(share * np.resize(_LARGEST_N, traits.n_traits))


def _z_statistics(
    traits: TraitSet, ld_score: NDArray[np.float64], n: NDArray[np.float64], m: float, random: np.random.Generator
) -> NDArray[np.float64]:
    """Draw z with covariance Sigma + sqrt(n1 n2) rho l / m, independent over SNPs given their LD scores."""
    root_h2 = np.sqrt(np.resize(_HERITABILITY, traits.n_traits))
    genetic = np.linalg.cholesky(traits.genetic_correlation * np.outer(root_h2, root_h2))
    residual = np.linalg.cholesky(traits.sigma)
    signal = np.sqrt(n * np.maximum(ld_score, 1.0)[:, np.newaxis] / m)
    return signal * (random.standard_normal(n.shape) @ genetic.T) + random.standard_normal(n.shape) @ residual.T


def _snps(panel: LdScorePanel, rows: NDArray[np.int64], random: np.random.Generator) -> pl.DataFrame:
    pair = random.integers(0, len(_PAIRS), rows.size).astype(np.uint32)
    one, other = (pl.Series([alleles[place] for alleles in _PAIRS]).gather(pair) for place in (0, 1))
    return pl.DataFrame(
        {
            "snpid": panel.variant_ids.take(rows).to_list(),
            "chr": panel.chromosome[rows],
            "bpos": panel.base_pair_location[rows],
            "a1": one,
            "a2": other,
            "freq": random.uniform(0.02, 0.98, rows.size),
        }
    )


def _table(
    snps: pl.DataFrame, z: NDArray[np.float64], n: NDArray[np.float64], shuffled: bool, random: np.random.Generator
) -> pl.DataFrame:
    """Return what the study of one trait publishes."""
    swapped = pl.Series(random.random(snps.height) < _FRACTION_SWAPPED)
    table = snps.with_columns(
        a1=snps["a2"].zip_with(swapped, snps["a1"]),
        a2=snps["a1"].zip_with(swapped, snps["a2"]),
        freq=(1 - snps["freq"]).zip_with(swapped, snps["freq"]).round(4),
        z=pl.Series(np.where(swapped.to_numpy(), -z, z)).round(5),
        pval=pl.Series(2 * ndtr(-np.abs(z))).round_sig_figs(5),
        n=pl.Series(n.astype(np.int64)),
    )
    there = np.flatnonzero(random.random(snps.height) >= _FRACTION_MISSING)
    return table[random.permutation(there) if shuffled else there]


def _write_whole(rows: pl.DataFrame, path: Path) -> None:
    """Write beside, then rename: a file that exists is complete, and may be reused."""
    unfinished = path.with_name(path.name + ".unfinished")
    with igzip.open(unfinished, "wb") as stream:  # type: ignore[no-untyped-call]
        rows.write_csv(stream, separator="\t")
    os.replace(unfinished, path)
