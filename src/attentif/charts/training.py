"""Pictures of a training run: its loss against the floor, live, its gradient norms, its learning rate."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

from attentif.charts.picture import BLUE, GREEN, GREY, ORANGE, Picture, display, new_figure, shown, titled
from attentif.language import Text, number, say, text
from attentif.training_state import TrainingResult

_WORDS: dict[str, Text] = {
    "step": text("optimizer step", "étape d'optimisation"),
    "nats": text("nats a prediction", "nats par prédiction"),
    "training": text("training", "entraînement"),
    "validation": text("validation", "validation"),
    "floor": text("floor: no model can do better", "plancher : aucun modèle ne fait mieux"),
    "resumed": text("resumed here", "reprise ici"),
    "rate": text("learning rate", "taux d'apprentissage"),
    "norm": text("gradient norm", "norme du gradient"),
    "clipped": text("clipped above", "écrêtée au-dessus"),
    "curve_alt": text(
        "Loss{title}: training from {first} to {last} nats between steps {begin} and {end}",
        "Perte{title} : à l'entraînement, de {first} à {last} nats entre les étapes {begin} et {end}",
    ),
    "validation_alt": text("validation {value} at the end", "en validation, {value} à la fin"),
    "floor_alt": text("the floor is {value}", "le plancher est à {value}"),
    "norm_alt": text(
        "below, the gradient norm, from {low} to {high}",
        "au-dessous, la norme du gradient, de {low} à {high}",
    ),
    "empty_alt": text("A curve without any point yet.", "Une courbe encore sans point."),
    "schedule_alt": text(
        "The learning rate: from {first} at step 0 up to {peak} at step {at}, then down to {last} at step {end}.",
        "Le taux d'apprentissage : de {first} à l'étape 0, il monte à {peak} à l'étape {at}, puis descend à {last} à l'étape {end}.",
    ),
}


def _word(key: str, /, **values: Any) -> str:
    return say(_WORDS[key]).format(**values)


def _curve(
    result: TrainingResult, floor: float | None, title: str, total: int | None, max_norm: float
) -> Picture:
    """The picture of a run so far; with a total of steps the horizontal axis ends there."""
    steps, losses = result.curve("loss")
    if not steps:
        figure, _ = new_figure(7, 3)
        return Picture(figure, _word("empty_alt"))
    norm_steps, norms = result.curve("gradient_norm")
    with_norms = bool(norms)
    figure, grid = new_figure(
        7, 4.6 if with_norms else 3.2, 2 if with_norms else 1, 1, squeeze=False, sharex=True,
        gridspec_kw={"height_ratios": [5, 2]} if with_norms else None,
    )  # fmt: skip
    axes = grid[0, 0]
    said = [
        _word(
            "curve_alt",
            title=titled(title),
            first=number(losses[0]),
            last=number(losses[-1]),
            begin=steps[0],
            end=steps[-1],
        )
    ]
    axes.plot(steps, losses, color=BLUE, linewidth=0.8, alpha=0.7, label=_word("training"))
    measured, values = result.curve("validation_loss")
    if measured:
        axes.plot(measured, values, color=ORANGE, marker="o", markersize=3, label=_word("validation"))
        said.append(_word("validation_alt", value=number(values[-1])))
    if floor is not None:
        axes.axhline(floor, color=GREY, linestyle="--", label=_word("floor"))
        # A floor just inside the margin would lie on the axis, unseen.
        bottom, top = axes.get_ylim()
        axes.set_ylim(bottom=min(bottom, floor - 0.06 * (top - floor)))
        said.append(_word("floor_alt", value=number(floor)))
    if 0 < result.resumed_from < (total or math.inf):
        axes.axvline(result.resumed_from, color=GREEN, linestyle=":", label=_word("resumed"))
    axes.set(ylabel=_word("nats"), title=title)
    axes.legend(frameon=False)
    if with_norms:
        below = grid[1, 0]
        below.plot(norm_steps, norms, color=GREEN, linewidth=0.8)
        if math.isfinite(max_norm):
            below.axhline(max_norm, color=GREY, linestyle="--", linewidth=0.8, label=_word("clipped"))
            below.legend(frameon=False, fontsize=8)
        below.set_yscale("log")
        for which in (below.yaxis.set_major_formatter, below.yaxis.set_minor_formatter):
            which(
                lambda value, _: f"{value:g}" if f"{value:e}"[0] in "125" else ""
            )  # powers of ten are hard to read
        below.set_ylabel(_word("norm"), fontsize=8)
        said.append(_word("norm_alt", low=number(min(norms)), high=number(max(norms))))
    grid[-1, 0].set_xlabel(_word("step"))
    if total is not None:
        axes.set_xlim(0, total)
    return Picture(figure, say(text("; ", " ; ")).join(said) + ".")


def plot_curve(result: TrainingResult, floor: float | None = None, title: str = "") -> Picture:
    """Training and validation loss of a run against the floor where it is known, and its gradient norms.

    Args:
        result: a finished run.
        floor: nats a prediction that no model can beat.
        title: above the picture.
    """
    picture = _curve(result, floor, title, None, 1.0)
    display(picture)
    return picture


class LiveCurve:
    """The curve of a run while it goes on: give `start` and `add` to `pretrain`, and call `finish` at the end.

    Args:
        total: steps of the whole run.
        floor: nats a prediction that no model can beat; None where it is not known.
        title: above the picture.
        max_norm: gradients are clipped at this norm.
        every: seconds between two drawings, at least: a drawing takes a tenth of a second.
    """

    def __init__(
        self,
        total: int,
        floor: float | None = None,
        title: str = "",
        max_norm: float = 1.0,
        every: float = 3.0,
    ):
        self.total, self.floor, self.title = total, floor, title
        self.max_norm, self.every = max_norm, every
        self.result = TrainingResult()
        self.place: Any = None
        self._drawn = -math.inf

    def start(self, result: TrainingResult) -> None:
        """Begin with what a checkpoint remembers of the run."""
        self.result = TrainingResult(history=list(result.history), resumed_from=result.resumed_from)

    def add(self, entry: Mapping[str, float]) -> None:
        """One more logged step; the picture is drawn again if the last one is old enough."""
        self.result.history.append(dict(entry))
        if time.monotonic() - self._drawn >= self.every:
            self._draw()

    def finish(self, floor: float | None = None) -> Picture:
        """The last picture, in the place of the others."""
        self.floor = self.floor if floor is None else floor
        return self._draw()

    def _draw(self) -> Picture:
        picture = _curve(self.result, self.floor, self.title, self.total, self.max_norm)
        self.place = display(picture, self.place)
        self._drawn = time.monotonic()
        return picture


def plot_schedule(schedule: Any, peak: float, floor: float, warmup_steps: int, total_steps: int) -> Picture:
    """The learning rate of each step, a little past the end."""
    figure, axes = new_figure(6, 2.8)
    steps = range(int(1.15 * total_steps))
    rates = [schedule(step, peak, floor, warmup_steps, total_steps) for step in steps]
    axes.plot(steps, rates, color=BLUE)
    axes.set(xlabel=_word("step"), ylabel=_word("rate"))
    highest = max(steps, key=rates.__getitem__)
    first, peak_rate, last = (number(rate, 5) for rate in (rates[0], rates[highest], rates[-1]))
    alt = _word("schedule_alt", first=first, peak=peak_rate, at=highest, last=last, end=steps[-1])
    return shown(figure, alt)
