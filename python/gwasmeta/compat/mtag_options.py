"""MTAG's command line."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, NoReturn

from gwasmeta.compat.mtag_help import add_options
from gwasmeta.compat.mtag_studies import refuse_beside_list
from gwasmeta.errors import GwasmetaError

if TYPE_CHECKING:
    from gwasmeta.cluster import Cluster
    from gwasmeta.multitrait.covariances import Covariance

_NUMBERS_PER_TRAIT = ("n_value", "maf_min", "info_min", "n_min", "n_max", "homogNs_frac", "homogNs_dist")


@dataclass(frozen=True)
class MtagOptions:
    """What a command line of MTAG asks for, by the names of its options.

    Attributes
    ----------
    words : tuple of str
        The command line itself.
    answer : str, optional
        To be printed instead of anything done: the help.
    studies : str, optional
        A list of traits, in the place of `sumstats`; the result has gwasmeta's own form then.
    report : str, optional
        An HTML file to be written of the result.
    n_value, maf_min, info_min, n_min, n_max, homogNs_frac, homogNs_dist : tuple of float, optional
        One number for all traits or one for each; None if not given.
    workers, scheduler : int, str, optional
        Where the work is done: on processes of this machine, or on the workers of a Dask scheduler.
    """

    words: tuple[str, ...]
    answer: str | None
    sumstats: tuple[str, ...]
    studies: str | None
    report: str | None
    out: str
    make_full_path: bool
    meta_format: bool
    gencov_path: str | None
    residcov_path: str | None
    ld_ref_panel: str | None
    snp_name: str
    z_name: str
    beta_name: str
    se_name: str
    n_name: str
    n_value: tuple[float, ...] | None
    eaf_name: str
    no_chr_data: bool
    chr_name: str
    bpos_name: str
    a1_name: str
    a2_name: str
    p_name: str
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    only_chr: tuple[str, ...]
    homogNs_frac: tuple[float, ...] | None  # noqa: N815 - MTAG's name
    homogNs_dist: tuple[float, ...] | None  # noqa: N815
    maf_min: tuple[float, ...] | None
    n_min: tuple[float, ...] | None
    n_max: tuple[float, ...] | None
    info_min: tuple[float, ...] | None
    incld_ambig_snps: bool
    no_allele_flipping: bool
    median_z_cutoff: float
    use_beta_se: bool
    no_overlap: bool
    perfect_gencov: bool
    equal_h2: bool
    force: bool
    numerical_omega: bool
    std_betas: bool
    fdr: bool
    skip_mtag: bool
    grid_file: str | None
    fit_ss: bool
    intervals: int
    p_sig: float
    verbose: bool
    stream_stdout: bool
    workers: int | None
    scheduler: str | None

    @property
    def covariance(self) -> Covariance:
        """How the traits' genetic effects covary."""
        if not self.perfect_gencov:
            return "free"
        return "identical_traits" if self.equal_h2 else "perfect_correlation"

    @property
    def cluster(self) -> Cluster:
        """Where the work is done."""
        return self.workers if self.scheduler is None else self.scheduler

    def of_trait(self, option: str, trait: int) -> float | None:
        """Return the number that an option gives for a trait, counted from 0; None if it gives none."""
        numbers: tuple[float, ...] | None = getattr(self, option)
        if numbers is None:
            return None
        return numbers[trait] if len(numbers) > 1 else numbers[0]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise GwasmetaError(f"{message}\n  gwasmeta mtag --help explains the options.")


def parse_options(words: Sequence[str]) -> MtagOptions:
    """Understand a command line as MTAG does; an option's beginning is enough where it is clear.

    Raises
    ------
    GwasmetaError
        If an option is not known or lacks its value, a value is impossible, or options contradict each other.
    """
    parser = _Parser(prog="gwasmeta mtag", add_help=False, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    given: dict[str, Any] = vars(parser.parse_args(list(words)))
    if given.pop("help"):
        return _answer(parser.format_help(), given)
    if given["studies"] is not None:
        refuse_beside_list(given, vars(parser.parse_args([])))
    for option in ("sumstats", "include", "exclude", "only_chr"):
        given[option] = _split(given[option], option)
    for option in _NUMBERS_PER_TRAIT:
        given[option] = None if given[option] is None else _numbers(given[option], option)
    options = _made(words, given)
    _refuse_contradictions(options)
    return options


def _made(words: Sequence[str], given: dict[str, Any], answer: str | None = None) -> MtagOptions:
    known = {field.name for field in fields(MtagOptions)}  # a few options have no effect
    return MtagOptions(
        words=tuple(words), answer=answer, **{name: value for name, value in given.items() if name in known}
    )


def _answer(text: str, given: dict[str, Any]) -> MtagOptions:
    return _made((), given, text)


def _split(text: str | None, option: str) -> tuple[str, ...]:
    if text is None:
        return ()
    parts = tuple(part.strip() for part in text.split(","))
    if not all(parts):
        raise GwasmetaError(f"--{option} {text}: something is missing beside a comma; write A,B without blanks")
    return parts


def _numbers(text: str, option: str) -> tuple[float, ...]:
    numbers = []
    for part in _split(text, option):
        try:
            number = float(part)
        except ValueError:
            number = math.nan
        if not 0 <= number < math.inf:
            raise GwasmetaError(f"--{option} {text}: {part!r} is no number of at least 0")
        numbers.append(number)
    return tuple(numbers)


def _refuse_contradictions(options: MtagOptions) -> None:
    if options.skip_mtag:
        if not options.fdr:
            raise GwasmetaError("--skip_mtag leaves nothing to do: add --fdr, or take it away")
        if options.report is not None:
            raise GwasmetaError("--report shows MTAG's result, which --skip_mtag does without: take one of them away")
        return
    if not options.sumstats and options.studies is None:
        raise GwasmetaError("which traits? Give their files by --sumstats FILE1,FILE2,... or --studies LIST")
    n_traits = len(options.sumstats)
    for option in _NUMBERS_PER_TRAIT:
        numbers = getattr(options, option)
        if numbers is not None and len(numbers) not in (1, n_traits):
            raise GwasmetaError(
                f"--{option}: {len(numbers)} numbers for {n_traits} traits\n"
                "  Give one for all of them, or one for each."
            )
    for one, other, remedy in (
        (options.homogNs_frac, options.homogNs_dist, "--homogNs_frac and --homogNs_dist are two limits for the same"),
        (options.numerical_omega, options.gencov_path, "--numerical_omega estimates what --gencov_path gives"),
        (options.equal_h2, options.gencov_path, "--equal_h2 leaves nothing for --gencov_path to give"),
        (options.equal_h2, options.numerical_omega, "--equal_h2 leaves nothing for --numerical_omega to estimate"),
        (options.equal_h2, options.meta_format, "--equal_h2 has one table for all traits, --meta_format one for each"),
        (options.grid_file, options.fit_ss, "--grid_file gives the points that --fit_ss would choose"),
    ):
        if one and other:
            raise GwasmetaError(f"{remedy}: give one of them")
    if options.equal_h2 and not options.perfect_gencov:
        raise GwasmetaError(
            "--equal_h2 without --perfect_gencov: traits of equal heritability that are not the same trait have no"
            " estimator here\n  Add --perfect_gencov to combine studies of one trait, or take --equal_h2 away."
        )
