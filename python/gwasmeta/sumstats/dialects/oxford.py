"""What SNPTEST, META and BGENIE write: the second allele is the effect allele."""

from __future__ import annotations

from gwasmeta.sumstats.dialects.declaration import Derived, Dialect, words

_FREQUENCY = "frequency_from_genotype_counts"

SNPTEST = Dialect(
    name="snptest",
    title="SNPTEST 2 (frequentist additive test, of a quantitative trait or a disease)",
    columns={
        "rsid": "variant_id",
        "chromosome": "chromosome",
        "position": "base_pair_location",
        "pos": "base_pair_location",
        "alleleB": "effect_allele",
        "alleleA": "other_allele",
        "allele_B": "effect_allele",
        "allele_A": "other_allele",
        "info": "info",
        "all_total": "n",
        "cases_total": "n_cases",
        "controls_total": "n_controls",
        "frequentist_add_beta_1": "beta",
        "frequentist_add_beta_1:{trait}": "beta",  # -method newml names the level of the phenotype
        "frequentist_add_{trait}_beta_1": "beta",
        "frequentist_add_se_1": "standard_error",
        "frequentist_add_se_1:{trait}": "standard_error",
        "frequentist_add_{trait}_se_1": "standard_error",
        "frequentist_add_pvalue": "p_value",
        "frequentist_add_lrt_pvalue": "p_value",
        "frequentist_add_wald_pvalue_1": "p_value",
        "frequentist_add_{trait}_pvalue": "p_value",
    },
    signature=words(
        "rsid alleleA alleleB frequentist_add_beta_1",
        "rsid alleleA alleleB frequentist_add_beta_1:{trait}",
        "rsid alleleA alleleB frequentist_add_{trait}_beta_1",
        "rsid allele_A allele_B frequentist_add_beta_1",
    ),
    effect_allele_rule="SNPTEST codes alleleA as 0 and alleleB as 1: effects are per copy of alleleB",
    # all_maf is left out: it is that of the minor allele, whichever it is
    derived=(Derived("effect_allele_frequency", _FREQUENCY, ("all_AA", "all_AB", "all_BB")),),
    source="https://www.chg.ox.ac.uk/~gav/snptest/",
)

META = Dialect(
    name="meta",
    title="input or result of META (Liu and Marchini)",
    columns={
        "rsid": "variant_id",
        "chr": "chromosome",
        "pos": "base_pair_location",
        "allele_B": "effect_allele",
        "allele_A": "other_allele",
        "coded_af": "effect_allele_frequency",
        "beta": "beta",
        "se": "standard_error",
        "P_value": "p_value",
        "info": "info",
        "n": "n",
    },
    signature=words("rsid pos allele_A allele_B P_value beta se"),
    effect_allele_rule="allele_B is the coded allele, as META calls it",
    source="https://mathgen.stats.ox.ac.uk/genetics_software/meta/meta.html",
)

BGENIE = Dialect(
    name="bgenie",
    title="BGENIE (several phenotypes beside each other)",
    columns={
        "rsid": "variant_id",
        "chr": "chromosome",
        "pos": "base_pair_location",
        "a_1": "effect_allele",
        "a_0": "other_allele",
        "af": "effect_allele_frequency",
        "info": "info",
        "{trait}_beta": "beta",
        "{trait}_se": "standard_error",
        "{trait}_t": "z",
        "{trait}-log10p": "neg_log_10_p_value",
    },
    signature=words("rsid pos a_0 a_1 af {trait}_beta {trait}_se"),
    effect_allele_rule="BGENIE codes a_0 as 0 and a_1 as 1: effects are per copy of a_1, the second allele",
    effect_scale="units of the trait",
    source="https://jmarchini.org/bgenie",
)
