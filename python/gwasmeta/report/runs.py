"""What a report is made of: a finished run in memory or on disk, or a table of another program."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from gwasmeta.errors import GwasmetaError
from gwasmeta.meta.output_paths import TABLE_ENDINGS, without_table_ending
from gwasmeta.meta.result import MetaResult
from gwasmeta.meta.sidecar import PastAnalysis, read_sidecar
from gwasmeta.multitrait.result import MtagResult
from gwasmeta.sumstats.byte_streams import read_stored
from gwasmeta.sumstats.stored_study import is_stored
from gwasmeta.sumstats.study import Study

if TYPE_CHECKING:
    from gwasmeta.plots.sources import Places

    Reportable = MetaResult | MtagResult | Study | str | os.PathLike[str]

Kind = Literal["meta", "mtag", "table"]


@dataclass(frozen=True)
class Run:
    """A run as the report sees it.

    Attributes
    ----------
    kind : {"meta", "mtag", "table"}
        A table is what another program wrote: it comes without parameters and studies.
    title : str
    tables : dict of str to table
        What `gwasmeta.plots.associations` takes: one of a meta-analysis, one a trait of MTAG.
    parameters : mapping
        What the JSON sidecar holds.
    log : tuple of dict
        Rows of the log, by the words of its header.
    analysis : PastAnalysis or None
        What is needed to read the studies again.
    why_no_studies : str
        Why that is not possible.
    places : callable or None
        From ids to places, for tables without them; see `gwasmeta.plots.associations`.
    """

    kind: Kind
    title: str
    tables: Mapping[str, Any]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    log: tuple[dict[str, str], ...] = ()
    analysis: PastAnalysis | None = None
    why_no_studies: str = ""
    places: Places | None = None


def run_of(source: Reportable, places: Places | None = None) -> Run:
    """Return a run from whatever a report can be asked for of.

    Parameters
    ----------
    source : MetaResult, MtagResult, path or Study
        A path is that of a result's table, or the beginning of its files' names.
    places : callable, optional

    Returns
    -------
    Run

    Raises
    ------
    GwasmetaError
        If there are no such files, or they are not what they should be.
    """
    if isinstance(source, MetaResult):
        run = Run("meta", "Meta-analysis", {"result": source}, source.parameters(), _rows_as_text(source.log))
        return _with_studies(run, source.analysis)
    if isinstance(source, MtagResult):
        return Run("mtag", "MTAG", source.traits, source.parameters(), _rows_as_text(source.log))
    study = source if isinstance(source, Study) else Study(os.fspath(source))
    if study.path is None:
        raise GwasmetaError("a report is made of a result of gwasmeta, or of a file")
    return _run_on_disk(study, places)


def prefix_of(path: str) -> str:
    """Return the beginning that the names of a result's files share; of a study in a store, its name."""
    if is_stored(path):
        return Study(path).label
    return path.removesuffix(".json") if path.endswith(".json") else without_table_ending(path)


def _run_on_disk(study: Study, places: Places | None) -> Run:
    if is_stored(study.path):
        return Run("table", study.label, {"result": study}, places=places)
    prefix = prefix_of(str(study.path))
    parameters = _parameters(f"{prefix}.json")
    log = _read_log(f"{prefix}.log.tsv") if parameters else ()
    name = Path(prefix).name
    if "traits" in parameters:
        return Run("mtag", name, _tables_of_traits(prefix, parameters), parameters, log)
    table = _table(study, prefix)
    if "studies" in parameters:
        run = Run("meta", name, {"result": table}, parameters, log, places=places)
        return _with_studies(run, lambda: read_sidecar(f"{prefix}.json"))
    return Run("table", Path(str(table.path)).name, {"result": table}, places=places)


def _with_studies(run: Run, analysis: Callable[[], PastAnalysis]) -> Run:
    """Add what is needed to read the studies again, or why that cannot be done."""
    try:
        past = analysis()
        for study in past.studies:
            if study.path == "-" or hasattr(study.source, "read"):
                raise GwasmetaError(f"{study.file}: cannot be read a second time")
        return replace(run, analysis=past)
    except GwasmetaError as error:
        return replace(run, why_no_studies=str(error))


def _parameters(path: str) -> dict[str, Any]:
    """Return what a sidecar of gwasmeta says; nothing for a file that is none, or is not there."""
    if not os.path.isfile(path):
        return {}
    try:
        told: Any = json.loads(read_stored(path))
    except json.JSONDecodeError as error:
        raise GwasmetaError(f"{path}: is damaged, it is no JSON ({error})") from None
    return told if isinstance(told, dict) and "gwasmeta" in told else {}


def _table(study: Study, prefix: str) -> Study:
    given = str(study.path)
    if os.path.isfile(given) and not given.endswith(".json"):
        return study
    for ending in TABLE_ENDINGS:
        if os.path.isfile(prefix + ending):
            return replace(study, source=prefix + ending)
    raise GwasmetaError(
        f"{given}: there is no such result: no file of this name, nor {prefix}.tsv\n"
        "  Give the table, or the PREFIX that was given to gwasmeta meta --out."
    )


def _tables_of_traits(prefix: str, parameters: Mapping[str, Any]) -> dict[str, Study]:
    names = [str(trait["name"]) for trait in parameters["traits"]]
    if os.path.isfile(f"{prefix}.combined.tsv") and not os.path.isfile(f"{prefix}.{names[0]}.tsv"):
        names = ["combined"]  # all traits were taken to be the same
    for name in names:
        if not os.path.isfile(f"{prefix}.{name}.tsv"):
            raise GwasmetaError(f"{prefix}.{name}.tsv: is not there, though {prefix}.json says that it was written")
    return {name: Study(f"{prefix}.{name}.tsv", name=name) for name in names}


def _read_log(path: str) -> tuple[dict[str, str], ...]:
    if not os.path.isfile(path):
        return ()
    return tuple(csv.DictReader(io.StringIO(read_stored(path)), delimiter="\t", quoting=csv.QUOTE_NONE))


def _rows_as_text(log: Any) -> tuple[dict[str, str], ...]:
    names = [str(name) for name in log.columns]
    return tuple(dict(zip(names, map(str, row), strict=True)) for row in log.itertuples(index=False))
