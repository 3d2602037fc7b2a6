"""What the checks of studies need of each study's rows, read once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from gwasmeta.errors import GwasmetaError
from gwasmeta.meta.stream import stream_studies
from gwasmeta.plots.data.canvas import Canvas
from gwasmeta.plots.data.comparisons import ScatterData
from gwasmeta.plots.data.study_quality import p_z_data
from gwasmeta.plots.sources import reader_by_id_or_place
from gwasmeta.stats.genomic_control import inflation_factor
from gwasmeta.sumstats.plan import Wanted
from gwasmeta.sumstats.row_block import RowBlock
from gwasmeta.sumstats.study import Study

FloatArray = npt.NDArray[np.float64]

BOX_QUANTILES: Final = (0.01, 0.25, 0.5, 0.75, 0.99)
_COLUMNS = frozenset({"effect_allele_frequency", "n", "neg_log_10_p_value"})
_COMMON: Final = 0.01  # minor allele frequency: rarer variants have errors of their own


@dataclass(frozen=True)
class StudyValues:
    """One study's values in a few numbers.

    Attributes
    ----------
    name : str
    n : float
        The largest sample size; NaN if the study does not say.
    median_standard_error, constant : float
        The median standard error, and the median of 1 / sqrt(2 f (1 - f)); of variants with a minor allele frequency
        of 0.01 or more. NaN without frequencies.
    inflation_factor, mean_chi_squared : float
        Of z = effect / standard error.
    effect_quantiles : float64 array, shape (5,)
        1 %, 25 %, 50 %, 75 % and 99 % quantiles of the effects.
    p_z : ScatterData or None
        Reported p-values against those of z; None if the study reports none.
    rows_used : int
    excluded_by : dict of str to int
        Rows by the rule that excluded them.
    """

    name: str
    n: float
    median_standard_error: float
    constant: float
    inflation_factor: float
    mean_chi_squared: float
    effect_quantiles: FloatArray
    p_z: ScatterData | None
    rows_used: int
    excluded_by: dict[str, int]


def read_study_values(study: Study, canvas: Canvas) -> StudyValues:
    """Read a study once.

    Parameters
    ----------
    study : Study
    canvas : Canvas
        What the picture of its p-values is drawn on.

    Returns
    -------
    StudyValues

    Raises
    ------
    GwasmetaError
        If it cannot be read or gives no effects with standard errors, or no row can be used.
    """
    reader = reader_by_id_or_place(study, Wanted(effect=True, z=False, columns=_COLUMNS))
    columns: dict[str, list[FloatArray]] = {}
    excluded: dict[str, int] = {}
    for _, block in stream_studies([reader], _numbers_of):
        if block is not None:
            numbers, findings = block
            for name, values in numbers.items():
                columns.setdefault(name, []).append(values)
            for rule, count in findings:
                excluded[rule] = excluded.get(rule, 0) + count
    joined = {name: np.concatenate(pieces) for name, pieces in columns.items()}
    if not joined or not joined["beta"].size:
        reasons = ", ".join(f"{rule} {count:,}" for rule, count in excluded.items()) or "it has none"
        raise GwasmetaError(f"{study.file}: no row can be used: {reasons}")
    return _summed_up(study, joined, canvas, excluded)


def _numbers_of(block: RowBlock) -> tuple[dict[str, FloatArray], list[tuple[str, int]]]:
    names = _COLUMNS | {"beta", "standard_error"}
    numbers = {name: values.copy() for name, values in block.numbers.items() if name in names}
    return numbers, [(finding.rule, finding.count) for finding in block.findings if finding.action == "excluded"]


def _summed_up(study: Study, columns: dict[str, FloatArray], canvas: Canvas, excluded: dict[str, int]) -> StudyValues:
    beta, error = columns["beta"], columns["standard_error"]
    frequency = columns.get("effect_allele_frequency", np.full(beta.size, np.nan))
    common = np.minimum(frequency, 1 - frequency) >= _COMMON
    n = columns.get("n", np.full(1, np.nan))
    reported = columns.get("neg_log_10_p_value")
    has_p_values = reported is not None and bool((reported >= 0).any())
    return StudyValues(
        study.label,
        float(np.nanmax(n)) if not np.isnan(n).all() else float("nan"),
        float(np.median(error[common])) if common.any() else float("nan"),
        float(np.median((2 * frequency[common] * (1 - frequency[common])) ** -0.5)) if common.any() else float("nan"),
        inflation_factor(beta / error),
        float(np.mean(np.square(beta / error))),
        np.quantile(beta, BOX_QUANTILES),
        p_z_data(beta / error, reported, canvas=canvas) if has_p_values and reported is not None else None,
        int(beta.size),
        excluded,
    )
