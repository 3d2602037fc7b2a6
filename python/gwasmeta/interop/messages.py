"""How R hears what a function has to say while it runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TypeAlias

Say: TypeAlias = Callable[[str], None]
"""Takes a message; to be called from the calling thread only."""

_SECONDS_BETWEEN_MESSAGES = 5.0


def said(say: Say, lines: Iterable[str]) -> list[str]:
    """Say lines as they come, and return them."""
    kept = []
    for line in lines:
        say(line)
        kept.append(line)
    return kept


def now_and_then(say: Say) -> Say:
    """Return what takes messages at any rate, and says one every few seconds."""
    last = time.monotonic()

    def report(text: str) -> None:
        nonlocal last
        if time.monotonic() - last >= _SECONDS_BETWEEN_MESSAGES:
            last = time.monotonic()
            say(text)

    return report


def share_said(say: Say) -> Callable[[str, int, int], None]:
    """Return a report of maxFDR's progress."""
    report = now_and_then(say)
    return lambda what, done, total: report(f"maxFDR: {done / total:.0%} of {total:,} {what}")


def rows_said(say: Say) -> Callable[[int], None]:
    """Return a report of the rows read of one study."""
    report = now_and_then(say)
    return lambda rows: report(f"{rows:,} rows read")
