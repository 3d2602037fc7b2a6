"""The words of a header that LDSC's munge_sumstats.py knows, and its options that name others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.dialects import Dialect

# A1 is the allele that the effect is about. Upper case, underscores also standing for hyphens and points.
_KNOWN = {
    "variant_id": ("SNP", "MARKERNAME", "SNPID", "RS", "RSID", "RS_NUMBER", "RS_NUMBERS"),
    "effect_allele": ("A1", "ALLELE1", "ALLELE_1", "EFFECT_ALLELE", "REFERENCE_ALLELE", "INC_ALLELE", "EA"),
    "other_allele": ("A2", "ALLELE2", "ALLELE_2", "OTHER_ALLELE", "NON_EFFECT_ALLELE", "DEC_ALLELE", "NEA"),
    "p_value": ("P", "PVALUE", "P_VALUE", "PVAL", "P_VAL", "GC_PVALUE"),
    "n": ("N", "WEIGHT"),
    "n_cases": ("N_CASES", "NCASE", "CASES_N", "N_CASE", "N_CAS"),
    "n_controls": ("N_CONTROLS", "N_CON", "NCONTROL", "CONTROLS_N", "N_CONTROL"),
    "z": ("Z", "ZSCORE", "Z_SCORE", "GC_ZSCORE"),
    "odds_ratio": ("OR",),
    "beta": ("BETA", "B", "LOG_ODDS", "EFFECT", "EFFECTS"),
    "effect_direction": ("SIGNED_SUMSTAT",),
    "info": ("INFO",),
    "effect_allele_frequency": ("EAF", "FRQ", "MAF", "FRQ_U", "F_U"),
}
_SAMPLES = ("n", "n_cases", "n_controls")


def ldsc_dialect(ignored: Iterable[str] = (), *, without_samples: bool = False) -> Dialect:
    """Return the header's words that munge_sumstats.py knows, as a dialect.

    Parameters
    ----------
    ignored : iterable of str
        Words that are to have no meaning.
    without_samples : bool
        Give no meaning to the words for numbers of samples, for a number that is to be used in their place.
    """
    left_out = {word.upper() for word in ignored}
    columns = {
        spelling: column
        for column, words in _KNOWN.items()
        if not (without_samples and column in _SAMPLES)
        for word in words
        for spelling in _spellings(word)
        if spelling not in left_out
    }
    return Dialect(
        name="munge_sumstats",
        title="the words that LDSC's munge_sumstats.py knows",
        columns=columns,
        signature=(),
        source="https://github.com/bulik/ldsc/wiki/Summary-Statistics-File-Format",
    )


def signed_statistic(text: str) -> dict[str, str]:
    """Return the column that WORD,NULL of --signed-sumstats names.

    Raises
    ------
    GwasmetaError
        If it is not of this form, or the value without effect is neither 0 nor 1.
    """
    word, _, null = text.rpartition(",")
    try:
        without_effect = float(null)
    except ValueError:
        without_effect = -1.0
    if not word or without_effect not in (0.0, 1.0):
        raise GwasmetaError(
            f"--signed-sumstats {text}: write the column and its value without effect, such as BETA,0 or OR,1"
        )
    if without_effect == 1:
        return {"odds_ratio": word}
    return {"z" if word.upper().replace("-", "_") in _KNOWN["z"] else "beta": word}


def _spellings(word: str) -> Iterator[str]:
    yield word
    for separator in "-.":
        if "_" in word:
            yield word.replace("_", separator)
