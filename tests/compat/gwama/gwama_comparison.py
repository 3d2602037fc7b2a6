"""Everything that two runs put out, cell by cell: the table, the inflation factors, the messages, what was printed.

A difference is a row (study, variant, column, ours, theirs); study or variant is empty where it is about none.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from gwama_p_values import p_value_agrees
from gwama_runs import OURS, GoldenRun, Output

FloatArray = npt.NDArray[np.float64]

Cell = tuple[str, str, str, str, str]

ROW, ORDER, FACTORS, CORRECTION = "row", "order", "gc.out", "lambda of the result"
_COLUMNS = ["study", "variant", "column", "ours", "theirs"]
_TEXTS = {"reference_allele", "other_allele", "chromosome", "position", "effects"}
_COUNTS = {"n_studies", "n_samples"}
_UNIT = 1.0001e-6  # both are rounded to six decimals: the same number prints alike or one unit apart
_RELATIVE = 1e-9


def compare(ours: Output, run: GoldenRun) -> pd.DataFrame:
    """Return every difference between our output and that of a golden run."""
    theirs = run.output
    cells = [
        *_table_cells(ours.table, run.expected, corrections(ours)),
        *_factor_cells(ours, theirs),
        *_message_cells(ours, theirs, run.paths),
        *_printed_cells(ours, theirs),
    ]
    return pd.DataFrame(cells, columns=_COLUMNS, dtype=object)


# --- ROOT.out -----------------------------------------------------------------------------------------


def _table_cells(ours: pd.DataFrame, theirs: pd.DataFrame, factors: dict[str, float]) -> Iterator[Cell]:
    assert list(ours.columns) == list(theirs.columns)
    for variant in ours.index.difference(theirs.index):
        yield "", variant, ROW, "there", "absent"
    for variant in theirs.index.difference(ours.index):
        yield "", variant, ROW, "absent", "there"
    both = theirs.index[theirs.index.isin(ours.index)]
    for variant in _moved(ours.index.get_indexer(both).tolist(), both):
        yield "", variant, ORDER, "elsewhere", "here"
    ours, theirs = ours.loc[both], theirs.loc[both]
    for column in theirs.columns:
        differ = ~_agreement(column, ours, theirs, factors)
        for variant, our_word, word in zip(both[differ], ours[column][differ], theirs[column][differ], strict=True):
            yield "", variant, column, our_word, word


def _moved(places: Sequence[int], variants: pd.Index) -> list[str]:
    """Return the fewest variants without which both tables have the others in the same order."""
    ends: list[int] = []  # of the best increasing series of each length: its last place
    lengths = []
    for place in places:
        length = bisect.bisect_left(ends, place)
        ends[length : length + 1] = [place]
        lengths.append(length)
    moved, wanted = [], len(ends) - 1
    for variant, length in zip(reversed(variants), reversed(lengths), strict=True):
        if length == wanted:
            wanted -= 1
        else:
            moved.append(variant)
    return moved


def _agreement(
    column: str, ours: pd.DataFrame, theirs: pd.DataFrame, factors: dict[str, float]
) -> npt.NDArray[np.bool_]:
    """Say in which rows a column agrees, p-values with the exact ones of what they are worked out from."""
    same = (ours[column] == theirs[column]).to_numpy()
    plain = re.sub("^(fe)?male_", "", column)
    if plain in _TEXTS:
        return same
    if plain in _COUNTS:
        return same | (_numbers(ours[column]) == _numbers(theirs[column]))
    if plain.endswith("p-value"):
        absent = (theirs[column] == "-9").to_numpy()
        return np.where(absent, same, p_value_agrees(column, ours[column], theirs, factors))
    slack = _UNIT + _RELATIVE * np.abs(_numbers(theirs[column]))
    with np.errstate(invalid="ignore"):
        return same | (np.abs(_numbers(ours[column]) - _numbers(theirs[column])) <= slack)


def _numbers(words: pd.Series) -> FloatArray:
    return pd.to_numeric(words, errors="coerce").to_numpy(dtype=np.float64)


# --- ROOT.gc.out --------------------------------------------------------------------------------------


def _factor_cells(ours: Output, theirs: Output) -> Iterator[Cell]:
    our_lines, their_lines = ours.files["gc.out"].splitlines(), theirs.files["gc.out"].splitlines()
    assert our_lines[0] == their_lines[0]
    for our_line, line in zip(our_lines[1:], their_lines[1:], strict=True):
        if our_line != line:
            yield line.split("\t")[0], "", FACTORS, our_line, line


# --- ROOT.err.out and ROOT.log.out --------------------------------------------------------------------

# What messages are about: how each kind is known, and where the marker stands.
_KINDS = {
    "columns": r"(row \d+) has different number of columns",
    "alleles": r"problem with alleles for marker (\S+)!",
    "frequency": r"problem with effect allele frequency (\S+)!",
    "effect": r"problem with odds ratio or its CI of (\S+)!",
    "imputed": r"problem with imputation status for (\S+)!",
    "samples": r"problem with sample size for (\S+)!",
    "strand": r"Marker (\S+) has wrong strand",
    "other alleles": r"Marker (\S+) has wrong alleles",
    "discrepancy": r"Marker (\S+) has large effect allele frequency discrepancy",
    "file": r"misses some of the mandatory columns()",
}
_CODE = re.compile(r"[EW]\d{9}")


@dataclass(frozen=True)
class Message:
    """A numbered message: the study and the marker (or row) that it is about, and its lines without the number."""

    study: str
    variant: str
    kind: str
    lines: tuple[str, ...]


def messages(output: Output, paths: Sequence[str]) -> list[Message]:
    """Return the messages of a run, each with its lines in ROOT.err.out and in ROOT.log.out."""
    by_code: dict[str, list[str]] = {}
    for line in output.files["err.out"].splitlines():
        code, _, text = line.partition(" ")
        by_code.setdefault(code, []).append(text)
    for line in output.files["log.out"].splitlines():
        for code in _CODE.findall(line):
            by_code[code].append(line.replace(code, ""))
    numbers = [int(code[1:]) for code in by_code]
    assert numbers == list(range(1, len(numbers) + 1))
    found = []
    for lines in by_code.values():
        whole = " ".join(lines)
        ((kind, about),) = ((kind, match) for kind, known in _KINDS.items() if (match := re.search(known, whole)))
        (study,) = {path for path in paths if path in whole.split()}
        found.append(Message(study, about[1], kind, tuple(lines)))
    return found


def of_messages(*kinds: str) -> frozenset[str]:
    """Return the columns that messages of these kinds are compared under; of all kinds if none is named."""
    return frozenset(f"messages: {kind}" for kind in kinds or _KINDS)


def _message_cells(ours: Output, theirs: Output, paths: Sequence[str]) -> Iterator[Cell]:
    """Compare marker by marker; where a marker's messages are the same, they must stand in the same order."""
    tables: list[dict[tuple[str, ...], list[Message]]] = [{}, {}]
    lists = messages(ours, paths), messages(theirs, paths)
    for table, found in zip(tables, lists, strict=True):
        for message in found:
            table.setdefault((message.study, message.variant, message.kind), []).append(message)
    differing = {key for key in {**tables[0], **tables[1]} if tables[0].get(key) != tables[1].get(key)}
    for study, variant, kind in sorted(differing):
        our_text, their_text = (str(table.get((study, variant, kind), "none")) for table in tables)
        (column,) = of_messages(kind)
        yield study, variant, column, our_text, their_text
    same = [[m for m in found if (m.study, m.variant, m.kind) not in differing] for found in lists]
    assert same[0] == same[1]
    others = [
        [line for line in output.files["log.out"].splitlines() if not _CODE.search(line)] for output in (ours, theirs)
    ]
    for our_line, line in zip(*others, strict=True):
        if our_line != line:
            yield "", "", CORRECTION if line.startswith("Output p-value") else "log.out", our_line, line


