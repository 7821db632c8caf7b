"""What an examination is made of: a subject, measures, and readings with their interval and their null."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from attentif.bias.material import Material
from attentif.errors import InputError
from attentif.language import Text, text

SHARE, NATS = "%", "nats"


@dataclass(frozen=True)
class Subject:
    """A masked model and what it is asked.

    Args:
        model, tokenizer: of `transformers` or of this library.
        language: "fr" or "en", of the questions.
        material: sentences, occupations and pronouns, see `attentif.bias.material`.
        sentences: a text in that language, sentence by sentence, without masks.
    """

    model: nn.Module
    tokenizer: Any
    language: str
    material: Material
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """One number of a measure.

    Args:
        name: what it is of: a category, an occupation, a kind of question.
        estimate, low, high: with the ends of its 95 % interval, in the measure's unit.
        n_groups, effective_size: see `attentif.bias.Interval`; how much evidence that is.
        reference: the true value where it is known (a planted bias), else None.
        null: the same number of models of this shape with random weights, one each; empty where none were asked.
    """

    name: str
    estimate: float
    low: float
    high: float
    n_groups: int
    effective_size: float
    reference: float | None = None
    null: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        # Not low ≤ estimate ≤ high: a bootstrap-t interval of very skewed values need not hold its estimate.
        if not self.low <= self.high:
            raise InputError(
                expected=text("low to be at most high", "low inférieur ou égal à high"),
                got=text(f"{self.low} and {self.high}", f"{self.low} et {self.high}"),
                remedy=text("give the ends in order", "donnez les bornes dans l'ordre"),
            )


@dataclass(frozen=True)
class Outcome:
    """What a measure found.

    Args:
        readings: its numbers, in the order in which they are shown.
        remarks: what a reader must know: words left out, few groups …; in the language of the examination.
        n_used: the number of questions that count.
        unknown: words for which questions were left out, since the tokenizer does not know them.
        refused: why nothing could be measured; empty where something was.
    """

    readings: tuple[Reading, ...] = ()
    remarks: tuple[str, ...] = ()
    n_used: int = 0
    unknown: tuple[str, ...] = ()
    refused: str = ""


@dataclass(frozen=True)
class Measure:
    """Something to be measured.

    Args:
        key: its name in files and on the command line.
        suite: "competence", "bias" or "limits".
        title, meaning: its name, and how to read it, in both languages.
        unit: "%" or "nats", or another unit in both languages.
        neutral: the value that stands for nothing there: 50 % of preferences, a difference of 0.
        run: asks the subject.
    """

    key: str
    suite: str
    title: Text
    meaning: Text
    unit: str | Text
    neutral: float
    run: Callable[[Subject], Outcome] = field(repr=False)
