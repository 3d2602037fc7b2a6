"""What PLINK 1.9, PLINK 2 and GEMMA write of simulated genotypes, read and compared with regressions by hand."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from simulated_gwas import (
    BY_HAND,
    BY_PROGRAMS,
    CAUSAL,
    N_SNPS,
    N_WITH_MISSING,
    Cohort,
    Estimates,
    FloatArray,
    gemma_lmm,
    run,
    simulated_cohort,
    write_by_hand,
)

from gwasmeta import GwasmetaError, Study, meta_analyze, read_sumstats
from gwasmeta.cli import main

COMPLETE = N_SNPS - N_WITH_MISSING  # GEMMA fills missing genotypes in, which is another regression


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return simulated_cohort(1)


@pytest.fixture(scope="module")
def prefix(cohort: Cohort, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cohort.write(tmp_path_factory.mktemp("genotypes") / "cohort")


def turned_to_first(table: pd.DataFrame, cohort: Cohort) -> pd.DataFrame:
    """Return a table as read with one row a SNP, effects and frequencies turned to the first allele of the .bim."""
    table = table.assign(snp=table["variant_id"].str.removeprefix("rs").astype(int)).set_index("snp").sort_index()
    first, second = np.array(cohort.first)[table.index], np.array(cohort.second)[table.index]
    is_first = (table["effect_allele"] == first).to_numpy()
    is_second = (table["effect_allele"] == second).to_numpy()
    assert (is_first | is_second).all()
    assert (table["other_allele"].to_numpy() == np.where(is_first, second, first)).all()
    table["beta"] = np.where(is_first, table["beta"], -table["beta"])
    if "effect_allele_frequency" in table:
        frequency = table["effect_allele_frequency"]
        table["effect_allele_frequency"] = np.where(is_first, frequency, 1 - frequency)
    return table


def assert_agrees(table: pd.DataFrame, estimates: Estimates, rtol: float, n_snps: int = N_SNPS) -> pd.DataFrame:
    """Compare a table as read with a regression by hand; `rtol` is of the digits that the program writes."""
    turned = turned_to_first(table, estimates.cohort).loc[: n_snps - 1]
    assert len(turned) == n_snps
    # An effect near 0 has its digits behind those of its error.
    assert_allclose(turned["beta"], estimates.beta[:n_snps], rtol=rtol, atol=rtol * 0.05)
    assert_allclose(turned["standard_error"], estimates.standard_error[:n_snps], rtol=2 * rtol)
    if "neg_log_10_p_value" in turned:
        assert_allclose(turned["neg_log_10_p_value"], -np.log10(estimates.p_value[:n_snps]), rtol=10 * rtol, atol=rtol)
    for snp, effect in CAUSAL.items():  # what was put in has come out, for the allele that it was put in for
        assert np.sign(turned.loc[snp, "beta"]) == np.sign(effect)
        assert turned.loc[snp, "neg_log_10_p_value"] > 4
    return turned


def test_some_first_alleles_are_rare_and_some_are_common(cohort: Cohort) -> None:
    # PLINK 1.9 makes the minor allele A1, so that both must occur for a wrong rule to be noticed.
    assert 5 < np.sum(cohort.frequency < 0.5) < N_SNPS - 5


@pytest.mark.parametrize("name", BY_PROGRAMS)
def test_a_quantitative_trait_by_a_real_program(name: str, cohort: Cohort, prefix: Path) -> None:
    study = read_sumstats(BY_PROGRAMS[name](prefix))
    is_gemma = name.startswith("gemma")
    n_snps = COMPLETE if is_gemma else N_SNPS
    turned = assert_agrees(study.table, cohort.linear(), rtol=1e-3 if "1.9" in name else 1e-5, n_snps=n_snps)
    digits = 6e-4 if is_gemma else 6e-5  # of frequencies, in absolute terms
    assert_allclose(turned["effect_allele_frequency"], cohort.frequency[:n_snps], atol=digits)
    assert_allclose(turned["n"], cohort.n[:n_snps])
    assert study.rows_read == N_SNPS


def test_gemma_s_mixed_model(cohort: Cohort, prefix: Path) -> None:
    other_snps = np.random.default_rng(7).normal(size=(len(cohort.trait), 400))
    kinship = other_snps @ other_snps.T / 400
    path = gemma_lmm(prefix, kinship)
    study = read_sumstats(path)
    ratios = pd.read_csv(path, sep="\t")["l_remle"].to_numpy()  # how large variances are is GEMMA's to find
    turned = assert_agrees(study.table, cohort.mixed(kinship, ratios), rtol=1e-4, n_snps=COMPLETE)
    assert_allclose(turned["effect_allele_frequency"], cohort.frequency[:COMPLETE], atol=6e-4)
    assert "n" not in turned  # GEMMA writes only how many genotypes are missing


@pytest.mark.parametrize("program", ["plink1.9", "plink2"])
def test_rows_of_covariates_are_left_out_and_logged(program: str, cohort: Cohort, prefix: Path) -> None:
    options = ["--pheno", f"{prefix}.phe", "--covar", f"{prefix}.cov", "--out", f"covar_{program}"]
    if program == "plink1.9":
        run(program, "--bfile", prefix, "--linear", "--ci", 0.95, "--freq", *options, folder=prefix.parent)
        path = prefix.parent / "covar_plink1.9.assoc.linear"
    else:
        run(program, "--bfile", prefix, "--pheno-col-nums", 3, "--glm", "log10", *options, folder=prefix.parent)
        path = prefix.parent / "covar_plink2.PHENO1.glm.linear"
    study = read_sumstats(path)
    assert_agrees(study.table, cohort.linear(with_covariate=True), rtol=1e-3 if program == "plink1.9" else 1e-5)
    assert study.rows_read == 2 * N_SNPS
    assert study.log.query("rule == 'row_of_another_test'")["count"].tolist()[0] == N_SNPS


@pytest.mark.parametrize(
    ("program", "options", "ending", "rtol"),
    [
        ("plink1.9", ["--logistic", "--freq"], "assoc.logistic", 1e-3),
        ("plink1.9", ["--logistic", "--ci", "0.95", "--freq"], "assoc.logistic", 1e-3),
        ("plink1.9", ["--logistic", "beta", "--freq"], "assoc.logistic", 1e-3),
        ("plink2", ["--glm", "allow-no-covars", "cols=+a1freq"], "PHENO1.glm.logistic.hybrid", 1e-4),
        ("plink2", ["--glm", "allow-no-covars", "no-firth", "cols=+beta,-orbeta"], "PHENO1.glm.logistic", 1e-4),
    ],
)
def test_a_disease_by_a_real_program(
    program: str, options: list[str], ending: str, rtol: float, cohort: Cohort, prefix: Path
) -> None:
    name = f"disease_{len(options)}"
    run(program, "--bfile", prefix, *options, "--out", name, folder=prefix.parent)
    study = read_sumstats(prefix.parent / f"{name}.{ending}")
    turned = assert_agrees_as_odds(study.table, cohort.logistic(), rtol)
    assert_allclose(turned["n"], cohort.n)


def assert_agrees_as_odds(table: pd.DataFrame, estimates: Estimates, rtol: float) -> pd.DataFrame:
    """Compare log odds; an odds ratio near 1 of so many digits has a logarithm of fewer."""
    turned = turned_to_first(table, estimates.cohort)
    assert len(turned) == N_SNPS
    assert_allclose(turned["beta"], estimates.beta, atol=rtol)
    informative = np.abs(estimates.beta) > 0.2  # where the error is worked out from the effect
    assert informative.sum() >= 2
    assert_allclose(turned["standard_error"][informative], estimates.standard_error[informative], rtol=10 * rtol)
    return turned


def test_plink_s_allelic_test_of_a_disease(cohort: Cohort, prefix: Path) -> None:
    run("plink1.9", "--bfile", prefix, "--assoc", "--ci", 0.95, "--freq", "--out", "allelic", folder=prefix.parent)
    turned = turned_to_first(read_sumstats(prefix.parent / "allelic.assoc").table, cohort)
    counts = np.array([alleles_of(copies, cohort) for copies in cohort.copies])  # case first, second; control the same
    case_1, case_2, control_1, control_2 = counts.T
    assert_allclose(turned["beta"], np.log(case_1 * control_2 / (case_2 * control_1)), atol=1e-3)
    assert_allclose(turned["standard_error"], np.sqrt((1 / counts).sum(axis=1)), rtol=1e-3)
    assert_allclose(turned["effect_allele_frequency"], control_1 / (control_1 + control_2), atol=6e-5)
    assert_allclose(turned["n"], cohort.n)  # from the .frq


def alleles_of(copies: FloatArray, cohort: Cohort) -> list[float]:
    known = ~np.isnan(copies)
    groups = (copies[known & cohort.is_case], copies[known & ~cohort.is_case])
    return [count for group in groups for count in (group.sum(), (2 - group).sum())]


def test_the_bim_beside_gives_the_other_allele_but_never_the_effect_allele(prefix: Path, tmp_path: Path) -> None:
    run("plink1.9", "--bfile", prefix, "--pheno", f"{prefix}.phe", "--linear", "--out", tmp_path / "y",
        folder=prefix.parent)  # fmt: skip
    run("plink1.9", "--bfile", prefix, "--pheno", f"{prefix}.phe", "--assoc", "--out", tmp_path / "y",
        folder=prefix.parent)  # fmt: skip
    bim = prefix.with_suffix(".bim")
    given = read_sumstats(Study(tmp_path / "y.assoc.linear", side_files=[bim]))
    assert given.columns["other_allele"] == "A1 or A2 of cohort.bim"
    assert len(given) == N_SNPS
    (tmp_path / "y.bim").write_bytes(bim.read_bytes())
    found = read_sumstats(tmp_path / "y.assoc.linear")
    pd.testing.assert_frame_equal(found.table, given.table)

    # There A1 is as in the .bim, whatever PLINK made of it: no way to know which allele the effect is of.
    with pytest.raises(GwasmetaError, match=r"\.frq: plink1\.9 writes it"):
        read_sumstats(tmp_path / "y.qassoc")
    with pytest.raises(GwasmetaError, match=r"the effect allele is in \.frq only"):
        read_sumstats(Study(tmp_path / "y.qassoc", side_files=[bim]))


# --- one meta-analysis from all formats -----------------------------------------------------------------


@pytest.fixture(scope="module")
def two_cohorts(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Cohort, Path]]:
    folder = tmp_path_factory.mktemp("two")
    return [(made, made.write(folder / f"c{seed}")) for seed, made in ((k, simulated_cohort(k)) for k in (2, 3))]


def study_of(name: str, cohort: Cohort, prefix: Path) -> Path:
    if name in BY_PROGRAMS:
        return BY_PROGRAMS[name](prefix)
    return write_by_hand(name, cohort.linear(), prefix.parent / f"{prefix.name}.{name}.txt")


def combined_by_hand(cohorts: list[Cohort]) -> tuple[FloatArray, FloatArray]:
    estimates = [cohort.linear() for cohort in cohorts]
    weights = np.array([one.standard_error**-2 for one in estimates])
    betas = np.array([one.beta for one in estimates])
    return (weights * betas).sum(axis=0) / weights.sum(axis=0), weights.sum(axis=0) ** -0.5


ALL_FORMATS = (*BY_PROGRAMS, *BY_HAND)


@pytest.mark.parametrize(("first", "second"), list(zip(ALL_FORMATS, (*ALL_FORMATS[1:], ALL_FORMATS[0]), strict=True)))
def test_the_meta_analysis_is_the_same_whatever_tools_wrote_the_studies(
    first: str, second: str, two_cohorts: list[tuple[Cohort, Path]]
) -> None:
    (one, its_prefix), (other, other_prefix) = two_cohorts
    result = meta_analyze([study_of(first, one, its_prefix), study_of(second, other, other_prefix)])
    turned = turned_to_first(result.table, one).loc[: COMPLETE - 1]
    beta, error = combined_by_hand([one, other])
    rtol = 1e-3 if "1.9" in first + second else 1e-5
    # The digits of a standard error, as weight, move the effect by so much of itself, which is some 0.1.
    assert_allclose(turned["beta"], beta[:COMPLETE], rtol=rtol, atol=rtol * 0.1)
    assert_allclose(turned["standard_error"], error[:COMPLETE], rtol=rtol)
    both = [study.frequency[:COMPLETE] for study in (one, other)]
    assert (turned["effect_allele_frequency"] > np.minimum(*both) - 1e-3).all()
    assert (turned["effect_allele_frequency"] < np.maximum(*both) + 1e-3).all()


def test_the_command_combines_mixed_formats_without_options(
    two_cohorts: list[tuple[Cohort, Path]], tmp_path: Path
) -> None:
    (one, _), (other, other_prefix) = two_cohorts
    third = simulated_cohort(4)
    by_regenie = write_by_hand("regenie", one.linear(), tmp_path / "a.regenie")
    (tmp_path / "a.regenie.gz").write_bytes(gzip.compress(by_regenie.read_bytes()))
    by_plink = study_of("plink2 --glm", other, other_prefix)
    by_snptest = write_by_hand("snptest", third.linear(), tmp_path / "c.out")
    studies = [tmp_path / "a.regenie.gz", by_plink, by_snptest]
    assert main(["meta", *map(str, studies), "--out", str(tmp_path / "all"), "--quiet"]) == 0
    table = pd.read_csv(tmp_path / "all.tsv", sep="\t")
    assert (table["n_studies"] == 3).all()
    turned = turned_to_first(table, one)
    beta, error = combined_by_hand([one, other, third])
    assert_allclose(turned["beta"], beta, rtol=1e-5, atol=1e-6)
    assert_allclose(turned["standard_error"], error, rtol=1e-5)
