"""Amounts of memory: as users write them, and as this process takes them."""

from __future__ import annotations

import re
import resource
import sys
from pathlib import Path

from gwasmeta.errors import GwasmetaError

_UNITS = {"": 1, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "KI": 2**10, "MI": 2**20, "GI": 2**30, "TI": 2**40}


def as_bytes(amount: str | float) -> int:
    """Return an amount of memory in bytes.

    Parameters
    ----------
    amount : number or str
        A number of bytes, or a text such as 4GB, 1.5 GiB, 800M.

    Raises
    ------
    GwasmetaError
        If it is none, or not positive.
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*([KMGT]?I?)B?\s*", str(amount).upper())
    unit = _UNITS.get(found[2]) if found else None
    if found is None or unit is None or float(found[1]) == 0:
        raise GwasmetaError(f"{amount!r} is no amount of memory; write it as 4GB, 800MB or a number of bytes")
    return int(float(found[1]) * unit)


def as_text(n_bytes: float) -> str:
    """Return an amount of memory as users write it, rounded up."""
    if n_bytes < 1e6:
        return f"{n_bytes:,.0f} bytes"
    return f"{-(-n_bytes // 1e7) / 100:.2f}GB" if n_bytes >= 1e9 else f"{-(-n_bytes // 1e6):.0f}MB"


def taken() -> int:
    """Return the bytes of memory that this process takes now; where the system does not say, its most so far."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize()
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024
