"""Every study's effects and standard errors, kept on disk, handed out as variants x studies matrices."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from gwasmeta.errors import GwasmetaError
from gwasmeta.meta.temporary_folder import TemporaryFolder

FloatArray = npt.NDArray[np.float64]


class EffectMatrix(Protocol):
    """Every study's effects and standard errors of a set of variants."""

    @property
    def n_studies(self) -> int:
        """Number of columns."""

    def append(
        self, n_variants: int, variants: npt.NDArray[np.int32], effect: FloatArray, standard_error: FloatArray
    ) -> None:
        """Take the next study's column."""

    def block(self, start: int, stop: int) -> tuple[FloatArray, FloatArray]:
        """Return effects and standard errors, both of shape (stop - start, n_studies), NaN where not measured."""


class HeldMatrix:
    """The matrix of so few variants that it is held in memory."""

    def __init__(self) -> None:
        self._effect: list[FloatArray] = []
        self._error: list[FloatArray] = []

    @property
    def n_studies(self) -> int:
        """Number of columns."""
        return len(self._effect)

    def append(
        self, n_variants: int, variants: npt.NDArray[np.int32], effect: FloatArray, standard_error: FloatArray
    ) -> None:
        """Take the next study's column."""
        columns = np.full((2, n_variants), np.nan)
        columns[0, variants], columns[1, variants] = effect, standard_error
        self.take_column(*columns)

    def take_column(self, effect: FloatArray, standard_error: FloatArray) -> None:
        """Take the next study's column, NaN where it has not measured the variant."""
        self._effect.append(effect)
        self._error.append(standard_error)

    def block(self, start: int, stop: int) -> tuple[FloatArray, FloatArray]:
        """Return effects and standard errors, both of shape (stop - start, n_studies), NaN where not measured."""
        effect, error = (
            np.stack([column[start:stop] for column in columns], axis=1) for columns in (self._effect, self._error)
        )
        return effect, error


class StudyMatrix:
    """One column a study, written once when the study has been read, read back by ranges of variants.

    What needs every study's value again (random effects, leave-one-out) works on such ranges, so memory does not
    grow with the number of studies. The files lie in a temporary folder (TMPDIR decides where), which goes when
    the matrix does.
    """

    def __init__(self) -> None:
        self._folder = TemporaryFolder()
        self._lengths: list[int] = []

    def append(
        self, n_variants: int, variants: npt.NDArray[np.int32], effect: FloatArray, standard_error: FloatArray
    ) -> None:
        """Write the next study's column.

        Raises
        ------
        GwasmetaError
            If the disk is full or the folder cannot be written to.
        """
        study = len(self._lengths)
        for what, values in (("effect", effect), ("standard_error", standard_error)):
            column = np.full(n_variants, np.nan)
            column[variants] = values
            path = self._path(what, study)
            try:
                column.tofile(path)
            except OSError as error:
                raise GwasmetaError(
                    f"{path.parent}: cannot hold the studies' effects for the methods that need them all"
                    f" ({error.strerror or error})\n  {2 * column.nbytes / 1e6:.0f} MB are needed for each study;"
                    " set TMPDIR to a folder with room."
                ) from error
        self._lengths.append(n_variants)

    @property
    def n_studies(self) -> int:
        """Number of columns."""
        return len(self._lengths)

    def block(self, start: int, stop: int) -> tuple[FloatArray, FloatArray]:
        """Return effects and standard errors, both of shape (stop - start, n_studies), NaN where not measured."""
        effect, standard_error = np.full((2, len(self._lengths), stop - start), np.nan)
        for study, length in enumerate(self._lengths):
            count = max(0, min(stop, length) - start)
            if count:
                for what, values in (("effect", effect), ("standard_error", standard_error)):
                    values[study, :count] = np.fromfile(self._path(what, study), count=count, offset=8 * start)
        return np.ascontiguousarray(effect.T), np.ascontiguousarray(standard_error.T)

    def _path(self, what: str, study: int) -> Path:
        return self._folder.path / f"{what}-{study}"
