"""Loaders of the golden files: tables as text, exactly as the programs wrote or read them."""

from __future__ import annotations

import csv
import gzip
import re
from functools import lru_cache
from pathlib import Path

import pandas as pd


@lru_cache(maxsize=64)
def read_words(path: Path) -> pd.DataFrame:
    """Read a table split at blanks, every cell as text; the header in upper case, as case means nothing in it.

    Many tests read the same files: the table is shared, and not to be changed.
    """
    table = pd.read_csv(path, sep=r"\s+", dtype=object, keep_default_na=False, quoting=csv.QUOTE_NONE)
    return table.rename(columns=str.upper)


def read_gwama(run: Path) -> pd.DataFrame:
    """Read the result of a GWAMA run, indexed by marker, in GWAMA's order."""
    return _indexed(_one_of(run, "out.out", "out.out.gz"), "rs_number")


def read_metal(run: Path) -> pd.DataFrame:
    """Read the result of a METAL run, indexed by marker in lower case: METAL takes RS1 and rs1 for one."""
    table = _indexed(_one_of(run, "METAANALYSIS1.TBL", "METAANALYSIS1.TBL.gz"), "MarkerName")
    return table.rename(index=str.lower)


def gwama_input_files(run: Path) -> list[Path]:
    """Return the studies of a GWAMA run in order."""
    return [(run / line.strip()).resolve() for line in (run / "gwama.in").read_text().splitlines() if line.strip()]


def metal_input_files(run: Path) -> list[Path]:
    """Return the studies of a METAL run in order, those that METAL refused and that were given again only once."""
    names = re.findall(r"^PROCESS (\S+)$", (run / "metal.txt").read_text(), re.MULTILINE)
    return [(run / name).resolve() for name in dict.fromkeys(names)]


def metal_inflation_factors(run: Path) -> list[float]:
    """Return the genomic-control factors that METAL reports, with the three decimals that it gives."""
    path = _one_of(run, "stdout.txt", "stdout.txt.gz")
    report = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [float(word) for word in re.findall(rb"Genomic control parameter is ([\d.]+)", report)]


def _one_of(folder: Path, *names: str) -> Path:
    found = [folder / name for name in names if (folder / name).exists()]
    assert len(found) == 1, f"{folder}: exactly one of {names} is expected, found {found}"
    return found[0]


def _indexed(path: Path, key: str) -> pd.DataFrame:
    table = pd.read_csv(path, sep="\t", dtype=object, keep_default_na=False).set_index(key)
    assert table.index.is_unique
    return table
