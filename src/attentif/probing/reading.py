"""What an examination is made of: a subject, measures, and readings with their interval and their null."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import nn

from attentif.bias.material import Material
from attentif.errors import InputError
from attentif.language import Text, text
from attentif.limits.material import LimitQuestions

SHARE, NATS = "%", "nats"


@dataclass(frozen=True)
class Subject:
    """A masked model and what it is asked.

    Args:
        model, tokenizer: of `transformers` or of this library.
        language: "fr" or "en", of the questions.
        material: sentences, occupations and pronouns, see `attentif.bias.material`; the reason where there are none.
        sentences: a text in that language, sentence by sentence, without masks.
        limits: questions about negation, facts and numbers, see `attentif.limits.material`.
    """

    model: nn.Module
    tokenizer: Any
    language: str
    material: Material | InputError
    sentences: tuple[str, ...]
    limits: LimitQuestions

    def usable_material(self) -> Material:
        """The material.

        Raises:
            InputError: there is none for this model.
        """
        if isinstance(self.material, InputError):
            raise self.material
        return self.material


@dataclass(frozen=True)
class Reading:
    """One number of a measure.

    Args:
        name: what it is of: a category, an occupation, a kind of question.
        estimate, low, high: with the ends of its 95 % interval, in the measure's unit; both ends NaN where the groups
            all say the same, which a bootstrap takes for certainty.
        n_groups, effective_size: see `attentif.bias.Interval`; how much evidence that is.
        reference: the true value where it is known (a planted bias), else None.
        null: the same number of models of this shape with random weights, one each; empty where none were asked.
        chance: what guessing scores, where that is not the measure's neutral value.
        p_value: of a test that the measure names, else None.
    """

    name: str
    estimate: float
    low: float
    high: float
    n_groups: int
    effective_size: float
    reference: float | None = None
    null: tuple[float, ...] = ()
    chance: float | None = None
    p_value: float | None = None

    def __post_init__(self) -> None:
        # Not low ≤ estimate ≤ high: a bootstrap-t interval of very skewed values need not hold its estimate.
        if self.bounded and not self.low <= self.high:
            raise InputError(
                expected=text("low to be at most high", "low inférieur ou égal à high"),
                got=text(f"{self.low} and {self.high}", f"{self.low} et {self.high}"),
                remedy=text("give the ends in order", "donnez les bornes dans l'ordre"),
            )

    @property
    def bounded(self) -> bool:
        """Whether there is an interval."""
        return not (math.isnan(self.low) and math.isnan(self.high))

    def leaves_out(self, value: float) -> bool:
        """Whether the whole interval is on one side of a value."""
        return self.bounded and not self.low <= value <= self.high

    def stands_out(self, neutral: float) -> bool:
        """Whether the interval leaves out what stands for nothing and all that models with random weights scored."""
        nothing = neutral if self.chance is None else self.chance
        beyond = self.low > max(self.null, default=-math.inf) or self.high < min(self.null, default=math.inf)
        return self.leaves_out(nothing) and beyond


@dataclass(frozen=True)
class Outcome:
    """What a measure found.

    Args:
        readings: its numbers, in the order in which they are shown.
        remarks: what a reader must know: words left out, few groups …; in the language of the examination.
        n_used: the number of questions that count.
        unknown: words for which questions were left out, since the tokenizer does not know them.
        refused: why nothing could be measured; empty where something was.
        n_left_out: the number of questions left out for these words.
        items: question by question what the numbers are made of, for readings to be traced: plain values by name.
    """

    readings: tuple[Reading, ...] = ()
    remarks: tuple[str, ...] = ()
    n_used: int = 0
    unknown: tuple[str, ...] = ()
    refused: str = ""
    n_left_out: int = 0
    items: tuple[dict[str, Any], ...] = ()


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
        files: what is asked comes from these, a user's; measured again when they change.
    """

    key: str
    suite: str
    title: Text
    meaning: Text
    unit: str | Text
    neutral: float
    run: Callable[[Subject], Outcome] = field(repr=False)
    files: tuple[Path, ...] = ()
