"""The public function that writes one study in another format."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gwasmeta.errors import GwasmetaError
from gwasmeta.harmonise.alignment import Alignment, Palindromic
from gwasmeta.harmonise.formatted import FormatResult, log_rows
from gwasmeta.harmonise.frame_sink import write_parquet
from gwasmeta.harmonise.liftover import Liftover
from gwasmeta.harmonise.output_files import output_paths, write_index
from gwasmeta.harmonise.pieces import Learnt, Piece, Step, first_block, pieces, stepped
from gwasmeta.harmonise.reference import read_reference
from gwasmeta.sumstats.builds import standard_build
from gwasmeta.sumstats.canonical import canonical_rows
from gwasmeta.sumstats.header import HeaderReading
from gwasmeta.sumstats.one_study import one_study
from gwasmeta.sumstats.plan import Wanted
from gwasmeta.sumstats.reader import RowProgress, StudyReader
from gwasmeta.sumstats.row_block import RowBlock
from gwasmeta.sumstats.row_log import StudyLog
from gwasmeta.sumstats.sink import Writable, compressed_text, refuse_impossible, refuse_overwriting, whole_files
from gwasmeta.sumstats.sorted_lines import SortedLines
from gwasmeta.sumstats.ssf_metadata import metadata_text, read_metadata
from gwasmeta.sumstats.study import Study
from gwasmeta.sumstats.study_formats import (
    StudyFormat,
    chosen_study_format,
    columns_of,
    format_values,
    without_unfit_rows,
)
from gwasmeta.sumstats.table_format import Column, written_columns
from gwasmeta.sumstats.table_text import table_text
from gwasmeta.sumstats.variant_numbers import rs_numbers
from gwasmeta.sumstats.vcf_text import vcf_header, vcf_lines

if TYPE_CHECKING:
    from gwasmeta.sumstats.dialects import Dialect
    from gwasmeta.sumstats.study import StudySource


def format_sumstats(
    source: StudySource | Study,
    out: str | os.PathLike[str],
    *,
    to: str = "ssf",
    name: str | None = None,
    dialect: str | Dialect | None = None,
    columns: Mapping[str, str] | None = None,
    n: float | None = None,
    n_cases: float | None = None,
    n_controls: float | None = None,
    filters: str | Iterable[str] = (),
    reference: str | os.PathLike[str] | None = None,
    palindromic: Palindromic = "infer",
    palindromic_window: float = 0.08,
    liftover: str | os.PathLike[str] | None = None,
    build: str | None = None,
    metadata: str | os.PathLike[str] | Mapping[str, Any] | None = None,
    sort: bool = False,
    tabix: bool = False,
    progress: RowProgress | None = None,
) -> FormatResult:
    """Write one study's summary statistics in another format.

    Parameters
    ----------
    source : path, binary stream, pandas or Polars frame, mapping of columns, or Study
        Of any format that `read_sumstats` reads.
    out : path
        The file to write; where its name has no ending, the format's usual one is added.
    to : {"ssf", "gwama", "metal", "mtag", "ldsc", "parquet", "vcf"}
        The format.
    name, dialect, columns, n, n_cases, n_controls, filters
        As for `read_sumstats`.
    reference : path, optional
        Reference variants, a VCF or a table; see `gwasmeta.harmonise.reference.read_reference`. The effect allele
        becomes the alternate one, ids become the reference's rsids, rows without a position get that of their rsid,
        and a column `hm_code` says what was done to each row. Rows that do not fit the reference are left out.
    palindromic : {"infer", "keep", "drop"}
        A/T and C/G variants: on the strand that the frequencies in study and reference speak for, taken to be on the
        forward strand, or left out. Only with a reference.
    palindromic_window : float
        Frequencies within this of one half do not tell the strand; such rows are left out.
    liftover : path, optional
        Chain file to another build of the genome; positions are carried over before the reference is looked at.
    build : str, optional
        Build of the positions written, such as "GRCh38"; found out as far as possible if not given.
    metadata : path or mapping, optional
        Fields of the metadata of GWAS-SSF that gwasmeta cannot know, such as `trait_description`.
    sort : bool
        Write the rows in the order of chromosome and position; a VCF always is.
    tabix : bool
        Sort, compress in blocks and index the file, so that tabix and bcftools find regions.
    progress : callable, optional
        Called with the number of rows read so far.

    Returns
    -------
    FormatResult

    Raises
    ------
    GwasmetaError
        If the study cannot be read or lacks what the format needs, or a file cannot be read or written.

    Examples
    --------
    >>> import gwasmeta
    >>> result = gwasmeta.format_sumstats("height.regenie.gz", "height.tsv.gz", to="ssf")  # doctest: +SKIP
    >>> print(result)  # doctest: +SKIP
    """
    shape = chosen_study_format(to)
    study = one_study(source, name, dialect, columns, n, n_cases, n_controls, filters)
    if palindromic not in ("infer", "keep", "drop"):
        raise GwasmetaError(f"palindromic {palindromic!r}: choose among infer, keep and drop")
    carry = None if liftover is None else Liftover(liftover)
    formatting = _Formatting(
        shape,
        study,
        Path(out),
        sort=sort,
        tabix=tabix,
        build=build or ("" if carry is None else carry.to_build),
        metadata=read_metadata(metadata),
        reference=None if reference is None else os.fspath(reference),
        places_change=carry is not None,
    )
    steps: list[Step] = [] if carry is None else [carry]
    if reference is not None:
        steps.append(Alignment(read_reference(reference), palindromic, palindromic_window))
    return formatting.run(steps, progress)


class _Formatting:
    """One study on its way to one file."""

    def __init__(
        self,
        shape: StudyFormat,
        study: Study,
        out: Path,
        *,
        sort: bool,
        tabix: bool,
        build: str,
        metadata: Mapping[str, Any],
        reference: str | None,
        places_change: bool,
    ) -> None:
        self.shape, self.study, self.metadata, self.reference, self.tabix = shape, study, metadata, reference, tabix
        self.is_sorted = sort or tabix or shape.name == "vcf"
        self.build = standard_build(build)
        self.needs_place = self.is_sorted or shape.needs_place or places_change or reference is not None
        self.log = StudyLog(study.label, study.file)
        self.learnt = Learnt()
        self.gives_rsids = False
        self.paths = output_paths(shape, out, tabix)
        for path in self.paths.values():
            refuse_overwriting(path, [study.path])
            refuse_impossible(path)

    def run(self, steps: Sequence[Step], progress: RowProgress | None) -> FormatResult:
        """Read, change and write."""
        reader = StudyReader(self.study, lambda reading: _wanted(reading, self.needs_place))
        block, tasks = first_block(reader)
        if block is None:
            raise GwasmetaError(f"{self.study.file}: has no rows below its header")
        canonical = canonical_rows(block)
        self._refuse_what_lacks(canonical, reader)
        ids = canonical.words.get("variant_id")
        self.gives_rsids = self.reference is not None or (ids is not None and bool((rs_numbers(ids) >= 0).any()))
        every: tuple[Step, ...] = (canonical_rows, *steps, self._fitting)
        example = format_values(stepped(block, every))
        with whole_files(*self.paths.values()) as besides:
            beside = dict(zip(self.paths, besides, strict=True))
            if self.shape.name == "parquet":
                made = self._pieces(tasks, every, lambda _: b"", progress)
                write_parquet(
                    lambda: ((piece.values, piece.keys) for piece in made),
                    example,
                    beside["table"],
                    self.paths["table"],
                    self.is_sorted,
                )
            else:
                self._write_text(tasks, every, example, beside["table"], progress)
            self._finish(beside)
        return FormatResult(
            path=self.paths["table"],
            paths=tuple(self.paths.values()),
            to=self.shape.name,
            dialect=reader.dialect,
            columns=dict(reader.columns),
            build=self._build(),
            codes=dict(sorted(self.learnt.codes.items())),
            study_log=self.log,
        )

    def _pieces(self, tasks: Any, steps: Sequence[Step], text_of: Any, progress: RowProgress | None) -> Iterator[Piece]:
        return pieces(tasks, steps, text_of, self.is_sorted, self.log, self.learnt, progress)

    def _fitting(self, block: RowBlock) -> RowBlock:
        return without_unfit_rows(self.shape, block)

    def _write_text(
        self,
        tasks: Any,
        steps: Sequence[Step],
        example: Mapping[str, Column],
        beside: Path,
        progress: RowProgress | None,
    ) -> None:
        header, text_of = self._text_functions(example)
        target = self.paths["table"]
        with compressed_text(beside, target, blocked=self.tabix or self.shape.name == "vcf") as sink:
            made = self._pieces(tasks, steps, text_of, progress)
            if not self.is_sorted:
                sink.write(header())
                for piece in made:
                    sink.write(piece.text)
                return
            with SortedLines() as lines:
                for piece in made:
                    assert piece.keys is not None
                    lines.add(piece.text, piece.keys)
                sink.write(header())
                _write_all(sink, lines.texts())

    def _text_functions(self, example: Mapping[str, Column]) -> tuple[Any, Any]:
        """Return what makes the header once all rows have passed, and what makes the text of a block."""
        table = self.shape.table
        if table is None:
            return lambda: self._vcf_header(example), vcf_lines
        chosen = columns_of(table, {**example, **table.derive(example)})
        if not self.gives_rsids:
            chosen = [column for column in chosen if column.source != "rsid"]

        def text_of(values: Mapping[str, Column]) -> bytes:
            return table_text(written_columns(chosen, {**values, **table.derive(values)}), missing=table.missing)

        return lambda: ("\t".join(column.header for column in chosen) + "\n").encode(), text_of

    def _vcf_header(self, example: Mapping[str, Column]) -> bytes:
        most = self.learnt.most
        facts: dict[str, str | int] = {
            word: int(most[name]) for word, name in (("TotalSamples", "n"), ("TotalCases", "n_cases")) if name in most
        }
        facts["TotalVariants"] = self.log.rows_used
        reference = None if self.reference is None else Path(self.reference).name
        return vcf_header(self.study.label, example, sorted(self.learnt.chromosomes), self._build(), facts, reference)

    def _finish(self, beside: Mapping[str, Path]) -> None:
        """Write what lies beside the table, once it is there."""
        self.log.check_balance()
        if not self.log.rows_used:
            raise GwasmetaError(_nothing_left(self.log))
        with compressed_text(beside["log"], self.paths["log"]) as sink:
            _write_all(sink, ("\t".join(map(str, row)).encode() + b"\n" for row in log_rows(self.log)))
        if "metadata" in beside:
            text = metadata_text(self.paths["table"], beside["table"], self._known_metadata(), self.metadata)
            with compressed_text(beside["metadata"], self.paths["metadata"]) as sink:
                sink.write(text.encode())
        if "index" in beside:
            write_index(beside["table"], beside["index"], is_vcf=self.shape.name == "vcf")

    def _build(self) -> str:
        """Return the build of the positions written: as the caller or the chain file says, or as they tell."""
        return self.learnt.build.guess().build if self.build in ("", "unknown") else self.build

    def _known_metadata(self) -> dict[str, Any]:
        most, build = self.learnt.most, self._build()
        sample = {"sample_size": int(most["n"])} if "n" in most else {}
        if "n_cases" in most and "n_controls" in most:
            sample |= {
                "case_control_study": True,
                "case_count": int(most["n_cases"]),
                "control_count": int(most["n_controls"]),
            }
        return {
            "genome_assembly": None if build == "unknown" else build,
            "samples": [sample] if sample else None,
            "sex": {"male": "M", "female": "F"}.get(self.study.sex or ""),
            "is_harmonised": self.reference is not None,
            "is_sorted": self.is_sorted,
            "harmonisation_reference": None if self.reference is None else Path(self.reference).name,
        }

    def _refuse_what_lacks(self, block: RowBlock, reader: StudyReader) -> None:
        """Find out before hours of reading that the study lacks what the format needs."""
        have = {*block.words, *block.numbers}
        if self.reference is not None and "variant_id" in have:
            have |= {"chromosome", "base_pair_location"}
        wanted = self.shape.needs
        if self.needs_place:
            wanted = (*wanted, "chromosome", "base_pair_location")
        for column in wanted:
            if column not in have:
                raise GwasmetaError(
                    f"{self.study.file}: no column for {column}, which {self._purpose(column)} needs\n"
                    f"  {_REMEDIES.get(column, _ANY_REMEDY).format(column=column)}\n"
                    f"  The file, read as {reader.dialect}, has: {', '.join(reader.header)}."
                )

    def _purpose(self, column: str) -> str:
        return self.shape.title if column in self.shape.needs else "sorting, a chain file or a reference"


_ANY_REMEDY = "Name it by --column {column}=WORD (Python: columns={{'{column}': 'WORD'}})."
_REMEDIES = {
    "n": "Give it by --n NUMBER, or name its column by --column n=WORD (Python: n=NUMBER).",
    "base_pair_location": "Name it by --column base_pair_location=WORD, or give a --reference that has the rsids.",
}


def _wanted(reading: HeaderReading, needs_place: bool) -> Wanted:
    wanted = Wanted.all_of(reading)
    has_place = {"chromosome", "base_pair_location"} <= reading.available
    return replace(wanted, match="position") if needs_place and has_place else wanted


def _write_all(sink: Writable, texts: Iterable[bytes]) -> None:
    for text in texts:
        sink.write(text)


def _nothing_left(log: StudyLog) -> str:
    lines = [f"{log.file}: none of its {log.rows_read:,} rows can be written"]
    for finding in log:
        if finding.action == "excluded":
            lines.append(f"  {finding.rule}: {finding.count:,} rows: {finding.reason}")
            lines += [
                f"    first: line {first.line}, {first.variant_id}, {first.value}" for first in finding.examples[:1]
            ]
    return "\n".join(lines)
