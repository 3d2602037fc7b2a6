"""R's vectors, frames and lists in rpy2 to and from the plain values that reticulate's bridge speaks too.

Columns are copied whole: pandas2ri goes over them element by element, 16 seconds for a million rows, and changes
integers above 2**31 and missing values on the way.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from importlib import resources
from typing import Any, TypeAlias

import numpy as np

from gwasmeta.errors import GwasmetaError
from gwasmeta.interop.plain_values import Plain

__all__ = [
    "RValue",
    "as_r",
    "as_robject",
    "call_r",
    "column_to_plain",
    "frame_to_plain",
    "is_frame",
    "is_r",
    "matrix_shape",
    "names_of",
    "ri",
    "ro",
    "texts",
]

# It tells, as an error, by which of its two ways it gets at R: both are good.
logging.getLogger("rpy2.rinterface_lib.openrlib").setLevel(logging.ERROR)

try:
    import rpy2.rinterface as ri
    import rpy2.robjects as ro
except ModuleNotFoundError as error:
    raise GwasmetaError(
        f"values of R need rpy2, which cannot be imported: {error}\n  Install it: pip install 'gwasmeta[r]'"
    ) from error
except Exception as error:
    raise GwasmetaError(
        f"rpy2 is installed, but cannot start R: {error}\n"
        "  R must be installed, and on the PATH or in R_HOME (Debian, Ubuntu: apt-get install r-base-core make).\n"
        "  If a symbol is missing, this rpy2 is not for this R; the one of  pip install 'gwasmeta[r]'  is."
    ) from error

RValue: TypeAlias = Any
"""An object of rpy2, which has no types to check against."""

_FUNCTIONS = ri.evalr(resources.files("gwasmeta.interop").joinpath("rpy2_columns.R").read_text(encoding="utf-8"))
_COLUMN_TO_PLAIN, _COLUMN_FROM_PLAIN, _FRAME, _MATRIX, _CALL = _FUNCTIONS


def is_r(value: Any) -> bool:
    """Return whether a value is one of R."""
    return isinstance(value, ri.Sexp)


def is_frame(value: RValue) -> bool:
    """Return whether a value of R is a data frame, tibble or data.table."""
    return "data.frame" in value.rclass


def names_of(value: RValue) -> list[str] | None:
    """Return the names of a vector's or list's elements; None if they do not tell all of them apart."""
    names = value.names
    if names is ri.NULL:
        return None
    texts: list[str] = column_to_plain(names)["data"]
    return texts if all(texts) and len(set(texts)) == len(texts) else None


def column_to_plain(vector: RValue) -> Plain:
    """Return an atomic vector in the form that `column_from_plain` takes; type "" if that has none for it."""
    kind, data, missing = _COLUMN_TO_PLAIN(vector)
    numbers = np.asarray(data) if data is not ri.NULL else np.empty(0)
    plain: Plain = {"type": kind[0], "n": len(vector), "data": numbers.tobytes(), "missing": None}
    if kind[0] == "character":
        plain["data"] = plain["data"].decode().split("\0")[:-1]
        plain["missing"] = None if missing is ri.NULL else np.asarray(missing).tobytes()
    return plain


def frame_to_plain(frame: RValue) -> Plain:
    """Return a data frame in the form that `from_plain` takes.

    Raises
    ------
    GwasmetaError
        If two columns have one name, or a column is neither numbers nor text.
    """
    names = column_to_plain(frame.names)["data"]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise GwasmetaError(f"the data frame has two columns named {name}: give one another name")
    columns = [column_to_plain(column) for column in ri.ListSexpVector(frame)]
    for name, column, values in zip(names, columns, ri.ListSexpVector(frame), strict=True):
        if not column["type"]:
            raise GwasmetaError(
                f"column {name} of the data frame is of class {values.rclass[0]}, which gwasmeta cannot read:"
                " make it numbers or text"
            )
    n_rows = len(frame.do_slot("row.names"))
    return {"kind": "frame", "n": n_rows, "names": names, "columns": columns}


def matrix_shape(value: RValue) -> tuple[int, int] | None:
    """Return the shape of a matrix of numbers; None for any other value."""
    if "dim" not in value.list_attrs() or len(shape := value.do_slot("dim")) != 2:
        return None
    is_number = isinstance(value, ri.FloatSexpVector | ri.IntSexpVector | ri.BoolSexpVector)
    return (shape[0], shape[1]) if is_number else None


def as_r(plain: Plain | None) -> RValue:
    """Make a value of R of what `to_plain` returns."""
    if plain is None:
        return ri.NULL
    if plain["kind"] == "scalar":
        return _scalar(plain["value"])
    if plain["kind"] == "vector":
        return _column(plain["column"])
    if plain["kind"] == "frame":
        columns = ri.ListSexpVector([_column(column) for column in plain["columns"]])
        return _FRAME(columns, texts(plain["names"]), ri.IntSexpVector([plain["n"]]))
    numbers = ri.FloatSexpVector.from_memoryview(memoryview(plain["data"]).cast("d"))
    return _MATRIX(numbers, ri.IntSexpVector(plain["shape"][:1]), texts(plain["rows"]), texts(plain["columns"]))


def texts(words: Sequence[str] | None) -> RValue:
    """Return a character vector; NULL for None."""
    return ri.NULL if words is None else ri.StrSexpVector(words)


def _scalar(value: bool | float | str) -> RValue:
    if isinstance(value, bool):
        return ri.BoolSexpVector([value])
    if isinstance(value, int):
        return ri.IntSexpVector([value])
    if isinstance(value, str):
        return ri.StrSexpVector([value])
    return ri.FloatSexpVector([ri.NA_Real if value != value else value])


def _column(column: Plain) -> RValue:
    data, is_ascii = column["data"], True
    if column["type"] == "character":
        joined = "\0".join([*data, ""])
        if joined.count("\0") != len(data):
            word = next(word for word in data if "\0" in word)
            raise GwasmetaError(f"{word!r} contains a zero byte, which no text of R can")
        data, is_ascii = joined.encode(), joined.isascii()
    kind, n = ri.StrSexpVector([column["type"]]), ri.FloatSexpVector([column["n"]])
    return _COLUMN_FROM_PLAIN(kind, n, _raw(data), _raw(column["missing"] or b""), ri.BoolSexpVector([is_ascii]))


def _raw(data: bytes | bytearray) -> RValue:
    return ri.ByteSexpVector.from_memoryview(memoryview(data))


def call_r(function: str, arguments: RValue) -> RValue:
    """Call a function of R with a list of arguments; its warnings become Python's.

    Raises
    ------
    GwasmetaError
        With R's message.
    """
    outcome = _CALL(texts([function]), arguments)
    value, messages = outcome
    for message in column_to_plain(messages)["data"]:
        warnings.warn(f"{function}(): R warns: {message}", stacklevel=3)
    if outcome.names[0] == "error":
        raise GwasmetaError(f"{function}(): R says: {value[0]}")
    return value


def as_robject(value: RValue) -> RValue:
    """Return a value of R as one of rpy2's classes for users."""
    return ro.default_converter.rpy2py(value)
