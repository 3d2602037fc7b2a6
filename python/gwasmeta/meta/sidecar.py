"""An analysis of the past, as its JSON sidecar describes it: to read its studies again."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gwasmeta.errors import GwasmetaError
from gwasmeta.meta.engine import ProgressCallback
from gwasmeta.meta.options import Conventions, MetaOptions
from gwasmeta.meta.study_effects import StudyEffects, read_study_effects
from gwasmeta.meta.study_summary import InflationFactors
from gwasmeta.sumstats.byte_streams import read_stored
from gwasmeta.sumstats.reader import StudyReader
from gwasmeta.sumstats.stored_study import is_stored
from gwasmeta.sumstats.study import Study, TextRules


@dataclass(frozen=True)
class PastAnalysis:
    """What a sidecar says.

    Attributes
    ----------
    studies : tuple of Study
    options : MetaOptions
    inflation : tuple of InflationFactors
        With the genomic control that was applied to each study.
    has_odds_ratios : bool
        Whether a study gave odds ratios.
    """

    studies: tuple[Study, ...]
    options: MetaOptions
    inflation: tuple[InflationFactors, ...]
    has_odds_ratios: bool

    def study_effects(self, variants: Iterable[str], progress: ProgressCallback | None = None) -> StudyEffects:
        """Read some variants' effects in every study again; see `read_study_effects`."""
        return read_study_effects(
            self.studies, variants, options=self.options, inflation=self.inflation, progress=progress
        )


def read_sidecar(path: str | os.PathLike[str]) -> PastAnalysis:
    """Read the `PREFIX.json` of a meta-analysis.

    Parameters
    ----------
    path : path
        Relative paths of studies in it are those seen from the folder in which it was made.

    Returns
    -------
    PastAnalysis

    Raises
    ------
    GwasmetaError
        If it is none, or a study is no longer there or no longer has the same header.
    """
    where = os.fspath(path)
    try:
        told: Any = json.loads(read_stored(where))
        options = told["options"] | {"conventions": Conventions(**told["conventions"])}
        return PastAnalysis(
            tuple(_study_as_then(entry, where) for entry in told["studies"]),
            MetaOptions(**options),
            tuple(_inflation(entry) for entry in told["studies"]),
            any("odds ratio" in entry["read_as"] for entry in told["studies"]),
        )
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise GwasmetaError(
            f"{where}: is not the JSON file that gwasmeta meta writes beside its result ({error})"
        ) from None


def _study_as_then(entry: Mapping[str, Any], where: str) -> Study:
    """Return a study that is read as the sidecar says that it was."""
    given = dict(entry["given"])
    if "text_rules" in given:
        given["text_rules"] = TextRules(**given["text_rules"])
    if not is_stored(entry["file"]) and not os.path.isfile(entry["file"]):
        raise GwasmetaError(
            f"{where}: its study {entry['file']} is not there\n"
            "  Call gwasmeta in the folder in which the result was made."
        )
    plain = Study(entry["file"], name=entry["study"], filters=tuple(entry["filters"]), **given)
    for study in (plain, replace(plain, dialect=entry["dialect"]), replace(plain, columns=entry["columns"])):
        try:
            read_as = StudyReader(study).columns
        except GwasmetaError:
            continue
        if read_as == entry["columns"]:
            return study
    raise GwasmetaError(f"{entry['file']}: its header is not the one that {where} describes: it has changed since")


def _inflation(entry: Mapping[str, Any]) -> InflationFactors:
    def number(name: str) -> float:
        value = entry.get(name)
        return float("nan") if value is None else float(value)

    estimated = number("inflation_factor"), number("inflation_factor_imputed")
    applied = number("applied_inflation_factor"), number("applied_inflation_factor_imputed")
    return InflationFactors(*estimated, *applied, 0, 0)
