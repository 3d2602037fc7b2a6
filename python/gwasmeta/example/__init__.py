"""The embedded example: five simulated cohorts in the formats of as many programs, and three correlated traits."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Literal

from gwasmeta.errors import GwasmetaError

TRAITS = ("quantitative", "case_control")
_CORRELATED_TRAITS = ("height", "weight", "waist")


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
    return {path.name.split(".")[0]: str(path) for path in sorted((_folder() / trait).glob("*.gz"))}


def example_traits() -> dict[str, str]:
    """Return the files of the example's three correlated traits, whose studies share people.

    Returns
    -------
    dict of str to str
        Trait to path, as `gwasmeta.mtag` takes them. `truth.json` beside them says what an analysis should find.
    """
    return {trait: str(_folder() / "traits" / f"{trait}.txt.gz") for trait in _CORRELATED_TRAITS}


def example_ld_scores() -> str:
    """Return the folder with the LD scores that go with `example_traits`.

    Returns
    -------
    str
        As `gwasmeta.mtag` and `gwasmeta.read_panel` take it.
    """
    return str(_folder() / "ld_scores" / "traits")


def _folder() -> Path:
    return Path(str(resources.files("gwasmeta.example")))
