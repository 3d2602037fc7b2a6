"""Formulas for canonical columns that a file does not have but that follow from what it has.

A dialect names a formula and its inputs; a new one is an entry in `FORMULAS`. They run on whole blocks, and only
where a file needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from gwasmeta.sumstats.effects import CONFIDENCE_FACTOR, FloatArray
from gwasmeta.sumstats.word_parts import part, tag
from gwasmeta.sumstats.words import Words, chosen_words, same_words


@dataclass(frozen=True)
class Formula:
    """One way to work out a column.

    Attributes
    ----------
    inputs : tuple of {"number", "words"}
        What each input is read as.
    function : callable
        From the inputs and the argument of the declaration to a column of numbers or of words.
    explained : str
        For people; `{0}`, `{1}` stand for the inputs, `{argument}` for the argument.
    gives : {"number", "words"}
    """

    inputs: tuple[Literal["number", "words"], ...]
    function: Callable[[Sequence[Any], str], FloatArray | Words]
    explained: str
    gives: Literal["number", "words"] = "number"


@dataclass(frozen=True)
class DerivedColumn:
    """A canonical column of one file and what it is worked out from.

    Attributes
    ----------
    column : str
    formula : str
        Name of an entry of `FORMULAS`.
    inputs : tuple of str
        Names under which the inputs are read.
    places : dict of str to int
        Of those inputs that are columns of the file: their places in the header, counted from 0.
    argument : str
    explained : str
        For people: "1 / SQRT_V_STAT".
    """

    column: str
    formula: str
    inputs: tuple[str, ...]
    places: dict[str, int]
    argument: str
    explained: str


def work_out(columns: Sequence[DerivedColumn], words: dict[str, Words], numbers: dict[str, FloatArray]) -> None:
    """Add derived columns to those read, and take away what was read for them alone."""
    for column in columns:
        formula = FORMULAS[column.formula]
        given = [
            (words if kind == "words" else numbers)[name]
            for kind, name in zip(formula.inputs, column.inputs, strict=True)
        ]
        with np.errstate(divide="ignore", invalid="ignore"):
            values = formula.function(given, column.argument)
        if isinstance(values, Words):
            words[column.column] = values
        else:
            numbers[column.column] = values
    for column in columns:
        for name in column.places:
            words.pop(name, None)
            numbers.pop(name, None)


def same_letters(first: Words, second: Words) -> Any:
    """Say in which rows two columns have the same word, in any case."""
    return same_words(first.data, first.starts, first.lengths, second.data, second.starts, second.lengths)


def _frequency_from_genotype_counts(given: Sequence[FloatArray], _: str) -> FloatArray:
    first, both, second = given
    frequency: FloatArray = (2 * second + both) / (2 * (first + both + second))
    return frequency


def _frequency_of_minor(given: Sequence[Any], _: str) -> FloatArray:
    effect, minor, frequency = given
    of_effect: FloatArray = np.where(same_letters(effect, minor), frequency, 1 - frequency)
    return of_effect


def _number_part(given: Sequence[Words], argument: str) -> FloatArray:
    return part(given[0], ":", int(argument)).numbers()


def _tag_if_disease(given: Sequence[Any], argument: str) -> FloatArray:
    texts, otherwise, n_controls = given
    return np.where(np.isnan(n_controls), otherwise, tag(texts, argument).numbers())


def _sum_of_given(given: Sequence[FloatArray], _: str) -> FloatArray:
    return np.nan_to_num(given[0]) + np.nan_to_num(given[1])


def _first_given(given: Sequence[Words], _: str) -> Words:
    first, second = given
    missing = first.missing()
    return chosen_words(missing, second, first) if missing.any() else first


def _beta_or_log_odds(given: Sequence[FloatArray], _: str) -> FloatArray:
    beta, odds_ratio = given
    return np.where(np.isnan(beta), np.log(odds_ratio), beta)


def _interval(given: Sequence[FloatArray], _: str) -> FloatArray:
    lower, upper, odds_ratio = given
    width = np.where(np.isnan(odds_ratio), upper - lower, np.log(upper) - np.log(lower))
    return width / (2 * CONFIDENCE_FACTOR)


def _error_or_interval(given: Sequence[FloatArray], argument: str) -> FloatArray:
    return np.where(np.isnan(given[0]), _interval(given[1:], argument), given[0])


def _magnitude(given: Sequence[FloatArray], _: str) -> FloatArray:
    """Take -log10 p from a column whose sign is unknown: a value of the rarer sign is no p-value."""
    values = given[0]
    is_negative = bool(np.sum(values < 0) > np.sum(values > 0))
    values = -values if is_negative else values
    return np.where(values >= 0, values + 0.0, np.nan)


FORMULAS: dict[str, Formula] = {
    "ratio": Formula(("number", "number"), lambda given, _: given[0] / given[1], "{0} / {1}"),
    "log_ratio": Formula(("number", "number"), lambda given, _: np.log(given[0]) / given[1], "ln({0}) / {1}"),
    "inverse": Formula(("number",), lambda given, _: 1 / given[0], "1 / {0}"),
    "frequency_from_genotype_counts": Formula(
        ("number", "number", "number"),
        _frequency_from_genotype_counts,
        "(2 {2} + {1}) / (2 ({0} + {1} + {2}))",
    ),
    "frequency_of_minor": Formula(
        ("words", "words", "number"), _frequency_of_minor, "{2} where {1} is the effect allele, 1 - {2} elsewhere"
    ),
    "part": Formula(
        ("words",), lambda given, argument: part(given[0], ":", int(argument)), "part {argument} of {0}", "words"
    ),
    "number_part": Formula(("words",), _number_part, "part {argument} of {0}"),
    "tag": Formula(("words",), lambda given, argument: tag(given[0], argument).numbers(), "{argument} in {0}"),
    "tag_if_disease": Formula(
        ("words", "number", "number"), _tag_if_disease, "{argument} in {0}; {1} where {2} is missing"
    ),
    "sum_of_given": Formula(("number", "number"), _sum_of_given, "{0} + {1}"),
    "number_if_given": Formula(
        ("number", "number"), lambda given, _: np.where(np.isnan(given[1]), np.nan, given[0]), "{0} where {1} is given"
    ),
    "first_of_list": Formula(("words",), lambda given, _: part(given[0], ",", 0), "the first of {0}", "words"),
    "first_given": Formula(("words", "words"), _first_given, "{0}, or {1} where it is missing", "words"),
    "beta_or_log_odds": Formula(("number", "number"), _beta_or_log_odds, "{0}, or ln({1}) where it is missing"),
    "interval": Formula(("number", "number", "number"), _interval, "from {0} and {1}"),
    "error_or_interval": Formula(
        ("number", "number", "number", "number"), _error_or_interval, "{0}, or from {1} and {2} where it is missing"
    ),
    "magnitude": Formula(("number",), _magnitude, "{0} without its sign"),
}
