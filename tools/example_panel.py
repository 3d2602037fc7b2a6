"""Panels of LD scores of the embedded example: genotypes as PLINK files, and what gwasmeta computes from them."""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from example_people import MORGANS_PER_BASE, Genotypes
from example_tables import compressed
from numpy.typing import NDArray

import gwasmeta

# A .bed file's bits for 0, 1 and 2 copies of the first allele; 01 is a missing genotype.
_BITS_OF_COPIES = np.array([0b11, 0b10, 0b00], dtype=np.uint8)
_BED = b"\x6c\x1b\x01"  # genotypes of one SNP after the other


def panel_files(folder: str, variants: pd.DataFrame, genotypes: Genotypes) -> dict[str, bytes]:
    """Compute LD scores with windows of 1 cM.

    Returns
    -------
    dict of str to bytes
        Path inside the example's folder, and what the file contains.
    """
    with tempfile.TemporaryDirectory() as scratch:
        _write_plink(Path(scratch) / "people", variants, genotypes)
        scores = gwasmeta.compute_ld_scores(Path(scratch) / "people", window_cm=1)
        written = scores.write(Path(scratch) / "example")
        return {f"{folder}/{path.name}": _recompressed(path) for path in written}


def _write_plink(prefix: Path, variants: pd.DataFrame, genotypes: Genotypes) -> None:
    prefix.with_suffix(".bed").write_bytes(_BED + _packed(genotypes).tobytes())
    prefix.with_suffix(".fam").write_text("".join(f"{i} {i} 0 0 0 -9\n" for i in range(genotypes.shape[1])))
    centimorgans = (variants["base_pair_location"] * MORGANS_PER_BASE * 100).round(6)
    columns = [variants["chromosome"], variants["variant_id"], centimorgans, variants["base_pair_location"]]
    table = pd.concat([*columns, variants["alt"], variants["ref"]], axis=1)
    table.to_csv(prefix.with_suffix(".bim"), sep="\t", header=False, index=False)


def _packed(genotypes: Genotypes) -> NDArray[np.uint8]:
    """Put four people into a byte, the first in its lowest bits."""
    bits = _BITS_OF_COPIES[genotypes]
    bits = np.pad(bits, ((0, 0), (0, -bits.shape[1] % 4)))
    return bits[:, 0::4] | bits[:, 1::4] << 2 | bits[:, 2::4] << 4 | bits[:, 3::4] << 6


def _recompressed(path: Path) -> bytes:
    content = path.read_bytes()
    return compressed(gzip.decompress(content)) if path.suffix == ".gz" else content
