"""How each tool names its columns: one declaration a tool, no code.

A new tool is a new entry in `DIALECTS`; `gwasmeta.sumstats.header` finds the entry that a header belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gwasmeta.sumstats.vocabulary import COLUMNS


@dataclass(frozen=True)
class Dialect:
    """The header of one tool in words of the vocabulary.

    Parameters
    ----------
    name : str
        What a user writes after ``--dialect``.
    title : str
        The tool and the file, in one line.
    columns : mapping of str to str
        The tool's header word -> the canonical column. Where several words of a header mean the same column,
        the one declared first is read.
    signature : tuple of frozenset of str
        Alternatives; a header that has all words of one of them is recognised.
    source : str
        URL of the documentation of the format.
    missing_codes : mapping of str to tuple of float, optional
        Canonical column, or ``"*"`` for all of them -> numbers that mean "missing" there. The text markers
        (NA, ., nan, #NA, nothing) are missing in every dialect and not listed.
    keep_rows : tuple of (str, str), optional
        A header word and the value that a row needs there to be about the variant, such as ("TEST", "ADD").
    other_allele_of : tuple of (str, str), optional
        Two header words; where no column names the other allele, it is the one of theirs that is not the
        effect allele.
    case_sensitive : bool
        Whether words of the header must be spelled exactly as declared.
    nothing_else : bool
        Whether a header with any further word is not recognised: for a signature of words so common that
        other tools use them with another meaning.

    Raises
    ------
    ValueError
        If a column is mapped to a name outside the vocabulary: a slip of the programmer.
    """

    name: str
    title: str
    columns: Mapping[str, str]
    signature: tuple[frozenset[str], ...]
    source: str
    missing_codes: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    keep_rows: tuple[str, str] | None = None
    other_allele_of: tuple[str, str] | None = None
    case_sensitive: bool = False
    nothing_else: bool = False

    def __post_init__(self) -> None:
        unknown = (set(self.columns.values()) | set(self.missing_codes)) - set(COLUMNS) - {"*"}
        if unknown:
            raise ValueError(f"dialect {self.name}: {sorted(unknown)} are not in the vocabulary")


def _words(*alternatives: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(alternative.split()) for alternative in alternatives)


_GWAMA = Dialect(
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
        "INFO": "info",  # nor this one, but it is what people filter by
    },
    signature=_words("MARKERNAME EA NEA"),
    source="https://www.geenivaramu.ee/en/tools/gwama",
)

_GWAMA_OUT = Dialect(
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
    signature=_words("rs_number reference_allele other_allele"),
    # Not for all columns: an effect, or a z, of -9 would be real.
    missing_codes={"effect_allele_frequency": (-9.0,), "n": (-9.0,), "base_pair_location": (-9.0,)},
    source="https://www.geenivaramu.ee/en/tools/gwama",
)

_METAL = Dialect(
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
    signature=_words("MARKER ALLELE1 ALLELE2 EFFECT"),
    source="https://genome.sph.umich.edu/wiki/METAL_Documentation",
)

_METAL_OUT = Dialect(
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
    signature=_words("MarkerName Allele1 Allele2 Effect StdErr", "MarkerName Allele1 Allele2 Zscore"),
    source="https://genome.sph.umich.edu/wiki/METAL_Documentation",
)

_MTAG = Dialect(
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
        "n": "n",
        "info": "info",
    },
    signature=_words("snpid a1 a2"),
    source="https://github.com/JonJala/mtag/wiki/Tutorial-1:-The-Basics",
)

_MTAG_OUT = Dialect(
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
    signature=_words("SNP A1 A2 mtag_beta mtag_se"),
    source="https://github.com/JonJala/mtag/wiki/Tutorial-1:-The-Basics",
)

_SSF = Dialect(
    name="ssf",
    title="GWAS-SSF, the format of the GWAS Catalog",
    columns={
        "rsid": "variant_id",  # before variant_id, chr_pos_ref_alt in the Catalog's files: other tools give rsids
        **{name: name for name in COLUMNS},
        "hazard_ratio": "odds_ratio",  # both are the exponential of an effect that adds up
        "z-score": "z",
    },
    signature=_words(
        "chromosome base_pair_location effect_allele other_allele", "variant_id effect_allele other_allele"
    ),
    source="https://github.com/EBISPOT/gwas-summary-statistics-standard",
)

_LDSC = Dialect(
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
    signature=_words("SNP A1 A2 Z N"),
    nothing_else=True,  # other tools write these five among more, some with A2 as the effect allele
    source="https://github.com/bulik/ldsc/wiki/Summary-Statistics-File-Format",
)

_PLINK2 = Dialect(
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
    signature=_words("ID A1 OBS_CT", "ID A1 ERRCODE"),  # of the rest, cols= leaves little for sure
    keep_rows=("TEST", "ADD"),
    other_allele_of=("REF", "ALT"),  # A1 need not be ALT
    source="https://www.cog-genomics.org/plink/2.0/formats#glm_linear",
)

_REGENIE = Dialect(
    name="regenie",
    title="REGENIE step 2",
    columns={
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
        "BETA": "beta",
        "SE": "standard_error",
        "LOG10P": "neg_log_10_p_value",  # the minus is missing in the name only
    },
    # Without LOG10P the words are nearly BOLT-LMM's, whose GENPOS is a genetic position.
    signature=_words("GENPOS ID ALLELE0 ALLELE1 LOG10P"),
    keep_rows=("TEST", "ADD"),
    source="https://rgcgithub.github.io/regenie/options/#output",
)

DIALECTS: tuple[Dialect, ...] = (
    _GWAMA,
    _GWAMA_OUT,
    _METAL,
    _METAL_OUT,
    _MTAG,
    _MTAG_OUT,
    _SSF,
    _LDSC,
    _PLINK2,
    _REGENIE,
)
