from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.derived import FORMULAS
from gwasmeta.sumstats.dialects import DIALECTS, Dialect
from gwasmeta.sumstats.header import HeaderReading, read_header
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
                # variant_id is chr_pos_ref_alt here, which no other tool's file has
                "variant_id": "rsid, or variant_id where it is missing",
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

_PLACE = {"chromosome": "CHR", "base_pair_location": "BP", "variant_id": "SNP"}
_A1_A2 = {"effect_allele": "A1", "other_allele": "A2"}
_B_FOR_A = {"effect_allele": "alleleB", "other_allele": "alleleA"}
_BETA_SE = {"beta": "BETA", "standard_error": "SE"}
_BESIDE = {"other_allele": "A1 or A2 of x.frq", "effect_allele_frequency": "MAF of x.frq", "n": "NCHROBS / 2 of x.frq"}

WRITTEN |= {
    "meta": [
        (
            "chr rsid pos allele_A allele_B P_value info beta se",
            {
                "variant_id": "rsid",
                "chromosome": "chr",
                "base_pair_location": "pos",
                "effect_allele": "allele_B",
                "other_allele": "allele_A",
                "p_value": "P_value",
                "info": "info",
                "beta": "beta",
                "standard_error": "se",
            },
        )
    ],
    "mr_mega_out": [
        (
            "MarkerName Chromosome Position EA NEA EAF Nsample Ncohort Effects beta_0 se_0 beta_1 se_1"
            " chisq_association ndf P-value_association lnBF Comments",
            {
                "variant_id": "MarkerName",
                "chromosome": "Chromosome",
                "base_pair_location": "Position",
                "effect_allele": "EA",
                "other_allele": "NEA",
                "effect_allele_frequency": "EAF",
                "n": "Nsample",
                "beta": "beta_0",
                "standard_error": "se_0",
            },
        )
    ],
    "gwas_catalog_harmonised": [
        (
            "hm_variant_id hm_rsid hm_chrom hm_pos hm_other_allele hm_effect_allele hm_beta hm_odds_ratio hm_ci_lower"
            " hm_ci_upper hm_effect_allele_frequency hm_code chromosome base_pair_location variant_id effect_allele"
            " other_allele beta standard_error p_value",
            {
                "variant_id": "hm_rsid, or hm_variant_id where it is missing",
                "chromosome": "hm_chrom",
                "base_pair_location": "hm_pos",
                "effect_allele": "hm_effect_allele",
                "other_allele": "hm_other_allele",
                "effect_allele_frequency": "hm_effect_allele_frequency",
                "beta": "hm_beta, or ln(hm_odds_ratio) where it is missing",
                "odds_ratio": "hm_odds_ratio",
                "ci_lower": "hm_ci_lower",
                "ci_upper": "hm_ci_upper",
                "standard_error": "standard_error, or from hm_ci_lower and hm_ci_upper where it is missing",
                "p_value": "p_value",
            },
        )
    ],
    "plink_assoc": [
        (
            "CHR SNP BP A1 F_A F_U A2 CHISQ P OR SE L95 U95",
            {
                **_PLACE,
                **_A1_A2,
                "effect_allele_frequency": "F_U",
                "p_value": "P",
                "odds_ratio": "OR",
                "standard_error": "SE",
                "ci_lower": "L95",
                "ci_upper": "U95",
                "n": "NCHROBS / 2 of x.frq",
            },
        ),
        (
            "CHR SNP BP A1 C_A C_U A2 CHISQ P OR",
            {
                **_PLACE,
                **_A1_A2,
                "p_value": "P",
                "odds_ratio": "OR",
                "n": "NCHROBS / 2 of x.frq",
                "effect_allele_frequency": "MAF of x.frq",
            },
        ),
    ],
    "plink_qassoc": [
        (
            "CHR SNP BP NMISS BETA SE R2 T P",
            {
                **_PLACE,
                **_BETA_SE,
                "effect_allele": "A1 of x.frq",
                "other_allele": "A2 of x.frq",
                "effect_allele_frequency": "MAF of x.frq",
                "n": "NMISS",
                "p_value": "P",
            },
        )
    ],
    "plink_linear": [
        (
            "CHR SNP BP A1 TEST NMISS BETA SE L95 U95 STAT P",
            {
                **_PLACE,
                **_BETA_SE,
                **_BESIDE,
                "effect_allele": "A1",
                "n": "NMISS",
                "ci_lower": "L95",
                "ci_upper": "U95",
                "p_value": "P",
            },
        ),
        (
            "CHR SNP BP A1 TEST NMISS BETA STAT P",
            {
                **_PLACE,
                **_BESIDE,
                "effect_allele": "A1",
                "n": "NMISS",
                "beta": "BETA",
                "standard_error": "BETA / STAT",
                "p_value": "P",
            },
        ),
    ],
    "plink_logistic": [
        (
            "CHR SNP BP A1 TEST NMISS OR STAT P",
            {
                **_PLACE,
                **_BESIDE,
                "effect_allele": "A1",
                "n": "NMISS",
                "odds_ratio": "OR",
                "standard_error": "ln(OR) / STAT",
                "p_value": "P",
            },
        )
    ],
    "plink_meta": [
        (
            "CHR BP SNP A1 A2 N P P(R) OR OR(R) Q I",
            {**_PLACE, **_A1_A2, "p_value": "P", "odds_ratio": "OR"},  # N counts studies
        )
    ],
    "snptest": [
        (
            "alternate_ids rsid chromosome position alleleA alleleB index average_maximum_posterior_call info"
            " cohort_1_AA cohort_1_AB cohort_1_BB all_AA all_AB all_BB all_NULL all_total all_maf"
            " frequentist_add_pvalue frequentist_add_info frequentist_add_beta_1 frequentist_add_se_1 comment",
            {
                **_B_FOR_A,
                "variant_id": "rsid",
                "chromosome": "chromosome",
                "base_pair_location": "position",
                "effect_allele_frequency": "(2 all_BB + all_AB) / (2 (all_AA + all_AB + all_BB))",
                "info": "info",
                "n": "all_total",
                "p_value": "frequentist_add_pvalue",
                "beta": "frequentist_add_beta_1",
                "standard_error": "frequentist_add_se_1",
            },
        ),
        (
            "rsid chromosome position alleleA alleleB all_total cases_total controls_total"
            " frequentist_add_beta_1:add/t2d=1 frequentist_add_se_1 frequentist_add_lrt_pvalue"
            " frequentist_add_wald_pvalue_1",
            {
                **_B_FOR_A,
                "variant_id": "rsid",
                "chromosome": "chromosome",
                "base_pair_location": "position",
                "n": "all_total",
                "n_cases": "cases_total",
                "n_controls": "controls_total",
                "p_value": "frequentist_add_lrt_pvalue",
                "beta": "frequentist_add_beta_1:add/t2d=1",
                "standard_error": "frequentist_add_se_1",
            },
        ),
        (
            "rsid alleleA alleleB frequentist_add_expected_beta_1 frequentist_add_expected_se_1"
            " frequentist_add_expected_pvalue",
            {
                **_B_FOR_A,
                "variant_id": "rsid",
                "p_value": "frequentist_add_expected_pvalue",
                "beta": "frequentist_add_expected_beta_1",
                "standard_error": "frequentist_add_expected_se_1",
            },
        ),
    ],
    "regenie_no_split": [
        (
            "CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ INFO N TEST BETA.Y1 SE.Y1 CHISQ.Y1 LOG10P.Y1 EXTRA",
            {
                "chromosome": "CHROM",
                "base_pair_location": "GENPOS",
                "variant_id": "ID",
                "other_allele": "ALLELE0",
                "effect_allele": "ALLELE1",
                "effect_allele_frequency": "A1FREQ",
                "info": "INFO",
                "n": "N",
                "beta": "BETA.Y1",
                "standard_error": "SE.Y1",
                "neg_log_10_p_value": "LOG10P.Y1",
            },
        )
    ],
    "regenie_htp": [
        (
            "Name Chr Pos Ref Alt Trait Cohort Model Effect LCI_Effect UCI_Effect Pval AAF Num_Cases Cases_Ref"
            " Cases_Het Cases_Alt Num_Controls Controls_Ref Controls_Het Controls_Alt Info",
            {
                "variant_id": "Name",
                "chromosome": "Chr",
                "base_pair_location": "Pos",
                "other_allele": "Ref",
                "effect_allele": "Alt",
                "effect_allele_frequency": "AAF",
                "p_value": "Pval",
                "n_controls": "Num_Controls",
                "beta": "REGENIE_BETA in Info; Effect where Num_Controls is missing",
                "standard_error": "REGENIE_SE in Info",
                "info": "INFO in Info",
                "n": "Num_Cases + Num_Controls",
                "n_cases": "Num_Cases where Num_Controls is given",
            },
        )
    ],
    "saige": [
        (
            "CHR POS MarkerID Allele1 Allele2 AC_Allele2 AF_Allele2 imputationInfo BETA SE Tstat var p.value p.value.NA"
            " Is.SPA AF_case AF_ctrl N_case N_ctrl",
            {
                **_BETA_SE,
                "chromosome": "CHR",
                "base_pair_location": "POS",
                "variant_id": "MarkerID",
                "effect_allele": "Allele2",
                "other_allele": "Allele1",
                "effect_allele_frequency": "AF_Allele2",
                "info": "imputationInfo",
                "p_value": "p.value",
                "n_cases": "N_case",
                "n_controls": "N_ctrl",
            },
        )
    ],
    "saige_0": [
        (
            "CHR POS SNPID Allele1 Allele2 AC_Allele2 AF_Allele2 imputationInfo N BETA SE Tstat p.value p.value.NA"
            " Is.SPA.converge varT varTstar AF.Cases AF.Controls N.Cases N.Controls",
            {
                **_BETA_SE,
                "chromosome": "CHR",
                "base_pair_location": "POS",
                "variant_id": "SNPID",
                "effect_allele": "Allele2",
                "other_allele": "Allele1",
                "effect_allele_frequency": "AF_Allele2",
                "info": "imputationInfo",
                "p_value": "p.value",
                "n": "N",
                "n_cases": "N.Cases",
                "n_controls": "N.Controls",
            },
        )
    ],
    "bolt": [
        (
            "SNP CHR BP GENPOS ALLELE1 ALLELE0 A1FREQ F_MISS CHISQ_LINREG P_LINREG BETA SE CHISQ_BOLT_LMM_INF"
            " P_BOLT_LMM_INF CHISQ_BOLT_LMM P_BOLT_LMM",
            {
                **_PLACE,
                **_BETA_SE,
                "effect_allele": "ALLELE1",
                "other_allele": "ALLELE0",
                "effect_allele_frequency": "A1FREQ",
                "p_value": "P_BOLT_LMM",
            },
        )
    ],
    "fastgwa": [
        (
            "CHR SNP POS A1 A2 N AF1 T SE_T P_noSPA BETA SE P CONVERGE INFO",
            {
                **_BETA_SE,
                **_A1_A2,
                "chromosome": "CHR",
                "base_pair_location": "POS",
                "variant_id": "SNP",
                "effect_allele_frequency": "AF1",
                "n": "N",
                "p_value": "P",
                "info": "INFO",
            },
        )
    ],
    "gcta": [
        (
            "Chr SNP bp A1 A2 Freq b se p",
            {
                **_A1_A2,
                "chromosome": "Chr",
                "base_pair_location": "bp",
                "variant_id": "SNP",
                "effect_allele_frequency": "Freq",
                "beta": "b",
                "standard_error": "se",
                "p_value": "p",
            },
        )
    ],
    "gemma": [
        (
            "chr rs ps n_mis n_obs allele1 allele0 af beta se p_wald p_lrt p_score",
            {
                "chromosome": "chr",
                "base_pair_location": "ps",
                "variant_id": "rs",
                "effect_allele": "allele1",
                "other_allele": "allele0",
                "effect_allele_frequency": "af",
                "n": "n_obs",
                "beta": "beta",
                "standard_error": "se",
                "p_value": "p_wald",
            },
        )
    ],
    "bgenie": [
        (
            "chr rsid pos a_0 a_1 af info height_beta height_se height_t height-log10p",
            {
                "chromosome": "chr",
                "base_pair_location": "pos",
                "variant_id": "rsid",
                "effect_allele": "a_1",
                "other_allele": "a_0",
                "effect_allele_frequency": "af",
                "info": "info",
                "beta": "height_beta",
                "standard_error": "height_se",
                "z": "height_t",
                "neg_log_10_p_value": "height-log10p",
            },
        )
    ],
    "rvtests": [
        (
            "CHROM POS REF ALT N_INFORMATIVE AF INFORMATIVE_ALT_AC CALL_RATE HWE_PVALUE N_REF N_HET N_ALT U_STAT"
            " SQRT_V_STAT ALT_EFFSIZE PVALUE",
            {
                "chromosome": "CHROM",
                "base_pair_location": "POS",
                "effect_allele": "ALT",
                "other_allele": "REF",
                "effect_allele_frequency": "part 0 of AF",
                "n": "N_INFORMATIVE",
                "beta": "ALT_EFFSIZE",
                "standard_error": "1 / SQRT_V_STAT",
                "p_value": "PVALUE",
            },
        )
    ],
    "finngen": [
        (
            "#chrom pos ref alt rsids nearest_genes pval mlogp beta sebeta af_alt af_alt_cases af_alt_controls",
            {
                "chromosome": "#chrom",
                "base_pair_location": "pos",
                "variant_id": "the first of rsids",
                "effect_allele": "alt",
                "other_allele": "ref",
                "effect_allele_frequency": "af_alt",
                "beta": "beta",
                "standard_error": "sebeta",
                "neg_log_10_p_value": "mlogp",
                "p_value": "pval",
            },
        )
    ],
    "ukb_neale": [
        (
            "variant minor_allele minor_AF expected_case_minor_AC low_confidence_variant n_complete_samples AC ytx beta"
            " se tstat pval",
            {
                "variant_id": "variant",
                "chromosome": "part 0 of variant",
                "base_pair_location": "part 1 of variant",
                "other_allele": "part 2 of variant",
                "effect_allele": "part 3 of variant",
                "effect_allele_frequency": "minor_AF where minor_allele is the effect allele, 1 - minor_AF elsewhere",
                "n": "n_complete_samples",
                "beta": "beta",
                "standard_error": "se",
                "z": "tstat",
                "p_value": "pval",
            },
        )
    ],
    "daner": [
        (
            "CHR SNP BP A1 A2 FRQ_A_29415 FRQ_U_40101 INFO OR SE P ngt",
            {
                **_PLACE,
                **_A1_A2,
                "effect_allele_frequency": "FRQ_U_40101",
                "info": "INFO",
                "odds_ratio": "OR",
                "standard_error": "SE",
                "p_value": "P",
                "n_cases": "29415, in the header",
                "n_controls": "40101, in the header",
            },
        )
    ],
    "gwas_vcf": [
        (
            "CHROM POS ID REF ALT ES SE LP AF NS EZ NC SI",
            {
                "chromosome": "CHROM",
                "base_pair_location": "POS",
                "variant_id": "ID",
                "effect_allele": "ALT",
                "other_allele": "REF",
                "beta": "ES",
                "standard_error": "SE",
                "neg_log_10_p_value": "LP",
                "effect_allele_frequency": "AF",
                "n": "NS",
                "z": "EZ",
                "n_cases": "NC",
                "info": "SI",
            },
        )
    ],
}


