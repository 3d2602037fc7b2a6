"""Make the embedded example: simulate people, analyse each cohort, write its program's format.

Run it from anywhere: `python tools/make_example.py` writes the files of python/gwasmeta/example, and
`python tools/make_example.py --check` makes them again in memory and compares the bytes with those in the
folder. The bytes are the same only under the library versions that README.md there names.
"""

from __future__ import annotations

import argparse
import gzip
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msprime
import numpy as np
import pandas as pd
import scipy
from example_association import BoolArray, FloatArray, linear_regression, logistic_regression, sums_by_genotype
from example_panel import panel_files
from example_people import (
    DENSE_REGION,
    FURTHER_VARIANTS_PER_MEGABASE,
    MORGANS_PER_BASE,
    PEOPLE,
    REGIONS_PER_DENSE_ONE,
    SHRINKAGE,
    VARIANTS_PER_MEGABASE,
    generator,
    simulate_people,
    with_dense_regions,
)
from example_tables import as_text, compressed, table_bytes
from example_traits import DRAW, FAILED, trait_files
from numpy.typing import NDArray
from scipy.special import log_ndtr, stdtr
from scipy.stats import norm

Trait = Literal["quantitative", "case_control"]

EXAMPLE_FOLDER = Path(__file__).parents[1] / "python" / "gwasmeta" / "example"

# Of the minor allele, in the cases: with less, a logistic regression has no finite answer.
MINIMUM_CASE_COPIES = 5
NULL_CHROMOSOMES = (3, 5, 9, 12, 14, 18, 21)

HERITABILITY = 0.3
GENETIC_CORRELATION = 0.6
RESIDUAL_CORRELATION = 0.25
# Shares of the trait's variance; they add up to the heritability.
LARGE_SHARES = np.linspace(0.013, 0.003, 30)
SMALL_SHARES = np.full(40, 0.0015)
MINIMUM_DISTANCE = 300_000  # between causal variants, so that most peaks have one
# A row for each of the four largest effects: what it is multiplied by in alder, birch, cedar, maple, rowan.
HETEROGENEOUS_MULTIPLES = np.array(
    [
        [2.0, 0.5, 1.0, 0.0, 1.0],
        [1.0, -0.6, 1.0, 1.0, 1.0],
        [0.0, 1.5, 1.5, 0.0, 0.0],
        [2.2, 1.6, 1.0, 0.2, -0.4],
    ]
)


@dataclass(frozen=True)
class Defects:
    """How many rows of a file are bad, by what is bad about them."""

    effect_missing: int = 0
    frequency_missing: int = 0
    frequency_impossible: int = 0
    standard_error_zero: int = 0
    repeated: int = 0


@dataclass(frozen=True)
class Cohort:
    """One study: its people, its array, and the habits of its analyst.

    `absent`, `imputed` and `swapped` are shares of variants; `reverse_strand` counts variants, of which
    `reverse_strand_palindromic` are A/T or C/G.
    """

    name: str
    program: str
    people: int
    case_fraction: float
    absent: float
    imputed: float = 0.0
    swapped: float = 0.0
    reverse_strand: int = 0
    reverse_strand_palindromic: int = 0
    standard_error_factor: float = 1.0
    defects: Defects = field(default_factory=Defects)


COHORTS = (
    Cohort(
        *("alder", "gwama", 1300, 0.33, 0.08),
        imputed=0.5,
        swapped=0.4,
        reverse_strand=240,
        reverse_strand_palindromic=12,
        defects=Defects(
            effect_missing=10, frequency_missing=12, frequency_impossible=3, standard_error_zero=3, repeated=5
        ),
    ),
    Cohort("birch", "plink2", 2600, 0.30, 0.15, defects=Defects(effect_missing=14, repeated=4)),
    # Imputed to the full panel: it has every variant, so that the others can be compared with it.
    Cohort("cedar", "regenie", 4000, 0.28, 0.0, imputed=0.6, defects=Defects(effect_missing=6)),
    Cohort(
        *("maple", "ssf", 1800, 0.35, 0.05),
        imputed=0.4,
        standard_error_factor=0.96,
        defects=Defects(frequency_missing=8, frequency_impossible=2, repeated=3),
    ),
    Cohort(
        *("rowan", "metal", 900, 0.25, 0.20),
        swapped=0.35,
        reverse_strand=120,
        reverse_strand_palindromic=8,
        defects=Defects(effect_missing=9, frequency_impossible=3, standard_error_zero=4, repeated=6),
    ),
)
COHORT_ENDS = np.cumsum([cohort.people for cohort in COHORTS])
assert COHORT_ENDS[-1] == PEOPLE


# --- Traits ---------------------------------------------------------------------------------------------


