"""The effects of two results at the variants that are significant in either, turned to the same allele."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from gwasmeta.errors import GwasmetaError
from gwasmeta.meta.study_effects import read_study_effects
from gwasmeta.plots.data.points import minus_log_10
from gwasmeta.plots.sources import NAMED_FROM, as_study, associations
from gwasmeta.sumstats.study import Study

if TYPE_CHECKING:
    from gwasmeta.plots.sources import Source

FloatArray = npt.NDArray[np.float64]
_MOST_VARIANTS = 200_000


@dataclass(frozen=True)
class MatchedEffects:
    """Effects of the same alleles in two results.

    Attributes
    ----------
    labels : tuple of str
        How the results are called.
    names : tuple of str
        Ids of the variants.
    x, y, x_error, y_error : float64 arrays, shape (n_variants,)
        Effects in the first and the second result, and their standard errors.
    """

    labels: tuple[str, str]
    names: tuple[str, ...]
    x: FloatArray
    y: FloatArray
    x_error: FloatArray
    y_error: FloatArray


def matched_effects(
    first: Source, second: Source, *, methods: tuple[str | None, str | None] = (None, None), p: float
) -> MatchedEffects:
    """Match the variants that reach `p` in either of two results.

    Parameters
    ----------
    first, second : anything that `associations` takes
        With ids, effects and alleles.
    methods : pair of str, optional
        Of each, where a result has several.
    p : float

    Returns
    -------
    MatchedEffects
        Without variants that one of the results does not have.

    Raises
    ------
    GwasmetaError
        If a result has no effects, or more variants reach `p` than can be told apart in a picture.
    """
    threshold = minus_log_10(p)
    tables = [associations(source, method=method) for source, method in zip((first, second), methods, strict=True)]
    chosen: dict[str, None] = {}
    for table in tables:
        rows = np.flatnonzero(table.neg_log_10_p_value >= threshold)
        if len(rows) > _MOST_VARIANTS or threshold < NAMED_FROM:
            raise GwasmetaError(
                f"{table.label}: {len(rows):,} variants reach p = {p:g}; choose a p-value of at most 0.001 that"
                f" {_MOST_VARIANTS:,} reach"
            )
        chosen |= dict.fromkeys(table.name_of(int(row)) for row in rows)
    labels = tables[0].label, tables[1].label
    if not chosen:
        return MatchedEffects(labels, (), *np.empty((4, 0)))
    studies = [
        replace(_with_effects(source, method), name=name)
        for source, method, name in zip((first, second), methods, ("first", "second"), strict=True)
    ]
    effects = read_study_effects(studies, chosen)
    both = np.asarray(~np.isnan(effects.beta).any(axis=1))
    return MatchedEffects(
        labels,
        tuple(name for name, kept in zip(effects.variants, both, strict=True) if kept),
        *effects.beta[both].T,
        *effects.standard_error[both].T,
    )


def _with_effects(source: Any, method: str | None) -> Study:
    """Return a result as a study whose effects are those of a method."""
    from gwasmeta.meta.result import MetaResult

    is_main = isinstance(source, MetaResult) and method == source.options.main_method
    return as_study(source, None if is_main else method)
