"""Values to and from R as dict, list, str, number and bytearray.

These are what every version of reticulate converts alike. Arrays, frames and missing values it does not, and some of
them it changes silently: NA becomes -2147483648, "NA" or True, and integers beyond 2**31 wrap. So every value crosses
as a dict with a `kind`, and columns of numbers as bytes, little-endian.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

Plain: TypeAlias = dict[str, Any]

_NA_INTEGER = -(2**31)  # R's missing integer, and its missing logical value
_NA_INTEGER64 = -(2**63)  # that of R's package bit64


@dataclass(frozen=True)
class NamedMatrix:
    """A matrix of numbers, with the names of its rows and columns where they have any."""

    values: npt.NDArray[Any]
    rows: Sequence[str] = ()
    columns: Sequence[str] = ()

    @classmethod
    def of(cls, frame: pd.DataFrame) -> NamedMatrix:
        """Take the names from a pandas frame."""
        return cls(frame.to_numpy(), [*frame.index], [*frame.columns])


def to_plain(value: Any) -> Plain | None:
    """Bring a value into the form in which R takes it.

    Parameters
    ----------
    value : None, number, str, path, array, pandas frame or series, NamedMatrix, mapping, sequence or any
        Arrays have one or two dimensions. What is none of these goes as it is, for R to hold and to hand back.

    Returns
    -------
    dict or None
    """
    if value is None:
        return None
    if isinstance(value, bool | np.bool_):
        return {"kind": "scalar", "value": bool(value)}
    if isinstance(value, int | np.integer):
        fits = abs(int(value)) < 2**31
        return {"kind": "scalar", "value": int(value) if fits else float(value)}
    if isinstance(value, float | np.floating):
        return {"kind": "scalar", "value": float(value)}
    if isinstance(value, str | PurePath):
        return {"kind": "scalar", "value": str(value)}
    if isinstance(value, pd.DataFrame):
        return _frame_to_plain(value)
    if isinstance(value, pd.Series) or (isinstance(value, np.ndarray) and value.ndim == 1):
        return {"kind": "vector", "column": column_to_plain(pd.Series(value))}
    if isinstance(value, np.ndarray) and value.ndim == 2:
        return _matrix_to_plain(NamedMatrix(value))
    if isinstance(value, NamedMatrix):
        return _matrix_to_plain(value)
    return _container_to_plain(value)


def _container_to_plain(value: Any) -> Plain:
    if isinstance(value, Mapping):
        return {"kind": "list", "names": [str(name) for name in value], "values": [*map(to_plain, value.values())]}
    if isinstance(value, list | tuple):
        if value and all(isinstance(item, str) for item in value):
            return {"kind": "vector", "column": _text_to_plain(value, np.zeros(len(value), dtype=np.bool_))}
        return {"kind": "list", "names": None, "values": [*map(to_plain, value)]}
    return {"kind": "object", "object": value}


def _matrix_to_plain(matrix: NamedMatrix) -> Plain:
    numbers = np.asarray(matrix.values, dtype="<f8")
    return {
        "kind": "matrix",
        "shape": [*numbers.shape],
        "data": bytearray(numbers.tobytes(order="F")),
        "rows": [*map(str, matrix.rows)] or None,
        "columns": [*map(str, matrix.columns)] or None,
    }


def _frame_to_plain(frame: pd.DataFrame) -> Plain:
    return {
        "kind": "frame",
        "n": len(frame),
        "names": [str(name) for name in frame.columns],
        "columns": [column_to_plain(frame.iloc[:, place]) for place in range(frame.shape[1])],
    }


def column_to_plain(column: pd.Series[Any]) -> Plain:
    """Bring a column into the form for R, as a vector of doubles, integers, logical values or text.

    Whole numbers that R's integers cannot hold go as doubles; categories, dates and times as text.
    """
    kind = column.dtype
    missing = column.isna().to_numpy(dtype=np.bool_)
    if pd.api.types.is_bool_dtype(kind):
        return _whole_to_plain("logical", column, missing)
    if pd.api.types.is_integer_dtype(kind):
        return _whole_to_plain("integer", column, missing)
    if pd.api.types.is_float_dtype(kind):
        return _doubles_to_plain(column.to_numpy(dtype="<f8", na_value=np.nan))
    if pd.api.types.is_datetime64_any_dtype(kind):
        column = column.dt.strftime("%Y-%m-%d %H:%M:%S")
    return _text_to_plain(column.astype(object).tolist(), missing)


def _whole_to_plain(kind: str, column: pd.Series[Any], missing: npt.NDArray[np.bool_]) -> Plain:
    filled = column.fillna(False if kind == "logical" else 0) if missing.any() else column
    if kind == "integer" and len(filled) and not (filled.min() > _NA_INTEGER and filled.max() < 2**31):
        doubles = filled.to_numpy(dtype="<f8")
        return _doubles_to_plain(np.where(missing, np.nan, doubles))
    numbers = filled.to_numpy(dtype="<i4")
    return {
        "type": kind,
        "n": len(numbers),
        "data": bytearray(np.where(missing, np.int32(_NA_INTEGER), numbers).astype("<i4").tobytes()),
        "missing": None,
    }


def _doubles_to_plain(numbers: npt.NDArray[Any]) -> Plain:
    return {"type": "double", "n": len(numbers), "data": bytearray(numbers.astype("<f8").tobytes()), "missing": None}


def _text_to_plain(words: Sequence[Any], missing: npt.NDArray[np.bool_]) -> Plain:
    """Tell the places of missing words, so that a real "NA" among the others is kept apart."""
    if missing.any():
        words = ["" if is_missing else word for word, is_missing in zip(words, missing, strict=True)]
    return {
        "type": "character",
        "n": len(words),
        "data": [word if type(word) is str else str(word) for word in words],
        "missing": bytearray(np.flatnonzero(missing).astype("<i4").tobytes()) if missing.any() else None,
    }


def from_plain(plain: Plain | None) -> Any:
    """Turn what R has sent into a value of Python.

    Returns
    -------
    object
        A vector of length one that R does not call a sequence is a scalar, a longer one a list, or a dict if it has
        names; frames are pandas', matrices NumPy's.
    """
    if plain is None:
        return None
    if plain["kind"] == "vector":
        return _vector_from_plain(plain)
    if plain["kind"] == "frame":
        return _frame_from_plain(plain)
    if plain["kind"] == "matrix":
        return _doubles(plain["data"]).reshape([int(length) for length in plain["shape"]], order="F")
    if plain["kind"] == "list":
        values = [from_plain(value) for value in plain["values"]]
        return values if plain["names"] is None else dict(zip(plain["names"], values, strict=True))
    return plain["object"]


def _vector_from_plain(plain: Plain) -> Any:
    column = column_from_plain(plain["column"])
    values = column.astype(object).tolist()
    if plain["column"]["type"] != "double":
        values = [None if value is pd.NA or value is np.nan else value for value in values]
    if plain["names"] is not None:
        return dict(zip(plain["names"], values, strict=True))
    return values[0] if plain["scalar"] else values


def _frame_from_plain(plain: Plain) -> pd.DataFrame:
    columns = {name: column_from_plain(column) for name, column in zip(plain["names"], plain["columns"], strict=True)}
    return pd.DataFrame(columns, index=pd.RangeIndex(int(plain["n"])))


def column_from_plain(column: Plain) -> pd.Series[Any]:
    """Turn a column from R into a pandas one: float64, int64 or Int64, bool or boolean, or text."""
    kind, data = column["type"], column["data"]
    if kind == "double":
        return pd.Series(_doubles(data))
    if kind == "character":
        words = np.array(data, dtype=object)
        if column["missing"] is not None:
            words[np.frombuffer(bytes(column["missing"]), "<i4")] = None
        return pd.Series(words, dtype=pd.StringDtype(na_value=np.nan))
    numbers = np.frombuffer(bytes(data), "<i8" if kind == "integer64" else "<i4")
    missing = numbers == (_NA_INTEGER64 if kind == "integer64" else _NA_INTEGER)
    whole: pd.Series[Any] = pd.Series(numbers != 0) if kind == "logical" else pd.Series(numbers.astype(np.int64))
    if missing.any():
        whole = whole.astype("boolean" if kind == "logical" else "Int64").mask(missing)
    return whole


def _doubles(data: bytearray) -> npt.NDArray[np.float64]:
    numbers = np.frombuffer(bytes(data), "<f8").astype(np.float64)
    numbers[np.isnan(numbers)] = np.nan  # R's NA is a signalling NaN: NumPy warns of what is computed with it
    return numbers
