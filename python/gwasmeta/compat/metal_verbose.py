"""VERBOSE ON: every row that is used, in METAL's columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from gwasmeta.compat.metal_alleles import exchanged, turned_alleles
from gwasmeta.compat.metal_files import MetalFile
from gwasmeta.meta.study_sums import BlockNotes
from gwasmeta.stats.normal import neg_log_10_p_value
from gwasmeta.sumstats.row_block import RowBlock
from gwasmeta.sumstats.table_text import Fixed, MetalPValue, NumberColumn, Significant, table_text
from gwasmeta.sumstats.words import Words


class RowPrinter:
    """Shows every row that is used of the files that were processed under VERBOSE ON, in METAL's columns."""

    def __init__(self, files: Sequence[MetalFile], say: Callable[[str], None]) -> None:
        self._files, self._say = files, say
        self._last_shown: int | None = None

    def __call__(self, notes: BlockNotes) -> None:
        """Show the rows of a block."""
        file = self._files[notes.study]
        if not file.settings.verbose:
            return
        columns = _verbose_columns(notes.block.kept(notes.used), file)
        if self._last_shown != notes.study:
            self._say("# " + "\t".join(columns))
            self._last_shown = notes.study
        for line in table_text(list(columns.values()), missing="").decode(errors="replace").splitlines():
            self._say(f"# {line}")


def _verbose_columns(rows: RowBlock, file: MetalFile) -> dict[str, Words | NumberColumn]:
    """Return what METAL shows of rows, turned to the allele that it prints first."""
    allele_1 = allele_2 = Words.of([""] * len(rows))
    turned = np.zeros(len(rows), dtype=np.bool_)
    if file.has_alleles:
        effect, other = (rows.words[name].lower_case() for name in ("effect_allele", "other_allele"))
        turned = turned_alleles(effect, other)
        allele_1, allele_2 = exchanged(effect, other, turned)
    sign, numbers, exact = np.where(turned, -1.0, 1.0), rows.numbers, Significant(10)
    columns: dict[str, Words | NumberColumn] = {"MARKER": rows.words["variant_id"], "AL1": allele_1, "AL2": allele_2}
    if file.settings.scheme == "STDERR":
        z = numbers["beta"] / numbers["standard_error"]
        columns["EFF"] = NumberColumn(numbers["beta"] * sign, exact)
        columns["STDERR"] = NumberColumn(numbers["standard_error"], exact)
    else:
        z = numbers["z"]
        columns["N"] = NumberColumn(numbers["n"], exact)
        columns["Z"] = NumberColumn(z * sign, Fixed(3))
    columns["PVAL"] = NumberColumn(neg_log_10_p_value(z), MetalPValue())
    if file.settings.uses_frequencies:
        frequency = numbers["effect_allele_frequency"]
        columns["FREQ"] = NumberColumn(np.where(turned, 1 - frequency, frequency), Fixed(3))
    columns["SOURCE"] = Words.of([file.study.file] * len(rows))
    return columns
