"""The public function that writes the report of a result."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gwasmeta._version import __version__
from gwasmeta.report import sections
from gwasmeta.report.details import inputs_of, parameters_of
from gwasmeta.report.leads import directions_of, forests, lead_effects, lead_table
from gwasmeta.report.numbers import method_words
from gwasmeta.report.page import refuse_without_libraries, rendered
from gwasmeta.report.points import points_payload
from gwasmeta.report.runs import Run, run_of
from gwasmeta.report.scans import Scan, refuse_without_p_values, scan
from gwasmeta.report.studies import findings_of, read_values, study_lines
from gwasmeta.report.traits import across_traits, trait_pictures, trait_tables
from gwasmeta.report.variant_rows import Row, variant_rows
from gwasmeta.report.verdicts import verdicts
from gwasmeta.sumstats.sink import refuse_impossible, whole_file

if TYPE_CHECKING:
    from gwasmeta.meta.engine import ProgressCallback
    from gwasmeta.plots.sources import Places
    from gwasmeta.report.runs import Reportable

MOST_TRAITS: Final = 12
_OF_RESULTS: Final = ("n_studies", "i_squared", "study_z")


def write_report(
    result: Reportable,
    path: str | os.PathLike[str],
    *,
    title: str | None = None,
    places: Places | None = None,
    progress: ProgressCallback | None = None,
) -> Path:
    """Write one HTML file that says whether a result can be trusted and what was found.

    It needs no network: pictures, tables and scripts are in the file. The studies of a meta-analysis are read again
    for the forest plots of the lead variants and for their own checks.

    Parameters
    ----------
    result : MetaResult, MtagResult, path or Study
        A path is that of a table, or the beginning of the names of a result's files (``height`` for ``height.tsv``,
        ``height.log.tsv`` and ``height.json``). Tables of GWAMA, METAL and other programs are shown with what they
        have; as a `Study`, their columns can be named.
    path : path
        Of the report.
    title : str, optional
        The heading; the result's name if not given.
    places : callable, optional
        Places of variants, for tables without them; see `gwasmeta.plots.associations`.
    progress : callable, optional
        Called while studies are read; see `gwasmeta.meta.engine.ProgressCallback`.

    Returns
    -------
    Path
        Of the report.

    Raises
    ------
    GwasmetaError
        If the result is not there or has no p-values, Jinja2 or matplotlib is not installed, or the report cannot be
        written.
    """
    refuse_without_libraries()
    refuse_impossible(path)
    run = run_of(result, places)
    content = _content(run if title is None else replace(run, title=title), progress)
    page = rendered(content)
    with whole_file(path) as beside:
        beside.write_text(page, encoding="utf-8")
    return Path(path)


def _content(run: Run, progress: ProgressCallback | None) -> dict[str, Any]:
    """Gather what the template shows."""
    tables = dict(list(run.tables.items())[:MOST_TRAITS])
    scans = [scan(name, table, _columns(run), run.places) for name, table in tables.items()]
    refuse_without_p_values(scans)
    leads = list(dict.fromkeys(one.table.name_of(int(row)) for one in scans for row in one.lead))
    rows = {name: variant_rows(table, leads, _OF_RESULTS) for name, table in tables.items()}
    values = read_values(run, progress)
    studies = study_lines(run, values)
    effects = lead_effects(run, scans[0], progress) if run.kind == "meta" else None
    drawn = forests(run, effects)
    across = {name: across_traits(name, rows) for name in leads} if run.kind == "mtag" else {}
    opens = drawn.keys() | across.keys()
    excuses: list[str] = []
    read_again = [one for one in values if one is not None]
    return {
        "title": run.title,
        "kind": run.kind,
        "version": run.parameters.get("gwasmeta", ""),
        "report_version": __version__,
        "written": datetime.now(UTC).strftime("%Y-%m-%d"),
        "run": run,
        "scans": [_scan_content(one, rows[one.name], effects, opens, len(scans), excuses) for one in scans],
        "not_shown": list(run.tables)[MOST_TRAITS:],
        "verdicts": verdicts(run, scans, studies, rows),
        "forests": drawn,
        "across": across,
        "heterogeneity": _heterogeneity(run, scans, excuses),
        "trait_tables": trait_tables(run.parameters) if run.kind == "mtag" else (),
        "trait_pictures": trait_pictures(run.parameters) if run.kind == "mtag" else (),
        "studies": studies,
        "attrition": sections.attrition_picture(studies, excuses) if studies else [],
        "study_pictures": sections.study_pictures(read_again, excuses),
        "p_z_pictures": sections.p_z_pictures(read_again, excuses),
        "parameters": parameters_of(run),
        "inputs": inputs_of(run),
        "result_findings": findings_of(run.log, "result"),
        "log": run.log if run.kind == "mtag" else (),
        "excuses": list(dict.fromkeys(excuses)),
        "opens": opens,
        "most": _most_samples(run, rows),
    }


def _columns(run: Run) -> list[str]:
    """Return the columns of all variants that pictures need."""
    if run.kind == "mtag":
        return ["study_z"]
    methods = run.parameters.get("options", {}).get("methods", [])[1:]
    of_methods = [f"{method}_neg_log_10_p_value" for method in methods]
    return ["i_squared", "effect_allele_frequency", *of_methods]


def _scan_content(
    one: Scan, rows: Mapping[str, Row], effects: Any, opens: Any, n_scans: int, excuses: list[str]
) -> dict[str, Any]:
    return {
        "scan": one,
        "leads": lead_table(one, rows, directions_of(effects)),
        "points": points_payload(one, opens, n_scans),
        "picture": sections.manhattan_picture(one, excuses) if one.points is not None else None,
        "inflation": [*sections.inflation_pictures(one, excuses), *sections.mtag_picture(one, excuses)],
    }


def _heterogeneity(run: Run, scans: Sequence[Scan], excuses: list[str]) -> Any:
    if run.kind == "mtag":
        return []
    methods = run.parameters.get("options", {}).get("methods", ["this result"])
    return sections.heterogeneity_pictures(scans[0], method_words(str(methods[0])), excuses)


def _most_samples(run: Run, rows: Mapping[str, Mapping[str, Row]]) -> float:
    """Return the largest number of samples known: of the studies together, or of a lead variant."""
    told = [study.get("n") for study in run.parameters.get("studies", [])]
    if told and all(told):
        return float(sum(told))
    sizes = [row["n"] for of_table in rows.values() for row in of_table.values() if row.get("n", 0) > 0]
    return max(sizes, default=float("nan"))
