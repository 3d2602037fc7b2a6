"""What an inspection says, of studies whose oddities are known because they were put there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats

import gwasmeta

N = 4000


@pytest.fixture
def study() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    z, error = rng.normal(size=N), rng.uniform(0.01, 0.02, N)
    return pd.DataFrame(
        {
            "variant_id": [f"rs{i}" for i in range(N)],
            "chromosome": np.arange(N) % 22 + 1,
            "base_pair_location": np.arange(N) * 7 + 1,
            "effect_allele": np.where(np.arange(N) % 10 == 0, "T", "G"),
            "other_allele": "A",
            "beta": z * error,
            "standard_error": error,
            "effect_allele_frequency": rng.uniform(0.1, 0.9, N),
            "p_value": 2 * stats.norm.sf(np.abs(z)),
            "n": 5000,
        }
    )


def _odd(study: pd.DataFrame, **options: object) -> str:
    return "\n".join(gwasmeta.inspect_sumstats(study, **options).odd)


def test_numbers_are_those_of_the_rows(study: pd.DataFrame) -> None:
    inspection = gwasmeta.inspect_sumstats(study)
    chi_squared = (study["beta"] / study["standard_error"]) ** 2
    assert_allclose(inspection.inflation_factor, np.median(chi_squared) / stats.chi2.ppf(0.5, 1))
    assert_allclose(inspection.mean_chi_squared, chi_squared.mean())
    assert_allclose(inspection.share_palindromic, 0.1)
    assert (inspection.rows_read, inspection.rows_usable) == (N, N)
    assert (inspection.n.minimum, inspection.n.maximum, inspection.n.n_missing) == (5000, 5000, 0)
    assert inspection.consistency.n_differing == 0
    assert_allclose(inspection.consistency.correlation, 1)
    assert inspection.effect_allele.startswith("effect_allele: ")
    assert inspection.source == "https://github.com/EBISPOT/gwas-summary-statistics-standard"


def test_a_sound_study_has_only_its_build_unknown(study: pd.DataFrame) -> None:
    (only,) = gwasmeta.inspect_sumstats(study).odd
    assert only.startswith("the build of the genome is unknown")


def test_the_table_has_each_words_meaning_and_first_values(study: pd.DataFrame, tmp_path: Path) -> None:
    study.to_csv(tmp_path / "s.tsv", sep="\t", index=False)
    table = gwasmeta.inspect_sumstats(tmp_path / "s.tsv").table.set_index("word")
    assert table.index.tolist() == list(study)
    assert table.loc["effect_allele", "first_values"] == "T, G, G"
    assert table.loc["n", "column"] == "n"
    assert table.loc["standard_error", "description"].startswith("standard error of `beta`")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda s: s.assign(beta=s["beta"] * 1.3), ", above 1.2: stratification"),
        (lambda s: s.assign(p_value=s["p_value"] / 3), "of p-values do not agree with effect / standard error"),
        (lambda s: s.assign(p_value=s["p_value"].where(s.index > 2, 0)), "3 p-values are missing, 0 or impossible"),
        (lambda s: s.assign(beta=np.exp(s["beta"])), "no effect is negative: are these odds ratios"),
        (lambda s: s.assign(beta=s["beta"] - 0.5), "the mean effect is -0.5"),
        (
            lambda s: s.assign(effect_allele_frequency=s["effect_allele_frequency"] / 2),
            "no frequency is above one half",
        ),
        (lambda s: s.drop(columns="effect_allele_frequency"), "no frequencies of the effect allele"),
        (lambda s: s.drop(columns="n"), "no sample sizes"),
        (lambda s: s.assign(variant_id=s["variant_id"].str.replace("rs77", "RS12")), "11 rows repeat the id"),
        (lambda s: s.assign(n=np.where(s.index < 9, 1000, 5000)), "sample sizes differ between rows, from 1,000 to"),
        (lambda s: s[s["chromosome"] != 6], "no rows on chromosome 6"),
        (lambda s: s.assign(standard_error=s["standard_error"].where(s.index != 7)), "1 rows excluded, standard_err"),
        (lambda s: s.assign(beta=s["beta"] * 0.5), "below 0.9"),
    ],
)  # fmt: skip
def test_what_is_odd_is_said(study: pd.DataFrame, change: object, sentence: str) -> None:
    assert sentence not in _odd(study)
    assert sentence in _odd(change(study))  # type: ignore[operator]


def test_the_minor_alleles_frequencies_are_not_odd_where_the_tool_tests_that_allele() -> None:
    """By default PLINK leaves the more frequent allele out; REGENIE does not."""
    studies = gwasmeta.example_studies()
    found = gwasmeta.inspect_sumstats(studies["birch"])
    frequency = gwasmeta.read_sumstats(studies["birch"]).table["effect_allele_frequency"]
    assert (found.dialect, frequency.max() <= 0.5) == ("plink2", True)
    assert "half" not in "\n".join(found.odd)
    cedar = gwasmeta.read_sumstats(studies["cedar"]).table
    cedar["effect_allele_frequency"] = np.minimum(
        cedar["effect_allele_frequency"], 1 - cedar["effect_allele_frequency"]
    )
    assert "no frequency is above one half" in _odd(cedar)


def test_the_build_that_the_metadata_beside_it_state(study: pd.DataFrame, tmp_path: Path) -> None:
    gwasmeta.format_sumstats(study, tmp_path / "s.tsv", build="hg38")
    build = gwasmeta.inspect_sumstats(tmp_path / "s.tsv").build
    assert (build.build, build.reason) == ("GRCh38", "the metadata beside it say so")


def test_the_caller_decides_over_the_effect_allele(study: pd.DataFrame) -> None:
    columns = {"effect_allele": "other_allele", "other_allele": "effect_allele"}
    inspection = gwasmeta.inspect_sumstats(study, columns=columns)
    assert inspection.effect_allele == "other_allele: the caller named it"


def test_it_prints_as_a_page(study: pd.DataFrame) -> None:
    page = str(gwasmeta.inspect_sumstats(study)).splitlines()
    labels = [line[2:17].strip() for line in page[1:] if line.startswith("  ") and line[2] != " "]
    assert labels == [
        *("dialect", "effect allele", "effect", "rows", "build", "n", "lambda", "palindromic", "p-values"),
        *("columns", "odd"),
    ]


def test_no_rows(tmp_path: Path) -> None:
    (tmp_path / "s.txt").write_text("MARKERNAME EA NEA BETA SE\n")
    with pytest.raises(gwasmeta.GwasmetaError, match="has no rows below its header"):
        gwasmeta.inspect_sumstats(tmp_path / "s.txt")
