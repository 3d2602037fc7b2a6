"""What crosses to R and back, without R: only dict, list, str, numbers and bytearrays, and nothing is lost."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gwasmeta.interop.plain_values import NamedMatrix, column_from_plain, column_to_plain, from_plain, to_plain

NA_INTEGER = -(2**31)


def scalar(value: Any, kind: str) -> dict[str, Any]:
    return {"kind": "vector", "column": vector(kind, [value])["column"], "names": None, "scalar": True}


def vector(kind: str, values: list[Any]) -> dict[str, Any]:
    """What R sends, packed here by hand."""
    letter = {"double": "d", "integer": "i", "logical": "i", "integer64": "q"}.get(kind)
    data = list(values) if letter is None else bytearray(struct.pack(f"<{len(values)}{letter}", *values))
    return {
        "kind": "vector",
        "column": {"type": kind, "data": data, "missing": None},
        "names": None,
        "scalar": False,
    }


def assert_plain(value: Any) -> None:
    """Fail on what reticulate converts differently from version to version."""
    assert type(value) in (dict, list, str, bool, int, float, bytearray, type(None)), type(value)
    if type(value) is int:
        assert abs(value) < 2**31
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        assert_plain(part)


@pytest.mark.parametrize(
    ("series", "kind", "expected"),
    [
        (pd.Series([1.5, np.nan]), "double", [1.5, None]),
        (pd.Series([1.5, -2], dtype="float32"), "double", [1.5, -2.0]),
        (pd.Series([1.5, None], dtype="Float64"), "double", [1.5, None]),
        (pd.Series([1, -2], dtype="int8"), "integer", [1, -2]),
        (pd.Series([1, None], dtype="Int64"), "integer", [1, None]),
        (pd.Series([2**31 - 1, -(2**31) + 1]), "integer", [2**31 - 1, -(2**31) + 1]),
        (pd.Series([2**31, 1]), "double", [2.0**31, 1.0]),
        (pd.Series([-(2**31), 1]), "double", [-(2.0**31), 1.0]),
        (pd.Series([3_000_000_000, None], dtype="Int64"), "double", [3e9, None]),
        (pd.Series([2**32 - 1], dtype="uint32"), "double", [2.0**32 - 1]),
        (pd.Series([True, False]), "logical", [True, False]),
        (pd.Series([True, None], dtype="boolean"), "logical", [True, None]),
        (pd.Series(["a", "NA", ""]), "character", ["a", "NA", ""]),
        (pd.Series(["β 中", None]), "character", ["β 中", None]),
        (pd.Series(["a", np.nan], dtype=object), "character", ["a", None]),
        (pd.Series(["a", None], dtype="string"), "character", ["a", None]),
        (pd.Series(["a", None, "a"], dtype="category"), "character", ["a", None, "a"]),
        (pd.Series(["2024-02-29", None], dtype="datetime64[ns]"), "character", ["2024-02-29 00:00:00", None]),
        (pd.Series([None, Path("x")], dtype=object), "character", [None, "x"]),
        (pd.Series([], dtype="int64"), "integer", []),
        (pd.Series([], dtype="str"), "character", []),
    ],
    ids=str,
)
def test_every_kind_of_column_goes_and_comes_back(series: pd.Series, kind: str, expected: list[Any]) -> None:
    plain = column_to_plain(series)
    assert_plain(plain)
    assert (plain["type"], plain["n"]) == (kind, len(expected))
    back = column_from_plain(plain)
    assert [None if gone else value for value, gone in zip(back, back.isna(), strict=True)] == expected


def test_missing_integers_are_rs_own() -> None:
    plain = column_to_plain(pd.Series([7, None], dtype="Int64"))
    assert struct.unpack("<2i", plain["data"]) == (7, NA_INTEGER)


def test_the_missing_of_r_is_a_quiet_nan() -> None:
    signalling = struct.pack("<Q", 0x7FF00000000007A2)  # R's NA_real_
    column = {"type": "double", "data": bytearray(signalling + struct.pack("<d", 2.0)), "missing": None}
    values = column_from_plain(column).to_numpy()
    with np.errstate(all="raise"):
        assert np.array_equal(values * 2, [np.nan, 4.0], equal_nan=True)
    matrix = from_plain({"kind": "matrix", "shape": [1, 1], "data": bytearray(signalling)})
    with np.errstate(all="raise"):
        assert np.isnan(matrix - 1).all()


def test_64_bit_integers_of_r_keep_their_value_and_what_is_missing() -> None:
    column = vector("integer64", [3_000_000_000, -(2**63)])["column"]
    assert column_from_plain(column).astype(object).tolist() == [3_000_000_000, pd.NA]


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        (scalar("fixed", "character"), "fixed"),
        (vector("character", ["fixed"]), ["fixed"]),
        (vector("character", []), []),
        (scalar(2.5, "double"), 2.5),
        (scalar(5, "integer"), 5),
        (scalar(1, "logical"), True),
        (scalar(NA_INTEGER, "logical"), None),
        (vector("double", [1.0, 2.0]), [1.0, 2.0]),
        (vector("character", ["A2"]) | {"names": ["effect_allele"]}, {"effect_allele": "A2"}),
        ({"kind": "list", "names": [], "values": []}, {}),
        ({"kind": "list", "names": None, "values": [None, scalar("a", "character")]}, [None, "a"]),
        (None, None),
    ],
)
def test_what_r_says_is_understood(plain: Any, expected: Any) -> None:
    value = from_plain(plain)
    assert value == expected
    assert type(value) is type(expected)


def test_values_of_every_kind_are_plain() -> None:
    value = {
        "n": 2**40, "one": 1, "p": np.float64(0.5), "kept": np.bool_(True), "path": Path("a b"), "nothing": None,
        "names": ["x"], "mixed": ["x", 1], "rows": (), "z": np.arange(3.0), "frame": pd.DataFrame({"a": [1]}),
        "matrix": NamedMatrix(np.eye(2), ["a", "b"], ["a", "b"]), "nested": {"deep": [{"er": 1}]},
    }  # fmt: skip
    assert_plain(to_plain(value))


def test_a_large_number_is_no_wrapped_integer() -> None:
    assert to_plain(2**40) == {"kind": "scalar", "value": 2.0**40}
    assert to_plain(2**31 - 1) == {"kind": "scalar", "value": 2**31 - 1}
    assert type(to_plain(2**31)["value"]) is float  # type: ignore[index]


def test_matrices_go_column_by_column() -> None:
    plain = to_plain(NamedMatrix(np.array([[1.0, 2.0], [3.0, 4.0]]), ["a", "b"]))
    assert plain is not None
    assert struct.unpack("<4d", plain["data"]) == (1.0, 3.0, 2.0, 4.0)
    assert (plain["rows"], plain["columns"]) == (["a", "b"], None)
    assert from_plain(plain).tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_what_has_no_form_goes_as_it_is() -> None:
    thing = object()
    assert to_plain(thing) == {"kind": "object", "object": thing}
    assert from_plain({"kind": "object", "object": thing}) is thing
