"""The public function of the meta-analysis."""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

import numpy as np

from gwasmeta.cluster import Cluster, workers_of
from gwasmeta.errors import GwasmetaError
from gwasmeta.memory import as_bytes
from gwasmeta.meta.combined import CombinedStudies
from gwasmeta.meta.engine import MetaEngine, ProgressCallback
from gwasmeta.meta.formats import FORMATS
from gwasmeta.meta.options import (
    Match,
    MetaOptions,
    Method,
    Overlap,
    Palindromic,
    PositionConflicts,
    Rows,
    TauSquared,
)
from gwasmeta.meta.overlap import read_overlap
from gwasmeta.meta.result import MetaResult
from gwasmeta.meta.study_summary import StudySummary
from gwasmeta.sumstats.stored_study import is_stored
from gwasmeta.sumstats.study import Study

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from gwasmeta.sumstats.study import StudySource


def meta_analyze(
    studies: Iterable[Study | StudySource] | Mapping[str, Study | StudySource],
    *,
    methods: Method | Iterable[Method] = "fixed",
    tau_squared: TauSquared = "DL",
    hartung_knapp: bool = False,
    genomic_control: bool = False,
    genomic_control_variants: str | os.PathLike[str] | Iterable[str] | None = None,
    genomic_control_result: bool = False,
    match: Match = "id",
    palindromic: Palindromic = "keep",
    palindromic_window: float = 0.08,
    frequency_difference: float = 0.3,
    filters: str | Iterable[str] = (),
    min_studies: int = 1,
    min_n: float = 0,
    direction_p: float = 1.0,
    leave_one_out: bool = False,
    sex_differentiated: bool = False,
    overlap: Literal["estimated"] | ArrayLike | str | os.PathLike[str] | None = None,
    z_cutoff: float = 1.0,
    position_conflicts: PositionConflicts = "warn",
    cluster: Cluster = None,
    memory: str | float | None = None,
    progress: ProgressCallback | None = None,
) -> MetaResult:
    """Combine one trait's association results over studies.

    Each study is streamed once; its rows are checked, matched to variants, and turned to the alleles of the first
    study that has the variant.

    Parameters
    ----------
    studies : iterable of path, frame or Study, or mapping of name to these
        One item a study. `Study` says what a file does not: a name, sample sizes, renamed columns, a dialect.
    methods : {"fixed", "random", "sample_size"}, or several of them
        Inverse-variance fixed effects, random effects, z weighted by the root of the (effective) sample size. The
        first gives the plain columns `beta`, `standard_error`, `z`, `p_value`; the columns of the others begin with
        the method's name.
    tau_squared : {"DL", "PM", "REML", "ML", "SJ", "HE", "HS", "EB"}
        Estimator of the between-study variance for random effects: DerSimonian-Laird, Paule-Mandel, restricted
        and full maximum likelihood, Sidik-Jonkman, Hedges, Hunter-Schmidt, empirical Bayes.
    hartung_knapp : bool
        Standard error of the random-effects mean by Hartung and Knapp, tested by Student's t.
    genomic_control : bool
        Multiply each study's variances by its genomic inflation factor where that is above 1; genotyped and imputed
        variants have one each where the study has an `imputed` column.
    genomic_control_variants : path or iterable of str, optional
        Estimate the factors from these variants only. A file is split at blanks and line ends.
    genomic_control_result : bool
        Correct the result too: standard errors are multiplied by the root of its own inflation factor.
    match : {"id", "position"}
        What makes two rows the same variant: its id, or chromosome, position and pair of alleles.
    palindromic : {"keep", "drop", "infer"}
        A/T and C/G variants, whose alleles do not tell the strand: take them as given, leave them out, or turn them
        by the allele frequency and leave out those for which it is missing or within `palindromic_window` of 0.5.
    palindromic_window : float
        In units of frequency.
    frequency_difference : float
        Note in the log rows whose frequency is further than this from the mean of the studies before.
    filters : str or iterable of str
        Conditions that every row of every study must satisfy, such as ``"info >= 0.4"``; those of single studies are
        given with `Study`.
    min_studies : int
        Leave variants out of the result that fewer studies have.
    min_n : float
        Leave variants out of the result that have fewer samples in total.
    direction_p : float
        Show a study's direction only where its own p-value is at most this.
    leave_one_out : bool
        Add for each study the fixed-effects estimates without it.
    sex_differentiated : bool
        Add the estimates of each sex, a test that allows for another effect in each (2 degrees of freedom), and a
        test of their difference. `Study` says whose study it is.
    overlap : "estimated", matrix or path, optional
        Allow for samples that studies share, by generalised least squares (for effects) or the variance of the
        weighted sum (for z). The correlations of the studies' statistics are estimated from variants without
        association; or given as a matrix, in the order of the studies: of correlations, or of the numbers of shared
        samples with the studies' own on its diagonal. A path is that of such a matrix as text, its first line the
        names of the studies.
    z_cutoff : float
        Estimate the correlations from variants whose |z| is below it in both studies.
    position_conflicts : {"warn", "exclude"}
        Rows that give a variant another place than the studies before: note them, or leave them out.
    cluster : int, str or distributed.Client, optional
        Spread the work over so many processes of this machine, over the workers of the Dask scheduler at an address,
        or of a client. The numbers are the same to the bit. TMPDIR must be a folder that all workers see.
    memory : str or number, optional
        What this process may take, such as "4GB" or a number of bytes; what does not fit is kept on disk, in TMPDIR.
    progress : callable, optional
        Called after each block; see `gwasmeta.meta.engine.ProgressCallback`.

    Returns
    -------
    MetaResult

    Raises
    ------
    GwasmetaError
        If a study cannot be read or understood, or an option is not possible. The message says where and what to do.

    References
    ----------
    Willer, Li & Abecasis (2010), Bioinformatics 26:2190; Mägi & Morris (2010), BMC Bioinformatics 11:288;
    Devlin & Roeder (1999), Biometrics 55:997; Magi, Lindgren & Morris (2010), Genetic Epidemiology 34:846 (sexes);
    Lin & Sullivan (2009), American Journal of Human Genetics 85:862 (overlap). The estimators cite theirs in
    `gwasmeta.stats`.

    Examples
    --------
    >>> import gwasmeta
    >>> result = gwasmeta.meta_analyze(gwasmeta.example_studies("quantitative"), genomic_control=True)
    >>> result.lead_variants()["variant_id"].is_unique
    True
    """
    common_filters = (filters,) if isinstance(filters, str) else tuple(filters)
    chosen = as_studies(studies, common_filters)
    options = MetaOptions(
        methods=cast("tuple[Method, ...]", (methods,) if isinstance(methods, str) else tuple(methods)),
        tau_squared=tau_squared,
        hartung_knapp=hartung_knapp,
        genomic_control=genomic_control,
        genomic_control_variants=genomic_control_variants,
        genomic_control_result=genomic_control_result,
        match=match,
        palindromic=palindromic,
        palindromic_window=palindromic_window,
        frequency_difference=frequency_difference,
        min_studies=min_studies,
        min_n=min_n,
        direction_p=direction_p,
        leave_one_out=leave_one_out,
        sex_differentiated=sex_differentiated,
        overlap=_as_overlap(overlap, chosen),
        z_cutoff=z_cutoff,
        position_conflicts=position_conflicts,
    )
    combined = _combined(chosen, options, cluster, memory, progress)
    refuse_nothing(combined.summaries)
    return MetaResult(combined)


