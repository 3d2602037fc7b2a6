"""The table of lead variants, and what opens when one is chosen."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from gwasmeta.errors import GwasmetaError
from gwasmeta.meta.study_effects import StudyEffects
from gwasmeta.plots.results import draw_forest
from gwasmeta.report.numbers import decimal, plain_p_value, significant, whole
from gwasmeta.report.pictures import Picture, lines
from gwasmeta.report.runs import Run
from gwasmeta.report.scans import Scan
from gwasmeta.report.variant_rows import Row

_MOST_FORESTS: Final = 100
_FOREST_BUDGET: Final = 3_500_000  # letters of all forest plots: the page stays below 10 MB
_RS = re.compile(r"rs\d+$")


@dataclass(frozen=True)
class Cell:
    """A cell of a table: what is shown, and the number that it is sorted by."""

    text: str
    order: float | str | None = None


@dataclass(frozen=True)
class Lead:
    """A lead variant.

    Attributes
    ----------
    name : str
    cells : tuple of Cell
        Of the table's columns behind the name.
    links : tuple of (label, address)
    significant : bool
        Whether it reaches 5e-8.
    """

    name: str
    cells: tuple[Cell, ...]
    links: tuple[tuple[str, str], ...]
    significant: bool


@dataclass(frozen=True)
class LeadTable:
    """Lead variants with the headings of their columns."""

    columns: tuple[str, ...]
    leads: tuple[Lead, ...]


def lead_table(scan: Scan, rows: Mapping[str, Row], directions: Mapping[str, str]) -> LeadTable:
    """Return the table of a scan's lead variants.

    Parameters
    ----------
    scan : Scan
    rows : mapping
        All columns of the variants, by their ids; some may be missing.
    directions : mapping
        The signs of the studies' effects, by the variants' ids.

    Returns
    -------
    LeadTable
        With the columns that the result has.
    """
    names = [scan.table.name_of(int(row)) for row in scan.lead]
    signs = directions or {name: str(row["direction"]) for name, row in rows.items() if row.get("direction")}
    columns = dict(_columns(scan, names, rows, signs))
    leads = []
    for k, (name, row) in enumerate(zip(names, scan.lead, strict=True)):
        cells = tuple(of_all[k] for of_all in columns.values())
        significant_here = scan.table.neg_log_10_p_value[row] >= -math.log10(5e-8)
        leads.append(Lead(name, cells, links_of(name, *_place(scan, int(row))), bool(significant_here)))
    return LeadTable(tuple(columns), tuple(leads))


def _columns(
    scan: Scan, names: Sequence[str], rows: Mapping[str, Row], directions: Mapping[str, str]
) -> Iterator[tuple[str, list[Cell]]]:
    """Yield the headings and the cells of the columns that any variant has something in."""
    table = scan.table
    codes, positions = table.chromosomes.codes[scan.lead], table.position[scan.lead]
    if (positions > 0).any():
        chromosomes = [table.chromosomes.names[code] if code >= 0 else "–" for code in codes]
        yield "Chr", [Cell(name, int(code)) for name, code in zip(chromosomes, codes, strict=True)]
        yield "Position", [Cell(whole(float(place)), int(place)) for place in positions]
    known = [rows.get(name, {}) for name in names]
    if any(row.get("effect_allele") for row in known):
        yield "Alleles", [Cell(_alleles(row)) for row in known]
    for heading, column, show in _NUMBERS:
        if column == "z" and any("beta" in row and "study_z" not in row for row in known):
            continue  # it is the effect divided by its standard error
        values = [float(row.get(column, math.nan)) for row in known]
        if column == "i_squared" and column in table.numbers:  # there in per cent, whatever the program wrote
            values = table.numbers[column][scan.lead].tolist()
        if not all(map(math.isnan, values)):
            yield heading, [Cell(show(value), _order(value)) for value in values]
    heights = table.neg_log_10_p_value[scan.lead]
    yield "p", [Cell(plain_p_value(height), _order(-float(height))) for height in heights]
    for column, of_all in table.numbers.items():
        if column.endswith("_neg_log_10_p_value"):
            method = column.removesuffix("_neg_log_10_p_value").replace("_", " ")
            yield f"p, {method}", [Cell(plain_p_value(height), _order(-float(height))) for height in of_all[scan.lead]]
    if directions:
        yield "Direction", [Cell(directions.get(name, "–")) for name in names]


def _alleles(row: Row) -> str:
    pair = str(row.get("effect_allele") or ""), str(row.get("other_allele") or "")
    return "/".join(pair).upper() if all(pair) else "–"


def _per_cent(value: float) -> str:
    return decimal(value, 0)


_NUMBERS: Final = (
    ("EAF", "effect_allele_frequency", lambda value: decimal(value, 3)),
    ("Effect", "beta", lambda value: decimal(value, 4)),
    ("SE", "standard_error", lambda value: decimal(value, 4)),
    ("z, GWAS", "study_z", lambda value: decimal(value, 2)),
    ("z", "z", lambda value: decimal(value, 2)),
    ("N", "n", whole),
    ("Studies", "n_studies", whole),
    ("I² (%)", "i_squared", _per_cent),
)


def _order(value: float) -> float | None:
    return None if math.isnan(value) else float(significant(value, 12).replace("−", "-"))


def _place(scan: Scan, row: int) -> tuple[str, int]:
    code = scan.table.chromosomes.codes[row]
    return (scan.table.chromosomes.names[code] if code >= 0 else ""), int(scan.table.position[row])


def links_of(name: str, chromosome: str, position: int) -> tuple[tuple[str, str], ...]:
    """Return where to read more of a variant: by its rs number, and by its place in either build."""
    links = []
    if _RS.match(name):
        links.append(("dbSNP", f"https://www.ncbi.nlm.nih.gov/snp/{name}"))
        links.append(("Catalog", f"https://www.ebi.ac.uk/gwas/variants/{name}"))
    if chromosome and position > 0:
        around = f"chr{chromosome.replace('MT', 'M')}:{max(1, position - 50_000)}-{position + 50_000}"
        for build in ("hg38", "hg19"):  # nothing in a result says which one it is
            links.append((build, f"https://genome.ucsc.edu/cgi-bin/hgTracks?db={build}&position={around}"))
    return tuple(links)


def lead_effects(run: Run, scan: Scan, progress: Any = None) -> StudyEffects | None:
    """Read the studies' effects of the lead variants again; None if that is not possible."""
    names = [scan.table.name_of(int(row)) for row in scan.lead]
    if run.analysis is None or not names or not run.analysis.options.needs_effects:
        return None
    try:
        return run.analysis.study_effects(names, progress)
    except GwasmetaError:
        return None


def directions_of(effects: StudyEffects | None) -> dict[str, str]:
    """Return the signs of the studies' effects, ? where a study did not measure a variant."""
    if effects is None:
        return {}
    signs = np.select([effects.beta > 0, effects.beta < 0, effects.beta == 0], ["+", "-", "0"], "?")
    return {name: "".join(row) for name, row in zip(effects.variants, signs, strict=True)}


def forests(run: Run, effects: StudyEffects | None) -> dict[str, Picture]:
    """Draw the forest plots of the strongest lead variants, as many as a page can hold."""
    drawn: dict[str, Picture] = {}
    if effects is None or run.analysis is None:
        return drawn
    letters = 0
    for row, name in enumerate(effects.variants[:_MOST_FORESTS]):
        axes = draw_forest(effects, row, run.analysis.options, odds_ratio=run.analysis.has_odds_ratios)
        drawn[name] = lines(axes, f"Forest plot of {name}: its effect in each study, and combined.")
        letters += len(drawn[name].uri)
        if letters > _FOREST_BUDGET:
            break
    return drawn
