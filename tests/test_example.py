"""The embedded example is what its README says, and an analysis of it finds the truth that was put in.

Everything here is read and combined with pandas alone, on purpose: neither by gwasmeta nor by the generator.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import gwasmeta

FOLDER = Path(gwasmeta.__file__).parent / "example"
Trait = Literal["quantitative", "case_control"]
TRAITS: tuple[Trait, ...] = get_args(Trait)
COHORTS = ("alder", "birch", "cedar", "maple", "rowan")
STANDARD_ERROR_FACTOR = {"maple": 0.96}
NULL_CHROMOSOMES = (3, 5, 9, 12, 14, 18, 21)

HEADERS = {
    ("quantitative", "alder.gwama.txt.gz"): "MARKERNAME CHR POS STRAND EA NEA EAF N BETA SE IMPUTED INFO",
    ("quantitative", "birch.glm.linear.gz"): "#CHROM POS ID REF ALT A1 OMITTED A1_FREQ TEST OBS_CT BETA SE T_STAT P"
    " ERRCODE",
    ("quantitative", "cedar.regenie.gz"): "CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ INFO N TEST BETA SE CHISQ LOG10P"
    " EXTRA",
    ("quantitative", "maple.tsv.gz"): "chromosome base_pair_location effect_allele other_allele beta standard_error"
    " effect_allele_frequency p_value rsid info n",
    ("quantitative", "rowan.metal.txt.gz"): "MARKER ALLELE1 ALLELE2 FREQ N EFFECT STDERR PVALUE",
    ("case_control", "alder.gwama.txt.gz"): "MARKERNAME CHR POS STRAND EA NEA EAF N OR OR_95L OR_95U IMPUTED INFO",
    ("case_control", "birch.glm.logistic.hybrid.gz"): "#CHROM POS ID REF ALT A1 OMITTED A1_FREQ FIRTH? TEST OBS_CT OR"
    " LOG(OR)_SE Z_STAT P ERRCODE",
    ("case_control", "cedar.regenie.gz"): "CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ A1FREQ_CASES A1FREQ_CONTROLS INFO N"
    " N_CASES N_CONTROLS TEST BETA SE CHISQ LOG10P EXTRA",
    ("case_control", "maple.tsv.gz"): "chromosome base_pair_location effect_allele other_allele odds_ratio"
    " standard_error effect_allele_frequency p_value rsid ci_upper ci_lower info n n_cases n_controls",
    ("case_control", "rowan.metal.txt.gz"): "MARKER ALLELE1 ALLELE2 FREQ N EFFECT STDERR PVALUE",
}
NAMES = {
    "id": ("MARKERNAME", "ID", "rsid", "MARKER"),
    "effect": ("EA", "A1", "ALLELE1", "effect_allele"),
    "other": ("NEA", "OMITTED", "ALLELE0", "other_allele", "ALLELE2"),
    "frequency": ("EAF", "A1_FREQ", "A1FREQ", "effect_allele_frequency", "FREQ"),
    "n": ("N", "OBS_CT"),
    "beta": ("BETA", "EFFECT"),
    "odds_ratio": ("OR",),
    "error": ("SE", "LOG(OR)_SE", "standard_error", "STDERR"),
    "p": ("P", "p_value", "PVALUE"),
    "info": ("INFO",),
    "strand": ("STRAND",),
}
RENAMED = {written: name for name, alternatives in NAMES.items() for written in alternatives}
BASES = str.maketrans("ACGT", "TGCA")


def stored(trait: str, cohort: str) -> Path:
    (path,) = (FOLDER / trait).glob(f"{cohort}.*.gz")
    return path


def read(trait: str, cohort: str) -> pd.DataFrame:
    rows = pd.read_csv(stored(trait, cohort), sep=r"\s+", na_values=["NA", "#NA"], keep_default_na=False)
    rows = rows.rename(columns=RENAMED)
    if "odds_ratio" in rows:
        rows["beta"] = np.log(rows["odds_ratio"])
    if "OR_95U" in rows:
        rows["error"] = np.log(rows["OR_95U"] / rows["OR_95L"]) / (2 * stats.norm.isf(0.025))
    if "LOG10P" in rows:
        rows["p"] = 10 ** -rows["LOG10P"]
    return rows


def complement(alleles: pd.Series) -> pd.Series:
    return alleles.map(lambda allele: allele.translate(BASES))


@pytest.fixture(scope="module")
def studies() -> dict[tuple[str, str], pd.DataFrame]:
    return {(trait, cohort): read(trait, cohort) for trait in TRAITS for cohort in COHORTS}


@pytest.fixture(scope="module")
def truth() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "truth.tsv.gz", sep="\t", index_col="variant_id")


@pytest.fixture(scope="module")
def scores() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "ld_scores" / "cohorts" / "example.l2.ldscore.gz", sep="\t", index_col="SNP")


def readme_counts() -> dict[str, dict[str, str]]:
    """Return feature -> cohort -> what the README's tables say."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (FOLDER / "README.md").read_text().splitlines()
        if line.count("|") == len(COHORTS) + 2
    ]
    return {row[0]: dict(zip(COHORTS, row[1:], strict=True)) for row in rows}


