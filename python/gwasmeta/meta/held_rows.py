"""A study's rows between their reading and their adding up, block by block."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from gwasmeta.meta.study_summary import InflationFactors

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
    for_genomic_control: list[BoolArray] = field(default_factory=list)

    def forget(self, block: int) -> None:
        """Free the numbers of a block that has been added up."""
        for numbers in (self.beta, self.weight, self.z, self.n):
            if numbers:
                numbers[block] = np.empty(0)

    def scale(self, factors: InflationFactors, block: int) -> float | FloatArray:
        """Return what the variances of a block are multiplied by: one number, or one a row."""
        if not self.imputed:
            return factors.applied_to_genotyped
        return np.where(self.imputed[block], factors.applied_to_imputed, factors.applied_to_genotyped)
