"""Panels kept as Parquet in the user's cache folder, so that their text is parsed once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gwasmeta.errors import GwasmetaError
from gwasmeta.ldscores.id_text import ids_of_text, text_of_ids
from gwasmeta.ldscores.score_file import ScoreRows
from gwasmeta.sumstats.sink import whole_file
from gwasmeta.sumstats.words import Words

if TYPE_CHECKING:
    import polars as pl

_SLICE_ROWS = 1 << 16
_LAYOUT = "2"  # of the cached files; to be changed with what they hold


def cache_folder() -> Path:
    """Return the folder for what can be made or fetched again: `$XDG_CACHE_HOME/gwasmeta`, or in `~/.cache`.

    Raises
    ------
    GwasmetaError
        If the system does not know the user's home folder.
    """
    given = os.environ.get("XDG_CACHE_HOME", "")
    try:
        return (Path(given) if os.path.isabs(given) else Path.home() / ".cache") / "gwasmeta"
    except RuntimeError as error:
        raise GwasmetaError(f"there is no home folder ({error}): set XDG_CACHE_HOME to a folder") from error


@dataclass(frozen=True)
class CachedRows:
    """The rows of a panel, each id once, and how many rows were left out for that."""

    rows: ScoreRows
    n_repeated: int


def read_cached(sources: Sequence[Path]) -> CachedRows | None:
    """Return what was kept of these files; None if nothing was, or they have changed since, or it cannot be read."""
    import polars as pl

    try:
        path = _place(sources)
        if not path.is_file():
            return None
        frame = pl.read_parquet(path)
        rows = ScoreRows(
            _ids(frame["variant_id"]),
            frame["chromosome"].to_numpy(),
            frame["base_pair_location"].to_numpy(),
            frame["ld_score"].to_numpy(),
        )
        return CachedRows(rows, frame["n_repeated"][0])
    except (OSError, GwasmetaError, pl.exceptions.PolarsError):
        return None


def _ids(column: pl.Series) -> Words:
    """Return ids as words; some at a time, as they take much memory on the way."""
    text = bytearray()
    for some in column.to_frame().iter_slices(_SLICE_ROWS):
        text += some.to_series().str.join("\n")[0].encode() + b"\n"
    return ids_of_text(text)


def keep(sources: Sequence[Path], read: CachedRows) -> None:
    """Keep what was read of these files, in place of what was kept of an earlier state of them.

    Where the folder cannot be written, nothing is kept, and nothing said: the panel will be parsed again.
    """
    import polars as pl

    with suppress(OSError, GwasmetaError, UnicodeDecodeError, pl.exceptions.PolarsError):
        path = _place(sources)
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = read.rows
        ids = pl.Series([text_of_ids(rows.variant_ids).decode().removesuffix("\n")])
        frame = pl.DataFrame(
            {
                "variant_id": ids.str.split("\n").explode(),
                "chromosome": rows.chromosome,
                "base_pair_location": rows.base_pair_location,
                "ld_score": rows.ld_score,
                "n_repeated": read.n_repeated,
            }
        )
        with whole_file(path) as beside:
            frame.write_parquet(beside, compression="lz4", statistics=False)
        for earlier in path.parent.iterdir():
            if earlier.suffix == path.suffix and earlier != path:
                earlier.unlink()


def _place(sources: Sequence[Path]) -> Path:
    """Return a path for the cached form: the folder stands for the files' paths, the name for their state."""
    paths = [str(source.resolve()) for source in sources]
    stats = [source.stat() for source in sources]
    state = [_LAYOUT, *(f"{stat.st_size} {stat.st_mtime_ns}" for stat in stats)]
    folder, name = (hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24] for parts in (paths, state))
    return cache_folder() / "ld_scores" / folder / f"{name}.parquet"