# --- Files ----------------------------------------------------------------------------------------------


def test_the_folder_has_the_files_that_its_readme_names_and_is_small() -> None:
    expected = {"README.md", "truth.tsv.gz", "traits/truth.json"}
    expected |= {f"{trait}/{name}" for trait, name in HEADERS}
    expected |= {f"traits/{trait}.txt.gz" for trait in ("height", "weight", "waist")}
    for panel in ("ld_scores/cohorts", "ld_scores/traits"):
        expected |= {f"{panel}/example.l2.{ending}" for ending in ("ldscore.gz", "M", "M_5_50")}
    found = {
        path.relative_to(FOLDER).as_posix(): path.stat().st_size
        for path in FOLDER.rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    }
    assert set(found) == expected
    assert sum(found.values()) < 3_500_000
    for trait, name in HEADERS:
        assert readme_counts()[trait][name.split(".")[0]] == f"`{name}`"


@pytest.mark.parametrize(("trait", "name"), HEADERS)
def test_each_file_has_the_header_of_its_program(trait: str, name: str) -> None:
    header = pd.read_csv(FOLDER / trait / name, sep=" " if ".metal" in name or ".regenie" in name else "\t", nrows=0)
    assert " ".join(header.columns) == HEADERS[trait, name]


@pytest.mark.parametrize("trait", TRAITS)
def test_example_studies_gives_these_files_by_cohort(trait: Trait) -> None:
    assert gwasmeta.example_studies(trait) == {cohort: str(stored(trait, cohort)) for cohort in COHORTS}


# --- What the README counts -----------------------------------------------------------------------------


def reference_alleles(studies: dict[tuple[str, str], pd.DataFrame]) -> pd.DataFrame:
    """Return ref, alt and the alternative allele's frequency, by variant: those of cedar, which has them all."""
    cedar = studies["quantitative", "cedar"].drop_duplicates("id").set_index("id")
    return cedar[["other", "effect", "frequency"]].set_axis(["ref", "alt", "alt_frequency"], axis=1)


def with_reference(study: pd.DataFrame, reference: pd.DataFrame) -> pd.DataFrame:
    """Add how each variant's alleles relate to the reference: by name, or by frequency where names cannot tell."""
    rows = study.drop_duplicates("id").join(reference, on="id", validate="one_to_one")
    palindromic = rows["effect"] == complement(rows["other"])
    # A palindromic pair is on the reverse strand if the frequency is rather that of the other allele.
    named_alt = rows["effect"] == rows["alt"]
    expected = np.where(named_alt, rows["alt_frequency"], 1 - rows["alt_frequency"])
    far = ((rows["frequency"] - expected).abs() > 0.2) & rows["frequency"].between(0, 1, inclusive="neither")
    unknown_names = ~rows["effect"].isin(["A", "C", "G", "T"]) | ~rows["other"].isin(["A", "C", "G", "T"])
    differing = (rows["effect"] != rows["ref"]) & (rows["effect"] != rows["alt"])
    rows["palindromic"], rows["indel"] = palindromic, unknown_names
    rows["reverse"] = np.where(palindromic, far, differing)
    if "strand" in rows:
        rows["reverse"] = rows["strand"] == "-"
    forward = rows["effect"].where(~rows["reverse"], complement(rows["effect"]))
    rows["effect_is_ref"] = forward == rows["ref"]
    return rows


