"""Chromosomes, the genome's axis, lead variants, Manhattan plots and regions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from gwasmeta.errors import GwasmetaError
from gwasmeta.meta.lead_variants import lead_variants
from gwasmeta.plots.data import Canvas, as_chromosomes, genome_axis, manhattan_data, peak_axis, region_data, round_ticks
from gwasmeta.stats.lead_variants import lead_rows


def simulated(n: int = 20_000, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    chromosome = rng.integers(1, 6, n)
    position = rng.integers(1, 50_000_000, n)
    heights = rng.exponential(1 / np.log(10), n)
    heights[rng.integers(0, n, 60)] = rng.uniform(7.5, 30, 60)
    return chromosome, position, heights


def naive_leads(chromosome, position, heights, threshold, window) -> list[int]:
    """The strongest first; each then bars its neighbours."""
    left = [row for row in np.argsort(-heights, kind="stable").tolist() if heights[row] >= threshold]
    leads: list[int] = []
    while left:
        lead = left.pop(0)
        leads.append(lead)
        left = [
            row for row in left if chromosome[row] != chromosome[lead] or abs(position[row] - position[lead]) >= window
        ]
    return leads


# --- chromosomes and the axis -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "names", "codes"),
    [
        ([2, 1, 23, 24, 26], ("1", "2", "X", "Y", "MT"), [1, 0, 2, 3, 4]),
        (["chr2", "CHR1", "X", "chrY", "M"], ("1", "2", "X", "Y", "MT"), [1, 0, 2, 3, 4]),
        ([10.0, 2.0, np.nan], ("2", "10"), [1, 0, -1]),
        (["01", "1", "chr1", "", "NA"], ("1",), [0, 0, 0, -1, -1]),
        (["scaffold_10", "scaffold_9", "X", "22"], ("22", "X", "SCAFFOLD_9", "SCAFFOLD_10"), [3, 2, 1, 0]),
        (pd.Series(["2", None, "1"]), ("1", "2"), [1, -1, 0]),
    ],
)
def test_chromosomes_of_any_spelling_have_the_genomes_order(given, names, codes):
    chromosomes = as_chromosomes(given)
    assert chromosomes.names == names
    assert chromosomes.codes.tolist() == codes


def test_chromosomes_lie_end_to_end_with_gaps_that_are_a_share_of_the_genome():
    axis = genome_axis((["1", "2", "1", "X"], [100, 300, 500, 200]))
    assert axis.names == ("1", "2", "X")
    assert_allclose(axis.lengths, [500, 300, 200])
    gap = 0.004 * 1000
    assert_allclose(axis.starts, [0, 500 + gap, 800 + 2 * gap])
    assert_allclose(axis.ticks, axis.starts + axis.lengths / 2)
    assert (axis.begin, axis.end) == (-gap, 1000 + 3 * gap)


def test_the_axis_is_shared_by_tables_and_proportional_to_any_build():
    once = genome_axis((["1", "3"], [100, 50]), (["chr2", "1"], [70, 400]))
    assert once.names == ("1", "2", "3")
    assert_allclose(once.lengths, [400, 70, 50])
    larger = genome_axis((["1", "3", "2"], [4000, 500, 700]))
    assert_allclose(larger.starts, 10 * once.starts)


def test_a_single_chromosome_fills_the_axis():
    positions = [50_000_000, 60_000_000, 55_000_000, 52_000_000, 59_000_000, 55_000_000, 51_000_000, 58_000_000]
    axis = genome_axis(([7] * 8, positions))
    assert axis.begin == pytest.approx(50_000_000 - 150_000)
    assert axis.end == pytest.approx(60_000_000 + 150_000)


@pytest.mark.parametrize(("chromosome", "position"), [(["", "NA"], [1, 2]), (["1"], [0]), (["1"], [np.nan]), ([], [])])
def test_without_places_there_is_no_axis(chromosome, position):
    with pytest.raises(GwasmetaError, match="no variant has a chromosome and a position"):
        genome_axis((chromosome, position))


# --- lead variants ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("window", [1, 200_000, 5_000_000])
def test_lead_variants_are_those_of_a_naive_loop(seed, window):
    chromosome, position, heights = simulated(3000, seed)
    heights = np.round(heights, 1)  # ties
    rows = np.flatnonzero(heights >= 1.0)
    chosen = rows[lead_rows(chromosome[rows], position[rows], heights[rows], window=window)]
    assert chosen.tolist() == naive_leads(chromosome, position, heights, 1.0, window)


def test_a_variant_at_the_windows_distance_leads_a_locus_of_its_own():
    assert lead_rows([1, 1, 1, 2], [100, 200, 299, 250], [9.0, 8.0, 7.0, 6.0], window=100).tolist() == [0, 1, 3]


def test_lead_variants_are_those_of_the_result():
    chromosome, position, heights = simulated()
    data = manhattan_data(chromosome, position, heights, window=400_000)
    table = pd.DataFrame(
        {"chromosome": chromosome.astype(str), "base_pair_location": position, "neg_log_10_p_value": heights}
    )
    expected = lead_variants(table, 5e-8, 400_000)
    assert_allclose(data.lead_y, expected["neg_log_10_p_value"])
    assert position[data.lead_row].tolist() == expected["base_pair_location"].tolist()


# --- Manhattan ----------------------------------------------------------------------------------------


def test_points_stand_where_their_variants_are():
    chromosome, position, heights = simulated()
    data = manhattan_data(chromosome, position, heights)
    assert_allclose(data.y, heights[data.row])
    assert_allclose(data.x, data.axis.starts[data.chromosome] + position[data.row])
    assert [data.axis.names[code] for code in data.chromosome] == chromosome[data.row].astype(str).tolist()
    assert set(np.flatnonzero(heights >= data.significance)) <= set(data.row.tolist())
    assert (data.n_variants, data.n_left_out) == (len(heights), 0)
    assert set(data.columns()) == {"x", "y", "y_drawn", "chromosome", "row"}


def test_rows_without_a_place_or_p_value_are_left_out_and_counted():
    chromosome = ["1", "1", "", "2", "2", "2"]
    position = [10, np.nan, 30, 0, 50, 60]
    data = manhattan_data(chromosome, position, [1.0, 2, 3, 4, np.nan, 6])
    assert data.row.tolist() == [0, 5]
    assert (data.n_variants, data.n_left_out) == (2, 4)


def test_a_row_without_a_place_hides_no_other():
    canvas = Canvas(1.0, 1.0)
    data = manhattan_data([1, 1], [-5, 10], [1.0, 1.0], canvas=canvas)
    assert data.row.tolist() == [1]


def test_p_values_that_were_read_as_0_are_drawn_above_all_others():
    data = manhattan_data([1, 1, 1], [1, 2_000_000, 4_000_000], [np.inf, 50.0, 1.0])
    assert data.y.tolist() == [324.0, 50.0, 1.0]
    assert data.lead_row.tolist() == [0, 1]


def test_all_p_equal_to_1_and_a_single_variant_have_a_sensible_axis():
    flat = manhattan_data([1, 2], [5, 6], [0.0, 0.0])
    assert flat.y_axis.limit > flat.significance
    assert flat.lead_row.size == 0
    single = manhattan_data(["chr9"], [123], [12.0])
    assert single.lead_row.tolist() == [0]
    assert single.axis.begin < 123 < single.axis.end


def test_nothing_to_draw_is_an_error():
    with pytest.raises(GwasmetaError, match="no variant has both a place and a p-value"):
        manhattan_data([1], [5], [np.nan])
    with pytest.raises(GwasmetaError, match="neg_log_10_p_value: has shape"):
        manhattan_data([1, 2], [5, 6], [1.0])
    with pytest.raises(GwasmetaError, match="threshold p = 5"):
        manhattan_data([1], [5], [1.0], significance=5)


# --- the axis of -log10 p ------------------------------------------------------------------------------------------


def test_few_extreme_peaks_break_the_axis():
    axis = peak_axis([300.0, 20.0, 15.0, 9.0], 300.0, least=8.0)
    assert axis.broken
    assert 20 < axis.break_at < 60
    drawn = axis.drawn([0.0, 10.0, axis.break_at, 100.0, 300.0])
    assert (np.diff(drawn) > 0).all()
    assert_allclose(drawn[:2], [0, 10])
    assert drawn[-1] < axis.limit
    assert axis.drawn(20.0) / axis.limit > 0.5  # the usual peaks have most of the height
    assert_allclose(axis.ticks_drawn, axis.drawn(axis.ticks))
    assert axis.ticks.max() > 100


@pytest.mark.parametrize(
    ("peaks", "top"), [([20.0, 15.0], 20.0), ([300.0, 290, 280, 270, 260, 9, 8], 300.0), ([], 3.0)]
)
def test_other_axes_are_whole(peaks, top):
    axis = peak_axis(peaks, top, least=8.0)
    assert not axis.broken
    assert axis.drawn(top) == top < axis.limit


def test_the_break_can_be_refused():
    assert not peak_axis([300.0, 20.0], 300.0, least=8.0, may_break=False).broken


@pytest.mark.parametrize(("low", "high", "ticks"), [(0, 10, [0, 2, 4, 6, 8, 10]), (-0.13, 0.21, [-0.1, 0, 0.1, 0.2])])
def test_ticks_are_round(low, high, ticks):
    assert_allclose(round_ticks(low, high, 5), ticks, atol=1e-12)


# --- regions ------------------------------------------------------------------------------------------


def test_a_region_has_its_variants_and_the_strongest_of_them():
    chromosome, position, heights = simulated()
    data = region_data(chromosome, position, heights, at=("chr3", 1e6, 9e6))
    inside = np.flatnonzero((chromosome == 3) & (position >= 1e6) & (position <= 9e6))
    assert data.n_variants == len(inside)
    assert set(data.row.tolist()) <= set(inside.tolist())
    assert data.index_row == inside[np.argmax(heights[inside])]
    assert (data.index_position, data.index_y) == (position[data.index_row], heights[data.index_row])
    assert_allclose(data.position, position[data.row])


@pytest.mark.parametrize("at", [("3", 60e6, 70e6), ("17", 1, 5e7), ("", 1, 5e7)])
def test_a_region_without_variants_is_an_error(at):
    with pytest.raises(GwasmetaError, match="has no variant with a p-value; the chromosomes are 1, 2, 3, 4, 5"):
        region_data(*simulated(), at=at)
