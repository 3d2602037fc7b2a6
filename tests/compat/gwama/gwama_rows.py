"""Studies as GWAMA reads them: runs of blanks and tabs separate words, whatever the number of words in a line."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

# GWAMA's word, or another one that a run names for it -> gwasmeta's. Other words stand for themselves.
_NAMES = {
    "MARKERNAME": "variant_id",
    "SNP": "variant_id",
    "EA": "effect_allele",
    "EFFECT_ALLELE": "effect_allele",
    "NEA": "other_allele",
    "NON_EFFECT_ALLELE": "other_allele",
    "OTHER.ALLELE": "other_allele",
    "EAF": "effect_allele_frequency",
    "FREQ1": "effect_allele_frequency",
    "STRAND": "strand",
    "ORI": "strand",
    "N": "n",
    "SAMPLES": "n",
    "BETA": "beta",
    "B": "beta",
    "SE": "standard_error",
    "STDERR": "standard_error",
    "OR": "odds_ratio",
    "OR_95L": "ci_lower",
    "IMPUTED": "imputed",
}


@dataclass(frozen=True)
class StudyRows:
    """The rows of a study, as words.

    Attributes
    ----------
    path : str
        As in the list of files.
    header : tuple of str
        The words of the header, one a column of `rows`.
    rows : DataFrame
        Under gwasmeta's names. Missing words are NA, words too many are cut off.
        In addition `n_words` of the line, and `line`, counted from the header's 0.
    header_line : int
        Number of blank lines above the header.
    carriage_returns : bool
        Whether lines end as on Windows.
    """

    path: str
    header: tuple[str, ...]
    rows: pd.DataFrame
    header_line: int
    carriage_returns: bool

    @classmethod
    def read(cls, folder: Path, path: str) -> StudyRows:
        """Read the file that a list of files in a folder names."""
        stored = (folder / path).read_bytes()
        text = (gzip.decompress(stored) if stored[:2] == b"\x1f\x8b" else stored).decode()
        lines = [(number, line.split()) for number, line in enumerate(text.splitlines()) if line.strip()]
        header_line, header = lines[0]
        names = [_NAMES.get(word.upper(), word.upper()) for word in header]
        # Of words that occur twice, GWAMA takes the last.
        names = [f"{name}_{place}" if name in names[place + 1 :] else name for place, name in enumerate(names)]
        cells = [(words + ["NA"] * len(header))[: len(header)] for _, words in lines[1:]]
        rows = pd.DataFrame(cells, columns=names, dtype=object)
        rows["n_words"] = [len(words) for _, words in lines[1:]]
        rows["line"] = [number - header_line for number, _ in lines[1:]]
        return cls(path, tuple(header), rows, header_line, "\r" in text)

    def with_rows(self, rows: pd.DataFrame) -> StudyRows:
        """Return the study with other rows."""
        return replace(self, rows=rows)

    def write(self, folder: Path) -> None:
        """Write plain text with tabs in the file's place."""
        target = folder / self.path
        target.unlink()
        self.rows.drop(columns=["n_words", "line"]).to_csv(target, sep="\t", header=self.header, index=False)
