"""An exercise's card, the text above its cell: the statement that its author wrote, between what the contract says of it
(worth, prerequisites) and what the catalogue warns of (frequent mistakes).
"""

from __future__ import annotations

import html
import re
from pathlib import Path

from attentif.checks.text import Text, text
from attentif.errors import InputError
from attentif_grading.contracts import Contract, has_checks, load_course
from attentif_grading.exercises import load_exercise

_WORTH: Text = text(
    "**{points} {unit}** ({public} by the checks below, {hidden} at grading) · about {minutes} minutes · "
    "difficulty {difficulty} of 4 · importance {importance} of 4: {rests}",
    "**{points} {unit}** ({public} par les contrôles ci-dessous, {hidden} à la correction) · environ "
    "{minutes} minutes · difficulté {difficulty} sur 4 · importance {importance} sur 4 : {rests}",
)
# What each level of importance means.
_RESTS: dict[int, Text] = {
    4: text("the whole course rests on it", "tout le cours repose dessus"),
    3: text("a whole part of the course rests on it", "toute une partie du cours repose dessus"),
    2: text("what follows builds on the idea", "une idée dont la suite se sert"),
    1: text("what follows can do without it", "la suite peut s'en passer"),
}
_NOTIONS: Text = text("**Prerequisites.** Concepts: {notions}.", "**Prérequis.** Notions : {notions}.")
_EXERCISES: Text = text(
    "{exercises}: {names}; a rescue part stands in for what you have not finished.",
    "{exercises} : {names} ; une partie de secours remplace ce que vous n'avez pas fini.",
)
_NAMED = {False: text("Exercise", "Exercice"), True: text("Exercises", "Exercices")}
_MISTAKES: Text = text(
    "<details><summary>Frequent mistakes</summary>\nAll of this is wrong, and <code>check</code> often recognises it:",
    "<details><summary>Erreurs fréquentes</summary>\nTout cela est faux, et <code>check</code> le reconnaît souvent :",
)
# How many a card warns of.
FEWEST, MOST = 2, 4

# Code in a diagnosis, which is plain text: names with an underscore, name=value, constants, special tokens, shapes.
_CODE = re.compile(
    r"\b[A-Za-z]\w*_\w+(?:=-?\w+)?|\b[A-Za-z]\w*=-?\w+|\bself\.\w+|\b(?:True|False|None|NaN)\b"
    r"|\[[A-Z]+\]|\([A-Z\d](?:, [A-Z\d])+\)"
)


def card(contract: Contract, language: str, home: Path, public: float, hidden: float) -> str:
    """The card's Markdown.

    Args:
        contract: the exercise's.
        language: fr or en.
        home: the course's repository.
        public, hidden: points of its checks.

    Raises:
        InputError: no statement, or a catalogue that does not say which mistakes are frequent.
    """
    path = home / "grading" / "exercises" / contract.name / f"card.{language}.md"
    if not path.is_file():
        raise InputError(expected=f"the statement {path}", got="no such file", remedy="write it")
    heading, _, statement = path.read_text(encoding="utf-8").strip().partition("\n")
    parts = (
        heading,
        _worth(contract, language, public, hidden),
        _prerequisites(contract, language, home),
        f"{statement.strip()}\n{_frequent_mistakes(contract, language)}",
    )
    return "\n\n".join(parts)


def _worth(contract: Contract, language: str, public: float, hidden: float) -> str:
    def number(points: float) -> str:
        return f"{points:g}".replace(".", "," if language == "fr" else ".")

    return _WORTH[language].format(
        points=number(contract.points),
        unit="point" if contract.points == 1 else "points",
        public=number(public),
        hidden=number(hidden),
        minutes=contract.minutes,
        difficulty=contract.difficulty,
        importance=contract.importance,
        rests=_RESTS[contract.importance][language],
    )


def _prerequisites(contract: Contract, language: str, home: Path) -> str:
    """The notions, then the exercises that this one uses: those that students write, as the others are given."""
    said = _NOTIONS[language].format(notions=contract.notions[language])
    chosen = load_course(home).exercises
    names = [f"`{name}`" for name in contract.depends if name in chosen and has_checks(home, name)]
    if names:
        exercises = _NAMED[len(names) > 1][language]
        said += " " + _EXERCISES[language].format(exercises=exercises, names=", ".join(names))
    return said


def _frequent_mistakes(contract: Contract, language: str) -> str:
    """The pitfalls that the catalogue marks, folded. No line of it is empty: Markdown would end the HTML there."""
    frequent = load_exercise(contract.name).frequent()
    if not FEWEST <= len(frequent) <= MOST:
        raise InputError(
            expected=f"{FEWEST} to {MOST} frequent mistakes of {contract.name} for its card",
            got=str(len(frequent)),
            remedy="name them in FREQUENT of its misconceptions.py",
        )
    items = "\n".join(f"<li>{_sentence(mistake.pitfall[language])}</li>" for mistake in frequent)
    return f"{_MISTAKES[language]}\n<ul>\n{items}\n</ul>\n</details>"


def _sentence(said: str) -> str:
    """A pitfall as a sentence in HTML.

    >>> _sentence("your mask, (B, 1, S, 1), hides what `pad_id < 0` shows")
    'Your mask, <code>(B, 1, S, 1)</code>, hides what <code>pad_id &lt; 0</code> shows.'
    """
    # Code that the text marks itself stands between backticks, in the odd places.
    pieces = re.split(r"`([^`]*)`", said[:1].upper() + said[1:] if not _CODE.match(said) else said)
    shown = [
        f"<code>{html.escape(piece, quote=False)}</code>"
        if place % 2
        else _CODE.sub(r"<code>\g<0></code>", html.escape(piece, quote=False))
        for place, piece in enumerate(pieces)
    ]
    return "".join(shown) + "."
