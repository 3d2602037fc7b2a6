from __future__ import annotations

import pytest

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.dialects import DIALECTS, Dialect
from gwasmeta.sumstats.header import read_header
from gwasmeta.sumstats.vocabulary import COLUMNS

NAMES = [dialect.name for dialect in DIALECTS]

# For each dialect, headers as the tool writes them, and what their words mean; the other words mean nothing.
# A new dialect needs an entry here.
WRITTEN: dict[str, list[tuple[str, dict[str, str]]]] = {
    "gwama": [
        (
            "MARKERNAME CHR POS STRAND EA NEA EAF N BETA SE IMPUTED INFO",
            {
                "variant_id": "MARKERNAME",
                "chromosome": "CHR",
                "base_pair_location": "POS",
                "strand": "STRAND",
                "effect_allele": "EA",
                "other_allele": "NEA",
                "effect_allele_frequency": "EAF",
                "n": "N",
                "beta": "BETA",
                "standard_error": "SE",
                "imputed": "IMPUTED",
                "info": "INFO",
            },
        ),
        (
            "MARKERNAME CHROMOSOME POSITION EA NEA OR OR_95L OR_95U",
            {
                "variant_id": "MARKERNAME",
                "chromosome": "CHROMOSOME",
                "base_pair_location": "POSITION",
                "effect_allele": "EA",
                "other_allele": "NEA",
                "odds_ratio": "OR",
                "ci_lower": "OR_95L",
                "ci_upper": "OR_95U",
            },
        ),
    ],
    "gwama_out": [
        (
            "chromosome position rs_number reference_allele other_allele eaf beta se beta_95L beta_95U z"
            " p-value _-log10_p-value q_statistic q_p-value i2 n_studies n_samples effects",
            {
                "variant_id": "rs_number",
                "chromosome": "chromosome",
                "base_pair_location": "position",
                "effect_allele": "reference_allele",
                "other_allele": "other_allele",
                "effect_allele_frequency": "eaf",
                "beta": "beta",
                "standard_error": "se",
                "ci_lower": "beta_95L",
                "ci_upper": "beta_95U",
                "z": "z",
                "p_value": "p-value",
                "neg_log_10_p_value": "_-log10_p-value",
                "n": "n_samples",
            },
        ),
        (
            "rs_number reference_allele other_allele eaf OR OR_se OR_95L OR_95U z p-value _-log10_p-value"
            " q_statistic q_p-value i2 n_studies n_samples effects male_eaf male_OR male_z",
            {
                "variant_id": "rs_number",
                "effect_allele": "reference_allele",
                "other_allele": "other_allele",
                "effect_allele_frequency": "eaf",
                "odds_ratio": "OR",  # but OR_se, on the scale of the odds ratio, is nobody's standard error
                "ci_lower": "OR_95L",
                "ci_upper": "OR_95U",
                "z": "z",
                "p_value": "p-value",
                "neg_log_10_p_value": "_-log10_p-value",
                "n": "n_samples",
            },
        ),
    ],
    "metal": [
        (
            "MARKER ALLELE1 ALLELE2 EFFECT STDERR PVALUE N FREQ STRAND CHROMOSOME POSITION",
            {
                "variant_id": "MARKER",
                "effect_allele": "ALLELE1",
                "other_allele": "ALLELE2",
                "beta": "EFFECT",
                "standard_error": "STDERR",
                "p_value": "PVALUE",
                "n": "N",
                "effect_allele_frequency": "FREQ",
                "strand": "STRAND",
                "chromosome": "CHROMOSOME",
                "base_pair_location": "POSITION",
            },
        )
    ],
    "metal_out": [
        (
            "Chromosome Position MarkerName Allele1 Allele2 Freq1 FreqSE MinFreq MaxFreq Effect StdErr"
            " P-value Direction HetISq HetChiSq HetDf HetPVal",
            {
                "variant_id": "MarkerName",
                "chromosome": "Chromosome",
                "base_pair_location": "Position",
                "effect_allele": "Allele1",
                "other_allele": "Allele2",
                "effect_allele_frequency": "Freq1",
                "beta": "Effect",
                "standard_error": "StdErr",
                "p_value": "P-value",
            },
        ),
        (
            "MarkerName Allele1 Allele2 Weight Zscore N log(P) Direction",
            {
                "variant_id": "MarkerName",
                "effect_allele": "Allele1",
                "other_allele": "Allele2",
                "z": "Zscore",
                "n": "N",
                "log_10_p_value": "log(P)",  # METAL's is negative
            },
        ),
        (
            "MarkerName Allele1 Allele2 Weight Zscore P-value Direction",
            {
                "variant_id": "MarkerName",
                "effect_allele": "Allele1",
                "other_allele": "Allele2",
                "z": "Zscore",
                "n": "Weight",
                "p_value": "P-value",
            },
        ),
    ],
    "mtag": [
        (
            "snpid chr bpos a1 a2 freq z beta se pval n",
            {
                "variant_id": "snpid",
                "chromosome": "chr",
                "base_pair_location": "bpos",
                "effect_allele": "a1",
                "other_allele": "a2",
                "effect_allele_frequency": "freq",
                "z": "z",
                "beta": "beta",
                "standard_error": "se",
                "p_value": "pval",
                "n": "n",
            },
        )
    ],
    "mtag_out": [
        (
            "SNP CHR BP A1 A2 Z N FRQ mtag_beta mtag_se mtag_z mtag_pval",
            {
                "variant_id": "SNP",
                "chromosome": "CHR",
                "base_pair_location": "BP",
                "effect_allele": "A1",
                "other_allele": "A2",
                "n": "N",
                "effect_allele_frequency": "FRQ",
                "beta": "mtag_beta",
                "standard_error": "mtag_se",
                "z": "mtag_z",  # Z is the input's
                "p_value": "mtag_pval",
            },
        ),
        (
            "SNP CHR BP A1 A2 meta_freq mtag_beta mtag_se mtag_z mtag_pval",
            {
                "variant_id": "SNP",
                "chromosome": "CHR",
                "base_pair_location": "BP",
                "effect_allele": "A1",
                "other_allele": "A2",
                "effect_allele_frequency": "meta_freq",
                "beta": "mtag_beta",
                "standard_error": "mtag_se",
                "z": "mtag_z",
                "p_value": "mtag_pval",
            },
        ),
    ],
    "ssf": [
        (
            "chromosome base_pair_location effect_allele other_allele beta standard_error"
            " effect_allele_frequency p_value variant_id rsid ref_allele ci_upper ci_lower info n",
            {
                "chromosome": "chromosome",
                "base_pair_location": "base_pair_location",
                "effect_allele": "effect_allele",
                "other_allele": "other_allele",
                "beta": "beta",
                "standard_error": "standard_error",
                "effect_allele_frequency": "effect_allele_frequency",
                "p_value": "p_value",
                "variant_id": "rsid",  # variant_id is chr_pos_ref_alt here, which no other tool's file has
                "ci_upper": "ci_upper",
                "ci_lower": "ci_lower",
                "info": "info",
                "n": "n",
            },
        ),
        (
            "chromosome base_pair_location effect_allele other_allele hazard_ratio standard_error"
            " effect_allele_frequency neg_log_10_p_value rsid",
            {
                "chromosome": "chromosome",
                "base_pair_location": "base_pair_location",
                "effect_allele": "effect_allele",
                "other_allele": "other_allele",
                "odds_ratio": "hazard_ratio",
                "standard_error": "standard_error",
                "effect_allele_frequency": "effect_allele_frequency",
                "neg_log_10_p_value": "neg_log_10_p_value",
                "variant_id": "rsid",
            },
        ),
        (
            "chromosome base_pair_location effect_allele other_allele z-score standard_error p_value",
            {
                "chromosome": "chromosome",
                "base_pair_location": "base_pair_location",
                "effect_allele": "effect_allele",
                "other_allele": "other_allele",
                "z": "z-score",
                "standard_error": "standard_error",
                "p_value": "p_value",
            },
        ),
    ],
    "ldsc": [
        (
            "SNP A1 A2 Z N",
            {"variant_id": "SNP", "effect_allele": "A1", "other_allele": "A2", "z": "Z", "n": "N"},
        )
    ],
    "plink2": [
        (
            "#CHROM POS ID REF ALT PROVISIONAL_REF? A1 OMITTED A1_FREQ TEST OBS_CT BETA SE L95 U95 T_STAT P ERRCODE",
            {
                "chromosome": "#CHROM",
                "base_pair_location": "POS",
                "variant_id": "ID",
                "effect_allele": "A1",
                "other_allele": "OMITTED",
                "effect_allele_frequency": "A1_FREQ",
                "n": "OBS_CT",
                "beta": "BETA",
                "standard_error": "SE",
                "ci_lower": "L95",
                "ci_upper": "U95",
                "z": "T_STAT",
                "p_value": "P",
            },
        ),
        (
            "CHROM POS ID REF ALT A1 AX TEST OBS_CT OR LOG(OR)_SE Z_STAT NEG_LOG10_P ERRCODE",
            {
                "chromosome": "CHROM",
                "base_pair_location": "POS",
                "variant_id": "ID",
                "effect_allele": "A1",
                "other_allele": "AX",
                "n": "OBS_CT",
                "odds_ratio": "OR",
                "standard_error": "LOG(OR)_SE",
                "z": "Z_STAT",
                "neg_log_10_p_value": "NEG_LOG10_P",
            },
        ),
        (
            "#CHROM POS ID REF ALT A1 FIRTH? TEST OBS_CT OR LOG(OR)_SE Z_OR_F_STAT LOG10_P",
            {
                "chromosome": "#CHROM",
                "base_pair_location": "POS",
                "variant_id": "ID",
                "effect_allele": "A1",  # and the other one of REF and ALT is the other allele
                "n": "OBS_CT",
                "odds_ratio": "OR",
                "standard_error": "LOG(OR)_SE",
                "z": "Z_OR_F_STAT",
                "neg_log_10_p_value": "LOG10_P",  # PLINK's is positive
            },
        ),
    ],
    "regenie": [
        (
            "CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ INFO N N_CASES N_CONTROLS TEST BETA SE CHISQ LOG10P EXTRA",
            {
                "chromosome": "CHROM",
                "base_pair_location": "GENPOS",
                "variant_id": "ID",
                "other_allele": "ALLELE0",
                "effect_allele": "ALLELE1",
                "effect_allele_frequency": "A1FREQ",
                "info": "INFO",
                "n": "N",
                "n_cases": "N_CASES",
                "n_controls": "N_CONTROLS",
                "beta": "BETA",
                "standard_error": "SE",
                "neg_log_10_p_value": "LOG10P",
            },
        )
    ],
}


