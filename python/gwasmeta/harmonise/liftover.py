"""Positions carried over from one build of the genome to another, by a chain file."""

from __future__ import annotations

import os
import re
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.alleles import are_bases, on_other_strand
from gwasmeta.sumstats.builds import BUILDS, standard_build
from gwasmeta.sumstats.chromosomes import CHROMOSOMES, chromosome_number, chromosome_numbers, usual_names
from gwasmeta.sumstats.row_block import RowBlock

_EXAMPLE = ", such as hg19ToHg38.over.chain.gz"
_UNMAPPED, _SEVERAL, _OTHER_CONTIG = -1, -2, -3
_REASONS = {
    _UNMAPPED: ("position_not_in_other_build", "the chain has no place for it in the other build"),
    _SEVERAL: ("position_several_in_other_build", "the chain has several places for it in the other build"),
    _OTHER_CONTIG: ("position_on_other_contig", "in the other build it lies on no chromosome, but on another contig"),
}


class Liftover:
    """Carries blocks of rows over to another build.

    Where the other build has a stretch of sequence the other way around, alleles are given on the other strand, so
    that they stay those of the forward strand. Longer alleles there are left out: they would have to be written from
    their other end, which needs the sequence.

    Parameters
    ----------
    chain : path
        UCSC's or Ensembl's chain file, plain or gzipped; read by the library `liftover`.

    Attributes
    ----------
    to_build : str
        The build that the file's name says it leads to; "unknown" if it does not.

    Raises
    ------
    GwasmetaError
        If the file cannot be read as a chain file, or the library is not installed.
    """

    def __init__(self, chain: str | os.PathLike[str]) -> None:
        self.file = os.fspath(chain)
        try:
            from liftover import ChainFile
        except ImportError:
            raise GwasmetaError(
                f"{self.file}: carrying positions over needs the library liftover\n"
                "  Install it:  pip install 'gwasmeta[liftover]'"
            ) from None
        if not os.path.isfile(self.file):
            raise GwasmetaError(f"{self.file}: there is no such file; give a chain file{_EXAMPLE}")
        try:
            self._chain = ChainFile(self.file, one_based=True)
        except (ValueError, RuntimeError, IndexError, OSError) as error:
            raise GwasmetaError(f"{self.file}: cannot be read as a chain file: {error}") from error
        if not len(self._chain):
            raise GwasmetaError(f"{self.file}: has no chain in it; give a chain file{_EXAMPLE}")
        self.to_build = _target_build(self.file)

    def __call__(self, block: RowBlock) -> RowBlock:
        """Return the rows that have a place in the other build, at that place."""
        chromosomes = chromosome_numbers(block.words["chromosome"])
        positions = block.numbers["base_pair_location"].astype(np.int64)
        lifted, new_positions, reverse = self._lifted(chromosomes, positions)
        block = replace(
            block,
            words=block.words | {"chromosome": usual_names(np.maximum(lifted, 0))},
            numbers=block.numbers | {"base_pair_location": new_positions.astype(np.float64)},
        )
        left = lifted
        for outcome, (rule, reason) in _REASONS.items():
            out = left == outcome
            block = block.without(rule, reason, ("chromosome", "base_pair_location"), out)
            reverse, left = reverse[~out], left[~out]
        single = (block.words["effect_allele"].lengths == 1) & (block.words["other_allele"].lengths == 1)
        bases = are_bases(block.words["effect_allele"]) & are_bases(block.words["other_allele"])
        out = reverse & ~(single & bases)
        reason = "it lies on the other strand in the other build, and its alleles are no single bases"
        block = block.without("longer_allele_on_other_strand", reason, ("effect_allele", "other_allele"), out)
        reverse = reverse[~out]
        reason = "the other build has this stretch the other way around; alleles are complemented"
        block.findings.append(
            block.finding("strand_of_other_build", reason, ("effect_allele", "other_allele"), reverse, "warned")
        )
        return on_other_strand(block, reverse)

    def _lifted(
        self, chromosomes: npt.NDArray[np.int32], positions: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
        """Return chromosome (or why there is none), position, and whether the strand is the other one."""
        lifted = np.full(len(positions), _UNMAPPED, dtype=np.int32)
        new_positions = np.zeros(len(positions), dtype=np.int64)
        reverse = np.zeros(len(positions), dtype=np.bool_)
        for number in np.unique(chromosomes[chromosomes > 0]).tolist():
            rows = np.flatnonzero(chromosomes == number)
            target = self._chain[_name_in(self._chain, CHROMOSOMES[number - 1])]
            known: dict[str, int] = {}
            for row, position in zip(rows.tolist(), positions[rows].tolist(), strict=True):
                places = target[position]
                if len(places) == 1:
                    contig, new_positions[row], strand = places[0]
                    if contig not in known:
                        known[contig] = chromosome_number(contig) or _OTHER_CONTIG
                    lifted[row], reverse[row] = known[contig], strand == "-"
                elif places:
                    lifted[row] = _SEVERAL
        return lifted, new_positions, reverse


def _name_in(chain: object, name: str) -> str:
    """Return the name that a chain file has for a chromosome: UCSC's mitochondrion is M."""
    return "M" if name == "MT" and "MT" not in chain and "M" in chain else name  # type: ignore[operator]


def _target_build(file: str) -> str:
    """Return the build behind the `To` of a chain file's name."""
    found = re.search(r"to_?(hg\d+|grch\d+)", os.path.basename(file), flags=re.IGNORECASE)
    build = standard_build(found[1]) if found else ""
    return build if build in BUILDS else "unknown"
