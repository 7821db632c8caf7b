"""Compositions: right and wrong answers of the catalogue put together with accepted variants.

A student's code is rarely a catalogued mistake and nothing else: the mistake stands in a body that is written in some
other right way, on parts that are written in some other right way. Two things are composed here, both at once where
both are possible:

- the body is computed otherwise, see `rewritings`;
- the known-good implementations of the exercises that it is made of, or that it calls by name, are replaced by
  accepted variants of these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from attentif.rescue import known_good
from attentif_grading.exercises import Exercise, exercises_in_chain, load_exercise
from attentif_grading.other_ways import OtherWays
from attentif_grading.rewritings import rewritten

Parts = Callable[[str], Any]


@dataclass(frozen=True)
class Composition:
    """One answer, composed.

    Args:
        kind: composed for a mistake, composed_right for a right answer.
        name: of the mistake, of the variant or of the exercise.
        target: the function or class.
        parts: gives the implementation of each other exercise by its name.
        on: the variants of other exercises that `parts` gives, as EXERCISE.VARIANT.
        ways: counts what was really computed otherwise; None if the body is as it was.
    """

    kind: str
    name: str
    target: Any
    parts: Parts
    on: tuple[str, ...]
    ways: OtherWays | None

    @property
    def said(self) -> str:
        """What is composed, after it has run; empty if nothing was computed otherwise."""
        otherwise = ", ".join(sorted(self.ways.taken)) if self.ways else ""
        return "; ".join(filter(None, (otherwise and f"other ways of {otherwise}", ", ".join(self.on))))


def compositions(exercise: Exercise) -> Iterator[Composition]:
    """The reference, the variants and the first version of each mistake, each composed once.

    The variants of the parts take turns, and the reference meets all of them.
    """
    reference, method = exercise.reference, exercise.contract.method
    turns = max(1, *(len(_variants(part)) for part in _other_exercises(exercise)), 1)
    for turn in range(turns):
        body = getattr(reference, method) if method else reference
        yield from _composed(exercise, "composed_right", exercise.name, body, turn)
    for turn, variant in enumerate(exercise.variants):
        yield from _composed(exercise, "composed_right", variant.name, variant.function, turn)
    for turn, mistake in enumerate(exercise.misconceptions):
        yield from _composed(exercise, "composed", mistake.name, mistake.function, turn)


def _composed(
    exercise: Exercise, kind: str, name: str, function: Callable, turn: int
) -> Iterator[Composition]:
    """The composition of one function, if there is anything to compose it with."""
    again = rewritten(function)
    parts, on = parts_in_turn(exercise, turn)
    if again or on:
        body, ways = again or (function, None)
        yield Composition(kind, name, exercise.target(body), parts, on, ways)


def parts_in_turn(exercise: Exercise, turn: int) -> tuple[Parts, tuple[str, ...]]:
    """The parts of an exercise where each is the accepted variant of that turn, and these variants' names."""
    chosen = {}
    for part in _other_exercises(exercise):
        variants = _variants(part)
        if variants:
            chosen[part] = variants[turn % len(variants)]
    targets = {part: load_exercise(part).target(variant.function) for part, variant in chosen.items()}

    def parts(name: str) -> Any:
        return targets[name] if name in targets else known_good(name)

    return parts, tuple(f"{part}.{variant.name}" for part, variant in chosen.items())


def _other_exercises(exercise: Exercise) -> tuple[str, ...]:
    """The exercises that this one is made of or calls, each once."""
    contract = exercise.contract
    return tuple(dict.fromkeys((*contract.parts.values(), *contract.called)))


@cache
def _variants(name: str) -> list:
    return load_exercise(name).variants if name in exercises_in_chain() else []
