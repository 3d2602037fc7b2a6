"""Every study's effect of a few variants, read again from the studies: for forest plots and comparisons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from gwasmeta.errors import GwasmetaError
from gwasmeta.meta.engine import MetaEngine, ProgressCallback
from gwasmeta.meta.held_rows import HeldRows
from gwasmeta.meta.options import MetaOptions
from gwasmeta.meta.preparation import Preparation, PreparedBlock
from gwasmeta.meta.study_summary import InflationFactors
from gwasmeta.sumstats.row_block import RowBlock
from gwasmeta.sumstats.study import Study
from gwasmeta.sumstats.text_index import TextIndex
from gwasmeta.sumstats.words import Words

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class StudyEffects:
    """Effects of a few variants in each study, all of the same allele and after genomic control.

    Attributes
    ----------
    variants, studies : tuple of str
    effect_allele, other_allele : tuple of str
        Of each variant.
    beta, standard_error, n : float64 arrays, shape (n_variants, n_studies)
        NaN where a study did not measure the variant, or does not say its sample size.
    """

    variants: tuple[str, ...]
    studies: tuple[str, ...]
    effect_allele: tuple[str, ...]
    other_allele: tuple[str, ...]
    beta: FloatArray
    standard_error: FloatArray
    n: FloatArray


def read_study_effects(
    studies: Sequence[Study],
    variants: Iterable[str],
    *,
    options: MetaOptions = MetaOptions(),  # noqa: B008, it is frozen
    inflation: Sequence[InflationFactors] | None = None,
    progress: ProgressCallback | None = None,
) -> StudyEffects:
    """Read some variants' effects in every study.

    Parameters
    ----------
    studies : sequence of Study
        With distinct names; files or frames, which can be read again.
    variants : iterable of str
        What the variants are known by: ids, or the names in the result if they are matched by position.
    options : MetaOptions
        How the studies are matched and aligned: those of the analysis that the numbers are to agree with.
    inflation : sequence of InflationFactors, optional
        Of each study in that analysis, whose genomic control is applied. Without it nothing is corrected.
    progress : callable, optional
        See `gwasmeta.meta.engine.ProgressCallback`.

    Returns
    -------
    StudyEffects
        With the variants in the order given.

    Raises
    ------
    GwasmetaError
        If a study cannot be read again or gives no effects, or no study has one of the variants.
    """
    names = list(dict.fromkeys(variants))
    for study in studies:
        if study.path == "-" or hasattr(study.source, "read"):
            raise GwasmetaError(
                f"{study.file}: cannot be read again, and every study's own effects are needed now\n"
                "  Give the studies as files or frames."
            )
    engine = _EngineOfFewVariants(studies, _for_effects(options), names, inflation)
    engine.run(progress)
    return engine.study_effects()


def _for_effects(options: MetaOptions) -> MetaOptions:
    """Return options that match and align as these do, and keep every study's effects."""
    return replace(
        options,
        methods=("fixed", "random"),
        genomic_control_variants=None,
        genomic_control_result=False,
        min_studies=1,
        min_n=0,
        leave_one_out=False,
        sex_differentiated=False,
        overlap=None,
    )


class _EngineOfFewVariants(MetaEngine):
    """The same analysis of a few variants, corrected by the inflation that all variants showed."""

    def __init__(
        self,
        studies: Sequence[Study],
        options: MetaOptions,
        names: Sequence[str],
        inflation: Sequence[InflationFactors] | None,
    ) -> None:
        super().__init__(studies, options)
        self._wanted_names = list(names)
        self._prepare = _FewVariants(options, names)
        self._inflation = inflation
        self._n: list[tuple[int, npt.NDArray[np.int32], FloatArray]] = []

    def _add_block(self, number: int, held: HeldRows, k: int) -> None:
        summary = self.summaries[number]
        if self._inflation is not None:
            summary.effects = self._inflation[number]
        elif summary.effects is not None:
            summary.effects = replace(summary.effects, applied_to_genotyped=1.0, applied_to_imputed=1.0)
        super()._add_block(number, held, k)

    def _add_samples(
        self, number: int, variants: npt.NDArray[np.int32], block: RowBlock, rows: slice | npt.NDArray[np.bool_]
    ) -> None:
        super()._add_samples(number, variants, block, rows)
        if "n" in block.numbers:
            self._n.append((number, variants, block.numbers["n"][rows]))

    def study_effects(self) -> StudyEffects:
        """Return what has been read, in the order in which it was asked for."""
        index = TextIndex()
        index.number(self.variants.names(0, len(self.variants)))
        rows = index.find(_as_known(self._wanted_names, self.options))
        if (rows < 0).any():
            missing = [name for name, row in zip(self._wanted_names, rows, strict=True) if row < 0]
            raise GwasmetaError(f"no study has the variant {', '.join(missing[:5])}")
        assert self.matrix is not None  # random effects are among the methods
        beta, standard_error = self.matrix.block(0, len(self.variants))
        n = np.full(beta.shape, np.nan)
        for number, variants, sizes in self._n:
            n[variants, number] = sizes
        return StudyEffects(
            tuple(self._wanted_names),
            tuple(summary.name for summary in self.summaries),
            tuple(self.variants.effect_alleles(0, len(self.variants)).take(rows).to_list()),
            tuple(self.variants.other_alleles(0, len(self.variants)).take(rows).to_list()),
            beta[rows],
            standard_error[rows],
            n[rows],
        )


class _FewVariants(Preparation):
    """Prepares blocks, and leaves out all rows but those of a few variants."""

    def __init__(self, options: MetaOptions, names: Sequence[str]) -> None:
        super().__init__(options)
        self._wanted = TextIndex()
        self._wanted.number(_as_known(names, options))

    def __call__(self, block: RowBlock) -> PreparedBlock:
        prepared = super().__call__(block)
        others = self._wanted.find(prepared.names) < 0
        kept = np.flatnonzero(~others)
        return PreparedBlock(
            prepared.block.without("not_asked_for", "other variants are looked at", "variant_id", others),
            prepared.names.take(kept),
            None,
            None,
        )


def _as_known(names: Sequence[str], options: MetaOptions) -> Words:
    words = Words.of(names)
    return words.lower_case() if options.conventions.ignore_case_of_ids and options.match == "id" else words
