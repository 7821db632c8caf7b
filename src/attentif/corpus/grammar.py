"""Grammar expressions: what a Microcosm sentence may be, before it is compiled to an automaton.

An expression is a word (a weighted choice of forms), a sequence or a weighted alternative.
There is no recursion, so every expression describes finitely many sentences.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Word:
    """Emits one token: a form drawn with its weight (normalised)."""

    forms: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Seq:
    """Emits its parts one after the other; no part at all is the empty expression."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True)
class Alt:
    """Emits one of its branches, drawn with its weight (normalised)."""

    branches: tuple[tuple[float, Expr], ...]


Expr = Word | Seq | Alt
EMPTY = Seq(())


def word(forms: str | Iterable[str] | Mapping[str, float]) -> Expr:
    """One token out of `forms`: equal weights for a list, given ones for a mapping."""
    if isinstance(forms, str):
        forms = [forms]
    weighted = forms.items() if isinstance(forms, Mapping) else ((form, 1.0) for form in forms)
    kept = tuple((form, float(weight)) for form, weight in weighted if weight > 0)
    if not kept:
        raise ValueError("word() expected at least one form with a positive weight, got none")
    return Word(kept)


def seq(*parts: Expr | str) -> Expr:
    """The parts in order; a string stands for its space-separated tokens."""
    expressions: list[Expr] = []
    for part in parts:
        if isinstance(part, str):
            expressions.extend(word(token) for token in part.split())
        elif isinstance(part, Seq):
            expressions.extend(part.parts)
        else:
            expressions.append(part)
    return expressions[0] if len(expressions) == 1 else Seq(tuple(expressions))


def alt(*branches: tuple[float, Expr | str]) -> Expr:
    """One branch, drawn with its weight; branches of weight 0 disappear."""
    kept = tuple(
        (float(weight), seq(branch) if isinstance(branch, str) else branch)
        for weight, branch in branches
        if weight > 0
    )
    if not kept:
        raise ValueError("alt() expected at least one branch with a positive weight, got none")
    return kept[0][1] if len(kept) == 1 else Alt(kept)


def opt(probability: float, expression: Expr | str) -> Expr:
    """The expression with this probability, else nothing."""
    return alt((probability, expression), (1.0 - probability, EMPTY))


def words_of(expressions: Iterable[Expr]) -> list[Word]:
    """The distinct words of the expressions, in order of appearance.

    >>> words_of([seq("le chat"), seq("un chat")])[1]
    Word(forms=(('chat', 1.0),))
    """
    found: dict[Word, None] = {}
    seen: set[int] = set()

    def visit(expression: Expr) -> None:
        if id(expression) in seen:
            return
        seen.add(id(expression))
        if isinstance(expression, Word):
            found.setdefault(expression)
        else:
            parts = (
                expression.parts if isinstance(expression, Seq) else [part for _, part in expression.branches]
            )
            for part in parts:
                visit(part)

    for expression in expressions:
        visit(expression)
    return list(found)
