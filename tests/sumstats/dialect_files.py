"""Files of every format, written by hand after the documentation of their tools; all say the same of three variants.

A new dialect needs an entry here, and in `test_dialects.WRITTEN` its header.
"""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

# Three variants with effects of 5, -2 and 1.5 standard errors; whatever a file says of them is one of these columns.
CANONICAL: dict[str, list[Any]] = {
    "variant_id": ["rs11", "rs22", "rs33"],
    "chromosome": ["1", "6", "X"],
    "base_pair_location": [10177.0, 32000123.0, 2700157.0],
    "effect_allele": ["A", "G", "T"],
    "other_allele": ["C", "A", "TAC"],
    "beta": [0.05, -0.02, 0.03],
    "standard_error": [0.01, 0.01, 0.02],
    "z": [5.0, -2.0, 1.5],
    # -log10 of erfc(|z| / sqrt(2)), as the C library has it
    "neg_log_10_p_value": [-math.log10(math.erfc(z / math.sqrt(2))) for z in (5.0, 2.0, 1.5)],
    "odds_ratio": [math.exp(0.05), math.exp(-0.02), math.exp(0.03)],
    "effect_allele_frequency": [0.4, 0.25, 0.05],
    "n": [1000.0, 990.0, 980.0],
    "n_cases": [400.0, 396.0, 392.0],
    "n_controls": [600.0, 594.0, 588.0],
    "info": [1.0, 0.9, 0.8],
    "imputed": [0.0, 1.0, 1.0],
    "strand": ["+", "+", "+"],
}
TEXTS = {"variant_id", "chromosome", "effect_allele", "other_allele", "strand"}

