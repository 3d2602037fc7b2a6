"""Genotypes in PLINK's binary format: .bed, .bim and .fam.

The .bed format is read by our own code, not by a package: two bits a genotype are decoded straight into the
standardised numbers that are needed, and nothing has to be installed for it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gwasmeta.compiled import compiled
from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.byte_streams import read_stored
from gwasmeta.sumstats.raw_blocks import Layout, TextBlock
from gwasmeta.sumstats.source import LineBlock
from gwasmeta.sumstats.words import Words

_BIM_COLUMNS = ("chromosome", "variant id", "genetic position", "position", "allele 1", "allele 2")
_MAGIC = b"\x6c\x1b"
_SNP_MAJOR = 1
_HEADER_BYTES = 3
_MISSING_CODE = 1
# Copies of the first allele for each code of two bits; that of `_MISSING_CODE` is not used.
_COPIES = np.array([2.0, 0.0, 1.0, 0.0])
_CODES_OF_BYTE = (np.arange(256)[:, np.newaxis] >> np.array([0, 2, 4, 6]) & 3).astype(np.uint8)


@dataclass(frozen=True, eq=False)
class PlinkFiles:
    """The SNPs of a set of PLINK files, and their genotypes where they lie on the disk.

    Attributes
    ----------
    prefix : str
        What the names of the files begin with.
    n_samples : int
    variant_ids, chromosomes : Words
        Of M SNPs, as they are written in the .bim file.
    base_pair_location : float64 array, shape (M,)
    centimorgans : float64 array, shape (M,)
        Genetic position; 0 where it is not known.
    minor_allele_frequency : float64 array, shape (M,)
        Among the genotypes that are not missing; NaN if all are.
    mean_copies : float64 array, shape (M,)
        Copies of the first allele, likewise.
    deviation : float64 array, shape (M,)
        Standard deviation of the copies (dividing by the number of samples) with missing genotypes at the mean; 0
        for a SNP that does not vary.
    packed : uint8 array, shape (M, n_bytes)
        Four genotypes a byte, the first in the lowest bits: read from the disk when they are used.
    """

    prefix: str
    n_samples: int
    variant_ids: Words
    chromosomes: Words
    base_pair_location: npt.NDArray[np.float64]
    centimorgans: npt.NDArray[np.float64]
    minor_allele_frequency: npt.NDArray[np.float64]
    mean_copies: npt.NDArray[np.float64]
    deviation: npt.NDArray[np.float64]
    packed: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.base_pair_location)

    @property
    def varies(self) -> npt.NDArray[np.bool_]:
        """Which SNPs have more than one genotype."""
        return self.deviation > 0

    def standardised(self, snps: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
        """Return the genotypes of some SNPs with mean 0 and variance 1 in the samples; missing ones are 0.

        Parameters
        ----------
        snps : integer array, shape (n_snps,)
            None of them monomorphic.

        Returns
        -------
        float64 array, shape (n_snps, n_samples)
        """
        values = (_COPIES - self.mean_copies[snps, np.newaxis]) / self.deviation[snps, np.newaxis]
        values[:, _MISSING_CODE] = 0
        genotypes = np.empty((len(snps), self.n_samples), dtype=np.float64)
        _decode(self.packed, snps, values, genotypes)
        return genotypes


def open_plink_files(prefix: str | os.PathLike[str]) -> PlinkFiles:
    """Open PREFIX.bed, PREFIX.bim and PREFIX.fam.

    Raises
    ------
    GwasmetaError
        If a file is missing, cannot be understood, or does not fit the others.
    """
    name = os.fspath(prefix)
    n_samples = sum(1 for line in read_stored(f"{name}.fam").splitlines() if line.strip())
    if not n_samples:
        raise GwasmetaError(f"{name}.fam: holds nobody\n  Was it written or transferred completely?")
    snps = _read_bim(Path(f"{name}.bim"))
    packed = _open_bed(Path(f"{name}.bed"), len(snps.lines), n_samples)
    frequency, mean, deviation = _statistics(_count_codes(packed, n_samples, _CODES_OF_BYTE))
    return PlinkFiles(
        name,
        n_samples,
        snps.words["variant id"],
        snps.words["chromosome"],
        snps.numbers["position"],
        snps.numbers["genetic position"],
        frequency,
        mean,
        deviation,
        packed,
    )


def _statistics(
    counts: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return minor allele frequency, mean and standard deviation from how often each code appears, shape (M, 4)."""
    n_samples = counts.sum(axis=1)
    known = counts.astype(np.float64)
    known[:, _MISSING_CODE] = 0
    with np.errstate(invalid="ignore"):  # no genotype is known
        mean = known @ _COPIES / known.sum(axis=1)
        # Of the second allele, and 1 minus it, as LDSC rounds them: that decides on which side of 0.05 is 0.05 itself.
        frequency = known @ (2 - _COPIES) / (2 * known.sum(axis=1))
    squares = (known * (_COPIES - mean[:, np.newaxis]) ** 2).sum(axis=1)
    varies = np.count_nonzero(known, axis=1) > 1
    deviation = np.where(varies, np.sqrt(squares / n_samples), 0.0)
    return np.minimum(frequency, 1 - frequency), mean, deviation


