"""From studies to sums: every study is streamed once, whole."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property

from gwasmeta.errors import GwasmetaError
from gwasmeta.meta.held_rows import HeldRows
from gwasmeta.meta.options import MetaOptions
from gwasmeta.meta.overlap import given_correlation
from gwasmeta.meta.preparation import OpenedStudy, Preparation, PreparedBlock, gives, wanted_of_rows
from gwasmeta.meta.result_columns import ResultColumns
from gwasmeta.meta.stream import stream_studies
from gwasmeta.meta.study_matrix import StudyMatrix
from gwasmeta.meta.study_sums import BlockNotes, StudySums
from gwasmeta.meta.variants import Placement, VariantTable
from gwasmeta.sumstats.plan import Wanted
from gwasmeta.sumstats.reader import StudyReader
from gwasmeta.sumstats.row_log import MAX_EXAMPLES
from gwasmeta.sumstats.study import Study

ProgressCallback = Callable[[str, int, int, int], None]
"""Called with the study's name, its number from 0, the number of studies, and the rows read of all studies."""

_MOST_STUDIES = 2**15 - 1  # whose numbers, and how many of them have a variant, are counted in two bytes


class MetaEngine(StudySums):
    """The sums over all variants, in memory.

    Parameters
    ----------
    studies : sequence of Study
    options : MetaOptions
    observer, max_examples
        As of `StudySums`.
    """

    def __init__(
        self,
        studies: Sequence[Study],
        options: MetaOptions,
        observer: Callable[[BlockNotes], None] | None = None,
        max_examples: int = MAX_EXAMPLES,
    ) -> None:
        wanted = wanted_of_rows(options, observed=observer is not None, max_examples=max_examples)
        self.readers = opened_studies(studies, options, wanted)
        self._table = VariantTable(
            chromosomes_as_written=options.conventions.chromosomes_as_written,
            moved_do_not_match=options.position_conflicts == "exclude",
        )
        super().__init__(self.readers, options, self._table, StudyMatrix, observer, max_examples)

    @cached_property
    def _prepare(self) -> Preparation:
        return Preparation(self.options)

    def run(self, progress: ProgressCallback | None = None) -> None:
        """Stream all studies once."""
        held = HeldRows()
        rows = 0
        # A study is added up while the next one is taken in. The two touch different sums: see `_reserve`.
        with ThreadPoolExecutor(1, thread_name_prefix="gwasmeta-add") as adder:
            adding: Future[None] | None = None
            try:
                for number, prepared in stream_studies(self.readers, self._prepare):
                    summary = self.summaries[number]
                    if prepared is not None:
                        rows += prepared.block.n_read
                        self._take(number, prepared, held)
                    else:
                        if adding is not None:  # no more than two studies are held at a time
                            adding.result()
                        adding = adder.submit(self._end_study, number, held, len(self.variants))
                        held = HeldRows()
                    if progress is not None:
                        progress(summary.name, number + (prepared is None), len(self.readers), rows)
                if adding is not None:
                    adding.result()
            finally:
                adding = None  # or an error in it would keep this engine, and its temporary files
        refuse_no_variants(self.options, self._prepare, self.any_for_genomic_control)

    def _placed(self, number: int, prepared: PreparedBlock) -> Placement:
        return self._table.place(prepared.names, prepared.block, number, prepared.spellings)

    def columns(self) -> ResultColumns:
        """Return the columns of the result."""
        return ResultColumns(self)

    def _end_study(self, number: int, held: HeldRows, n_variants: int) -> None:
        """Estimate the inflation of a study that has been taken in, and add it up."""
        summary, reader = self.summaries[number], self.readers[number]
        summary.checksum = reader.checksum
        summary.log.check_balance()
        summary.log.sort()
        given = reader.study.inflation_factor
        if self.effects is not None:
            summary.effects = held.inflation("effects", self.options, given)
        if self.z is not None:
            summary.z = held.inflation("z", self.options, given)
        self._add_up(number, held, n_variants)


def opened_studies(studies: Sequence[Study], options: MetaOptions, wanted: Wanted) -> list[StudyReader]:
    """Return the studies with their headers understood, if they have what the options ask of them.

    Raises
    ------
    GwasmetaError
        If a study cannot be opened or understood, or lacks something.
    """
    if len(studies) > _MOST_STUDIES:
        raise GwasmetaError(f"{len(studies):,} studies: no more than {_MOST_STUDIES:,} can be combined at once")
    if sum(study.path == "-" for study in studies) > 1:
        raise GwasmetaError("standard input: is given twice, and can be read only once")
    readers = [StudyReader(study, wanted) for study in studies]
    if isinstance(options.overlap, tuple):
        given_correlation(options.overlap, len(readers))
    for reader in readers:
        _refuse_what_lacks(reader, options)
    return readers


def _refuse_what_lacks(reader: OpenedStudy, options: MetaOptions) -> None:
    """Check what the options ask of a study before hours of reading."""
    study = reader.study
    if options.needs_z and not gives(reader, "n"):
        raise GwasmetaError(
            f"{study.file}: the sample-size method needs the number of samples, and there is no such column\n"
            f"  Give it:  --n {study.label}=NUMBER  or name the column:  --column {study.label}:n=WORD"
            f"  (Python: Study(..., n=NUMBER)).  The file has: {', '.join(reader.header)}."
        )
    if options.genomic_control_variants is not None and "variant_id" not in reader.columns:
        raise GwasmetaError(
            f"{study.file}: no column for variant_id, which the list of variants for genomic control needs\n"
            f"  Name it by --column variant_id=WORD. The file has: {', '.join(reader.header)}."
        )
    if options.sex_differentiated and study.sex is None:
        raise GwasmetaError(
            f"{study.file}: sex-differentiated analysis needs the sex of every study\n"
            f'  Give it:  --sex {study.label}=male  or female  (Python: Study(..., sex="male")).'
        )


def refuse_no_variants(options: MetaOptions, prepare: Preparation, any_of_them: bool) -> None:
    """Raise an error if genomic control is to be estimated from variants that no study has."""
    chosen = prepare.genomic_control_variants
    if chosen is not None and not any_of_them:
        listed = options.genomic_control_variants
        where = os.fspath(listed) if isinstance(listed, str | os.PathLike) else "the list for genomic control"
        raise GwasmetaError(f"{where}: none of its {len(chosen):,} variants is in any study")
