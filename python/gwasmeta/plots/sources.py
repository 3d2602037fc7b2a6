"""From a result, a file or a frame to the few columns that a picture is drawn from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from gwasmeta.errors import GwasmetaError
from gwasmeta.meta.stream import stream_studies
from gwasmeta.plots.data.chromosomes import Chromosomes, renamed_chromosomes
from gwasmeta.plots.id_places import places_in_ids
from gwasmeta.stats.normal import neg_log_10_p_value
from gwasmeta.sumstats.plan import Wanted
from gwasmeta.sumstats.reader import StudyReader
from gwasmeta.sumstats.row_block import RowBlock
from gwasmeta.sumstats.study import Study
from gwasmeta.sumstats.text_index import TextIndex
from gwasmeta.sumstats.vocabulary import COLUMNS
from gwasmeta.sumstats.words import Words

if TYPE_CHECKING:
    from gwasmeta.meta.result import MetaResult
    from gwasmeta.multitrait.trait_result import TraitResult
    from gwasmeta.sumstats.study import StudySource

    Source: TypeAlias = "Associations | MetaResult | TraitResult | Study | StudySource"

FloatArray = npt.NDArray[np.float64]
Places = Callable[[Words], tuple[Words, FloatArray]]
"""From names of variants to their chromosomes and positions, empty and NaN where not known."""

_TESTED = frozenset({"neg_log_10_p_value", "z", "beta", "standard_error", "chromosome", "base_pair_location"})
_METHOD_NAMES = {"fixed": "fixed effects", "random": "random effects", "sample_size": "weighted by sample size"}
_OF_METHOD = ("beta", "standard_error", "z", "p_value", "neg_log_10_p_value")
_WORDS = {"i_squared": ("hetisq", "i2", "i")}  # of METAL, GWAMA and PLINK
NAMED_FROM = 3.0  # -log10 p: only such variants can be labelled, and their names are kept


@dataclass(frozen=True)
class Associations:
    """The columns of one table of results that pictures are drawn from.

    Attributes
    ----------
    label : str
        How the table is called.
    chromosomes : Chromosomes
    position : int32 array, shape (n_variants,)
        0 where a variant has no place.
    neg_log_10_p_value : float64 array, shape (n_variants,)
        NaN where there is none.
    numbers : dict of str to float64 array
        What else was asked for.
    names : dict of int to str
        Rows to the ids of variants, for those with p <= 0.001 and those asked for.
    asked : int array
        The rows of the variants that were asked for by name.
    """

    label: str
    chromosomes: Chromosomes
    position: npt.NDArray[np.int32]
    neg_log_10_p_value: FloatArray
    numbers: dict[str, FloatArray] = field(repr=False)
    names: dict[int, str] = field(repr=False)
    asked: npt.NDArray[np.intp] = field(repr=False)

    def __len__(self) -> int:
        return len(self.position)

    def name_of(self, row: int) -> str:
        """Return a variant's id, or its place where no id is known."""
        if row in self.names:
            return self.names[row]
        code = self.chromosomes.codes[row]
        return f"{self.chromosomes.names[code]}:{self.position[row]}" if code >= 0 else f"row {row + 1}"

    def number(self, column: str, why: str) -> FloatArray:
        """Return a column that was asked for; refuse if the table does not have it."""
        if column not in self.numbers:
            raise GwasmetaError(f"{self.label}: has no column for {column}, which {why} needs")
        return self.numbers[column]


