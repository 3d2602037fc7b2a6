"""METAL's ANALYZE as a call of gwasmeta's engine: options, report and result files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Literal

from gwasmeta.compat.metal_files import MetalFile
from gwasmeta.compat.metal_report import differences_at_work, files_report, result_report
from gwasmeta.compat.metal_settings import Analysis, Settings
from gwasmeta.compat.metal_tables import metal_description, metal_format
from gwasmeta.compat.metal_verbose import RowPrinter
from gwasmeta.errors import GwasmetaError
from gwasmeta.meta.engine import MetaEngine, ProgressCallback
from gwasmeta.meta.options import Conventions, MetaOptions, Method
from gwasmeta.meta.result import MetaResult
from gwasmeta.sumstats.sink import compressed_text, refuse_impossible, refuse_overwriting, whole_files

_CHI_SQUARED_MEDIAN = 0.4549364  # as METAL has it


def analyze(
    files: Sequence[MetalFile],
    settings: Settings,
    analysis: Analysis,
    table: Path,
    *,
    say: Callable[[str], None] = print,
    progress: ProgressCallback | None = None,
) -> None:
    """Combine files, report on them, and write the table and its description.

    Parameters
    ----------
    files : sequence of MetalFile
    settings : Settings
        Those at the time of ANALYZE: they say what is written. What is read of a file, its own settings say.
    analysis : {"plain", "heterogeneity", "random"}
    table : Path
    say : callable
        Takes each line of the report.
    progress : callable, optional

    Raises
    ------
    GwasmetaError
        If a file cannot be read, or a result not be written; nothing is written then.
    """
    description = table.with_name(f"{table.name}.info")
    refuse_overwriting(table, [file.study.path for file in files], "OUTFILE")
    refuse_impossible(table)
    refuse_impossible(description)
    settings = replace(settings, overlap=_overlap(files))
    observer = RowPrinter(files, say) if any(file.settings.verbose for file in files) else None
    max_examples = max(file.settings.max_warnings for file in files)
    studies = [file.study for file in files]
    engine = MetaEngine(studies, _options(files, settings, analysis), observer, max_examples=max_examples)
    engine.run(progress)
    for line in chain(files_report(files, engine), differences_at_work(files, settings, analysis, engine)):
        say(line)
    result = MetaResult(engine)
    has_alleles = engine.options.conventions.alleles != "none"
    with whole_files(table, description) as (table_beside, description_beside):
        with compressed_text(table_beside, table) as sink:
            for text in result.table_texts(metal_format(settings, analysis, has_alleles=has_alleles)):
                sink.write(text)
        with compressed_text(description_beside, description) as sink:
            paths = [file.study.file for file in files]
            sink.write(metal_description(settings, analysis, str(table), paths).encode(errors="surrogateescape"))
    for line in result_report(result, settings, table, description):
        say(line)


def _options(files: Sequence[MetalFile], settings: Settings, analysis: Analysis) -> MetaOptions:
    """Translate settings into options of the engine."""
    if settings.scheme == "SAMPLESIZE":
        methods: tuple[Method, ...] = ("sample_size",)
        if analysis == "random":
            raise GwasmetaError("random effects are those of effects and standard errors: SCHEME STDERR")
    else:
        methods = ("fixed", "random") if analysis == "random" else ("fixed",)
    return MetaOptions(
        methods=methods,
        genomic_control=any(file.study.inflation_factor is None for file in files),
        genomic_control_variants=_control_markers(files),
        min_n=settings.min_weight if settings.scheme == "SAMPLESIZE" else 0,
        position_conflicts="exclude" if settings.track_positions else "warn",
        overlap="sequential" if settings.overlap else None,
        z_cutoff=files[-1].settings.z_cutoff,
        conventions=Conventions(
            alleles=_alleles(files),
            ignore_case_of_ids=True,
            lambda_median="upper",
            chi_squared_median=_CHI_SQUARED_MEDIAN,
            corrected_frequency_weights=True,
            closed_frequencies=True,
            chromosomes_as_written=True,
        ),
    )


def _overlap(files: Sequence[MetalFile]) -> bool:
    """Say whether shared samples are corrected for; the first of several files shares none with those before it."""
    chosen = {(file.settings.overlap, file.settings.z_cutoff) for file in files[1:] or files}
    if len(chosen) > 1:
        raise GwasmetaError("OVERLAP and ZCUTOFF must be the same for all files of one analysis but the first")
    return chosen.pop()[0]


def _control_markers(files: Sequence[MetalFile]) -> str | None:
    """Return the list of markers that inflation is estimated from."""
    lists = {file.settings.genomic_control.markers for file in files if file.study.inflation_factor is None}
    if len(lists) > 1:
        raise GwasmetaError("GENOMICCONTROL estimates from a LIST must use the same one for all files of one analysis")
    return next(iter(lists), None)


def _alleles(files: Sequence[MetalFile]) -> Literal["words", "none"]:
    with_alleles = {file.has_alleles for file in files}
    if len(with_alleles) > 1:
        without = next(file.study.file for file in files if not file.has_alleles)
        raise GwasmetaError(
            f"{without}: has no alleles, and other files do: nothing says which allele its effects are of"
        )
    return "words" if with_alleles == {True} else "none"
