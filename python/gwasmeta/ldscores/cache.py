"""Panels kept as Parquet in the user's cache folder, so that their text is parsed once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from gwasmeta.errors import GwasmetaError
from gwasmeta.ldscores.id_text import ids_of_text, text_of_ids
from gwasmeta.ldscores.score_file import ScoreRows
from gwasmeta.sumstats.sink import whole_file

_LAYOUT = "1"  # of the cached files; to be changed with what they hold


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


def read_cached(sources: Sequence[Path]) -> ScoreRows | None:
    """Return what was kept of these files; None if nothing was, or they have changed since, or it cannot be read."""
    import polars as pl

    try:
        path = _place(sources)
        if not path.is_file():
            return None
        frame = pl.read_parquet(path)
        return ScoreRows(
            ids_of_text(frame["variant_id"].str.join("\n")[0].encode() + b"\n"),
            frame["chromosome"].to_numpy(),
            frame["base_pair_location"].to_numpy(),
            frame["ld_score"].to_numpy(),
        )
    except (OSError, GwasmetaError, pl.exceptions.PolarsError):
        return None


def keep(sources: Sequence[Path], rows: ScoreRows) -> None:
    """Keep what was read of these files, in place of what was kept of an earlier state of them.

    Where the folder cannot be written, nothing is kept, and nothing said: the panel will be parsed again.
    """
    import polars as pl

    with suppress(OSError, GwasmetaError, UnicodeDecodeError, pl.exceptions.PolarsError):
        path = _place(sources)
        path.parent.mkdir(parents=True, exist_ok=True)
        ids = pl.Series([text_of_ids(rows.variant_ids).decode().removesuffix("\n")])
        frame = pl.DataFrame(
            {
                "variant_id": ids.str.split("\n").explode(),
                "chromosome": rows.chromosome,
                "base_pair_location": rows.base_pair_location,
                "ld_score": rows.ld_score,
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
