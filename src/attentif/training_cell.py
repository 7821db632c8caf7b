"""What a training cell of a notebook does: train with a live curve, go on after an interruption, say what is normal."""

from __future__ import annotations

import itertools
import json
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from attentif.charts import LiveCurve
from attentif.checkpoint import write_atomically
from attentif.checkpoint_series import checkpoints, load_newest
from attentif.code_digest import code_digest
from attentif.errors import InputError
from attentif.evaluation import compare_with_floor, known_floor, unigram_baseline, validation_loss
from attentif.expected_losses import normal_excess
from attentif.experiment import Experiment, run
from attentif.in_use import changed_since, made_with
from attentif.language import Text, number, say, text
from attentif.pretraining import grading
from attentif.run_record import PASSING, read_record
from attentif.training_state import TrainingResult

_SAID: dict[str, Text] = {
    "graded": text(
        "Training is skipped while the notebook is being graded.",
        "L'entraînement est omis pendant la correction.",
    ),
    "changed": text(
        "Changed since the model was put together, which does not use it yet: {names}. Run the cell that makes `parts` again, then this one.",
        "Modifié depuis que le modèle a été assemblé, et qui ne s'en sert pas encore : {names}. Exécutez de nouveau la cellule qui crée "
        "`parts`, puis celle-ci.",
    ),
    "begins again": text(
        "Training begins again from the start, for something has changed since the last time: {changes}.",
        "L'entraînement reprend depuis le début, car quelque chose a changé depuis la dernière fois : {changes}.",
    ),
    "damaged": text(
        "Training begins again from the start: its last state in {folder} cannot be read.",
        "L'entraînement reprend depuis le début : son dernier état, dans {folder}, est illisible.",
    ),
    "goes on": text(
        "Training goes on from step {step} of {steps}, where it was interrupted.",
        "L'entraînement continue à l'étape {step} sur {steps}, là où il a été interrompu.",
    ),
    "done": text(
        "This model is trained already ({steps} steps). To train it again from the start: again=True in the call of train.",
        "Ce modèle est déjà entraîné ({steps} étapes). Pour l'entraîner de nouveau : again=True dans l'appel de train.",
    ),
    "paused": text(
        "Paused at step {step} of {steps}. Run this cell again to go on.",
        "En pause à l'étape {step} sur {steps}. Exécutez de nouveau cette cellule pour continuer.",
    ),
    "not kept": text(
        "Stopped at step {step} of {steps}. Nothing is kept: run this cell again to begin from the start.",
        "Arrêt à l'étape {step} sur {steps}. Rien n'est gardé : exécutez de nouveau cette cellule pour recommencer.",
    ),
    "floor": text(
        "loss {model} nats, floor {floor}: {excess} above it",
        "perte {model} nats, plancher {floor} : {excess} au-dessus",
    ),
    "leak": text(
        "loss {model} nats, below the floor of {floor}: the model sees what it must predict. Check the masks.",
        "perte {model} nats, sous le plancher de {floor} : le modèle voit ce qu'il doit prédire. Vérifiez les masques.",
    ),
    "baseline": text(
        "loss {model} nats on text that it has not read; guessing each token by its frequency alone: {baseline}",
        "perte {model} nats sur du texte qu'il n'a pas lu ; en devinant chaque jeton d'après sa seule fréquence : {baseline}",
    ),
    "normal": text(
        "What is normal: {mean} ± {spread} nats above the floor (mean and spread over {seeds} seeds, reference parts, same settings); "
        "yours: {excess}. {verdict}",
        "Ce qui est normal : {mean} ± {spread} nat au-dessus du plancher (moyenne et écart-type sur {seeds} graines, pièces de référence, "
        "mêmes réglages) ; chez vous : {excess}. {verdict}",
    ),
    "within": text("That is normal.", "C'est normal."),
    "above": text(
        "That is more: some part learns less well than it could. See which checks fail.",
        "C'est plus : une pièce apprend moins bien qu'elle ne pourrait. Voyez quels contrôles échouent.",
    ),
    "below": text("That is less: well done, or another model.", "C'est moins : bravo, ou autre modèle."),
    "crashed": text(
        "The training stopped with an error. If it is in your own code, mend it, or put raise NotImplementedError() back into its cell: "
        "a rescue part then takes its place.",
        "L'entraînement s'est arrêté sur une erreur. Si elle est dans votre code, corrigez-le, ou remettez raise NotImplementedError() dans "
        "sa cellule : une partie de secours prendra alors sa place.",
    ),
}
_CHANGES: dict[str, Text] = {
    "settings": text("the settings ({names})", "les réglages ({names})"),
    "code": text("your code ({names})", "votre code ({names})"),
}


def _say(key: str, /, **values: Any) -> str:
    return say(_SAID[key]).format(**values)


