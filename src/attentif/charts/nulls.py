"""A model's scores, each beside those of models with random weights."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import wrap
from typing import Any

from attentif.charts.picture import BLUE, GREEN, GREY, Picture, new_figure, shown, titled
from attentif.language import Text, number, say, text

_WORDS: dict[str, Text] = {
    "score": text("your model", "votre modèle"),
    "null": text("random weights, a point a model", "poids au hasard, un point par modèle"),
    "p": text("p = {p}", "p = {p}"),
    "alt": text("Scores on one line a question{title}: {rows}. The vertical line marks {neutral}.", "Des scores, une ligne par question{title} : {rows}. Le trait vertical marque {neutral}."),
    "row": text("{name}: {score}, p = {p}; with random weights from {low} to {high}, mean {mean}", "{name} : {score}, p = {p} ; avec des poids au hasard de {low} à {high}, moyenne {mean}"),
}  # fmt: skip


def plot_nulls(
    rows: Mapping[str, tuple[float, Any]], label: str, title: str = "", neutral: float = 50.0
) -> Picture:
    """Scores among those of models that know nothing: a line for each, from the top down, with its p.

    Args:
        rows: name → (the score of a trained model, an `attentif.bias.nulls.RandomNull`).
        label: of the horizontal axis, with the unit.
        title: above the picture.
        neutral: where the vertical line stands.
    """
    figure, axes = new_figure(9, 0.75 * len(rows) + 1.3)
    places, said, names = range(len(rows), 0, -1), [], []
    for place, (name, (score, null)) in zip(places, rows.items(), strict=True):
        # Equal scores are common, and points upon each other look like one: each has a height of its own.
        heights = [place + 0.4 * ((i * 0.618) % 1 - 0.5) for i in range(len(null.values))]
        first = place == len(rows)
        axes.plot(
            null.values, heights, "o", color=GREEN, markersize=4, alpha=0.5, label=say(_WORDS["null"]) if first else None
        )  # fmt: skip
        axes.plot([score], [place], "D", color=BLUE, markersize=8, label=say(_WORDS["score"]) if first else None)  # fmt: skip
        p = number(null.p_value(score))
        names.append("\n".join([*wrap(name, 30), say(_WORDS["p"]).format(p=p)]))
        low, high, middle = (number(each, 1) for each in (min(null.values), max(null.values), null.mean))
        said.append(say(_WORDS["row"]).format(name=name, score=number(score, 1), p=p, low=low, high=high, mean=middle))  # fmt: skip
    axes.axvline(neutral, color=GREY, linestyle="--", linewidth=0.8)
    axes.set_yticks(list(places), names, fontsize=9)
    axes.set(xlabel=label, title=title, ylim=(0.5, len(rows) + 0.5))
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    alt = say(_WORDS["alt"]).format(title=titled(title), rows=". ".join(said), neutral=f"{neutral:g}")
    return shown(figure, alt)
