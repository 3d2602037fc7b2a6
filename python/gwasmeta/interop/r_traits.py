"""What R calls for many traits: MTAG, and LD score regression."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

import gwasmeta
from gwasmeta.interop.messages import Say, now_and_then, share_said
from gwasmeta.interop.plain_values import NamedMatrix
from gwasmeta.interop.r_studies import study_of
from gwasmeta.multitrait.result import MtagResult


def mtag(say: Say, traits: Iterable[Mapping[str, Any]], **options: Any) -> dict[str, Any]:
    """Analyse traits together, and tell everything of the result but its tables."""
    studies = [*map(study_of, traits)]
    say(f"MTAG: reading {', '.join(study.label for study in studies)}")
    result = gwasmeta.mtag(studies, **options)
    return {
        "result": result,
        "n_snps": len(result),
        "trait_names": [*result.traits],
        "summary": result.summary.reset_index(),
        "sigma": NamedMatrix.of(result.sigma),
        "omega": NamedMatrix.of(result.omega),
        "genetic_correlation": NamedMatrix.of(result.genetic_correlation),
        "log": result.log,
        "parameters": result.options,
    }


def fetch_ld_scores(say: Say, panel: str, folder: str | None) -> str:
    """Fetch a published panel of LD scores, and return its folder."""
    report = now_and_then(say)

    def progress(n_there: int, n_files: int) -> None:
        report(f"{panel}: {n_there} of {n_files} files")

    return str(gwasmeta.fetch_panel(panel, folder, progress=progress))


def max_fdr(say: Say, result: MtagResult, **options: Any) -> dict[str, Any]:
    """Bound the false discovery rate of each trait."""
    rates = result.max_fdr(**options, progress=share_said(say))
    traits = [gain.trait for gain in result.gains]
    return asdict(rates) | {
        "fdr": dict(zip(traits, rates.fdr.tolist(), strict=True)),
        "grid_fdr": dict(zip(traits, rates.grid_fdr.tolist(), strict=True)),
        "n_reached": dict(zip(traits, rates.n_reached.tolist(), strict=True)),
        "probability": NamedMatrix(rates.probability, traits),
    }


def table_of_trait(_say: Say, result: Any) -> pd.DataFrame:
    """Return the table of a munged trait."""
    table: pd.DataFrame = result.table
    return table


def trait_table(_say: Say, result: MtagResult, trait: str) -> pd.DataFrame:
    """Return the table of one trait of a multi-trait analysis."""
    return result.traits[trait].table


def munge(_say: Say, study: Mapping[str, Any], **options: Any) -> dict[str, Any]:
    """Clean one trait for LD score regression."""
    trait = gwasmeta.munge(study_of(study), **options)
    return {
        "result": trait,
        "name": trait.name,
        "n_snps": len(trait),
        "lambda_gc": trait.lambda_gc,
        "mean_chi_squared": trait.summary.mean_chi_squared,
        "warnings": list(trait.warnings),
        "log": trait.log,
    }


def ldsc_h2(_say: Say, traits: Iterable[Any], **options: Any) -> dict[str, Any]:
    """Estimate heritabilities."""
    result = gwasmeta.ldsc_h2([*map(_trait, traits)], **options)
    return _regression(result) | {"kind": "heritability"}


def ldsc_rg(_say: Say, traits: Iterable[Any], **options: Any) -> dict[str, Any]:
    """Estimate genetic correlations."""
    result = gwasmeta.ldsc_rg([*map(_trait, traits)], **options)
    matrices = ("genetic_correlation", "genetic_covariance", "intercept")
    names = [*matrices, *(f"{name}_standard_error" for name in matrices)]
    return (
        _regression(result)
        | {"kind": "genetic correlation"}
        | {name: NamedMatrix.of(getattr(result, name)) for name in names}
    )


def _trait(given: Any) -> Any:
    """Take a munged trait as it is, and make a study of what R says of any other."""
    return study_of(given) if isinstance(given, Mapping) else given


def _regression(result: Any) -> dict[str, Any]:
    return {
        "result": result,
        "table": result.table,
        "log": result.log,
        "warnings": result.warnings,
        "description": result.summary(),
    }
