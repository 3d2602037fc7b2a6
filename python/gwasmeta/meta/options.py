"""What can be chosen about a meta-analysis, checked once and never changed after."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, get_args

from gwasmeta.errors import GwasmetaError

Method = Literal["fixed", "random", "sample_size"]
TauSquared = Literal["DL", "PM", "REML", "ML", "SJ", "HE", "HS", "EB"]
Match = Literal["id", "position"]
Palindromic = Literal["keep", "drop", "infer"]


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
        _check_range("palindromic window", self.palindromic_window, 0, 0.5)
        _check_range("frequency difference", self.frequency_difference, 0, 1)
        _check_range("direction p", self.direction_p, 0, 1)
        _check_range("min studies", self.min_studies, 1, 10**6)
        _check_range("min n", self.min_n, 0, 10**12)
        if self.hartung_knapp and "random" not in methods:
            raise GwasmetaError("Hartung-Knapp is a test of random effects: add random to the methods")
        chosen = self.genomic_control_variants
        if chosen is not None and not isinstance(chosen, str | os.PathLike):
            object.__setattr__(self, "genomic_control_variants", tuple(map(str, chosen)))
        if self.leave_one_out and "fixed" not in methods:
            raise GwasmetaError("leave-one-out gives fixed-effects estimates: add fixed to the methods")

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
        return "random" in self.methods or self.leave_one_out


def _check_choice(what: str, value: Any, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise GwasmetaError(f"{what} {value!r}: choose among {', '.join(choices)}")


def _check_range(what: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise GwasmetaError(f"{what} = {value}: must be from {low} to {high}")
