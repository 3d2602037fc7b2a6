"""Numbers and names as they are written in pictures."""

from __future__ import annotations

import math
from typing import Final

_RAISED: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def power_of_ten(power: int) -> str:
    """Return a power of ten, such as 10⁻⁸."""
    return "10" + str(power).translate(_RAISED)


def p_value_text(p: float) -> str:
    """Return a round p-value, such as 5 × 10⁻⁸."""
    if p > 1e-3:
        return f"{p:g}"
    power = math.floor(math.log10(p) + 1e-9)
    digit = float(f"{p / 10.0**power:.3g}")
    return power_of_ten(power) if digit == 1 else f"{digit:g} × {power_of_ten(power)}"


def shortened(name: str, most: int) -> str:
    """Return a name of at most so many letters, with its beginning and its end."""
    return name if len(name) <= most else f"{name[: most // 2 - 1]}…{name[-(most - most // 2) :]}"
