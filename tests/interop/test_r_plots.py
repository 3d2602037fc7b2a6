"""What R draws from: the numbers of the public functions, in plain columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gwasmeta
from gwasmeta.interop import r_plots
from gwasmeta.interop.plain_values import to_plain

LINES = {"significance": 5e-8, "suggestive": 1e-5, "window": 500_000.0, "break_axis": True}


def say(text: str) -> None:
    """Take a message."""


@pytest.fixture(scope="module")
def result() -> gwasmeta.MetaResult:
    return gwasmeta.meta_analyze(gwasmeta.example_studies(), methods=("fixed", "random"))


def test_lead_variants_are_named_at_their_height(result: gwasmeta.MetaResult) -> None:
    drawn = r_plots.manhattan(say, result, None, **LINES)
    leads = result.lead_variants()
    assert drawn["leads"]["name"].tolist() == leads["variant_id"].tolist()[:30]
    highest = drawn["points"]["y"].max()
    assert highest == leads["neg_log_10_p_value"][0]
    assert drawn["lines"]["text"].tolist() == ["5 × 10⁻⁸", "10⁻⁵"]
    assert drawn["chromosomes"]["name"].tolist()[0] == "1"
    to_plain(drawn)


def test_halves_of_a_miami_plot_share_the_genome(result: gwasmeta.MetaResult) -> None:
    halves = r_plots.miami(say, result, result, ["fixed", "random"], None, **LINES)["halves"]
    assert [half["name"] for half in halves] == ["fixed effects", "random effects"]
    assert halves[0]["end"] == halves[1]["end"]
    for half, column in zip(halves, ("neg_log_10_p_value", "random_neg_log_10_p_value"), strict=True):
        assert half["points"]["y"].max() == result.table[column].max()


def test_lambda_is_that_of_the_result(result: gwasmeta.MetaResult) -> None:
    drawn = r_plots.qq(say, result, "random", False, True)
    assert drawn["series"]["inflation_factor"][0] == pytest.approx(result.inflation_factors["random"], rel=1e-6)
    assert (np.diff(drawn["y_axis"]["ticks"]["drawn"]) > 0).all()
    studies: list[Any] = [{"source": path, "name": name} for name, path in gwasmeta.example_studies().items()]
    assert r_plots.qq(say, studies, None, False, True)["series"]["name"].tolist() == [*gwasmeta.example_studies()]


def test_a_forest_has_the_combined_effects(result: gwasmeta.MetaResult) -> None:
    row = result.table.loc[result.table["n_studies"].idxmax()]
    drawn = r_plots.forest(say, result, row["variant_id"], None, None, None, None, "DL")
    assert drawn["summaries"]["beta"].tolist() == pytest.approx([row["beta"], row["random_beta"]], rel=1e-9)
    assert drawn["q"] == pytest.approx(row["cochran_q"], rel=1e-9)
    of_numbers = r_plots.forest(say, None, None, ["a", "b"], [0.1, 0.3], [0.1, 0.1], None, "DL")
    assert of_numbers["summaries"]["beta"][0] == pytest.approx(0.2)
    with pytest.raises(gwasmeta.GwasmetaError, match="say which"):
        r_plots.forest(say, result, None, None, None, None, None, "DL")


def test_checks_of_studies_go_on_where_one_cannot_be_made() -> None:
    table = gwasmeta.read_sumstats(gwasmeta.example_studies()["maple"]).table
    heard: list[str] = []
    drawn = r_plots.quality(heard.append, [{"source": table.drop(columns=["n", "effect_allele_frequency"])}])
    assert isinstance(drawn["standard_error_n"], str)
    assert drawn["attrition"]["count"].sum() == len(table)
    assert drawn["p_z"]["differs"].mean() < 0.01
    assert len(heard) == 1


def test_a_table_without_places_says_so() -> None:
    frame = gwasmeta.read_sumstats(gwasmeta.example_studies()["rowan"]).table
    with pytest.raises(gwasmeta.GwasmetaError, match="chromosomes and positions"):
        r_plots.manhattan(say, {"source": frame, "name": "rowan"}, None, **LINES)
