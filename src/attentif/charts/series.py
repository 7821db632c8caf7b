"""Curves of any quantity against another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attentif.charts.picture import BLUE, GREEN, ORANGE, Picture, new_figure, shown
from attentif.language import number, say, text

_STYLES = ((BLUE, "-"), (ORANGE, "--"), (GREEN, ":"), ("#cc79a7", "-."))  # told apart without colours too
_ALT = text("{name}: {first} at {begin}, {last} at {end}", "{name} : {first} pour {begin}, {last} pour {end}")


def plot_lines(
    series: Mapping[str, Sequence[float]],
    x: Sequence[float],
    x_label: str = "",
    y_label: str = "",
    title: str = "",
    logarithmic: bool = False,
) -> Picture:
    """Up to four curves over the same points.

    Args:
        series: name → one value for each point of x.
        x: the points.
        x_label, y_label, title: in the notebook's language, with units.
        logarithmic: whether the vertical axis is.
    """
    figure, axes = new_figure(6, 3.2)
    for (name, values), (colour, style) in zip(series.items(), _STYLES, strict=False):
        axes.plot(x, values, color=colour, linestyle=style, marker="o", markersize=3, label=name)
    axes.set(xlabel=x_label, ylabel=y_label, title=title, yscale="log" if logarithmic else "linear")
    if all(isinstance(each, int) for each in x):
        axes.xaxis.get_major_locator().set_params(integer=True)
    axes.legend(frameon=False)
    begin, end = (str(each) if isinstance(each, int) else number(each) for each in (x[0], x[-1]))
    said = (
        say(_ALT).format(
            name=name, first=number(values[0], 3), last=number(values[-1], 3), begin=begin, end=end
        )
        for name, values in series.items()
    )
    heading = " ".join(part for part in (title or y_label, f"({x_label})" if x_label else "") if part)
    return shown(figure, f"{heading}. {say(text('; ', ' ; ')).join(said)}.")