def _read_bim(path: Path) -> TextBlock:
    text = read_stored(path).encode().rstrip() + b"\n"
    column = {name: place for place, name in enumerate(_BIM_COLUMNS)}
    layout = Layout(
        str(path),
        _BIM_COLUMNS,
        {name: column[name] for name in ("position", "genetic position")},
        {name: column[name] for name in ("chromosome", "variant id")},
        frozenset(),
        separator=" ",
    )
    block = TextBlock(LineBlock(np.frombuffer(bytearray(text), dtype=np.uint8), 1), layout)
    for name, values in block.numbers.items():
        if np.isnan(values).any():
            row = int(np.isnan(values).argmax())
            shown = block.field(row, column[name])
            raise GwasmetaError(
                f"{path}, line {block.lines[row]}: the {name} is {shown!r}, which is no number\n"
                f"  The columns of a .bim file are {', '.join(_BIM_COLUMNS)}, without a header."
            )
    if not len(block.lines):
        raise GwasmetaError(f"{path}: holds no SNP\n  Was it written or transferred completely?")
    return block


def _open_bed(path: Path, n_snps: int, n_samples: int) -> npt.NDArray[np.uint8]:
    n_bytes = -(-n_samples // 4)
    expected = _HEADER_BYTES + n_snps * n_bytes
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
        if header[:2] != _MAGIC:
            raise GwasmetaError(f"{path}: is no PLINK .bed file: it begins with {header[:2]!r}, not with {_MAGIC!r}")
        if header[2:] != bytes([_SNP_MAJOR]):
            raise GwasmetaError(
                f"{path}: is in the old order, sample by sample\n"
                f"  Convert it:  plink --bfile {path.with_suffix('')} --make-bed --out {path.with_suffix('')}_new"
            )
        if size != expected:
            raise GwasmetaError(
                f"{path}: has {size:,} bytes, but {n_snps:,} SNPs (.bim) x {n_samples:,} samples (.fam) take"
                f" {expected:,}\n  Do the three files belong together, and were they transferred completely?"
            )
        return np.memmap(path, np.uint8, "r", _HEADER_BYTES, (n_snps, n_bytes))
    except OSError as error:
        raise GwasmetaError(f"{path}: cannot be read: {error.strerror or error}") from error


@compiled
def _count_codes(packed: Any, n_samples: int, codes_of_byte: Any) -> Any:
    """Count how often each code of two bits appears for each SNP."""
    counts = np.zeros((packed.shape[0], 4), dtype=np.int64)
    n_whole = n_samples // 4
    for snp in range(packed.shape[0]):
        bytes_seen = np.zeros(256, dtype=np.int64)
        for i in range(n_whole):
            bytes_seen[packed[snp, i]] += 1
        for byte in range(256):
            for place in range(4):
                counts[snp, codes_of_byte[byte, place]] += bytes_seen[byte]
        for sample in range(4 * n_whole, n_samples):
            counts[snp, packed[snp, n_whole] >> (2 * (sample - 4 * n_whole)) & 3] += 1
    return counts


@compiled
def _decode(packed: Any, snps: Any, values: Any, genotypes: Any) -> None:
    """Fill in for each sample the value of its code, shape of `values` (n_snps, 4)."""
    n_samples = genotypes.shape[1]
    for row in range(snps.size):
        snp = snps[row]
        for sample in range(n_samples):
            genotypes[row, sample] = values[row, packed[snp, sample >> 2] >> (2 * (sample & 3)) & 3]