def read(words: list[str], **options: Any) -> HeaderReading:
    """Read a header, as if the side files that its dialect knows were there."""

    def beside(dialect: Dialect) -> dict[str, str]:
        if not dialect.side_files:
            return {}
        if "effect_allele" in dialect.columns.values():
            return _BESIDE
        return _BESIDE | {"effect_allele": "A1 of x.frq", "other_allele": "A2 of x.frq"}

    return read_header(words, where="file, line 1", beside=beside, **options)


def test_every_dialect_has_its_own_name_and_an_example_here():
    assert len(set(NAMES)) == len(NAMES)
    assert set(WRITTEN) == set(NAMES)
    assert "custom" not in NAMES  # the name of a reading without a dialect


@pytest.mark.parametrize("dialect", DIALECTS, ids=NAMES)
def test_every_declaration_is_complete(dialect: Dialect):
    given = {*dialect.columns.values(), *(made.column for made in dialect.derived)}
    assert given <= set(COLUMNS)
    assert "effect_allele" in given or any(side.tells_effect_allele for side in dialect.side_files)
    assert "variant_id" in given or given >= {"chromosome", "base_pair_location"}
    assert dialect.signature
    assert all(dialect.signature)
    assert dialect.source.startswith("https://")
    assert "\n" not in dialect.title
    assert dialect.effect_allele_rule
    assert dialect.effect_scale
    assert dialect.build in {"", "GRCh37", "GRCh38"}
    for made in dialect.derived:
        assert len(FORMULAS[made.formula].inputs) == len(made.inputs)


