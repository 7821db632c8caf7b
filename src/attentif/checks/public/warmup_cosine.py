"""Public checks of warmup_cosine."""

from __future__ import annotations

import numpy as np

from attentif.checks.compare import match, require, value_of
from attentif.checks.engine import CheckSet
from attentif.checks.fingerprints import ERROR, outcome_features
from attentif.checks.text import text

CHECKS = CheckSet("warmup_cosine")

# Steps that say something together: single values of different schedules may agree by accident.
PROBES = {
    "warmup": ("zero", "warming", "last_warming"),
    "decay": ("peak", "early", "middle", "late", "last"),
    "after": ("end", "after", "long_after"),
    "no_warmup": ("no_warmup_zero", "no_warmup", "no_warmup_late"),
    "only_warmup": ("only_warmup", "only_warmup_after"),
}
# A schedule may be computed in float32 and be returned as a plain float.
SCALE = 100.0


def probes(cases):
    """The stretches of the schedule."""

    def probe(names):
        def answer(student):
            outcomes = [student.run(cases[name].request) for name in names]
            if all(outcome.error is not None for outcome in outcomes):
                return np.array([ERROR, 0.0])
            return np.concatenate([outcome_features(outcome) for outcome in outcomes])

        return answer

    return {name: probe(names) for name, names in PROBES.items()}


def check_steps(student, cases, *names):
    """Put the stored steps to the student's code; the text of a failure names the step."""
    for name in names:
        case = cases[name]
        step, peak, floor, warmup_steps, total_steps = case.request.args
        where = f"warmup_cosine({step}, {peak}, {floor}, {warmup_steps}, {total_steps})"
        match(value_of(student.run(case.request)), case.expected.value, scale=SCALE, where=where)


@CHECKS.check(
    points=0.5,
    title=text("warmup: a straight line from 0", "échauffement : une droite à partir de 0"),
    hint=text(
        "Before step warmup_steps the rate is peak · step / warmup_steps: 0 at step 0, not yet the peak at step warmup_steps − 1.",
        "Avant l'étape warmup_steps, le taux vaut peak · step / warmup_steps : 0 à l'étape 0, pas encore peak à l'étape warmup_steps − 1.",
    ),
)
def warmup(student, cases):
    check_steps(student, cases, *PROBES["warmup"])


@CHECKS.check(
    points=0.5,
    title=text(
        "decay: half a cosine from the peak to the floor", "décroissance : un demi-cosinus du pic au plancher"
    ),
    hint=text(
        "Progress goes from 0 at step warmup_steps to 1 at step total_steps; the cosine goes from 1 to −1, so what falls is half of it.",
        "L'avancement va de 0 à l'étape warmup_steps à 1 à l'étape total_steps ; le cosinus va de 1 à −1, on en prend donc la moitié.",
    ),
)
def decay(student, cases):
    check_steps(student, cases, *PROBES["decay"])


@CHECKS.check(
    points=0.25,
    title=text("after the last step: the floor", "après la dernière étape : le plancher"),
    hint=text(
        "From step total_steps on the rate is floor; without a test of its own the cosine rises again.",
        "À partir de l'étape total_steps, le taux vaut floor ; sans test particulier, le cosinus remonte.",
    ),
)
def after(student, cases):
    check_steps(student, cases, *PROBES["after"])
    # A constant is no schedule.
    middle = value_of(student.run(cases["middle"].request))
    floor = cases["end"].expected.value
    different = text("another rate halfway than at the end", "un autre taux à mi-chemin qu'à la fin")
    require(middle != floor, different, text(f"{middle}", f"{middle}"))


@CHECKS.check(
    points=0.25,
    title=text(
        "no warmup (warmup_steps = 0), or nothing but warmup (warmup_steps = total_steps)",
        "pas d'échauffement (warmup_steps = 0), ou rien d'autre (warmup_steps = total_steps)",
    ),
    hint=text(
        "With warmup_steps = 0 the first step has the peak already; with warmup_steps = total_steps there is no decay. Do not divide by 0.",
        "Avec warmup_steps = 0, la première étape est déjà au pic ; avec warmup_steps = total_steps, il n'y a pas de décroissance. Ne divisez pas par 0.",
    ),
)
def edges(student, cases):
    check_steps(student, cases, *PROBES["no_warmup"], *PROBES["only_warmup"])
