"""LD score regression against LDSC 1.0.1: full precision, the printed logs, and Sigma of MTAG 1.0.8."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from golden_ldsc import GOLDEN, PANEL, combined_by_mtag, joined_by_ldsc, munged_by_ldsc, panel
from numpy.testing import assert_allclose

from gwasmeta.stats.block_jackknife import Estimate
from gwasmeta.stats.genetic_correlation import GeneticCorrelation, cross_trait_regressions, residual_covariance
from gwasmeta.stats.ld_score_regression import FIRST_STEP_CHI_SQUARED, HeritabilityRegression, heritability
from gwasmeta.stats.liability_scale import liability_scale

EXACT = {"rtol": 1e-9, "atol": 1e-12}

HERITABILITY_RUNS = [
    "h2_main_t1",
    "h2_main_t1_merge",
    "h2_main_t2",
    "h2_main_t3",
    "h2_t1_chisqmax30",
    "h2_t1_int104",
    "h2_t1_liab",
    "h2_t1_noint",
    "h2_t1_twostep50",
]
CORRELATION_RUNS = [
    "rg_main_12_intgencov",
    "rg_main_12_noint",
    "rg_main_12_prev",
    "rg_main_23_merge",
    "rg_main_merge",
    "rg_main_self1",
]
# They stop at alleles that do not match (README.md), which the _merge runs were made to avoid.
FAILED_RUNS = ["rg_main", "rg_main_23", "rg_12_noint", "rg_12_intgencov"]


@pytest.fixture(scope="module", autouse=True)
def _golden_mtag() -> None:
    if not (GOLDEN.is_dir() and PANEL.is_dir()):
        pytest.skip("needs golden/mtag and data/eur_w_ld_chr of the folder `shared` beside the checkout")


def options_of(run: str) -> dict[str, str]:
    """Return the options of the command that made a run, all of which name the same panel."""
    for line in (GOLDEN / "ldsc" / "commands.txt").read_text().splitlines():
        program, *words = shlex.split(line)
        options: dict[str, str] = {}
        for word in words:
            if word.startswith("--"):
                name = word
                options[name] = ""
            else:
                options[name] = word
        if program == "ldsc_fullprec.py" and options["--out"] == f"ldsc/fp_{run}":
            return options
    raise AssertionError(f"{run} is not in commands.txt")


def test_every_run_that_did_not_fail_is_compared() -> None:
    made = {path.stem.removeprefix("fp_") for path in (GOLDEN / "ldsc").glob("fp_*.json")}
    assert made == {*HERITABILITY_RUNS, *CORRELATION_RUNS}
    failed = {path.stem.removeprefix("fp_") for path in (GOLDEN / "ldsc").glob("fp_*.stderr")}
    assert failed == set(FAILED_RUNS)


def traits_of(words: str) -> tuple[tuple[str, ...], bool]:
    """Return which input files a list of munged files was made of, and whether with --merge-alleles."""
    names = [word.removeprefix("ldsc/").removesuffix(".sumstats.gz") for word in words.split(",")]
    return tuple(name.removesuffix("_merge") for name in names), names[0].endswith("_merge")


def run_heritability(run: str) -> HeritabilityRegression:
    options = options_of(run)
    rows = joined_by_ldsc(*traits_of(options["--h2"]))
    intercept = 1.0 if "--no-intercept" in options else _number(options.get("--intercept-h2"))
    two_step = _number(options.get("--two-step"))
    if intercept is None and two_step is None:
        two_step = FIRST_STEP_CHI_SQUARED
    return heritability(
        rows["z0"],
        rows["n0"],
        rows["l"],
        rows["l"],
        panel()[1],
        intercept=intercept,
        two_step=two_step,
        chi_squared_max=_number(options.get("--chisq-max")),
    )


def run_correlation(run: str) -> list[GeneticCorrelation]:
    options = options_of(run)
    names, merged = traits_of(options["--rg"])
    rows, traits = joined_by_ldsc(names, merged), range(len(names))
    intercepts = np.full((len(names), len(names)), np.nan)
    if "--no-intercept" in options:
        intercepts = np.eye(len(names))
    if "--intercept-h2" in options:
        intercepts[traits, traits] = _numbers(options["--intercept-h2"])
        intercepts[0, 1:] = intercepts[1:, 0] = _numbers(options["--intercept-gencov"])[1:]
    z, n = (rows[[f"{column}{trait}" for trait in traits]].to_numpy() for column in ("z", "n"))
    pairs = [(0, other) for other in traits[1:]]
    found = cross_trait_regressions(z, n, rows["l"], rows["l"], panel()[1], pairs=pairs, intercepts=intercepts)
    return list(found.pairs.values())


def _number(word: str | None) -> float | None:
    return None if word is None else float(word)


def _numbers(words: str) -> list[float]:
    return [float(word) for word in words.split(",")]


@pytest.mark.parametrize("run", HERITABILITY_RUNS)
def test_heritability_in_full_precision(run: str) -> None:
    compare_heritability(run_heritability(run), json.loads((GOLDEN / "ldsc" / f"fp_{run}.json").read_text()))


@pytest.mark.parametrize("run", CORRELATION_RUNS)
def test_genetic_correlation_in_full_precision(run: str) -> None:
    expected_pairs = json.loads((GOLDEN / "ldsc" / f"fp_{run}.json").read_text())
    for found, expected in zip(run_correlation(run), expected_pairs, strict=True):
        compare_heritability(found.heritabilities[0], expected["hsq1"])
        compare_heritability(found.heritabilities[1], expected["hsq2"])
        covariance, theirs = found.covariance, expected["gencov"]
        compare(covariance.covariance, theirs["tot"], theirs["tot_se"])
        compare(covariance.intercept, theirs["intercept"], theirs["intercept_se"])
        assert_allclose(covariance.mean_product, theirs["mean_z1z2"], **EXACT)
        compare_test(covariance.covariance, theirs["z"], theirs["p"])
        assert_allclose(found.correlation.value, expected["rg"], **EXACT)
        assert_allclose(found.correlation.standard_error, expected["rg_se"], rtol=1e-9)
        bias_corrected = 200 * found.correlation.value - 199 * found.correlation.delete_values.mean()
        assert_allclose(bias_corrected, expected["rg_jknife"], rtol=1e-9)
        compare_test(found.correlation, expected["z"], expected["p"])


def compare_heritability(found: HeritabilityRegression, expected: dict[str, Any]) -> None:
    compare(found.heritability, expected["tot"], expected["tot_se"])
    compare(found.heritability.scaled(1 / panel()[1]), expected["coef"], expected["coef_se"], atol=0)
    compare(found.intercept, expected["intercept"], expected["intercept_se"])
    for name, value in (("ratio", found.ratio), ("ratio_se", found.ratio_standard_error)):
        assert_allclose(value, np.nan if expected[name] is None else expected[name], **EXACT)
    assert_allclose(found.mean_chi_squared, expected["mean_chisq"], **EXACT)
    assert_allclose(found.lambda_gc, expected["lambda_gc"], **EXACT)
    assert found.n_snps - found.n_first_step == (expected["twostep_filtered"] or 0)


def compare(found: Estimate, value: float, standard_error: float | str, atol: float = EXACT["atol"]) -> None:
    assert_allclose(found.value, value, rtol=EXACT["rtol"], atol=atol)
    expected = np.nan if standard_error == "NA" else standard_error
    assert_allclose(found.standard_error, expected, rtol=EXACT["rtol"], atol=atol)


def compare_test(found: Estimate, z: float, p_value: float) -> None:
    assert_allclose(found.z, z, rtol=1e-9)
    if p_value > 0:
        assert_allclose(found.neg_log_10_p_value, -np.log10(p_value), rtol=1e-9)
    else:  # theirs underflows
        assert found.neg_log_10_p_value > 308


LOGS_OF_HERITABILITY = [*(f"fp_{run}" for run in HERITABILITY_RUNS), "h2_main_t1", "h2_main_t2", "h2_main_t3"]
LOGS_OF_CORRELATION = [*(f"fp_{run}" for run in CORRELATION_RUNS), "rg_main_merge"]
Printed = list[tuple[str, list[float]]]


@pytest.mark.parametrize("log", LOGS_OF_HERITABILITY)
def test_heritability_as_printed(log: str) -> None:
    run = log.removeprefix("fp_")
    options = options_of(run)
    found = run_heritability(run)
    text = (GOLDEN / "ldsc" / f"{log}.log").read_text()
    assert f"{found.n_snps} SNPs remain" in text
    compare_printed(heritability_lines(found, factors_of(options, 1)[0]), text)


@pytest.mark.parametrize("log", LOGS_OF_CORRELATION)
def test_genetic_correlation_as_printed(log: str) -> None:
    run = log.removeprefix("fp_")
    options = options_of(run)
    found_pairs = run_correlation(run)
    factors = factors_of(options, len(found_pairs) + 1)
    lines = heritability_lines(found_pairs[0].heritabilities[0], factors[0])
    for found, factor in zip(found_pairs, factors[1:], strict=True):
        lines += heritability_lines(found.heritabilities[1], factor)
        lines += correlation_lines(found, np.sqrt(factors[0] * factor))
    text = (GOLDEN / "ldsc" / f"{log}.log").read_text()
    for found in found_pairs:
        assert f"{found.covariance.n_snps} SNPs with valid alleles." in text
    compare_printed(lines, text)


def factors_of(options: dict[str, str], n_traits: int) -> Sequence[float]:
    if "--samp-prev" not in options:
        return [1.0] * n_traits
    factors = liability_scale(_numbers(options["--samp-prev"]), _numbers(options["--pop-prev"]))
    return [float(factor) for factor in factors]


def heritability_lines(found: HeritabilityRegression, factor: float) -> Printed:
    lines = [
        ("h2", printed(found.heritability.scaled(factor))),
        ("Lambda GC", [found.lambda_gc]),
        ("Mean Chi^2", [found.mean_chi_squared]),
        ("Intercept", printed(found.intercept)),
    ]
    if np.isfinite(found.ratio):
        lines.append(("Ratio", [found.ratio, found.ratio_standard_error]))
    return lines


def correlation_lines(found: GeneticCorrelation, factor: float) -> Printed:
    return [
        ("gencov", printed(found.covariance.covariance.scaled(factor))),
        ("Mean z1*z2", [found.covariance.mean_product]),
        ("Intercept", printed(found.covariance.intercept)),
        ("Genetic Correlation", printed(found.correlation)),
        ("Z-score", [found.correlation.z]),
        ("P", [found.correlation.neg_log_10_p_value]),
    ]


def printed(estimate: Estimate) -> list[float]:
    return [estimate.value] if np.isnan(estimate.standard_error) else [estimate.value, estimate.standard_error]


def compare_printed(found: Printed, log: str) -> None:
    """Compare with the lines `name: value (standard error)` of a log, which have four decimals; P has five digits."""
    number = r"-?\d+\.?\d*(?:e[-+]\d+)?"
    pattern = rf"^([A-Z][^:\n]*): (?:constrained to )?({number})(?: \(({number})\))?$"
    expected = [
        (name, [float(word) for word in words if word]) for name, *words in re.findall(pattern, log, re.MULTILINE)
    ]
    names = [re.sub(r"^Total (Observed|Liability) scale ", "", name) for name, _ in expected]
    assert [name for name, _ in found] == names
    for (name, values), (_, theirs) in zip(found, expected, strict=True):
        if name == "P":
            (neg_log_10_p_value,), (p_value,) = values, theirs
            if p_value > 0:
                assert_allclose(neg_log_10_p_value, -np.log10(p_value), rtol=0, atol=2.5e-5)
            else:
                assert neg_log_10_p_value > 308
        else:
            assert_allclose(values, theirs, rtol=1e-9, atol=5.0001e-5)


@pytest.mark.parametrize("name", ["main_t1", "main_t1_merge", "main_t2", "main_t2_merge", "main_t3", "main_t3_merge"])
def test_the_munged_files_of_these_tests_are_those_of_ldsc(name: str) -> None:
    munged = munged_by_ldsc(name.removesuffix("_merge"), name.endswith("_merge"))
    theirs = pd.read_csv(GOLDEN / "ldsc" / f"{name}.sumstats.thin.gz", sep="\t", index_col="SNP").dropna()
    assert len(theirs) > 3000
    ours = munged.loc[theirs.index]
    assert_allclose(ours["z"], theirs["Z"], rtol=0, atol=1e-12)
    assert_allclose(ours["n"], theirs["N"], rtol=0, atol=1e-12)
    assert (ours[["A1", "A2"]] == theirs[["A1", "A2"]]).all(axis=None)


MAIN = [f"main_t{trait}" for trait in range(1, 6)]


@pytest.mark.parametrize(
    ("case", "names"),
    [
        ("01_two_default", MAIN[:2]),
        ("02_three_default", MAIN[:3]),
        ("03_no_overlap", MAIN[:3]),
        ("17_five_default", MAIN),
        ("26_single_trait", ["small_t1"]),
    ],
)
def test_sigma_of_mtag(case: str, names: list[str]) -> None:
    combined, traits = combined_by_mtag(tuple(names)), range(len(names))
    z, n, frequency = (combined[[f"{column}{trait}" for trait in traits]] for column in ("z", "n", "freq"))
    with_all_columns = z.to_numpy(copy=True)
    with_all_columns[frequency.isna()] = np.nan  # RULES.md, C.1
    ld_score = combined["l"]
    sigma = residual_covariance(
        with_all_columns, n, ld_score, ld_score, panel()[1], overlap="--no_overlap" not in command_of(case)
    )
    theirs = np.loadtxt(GOLDEN / "cases" / case / "mtag_sigma_hat.txt", ndmin=2)
    assert_allclose(sigma.value, theirs, rtol=0, atol=1e-9)
    assert (sigma.standard_error[theirs != 0] > 0).all()


def command_of(case: str) -> list[str]:
    return shlex.split((GOLDEN / "cases" / case / "command.txt").read_text())
