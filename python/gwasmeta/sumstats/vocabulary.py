"""The names of columns inside gwasmeta: those of the GWAS-SSF standard, and a few where it has no word.

A dialect translates a tool's header into these names; nothing behind the reader knows any other.
"""

from __future__ import annotations

TEXT_COLUMNS: dict[str, str] = {
    "variant_id": "name of the variant, an rsid or any other",
    "chromosome": "chromosome, as written",
    "effect_allele": "the allele whose effect `beta` is",
    "other_allele": "the other allele",
    "strand": "'-' where the alleles are those of the reverse strand",
    "effect_direction": "sign of the effect, where a file has no effect size: its first character",
}

NUMBER_COLUMNS: dict[str, str] = {
    "base_pair_location": "position on the chromosome, counted from 1",
    "beta": "effect per copy of the effect allele; log odds for a disease",
    "standard_error": "standard error of `beta`, also where the effect is given as an odds ratio",
    "odds_ratio": "exp(beta)",
    "ci_lower": "lower bound of the 95 % confidence interval, on the scale of the effect",
    "ci_upper": "upper bound of the 95 % confidence interval, on the scale of the effect",
    "effect_allele_frequency": "frequency of the effect allele in the study",
    "p_value": "two-sided p-value; kept as its logarithm from the text on, so that none underflows",
    "neg_log_10_p_value": "minus the decimal logarithm of the p-value",
    "log_10_p_value": "decimal logarithm of the p-value, negative (METAL's LOGPVALUE)",
    "z": "effect divided by its standard error",
    "n": "number of samples behind this row",
    "n_cases": "number of cases behind this row",
    "n_controls": "number of controls behind this row",
    "info": "imputation quality",
    "imputed": "1 where the genotype was imputed, 0 where it was typed",
}

# Positions are held in 32 bits; the longest chromosome known (of a lungfish) has a fifth of this many bases.
LONGEST_CHROMOSOME = 2**31

COLUMNS: dict[str, str] = TEXT_COLUMNS | NUMBER_COLUMNS


def canonical_chromosome(name: str) -> str:
    """Return the usual name: no `chr`, no leading zero, X, Y and MT for 23, 24 and 25 or 26; empty for none."""
    short = name.upper().removeprefix("CHR").lstrip("0")
    if short in {"", ".", "NA", "NAN"}:
        return ""
    return {"23": "X", "24": "Y", "25": "MT", "26": "MT", "M": "MT"}.get(short, short)
