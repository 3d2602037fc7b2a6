"""Manhattan, Miami and regional plots: what is drawn, where, and with which words."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import norm

from gwasmeta import plots
from gwasmeta.errors import GwasmetaError
from gwasmeta.plots.data import manhattan_data
from gwasmeta.plots.drawing.labels import place_labels
from gwasmeta.plots.drawing.style import canvas_of, draw_points, new_axes

THRESHOLD = -np.log10(5e-8)


def shown_texts(ax) -> list[str]:
    return [text.get_text() for text in ax.texts if text.get_text()]


def names(ax) -> list[str]:
    return [text for text in shown_texts(ax) if text.startswith("rs")]


def heights_of_lines(ax) -> list[float]:
    flat = (line for line in ax.lines if len(line.get_ydata()) == 2 and len(set(line.get_ydata())) == 1)
    return [float(line.get_ydata()[0]) for line in flat if list(line.get_xdata()) == [0, 1]]


def with_peak(table: pd.DataFrame, height: float = 300.0) -> pd.DataFrame:
    """The table with an extreme peak at its first variant."""
    heights = table["neg_log_10_p_value"].to_numpy(copy=True)
    heights[0] = height
    return table.assign(neg_log_10_p_value=heights)


# --- the pixels ---------------------------------------------------------------------------------------


def test_thinned_points_set_the_same_pixels(table):
    """matplotlib's own renderer is the judge.

    Only smooth edges differ, which get darker where several markers lie on each other.
    """
    pictures = []
    chromosome = table["chromosome"].astype(int).to_numpy()
    position, heights = table["base_pair_location"].to_numpy(), table["neg_log_10_p_value"].to_numpy()
    for thinned in (True, False):
        ax = new_axes(6.0, 3.0)
        data = manhattan_data(chromosome, position, heights, canvas=canvas_of(ax, 3.2))
        ax.set_xlim(data.axis.begin, data.axis.end)
        ax.set_ylim(0, data.y_axis.limit)
        code = data.chromosome if thinned else chromosome - 1
        x = data.x if thinned else data.axis.starts[code] + position
        y = data.y if thinned else heights
        assert not thinned or len(x) < len(heights) / 2
        for colour, parity in (("navy", 0), ("skyblue", 1)):
            draw_points(ax, x[code % 2 == parity], y[code % 2 == parity], colour, 3.2)
        ax.figure.canvas.draw()
        pictures.append(np.asarray(ax.figure.canvas.buffer_rgba())[..., :3].copy())
    few, every = pictures
    assert_array_equal((few == 255).all(axis=2), (every == 255).all(axis=2))
    for colour in ("navy", "skyblue"):
        pure = np.round(255 * np.array(to_rgb(colour)))
        assert not ((few == pure).all(axis=2) & ~(every == pure).all(axis=2)).any()
    assert (few != every).any(axis=2).mean() < 0.003


# --- Manhattan ----------------------------------------------------------------------------------------


def test_a_manhattan_plot_has_its_lines_limits_and_chromosomes(table):
    ax = plots.manhattan(table, title="Height")
    assert ax.get_title(loc="left") == "Height"
    assert_allclose(sorted(heights_of_lines(ax))[-2:], [5, THRESHOLD])
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["1", "2", "3", "4", "5"]
    assert ax.get_ylim()[0] == 0
    assert ax.get_ylim()[1] > 25
    assert "5 × 10⁻⁸" in shown_texts(ax)
    drawn = sum(len(line.get_xdata()) for line in ax.lines if line.get_marker() == "o")
    assert 1000 < drawn < len(table)


def test_the_lead_variants_are_named_and_no_name_covers_another(table):
    ax = plots.manhattan(table)
    leads = table[table["neg_log_10_p_value"] >= THRESHOLD]["variant_id"]
    assert set(names(ax)) == set(leads)
    boxes = [text.get_window_extent() for text in ax.texts if text.get_text().startswith("rs")]
    assert not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2))
    area = ax.get_window_extent()
    assert all(area.contains(*corner) for box in boxes for corner in box.corners())


def test_labels_rename_choose_or_go(table):
    strongest = table.loc[table["neg_log_10_p_value"].idxmax(), "variant_id"]
    assert "FTO" in shown_texts(plots.manhattan(table, labels={strongest: "FTO"}))
    assert names(plots.manhattan(table, labels={strongest: "FTO"})) == []
    assert names(plots.manhattan(table, labels=False)) == []
    assert names(plots.manhattan(table, labels={"rs40": "rs40", "absent": "?"})) == ["rs40"]  # no lead variant


def test_lines_can_be_moved_and_left_out(table):
    ax = plots.manhattan(table, significance=1e-6, suggestive=None)
    assert heights_of_lines(ax) == [6.0]


def test_an_extreme_peak_breaks_the_axis_and_the_ticks_say_so(table):
    ax = plots.manhattan(with_peak(table))
    ticks = {text.get_text(): place for text, place in zip(ax.get_yticklabels(), ax.get_yticks(), strict=True)}
    assert ax.get_ylim()[1] < 100
    assert ticks["200"] < ax.get_ylim()[1]
    assert ticks["20"] == 20
    assert plots.manhattan(with_peak(table), break_axis=False).get_ylim()[1] > 300


def test_highlighted_sets_have_their_colours_and_a_legend(table):
    ax = plots.manhattan(table, highlight={"known": ["rs5", "rs7"], "new": ["rs9", "absent"]})
    sets = {line.get_label(): line for line in ax.lines if line.get_label() in ("known", "new")}
    assert_allclose(sorted(sets["known"].get_ydata()), sorted(table["neg_log_10_p_value"].iloc[[5, 7]]))
    assert len(sets["new"].get_xdata()) == 1
    assert sets["known"].get_color() != sets["new"].get_color()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["known", "new"]


def test_a_picture_is_drawn_into_given_axes(table):
    ax = new_axes(5, 4)
    assert plots.manhattan(table, ax=ax) is ax


def test_a_single_chromosome_has_positions(table):
    ax = plots.manhattan(table[table["chromosome"] == "3"])
    assert ax.get_xlabel() == "position on chromosome 3 (Mb)"
    assert "40" in [tick.get_text() for tick in ax.get_xticklabels()]


@pytest.mark.parametrize("n", [1, 3])
def test_one_variant_and_p_values_of_1_make_a_picture(table, n):
    few = table.head(n).assign(neg_log_10_p_value=0.0, beta=0.0)
    ax = plots.manhattan(few)
    assert ax.get_ylim()[1] > THRESHOLD
    assert names(ax) == []


def test_unknown_chromosome_names_stand_behind_the_known_ones(table):
    few = table.head(4).assign(chromosome=["contig_77", "2", "X", "chr1"])
    ax = plots.manhattan(few)
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["1", "2", "X", "CONTIG_77"]


def test_hundreds_of_scaffolds_do_not_cover_each_others_names(table):
    few = table.head(300).assign(chromosome=[f"scaffold_{k}" for k in range(300)])
    ax = plots.manhattan(few, labels=False)
    ax.figure.canvas.draw()
    boxes = [tick.get_window_extent() for tick in ax.get_xticklabels() if tick.get_text()]
    assert 1 < len(boxes) < 40
    assert not any(one.overlaps(other) for one, other in itertools.pairwise(boxes))


def test_places_are_taken_from_ids_where_there_is_no_column(table):
    ids = table["chromosome"] + ":" + table["base_pair_location"].astype(str) + ":A:G"
    without = table.drop(columns=["chromosome", "base_pair_location"]).assign(variant_id=ids)
    ax = plots.manhattan(without, labels=False)
    expected = plots.manhattan(table, labels=False)
    for line, other in zip(ax.lines, expected.lines, strict=True):
        assert_allclose(line.get_xdata(), other.get_xdata())


def test_without_places_the_error_tells_of_a_map(table):
    with pytest.raises(GwasmetaError, match=r"has no chromosomes and positions(.|\n)*--map FILE"):
        plots.manhattan(table.drop(columns=["chromosome", "base_pair_location"]))


def test_p_values_that_are_missing_are_worked_out_from_the_effects(table):
    without = table.drop(columns="neg_log_10_p_value")
    one, other = plots.manhattan(without, labels=False), plots.manhattan(table, labels=False)
    for line, same in zip(one.lines, other.lines, strict=True):
        assert_allclose(line.get_ydata(), same.get_ydata(), rtol=1e-9)


# --- Miami, regions -----------------------------------------------------------------------------------


def test_a_miami_plot_shares_its_genome_and_turns_the_lower_half(table):
    lower = table[table["chromosome"] != "5"]
    figure = plots.miami(table, lower, names=("fixed", "random"), title="Both")
    up, down = figure.axes
    assert up.get_xlim() == down.get_xlim()
    assert down.get_ylim()[0] > down.get_ylim()[1] == 0
    assert {"fixed", "random"} <= {*shown_texts(up), *shown_texts(down)}
    assert set(names(down)) == set(lower[lower["neg_log_10_p_value"] >= THRESHOLD]["variant_id"])


def test_a_name_does_not_cover_what_a_half_of_a_miami_plot_is_called(table):
    in_the_corner = table.index == 600
    lower = table.assign(neg_log_10_p_value=table["neg_log_10_p_value"].mask(in_the_corner, 23.5))
    down = plots.miami(table, lower, names=("fixed", "random effects")).axes[1]
    assert "rs600" in names(down)
    boxes = [text.get_window_extent() for text in down.texts if text.get_text()]
    assert not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2))


@pytest.mark.parametrize("at", ["3:1000000-9,000,000", "chr3:5000000", ("3", 1e6, 9e6)])
def test_a_region_is_found_by_its_place(table, at):
    ax = plots.region(table, at=at, window=4_000_000)
    assert ax.get_xlim() == (1e6, 9e6)
    inside = table[(table["chromosome"] == "3") & table["base_pair_location"].between(1e6, 9e6)]
    strongest = inside.loc[inside["neg_log_10_p_value"].idxmax()]
    diamond = next(line for line in ax.lines if line.get_marker() == "D")
    assert (diamond.get_xdata()[0], diamond.get_ydata()[0]) == (
        strongest["base_pair_location"],
        strongest["neg_log_10_p_value"],
    )


def test_a_region_is_found_by_a_variant(table):
    row = table.iloc[777]
    ax = plots.region(table, at="rs777", window=100_000)
    middle = sum(ax.get_xlim()) / 2
    assert middle == pytest.approx(row["base_pair_location"], abs=50_001)
    assert ax.get_xlabel() == f"position on chromosome {row['chromosome']} (Mb)"


@pytest.mark.parametrize(
    ("at", "message"),
    [
        ("rs_none", "is no variant of .*, and no place"),
        ("3:9-5", "ends before it begins"),
        ("21:1-1000000", "has no variant with a p-value"),
    ],
)
def test_a_region_that_is_none_is_an_error(table, at, message):
    with pytest.raises(GwasmetaError, match=message):
        plots.region(table, at=at)


# --- names, files -------------------------------------------------------------------------------------


def test_names_for_which_there_is_no_room_are_left_out():
    ax = new_axes(4, 2)
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1)
    placed = place_labels(ax, [0.5] * 60, [0.1] * 60, [f"rs{k}" for k in range(60)])
    assert 2 < len(placed) < 60
    assert placed[0] == 0
    boxes = [text.get_window_extent() for text in ax.texts]
    assert not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2))


@pytest.mark.parametrize(("ending", "magic"), [("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<?xml")])
def test_pictures_are_written_whole_and_light(table, tmp_path, ending, magic):
    path = tmp_path / f"picture.{ending}"
    plots.save(plots.manhattan(table), path)
    assert path.read_bytes().startswith(magic)
    assert path.stat().st_size < 200_000
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_points_are_pixels_and_words_are_words_in_svg(table, tmp_path):
    path = tmp_path / "picture.svg"
    plots.save(plots.manhattan(table, title="Height"), path)
    text = path.read_text()
    assert text.count("<image") >= 1
    assert text.count("<use") < 100
    assert re.search(r">Height<", text)


@pytest.mark.parametrize("name", ["picture.gif", "picture"])
def test_other_endings_are_refused(table, tmp_path, name):
    with pytest.raises(GwasmetaError, match=r"pictures are written as \.png, \.pdf, \.svg"):
        plots.save(plots.manhattan(table.head(5)), tmp_path / name)
    assert list(Path(tmp_path).iterdir()) == []


def test_p_values_and_places_are_enough(table):
    """The columns that R's qqman wants, without effects and alleles."""
    names = {"variant_id": "SNP", "chromosome": "CHR", "base_pair_location": "BP"}
    bare = table.rename(columns=names)[list(names.values())].assign(P=10.0 ** -table["neg_log_10_p_value"])
    for line, same in zip(plots.manhattan(bare).lines, plots.manhattan(table).lines, strict=True):
        assert_allclose(line.get_xydata(), same.get_xydata(), rtol=1e-9)


def test_p_values_of_0_are_worked_out_from_the_effects(table):
    few = with_peak(table, 400.0).assign(beta=table["beta"])
    few["z"] = few.pop("beta") / few.pop("standard_error")
    few.loc[0, "z"] = 42.754
    few["p_value"] = 10.0 ** -few.pop("neg_log_10_p_value")
    heights = plots.associations(few).neg_log_10_p_value
    assert few.loc[0, "p_value"] == 0
    assert heights[0] == pytest.approx(-(norm.logsf(42.754) + np.log(2)) / np.log(10))
    assert_allclose(heights[1:], table["neg_log_10_p_value"][1:], rtol=1e-9)
