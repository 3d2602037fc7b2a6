"""Words that name a column whatever tool wrote them, for headers of no dialect.

Only words that cannot mean anything else are here: not A1, not REF and ALT, not MAF or FRQ (of which allele?).
They are compared by their letters and digits alone, in any case.
"""

from __future__ import annotations

SYNONYMS: dict[str, str] = {
    "variant_id": "snp rsid rs snpid markername marker variantid variant id rsnumber rsids",
    "chromosome": "chr chrom chromosome",
    "base_pair_location": "bp pos position basepairlocation basepair bppos",
    "effect_allele": "effectallele ea effallele codedallele testedallele testallele",
    "other_allele": "otherallele nea oa noneffectallele noncodedallele noneffallele",
    "effect_allele_frequency": "eaf effectallelefrequency effectallelefreq freqeffectallele codedallelefrequency"
    " codedallelefreq effallelefreq",
    "beta": "beta b effect effectsize logor logodds lnor",
    "standard_error": "se stderr standarderror sebeta betase stderror",
    "odds_ratio": "or oddsratio",
    "ci_lower": "or95l l95 l95ci cilower lower95 ci95l orl95",
    "ci_upper": "or95u u95 u95ci ciupper upper95 ci95u oru95",
    "p_value": "p pval pvalue",
    "z": "z zscore zstat zstatistic",
    "n": "n ntotal totaln samplesize nsamples totalsamplesize",
    "n_cases": "ncases ncase ncas nca",
    "n_controls": "ncontrols ncontrol ncon nctrl nco",
    "info": "info infoscore imputationinfo imputationquality",
    "strand": "strand",
    "imputed": "imputed",
}

# Decimal logarithms of p-values, whose sign only the numbers tell.
LOGARITHMS_OF_P_VALUES = "log10p log10pvalue log10pval mlog10p mlogp neglog10p neglog10pvalue neglog10pval minuslog10p"

# Pairs of which one is the other allele, where a column names the effect allele.
ALLELE_PAIRS = (("a1", "a2"), ("allele1", "allele2"), ("a0", "a1"), ("allele0", "allele1"), ("ref", "alt"))
