"""From what a file gives to an effect, its standard error and z."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from gwasmeta.stats.normal import z_from_neg_log_10_p_value

FloatArray: TypeAlias = npt.NDArray[np.float64]
Numbers: TypeAlias = Mapping[str, FloatArray]

# The factor that programs which write 95 % limits use; files carry too few digits for a better one to matter.
CONFIDENCE_FACTOR = 1.96

P_VALUE_COLUMNS = ("neg_log_10_p_value", "log_10_p_value", "p_value")

# Any of these sets makes an effect. The interval's upper limit is not asked for: GWAMA's input may lack it.
EFFECTS_FROM: tuple[tuple[str, ...], ...] = (
    ("beta", "standard_error"),
    ("odds_ratio", "standard_error"),
    ("odds_ratio", "ci_lower"),
    ("z",),
    *((p_value, sign) for p_value in P_VALUE_COLUMNS for sign in ("beta", "odds_ratio", "effect_direction")),
)


def says_effect(columns: Collection[str]) -> bool:
    """Say whether columns give an effect, or at least z."""
    return any(set(columns).issuperset(effect) for effect in EFFECTS_FROM)


@dataclass(frozen=True)
class Recipe:
    """One way to obtain a quantity: the columns it needs, and the formula."""

    name: str
    needs: tuple[str, ...]
    formula: Callable[[Numbers], dict[str, FloatArray]]
    makes: tuple[str, ...] = ("z",)


def _log_odds(numbers: Numbers) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(numbers["odds_ratio"])


def _odds_ratio_with_interval(numbers: Numbers) -> dict[str, FloatArray]:
    with np.errstate(divide="ignore", invalid="ignore"):
        width = np.log(numbers["ci_upper"]) - np.log(numbers["ci_lower"])
    return {"beta": _log_odds(numbers), "standard_error": width / (2 * CONFIDENCE_FACTOR)}


def _odds_ratio_with_lower_limit(numbers: Numbers) -> dict[str, FloatArray]:
    log_odds = _log_odds(numbers)
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "beta": log_odds,
            "standard_error": (log_odds - np.log(numbers["ci_lower"])) / CONFIDENCE_FACTOR,
        }


# In order of preference: the file's own standard error before one worked out from rounded limits.
_EFFECT = ("beta", "standard_error")
EFFECT_RECIPES = (
    Recipe(
        "beta, standard error",
        ("beta", "standard_error"),
        lambda numbers: {"beta": numbers["beta"], "standard_error": numbers["standard_error"]},
        _EFFECT,
    ),
    Recipe(
        "odds ratio, standard error of its logarithm",
        ("odds_ratio", "standard_error"),
        lambda numbers: {"beta": _log_odds(numbers), "standard_error": numbers["standard_error"]},
        _EFFECT,
    ),
    Recipe(
        "odds ratio, 95 % confidence limits",
        ("odds_ratio", "ci_lower", "ci_upper"),
        _odds_ratio_with_interval,
        _EFFECT,
    ),
    Recipe(
        "odds ratio, lower 95 % confidence limit",
        ("odds_ratio", "ci_lower"),
        _odds_ratio_with_lower_limit,
        _EFFECT,
    ),
)


def _signed_z(sign: FloatArray, numbers: Numbers) -> dict[str, FloatArray]:
    return {"z": sign * z_from_neg_log_10_p_value(numbers["neg_log_10_p_value"])}


def _z_of(recipe: Recipe) -> Callable[[Numbers], dict[str, FloatArray]]:
    def formula(numbers: Numbers) -> dict[str, FloatArray]:
        effect = recipe.formula(numbers)
        with np.errstate(divide="ignore", invalid="ignore"):
            return {"z": effect["beta"] / effect["standard_error"]}

    return formula


# For the sample-size weighted method. The study's own test comes first: its p-value may be that of a likelihood
# ratio or a saddle-point approximation, which effect / standard error is not.
Z_RECIPES = (
    Recipe("z", ("z",), lambda numbers: {"z": numbers["z"]}),
    Recipe(
        "p-value, sign of beta",
        ("neg_log_10_p_value", "beta"),
        lambda numbers: _signed_z(np.sign(numbers["beta"]), numbers),
    ),
    Recipe(
        "p-value, sign of log odds ratio",
        ("neg_log_10_p_value", "odds_ratio"),
        lambda numbers: _signed_z(np.sign(_log_odds(numbers)), numbers),
    ),
    Recipe(
        "p-value, direction",
        ("neg_log_10_p_value", "effect_direction"),
        lambda numbers: _signed_z(numbers["effect_direction"], numbers),
    ),
    *(Recipe(f"effect / standard error, of {recipe.name}", recipe.needs, _z_of(recipe)) for recipe in EFFECT_RECIPES),
)


def choose(recipes: tuple[Recipe, ...], columns: Collection[str]) -> Recipe | None:
    """Return the first recipe whose columns are all there."""
    available = set(columns)
    if available & set(P_VALUE_COLUMNS):
        available.add("neg_log_10_p_value")  # whatever the file gives, it is read as this
    return next((recipe for recipe in recipes if available.issuperset(recipe.needs)), None)