@pytest.mark.parametrize(
    ("name", "header", "meanings"),
    [(name, header, meanings) for name, examples in WRITTEN.items() for header, meanings in examples],
)
def test_the_header_that_the_tool_writes_is_recognised_and_every_word_understood(name, header, meanings):
    reading = read(header.split())
    assert reading.dialect == name
    assert reading.meanings() == meanings


@pytest.mark.parametrize("name", NAMES)
def test_letter_case_and_the_order_of_columns_do_not_matter(name):
    header, meanings = WRITTEN[name][0]
    reading = read(header.upper().split()[::-1])
    assert reading.dialect == name
    assert {column: meaning.upper() for column, meaning in reading.meanings().items()} == {
        column: meaning.upper() for column, meaning in meanings.items()
    }


def test_minus_nine_is_missing_only_where_gwama_writes_it_so():
    header = "rs_number reference_allele other_allele eaf beta se z n_samples"
    codes = read_header(header.split(), where="file, line 1").missing_codes
    assert codes == {"effect_allele_frequency": (-9.0,), "n": (-9.0,)}  # a z of -9 is a real one


@pytest.mark.parametrize("name", ["plink2", "regenie", "regenie_no_split", "plink_linear", "plink_logistic"])
def test_only_the_rows_of_the_additive_test_are_about_the_variant(name):
    words = WRITTEN[name][0][0].split()
    place, selector = read(words).keep_rows[0]
    assert (place, selector.values, selector.must) == (words.index("TEST"), ("ADD",), "equal")
    words.remove("TEST")
    assert all(selector.word != "TEST" for _, selector in read(words, dialect=name).keep_rows)


