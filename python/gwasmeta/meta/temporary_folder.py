"""A folder for what does not stay in memory."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path

from gwasmeta.errors import GwasmetaError


class TemporaryFolder:
    """A folder that goes when this object does; TMPDIR decides where it is.

    Attributes
    ----------
    path : Path
    remove : callable
        Removes the folder now.

    Raises
    ------
    GwasmetaError
        If no folder can be made.
    """

    def __init__(self) -> None:
        try:
            self.path = Path(tempfile.mkdtemp(prefix="gwasmeta-"))
        except OSError as error:
            raise GwasmetaError(
                f"{error.filename or tempfile.gettempdir()}: cannot hold temporary files: {error.strerror}\n"
                "  Set TMPDIR to a folder that can."
            ) from error
        self.remove = weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)
