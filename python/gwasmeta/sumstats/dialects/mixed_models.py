"""What REGENIE, SAIGE, BOLT-LMM, GCTA, GEMMA and RVTESTS write."""

from __future__ import annotations

from gwasmeta.sumstats.dialects.declaration import Derived, Dialect, RowSelector, words

_REGENIE_MODELS = ("LR", "LOG", "FIRTH", "SPA", "POISSON", "COX", "COX-FIRTH")
_REGENIE_RULE = "REGENIE counts copies of ALLELE1 (--ref-first or not, it is the tested one)"
_REGENIE_SOURCE = "https://rgcgithub.github.io/regenie/options/#output"
_FAILED = {"rule": "test_failed", "reason": "the program says that the test failed; what it wrote is no estimate"}

_REGENIE_COLUMNS = {
    "CHROM": "chromosome",
    "GENPOS": "base_pair_location",
    "ID": "variant_id",
    "ALLELE0": "other_allele",
    "ALLELE1": "effect_allele",
    "A1FREQ": "effect_allele_frequency",
    "INFO": "info",
    "N": "n",
    "N_CASES": "n_cases",
    "N_CONTROLS": "n_controls",
}

REGENIE = Dialect(
    name="regenie",
    title="REGENIE step 2 (one file a phenotype)",
    columns=_REGENIE_COLUMNS
    | {
        "BETA": "beta",
        "SE": "standard_error",
        "LOG10P": "neg_log_10_p_value",  # the minus is missing in the name only
    },
    # Without LOG10P the words are nearly BOLT-LMM's, whose GENPOS is a genetic position.
    signature=words("GENPOS ID ALLELE0 ALLELE1 LOG10P"),
    effect_allele_rule=_REGENIE_RULE,
    # Where the test fails, BETA and SE may be those of the last iteration; LOG10P is NA.
    keep_rows=(RowSelector("TEST", ("ADD",)), RowSelector("EXTRA", ("TEST_FAIL",), "differ", **_FAILED)),
    source=_REGENIE_SOURCE,
)

REGENIE_NO_SPLIT = Dialect(
    name="regenie_no_split",
    title="REGENIE step 2 with --no-split (several phenotypes beside each other)",
    columns=_REGENIE_COLUMNS
    | {
        "BETA.{trait}": "beta",
        "SE.{trait}": "standard_error",
        "LOG10P.{trait}": "neg_log_10_p_value",
    },
    signature=words("GENPOS ID ALLELE0 ALLELE1 BETA.{trait} LOG10P.{trait}"),
    effect_allele_rule=_REGENIE_RULE,
    keep_rows=(RowSelector("TEST", ("ADD",)), RowSelector("LOG10P.{trait}", (), "be given", **_FAILED)),
    source=_REGENIE_SOURCE,
)

REGENIE_HTP = Dialect(
    name="regenie_htp",
    title="REGENIE step 2 with --htp",
    columns={
        "Name": "variant_id",
        "Chr": "chromosome",
        "Pos": "base_pair_location",
        "Ref": "other_allele",
        "Alt": "effect_allele",
        "Pval": "p_value",
        "AAF": "effect_allele_frequency",
        "Num_Controls": "n_controls",
    },
    signature=words("Name Chr Pos Ref Alt Model Effect Pval AAF Num_Cases Info"),
    effect_allele_rule="Effect and AAF are those of Alt",
    effect_scale="units of the trait; log odds for a disease (REGENIE_BETA, where Effect is the odds ratio)",
    keep_rows=(
        RowSelector("Model", tuple(f"ADD{step_1}-{model}" for step_1 in ("-WGR", "") for model in _REGENIE_MODELS)),
    ),
    derived=(
        # Effect is an odds ratio for a disease, and under SPA one of allele counts: the regression's own is in Info.
        Derived("beta", "tag_if_disease", ("Info", "Effect", "Num_Controls"), "REGENIE_BETA"),
        Derived("standard_error", "tag", ("Info",), "REGENIE_SE"),
        Derived("info", "tag", ("Info",), "INFO"),
        Derived("n", "sum_of_given", ("Num_Cases", "Num_Controls")),  # a quantitative trait's are all "cases"
        Derived("n_cases", "number_if_given", ("Num_Cases", "Num_Controls")),
    ),
    source=_REGENIE_SOURCE,
)

_SAIGE_RULE = "SAIGE tests Allele2, the second one (the opposite of METAL)"
_SAIGE_COLUMNS = {
    "CHR": "chromosome",
    "POS": "base_pair_location",
    "Allele2": "effect_allele",
    "Allele1": "other_allele",
    "AF_Allele2": "effect_allele_frequency",
    "imputationInfo": "info",
    "BETA": "beta",
    "SE": "standard_error",
    "p.value": "p_value",  # of the saddle-point approximation; p.value.NA is without it
    "N": "n",
}

SAIGE = Dialect(
    name="saige",
    title="SAIGE, version 1 on",
    columns=_SAIGE_COLUMNS | {"MarkerID": "variant_id", "N_case": "n_cases", "N_ctrl": "n_controls"},
    signature=words("MarkerID Allele1 Allele2 AF_Allele2 BETA SE p.value"),
    effect_allele_rule=_SAIGE_RULE,
    source="https://saigegit.github.io/SAIGE-doc/docs/single_step2.html",
)

