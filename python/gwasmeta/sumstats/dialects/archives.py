"""What archives of summary statistics hand out: the GWAS Catalog, FinnGen, UK Biobank, OpenGWAS."""

from __future__ import annotations

from gwasmeta.sumstats.dialects.declaration import Derived, Dialect, RowSelector, words
from gwasmeta.sumstats.vocabulary import COLUMNS

SSF = Dialect(
    name="ssf",
    title="GWAS-SSF, the format of the GWAS Catalog",
    columns={
        "rsid": "variant_id",  # before variant_id, chr_pos_ref_alt in the Catalog's files: other tools give rsids
        **{name: name for name in COLUMNS},
        "hazard_ratio": "odds_ratio",  # both are the exponential of an effect that adds up
        "z-score": "z",
    },
    signature=words(
        "chromosome base_pair_location effect_allele other_allele", "variant_id effect_allele other_allele"
    ),
    effect_allele_rule="the column says so: effect_allele",
    effect_scale="units of the trait, log odds (beta), odds ratio or hazard ratio, as the column is called",
    derived=(Derived("variant_id", "first_given", ("rsid", "variant_id"), instead=True),),
    source="https://github.com/EBISPOT/gwas-summary-statistics-standard",
)

_HARMONISED = "hm_rsid hm_chrom hm_pos hm_other_allele hm_effect_allele"

HARMONISED = Dialect(
    name="gwas_catalog_harmonised",
    title="GWAS Catalog, harmonised before GWAS-SSF (.h.tsv)",
    columns={
        "hm_rsid": "variant_id",
        "hm_chrom": "chromosome",
        "hm_pos": "base_pair_location",
        "hm_effect_allele": "effect_allele",
        "hm_other_allele": "other_allele",
        "hm_effect_allele_frequency": "effect_allele_frequency",
        "hm_odds_ratio": "odds_ratio",
        "hm_ci_lower": "ci_lower",
        "hm_ci_upper": "ci_upper",
        "standard_error": "standard_error",
        "p_value": "p_value",
        "n": "n",
    },
    signature=words(  # with those of GWAS-SSF, that the columns without hm_ may have
        _HARMONISED,
        f"{_HARMONISED} variant_id effect_allele other_allele",
        f"{_HARMONISED} chromosome base_pair_location effect_allele other_allele",
        f"{_HARMONISED} chromosome base_pair_location effect_allele other_allele variant_id",
    ),
    effect_allele_rule="the hm_ columns give the effects of hm_effect_allele; the others are as they were submitted",
    effect_scale="units of the trait or log odds (hm_beta), or odds ratio (hm_odds_ratio), row by row",
    derived=(
        Derived("variant_id", "first_given", ("hm_rsid", "hm_variant_id"), instead=True),
        Derived("beta", "beta_or_log_odds", ("hm_beta", "hm_odds_ratio")),
        Derived(
            "standard_error",
            "error_or_interval",
            ("standard_error", "hm_ci_lower", "hm_ci_upper", "hm_odds_ratio"),
            instead=True,
        ),
        Derived("standard_error", "interval", ("hm_ci_lower", "hm_ci_upper", "hm_odds_ratio")),
    ),
    build="GRCh38",
    source="https://www.ebi.ac.uk/gwas/docs/methods/summary-statistics",
)

FINNGEN = Dialect(
    name="finngen",
    title="FinnGen",
    columns={
        "rsids": "variant_id",
        "#chrom": "chromosome",
        "chrom": "chromosome",
        "pos": "base_pair_location",
        "alt": "effect_allele",
        "ref": "other_allele",
        "af_alt": "effect_allele_frequency",
        "maf": "effect_allele_frequency",  # of alt all the same, up to release 5
        "beta": "beta",
        "sebeta": "standard_error",
        "mlogp": "neg_log_10_p_value",
        "pval": "p_value",
    },
    signature=words("pos ref alt rsids pval beta sebeta af_alt", "pos ref alt rsids pval beta sebeta maf"),
    effect_allele_rule="alt is the effect allele, says FinnGen's documentation",
    effect_scale="log odds for an endpoint",
    derived=(Derived("variant_id", "first_of_list", ("rsids",), instead=True),),
    build="GRCh38",
    source="https://finngen.gitbook.io/documentation/data-description",
)

UKB_NEALE = Dialect(
    name="ukb_neale",
    title="UK Biobank of the Neale lab (imputed v3)",
    columns={
        "variant": "variant_id",
        "beta": "beta",
        "se": "standard_error",
        "tstat": "z",
        "pval": "p_value",
        "n_complete_samples": "n",
    },
    signature=words("variant minor_allele minor_AF low_confidence_variant n_complete_samples beta se tstat pval"),
    effect_allele_rule="variant is chromosome:position:reference:alternate; the alternate allele is the effect allele",
    effect_scale="units of the trait; for a disease, of the 0/1 trait, not log odds",
    keep_rows=(
        RowSelector(
            "low_confidence_variant",
            ("true",),
            "differ",
            "low_confidence_variant",
            "the release marks it as unreliable, for its minor allele count",
        ),
    ),
    derived=(
        Derived("chromosome", "part", ("variant",), "0"),
        Derived("base_pair_location", "number_part", ("variant",), "1"),
        Derived("other_allele", "part", ("variant",), "2"),
        Derived("effect_allele", "part", ("variant",), "3"),
        Derived("effect_allele_frequency", "frequency_of_minor", ("effect_allele", "minor_allele", "minor_AF")),
    ),
    build="GRCh37",
    source="https://github.com/Nealelab/UK_Biobank_GWAS",
)

GWAS_VCF = Dialect(
    name="gwas_vcf",
    title="GWAS-VCF (OpenGWAS; VCF or BCF, read with pysam)",
    columns={
        "CHROM": "chromosome",
        "POS": "base_pair_location",
        "ID": "variant_id",
        "REF": "other_allele",
        "ALT": "effect_allele",
        "ES": "beta",
        "SE": "standard_error",
        "LP": "neg_log_10_p_value",
        "AF": "effect_allele_frequency",
        "NS": "n",
        "NC": "n_cases",
        "EZ": "z",
        "SI": "info",
    },
    signature=words("CHROM POS REF ALT ES SE LP", "CHROM POS REF ALT EZ"),
    effect_allele_rule="ALT is the effect allele, says the specification",
    source="https://github.com/MRCIEU/gwas-vcf-specification",
)