# The files of each format, written by hand; a new dialect needs one here. Blanks stand for any separator.
FILES: dict[str, list[str]] = {
    "gwama": [
        """
        MARKERNAME CHR POS STRAND EA NEA EAF N BETA SE IMPUTED
        rs11 1 10177 + A C 0.4 1000 0.05 0.01 0
        rs22 6 32000123 + G A 0.25 990 -0.02 0.01 1
        rs33 X 2700157 + T TAC 0.05 980 0.03 0.02 1
        """,
        """
        MARKERNAME EA NEA OR OR_95L OR_95U
        rs11 A C 1.051271096 1.030866544 1.072079522
        rs22 G A 0.980198673 0.961173645 0.999600280
        rs33 T TAC 1.030454534 0.990842128 1.071650573
        """,
    ],
    "gwama_out": [
        """
        chromosome position rs_number reference_allele other_allele eaf beta se z p-value _-log10_p-value n_samples
        1 10177 rs11 A C 0.4 0.05 0.01 5 5.733031437583878e-07 6.241615677 1000
        6 32000123 rs22 G A 0.25 -0.02 0.01 -2 0.04550026389635842 1.341986084 990
        X 2700157 rs33 T TAC 0.05 0.03 0.02 1.5 0.1336144025377162 0.874146726 980
        """
    ],
    "metal": [
        """
        MARKER ALLELE1 ALLELE2 EFFECT STDERR PVALUE N FREQ STRAND CHROMOSOME POSITION
        rs11 a c 0.05 0.01 5.733031e-07 1000 0.4 + 1 10177
        rs22 g a -0.02 0.01 0.04550026 990 0.25 + 6 32000123
        rs33 t tac 0.03 0.02 0.1336144 980 0.05 + X 2700157
        """
    ],
    "metal_out": [
        """
        Chromosome Position MarkerName Allele1 Allele2 Freq1 Effect StdErr P-value Direction HetISq
        1 10177 rs11 a c 0.4 0.05 0.01 5.733031e-07 ++- 0.0
        6 32000123 rs22 g a 0.25 -0.02 0.01 0.04550026 +-- 12.5
        X 2700157 rs33 t tac 0.05 0.03 0.02 0.1336144 -++ 0.0
        """,
        """
        MarkerName Allele1 Allele2 Weight Zscore log(P) Direction
        rs11 a c 1000 5 -6.241615677 --+
        rs22 g a 990 -2 -1.341986084 +--
        rs33 t tac 980 1.5 -0.874146726 -++
        """,
    ],
    "mtag": [
        """
        snpid chr bpos a1 a2 freq z beta se pval n
        rs11 1 10177 A C 0.4 5 0.05 0.01 5.733031e-07 1000
        rs22 6 32000123 G A 0.25 -2 -0.02 0.01 0.04550026 990
        rs33 X 2700157 T TAC 0.05 1.5 0.03 0.02 0.1336144 980
        """
    ],
    "mtag_out": [
        """
        SNP CHR BP A1 A2 Z N FRQ mtag_beta mtag_se mtag_z mtag_pval
        rs11 1 10177 A C 9.9 1000 0.4 0.05 0.01 5 5.733031e-07
        rs22 6 32000123 G A 9.9 990 0.25 -0.02 0.01 -2 0.04550026
        rs33 X 2700157 T TAC 9.9 980 0.05 0.03 0.02 1.5 0.1336144
        """
    ],
    "ssf": [
        """
        chromosome base_pair_location effect_allele other_allele beta standard_error effect_allele_frequency \
            p_value variant_id info n n_cases n_controls
        1 10177 A C 0.05 0.01 0.4 5.733031e-07 rs11 1 1000 400 600
        6 32000123 G A -0.02 0.01 0.25 0.04550026 rs22 0.9 990 396 594
        X 2700157 T TAC 0.03 0.02 0.05 0.1336144 rs33 0.8 980 392 588
        """,
        """
        chromosome base_pair_location effect_allele other_allele hazard_ratio standard_error neg_log_10_p_value rsid
        1 10177 A C 1.051271096 0.01 6.241615677 rs11
        6 32000123 G A 0.980198673 0.01 1.341986084 rs22
        X 2700157 T TAC 1.030454534 0.02 0.874146726 rs33
        """,
    ],
    "ldsc": [
        """
        SNP A1 A2 Z N
        rs11 A C 5 1000
        rs22 G A -2 990
        rs33 T TAC 1.5 980
        """
    ],
    "plink2": [
        """
        #CHROM POS ID REF ALT A1 OMITTED A1_FREQ TEST OBS_CT BETA SE T_STAT P ERRCODE
        1 10177 rs11 C A A C 0.4 ADD 1000 0.05 0.01 5 5.733031e-07 .
        6 32000123 rs22 G A G A 0.25 ADD 990 -0.02 0.01 -2 0.04550026 .
        X 2700157 rs33 TAC T T TAC 0.05 ADD 980 0.03 0.02 1.5 0.1336144 .
        """,
        """
        #CHROM POS ID REF ALT A1 TEST OBS_CT OR LOG(OR)_SE Z_STAT LOG10_P ERRCODE
        1 10177 rs11 C A A ADD 1000 1.051271096 0.01 5 6.241615677 .
        6 32000123 rs22 G A G ADD 990 0.980198673 0.01 -2 1.341986084 .
        X 2700157 rs33 TAC T T ADD 980 1.030454534 0.02 1.5 0.874146726 .
        """,
    ],
    "regenie": [
        """
        CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ INFO N N_CASES N_CONTROLS TEST BETA SE CHISQ LOG10P EXTRA
        1 10177 rs11 C A 0.4 1 1000 400 600 ADD 0.05 0.01 25 6.241615677 NA
        6 32000123 rs22 A G 0.25 0.9 990 396 594 ADD -0.02 0.01 4 1.341986084 NA
        X 2700157 rs33 TAC T 0.05 0.8 980 392 588 ADD 0.03 0.02 2.25 0.874146726 NA
        """
    ],
}
FILES |= {
    "meta": [  # https://mathgen.stats.ox.ac.uk/genetics_software/meta/meta.html: allele_B is the coded allele
        """
        chr rsid pos allele_A allele_B P_value info beta se
        1 rs11 10177 C A 5.733031e-07 1 0.05 0.01
        6 rs22 32000123 A G 0.04550026 0.9 -0.02 0.01
        X rs33 2700157 TAC T 0.1336144 0.8 0.03 0.02
        """
    ],
    "mr_mega_out": [
        """
        MarkerName Chromosome Position EA NEA EAF Nsample Ncohort Effects beta_0 se_0 beta_1 se_1 chisq_association \
            ndf P-value_association chisq_ancestry_het ndf P-value_ancestry_het lnBF Comments
        rs11 1 10177 A C 0.4 1000 5 +++++ 0.05 0.01 0.1 0.2 26.1 2 2e-6 0.3 1 0.6 9.9 NA
        rs22 6 32000123 G A 0.25 990 5 --?-- -0.02 0.01 0.1 0.2 4.2 2 0.12 0.3 1 0.6 0.9 NA
        rs33 X 2700157 T TAC 0.05 980 5 +++++ 0.03 0.02 0.1 0.2 2.5 2 0.28 0.3 1 0.6 0.2 NA
        """
    ],
    "gwas_catalog_harmonised": [  # effects as beta in two rows and as odds ratio in one; alleles submitted otherwise
        """
        hm_variant_id hm_rsid hm_chrom hm_pos hm_other_allele hm_effect_allele hm_beta hm_odds_ratio hm_ci_lower \
            hm_ci_upper hm_effect_allele_frequency hm_code variant_id effect_allele other_allele beta odds_ratio \
            standard_error p_value n
        1_10177_C_A rs11 1 10177 C A 0.05 NA NA NA 0.4 10 rs11 A C 0.05 NA 0.01 5.733031e-07 1000
        6_32000123_A_G rs22 6 32000123 A G -0.02 NA NA NA 0.25 11 rs22 A G 0.02 NA 0.01 0.04550026 990
        X_2700157_TAC_T rs33 X 2700157 TAC T NA 1.030454534 0.990842128 1.071650573 0.05 10 rs33 T TAC NA \
            1.030454534 NA 0.1336144 980
        """
    ],
    "plink_assoc": [  # https://www.cog-genomics.org/plink/1.9/formats#assoc, with --ci 0.95
        """
        CHR SNP BP A1 F_A F_U A2 CHISQ P OR SE L95 U95
        1 rs11 10177 A 0.41 0.4 C 25 5.733031e-07 1.051271096 0.01 1.030866544 1.072079522
        6 rs22 32000123 G 0.24 0.25 A 4 0.04550026 0.980198673 0.01 0.961173645 0.999600280
        X rs33 2700157 T 0.06 0.05 TAC 2.25 0.1336144 1.030454534 0.02 0.990842128 1.071650573
        """
    ],
    "plink_qassoc": [
        """
        CHR SNP BP NMISS BETA SE R2 T P
        1 rs11 10177 1000 0.05 0.01 0.02 5 5.733031e-07
        6 rs22 32000123 990 -0.02 0.01 0.01 -2 0.04550026
        X rs33 2700157 980 0.03 0.02 0.01 1.5 0.1336144
        """
    ],
    "plink_linear": [
        """
        CHR SNP BP A1 TEST NMISS BETA STAT P
        1 rs11 10177 A ADD 1000 0.05 5 5.733031e-07
        6 rs22 32000123 G ADD 990 -0.02 -2 0.04550026
        X rs33 2700157 T ADD 980 0.03 1.5 0.1336144
        """,
        """
        CHR SNP BP A1 TEST NMISS BETA SE L95 U95 STAT P
        1 rs11 10177 A ADD 1000 0.05 0.01 0.0304 0.0696 5 5.733031e-07
        6 rs22 32000123 G ADD 990 -0.02 0.01 -0.0396 -0.0004 -2 0.04550026
        X rs33 2700157 T ADD 980 0.03 0.02 -0.0092 0.0692 1.5 0.1336144
        """,
    ],
    "plink_logistic": [
        """
        CHR SNP BP A1 TEST NMISS OR STAT P
        1 rs11 10177 A ADD 1000 1.051271096 5 5.733031e-07
        6 rs22 32000123 G ADD 990 0.980198673 -2 0.04550026
        X rs33 2700157 T ADD 980 1.030454534 1.5 0.1336144
        """
    ],
    "plink_meta": [
        """
        CHR BP SNP A1 A2 N P P(R) OR OR(R) Q I
        1 10177 rs11 A C 2 5.733031e-07 6e-07 1.051271096 1.05 0.5 0.0
        6 32000123 rs22 G A 2 0.04550026 0.05 0.980198673 0.98 0.6 0.0
        X 2700157 rs33 T TAC 2 0.1336144 0.14 1.030454534 1.03 0.7 0.0
        """
    ],
    "snptest": [  # alleleB is coded 1; the frequency is that of all genotypes, whatever all_maf is
        """
        alternate_ids rsid chromosome position alleleA alleleB index average_maximum_posterior_call info cohort_1_AA \
            cohort_1_AB cohort_1_BB cohort_1_NULL all_AA all_AB all_BB all_NULL all_total all_maf \
            missing_data_proportion frequentist_add_pvalue frequentist_add_info frequentist_add_beta_1 \
            frequentist_add_se_1 comment
        --- rs11 1 10177 C A 1 1 1 360 480 160 0 360 480 160 0 1000 0.4 0 5.733031e-07 1 0.05 0.01 NA
        --- rs22 6 32000123 A G 2 1 0.9 555 375 60 0 555 375 60 0 990 0.25 0 0.04550026 1 -0.02 0.01 NA
        --- rs33 X 2700157 TAC T 3 1 0.8 884 94 2 0 884 94 2 0 980 0.05 0 0.1336144 1 0.03 0.02 NA
        """,
        """
        alternate_ids rsid chromosome position alleleA alleleB info all_AA all_AB all_BB all_NULL all_total \
            cases_total controls_total all_maf all_OR frequentist_add_null_ll frequentist_add_alternative_ll \
            frequentist_add_beta_1:add/t2d=1 frequentist_add_se_1 frequentist_add_wald_pvalue_1 comment
        --- rs11 1 10177 C A 1 360 480 160 0 1000 400 600 0.4 1.1 -9 -8 0.05 0.01 5.733031e-07 NA
        --- rs22 6 32000123 A G 0.9 555 375 60 0 990 396 594 0.25 1.1 -9 -8 -0.02 0.01 0.04550026 NA
        --- rs33 X 2700157 TAC T 0.8 884 94 2 0 980 392 588 0.05 1.1 -9 -8 0.03 0.02 0.1336144 NA
        """,
    ],
    "regenie_no_split": [
        """
        CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ INFO N TEST BETA.Y1 SE.Y1 CHISQ.Y1 LOG10P.Y1 EXTRA
        1 10177 rs11 C A 0.4 1 1000 ADD 0.05 0.01 25 6.241615677 NA
        6 32000123 rs22 A G 0.25 0.9 990 ADD -0.02 0.01 4 1.341986084 NA
        X 2700157 rs33 TAC T 0.05 0.8 980 ADD 0.03 0.02 2.25 0.874146726 NA
        """
    ],
    "regenie_htp": [  # a disease, then a quantitative trait; under SPA the odds ratio is one of allele counts
        """
        Name Chr Pos Ref Alt Trait Cohort Model Effect LCI_Effect UCI_Effect Pval AAF Num_Cases Cases_Ref Cases_Het \
            Cases_Alt Num_Controls Controls_Ref Controls_Het Controls_Alt Info
        rs11 1 10177 C A t2d ukb ADD-WGR-FIRTH 1.0513 1.03 1.07 5.733031e-07 0.4 400 1 2 3 600 1 2 3 \
            REGENIE_BETA=0.05;REGENIE_SE=0.01;INFO=1;MAC=800
        rs22 6 32000123 A G t2d ukb ADD-WGR-FIRTH 0.9802 0.96 0.99 0.04550026 0.25 396 1 2 3 594 1 2 3 \
            REGENIE_BETA=-0.02;REGENIE_SE=0.01;INFO=0.9;MAC=495
        rs33 X 2700157 TAC T t2d ukb ADD-WGR-FIRTH 1.0305 0.99 1.07 0.1336144 0.05 392 1 2 3 588 1 2 3 \
            REGENIE_BETA=0.03;REGENIE_SE=0.02;INFO=0.8;MAC=98
        """,
        """
        Name Chr Pos Ref Alt Trait Cohort Model Effect LCI_Effect UCI_Effect Pval AAF Num_Cases Cases_Ref Cases_Het \
            Cases_Alt Num_Controls Controls_Ref Controls_Het Controls_Alt Info
        rs11 1 10177 C A ldl ukb ADD-WGR-LR 0.05 0.03 0.07 5.733031e-07 0.4 1000 1 2 3 NA NA NA NA \
            REGENIE_SE=0.01;INFO=1;MAC=800
        rs22 6 32000123 A G ldl ukb ADD-WGR-LR -0.02 -0.04 -0.01 0.04550026 0.25 990 1 2 3 NA NA NA NA \
            REGENIE_SE=0.01;INFO=0.9;MAC=495
        rs33 X 2700157 TAC T ldl ukb ADD-WGR-LR 0.03 -0.01 0.07 0.1336144 0.05 980 1 2 3 NA NA NA NA \
            REGENIE_SE=0.02;INFO=0.8;MAC=98
        """,
    ],
    "saige": [  # https://saigegit.github.io/SAIGE-doc: Allele2 is the tested allele
        """
        CHR POS MarkerID Allele1 Allele2 AC_Allele2 AF_Allele2 imputationInfo BETA SE Tstat var p.value p.value.NA \
            Is.SPA AF_case AF_ctrl N_case N_ctrl
        1 10177 rs11 C A 800 0.4 1 0.05 0.01 500 1e4 5.733031e-07 5e-07 true 0.41 0.39 400 600
        6 32000123 rs22 A G 495 0.25 0.9 -0.02 0.01 -200 1e4 0.04550026 0.04 false 0.2 0.3 396 594
        X 2700157 rs33 TAC T 98 0.05 0.8 0.03 0.02 75 2500 0.1336144 0.13 false 0.06 0.04 392 588
        """,
        """
        CHR POS MarkerID Allele1 Allele2 AC_Allele2 AF_Allele2 MissingRate BETA SE Tstat var p.value N
        1 10177 rs11 C A 800 0.4 0 0.05 0.01 500 1e4 5.733031e-07 1000
        6 32000123 rs22 A G 495 0.25 0 -0.02 0.01 -200 1e4 0.04550026 990
        X 2700157 rs33 TAC T 98 0.05 0 0.03 0.02 75 2500 0.1336144 980
        """,
    ],
    "saige_0": [
        """
        CHR POS rsid SNPID Allele1 Allele2 AC_Allele2 AF_Allele2 imputationInfo N BETA SE Tstat p.value p.value.NA \
            Is.SPA.converge varT varTstar AF.Cases AF.Controls N.Cases N.Controls
        1 10177 rs11 1:10177_C_A C A 800 0.4 1 1000 0.05 0.01 500 5.733031e-07 5e-07 1 9 9 0.41 0.39 400 600
        6 32000123 rs22 6:32000123_A_G A G 495 0.25 0.9 990 -0.02 0.01 -200 0.04550026 0.04 1 9 9 0.2 0.3 396 594
        X 2700157 rs33 X:2700157_TAC_T TAC T 98 0.05 0.8 980 0.03 0.02 75 0.1336144 0.13 1 9 9 0.06 0.04 392 588
        """
    ],
    "bolt": [  # GENPOS is in Morgans; P_BOLT_LMM is preferred to _INF
        """
        SNP CHR BP GENPOS ALLELE1 ALLELE0 A1FREQ INFO CHISQ_LINREG P_LINREG BETA SE CHISQ_BOLT_LMM_INF \
            P_BOLT_LMM_INF CHISQ_BOLT_LMM P_BOLT_LMM
        rs11 1 10177 0.001 A C 0.4 1 20 1e-05 0.05 0.01 24 1e-06 25 5.733031e-07
        rs22 6 32000123 0.4 G A 0.25 0.9 3 0.08 -0.02 0.01 3.9 0.048 4 0.04550026
        rs33 X 2700157 0.02 T TAC 0.05 0.8 2 0.16 0.03 0.02 2.2 0.138 2.25 0.1336144
        """,
        """
        SNP CHR BP GENPOS ALLELE1 ALLELE0 A1FREQ F_MISS BETA SE P_BOLT_LMM_INF
        rs11 1 10177 0.001 A C 0.4 0 0.05 0.01 5.733031e-07
        rs22 6 32000123 0.4 G A 0.25 0 -0.02 0.01 0.04550026
        rs33 X 2700157 0.02 T TAC 0.05 0 0.03 0.02 0.1336144
        """,
    ],
    "fastgwa": [
        """
        CHR SNP POS A1 A2 N AF1 BETA SE P
        1 rs11 10177 A C 1000 0.4 0.05 0.01 5.733031e-07
        6 rs22 32000123 G A 990 0.25 -0.02 0.01 0.04550026
        X rs33 2700157 T TAC 980 0.05 0.03 0.02 0.1336144
        """,
        """
        CHR SNP POS A1 A2 N AF1 T SE_T P_noSPA BETA SE P CONVERGE
        1 rs11 10177 A C 1000 0.4 500 100 6e-07 0.05 0.01 5.733031e-07 1
        6 rs22 32000123 G A 990 0.25 -200 100 0.05 -0.02 0.01 0.04550026 1
        X rs33 2700157 T TAC 980 0.05 75 50 0.14 0.03 0.02 0.1336144 1
        """,
    ],
    "gcta": [
        """
        Chr SNP bp A1 A2 Freq b se p
        1 rs11 10177 A C 0.4 0.05 0.01 5.733031e-07
        6 rs22 32000123 G A 0.25 -0.02 0.01 0.04550026
        X rs33 2700157 T TAC 0.05 0.03 0.02 0.1336144
        """,
        """
        SNP A1 A2 freq b se p N
        rs11 A C 0.4 0.05 0.01 5.733031e-07 1000
        rs22 G A 0.25 -0.02 0.01 0.04550026 990
        rs33 T TAC 0.05 0.03 0.02 0.1336144 980
        """,
    ],
    "gemma": [
        """
        chr rs ps n_miss allele1 allele0 af beta se logl_H1 l_remle l_mle p_wald p_lrt p_score
        1 rs11 10177 0 A C 0.4 0.05 0.01 -141.4 0.3 0.3 5.733031e-07 6e-07 7e-07
        6 rs22 32000123 10 G A 0.25 -0.02 0.01 -141.4 0.3 0.3 0.04550026 0.05 0.05
        X rs33 2700157 20 T TAC 0.05 0.03 0.02 -141.4 0.3 0.3 0.1336144 0.14 0.14
        """,
        """
        chr rs ps n_mis n_obs allele1 allele0 af beta se p_lrt
        1 rs11 10177 0 1000 A C 0.4 0.05 0.01 5.733031e-07
        6 rs22 32000123 10 990 G A 0.25 -0.02 0.01 0.04550026
        X rs33 2700157 20 980 T TAC 0.05 0.03 0.02 0.1336144
        """,
    ],
    "bgenie": [
        """
        chr rsid pos a_0 a_1 af info height_beta height_se height_t height-log10p
        1 rs11 10177 C A 0.4 1 0.05 0.01 5 6.241615677
        6 rs22 32000123 A G 0.25 0.9 -0.02 0.01 -2 1.341986084
        X rs33 2700157 TAC T 0.05 0.8 0.03 0.02 1.5 0.874146726
        """
    ],
    "rvtests": [  # without names of variants; values of a disease as all:cases:controls
        """
        CHROM POS REF ALT N_INFORMATIVE Test Beta SE Pvalue
        1 10177 C A 1000 1:10177 0.05 0.01 5.733031e-07
        6 32000123 A G 990 6:32000123 -0.02 0.01 0.04550026
        X 2700157 TAC T 980 X:2700157 0.03 0.02 0.1336144
        """,
        """
        CHROM POS REF ALT N_INFORMATIVE AF U V STAT DIRECTION EFFECT SE PVALUE
        1 10177 C A 1000 0.4 500 10000 25 + 0.05 0.01 5.733031e-07
        6 32000123 A G 990 0.25 -200 10000 4 - -0.02 0.01 0.04550026
        X 2700157 TAC T 980 0.05 75 2500 2.25 + 0.03 0.02 0.1336144
        """,
        """
        CHROM POS REF ALT N_INFORMATIVE AF INFORMATIVE_ALT_AC CALL_RATE HWE_PVALUE N_REF N_HET N_ALT U_STAT \
            SQRT_V_STAT ALT_EFFSIZE PVALUE
        1 10177 C A 1000 0.4:0.41:0.39 800:9:9 1:1:1 1:1:1 1:1:1 1:1:1 1:1:1 500 100 0.05 5.733031e-07
        6 32000123 A G 990 0.25:0.2:0.3 495:9:9 1:1:1 1:1:1 1:1:1 1:1:1 1:1:1 -200 100 -0.02 0.04550026
        X 2700157 TAC T 980 0.05:0.06:0.04 98:9:9 1:1:1 1:1:1 1:1:1 1:1:1 1:1:1 75 50 0.03 0.1336144
        """,
    ],
    "finngen": [
        """
        #chrom pos ref alt rsids nearest_genes pval mlogp beta sebeta af_alt af_alt_cases af_alt_controls
        1 10177 C A rs11 DDX11L1 5.733031e-07 6.241615677 0.05 0.01 0.4 0.41 0.39
        6 32000123 A G rs22 C4B 0.04550026 1.341986084 -0.02 0.01 0.25 0.2 0.3
        X 2700157 TAC T rs33 XG 0.1336144 0.874146726 0.03 0.02 0.05 0.06 0.04
        """,
        """
        #chrom pos ref alt rsids nearest_genes pval beta sebeta maf maf_cases maf_controls n_hom_cases
        1 10177 C A rs11 DDX11L1 5.733031e-07 0.05 0.01 0.4 0.41 0.39 5
        6 32000123 A G rs22 C4B 0.04550026 -0.02 0.01 0.25 0.2 0.3 5
        X 2700157 TAC T rs33 XG 0.1336144 0.03 0.02 0.05 0.06 0.04 5
        """,
    ],
    "ukb_neale": [  # the minor allele is the alternate one in one row and the reference in the others
        """
        variant minor_allele minor_AF low_confidence_variant n_complete_samples AC ytx beta se tstat pval
        1:10177:C:A A 0.4 false 1000 800 9 0.05 0.01 5 5.733031e-07
        6:32000123:A:G A 0.75 false 990 495 9 -0.02 0.01 -2 0.04550026
        X:2700157:TAC:T TAC 0.95 false 980 98 9 0.03 0.02 1.5 0.1336144
        """
    ],
    "daner": [  # the header's numbers hold where a row has none
        """
        CHR SNP BP A1 A2 FRQ_A_400 FRQ_U_600 INFO OR SE P ngt Direction HetISqt HetDf HetPVa Nca Nco Neff_half
        1 rs11 10177 A C 0.41 0.4 1 1.051271096 0.01 5.733031e-07 0 ++ 0 1 1 NA NA 480
        6 rs22 32000123 G A 0.2 0.25 0.9 0.980198673 0.01 0.04550026 0 -- 0 1 1 396 594 475
        X rs33 2700157 T TAC 0.06 0.05 0.8 1.030454534 0.02 0.1336144 0 ++ 0 1 1 392 588 470
        """
    ],
    "gwas_vcf": [  # as the reader of VCF files hands it on
        """
        CHROM POS ID REF ALT ES SE LP AF NS NC
        1 10177 rs11 C A 0.05 0.01 6.241615677 0.4 1000 400
        6 32000123 rs22 A G -0.02 0.01 1.341986084 0.25 990 396
        X 2700157 rs33 TAC T 0.03 0.02 0.874146726 0.05 980 392
        """
    ],
}

