"""Meta-analysis of genome-wide association studies.

What the package can do, by name; each is imported when it is first used.

>>> import gwasmeta
>>> result = gwasmeta.meta_analyze(gwasmeta.example_studies("quantitative"))
>>> result.write("height")  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from gwasmeta._version import __version__
from gwasmeta.errors import GwasmetaError

if TYPE_CHECKING:
    from gwasmeta.batch.result import BatchResult
    from gwasmeta.batch.run import run_batch
    from gwasmeta.example import example_ld_scores, example_studies, example_traits
    from gwasmeta.harmonise.format import format_sumstats
    from gwasmeta.harmonise.formatted import FormatResult
    from gwasmeta.ldscores.compute import compute_ld_scores
    from gwasmeta.ldscores.fetch import fetch_panel
    from gwasmeta.ldscores.panel import LdScorePanel, read_panel
    from gwasmeta.meta.analyze import meta_analyze
    from gwasmeta.meta.result import MetaResult
    from gwasmeta.multitrait.analyze import mtag
    from gwasmeta.multitrait.correlation import CorrelationResult, ldsc_rg
    from gwasmeta.multitrait.heritability import HeritabilityResult, ldsc_h2
    from gwasmeta.multitrait.ldsc_trait import MungedTrait, munge
    from gwasmeta.multitrait.result import MtagResult
    from gwasmeta.report.write import write_report
    from gwasmeta.stats.correlated_studies import correlated_fixed_effects, correlated_z
    from gwasmeta.stats.fixed_effects import fixed_effects
    from gwasmeta.stats.genomic_control import inflation_factor
    from gwasmeta.stats.heterogeneity import heterogeneity
    from gwasmeta.stats.leave_one_out import leave_one_out
    from gwasmeta.stats.random_effects import random_effects
    from gwasmeta.stats.sample_size import effective_sample_size, weighted_z
    from gwasmeta.stats.sex_differences import sex_differentiated, sex_heterogeneity
    from gwasmeta.stats.shared_samples import correlation_of_shared_cases_and_controls, correlation_of_shared_samples
    from gwasmeta.stats.truncated_correlation import truncated_correlation
    from gwasmeta.store.study_store import StudyStore
    from gwasmeta.sumstats.inspection import Inspection, inspect_sumstats
    from gwasmeta.sumstats.manifest import read_manifest
    from gwasmeta.sumstats.read import SumStats, read_sumstats
    from gwasmeta.sumstats.study import Study, TextRules

_WHERE = {
    "BatchResult": "gwasmeta.batch.result",
    "run_batch": "gwasmeta.batch.run",
    "example_ld_scores": "gwasmeta.example",
    "example_studies": "gwasmeta.example",
    "example_traits": "gwasmeta.example",
    "format_sumstats": "gwasmeta.harmonise.format",
    "FormatResult": "gwasmeta.harmonise.formatted",
    "compute_ld_scores": "gwasmeta.ldscores.compute",
    "fetch_panel": "gwasmeta.ldscores.fetch",
    "LdScorePanel": "gwasmeta.ldscores.panel",
    "read_panel": "gwasmeta.ldscores.panel",
    "meta_analyze": "gwasmeta.meta.analyze",
    "MetaResult": "gwasmeta.meta.result",
    "mtag": "gwasmeta.multitrait.analyze",
    "CorrelationResult": "gwasmeta.multitrait.correlation",
    "ldsc_rg": "gwasmeta.multitrait.correlation",
    "HeritabilityResult": "gwasmeta.multitrait.heritability",
    "ldsc_h2": "gwasmeta.multitrait.heritability",
    "MungedTrait": "gwasmeta.multitrait.ldsc_trait",
    "munge": "gwasmeta.multitrait.ldsc_trait",
    "MtagResult": "gwasmeta.multitrait.result",
    "write_report": "gwasmeta.report.write",
    "correlated_fixed_effects": "gwasmeta.stats.correlated_studies",
    "correlated_z": "gwasmeta.stats.correlated_studies",
    "fixed_effects": "gwasmeta.stats.fixed_effects",
    "inflation_factor": "gwasmeta.stats.genomic_control",
    "heterogeneity": "gwasmeta.stats.heterogeneity",
    "leave_one_out": "gwasmeta.stats.leave_one_out",
    "random_effects": "gwasmeta.stats.random_effects",
    "effective_sample_size": "gwasmeta.stats.sample_size",
    "weighted_z": "gwasmeta.stats.sample_size",
    "sex_differentiated": "gwasmeta.stats.sex_differences",
    "sex_heterogeneity": "gwasmeta.stats.sex_differences",
    "correlation_of_shared_cases_and_controls": "gwasmeta.stats.shared_samples",
    "correlation_of_shared_samples": "gwasmeta.stats.shared_samples",
    "truncated_correlation": "gwasmeta.stats.truncated_correlation",
    "StudyStore": "gwasmeta.store.study_store",
    "Inspection": "gwasmeta.sumstats.inspection",
    "inspect_sumstats": "gwasmeta.sumstats.inspection",
    "read_manifest": "gwasmeta.sumstats.manifest",
    "SumStats": "gwasmeta.sumstats.read",
    "read_sumstats": "gwasmeta.sumstats.read",
    "Study": "gwasmeta.sumstats.study",
    "TextRules": "gwasmeta.sumstats.study",
}

__all__ = [
    "BatchResult",
    "CorrelationResult",
    "FormatResult",
    "GwasmetaError",
    "HeritabilityResult",
    "Inspection",
    "LdScorePanel",
    "MetaResult",
    "MtagResult",
    "MungedTrait",
    "Study",
    "StudyStore",
    "SumStats",
    "TextRules",
    "__version__",
    "compute_ld_scores",
    "correlated_fixed_effects",
    "correlated_z",
    "correlation_of_shared_cases_and_controls",
    "correlation_of_shared_samples",
    "effective_sample_size",
    "example_ld_scores",
    "example_studies",
    "example_traits",
    "fetch_panel",
    "fixed_effects",
    "format_sumstats",
    "heterogeneity",
    "inflation_factor",
    "inspect_sumstats",
    "ldsc_h2",
    "ldsc_rg",
    "leave_one_out",
    "meta_analyze",
    "mtag",
    "munge",
    "random_effects",
    "read_manifest",
    "read_panel",
    "read_sumstats",
    "run_batch",
    "sex_differentiated",
    "sex_heterogeneity",
    "truncated_correlation",
    "weighted_z",
    "write_report",
]


def __getattr__(name: str) -> Any:
    if name == "plots":
        return importlib.import_module("gwasmeta.plots")
    if name not in _WHERE:
        raise AttributeError(f"module 'gwasmeta' has no attribute {name!r}")
    value = getattr(importlib.import_module(_WHERE[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
