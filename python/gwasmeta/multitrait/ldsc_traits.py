"""Traits brought to the SNPs of a panel of LD scores: what the regressions of one trait and of pairs begin with."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from gwasmeta.errors import GwasmetaError
from gwasmeta.ldscores.panel import LdScorePanel
from gwasmeta.ldscores.panel_files import MFile
from gwasmeta.meta.analyze import as_studies
from gwasmeta.multitrait.ldsc_trait import MungedTrait, munge
from gwasmeta.multitrait.munge import Step
from gwasmeta.multitrait.panel_source import panel_as_json, panel_of
from gwasmeta.multitrait.read_trait import TraitSource
from gwasmeta.multitrait.strands import is_transition, sign_of_weak_allele
from gwasmeta.multitrait.trait_rows import BoolArray
from gwasmeta.sumstats.effects import FloatArray
from gwasmeta.sumstats.reader import StudyReader
from gwasmeta.sumstats.study import Study

if TYPE_CHECKING:
    from gwasmeta.sumstats.study import StudySource

    Trait: TypeAlias = MungedTrait | Study | StudySource
    Traits: TypeAlias = Trait | Iterable[Trait] | Mapping[str, Trait]
    Panel: TypeAlias = LdScorePanel | str | os.PathLike[str] | None
    PerTrait: TypeAlias = float | Sequence[float] | Mapping[str, float] | None

_SHOWN_IDS = 3
_FEW_SNPS = 200_000
_UNCLEANED = {"maf_min": None, "info_min": None, "n_min": 0.0, "ambiguous": True, "median_z_max": np.inf}
_MUNGED_DIALECT = "ldsc"


@dataclass(frozen=True)
class ScorePanel:
    """LD scores of the SNPs that have both a score and a weight.

    Attributes
    ----------
    panel, weights : LdScorePanel
    weight_ld_score : float64 array
        At the rows of `panel`; NaN where `weights` does not have the SNP.
    m : float
        Number of SNPs that the scores are sums over.
    """

    panel: LdScorePanel
    weights: LdScorePanel
    weight_ld_score: FloatArray
    m: float

    @classmethod
    def of(cls, ld_scores: Panel, weights: Panel, m: float | None, m_file: MFile) -> ScorePanel:
        """Read what is given by paths; weights are the scores themselves if none are given."""
        panel = panel_of(ld_scores, m_file if m is None else None)
        others = panel if weights is None or _is_path_of(weights, panel) else panel_of(weights, None)
        at = np.arange(len(panel)) if others is panel else others.rows_of(panel.variant_ids)
        weight = np.where(at >= 0, others.ld_score[at], np.nan)
        return cls(panel, others, weight, panel.m if m is None else m)

    def as_json(self) -> dict[str, object]:
        """Return what a sidecar holds of it."""
        weights = None if self.weights is self.panel else panel_as_json(self.weights)
        return {"ld_scores": panel_as_json(self.panel), "weights": weights, "m": self.m}


@dataclass(frozen=True)
class PanelRows:
    """A trait's statistics at SNPs of a panel, sorted as the panel is; arrays of shape (n_snps,).

    Attributes
    ----------
    key : int64 array
        Where alleles matter, twice the SNP's row in the panel, plus 1 for one of the two classes of alleles that cannot
        be those of another; elsewhere the row itself.
    z, n : float64 arrays
        Where alleles matter, z is about the allele that is A or T.
    steps : tuple of Step
        What was removed on the way here.
    """

    key: npt.NDArray[np.int64]
    z: FloatArray
    n: FloatArray
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class TraitLog:
    """What became of a trait's rows on the way to its regression.

    Attributes
    ----------
    source : TraitSource
    steps : tuple of Step
    warnings : tuple of str
    """

    source: TraitSource
    steps: tuple[Step, ...]
    warnings: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return what a sidecar holds of it."""
        return self.source.as_json() | {"rows_read": self.steps[0].left, "snps": self.steps[-1].left}


def read_at_panel(traits: Traits, panel: ScorePanel, *, with_alleles: bool) -> tuple[list[PanelRows], list[TraitLog]]:
    """Read traits, clean those that are not cleaned yet, and keep their statistics at the SNPs of a panel.

    Raises
    ------
    GwasmetaError
        If a trait cannot be read or used, or the panel has none of its SNPs.
    """
    rows, logs = [], []
    for trait in munged_traits(traits):  # one after the other: no two are held as a whole
        found = at_panel(trait, panel, with_alleles=with_alleles)
        rows.append(found)
        source = replace(trait.source, name=trait.name)
        logs.append(TraitLog(source, (*trait.summary.steps, *found.steps), trait.warnings))
    return rows, logs


def munged_traits(traits: Traits) -> Iterator[MungedTrait]:
    """Yield traits, those that are not cleaned yet read and cleaned.

    What `munge` has returned, and a file in LDSC's format, is taken as it is; all else is cleaned by the defaults of
    `munge`.

    Raises
    ------
    GwasmetaError
        If a trait cannot be read or used, two have the same name, or there is none.
    """
    items = _items(traits)
    repeated: Counter[str] = Counter()
    studies = []
    for name, trait in items:
        if isinstance(trait, MungedTrait):  # a study without rows stands for it, so that all names are told apart
            repeated[trait.name] += 1
            number = repeated[trait.name]
            studies.append(Study({}, name=name or (trait.name if number == 1 else f"{trait.name}_{number}")))
        else:
            studies.append(_named(trait, name))
    labelled = zip(items, as_studies(studies, ()), strict=True)
    for (_, trait), study in labelled:
        yield replace(trait, name=study.label) if isinstance(trait, MungedTrait) else _read_and_cleaned(study)


