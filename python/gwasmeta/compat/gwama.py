"""GWAMA as a translation into a run of the meta-analysis engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from gwasmeta.compat.gwama_map import MarkerMap
from gwasmeta.compat.gwama_messages import MessageWriter
from gwasmeta.compat.gwama_notes import FinishedRun, notes
from gwasmeta.compat.gwama_options import GwamaOptions, parse_options, read_file_list
from gwasmeta.compat.gwama_report import RULE, correction_line, inflation_table, study_lines
from gwasmeta.compat.gwama_study import GwamaStudy, gwama_study
from gwasmeta.compat.gwama_table import output_format
from gwasmeta.errors import GwasmetaError
from gwasmeta.meta.engine import MetaEngine, ProgressCallback
from gwasmeta.meta.options import Conventions, MetaOptions
from gwasmeta.meta.result import MetaResult
from gwasmeta.sumstats.sink import Writable, compressed_text, refuse_impossible, refuse_overwriting, whole_files

_ENDINGS = (".out", ".gc.out", ".err.out", ".log.out")
_CHI_SQUARED_MEDIAN = 0.4549364


@dataclass(frozen=True)
class _Files:
    """The open files of the output, in the order of `_ENDINGS`."""

    table: Writable
    factors: Writable
    errors: Writable
    log: Writable


def gwama(words: Sequence[str], progress: ProgressCallback | None = None) -> Iterator[str]:
    """Do what GWAMA does with a command line.

    Parameters
    ----------
    words : sequence of str
        Behind the program's name.
    progress : callable, optional
        Called after each block; see `gwasmeta.meta.engine.ProgressCallback`.

    Yields
    ------
    str
        The lines that GWAMA prints, and one, beginning with "gwasmeta:", for each difference from GWAMA at work in
        the run. ROOT.out, ROOT.gc.out, ROOT.err.out and ROOT.log.out appear together at the end.

    Raises
    ------
    GwasmetaError
        If an option, a file or a column is not what it has to be, or no marker is left; no file is written then.
    """
    options = parse_options(words)
    if options.answer is not None:
        yield options.answer
        return
    yield from options.announcements
    listed = read_file_list(options.file_list, options.by_sex)
    yield f"File {options.file_list} contained {len(listed)} studies."
    studies = [gwama_study(study, options) for study in listed]
    marker_map = None if options.map_file is None else MarkerMap(options.map_file)
    paths = _output_paths(options, studies)
    with whole_files(*paths) as besides, ExitStack() as opened:
        files = (opened.enter_context(compressed_text(*pair)) for pair in zip(besides, paths, strict=True))
        yield from _run(options, studies, marker_map, _Files(*files), progress)
    yield "GWAMA program finished current job successfully!"
    yield f"Please check {options.root}.log.out for full information."
    yield "Analysis finished."


def _run(
    options: GwamaOptions,
    studies: Sequence[GwamaStudy],
    marker_map: MarkerMap | None,
    files: _Files,
    progress: ProgressCallback | None,
) -> Iterator[str]:
    """Combine the studies, write the files, and yield what GWAMA prints meanwhile."""
    files.log.write(_opening_of_log(studies).encode())
    messages = MessageWriter(files.errors, files.log, studies)
    engine = MetaEngine([study.study for study in studies], _meta_options(options), messages)
    engine.run(progress)
    messages.begin(len(studies))
    result = MetaResult(engine)
    if not len(result):
        raise GwasmetaError(_nothing_left(engine))
    for study, summary, problems in zip(studies, engine.summaries, messages.problems, strict=True):
        yield from study_lines(study, summary, problems, options)
    if marker_map is not None:
        yield from (RULE, "Reading map file", f"Reading map: {options.map_file}")
    yield from (RULE, "Preparing output...", RULE)
    factors = _factors_of_result(options, result)
    for factor in factors.values():
        yield from (correction_line(factor), RULE)
        files.log.write(f"{correction_line(factor)}\n".encode())
    for text in result.table_texts(output_format(options, marker_map, factors)):
        files.table.write(text)
    files.factors.write(inflation_table(engine.summaries if options.genomic_control else ()).encode())
    files.log.write(b"Analysis finished.\n")
    yield from notes(FinishedRun(options, studies, marker_map, engine, sum(messages.problems, Counter())))


def _meta_options(options: GwamaOptions) -> MetaOptions:
    return MetaOptions(
        methods=("random", "fixed") if options.random else ("fixed",),
        genomic_control=options.genomic_control,
        direction_p=options.threshold,
        sex_differentiated=options.by_sex,
        conventions=Conventions(
            alleles="none" if options.no_alleles else "words" if options.indel_alleles else "bases",
            lambda_rows="valid",
            chi_squared_median=_CHI_SQUARED_MEDIAN,
            incomplete_n_is_missing=True,
        ),
    )


def _factors_of_result(options: GwamaOptions, result: MetaResult) -> dict[str, float]:
    """Return the inflation factors that -gco corrects by: of the fixed effects, and of those of each sex."""
    if not options.genomic_control_output:
        return {}
    factors = {"fixed": result.inflation_factors["fixed"]}
    if options.by_sex:
        factors |= {sex: result.inflation_factors[f"{sex}_fixed"] for sex in ("male", "female")}
    return {name: factor for name, factor in factors.items() if not np.isnan(factor)}  # NaN: no study of this sex


def _output_paths(options: GwamaOptions, studies: Sequence[GwamaStudy]) -> list[str]:
    """Return the paths of the output, once it is clear that they can be written and are none of the input."""
    paths = [f"{options.root}{ending}" for ending in _ENDINGS]
    inputs = [options.file_list, options.map_file, *(study.path for study in studies)]
    for path in paths:
        refuse_overwriting(path, inputs, "--output")
        refuse_impossible(path)
    return paths


def _opening_of_log(studies: Sequence[GwamaStudy]) -> str:
    files = [f"\t{study.path}" for study in studies]
    lines = ["Running GWAMA 2.1", "Reading input file list:", *files, "END-OF-FILE", f"Study count: {len(studies)}"]
    return "\n".join(lines) + "\n"


def _nothing_left(engine: MetaEngine) -> str:
    lines = ["no marker is left"]
    for summary in engine.summaries:
        reasons = ", ".join(f"{rule} {count:,}" for rule, count in summary.log.excluded.items()) or "no rows"
        lines.append(f"  {summary.file}: {summary.log.rows_read:,} rows read; {reasons}")
    return "\n".join(lines)
