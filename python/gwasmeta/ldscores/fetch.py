"""Panels of LD scores that are published: fetched file by file, each known by its SHA-256."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TypeAlias

from gwasmeta.errors import GwasmetaError
from gwasmeta.ldscores.cache import cache_folder

Progress: TypeAlias = Callable[[int, int], None]
"""Told how many files are there, and of how many."""


@dataclass(frozen=True)
class PublishedPanel:
    """A panel that can be fetched.

    Attributes
    ----------
    name : str
    about : str
        What it is, in a line.
    url : str
        What stands before the names of its files.
    names : str
        Those of its files in short, as curl reads it.
    checksums : mapping of str to str
        SHA-256 of each file, in hexadecimal.
    """

    name: str
    about: str
    url: str
    names: str
    checksums: Mapping[str, str]


_PUBLISHED = {
    "eur_w_ld_chr": (
        "1.29 million HapMap3 SNPs, 1000 Genomes Europeans, without the HLA region",
        "https://raw.githubusercontent.com/JonJala/mtag/9e17f3cf1fbcf57b6bc466daefdc51fd0de3c5dc/"
        "ld_ref_panel/eur_w_ld_chr/",
        "[1-22].l2.{ldscore.gz,M_5_50}",
    ),
}


def published_panel(name: str = "eur_w_ld_chr") -> PublishedPanel:
    """Return what is known of a panel.

    Raises
    ------
    GwasmetaError
        If there is none of that name.
    """
    if name not in _PUBLISHED:
        raise GwasmetaError(f"{name}: is no panel that can be fetched; there is {', '.join(_PUBLISHED)}")
    lines = (resources.files("gwasmeta.ldscores") / f"{name}.sha256").read_text().splitlines()
    return PublishedPanel(name, *_PUBLISHED[name], {file: checksum for checksum, file in map(str.split, lines)})


def fetch_panel(
    panel: str | PublishedPanel = "eur_w_ld_chr",
    folder: str | os.PathLike[str] | None = None,
    *,
    progress: Progress | None = None,
) -> Path:
    """Fetch a published panel, unless it is there.

    Files that are there and right are not fetched again, so that a fetch that was interrupted goes on where it stopped.
    A file appears only when it is whole, and takes the place of one with another content.

    Parameters
    ----------
    panel : str or PublishedPanel
    folder : path, optional
        Where its files go; a folder in the user's cache if not given, where MTAG and `default_panel` look for it.
    progress : callable, optional
        Called with the number of files that are there and the number of all.

    Returns
    -------
    Path
        The folder, to be given to whatever takes a panel.

    Raises
    ------
    GwasmetaError
        If it cannot be fetched or written, or what comes is not what was published.
    """
    known = published_panel(panel) if isinstance(panel, str) else panel
    target = Path(folder) if folder is not None else _usual_folder(known.name)
    try:
        target.mkdir(parents=True, exist_ok=True)
        for n_there, file in enumerate(known.checksums, start=1):
            _fetch(known, file, target)
            if progress is not None:
                progress(n_there, len(known.checksums))
    except OSError as error:
        raise GwasmetaError(f"{target}: cannot be written: {error.strerror or error}") from error
    return target


def default_panel() -> Path:
    """Return the folder of the European panel that was fetched.

    Raises
    ------
    GwasmetaError
        If it was not, or not to its end.
    """
    known = published_panel()
    folder = _usual_folder(known.name)
    missing = [file for file in known.checksums if not (folder / file).is_file()]
    if missing:
        what = "is not there yet" if len(missing) == len(known.checksums) else f"lacks {len(missing)} of its files"
        raise GwasmetaError(
            f"the LD score panel {known.name} ({known.about}) {what}\n"
            f"  Fetch it, some 26 MB:  gwasmeta ldscores fetch {known.name}\n"
            "  or name a folder of LD scores of your own, such as gwasmeta ldscores compute makes"
        )
    return folder


def _usual_folder(name: str) -> Path:
    return cache_folder() / "panels" / name


def _fetch(panel: PublishedPanel, file: str, folder: Path) -> None:
    """Fetch one file, unless it is there and right."""
    try:
        import pooch
        import requests
    except ImportError as error:
        raise GwasmetaError(
            f"fetching needs the package {error.name}, which is not installed\n"
            f"  Install it:  pip install 'gwasmeta[ldscores]'\n{_by_hand(panel, folder)}"
        ) from error
    url = panel.url + file
    pooch.get_logger().setLevel("WARNING")  # it tells of every file
    try:
        pooch.retrieve(url, f"sha256:{panel.checksums[file]}", file, folder)
    except requests.RequestException as error:
        raise GwasmetaError(f"{url}: cannot be fetched: {_reason(error)}\n{_by_hand(panel, folder)}") from error
    except ValueError as error:  # pooch found another checksum
        raise GwasmetaError(
            f"{url}: what came is not the file that was published: its SHA-256 differs\n"
            f"  Did something on the way answer instead, such as a page to log in to a network?\n"
            + _by_hand(panel, folder)
        ) from error


def _reason(error: Exception) -> str:
    """Return the innermost of the causes that the network's layers wrap into each other."""
    while isinstance(inner := error.__context__, Exception):
        error = inner
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__


def _by_hand(panel: PublishedPanel, folder: Path) -> str:
    return (
        f"  Fetch again to go on where it stopped. Without a network here, fetch the {len(panel.checksums)}"
        " files elsewhere:\n"
        f"    curl --fail --remote-name '{panel.url}{panel.names}'\n"
        f"  put them into {folder} and fetch again: what is there is checked."
    )
