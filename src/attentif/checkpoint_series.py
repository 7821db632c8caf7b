"""The last checkpoints of a run: the newest that is whole is the one to go on from."""

from __future__ import annotations

import itertools
import warnings
from pathlib import Path

from attentif.checkpoint import load_checkpoint, save_checkpoint
from attentif.errors import InputError
from attentif.language import Remark, text

# The newest one comes under the first name, and gets the second when the older ones have made room.
_FRESH, NEWEST = "checkpoint.new.pt", "checkpoint.pt"


def checkpoints(directory: str | Path) -> list[Path]:
    """The checkpoints of a run, the newest first: checkpoint.pt, checkpoint.1.pt, checkpoint.2.pt …

    After a death in the midst of the renamings checkpoint.new.pt comes first.
    """
    directory = Path(directory)
    numbered = {
        int(number): path
        for path in directory.glob("checkpoint.*.pt")
        if (number := path.name.split(".")[1]).isdecimal()
    }
    paths = [directory / _FRESH, directory / NEWEST, *(numbered[number] for number in sorted(numbered))]
    return [path for path in paths if path.is_file()]


def save_newest(directory: str | Path, state: dict, keep: int = 2) -> None:
    """Save a state as the newest checkpoint, and keep `keep` of them in all.

    It is written whole before any older one is renamed, and the oldest is replaced last: a process that dies at any
    moment loses no checkpoint that was there before, but the oldest.

    Args:
        directory: of the run.
        state: see `save_checkpoint`.
        keep: how many, at least 1.
    """
    directory = Path(directory)
    names = [directory / _FRESH, directory / NEWEST]
    names += [directory / f"checkpoint.{number}.pt" for number in range(1, keep)]
    _make_room(names)  # what a death left undone
    save_checkpoint(names[0], state)
    _make_room(names)
    for path in checkpoints(directory)[keep:]:
        path.unlink()


def _make_room(names: list[Path]) -> None:
    """Give each file the next name, up to the first name that is free (or the last, whose file is replaced)."""
    if not names[0].is_file():
        return
    last = next((place for place in range(1, len(names)) if not names[place].is_file()), len(names) - 1)
    for source, target in reversed(list(itertools.pairwise(names[: last + 1]))):
        source.replace(target)


def load_newest(directory: str | Path) -> dict | None:
    """The state of the newest checkpoint that is whole; None where there is none at all.

    Damaged ones that are newer are renamed (checkpoint.damaged, checkpoint.1.damaged …), and a remark says so.

    Raises:
        InputError: there are checkpoints, and none of them can be read.
    """
    paths = checkpoints(directory)
    refusals: list[InputError] = []
    for path in paths:
        try:
            state = load_checkpoint(path)
        except InputError as error:
            refusals.append(error)
            continue
        for damaged in paths[: len(refusals)]:
            aside = damaged.with_suffix(".damaged")
            damaged.replace(aside)
            said = text(
                f"{damaged} is damaged (it is now {aside.name}): the run goes on from the one before, of step "
                f"{state.get('step')}",
                f"{damaged} est abîmé (il s'appelle maintenant {aside.name}) : l'entraînement reprend au point de reprise "
                f"précédent, celui de l'étape {state.get('step')}",
            )
            warnings.warn(Remark(said), stacklevel=2)
        return state
    if refusals:
        raise refusals[0]
    return None
