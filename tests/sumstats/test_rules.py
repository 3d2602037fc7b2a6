"""Every rule of the table, once for a row that breaks it and once for one that does not."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from gwasmeta.sumstats.rules import VALUE_RULES, RowRule
from gwasmeta.sumstats.vocabulary import COLUMNS

NAN, INF = math.nan, math.inf
RULES = {rule.name: rule for rule in VALUE_RULES}
Values = float | dict[str, float]

# For each rule: what it lets pass, and what it catches. A number is the value of the rule's only column. A rule that
# is about more than a missing value lets missing ones pass where another rule is about those, or where none is
# needed. A new rule needs an entry here.
CASES: dict[str, tuple[list[Values], list[Values]]] = {
    "beta_missing": ([0.0, -0.3, 1e-300, 1e300], [NAN, INF, -INF]),
    "odds_ratio_missing": ([0.0, 1.2, -9.0], [NAN, INF, -INF]),
    "odds_ratio_not_positive": ([1e-300, 1.0, 40.0], [0.0, -0.0, -1.2]),
    "standard_error_missing": ([0.02, 0.0, -9.0], [NAN, INF, -INF]),
    "standard_error_not_positive": ([1e-300, 0.02, 40.0], [0.0, -0.0, -0.02]),
    "standard_error_out_of_range": ([1e-49, 0.02, 1e49], [0.0, 1e-50, 1e-300, 1e50, 1e300, NAN, INF]),
    "confidence_interval_not_around_odds_ratio": (
        [
            {"ci_lower": 0.9, "odds_ratio": 1.1, "ci_upper": 1.4},
            {"ci_lower": 1e-9, "odds_ratio": 1.1, "ci_upper": INF},
            {"ci_lower": 0.9, "odds_ratio": 1.1},  # GWAMA's input may lack the upper limit
        ],
        [
            {"ci_lower": 1.2, "odds_ratio": 1.1, "ci_upper": 1.4},
            {"ci_lower": 0.9, "odds_ratio": 1.1, "ci_upper": 1.0},
            {"ci_lower": 1.4, "odds_ratio": 1.1, "ci_upper": 0.9},
            {"ci_lower": 1.1, "odds_ratio": 1.1, "ci_upper": 1.1},
            {"ci_lower": 1.1, "odds_ratio": 1.1, "ci_upper": 1.4},
            {"ci_lower": 0.9, "odds_ratio": 1.1, "ci_upper": 1.1},
            {"ci_lower": 0.0, "odds_ratio": 1.1, "ci_upper": 1.4},
            {"ci_lower": -0.2, "odds_ratio": 0.1, "ci_upper": 0.4},
            {"ci_lower": NAN, "odds_ratio": 1.1, "ci_upper": 1.4},
            {"ci_lower": 0.9, "odds_ratio": 1.1, "ci_upper": NAN},
            {"ci_lower": -INF, "odds_ratio": 1.1, "ci_upper": 1.4},
            {"ci_lower": 1.2, "odds_ratio": 1.1},
            {"ci_lower": 0.0, "odds_ratio": 1.1},
            {"ci_lower": NAN, "odds_ratio": 1.1},
        ],
    ),
    "z_missing": ([0.0, -40.0, 1e6], [NAN, INF, -INF]),
    "effect_direction_missing": (
        [{"effect_direction": sign, "neg_log_10_p_value": 3.0} for sign in (-1.0, 0.0, 1.0)],
        [{"effect_direction": NAN, "neg_log_10_p_value": 3.0}, {"effect_direction": NAN, "neg_log_10_p_value": NAN}],
    ),
    "p_value_not_within_0_1": ([0.0, 1e-300, 7.3, 5000.0], [NAN, -1e-9, -3.0, INF, -INF]),
    "effect_allele_frequency_not_within_0_1": ([1e-9, 0.5, 0.999, NAN], [0.0, 1.0, -0.1, 1.5, 42.0, INF, -INF]),
    "imputed_not_0_or_1": ([0.0, 1.0], [0.5, 2.0, -1.0, -9.0, INF, NAN]),
    "n_not_positive": ([0.5, 1.0, 1e9, NAN], [0.0, -0.0, -9.0, INF, -INF]),
    "n_cases_not_positive": ([1.0, 1e9, NAN], [0.0, -9.0, INF, -INF]),
    "n_controls_not_positive": ([1.0, 1e9, NAN], [0.0, -9.0, INF, -INF]),
}


def breaks(rule: RowRule, values: Values) -> bool:
    given = values if isinstance(values, dict) else {rule.needs[0]: values}
    mask = rule.broken({name: np.array([value]) for name, value in given.items()})
    assert mask.shape == (1,)
    assert mask.dtype == np.bool_
    return bool(mask[0])


def test_every_rule_has_a_name_of_its_own_and_cases_here() -> None:
    assert len(RULES) == len(VALUE_RULES)
    assert set(CASES) == set(RULES)
    assert all(passing and caught for passing, caught in CASES.values())


@pytest.mark.parametrize(
    ("name", "values"), [(name, values) for name, (passing, _) in CASES.items() for values in passing]
)
def test_a_row_that_a_rule_lets_pass(name: str, values: Values) -> None:
    assert not breaks(RULES[name], values)


@pytest.mark.parametrize(
    ("name", "values"), [(name, values) for name, (_, caught) in CASES.items() for values in caught]
)
def test_a_row_that_a_rule_catches(name: str, values: Values) -> None:
    assert breaks(RULES[name], values)


@pytest.mark.parametrize("name", CASES)
def test_a_rule_judges_each_row_of_a_block_for_itself(name: str) -> None:
    rule = RULES[name]
    passing, caught = CASES[name]
    rows = [{rule.needs[0]: row} if isinstance(row, float) else row for row in (*passing, *caught)]
    expected = [False] * len(passing) + [True] * len(caught)
    # Rows with another set of columns are another file's.
    for columns, group in itertools.groupby(zip(rows, expected, strict=True), key=lambda pair: sorted(pair[0])):
        members = list(group)
        block = {column: np.array([row[column] for row, _ in members]) for column in columns}
        assert rule.broken(block).tolist() == [broken for _, broken in members]


@pytest.mark.parametrize("rule", VALUE_RULES, ids=RULES.keys())
def test_a_rule_looks_at_columns_of_the_vocabulary_and_says_why(rule: RowRule) -> None:
    assert rule.needs
    assert set(rule.needs) <= set(COLUMNS)
    assert rule.reason
    assert rule.action in {"excluded", "blanked"}


@pytest.mark.parametrize("name", [rule.name for rule in VALUE_RULES if rule.action == "blanked"])
def test_what_is_missing_already_is_noted_only_where_a_value_is_assumed_for_it(name: str) -> None:
    # Else the log would count every row of a file that leaves the column empty.
    assert breaks(RULES[name], NAN) == (name == "imputed_not_0_or_1")


@pytest.mark.parametrize("column", ["odds_ratio", "standard_error"])
def test_a_missing_value_is_counted_as_such_and_not_as_a_wrong_one(column: str) -> None:
    first, *others = [rule for rule in VALUE_RULES if rule.needs == (column,)]
    assert others
    assert first.name == f"{column}_missing"
    assert breaks(first, NAN)


def test_what_nothing_can_be_combined_without_excludes_and_what_only_describes_is_blanked() -> None:
    blanked = {rule.needs[0] for rule in VALUE_RULES if rule.action == "blanked"}
    assert blanked == {"effect_allele_frequency", "imputed", "n", "n_cases", "n_controls"}