def _distant_variants(variants: pd.DataFrame, count: int) -> list[int]:
    """Choose variants of high frequency at random, none near another, none on a null chromosome."""
    high = np.minimum(variants["alt_frequency"], 1 - variants["alt_frequency"]) >= 0.05
    eligible = variants.index[high & ~variants["chromosome"].isin(NULL_CHROMOSOMES)]
    # One number for both coordinates: chromosomes are further apart than any two positions on one.
    place = (variants["chromosome"] * 10**8 + variants["base_pair_location"]).to_numpy()
    chosen: list[int] = []
    for row in generator("causal").permutation(eligible):
        if all(abs(place[row] - place[other]) >= MINIMUM_DISTANCE for other in chosen):
            chosen.append(int(row))
        if len(chosen) == count:
            return chosen
    raise RuntimeError(f"only {len(chosen)} of {count} causal variants fit: lower MINIMUM_DISTANCE")


def choose_truth(variants: pd.DataFrame, genotypes: NDArray[np.int8]) -> pd.DataFrame:
    """Draw the causal variants and their effects on both traits.

    Returns
    -------
    pandas.DataFrame
        One row per causal variant, indexed by its row in `variants`. Effects are per copy of `alt`, in
        standard deviations of the trait or of the liability; the marginal ones are what a regression on
        this variant alone estimates, with what it carries of its neighbours' effects through LD.
    """
    random = generator("effects")
    shares = np.concatenate([LARGE_SHARES, SMALL_SHARES])
    truth = variants.loc[_distant_variants(variants, len(shares))].copy()
    sign = random.choice([-1.0, 1.0], len(shares))
    per_deviation = sign * np.sqrt(shares)
    independent = random.normal(size=len(shares)) * np.sqrt(shares.mean())
    liability = GENETIC_CORRELATION * per_deviation + np.sqrt(1 - GENETIC_CORRELATION**2) * independent
    deviation = np.sqrt(2 * truth["alt_frequency"] * (1 - truth["alt_frequency"]))
    truth["kind"] = np.repeat(["large", "small"], [len(LARGE_SHARES), len(SMALL_SHARES)])
    truth["beta_quantitative"] = per_deviation / deviation
    truth["beta_liability"] = liability / deviation

    covariance = np.cov(genotypes[truth.index])
    covariance[truth["chromosome"].to_numpy()[:, None] != truth["chromosome"].to_numpy()] = 0
    slopes = covariance / np.diag(covariance)[:, None]
    truth["marginal_quantitative"] = slopes @ truth["beta_quantitative"].to_numpy()
    truth["marginal_liability"] = slopes @ truth["beta_liability"].to_numpy()

    multiples = np.ones((len(truth), len(COHORTS)))
    multiples[: len(HETEROGENEOUS_MULTIPLES)] = HETEROGENEOUS_MULTIPLES
    truth.loc[truth.index[: len(HETEROGENEOUS_MULTIPLES)], "kind"] = "heterogeneous"
    return truth.join(pd.DataFrame(multiples, truth.index, [f"multiple_{cohort.name}" for cohort in COHORTS]))


@dataclass(frozen=True)
class Phenotypes:
    """Both traits of one cohort's people, and their genetic values, each of shape (people,)."""

    quantitative: FloatArray
    case: BoolArray
    genetic_quantitative: FloatArray
    genetic_liability: FloatArray


def simulate_traits(cohort: Cohort, truth: pd.DataFrame, genotypes: NDArray[np.int8]) -> Phenotypes:
    """Simulate a cohort's traits from the genotypes of its people.

    The quantitative trait has mean 0 and variance 1 in the cohort, as analysts make it; the cases are the
    people of highest liability.
    """
    multiple = truth[f"multiple_{cohort.name}"].to_numpy()
    copies = genotypes[truth.index] - 2 * truth["alt_frequency"].to_numpy()[:, None]
    genetic_quantitative = (truth["beta_quantitative"].to_numpy() * multiple) @ copies
    genetic_liability = (truth["beta_liability"].to_numpy() * multiple) @ copies

    residual_covariance = (1 - HERITABILITY) * np.array([[1, RESIDUAL_CORRELATION], [RESIDUAL_CORRELATION, 1]])
    residual = generator(f"residual {cohort.name}").multivariate_normal([0, 0], residual_covariance, cohort.people)
    quantitative = genetic_quantitative + residual[:, 0]
    liability = genetic_liability + residual[:, 1]
    return Phenotypes(
        quantitative=(quantitative - quantitative.mean()) / quantitative.std(),
        case=liability > np.quantile(liability, 1 - cohort.case_fraction),
        genetic_quantitative=genetic_quantitative,
        genetic_liability=genetic_liability,
    )


# --- Studies --------------------------------------------------------------------------------------------


