"""Chromosomes and positions that are part of variants' ids, as in 1:12345:A:G or chr1_12345_A_G."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from gwasmeta.compiled import compiled
from gwasmeta.sumstats.words import Words

_COLON, _UNDERSCORE, _ZERO, _NINE = ord(":"), ord("_"), ord("0"), ord("9")
_C, _H, _R = b"CHR"
_X, _Y, _M, _T = b"XYMT"
_TO_UPPER: Final = 0xDF
_MOST_DIGITS: Final = 10


def places_in_ids(ids: Words) -> tuple[Words, npt.NDArray[np.float64]]:
    """Return chromosomes and positions; empty and NaN for ids that are not of this form."""
    lengths, positions = _parsed(ids.data, ids.starts, ids.lengths)
    return Words(ids.data, ids.starts, lengths), positions


@compiled
def _end_of_name(data: Any, start: int, length: int) -> int:
    """Return the length of the chromosome's name in front of a separator; 0 if there is none."""
    begin = 0
    if length > 3 and data[start] & _TO_UPPER == _C and data[start + 1] & _TO_UPPER == _H:
        begin = 3 if data[start + 2] & _TO_UPPER == _R else 0
    for at in range(begin, min(length, begin + 3)):
        letter = data[start + at]
        if letter in (_COLON, _UNDERSCORE):
            return at if at > begin else 0
        upper = letter & _TO_UPPER
        if not (_ZERO <= letter <= _NINE or upper in (_X, _Y, _M, _T)):
            return 0
    return 0


@compiled
def _parsed(data: Any, starts: Any, lengths: Any) -> Any:
    name_lengths = np.zeros(starts.size, dtype=np.int32)
    positions = np.full(starts.size, np.nan)
    for row in range(starts.size):
        start, length = starts[row], lengths[row]
        at = _end_of_name(data, start, length)
        if at == 0:
            continue
        position, digits = 0, 0
        k = at + 1
        while k < length and _ZERO <= data[start + k] <= _NINE and digits <= _MOST_DIGITS:
            position = position * 10 + data[start + k] - _ZERO
            digits += 1
            k += 1
        ends = k == length or data[start + k] == _COLON or data[start + k] == _UNDERSCORE
        if digits > 0 and ends:
            name_lengths[row] = at
            positions[row] = position
    return name_lengths, positions