def test_every_dialect_has_its_own_name_and_an_example_here():
    assert len(set(NAMES)) == len(NAMES)
    assert set(WRITTEN) == set(NAMES)
    assert "custom" not in NAMES  # the name of a reading without a dialect


@pytest.mark.parametrize("dialect", DIALECTS, ids=NAMES)
def test_every_declaration_is_complete(dialect: Dialect):
    assert set(dialect.columns.values()) <= set(COLUMNS)
    assert {"variant_id", "effect_allele"} <= set(dialect.columns.values())
    assert dialect.signature
    assert all(dialect.signature)
    assert dialect.source.startswith("https://")
    assert "\n" not in dialect.title


@pytest.mark.parametrize(
    ("name", "header", "meanings"),
    [(name, header, meanings) for name, examples in WRITTEN.items() for header, meanings in examples],
)
def test_the_header_that_the_tool_writes_is_recognised_and_every_word_understood(name, header, meanings):
    words = header.split()
    reading = read_header(words, where="file, line 1")

    assert reading.dialect == name
    assert {column: words[position] for column, position in reading.positions.items()} == meanings


@pytest.mark.parametrize("name", NAMES)
def test_letter_case_and_the_order_of_columns_do_not_matter(name):
    header, meanings = WRITTEN[name][0]
    words = header.upper().split()[::-1]
    reading = read_header(words, where="file, line 1")

    assert reading.dialect == name
    assert {column: words[position] for column, position in reading.positions.items()} == {
        column: word.upper() for column, word in meanings.items()
    }


