"""What the last cell shows: exercises, questions without an answer, the file to hand in and its receipt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path

from attentif.checks.report import format_points
from attentif.language import Text, colon, current_language, say, text
from attentif.submission.standing import Standing

_WORDS: dict[str, Text] = {
    "title": text("Handing in", "Rendre le carnet"),
    "exercise": text("exercise", "exercice"),
    "points": text("points of the checks above", "points des contrôles ci-dessus"),
    "more": text(
        "Further checks run at grading: these points are not your mark.",
        "D'autres contrôles s'exécuteront à la correction : ces points ne sont pas votre note.",
    ),
    "to_do": text("to do", "à faire"),
    "total": text("total", "total"),
    "questions": text("Questions without an answer", "Questions sans réponse"),
    "answered": text(
        "All questions of the report have an answer.", "Toutes les questions du rapport ont une réponse."
    ),
    "unsaved": text(
        "Not in the saved file as you ran it: {names}. Save the notebook (Ctrl+S, on a Mac Cmd+S), then run this cell again. "
        "No file was written.",
        "Absent du fichier enregistré, tel que vous l'avez exécuté : {names}. Enregistrez le carnet (Ctrl+S, Cmd+S sur un Mac), puis "
        "exécutez de nouveau cette cellule. Aucun fichier n'a été écrit.",
    ),
    "older": text(
        "The saved file does not hold the latest results of {n} cells that you have run. Save the notebook, then run this cell again: your "
        "curves and figures belong to the report.",
        "Le fichier enregistré ne contient pas les derniers résultats de {n} cellules que vous avez exécutées. Enregistrez le carnet, puis "
        "exécutez de nouveau cette cellule : vos courbes et vos figures font partie du rapport.",
    ),
    "lost": text(
        'The notebook\'s own file was not found, so nothing was written. Save the notebook, then run submit("path/of/the/notebook.ipynb"); '
        "or hand in the notebook itself (File, Download).",
        "Le fichier du carnet n'a pas été trouvé, donc rien n'a été écrit. Enregistrez le carnet, puis exécutez "
        'soumettre("chemin/du/carnet.ipynb") ; ou rendez le carnet lui-même (Fichier, Télécharger).',
    ),
    "file": text("File to hand in", "Fichier à rendre"),
    "receipt": text("Receipt", "Reçu"),
    "saved": text("Last saved", "Dernier enregistrement"),
    "live": text("as it is on the screen now", "tel qu'il est à l'écran en ce moment"),
    "how": text(
        "Upload this one file where your course collects the assignment. Keep the receipt: it tells whether the file that arrived is this one. "
        "What you change from now on is not in it: run this cell again.",
        "Déposez ce seul fichier là où votre cours recueille le devoir. Gardez le reçu : il permet de vérifier que le fichier arrivé est bien "
        "celui-ci. Ce que vous changez désormais n'y figure pas : exécutez de nouveau cette cellule.",
    ),
}


@dataclass(frozen=True)
class Summary:
    """What came of handing in.

    Args:
        standings: of the exercises.
        unanswered: questions of the report.
        unsaved: exercises whose code is not in the file.
        older: how many cells have newer results than those in the file.
        file: what to hand in; None if nothing was written.
        receipt: of its content.
        saved: when the notebook was last saved.
        live: whether it was taken from the screen.
    """

    standings: tuple[Standing, ...]
    unanswered: tuple[str, ...] = ()
    unsaved: tuple[str, ...] = ()
    older: int = 0
    file: Path | None = None
    receipt: str = ""
    saved: datetime | None = None
    live: bool = False

    def __str__(self) -> str:
        width = max((len(each.exercise) for each in self.standings), default=0)
        lines = [_word("title")]
        lines += [f"  {each.exercise:<{width}}  {_points(each)}" for each in self.standings]
        return "\n".join([*lines, f"  {_word('total'):<{width}}  {self._total()}", *self._sentences()])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th scope='row' style='text-align:left;font-weight:normal'><code>{escape(each.exercise)}</code></th>"
            f"<td style='text-align:right;white-space:nowrap'>{escape(_points(each))}</td></tr>"
            for each in self.standings
        )
        sentences = "".join(f"<p style='margin:0.3em 0'>{escape(each)}</p>" for each in self._sentences())
        return (
            f"<table style='border-collapse:collapse'><caption style='text-align:left;font-weight:bold'>{_word('title')}</caption>"
            f"<thead><tr><th scope='col' style='text-align:left'>{_word('exercise')}</th>"
            f"<th scope='col' style='text-align:right'>{_word('points')}</th></tr></thead><tbody>{rows}</tbody>"
            f"<tfoot><tr><th scope='row' style='text-align:left'>{_word('total')}</th>"
            f"<th style='text-align:right;white-space:nowrap'>{self._total()}</th></tr></tfoot></table>{sentences}"
        )

    def _total(self) -> str:
        earned, maximum = (
            sum(getattr(each, name) for each in self.standings) for name in ("earned", "maximum")
        )
        return f"{format_points(earned)} / {format_points(maximum)}"

    def _sentences(self) -> list[str]:
        found = [_word("more")]
        if self.saved is not None:  # what is not found has questions that nobody knows
            listed = f"{_word('questions')}{colon()}{_listed(self.unanswered)}."
            found.append(listed if self.unanswered else _word("answered"))
        if self.saved is None:
            found.append(_word("lost"))
        elif self.unsaved:
            found.append(_word("unsaved").format(names=_listed(self.unsaved)))
        elif self.file is not None:
            found += [_word("older").format(n=self.older)] if self.older else []
            when = self.saved.strftime(
                "%d/%m/%Y %H:%M:%S" if current_language() == "fr" else "%Y-%m-%d %H:%M:%S"
            )
            found += [
                f"{_word('file')}{colon()}{self.file}",
                f"{_word('receipt')}{colon()}{self.receipt}",
                f"{_word('saved')}{colon()}{_word('live') if self.live else when}",
                _word("how"),
            ]
        return found


def _word(name: str) -> str:
    return say(_WORDS[name])


def _points(standing: Standing) -> str:
    said = f"{format_points(standing.earned)} / {format_points(standing.maximum)}"
    return f"{_word('to_do')}, {said}" if standing.to_do else said


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
