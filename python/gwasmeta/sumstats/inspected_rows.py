"""What the rows of a study are like: samples, inflation, palindromic variants, agreement of p with effect and error."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from gwasmeta.cores import in_order
from gwasmeta.stats.genomic_control import inflation_factor_of_blocks
from gwasmeta.stats.normal import neg_log_10_p_value
from gwasmeta.sumstats.alleles import is_palindromic
from gwasmeta.sumstats.builds import BuildEvidence
from gwasmeta.sumstats.chromosomes import chromosome_numbers
from gwasmeta.sumstats.effects import FloatArray
from gwasmeta.sumstats.reader import RowProgress
from gwasmeta.sumstats.row_block import RowBlock
from gwasmeta.sumstats.row_log import StudyLog
from gwasmeta.sumstats.variant_numbers import CodeArray, allele_numbers

# Files carry two or more digits of beta and its error: p-values agree if they are as near as those allow.
_RELATIVE, _ABSOLUTE = 0.1, 0.05
_MOST_COMPARED = 300.0  # of -log10 p, as in QCGWAS


@dataclass(frozen=True)
class Range:
    """Smallest, middle and largest of a column's values, and how many rows have none."""

    minimum: float
    median: float
    maximum: float
    n_missing: int

    def __str__(self) -> str:
        text = f"{self.minimum:,.10g}"
        if self.minimum != self.maximum:
            text += f" to {self.maximum:,.10g}, median {self.median:,.10g}"
        return text + (f"; missing in {self.n_missing:,} rows" if self.n_missing else "")


@dataclass(frozen=True)
class Consistency:
    """How a file's p-values agree with those of effect / standard error.

    Attributes
    ----------
    n : int
        Rows that have all three.
    n_differing : int
        Rows whose -log10 p differ by more than 0.05 and a tenth.
    correlation : float
        Of the two -log10 p, cut off at 300, as in QCGWAS.
    """

    n: int
    n_differing: int
    correlation: float

    def __str__(self) -> str:
        return (
            f"{self.n_differing:,} of {self.n:,} differ from those of effect / standard error;"
            f" correlation of -log10 p {self.correlation:.4f}"
        )


class InspectedRows:
    """Sums and columns of a study, gathered block by block."""

    def __init__(self, log: StudyLog) -> None:
        self.log = log
        self.build = BuildEvidence()
        self.n_beta = self.n_positive_beta = 0
        self.sum_beta = 0.0
        self._z: list[FloatArray] = []
        self._samples: dict[str, list[FloatArray]] = {}
        self._frequencies: list[FloatArray] = []
        self._ids: list[CodeArray] = []
        self.n_palindromic = 0
        self.n_without_p = 0
        self._moments = np.zeros(6)  # of reported and computed -log10 p: n, sums, sums of squares, sum of products
        self._n_differing = 0
        self.chromosomes: set[int] = set()
        self.gives_p = False

    def take(self, tasks: Iterable[Callable[[], RowBlock]], progress: RowProgress | None) -> None:
        """Take in all blocks of a study."""
        for block in in_order(tasks):
            self.log.rows_read += block.n_read
            self.log.rows_used += len(block)
            self.log.add(block.findings)
            self._add(block)
            if progress is not None:
                progress(self.log.rows_read)
        self.log.check_balance()

    def range_of(self, column: str) -> Range | None:
        """Return the range of n, n_cases or n_controls; None where the file has none."""
        return _range(self._samples.get(column, []))

    @property
    def frequencies(self) -> Range | None:
        """The range of the effect allele's frequencies; None where the file has none."""
        return _range(self._frequencies)

    def n_repeated_ids(self) -> int:
        """Return how many usable rows have an id, in any case, that an earlier one has."""
        ids = np.concatenate([np.empty(0, dtype=np.uint64), *self._ids])
        return ids.size - np.unique(ids).size

    def inflation_factor(self) -> float:
        """Return lambda of the usable rows."""
        return inflation_factor_of_blocks(lambda: self._z)[0]

    def mean_chi_squared(self) -> float:
        """Return the mean of z² of the usable rows; NaN without any."""
        n = sum(z.size for z in self._z)
        return float(sum(float(np.dot(z, z)) for z in self._z) / n) if n else float("nan")

    def share_palindromic(self) -> float:
        """Return the share of usable rows with alleles A/T or C/G; NaN without any."""
        return self.n_palindromic / self.log.rows_used if self.log.rows_used else float("nan")

    def consistency(self) -> Consistency | None:
        """Return how p-values agree with effect / standard error; None where not both are there."""
        n, x, y, xx, yy, xy = self._moments.tolist()
        if not n:
            return None
        variance = (n * xx - x * x) * (n * yy - y * y)
        correlation = (n * xy - x * y) / np.sqrt(variance) if variance > 0 else float("nan")
        return Consistency(int(n), self._n_differing, float(correlation))

    def _add(self, block: RowBlock) -> None:
        numbers = block.numbers
        z = numbers["z"] if "z" in numbers else numbers["beta"] / numbers["standard_error"]
        self._z.append(z[np.isfinite(z)])
        for name in ("n", "n_cases", "n_controls"):
            if name in numbers:
                self._samples.setdefault(name, []).append(numbers[name])
        if "effect_allele_frequency" in numbers:
            self._frequencies.append(numbers["effect_allele_frequency"])
        if "beta" in numbers:
            beta = numbers["beta"][np.isfinite(numbers["beta"])]
            self.n_beta += beta.size
            self.n_positive_beta += int(np.count_nonzero(beta > 0))
            self.sum_beta += float(beta.sum())
        if "variant_id" in block.words:
            ids = block.words["variant_id"]
            self._ids.append(allele_numbers(ids.take(~ids.missing())))
        self.n_palindromic += int(np.count_nonzero(is_palindromic(block)))
        if "chromosome" in block.words and "base_pair_location" in numbers:
            chromosomes = chromosome_numbers(block.words["chromosome"])
            self.chromosomes.update(np.unique(chromosomes).tolist())
            self.build.add(chromosomes, numbers["base_pair_location"], block.words.get("variant_id"))
        if "neg_log_10_p_value" in numbers:
            self._compare_p_values(numbers)

    def _compare_p_values(self, numbers: dict[str, FloatArray]) -> None:
        self.gives_p = True
        reported = numbers["neg_log_10_p_value"]
        self.n_without_p += int(np.count_nonzero(~np.isfinite(reported)))
        if "beta" not in numbers or "standard_error" not in numbers:
            return
        computed = neg_log_10_p_value(numbers["beta"] / numbers["standard_error"])
        both = np.isfinite(reported) & np.isfinite(computed)
        reported, computed = reported[both], computed[both]
        differing = np.abs(reported - computed) > _ABSOLUTE + _RELATIVE * np.maximum(reported, computed)
        self._n_differing += int(np.count_nonzero(differing))
        x, y = np.minimum(reported, _MOST_COMPARED), np.minimum(computed, _MOST_COMPARED)
        self._moments += (x.size, x.sum(), y.sum(), np.dot(x, x), np.dot(y, y), np.dot(x, y))


def _range(blocks: list[FloatArray]) -> Range | None:
    values = np.concatenate([np.empty(0), *blocks])
    known = values[~np.isnan(values)]
    if not known.size:
        return None
    return Range(float(known.min()), float(np.median(known)), float(known.max()), values.size - known.size)
