"""Inputs of the LDSC and MTAG golden runs, munged and joined as RULES.md says (its section is named at each step)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import chi2

SHARED = Path(__file__).resolve().parents[3] / "shared"
GOLDEN = SHARED / "golden" / "mtag"
PANEL = SHARED / "data" / "eur_w_ld_chr"

_COMPLEMENT = str.maketrans("ACGT", "TGCA")
_PAIRS_OF_BASES = {one + other for one in "ACGT" for other in "ACGT" if one != other}
_AMBIGUOUS = {"AT", "TA", "CG", "GC"}


@lru_cache
def panel() -> tuple[pd.DataFrame, float]:
    """Return the LD scores by SNP in the order of the genome, and M_5_50 (F.1, C.2)."""
    files = [pd.read_csv(PANEL / f"{chromosome}.l2.ldscore.gz", sep="\t") for chromosome in range(1, 23)]
    m = sum(float((PANEL / f"{chromosome}.l2.M_5_50").read_text()) for chromosome in range(1, 23))
    table = pd.concat(files).sort_values(["CHR", "BP"], kind="stable").drop_duplicates("SNP")
    return table.set_index("SNP")[["L2"]], m


@lru_cache
def trait_file(name: str) -> pd.DataFrame:
    """Read an input file as it is."""
    return pd.read_csv(GOLDEN / "inputs" / f"{name}.txt.gz", sep=r"\s+", na_values=["."])


@lru_cache
def munged_by_ldsc(name: str, merged: bool = False) -> pd.DataFrame:
    """Return A1, A2, z and n by SNP, as munge_sumstats.py writes them (G), with or without --merge-alleles."""
    rows = trait_file(name).dropna()
    maf = np.minimum(rows["freq"], 1 - rows["freq"])
    rows = rows[(maf > 0.01) & (rows["pval"] > 0) & (rows["pval"] <= 1)]
    pairs = _pairs(rows)
    rows = rows[pairs.isin(_PAIRS_OF_BASES) & ~pairs.isin(_AMBIGUOUS)]
    rows = rows.drop_duplicates("snpid").set_index("snpid")
    rows = rows[rows["n"] >= rows["n"].quantile(0.9) / 1.5]
    if merged:
        listed = pd.read_csv(GOLDEN / "inputs" / "main_merge.snplist", sep=r"\s+", index_col="SNP")
        rows = rows[rows.index.isin(listed.index)]
        rows = rows[_direction(_pairs(listed.loc[rows.index]), _pairs(rows)) != 0]
    z = np.sign(rows["z"]) * np.sqrt(chi2.isf(rows["pval"], 1))
    alleles = {"A1": rows["a1"].str.upper(), "A2": rows["a2"].str.upper()}
    return pd.DataFrame(alleles | {"z": z.map(_three_decimals), "n": rows["n"].map(_three_decimals)})


def joined_by_ldsc(names: tuple[str, ...], merged: bool = False) -> pd.DataFrame:
    """Return l, and z and n of each trait as columns 0, 1, ..., in the order of the panel (F.1, F.8)."""
    joined = panel()[0].rename(columns={"L2": "l"})
    first = munged_by_ldsc(names[0], merged)
    for trait, name in enumerate(names):
        rows = munged_by_ldsc(name, merged)
        rows = rows[rows.index.isin(first.index)]
        direction = _direction(_pairs(first.loc[rows.index]), _pairs(rows))
        z = (rows["z"] * direction)[direction != 0]
        joined = joined.join(pd.DataFrame({f"z{trait}": z, f"n{trait}": rows["n"]}))
    return joined[joined["z0"].notna()]


def combined_by_mtag(names: tuple[str, ...]) -> pd.DataFrame:
    """Return l, and z, n and freq of each trait, of the SNPs from which MTAG estimates Sigma (A, B, C)."""
    combined = _of_trait(names[0], 0)
    combined = combined[~_pairs(combined).isin(_AMBIGUOUS)]
    for trait, name in enumerate(names[1:], start=1):
        joined = combined.join(_of_trait(name, trait).rename(columns={"A1": "A1_new", "A2": "A2_new"}), how="inner")
        same = (joined["A1"] == joined["A1_new"]) & (joined["A2"] == joined["A2_new"])
        swapped = (joined["A1"] == joined["A2_new"]) & (joined["A2"] == joined["A1_new"])
        joined[f"z{trait}"] *= np.where(swapped, -1, 1)
        combined = joined[same | swapped].drop(columns=["A1_new", "A2_new"])
    return panel()[0].rename(columns={"L2": "l"}).join(combined, how="inner")


def _of_trait(name: str, trait: int) -> pd.DataFrame:
    """Read a trait with the column names that MTAG expects (A.4, A.5, A.7): no filter looks at the frequency."""
    rows = trait_file(name)
    munged = rows.dropna(subset=["snpid", "a1", "a2", "z", "pval", "n"])
    munged = munged[(munged["pval"] > 0) & (munged["pval"] <= 1)]
    munged = munged[_pairs(munged).isin(_PAIRS_OF_BASES)].drop_duplicates("snpid")
    munged = munged[munged["n"] >= munged["n"].quantile(0.9) / 1.5]
    kept = rows[rows["snpid"].isin(munged["snpid"])].drop_duplicates("snpid").set_index("snpid")
    columns = {"A1": kept["a1"].str.upper(), "A2": kept["a2"].str.upper()}
    return pd.DataFrame(columns | {f"{column}{trait}": kept[column] for column in ("z", "n", "freq")})


def _pairs(rows: pd.DataFrame) -> pd.Series[str]:
    one, other = ("A1", "A2") if "A1" in rows else ("a1", "a2")
    return rows[one].str.upper() + rows[other].str.upper()


def _direction(reference: pd.Series[str], pairs: pd.Series[str]) -> pd.Series[int]:
    """Return 1 where the alleles are those of the reference, on either strand, -1 where swapped, and 0 elsewhere."""
    complement = reference.str.translate(_COMPLEMENT)
    same = (pairs == reference) | (pairs == complement)
    swapped = (pairs == reference.str[::-1]) | (pairs == complement.str[::-1])
    return same.astype(int) - swapped.astype(int)


def _three_decimals(value: float) -> float:
    return float(f"{value:.3f}")