def test_plink2_names_the_other_allele_by_exclusion_only_where_it_must():
    named, _, excluded = (header.split() for header, _ in WRITTEN["plink2"])
    assert read_header(named, where="file, line 1").other_allele_of is None
    reading = read_header(excluded, where="file, line 1")
    assert reading.other_allele_of == (excluded.index("REF"), excluded.index("ALT"))
    assert "REF" not in reading.unused


def test_a_header_of_another_tool_is_not_mistaken_for_a_known_one():
    munged = "SNP CHR BP A1 A2 FRQ BETA SE Z P N"  # MungeSumstats: A2 is the effect allele
    with pytest.raises(GwasmetaError, match="of no format that gwasmeta knows") as caught:
        read(munged.split())
    assert "A1 and A2 can be read in two ways" in str(caught.value)
    assert "--column effect_allele=A1,other_allele=A2  or  --column effect_allele=A2,other_allele=A1" in str(
        caught.value
    )


def test_a_column_outside_the_vocabulary_cannot_be_declared():
    with pytest.raises(ValueError, match=r"tool: \['effect'\] are not in the vocabulary"):
        Dialect(name="tool", title="", columns={"B": "effect"}, signature=(), source="")
    with pytest.raises(ValueError, match="maf"):
        Dialect(name="tool", title="", columns={}, signature=(), source="", missing_codes={"maf": (-1.0,)})


@pytest.mark.parametrize("dialect", DIALECTS, ids=NAMES)
def test_every_format_is_in_the_documentation_as_it_is_declared(dialect: Dialect):
    text = (Path(__file__).parents[2] / "docs" / "dialects.md").read_text()
    file = f"[{dialect.title}]({dialect.source})"
    assert f"| `{dialect.name}` | {file} | {dialect.effect_allele_rule} | {dialect.effect_scale} |" in text