@pytest.mark.parametrize("cohort", COHORTS)
@pytest.mark.parametrize("trait", TRAITS)
def test_the_counts_in_the_readme_are_true(
    studies: dict[tuple[str, str], pd.DataFrame], trait: str, cohort: str
) -> None:
    study, reference = studies[trait, cohort], reference_alleles(studies)
    variants = with_reference(study, reference)
    usable = study["frequency"].notna()
    counted = {
        "rows": len(study),
        "variants": len(variants),
        "variants absent": len(reference) - len(variants),
        "imputed variants (info < 1)": (variants["info"] < 1).sum() if "info" in variants else "-",
        "variants with info < 0.6": (variants["info"] < 0.6).sum() if "info" in variants else "-",
        "palindromic variants": variants["palindromic"].sum(),
        "indels": variants["indel"].sum(),
        "effect allele is the reference allele": variants["effect_is_ref"].sum(),
        "variants on the reverse strand": variants["reverse"].sum(),
        "of these palindromic": (variants["reverse"] & variants["palindromic"]).sum(),
        "rows with a missing effect": study["beta"].isna().sum(),
        "rows with a missing frequency": (~usable).sum(),
        "rows with a frequency outside (0, 1)": (~study["frequency"][usable].between(0, 1, inclusive="neither")).sum(),
        "rows with standard error 0": (study["error"] == 0).sum(),
        "repeated rows": study.duplicated().sum(),
    }
    stated = readme_counts()
    assert {feature: str(count) for feature, count in counted.items()} == {
        feature: stated[feature][cohort] for feature in counted
    }


def test_the_imputed_column_agrees_with_info(studies: dict[tuple[str, str], pd.DataFrame]) -> None:
    for trait in TRAITS:
        alder = studies[trait, "alder"]
        assert ((alder["IMPUTED"] == 1) == (alder["info"] < 1)).all()


@pytest.mark.parametrize("cohort", COHORTS)
def test_sample_sizes_are_those_of_the_readme(studies: dict[tuple[str, str], pd.DataFrame], cohort: str) -> None:
    stated = {feature: by_cohort[cohort] for feature, by_cohort in readme_counts().items()}
    people, cases, controls = (int(stated[feature]) for feature in ("people", "cases", "controls"))
    assert cases + controls == people
    study = studies["case_control", cohort].rename(columns=str.lower)
    assert study["n"].between(0.96 * people, people).all()
    if "n_cases" in study:
        assert (study["n_cases"].max(), study["n_controls"].max()) == (cases, controls)
        assert (study["n_cases"] + study["n_controls"] == study["n"]).all()


# --- What an analysis of it finds -----------------------------------------------------------------------


@dataclass
class Aligned:
    """One trait's effects on the alternative allele and right standard errors, each variants by cohorts."""

    trait: str
    beta: pd.DataFrame
    error: pd.DataFrame
    frequency: pd.DataFrame

    @property
    def z(self) -> pd.DataFrame:
        return self.beta / self.error


@pytest.fixture(scope="module", params=TRAITS)
def aligned(request: pytest.FixtureRequest, studies: dict[tuple[str, str], pd.DataFrame]) -> Aligned:
    reference = reference_alleles(studies)
    columns: dict[str, dict[str, pd.Series]] = {"beta": {}, "error": {}, "frequency": {}}
    for cohort in COHORTS:
        rows = with_reference(studies[request.param, cohort], reference).set_index("id")
        ambiguous = rows["palindromic"] & (cohort == "rowan")
        rows = rows[(rows["error"] > 0) & ~ambiguous]
        columns["beta"][cohort] = rows["beta"].where(~rows["effect_is_ref"], -rows["beta"])
        columns["error"][cohort] = rows["error"] / STANDARD_ERROR_FACTOR.get(cohort, 1)
        columns["frequency"][cohort] = rows["frequency"].where(~rows["effect_is_ref"], 1 - rows["frequency"])
    tables = {quantity: pd.DataFrame(by_cohort).reindex(reference.index) for quantity, by_cohort in columns.items()}
    return Aligned(request.param, **tables)


def inverse_variance(aligned: Aligned) -> tuple[pd.Series, pd.Series]:
    weight = aligned.error**-2
    return (weight * aligned.beta).sum(axis=1) / weight.sum(axis=1), weight.sum(axis=1) ** -0.5


def expected_effect(aligned: Aligned, truth: pd.DataFrame) -> pd.Series:
    column = {"quantitative": "marginal_quantitative", "case_control": "marginal_log_odds"}
    return truth[column[aligned.trait]]


def test_frequencies_of_the_same_allele_agree_between_cohorts(aligned: Aligned) -> None:
    frequency = aligned.frequency.where((aligned.frequency > 0) & (aligned.frequency < 1))
    for cohort in COHORTS:
        # 0.07 is 6 standard errors of a frequency of one half in 900 people.
        assert (frequency[cohort] - frequency["cedar"]).abs().max() < 0.07, cohort


