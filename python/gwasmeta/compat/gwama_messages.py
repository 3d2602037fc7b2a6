"""GWAMA's numbered messages about rows: ROOT.err.out, ROOT.log.out, and the counts that it prints of each study."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gwasmeta.compat.gwama_study import NO_STRAND, GwamaStudy
from gwasmeta.meta.study_sums import BlockNotes
from gwasmeta.sumstats.row_log import Example
from gwasmeta.sumstats.sink import Writable


@dataclass(frozen=True)
class Message:
    """How GWAMA words what it found in a row.

    Attributes
    ----------
    rules : tuple of str
        The rules of gwasmeta that find it.
    letter : {"E", "W"}
        Error or warning, the first letter of its number.
    lines : tuple of str
        For ROOT.err.out. {file}, {marker}, {row}, {n_columns}, {values} and columns of the row are filled in.
    log : str
        For ROOT.log.out, with {code}, the number.
    problem : str
        What the row is counted as.
    """

    rules: tuple[str, ...]
    letter: Literal["E", "W"]
    lines: tuple[str, ...]
    log: str
    problem: str = ""


_ROW = "row {row} has different number of columns compared to header line ( {values[0]}, {n_columns}) Skipping line!"
_UNEVEN = Message(("column_count",), "E", (f"Error: {{file}} {_ROW}",), f"{{file}} {_ROW}({{code}})")
_NO_MARKER = Message(
    ("variant_id_missing",),
    "E",
    ("{file} has no marker name in row {row}! Skipping line!",),
    "{file} has no marker name in row {row}! Skipping line!({code})",
)
_ALLELES = Message(
    ("effect_allele_missing", "other_allele_missing", "alleles_identical", "allele_not_a_base"),
    "E",
    (
        "{file} has problem with alleles for marker {marker}!",
        "{file} Given alleles: {effect_allele}/{other_allele}. Skipping marker!",
    ),
    "{file} has problem with alleles for marker {marker}!({code})",
    "alleles",
)
_FREQUENCY = Message(
    ("effect_allele_frequency_missing", "effect_allele_frequency_not_within_0_1"),
    "E",
    (
        "{file} has problem with effect allele frequency {marker}!",
        "{file} Given value: {values[0]}. Value not used!",
    ),
    "{file} has problem with effect allele frequency for marker {marker}!({code})",
)
_EFFECT = Message(
    (
        "beta_missing",
        "standard_error_missing",
        "standard_error_not_positive",
        "standard_error_out_of_range",
    ),
    "E",
    (
        "{file} has problem with odds ratio or its CI of {marker}!",
        "{file} Given values: BETA={beta} SE={standard_error}. Marker not used!",
    ),
    "{file} has problem with beta and se for marker {marker}!({code})",
    "effects",
)
_ODDS_RATIO = Message(
    ("odds_ratio_missing", "odds_ratio_not_positive", "confidence_interval_not_around_odds_ratio"),
    "E",
    (
        "{file} has problem with odds ratio or its CI of {marker}!",
        "{file} Given values: OR={odds_ratio} CI_95L={ci_lower}. Marker not used!",
    ),
    "{file} has problem with odds ratio and its 95_L for marker {marker}!({code})",
    "effects",
)
_IMPUTED = Message(
    ("imputed_not_0_or_1",),
    "E",
    (
        "{file} has problem with imputation status for {marker}!",
        "{file} Given values: IMPUTED={values[0]}Value must be 1-imputed, 0-directly genotyped.",
    ),
    "{file} has problem with imputation status for marker {marker}!({code})",
)
_SAMPLES = Message(
    ("n_missing", "n_not_positive"),
    "E",
    (
        "{file} has problem with sample size for {marker}!",
        "{file} Given values: N={values[0]}Value must be larger than zero.",
    ),
    "{file} has problem with sample size for marker {marker}!({code})",
)
_STRAND = Message(
    ("other_strand",),
    "W",
    ("{file} warning: Marker {marker} has wrong strand. Strand flipped.",),
    "Warning: Marker {marker} has wrong strand. ({code})",
    "strand",
)
_OTHER_ALLELES = Message(
    ("alleles_differ",),
    "E",
    ("{file} error: Marker {marker} has wrong alleles. Marker dropped.",),
    "Error: Marker {marker} has wrong alleles. ({code})",
    "alleles",
)
_FAR_FREQUENCY = Message(
    ("frequency_far_from_others",),
    "W",
    (
        "Warning: Marker {marker} has large effect allele frequency discrepancy.",
        "Weighted EAF: {values[1]}, but file {file} has EAF: {values[0]}",
    ),
    "Warning: Marker {marker} has large effect allele frequency discrepancy. ({code})",
    "strand",
)
# In the order in which GWAMA checks a row.
MESSAGES = (
    _UNEVEN,
    _NO_MARKER,
    _ALLELES,
    _FREQUENCY,
    _EFFECT,
    _ODDS_RATIO,
    _IMPUTED,
    _SAMPLES,
    _STRAND,
    _OTHER_ALLELES,
    _FAR_FREQUENCY,
)
_RANKS = {rule: rank for rank, message in enumerate(MESSAGES) for rule in message.rules}


class MessageWriter:
    """Writes the messages as the studies are read; the observer of a `MetaEngine`.

    Parameters
    ----------
    errors, log : Writable
        ROOT.err.out and ROOT.log.out.
    studies : sequence of GwamaStudy

    Attributes
    ----------
    problems : list of Counter
        For each study, the number of rows with each `Message.problem`, and the number under each rule.
    """

    def __init__(self, errors: Writable, log: Writable, studies: Sequence[GwamaStudy]) -> None:
        self.problems: list[Counter[str]] = [Counter() for _ in studies]
        self._errors, self._log = errors, log
        self._studies = studies
        self._n_begun = 0
        self._n_messages = 0

    def __call__(self, notes: BlockNotes) -> None:
        """Write the messages about a block, in the order of its rows."""
        self.begin(notes.study + 1)
        problems = self.problems[notes.study]
        found: dict[tuple[int, int], Example] = {}
        for finding in notes.findings:
            problems[finding.rule] += finding.count
            rank = _RANKS.get(finding.rule)
            if rank is not None:
                found |= {(example.line, rank): example for example in finding.examples}
        errors, log = [], []
        for line, rank in sorted(found):
            message, texts = MESSAGES[rank], self._texts(notes.study, MESSAGES[rank], found[line, rank])
            errors += [f"{texts['code']} {template.format_map(texts)}\n" for template in message.lines]
            log.append(f"{message.log.format_map(texts)}\n")
            if message.problem:
                problems[message.problem] += 1
        for file, lines in ((self._errors, errors), (self._log, log)):
            file.write("".join(lines).encode(errors="surrogateescape"))

    def begin(self, n_studies: int) -> None:
        """Head the log's parts about the first so many studies."""
        for number in range(self._n_begun, n_studies):
            study = self._studies[number]
            self._log.write(f" [{number + 1}] Reading file: {study.path}\n".encode())
            if not study.has_strand:
                self._log.write(f"{NO_STRAND}\n".encode())
        self._n_begun = max(self._n_begun, n_studies)

    def _texts(self, number: int, message: Message, example: Example) -> _Texts:
        """Give a message its number, and return what is to be filled into it."""
        self._n_messages += 1
        study = self._studies[number]
        return _Texts(
            example,
            file=study.path,
            marker=example.variant_id,
            row=example.line - study.header_line,
            n_columns=study.n_columns,
            values=example.values,
            code=f"{message.letter}{self._n_messages:09d}",
        )


class _Texts(dict[str, Any]):
    """What is filled in: what is known of the row, and for any other name the text that it has in that column."""

    def __init__(self, example: Example, **known: Any) -> None:
        super().__init__(known)
        self._example = example

    def __missing__(self, column: str) -> str:
        assert self._example.field is not None
        return self._example.field(column)
