"""Genotypes written as PLINK files, by code that shares nothing with what reads them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

_BITS = {2.0: "00", 1.0: "10", 0.0: "11", -1.0: "01"}  # by copies of the first allele; -1 is missing


def write_plink(
    prefix: Path,
    copies: npt.ArrayLike,
    *,
    chromosome: Sequence[str] | None = None,
    position: Sequence[int] | None = None,
    centimorgans: Sequence[float] | None = None,
) -> Path:
    """Write copies of the first allele, shape (n_snps, n_samples), NaN for missing ones."""
    copies = np.nan_to_num(np.asarray(copies, dtype=float), nan=-1.0)
    n_snps, n_samples = copies.shape
    packed = bytearray(b"\x6c\x1b\x01")
    for snp in copies.tolist():
        for start in range(0, n_samples, 4):
            packed.append(int("".join(_BITS[value] for value in reversed(snp[start : start + 4])), 2))
    prefix.with_suffix(".bed").write_bytes(packed)
    prefix.with_suffix(".fam").write_text("".join(f"f{i} i{i} 0 0 0 -9\n" for i in range(n_samples)))
    places = zip(
        chromosome or ["1"] * n_snps,
        position or range(1000, 1000 * n_snps + 1000, 1000),
        centimorgans or [0.0] * n_snps,
        strict=True,
    )
    lines = [f"{name}\trs{i}\t{cm!r}\t{bp}\tA\tC\n" for i, (name, bp, cm) in enumerate(places)]
    prefix.with_suffix(".bim").write_text("".join(lines))
    return prefix


def random_genotypes(n_snps: int, n_samples: int, missing: float = 0.0, seed: int = 1) -> npt.NDArray[np.float64]:
    """Return genotypes in LD: each allele is a copy of that of the SNP before, most of the time."""
    rng = np.random.default_rng(seed)
    alleles = np.empty((n_snps, 2 * n_samples))
    alleles[0] = rng.random(2 * n_samples) < 0.3
    for snp in range(1, n_snps):
        fresh = rng.random(2 * n_samples) < rng.uniform(0.05, 0.95)
        alleles[snp] = np.where(rng.random(2 * n_samples) < 0.8, alleles[snp - 1], fresh)
    copies = alleles[:, ::2] + alleles[:, 1::2]
    copies[rng.random(copies.shape) < missing] = np.nan
    return copies
