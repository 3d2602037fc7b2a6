"""One run of a batch: what it combines, by which options, and the files that it reads and writes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from gwasmeta.batch.options import FILTERS, META_OPTIONS, MTAG_OPTIONS
from gwasmeta.ldscores.fetch import default_panel
from gwasmeta.ldscores.panel_files import find_panel_files
from gwasmeta.meta.output_paths import output_paths
from gwasmeta.sumstats.dialects import DIALECTS
from gwasmeta.sumstats.side_files import SideFiles
from gwasmeta.sumstats.stored_study import is_stored, stored_study
from gwasmeta.sumstats.study import Study

GENOME_WIDE: Final = 5e-8
WINDOW: Final = 500_000  # base pairs

_COMBINED = "combined"  # what `gwasmeta.mtag` calls the one result of traits that are all the same
_SIDE_ENDINGS = sorted({declared.ending for dialect in DIALECTS for declared in dialect.side_files})
_FILE_OPTIONS = {
    "meta": ("genomic_control_variants", "overlap"),
    "mtag": ("sigma", "omega", "include", "exclude"),
}
_WORDS_FOR_FILES = {"estimated", "moments", "likelihood"}  # of options that can be a path too


@dataclass(frozen=True)
class Run:
    """A meta-analysis, or an MTAG run.

    Attributes
    ----------
    kind : {"meta", "mtag"}
    name : str
        Beginning of the names of its files: the trait, or the MTAG group.
    studies : tuple of Study
        Of the trait; for MTAG, a study is a trait. Their paths are absolute.
    options : mapping
        What was chosen, as `gwasmeta.batch.options` reads it.
    group : str
        That the manifest has it in; empty for none.
    where : str
        What messages call its place in the manifest.
    """

    kind: Literal["meta", "mtag"]
    name: str
    studies: tuple[Study, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    group: str = ""
    where: str = ""

    @property
    def traits(self) -> tuple[str, ...]:
        """The traits that it gives results of."""
        if self.kind == "meta":
            return (self.name,)
        if self.options.get("covariance") == "identical_traits":
            return (_COMBINED,)
        return tuple(study.label for study in self.studies)

    @property
    def arguments(self) -> dict[str, Any]:
        """Keyword arguments of `gwasmeta.meta_analyze` or `gwasmeta.mtag`, beside the studies."""
        known = META_OPTIONS if self.kind == "meta" else MTAG_OPTIONS
        chosen = {name: value for name, value in self.options.items() if name in known or name == FILTERS}
        if self.kind == "meta":  # as the command does it
            chosen.setdefault("sex_differentiated", all(study.sex for study in self.studies))
        return chosen

    @property
    def lead_p(self) -> float:
        """The largest p-value of a lead variant."""
        return float(self.options.get("lead_p", GENOME_WIDE))

    @property
    def lead_window(self) -> int:
        """Base pairs that lead variants are apart at least."""
        return int(self.options.get("lead_window", WINDOW))

    def out(self, folder: Path) -> Path:
        """Return what the result is written to: the table's path, or the beginning of the names."""
        return folder / (self.name + self.options.get("ending", ".tsv") if self.kind == "meta" else self.name)

    def tables(self, folder: Path) -> list[Path]:
        """Return the paths of the traits' tables."""
        if self.kind == "meta":
            return [self.out(folder)]
        return [folder / f"{self.name}.{trait}.tsv" for trait in self.traits]

    def paths(self, folder: Path) -> list[Path]:
        """Return the paths of all files that it writes."""
        if self.kind == "meta":
            return output_paths(self.out(folder))
        return [*self.tables(folder), folder / f"{self.name}.log.tsv", folder / f"{self.name}.json"]

    def named_files(self) -> Iterator[str]:
        """Yield the files that the manifest names, which have to be there."""
        for study in self.studies:
            if study.path is not None and not is_stored(study.path):
                yield study.path
            yield from study.side_paths
        for name in _FILE_OPTIONS[self.kind]:
            value = self.options.get(name)
            if isinstance(value, str) and value not in _WORDS_FOR_FILES:
                yield value

    def files(self) -> Iterator[str]:
        """Yield all files that it reads, those too that are found beside the studies or by a panel's name."""
        yield from self.named_files()
        for study in self.studies:
            if study.path is not None and not study.side_paths:
                beside = (path for ending in _SIDE_ENDINGS for path in SideFiles(study).names_beside(ending))
                yield from filter(os.path.isfile, beside)
        if self.kind == "mtag" and self.options.get("sigma") is None:
            panel = find_panel_files(self.options.get("ld_scores") or default_panel())
            yield from map(os.fspath, (*panel.scores, *panel.m_files("M_5_50")))

    def stored(self) -> dict[str, str]:
        """Return the versions of the rows of its studies that are in a store, by what the studies are called."""
        paths = [study.path for study in self.studies if study.path is not None and is_stored(study.path)]
        return {path: stored_study(path)[1].data for path in paths}
