"""Inflation of studies in ranges: what is counted of all rows, less those left out, gives the factors in memory."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gwasmeta.errors import GwasmetaError
from gwasmeta.meta.ranges import column_files, left_out, study_rows
from gwasmeta.meta.ranges.column_files import ColumnFiles
from gwasmeta.meta.ranges.study_sizes import ALL, bounds_of_set, count_study, counts_of_set
from gwasmeta.meta.ranges.tasks import left_out_of_range
from gwasmeta.stats import spread_median
from gwasmeta.stats.spread_median import ALL_SIZES, count_sizes

from .ranges_comparison import (
    RANGE,
    assert_same_in_ranges,
    odd_study,
    odd_variants,
    told_of,
    written,
)
from .study_tables import Columns, simulated_studies

pytestmark = pytest.mark.usefixtures("small_ranges")

PASSES: list[dict[str, Any]] = [{}, {"genomic_control": True}]


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep of small studies, too, only the sizes around the median."""
    monkeypatch.setattr(spread_median, "_FEW", 0)
    monkeypatch.setattr(spread_median, "_STANDARD_ERRORS", 1)
    monkeypatch.setattr(study_rows, "_SAMPLED", 1)


def passes_for_inflation(studies: Any, n_variants: int, **options: Any) -> float:
    """Return how often all ranges were gone through before the studies were combined."""
    told = [line for line in told_of(studies, **options) if line.startswith("inflation")]
    return len(told) / -(-n_variants // RANGE)


def plain_studies(n_variants: int = 300) -> list[Columns]:
    return simulated_studies(np.random.default_rng(1), 3, n_variants, pairs=(("A", "C"), ("G", "T")))


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("options", PASSES)
def test_where_nothing_is_left_out(options: dict[str, Any], tmp_path: Path) -> None:
    studies = plain_studies()
    assert passes_for_inflation(studies, 300, **options) == 1
    assert_same_in_ranges(studies, tmp_path, **options)


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("options", PASSES)
@pytest.mark.parametrize("rule", ["another allele", "a second row"])
def test_a_few_that_are_left_out(rule: str, options: dict[str, Any], tmp_path: Path) -> None:
    """Both middle values are among them."""
    studies = plain_studies()
    second = studies[1]
    z = np.abs(np.divide(second["beta"], second["standard_error"]))
    for row in np.argsort(z)[147:153].tolist():
        if rule == "another allele":
            second["other_allele"][row] = "ACGT"
        else:  # of the very place of the study where it was
            for name, values in second.items():
                values.insert(0, values[row + (len(values) > 300)] if name != "beta" else 100 * values[row])
    assert_same_in_ranges(studies, tmp_path, **options)


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("options", PASSES)
def test_so_many_that_the_median_is_elsewhere(options: dict[str, Any], tmp_path: Path) -> None:
    studies = plain_studies()
    third = studies[2]
    z = np.abs(np.divide(third["beta"], third["standard_error"]))
    for row in np.flatnonzero(z < np.quantile(z, 0.3)).tolist():
        third["other_allele"][row] = "ACGT"
    assert passes_for_inflation(studies, 300, **options) == 2
    assert_same_in_ranges(studies, tmp_path, **options)


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("options", [*PASSES, {"methods": ("sample_size", "fixed"), "genomic_control": True}])
def test_odd_studies_of_imputed_variants(options: dict[str, Any], tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    variants = odd_variants(rng, 200)
    studies = [
        odd_study(rng, variants[:100], order="same"),
        odd_study(rng, variants, order="reversed", has=("strand", "imputed")),
        odd_study(rng, variants[50:], share=0.5, has=("imputed",)),
    ]
    assert passes_for_inflation(studies, 200, **options) > 0
    assert_same_in_ranges(written(studies, tmp_path), tmp_path, **options)


@pytest.mark.usefixtures("narrow")
def test_imputed_variants_that_are_inflated_otherwise(tmp_path: Path) -> None:
    """The sizes that are kept of each kind lie around its own median."""
    studies = plain_studies()
    for study in studies:
        imputed = [k % 3 == 0 for k in range(len(study["beta"]))]
        study["beta"] = [(3 if far else 1) * beta for far, beta in zip(imputed, study["beta"], strict=True)]
        study["imputed"] = [int(far) for far in imputed]
    assert passes_for_inflation(studies, 300, genomic_control=True) == 1
    assert_same_in_ranges(studies, tmp_path, genomic_control=True)


def test_rows_that_are_used_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only contested variants are looked at before the studies are combined."""
    read: list[str] = []
    looks = threading.local()
    real = ColumnFiles.read

    def told(files: ColumnFiles, name: str, *rows: int) -> Any:
        if getattr(looks, "for_left_out", False) and rows[0] < rows[1]:
            read.append(name)
        return real(files, name, *rows)

    def watched(task: Any) -> Any:
        looks.for_left_out = True
        try:
            return left_out_of_range(task)
        finally:
            looks.for_left_out = False

    monkeypatch.setattr(ColumnFiles, "read", told)
    monkeypatch.setattr("gwasmeta.meta.ranges.analysis.left_out_of_range", watched)
    studies = plain_studies()
    told_of(studies, genomic_control=True)
    assert read == []
    studies[0]["other_allele"][0] = "ACGT"  # and so the others do not match
    told_of(studies, genomic_control=True)
    assert read.count("beta") == 2


def test_other_places_contest_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Studies of another build are looked at no more than others."""
    looked: list[int] = []
    real = left_out.read_places

    def told(study: Any, of: Any) -> Any:
        looked.append(of.start)
        return real(study, of)

    monkeypatch.setattr(left_out, "read_places", told)
    studies = plain_studies()
    studies[1]["base_pair_location"] = [place + 77 for place in studies[1]["base_pair_location"]]
    assert_same_in_ranges(studies, tmp_path, genomic_control=True)
    assert looked == []


def test_files_of_few_studies_are_open_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """There may be more studies than files may be open, and an odd allele in one has them all looked at."""
    monkeypatch.setattr(column_files, "_WORTH_MAPPING", 0)  # a file that is mapped is open
    n_open = [len(os.listdir("/proc/self/fd"))]
    real = left_out.match_rows

    def told(*of_study: Any) -> Any:
        n_open.append(len(os.listdir("/proc/self/fd")))
        return real(*of_study)

    monkeypatch.setattr(left_out, "match_rows", told)
    studies = {f"study{k}": study for k, study in enumerate(plain_studies() * 10)}
    studies["study0"]["other_allele"][0] = "ACGT"
    told_of(studies, genomic_control=True)
    assert len(n_open) == 1 + len(studies)
    assert max(n_open) - n_open[0] < 20


# --- files that are damaged ----------------------------------------------------------------------------------


def test_sizes_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    files = ColumnFiles(tmp_path, 0, {})
    count_study(files, {ALL: ALL_SIZES})
    assert counts_of_set(files, ALL).n == 0
    path = tmp_path / "sizes-all.npz"
    for content in (b"", b"PK\3\4", path.read_bytes()[:-9]):
        path.write_bytes(content)
        with pytest.raises(GwasmetaError, match=r"sizes-all\.npz: cannot be read"):
            counts_of_set(files, ALL)
    path.unlink()
    with pytest.raises(GwasmetaError, match=r"sizes-all\.npz: cannot be read"):
        bounds_of_set(files, ALL)


def test_sizes_of_other_rows_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = count_sizes([], ALL_SIZES)
    monkeypatch.setattr("gwasmeta.meta.ranges.analysis.counts_of_set", lambda *_: nothing)
    studies = plain_studies()
    studies[0]["other_allele"][0] = "ACGT"
    with pytest.raises(GwasmetaError, match="its files do not belong together"):
        told_of(studies, genomic_control=True)
