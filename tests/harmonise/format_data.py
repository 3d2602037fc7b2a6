"""Studies and references for the tests of harmonisation, written by hand and at random."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

HEADER = "MARKERNAME CHR POS EA NEA EAF N BETA SE INFO"


def write_gwama(path: Path, rows: list[str], header: str = HEADER) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def write_vcf(path: Path, rows: list[str]) -> Path:
    lines = ["##fileformat=VCFv4.2", '##INFO=<ID=AF,Number=A,Type=Float,Description="x">']
    lines.append("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO")
    path.write_text("\n".join([*lines, *("\t".join(row.split()) for row in rows)]) + "\n")
    return path


def random_study(n: int, seed: int = 1) -> pd.DataFrame:
    """Return a study of all chromosomes, single bases and indels, no two rows at one place; z up to 60."""
    rng = np.random.default_rng(seed)
    bases = np.array(list("ACGT"))
    pairs = np.array([rng.choice(4, 2, replace=False) for _ in range(n)])
    effect, other = bases[pairs[:, 0]], bases[pairs[:, 1]]
    effect = np.where(np.arange(n) % 17 == 0, other + "TG", effect).astype(object)
    z = rng.normal(0, 1, n)
    z[::50] *= 20
    error = rng.uniform(0.01, 0.2, n)
    return pd.DataFrame(
        {
            "variant_id": [f"rs{i + 1}" for i in range(n)],
            "chromosome": [str(i % 23 + 1) if i % 23 < 22 else "X" for i in range(n)],
            "base_pair_location": rng.permutation(n * 100)[:n] + 1,
            "effect_allele": effect,
            "other_allele": other,
            "beta": z * error,
            "standard_error": error,
            "effect_allele_frequency": rng.uniform(0.01, 0.99, n),
            "n": rng.integers(500, 1000, n),
            "info": rng.uniform(0.3, 1, n),
        }
    )