# --- standard output ----------------------------------------------------------------------------------


def printed(*beginnings: str) -> frozenset[str]:
    """Return the columns that printed lines with these beginnings are compared under; of each study's if none is."""
    each_study = ("Reading file", "GC lambda", "Marker count", "Strand problems", "Effect problems", "FILTER")
    return frozenset(f"stdout: {beginning}" for beginning in beginnings or each_study)


def _printed_cells(ours: Output, theirs: Output) -> Iterator[Cell]:
    for our_lines, their_lines in zip(_parts_printed(ours), _parts_printed(theirs), strict=True):
        if len(our_lines) != len(their_lines):
            our_lines, their_lines = [str(our_lines)], [" ".join(their_lines)]
        for our_line, line in zip(our_lines, their_lines, strict=True):
            if our_line != line:
                beginning = next(
                    (word for word in printed() if line.startswith(word.removeprefix("stdout: "))), "stdout"
                )
                yield "", "", CORRECTION if line.startswith("Output p-value") else beginning, our_line, line


def _parts_printed(output: Output) -> list[list[str]]:
    """Return what was printed between the rules, without GWAMA's running line numbers and without our remarks."""
    lines = [line.rpartition("\r")[2].replace("Fltering", "Filtering") for line in output.stdout.split("\n")]
    parts: list[list[str]] = [[]]
    for line in lines:
        if set(line) == {"-"}:
            parts.append([])
        elif not line.startswith(OURS):
            parts[-1].append(line)
    return parts


def corrections(output: Output) -> dict[str, float]:
    """Return what -gco says that it divides chi-squared by: of the whole, of male and of female studies."""
    factors = re.findall(r"Output p-value is (?:not )?corrected.*?ambda=(\S+)", output.stdout)
    return {name: max(1.0, float(factor)) for name, factor in zip(("", "male", "female"), factors, strict=False)}
