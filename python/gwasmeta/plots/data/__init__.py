"""What pictures show, computed once: arrays in, frozen dataclasses of arrays out, no drawing library.

matplotlib (`gwasmeta.plots`), ggplot2 in R, and the report draw from the same data.
"""

from __future__ import annotations

from gwasmeta.plots.data.broken_axis import PeakAxis, peak_axis, round_ticks
from gwasmeta.plots.data.canvas import Canvas, Frame, visible_rows
from gwasmeta.plots.data.chromosomes import Chromosomes, as_chromosomes
from gwasmeta.plots.data.comparisons import ScatterData, heterogeneity_data, scatter_data, volcano_data
from gwasmeta.plots.data.forest import ForestData, Summary, forest_data
from gwasmeta.plots.data.genome import GenomeAxis, genome_axis
from gwasmeta.plots.data.manhattan import ManhattanData, manhattan_data
from gwasmeta.plots.data.quantiles import QqData, null_band, qq_data, qq_series_data
from gwasmeta.plots.data.regions import RegionData, region_data
from gwasmeta.plots.data.strata import Strata, frequency_strata, sample_size_strata, strata_of
from gwasmeta.plots.data.study_quality import (
    AttritionData,
    Boxes,
    StudyPoints,
    attrition_data,
    frequency_data,
    inflation_n_data,
    p_z_data,
    standard_error_n_data,
)
from gwasmeta.plots.data.traits import (
    GainData,
    MatrixData,
    MaxFdrSurfaceData,
    gain_data,
    matrix_data,
    max_fdr_surface_data,
)

__all__ = [
    "AttritionData",
    "Boxes",
    "Canvas",
    "Chromosomes",
    "ForestData",
    "Frame",
    "GainData",
    "GenomeAxis",
    "ManhattanData",
    "MatrixData",
    "MaxFdrSurfaceData",
    "PeakAxis",
    "QqData",
    "RegionData",
    "ScatterData",
    "Strata",
    "StudyPoints",
    "Summary",
    "as_chromosomes",
    "attrition_data",
    "forest_data",
    "frequency_data",
    "frequency_strata",
    "gain_data",
    "genome_axis",
    "heterogeneity_data",
    "inflation_n_data",
    "manhattan_data",
    "matrix_data",
    "max_fdr_surface_data",
    "null_band",
    "p_z_data",
    "peak_axis",
    "qq_data",
    "qq_series_data",
    "region_data",
    "round_ticks",
    "sample_size_strata",
    "scatter_data",
    "standard_error_n_data",
    "strata_of",
    "visible_rows",
    "volcano_data",
]