def at_panel(trait: MungedTrait, panel: ScorePanel, *, with_alleles: bool) -> PanelRows:
    """Return a trait's statistics at the SNPs of a panel.

    Raises
    ------
    GwasmetaError
        If the panel has none of them.
    """
    rows, steps = trait.rows, []
    place = panel.panel.rows_of(trait.variant_ids)
    found = place >= 0
    if not found.any():
        raise _no_snp_in_panel(trait, panel.panel)
    steps.append(_step("not_in_panel", "the panel of LD scores does not have it", found))
    if panel.weights is not panel.panel:
        weighted = np.isfinite(panel.weight_ld_score[place[found]])
        steps.append(_step("not_in_weights", "the panel of weights does not have it", weighted))
        found[found] = weighted
    if with_alleles:
        clear = ~rows.is_ambiguous[found]
        steps.append(_step("ambiguous", "the strand of A/T and C/G cannot be told", clear))
        found[found] = clear
    key, z = place.astype(np.int64), rows.z
    if with_alleles:
        key = 2 * key + is_transition(rows.effect_allele, rows.other_allele)
        z = z * sign_of_weak_allele(rows.effect_allele)
    chosen = np.flatnonzero(found)
    chosen = chosen[np.argsort(key[chosen], kind="stable")]
    return PanelRows(key[chosen], z[chosen], rows.n[chosen], tuple(steps))


@contextmanager
def traits_named(names: Sequence[str]) -> Iterator[None]:
    """Add to errors, which number the traits, what these are called."""
    try:
        yield
    except GwasmetaError as error:
        traits = "; ".join(f"trait {number} is {name}" for number, name in enumerate(names, start=1))
        raise GwasmetaError(f"{error}\n  ({traits})") from error


def per_trait(given: PerTrait, names: Sequence[str], what: str) -> FloatArray:
    """Return a number for each trait, NaN where none is given.

    Parameters
    ----------
    given : float, sequence of float, mapping of str to float, or None
        For all traits, for each of them in their order, or by their names.
    names : sequence of str
    what : str
        What messages call the numbers.

    Raises
    ------
    GwasmetaError
        If there are too few or too many, or a name is not that of a trait.
    """
    if isinstance(given, Mapping):
        unknown = [name for name in given if name not in names]
        if unknown:
            raise GwasmetaError(f"{what}: there is no trait {unknown[0]!r}; the traits are {', '.join(names)}")
        given = [given.get(name, np.nan) for name in names]
    numbers = np.asarray(np.nan if given is None else given, dtype=np.float64)
    if numbers.ndim and numbers.shape != (len(names),):
        raise GwasmetaError(
            f"{what}: {numbers.size} numbers for {len(names)} traits: give one for each, or one for all"
        )
    return np.array(np.broadcast_to(numbers, len(names)))


def few_snps(name: str, n_snps: int) -> list[str]:
    """Return what is to be said of a regression with few SNPs."""
    if n_snps >= _FEW_SNPS:
        return []
    return [f"{name}: {n_snps:,} SNPs in the regression; fewer than {_FEW_SNPS:,} are rarely enough"]


def _items(traits: Any) -> list[tuple[str | None, Any]]:
    """Return each trait with the name that the caller gives it."""
    if isinstance(traits, MungedTrait | Study | str | os.PathLike) or hasattr(traits, "columns"):
        return [(None, traits)]
    return list(traits.items()) if isinstance(traits, Mapping) else [(None, trait) for trait in traits]


def _read_and_cleaned(study: Study) -> MungedTrait:
    if study.path != "-" and not hasattr(study.source, "read") and StudyReader(study).dialect == _MUNGED_DIALECT:
        return munge(study, z_from="file", **_UNCLEANED)  # type: ignore[arg-type]
    return munge(study)


def _named(trait: Any, name: str | None) -> Study:
    study = trait if isinstance(trait, Study) else Study(trait)
    return study if name is None else Study(**(vars(study) | {"name": name}))


def _is_path_of(given: Panel, panel: LdScorePanel) -> bool:
    return given is panel or (isinstance(given, str | os.PathLike) and Path(given) == Path(panel.name))


def _step(rule: str, reason: str, kept: BoolArray) -> Step:
    left = int(np.count_nonzero(kept))
    return Step(rule, reason, len(kept) - left, left)


def _no_snp_in_panel(trait: MungedTrait, panel: LdScorePanel) -> GwasmetaError:
    ids = ", ".join(trait.names.variants.words().take(trait.rows.variant[:_SHOWN_IDS]).to_list())
    known = ", ".join(panel.variant_ids.take(np.arange(min(_SHOWN_IDS, len(panel)))).to_list())
    return GwasmetaError(
        f"{panel.name}: the panel of LD scores has none of the {len(trait):,} SNPs of trait {trait.name}"
        f" ({trait.source.file})\n"
        f"  The trait's ids are like {ids}; the panel's are like {known}. They have to be of one kind."
    )