# Columns in which a format says something else.
OTHERWISE: dict[str, dict[str, list[Any]]] = {
    "ukb_neale": {"variant_id": ["1:10177:C:A", "6:32000123:A:G", "X:2700157:TAC:T"]},
    "gwas_catalog_harmonised": {"odds_ratio": [np.nan, np.nan, 1.030454534]},
}

# What PLINK 1.9 writes with --freq beside results without alleles.
FREQUENCIES = """
    CHR SNP A1 A2 MAF NCHROBS
    1 rs11 A C 0.4 2000
    6 rs22 G A 0.25 1980
    X rs33 T TAC 0.05 1960
"""
NEED_FREQUENCIES = {"plink_qassoc", "plink_linear", "plink_logistic"}


def lines(text: str) -> list[list[str]]:
    """Split a table written with blanks; a backslash continues a line."""
    return [line.split() for line in text.replace("\\\n", " ").strip().splitlines()]


def table_of(text: str, separator: str = "\t", end: str = "\n") -> bytes:
    """Return a table with other separators."""
    return "".join(separator.join(fields) + end for fields in lines(text)).encode()


def stream(text: str, separator: str = "\t") -> io.BytesIO:
    """Return a table as an open file."""
    return io.BytesIO(table_of(text, separator))


def side_files_of(name: str, folder: Path) -> tuple[Path, ...]:
    """Write the side file that a dialect needs, if it needs one."""
    if name not in NEED_FREQUENCIES:
        return ()
    path = folder / "given.frq"
    path.write_bytes(table_of(FREQUENCIES))
    return (path,)


def assert_canonical(table: pd.DataFrame, rtol: float = 2e-7) -> None:
    """Compare every column of a table as read with what all files say."""
    assert len(table) == 3
    for column in map(str, table):
        if column in TEXTS:
            # METAL writes alleles in lower case; they are kept as written
            case = str.upper if column.endswith("allele") else str
            assert [case(value) for value in table[column]] == CANONICAL[column], column
        else:
            np.testing.assert_allclose(table[column], CANONICAL[column], rtol=rtol, err_msg=column)
