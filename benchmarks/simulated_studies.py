"""Simulated studies of one trait, in text files that GWAMA, METAL, PLINK and gwasmeta all read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from isal import igzip
from numpy.typing import NDArray
from scipy.special import ndtr

SEED = 20240611
LAYOUT = 1  # raise it with every change of the simulation: files of another layout are not reused

# GRCh38, millions of base pairs, chromosomes 1 to 22
_CHROMOSOME_LENGTHS = (
    *(248.96, 242.19, 198.30, 190.21, 181.54, 170.81, 159.35, 145.14, 138.39, 133.80, 135.09),
    *(133.28, 114.36, 107.04, 101.99, 90.34, 83.26, 80.37, 58.62, 64.44, 46.71, 50.82),
)
_LARGEST_RSID = 200_000_000  # the common variants were named first
_TRANSITIONS = {"A": "G", "G": "A", "C": "T", "T": "C"}
_TRANSVERSIONS = {"A": "C", "G": "T", "C": "G", "T": "A"}

_FRACTION_MISSING = 0.02  # variants that one study lacks
_FRACTION_SWAPPED = 0.10  # variants for which one study counts the other allele

# in units of the trait's standard deviation, for a genotype scaled to variance 1
_POLYGENIC_EFFECT = 0.002
_LOCUS_EFFECT = 0.02
_FRACTION_IN_LOCI = 0.001
_BETWEEN_STUDIES = 0.001  # standard deviation of a variant's true effect over studies


@dataclass(frozen=True)
class StudySet:
    """Which studies to simulate; equal sets are equal files, to the byte.

    Attributes
    ----------
    n_studies : int
    n_variants : int
        In all studies together; each lacks some.
    shuffle : bool
        Rows in random order, another one in each study, instead of the order of the genome.
    gzip : bool
    """

    n_studies: int
    n_variants: int
    shuffle: bool = False
    gzip: bool = False

    @property
    def rows_per_study(self) -> int:
        n_kept = self.n_variants - round(self.n_variants * _FRACTION_MISSING)
        # odd, so that the median behind genomic control is one row's: METAL does not average the middle two
        return n_kept - (n_kept + 1) % 2

    @property
    def n_rows(self) -> int:
        return self.n_studies * self.rows_per_study


def write_studies(studies: StudySet, work_dir: Path) -> tuple[Path, ...]:
    """Write one file a study below `work_dir`, unless it is there already, and return their paths.

    A study does not depend on how many others there are, so that a larger set reuses the files of a smaller.
    """
    order = "shuffled" if studies.shuffle else "genome_order"
    directory = work_dir / f"studies_v{LAYOUT}_{studies.n_variants}_{order}"
    directory.mkdir(parents=True, exist_ok=True)
    suffix = ".txt.gz" if studies.gzip else ".txt"
    paths = tuple(directory / f"study_{number:02d}{suffix}" for number in range(1, studies.n_studies + 1))
    if all(path.exists() for path in paths):
        return paths
    variants = _simulate_variants(studies.n_variants)
    for number, path in enumerate(paths, start=1):
        if not path.exists():
            _write_whole(_simulate_study(variants, number, studies), path)
    return paths


def passing_studies(studies: StudySet, numbers: Iterable[int], work_dir: Path) -> Iterator[Path]:
    """Yield one study's file after another, each removed when the next one is asked for."""
    directory = work_dir / "passing"
    directory.mkdir(parents=True, exist_ok=True)
    variants = _simulate_variants(studies.n_variants)
    for number in numbers:
        path = directory / f"study_{number:02d}{'.txt.gz' if studies.gzip else '.txt'}"
        _write_whole(_simulate_study(variants, number, studies), path)
        try:
            yield path
        finally:
            path.unlink()


def _simulate_variants(n_variants: int) -> pl.DataFrame:
    """Draw what the studies share: each variant's name, place, alleles, frequency and true effect."""
    random = np.random.default_rng([SEED, n_variants])
    chromosome_ends = np.cumsum(np.asarray(_CHROMOSOME_LENGTHS) * 1e6).astype(np.int64)
    place = np.sort(random.integers(0, chromosome_ends[-1], n_variants))
    chromosome = np.searchsorted(chromosome_ends, place, side="right")
    chromosome_starts = np.concatenate([[0], chromosome_ends[:-1]])

    frequency = random.beta(0.5, 1.0, n_variants).clip(0.01, 0.99)
    in_locus = random.random(n_variants) < _FRACTION_IN_LOCI
    effect_size = np.where(in_locus, _LOCUS_EFFECT, _POLYGENIC_EFFECT)
    effect = random.normal(0, effect_size)
    effect_allele, other_allele = _simulate_alleles(n_variants, random)
    rsid = random.choice(_LARGEST_RSID, n_variants, replace=False) + 1
    return pl.DataFrame(
        {
            "MARKERNAME": pl.Series(rsid).cast(pl.String),
            "CHR": chromosome + 1,
            "POS": place - chromosome_starts[chromosome] + 1,
            "effect_allele": effect_allele,
            "other_allele": other_allele,
            "frequency": frequency,
            "effect": effect,
        }
    ).with_columns(pl.concat_str(pl.lit("rs"), "MARKERNAME").alias("MARKERNAME"))


