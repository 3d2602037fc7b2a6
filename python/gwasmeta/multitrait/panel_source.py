"""The panel of LD scores that an analysis is given, and what its sidecar says of it."""

from __future__ import annotations

import math
import os
from typing import Any

from gwasmeta.ldscores.fetch import default_panel
from gwasmeta.ldscores.panel import LdScorePanel, read_panel
from gwasmeta.ldscores.panel_files import MFile
from gwasmeta.sumstats.byte_streams import file_checksum


def panel_of(given: LdScorePanel | str | os.PathLike[str] | None, m_file: MFile | None = "M_5_50") -> LdScorePanel:
    """Return a panel, read if it is a path; the fetched one if nothing is given.

    Raises
    ------
    GwasmetaError
        If it cannot be read, or nothing is given and none was fetched.
    """
    if isinstance(given, LdScorePanel):
        return given
    return read_panel(default_panel() if given is None else given, m_file=m_file)


def panel_as_json(panel: LdScorePanel) -> dict[str, Any]:
    """Return what a sidecar holds of a panel: its name, its size and the checksums of its files."""
    return {
        "name": panel.name,
        "snps": len(panel),
        "m": None if math.isnan(panel.m) else panel.m,
        "files": {path.name: file_checksum(path) for path in panel.files},
    }
