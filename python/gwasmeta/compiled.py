"""The one way in which a formula or a loop is compiled to machine code."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

_Function = TypeVar("_Function", bound=Callable[..., object])


def compiled(function: _Function) -> _Function:
    """Compile a function when it is first called, and keep the machine code for the next process.

    It releases the interpreter lock, so that blocks of variants run on threads, and divides as NumPy does:
    by zero into infinity or NaN.
    """
    return cast(_Function, njit(cache=True, nogil=True, error_model="numpy", forceinline=True)(function))
