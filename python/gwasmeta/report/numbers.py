"""Numbers as the report prints them."""

from __future__ import annotations

import math
from typing import Any

from gwasmeta.plots.drawing.numbers import power_of_ten


def p_value(neg_log_10: float | None) -> str:
    """Return a p-value from its logarithm, such as 3.2 × 10⁻⁴¹²; a dash for none."""
    if neg_log_10 is None or math.isnan(neg_log_10):
        return "–"
    if math.isinf(neg_log_10):
        return "0"
    if neg_log_10 < 3:
        return f"{10.0**-neg_log_10:.2g}"
    power = -math.ceil(neg_log_10)
    digits = f"{10.0 ** (-neg_log_10 - power):.1f}"
    return f"{'1.0' if digits == '10.0' else digits} × {power_of_ten(power + (digits == '10.0'))}"


def plain_p_value(neg_log_10: float | None) -> str:
    """Return a p-value as programs read it, such as 3.2e-412."""
    if neg_log_10 is None or math.isnan(neg_log_10):
        return ""
    if math.isinf(neg_log_10):
        return "0"
    if neg_log_10 < 3:
        return f"{10.0**-neg_log_10:.3g}"
    power = -math.ceil(neg_log_10)
    digits = f"{10.0 ** (-neg_log_10 - power):.2f}"
    return f"{'1.00' if digits == '10.00' else digits}e{power + (digits == '10.00')}"


def decimal(value: Any, digits: int = 3) -> str:
    """Return a number with so many digits behind the point, a dash for none."""
    return "–" if _missing(value) else f"{value:.{digits}f}".replace("-", "−")


def significant(value: Any, digits: int = 3) -> str:
    """Return a number with so many significant digits, a dash for none."""
    return "–" if _missing(value) else f"{value:.{digits}g}".replace("-", "−")


def whole(value: Any) -> str:
    """Return a count, such as 12,345; a dash for none."""
    return "–" if _missing(value) else f"{value:,.0f}"


def share(part: float, of: float) -> str:
    """Return a share in per cent, with the digits that tell it from none and from all."""
    if not of:
        return "–"
    per_cent = 100 * part / of
    if 0 < per_cent < 0.1:
        return "< 0.1 %"
    if 99.9 < per_cent < 100:
        return "> 99.9 %"
    return f"{per_cent:.1f} %" if per_cent % 1 else f"{per_cent:.0f} %"


def method_words(name: str) -> str:
    """Return the name of a method as it is called in sentences."""
    return {"fixed": "fixed effects", "random": "random effects", "sample_size": "weights by sample size"}.get(
        name, in_words(name)
    )


def in_words(name: str) -> str:
    """Return the name of a rule or an option in words."""
    return name.replace("_", " ")


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))
