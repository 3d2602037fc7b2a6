"""The functions that R calls, by name: gwasmeta's public ones, their results taken apart for R."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import gwasmeta
from gwasmeta.interop import r_drop_ins, r_plots, r_statistics, r_store, r_studies, r_traits
from gwasmeta.interop.messages import Say


def installation(_say: Say) -> dict[str, Any]:
    """Tell what a report of a fault needs to say of the Python side."""
    libraries = ("numpy", "scipy", "numba", "pandas", "polars")
    return {
        "gwasmeta": gwasmeta.__version__,
        "folder": str(Path(gwasmeta.__file__).parent),
        "python": platform.python_version(),
        "executable": sys.executable,
        "libraries": {name: importlib.metadata.version(name) for name in libraries},
    }


# They speak of the options that their callers have written.
COMMAND_LINES: Final = ("gwama", "metal", "mtag_cli")

R_FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    function.__name__: function
    for function in (
        installation,
        r_drop_ins.gwama,
        r_drop_ins.metal,
        r_drop_ins.mtag_cli,
        r_plots.forest,
        r_plots.manhattan,
        r_plots.miami,
        r_plots.qq,
        r_plots.quality,
        r_plots.trait_of,
        r_statistics.fixed_effects,
        r_statistics.genomic_control,
        r_statistics.heterogeneity,
        r_statistics.leave_one_out,
        r_statistics.random_effects,
        r_store.store_add,
        r_store.store_check,
        r_store.store_folder,
        r_store.store_list,
        r_store.store_list_if_there,
        r_store.store_remove,
        r_store.store_studies,
        r_studies.example,
        r_studies.format_sumstats,
        r_studies.inspect_sumstats,
        r_studies.lead_variants,
        r_studies.log,
        r_studies.meta_analyze,
        r_studies.read_manifest,
        r_studies.read_sumstats,
        r_studies.strongest,
        r_studies.table,
        r_studies.write,
        r_traits.fetch_ld_scores,
        r_traits.ldsc_h2,
        r_traits.ldsc_rg,
        r_traits.max_fdr,
        r_traits.mtag,
        r_traits.munge,
        r_traits.table_of_trait,
        r_traits.trait_table,
    )
}
