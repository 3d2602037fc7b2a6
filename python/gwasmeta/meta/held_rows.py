"""A study's rows between their reading and their adding up, block by block."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import numpy.typing as npt

from gwasmeta.meta.options import MetaOptions
from gwasmeta.meta.study_summary import InflationFactors
from gwasmeta.stats.genomic_control import inflation_factor
from gwasmeta.sumstats.row_block import ValidRows

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass
class HeldRows:
    """What is kept of a study's rows until its last one is read and its inflation is known."""

    variants: list[npt.NDArray[np.int32]] = field(default_factory=list)
    beta: list[FloatArray] = field(default_factory=list)
    weight: list[FloatArray] = field(default_factory=list)
    z: list[FloatArray] = field(default_factory=list)
    n: list[FloatArray] = field(default_factory=list)
    imputed: list[BoolArray] = field(default_factory=list)
    frequency: list[FloatArray] = field(default_factory=list)
    for_genomic_control: list[BoolArray] = field(default_factory=list)
    valid: list[ValidRows] = field(default_factory=list)

    def forget(self, block: int) -> None:
        """Free the numbers of a block that has been added up."""
        for numbers in (self.beta, self.weight, self.z, self.n, self.frequency):
            if numbers:
                numbers[block] = np.empty(0)

    def scale(self, factors: InflationFactors, block: int) -> float | FloatArray:
        """Return what the variances of a block are multiplied by: one number, or one a row."""
        if not self.imputed:
            return factors.applied_to_genotyped
        return np.where(self.imputed[block], factors.applied_to_imputed, factors.applied_to_genotyped)

    def inflation(
        self, statistics: Iterable[FloatArray], options: MetaOptions, given: float | None
    ) -> InflationFactors:
        """Return how inflated the study's z statistics are, which come block by block, and what corrects them."""
        estimate = partial(
            inflation_factor,
            overwrite_z=True,
            median=options.conventions.lambda_median,
            chi_squared_median=options.conventions.chi_squared_median,
        )
        if self.valid:
            z = np.concatenate([rows.z for rows in self.valid])
            imputed = np.concatenate([rows.imputed for rows in self.valid])
        else:
            z = self._in_one(statistics)
            imputed = np.concatenate([*self.imputed, np.empty(0, dtype=np.bool_)])
        of_genotyped = z[~imputed] if self.imputed else z
        of_imputed = z[imputed] if self.imputed else np.empty(0)
        counts = int((~np.isnan(of_genotyped)).sum()), int((~np.isnan(of_imputed)).sum())
        factors = estimate(of_genotyped), estimate(of_imputed)
        if given is not None:
            applied = max(1.0, given), max(1.0, given)
        elif options.genomic_control:
            applied = float(np.fmax(1.0, factors[0])), float(np.fmax(1.0, factors[1]))
        else:
            applied = 1.0, 1.0
        return InflationFactors(*factors, *applied, *counts)

    def _in_one(self, statistics: Iterable[FloatArray]) -> FloatArray:
        """Join the blocks' statistics, with NaN for rows that genomic control is not estimated from."""
        z = np.empty(sum(map(len, self.variants)))
        end = 0
        for piece in statistics:
            z[end : end + len(piece)] = piece
            end += len(piece)
        if self.for_genomic_control:
            z[~np.concatenate(self.for_genomic_control)] = np.nan
        return z
