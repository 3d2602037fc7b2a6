"""MTAG's run as a result of gwasmeta's own, which can be shown in a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gwasmeta.compat.mtag_options import MtagOptions
from gwasmeta.compat.mtag_trait import TraitFile
from gwasmeta.meta.analyze import with_distinct_names
from gwasmeta.multitrait.estimation import Analysis
from gwasmeta.multitrait.munge import TraitSummary
from gwasmeta.multitrait.read_trait import TraitSource
from gwasmeta.multitrait.result import MtagResult
from gwasmeta.sumstats.byte_streams import file_checksum
from gwasmeta.sumstats.study import Study


def as_result(
    analysis: Analysis, traits: Sequence[TraitSummary], files: Sequence[TraitFile], options: MtagOptions
) -> MtagResult:
    """Return the run's result; its traits are called by their files, where MTAG numbers them."""
    names = [study.label for study in with_distinct_names([Study(file.path) for file in files])]
    summaries = [replace(trait, name=name) for trait, name in zip(traits, names, strict=True)]
    sources = [
        TraitSource(name, file.path, "mtag", (), file.columns, file_checksum(file.path))
        for name, file in zip(names, files, strict=True)
    ]
    return MtagResult(
        analysis,
        summaries,
        sources,
        {"command": f"gwasmeta mtag {' '.join(options.words)}"},
        standardised=options.std_betas,
        combined=options.equal_h2,
    )
