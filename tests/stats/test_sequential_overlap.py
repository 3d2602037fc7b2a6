"""METAL's sequential correction for overlap: the runs of METAL itself, formulas by hand, and its weaknesses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import norm
from study_matrices_data import FloatArray, shared_file

from gwasmeta.stats.sample_size import weighted_z
from gwasmeta.stats.sequential_overlap import OverlapStep, sequential_overlap_step
from gwasmeta.stats.truncated_correlation import truncated_correlation

RUNS = [
    *(f"edge_metal/ov_{name}" for name in ("z1", "z05", "z2", "order", "gc")),
    *(f"real_metal/ss_overlap{name}" for name in ("", "_z2", "_gc")),
]
HEADERS = {
    "A1": ["A1", "EFFECT_ALLELE", "AL1"],
    "A2": ["A2", "NON_EFFECT_ALLELE", "AL2"],
    "P": ["P", "P_VAL", "PVALUE"],
    "BETA": ["BETA", "EFFECT"],
}
COMPLEMENT = str.maketrans("ACGT", "TGCA")
SARDINIA_N = 4106  # DEFAULTWEIGHT of the study without a column N


def read_study(path: Path) -> pd.DataFrame:
    """Read z, n and the two alleles of METAL's input, indexed by variant; z is signed by A1."""
    words = pd.read_csv(path, sep=r"\s+", dtype=str, keep_default_na=False)
    words = words.rename(columns={header: name for name, headers in HEADERS.items() for header in headers})
    p_value = words["P"].astype(float)
    words = words[(p_value > 0) & (p_value <= 1)].drop_duplicates("SNP").set_index("SNP")
    z = norm.isf(words["P"].astype(float) / 2) * np.where(words["BETA"].str.startswith("-"), -1, 1)
    n = words["N"].astype(float) if "N" in words else pd.Series(SARDINIA_N, words.index, float)
    alleles = words[["A1", "A2"]].apply(lambda column: column.str.translate(str.maketrans("1234", "ACGT")))
    return alleles.assign(z=z, n=n)


def signed_by_first_study(studies: list[pd.DataFrame]) -> tuple[pd.Index, list[pd.DataFrame]]:
    """Turn z to the allele A1 of the first study that has the variant, on either strand; align the rows."""
    alleles: dict[str, tuple[str, str]] = {}
    for study in studies:
        signs = []
        for variant, a1, a2 in zip(study.index, study["A1"], study["A2"], strict=True):
            first = alleles.setdefault(variant, (a1, a2))
            other_strand = (first[0].translate(COMPLEMENT), first[1].translate(COMPLEMENT))
            assert {a1, a2} in (set(first), set(other_strand))
            named = first if {a1, a2} == set(first) else other_strand
            signs.append(1.0 if a1 == named[0] else -1.0)
        study["z"] *= signs
    variants = pd.Index(list(alleles))
    return variants, [study.reindex(variants) for study in studies]