def _combined(
    studies: list[Study],
    options: MetaOptions,
    cluster: Cluster,
    memory: str | float | None,
    progress: ProgressCallback | None,
) -> CombinedStudies:
    if cluster is None and memory is None and not _can_be_kept(studies, options):
        engine = MetaEngine(studies, options)
        engine.run(progress)
        return engine
    from gwasmeta.meta.ranges.analysis import analyze_in_ranges

    with workers_of(cluster) as workers:
        return analyze_in_ranges(studies, options, workers, None if memory is None else as_bytes(memory), progress)


def _can_be_kept(studies: Sequence[Study], options: MetaOptions) -> bool:
    if not all(is_stored(study.path) for study in studies):
        return False  # files are combined without a part of the program that takes its time to load
    from gwasmeta.meta.ranges.kept_studies import can_be_kept

    return can_be_kept(studies, options)


def _as_overlap(overlap: Any, studies: list[Study]) -> Overlap | Rows | None:
    """Bring what the caller says of shared samples to a keyword or rows of numbers."""
    if overlap is None or (isinstance(overlap, str) and overlap == "estimated"):
        return overlap  # type: ignore[return-value]
    if isinstance(overlap, str | os.PathLike):
        return read_overlap(os.fspath(overlap), [study.label for study in studies])
    try:
        return tuple(tuple(float(value) for value in row) for row in np.asarray(overlap, dtype=np.float64))
    except (TypeError, ValueError):
        raise GwasmetaError(
            f'overlap {overlap!r}: give "estimated", a matrix of studies by studies, or the path of one'
        ) from None


