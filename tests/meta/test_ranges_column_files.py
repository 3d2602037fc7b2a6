"""Columns on disk come back as they were written, whole or in part; a file that has changed is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_array_equal

from gwasmeta import GwasmetaError
from gwasmeta.meta.ranges import result_files
from gwasmeta.meta.ranges.column_files import ColumnFiles, ColumnWriter, new_folder, read_numbers, write_numbers
from gwasmeta.sumstats.words import Words

Array = np.ndarray[Any, Any]


def written(folder: Path, *pieces: dict[str, Array]) -> ColumnFiles:
    writer = ColumnWriter(folder)
    for piece in pieces:
        writer.append(piece)
    return writer.close()


def assert_same_bits(array: Array, expected: Array) -> None:
    assert array.dtype == expected.dtype
    assert array.tobytes() == expected.tobytes()


NUMBERS = st.sampled_from([0.0, -0.0, np.nan, 1.5, np.inf, 5e-324])


@settings(max_examples=60, deadline=None)
@given(st.lists(arrays(np.float64, array_shapes(max_dims=1, min_side=0, max_side=4), elements=NUMBERS)), st.data())
def test_any_pieces_come_back_whole_and_in_part(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[Array], data: st.DataObject
) -> None:
    files = written(tmp_path_factory.mktemp("columns"), *({"z": piece} for piece in pieces))
    if not pieces:
        assert (files.n_rows, dict(files.columns)) == (0, {})
        return
    expected = np.concatenate(pieces)
    assert files.n_rows == len(expected)
    assert_same_bits(files.read("z"), expected)
    start = data.draw(st.integers(0, len(expected)))
    stop = data.draw(st.integers(start, len(expected)))
    assert_same_bits(files.read("z", start, stop), expected[start:stop])


@pytest.mark.parametrize(
    "values",
    [
        *([-0.0, -0.0], [np.nan, np.nan], [np.inf] * 3, [0.1] * 2),
        *(np.array([True] * 3), np.array([False]), np.array([7, 7], np.uint8), np.array([-1, -1], np.int16)),
        *(np.array([2**32 - 1] * 2, np.uint32), np.array([-(2**31)] * 2, np.int32), np.array([2**62] * 2)),
    ],
)
def test_what_is_all_alike_has_no_file(values: Any, tmp_path: Path) -> None:
    array = np.asarray(values)
    files = written(tmp_path, {"one": array}, {"one": array[:1]}, {"one": array[:0]})
    assert list(tmp_path.iterdir()) == []
    assert_same_bits(files.read("one"), np.concatenate([array, array[:1]]))
    assert_same_bits(files.read("one", 1, 2), array[:1])


@pytest.mark.parametrize(
    ("alike", "other"), [(0.0, -0.0), (-0.0, 0.0), (np.nan, -np.nan), (np.nan, 1.0), (True, False)]
)
@pytest.mark.parametrize("n_alike", [1, 4])
def test_what_is_alike_to_the_eye_only_has_one(alike: Any, other: Any, n_alike: int, tmp_path: Path) -> None:
    pieces = [np.array([alike] * n_alike), np.array([alike, other]), np.array([alike])]
    files = written(tmp_path, *({"one": piece} for piece in pieces))
    assert (tmp_path / "one").exists()
    assert_same_bits(files.read("one"), np.concatenate(pieces))


def test_no_rows_keep_their_types(tmp_path: Path) -> None:
    files = written(tmp_path, {"z": np.empty(0), "variant": np.empty(0, np.int32), "imputed": np.empty(0, np.bool_)})
    assert files.n_rows == 0
    for name, kind in (("z", np.float64), ("variant", np.int32), ("imputed", np.bool_)):
        assert name in files
        assert_same_bits(files.read(name), np.empty(0, kind))
    assert "other" not in files


def test_arrays_that_do_not_lie_together(tmp_path: Path) -> None:
    table = np.arange(12.0).reshape(4, 3)
    files = written(tmp_path, {"column": table[:, 1]}, {"column": table[::-2, 2]})
    assert_array_equal(files.read("column"), [1, 4, 7, 10, 11, 5])


@pytest.mark.parametrize("cut", [0, 3, 8, 16])
def test_a_file_that_is_too_short_is_refused(cut: int, tmp_path: Path) -> None:
    files = written(tmp_path, {"beta": np.arange(3.0)})
    path = tmp_path / "beta"
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(GwasmetaError, match=r"beta: is shorter than it was written"):
        files.read("beta")
    assert_array_equal(files.read("beta", 0, cut // 8), np.arange(cut // 8))


def test_narrowed_columns_are_doubles_again_also_where_there_are_no_rows(tmp_path: Path) -> None:
    """Or what is compiled for doubles would be compiled once more."""
    columns = {"decimals": np.array([0.1, 0.25, -0.3]), "counts": np.array([7.0, 8.0, 9.0])}
    copied = written(tmp_path / "wide", columns).copied(tmp_path / "narrow", np.array([2, 0, 1]), {})
    for name, values in columns.items():
        assert (tmp_path / "narrow" / name).stat().st_size == 4 * 3
        assert_array_equal(copied.read(name), values[[2, 0, 1]])
        assert copied.read(name).dtype == copied.read(name, 1, 1).dtype == np.float64


def test_a_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    files = written(tmp_path, {"beta": np.arange(3.0)})
    (tmp_path / "beta").unlink()
    with pytest.raises(GwasmetaError, match=r"beta: cannot be read: No such file"):
        files.read("beta", 1)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(GwasmetaError, match=r"cannot hold the studies' rows(.|\n)*TMPDIR"):
        new_folder(tmp_path / "file")
    with pytest.raises(GwasmetaError, match=r"cannot hold the studies' rows(.|\n)*TMPDIR"):
        write_numbers(tmp_path / "nowhere" / "beta", np.zeros(3))


def test_a_store_that_is_full_is_told(tmp_path: Path) -> None:
    """Another folder for temporary files would not help."""
    (tmp_path / "by-variant").touch()
    with pytest.raises(GwasmetaError, match="the store cannot hold the studies' rows by variant") as caught:
        new_folder(tmp_path / "by-variant" / "effects-id")
    assert "TMPDIR" not in str(caught.value)


def test_folders_do_not_meet(tmp_path: Path) -> None:
    assert len({new_folder(tmp_path / "studies") for _ in range(20)}) == 20


def test_numbers_from_the_middle(tmp_path: Path) -> None:
    write_numbers(tmp_path / "numbers", np.arange(10, dtype="<i4"))
    assert_array_equal(read_numbers(tmp_path / "numbers", "<i4", 4, 3), [4, 5, 6])
    assert len(read_numbers(tmp_path / "numbers", "<i4", 10, 0)) == 0


# --- the columns of a result ----------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["rs1", "", "a", "longer word", ""], ["", "", ""], ["x"] * 5, ["ä", "", "é-"]])
def test_words_and_numbers_of_a_result(words: list[str], tmp_path: Path) -> None:
    """Given in blocks of two rows, read from anywhere."""
    numbers = np.arange(len(words)) / 3
    blocks = ({"n": numbers[row : row + 2], "id": Words.of(words[row : row + 2])} for row in range(0, len(words), 2))
    result = result_files.write_range(tmp_path, blocks)
    assert result.names == ("n", "id")
    for start in range(len(words) + 1):
        for stop in range(start, len(words) + 1):
            read = result.read(start, stop)
            assert list(read) == ["n", "id"]
            assert isinstance(column := read["id"], Words)
            assert column.to_list() == words[start:stop]
            assert_array_equal(read["n"], numbers[start:stop])


def test_a_result_without_rows(tmp_path: Path) -> None:
    result = result_files.write_range(tmp_path, [{"id": Words.of([]), "n": np.empty(0)}])
    read = result.read(0, 0)
    assert isinstance(column := read["id"], Words)
    assert column.to_list() == []
    assert len(read["n"]) == 0
