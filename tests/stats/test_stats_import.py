"""The closed formulas start quickly: no compiler and no scipy.stats behind them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import gwasmeta.stats

CLOSED_FORMULAS = (
    "normal",
    "fixed_effects",
    "heterogeneity",
    "sample_size",
    "genomic_control",
    "leave_one_out",
)

# The package itself is left empty: what it imports is not the business of these modules.
PROGRAM = """
import importlib, sys, types
package = types.ModuleType("gwasmeta")
package.__path__ = [sys.argv[1]]
sys.modules["gwasmeta"] = package
for name in sys.argv[2:]:
    importlib.import_module("gwasmeta.stats." + name)
print(*sorted({"numba", "scipy.stats", "pandas", "polars"} & set(sys.modules)))
"""


def test_closed_formulas_import_neither_compiler_nor_frames() -> None:
    package = Path(gwasmeta.stats.__path__[0]).parent
    command = [sys.executable, "-c", PROGRAM, str(package), *CLOSED_FORMULAS]
    finished = subprocess.run(command, capture_output=True, text=True, check=True)
    assert finished.stdout.split() == []