def associations(
    source: Source,
    *,
    columns: Collection[str] = (),
    method: str | None = None,
    places: Places | None = None,
    variants: Iterable[str] = (),
) -> Associations:
    """Gather what pictures are drawn from.

    Parameters
    ----------
    source : MetaResult, trait of an MtagResult, path, frame, mapping of columns, or Study
        Anything that `gwasmeta.read_sumstats` reads. Alleles and effects are not needed.
    columns : collection of str
        Further columns of numbers, by their names in GWAS-SSF; those that the table lacks are not there.
    method : str, optional
        Which method's p-values to take from a table that has those of several, such as "random"; the first if not
        given.
    places : callable, optional
        Chromosomes and positions for tables that have none, from a map for instance. Without it they are taken from
        ids such as 1:12345:A:G.
    variants : iterable of str
        Ids of variants that are to be found again.

    Returns
    -------
    Associations

    Raises
    ------
    GwasmetaError
        If the table cannot be read, or has neither p-values nor what they can be worked out from.
    """
    if isinstance(source, Associations):
        return source
    from gwasmeta.meta.result import MetaResult

    wanted = TextIndex()
    wanted.number(Words.of(variants))
    gathered = _Gathered(frozenset(columns), places, wanted)
    if isinstance(source, MetaResult):
        _refuse_unknown_method(source, method)
        prefix = "" if method in (None, source.options.main_method) else f"{method}_"
        for words, numbers in source.map_blocks(lambda block: _of_method(block, prefix, gathered.columns)):
            gathered.add(words, numbers)
        return gathered.finished("meta-analysis" if method is None else _METHOD_NAMES[method])
    study = as_study(source, method)
    reader = _reader(study, gathered.columns)
    for _, block in stream_studies([reader], _of_block):
        if block is not None:
            gathered.add(*block)
    if not gathered.has_p_values:
        raise GwasmetaError(
            f"{study.file}: has no p-values, nor effects with standard errors or z to work them out from\n"
            f"  Name the column by --column p_value=WORD (Python: Study(..., columns={{'p_value': 'WORD'}}))."
            f" The file has: {', '.join(reader.header)}."
        )
    return gathered.finished(study.label)


def _refuse_unknown_method(result: MetaResult, method: str | None) -> None:
    if method is not None and method not in result.options.methods:
        raise GwasmetaError(f"method {method!r}: this result has {', '.join(result.options.methods)}")


def as_study(source: Any, method: str | None) -> Study:
    """Return a table as a study whose p-values and effects are those of one of its methods.

    Raises
    ------
    GwasmetaError
        If the table does not have the method.
    """
    label = None
    if hasattr(source, "table"):  # a result, one of its traits, or a study that has been read
        label, source = str(getattr(source, "name", "result")), source.table
    study = source if isinstance(source, Study) else Study(source, name=label)
    if method is None:
        return study
    header = _opened(study, frozenset()).header
    own = {name: word for name in _OF_METHOD if (word := f"{method}_{name}") in header}
    if own:
        return replace(study, columns={**study.columns, **own})
    others = [
        other for other in _METHOD_NAMES if f"{other}_neg_log_10_p_value" in header or f"{other}_p_value" in header
    ]
    if method in _METHOD_NAMES and others:  # the plain columns are those of the first method
        return study
    raise GwasmetaError(
        f"{study.file}: has no columns of the method {method!r} ({method}_p_value)\n"
        f"  Its methods are {', '.join(['that of its plain columns', *others])}."
    )


def _reader(study: Study, columns: frozenset[str]) -> StudyReader:
    """Open a table, also for columns of results that studies do not have."""
    reader = _opened(study, columns)
    own_words = {name: word for name in columns - set(COLUMNS) if (word := word_for(name, reader.header)) is not None}
    return _opened(replace(study, sums=own_words), columns) if own_words else reader


def _opened(study: Study, columns: frozenset[str]) -> StudyReader:
    wanted = Wanted(effect=False, z=False, columns=_TESTED | (columns & set(COLUMNS)), alleles="none")
    return reader_by_id_or_place(study, wanted)


def reader_by_id_or_place(study: Study, wanted: Wanted) -> StudyReader:
    """Open a study whose variants may be known by their ids or, where it has none, by their places."""
    try:
        return StudyReader(study, replace(wanted, match="id"))
    except GwasmetaError as without_ids:
        try:
            return StudyReader(study, replace(wanted, match="position"))
        except GwasmetaError:
            raise without_ids from None


def word_for(column: str, header: Iterable[str]) -> str | None:
    """Return the header's word for a column of results that studies do not have."""
    by_letters = {word.casefold(): word for word in header}
    return next((by_letters[word] for word in (column, *_WORDS.get(column, ())) if word in by_letters), None)


def as_per_cent(i_squared: FloatArray) -> FloatArray:
    """Return I² in per cent, also of programs that give it as a fraction."""
    largest = float(np.nanmax(i_squared, initial=0.0))
    return i_squared * 100 if largest <= 1 else i_squared


_Block = tuple[dict[str, Words], dict[str, FloatArray]]


def _of_block(block: RowBlock) -> _Block:
    return block.words, {name.removeprefix("sum:"): values for name, values in block.numbers.items()}