def metal_inflation_factor(z: FloatArray) -> float:
    chi_squared = np.sort(z[~np.isnan(z)] ** 2)
    return float(max(chi_squared[len(chi_squared) // 2] / 0.4549364, 1))


def steps(run: Path) -> Iterator[tuple[pd.Index, OverlapStep]]:
    """Repeat a run of METAL by its input files."""
    script = (run / "metal.txt").read_text()
    cutoff = re.search(r"^ZCUTOFF (\S+)$", script, re.MULTILINE)
    names = re.findall(r"^PROCESS (\S+)$", script, re.MULTILINE)
    variants, studies = signed_by_first_study([read_study(run / name) for name in names])
    weighted, weight, n = np.zeros((3, len(variants)))
    for study in studies:
        z = study["z"].to_numpy()
        if "GENOMICCONTROL ON" in script:
            z = z / np.sqrt(metal_inflation_factor(z))
        step = sequential_overlap_step(weighted, weight, n, z, study["n"], float(cutoff[1]) if cutoff else 1.0)
        weighted, weight, n = step.weighted_z, step.weight, step.n
        yield variants, step


@pytest.mark.parametrize("name", RUNS)
def test_repeats_metal(name: str) -> None:
    run = shared_file(f"golden/meta/runs/{name}")
    results = list(steps(run))
    report = re.findall(r"overlap for (\d+) marker.*with (\d+)<=WEIGHT<\d+: ([\d.]+)", (run / "stdout.txt").read_text())
    expected = np.array(report, dtype=np.float64)
    bins = [step.bins for _, step in results]
    assert_array_equal(np.concatenate([of_step.n_variants for of_step in bins]), expected[:, 0])
    assert_array_equal(np.concatenate([of_step.lowest_n for of_step in bins]), expected[:, 1])
    # METAL stops its search at steps of 1e-6.
    assert_allclose(np.concatenate([of_step.correlation for of_step in bins]), expected[:, 2], rtol=0, atol=3e-7)

    variants, last = results[-1]
    theirs = pd.read_csv(run / "METAANALYSIS1.TBL.gz", sep="\t").set_index("MarkerName").loc[variants]
    assert len(theirs) == len(variants) > 1500
    assert_allclose(last.weight, theirs["Weight"], rtol=1e-6, atol=0.00501)  # printed with two decimals
    assert_allclose(last.n, theirs["N"], rtol=1e-6, atol=0.00501)
    size = np.abs(last.weighted_z / np.sqrt(last.weight))  # METAL's Allele1 is another one than ours
    assert_allclose(size, np.abs(theirs["Zscore"]), rtol=1e-6, atol=0.000501)


def running_result(rng: np.random.Generator, n_variants: int, n: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    z = rng.normal(size=n_variants)
    return z * np.sqrt(n), np.full(n_variants, n), np.full(n_variants, n)


def test_formulas_of_one_step() -> None:
    rng = np.random.default_rng(21)
    weighted, weight, n = running_result(rng, 5000, 2000.0)
    z = 0.5 * weighted / np.sqrt(weight) + np.sqrt(0.75) * rng.normal(size=5000)
    study_n = np.where(np.arange(5000) < 3000, 500.0, 1500.0)  # sums of 2500 and of 3500
    weight[:10] = n[:10] = weighted[:10] = 0  # new
    z[10:20] = np.nan  # absent
    step = sequential_overlap_step(weighted, weight, n, z, study_n)

    assert_array_equal(step.bins.lowest_n, [2000, 3000])
    small, large = slice(20, 3000), slice(3000, 5000)
    running_z = weighted / np.sqrt(np.where(weight > 0, weight, 1))
    for number, of_bin in enumerate((small, large)):
        near = (np.abs(running_z[of_bin]) < 1) & (np.abs(z[of_bin]) < 1)
        assert step.bins.n_variants[number] == np.count_nonzero(near)
        rho = truncated_correlation(running_z[of_bin], z[of_bin])
        assert 0.3 < rho < 0.7
        assert_allclose(step.bins.correlation[number], rho, rtol=1e-10)
        shared = rho * np.sqrt(study_n[of_bin] * 2000)
        assert_allclose(step.n[of_bin], 2000 + study_n[of_bin] - shared, rtol=1e-10)
        assert_allclose(step.weight[of_bin], 2000 + study_n[of_bin] + 2 * shared, rtol=1e-10)
        assert_allclose(step.weighted_z[of_bin], weighted[of_bin] + np.sqrt(study_n[of_bin]) * z[of_bin], rtol=1e-13)
    assert_array_equal([step.weight[:10], step.n[:10]], np.full((2, 10), 500))
    assert_array_equal(step.weighted_z[:10], np.sqrt(500) * z[:10])
    assert_array_equal(step.weighted_z[10:20], weighted[10:20])
    assert_array_equal([step.weight[10:20], step.n[10:20]], np.full((2, 10), 2000))


def test_studies_that_correlate_negatively_are_added_as_independent_ones() -> None:
    rng = np.random.default_rng(22)
    weighted, weight, n = running_result(rng, 2000, 800.0)
    z = -weighted / np.sqrt(weight) + 0.3 * rng.normal(size=2000)
    step = sequential_overlap_step(weighted, weight, n, z, np.full(2000, 700.0))
    expected = weighted_z(np.stack([weighted / np.sqrt(weight), z], axis=1), np.tile([800, 700], (2000, 1)))
    assert_array_equal(step.bins.correlation, [0])
    assert_array_equal([step.weight, step.n], np.full((2, 2000), 1500))
    assert_allclose(step.weighted_z / np.sqrt(step.weight), expected.z, rtol=1e-12, atol=1e-14)


def test_a_copy_of_a_study_changes_neither_z_nor_n() -> None:
    weighted, weight, n = running_result(np.random.default_rng(23), 3000, 640.0)
    z = weighted / np.sqrt(weight)
    step = sequential_overlap_step(weighted, weight, n, z, n)
    assert_allclose(step.weighted_z / np.sqrt(step.weight), z, rtol=1e-9)
    assert_allclose(step.n, 640, rtol=1e-9)


def test_a_first_study_has_no_bin_and_a_bin_without_small_statistics_no_correlation() -> None:
    nothing = np.zeros(2)
    first = sequential_overlap_step(nothing, nothing, nothing, [0.5, -4.0], [100, 100])
    assert first.bins.lowest_n.size == 0
    assert_allclose(first.weighted_z, [5, -40], rtol=1e-14)
    second = sequential_overlap_step(first.weighted_z, first.weight, first.n, [np.nan, 0.1], [np.nan, 950])
    assert_array_equal(second.bins.lowest_n, [1000])
    assert_array_equal(second.bins.n_variants, [0])
    assert_array_equal(second.bins.correlation, [0])
    assert_array_equal(second.n, [100, 1050])
    assert_array_equal([nothing[0], first.n[1]], [0, 100])  # what came in is left as it was
