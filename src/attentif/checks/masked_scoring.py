"""What the checks of the scores of masked models share: kinds of model, closeness, which calls are refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from attentif.checks.compare import Mismatch
from attentif.checks.engine import Case
from attentif.checks.fingerprints import Probe
from attentif.checks.refusals import refused
from attentif.checks.student import Student
from attentif.checks.text import Text, text

KINDS = {
    "attentif": text("a model of attentif", "un modèle d'attentif"),
    "transformers": text("a model of transformers' kind", "un modèle de type transformers"),
}
# A score may have been computed in float32 and be returned as a plain float.
RELATIVE, ABSOLUTE = 1e-5, 1e-5


def titled(kind: str, said: Text) -> Text:
    """A title that says first which kind of model is asked."""
    model = KINDS[kind]
    return text(f"{model['en']}: {said['en']}", f"{model['fr']} : {said['fr']}")


def near(mine: float, theirs: float) -> bool:
    """Whether two scores in nats are the same; what is no finite number is near nothing."""
    return bool(np.isfinite(mine)) and abs(mine - theirs) <= ABSOLUTE + RELATIVE * abs(theirs)


def refusal_probe(
    cases: Mapping[str, Case], patterns: Mapping[str, str], right: Callable[[Student], None]
) -> Probe:
    """Which of these calls are refused, by the pattern that each error must speak of.

    While an answer is wrong (`right` raises Mismatch), what is refused is not its cause: such code is not asked,
    and answers as the reference does.
    """

    def answer(student: Student) -> np.ndarray:
        try:
            right(student)
        except Mismatch:
            return np.ones(len(patterns))
        outcomes = {name: student.run(cases[name].request) for name in patterns}
        return np.array([float(refused(outcomes[name], said)) for name, said in patterns.items()])

    return answer
