"""The rules of cleaning, one at a time, on rows made to break them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gwasmeta.errors import GwasmetaError
from gwasmeta.multitrait.munge import CleaningOptions, munge
from gwasmeta.multitrait.trait_rows import TraitRows

_ANY = CleaningOptions(median_z_max=np.inf, mean_chi_squared_min=0)


def _rows(n_rows: int = 20, **columns: object) -> TraitRows:
    rows = TraitRows(
        "height",
        "height.txt",
        np.arange(n_rows, dtype=np.int32),
        np.zeros(n_rows, np.int8),
        np.full(n_rows, 2, np.int8),
        np.zeros(n_rows, bool),
        np.resize([1.5, -1.5], n_rows),
        np.full(n_rows, 1000.0),
    )
    return replace(rows, **columns)


def _removed(rows: TraitRows, options: CleaningOptions = _ANY) -> dict[str, int]:
    return {step.rule: step.removed for step in munge(rows, options)[1].steps if step.removed}


def _with(value: float, *places: int, usual: float) -> np.ndarray:
    column = np.full(20, usual)
    column[list(places)] = value
    return column


@pytest.mark.parametrize(
    ("columns", "options", "rule", "count"),
    [
        ({"z": _with(np.nan, 3, 4, usual=1.0)}, _ANY, "missing_value", 2),
        ({"z": _with(np.inf, 3, usual=1.0)}, _ANY, "missing_value", 1),
        ({"n": _with(np.nan, 0, usual=1000.0)}, _ANY, "missing_value", 1),
        ({"p_value": _with(np.nan, 7, usual=0.5)}, _ANY, "missing_value", 1),
        ({"p_value": _with(0.0, 1, 2, usual=1.0)}, _ANY, "p_value_out_of_range", 2),
        ({"p_value": _with(1.5, 1, usual=0.5)}, _ANY, "p_value_out_of_range", 1),
        ({"standard_error": _with(-1.0, 1, 5, usual=0.5)}, _ANY, "standard_error_not_positive", 2),
        ({"info": _with(0.89, 1, usual=0.9)}, replace(_ANY, info_min=0.9), "info_below_minimum", 1),
        ({"frequency": _with(0.01, 1, usual=0.5)}, replace(_ANY, maf_min=0.01), "maf_not_above_minimum", 1),
        ({"frequency": _with(0.995, 1, usual=0.5)}, replace(_ANY, maf_min=0.01), "maf_not_above_minimum", 1),
        ({"frequency": _with(1.0, 1, usual=0.5)}, replace(_ANY, maf_min=0.0), "maf_not_above_minimum", 1),
        ({"frequency": _with(np.nan, 1, usual=0.5)}, replace(_ANY, maf_min=0.0), "missing_value", 1),
        ({"effect_allele": _with(2, 8, 9, usual=0).astype(np.int8)}, _ANY, "not_a_snp", 2),
        ({"other_allele": _with(-2, 8, usual=1).astype(np.int8)}, _ANY, "not_a_snp", 1),
        ({"n": _with(666.0, 8, usual=1000.0)}, _ANY, "n_below_minimum", 1),
        ({"n": _with(667.0, 8, usual=1000.0)}, replace(_ANY, n_min=668), "n_below_minimum", 1),
        ({"n": _with(2000.0, 8, usual=1000.0)}, replace(_ANY, n_max=1999), "n_above_maximum", 1),
    ],
)
def test_rule_removes_what_breaks_it_and_nothing_else(
    columns: dict[str, np.ndarray], options: CleaningOptions, rule: str, count: int
) -> None:
    assert _removed(_rows(**columns), options) == {rule: count}


@pytest.mark.parametrize(
    ("columns", "options"),
    [
        ({"frequency": _with(np.nan, 1, usual=0.001)}, _ANY),  # no rule about frequencies was asked for
        ({"n": _with(1000 / 1.5, 8, usual=1000.0)}, _ANY),
        ({"n": _with(0.0, 8, usual=1000.0)}, replace(_ANY, n_min=0)),
        ({"p_value": _with(1.0, 8, usual=1e-300)}, _ANY),
    ],
)
def test_bounds_that_are_met_remove_nothing(columns: dict[str, np.ndarray], options: CleaningOptions) -> None:
    assert _removed(_rows(**columns), options) == {}


def test_of_a_repeated_id_the_first_row_that_passes_is_kept() -> None:
    variant = np.arange(20, dtype=np.int32)
    variant[[5, 9, 12]] = 5
    z = np.resize([1.0, -1.0], 20)
    z[[5, 9, 12]] = np.nan, 2.0, 3.0
    rows, summary = munge(_rows(variant=variant, z=z), _ANY)
    assert rows.z[rows.variant == 5].tolist() == [2.0]
    assert [step.removed for step in summary.steps if step.rule == "duplicated_id"] == [1]


def test_books_balance() -> None:
    rows, summary = munge(_rows(z=_with(np.nan, 1, 2, usual=1.0), n=_with(1.0, 3, usual=9.0)), _ANY)
    left = summary.n_read
    for step in summary.steps:
        left -= step.removed
        assert step.left == left
    assert left == summary.n_left == len(rows) == 17


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"z": np.full(20, 1.2)}, r"trait height \(height.txt\): the median of z is 1.2,.*\n.*\n.*--median_z_cutoff"),
        ({"z": np.resize([0.9, -0.9], 20)}, r"trait height .*: the mean of z² is 0.8100, less than 1.02.*\n.*--force"),
        (
            {"z": np.full(20, np.nan)},
            r"trait height .*: none of its 20 rows can be used: 20 by missing_value: id, allele",
        ),
    ],
)
def test_trait_that_cannot_be_used_is_named_with_what_to_do(columns: dict[str, np.ndarray], message: str) -> None:
    with pytest.raises(GwasmetaError, match=message):
        munge(_rows(**columns), CleaningOptions())