def _simulate_alleles(n_variants: int, random: np.random.Generator) -> tuple[pl.Series, pl.Series]:
    effect_allele = pl.Series(np.array(list("ACGT"))[random.integers(0, 4, n_variants)])
    is_transition = pl.Series(random.random(n_variants) < 2 / 3)
    transition = effect_allele.replace_strict(_TRANSITIONS)
    transversion = effect_allele.replace_strict(_TRANSVERSIONS)
    return effect_allele, transition.zip_with(is_transition, transversion)


def _simulate_study(variants: pl.DataFrame, number: int, studies: StudySet) -> pl.DataFrame:
    """Estimate each variant's effect in one study, as a linear regression would have."""
    random = np.random.default_rng([SEED, studies.n_variants, number])
    rows = _rows_of_study(studies, random)
    n_rows = rows.size
    shared = variants[rows]

    n_samples = int(random.integers(5_000, 50_000))
    inflation = random.uniform(1.02, 1.15)  # of the variance, by stratification: what genomic control removes
    n = np.rint(n_samples * random.uniform(0.95, 1, n_rows))
    drift = random.normal(0, 0.01, n_rows)
    frequency = (shared["frequency"].to_numpy() + drift).clip(0.005, 0.995)

    genotype_deviation = np.sqrt(2 * frequency * (1 - frequency))
    standard_error = 1 / (genotype_deviation * np.sqrt(n))
    true_effect = (shared["effect"].to_numpy() + random.normal(0, _BETWEEN_STUDIES, n_rows)) / genotype_deviation
    beta = true_effect + random.normal(0, np.sqrt(inflation), n_rows) * standard_error
    is_swapped = random.random(n_rows) < _FRACTION_SWAPPED
    return _as_gwama_columns(shared, is_swapped, frequency, n, beta, standard_error)


def _rows_of_study(studies: StudySet, random: np.random.Generator) -> NDArray[np.int64]:
    rows = random.permutation(studies.n_variants)[: studies.rows_per_study]
    return rows if studies.shuffle else np.sort(rows)


def _as_gwama_columns(
    shared: pl.DataFrame,
    is_swapped: NDArray[np.bool_],
    frequency: NDArray[np.float64],
    n: NDArray[np.float64],
    beta: NDArray[np.float64],
    standard_error: NDArray[np.float64],
) -> pl.DataFrame:
    effect_allele, other_allele = shared["effect_allele"], shared["other_allele"]
    kept = pl.Series(~is_swapped)
    return pl.DataFrame(
        {
            "MARKERNAME": shared["MARKERNAME"],
            "CHR": shared["CHR"],
            "POS": shared["POS"],
            "EA": effect_allele.zip_with(kept, other_allele),
            "NEA": other_allele.zip_with(kept, effect_allele),
            "EAF": np.where(is_swapped, 1 - frequency, frequency),
            "N": n.astype(np.int64),
            "BETA": np.where(is_swapped, -beta, beta),
            "SE": standard_error,
            "P": 2 * ndtr(-np.abs(beta / standard_error)),
        }
    ).with_columns(
        pl.col("EAF").round(4),
        pl.col("BETA").round_sig_figs(5),
        pl.col("SE").round_sig_figs(4),
        pl.col("P").round_sig_figs(3),
    )


def _write_whole(rows: pl.DataFrame, path: Path) -> None:
    """Write beside, then rename: a file that exists is complete, and may be reused."""
    unfinished = path.with_name(path.name + ".unfinished")
    if path.suffix == ".gz":
        with igzip.open(unfinished, "wb") as stream:  # type: ignore[no-untyped-call]
            rows.write_csv(stream, separator="\t")
    else:
        rows.write_csv(unfinished, separator="\t")
    os.replace(unfinished, path)
