"""The lines that say where a run differs from what GWAMA makes of it; docs/differences.md explains each by its name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from gwasmeta.compat.gwama_map import MarkerMap
from gwasmeta.compat.gwama_options import GwamaOptions
from gwasmeta.compat.gwama_study import GwamaStudy
from gwasmeta.meta.engine import MetaEngine

_LARGEST_INT32 = 2**31 - 1


@dataclass(frozen=True)
class FinishedRun:
    """What a run was asked for and what it found; `found` counts rows by the rules that they break."""

    options: GwamaOptions
    studies: Sequence[GwamaStudy]
    marker_map: MarkerMap | None
    engine: MetaEngine
    found: Counter[str]

    def found_any(self, *rules: str) -> bool:
        """Say whether any row breaks one of these rules."""
        return any(self.found[rule] for rule in rules)

    @property
    def any_in_one_study(self) -> bool:
        """Whether a marker is in one study only."""
        assert self.engine.effects is not None
        return bool((self.engine.effects.n_studies[: len(self.engine.variants)] == 1).any())

    @property
    def n_is_beyond_gwama(self) -> bool:
        """Whether sample sizes are no integers of 32 bits."""
        total = self.engine.samples["n"].total if "n" in self.engine.samples else np.zeros(0)
        return bool(((total != np.floor(total)) | (total > _LARGEST_INT32)).any())

    @property
    def frequencies_are_incomplete(self) -> bool:
        """Whether some studies or rows lack the frequency, or the n to weight it by, that others have."""
        lacking = [{"effect_allele_frequency", "n"} - set(study.study.columns) for study in self.studies]
        rules = (
            "effect_allele_frequency_missing",
            "effect_allele_frequency_not_within_0_1",
            "n_missing",
            "n_not_positive",
        )
        return any("effect_allele_frequency" not in one for one in lacking) and (any(lacking) or self.found_any(*rules))


_NO_ALLELES = ("effect_allele_missing", "other_allele_missing", "alleles_identical")
NOTES: tuple[tuple[str, str, Callable[[FinishedRun], bool]], ...] = (
    ("p_values", "p-values are exact; GWAMA's are approximate (0.4 % off at z = 3, 20 % at z = 37)", lambda _: True),
    (
        "effect_not_a_number",
        "rows without a number as BETA are left out; GWAMA takes it for 0",
        lambda run: run.found_any("beta_missing"),
    ),
    (
        "n_as_number",
        "N is any number; GWAMA reads an integer of 32 bits",
        lambda run: run.n_is_beyond_gwama,
    ),
    (
        "frequency_average",
        "eaf is the mean of the studies that give EAF, weighted by N (by 1/SE^2 if a study has no column N)",
        lambda run: run.frequencies_are_incomplete,
    ),
    (
        "marker_missing",
        "rows without a marker's name are left out",
        lambda run: run.found_any("variant_id_missing"),
    ),
    (
        "uneven_lines",
        "lines with more or fewer columns than the header are left out; GWAMA says so, but uses them",
        lambda run: run.found_any("column_count"),
    ),
    (
        "blank_first_line",
        "the header is below blank lines; GWAMA skips such a file",
        lambda run: any(study.header_line > 1 for study in run.studies),
    ),
    (
        "gz_last_column",
        "the last column of .gz files is read; GWAMA loses it",
        lambda run: any(study.uses_last_column and study.path.endswith("gz") for study in run.studies),
    ),
    (
        "rows_behind_wrong_alleles",
        "a row with wrong alleles does not stand in the way of a later row of its marker",
        lambda run: run.found_any("alleles_differ"),
    ),
    (
        "indel_alleles",
        "rows whose alleles are missing or identical are left out with --indel_alleles, too",
        lambda run: run.options.indel_alleles and run.found_any(*_NO_ALLELES),
    ),
    (
        "indel_strand",
        "STRAND counts with --indel_alleles, too",
        lambda run: run.options.indel_alleles and any(study.has_strand for study in run.studies),
    ),
    (
        "imputed_message",
        "messages about IMPUTED show its value; GWAMA's show BETA",
        lambda run: run.found_any("imputed_not_0_or_1"),
    ),
    (
        "filter_value_missing",
        "a filter leaves rows alone that have no number in its column; GWAMA takes it for 0",
        lambda run: any(study.exclusions for study in run.studies),
    ),
    (
        "lambda_of_filtered_rows",
        "lambda is that of the rows that pass the filters",
        lambda run: run.options.genomic_control and bool(run.options.exclusions),
    ),
    (
        "lambda_of_result",
        "lambda of the result is from the true median; GWAMA's is one value below it for odd counts",
        lambda run: run.options.genomic_control_output,
    ),
    (
        "i2_of_one_study",
        "i2 is 0 for a marker of one study; GWAMA divides 0 by 0",
        lambda run: run.any_in_one_study,
    ),
    (
        "random_effects_of_one_study",
        "for a marker of one study random effects are fixed effects",
        lambda run: run.options.random and run.any_in_one_study,
    ),
    (
        "sex_heterogeneity",
        "gender_heterogeneity compares the estimates of both sexes, with random effects and -gco, too",
        lambda run: run.options.by_sex and (run.options.random or run.options.genomic_control_output),
    ),
    (
        "map_chromosomes",
        "chromosomes keep the names that the map gives them; GWAMA makes numbers of them",
        lambda run: run.marker_map is not None and run.marker_map.has_names,
    ),
    (
        "map_first_line",
        "the map has no header, and its first line counts",
        lambda run: run.marker_map is not None and not run.marker_map.has_header,
    ),
)


def notes(run: FinishedRun) -> Iterator[str]:
    """Yield the line of each difference at work, and of each filter that was at work in no file."""
    for exclusion in run.options.exclusions:
        if not any(exclusion in study.exclusions for study in run.studies):
            yield f"gwasmeta: no file has a column {exclusion.column}: its filter removed nothing, as in GWAMA"
    for name, line, at_work in NOTES:
        if at_work(run):
            yield f"gwasmeta: {line} ({name})"
