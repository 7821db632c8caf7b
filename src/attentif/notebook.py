"""What the notebooks' cells call: set-up, friendly messages, rescue parts."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import platform
import sys
import warnings
from collections.abc import Callable
from typing import Any

import torch

from attentif import rescue
from attentif.checks.engine import CheckSet
from attentif.checks.store import known_exercises, load_exercise
from attentif.checks.student import LocalStudent
from attentif.checks.text import Remark, Text, colon, say, set_language, text
from attentif.corpus.hub import hub_within_reach
from attentif.errors import InputError
from attentif.hardware import choose_device, choose_precision

_SAID: dict[str, Text] = {
    "found": text(
        "{versions}; computing on {device}, {precision} ({reason}).",
        "{versions} ; calcul sur {device}, {precision} ({reason}).",
    ),
    "missing": text(
        "Missing: {names}, for {purposes}. Install with: %pip install {names}, then restart the kernel.",
        "Il manque {names}, pour {purposes}. Installez par : %pip install {names}, puis redémarrez le noyau.",
    ),
    "gpu": text(
        "No GPU found: everything runs at a reduced size. On Colab: Runtime > Change runtime type > GPU.",
        "Pas de GPU : tout s'exécute en taille réduite. Sur Colab : Exécution > Modifier le type d'exécution > GPU.",
    ),
    "rescue": text(
        "{name} is still to be written: a rescue part takes its place, without marks.",
        "{name} reste à écrire : une partie de secours prend sa place, sans points.",
    ),
    "simpler": text("It is simpler: {what}.", "Elle est plus simple : {what}."),
    "rescue in use": text(
        "{name} is a rescue part here: {what}.", "{name} est ici une partie de secours : {what}."
    ),
    "todo": text(
        "{name} is still to be written: this cell has nothing to show yet.",
        "{name} reste à écrire : cette cellule n'a encore rien à montrer.",
    ),
    "impossible": text("{name} says nothing of this model: {why}", "{name} ne dit rien de ce modèle : {why}"),
    "corpus cpu": text(
        "No GPU: the large Microcosm takes the place of the real corpus.",
        "Pas de GPU : le grand Microcosm prend la place du vrai corpus.",
    ),
    "corpus offline": text(
        "The hub cannot be reached: the large Microcosm takes the place of the real corpus.",
        "Le hub est hors d'atteinte : le grand Microcosm prend la place du vrai corpus.",
    ),
    "remark": text("Note", "Remarque"),
}


# What is asked for beside torch and numpy, without which nothing can be imported; and what for.
_WANTED: dict[str, Text] = {
    "matplotlib": text("the pictures", "les images"),
    "tqdm": text("the progress bars", "les barres de progression"),
    "scipy": text("the statistics", "les statistiques"),
    "transformers": text("pretrained models", "les modèles pré-entraînés"),
    "datasets": text("real corpora", "les vrais corpus"),
}


def _version(name: str) -> str:
    """Of an installed package; empty where there is none."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def setup(language: str) -> torch.device:
    """Choose the notebook's language, say what the machine offers, and return the device to use.

    Raises:
        InputError: neither "fr" nor "en".
    """
    set_language(language)
    show_remarks()
    device = choose_device()
    precision = choose_precision("auto", device)
    found = [f"Python {platform.python_version()}", f"attentif {_version('attentif')}"]
    found += [
        f"{name} {version}" for name in ("torch", "numpy", "transformers") if (version := _version(name))
    ]
    named = f"cuda ({torch.cuda.get_device_name(device)})" if device.type == "cuda" else device.type
    said = {"versions": ", ".join(found), "device": named, "precision": precision.name}
    print(say(_SAID["found"]).format(**said, reason=say(precision.reason)))
    missing = {name: say(purpose) for name, purpose in _WANTED.items() if not importlib.util.find_spec(name)}
    if missing:
        purposes = ", ".join(dict.fromkeys(missing.values()))
        print(say(_SAID["missing"]).format(names=" ".join(missing), purposes=purposes))
    if device.type == "cpu":
        print(say(_SAID["gpu"]))
    torch.manual_seed(0)
    return device