def as_studies(studies: Any, filters: tuple[str, ...]) -> list[Study]:
    """Bring what the caller gave to a list of studies with distinct names."""
    if isinstance(studies, str | os.PathLike | Study) or hasattr(studies, "columns"):
        studies = [studies]  # a single study
    items = studies.items() if isinstance(studies, Mapping) else ((None, study) for study in studies)
    chosen = []
    for name, item in items:
        study = item if isinstance(item, Study) else Study(item)
        fields = vars(study) | {"filters": (*filters, *study.conditions)}
        chosen.append(Study(**(fields | {"name": name} if name is not None else fields)))
    if not chosen:
        raise GwasmetaError("no studies: give at least one file or frame")
    for study in chosen:
        _refuse_taken_names(study)
    return with_distinct_names(chosen)


def _refuse_taken_names(study: Study) -> None:
    """Refuse sums that would stand in the place of a column that the result has anyway."""
    taken = {column.source for column in FORMATS["gwasmeta"].columns} | {"weight", "p_value"}
    for name in study.sums:
        if name in taken or name.startswith(("male_", "female_", "without_", *(f"{m}_" for m in get_args(Method)))):
            raise GwasmetaError(
                f"{study.file}: {name} cannot be the name of a sum: the result has a column of that name"
            )


def with_distinct_names(studies: list[Study]) -> list[Study]:
    """Tell studies whose names are alike apart by numbers, unless the caller named them so."""
    counts = Counter(study.label for study in studies)
    given = [study.name for study in studies if study.name is not None]
    twice = sorted({name for name in given if given.count(name) > 1})
    if twice:
        raise GwasmetaError(
            f"two studies are named {twice[0]!r}, and the log could not tell them apart\n"
            "  Give one another name: NAME=FILE (Python: Study(..., name=NAME))."
        )
    taken = set(counts)
    named = []
    for study in studies:
        label = study.label
        if study.name is None and counts[label] > 1:
            label = next(name for k in itertools.count(1) if (name := f"{study.label}_{k}") not in taken)
            taken.add(label)
        named.append(study if label == study.label else Study(**(vars(study) | {"name": label})))
    return named


def refuse_nothing(summaries: Sequence[StudySummary]) -> None:
    """Raise an error if no row of any study has been used."""
    if any(summary.log.rows_used for summary in summaries):
        return
    lines = ["no row of any study can be used"]
    for summary in summaries:
        reasons = ", ".join(f"{rule} {count:,}" for rule, count in summary.log.excluded.items()) or "no rows"
        lines.append(f"  {summary.file}: {summary.log.rows_read:,} rows read; {reasons}")
        for finding in list(summary.log)[:1]:
            for example in finding.examples[:1]:
                lines.append(
                    f"    first: line {example.line}, {example.variant_id}: {finding.rule} ({example.value!r}):"
                    f" {finding.reason}"
                )
    raise GwasmetaError("\n".join(lines))
