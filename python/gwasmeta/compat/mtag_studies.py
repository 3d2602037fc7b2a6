"""MTAG's options beside a list of traits: files of any format, and results in gwasmeta's own form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gwasmeta.compat.mtag_lists import read_lists
from gwasmeta.errors import GwasmetaError

if TYPE_CHECKING:
    from gwasmeta.compat.mtag_options import MtagOptions
    from gwasmeta.multitrait.result import MtagResult

_USUAL_IDS = "snpid"  # header of a list of SNPs, if it is not SNP

# Options that do in an analysis of a list what they do for MTAG; the numbers are for all traits.
_ONE_NUMBER = ("maf_min", "info_min", "n_min", "n_max")
_TAKEN = {
    *("studies", "report", "out", "make_full_path", "ld_ref_panel", "residcov_path", "gencov_path", "meta_format"),
    *("include", "exclude", "only_chr", "incld_ambig_snps", "median_z_cutoff", "force", *_ONE_NUMBER),
    *("no_overlap", "perfect_gencov", "equal_h2", "numerical_omega", "std_betas", "stream_stdout"),
    *("workers", "scheduler"),
}
_COLUMNS = "the formats are recognised, and a trait's field  columns  names what is not"
_LIMITS = "a trait's field  filters  takes conditions such as  n > 90000"
_MAX_FDR = "run  gwasmeta plot maxfdr PREFIX.json  afterwards, or  result.max_fdr()  in Python"
_INSTEAD = {
    "sumstats": "the list has the files",
    "n_value": "a trait's field  n  gives its sample size",
    "homogNs_frac": _LIMITS,
    "homogNs_dist": _LIMITS,
    **dict.fromkeys(("use_beta_se", "no_chr_data"), _COLUMNS),
    **{f"{name}_name": _COLUMNS for name in ("snp", "z", "beta", "se", "n", "eaf", "chr", "bpos", "a1", "a2", "p")},
    **dict.fromkeys(("fdr", "skip_mtag", "intervals", "grid_file", "fit_ss", "p_sig", "n_approx"), _MAX_FDR),
}


def refuse_beside_list(given: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
    """Refuse what a list of traits leaves no meaning to, rather than to pass over it.

    Parameters
    ----------
    given, defaults : mapping
        Values of all options, by their names, as on the command line; and as on an empty one.

    Raises
    ------
    GwasmetaError
        If an option does not go together with --studies.
    """
    for name, value in given.items():
        if value != defaults[name] and name not in _TAKEN:
            remedy = _INSTEAD.get(name, "it has no meaning there; take it away")
            raise GwasmetaError(f"--{name} does not go together with --studies: {remedy}")
        if name in _ONE_NUMBER and value is not None and "," in value:
            raise GwasmetaError(
                f"--{name} {value}: beside --studies there is one number for all traits\n  For one of them, {_LIMITS}."
            )


def analyse_list(options: MtagOptions) -> Iterator[str]:
    """Analyse the traits of a list by `gwasmeta.mtag`, write the result, and yield what is to be said of it.

    Raises
    ------
    GwasmetaError
        If a trait cannot be read or used, or a file cannot be written.
    """
    assert options.studies is not None
    from gwasmeta.meta.analyze import with_distinct_names
    from gwasmeta.multitrait.result import result_paths
    from gwasmeta.sumstats.manifest import read_manifest
    from gwasmeta.sumstats.sink import refuse_overwriting

    if options.make_full_path:
        Path(options.out).parent.mkdir(parents=True, exist_ok=True)
    traits = with_distinct_names(read_manifest(options.studies))
    for path in result_paths(options.out, ["combined"] if options.equal_h2 else [trait.label for trait in traits]):
        refuse_overwriting(path, [trait.path for trait in traits])
    if options.report is not None:
        from gwasmeta.report.page import refuse_impossible_report

        refuse_impossible_report(options.report)
    result = _analysed(options, traits)
    paths = result.write(options.out)
    if options.report is not None:
        paths.append(result.report(options.report, title=Path(options.out).name))
    yield repr(result)
    yield f"written: {', '.join(map(str, paths))}"


def _analysed(options: MtagOptions, traits: list[Any]) -> MtagResult:
    from gwasmeta.multitrait.analyze import mtag

    limits: dict[str, Any] = {name: options.of_trait(name, 0) for name in _ONE_NUMBER}
    if options.force:
        limits["mean_chi_squared_min"] = 0.0
    return mtag(
        traits,
        ld_scores=options.ld_ref_panel,
        covariance=options.covariance,
        overlap=not options.no_overlap,
        sigma=options.residcov_path,
        omega=options.gencov_path or ("likelihood" if options.numerical_omega else "moments"),
        snps="all" if options.meta_format else "common",
        standardised=options.std_betas,
        ambiguous=options.incld_ambig_snps,
        include=read_lists(options.include, _USUAL_IDS),
        exclude=read_lists(options.exclude, _USUAL_IDS),
        chromosomes=options.only_chr or None,
        median_z_max=options.median_z_cutoff,
        cluster=options.cluster,
        **{name: number for name, number in limits.items() if number is not None},
    )
