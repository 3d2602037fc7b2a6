"""Small simulated traits, as frames and as files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

_PAIRS = np.array([("A", "G"), ("C", "T"), ("G", "T"), ("A", "C")])


def simulated_traits(
    n_snps: int, omega: np.ndarray, sigma: np.ndarray, n: list[float], seed: int
) -> list[pd.DataFrame]:
    """Return traits whose z statistics have covariance sqrt(n n') omega + sigma, all signed by the same alleles."""
    random = np.random.default_rng(seed)
    root_n = np.sqrt(n)
    covariance = np.outer(root_n, root_n) * omega + sigma
    z = random.multivariate_normal(np.zeros(len(n)), covariance, size=n_snps)
    alleles = _PAIRS[random.integers(0, len(_PAIRS), n_snps)]
    frequency = random.uniform(0.05, 0.95, n_snps)
    snps = {
        "variant_id": [f"rs{number}" for number in range(1, n_snps + 1)],
        "chromosome": np.sort(random.integers(1, 23, n_snps)),
        "base_pair_location": np.arange(1, n_snps + 1) * 1000,
        "effect_allele": alleles[:, 0],
        "other_allele": alleles[:, 1],
        "effect_allele_frequency": frequency,
    }
    return [pd.DataFrame(snps | {"z": z[:, trait], "n": n[trait]}) for trait in range(len(n))]


def swapped(trait: pd.DataFrame, rows: np.ndarray) -> pd.DataFrame:
    """Return the same trait with the alleles of some rows in the other order, and all that depends on it turned."""
    turned = trait.copy()
    turned.loc[rows, ["effect_allele", "other_allele"]] = trait.loc[rows, ["other_allele", "effect_allele"]].to_numpy()
    turned.loc[rows, "z"] *= -1
    turned.loc[rows, "effect_allele_frequency"] = 1 - trait.loc[rows, "effect_allele_frequency"]
    return turned


def write_ld_scores(folder: Path, trait: pd.DataFrame, ld_score: np.ndarray, m: int) -> Path:
    """Write a panel of LD scores for the SNPs of a trait."""
    folder.mkdir()
    panel = pd.DataFrame(
        {"CHR": trait.chromosome, "SNP": trait.variant_id, "BP": trait.base_pair_location, "L2": ld_score}
    )
    panel.to_csv(folder / "all.l2.ldscore", sep="\t", index=False)
    (folder / "all.l2.M_5_50").write_text(f"{m}\n")
    return folder
