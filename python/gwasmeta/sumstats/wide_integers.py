"""Whole numbers of up to 1024 bits, compiled: as large as doubles are, for what must be exact and is rarely needed."""

from __future__ import annotations

from typing import Any

import numpy as np

from gwasmeta.compiled import compiled

_LIMBS = 32  # of 32 bits each, the lowest first
_LIMB_BITS = np.uint64(32)
_LIMB_MASK = np.uint64(0xFFFFFFFF)
_POWERS_OF_FIVE = 5 ** np.arange(14, dtype=np.uint64)  # those that fit in a limb


@compiled
def wide_integer(start: Any, fives: int, twos: int) -> Any:
    """Return start x 5^fives x 2^twos, which must be below 2^1024."""
    limbs = np.zeros(_LIMBS, dtype=np.uint64)
    limbs[0] = start & _LIMB_MASK
    limbs[1] = start >> _LIMB_BITS
    while fives > 0:
        _multiply(limbs, _POWERS_OF_FIVE[min(fives, 13)])
        fives -= 13
    while twos > 0:
        _multiply(limbs, np.uint64(1) << np.uint64(min(twos, 31)))
        twos -= 31
    return limbs


@compiled
def _multiply(limbs: Any, factor: Any) -> None:
    carry = np.uint64(0)
    for limb in range(_LIMBS):
        product = limbs[limb] * factor + carry
        limbs[limb] = product & _LIMB_MASK
        carry = product >> _LIMB_BITS


@compiled
def divide_wide(limbs: Any, divisor: Any) -> Any:
    """Divide by a number below 2^32, in place, and return the remainder."""
    rest = np.uint64(0)
    for limb in range(_LIMBS - 1, -1, -1):
        rest = (rest << _LIMB_BITS) | limbs[limb]
        limbs[limb] = rest // divisor
        rest -= limbs[limb] * divisor
    return rest


@compiled
def compare_wide(left: Any, right: Any) -> int:
    """Return the sign of the difference."""
    for limb in range(_LIMBS - 1, -1, -1):
        if left[limb] != right[limb]:
            return 1 if left[limb] > right[limb] else -1
    return 0
