"""The page: a template, the libraries that it needs, and the numbers, in one file."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from gwasmeta.errors import GwasmetaError
from gwasmeta.plots.drawing.style import drawing_library
from gwasmeta.report import numbers
from gwasmeta.sumstats.sink import refuse_impossible

_STYLES = ("uPlot.min.css", "dataTables.dataTables.min.css", "report.css")
_SCRIPTS = ("uPlot.iife.min.js", "dataTables.min.js", "dataTables.buttons.min.js", "report.js")


def refuse_without_libraries() -> None:
    """Say how to get what the report is made with, if it is not there.

    Raises
    ------
    GwasmetaError
        Without Jinja2 or matplotlib.
    """
    from importlib.util import find_spec

    missing = [word for word, module in (("Jinja2", "jinja2"), ("matplotlib", "matplotlib")) if not find_spec(module)]
    if missing:
        raise GwasmetaError(
            f"the report is made with {' and '.join(missing)}, which is not installed\n"
            "  Get it:  pip install 'gwasmeta[report]'"
        )


def drawing_without_screen() -> None:
    """Have pictures drawn where there may be no screen; say how to get what the report is made with, if it is missing.

    Raises
    ------
    GwasmetaError
        Without Jinja2 or matplotlib.
    """
    refuse_without_libraries()
    drawing_library().switch_backend("agg")


def refuse_impossible_report(path: str) -> None:
    """Find out before an analysis, rather than behind it, that its report cannot be made.

    Raises
    ------
    GwasmetaError
        Without Jinja2 or matplotlib, or where no file can be written.
    """
    drawing_without_screen()
    refuse_impossible(path)


def rendered(content: dict[str, Any]) -> str:
    """Return the page.

    Parameters
    ----------
    content : dict
        What the template `report.html.jinja` names.

    Returns
    -------
    str
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("gwasmeta.report", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "whole": numbers.whole,
        "decimal": numbers.decimal,
        "method_words": numbers.method_words,
        "in_words": numbers.in_words,
        "share": numbers.share,
        "p_value": numbers.p_value,
        "embedded": _embedded,
    }
    assets = files("gwasmeta.report") / "assets"
    shared = {
        "styles": [(assets / name).read_text(encoding="utf-8") for name in _STYLES],
        "scripts": [(assets / name).read_text(encoding="utf-8") for name in _SCRIPTS],
        "licences": (assets / "LICENSES.txt").read_text(encoding="utf-8"),
    }
    return environment.get_template("report.html.jinja").render(**shared, **content)


def _embedded(value: Any) -> str:
    """Return JSON that can stand between script tags."""
    from markupsafe import Markup

    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))
