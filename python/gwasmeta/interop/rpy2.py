"""R and gwasmeta in one Python process, by rpy2: data frames of R go into gwasmeta, results come back as values of R.

``from_r`` and ``to_r`` bring values across, ``call`` calls a function of R with values of Python, and ``converter`` is
what rpy2 asks for where it converts by itself, such as in a notebook's ``%R`` cells, for which
``%load_ext gwasmeta.interop.rpy2`` sets it.

R runs in one thread only: use this from the thread that imported it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gwasmeta.errors import GwasmetaError
from gwasmeta.interop.plain_values import NamedMatrix, column_from_plain, from_plain, to_plain
from gwasmeta.interop.r_studies import studies_table
from gwasmeta.interop.rpy2_values import (
    RValue,
    as_r,
    as_robject,
    call_r,
    column_to_plain,
    frame_to_plain,
    is_frame,
    is_r,
    matrix_shape,
    names_of,
    ri,
    ro,
    texts,
)

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["call", "converter", "from_r", "load_ipython_extension", "to_r"]


def from_r(value: RValue) -> Any:
    """Turn a value of R into one of Python.

    Parameters
    ----------
    value : object of rpy2
        What is none is returned as it is.

    Returns
    -------
    object
        Data frames (tibbles, data.tables) become pandas'; lists become dicts if their names tell all elements apart,
        otherwise lists; matrices of numbers NumPy arrays; a vector of length one without a name a scalar, longer ones
        of numbers a pandas Series with R's names as its index, of text a list, or a dict by their names; NULL None.
        Factors, dates and times become text. A missing value is None in text and scalars, NaN among doubles, and
        pandas' NA among integers and logical values. What Python has no form for, such as a function, stays an object
        of rpy2.

    Raises
    ------
    GwasmetaError
        If a column of a data frame is neither numbers nor text, or two have one name. The message names it.

    Examples
    --------
    >>> import gwasmeta, rpy2.robjects
    >>> studies = rpy2.robjects.r('lapply(list(ukb = "ukb.txt", finns = "finns.txt"), read.delim)')  # doctest: +SKIP
    >>> gwasmeta.meta_analyze(from_r(studies))  # doctest: +SKIP
    """
    if not is_r(value):
        return value
    if value is ri.NULL:
        return None
    if is_frame(value):
        return from_plain(frame_to_plain(value))
    if isinstance(value, ri.ListSexpVector):
        elements, names = [from_r(element) for element in ri.ListSexpVector(value)], names_of(value)
        return elements if names is None else dict(zip(names, elements, strict=True))
    if shape := matrix_shape(value):
        return column_from_plain(column_to_plain(value)).to_numpy(np.float64, na_value=np.nan).reshape(shape, order="F")
    if isinstance(value, ri.SexpVector):
        return _vector_from_r(value)
    return as_robject(value)


def _vector_from_r(vector: RValue) -> Any:
    column, names = column_to_plain(vector), names_of(vector)
    if not column["type"]:
        return as_robject(vector)
    is_scalar = column["n"] == 1 and names is None
    if is_scalar or column["type"] == "character":
        return from_plain({"kind": "vector", "column": column, "names": names, "scalar": is_scalar})
    numbers = column_from_plain(column)
    return numbers if names is None else numbers.set_axis(names)


def to_r(value: Any) -> RValue:
    """Turn a value of Python, such as a result, into one of R.

    Parameters
    ----------
    value : result of gwasmeta, pandas frame or series, array, mapping, sequence, number, text or None
        Results become lists of their tables and figures, `result$table` the first. Of a frame, an index with a name
        becomes a column. Lists of numbers, of texts or of truth values become vectors.

    Returns
    -------
    object of rpy2
        Integers are R's integers where they fit, otherwise doubles; categories, dates and times are text. None, NaN and
        pandas' NA are NA in vectors and frames; None alone is NULL.

    Raises
    ------
    GwasmetaError
        If R has no form for it.
    """
    return as_robject(_r_of(value))


def _r_of(value: Any) -> RValue:
    if is_r(value):
        return value
    if isinstance(value, pd.DataFrame):
        return _frame_of(value)
    if isinstance(value, list | tuple):
        return _sequence_of(value)
    parts = value if isinstance(value, Mapping) else _parts_of(value)
    if parts is not None:
        return _named(ri.ListSexpVector([_r_of(part) for part in parts.values()]), map(str, parts))
    plain = to_plain(value)
    if plain is not None and plain["kind"] == "object":
        raise GwasmetaError(f"R has no form for a value of Python's class {type(value).__name__}")
    vector = as_r(plain)
    if isinstance(value, pd.Series) and not isinstance(value.index, pd.RangeIndex):
        return _named(vector, map(str, value.index))
    return vector


def _frame_of(frame: pd.DataFrame) -> RValue:
    is_labelled = not isinstance(frame.index, pd.RangeIndex)
    if is_labelled and frame.index.equals(frame.columns):
        return as_r(to_plain(NamedMatrix.of(frame)))
    columns = frame.reset_index() if is_labelled and frame.index.names != [None] else frame
    return as_r(to_plain(columns.infer_objects()))


def _sequence_of(values: list[Any] | tuple[Any, ...]) -> RValue:
    kind = pd.api.types.infer_dtype(values, skipna=True)
    if kind in ("string", "boolean", "integer", "floating", "mixed-integer-float"):
        whole = {"boolean": "boolean", "integer": "Int64"}.get(kind)
        return as_r(to_plain(pd.Series(list(values), dtype=whole)))
    return ri.ListSexpVector([_r_of(value) for value in values])


def _named(vector: RValue, names: Any) -> RValue:
    vector.names = texts([*names])
    return vector


_PARTS: dict[str, tuple[str, ...]] = {
    "MtagResult": ("summary", "sigma", "omega", "genetic_correlation", "log"),
    "SumStats": ("table", "name", "dialect", "columns", "rows_read", "log"),
    "MungedTrait": ("table", "name", "lambda_gc", "warnings", "log"),
    "HeritabilityResult": ("table", "warnings", "log"),
    "CorrelationResult": (
        *("table", "genetic_correlation", "genetic_correlation_standard_error", "genetic_covariance"),
        *("genetic_covariance_standard_error", "intercept", "intercept_standard_error", "warnings", "log"),
    ),
}


def _parts_of(value: Any) -> Mapping[str, Any] | None:
    """Return what R gets of a result; None for what is no result."""
    kind = type(value).__name__
    if kind == "MetaResult":
        return {
            "table": value.table,
            "studies": studies_table(value.studies),
            "log": value.log,
            "inflation_factors": pd.Series(value.inflation_factors, dtype="float64"),
            "n_left_out": pd.Series(value.n_left_out, dtype="int64"),
            "correlations": value.correlations,
        }
    if kind in _PARTS:
        tables = {"traits": {name: trait.table for name, trait in value.traits.items()}} if kind == "MtagResult" else {}
        return tables | {name: getattr(value, name) for name in _PARTS[kind]}
    if is_dataclass(value) and type(value).__module__.startswith("gwasmeta."):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return None


def call(function: str, *arguments: Any, **named_arguments: Any) -> Any:
    """Call a function of R with values of Python.

    Parameters
    ----------
    function : str
        Its name, such as ``"metafor::rma"``.
    *arguments, **named_arguments
        Brought across by `to_r`. Names with dots are written as in ``**{"na.rm": True}``.

    Returns
    -------
    object
        By `from_r`.

    Raises
    ------
    GwasmetaError
        With R's message, if R does not know the function or the function stops.

    Warns
    -----
    UserWarning
        With the message of each of R's warnings.

    Examples
    --------
    >>> call("metafor::rma", yi=[0.12, 0.05, 0.2], sei=[0.04, 0.03, 0.08], method="PM")["tau2"]  # doctest: +SKIP
    """
    values = ri.ListSexpVector([_r_of(argument) for argument in (*arguments, *named_arguments.values())])
    return from_r(call_r(function, _named(values, [""] * len(arguments) + [*named_arguments])))


def _converter() -> Any:
    made = ro.conversion.Converter("gwasmeta", template=ro.default_converter)
    made.py2rpy.register(object, to_r)
    for kind in (ri.ListSexpVector, ri.FloatSexpVector, ri.IntSexpVector, ri.BoolSexpVector, ri.StrSexpVector):
        made.rpy2py.register(kind, from_r)
    return made


converter = _converter()
"""Rules for rpy2: within ``with converter.context():`` it converts by `to_r` and `from_r`."""


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Give a notebook ``%R`` and ``%%R`` with these conversions: ``%load_ext gwasmeta.interop.rpy2``."""
    from rpy2.ipython.rmagic import RMagics

    shell.register_magics(RMagics(shell, converter=converter))
