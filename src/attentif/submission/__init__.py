"""The last cell of a notebook: all public checks once more, what is still unanswered, and one file to hand in."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from tqdm.auto import tqdm

from attentif.checks import in_notebook
from attentif.errors import InputError
from attentif.language import say, text
from attentif.pretraining import grading
from attentif.submission.cleaning import cleaned, receipt_of
from attentif.submission.finding import find_notebook
from attentif.submission.standing import (
    Standing,
    exercises_in,
    older_results,
    standing_of,
    unanswered,
    unsaved,
)
from attentif.submission.summary import Summary

__all__ = ["ENDING", "Standing", "Summary", "find_notebook", "receipt_of", "soumettre", "submit"]

ENDING = text("_submission", "_rendu")
_BAR = text("checks", "contrôles")


def submit(path: str | Path | None = None, folder: str | Path = ".") -> Summary | None:
    """Run all public checks, list questions without an answer, and write the file to hand in.

    Nothing is written while the code that was run last is not in the saved notebook.

    Args:
        path: of this notebook, where it cannot be found; see `find_notebook`.
        folder: where the file is written.

    Returns:
        what a notebook shows as a table; None while the notebook is being graded.

    Raises:
        InputError: there is no notebook of the assignment at this path, or the file cannot be written.
    """
    if grading():
        return None
    namespace = vars(sys.modules["__main__"])
    history = _history(namespace)
    found = find_notebook(history, path)
    if found is None and path is not None:
        raise InputError(
            expected=text("a notebook of the assignment, saved", "un carnet du devoir, enregistré"),
            got=str(path),
            remedy=text(
                "give the path of the .ipynb file, as it is handed out",
                "donnez le chemin du fichier .ipynb distribué",
            ),
        )
    names = exercises_in(found.content) if found else _written_here(namespace)
    bar = tqdm(standing_of(names, namespace), total=len(names), desc=say(_BAR), leave=False)
    standings = tuple(bar)
    if found is None:
        return _shown(Summary(standings))
    questions = tuple(unanswered(found.content))
    missing = () if found.live else tuple(unsaved(found.content, names, history))
    older = 0 if found.live else older_results(found.content, history)
    if missing:
        return _shown(Summary(standings, questions, missing, older, saved=found.saved))
    content = cleaned(found.content, found.saved, datetime.now().astimezone())
    file = Path(folder) / f"{found.name}{say(ENDING)}.ipynb"
    _write(file, content)
    _download(file)
    receipt = content["metadata"]["attentif"]["handed_in"]["receipt"]
    return _shown(Summary(standings, questions, (), older, file, receipt, found.saved, found.live))


def soumettre(chemin: str | Path | None = None, dossier: str | Path = ".") -> Summary | None:
    """`submit`, under its French name."""
    return submit(chemin, dossier)


def _history(namespace: dict[str, Any]) -> Sequence[str]:
    """The cells that were run in this session, as they were typed; none outside a notebook."""
    shell = namespace.get("get_ipython", lambda: None)()
    return [str(each) for each in getattr(getattr(shell, "history_manager", None), "input_hist_raw", ())]


def _written_here(namespace: dict[str, Any]) -> list[str]:
    from attentif.checks.store import known_exercises

    return [
        name for name in known_exercises() if getattr(namespace.get(name), "__module__", None) == "__main__"
    ]


def _write(file: Path, content: dict[str, Any]) -> None:
    """The whole file, or none."""
    beside = file.with_name(file.name + ".part")
    try:
        beside.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        os.replace(beside, file)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise InputError(
            expected=text(
                "a folder where the file can be written", "un dossier où le fichier peut être écrit"
            ),
            got=f"{file.parent} ({error.strerror})",
            remedy=text(
                'give another one: submit(folder="…")', 'donnez-en un autre : soumettre(dossier="…")'
            ),
        ) from error


def _download(file: Path) -> None:
    """On Colab, the file goes to the student's own machine."""
    if "google.colab" in sys.modules:
        with contextlib.suppress(Exception):  # a browser that refuses: the file is there all the same
            from google.colab import files

            files.download(str(file))


def _shown(summary: Summary) -> Summary:
    if not in_notebook():
        print(summary)
    return summary