def _of_method(block: Mapping[str, Any], prefix: str, columns: frozenset[str]) -> _Block:
    """Take the columns of one method from a block of a result."""
    words = {name: block[name] for name in ("variant_id", "chromosome")}
    numbers = {"base_pair_location": block["base_pair_location"]}
    for name in {"neg_log_10_p_value", *columns}:
        own = prefix + name if prefix + name in block else name
        if own in block:
            numbers[name] = block[own]
    return words, numbers


class _Gathered:
    """Columns of one table while its blocks come in."""

    def __init__(self, columns: frozenset[str], places: Places | None, wanted: TextIndex) -> None:
        self.columns = columns
        self.has_p_values = False
        self._places = places
        self._wanted = wanted
        self._words = TextIndex()  # spellings of chromosomes
        self._codes: list[npt.NDArray[np.int32]] = []
        self._positions: list[npt.NDArray[np.int32]] = []
        self._heights: list[FloatArray] = []
        self._numbers: dict[str, list[FloatArray]] = {}
        self._names: dict[int, str] = {}
        self._asked: list[npt.NDArray[np.intp]] = []
        self._n_rows = 0

    def add(self, words: Mapping[str, Words], numbers: Mapping[str, FloatArray]) -> None:
        """Take in a block."""
        ids, heights = words.get("variant_id"), _heights(numbers)
        n_rows = len(next(iter(words.values())))  # a table has ids or chromosomes
        if heights is not None:
            self.has_p_values = True
        heights = np.full(n_rows, np.nan) if heights is None else heights
        chromosomes, positions = self._placed(words, numbers, ids, n_rows)
        runs = chromosomes.runs()
        self._codes.append(np.repeat(self._words.number(chromosomes.take(runs)), np.diff(runs, append=n_rows)))
        on_a_chromosome = (positions > 0) & (positions < 2**31)
        self._positions.append(np.where(on_a_chromosome, positions, 0).astype(np.int32))
        self._heights.append(heights)
        for name in self.columns & set(numbers):
            self._numbers.setdefault(name, []).append(numbers[name].copy())
        if ids is not None:
            self._keep_names(ids, heights)
        self._n_rows += n_rows

    def _placed(
        self, words: Mapping[str, Words], numbers: Mapping[str, FloatArray], ids: Words | None, n_rows: int
    ) -> tuple[Words, FloatArray]:
        if self._places is not None and ids is not None:
            return self._places(ids)
        if "chromosome" in words and "base_pair_location" in numbers:
            return words["chromosome"], numbers["base_pair_location"]
        return places_in_ids(ids) if ids is not None else (Words.of([""] * n_rows), np.full(n_rows, np.nan))

    def _keep_names(self, ids: Words, heights: FloatArray) -> None:
        named = heights >= NAMED_FROM
        if len(self._wanted):
            asked = self._wanted.find(ids) >= 0
            self._asked.append(np.flatnonzero(asked) + self._n_rows)
            named = named | asked
        rows = np.flatnonzero(named)
        self._names |= zip((rows + self._n_rows).tolist(), ids.take(rows).to_list(), strict=True)

    def finished(self, label: str) -> Associations:
        """Return the whole columns."""
        codes = _joined(self._codes, np.int32)
        return Associations(
            label,
            renamed_chromosomes(codes, self._words.words().to_list()),
            _joined(self._positions, np.int32),
            _joined(self._heights, np.float64),
            {name: np.concatenate(pieces) for name, pieces in self._numbers.items()},
            self._names,
            _joined(self._asked, np.intp),
        )


def _heights(numbers: Mapping[str, FloatArray]) -> FloatArray | None:
    """Return -log10 p; from z, or effect and error, where a p-value is missing or was too small for its file."""
    reported = numbers.get("neg_log_10_p_value")
    if reported is not None and np.isfinite(reported).all():
        return reported.copy()
    z = numbers.get("z")
    if z is None and "beta" in numbers and "standard_error" in numbers:
        with np.errstate(divide="ignore", invalid="ignore"):
            z = np.where(numbers["standard_error"] > 0, numbers["beta"] / numbers["standard_error"], np.nan)
    if z is None:
        return None if reported is None else reported.copy()
    if reported is None:
        return neg_log_10_p_value(z)
    worked_out = neg_log_10_p_value(z)
    return np.where(np.isfinite(reported) | np.isnan(worked_out), reported, worked_out)


def _joined(pieces: list[npt.NDArray[Any]], kind: type) -> npt.NDArray[Any]:
    return np.concatenate(pieces) if pieces else np.empty(0, dtype=kind)
