"""What the runs of MTAG wrote: matrices, the rows of all traits, and the statistics of SNPs that every trait has."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

GOLDEN = Path(__file__).resolve().parents[3] / "shared" / "golden" / "mtag"

Array = NDArray[np.float64]


@lru_cache
def manifest() -> dict[str, Any]:
    return dict(json.loads((GOLDEN / "MANIFEST.json").read_text()))


def stored(case: str, name: str) -> Path:
    """Return the file in which an output is kept: that of another run, if both are the same."""
    described = manifest()[case]["files"][name]
    if "same_as" in described:
        return stored(*described["same_as"].split("/"))
    return GOLDEN / "cases" / case / str(described["stored"])


def matrix(case: str, name: str) -> Array:
    """Return sigma_hat, omega_hat, prob_grid or fdr_mat."""
    return np.loadtxt(stored(case, f"mtag_{name}.txt"), ndmin=2)


def omega_of(case: str) -> Array:
    """Return Omega, of which MTAG writes no file where it takes all traits to be the same."""
    sigma = matrix(case, "sigma_hat")
    return np.ones_like(sigma) if "mtag_omega_hat.txt" not in manifest()[case]["files"] else matrix(case, "omega_hat")


def trait_names(case: str) -> list[str]:
    return sorted(name for name in manifest()[case]["files"] if "_trait" in name)


@lru_cache
def traits(case: str) -> list[pd.DataFrame]:
    """Return the rows that are kept of each trait's output, by SNP."""
    return [pd.read_csv(stored(case, name), sep="\t", index_col="SNP") for name in trait_names(case)]


def statistics(case: str, snps: pd.Index[str], column: str) -> Array:
    """Return a column of all traits, shape (n_snps, n_traits); NaN where a trait has no row."""
    return np.stack([rows[column].reindex(snps).to_numpy(float) for rows in traits(case)], axis=1)


def mean_n(case: str) -> Array:
    """Return the mean sample size of each trait, from the sums over all rows that MANIFEST.json has."""
    means = []
    for name in trait_names(case):
        described = manifest()[case]["files"][name]
        while "same_as" in described:
            other, same = described["same_as"].split("/")
            described = manifest()[other]["files"][same]
        means.append(described["column_stats"]["N"]["sum"] / described["rows"])
    return np.array(means)


@lru_cache
def small_statistics() -> tuple[Array, Array]:
    """Return z and n, shape (n_snps, 3), of the SNPs of run 06c, aligned to the first trait as RULES.md says (B.1)."""
    snps = pd.read_csv(GOLDEN / "cases" / "06c_numerical_omega_three" / "snps_in_order.txt.gz", header=None)[0]
    inputs = []
    for trait in (1, 2, 3):
        rows = pd.read_csv(GOLDEN / "inputs" / f"small_t{trait}.txt.gz", sep=r"\s+", na_values=["."])
        inputs.append(rows.drop_duplicates("snpid").set_index("snpid").loc[snps])
    reference = inputs[0]["a1"].str.upper()
    sign = np.stack([np.where(rows["a1"].str.upper() == reference, 1.0, -1.0) for rows in inputs], axis=1)
    z = np.stack([rows["z"].to_numpy(float) for rows in inputs], axis=1)
    return sign * z, np.stack([rows["n"].to_numpy(float) for rows in inputs], axis=1)


def printed_numbers(case: str, file: str, pattern: str) -> Array:
    """Return the numbers of a log that stand where the pattern's group is."""
    found = re.findall(pattern, (GOLDEN / "cases" / case / file).read_text(), re.MULTILINE)
    return np.array([float(number) for text in found for number in text.split()])
