"""What can be chosen about a meta-analysis, checked once and never changed after."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, get_args

from gwasmeta.errors import GwasmetaError
from gwasmeta.stats.genomic_control import CHI_SQUARED_1_MEDIAN
from gwasmeta.sumstats.plan import AlleleWords

Method = Literal["fixed", "random", "sample_size"]
TauSquared = Literal["DL", "PM", "REML", "ML", "SJ", "HE", "HS", "EB"]
Match = Literal["id", "position"]
Palindromic = Literal["keep", "drop", "infer"]
PositionConflicts = Literal["warn", "exclude"]
Overlap = Literal["estimated", "sequential"]
Rows: TypeAlias = tuple[tuple[float, ...], ...]
Sex = Literal["male", "female"]


@dataclass(frozen=True)
class Conventions:
    """Where other programs decide otherwise than gwasmeta, and their numbers can be had only by doing as they do.

    Attributes
    ----------
    alleles : {"words", "bases", "none"}
        What an allele may be: any word; one of A, C, G and T; or they are not read, and all effects are taken to be
        of the same allele.
    ignore_case_of_ids : bool
    lambda_rows : {"used", "valid"}
        The rows that a study's inflation is estimated from: those that are used, or all that have an effect and
        pass the filters.
    lambda_median : {"middle", "upper"}
        Of an even number of statistics: the mean of the middle two, or the upper one.
    chi_squared_median : float
        What the median is divided by.
    corrected_frequency_weights : bool
        Weight frequencies by the variances of the effects after genomic control, even where all studies give n.
    closed_frequencies : bool
        Let an allele have frequency 0 or 1.
    chromosomes_as_written : bool
        Give chromosomes as the first study spells them.
    incomplete_n_is_missing : bool
        Give no total n for a variant if one of its studies does not say its own.
    """

    alleles: AlleleWords = "words"
    ignore_case_of_ids: bool = False
    lambda_rows: Literal["used", "valid"] = "used"
    lambda_median: Literal["middle", "upper"] = "middle"
    chi_squared_median: float = CHI_SQUARED_1_MEDIAN
    corrected_frequency_weights: bool = False
    closed_frequencies: bool = False
    chromosomes_as_written: bool = False
    incomplete_n_is_missing: bool = False


@dataclass(frozen=True)
class MetaOptions:
    """Options of `gwasmeta.meta_analyze`, which documents them.

    Raises
    ------
    GwasmetaError
        If a value is not one of the possible ones.
    """

    methods: tuple[Method, ...] = ("fixed",)
    tau_squared: TauSquared = "DL"
    hartung_knapp: bool = False
    genomic_control: bool = False
    genomic_control_variants: str | os.PathLike[str] | Iterable[str] | None = None
    genomic_control_result: bool = False
    match: Match = "id"
    palindromic: Palindromic = "keep"
    palindromic_window: float = 0.08
    frequency_difference: float = 0.3
    min_studies: int = 1
    min_n: float = 0
    direction_p: float = 1.0
    leave_one_out: bool = False
    sex_differentiated: bool = False
    position_conflicts: PositionConflicts = "warn"
    overlap: Overlap | Rows | None = None
    z_cutoff: float = 1.0
    conventions: Conventions = Conventions()

    def __post_init__(self) -> None:
        methods: tuple[Method, ...] = tuple(dict.fromkeys(self.methods))
        object.__setattr__(self, "methods", methods)
        for method in methods:
            _check_choice("method", method, get_args(Method))
        if not methods:
            raise GwasmetaError(f"no method: choose among {', '.join(get_args(Method))}")
        _check_choice("tau-squared estimator", self.tau_squared, get_args(TauSquared))
        _check_choice("match", self.match, get_args(Match))
        _check_choice("palindromic", self.palindromic, get_args(Palindromic))
        _check_choice("position conflicts", self.position_conflicts, get_args(PositionConflicts))
        _check_range("palindromic window", self.palindromic_window, 0, 0.5)
        _check_range("frequency difference", self.frequency_difference, 0, 1)
        _check_range("direction p", self.direction_p, 0, 1)
        _check_range("min studies", self.min_studies, 1, 10**6)
        _check_range("min n", self.min_n, 0, 10**12)
        if self.conventions.corrected_frequency_weights and self.palindromic == "infer":
            raise GwasmetaError("strands cannot be inferred by frequencies that are averaged after genomic control")
        if self.hartung_knapp and "random" not in methods:
            raise GwasmetaError("Hartung-Knapp is a test of random effects: add random to the methods")
        chosen = self.genomic_control_variants
        if chosen is not None and not isinstance(chosen, str | os.PathLike):
            object.__setattr__(self, "genomic_control_variants", tuple(map(str, chosen)))
        if chosen is not None and not self.genomic_control:
            raise GwasmetaError(
                "variants for genomic control are given, but no genomic control is asked for: add it"
                " (--genomic-control, in Python genomic_control=True)"
            )
        if self.leave_one_out and "fixed" not in methods:
            raise GwasmetaError("leave-one-out gives fixed-effects estimates: add fixed to the methods")
        self._check_overlap()
        if self.sex_differentiated and self.main_method == "sample_size":
            raise GwasmetaError(
                "sex-differentiated analysis compares effects: give fixed or random as the (first) method"
            )

    def _check_overlap(self) -> None:
        _check_range("z cutoff", self.z_cutoff, 1e-3, 40)
        if isinstance(self.overlap, str):
            _check_choice("overlap", self.overlap, get_args(Overlap))
        elif self.overlap is not None:
            object.__setattr__(self, "overlap", tuple(tuple(map(float, row)) for row in self.overlap))
        if self.overlap is not None and "random" in self.methods:
            raise GwasmetaError(
                "overlap of samples is allowed for in fixed effects and the sample-size method, not in random effects"
            )
        if self.overlap is not None and (self.leave_one_out or self.sex_differentiated):
            raise GwasmetaError(
                "overlap of samples is not allowed for in leave-one-out and sex-differentiated estimates:"
                " ask for these in a run of their own"
            )
        if self.overlap == "sequential" and self.methods != ("sample_size",):
            raise GwasmetaError("METAL's sequential correction is one of the sample-size method: give it alone")

    def findable(self) -> MetaOptions:
        """Return the options as a process in another folder understands them: by whole paths."""
        listed = self.genomic_control_variants
        if not isinstance(listed, str | os.PathLike):
            return self
        return replace(self, genomic_control_variants=os.path.abspath(listed))

    @property
    def main_method(self) -> Method:
        """The method whose results have the plain column names: the first one."""
        return self.methods[0]

    @property
    def needs_effects(self) -> bool:
        """Whether effects with standard errors are combined."""
        return "fixed" in self.methods or "random" in self.methods

    @property
    def needs_z(self) -> bool:
        """Whether z statistics are combined, weighted by sample size."""
        return "sample_size" in self.methods

    @property
    def needs_matrix(self) -> bool:
        """Whether every study's value is needed again after all have been read."""
        return "random" in self.methods or self.leave_one_out or (self.needs_effects and self.correlates_studies)

    @property
    def correlates_studies(self) -> bool:
        """Whether studies are combined with the correlation that shared samples give them."""
        return self.overlap is not None and self.overlap != "sequential"


def _check_choice(what: str, value: Any, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise GwasmetaError(f"{what} {value!r}: choose among {', '.join(choices)}")


def _check_range(what: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise GwasmetaError(f"{what} = {value}: must be from {low} to {high}")