def _choose(random: np.random.Generator, among: BoolArray, count: int) -> BoolArray:
    chosen = np.zeros(len(among), dtype=bool)
    chosen[random.choice(np.flatnonzero(among), count, replace=False)] = True
    return chosen


def lay_out(cohort: Cohort, variants: pd.DataFrame, causal: BoolArray) -> pd.DataFrame:
    """Decide what the cohort has of each variant and how it names the alleles.

    Returns
    -------
    pandas.DataFrame
        `variants`, with the columns present, imputed, info, swapped, reverse_strand.
    """
    random = generator(f"layout {cohort.name}")
    count = len(variants)
    frequency = variants["alt_frequency"].to_numpy()
    palindromic, indel = variants["palindromic"].to_numpy(), variants["indel"].to_numpy()
    imputed = random.random(count) < cohort.imputed
    present = random.random(count) >= cohort.absent
    # A palindromic variant on the wrong strand shows by its frequency, if that is not near one half.
    telling = np.minimum(frequency, 1 - frequency) < 0.35
    usable = present & ~causal
    unambiguous = cohort.reverse_strand - cohort.reverse_strand_palindromic
    reverse_strand = _choose(random, usable & ~palindromic & ~indel, unambiguous) | _choose(
        random, usable & palindromic & telling, cohort.reverse_strand_palindromic
    )
    return variants.assign(
        present=present,
        imputed=imputed,
        # Mostly good imputation, with a tail down to 0.3.
        info=np.where(imputed, (0.3 + 0.699 * random.beta(5, 1, count)).round(3), 1.0),
        swapped=random.random(count) < cohort.swapped,
        reverse_strand=reverse_strand,
    )


def _observed(cohort: Cohort, layout: pd.DataFrame) -> BoolArray:
    """Which genotypes the cohort knows, shape (n_variants, people).

    An imputed dosage of quality info carries the information of info * N genotypes: it is replaced by
    just these. A typed variant misses up to 2 % of the calls.
    """
    random = generator(f"missing {cohort.name}")
    call_rate = random.uniform(0.98, 1, len(layout))
    known = np.where(layout["imputed"], layout["info"], call_rate)
    return random.random((len(layout), cohort.people), dtype=np.float32) < known[:, None]


def analyse(
    cohort: Cohort, layout: pd.DataFrame, genotypes: NDArray[np.int8], people: Phenotypes
) -> dict[Trait, pd.DataFrame]:
    """Run both genome-wide association studies of a cohort.

    Returns
    -------
    dict of str to pandas.DataFrame
        For each trait the rows of `layout` that are present and not too rare in the cases, with the columns
        beta and standard_error (for the alternative allele), frequency, case_frequency and control_frequency
        (of it), n, n_cases and n_controls.
    """
    rows = layout[layout["present"]]
    values = {"cases": people.case, "trait": people.quantitative, "square": people.quantitative**2}
    sums = sums_by_genotype(genotypes[rows.index], _observed(cohort, rows), values)
    copies_in_cases = np.stack([sums["cases"] @ [2, 1, 0], sums["cases"] @ [0, 1, 2]])
    enough = copies_in_cases.min(axis=0) >= MINIMUM_CASE_COPIES
    rows, sums = rows[enough], {name: values[enough] for name, values in sums.items()}
    observed = sums["people"].sum(axis=1)
    # An imputed variant has a dosage for everybody.
    n = np.where(rows["imputed"], cohort.people, observed).astype(int)
    cases = np.where(rows["imputed"], people.case.sum(), sums["cases"].sum(axis=1)).astype(int)
    controls = sums["people"] - sums["cases"]
    common = rows.assign(n=n, n_cases=cases, n_controls=n - cases)
    for column, group in (("frequency", sums["people"]), ("case_frequency", sums["cases"])):
        common[column] = group @ np.arange(3) / 2 / group.sum(axis=1)
    common["control_frequency"] = controls @ np.arange(3) / 2 / controls.sum(axis=1)
    estimates: dict[Trait, tuple[FloatArray, FloatArray]] = {
        "quantitative": linear_regression(sums),
        "case_control": logistic_regression(sums["cases"], sums["people"]),
    }
    return {
        trait: common.assign(beta=beta, standard_error=error * cohort.standard_error_factor)
        for trait, (beta, error) in estimates.items()
    }


_COMPLEMENT = str.maketrans("ACGT", "TGCA")


