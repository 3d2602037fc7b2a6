"""Pictures as parts of the page."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gwasmeta.errors import GwasmetaError
from gwasmeta.plots.drawing.style import drawing_library, figure_of, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PIXELS_PER_INCH: Final = 96  # of a page


@dataclass(frozen=True)
class Picture:
    """A picture inside the page.

    Attributes
    ----------
    uri : str
        The whole picture as a data URI.
    alt : str
        What it shows, for those who cannot see it.
    caption : str
    width, height : int
        On the page, in its pixels, where there is room.
    """

    uri: str
    alt: str
    caption: str
    width: int
    height: int


def dots(drawn: Axes | Figure, alt: str, caption: str = "") -> Picture:
    """Return a picture of very many points, as pixels."""
    return _picture(drawn, "png", "image/png", alt, caption)


def lines(drawn: Axes | Figure, alt: str, caption: str = "") -> Picture:
    """Return a picture of lines and letters, which stay sharp in any size."""
    return _picture(drawn, "svg", "image/svg+xml", alt, caption)


def drawn_or_excused(draw: Callable[[], Picture], excuses: list[str]) -> Iterator[Picture]:
    """Yield a picture; if it cannot be drawn, note why: one picture less is no reason to show none."""
    try:
        yield draw()
    except GwasmetaError as error:
        excuses.append(str(error).splitlines()[0])


def _with_all_blanks(picture: bytes) -> bytes:
    """Return a picture whose letters, if it has any, stand as far apart as they were drawn."""
    return picture.replace(b"*{stroke-linejoin", b"text{white-space: pre} *{stroke-linejoin", 1)


def _picture(drawn: Any, kind: str, mime: str, alt: str, caption: str) -> Picture:
    figure = figure_of(drawn)
    stored = io.BytesIO()
    with styled():
        figure.savefig(stored, format=kind, dpi=figure.dpi, metadata={"Date": None} if kind == "svg" else None)
    width, height = (round(float(inches) * _PIXELS_PER_INCH) for inches in figure.get_size_inches())
    drawing_library().close(figure)
    uri = f"data:{mime};base64,{base64.b64encode(_with_all_blanks(stored.getvalue())).decode()}"
    return Picture(uri, alt, caption, width, height)
