"""Pictures of results, drawn by matplotlib from `gwasmeta.plots.data`; each is imported when it is first used.

>>> import gwasmeta.plots
>>> gwasmeta.plots.save(gwasmeta.plots.manhattan("height.tsv"), "height.png")  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gwasmeta.plots import data
    from gwasmeta.plots.drawing.comparison import compare, heterogeneity, volcano
    from gwasmeta.plots.drawing.forest import forest
    from gwasmeta.plots.drawing.manhattan import manhattan, miami
    from gwasmeta.plots.drawing.qq import qq
    from gwasmeta.plots.drawing.quality import attrition, effect_sizes, frequencies, inflation_n, p_z, standard_error_n
    from gwasmeta.plots.drawing.region import region
    from gwasmeta.plots.drawing.style import save
    from gwasmeta.plots.drawing.traits import correlation_map, gain, max_fdr_surface
    from gwasmeta.plots.results import forest_of, frequencies_of, max_fdr_surface_of, quality
    from gwasmeta.plots.sources import Associations, associations

_WHERE = {
    "Associations": "sources",
    "associations": "sources",
    "attrition": "drawing.quality",
    "compare": "drawing.comparison",
    "correlation_map": "drawing.traits",
    "data": "data",
    "effect_sizes": "drawing.quality",
    "forest": "drawing.forest",
    "forest_of": "results",
    "frequencies": "drawing.quality",
    "frequencies_of": "results",
    "gain": "drawing.traits",
    "heterogeneity": "drawing.comparison",
    "inflation_n": "drawing.quality",
    "manhattan": "drawing.manhattan",
    "max_fdr_surface": "drawing.traits",
    "max_fdr_surface_of": "results",
    "miami": "drawing.manhattan",
    "p_z": "drawing.quality",
    "qq": "drawing.qq",
    "quality": "results",
    "region": "drawing.region",
    "save": "drawing.style",
    "standard_error_n": "drawing.quality",
    "volcano": "drawing.comparison",
}

__all__ = [
    "Associations",
    "associations",
    "attrition",
    "compare",
    "correlation_map",
    "data",
    "effect_sizes",
    "forest",
    "forest_of",
    "frequencies",
    "frequencies_of",
    "gain",
    "heterogeneity",
    "inflation_n",
    "manhattan",
    "max_fdr_surface",
    "max_fdr_surface_of",
    "miami",
    "p_z",
    "qq",
    "quality",
    "region",
    "save",
    "standard_error_n",
    "volcano",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'gwasmeta.plots' has no attribute {name!r}")
    module = importlib.import_module(f"gwasmeta.plots.{_WHERE[name]}")
    return module if name == "data" else getattr(module, name)


def __dir__() -> list[str]:
    return sorted(__all__)