def report_alleles(cohort: Cohort, study: pd.DataFrame) -> pd.DataFrame:
    """Turn a study to the effect alleles and strands that the cohort reports, and add its test statistics."""
    if cohort.program == "plink2":  # which takes the minor allele
        study = study.assign(swapped=study["frequency"] > 0.5)
    swapped = study["swapped"].to_numpy()
    effect = np.where(swapped, study["ref"], study["alt"])
    other = np.where(swapped, study["alt"], study["ref"])
    turned = study["reverse_strand"].to_numpy()
    effect[turned] = [allele.translate(_COMPLEMENT) for allele in effect[turned]]
    other[turned] = [allele.translate(_COMPLEMENT) for allele in other[turned]]
    for column in ("frequency", "case_frequency", "control_frequency"):
        study = study.assign(**{column: np.where(swapped, 1 - study[column], study[column])})
    beta = np.where(swapped, -study["beta"], study["beta"])
    z = beta / study["standard_error"].to_numpy()
    log_p = np.log(2) + log_ndtr(-np.abs(z))
    return study.assign(effect_allele=effect, other_allele=other, beta=beta, z=z, log_p=log_p, p_value=np.exp(log_p))


def spoil(cohort: Cohort, trait: Trait, study: pd.DataFrame, causal: pd.Index[Any]) -> pd.DataFrame:
    """Make the cohort's bad rows, none of them at a causal variant or at one on the reverse strand."""
    random = generator(f"defects {cohort.name} {trait}")
    defects = cohort.defects
    good = np.flatnonzero(~study.index.isin(causal) & ~study["reverse_strand"])
    counts = (
        defects.effect_missing,
        defects.frequency_missing,
        defects.frequency_impossible,
        defects.standard_error_zero,
        defects.repeated,
    )
    chosen = random.choice(good, sum(counts), replace=False)
    parts = np.split(study.index.to_numpy()[chosen], np.cumsum(counts)[:-1])
    no_effect, no_frequency, impossible, no_error, repeated = parts
    study = study.copy()
    study.loc[no_effect, ["beta", "standard_error", "z", "p_value", "log_p"]] = np.nan
    study.loc[no_frequency, "frequency"] = np.nan
    study.loc[impossible, "frequency"] = np.resize([1.07, 0.0, 1.0], len(impossible))
    study.loc[no_error, "standard_error"] = 0.0
    # The copy comes right behind its original.
    return study.loc[np.sort(np.concatenate([study.index.to_numpy(), repeated]))]


# --- Formats --------------------------------------------------------------------------------------------


def _gwama(study: pd.DataFrame, trait: Trait) -> tuple[dict[str, Any], str]:
    odds = {
        name: as_text(np.exp(study["beta"] + bound * norm.isf(0.025) * study["standard_error"]), ".5f")
        for name, bound in (("OR", 0), ("OR_95L", -1), ("OR_95U", 1))
    }
    linear = {"BETA": as_text(study["beta"], ".5f"), "SE": as_text(study["standard_error"], ".5f")}
    return {
        "MARKERNAME": study["variant_id"],
        "CHR": study["chromosome"],
        "POS": study["base_pair_location"],
        "STRAND": np.where(study["reverse_strand"], "-", "+"),
        "EA": study["effect_allele"],
        "NEA": study["other_allele"],
        "EAF": as_text(study["frequency"], ".4f"),
        "N": study["n"],
        **(linear if trait == "quantitative" else odds),
        "IMPUTED": study["imputed"].astype(int),
        "INFO": as_text(study["info"], "g"),
    }, "\t"


def _plink2(study: pd.DataFrame, trait: Trait) -> tuple[dict[str, Any], str]:
    failed = study["beta"].isna()
    z, p_value = as_text(study["z"], ".6g"), as_text(study["p_value"], ".6g")
    estimates: dict[str, Any] = {
        "OR": as_text(np.exp(study["beta"]), ".6g"),
        "LOG(OR)_SE": as_text(study["standard_error"], ".6g"),
        "Z_STAT": z,
    }
    error_code = "FIRTH_CONVERGE_FAIL"
    firth: dict[str, Any] = {"FIRTH?": np.where(failed, "Y", "N")}  # tried where the plain regression failed
    if trait == "quantitative":
        p_value = as_text(2 * stdtr(study["n"] - 2, -study["z"].abs()), ".6g")
        estimates = {
            "BETA": as_text(study["beta"], ".6g"),
            "SE": as_text(study["standard_error"], ".6g"),
            "T_STAT": z,
        }
        error_code, firth = "INVALID_RESULT", {}
    return {
        "#CHROM": study["chromosome"],
        "POS": study["base_pair_location"],
        "ID": study["variant_id"],
        "REF": study["ref"],
        "ALT": study["alt"],
        "A1": study["effect_allele"],
        "OMITTED": study["other_allele"],
        "A1_FREQ": as_text(study["frequency"], ".6g"),
        **firth,
        "TEST": "ADD",
        "OBS_CT": study["n"],
        **estimates,
        "P": p_value,
        "ERRCODE": np.where(failed, error_code, "."),
    }, "\t"


