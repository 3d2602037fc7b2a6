"""One study's rows on their way into ranges: read, checked, and laid down as columns in the order of the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from gwasmeta.meta.options import MetaOptions
from gwasmeta.meta.preparation import Preparation, PreparedBlock, wanted_of_rows
from gwasmeta.meta.ranges.column_files import ColumnFiles, ColumnWriter, new_folder
from gwasmeta.meta.ranges.study_sizes import ALL, GENOTYPED, IMPUTED, count_study, only_effects_are_added
from gwasmeta.meta.variants import begins_with_minus
from gwasmeta.stats.spread_median import bounds_from_sample
from gwasmeta.sumstats.plan import Wanted
from gwasmeta.sumstats.reader import StudyReader
from gwasmeta.sumstats.row_block import RowBlock
from gwasmeta.sumstats.row_log import MAX_EXAMPLES, Finding, StudyLog
from gwasmeta.sumstats.study import Study
from gwasmeta.sumstats.text_index import TextIndex
from gwasmeta.sumstats.vocabulary import LONGEST_CHROMOSOME, canonical_chromosome
from gwasmeta.sumstats.words import BASES, Words, packed_bytes

NO_CHROMOSOME = -1

SHOWN_BEGIN, SHOWN_LENGTH = "shown_begin", "shown_length"
"""Columns that say where the text is that the log shows for a row's variant, if it is not known by it."""

Which: TypeAlias = Literal["effects", "z"]
Key: TypeAlias = tuple[Which, bool]
"""Of the effects or of the z statistics; of imputed variants or of the others."""

KINDS = (False, True)
"""Whether variants are imputed."""

Bounds: TypeAlias = Mapping[Which, tuple[float, float]]
"""Between which sizes of z the median of the effects', and of the z statistics, is looked for."""

KeyBounds: TypeAlias = Mapping[Key, tuple[float, float]]
"""The same, for imputed variants and for the others."""

_KEPT_NUMBERS = (
    *("beta", "standard_error", "z", "_samples"),
    *("effect_allele_frequency", "n", "n_cases", "n_controls"),
)


@dataclass(frozen=True)
class StudyRows:
    """What is known of a study whose rows have been laid down.

    It stands for the reader of the study where only what has been understood of it is asked for.

    Attributes
    ----------
    study : Study
        Without its rows, if they were in memory.
    header, columns, dialect, recipes, checksum
        As of its `StudyReader`.
    rows_read : int
    findings : tuple of Finding
        What the checks of the rows found.
    files : ColumnFiles
        A row that passed the checks each, in the order of the study.
    names : ColumnFiles
        The bytes of the variants' names, one behind the other.
    shown : ColumnFiles
        The bytes of what the log calls the rows' variants, where that is not what they are known by.
    alleles : tuple of str
        Those that `effect` and `other` count, the single bases first.
    chromosomes : tuple of str
        Usual names of those that `chromosome` counts.
    bounds : mapping of str to (float, float)
        Of "effects" and "z": between which sizes of z the median is likely to be.
    """

    study: Study
    header: tuple[str, ...]
    columns: Mapping[str, str]
    dialect: str
    recipes: tuple[str, ...]
    checksum: str
    rows_read: int
    findings: tuple[Finding, ...]
    files: ColumnFiles
    names: ColumnFiles
    shown: ColumnFiles
    alleles: tuple[str, ...]
    chromosomes: tuple[str, ...]
    bounds: Bounds


def needed_statistics(options: MetaOptions) -> list[Which]:
    """Return which statistics an analysis combines."""
    needed: dict[Which, bool] = {"effects": options.needs_effects, "z": options.needs_z}
    return [of for of in needed if needed[of]]


def wanted_in_ranges(options: MetaOptions) -> Wanted:
    """Return what is read of a study's rows."""
    return replace(wanted_of_rows(options, observed=False, max_examples=MAX_EXAMPLES), lines=True)


def lay_down(reader: StudyReader, options: MetaOptions, folder: Path) -> StudyRows:
    """Read a study, check its rows, and write their columns into a folder.

    What it writes does not depend on where it runs.

    Parameters
    ----------
    reader : StudyReader
        Of what `wanted_in_ranges`.
    options : MetaOptions
    folder : Path
        In which a folder of the study's own is made.

    Returns
    -------
    StudyRows

    Raises
    ------
    GwasmetaError
        If the study cannot be read or understood, or the folder not be written to.
    """
    study = reader.study
    prepare = Preparation(options)
    log = StudyLog(study.label, study.file)
    tables, samples = _Tables(), _Samples()
    own = new_folder(folder)
    rows, names, shown = ColumnWriter(own), ColumnWriter(own / "names"), ColumnWriter(own / "shown")
    for task in reader.tasks():
        prepared = prepare(task())
        block = prepared.block
        log.rows_read += block.n_read
        log.rows_used += len(block)
        log.add(block.findings)
        columns = tables.columns_of(prepared)
        if prepared.names is not block.words.get("variant_id"):
            texts = block.words.get("variant_id", block.words["chromosome"])
            columns |= tables.shown(texts)
            shown.append({"bytes": packed_bytes(texts)})
        rows.append(columns)
        samples.add(block)
        names.append({"bytes": packed_bytes(prepared.names)})
    log.check_balance()
    files = rows.close()
    if only_effects_are_added(options):
        count_study(files, samples.bounds_of_sets())
    in_memory = study.path is None or study.path == "-"
    return StudyRows(
        replace(study, source={}, name=study.label) if in_memory else study,
        reader.header,
        reader.columns,
        reader.dialect,
        reader.recipes,
        reader.checksum,
        log.rows_read,
        tuple(log),
        files,
        names.close(),
        shown.close(),
        tuple(tables.alleles.words().to_list("surrogateescape")),
        tuple(tables.chromosomes),
        samples.bounds(),
    )


