"""QQ plots: the points of brute force, scipy's beta quantiles, lambda, classes of variants."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from gwasmeta import inflation_factor
from gwasmeta.errors import GwasmetaError
from gwasmeta.plots.data import (
    Canvas,
    frequency_strata,
    null_band,
    qq_data,
    qq_series_data,
    sample_size_strata,
    strata_of,
)

CANVAS = Canvas(200.0, 150.0, 0.5, 0.25)


def statistics(n: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """z, and -log10 p."""
    z = np.random.default_rng(seed).normal(0, 1.2, n)
    return z, -np.log10(2 * stats.norm.sf(np.abs(z)))


@pytest.mark.parametrize("n", [1, 7, 5000])
def test_points_set_the_pixels_of_all_quantiles(n):
    heights = statistics(n)[1]
    data = qq_data(heights, canvas=CANVAS)
    expected = -np.log10(np.arange(1, n + 1) / (n + 1))
    observed = np.sort(heights)[::-1]

    def pixels(x, y):
        column = np.floor(x / data.x_limit * CANVAS.width + CANVAS.x_offset)
        line = np.floor(y / data.y_axis.limit * CANVAS.height + CANVAS.y_offset)
        return set(zip(column.tolist(), line.tolist(), strict=True))

    assert pixels(data.x, data.y) == pixels(expected, observed)
    assert set(zip(data.x.round(9), data.y.round(9), strict=True)) <= set(
        zip(expected.round(9), observed.round(9), strict=True)
    )
    assert data.y[0] == observed[0]
    assert len(data.x) <= 600


def test_the_band_is_that_of_beta_quantiles():
    n = 1000
    x, lower, upper = null_band(n)
    rank = 10.0**-x * (n + 1)
    assert_allclose(rank, np.round(rank), atol=1e-9)
    assert (rank[-1], rank[0]) == pytest.approx((n, 1))
    assert_allclose(10.0**-lower, stats.beta.ppf(0.975, rank, n + 1 - rank), rtol=1e-9)
    assert_allclose(10.0**-upper, stats.beta.ppf(0.025, rank, n + 1 - rank), rtol=1e-9)


def test_null_quantiles_lie_in_the_band_as_often_as_they_should():
    rng = np.random.default_rng(5)
    n, runs = 200, 2000
    x, lower, upper = null_band(n)
    ranks = np.round(10.0**-x * (n + 1)).astype(int)
    observed = -np.log10(np.sort(rng.random((runs, n)), axis=1))[:, ranks - 1]
    share = ((observed >= lower) & (observed <= upper)).mean(axis=0)
    assert_allclose(share, 0.95, atol=4 * np.sqrt(0.95 * 0.05 / runs))


@pytest.mark.parametrize("n", [4001, 4000])
def test_lambda_is_that_of_the_statistics(n):
    z, heights = statistics(n)
    assert qq_data(heights).inflation_factor[0] == pytest.approx(inflation_factor(z), rel=1e-9)


def test_missing_p_values_do_not_count():
    heights = statistics(1000)[1]
    whole = qq_data(heights, canvas=CANVAS)
    holed = qq_data(np.concatenate([heights, [np.nan, -1.0]]), canvas=CANVAS)
    assert holed.n.tolist() == [1000]
    assert_allclose(holed.y, whole.y)


def test_classes_of_variants_are_drawn_beside_all_of_them():
    z, heights = statistics(3000)
    frequency = np.random.default_rng(2).random(3000)
    data = qq_data(heights, strata=frequency_strata(frequency, (0.05, 0.2)))
    minor = np.minimum(frequency, 1 - frequency)
    members = [minor >= 0, minor < 0.05, (minor >= 0.05) & (minor < 0.2), minor >= 0.2]
    assert data.names == ("all variants", "MAF < 0.05", "0.05 ≤ MAF < 0.2", "MAF ≥ 0.2")
    assert data.n.tolist() == [own.sum() for own in members]
    assert_allclose(data.inflation_factor, [inflation_factor(z[own]) for own in members])
    for k, own in enumerate(members):
        assert data.y[data.stratum == k].max() == heights[own].max()


def test_an_empty_class_is_not_drawn():
    heights = statistics(100)[1]
    assert qq_data(heights, strata=strata_of(np.full(100, 0.5), (0.6,), "info")).names == ("all variants", "info < 0.6")


def test_classes_of_sample_size_are_shares_of_the_largest():
    strata = sample_size_strata([10, 50, 89, 90, 100, np.nan])
    assert strata.codes.tolist() == [0, 1, 1, 2, 2, -1]
    assert strata.names == ("N < 50", "50 ≤ N < 90", "N ≥ 90")


@pytest.mark.parametrize("edges", [(), (0.5, 0.1), (0.1, 0.1)])
def test_edges_that_do_not_ascend_are_refused(edges):
    with pytest.raises(GwasmetaError, match="do not ascend"):
        strata_of([0.1], edges, "info")


def test_many_studies_have_a_series_each():
    series = {f"study {k}": statistics(100 + k, k)[1] for k in range(40)} | {"empty": np.array([np.nan])}
    data = qq_series_data(series)
    assert data.names == tuple(f"study {k}" for k in range(40))
    assert data.n.tolist() == [100 + k for k in range(40)]
    assert data.x_limit > np.log10(140)


@pytest.mark.parametrize("heights", [[], [np.nan]])
def test_without_p_values_there_is_an_error(heights):
    with pytest.raises(GwasmetaError, match="no p-value"):
        qq_data(heights)


def test_all_p_equal_to_1_is_a_flat_line():
    data = qq_data(np.zeros(1000))
    assert (data.y == 0).all()
    assert data.inflation_factor[0] == 0
    assert data.y_axis.limit > 3


def test_p_values_of_0_stand_above_all_others():
    data = qq_data([np.inf, 400.0, 1.0])
    assert data.y.tolist() == [420.0, 400.0, 1.0]
