"""Input and results of programs that combine studies or traits."""

from __future__ import annotations

from gwasmeta.sumstats.dialects.declaration import Dialect, words

GWAMA = Dialect(
    name="gwama",
    title="input of GWAMA and MR-MEGA",
    columns={
        "MARKERNAME": "variant_id",
        "EA": "effect_allele",
        "NEA": "other_allele",
        "EAF": "effect_allele_frequency",
        "BETA": "beta",
        "SE": "standard_error",
        "OR": "odds_ratio",
        "OR_95L": "ci_lower",
        "OR_95U": "ci_upper",
        "N": "n",
        "STRAND": "strand",
        "IMPUTED": "imputed",
        "CHROMOSOME": "chromosome",  # the names of MR-MEGA, then the usual ones; GWAMA reads neither
        "CHR": "chromosome",
        "POSITION": "base_pair_location",
        "POS": "base_pair_location",
        "INFO": "info",  # nor these, but people filter by the one and compare with the other
        "P": "p_value",
    },
    signature=words("MARKERNAME EA NEA"),
    effect_allele_rule="EA is the effect allele and NEA the other, says GWAMA's manual",
    effect_scale="units of the trait (BETA) or odds ratio (OR)",
    source="https://www.geenivaramu.ee/en/tools/gwama",
)

GWAMA_OUT = Dialect(
    name="gwama_out",
    title="result of GWAMA (.out)",
    columns={
        "rs_number": "variant_id",
        "chromosome": "chromosome",
        "position": "base_pair_location",
        "reference_allele": "effect_allele",  # not the reference genome's: GWAMA's reference is the effect's
        "other_allele": "other_allele",
        "eaf": "effect_allele_frequency",
        "beta": "beta",
        "se": "standard_error",
        "beta_95L": "ci_lower",
        "beta_95U": "ci_upper",
        "OR": "odds_ratio",  # OR_se is left out: it is on the scale of the odds ratio
        "OR_95L": "ci_lower",
        "OR_95U": "ci_upper",
        "z": "z",
        "p-value": "p_value",
        "_-log10_p-value": "neg_log_10_p_value",
        "n_samples": "n",
    },
    signature=words("rs_number reference_allele other_allele"),
    effect_allele_rule="GWAMA calls the effect allele reference_allele; it is not that of the reference genome",
    effect_scale="units of the trait (beta) or odds ratio (OR)",
    # Not for all columns: an effect, or a z, of -9 would be real.
    missing_codes={"effect_allele_frequency": (-9.0,), "n": (-9.0,), "base_pair_location": (-9.0,)},
    source="https://www.geenivaramu.ee/en/tools/gwama",
)

METAL = Dialect(
    name="metal",
    title="input of METAL under its default labels",
    columns={
        "MARKER": "variant_id",
        "ALLELE1": "effect_allele",
        "ALLELE2": "other_allele",
        "EFFECT": "beta",
        "STDERR": "standard_error",
        "PVALUE": "p_value",
        "N": "n",
        "FREQ": "effect_allele_frequency",
        "STRAND": "strand",
        "CHROMOSOME": "chromosome",
        "POSITION": "base_pair_location",
        "INFO": "info",  # no label of METAL's, but it is what people filter by
    },
    # EFFECT belongs to it: MARKER and two numbered alleles alone do not say whose effect the file gives.
    signature=words("MARKER ALLELE1 ALLELE2 EFFECT"),
    effect_allele_rule="METAL takes the first allele label as the effect allele; FREQ is its frequency",
    source="https://genome.sph.umich.edu/wiki/METAL_Documentation",
)

METAL_OUT = Dialect(
    name="metal_out",
    title="result of METAL (.TBL)",
    columns={
        "MarkerName": "variant_id",
        "Chromosome": "chromosome",
        "Position": "base_pair_location",
        "Allele1": "effect_allele",
        "Allele2": "other_allele",
        "Freq1": "effect_allele_frequency",
        "Effect": "beta",
        "StdErr": "standard_error",
        "Zscore": "z",
        "P-value": "p_value",
        "log(P)": "log_10_p_value",
        "TotalN": "n",  # what people call the sum of sample sizes that METAL has them ask for
        "TotalSampleSize": "n",
        "N": "n",  # under OVERLAP ON the effective number; Weight is then the plain sum
        "Weight": "n",
        # Direction has a sign per study: its first character is not the sign of the combined effect.
    },
    signature=words("MarkerName Allele1 Allele2 Effect StdErr", "MarkerName Allele1 Allele2 Zscore"),
    effect_allele_rule="METAL gives effects, z and Freq1 for Allele1",
    source="https://genome.sph.umich.edu/wiki/METAL_Documentation",
)

