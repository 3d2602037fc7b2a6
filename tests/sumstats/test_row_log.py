"""The books of one study."""

from __future__ import annotations

import pytest

from gwasmeta.sumstats.row_log import MAX_EXAMPLES, Action, Example, Finding, StudyLog


def finding(rule: str, lines: list[int], action: Action = "excluded", count: int | None = None) -> Finding:
    examples = tuple(Example(line, f"rs{line}", ("NA",)) for line in lines)
    return Finding(rule, f"reason of {rule}", action, len(lines) if count is None else count, examples)


def test_a_rule_s_findings_are_added_up_and_the_first_examples_kept() -> None:
    first, second = finding("beta_missing", [2, 3, 4]), finding("beta_missing", [9, 10, 11], count=70)
    joined = first.joined_with(second, MAX_EXAMPLES)
    assert joined.count == 73
    assert [example.line for example in joined.examples] == [2, 3, 4, 9, 10]
    assert len(joined.examples) == MAX_EXAMPLES
    assert (joined.rule, joined.reason, joined.action) == ("beta_missing", "reason of beta_missing", "excluded")
    assert (first.count, second.count) == (3, 70)  # findings themselves never change


def test_the_log_has_each_rule_once_in_the_order_in_which_they_caught_something() -> None:
    log = StudyLog("Estonia", "estonia.txt")
    log.add([finding("b", [5]), finding("a", [6, 7])])
    log.add([finding("a", [80]), finding("c", [81])])
    assert [(entry.rule, entry.count) for entry in log] == [("b", 1), ("a", 3), ("c", 1)]
    assert [example.line for entry in log for example in entry.examples] == [5, 6, 7, 80, 81]


def test_a_rule_that_caught_nothing_is_not_in_the_log() -> None:
    log = StudyLog("Estonia", "estonia.txt")
    log.add([finding("a", [])])
    assert list(log) == []
    assert log.excluded == {}


def test_only_excluded_rows_are_counted_as_such() -> None:
    log = StudyLog("Estonia", "estonia.txt")
    log.add([finding("a", [1, 2]), finding("b", [3], "blanked"), finding("c", [4], "warned"), finding("d", [5])])
    assert log.excluded == {"a": 2, "d": 1}


def test_the_books_balance_when_every_row_is_used_or_excluded() -> None:
    log = StudyLog("Estonia", "estonia.txt", rows_read=10, rows_used=7)
    log.add([finding("a", [1, 2]), finding("b", [3]), finding("c", [4, 5], "blanked")])
    log.check_balance()


@pytest.mark.parametrize("rows_used", [6, 8])
def test_a_row_lost_or_counted_twice_is_a_fault_of_the_program(rows_used: int) -> None:
    log = StudyLog("Estonia", "estonia.txt", rows_read=10, rows_used=rows_used)
    log.add([finding("a", [1, 2, 3])])
    with pytest.raises(RuntimeError, match=rf"Estonia: 10 rows read, but {rows_used} used and \{{'a': 3\}} excluded"):
        log.check_balance()
