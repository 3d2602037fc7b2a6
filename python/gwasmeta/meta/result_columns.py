"""The columns of the result of an engine that has all variants, with what is known only over all of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from gwasmeta.meta.columns import ColumnsOfSums
from gwasmeta.meta.overlap import estimated_correlation, given_correlation, pair_sums
from gwasmeta.meta.study_matrix import EffectMatrix
from gwasmeta.meta.study_sums import StudySums
from gwasmeta.stats.genomic_control import inflation_factor_of_blocks

FloatArray = npt.NDArray[np.float64]


class ResultColumns(ColumnsOfSums):
    """The columns of the result of an engine that has all variants.

    Attributes
    ----------
    inflation : dict of str to float
        Genomic inflation factor of the result by each method (and of each sex), before any correction of it.
    """

    def __init__(self, engine: StudySums) -> None:
        correlation = {
            method: _correlation(matrix, engine)
            for method, matrix in (("fixed", engine.matrix), ("sample_size", engine.z_matrix))
            if matrix is not None and engine.options.correlates_studies
        }
        super().__init__(engine, bool(engine.frequencies.weight.any()), correlation=correlation)
        self.inflation = self._survey()
        if engine.options.genomic_control_result:
            self.applied = applied_to_result(self.inflation)

    def _survey(self) -> dict[str, float]:
        """Count the variants that are left out, and estimate the inflation over those that are not."""
        statistics: dict[str, list[FloatArray]] = {name: [] for name in self.tested}
        for start, stop in self.ranges():
            for name, z in self.counted(start, stop):
                statistics[name].append(z)
        median = self._engine.options.conventions.chi_squared_median
        return {
            name: inflation_factor_of_blocks(values.__iter__, chi_squared_median=median)[0]
            for name, values in statistics.items()
        }


def applied_to_result(inflation: Mapping[str, float]) -> dict[str, float]:
    """Return what genomic control of the result multiplies its variances by."""
    return {name: float(np.fmax(1.0, factor)) for name, factor in inflation.items()}


def _correlation(matrix: EffectMatrix, engine: StudySums) -> FloatArray:
    options = engine.options
    if options.overlap == "estimated":
        sums = pair_sums(matrix, len(engine.variants), options.z_cutoff)
        return estimated_correlation(sums, matrix.n_studies, options.z_cutoff)
    assert isinstance(options.overlap, tuple)
    return given_correlation(options.overlap, matrix.n_studies)
