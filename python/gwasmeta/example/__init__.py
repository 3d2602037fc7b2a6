"""The embedded example: five simulated cohorts, each in the format of another program."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Literal

from gwasmeta.errors import GwasmetaError

TRAITS = ("quantitative", "case_control")


def example_studies(trait: Literal["quantitative", "case_control"] = "quantitative") -> dict[str, str]:
    """Return the example's study files.

    Parameters
    ----------
    trait : {"quantitative", "case_control"}

    Returns
    -------
    dict of str to str
        Cohort to path, as `gwasmeta.meta_analyze` takes them.

    Raises
    ------
    GwasmetaError
        If there is no such trait.
    """
    if trait not in TRAITS:
        raise GwasmetaError(f"trait {trait!r}: choose among {', '.join(TRAITS)}")
    folder = Path(str(resources.files("gwasmeta.example"))) / trait
    return {path.name.split(".")[0]: str(path) for path in sorted(folder.glob("*.gz"))}