def _regenie(study: pd.DataFrame, trait: Trait) -> tuple[dict[str, Any], str]:
    frequencies = {
        "A1FREQ_CASES": as_text(study["case_frequency"], ".6g"),
        "A1FREQ_CONTROLS": as_text(study["control_frequency"], ".6g"),
    }
    counts = {"N_CASES": study["n_cases"], "N_CONTROLS": study["n_controls"]}
    disease = trait == "case_control"
    return {
        "CHROM": study["chromosome"],
        "GENPOS": study["base_pair_location"],
        "ID": study["variant_id"],
        "ALLELE0": study["other_allele"],
        "ALLELE1": study["effect_allele"],
        "A1FREQ": as_text(study["frequency"], ".6g"),
        **(frequencies if disease else {}),
        "INFO": as_text(study["info"], "g"),
        "N": study["n"],
        **(counts if disease else {}),
        "TEST": "ADD",
        "BETA": as_text(study["beta"], ".6g"),
        "SE": as_text(study["standard_error"], ".6g"),
        "CHISQ": as_text(study["z"] ** 2, ".6g"),
        "LOG10P": as_text(-study["log_p"] / np.log(10), ".6g"),
        "EXTRA": np.where(study["beta"].isna(), "TEST_FAIL", "NA"),
    }, " "


def _ssf(study: pd.DataFrame, trait: Trait) -> tuple[dict[str, Any], str]:
    odds = [
        as_text(np.exp(study["beta"] + bound * norm.isf(0.025) * study["standard_error"]), ".6g", "#NA")
        for bound in (0, 1, -1)
    ]
    disease = trait == "case_control"
    interval = {"ci_upper": odds[1], "ci_lower": odds[2]}
    counts = {"n_cases": study["n_cases"], "n_controls": study["n_controls"]}
    return {
        "chromosome": study["chromosome"],
        "base_pair_location": study["base_pair_location"],
        "effect_allele": study["effect_allele"],
        "other_allele": study["other_allele"],
        **({"odds_ratio": odds[0]} if disease else {"beta": as_text(study["beta"], ".6g", "#NA")}),
        "standard_error": as_text(study["standard_error"], ".6g", "#NA"),
        "effect_allele_frequency": as_text(study["frequency"], ".4f", "#NA"),
        "p_value": as_text(study["p_value"], ".5g", "#NA"),
        "rsid": study["variant_id"],
        **(interval if disease else {}),
        "info": as_text(study["info"], "g"),
        "n": study["n"],
        **(counts if disease else {}),
    }, "\t"


def _metal(study: pd.DataFrame, trait: Trait) -> tuple[dict[str, Any], str]:
    del trait  # the log of an odds ratio is an effect like any other
    # The one file without positions, sorted by name: nothing may depend on the order of rows.
    study = study.sort_values("variant_id", kind="stable")
    return {
        "MARKER": study["variant_id"],
        "ALLELE1": study["effect_allele"],
        "ALLELE2": study["other_allele"],
        "FREQ": as_text(study["frequency"], ".4f"),
        "N": study["n"],
        "EFFECT": as_text(study["beta"], ".5f"),
        "STDERR": as_text(study["standard_error"], ".5f"),
        "PVALUE": as_text(study["p_value"], ".4g"),
    }, " "


@dataclass(frozen=True)
class Program:
    """The columns and the separator that a program writes, and the endings of its files."""

    title: str
    columns: Callable[[pd.DataFrame, Trait], tuple[dict[str, Any], str]]
    endings: Mapping[Trait, str]


def _same(ending: str) -> dict[Trait, str]:
    return {"quantitative": ending, "case_control": ending}


PROGRAMS = {
    "gwama": Program("GWAMA input", _gwama, _same("gwama.txt.gz")),
    "plink2": Program(
        "PLINK 2 --glm",
        _plink2,
        {"quantitative": "glm.linear.gz", "case_control": "glm.logistic.hybrid.gz"},
    ),
    "regenie": Program("REGENIE step 2", _regenie, _same("regenie.gz")),
    "ssf": Program("GWAS-SSF", _ssf, _same("tsv.gz")),
    "metal": Program("METAL input", _metal, _same("metal.txt.gz")),
}


# --- The folder -----------------------------------------------------------------------------------------


def _truth_table(truth: pd.DataFrame) -> dict[str, Any]:
    threshold = norm.isf(0.3)
    log_odds = truth["marginal_liability"] * norm.pdf(threshold) / (0.3 * 0.7)
    effects = ("beta_quantitative", "beta_liability", "marginal_quantitative", "marginal_liability")
    return {
        "variant_id": truth["variant_id"],
        "chromosome": truth["chromosome"],
        "base_pair_location": truth["base_pair_location"],
        "effect_allele": truth["alt"],
        "other_allele": truth["ref"],
        "effect_allele_frequency": as_text(truth["alt_frequency"], ".4f"),
        "kind": truth["kind"],
        **{name: as_text(truth[name], ".6f") for name in effects},
        "marginal_log_odds": as_text(log_odds, ".6f"),
        **{f"multiple_{cohort.name}": as_text(truth[f"multiple_{cohort.name}"], "g") for cohort in COHORTS},
    }


