"""A study's rows between their reading and their adding up, block by block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

import numpy as np
import numpy.typing as npt

from gwasmeta.meta.options import MetaOptions
from gwasmeta.meta.study_summary import InflationFactors
from gwasmeta.stats.genomic_control import inflation_factor_of_blocks
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

    def inflation(self, of: Literal["effects", "z"], options: MetaOptions, given: float | None) -> InflationFactors:
        """Return how inflated the study's z statistics are, and what corrects them."""
        genotyped, imputed = (
            inflation_factor_of_blocks(
                partial(self.statistics, of, kind),
                median=options.conventions.lambda_median,
                chi_squared_median=options.conventions.chi_squared_median,
            )
            for kind in (False, True)
        )
        return inflation_factors(genotyped, imputed, options, given)

    def statistics(self, of: Literal["effects", "z"], imputed: bool) -> Iterator[FloatArray]:
        """Yield, block by block, the z statistics that the inflation of imputed or of other variants comes from."""
        if self.valid:
            yield from (rows.z[rows.imputed == imputed] for rows in self.valid)
            return
        if imputed and not self.imputed:
            return
        for k in range(len(self.variants)):
            z = self.z[k] if of == "z" else self.beta[k] * np.sqrt(self.weight[k])
            if self.imputed or self.for_genomic_control:
                chosen = self.imputed[k] == imputed if self.imputed else np.ones(len(z), dtype=np.bool_)
                z = z[chosen & self.for_genomic_control[k]] if self.for_genomic_control else z[chosen]
            yield z


def inflation_factors(
    genotyped: tuple[float, int], imputed: tuple[float, int], options: MetaOptions, given: float | None
) -> InflationFactors:
    """Return the inflation of a study and what corrects it.

    Parameters
    ----------
    genotyped, imputed : (float, int)
        The factor of each kind of variants, NaN without any, and how many statistics it comes from.
    options : MetaOptions
    given : float, optional
        The caller's factor.
    """
    if given is not None:
        applied = max(1.0, given), max(1.0, given)
    elif options.genomic_control:
        applied = float(np.fmax(1.0, genotyped[0])), float(np.fmax(1.0, imputed[0]))
    else:
        applied = 1.0, 1.0
    return InflationFactors(genotyped[0], imputed[0], *applied, genotyped[1], imputed[1])
