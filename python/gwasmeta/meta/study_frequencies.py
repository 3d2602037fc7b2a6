"""Allele frequencies of two studies at the variants that both have, of the same allele."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from gwasmeta.errors import GwasmetaError
from gwasmeta.meta.engine import MetaEngine, ProgressCallback
from gwasmeta.meta.options import MetaOptions
from gwasmeta.sumstats.study import Study

FloatArray = npt.NDArray[np.float64]


def matched_frequencies(
    reference: Study, study: Study, progress: ProgressCallback | None = None
) -> tuple[FloatArray, FloatArray]:
    """Match two studies by their variants' ids, and return the frequencies in both.

    Parameters
    ----------
    reference, study : Study
        The alleles are those of `reference`.
    progress : callable, optional
        See `gwasmeta.meta.engine.ProgressCallback`.

    Returns
    -------
    reference, study : float64 arrays, shape (n_variants,)
        Of the variants for which both give a frequency.

    Raises
    ------
    GwasmetaError
        If one cannot be read or has no frequencies, or there is no variant that both have.
    """
    engine = _FrequencyEngine([reference, study], MetaOptions())
    for reader in engine.readers:
        if "effect_allele_frequency" not in reader.columns:
            raise GwasmetaError(
                f"{reader.study.file}: has no column for effect_allele_frequency\n  Name it by"
                f" --column effect_allele_frequency=WORD. The file has: {', '.join(reader.header)}."
            )
    engine.run(progress)
    frequency = np.full((2, len(engine.variants)), np.nan)
    for number, variants, values in engine.aligned:
        frequency[number, variants] = values
    both = ~np.isnan(frequency).any(axis=0)
    if not both.any():
        raise GwasmetaError(f"{study.file}: no variant with a frequency is in {reference.file} with the same alleles")
    return frequency[0, both], frequency[1, both]


class _FrequencyEngine(MetaEngine):
    """Keeps each study's frequencies as they are turned to the variants' alleles."""

    def __init__(self, studies: Sequence[Study], options: MetaOptions) -> None:
        super().__init__(studies, options)
        self.aligned: list[tuple[int, npt.NDArray[np.int32], FloatArray]] = []

    def _add_frequencies(
        self, number: int, variants: npt.NDArray[np.int32], block: Any, rows: Any, frequency: FloatArray, weight: Any
    ) -> list[Any]:
        self.aligned.append((number, variants, frequency[rows]))
        return super()._add_frequencies(number, variants, block, rows, frequency, weight)
