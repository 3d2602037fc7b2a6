"""What all pictures look like, and the figures that they are drawn on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from gwasmeta.errors import GwasmetaError
from gwasmeta.plots.data.canvas import Canvas
from gwasmeta.sumstats.sink import whole_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# After Okabe & Ito (2008): told apart with every kind of colour blindness, and in print.
BLUE, SKY, ORANGE, GREEN, PURPLE, YELLOW, GREY = (
    "#0072B2", "#56B4E9", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#8C8C8C",
)  # fmt: skip
SERIES: Final = (BLUE, ORANGE, GREEN, PURPLE, YELLOW, SKY)
DARK_CHROMOSOME, LIGHT_CHROMOSOME = "#1F4E79", "#7FA9CF"
INK, LINE, FAINT = "#222222", "#6E6E6E", "#D9D9D9"
DIVERGING = "RdBu_r"

_DPI: Final = 150
_STYLE: Final[dict[str, Any]] = {
    "figure.max_open_warning": 0,
    "font.size": 12.0,
    "font.family": "sans-serif",
    "axes.titlesize": 14.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 10.0,
    "axes.labelsize": 13.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.9,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "legend.fontsize": 11.0,
    "mathtext.default": "regular",
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
}
MINUS_LOG_10_P: Final = "−log$_{10}$ p"
PICTURE_ENDINGS: Final = (".png", ".pdf", ".svg")


def drawing_library() -> Any:
    """Return matplotlib's pyplot, or say how to get it."""
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise GwasmetaError(
            "pictures are drawn with matplotlib, which is not installed\n  Get it:  pip install 'gwasmeta[plots]'"
        ) from error
    return plt


def styled() -> Any:
    """Return the context in which figures are made."""
    return drawing_library().rc_context(_STYLE)


def new_axes(
    width: float, height: float, *, left: float = 0.9, right: float = 0.35, bottom: float = 0.8, top: float = 0.55
) -> Axes:
    """Make a figure with one pair of axes; all sizes are in inches, cut to whole pixels."""
    return new_panels(width, height, [(left, bottom, width - left - right, height - bottom - top)])[0]


def new_panels(width: float, height: float, panels: list[tuple[float, float, float, float]]) -> list[Axes]:
    """Make a figure with axes at (left, bottom, width, height), in inches, cut to whole pixels.

    Points are thinned for the pixels that they are drawn on, so the axes begin and end at pixels' edges.
    """
    with styled():
        figure = drawing_library().figure(figsize=(width, height), dpi=_DPI, facecolor="white")
        whole = [[round(size * _DPI) / _DPI for size in panel] for panel in panels]
        return [
            figure.add_axes((left / width, bottom / height, wide / width, high / height))
            for left, bottom, wide, high in whole
        ]


def canvas_of(ax: Axes, marker_points: float = 0.0) -> Canvas:
    """Return the pixels of axes, for markers of a size in points."""
    area = ax.get_window_extent()
    dpi = float(ax.figure.dpi)
    # The renderer rounds the places of markers to whole pixels.
    return Canvas(area.width, area.height, area.x0 % 1 + 0.5, area.y0 % 1 + 0.5, marker_points * dpi / 72)


def draw_points(ax: Axes, x: Any, y: Any, colour: str, size: float, **options: Any) -> None:
    """Draw round, opaque points, which stay pixels in PDF and SVG."""
    marks = {"marker": "o", "markersize": size, "markeredgewidth": 0, "linestyle": "none", "rasterized": True}
    ax.plot(x, y, **{**marks, "color": colour, **options})


def figure_of(picture: Figure | Axes) -> Figure:
    """Return the whole figure that axes are in."""
    figure: Any = picture.get_figure(root=True)
    return figure  # type: ignore[no-any-return]


def save(picture: Figure | Axes, path: str | os.PathLike[str]) -> None:
    """Write a picture; the file appears whole or not at all.

    Parameters
    ----------
    picture : Figure or Axes
    path : path
        Ending in .png, .pdf or .svg.

    Raises
    ------
    GwasmetaError
        If the file has another ending or cannot be written.
    """
    ending = refuse_unknown_picture(path)
    figure = figure_of(picture)
    with styled(), whole_file(path) as beside:
        figure.savefig(
            beside, format=ending[1:], dpi=figure.dpi, metadata={"CreationDate": None} if ending == ".pdf" else None
        )


def refuse_unknown_picture(path: str | os.PathLike[str]) -> str:
    """Return the ending of a picture's file, if it is one that can be written."""
    ending = os.path.splitext(os.fspath(path))[1].lower()
    if ending not in PICTURE_ENDINGS:
        raise GwasmetaError(
            f"{os.fspath(path)}: pictures are written as {', '.join(PICTURE_ENDINGS)}; choose such an ending"
        )
    return ending
