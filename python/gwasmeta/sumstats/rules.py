"""The rules that can exclude a row or blank a value, as a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from gwasmeta.sumstats.effects import Numbers

Broken = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class RowRule:
    """A named condition that rows must not meet.

    Attributes
    ----------
    name, reason : str
        How the log calls the rule, and why it is there.
    needs : tuple of str
        Columns that it looks at; it applies where all of them are read. The first is the one that the log shows.
    broken : callable
        From the numbers of a block to a mask of the rows that break the rule.
    action : "excluded" or "blanked"
        What happens to such a row: it is left out, or the value of its first column is taken as missing.
    """

    name: str
    reason: str
    needs: tuple[str, ...]
    broken: Callable[[Numbers], Broken]
    action: Literal["excluded", "blanked"] = "excluded"


def _not_a_number(column: str) -> Callable[[Numbers], Broken]:
    return lambda numbers: ~np.isfinite(numbers[column])


def _not_positive(column: str) -> Callable[[Numbers], Broken]:
    return lambda numbers: ~(numbers[column] > 0)


def _no_count(column: str) -> Callable[[Numbers], Broken]:
    return lambda numbers: (numbers[column] <= 0) | np.isinf(numbers[column])


def _not_around(numbers: Numbers) -> Broken:
    lower, middle = numbers["ci_lower"], numbers["odds_ratio"]
    upper = numbers.get("ci_upper", np.inf)
    return ~((lower > 0) & (lower < middle) & (middle < upper) & np.isfinite(lower))


def _frequency_rule(reason: str, possible: Callable[[npt.NDArray[np.float64]], Broken]) -> RowRule:
    def broken(numbers: Numbers) -> Broken:
        frequency = numbers["effect_allele_frequency"]
        return ~(np.isnan(frequency) | possible(frequency))

    return RowRule("effect_allele_frequency_not_within_0_1", reason, ("effect_allele_frequency",), broken, "blanked")


# In place of the rule of this name, for programs that let an allele have frequency 0 or 1.
CLOSED_FREQUENCY_RULE = _frequency_rule("no allele has such a frequency", lambda f: (f >= 0) & (f <= 1))

# The first rule that a row breaks is the one that it is counted under.
VALUE_RULES = (
    _frequency_rule("no allele that was tested has such a frequency", lambda f: (f > 0) & (f < 1)),
    RowRule("beta_missing", "the effect is missing or no number", ("beta",), _not_a_number("beta")),
    RowRule(
        "odds_ratio_missing", "the odds ratio is missing or no number", ("odds_ratio",), _not_a_number("odds_ratio")
    ),
    RowRule("odds_ratio_not_positive", "it has no logarithm", ("odds_ratio",), _not_positive("odds_ratio")),
    RowRule(
        "standard_error_missing",
        "the effect has no weight",
        ("standard_error",),
        _not_a_number("standard_error"),
    ),
    RowRule(
        "standard_error_not_positive",
        "its weight would be infinite or negative",
        ("standard_error",),
        _not_positive("standard_error"),
    ),
    RowRule(
        "standard_error_out_of_range",
        "its weight is beyond what a number can hold; below 1e-50 or above 1e50 it is no standard error",
        ("standard_error",),
        lambda numbers: ~((numbers["standard_error"] > 1e-50) & (numbers["standard_error"] < 1e50)),
    ),
    RowRule(
        "confidence_interval_not_around_odds_ratio",
        "the columns are not what they say, or are those of different effects",
        ("ci_lower", "odds_ratio"),
        _not_around,
    ),
    RowRule("z_missing", "z is missing or no number", ("z",), _not_a_number("z")),
    RowRule(
        "effect_direction_missing",
        "the p-value does not say which way the effect goes",
        ("effect_direction", "neg_log_10_p_value"),
        lambda numbers: np.isnan(numbers["effect_direction"]),
    ),
    RowRule(
        "p_value_not_within_0_1",
        "z is worked out from it; it is missing, zero, negative or above 1",
        ("neg_log_10_p_value",),
        lambda numbers: ~(numbers["neg_log_10_p_value"] >= 0) | np.isinf(numbers["neg_log_10_p_value"]),
    ),
    RowRule(
        "imputed_not_0_or_1",
        "it is taken as genotyped",
        ("imputed",),
        lambda numbers: ~((numbers["imputed"] == 0) | (numbers["imputed"] == 1)),
        "blanked",
    ),
    *(
        RowRule(
            f"{column}_not_positive",
            "no effect comes from so few samples",
            (column,),
            _no_count(column),
            "blanked",
        )
        for column in ("n", "n_cases", "n_controls")
    ),
)
