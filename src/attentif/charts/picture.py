"""A picture that shows itself in a notebook, with a text for those who do not see it."""

from __future__ import annotations

import base64
import io
from html import escape
from typing import Any

from attentif.language import current_language

# Of matplotlib's colour-blind safe palette (Wong 2011, "Points of view: Color blindness").
BLUE, ORANGE, GREEN, GREY = "#0072b2", "#d55e00", "#009e73", "#777777"

_DPI = 100


class Picture:
    """A matplotlib figure and its alternative text.

    Args:
        figure: a matplotlib.figure.Figure.
        alt: what it shows, in the notebook's language: one to three sentences with the main numbers.
    """

    def __init__(self, figure: Any, alt: str):
        self.figure, self.alt = figure, alt

    def __repr__(self) -> str:
        return self.alt

    def savefig(self, target: Any, **options: Any) -> None:
        """As the figure's own."""
        self.figure.savefig(target, **options)

    def bundle(self) -> tuple[dict[str, str], dict[str, Any]]:
        """What a notebook shows, by MIME type, and its metadata.

        JupyterLab gives an image no alternative text, so the HTML comes first; the image itself is for what keeps
        no HTML, such as the graded copy.
        """
        buffer = io.BytesIO()
        self.figure.savefig(buffer, format="png", dpi=_DPI)
        data = base64.b64encode(buffer.getvalue()).decode()
        html = f'<img src="data:image/png;base64,{data}" alt="{escape(self.alt)}" style="max-width:100%">'
        return {"text/html": html, "image/png": data, "text/plain": self.alt}, {
            "image/png": {"alt": self.alt}
        }

    def _ipython_display_(self) -> None:
        """Nothing: as the last value of a cell it has been shown already."""


def new_figure(
    width: float, height: float, rows: int = 1, columns: int = 1, **options: Any
) -> tuple[Any, Any]:
    """A figure of inches by inches that pyplot does not know of (so it is shown once, by `shown`), and its axes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, columns, **options)


def shown(figure: Any, alt: str) -> Picture:
    """The picture of a figure, its ticks written in the current language, shown at once where a notebook runs."""
    if current_language() == "fr":
        write_decimal_commas(figure)
    picture = Picture(figure, alt)
    display(picture)
    return picture


def write_decimal_commas(figure: Any) -> None:
    """Ticks as French writes numbers, on all axes of a figure that have plain numbers."""
    from matplotlib.ticker import ScalarFormatter

    class Comma(ScalarFormatter):
        def __call__(self, value: float, place: int | None = None) -> str:
            return super().__call__(value, place).replace(".", ",")

    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if type(axis.get_major_formatter()) is ScalarFormatter:
                axis.set_major_formatter(Comma())


def display(picture: Picture, place: Any = None) -> Any:
    """Show a picture, or put it in the place of an earlier one; nothing outside a notebook.

    Args:
        picture: what to show.
        place: what an earlier call returned; a new place when None.

    Returns:
        the place, for the next call; None outside a notebook.
    """
    from attentif.checks import in_notebook

    if not in_notebook():
        return None
    from IPython.display import display as show

    data, metadata = picture.bundle()
    if place is None:
        return show(data, raw=True, metadata=metadata, display_id=True)
    place.update(data, raw=True, metadata=metadata)
    return place


def titled(title: str) -> str:
    """A picture's title as a part of its text, in parentheses; nothing where there is none."""
    return f" ({title})" if title else ""
