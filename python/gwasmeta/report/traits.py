"""What the report shows of MTAG beside its tables: matrices, the gain, and a SNP across traits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gwasmeta.plots.data.traits import gain_data
from gwasmeta.plots.drawing.traits import correlation_map, gain
from gwasmeta.report.numbers import decimal, plain_p_value, significant, whole
from gwasmeta.report.pictures import Picture, lines
from gwasmeta.report.variant_rows import Row
from gwasmeta.stats.normal import neg_log_10_p_value


@dataclass(frozen=True)
class TextTable:
    """A small table of texts."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def trait_tables(parameters: Mapping[str, Any]) -> tuple[TextTable, ...]:
    """Return the summary of the traits, and the matrices with their standard errors where known."""
    names = [str(trait["name"]) for trait in parameters["traits"]]
    summary = TextTable(
        "What each trait gained",
        ("Trait", "SNPs", "Largest N", "Mean N", "Mean χ², GWAS", "Mean χ², MTAG", "Equivalent N"),
        tuple(
            (
                str(row["trait"]),
                whole(row["n_snps"]),
                whole(row["n_max"]),
                whole(row["n_mean"]),
                decimal(row["mean_chi_squared_before"]),
                decimal(row["mean_chi_squared_after"]),
                whole(row["equivalent_n"]),
            )
            for row in parameters["summary"]
        ),
        "Equivalent N: samples that a study of the trait alone would need for MTAG's mean χ².",
    )
    sigma, omega = np.array(parameters["sigma"], dtype=float), np.array(parameters["omega"], dtype=float)
    errors = parameters.get("sigma_standard_error")
    return (
        summary,
        _matrix("Genetic correlation", names, genetic_correlation(omega), "From Ω."),
        _matrix("Ω: covariance of the effects", names, omega, "Of the standardised effects of one SNP."),
        _matrix(
            "Σ: covariance of the errors",
            names,
            sigma,
            "Of z. Its diagonal is the intercept of LD score regression; what is beside it comes from shared samples."
            + ("" if errors is None else " Standard errors in brackets."),
            None if errors is None else np.array(errors, dtype=float),
        ),
    )


def trait_pictures(parameters: Mapping[str, Any]) -> list[Picture]:
    """Draw the genetic correlations and the gain."""
    names = [str(trait["name"]) for trait in parameters["traits"]]
    summary = parameters["summary"]
    before, after, worth, size = (
        [np.nan if row[name] is None else row[name] for row in summary]
        for name in ("mean_chi_squared_before", "mean_chi_squared_after", "equivalent_n", "n_max")
    )
    gained = gain_data([str(row["trait"]) for row in summary], before, after, worth, size)
    correlation = genetic_correlation(np.array(parameters["omega"], dtype=float))
    return [
        lines(correlation_map(names, correlation), "Heat map of the genetic correlations.", "Genetic correlations"),
        lines(gain(gained), "Mean chi-squared of each trait before and after MTAG.", "Mean χ² before and after MTAG"),
    ]


def genetic_correlation(omega: Any) -> Any:
    """Return the correlations of a covariance of effects."""
    scale = np.sqrt(omega.diagonal())
    return omega / np.outer(scale, scale)


def across_traits(name: str, rows: Mapping[str, Mapping[str, Row]]) -> TextTable:
    """Return one SNP's statistics in every trait.

    Parameters
    ----------
    name : str
    rows : mapping
        Of each trait, rows by the SNPs' ids.
    """
    lines_of = []
    for trait, of_trait in rows.items():
        row = of_trait.get(name)
        if row is None:
            lines_of.append((trait, *["–"] * 5))
            continue
        before = float(neg_log_10_p_value(row["study_z"])) if "study_z" in row else float("nan")
        shown = (decimal(row.get("study_z"), 2), plain_p_value(before), decimal(row["z"], 2))
        effect = f"{decimal(row['beta'], 4)} ({decimal(row['standard_error'], 4)})"
        lines_of.append((trait, *shown, plain_p_value(row["neg_log_10_p_value"]), effect))
    heads = ("Trait", "z, GWAS", "p, GWAS", "z, MTAG", "p, MTAG", "Effect (SE), MTAG")
    return TextTable(name, heads, tuple(lines_of))


def _matrix(title: str, names: Sequence[str], values: Any, note: str, errors: Any = None) -> TextTable:
    def cell(row: int, column: int) -> str:
        shown = significant(values[row, column])
        return shown if errors is None else f"{shown} ({significant(errors[row, column], 2)})"

    rows = tuple((name, *(cell(k, m) for m in range(len(names)))) for k, name in enumerate(names))
    return TextTable(title, ("", *names), rows, note)
