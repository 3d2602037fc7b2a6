"""Names of files with @ in the place of a chromosome, as LDSC has them."""

from __future__ import annotations

import os
import re
from itertools import takewhile

AUTOSOMES = range(1, 23)


def is_pattern(path: str) -> bool:
    """Say whether a path has an @ in it, other than in the name of a folder that there is."""
    return "@" in path[len(_existing_folder(path)) :]


def filled(pattern: str, chromosome: int | str) -> str:
    """Return the pattern with the chromosome in place of each @."""
    folder = _existing_folder(pattern)
    return folder + pattern[len(folder) :].replace("@", str(chromosome))


def _existing_folder(path: str) -> str:
    folders = (path[: end.end()] for end in re.finditer(r"/+", path))
    return max(takewhile(os.path.isdir, folders), key=len, default="")