def test_the_meta_analysis_estimates_the_true_effects_without_bias(aligned: Aligned, truth: pd.DataFrame) -> None:
    same = truth[truth["kind"] != "heterogeneous"].index
    expected = expected_effect(aligned, truth)[same]
    combined, error = (values[same] for values in inverse_variance(aligned))

    # Causal variants are chosen without a look at their estimates, and nearly independent.
    deviation = ((combined - expected) ** 2 / error**2).sum()
    assert 0.001 < stats.chi2.cdf(deviation, df=len(same)) < 0.999

    information = (expected**2 / error**2).sum()
    slope = (expected * combined / error**2).sum() / information
    assert abs(slope - 1) < 3.3 * information**-0.5
    assert information > 500  # or else that says little


def test_where_nothing_is_causal_chi_squared_is_1_in_the_mean(aligned: Aligned, scores: pd.DataFrame) -> None:
    null = scores.index[scores["CHR"].isin(NULL_CHROMOSOMES)]
    combined, error = inverse_variance(aligned)
    z = aligned.z.assign(combined=combined / error)
    for name, values in z.loc[null].items():
        measured = values.dropna()
        # The variance of a mean of squared z scores that correlate by r: 2 * sum r2 / m2.
        spread = np.sqrt(2 * scores.loc[measured.index, "L2"].mean() / len(measured))
        assert abs((measured**2).mean() - 1) < 3.3 * spread, name
        assert spread < 0.15


def test_combining_finds_loci_that_no_cohort_finds(aligned: Aligned, truth: pd.DataFrame) -> None:
    combined, error = inverse_variance(aligned)
    threshold = stats.norm.isf(2.5e-8)
    in_a_cohort = (aligned.z.abs() > threshold).any(axis=1)
    found = truth.index[(combined / error).abs()[truth.index] > threshold]
    assert len(found) >= 12
    assert (~in_a_cohort[found]).sum() >= 5


def test_the_named_variants_are_heterogeneous_and_the_others_are_not(aligned: Aligned, truth: pd.DataFrame) -> None:
    combined, _ = inverse_variance(aligned)
    squares = (aligned.beta.sub(combined, axis=0) / aligned.error) ** 2
    q, degrees = squares.sum(axis=1), aligned.beta.count(axis=1) - 1
    multiples = truth.filter(like="multiple_")
    named = truth.index[(multiples != 1).any(axis=1)]
    assert list(named) == list(truth.index[truth["kind"] == "heterogeneous"])
    assert len(named) == 4
    if aligned.trait == "quantitative":
        assert np.max(stats.chi2.sf(q[named], degrees[named])) < 1e-4
    others = truth.index.difference(named)
    assert 0.001 < stats.chi2.cdf(q[others].sum(), df=degrees[others].sum()) < 0.999


@pytest.mark.parametrize("cohort", COHORTS)
def test_only_maples_standard_errors_are_too_small(studies: dict[tuple[str, str], pd.DataFrame], cohort: str) -> None:
    # Of a trait of variance 1, 2 f (1 - f) N SE^2 is 1 less the share that the variant explains.
    study = studies["quantitative", cohort].query("0.05 < frequency < 0.95 and error > 0")
    info = study.get("info", 1.0)
    variance = 2 * study["frequency"] * (1 - study["frequency"]) * study["n"] * info * study["error"] ** 2
    assert np.sqrt(variance.median()) == pytest.approx(STANDARD_ERROR_FACTOR.get(cohort, 1), abs=0.01)


@pytest.mark.parametrize("trait", TRAITS)
@pytest.mark.parametrize("cohort", [cohort for cohort in COHORTS if cohort != "alder"])
def test_p_values_belong_to_the_effects(studies: dict[tuple[str, str], pd.DataFrame], trait: str, cohort: str) -> None:
    study = studies[trait, cohort].query("error > 0")
    z = (study["beta"] / study["error"]).abs()
    # 0.01 for the digits of rowan's standard errors, and of birch's t distribution; far tails have more of both.
    near = z < 5
    np.testing.assert_allclose(stats.norm.isf(study["p"][near] / 2), z[near], rtol=0.005, atol=0.005)


