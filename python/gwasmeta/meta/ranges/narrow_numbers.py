"""Numbers in half the bytes without the loss of a bit: what was printed with few digits is an integer over 10^k."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from gwasmeta.compiled import compiled

Array = npt.NDArray[Any]
FloatArray = npt.NDArray[np.float64]

_MOST_DECIMALS = 9
_MINUS_ZERO, _MISSING = -(2**31), 1 - 2**31  # integers that stand for what no integer is
_LARGEST = 2**31 - 2


def narrowed(values: FloatArray) -> tuple[Array, float] | None:
    """Return numbers of four bytes and what they are divided by in order to be the values again; None if they cannot.

    They are the values in single precision, or integers: the quotient of two numbers that are exact is the double
    that is nearest to the decimal fraction, and so is the value where it was read from text.

    Parameters
    ----------
    values : float64 array

    Returns
    -------
    numbers : float32 or int32 array
    divisor : float
    """
    with np.errstate(over="ignore"):
        single = values.astype(np.float32)
    if _same(widened(single, 1.0), values):
        return single, 1.0
    largest = float(np.fmax.reduce(np.abs(values), initial=0.0))
    if not 0 < largest <= _LARGEST:
        return None
    divisor = 10.0 ** math.floor(min(_MOST_DECIMALS, math.log10(_LARGEST / largest)))
    missing = np.isnan(values)
    integers = np.rint(np.where(missing, 0, values * divisor)).astype(np.int32)
    integers[missing] = _MISSING
    integers[(values == 0) & np.signbit(values)] = _MINUS_ZERO
    return (integers, divisor) if _same(widened(integers, divisor), values) else None


def widened(numbers: Array, divisor: float) -> FloatArray:
    """Return the values that were narrowed."""
    if numbers.dtype == np.float32:
        return numbers.astype(np.float64)
    values = np.empty(len(numbers))
    _divide(numbers, divisor, values)
    return values


@compiled
def _divide(numbers: Any, divisor: float, values: Any) -> None:
    for row in range(numbers.size):
        number = numbers[row]
        value = number / divisor
        value = -0.0 if number == _MINUS_ZERO else value
        values[row] = np.nan if number == _MISSING else value


def _same(one: FloatArray, other: FloatArray) -> bool:
    """Say whether every bit is the same: 0 is not -0, and NaN is NaN."""
    return bool((one.view(np.uint64) == other.view(np.uint64)).all())
