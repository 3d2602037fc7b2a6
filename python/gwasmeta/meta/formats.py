"""The shapes in which a result is written: gwasmeta's own, GWAS-SSF, GWAMA's and METAL's, as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gwasmeta.errors import GwasmetaError
from gwasmeta.meta.columns import Column
from gwasmeta.sumstats.table_format import Format, OutputColumn, numbers_of, words_of, written_columns
from gwasmeta.sumstats.table_text import Fixed, PValue, Significant
from gwasmeta.sumstats.words import Words

__all__ = ["FORMATS", "Format", "OutputColumn", "chosen_format", "output_columns", "written_columns"]

_SHORT = Significant(6)
_INTEGER = Significant(15)
_P_VALUE = PValue(4)


def _derive_ssf(values: Mapping[str, Column]) -> dict[str, Column]:
    """GWAS-SSF writes chromosomes X, Y and MT as 23, 24 and 25."""
    names = {"X": "23", "Y": "24", "MT": "25"}
    chromosomes = words_of(values["chromosome"]).to_list()
    return {"chromosome_ssf": Words.of([names.get(name, name) for name in chromosomes])}


def _derive_gwama(values: Mapping[str, Column]) -> dict[str, Column]:
    if "beta" not in values:
        return {}
    beta, half_width = numbers_of(values["beta"]), 1.96 * numbers_of(values["standard_error"])
    return {"beta_95L": beta - half_width, "beta_95U": beta + half_width}


def _derive_metal(values: Mapping[str, Column]) -> dict[str, Column]:
    derived: dict[str, Column] = {
        "effect_allele_lower": words_of(values["effect_allele"]).lower_case(),
        "other_allele_lower": words_of(values["other_allele"]).lower_case(),
        "degrees_of_freedom": numbers_of(values["n_studies"]) - 1,
    }
    if "beta" not in values:
        derived["zscore"] = values["z"]
    return derived


_GWASMETA = Format(
    "gwasmeta",
    (
        OutputColumn("variant_id", "variant_id"),
        OutputColumn("chromosome", "chromosome"),
        OutputColumn("base_pair_location", "base_pair_location", _INTEGER),
        OutputColumn("effect_allele", "effect_allele"),
        OutputColumn("other_allele", "other_allele"),
        OutputColumn("beta", "beta"),
        OutputColumn("standard_error", "standard_error"),
        OutputColumn("odds_ratio", "odds_ratio"),
        OutputColumn("ci_lower", "ci_lower"),
        OutputColumn("ci_upper", "ci_upper"),
        OutputColumn("z", "z"),
        OutputColumn("p_value", "neg_log_10_p_value", _P_VALUE),
        OutputColumn("neg_log_10_p_value", "neg_log_10_p_value"),
        OutputColumn("effect_allele_frequency", "effect_allele_frequency", _SHORT),
        OutputColumn("effect_allele_frequency_sd", "effect_allele_frequency_sd", Significant(4)),
        OutputColumn("effect_allele_frequency_min", "effect_allele_frequency_min", _SHORT),
        OutputColumn("effect_allele_frequency_max", "effect_allele_frequency_max", _SHORT),
        OutputColumn("n", "n", _INTEGER),
        OutputColumn("n_cases", "n_cases", _INTEGER),
        OutputColumn("n_controls", "n_controls", _INTEGER),
        OutputColumn("n_studies", "n_studies", _INTEGER),
        OutputColumn("direction", "direction"),
        OutputColumn("cochran_q", "cochran_q", _SHORT),
        OutputColumn("cochran_q_p_value", "cochran_q_neg_log_10_p_value", _P_VALUE),
        OutputColumn("i_squared", "i_squared", Significant(4)),
        OutputColumn("i_squared_lower", "i_squared_lower", Significant(4)),
        OutputColumn("i_squared_upper", "i_squared_upper", Significant(4)),
        OutputColumn("h_squared", "h_squared", Significant(4)),
        OutputColumn("tau_squared", "tau_squared", _SHORT),
    ),
    missing="NA",
    keeps_other_columns=True,
)

# https://github.com/EBISPOT/gwas-summary-statistics-standard: these columns, in this order.
_SSF = Format(
    "ssf",
    (
        OutputColumn("chromosome", "chromosome_ssf"),
        OutputColumn("base_pair_location", "base_pair_location", _INTEGER),
        OutputColumn("effect_allele", "effect_allele"),
        OutputColumn("other_allele", "other_allele"),
        OutputColumn("beta", "beta"),
        OutputColumn("standard_error", "standard_error"),
        OutputColumn("effect_allele_frequency", "effect_allele_frequency", _SHORT),
        OutputColumn("neg_log_10_p_value", "neg_log_10_p_value"),
        OutputColumn("variant_id", "variant_id"),
        OutputColumn("n", "n", _INTEGER),
    ),
    missing="#NA",
    required=frozenset({"beta", "standard_error", "effect_allele_frequency"}),
    derive=_derive_ssf,
)

_GWAMA = Format(
    "gwama",
    (
        OutputColumn("chromosome", "chromosome"),
        OutputColumn("position", "base_pair_location", _INTEGER),
        OutputColumn("rs_number", "variant_id"),
        OutputColumn("reference_allele", "effect_allele"),
        OutputColumn("other_allele", "other_allele"),
        OutputColumn("eaf", "effect_allele_frequency", Fixed(6)),
        OutputColumn("beta", "beta", Fixed(6)),
        OutputColumn("se", "standard_error", Fixed(6)),
        OutputColumn("beta_95L", "beta_95L", Fixed(6)),
        OutputColumn("beta_95U", "beta_95U", Fixed(6)),
        OutputColumn("z", "z", Fixed(6)),
        OutputColumn("p-value", "neg_log_10_p_value", _P_VALUE),
        OutputColumn("_-log10_p-value", "neg_log_10_p_value", Fixed(6)),
        OutputColumn("q_statistic", "cochran_q", Fixed(6)),
        OutputColumn("q_p-value", "cochran_q_neg_log_10_p_value", _P_VALUE),
        OutputColumn("i2", "i_squared", Fixed(6), scale=0.01),
        OutputColumn("n_studies", "n_studies", _INTEGER),
        OutputColumn("n_samples", "n", _INTEGER),
        OutputColumn("effects", "direction"),
    ),
    missing="-9",
    required=frozenset({"effect_allele_frequency", "n"}),
    derive=_derive_gwama,
)

_METAL = Format(
    "metal",
    (
        OutputColumn("Chromosome", "chromosome"),
        OutputColumn("Position", "base_pair_location", _INTEGER),
        OutputColumn("MarkerName", "variant_id"),
        OutputColumn("Allele1", "effect_allele_lower"),
        OutputColumn("Allele2", "other_allele_lower"),
        OutputColumn("Freq1", "effect_allele_frequency", Fixed(4)),
        OutputColumn("FreqSE", "effect_allele_frequency_sd", Fixed(4)),
        OutputColumn("MinFreq", "effect_allele_frequency_min", Fixed(4)),
        OutputColumn("MaxFreq", "effect_allele_frequency_max", Fixed(4)),
        OutputColumn("Effect", "beta", Fixed(6)),
        OutputColumn("StdErr", "standard_error", Fixed(6)),
        OutputColumn("Zscore", "zscore", Fixed(3)),
        OutputColumn("P-value", "neg_log_10_p_value", _P_VALUE),
        OutputColumn("Direction", "direction"),
        OutputColumn("HetISq", "i_squared", Fixed(1)),
        OutputColumn("HetChiSq", "cochran_q", Fixed(3)),
        OutputColumn("HetDf", "degrees_of_freedom", _INTEGER),
        OutputColumn("HetPVal", "cochran_q_neg_log_10_p_value", _P_VALUE),
        OutputColumn("TotalN", "n", _INTEGER),
    ),
    missing="NA",
    derive=_derive_metal,
)

FORMATS: dict[str, Format] = {shape.name: shape for shape in (_GWASMETA, _SSF, _GWAMA, _METAL)}


def chosen_format(name: str) -> Format:
    """Return a format by its name.

    Raises
    ------
    GwasmetaError
        If there is none of that name.
    """
    if name not in FORMATS:
        raise GwasmetaError(f"format {name!r}: choose among {', '.join(FORMATS)}")
    return FORMATS[name]


def output_columns(shape: Format, available: Sequence[str]) -> list[OutputColumn]:
    """Return the columns that are written for a result with these columns, in order."""
    known = set(available)
    chosen = [column for column in shape.columns if column.source in known or column.source in shape.required]
    if shape.keeps_other_columns:
        shown = {column.source for column in shape.columns}
        chosen += [column for name in available if name not in shown for column in _as_it_is(name)]
    return chosen


def _as_it_is(name: str) -> list[OutputColumn]:
    """Columns of another method, or of a study left out: where there is a -log10 p, the p-value is written too."""
    column = OutputColumn(name, name)
    if name.endswith("neg_log_10_p_value"):
        return [OutputColumn(name.replace("neg_log_10_p_value", "p_value"), name, _P_VALUE), column]
    return [column]
