"""MTAG as a translation into a multi-trait analysis."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from gwasmeta._version import __version__
from gwasmeta.cluster import Workers, workers_of
from gwasmeta.compat.mtag_lists import read_lists
from gwasmeta.compat.mtag_options import MtagOptions, parse_options
from gwasmeta.compat.mtag_report import attrition_table, combining_lines, summary_text, trait_lines
from gwasmeta.compat.mtag_studies import analyse_list
from gwasmeta.compat.mtag_tables import matrix_lines, table_endings, write_tables
from gwasmeta.compat.mtag_trait import read_trait, trait_file
from gwasmeta.ldscores.fetch import default_panel
from gwasmeta.ldscores.panel import read_panel
from gwasmeta.ldscores.panel_files import find_panel_files
from gwasmeta.multitrait.combine import CombiningOptions, UsualSampleSize, all_snps, common_snps
from gwasmeta.multitrait.covariances import ModelOptions, estimate_covariances
from gwasmeta.multitrait.estimates import gains
from gwasmeta.multitrait.estimation import Analysis
from gwasmeta.multitrait.given_matrix import given_matrix
from gwasmeta.multitrait.munge import CleaningOptions, TraitSummary, munge
from gwasmeta.multitrait.trait_rows import BoolArray, Names
from gwasmeta.sumstats.effects import FloatArray
from gwasmeta.sumstats.sink import refuse_impossible, refuse_overwriting, whole_files

if TYPE_CHECKING:
    from gwasmeta.stats.max_fdr import Progress

_RATES, _POINTS = "_fdr_mat.txt", "_prob_grid.txt"
_MAF_MIN = 0.01
_MEAN_CHI_SQUARED_MIN = 1.02


def mtag(words: Sequence[str], progress: Progress | None = None) -> Iterator[str]:
    """Do what MTAG does with a command line.

    Parameters
    ----------
    words : sequence of str
        Behind the program's name.
    progress : callable, optional
        Called while maxFDR is computed; see `gwasmeta.stats.max_fdr.MaxFdrPlan.run`.

    Yields
    ------
    str
        The lines of the log, which is also written to PREFIX.log. PREFIX_trait_1.txt and the other files of MTAG,
        and PREFIX.log.tsv, appear together at the end. With --studies, what there is to say of the result.

    Raises
    ------
    GwasmetaError
        If an option, a file or a column is not what it has to be, or a trait cannot be used; no file is written then.
    """
    options = parse_options(words)
    if options.answer is not None:
        yield options.answer
        return
    if options.studies is not None:
        yield from analyse_list(options)
        return
    paths = _output_paths(options)
    if options.report is not None:
        from gwasmeta.report.page import refuse_impossible_report

        refuse_impossible_report(options.report)
    with workers_of(options.cluster) as workers, whole_files(*paths.values()) as besides:
        beside = dict(zip(paths, besides, strict=True))
        log: list[str] = []
        run = _fdr_of_earlier_run if options.skip_mtag else _run
        for line in run(options, beside, progress, workers):
            log += f"{time.strftime('%Y/%m/%d/%I:%M:%S %p')} {line}".splitlines()
            yield line
        beside[_log_ending(options)].write_text("\n".join(log) + "\n", encoding="utf-8")


def _run(options: MtagOptions, beside: dict[str, Path], progress: Progress | None, workers: Workers) -> Iterator[str]:
    """Analyse, write the files, and yield the log."""
    started = time.monotonic()
    yield from _opening_lines(options)
    files = [trait_file(path, str(trait), options) for trait, path in enumerate(options.sumstats, start=1)]
    lists = [read_lists(paths, options.snp_name) for paths in (options.include, options.exclude)]
    model = _model(options)
    if model.sigma is None:
        find_panel_files(_panel_path(options))  # a missing panel is told before the traits are read
    names, rows, traits = Names(), [], []
    with ThreadPoolExecutor(1, thread_name_prefix="gwasmeta-panel") as aside:
        panel = aside.submit(read_panel, _panel_path(options)) if model.sigma is None else None
        for place, file in enumerate(files):
            read = read_trait(file, options.of_trait("n_value", place), names)
            kept, summary = munge(read, _cleaning(options, place, file.filters_frequency))
            rows.append(kept)
            traits.append(summary)
            yield from trait_lines(file, summary, options)
        included, excluded = (None if ids is None else names.among(ids) for ids in lists)
        combining = _combining(options, included, excluded)
        common = common_snps(rows, names, combining)
        snps = all_snps(rows, names, combining) if options.meta_format else common
        del read, kept
        rows.clear()  # they are in `common` and `snps`, and large
        scores = None if panel is None else panel.result()
    covariances = estimate_covariances(common, options.sumstats, scores, model, workers)
    del panel, scores, common
    analysis = Analysis.of(snps, covariances, options.sumstats, workers)
    yield from combining_lines(analysis, options)
    yield from write_tables(analysis, options, [beside[ending] for ending in table_endings(options)])
    _write_small_files(analysis, traits, beside)
    complete, z = analysis.of_all_traits()
    gained = gains(complete, z, analysis.covariances.sigma, [file.name for file in files])
    yield summary_text(gained, options.sumstats, analysis, options)
    if options.fdr:
        from gwasmeta.compat.mtag_fdr import fdr_lines
        from gwasmeta.multitrait.false_discovery import FdrInput

        yield from fdr_lines(FdrInput.of(analysis), options, beside[_RATES], beside[_POINTS], progress, workers)
    if options.report is not None:
        from gwasmeta.compat.mtag_result import as_result

        as_result(analysis, traits, files, options).report(options.report, title=Path(options.out).name)
    yield f"MTAG complete. Time elapsed: {time.monotonic() - started:.1f} s"


def _fdr_of_earlier_run(
    options: MtagOptions, beside: dict[str, Path], progress: Progress | None, workers: Workers
) -> Iterator[str]:
    from gwasmeta.compat.mtag_fdr import fdr_lines, read_earlier_run

    yield from _opening_lines(options)
    yield from fdr_lines(read_earlier_run(options), options, beside[_RATES], beside[_POINTS], progress, workers)


def _opening_lines(options: MtagOptions) -> Iterator[str]:
    yield f"gwasmeta {__version__}, doing what MTAG 1.0.8 does (Turley et al. 2018)"
    yield f"Calling gwasmeta mtag {' '.join(options.words)}"


def _log_ending(options: MtagOptions) -> str:
    return ".FDR.log" if options.skip_mtag else ".log"


def _write_small_files(analysis: Analysis, traits: Sequence[TraitSummary], beside: dict[str, Path]) -> None:
    beside["_sigma_hat.txt"].write_bytes(matrix_lines(analysis.covariances.sigma))
    if "_omega_hat.txt" in beside:
        beside["_omega_hat.txt"].write_bytes(matrix_lines(analysis.covariances.omega))
    beside[".log.tsv"].write_text(attrition_table(traits, analysis), encoding="utf-8")


def _output_paths(options: MtagOptions) -> dict[str, Path]:
    """Return the ending and the path of each file, once it is clear that they can be written."""
    folder = Path(options.out).parent
    if options.make_full_path:
        folder.mkdir(parents=True, exist_ok=True)
    endings = [_RATES, _POINTS] if options.fdr else []
    if not options.skip_mtag:
        endings += [*table_endings(options), "_sigma_hat.txt", ".log.tsv"]
        if not options.equal_h2:
            endings.append("_omega_hat.txt")
    endings.append(_log_ending(options))
    paths = {ending: Path(f"{options.out}{ending}") for ending in endings}
    inputs = [*options.sumstats, *options.include, *options.exclude, options.gencov_path, options.residcov_path]
    for path in paths.values():
        refuse_overwriting(path, inputs)
        refuse_impossible(path)
    return paths


def _cleaning(options: MtagOptions, trait: int, filters_frequency: bool) -> CleaningOptions:
    given = options.of_trait("maf_min", trait)
    maf_min = _MAF_MIN if given is None else given
    return CleaningOptions(
        maf_min=maf_min if filters_frequency else None,
        info_min=options.of_trait("info_min", trait),
        n_min=options.of_trait("n_min", trait),
        n_max=options.of_trait("n_max", trait),
        median_z_max=options.median_z_cutoff,
        mean_chi_squared_min=0.0 if options.force else _MEAN_CHI_SQUARED_MIN,
    )


def _combining(options: MtagOptions, included: BoolArray | None, excluded: BoolArray | None) -> CombiningOptions:
    usual_n = None
    if options.homogNs_frac is not None:
        usual_n = UsualSampleSize(options.homogNs_frac, "fraction")
    elif options.homogNs_dist is not None:
        usual_n = UsualSampleSize(options.homogNs_dist, "samples")
    return CombiningOptions(
        ambiguous=options.incld_ambig_snps,
        flip=not options.no_allele_flipping,
        included=included,
        excluded=excluded,
        chromosomes=frozenset(options.only_chr) or None,
        usual_n=usual_n,
    )


def _model(options: MtagOptions) -> ModelOptions:
    def given(option: str) -> FloatArray | None:
        path: str | None = getattr(options, option)
        return None if path is None else given_matrix(path, f"--{option}", options.sumstats)

    return ModelOptions(
        options.covariance,
        overlap=not options.no_overlap,
        likelihood=options.numerical_omega,
        sigma=given("residcov_path"),
        omega=given("gencov_path"),
    )


def _panel_path(options: MtagOptions) -> str | Path:
    return default_panel() if options.ld_ref_panel is None else options.ld_ref_panel