class _Tables:
    """The distinct alleles and chromosomes of a study, numbered as they come."""

    def __init__(self) -> None:
        self.alleles = TextIndex()
        self.alleles.number(Words.of(BASES))
        self.chromosomes: dict[str, int] = {}
        self._end_of_shown = np.uint64(0)

    def columns_of(self, prepared: PreparedBlock) -> dict[str, npt.NDArray[Any]]:
        """Return what is kept of a block's rows."""
        block = prepared.block
        columns: dict[str, npt.NDArray[Any]] = {
            "name_length": prepared.names.lengths.astype(np.uint32),
            "line": block.numbers["line"].astype(np.uint32),
            "effect": self._numbered(block.words["effect_allele"], block.effect_codes),
            "other": self._numbered(block.words["other_allele"], block.other_codes),
        }
        if "strand" in block.words:
            columns["reverse_strand"] = begins_with_minus(block.words["strand"])
        if "chromosome" in block.words and "base_pair_location" in block.numbers:
            columns |= self._places(block)
        for name, values in block.numbers.items():
            if name in _KEPT_NUMBERS or name.startswith("sum:"):
                columns[name] = values
        if "imputed" in block.numbers:
            columns["imputed"] = block.numbers["imputed"] == 1
        if prepared.for_genomic_control is not None:
            columns["for_genomic_control"] = prepared.for_genomic_control
        return columns

    def shown(self, texts: Words) -> dict[str, npt.NDArray[Any]]:
        """Return where the texts are among those of all rows."""
        ends = self._end_of_shown + np.cumsum(texts.lengths, dtype=np.uint64)
        begins = ends - texts.lengths.astype(np.uint64)
        self._end_of_shown = ends[-1] if len(ends) else self._end_of_shown
        return {SHOWN_BEGIN: begins, SHOWN_LENGTH: texts.lengths.astype(np.uint32)}

    def _numbered(self, words: Words, codes: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
        """Return numbers of alleles as they are written: a capital A, C, G or T has its code."""
        numbers = codes.copy()
        usual = (codes >= 0) & (_LETTERS[codes] == words.data[words.starts])
        unusual = np.flatnonzero(~usual)
        if unusual.size:
            numbers[unusual] = self.alleles.number(words.take(unusual))
        return numbers

    def _places(self, block: RowBlock) -> dict[str, npt.NDArray[Any]]:
        """Return chromosomes and positions; rows that lack one have neither."""
        words, positions = block.words["chromosome"], block.numbers["base_pair_location"]
        runs = words.runs()
        names = map(canonical_chromosome, words.take(runs).to_list())
        codes = [self.chromosomes.setdefault(name, len(self.chromosomes)) if name else NO_CHROMOSOME for name in names]
        of_runs = np.array(codes, dtype=np.int16)
        chromosomes = np.repeat(of_runs, np.diff(runs, append=len(words)))
        possible = (chromosomes != NO_CHROMOSOME) & (positions > 0) & (positions < LONGEST_CHROMOSOME)
        return {
            "chromosome": np.where(possible, chromosomes, np.int16(NO_CHROMOSOME)),
            "position": np.where(possible, positions, 0).astype(np.int32),
        }


class _Samples:
    """A sample of the sizes of a study's z statistics."""

    def __init__(self) -> None:
        self._sizes: dict[Which, list[npt.NDArray[np.float64]]] = {"effects": [], "z": []}
        self._n = self._n_imputed = 0
        self._imputed: list[npt.NDArray[np.bool_]] = []

    def add(self, block: RowBlock) -> None:
        numbers = block.numbers
        self._n += len(block)
        if "imputed" in numbers:
            imputed = numbers["imputed"] == 1
            self._n_imputed += int(imputed.sum())
            self._imputed.append(imputed[::_SAMPLED])
        if "beta" in numbers and "standard_error" in numbers:
            every = slice(None, None, _SAMPLED)
            self._sizes["effects"].append(np.abs(numbers["beta"][every] / numbers["standard_error"][every]))
        if "z" in numbers:
            self._sizes["z"].append(np.abs(numbers["z"][::_SAMPLED]))

    def bounds(self) -> Bounds:
        return {
            of: bounds_from_sample(np.concatenate([np.empty(0), *sizes]), self._n) for of, sizes in self._sizes.items()
        }

    def bounds_of_sets(self) -> dict[str, tuple[float, float]]:
        """Return, for all rows and for those of each kind, bounds of the effects' sizes with room for rows left out."""
        sizes = np.concatenate([np.empty(0), *self._sizes["effects"]])
        sets = {ALL: (sizes, self._n)}
        if self._imputed:
            imputed = np.concatenate(self._imputed)
            sets[IMPUTED] = sizes[imputed], self._n_imputed
            sets[GENOTYPED] = sizes[~imputed], self._n - self._n_imputed
        return {name: bounds_from_sample(of_set, n, _LEFT_OUT) for name, (of_set, n) in sets.items()}


_LEFT_OUT = 0.02  # the share of a study's rows that an analysis hardly ever leaves out
_SAMPLED = 61  # every so many rows; prime, so that nothing periodic in the file is met in step
_LETTERS = np.frombuffer((BASES + "\0").encode(), dtype=np.uint8)  # the code of none, -1, takes the last
