"""Maps of markers: three words a line, or four as PLINK writes them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gwasmeta.compat.gwama_map import MarkerMap
from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.words import Words


def read(tmp_path: Path, text: str) -> MarkerMap:
    path = tmp_path / "map.txt"
    path.write_text(text)
    return MarkerMap(str(path))


def places(marker_map: MarkerMap, *markers: str) -> list[tuple[str, float]]:
    chromosomes, positions = marker_map.places(Words.of(markers))
    return list(zip(chromosomes.to_list(), positions.tolist(), strict=True))


def test_three_words_and_four_words(tmp_path: Path) -> None:
    marker_map = read(tmp_path, "chr marker pos\n1 m1 100\n 2\tm2  0 200\n3 m3 0.5 300 more\n")
    assert places(marker_map, "m3", "m1", "m2") == [("3", 300.0), ("1", 100.0), ("2", 200.0)]
    assert marker_map.has_header


def test_an_unknown_marker_has_no_place(tmp_path: Path) -> None:
    chromosomes, positions = read(tmp_path, "1 m1 100\n").places(Words.of(["m2", "m1", "M1"]))
    assert chromosomes.to_list() == ["", "1", ""]
    np.testing.assert_array_equal(positions, [np.nan, 100, np.nan])


def test_a_first_line_with_a_position_is_no_header(tmp_path: Path) -> None:
    marker_map = read(tmp_path, "1 m1 0 100\n1 m2 0 200\n")
    assert places(marker_map, "m1") == [("1", 100.0)]
    assert not marker_map.has_header


def test_names_of_chromosomes_stay(tmp_path: Path) -> None:
    marker_map = read(tmp_path, "chr23 m1 1\nX m2 2\n05 m3 3\n")
    assert places(marker_map, "m1", "m2", "m3") == [("chr23", 1.0), ("X", 2.0), ("05", 3.0)]
    assert marker_map.has_names
    assert not read(tmp_path, "23 m1 1\n").has_names


def test_of_a_marker_s_lines_the_last_counts_also_far_below(tmp_path: Path) -> None:
    lines = [f"1 m{k} {k}" for k in range(70_000)]
    marker_map = read(tmp_path, "\n".join(["2 m1 9", "2 m1 8", *lines, "3 m2 7"]) + "\n")
    assert places(marker_map, "m1", "m2", "m69999") == [("1", 1.0), ("3", 7.0), ("1", 69999.0)]


@pytest.mark.parametrize("text", ["\n", "chr marker pos\n", "1 rs1\n"])
def test_a_map_without_a_marker_is_no_map(tmp_path: Path, text: str) -> None:
    with pytest.raises(GwasmetaError, match=r"map\.txt: the map has no line with a chromosome"):
        read(tmp_path, text)


@pytest.mark.parametrize("line", ["7", "7 m7", "7 m7 abc", "7 m7 0 abc", "7 m7 1.5", "7 m7 nan"])
def test_a_line_that_is_none_of_a_map_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(GwasmetaError, match=rf"map\.txt, line 3: .*'{line}'"):
        read(tmp_path, f"1 m1 1\n\n{line}\n")


def test_a_missing_map_is_named(tmp_path: Path) -> None:
    with pytest.raises(GwasmetaError, match=r"nosuch\.map: the map cannot be read: No such file"):
        MarkerMap(str(tmp_path / "nosuch.map"))