def test_confidence_intervals_belong_to_the_effects(studies: dict[tuple[str, str], pd.DataFrame]) -> None:
    maple = studies["case_control", "maple"]
    reach = stats.norm.isf(0.025) * maple["error"]
    np.testing.assert_allclose(np.log(maple["ci_upper"]), maple["beta"] + reach, atol=1e-5)
    np.testing.assert_allclose(np.log(maple["ci_lower"]), maple["beta"] - reach, atol=1e-5)
    alder = studies["case_control", "alder"].dropna(subset="beta")
    middle = np.log(alder["OR_95L"] * alder["OR_95U"]) / 2
    # Five decimals of an odds ratio of 0.2 are 5e-5 of its logarithm.
    np.testing.assert_allclose(middle, alder["beta"], atol=1e-4)


# --- Truth and LD scores --------------------------------------------------------------------------------


def test_the_truth_names_variants_as_the_studies_do(
    studies: dict[tuple[str, str], pd.DataFrame], truth: pd.DataFrame
) -> None:
    cedar = studies["quantitative", "cedar"].set_index("id").loc[truth.index]
    assert (cedar["CHROM"] == truth["chromosome"]).all()
    assert (cedar["GENPOS"] == truth["base_pair_location"]).all()
    assert (cedar["effect"] == truth["effect_allele"]).all()
    assert (cedar["other"] == truth["other_allele"]).all()
    assert not truth["chromosome"].isin(NULL_CHROMOSOMES).any()
    assert truth["kind"].value_counts().to_dict() == {"small": 40, "large": 26, "heterogeneous": 4}


def test_the_effects_explain_the_stated_share_of_the_variance(truth: pd.DataFrame) -> None:
    share = (
        2 * truth["effect_allele_frequency"] * (1 - truth["effect_allele_frequency"]) * truth["beta_quantitative"] ** 2
    )
    assert share[truth["kind"] == "small"].sum() == pytest.approx(0.06, rel=1e-3)
    assert share.sum() == pytest.approx(0.30, rel=1e-3)


def test_positions_agree_between_cohorts_and_ld_scores(
    studies: dict[tuple[str, str], pd.DataFrame], scores: pd.DataFrame
) -> None:
    columns = {
        "alder": ("CHR", "POS"),
        "birch": ("#CHROM", "POS"),
        "cedar": ("CHROM", "GENPOS"),
        "maple": ("chromosome", "base_pair_location"),
    }
    assert list(scores.index) == list(studies["quantitative", "cedar"]["id"])
    for trait in TRAITS:
        for cohort, (chromosome, position) in columns.items():
            study = studies[trait, cohort].drop_duplicates("id").set_index("id")
            known = scores.loc[study.index]
            assert (study[chromosome] == known["CHR"]).all()
            assert (study[position] == known["BP"]).all()


def test_ld_scores_are_in_the_columns_of_ldsc(
    studies: dict[tuple[str, str], pd.DataFrame], scores: pd.DataFrame
) -> None:
    assert list(scores.columns) == ["CHR", "BP", "L2"]
    m, m_5_50 = (int((FOLDER / "ld_scores" / "cohorts" / f"example.l2.{name}").read_text()) for name in ("M", "M_5_50"))
    assert m == len(scores)
    cedar = studies["quantitative", "cedar"]
    # Cedar is 4 people in 10, so that few variants are on the other side of 0.05.
    assert m_5_50 == pytest.approx(np.minimum(cedar["frequency"], 1 - cedar["frequency"]).gt(0.05).sum(), rel=0.01)
    assert scores["L2"].min() > 0.95  # its correlation with itself is 1; those with the others are unbiased


def test_chi_squared_around_a_causal_variant_adds_up_to_its_ld_score(
    aligned: Aligned, scores: pd.DataFrame, truth: pd.DataFrame
) -> None:
    # A neighbour's chi-squared exceeds 1 by r2 times what the causal variant's does, and the LD score is the sum of
    # r2: an estimate of it without genotypes. 15 % for LD beyond the window, and other causal variants in it.
    combined, error = inverse_variance(aligned)
    excess = (combined / error)[scores.index] ** 2 - 1
    causal = truth.index[truth["kind"] == "large"]
    around = [
        excess[(scores["CHR"] == scores["CHR"][variant]) & ((scores["BP"] - scores["BP"][variant]).abs() < 250_000)]
        for variant in causal
    ]
    measured = sum(values.sum() for values in around) / excess[causal].sum()
    expected = (scores["L2"] * excess)[causal].sum() / excess[causal].sum()
    assert measured == pytest.approx(expected, rel=0.15)
