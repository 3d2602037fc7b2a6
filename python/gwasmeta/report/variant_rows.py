"""All columns of a few variants of a table, read in a pass of their own: there may be millions of others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from gwasmeta.errors import GwasmetaError
from gwasmeta.meta.result import MetaResult
from gwasmeta.meta.stream import stream_studies
from gwasmeta.plots.sources import as_study, word_for
from gwasmeta.sumstats.plan import Wanted
from gwasmeta.sumstats.reader import StudyReader
from gwasmeta.sumstats.study import Study
from gwasmeta.sumstats.text_index import TextIndex
from gwasmeta.sumstats.vocabulary import COLUMNS
from gwasmeta.sumstats.words import Words

_KEPT_WORDS: Final = ("effect_allele", "other_allele", "direction")

Row = Mapping[str, Any]
"""Columns by their names: words, and numbers, which are NaN where missing."""


def variant_rows(source: Any, names: Sequence[str], columns: Collection[str]) -> dict[str, Row]:
    """Return the rows of some variants.

    Parameters
    ----------
    source : MetaResult, TraitResult or Study
    names : sequence of str
        Ids of variants; of several rows with the same id the first counts.
    columns : collection of str
        Columns of results that studies do not have, such as ``n_studies``.

    Returns
    -------
    dict of str to mapping
        Columns of each variant that was found, by its id.
    """
    wanted = TextIndex()
    wanted.number(Words.of(names))
    found: dict[str, Row] = {}
    if not names:
        return found
    for rows in _matching(source, wanted, columns):
        for name, row in rows:
            found.setdefault(name, row)
    return found


def _matching(source: Any, wanted: TextIndex, columns: Collection[str]) -> Any:
    if isinstance(source, MetaResult):
        yield from source.map_blocks(lambda block: _taken(block, wanted))
        return
    reader = _reader(as_study(source, None), columns)
    for _, rows in stream_studies([reader], lambda block: _taken(_columns_of(block), wanted)):
        if rows is not None:
            yield rows


def _columns_of(block: Any) -> dict[str, Any]:
    return {**block.words, **{name.removeprefix("sum:"): values for name, values in block.numbers.items()}}


def _taken(block: Mapping[str, Any], wanted: TextIndex) -> list[tuple[str, Row]]:
    ids = block.get("variant_id")
    if ids is None:
        return []
    rows = np.flatnonzero(wanted.find(ids) >= 0)
    if not rows.size:
        return []
    kept = {
        name: values.take(rows).to_list() if isinstance(values, Words) else values[rows].tolist()
        for name, values in block.items()
        if name in _KEPT_WORDS or not isinstance(values, Words)
    }
    names = ids.take(rows).to_list()
    return [(name, {column: values[k] for column, values in kept.items()}) for k, name in enumerate(names)]


def _reader(study: Study, columns: Collection[str]) -> StudyReader:
    """Open a table for all that it says, effects and alleles included if it has them."""
    header = _opened(study).header
    own = {name: word for name in columns if (word := word_for(name, header)) is not None and name not in COLUMNS}
    return _opened(replace(study, sums={**study.sums, **own}))


def _opened(study: Study) -> StudyReader:
    try:
        return StudyReader(study, lambda reading: replace(Wanted.all_of(reading), match="id"))
    except GwasmetaError:  # no alleles, or no effects
        return StudyReader(study, Wanted(False, False, frozenset(COLUMNS), "id", "none"))
