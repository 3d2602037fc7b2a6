"""What R calls for one trait: studies read, looked at, written, and combined."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

import gwasmeta
from gwasmeta.cli.progress import LinePerStudy
from gwasmeta.interop.messages import Say, rows_said
from gwasmeta.interop.plain_values import NamedMatrix
from gwasmeta.interop.r_words import in_r_words
from gwasmeta.meta.lead_variants import lead_variants as lead_variants_of
from gwasmeta.meta.result import MetaResult
from gwasmeta.sumstats.study import TextRules

_SHOWN_ROWS = 5


def study_of(fields: Mapping[str, Any]) -> gwasmeta.Study:
    """Make a study of what R says of it; what it leaves out is as in Python."""
    told = {name: value for name, value in fields.items() if value is not None}
    if "text_rules" in told:
        told["text_rules"] = TextRules(**told["text_rules"])
    return gwasmeta.Study(**told)


def meta_analyze(say: Say, studies: Iterable[Mapping[str, Any]], **options: Any) -> dict[str, Any]:
    """Combine studies, and tell everything of the result but its table and log."""
    if isinstance(options.get("memory"), float):
        options["memory"] = int(options["memory"])  # R's integers end at 2 GB
    result = gwasmeta.meta_analyze([*map(study_of, studies)], **options, progress=LinePerStudy(say))
    return {
        "result": result,
        "description": result.summary(),
        "n_variants": len(result),
        "studies": studies_table(result.studies),
        "inflation_factors": _numbers(result.inflation_factors),
        "n_left_out": _numbers(result.n_left_out),
        "correlations": {method: NamedMatrix.of(matrix) for method, matrix in result.correlations.items()},
        "parameters": _spelled_out(result.parameters()["options"]),
    }


def table(_say: Say, result: MetaResult) -> pd.DataFrame:
    """Return the table of a meta-analysis."""
    return result.table


def log(_say: Say, result: MetaResult) -> pd.DataFrame:
    """Return the log of a meta-analysis: a rule a row, with its first examples."""
    return result.log.astype({"line": "string", "count": "int64"})


def strongest(_say: Say, result: MetaResult) -> pd.DataFrame:
    """Return the variants with the smallest p-values."""
    return result.table.nlargest(_SHOWN_ROWS, "neg_log_10_p_value")


def lead_variants(_say: Say, table: MetaResult | pd.DataFrame, p: float, window: float) -> pd.DataFrame:
    """Return the most significant variant of each locus, of a result or of a table."""
    rows = table.table if isinstance(table, MetaResult) else table
    needed = {"chromosome", "base_pair_location", "neg_log_10_p_value"} - {*rows.columns}
    if needed:
        raise gwasmeta.GwasmetaError(f"lead variants need the column {min(needed)}, and the table has none")
    return lead_variants_of(rows, p, int(window))


def write(_say: Say, result: Any, out: str, **options: Any) -> list[str]:
    """Write a result to files."""
    return [str(path) for path in result.write(out, **options)]


def read_sumstats(_say: Say, study: Mapping[str, Any]) -> dict[str, Any]:
    """Read one study into memory."""
    read = gwasmeta.read_sumstats(study_of(study))
    return {
        "name": read.name,
        "table": read.table,
        "log": read.log.astype({"line": "int64", "count": "int64"}),
        "dialect": read.dialect,
        "columns": read.columns,
        "rows_read": read.rows_read,
    }


def inspect_sumstats(say: Say, study: Mapping[str, Any]) -> dict[str, Any]:
    """Say what a file is understood as."""
    found = gwasmeta.inspect_sumstats(study_of(study), progress=rows_said(say))
    facts = ("file", "name", "dialect", "title", "source", "rows_read", "rows_usable", "inflation_factor")
    return {name: getattr(found, name) for name in (*facts, "mean_chi_squared", "share_palindromic")} | {
        "effect_allele": str(found.effect_allele),
        "build": str(found.build),
        "odd": [*map(in_r_words, found.odd)],
        "table": found.table,
        "description": in_r_words(str(found)),
    }


def format_sumstats(say: Say, study: Mapping[str, Any], out: str, **options: Any) -> dict[str, Any]:
    """Write one study in another format."""
    made = gwasmeta.format_sumstats(study_of(study), out, **options, progress=rows_said(say))
    return {
        "path": made.path,
        "paths": [str(path) for path in made.paths],
        "to": made.to,
        "dialect": made.dialect,
        "columns": made.columns,
        "build": made.build,
        "codes": made.codes,
        "rows_read": made.rows_read,
        "rows_written": made.rows_written,
        "log": made.log.astype({"line": "int64", "count": "int64"}),
        "description": str(made),
    }


def read_manifest(_say: Say, path: str) -> list[dict[str, Any]]:
    """Return what a manifest says of each study, field by field."""
    untold = vars(gwasmeta.Study(""))
    studies = []
    for study in gwasmeta.read_manifest(path):
        told = {name: value for name, value in vars(study).items() if value != untold[name]}
        studies.append({name: list(value) if isinstance(value, tuple) else value for name, value in told.items()})
    return studies


def example(_say: Say, what: str, **arguments: Any) -> Any:
    """Return where the embedded example's files are."""
    return {
        "studies": gwasmeta.example_studies,
        "traits": gwasmeta.example_traits,
        "ld_scores": gwasmeta.example_ld_scores,
    }[what](**arguments)


def studies_table(studies: pd.DataFrame) -> pd.DataFrame:
    """Write the column that counts by rule as text."""
    counts = studies["excluded_by"].map(lambda rules: "; ".join(f"{rule} {count}" for rule, count in rules.items()))
    return studies.assign(excluded_by=counts)


def _numbers(values: Mapping[str, float]) -> dict[str, float]:
    return {name: float(value) for name, value in values.items()}


def _spelled_out(options: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what R has no form for."""
    return {name: value for name, value in options.items() if name != "conventions"}
