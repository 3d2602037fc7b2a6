"""Runs of MTAG 1.0.8: their command lines, and how far a run of ours is from them."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

TEXT_COLUMNS = ("SNP", "CHR", "BP", "A1", "A2")


@dataclass(frozen=True)
class GoldenTable:
    """A table of the original: facts of all its rows, and some of the rows themselves."""

    columns: list[str]
    snp_order: str
    sums: dict[str, dict[str, float]]
    rows: pl.DataFrame


@dataclass(frozen=True)
class GoldenCase:
    """A run of the original, and what it wrote."""

    root: Path
    name: str

    @property
    def folder(self) -> Path:
        return self.root / "cases" / self.name

    def words(self, out: Path, panel: Path) -> list[str]:
        """The command line, with other output, and with the panel that MTAG has beside its code."""
        words = (self.folder / "command.txt").read_text().split()[1:]
        words[words.index("--out") + 1] = str(out)
        return [*words, "--ld_ref_panel", str(panel)]

    @cached_property
    def _manifest(self) -> dict[str, Any]:
        manifest: dict[str, Any] = json.loads((self.root / "MANIFEST.json").read_text())
        return manifest

    @property
    def endings(self) -> list[str]:
        """What the names of its files have behind --out."""
        return [name.removeprefix("mtag") for name in self._manifest[self.name]["files"]]

    @property
    def tables(self) -> list[str]:
        return [ending for ending in self.endings if "trait" in ending or "_meta." in ending]

    def _stored(self, ending: str) -> tuple[dict[str, Any], bytes]:
        """Return what the manifest says of a file, and its text or part of it."""
        case, file = self.name, f"mtag{ending}"
        while "same_as" in (facts := self._manifest[case]["files"][file]):
            case, file = facts["same_as"].split("/")
        stored = (self.root / "cases" / case / facts["stored"]).read_bytes()
        return facts, gzip.decompress(stored) if facts["stored"].endswith(".gz") else stored

    def matrix(self, ending: str) -> np.ndarray:
        return np.loadtxt(io.BytesIO(self._stored(ending)[1]), ndmin=2)

    def table(self, ending: str) -> GoldenTable:
        facts, text = self._stored(ending)
        return GoldenTable(facts["columns"], facts["snp_order_sha256"], facts["column_stats"], read_table(text))

    def summary(self) -> list[str]:
        return summary_of((self.folder / "mtag.log").read_text())


def summary_of(log: str) -> list[str]:
    """Return the lines of a log's summary, from the table of the traits to the weight factors."""
    lines = [line.rstrip() for line in log.splitlines()]
    start = next(place for place, line in enumerate(lines) if line.endswith("Summary of MTAG results:"))
    end = next(place for place in range(start, len(lines)) if "MTAG weight factors" in lines[place])
    return [line for line in lines[start + 1 : end + 2] if line]


def read_table(text: bytes) -> pl.DataFrame:
    """Read one of MTAG's tables, missing values as null."""
    return pl.read_csv(
        io.BytesIO(text),
        separator="\t",
        null_values=["", "NA"],
        schema_overrides=dict.fromkeys(TEXT_COLUMNS, pl.String),
        infer_schema_length=None,
    )


def order_hash(ids: pl.Series) -> str:
    return hashlib.sha256(("\n".join(ids.to_list()) + "\n").encode()).hexdigest()