class Paused(KeyboardInterrupt):
    """The student has stopped a training; a notebook shows one line in place of a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def train(
    experiment: Experiment,
    name: str,
    folder: Path | None,
    title: str = "",
    again: bool = False,
    progress: bool = True,
    **learning: Any,
) -> TrainingResult:
    """Train a model with a live curve against the floor, and say how far it got and what is normal.

    With a folder, an interrupted training (the stop button, a lost machine) goes on where it was when the cell is
    run again, and a finished one is read back; unless the settings or the student's code have changed since,
    then it begins from the start.

    Args:
        experiment: what `prepare` made.
        name: of the run, a folder below `folder`.
        folder: where to keep it, see `run_folder`; None keeps nothing.
        title: of the model, for the picture and for messages.
        again: train from the start whatever is kept.
        progress: show a bar.
        learning: the functions that `pretrain` takes: learning_rate, groups, step.

    Returns:
        TrainingResult.

    Raises:
        Paused: the student has stopped it; the state is kept.
        InputError: a learning rate, loss or gradient that is not finite; no room for the checkpoint.
    """
    if grading():
        print(_say("graded"))
        return TrainingResult(skipped_while_grading=True)
    used = (*experiment.made_of, *learning.values())
    if changed := changed_since(used):
        print(_say("changed", names=", ".join(changed)))
    made_with(title or name, used)
    place = None if folder is None else folder / name
    if place is not None:
        _make_way(place, experiment, used, again)
    steps = experiment.config.steps
    live = LiveCurve(steps, known_floor(experiment), title)

    def start(result: TrainingResult) -> None:
        live.start(result)
        if result.resumed_from:
            print(_say("done" if result.steps == steps else "goes on", step=result.steps, steps=steps))

    with _stop_button() as stopped:
        try:
            result = _run(experiment, place, live, start, stopped, {**learning, "progress": progress})
        except OSError as error:
            raise _no_room(place, error) from error
        except InputError:
            raise
        except Exception:
            print(_say("crashed"))
            raise
    live.finish()
    if result.steps < steps:
        raise Paused(_say("paused" if place else "not kept", step=result.steps, steps=steps))
    _tell(experiment)
    return result


def _run(
    experiment: Experiment,
    place: Path | None,
    live: LiveCurve,
    start: Any,
    stopped: threading.Event,
    learning: dict,
) -> TrainingResult:
    options = {**learning, "on_log": live.add, "on_start": start, "pause": stopped.is_set}
    try:
        return run(experiment, place, **options)
    except InputError:
        if place is None or _readable(place):
            raise
    print(_say("damaged", folder=place))
    _set_aside(place)
    return run(experiment, place, **options)


def _readable(place: Path) -> bool:
    try:
        load_newest(place)
    except InputError:
        return False
    return True


def _make_way(place: Path, experiment: Experiment, used: tuple[Any, ...], again: bool) -> None:
    """Leave in `place` the run that goes on, or nothing; say why an earlier one does not go on."""
    settings = {name: value for name, value in asdict(experiment.config).items() if name not in PASSING}
    now = {"settings": settings, "code": {each.__name__: code_digest(each) for each in used}}
    record = place.with_name(f"{place.name}.json")
    before = read_record(record) if record.is_file() else {}
    if place.exists() and (again or before != now):
        changes = [
            say(_CHANGES[kind]).format(names=", ".join(names))
            for kind in ("settings", "code")
            if (names := _differing(before.get(kind, {}), now[kind]))
        ]
        if changes and not again:
            print(_say("begins again", changes="; ".join(changes)))
        _set_aside(place)
    write_atomically(record, lambda target: target.write_text(json.dumps(now, indent=1), encoding="utf-8"))


def _differing(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    return [name for name in {**before, **now} if before.get(name) != now.get(name)]


def _set_aside(place: Path) -> None:
    """Rename the folder of an earlier run, and keep its metrics but not its weights, which are large."""
    numbers = itertools.count(1)
    aside = next(name for n in numbers if not (name := place.with_name(f"{place.name}.{n}")).exists())
    place.rename(aside)
    for heavy in (*checkpoints(aside), *aside.glob("*.damaged"), aside / "model.safetensors"):
        heavy.unlink(missing_ok=True)


def _no_room(place: Path | None, error: OSError) -> InputError:
    return InputError(
        expected=text(
            f"room to keep the state of the training in {place}",
            f"de la place pour garder l'état de l'entraînement dans {place}",
        ),
        got=error.strerror or str(error),
        remedy=text(
            "make room there (empty the bin of Drive too), or train without keeping anything: runs = None",
            "faites-y de la place (videz aussi la corbeille de Drive), ou entraînez sans rien garder : runs = None",
        ),
    )


@contextmanager
def _stop_button() -> Iterator[threading.Event]:
    """An event that the stop button (or Ctrl-C) sets, so that a step is finished and kept; pressed again, it stops at once."""
    stopped = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return

    def stop(number: int, frame: Any) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
        stopped.set()

    usual = signal.signal(signal.SIGINT, stop)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, usual)


def _tell(experiment: Experiment) -> None:
    """How far the model got: against the floor, or against plain frequencies; and whether that is normal."""
    floor = known_floor(experiment)
    if floor is None:
        loss = validation_loss(experiment)["loss"]
        print(_say("baseline", model=number(loss, 3), baseline=number(unigram_baseline(experiment), 3)))
        return
    compared = compare_with_floor(experiment, strict=False)
    excess = number(100 * compared.excess, 1) + " %"
    numbers = {"model": number(compared.model, 3), "floor": number(floor, 3)}
    print(_say("leak" if compared.leak else "floor", excess=excess, **numbers))
    normal = normal_excess(experiment.config)
    if normal is not None:
        above = compared.model - floor
        said = {
            "mean": number(normal.mean, 3),
            "spread": number(normal.spread, 3),
            "excess": number(above, 3),
        }
        print(_say("normal", **said, seeds=normal.seeds, verdict=say(_SAID[normal.verdict(above)])))
