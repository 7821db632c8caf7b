"""Pictures of what a masked model thinks: answers at a mask, measured against planted bias, intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

import numpy as np

from attentif.charts.picture import BLUE, GREEN, GREY, ORANGE, Picture, new_figure, shown, titled
from attentif.language import Text, number, say, text

_WORDS: dict[str, Text] = {
    "probability": text("probability", "probabilité"),
    "planted": text("planted log-odds (nats)", "log-cote introduite (nats)"),
    "measured": text("measured log-odds (nats)", "log-cote mesurée (nats)"),
    "identity": text("measured = planted", "mesurée = introduite"),
    "reference": text("planted", "introduite"),
    "interval": text("interval", "intervalle"),
    "estimate": text("measured", "mesurée"),
    "answers_alt": text("Bars{title}: {answers}.", "Barres{title} : {answers}."),
    "calibration_alt": text(
        "Measured against planted log-odds of {count} occupations{title}: {points}.",
        "Log-cotes mesurées en fonction de celles introduites, pour {count} métiers{title} : {points}.",
    ),
    "point": text("{name} {planted} → {measured}", "{name} {planted} → {measured}"),
    "forest_alt": text(
        "Estimates with their intervals{title}: {rows}. The vertical line marks {neutral}.",
        "Estimations et leurs intervalles{title} : {rows}. Le trait vertical marque {neutral}.",
    ),
    "row": text("{name} {estimate} [{low}; {high}]", "{name} {estimate} [{low} ; {high}]"),
    "row_alone": text("{name} {estimate}", "{name} {estimate}"),
    "null": text("random weights", "poids au hasard"),
    "row_null": text(" (random weights {low} to {high})", " (poids au hasard de {low} à {high})"),
    "row_neutral": text(" ({name} {value})", " ({name} {value})"),
    "share": text("share (%)", "part (%)"),
    "shares_alt": text(
        "Shares in %, in panels{title}. {panels}. The vertical lines mark 50 %.",
        "Parts en %, par panneaux{title}. {panels}. Les traits verticaux marquent 50 %.",
    ),
    "panel": text("{name}: {shares}", "{name} : {shares}"),
    "head": text("head", "tête"),
    "layer": text("layer", "couche"),
    "nats": text("nats", "nats"),
    "heads_alt": text(
        "A map of {layers} layers and {heads} heads{title}. The largest number, {most} of a total of {total}, is that of head {head} "
        "in layer {layer}; half of the heads are at most {small} in size.",
        "Une carte de {layers} couches et {heads} têtes{title}. Le plus grand nombre, {most} pour un total de {total}, est celui de la "
        "tête {head} de la couche {layer} ; la moitié des têtes ne dépassent pas {small} en valeur absolue.",
    ),
    "row_reference": text(" (planted {value})", " (introduite {value})"),
}


def _word(key: str, /, **values: Any) -> str:
    return say(_WORDS[key]).format(**values)


def plot_answers(answers: Sequence[tuple[str, float]], title: str = "", label: str = "") -> Picture:
    """Words at a mask, or other names, as bars, each with its probability or share.

    Args:
        answers: (name, number), from the top down.
        title: above the bars, on as many lines as it takes.
        label: of the horizontal axis; "probability" when empty.
    """
    figure, axes = new_figure(5.5, 0.35 * len(answers) + 1.0 + 0.2 * (len(title) // 58))
    tokens = [token for token, _ in reversed(answers)]
    bars = axes.barh(range(len(tokens)), [p for _, p in reversed(answers)], color=BLUE)
    axes.bar_label(bars, [number(p) for _, p in reversed(answers)], padding=3, fontsize=8)
    axes.set_yticks(range(len(tokens)), tokens)
    axes.set_xlabel(label or _word("probability"))
    axes.set_title("\n".join(wrap(title, 58)), fontsize=10)
    axes.margins(x=0.12)
    listed = ", ".join(f"{token} {number(p)}" for token, p in answers)
    return shown(figure, _word("answers_alt", title=titled(title), answers=listed))


def plot_calibration(planted: Mapping[str, float], measured: Mapping[str, float], title: str = "") -> Picture:
    """Measured against planted log-odds, one point an occupation, with its name."""
    figure, axes = new_figure(10, 5.5)
    names = list(planted)
    x, y = [planted[name] for name in names], [measured[name] for name in names]
    lowest, highest = min(*x, *y, -1.0) - 0.2, max(*x, *y, 1.0) + 0.2
    axes.plot([lowest, highest], [lowest, highest], color=GREY, linestyle="--", label=_word("identity"))
    axes.scatter(x, y, color=BLUE, s=18)
    line = 0.032 * (highest - lowest)  # the height of a name on this picture
    for name, place in zip(names, label_heights(x, y, line), strict=True):
        axes.annotate(
            name,
            (planted[name], measured[name]),
            (planted[name] + 0.03, place),
            fontsize=8,
            va="center",
            arrowprops={"arrowstyle": "-", "color": GREY, "linewidth": 0.4},
        )
    axes.set(xlabel=_word("planted"), ylabel=_word("measured"), title=title)
    axes.legend(frameon=False)
    points = ", ".join(
        _word("point", name=name, planted=number(planted[name]), measured=number(measured[name]))
        for name in names
    )
    return shown(figure, _word("calibration_alt", count=len(names), title=titled(title), points=points))


def plot_forest(
    intervals: Mapping[str, Any],
    references: Mapping[str, float] | None = None,
    title: str = "",
    unit: str = "",
    neutral: float = 0.0,
    nulls: Mapping[str, Sequence[float]] | None = None,
    neutrals: Mapping[str, float] | None = None,
    limits: tuple[float, float] | None = None,
    neutral_name: str = "",
) -> Picture:
    """Estimates with their intervals, one a line, from the top down; a vertical line marks what stands for nothing.

    Args:
        intervals: name → an `attentif.bias.Interval`, or whatever has estimate, low and high; NaN for no interval.
        references: the true value of some of the names, another mark.
        title: above the picture.
        unit: under the horizontal axis; log-odds in nats when empty.
        neutral: where the vertical line stands.
        nulls: what models with random weights score, for some of the names, each a third mark.
        neutrals: what stands for nothing where it is not `neutral`, a short line of its own.
        limits: of the horizontal axis; what the numbers need when None.
        neutral_name: what `neutrals` are, in the notebook's language; they stand unnamed when empty.
    """
    references, nulls, neutrals = references or {}, nulls or {}, neutrals or {}
    names = ["\n".join(wrap(name, 36)) for name in intervals]
    line = 0.28 if max(name.count("\n") for name in names) == 0 else 0.42
    explained = bool(references or nulls or neutral_name)
    figure, axes = new_figure(7.5, line * len(intervals) + (1.6 if explained else 1.3))
    places = range(len(intervals), 0, -1)
    said = []
    for place, (name, interval) in zip(places, intervals.items(), strict=True):
        # Thick, and above the mark that it may cover; the estimate is a thin line, so that a short bar shows beside it.
        axes.plot(
            [interval.low, interval.high], [place, place], color=BLUE, linewidth=3.5, solid_capstyle="butt",
            zorder=3, label=_word("interval") if not said else None,
        )  # fmt: skip
        ends = {"low": number(interval.low), "high": number(interval.high)}
        key = "row" if interval.low == interval.low else "row_alone"
        row = _word(key, name=name, estimate=number(interval.estimate), **ends)
        if name in references:
            row += _word("row_reference", value=number(references[name]))
        if name in nulls:
            row += _word("row_null", low=number(min(nulls[name])), high=number(max(nulls[name])))
        if name in neutrals and neutral_name:
            row += _word("row_neutral", name=neutral_name, value=number(neutrals[name]))
        said.append(row)
    estimates = [each.estimate for each in intervals.values()]
    axes.plot(estimates, list(places), "|", color=BLUE, markersize=11, zorder=4, label=_word("estimate"))
    alone = [
        (each.estimate, place)
        for each, place in zip(intervals.values(), places, strict=True)
        if each.low != each.low
    ]
    if alone:
        axes.plot(*zip(*alone, strict=True), "o", color=BLUE, markersize=5)
    each_null = [(name, value) for name in intervals for value in nulls.get(name, ())]
    marks = (("D", ORANGE, "reference", list(references.items())), ("|", GREEN, "null", each_null))
    height = dict(zip(intervals, places, strict=True))
    for mark, colour, label, points in marks:
        known = [(value, height[name]) for name, value in points if name in height]
        if known:
            # Open: what lies under a mark is seen through it.
            axes.plot(
                *zip(*known, strict=True),
                mark,
                color=colour,
                markersize=7,
                fillstyle="none",
                label=_word(label),
            )
    for rank, (name, value) in enumerate(neutrals.items()):
        label = neutral_name if rank == 0 and neutral_name else None
        axes.plot(
            [value] * 2, [height[name] - 0.45, height[name] + 0.45], color=GREY, linewidth=1.5, label=label
        )
    if limits is not None:
        edge = 0.02 * (limits[1] - limits[0])
        axes.set_xlim(limits[0] - edge, limits[1] + edge)
    if explained:
        figure.legend(frameon=False, loc="outside lower center", ncols=4, fontsize=9)
    axes.axvline(neutral, color=GREY, linestyle="--", linewidth=0.8)
    axes.set_yticks(list(places), names)
    axes.set(xlabel=unit or _word("measured"), title=title, ylim=(0.4, len(intervals) + 0.6))
    rows = say(text("; ", " ; ")).join(said)
    return shown(figure, _word("forest_alt", title=titled(title), rows=rows, neutral=f"{neutral:g}"))


def plot_shares(shares: Mapping[str, Mapping[str, float]], title: str = "") -> Picture:
    """Shares in %, side by side: a panel for each measure, in it a bar for each name, from 50 % on.

    Args:
        shares: measure → name → share; all measures of the same names, which are shown from the top down.
        title: above the picture.
    """
    names = list(next(iter(shares.values())))
    figure, panels = new_figure(
        2.3 * len(shares) + 1.2, 0.24 * len(names) + 1.3, columns=len(shares), sharey=True, squeeze=False
    )
    places, said = range(len(names), 0, -1), []
    for axes, (measure, of) in zip(panels[0], shares.items(), strict=True):
        values = [of[name] for name in names]
        colours = [BLUE if value >= 50 else ORANGE for value in values]
        axes.barh(list(places), [value - 50 for value in values], left=50, color=colours)
        axes.plot(values, list(places), "o", color=GREY, markersize=3)  # a share of 50 % has no bar
        axes.axvline(50, color=GREY, linestyle="--", linewidth=0.8)
        axes.set(title=measure, xlim=(-4, 104), xticks=[0, 50, 100], ylim=(0.4, len(names) + 0.6))
        listed = ", ".join(f"{name} {number(of[name], 0)}" for name in names)
        said.append(_word("panel", name=measure, shares=listed))
    panels[0][0].set_yticks(list(places), names)
    figure.supxlabel(_word("share"), fontsize=10)
    figure.suptitle(title, fontsize=10)
    return shown(figure, _word("shares_alt", title=titled(title), panels=". ".join(said)))


def plot_heads(effects: Any, total: float, title: str = "") -> Picture:
    """What each attention head does, or carries, as a map with a row for each layer and a column for each head.

    Args:
        effects: (L, H) numbers, such as the indirect effects of `head_effect`, in nats.
        total: the effect of all together, named beside the largest one.
        title: above the map.
    """
    table = np.asarray(effects, dtype=float)
    n_layers, n_heads = table.shape
    figure, axes = new_figure(1.6 + max(3.2, 0.42 * n_heads), 1.2 + max(1.0, 0.4 * n_layers))
    largest = max(float(np.abs(table).max()), 1e-9)
    # Around 0: what is neither for nor against looks like nothing.
    image = axes.imshow(table, cmap="PuOr", vmin=-largest, vmax=largest, aspect="auto")
    axes.set_xticks(range(n_heads), range(1, n_heads + 1), fontsize=8)
    axes.set_yticks(range(n_layers), range(1, n_layers + 1), fontsize=8)
    axes.set(xlabel=_word("head"), ylabel=_word("layer"))
    axes.set_title("\n".join(wrap(title, 58)), fontsize=10)
    figure.colorbar(image, ax=axes).set_label(_word("nats"), fontsize=9)
    layer, head = divmod(int(np.abs(table).argmax()), n_heads)
    alt = _word(
        "heads_alt", title=titled(title), layers=n_layers, heads=n_heads, layer=layer + 1, head=head + 1,
        most=number(float(table[layer, head])), total=number(total), small=number(float(np.median(np.abs(table)))),
    )  # fmt: skip
    return shown(figure, alt)


def label_heights(x: Sequence[float], y: Sequence[float], line: float) -> list[float]:
    """Where to write the names of points so that those of one column do not overlap.

    Args:
        x, y: the points; those with the same x make a column.
        line: the smallest distance of two names of a column.

    Returns:
        one height a point, in its order: as near to y as the distance allows, a run of close names centred.
    """
    heights = [0.0] * len(y)
    for column in set(x):
        runs: list[list[int]] = []  # of points whose names touch, from the lowest up
        for point in sorted((i for i, place in enumerate(x) if place == column), key=lambda i: y[i]):
            runs.append([point])
            while len(runs) > 1 and _bottom(runs[-1], y, line) - _top(runs[-2], y, line) < line:
                last = runs.pop()
                runs[-1].extend(last)
        for run in runs:
            for rank, point in enumerate(run):
                heights[point] = _bottom(run, y, line) + rank * line
    return heights


def _bottom(run: Sequence[int], y: Sequence[float], line: float) -> float:
    """The lowest name of a run that is centred on its points."""
    return sum(y[point] for point in run) / len(run) - line * (len(run) - 1) / 2


def _top(run: Sequence[int], y: Sequence[float], line: float) -> float:
    return _bottom(run, y, line) + line * (len(run) - 1)
