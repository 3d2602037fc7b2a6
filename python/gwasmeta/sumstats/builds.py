"""Which build of the human genome positions belong to, as far as they can tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gwasmeta.compiled import compiled
from gwasmeta.sumstats.chromosomes import CHROMOSOMES
from gwasmeta.sumstats.words import Words

# Lengths of chromosomes 1 to 22, X and Y: NCBI assembly reports of GCF_000001405.12, .13 and .26.
_LENGTHS = {
    "GRCh36": (
        *(247249719, 242951149, 199501827, 191273063, 180857866, 170899992, 158821424, 146274826, 140273252, 135374737),
        *(134452384, 132349534, 114142980, 106368585, 100338915, 88827254, 78774742, 76117153, 63811651, 62435964),
        *(46944323, 49691432, 154913754, 57772954),
    ),
    "GRCh37": (
        *(249250621, 243199373, 198022430, 191154276, 180915260, 171115067, 159138663, 146364022, 141213431, 135534747),
        *(135006516, 133851895, 115169878, 107349540, 102531392, 90354753, 81195210, 78077248, 59128983, 63025520),
        *(48129895, 51304566, 155270560, 59373566),
    ),
    "GRCh38": (
        *(248956422, 242193529, 198295559, 190214555, 181538259, 170805979, 159345973, 145138636, 138394717, 133797422),
        *(135086622, 133275309, 114364328, 107043718, 101991189, 90338345, 83257441, 80373285, 58617616, 64444167),
        *(46709983, 50818468, 156040895, 57227415),
    ),
}
BUILDS = tuple(_LENGTHS)

# dbSNP: much studied variants, their chromosome, and their positions in GRCh37 and GRCh38.
_KNOWN_VARIANTS = {
    "rs6025": (1, 169519049, 169549811),
    "rs1801133": (1, 11856378, 11796321),
    "rs11591147": (1, 55505647, 55039974),
    "rs1260326": (2, 27730940, 27508073),
    "rs560887": (2, 169763148, 168906638),
    "rs4988235": (2, 136608646, 135851076),
    "rs1799945": (6, 26091179, 26090951),
    "rs1800562": (6, 26093141, 26092913),
    "rs10455872": (6, 161010118, 160589086),
    "rs13266634": (8, 118184783, 117172544),
    "rs1333049": (9, 22125503, 22125504),
    "rs7903146": (10, 114758349, 112998590),
    "rs334": (11, 5248232, 5227002),
    "rs12913832": (15, 28365618, 28120472),
    "rs762551": (15, 75041917, 74749576),
    "rs1426654": (15, 48426484, 48134287),
    "rs9939609": (16, 53820527, 53786615),
    "rs1805007": (16, 89986117, 89919709),
    "rs429358": (19, 45411941, 44908684),
    "rs7412": (19, 45412079, 44908822),
    "rs738409": (22, 44324727, 43928847),
}
_FEW = 5  # rows beyond the end of a chromosome that an error in a file can explain


@dataclass(frozen=True)
class BuildGuess:
    """A build, and what speaks for it.

    Attributes
    ----------
    build : str
        "GRCh36", "GRCh37", "GRCh38" or "unknown".
    reason : str
    """

    build: str
    reason: str

    def __str__(self) -> str:
        return f"{self.build} ({self.reason})"


class BuildEvidence:
    """What the rows of a study say about the build of its positions; filled block by block."""

    def __init__(self) -> None:
        self._beyond = dict.fromkeys(BUILDS, 0)
        self._seen: dict[str, tuple[int, int]] = {}
        self._n_placed = 0
        self._names = Words.of(_KNOWN_VARIANTS)

    def add(
        self, chromosome_codes: npt.NDArray[Any], positions: npt.NDArray[np.float64], variant_ids: Words | None
    ) -> None:
        """Take in a block of rows.

        Parameters
        ----------
        chromosome_codes : int array, shape (n_rows,)
            As `gwasmeta.sumstats.chromosomes` numbers them, 0 for any other.
        positions : array, shape (n_rows,)
        variant_ids : Words, optional
        """
        self._n_placed += int(np.count_nonzero(chromosome_codes > 0))
        for build, lengths in _LENGTHS.items():
            ends = np.array([np.inf, *lengths, np.inf])
            self._beyond[build] += int(np.count_nonzero(positions > ends[chromosome_codes]))
        if variant_ids is None:
            return
        found = np.asarray(
            _places_of(
                variant_ids.data, variant_ids.starts, variant_ids.lengths,
                self._names.data, self._names.starts, self._names.lengths,
            )
        )  # fmt: skip
        for name, row in zip(_KNOWN_VARIANTS, found.tolist(), strict=True):
            if row >= 0:
                self._seen[name] = (int(chromosome_codes[row]), int(positions[row]))

    def guess(self) -> BuildGuess:
        """Return the build that the rows speak for; "unknown" where they do not tell."""
        if not self._n_placed:
            return BuildGuess("unknown", "the file gives no positions")
        agreeing = {
            build: sum(
                self._seen.get(name) == (chromosome, positions[place])
                for name, (chromosome, *positions) in _KNOWN_VARIANTS.items()
            )
            for place, build in enumerate(("GRCh37", "GRCh38"))
        }
        best = max(agreeing, key=lambda build: agreeing[build])
        if agreeing[best] > sum(agreeing.values()) - agreeing[best]:
            return BuildGuess(
                best, f"{agreeing[best]} of {len(self._seen)} well-known variants are at their places in {best}"
            )
        return self._guess_from_ends()

    def _guess_from_ends(self) -> BuildGuess:
        fitting = [build for build in BUILDS if self._beyond[build] <= _FEW]
        if len(fitting) == 1:
            others = " and ".join(f"{self._beyond[build]:,} of {build}" for build in BUILDS if build != fitting[0])
            return BuildGuess(fitting[0], f"positions lie beyond the ends of the chromosomes of the others: {others}")
        if not fitting:
            return BuildGuess("unknown", "positions lie beyond the ends of the chromosomes of every build of man")
        return BuildGuess("unknown", f"positions fit {', '.join(fitting)}, and no well-known variant tells them apart")


def contig_lengths(build: str) -> Mapping[str, int]:
    """Return the length of each chromosome of a build by its name; empty for a build that is not known."""
    return dict(zip(CHROMOSOMES, _LENGTHS.get(build, ()), strict=False))


def standard_build(name: str) -> str:
    """Return the usual name of a build, which hg19, b37, NCBI36 and patches are called as well; others unchanged."""
    synonyms = {
        "GRCh36": ("hg18", "b36", "ncbi36", "build36", "grch36", "36"),
        "GRCh37": ("hg19", "b37", "g1k_v37", "hs37d5", "build37", "grch37", "37"),
        "GRCh38": ("hg38", "b38", "build38", "grch38", "38"),
    }
    short = name.strip().lower().split(".")[0]
    return next((build for build, names in synonyms.items() if short in names), name.strip())


@compiled
def _places_of(data: Any, starts: Any, lengths: Any, name_data: Any, name_starts: Any, name_lengths: Any) -> Any:
    """Return, for each of a few names, the last row that has it; -1 for none."""
    found = np.full(name_starts.size, -1, dtype=np.int64)
    for row in range(starts.size):
        length = lengths[row]
        last = data[starts[row] + length - 1] if length > 0 else 0
        for name in range(name_starts.size):
            if name_lengths[name] != length or name_data[name_starts[name] + length - 1] != last:
                continue
            same = True
            for i in range(length):
                if data[starts[row] + i] != name_data[name_starts[name] + i]:
                    same = False
                    break
            if same:
                found[name] = row
    return found
