"""Many ids as one text, a line each: the form in which they are joined and cross into Parquet and back."""

from __future__ import annotations

import numpy as np

from gwasmeta.sumstats.table_text import table_text
from gwasmeta.sumstats.words import Words

_LINE_FEED = 10


def text_of_ids(ids: Words) -> bytes:
    """Write ids one behind the other, each followed by a line feed; an empty one as NA."""
    return table_text([ids])


def ids_of_text(text: bytearray) -> Words:
    """Find the ids in what `text_of_ids` wrote; the text is not copied."""
    data = np.frombuffer(text, dtype=np.uint8)
    stops = np.flatnonzero(data == _LINE_FEED).astype(np.int32)
    starts = np.zeros_like(stops)
    starts[1:] = stops[:-1] + np.int32(1)
    return Words(data, starts, stops - starts)
