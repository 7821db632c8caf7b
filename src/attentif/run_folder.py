"""Where a notebook keeps its models while they learn: in Drive on Colab, beside the notebook elsewhere."""

from __future__ import annotations

import importlib
import importlib.util
import os
import tempfile
from pathlib import Path
from typing import Any

from attentif.language import Text, say, text
from attentif.pretraining import grading

NAME = "attentif-runs"
VARIABLE = "ATTENTIF_RUNS"
_DRIVE = Path("/content/drive")

_SAID: dict[str, Text] = {
    "kept": text(
        "Your models are kept in {folder}: after an interruption, run everything again, and their training goes on.",
        "Vos modèles sont gardés dans {folder} : après une interruption, exécutez tout de nouveau, et leur entraînement continue.",
    ),
    "colab": text(
        "Your models are kept in {folder}, on Colab's machine only: they are lost when Colab takes it back. Allow access to Drive "
        "(run this cell again) to keep them.",
        "Vos modèles sont gardés dans {folder}, sur la machine de Colab seulement : ils se perdent quand Colab la reprend. Donnez accès "
        "à Drive (exécutez de nouveau cette cellule) pour les garder.",
    ),
    "nowhere": text(
        "Nothing can be written in {folder}: your models are not kept, and training begins again each time.",
        "On ne peut rien écrire dans {folder} : vos modèles ne sont pas gardés, et l'entraînement recommence à chaque fois.",
    ),
}


def run_folder(drive: bool = True) -> Path | None:
    """The folder in which a notebook keeps what its training needs to go on, and a sentence that says so.

    The environment variable ATTENTIF_RUNS names another folder; empty, nothing is kept.

    Args:
        drive: on Colab, whether to ask for access to Google Drive, whose files outlive the machine.

    Returns:
        the folder, which exists; None where nothing can be written, and while the notebook is being graded.
    """
    named = os.environ.get(VARIABLE)
    if grading() or named == "":
        return None
    on_colab = _found("google.colab")
    mounted = on_colab and drive and named is None and _mount()
    folder = Path(named) if named else _DRIVE / "MyDrive" / NAME if mounted else Path.cwd() / NAME
    if not _writable(folder):
        print(say(_SAID["nowhere"]).format(folder=folder))
        return None
    print(say(_SAID["colab" if on_colab and not mounted and not named else "kept"]).format(folder=folder))
    return folder


def _found(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _mount() -> bool:
    """Whether Drive is there; Colab asks the student, who may refuse."""
    if (_DRIVE / "MyDrive").is_dir():
        return True
    try:
        colab_drive: Any = importlib.import_module("google.colab.drive")
        colab_drive.mount(str(_DRIVE))
    except (
        Exception
    ) as error:  # a refusal, a window that was closed, a time limit: Colab has many names for no
        print(f"Google Drive: {error}")
        return False
    return (_DRIVE / "MyDrive").is_dir()


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