SAIGE_0 = Dialect(
    name="saige_0",
    title="SAIGE, before version 1",
    columns={"rsid": "variant_id", "SNPID": "variant_id"}
    | _SAIGE_COLUMNS
    | {"N.Cases": "n_cases", "N.Controls": "n_controls"},
    signature=words("SNPID Allele1 Allele2 AF_Allele2 BETA SE p.value"),
    effect_allele_rule=_SAIGE_RULE,
    source="https://github.com/weizhouUMICH/SAIGE/wiki/Genetic-association-tests-using-SAIGE",
)

BOLT = Dialect(
    name="bolt",
    title="BOLT-LMM (--statsFile, --statsFileBgenSnps)",
    columns={
        "SNP": "variant_id",
        "CHR": "chromosome",
        "BP": "base_pair_location",  # GENPOS is the genetic position
        "ALLELE1": "effect_allele",
        "ALLELE0": "other_allele",
        "A1FREQ": "effect_allele_frequency",
        "INFO": "info",
        "BETA": "beta",
        "SE": "standard_error",
        "P_BOLT_LMM": "p_value",
        "P_BOLT_LMM_INF": "p_value",
        "P_LINREG": "p_value",
    },
    signature=words("SNP GENPOS ALLELE1 ALLELE0 A1FREQ BETA SE"),
    effect_allele_rule="ALLELE1 is the effect allele, says BOLT-LMM's manual; A1FREQ is its frequency",
    effect_scale="units of the trait; for a disease, of the 0/1 trait: log odds are about beta / (share of cases *"
    " share of controls)",
    source="https://alkesgroup.broadinstitute.org/BOLT-LMM/BOLT-LMM_manual.html",
)

FASTGWA = Dialect(
    name="fastgwa",
    title="GCTA fastGWA, of quantitative traits and of diseases (fastGWA-GLMM)",
    columns={
        "SNP": "variant_id",
        "CHR": "chromosome",
        "POS": "base_pair_location",
        "A1": "effect_allele",
        "A2": "other_allele",
        "AF1": "effect_allele_frequency",
        "N": "n",
        "BETA": "beta",
        "SE": "standard_error",
        "P": "p_value",  # of the saddle-point approximation in fastGWA-GLMM; P_noSPA is without it
        "INFO": "info",
    },
    signature=words("CHR SNP POS A1 A2 N AF1 BETA SE P"),
    effect_allele_rule="A1 is the effect allele, says GCTA's manual; AF1 is its frequency",
    keep_rows=(
        RowSelector("CONVERGE", ("1",), rule="not_converged", reason="the saddle-point approximation did not converge"),
    ),
    source="https://yanglab.westlake.edu.cn/software/gcta/#fastGWA",
)

GCTA = Dialect(
    name="gcta",
    title="GCTA --mlma (.mlma) and COJO's input (.ma)",
    columns={
        "SNP": "variant_id",
        "Chr": "chromosome",
        "bp": "base_pair_location",
        "A1": "effect_allele",
        "A2": "other_allele",
        "Freq": "effect_allele_frequency",
        "b": "beta",
        "se": "standard_error",
        "p": "p_value",
        "N": "n",
    },
    signature=words("SNP A1 A2 Freq b se p"),
    effect_allele_rule="A1 is the reference allele, as GCTA calls the one whose effect b is",
    source="https://yanglab.westlake.edu.cn/software/gcta/#MLMA",
)

GEMMA = Dialect(
    name="gemma",
    title="GEMMA (-lm, -lmm; .assoc.txt)",
    columns={
        "rs": "variant_id",
        "chr": "chromosome",
        "ps": "base_pair_location",
        "allele1": "effect_allele",
        "allele0": "other_allele",
        "af": "effect_allele_frequency",
        "n_obs": "n",
        "beta": "beta",
        "se": "standard_error",
        "p_wald": "p_value",
        "p_lrt": "p_value",
        "p_score": "p_value",
    },
    signature=words(
        "rs ps allele1 allele0 af p_wald",
        "rs ps allele1 allele0 af p_lrt",
        "rs ps allele1 allele0 af p_score",
    ),
    effect_allele_rule="GEMMA counts copies of allele1; af is its frequency",
    effect_scale="units of the trait; of the 0/1 trait for a disease",
    tests_minor_allele=True,
    source="https://github.com/genetics-statistics/GEMMA/blob/master/doc/manual.tex",
)

RVTESTS = Dialect(
    name="rvtests",
    title="RVTESTS (.SingleWald.assoc, .SingleScore.assoc, .MetaScore.assoc)",
    columns={
        "CHROM": "chromosome",
        "POS": "base_pair_location",
        "REF": "other_allele",
        "ALT": "effect_allele",
        "Beta": "beta",
        "EFFECT": "beta",
        "ALT_EFFSIZE": "beta",
        "SE": "standard_error",
        "Pvalue": "p_value",
        "N_INFORMATIVE": "n",
    },
    signature=words(
        "CHROM POS REF ALT N_INFORMATIVE Test Beta SE Pvalue",
        "CHROM POS REF ALT N_INFORMATIVE AF EFFECT SE PVALUE",
        "CHROM POS REF ALT N_INFORMATIVE AF SQRT_V_STAT ALT_EFFSIZE PVALUE",
    ),
    effect_allele_rule="RVTESTS counts copies of ALT",
    keep_rows=(RowSelector("Test", (":",), "contain", reason="only the row of the variant, CHROM:POS, is wanted"),),
    derived=(
        Derived("effect_allele_frequency", "number_part", ("AF",), "0"),  # all:cases:controls, for a disease
        Derived("standard_error", "inverse", ("SQRT_V_STAT",)),
    ),
    source="https://github.com/zhanxw/rvtests#output",
)
