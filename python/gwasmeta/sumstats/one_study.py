"""The study that the functions about a single one are given: as a Study, or as a source and options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.study import Study

if TYPE_CHECKING:
    from gwasmeta.sumstats.dialects import Dialect
    from gwasmeta.sumstats.study import StudySource


def one_study(
    source: StudySource | Study,
    name: str | None,
    dialect: str | Dialect | None,
    columns: Mapping[str, str] | None,
    n: float | None,
    n_cases: float | None,
    n_controls: float | None,
    filters: str | Iterable[str],
) -> Study:
    """Return the study.

    Raises
    ------
    GwasmetaError
        If a `Study` and options are given: it could not be told which of them counts.
    """
    if isinstance(source, Study):
        if any((name, dialect, columns, n, n_cases, n_controls, filters)):
            raise GwasmetaError(f"{source.file}: a Study says everything of itself; give the options to Study(...)")
        return source
    return Study(
        source,
        name=name,
        dialect=dialect,
        columns=dict(columns or {}),
        n=n,
        n_cases=n_cases,
        n_controls=n_controls,
        filters=(filters,) if isinstance(filters, str) else tuple(filters),
    )
