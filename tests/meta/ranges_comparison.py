"""What the tests of ranges share: ranges of a few variants, studies full of oddities, and files compared bit by bit."""

from __future__ import annotations

import filecmp
import io
from collections.abc import Callable, Sequence
from difflib import unified_diff
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gwasmeta import GwasmetaError, MetaResult, Study, meta_analyze
from gwasmeta.meta import analyze, columns, overlap
from gwasmeta.meta.ranges import analysis, catalogue, numbered_study, result
from gwasmeta.sumstats import raw_blocks

from .study_tables import COMPLEMENT, Columns, table_bytes

GRAIN = 16
RANGE = 2 * GRAIN
MEMORY = 1 << 40  # more than the process that runs all tests has taken by then

PAIRS = (
    *(("A", "C"), ("T", "G"), ("G", "A"), ("C", "T"), ("A", "T"), ("G", "C")),
    *(("AT", "A"), ("G", "GCCT"), ("<DEL>", "G"), ("I", "D"), ("-", "T"), ("A" * 40, "A")),
)
_SPELLINGS = {
    "1": ("1", "chr1", "01", "Chr1"),
    "2": ("2", "chr2"),
    "X": ("X", "23", "chrX", "x"),
    "MT": ("MT", "M", "26"),
}
_CODES = dict(zip("ACGT", "1234", strict=True))


def use_small_ranges(patch: pytest.MonkeyPatch) -> None:
    """Cut a hundred variants as a large analysis is cut: ranges, blocks of the result, pieces of studies."""
    patch.setattr(numbered_study, "GRAIN", GRAIN)
    patch.setattr(analysis, "RANGE_VARIANTS", RANGE)
    patch.setattr(overlap, "BLOCK_ROWS", GRAIN)  # whose sums depend on where the blocks begin
    patch.setattr(columns, "BLOCK_ROWS", 8)
    patch.setattr(result, "BLOCK_ROWS", 8)
    patch.setattr(catalogue, "_CHUNK", 7)
    patch.setattr(raw_blocks, "_FRAME_BLOCK", 11)


# --- the same files ---------------------------------------------------------------------------------------


def both(studies: Any, **options: Any) -> tuple[MetaResult, MetaResult]:
    """Combine studies in memory, and in ranges; a function makes those that can be read only once."""
    make = studies if callable(studies) else lambda: studies
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analyze, "_can_be_kept", lambda *_: False)  # or those of a store were combined in ranges too
        in_memory = meta_analyze(make(), **options)
    return in_memory, meta_analyze(make(), **options, memory=MEMORY)


def both_refuse(studies: Any, **options: Any) -> str:
    """Return the one message with which studies are refused in memory and in ranges."""
    make = studies if callable(studies) else lambda: studies
    messages = []
    for memory in (None, MEMORY):
        with pytest.raises(GwasmetaError) as caught:
            meta_analyze(make(), **options, memory=memory)
        messages.append(str(caught.value))
    assert messages[1] == messages[0]
    return messages[0]


def assert_same_files(
    one: MetaResult, other: MetaResult, folder: Path, format: str = "gwasmeta", rows_in_any_order: bool = False
) -> None:
    """Write two results and compare every byte of table, log and sidecar."""
    (folder / "one").mkdir(exist_ok=True)
    (folder / "other").mkdir(exist_ok=True)
    written = one.write(folder / "one" / "out", format)
    other.write(folder / "other" / "out", format)
    if rows_in_any_order:
        for path in (written[0], folder / "other" / written[0].name):
            path.write_text("".join(sorted(path.read_text().splitlines(keepends=True))))
    for path in written[::-1]:
        beside = folder / "other" / path.name
        if not filecmp.cmp(path, beside, shallow=False):
            lines = [file.read_text().splitlines() for file in (path, beside)]
            different = islice(unified_diff(*lines, "in memory", "in ranges", lineterm="", n=0), 12)
            raise AssertionError("\n".join([f"{path.name}: other bytes", *different]))


def assert_same_in_ranges(studies: Any, folder: Path, *, rows_in_any_order: bool = False, **options: Any) -> MetaResult:
    """Combine studies in memory and in ranges, and compare what is written; return the latter."""
    in_memory, in_ranges = both(studies, **options)
    assert_same_files(in_memory, in_ranges, folder, rows_in_any_order=rows_in_any_order)
    return in_ranges


def told_of(studies: Any, **options: Any) -> list[str]:
    """Return what progress says of an analysis in ranges."""
    told: list[str] = []
    meta_analyze(studies, **options, memory=MEMORY, progress=lambda what, *_: told.append(what))
    return told


# --- studies full of oddities -----------------------------------------------------------------------------


def odd_variants(rng: np.random.Generator, n_variants: int) -> list[dict[str, Any]]:
    """Draw variants of which all studies have some."""
    names = list(_SPELLINGS)
    return [
        {
            "variant_id": f"rs{k}",
            "chromosome": names[int(rng.integers(len(names)))],
            "base_pair_location": 1000 + 7 * k,
            "pair": PAIRS[int(rng.integers(len(PAIRS)))],
            "frequency": float(rng.uniform(0.02, 0.98)),
            "effect": float(rng.normal(0, 0.1)),
        }
        for k in range(n_variants)
    ]


