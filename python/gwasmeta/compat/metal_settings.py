"""What a METAL script can set, with METAL's defaults; a file keeps the settings that it was processed with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gwasmeta.compat.metal_filters import MetalFilter

Scheme = Literal["SAMPLESIZE", "STDERR"]
Analysis = Literal["plain", "heterogeneity", "random"]


@dataclass(frozen=True)
class GenomicControl:
    """Whether statistics are corrected, by a given factor or one estimated, and from which markers."""

    on: bool = False
    factor: float | None = None
    markers: str | None = None  # path of the list

    def __str__(self) -> str:
        if self.markers is not None:
            return f"LIST {self.markers}"
        return "OFF" if not self.on else "ON" if self.factor is None else f"{self.factor:g}"


@dataclass(frozen=True)
class Settings:
    """The state that commands change."""

    # Headers of the columns
    marker: str = "MARKER"
    allele_1: str = "ALLELE1"
    allele_2: str = "ALLELE2"
    effect: str = "EFFECT"
    standard_error: str = "STDERR"
    p_value: str = "PVALUE"
    weight: str = "N"
    frequency: str = "FREQ"
    strand: str = "STRAND"
    chromosome: str = "CHROMOSOME"
    position: str = "POSITION"
    custom: tuple[tuple[str, str], ...] = ()  # custom variable, header

    # How files are read
    separator: str = " "
    strict_counting: bool = True
    use_strand: bool = False
    flip: bool = False
    filters: tuple[MetalFilter, ...] = ()

    # What is computed
    scheme: Scheme = "SAMPLESIZE"
    default_weight: float = 1.0
    min_weight: float = 1.0
    genomic_control: GenomicControl = GenomicControl()
    average_frequencies: bool = False
    extreme_frequencies: bool = False
    track_positions: bool = False
    overlap: bool = False
    z_cutoff: float = 1.0

    # What is written
    out_prefix: str = "METAANALYSIS"
    out_suffix: str = ".TBL"
    log_p_value: bool = False
    effect_precision: int = 4
    standard_error_precision: int = 4
    max_warnings: int = 20
    verbose: bool = False

    @property
    def uses_frequencies(self) -> bool:
        """Whether every file must have a column of frequencies."""
        return self.average_frequencies or self.extreme_frequencies

    def custom_header(self, variable: str) -> str | None:
        """Return the header of a custom variable, None if there is no such variable."""
        return next((header for name, header in self.custom if name.upper() == variable.upper()), None)
