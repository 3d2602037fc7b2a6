"""From what a manifest says to runs, whatever its form."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, Literal

from gwasmeta.batch.options import FILTERS
from gwasmeta.batch.runs import Run
from gwasmeta.errors import GwasmetaError
from gwasmeta.meta.analyze import with_distinct_names
from gwasmeta.sumstats.stored_study import PREFIX, is_stored, stored_study
from gwasmeta.sumstats.study import Study

TRAIT_IN_FILE: Final = "trait_in_file"
"""Field of a study: which trait of its file is meant; `Study` calls it `trait`, which is another thing in a batch."""


def merged_options(above: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Let what is said of fewer runs win; conditions on rows add up."""
    merged = {**above, **own}
    if FILTERS in above and FILTERS in own:
        merged[FILTERS] = (*above[FILTERS], *own[FILTERS])
    return merged


def run_of(
    kind: Literal["meta", "mtag"],
    name: str,
    studies: tuple[Study, ...],
    options: Mapping[str, Any],
    group: str,
    where: str,
) -> Run:
    """Return a run that means the same in any folder and on any machine.

    Raises
    ------
    GwasmetaError
        If it has no studies, two of one name, or one that is no file.
    """
    if not studies:
        raise GwasmetaError(f"{where}: has no studies that can be used")
    try:
        named = with_distinct_names([_from_anywhere(study) for study in studies])
    except GwasmetaError as error:
        raise GwasmetaError(f"{where}: {error}") from error
    return Run(kind, name, tuple(named), dict(options), group, where)


def _from_anywhere(study: Study) -> Study:
    """Return a study whose paths are absolute."""
    if study.path is None or study.path == "-":
        raise GwasmetaError(f"{study.file}: a batch takes files and stored studies, which can be read again")
    if is_stored(study.path):
        folder, entry = stored_study(study.path)
        root = os.path.abspath(folder.parent.parent)
        return replace(study, source=f"{PREFIX}{root}/{entry.name}")
    side_files = tuple(os.path.abspath(path) for path in study.side_paths)
    return replace(study, source=os.path.abspath(study.path), side_files=side_files)