def count_features(cohort: Cohort, study: pd.DataFrame, n_variants: int) -> dict[str, object]:
    """Count what README.md says of one file; bad rows are counted by row, the rest by variant."""
    variants = study[~study.index.duplicated()]
    outside = (study["frequency"] <= 0) | (study["frequency"] >= 1)
    # The programs without such a column give every variant as if it were typed.
    has_info = cohort.program in ("gwama", "regenie", "ssf")
    return {
        "people": cohort.people,
        "rows": len(study),
        "variants": len(variants),
        "variants absent": n_variants - len(variants),
        "imputed variants (info < 1)": int((variants["info"] < 1).sum()) if has_info else "-",
        "variants with info < 0.6": int((variants["info"] < 0.6).sum()) if has_info else "-",
        "palindromic variants": int(variants["palindromic"].sum()),
        "indels": int(variants["indel"].sum()),
        "effect allele is the reference allele": int(variants["swapped"].sum()),
        "variants on the reverse strand": int(variants["reverse_strand"].sum()),
        "of these palindromic": int((variants["reverse_strand"] & variants["palindromic"]).sum()),
        "rows with a missing effect": int(study["beta"].isna().sum()),
        "rows with a missing frequency": int(study["frequency"].isna().sum()),
        "rows with a frequency outside (0, 1)": int(outside.sum()),
        "rows with standard error 0": int((study["standard_error"] == 0).sum()),
        "repeated rows": len(study) - len(variants),
    }


def _markdown(counts: Mapping[str, Mapping[str, object]]) -> str:
    lines = ["| | " + " | ".join(counts) + " |", "|---" * (len(counts) + 1) + "|"]
    for feature in next(iter(counts.values())):
        lines.append(f"| {feature} | " + " | ".join(str(column[feature]) for column in counts.values()) + " |")
    return "\n".join(lines)


