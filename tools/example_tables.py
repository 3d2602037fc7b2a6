"""Tables of the embedded example as bytes that are the same each time."""

from __future__ import annotations

import gzip
import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def as_text(values: pd.Series[Any] | NDArray[Any], pattern: str, missing: str = "NA") -> list[str]:
    """Format numbers, NaN as the word for missing values."""
    return [missing if value != value else format(value, pattern) for value in values]


def table_bytes(columns: Mapping[str, Any], separator: str) -> bytes:
    """Return a table with a header and a line a row."""
    lines = io.StringIO()
    rows = pd.DataFrame({name: np.asarray(values) for name, values in columns.items()})
    rows.to_csv(lines, sep=separator, index=False, lineterminator="\n")
    return lines.getvalue().encode()


def compressed(content: bytes) -> bytes:
    """Compress as gzip, without the time and the file's name."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", filename="", mtime=0) as file:
        file.write(content)
    return packed.getvalue()
