"""QQ, forest, volcano, comparison, heterogeneity, checks of studies, many traits: artists, labels, limits."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection
from numpy.testing import assert_allclose

import gwasmeta
from gwasmeta import Study, plots
from gwasmeta.errors import GwasmetaError
from gwasmeta.plots.data import attrition_data, forest_data, gain_data, inflation_n_data, qq_data
from gwasmeta.plots.drawing.style import new_axes


def legend(ax) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def words(ax) -> str:
    return "\n".join(text.get_text() for text in ax.texts)


def forest_of(n_studies: int) -> plots.data.ForestData:
    rng = np.random.default_rng(n_studies)
    n = rng.integers(500, 50_000, n_studies).astype(float)
    beta = 0.05 + rng.normal(0, 1 / np.sqrt(n * 0.4))
    return forest_data([f"cohort {k}" for k in range(n_studies)], beta, 1 / np.sqrt(n * 0.4), n)


# --- QQ -----------------------------------------------------------------------------------------------


def test_a_qq_plot_has_lambda_in_its_legend_and_the_band(table):
    ax = plots.qq(table)
    factor = qq_data(table["neg_log_10_p_value"]).inflation_factor[0]
    assert legend(ax) == [f"λ = {factor:.3f}  (30,000)"]
    assert len(ax.collections) == 1
    expected = -np.log10(np.arange(1, 30_001) / 30_001)
    points = next(line for line in ax.lines if line.get_marker() == "o")
    assert points.get_xdata()[0] == pytest.approx(expected[0])
    assert ax.get_xlim()[1] > expected[0]


def test_a_qq_plot_by_classes_has_a_line_of_the_legend_for_each(table):
    assert [text.split("  ")[0] for text in legend(plots.qq(table, by="frequency"))] == [
        "all variants",
        "0.01 ≤ MAF < 0.05",
        "MAF ≥ 0.05",
    ]
    with pytest.raises(GwasmetaError, match="has no column for info, which a QQ plot by classes of it needs"):
        plots.qq(table, by="info")


def test_twelve_studies_have_twelve_colours_those_of_r(table):
    ax = plots.qq({f"study {k}": table.iloc[k * 500 : (k + 1) * 500] for k in range(12)})
    assert len(legend(ax)) == 12
    colours = [line.get_color() for line in ax.lines if line.get_marker() == "o"]
    assert len(set(colours)) == 12
    style = (Path(__file__).parents[2] / "rpkg" / "R" / "plot_style.R").read_text()
    of_r = re.search(r"curves = c\((.*?)\)", style, re.DOTALL)
    assert of_r is not None
    assert re.findall(r'"(#\w+)"', of_r[1]) == colours


def test_many_studies_are_drawn_in_one_picture(table):
    few = {f"study {k}": table.iloc[k * 500 : (k + 1) * 500] for k in range(3)}
    assert [text.split("  ")[0] for text in legend(plots.qq(few))] == list(few)
    many = {f"study {k}": table.iloc[k * 100 : (k + 1) * 100] for k in range(30)}
    ax = plots.qq(many)
    assert ax.get_legend() is None
    assert "30 studies" in words(ax)
    with pytest.raises(GwasmetaError, match="one result at a time"):
        plots.qq(few, by="frequency")


# --- forest -------------------------------------------------------------------------------------------


def test_boxes_have_areas_by_study_size_and_diamonds_span_the_intervals():
    data = forest_of(6)
    ax = plots.forest(data, title="rs1")
    (boxes,) = [found for found in ax.collections if isinstance(found, PathCollection)]
    assert_allclose(boxes.get_sizes() / boxes.get_sizes().max(), data.n / data.n.max())
    assert_allclose(boxes.get_offsets()[:, 0], data.beta)
    diamonds = [patch.get_xy() for patch in ax.patches]
    assert_allclose([diamonds[0][:, 0].min(), diamonds[0][:, 0].max()], [data.fixed.lower, data.fixed.upper])
    assert_allclose([diamonds[1][:, 0].min(), diamonds[1][:, 0].max()], [data.random.lower, data.random.upper])


def test_the_heterogeneity_and_every_study_is_written():
    data = forest_of(6)
    text = words(plots.forest(data))
    assert f"Q = {data.q:.2f}, df = 5" in text
    assert f"I² = {data.i_squared:.1f} %" in text
    assert f"τ² = {data.tau_squared:.3g}" in text
    assert all(f"cohort {k}" in text for k in range(6))
    assert "fixed effects" in text
    assert "random effects" in text


def test_odds_ratios_are_written_and_marked_as_such():
    data = forest_data(["a", "b"], np.log([1.1, 1.3]), [0.05, 0.08])
    ax = plots.forest(data, odds_ratio=True)
    assert "1.300  [1.111, 1.521]" in words(ax)
    assert ax.get_xlabel() == "odds ratio"
    ticks = {text.get_text(): place for text, place in zip(ax.get_xticklabels(), ax.get_xticks(), strict=True)}
    assert all(place == pytest.approx(np.log(float(text))) for text, place in ticks.items())


def test_200_studies_fit_into_one_picture():
    ax = plots.forest(forest_of(200))
    ax.figure.canvas.draw()
    labels = [text.get_window_extent() for text in ax.texts if text.get_text().startswith("cohort")]
    assert len(labels) == 200
    assert not any(one.overlaps(other) for one, other in itertools.pairwise(labels))
    assert ax.figure.get_figheight() < 40


def test_one_wide_interval_does_not_flatten_the_others():
    data = forest_data(list("abcd"), [0.1, 0.12, 0.09, 2.0], [0.02, 0.02, 0.03, 5.0])
    low, high = plots.forest(data).get_xlim()
    assert high - low < 3


# --- two values ---------------------------------------------------------------------------------------


def test_a_volcano_has_effects_and_its_line(table):
    ax = plots.volcano(table)
    assert ax.get_xlim()[0] == -ax.get_xlim()[1]
    assert any(line.get_ydata()[0] == pytest.approx(-np.log10(5e-8)) for line in ax.lines)
    marked = ax.lines[1]
    assert_allclose(
        sorted(marked.get_ydata()), sorted(h for h in table["neg_log_10_p_value"] if h >= -np.log10(5e-8)), rtol=1e-9
    )
    with pytest.raises(GwasmetaError, match="has no column for beta, which a volcano plot needs"):
        plots.volcano(table.drop(columns=["beta", "standard_error"]).assign(z=1.0))


def test_effects_of_two_results_are_turned_to_the_same_allele(table):
    turned = table.assign(effect_allele="G", other_allele="A", beta=-1.5 * table["beta"]).sample(frac=1, random_state=1)
    ax = plots.compare(table, turned, p=1e-6)
    chosen = table[table["neg_log_10_p_value"] >= 6]
    points = np.concatenate([line.get_xydata() for line in ax.lines if line.get_marker() == "o"])
    assert_allclose(np.sort(points[:, 0]), np.sort(chosen["beta"]))
    assert_allclose(points[:, 1], 1.5 * points[:, 0])
    assert f"{len(chosen)} variants\nr = 1.000\nslope = 1.500" in words(ax)


def test_results_without_significant_variants_cannot_be_compared(table):
    few = table[table["neg_log_10_p_value"] < 3]
    with pytest.raises(GwasmetaError, match="no variant that both have reaches p = 5e-08"):
        plots.compare(few, few)


@pytest.mark.parametrize(("word", "factor"), [("i_squared", 1), ("HetISq", 1), ("i2", 0.01)])
def test_heterogeneity_is_read_from_any_programs_column(table, word, factor):
    i_squared = np.linspace(0, 99, len(table))
    ax = plots.heterogeneity(table.assign(**{word: i_squared * factor}))
    strong = (table["neg_log_10_p_value"] >= -np.log10(5e-8)).to_numpy() & (i_squared >= 75)
    assert_allclose(sorted(ax.lines[1].get_ydata()), sorted(i_squared[strong]))
    with pytest.raises(GwasmetaError, match="has no column for i_squared"):
        plots.heterogeneity(table)


# --- studies ------------------------------------------------------------------------------------------


def test_the_checks_of_studies_draw_every_study(table):
    shifted = table.assign(standard_error=table["standard_error"] * 1.3)
    figure = plots.quality({"right": table, "wrong errors": shifted}, title="Checks")
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    assert {"Effect sizes", "Rows", "right", "wrong errors"} <= set(titles)
    assert "\n0 of 30,000 differ" in words(figure.axes[titles.index("right")])
    assert "\n0 of 30,000 differ" not in words(figure.axes[titles.index("wrong errors")])


def test_a_check_that_a_study_does_not_allow_says_why(table):
    bare = table.drop(columns=["n", "effect_allele_frequency", "neg_log_10_p_value"])
    figure = plots.quality({"bare": bare})
    text = "\n".join(map(words, figure.axes))
    assert "no study has both a sample size" in text
    assert "reports no p-values" in text


def test_frequencies_are_turned_to_the_same_allele(table):
    turned = table.assign(
        effect_allele="G", other_allele="A", effect_allele_frequency=1 - table["effect_allele_frequency"]
    )
    turned.loc[:9, "effect_allele_frequency"] = 0.999
    ax = plots.frequencies_of(Study(turned, name="ours"), table, tolerance=0.3)
    differing = np.abs(0.001 - table["effect_allele_frequency"][:10]) > 0.3
    assert f"{differing.sum()} of 30,000 differ" in words(ax)
    assert ax.get_title(loc="left") == "ours"


def test_frequencies_of_a_table_without_them_are_an_error(table):
    with pytest.raises(GwasmetaError, match="no column for effect_allele_frequency"):
        plots.frequencies_of(table, table.drop(columns="effect_allele_frequency"))


def test_bars_add_up_to_the_rows_of_each_study():
    data = attrition_data(["a", "b"], [90, 50], [{"beta_missing": 10}, {"alleles_identical": 25}])
    ax = plots.attrition(data)
    ends = {}
    for bar in ax.patches:
        ends[bar.get_y()] = max(ends.get(bar.get_y(), 0), bar.get_x() + bar.get_width())
    assert sorted(ends.values()) == [75, 100]
    assert "66.7 % used" in words(ax)
    assert set(legend(ax)) == {"used", "beta missing", "alleles identical"}


def test_outlying_studies_are_named_among_many():
    n = np.full(80, 1000.0)
    factors = np.full(80, 1.02)
    factors[7] = 1.5
    ax = plots.inflation_n(inflation_n_data([f"s{k}" for k in range(80)], factors, n))
    assert words(ax) == "s7"
    assert legend(ax) == ["λ and λ$_{1000}$ above 1.1"]
    (key,) = ax.get_legend().legend_handles
    (outlying,) = (line for line in ax.lines if line.get_label() == legend(ax)[0])
    assert (key.get_color(), outlying.get_ydata().tolist()) == (outlying.get_color(), [1.5])
    assert plots.inflation_n(inflation_n_data(["a"], [1.02], [1000.0])).get_legend() is None


# --- many traits --------------------------------------------------------------------------------------


def test_a_correlation_map_has_a_number_in_each_cell():
    ax = plots.correlation_map(["height", "bmi"], [[1.0, -0.25], [-0.25, 1.0]])
    assert words(ax).split() == ["1.00", "−0.25", "−0.25", "1.00"]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["height", "bmi"]
    assert ax.images[0].get_clim() == (-1, 1)


def test_gains_have_both_values_and_the_sample_sizes():
    ax = plots.gain(gain_data(["height", "bmi"], [1.2, 1.1], [1.5, 1.1], [2000, 1000], [1000, 1000]))
    assert_allclose(ax.lines[0].get_xdata(), [1.2, 1.1])
    assert_allclose(ax.lines[1].get_xdata(), [1.5, 1.1])
    assert "N 1,000 → 2,000" in words(ax)


def test_a_max_fdr_surface_is_drawn_for_two_of_the_traits():
    omega, sigma = np.array([[2e-6, 1e-6], [1e-6, 1.5e-6]]), np.eye(2)
    given = (omega, sigma, np.array([1e5, 1.5e5]))
    ax = plots.max_fdr_surface_of(["height", "bmi"], *given, "bmi", "height")
    surface = np.ma.filled(ax.images[0].get_array(), np.nan)
    from gwasmeta.stats.max_fdr import plan_max_fdr

    assert np.nanmax(surface) == pytest.approx(plan_max_fdr(*given, intervals=50).run().fdr[1])
    assert ax.get_xlabel() == "share of SNPs causal for bmi"
    with pytest.raises(GwasmetaError, match="trait 'weight': there is none of this name; the traits are height, bmi"):
        plots.max_fdr_surface_of(["height", "bmi"], *given, "bmi", "weight")


# --- results ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def result() -> gwasmeta.MetaResult:
    return gwasmeta.meta_analyze(
        gwasmeta.example_studies("case_control"), methods=("fixed", "random"), genomic_control=True
    )


def test_a_result_draws_itself_as_its_table_is_drawn(result):
    of_result, of_table = result.manhattan(labels=False), plots.manhattan(result.table, labels=False)
    for line, same in zip(of_result.lines, of_table.lines, strict=True):
        assert_allclose(line.get_xydata(), same.get_xydata(), rtol=1e-12)
    assert legend(result.qq()) == legend(plots.qq(result.table))


@pytest.mark.parametrize("method", ["fixed", "random"])
def test_each_method_of_a_result_can_be_drawn(result, method):
    column = {"fixed": "neg_log_10_p_value", "random": "random_neg_log_10_p_value"}[method]
    for source in (result, result.table):
        table = plots.associations(source, method=method, columns=["beta"])
        assert_allclose(table.neg_log_10_p_value, result.table[column], rtol=1e-12)
        assert_allclose(table.number("beta", ""), result.table[column.replace("neg_log_10_p_value", "beta")])


@pytest.mark.parametrize("method", ["sample_size", "rando"])
def test_a_method_that_a_result_does_not_have_is_an_error(result, method):
    with pytest.raises(GwasmetaError, match=f"method '{method}'"):
        result.manhattan(method=method)
    bare = result.table.drop(columns=[name for name in result.table if name.startswith("random_")])
    with pytest.raises(GwasmetaError, match="has no columns of the method"):
        plots.manhattan(bare, method=method)


def test_the_forest_plot_of_a_result_has_its_numbers(result):
    lead = result.lead_variants(p=1e-4).iloc[0]
    ax = result.forest(lead["variant_id"])
    assert ax.get_title(loc="left") == f"{lead['variant_id']}, allele {lead['effect_allele']}"
    assert ax.get_xlabel() == "odds ratio"
    assert f"Q = {lead['cochran_q']:.2f}" in words(ax)
    assert f"{np.exp(lead['beta']):.3f}" in words(ax)


def test_a_result_draws_a_region_a_volcano_and_its_heterogeneity(result):
    lead = result.lead_variants(p=1e-4).iloc[0]
    assert lead["variant_id"] in words(result.region(lead["variant_id"]))
    assert result.volcano().get_xlabel() == "effect of the effect allele"
    known = result.table["i_squared"].notna()
    points = [line for line in result.heterogeneity().lines if line.get_marker() == "o"]
    assert max(line.get_ydata().max(initial=0) for line in points) == result.table["i_squared"][known].max()


def test_pictures_of_a_table_whose_rows_are_all_excluded_say_so():
    empty = pd.DataFrame({"variant_id": [], "chromosome": [], "base_pair_location": [], "z": []})
    with pytest.raises(GwasmetaError):
        plots.manhattan(empty, ax=new_axes(4, 3))