README = """\
# The embedded example

Simulated data, made by `tools/make_example.py`; do not edit any file here by hand, this one included.
Made with msprime {msprime}, numpy {numpy}, scipy {scipy} and pandas {pandas}; under the same versions
`python tools/make_example.py --check` finds the same bytes.

## Files

| file | what it is |
|---|---|
| `quantitative/*.gz` | a quantitative trait (mean 0, variance 1 in each cohort): one file a cohort |
| `case_control/*.gz` | a disease, in the same people |
| `truth.tsv.gz` | the {n_causal} causal variants and their effects |
| `traits/*.txt.gz` | three further quantitative traits, partly of the same people: one file a trait, in MTAG's format |
| `traits/truth.json` | what MTAG and LD score regression should find in them |
| `ld_scores/traits/` | LD scores of the {n_variants_of_traits} variants of these three, in LDSC's format |
| `ld_scores/cohorts/` | LD scores of the {n_variants} variants of the cohorts, among these alone |

## How it was made

{n_people} unrelated people of one population (three epochs of population size, roughly those of Europeans;
{centimorgans} cM per Mb) were simulated with msprime on 22 independent chromosomes, each 1/{shrinkage} as long
as the human one, and split into five cohorts. {n_variants} of the variants with a minor allele frequency of 0.01 or
more were kept. Names, positions and alleles are invented: no rs number here means the variant of that name in dbSNP.

- **Effects.** {n_large} large effects explain {large_share:.1%} of the quantitative trait's variance, {n_small}
  small ones {small_share:.1%}. Chromosomes {null_chromosomes} have none. The disease has the same causal variants.
- **Disease.** The cases are the people of highest liability in their cohort.
- **Over all people** the realised heritability is {h2_quantitative:.2f} (quantitative) and {h2_liability:.2f}
  (liability), the genetic correlation {genetic_correlation:.2f}. Both traits are measured in the same people, and
  their residuals correlate by {residual_correlation}: for a multi-trait analysis the samples overlap fully.
- **Regressions** have an intercept and no covariate: linear, and logistic by Newton's method. A cohort leaves out
  variants with fewer than {minimum_copies} copies of the minor allele in its cases.
- **Imputation.** A dosage of quality `info` was replaced by a random share `info` of the true genotypes, which
  gives it the standard error that it would have; N is that of the cohort. Typed variants miss up to 2 % of the
  calls.
- **Heterogeneity.** The four largest effects differ between cohorts: `multiple_<cohort>` in `truth.tsv.gz`.
- **Standard errors too small.** In both files of {inflated} they (and with them p-values and confidence intervals) are
  {error_factor} times what they should be, which multiplies chi-squared, and thus lambda, by {inflation:.3f}. Lambda is
  above 1 in the others too, because so short a genome has causal variants everywhere but on the chromosomes without.

## The cohorts

{cohorts}

alder and rowan report effects of either allele, and some variants on the reverse strand. alder says so in its
`STRAND` column. rowan does not: its {palindromic} palindromic ones cannot be told by their alleles, only by their
frequency, which is far from one half. birch reports the minor allele, as PLINK 2 does, cedar and maple the
alternative one. rowan has no positions, and its rows are sorted by name. cedar has all variants;
{only_cedar} are in no other cohort, and {everywhere} are in all five.

Each file has, for both traits alike:

{counts}

The effect allele is compared with REF as birch and cedar know it. Bad rows are at other variants in the two
traits, and never at a causal one. A repeated row is an exact copy of the row before it. A missing value is `NA`,
in GWAS-SSF `#NA`; where PLINK 2 and REGENIE have no effect, they say so in `ERRCODE` and `EXTRA`.

## truth.tsv.gz

Effects are per copy of the effect allele, whose frequency is that in all people.

| column | what it is |
|---|---|
| `kind` | `large`, `small`, or `heterogeneous`: large, and different between cohorts |
| `beta_quantitative`, `beta_liability` | causal effect in standard deviations of the trait, of the liability |
| `marginal_quantitative`, `marginal_liability` | what a regression on this variant alone estimates: the causal \
effect and, through LD, some of that of its neighbours |
| `marginal_log_odds` | `marginal_liability` as a log odds ratio where 30 % are cases: times pdf(t) / (0.3 * 0.7) \
with t the 0.7 quantile of the normal distribution |
| `multiple_<cohort>` | what the causal effects on both traits are multiplied by in this cohort |

## The three traits

Height, weight and waist are names only: nothing here was measured. {n_people} people are too few for such studies in
earnest, and 1/{shrinkage} of a genome is too little: real ones have smaller effects at more SNPs.

- **Variants.** Those of the cohorts ({per_megabase} per Mb), and in every {regions}th region of {dense_kilobases} kb
  {further_per_megabase} more per Mb, so that LD scores differ between regions as they do in the human genome. Every
  one has an effect; per standard deviation of the genotype effects are normal and as large for rare as for common ones.
- **Samples.** The people of each trait are a range of all {n_people}; `truth.json` says how many two of them share.
- **Files.** Each study lacks 3 % of the variants, has either allele as the effect allele (a1), and knows 2 % of
  the variants in only half of its people; {failed} rows have no result. `beta` is in standard deviations of the trait.
- **Draw.** Effects and studies were drawn six times; this is draw {draw}, chosen because its estimates are near the
  truth. Those of the others are further from it, as their standard errors say.

| in `truth.json` | what it is |
|---|---|
| `people`, `shared_people` | sample sizes, and how many people two traits share |
| `heritability`, `genetic_correlation` | of the variants whose minor allele frequency is above 0.05, as LD score \
regression has them; realised in all people |
| `sigma` | covariance of the z statistics' errors: shared people / sqrt(people * people) * phenotypic correlation |
| `omega` | mean product of two traits' true effects, over SNPs that are not palindromic: per standard deviation of \
genotype and trait, with what each SNP carries of its neighbours' effects through LD |

## ld_scores

Made by `gwasmeta ldscores compute --window-cm 1` from the genotypes of all {n_people} people: `L2` is the sum over
the variants within 1 cM, itself included, of r2 - (1 - r2) / (N - 2). A score counts the variants that are in its own
panel, and no others.
"""


def _cohort_table(people: Mapping[str, Phenotypes]) -> str:
    columns: dict[str, dict[str, object]] = {}
    for cohort in COHORTS:
        program = PROGRAMS[cohort.program]
        cases = int(people[cohort.name].case.sum())
        columns[cohort.name] = {
            "format": program.title,
            "quantitative": f"`{cohort.name}.{program.endings['quantitative']}`",
            "case_control": f"`{cohort.name}.{program.endings['case_control']}`",
            "cases": cases,
            "controls": cohort.people - cases,
        }
    return _markdown(columns)


def _realised_genetics(people: Mapping[str, Phenotypes]) -> dict[str, float]:
    """Return both heritabilities and the genetic correlation over the people of all cohorts."""
    quantitative = np.concatenate([cohort.genetic_quantitative for cohort in people.values()])
    liability = np.concatenate([cohort.genetic_liability for cohort in people.values()])
    return {
        "h2_quantitative": quantitative.var() / (quantitative.var() + 1 - HERITABILITY),
        "h2_liability": liability.var() / (liability.var() + 1 - HERITABILITY),
        "genetic_correlation": np.corrcoef(quantitative, liability)[0, 1],
    }


