"""The public function of the multi-trait analysis."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Literal

from gwasmeta.cluster import Cluster, workers_of
from gwasmeta.errors import GwasmetaError
from gwasmeta.ldscores.panel import LdScorePanel
from gwasmeta.meta.analyze import as_studies
from gwasmeta.multitrait.combine import CombiningOptions, all_snps, common_snps
from gwasmeta.multitrait.covariances import Covariance, ModelOptions, estimate_covariances
from gwasmeta.multitrait.estimation import Analysis
from gwasmeta.multitrait.given_matrix import Matrix, given_matrix
from gwasmeta.multitrait.munge import CleaningOptions, TraitSummary, munge
from gwasmeta.multitrait.panel_source import panel_as_json, panel_of
from gwasmeta.multitrait.read_trait import TraitSource, read_trait
from gwasmeta.multitrait.result import MtagResult
from gwasmeta.multitrait.trait_rows import Names, TraitRows
from gwasmeta.sumstats.study import Study

if TYPE_CHECKING:
    from gwasmeta.sumstats.study import StudySource


def mtag(
    traits: Iterable[Study | StudySource] | Mapping[str, Study | StudySource],
    *,
    ld_scores: LdScorePanel | str | os.PathLike[str] | None = None,
    covariance: Covariance = "free",
    overlap: bool = True,
    sigma: Matrix | None = None,
    omega: Literal["moments", "likelihood"] | Matrix = "moments",
    snps: Literal["common", "all"] = "common",
    standardised: bool = False,
    maf_min: float | None = 0.01,
    info_min: float | None = None,
    n_min: float | None = None,
    n_max: float | None = None,
    filters: str | Iterable[str] = (),
    ambiguous: bool = False,
    include: Iterable[str] | None = None,
    exclude: Iterable[str] | None = None,
    chromosomes: Iterable[str | int] | None = None,
    median_z_max: float = 0.1,
    mean_chi_squared_min: float = 1.02,
    cluster: Cluster = None,
) -> MtagResult:
    """Estimate each of several traits from the summary statistics of all of them.

    Parameters
    ----------
    traits : iterable of path, frame or Study, or mapping of name to these
        One item a trait. `Study` says what a file does not: a name, sample sizes, renamed columns, a dialect.
    ld_scores : path or LdScorePanel, optional
        Folder or beginning of the names of the files of LD scores; those that ``gwasmeta ldscores fetch`` has fetched
        if not given. Not needed if `sigma` is given.
    covariance : {"free", "perfect_correlation", "identical_traits"}
        Of the genetic effects: any; all genetic correlations 1; or all studies are of the same trait, and one table is
        the result.
    overlap : bool
        False if the traits' studies have nobody in common.
    sigma : matrix or path, optional
        Covariance of the errors of the z statistics, to be used instead of the estimate by LD score regression.
    omega : {"moments", "likelihood"}, matrix or path
        How to estimate the covariance of the standardised effects; or that covariance itself.
    snps : {"common", "all"}
        SNPs of the result: those that all traits have, or every SNP, estimated from the traits that have it.
    standardised : bool
        Effects per standard deviation of the genotype and of the trait, instead of per copy of the allele.
    maf_min : float, optional
        Minor allele frequency must be above this. None for no such rule.
    info_min : float, optional
        Imputation quality must be at least this.
    n_min, n_max : float, optional
        Bounds of the sample size. The lower one is the trait's 90th percentile divided by 1.5 if not given.
    filters : str or iterable of str
        Conditions that every row of every trait must satisfy, such as ``"info >= 0.4"``.
    ambiguous : bool
        Keep A/T and C/G SNPs; covariances are estimated without them all the same.
    include, exclude : iterable of str, optional
        Ids of SNPs to restrict to, and to leave out.
    chromosomes : iterable of str or int, optional
        To restrict to, as the first trait's file calls them.
    median_z_max : float
        A trait whose median z is further from 0 is refused.
    mean_chi_squared_min : float
        A trait whose mean z² is smaller is refused; 0 to take any.
    cluster : int, str or distributed.Client, optional
        Where Sigma and the estimates are computed, to the same bits: on so many processes of this machine, or on the
        workers of a Dask scheduler, at an address or by its client; on threads if not given. It wins time from some
        dozens of traits on: of three, all of it takes half a second of a core. Workers and this process must see the
        folder of temporary files (TMPDIR) under the same path. See also `MtagResult.max_fdr`.

    Returns
    -------
    MtagResult

    Raises
    ------
    GwasmetaError
        If a trait cannot be read or used, or the traits do not go together. The message names the trait and says what
        to do.

    References
    ----------
    Turley et al. (2018), Nature Genetics 50:229.

    Examples
    --------
    >>> import gwasmeta
    >>> result = gwasmeta.mtag({"height": "height.txt.gz", "weight": "weight.txt.gz"})  # doctest: +SKIP
    >>> result.traits["height"].table  # doctest: +SKIP
    """
    studies = as_studies(traits, (filters,) if isinstance(filters, str) else tuple(filters))
    cleaning = CleaningOptions(maf_min, info_min, n_min, n_max, median_z_max, mean_chi_squared_min)
    model = _model(covariance, overlap, sigma, omega, [study.label for study in studies])
    names = Names()
    if snps not in ("common", "all"):
        raise GwasmetaError(f'snps {snps!r}: choose "common" or "all"')
    with workers_of(cluster) as workers:  # before the traits are read: a scheduler that is not there is told at once
        rows, summaries, sources = map(
            list, zip(*(_cleaned(study, names, cleaning, standardised) for study in studies), strict=True)
        )
        combining = CombiningOptions(
            ambiguous,
            included=None if include is None else names.among(include),
            excluded=None if exclude is None else names.among(exclude),
            chromosomes=None if chromosomes is None else frozenset(map(str, chromosomes)),
        )
        common = common_snps(rows, names, combining)
        chosen = all_snps(rows, names, combining) if snps == "all" else common
        rows.clear()  # they are in `common` and `chosen`, and large
        panel = panel_of(ld_scores) if model.sigma is None else None
        labels = [study.label for study in studies]
        covariances = estimate_covariances(common, labels, panel, model, workers)
        analysis = Analysis.of(chosen, covariances, labels, workers)
    return MtagResult(
        analysis,
        summaries,
        sources,
        asdict(cleaning)
        | {"covariance": covariance, "overlap": overlap, "snps": snps, "ambiguous": ambiguous}
        | {"sigma_given": sigma is not None, "omega": omega if isinstance(omega, str) else "given"}
        | {"chromosomes": sorted(combining.chromosomes or ()), "filters": [list(study.conditions) for study in studies]}
        | {"include": include is not None, "exclude": exclude is not None, "standardised": standardised}
        | {"ld_scores": None if panel is None else panel_as_json(panel)},
        standardised=standardised,
        combined=covariance == "identical_traits",
    )


def _cleaned(
    study: Study, names: Names, options: CleaningOptions, standardised: bool
) -> tuple[TraitRows, TraitSummary, TraitSource]:
    read = read_trait(study, names)
    rows = read.rows
    where = f"trait {study.label} ({study.file})"
    if rows.frequency is None and len(rows) and (options.maf_min is not None or not standardised):
        raise GwasmetaError(
            f"{where}: has no allele frequencies, which the filter by them (maf_min) and effects per allele need\n"
            "  Name the column (columns={'effect_allele_frequency': 'WORD'}), or do without both:"
            " maf_min=None, standardised=True."
        )
    if rows.info is None and len(rows) and options.info_min is not None:
        raise GwasmetaError(
            f"{where}: has no column for info, which info_min asks for\n  Name it: columns={{'info': 'WORD'}}."
        )
    kept, summary = munge(rows, options, read.steps)
    return kept, summary, read.source


def _model(
    covariance: Covariance, overlap: bool, sigma: Matrix | None, omega: Matrix, names: Sequence[str]
) -> ModelOptions:
    if covariance not in ("free", "perfect_correlation", "identical_traits"):
        raise GwasmetaError(
            f'covariance {covariance!r}: choose among "free", "perfect_correlation" and "identical_traits"'
        )
    by_name = isinstance(omega, str) and omega in ("moments", "likelihood")
    return ModelOptions(
        covariance,
        overlap,
        likelihood=by_name and omega == "likelihood",
        sigma=None if sigma is None else given_matrix(sigma, "sigma", names),
        omega=None if by_name else given_matrix(omega, "omega", names),
    )
