"""What R calls for a store of studies; it holds the store's folder, and nothing else of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

import gwasmeta
from gwasmeta.interop.messages import Say, rows_said
from gwasmeta.interop.r_studies import study_of
from gwasmeta.interop.r_words import in_r_words
from gwasmeta.sumstats.stored_study import MARKER


def store_folder(_say: Say, path: str | None) -> str:
    """Return where a store is, whether it is there yet or not."""
    return str(gwasmeta.StudyStore(path).path)


def store_add(say: Say, store: str, study: Mapping[str, Any], name: str | None) -> dict[str, Any]:
    """Add a study, and tell what became of it."""
    addition = gwasmeta.StudyStore(store).add(study_of(study), name=name, progress=rows_said(say))
    facts = ("name", "rows_read", "rows", "inflation_factor", "dialect", "source", "sha256")
    return {
        "outcome": addition.outcome,
        **{name: getattr(addition.study, name) for name in facts},
        "description": str(addition),
    }


def store_list(_say: Say, store: str) -> pd.DataFrame:
    """Return a row a study."""
    return gwasmeta.StudyStore(store).list()


def store_list_if_there(_say: Say, store: str) -> pd.DataFrame | None:
    """Return a row a study; None where there is no store yet."""
    kept = gwasmeta.StudyStore(store)
    return kept.list() if (kept.path / MARKER).exists() else None


def store_studies(_say: Say, store: str, names: Iterable[str] | None) -> list[dict[str, Any]]:
    """Return where studies are, and what they are called; of all where no names are given."""
    kept = gwasmeta.StudyStore(store)
    studies = [kept.study(name) for name in (kept.names if names is None else names)]
    return [{"source": str(study.source), "name": study.label} for study in studies]


def store_check(_say: Say, store: str) -> pd.DataFrame:
    """Return a row a damage."""
    problems = gwasmeta.StudyStore(store).check()
    return problems.assign(remedy=problems["remedy"].map(in_r_words))


def store_remove(_say: Say, store: str, names: Iterable[str]) -> None:
    """Take studies out; none if one of them is not there."""
    kept = gwasmeta.StudyStore(store)
    wanted = [*names]
    for name in wanted:
        kept.about(name)
    for name in wanted:
        kept.remove(name)