def _readme(
    present: BoolArray,
    people: Mapping[str, Phenotypes],
    counts: Mapping[str, Mapping[str, object]],
    n_variants_of_traits: int,
) -> bytes:
    (inflated,) = (cohort for cohort in COHORTS if cohort.standard_error_factor != 1)
    return README.format(
        msprime=msprime.__version__,
        numpy=np.__version__,
        scipy=scipy.__version__,
        pandas=pd.__version__,
        n_causal=len(LARGE_SHARES) + len(SMALL_SHARES),
        n_variants=present.shape[1],
        n_people=PEOPLE,
        shrinkage=SHRINKAGE,
        centimorgans=MORGANS_PER_BASE * 1e8,
        n_large=len(LARGE_SHARES),
        n_small=len(SMALL_SHARES),
        large_share=LARGE_SHARES.sum(),
        small_share=SMALL_SHARES.sum(),
        null_chromosomes=", ".join(map(str, NULL_CHROMOSOMES)),
        **_realised_genetics(people),
        residual_correlation=RESIDUAL_CORRELATION,
        minimum_copies=MINIMUM_CASE_COPIES,
        inflated=inflated.name,
        error_factor=inflated.standard_error_factor,
        inflation=inflated.standard_error_factor**-2,
        cohorts=_cohort_table(people),
        palindromic=counts["rowan"]["of these palindromic"],
        only_cedar=(present.sum(axis=0) == 1).sum(),
        everywhere=present.all(axis=0).sum(),
        counts=_markdown(counts),
        n_variants_of_traits=n_variants_of_traits,
        per_megabase=VARIANTS_PER_MEGABASE,
        further_per_megabase=FURTHER_VARIANTS_PER_MEGABASE,
        dense_kilobases=DENSE_REGION // 1000,
        regions=REGIONS_PER_DENSE_ONE,
        draw=DRAW,
        failed=FAILED,
    ).encode()


def make_files() -> dict[str, bytes]:
    """Make the whole example.

    Returns
    -------
    dict of str to bytes
        Path inside the folder, and what the file contains.
    """
    variants, genotypes = simulate_people()
    truth = choose_truth(variants, genotypes)
    causal = variants.index.isin(truth.index)
    files = {"truth.tsv.gz": compressed(table_bytes(_truth_table(truth.sort_index()), "\t"))}
    present: list[BoolArray] = []
    people: dict[str, Phenotypes] = {}
    counts: dict[str, dict[str, object]] = {}
    for cohort, end in zip(COHORTS, COHORT_ENDS, strict=True):
        members = genotypes[:, end - cohort.people : end]
        layout = lay_out(cohort, variants, causal)
        people[cohort.name] = simulate_traits(cohort, truth, members)
        for trait, study in analyse(cohort, layout, members, people[cohort.name]).items():
            reported = spoil(cohort, trait, report_alleles(cohort, study), truth.index)
            program = PROGRAMS[cohort.program]
            table = table_bytes(*program.columns(reported, trait))
            files[f"{trait}/{cohort.name}.{program.endings[trait]}"] = compressed(table)
            counts[cohort.name] = count_features(cohort, reported, len(variants))
        present.append(variants.index.isin(reported.index))
    files.update(panel_files("ld_scores/cohorts", variants, genotypes))
    variants, genotypes = with_dense_regions(variants, genotypes)
    files.update(panel_files("ld_scores/traits", variants, genotypes))
    files.update(trait_files(variants, genotypes))
    return files | {"README.md": _readme(np.array(present), people, counts, len(variants))}


def differences(files: Mapping[str, bytes], folder: Path) -> list[str]:
    """Say of each file in which way the one in the folder is not the one made now."""
    found = []
    for name, content in files.items():
        path = folder / name
        stored = path.read_bytes() if path.exists() else None
        if stored is None:
            found.append(f"{name}: missing")
        elif stored != content:
            same_text = name.endswith(".gz") and gzip.decompress(stored) == gzip.decompress(content)
            found.append(f"{name}: {'compressed in another way, same content' if same_text else 'other content'}")
    return found


def main() -> int:
    """Write the example, or compare it with what is there."""
    parser = argparse.ArgumentParser(description="Make the data of the embedded example.")
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing, compare with the stored files; means something only under the library versions"
        " that the folder's README.md names",
    )
    check = parser.parse_args().check
    files = make_files()
    if check:
        found = differences(files, EXAMPLE_FOLDER)
        print("\n".join(found) or f"{len(files)} files, all as stored")
        return 1 if found else 0
    for name, content in files.items():
        path = EXAMPLE_FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    print(f"{len(files)} files, {sum(map(len, files.values()))} bytes, in {EXAMPLE_FOLDER}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
