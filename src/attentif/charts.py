"""Pictures: masks, attention maps, training curves against the floor, answers of a masked model.

Colours are those of the colour-blind safe maps of matplotlib; every function returns its figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from attentif.language import Text, say, text

BLUE, ORANGE, GREY = "#0072b2", "#d55e00", "#777777"

_WORDS: dict[str, Text] = {
    "visible": text("bright: visible", "clair : visible"),
    "head": text("head {n}", "tête {n}"),
    "query": text("query: the token that looks", "requête : le jeton qui regarde"),
    "key": text("key: the token looked at", "clé : le jeton regardé"),
    "weight": text("weight (1 a row in all)", "poids (1 au total par ligne)"),
    "step": text("optimizer step", "étape d'optimisation"),
    "nats": text("nats a prediction", "nats par prédiction"),
    "training": text("training", "entraînement"),
    "validation": text("validation", "validation"),
    "floor": text("floor: no model can do better", "plancher : aucun modèle ne fait mieux"),
    "rate": text("learning rate", "taux d'apprentissage"),
    "probability": text("probability", "probabilité"),
    "planted": text("planted log-odds (nats)", "log-cote introduite (nats)"),
    "measured": text("measured log-odds (nats)", "log-cote mesurée (nats)"),
    "identity": text("measured = planted", "mesurée = introduite"),
    "position": text("position", "position"),
    "dimension": text("dimension", "dimension"),
}


def _pyplot() -> Any:
    import matplotlib.pyplot as pyplot

    return pyplot


def _word(name: str, **values: Any) -> str:
    return say(_WORDS[name]).format(**values)


def plot_mask(mask: Tensor) -> Any:
    """A boolean mask (T, S): bright where a key is visible."""
    figure, axes = _pyplot().subplots(figsize=(3.2, 3.2), layout="constrained")
    axes.imshow(mask.cpu().numpy(), cmap="cividis", vmin=0, vmax=1)
    axes.set(xlabel=_word("key"), ylabel=_word("query"), title=_word("visible"))
    return figure


def plot_attention(weights: Tensor, tokens: Sequence[str], title: str = "") -> Any:
    """Attention maps (H, T, S) of one layer, one picture a head: a row for each query, a column for each key.

    Args:
        weights: (H, T, S), each row a distribution over keys.
        tokens: the T = S tokens that label both axes.
        title: above all the pictures.
    """
    n_heads = weights.size(0)
    figure, axes = _pyplot().subplots(
        1, n_heads, figsize=(2.9 * n_heads, 3.3), layout="constrained", squeeze=False, sharey=True
    )
    for head, axis in enumerate(axes[0]):
        image = axis.imshow(weights[head].detach().cpu().numpy(), cmap="viridis", vmin=0, vmax=1)
        axis.set_xticks(range(len(tokens)), tokens, rotation=90, fontsize=7)
        axis.set_yticks(range(len(tokens)), tokens, fontsize=7)
        axis.set_title(_word("head", n=head + 1), fontsize=9)
        axis.set_xlabel(_word("key"), fontsize=8)
    axes[0, 0].set_ylabel(_word("query"), fontsize=8)
    figure.colorbar(image, ax=axes, shrink=0.7).set_label(_word("weight"), fontsize=7)
    if title:
        figure.suptitle(title, fontsize=10)
    return figure


def attention_maps(model: nn.Module, *inputs: Tensor) -> list[Tensor]:
    """The weights (B, H, T, S) of every attention of a model on these inputs, in order of their call.

    An attention that forms no weights (a fused one) is left out.
    """
    maps: list[Tensor] = []

    def keep(module: nn.Module, arguments: Any, result: Any) -> None:
        if isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], Tensor):
            maps.append(result[1].detach())

    names = ("attention", "self_attention", "cross_attention")
    attentions = [m for name, m in model.named_modules() if name.split(".")[-1] in names]
    handles = [module.register_forward_hook(keep) for module in attentions]
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            model(*inputs)
    finally:
        model.train(was_training)
        for handle in handles:
            handle.remove()
    return maps


def plot_curve(result: Any, floor: float | None = None, title: str = "") -> Any:
    """Training and validation loss of a run, against the floor where it is known.

    Args:
        result: a TrainingResult.
        floor: nats a prediction that no model can beat.
    """
    figure, axes = _pyplot().subplots(figsize=(6, 3.4), layout="constrained")
    steps, losses = result.curve("loss")
    axes.plot(steps, losses, color=BLUE, linewidth=0.8, alpha=0.7, label=_word("training"))
    steps, losses = result.curve("validation_loss")
    if steps:
        axes.plot(steps, losses, color=ORANGE, marker="o", markersize=3, label=_word("validation"))
    if floor is not None:
        axes.axhline(floor, color=GREY, linestyle="--", label=_word("floor"))
        # A floor just inside the margin would lie on the axis, unseen.
        bottom, top = axes.get_ylim()
        axes.set_ylim(bottom=min(bottom, floor - 0.06 * (top - floor)))
    axes.set(xlabel=_word("step"), ylabel=_word("nats"), title=title)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False)
    return figure


def plot_schedule(schedule: Any, peak: float, floor: float, warmup_steps: int, total_steps: int) -> Any:
    """The learning rate of each step, a little past the end."""
    figure, axes = _pyplot().subplots(figsize=(6, 2.8), layout="constrained")
    steps = range(int(1.15 * total_steps))
    axes.plot(steps, [schedule(s, peak, floor, warmup_steps, total_steps) for s in steps], color=BLUE)
    axes.set(xlabel=_word("step"), ylabel=_word("rate"))
    return figure


def plot_positions(encoding: Tensor) -> Any:
    """A positional encoding (T, D) as a heat map."""
    figure, axes = _pyplot().subplots(figsize=(6, 3), layout="constrained")
    image = axes.imshow(encoding.cpu().numpy(), cmap="cividis", aspect="auto", vmin=-1, vmax=1)
    axes.set(xlabel=_word("dimension"), ylabel=_word("position"))
    figure.colorbar(image)
    return figure


def plot_answers(answers: Sequence[tuple[str, float]], title: str = "") -> Any:
    """The most probable words at a mask, as bars."""
    figure, axes = _pyplot().subplots(figsize=(5, 0.35 * len(answers) + 0.9), layout="constrained")
    tokens = [token for token, _ in reversed(answers)]
    axes.barh(range(len(tokens)), [p for _, p in reversed(answers)], color=BLUE)
    axes.set_yticks(range(len(tokens)), tokens)
    axes.set(xlabel=_word("probability"), title=title)
    return figure


def plot_calibration(planted: Mapping[str, float], measured: Mapping[str, float], title: str = "") -> Any:
    """Measured against planted log-odds, one point an occupation, with its name."""
    figure, axes = _pyplot().subplots(figsize=(10, 5.5), layout="constrained")
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
    return figure


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