MR_MEGA_OUT = Dialect(
    name="mr_mega_out",
    title="result of MR-MEGA (.result): the effect at the average of the axes of ancestry",
    columns={
        "MarkerName": "variant_id",
        "Chromosome": "chromosome",
        "Position": "base_pair_location",
        "EA": "effect_allele",
        "NEA": "other_allele",
        "EAF": "effect_allele_frequency",
        "Nsample": "n",
        "beta_0": "beta",
        "se_0": "standard_error",
        # P-value_association is left out: it tests all coefficients together, and has no sign
    },
    signature=words("MarkerName EA NEA beta_0 se_0 P-value_association"),
    effect_allele_rule="EA is the effect allele, to which MR-MEGA turns every study",
    effect_scale="units of the trait or log odds, at the point 0 of the axes of genetic variation",
    source="https://genomics.ut.ee/en/tools",
)

MTAG = Dialect(
    name="mtag",
    title="input of MTAG",
    columns={
        "snpid": "variant_id",
        "chr": "chromosome",
        "bpos": "base_pair_location",
        "a1": "effect_allele",
        "a2": "other_allele",
        "freq": "effect_allele_frequency",
        "beta": "beta",
        "se": "standard_error",
        "z": "z",
        "pval": "p_value",
        "p": "p_value",  # MTAG's default
        "n": "n",
        "info": "info",
    },
    signature=words("snpid a1 a2"),
    effect_allele_rule="a1 is the effect allele, says MTAG's tutorial; freq is its frequency",
    source="https://github.com/JonJala/mtag/wiki/Tutorial-1:-The-Basics",
)

MTAG_OUT = Dialect(
    name="mtag_out",
    title="result of MTAG (_trait_1.txt, _mtag_meta.txt)",
    columns={
        "SNP": "variant_id",
        "CHR": "chromosome",
        "BP": "base_pair_location",
        "A1": "effect_allele",
        "A2": "other_allele",
        "mtag_beta": "beta",
        "mtag_se": "standard_error",
        "mtag_z": "z",  # Z is left out: it is that of the input
        "mtag_pval": "p_value",
        "FRQ": "effect_allele_frequency",
        "freq": "effect_allele_frequency",
        "meta_freq": "effect_allele_frequency",
        "N": "n",
    },
    signature=words("SNP A1 A2 mtag_beta mtag_se"),
    effect_allele_rule="MTAG keeps A1 of its input, the effect allele, as A1",
    source="https://github.com/JonJala/mtag/wiki/Tutorial-1:-The-Basics",
)

LDSC = Dialect(
    name="ldsc",
    title="LD score regression (.sumstats)",
    columns={
        "SNP": "variant_id",
        "A1": "effect_allele",
        "A2": "other_allele",
        "Z": "z",
        "N": "n",
        "FRQ": "effect_allele_frequency",
    },
    signature=words("SNP A1 A2 Z N"),
    effect_allele_rule="Z is that of A1, says LDSC's description of the format",
    effect_scale="no effect size: z only",
    nothing_else=True,  # other tools write these five among more, some with A2 as the effect allele
    source="https://github.com/bulik/ldsc/wiki/Summary-Statistics-File-Format",
)

DANER = Dialect(
    name="daner",
    title="Ricopili (daner): numbers of cases and controls in the header",
    columns={
        "SNP": "variant_id",
        "CHR": "chromosome",
        "BP": "base_pair_location",
        "A1": "effect_allele",
        "A2": "other_allele",
        "FRQ_U_{number}": "effect_allele_frequency",  # of the controls, as in FRQ_A_{number} of the cases
        "INFO": "info",
        "OR": "odds_ratio",
        "SE": "standard_error",  # of ln OR
        "P": "p_value",
        "Nca": "n_cases",  # of the row, where studies were combined
        "Nco": "n_controls",
    },
    signature=words("SNP A1 A2 FRQ_A_{number} FRQ_U_{number} OR SE P"),
    effect_allele_rule="OR, FRQ_A and FRQ_U are those of A1",
    effect_scale="odds ratio",
    header_numbers={"n_cases": "FRQ_A_{number}", "n_controls": "FRQ_U_{number}"},
    source="https://github.com/Nealelab/ricopili/wiki",
)
