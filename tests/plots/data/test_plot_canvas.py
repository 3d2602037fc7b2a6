"""Thinning: the points that are left set the same pixels as all of them."""

from __future__ import annotations

import numpy as np
import pytest

from gwasmeta.plots.data.canvas import Canvas, Frame, _marker_pixels, visible_rows

FRAME = Frame(-1.0, 3.0, 0.0, 10.0)


def points(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Points in a dense lower part and a sparse upper one, some missing."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(-1, 3, n), rng.exponential(1.2, n)
    y[y > 10] = 10
    x[rng.random(n) < 0.02] = np.nan
    y[rng.random(n) < 0.02] = np.nan
    return x, y


def pixels(x, y, frame, canvas) -> set[tuple[int, int]]:
    """Every pixel that a point lies in, one point after the other."""
    found = set()
    for across, height in zip(x, y, strict=True):
        if not (np.isfinite(across) and height >= 0):
            continue
        drawn = min(height, frame.ceiling)
        drawn = drawn if drawn <= frame.bend else frame.bend + (drawn - frame.bend) * frame.compression
        column = (across - frame.x_low) / (frame.x_high - frame.x_low) * canvas.width + canvas.x_offset
        line = (drawn - frame.y_low) / (frame.y_high - frame.y_low) * canvas.height + canvas.y_offset
        found.add((int(np.floor(column)), int(np.floor(line))))
    return found


def painted(cells: set[tuple[int, int]], marker: float) -> tuple[set, dict]:
    """The pixels that markers fill wholly, and how often each of the others is touched."""
    filled, touched = _marker_pixels(marker)
    full = {(c + dc, r + dr) for c, r in cells for dc, dr in filled.tolist()}
    partly: dict[tuple[int, int], int] = {}
    for c, r in cells:
        for dc, dr in touched.tolist():
            if (c + dc, r + dr) not in full:
                partly[c + dc, r + dr] = partly.get((c + dc, r + dr), 0) + 1
    return full, partly


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("n", [1, 50, 20_000])
@pytest.mark.parametrize("offset", [0.0, 0.5, 0.83])
def test_the_same_pixels_are_set_by_one_point_each(n, seed, offset):
    x, y = points(n, seed)
    canvas = Canvas(90.0, 40.0, offset, offset / 2)
    rows = visible_rows(x, y, FRAME, canvas)
    every = pixels(x, y, FRAME, canvas)
    assert pixels(x[rows], y[rows], FRAME, canvas) == every
    assert len(rows) == len(every)
    assert (np.diff(rows) > 0).all()


def test_a_broken_axis_has_its_own_pixels():
    x, y = points(20_000, 5)
    y *= 20
    frame = Frame(-1.0, 3.0, 0.0, 60.0, bend=40.0, compression=0.1, ceiling=150.0)
    canvas = Canvas(60.0, 60.0)
    rows = visible_rows(x, y, frame, canvas)
    assert pixels(x[rows], y[rows], frame, canvas) == pixels(x, y, frame, canvas)
    assert len(rows) < len(x) / 4


@pytest.mark.parametrize("seed", range(3))
def test_groups_do_not_stand_for_each_other(seed):
    x, y = points(20_000, seed)
    group = np.random.default_rng(seed).integers(-1, 3, len(x))
    canvas = Canvas(50.0, 30.0)
    rows = visible_rows(x, y, FRAME, canvas, group=group)
    for colour in range(3):
        own = rows[group[rows] == colour]
        assert pixels(x[own], y[own], FRAME, canvas) == pixels(x[group == colour], y[group == colour], FRAME, canvas)
    assert (group[rows] >= 0).all()


def test_groups_in_a_row_are_placed_by_their_origins():
    x, y = points(30_000, 1)
    group = (np.random.default_rng(1).integers(0, 3, len(x))).astype(np.int16)
    origin = np.array([0.0, 5.0, 10.0])
    frame, canvas = Frame(-1.0, 14.0, 0.0, 10.0), Canvas(120.0, 30.0)
    rows = visible_rows(x, y, frame, canvas, group=group, x_origin=origin)
    place = origin[group] + x
    for colour in range(3):
        own = rows[group[rows] == colour]
        every = pixels(place[group == colour], y[group == colour], frame, canvas)
        assert pixels(place[own], y[own], frame, canvas) == every
        assert len(own) == len(every)


@pytest.mark.parametrize("marker", [3.0, 5.2, 6.6, 9.0])
@pytest.mark.parametrize("seed", range(3))
def test_markers_that_others_cover_are_left_out_and_nothing_else_changes(marker, seed):
    x, y = points(15_000, seed)
    canvas = Canvas(80.0, 60.0, 0.5, 0.5, marker)
    one_a_pixel = visible_rows(x, y, FRAME, Canvas(80.0, 60.0, 0.5, 0.5))
    rows = visible_rows(x, y, FRAME, canvas)
    full, partly = painted(pixels(x, y, FRAME, canvas), marker)
    full_thinned, partly_thinned = painted(pixels(x[rows], y[rows], FRAME, canvas), marker)
    assert full_thinned == full
    assert partly_thinned == partly
    assert marker < 5 or len(rows) < 0.7 * len(one_a_pixel)


def test_every_point_above_a_threshold_is_kept():
    x, y = points(20_000, 2)
    rows = visible_rows(x, y, FRAME, Canvas(20.0, 10.0, marker=5.0), keep_above=4.0)
    assert set(np.flatnonzero((y > 4) & ~np.isnan(x))) == {row for row in rows.tolist() if y[row] > 4}
    assert (y[rows] <= 4).sum() < 100


def test_the_number_of_cores_changes_nothing(monkeypatch):
    x, y = points(50_000, 3)
    kept = visible_rows(x, y, FRAME, Canvas(100.0, 50.0))
    monkeypatch.setattr("gwasmeta.plots.data.canvas.n_cores", lambda: 7)
    assert visible_rows(x, y, FRAME, Canvas(100.0, 50.0)).tolist() == kept.tolist()


def test_without_points_nothing_is_left():
    assert visible_rows(np.empty(0), np.empty(0), FRAME, Canvas()).tolist() == []
    assert visible_rows(np.array([np.nan]), np.array([1.0]), FRAME, Canvas()).tolist() == []