def odd_study(
    rng: np.random.Generator,
    variants: Sequence[dict[str, Any]],
    *,
    share: float = 0.8,
    order: str = "shuffled",
    lacks: Sequence[str] = (),
    has: Sequence[str] = (),
    build: int = 0,
) -> Columns:
    """Draw a study that has a share of the variants, with every kind of oddity among its rows.

    Parameters
    ----------
    rng : numpy.random.Generator
    variants : sequence of dict
        See `odd_variants`.
    share : float
    order : {"same", "reversed", "shuffled"}
    lacks : sequence of str
        Columns that the study does not have.
    has : sequence of {"strand", "imputed", "n_cases", "sums"}
        What it has besides.
    build : int
        What is added to every position.
    """
    chosen = [variant for variant in variants if rng.random() < share] or list(variants[:1])
    chosen += [chosen[int(k)] for k in rng.integers(len(chosen), size=len(chosen) // 12)]  # duplicates
    if order != "same":
        chosen = [chosen[int(k)] for k in rng.permutation(len(chosen))] if order == "shuffled" else chosen[::-1]
    rows = [_odd_row(rng, variant, has, build) for variant in chosen]
    return {name: [row[name] for row in rows] for name in rows[0] if name not in lacks}


def _odd_row(rng: np.random.Generator, variant: dict[str, Any], has: Sequence[str], build: int) -> dict[str, Any]:
    effect, other = variant["pair"]
    frequency = float(np.clip(variant["frequency"] + rng.normal(0, 0.1), 0.01, 0.99))
    error = float(np.exp(rng.uniform(np.log(0.02), np.log(0.3))))
    row = {
        "variant_id": variant["variant_id"],
        "chromosome": str(rng.choice(_SPELLINGS[variant["chromosome"]])),
        "base_pair_location": str(variant["base_pair_location"] + build),
        "effect_allele": effect,
        "other_allele": other,
        "effect_allele_frequency": repr(round(frequency, 4)),
        "beta": repr(round(float(rng.normal(variant["effect"], error)), 6)),
        "standard_error": repr(round(error, 6)),
        "n": str(int(rng.integers(500, 5000))),
    }
    single = effect in COMPLEMENT and other in COMPLEMENT
    if rng.random() < 0.3:
        row["effect_allele"], row["other_allele"] = other, effect
        row["effect_allele_frequency"] = repr(round(1 - frequency, 4))
        row["beta"] = row["beta"][1:] if row["beta"].startswith("-") else "-" + row["beta"]
    for name, values in (("strand", ("+", "-")), ("imputed", ("0", "1"))):
        if name in has:
            row[name] = str(rng.choice(values))
    if single and (row["strand"] == "-" if "strand" in row else rng.random() < 0.2):
        row |= {name: COMPLEMENT[row[name]] for name in ("effect_allele", "other_allele")}
    if "n_cases" in has:
        row |= {"n_cases": str(rng.choice(["200", "301", "NA"])), "n_controls": str(rng.choice(["900", "NA"]))}
    if "sums" in has:
        row["carriers"] = str(rng.choice(["3", "11", "NA"]))
    return _spoiled(rng, row, single)


def _spoiled(rng: np.random.Generator, row: dict[str, Any], single: bool) -> dict[str, Any]:
    """Do to some rows what files do to theirs."""
    alleles = ("effect_allele", "other_allele")
    faults: list[tuple[float, dict[str, Any]]] = [
        (0.1, {name: row[name].lower() for name in alleles}),
        (0.1, {name: _CODES[row[name]] for name in alleles} if single else {}),
        (0.05, {"effect_allele": "GATTACA"}),
        (0.05, {"effect_allele": "A", "other_allele": "G"}),
        (0.05, {"chromosome": "NA"}),
        (0.05, {"base_pair_location": "NA"}),
        (0.05, {"base_pair_location": str(int(row["base_pair_location"]) + 1)}),
        (0.05, {"chromosome": "22"}),
        (0.08, {"effect_allele_frequency": "NA"}),
        (0.05, {"effect_allele_frequency": "0.47"}),
        (0.08, {"n": "NA"}),
        (0.03, {"beta": "NA"}),
        (0.03, {"standard_error": "0"}),
        (0.03, {"other_allele": "NA"}),
    ]
    for chance, fault in faults:
        if rng.random() < chance:
            row |= fault
    return row


def text_of(study: Columns) -> io.BytesIO:
    """Return a study as a stream of text."""
    return io.BytesIO(table_bytes(study))


def streams(studies: Sequence[Columns], **of_study: Sequence[Any]) -> Callable[[], list[Study]]:
    """Return a function that makes studies of texts, each of which can be read once."""

    def make() -> list[Study]:
        given = [{name: values[k] for name, values in of_study.items()} for k in range(len(studies))]
        return [Study(text_of(study), name=f"study {k}", **given[k]) for k, study in enumerate(studies)]

    return make


def n_variants_of(studies: Sequence[Columns]) -> int:
    """Return how many variants studies have together."""
    return len({name for study in studies for name in study["variant_id"]})


def written(studies: Sequence[Columns], folder: Path) -> list[Path]:
    """Write studies as files."""
    paths = [folder / f"study{k}.tsv" for k in range(len(studies))]
    for path, study in zip(paths, studies, strict=True):
        path.write_bytes(table_bytes(study))
    return paths
