"""From what a file gives to an effect, its standard error and z: one worked example a recipe."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gwasmeta.sumstats.effects import EFFECT_RECIPES, P_VALUE_COLUMNS, Z_RECIPES, Recipe, choose
from gwasmeta.sumstats.vocabulary import COLUMNS

RECIPES = {recipe.name: recipe for recipe in (*EFFECT_RECIPES, *Z_RECIPES)}

# Two rows each, of effects 0.2 and -0.1 and standard errors 0.05 and 0.04; a new recipe needs an example here.
BETA, STANDARD_ERROR = [0.2, -0.1], [0.05, 0.04]
ODDS_RATIO = [math.exp(0.2), math.exp(-0.1)]
LOWER = [math.exp(0.2 - 1.96 * 0.05), math.exp(-0.1 - 1.96 * 0.04)]
UPPER = [math.exp(0.2 + 1.96 * 0.05), math.exp(-0.1 + 1.96 * 0.04)]
Z = [4.0, -2.5]
# Of the C library, which the code under test does not ask.
NEG_LOG_10_P = [-math.log10(math.erfc(abs(z) / math.sqrt(2))) for z in Z]

EXAMPLES: dict[str, tuple[dict[str, list[float]], dict[str, list[float]]]] = {
    "beta, standard error": (
        {"beta": BETA, "standard_error": STANDARD_ERROR},
        {"beta": BETA, "standard_error": STANDARD_ERROR},
    ),
    "odds ratio, standard error of its logarithm": (
        {"odds_ratio": ODDS_RATIO, "standard_error": STANDARD_ERROR},
        {"beta": BETA, "standard_error": STANDARD_ERROR},
    ),
    "odds ratio, 95 % confidence limits": (
        {"odds_ratio": ODDS_RATIO, "ci_lower": LOWER, "ci_upper": UPPER},
        {"beta": BETA, "standard_error": STANDARD_ERROR},
    ),
    "odds ratio, lower 95 % confidence limit": (
        {"odds_ratio": ODDS_RATIO, "ci_lower": LOWER},
        {"beta": BETA, "standard_error": STANDARD_ERROR},
    ),
    "z": ({"z": Z}, {"z": Z}),
    "p-value, sign of beta": ({"neg_log_10_p_value": NEG_LOG_10_P, "beta": [7.0, -0.001]}, {"z": Z}),
    "p-value, sign of log odds ratio": ({"neg_log_10_p_value": NEG_LOG_10_P, "odds_ratio": [1.01, 0.5]}, {"z": Z}),
    "p-value, direction": ({"neg_log_10_p_value": NEG_LOG_10_P, "effect_direction": [1.0, -1.0]}, {"z": Z}),
}
EXAMPLES |= {
    f"effect / standard error, of {recipe.name}": (EXAMPLES[recipe.name][0], {"z": Z}) for recipe in EFFECT_RECIPES
}


def worked_out(recipe: Recipe, numbers: dict[str, list[float]]) -> dict[str, np.ndarray]:
    return recipe.formula({name: np.array(values, dtype=np.float64) for name, values in numbers.items()})


def test_every_recipe_has_a_name_of_its_own_and_an_example_here() -> None:
    assert len(RECIPES) == len(EFFECT_RECIPES) + len(Z_RECIPES)
    assert set(EXAMPLES) == set(RECIPES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_recipe_gives_what_it_says_from_the_columns_that_it_names(name: str) -> None:
    given, expected = EXAMPLES[name]
    recipe = RECIPES[name]
    assert set(recipe.needs) == set(given) <= set(COLUMNS)
    assert set(expected) == ({"beta", "standard_error"} if recipe in EFFECT_RECIPES else {"z"})
    found = worked_out(recipe, given)
    assert set(found) == set(expected)
    for column, values in expected.items():
        np.testing.assert_allclose(found[column], values, rtol=1e-13)


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name.startswith("p-value")])
def test_an_effect_of_exactly_nothing_has_no_direction(name: str) -> None:
    recipe = RECIPES[name]
    sign = recipe.needs[1]
    nothing = 1.0 if sign == "odds_ratio" else 0.0
    assert worked_out(recipe, {"neg_log_10_p_value": [0.0, 3.0], sign: [nothing, nothing]})["z"].tolist() == [0, 0]


def far_tail(z: float) -> float:
    """Minus log10 of the two-sided p-value by the asymptotic series (Abramowitz & Stegun 26.2.12)."""
    series = 1 - z**-2 + 3 * z**-4 - 15 * z**-6
    return (z**2 / 2 + math.log(z * math.sqrt(math.pi / 2)) - math.log(series)) / math.log(10)


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name.startswith("p-value")])
def test_a_tiny_p_value_has_its_z(name: str) -> None:
    recipe = RECIPES[name]
    sign = recipe.needs[1]
    against = 0.5 if sign == "odds_ratio" else -1.0
    (found,) = worked_out(recipe, {"neg_log_10_p_value": [1000.0], sign: [against]})["z"]
    assert found < 0
    assert math.isclose(far_tail(-found), 1000, rel_tol=1e-11)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_missing_value_makes_what_needs_it_missing(name: str) -> None:
    given, expected = EXAMPLES[name]
    for column in given:
        numbers = {other: list(values) for other, values in given.items()}
        numbers[column][1] = math.nan
        found = worked_out(RECIPES[name], numbers)
        assert any(np.isnan(values[1]) for values in found.values())
        for kept, values in expected.items():
            np.testing.assert_allclose(found[kept][0], values[0], rtol=1e-13)


@pytest.mark.parametrize("name", [recipe.name for recipe in EFFECT_RECIPES if "odds_ratio" in recipe.needs])
def test_an_odds_ratio_without_logarithm_warns_nobody(name: str) -> None:
    # Warnings are errors in these tests; the rules exclude such rows by name.
    recipe = RECIPES[name]
    found = worked_out(recipe, {column: [0.0, -1.0] for column in recipe.needs})
    assert not np.isfinite(found["beta"]).any()


# --- choosing -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "chosen"),
    [
        ({"beta", "standard_error"}, "beta, standard error"),
        ({"beta", "standard_error", "odds_ratio", "ci_lower", "ci_upper", "z"}, "beta, standard error"),
        ({"odds_ratio", "standard_error", "ci_lower"}, "odds ratio, standard error of its logarithm"),
        ({"odds_ratio", "ci_lower", "ci_upper"}, "odds ratio, 95 % confidence limits"),
        ({"odds_ratio", "ci_lower"}, "odds ratio, lower 95 % confidence limit"),
        ({"odds_ratio", "ci_upper"}, None),
        ({"beta", "ci_lower", "ci_upper"}, None),
        ({"beta", "p_value"}, None),
        ({"z", "n"}, None),
        (set(), None),
    ],
)
def test_the_file_s_own_standard_error_comes_before_one_worked_out(columns: set[str], chosen: str | None) -> None:
    recipe = choose(EFFECT_RECIPES, columns)
    assert (recipe and recipe.name) == chosen


@pytest.mark.parametrize("p_value", P_VALUE_COLUMNS)
@pytest.mark.parametrize(
    ("others", "chosen"),
    [
        ({"z", "beta", "standard_error"}, "z"),
        ({"beta", "standard_error"}, "p-value, sign of beta"),
        ({"odds_ratio", "standard_error"}, "p-value, sign of log odds ratio"),
        ({"effect_direction"}, "p-value, direction"),
        ({"standard_error"}, None),
    ],
)
def test_any_kind_of_p_value_serves_for_z(p_value: str, others: set[str], chosen: str | None) -> None:
    recipe = choose(Z_RECIPES, {p_value, *others})
    assert (recipe and recipe.name) == chosen


def test_z_is_the_quotient_only_where_nothing_else_tells_it() -> None:
    recipe = choose(Z_RECIPES, {"beta", "standard_error"})
    assert recipe is not None
    assert recipe.name == "effect / standard error, of beta, standard error"
