"""Numbers of several sets side by side: a line a set, a point a number, a mark for the mean."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import wrap

from attentif.charts.picture import BLUE, GREY, ORANGE, Picture, new_figure, shown, titled
from attentif.charts.probing import label_heights
from attentif.language import Text, number, say, text

_WORDS: dict[str, Text] = {
    "mean": text("mean of the line", "moyenne de la ligne"),
    "alt": text("Points on one line a set{title}: {rows}.", "Des points, une ligne par ensemble{title} : {rows}."),
    "row": text("{name}: mean {mean}, from {low} to {high}", "{name} : moyenne {mean}, de {low} à {high}"),
    "row_named": text("{name}: mean {mean} ({points})", "{name} : moyenne {mean} ({points})"),
}  # fmt: skip


def plot_strips(
    rows: Mapping[str, Mapping[str, float]], label: str, title: str = "", named: bool = False
) -> Picture:
    """A line of points for each set, from the top down, with its mean; a dashed line marks 0.

    Args:
        rows: name of the set → name of the point → number.
        label: of the horizontal axis, with the unit.
        title: above the picture.
        named: whether the name of each point stands above it.
    """
    figure, axes = new_figure(9, (1.1 if named else 0.42) * len(rows) + 1.5)
    every = [value for points in rows.values() for value in points.values()]
    width = max([*every, 0.0]) - min([*every, 0.0])
    said = []
    for place, (name, points) in zip(range(len(rows), 0, -1), rows.items(), strict=True):
        values = list(points.values())
        middle = sum(values) / len(values)
        axes.plot(values, [place] * len(values), "o", color=BLUE, markersize=5, alpha=0.7)
        axes.plot([middle], [place], "|", color=ORANGE, markersize=24, markeredgewidth=3, label=say(_WORDS["mean"]) if not said else None)  # fmt: skip
        key = "row_named" if named else "row"
        listed = ", ".join(f"{point} {number(value)}" for point, value in points.items())
        said.append(
            say(_WORDS[key]).format(
                name=name,
                mean=number(middle),
                points=listed,
                low=number(min(values)),
                high=number(max(values)),
            )
        )
        if named:
            # Names are turned: each needs the width of a line of text.
            places = label_heights([0.0] * len(values), values, 0.032 * width)
            for (point, value), x in zip(points.items(), places, strict=True):
                axes.annotate(
                    point, (value, place + 0.06), (x, place + 0.2), fontsize=8, rotation=60, ha="left",
                    arrowprops={"arrowstyle": "-", "color": GREY, "linewidth": 0.4},
                )  # fmt: skip
    axes.axvline(0, color=GREY, linestyle="--", linewidth=0.8)
    # A full stop that stands apart, as in Microcosm, stays with its word.
    names = ["\n".join(wrap(name.replace(" .", "\u00a0."), 34)) for name in rows]
    axes.set_yticks(range(len(rows), 0, -1), names, fontsize=8)
    axes.set(xlabel=label, title=title, ylim=(0.5, len(rows) + (0.95 if named else 0.5)))
    figure.legend(frameon=False, loc="outside lower center", fontsize=9)
    rows_said = say(text("; ", " ; ")).join(said)
    return shown(figure, say(_WORDS["alt"]).format(title=titled(title), rows=rows_said))
