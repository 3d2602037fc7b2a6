"""What PLINK 1.9 and PLINK 2 write."""

from __future__ import annotations

from gwasmeta.sumstats.dialects.declaration import Derived, Dialect, RowSelector, SideFile, words

_ADDITIVE = (RowSelector("TEST", ("ADD",)),)
_TESTED = "A1 is the allele whose copies PLINK counts"

_FREQUENCIES = SideFile(
    ending=".frq",
    columns={
        "SNP": "variant_id",
        "A1": "allele_1",
        "A2": "allele_2",
        "MAF": "allele_1_frequency",
        "NCHROBS": "n_alleles",
    },
    tells_effect_allele=True,
    how="plink1.9 writes it when the same command is run with --freq",
)
_VARIANTS = SideFile(
    ending=".bim",
    columns={"SNP": "variant_id", "A1": "allele_1", "A2": "allele_2"},
    header=("CHR", "SNP", "CM", "BP", "A1", "A2"),
    # PLINK 1.9 makes the minor allele of the samples at hand A1, whatever the .bim says, unless --keep-allele-order.
    tells_effect_allele=False,
    how="it is part of the genotypes that were analysed",
)

PLINK_ASSOC = Dialect(
    name="plink_assoc",
    title="PLINK 1.9 --assoc or --model of a disease (.assoc, .assoc.fisher)",
    columns={
        "CHR": "chromosome",
        "SNP": "variant_id",
        "BP": "base_pair_location",
        "A1": "effect_allele",
        "A2": "other_allele",
        "F_U": "effect_allele_frequency",  # of the controls; that of all is nowhere
        "OR": "odds_ratio",
        "SE": "standard_error",  # of ln OR; with --ci only
        "L95": "ci_lower",
        "U95": "ci_upper",
        "P": "p_value",
    },
    signature=words("CHR SNP BP A1 F_A F_U A2 P OR", "CHR SNP BP A1 C_A C_U A2 P OR"),
    effect_allele_rule=f"{_TESTED}; its odds ratio is against A2",
    effect_scale="odds ratio",
    side_files=(_FREQUENCIES,),
    tests_minor_allele=True,
    source="https://www.cog-genomics.org/plink/1.9/formats#assoc",
)

PLINK_QASSOC = Dialect(
    name="plink_qassoc",
    title="PLINK 1.9 --assoc of a quantitative trait (.qassoc, with its .frq)",
    columns={
        "CHR": "chromosome",
        "SNP": "variant_id",
        "BP": "base_pair_location",
        "NMISS": "n",  # the number of those that are not missing
        "BETA": "beta",
        "SE": "standard_error",
        "P": "p_value",
    },
    signature=words("CHR SNP BP NMISS BETA SE R2 T P"),
    effect_allele_rule="the file names no allele; the one counted is A1 of the .frq that the same command writes",
    effect_scale="units of the trait",
    side_files=(_FREQUENCIES, _VARIANTS),
    tests_minor_allele=True,
    source="https://www.cog-genomics.org/plink/1.9/formats#qassoc",
)

PLINK_LINEAR = Dialect(
    name="plink_linear",
    title="PLINK 1.9 --linear (.assoc.linear, with its .frq or .bim)",
    columns={
        "CHR": "chromosome",
        "SNP": "variant_id",
        "BP": "base_pair_location",
        "A1": "effect_allele",
        "A2": "other_allele",
        "NMISS": "n",
        "BETA": "beta",
        "SE": "standard_error",  # with --ci only
        "L95": "ci_lower",
        "U95": "ci_upper",
        "P": "p_value",
    },
    signature=words("CHR SNP BP A1 TEST NMISS BETA STAT P"),
    effect_allele_rule=_TESTED,
    keep_rows=_ADDITIVE,
    derived=(Derived("standard_error", "ratio", ("BETA", "STAT")),),
    side_files=(_FREQUENCIES, _VARIANTS),
    tests_minor_allele=True,
    source="https://www.cog-genomics.org/plink/1.9/formats#assoc_linear",
)

PLINK_LOGISTIC = Dialect(
    name="plink_logistic",
    title="PLINK 1.9 --logistic (.assoc.logistic, with its .frq or .bim)",
    columns={
        "CHR": "chromosome",
        "SNP": "variant_id",
        "BP": "base_pair_location",
        "A1": "effect_allele",
        "A2": "other_allele",
        "NMISS": "n",
        "OR": "odds_ratio",
        "SE": "standard_error",  # of ln OR; with --ci only
        "L95": "ci_lower",
        "U95": "ci_upper",
        "P": "p_value",
    },
    signature=words("CHR SNP BP A1 TEST NMISS OR STAT P"),
    effect_allele_rule=_TESTED,
    effect_scale="odds ratio",
    keep_rows=_ADDITIVE,
    derived=(Derived("standard_error", "log_ratio", ("OR", "STAT")),),
    side_files=(_FREQUENCIES, _VARIANTS),
    tests_minor_allele=True,
    source="https://www.cog-genomics.org/plink/1.9/formats#assoc_linear",
)

PLINK_META = Dialect(
    name="plink_meta",
    title="PLINK 1.9 --meta-analysis (.meta)",
    columns={
        "CHR": "chromosome",
        "SNP": "variant_id",
        "BP": "base_pair_location",
        "A1": "effect_allele",
        "A2": "other_allele",
        "OR": "odds_ratio",
        "BETA": "beta",
        "P": "p_value",  # of fixed effects, as are OR and BETA; N is left out: it counts studies
    },
    signature=words("SNP A1 A2 P P(R) OR OR(R)", "SNP A1 A2 P P(R) BETA BETA(R)"),
    effect_allele_rule="A1 is the allele to which PLINK turns every study's effect",
    source="https://www.cog-genomics.org/plink/1.9/formats#meta",
)

PLINK2 = Dialect(
    name="plink2",
    title="PLINK 2 --glm (.glm.linear, .glm.logistic, .glm.logistic.hybrid, .glm.firth)",
    columns={
        "#CHROM": "chromosome",
        "CHROM": "chromosome",
        "POS": "base_pair_location",
        "ID": "variant_id",
        "A1": "effect_allele",
        "OMITTED": "other_allele",
        "AX": "other_allele",
        "A1_FREQ": "effect_allele_frequency",
        "BETA": "beta",
        "SE": "standard_error",
        "OR": "odds_ratio",
        "LOG(OR)_SE": "standard_error",
        "L95": "ci_lower",
        "U95": "ci_upper",
        "T_STAT": "z",
        "Z_STAT": "z",
        "T_OR_F_STAT": "z",  # an F only in rows that keep_rows leaves out
        "Z_OR_F_STAT": "z",
        "P": "p_value",
        "NEG_LOG10_P": "neg_log_10_p_value",
        "LOG10_P": "neg_log_10_p_value",  # older builds; the minus is missing in the name only
        "OBS_CT": "n",
        "MACH_R2": "info",
    },
    signature=words("ID A1 OBS_CT", "ID A1 ERRCODE"),  # of the rest, cols= leaves little for sure
    effect_allele_rule="A1 is the allele whose copies PLINK 2 counts; it need not be ALT",
    effect_scale="units of the trait; odds ratio (OR) or log odds (BETA) for a disease",
    keep_rows=_ADDITIVE,
    other_allele_of=("REF", "ALT"),  # A1 need not be ALT
    tests_minor_allele=True,
    source="https://www.cog-genomics.org/plink/2.0/formats#glm_linear",
)