def written(target: Any) -> bool:
    """Whether an exercise has a body of its own (right or wrong); one without checks is given, so it has."""
    if target.__name__ not in known_exercises():
        return True
    exercise = load_exercise(target.__name__)
    student = LocalStudent(target, exercise.method, rescue.known_good, called=exercise.called)
    first = CheckSet(exercise.name, exercise.checks.checks[:1])
    return not first.run(student, dict(exercise.cases)).unfinished


def or_rescue(target: Any) -> Any:
    """The student's function or class if it is written, else its rescue part, with a message that says what that one does.

    Where rescue parts refuse, at grading, it is not asked whether it is written: there is nothing else.
    """
    if rescue.REFUSES or written(target):
        return target
    said, simpler = say(_SAID["rescue"]).format(name=target.__name__), rescue.SIMPLER.get(target.__name__)
    print(f"{said} {say(_SAID['simpler']).format(what=say(simpler))}" if simpler else said)
    return rescue.PARTS[target.__name__]


def note_rescue(*parts: Any) -> None:
    """Say what the rescue parts among these do that is simpler, for a cell whose numbers come of what another cell chose.

    Args:
        parts: what `or_rescue` gave earlier; of a student's own nothing is said.
    """
    for part in parts:
        # At grading `rescue` has no such parts.
        if not rescue.REFUSES and rescue.PARTS.get(part.__name__) is part and part.__name__ in rescue.SIMPLER:
            what = say(rescue.SIMPLER[part.__name__])
            print(say(_SAID["rescue in use"]).format(name=part.__name__, what=what))


def to_do(target: Any) -> bool:
    """Whether an exercise is still unwritten; says so in one line if it is."""
    if written(target):
        return False
    print(say(_SAID["todo"]).format(name=target.__name__))
    return True


def if_possible(probe: Callable[..., Any], model: Any, *asked: Any, **options: Any) -> Any:
    """What a probe finds, or None where this model cannot be asked: a line says why.

    The questions are written for people; a model of the hub may cut or lack too many of their words.

    Args:
        probe: called with the model and all else; what it refuses by an `InputError` is told, other errors are not.
    """
    try:
        return probe(model, *asked, **options)
    except InputError as error:
        print(say(_SAID["impossible"]).format(name=probe.__name__, why=error))
        return None


def corpus_within_reach(name: str, device: torch.device) -> bool:
    """Whether a notebook trains on this corpus: with a GPU, and where a corpus of the hub can be reached.

    Args:
        name: as `open_corpus` takes it.
        device: where the model runs; a CPU is too slow for a real corpus.
    """
    if device.type == "cpu":
        print(say(_SAID["corpus cpu"]))
        return False
    if name.startswith("hub:") and not hub_within_reach():
        print(say(_SAID["corpus offline"]))
        return False
    return True


def _execution_count() -> int | None:
    """The number of the cell that runs; None outside a notebook."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return getattr(shell, "execution_count", None)


def show_remarks() -> None:
    """Have remarks printed as sentences; other warnings are shown as ever, in red and with their place."""
    usual = warnings.showwarning
    if getattr(usual, "prints_remarks", False):
        return
    told: set[tuple[Any, str]] = set()  # one line a cell is enough

    def show(message: Any, category: Any, *place: Any, **more: Any) -> None:
        if isinstance(message, Remark):
            cell = _execution_count()
            if cell is None or (cell, str(message)) not in told:
                told.add((cell, str(message)))
                print(f"{say(_SAID['remark'])}{colon()}{message}.")
        else:
            usual(message, category, *place, **more)

    show.prints_remarks = True
    warnings.showwarning = show
    warnings.simplefilter("always", Remark)