def test_minus_nine_is_missing_only_where_gwama_writes_it_so():
    header = "rs_number reference_allele other_allele eaf beta se z n_samples"
    codes = read_header(header.split(), where="file, line 1").missing_codes
    assert codes == {"effect_allele_frequency": (-9.0,), "n": (-9.0,)}  # a z of -9 is a real one


@pytest.mark.parametrize("name", ["plink2", "regenie"])
def test_only_the_rows_of_the_additive_test_are_about_the_variant(name):
    words = WRITTEN[name][0][0].split()
    assert read_header(words, where="file, line 1").keep_rows == (words.index("TEST"), "ADD")
    words.remove("TEST")
    assert read_header(words, dialect=name, where="file, line 1").keep_rows is None


def test_plink2_names_the_other_allele_by_exclusion_only_where_it_must():
    named, _, excluded = (header.split() for header, _ in WRITTEN["plink2"])
    assert read_header(named, where="file, line 1").other_allele_of is None
    reading = read_header(excluded, where="file, line 1")
    assert reading.other_allele_of == (excluded.index("REF"), excluded.index("ALT"))
    assert "REF" not in reading.unused


@pytest.mark.parametrize(
    "header",
    [
        "SNP CHR BP A1 A2 FRQ BETA SE Z P N",  # MungeSumstats: A2 is the effect allele
        "CHR POS MarkerID Allele1 Allele2 AF_Allele2 BETA SE p.value N",  # SAIGE: Allele2 is
        "SNP CHR BP GENPOS ALLELE1 ALLELE0 A1FREQ INFO BETA SE P_BOLT_LMM",  # BOLT-LMM: GENPOS in Morgans
        "chr rs ps n_miss allele1 allele0 af beta se p_wald",  # GEMMA
        "CHR SNP BP A1 TEST NMISS OR SE L95 U95 STAT P",  # PLINK 1.9: no second allele
    ],
)
def test_a_header_of_another_tool_is_not_mistaken_for_a_known_one(header):
    with pytest.raises(GwasmetaError, match="of no format that gwasmeta knows"):
        read_header(header.split(), where="file, line 1")


def test_a_column_outside_the_vocabulary_cannot_be_declared():
    with pytest.raises(ValueError, match=r"tool: \['effect'\] are not in the vocabulary"):
        Dialect(name="tool", title="", columns={"B": "effect"}, signature=(), source="")
    with pytest.raises(ValueError, match="maf"):
        Dialect(name="tool", title="", columns={}, signature=(), source="", missing_codes={"maf": (-1.0,)})
