"""Public checks of random_null: scores of untrained models by seed, and how each model was asked."""

from __future__ import annotations

import numpy as np

from attentif.checks.compare import Mismatch
from attentif.checks.engine import CheckSet
from attentif.checks.null_scores import check_scores, null_features, scores_of, seeds_of
from attentif.checks.refusals import check_refused, refused
from attentif.checks.text import text

CHECKS = CheckSet("random_null")

SCORES = ("four", "three", "seven")
ASKED = ("watched", "elsewhere")
REFUSALS = {
    "refuses_repeated": text("a seed comes twice", "une graine revient deux fois"),
    "refuses_one": text("one model is no comparison", "un seul modèle ne suffit pas pour comparer"),
    "refuses_half": text("a seed is a whole number", "une graine est un nombre entier"),
    "refuses_nan": text("a score is NaN", "un score est NaN"),
    "refuses_infinite": text("a score is infinite", "un score est infini"),
}
# Those that one mistake would let through.
GROUPS = {
    "seeds": ("refuses_repeated", "refuses_one", "refuses_half"),
    "numbers": ("refuses_nan", "refuses_infinite"),
}


def check_stored(student, cases, names):
    """The scores of stored cases."""
    for name in names:
        case = cases[name]
        check_scores(student.run(case.request), scores_of(case.expected.value), case.request)


def probes(cases):
    """The scores of each case, how models were asked, and what is refused, of code whose scores are right."""

    def answered(name):
        return lambda student: null_features(student.run(cases[name].request))

    def refusing(names):
        def answer(student):
            try:
                check_stored(student, cases, SCORES)
            except Mismatch:
                return np.ones(len(names))
            return np.array([float(refused(student.run(cases[name].request))) for name in names])

        return answer

    told = {name: answered(name) for name in (*SCORES, *ASKED)}
    return told | {group: refusing(names) for group, names in GROUPS.items()}


@CHECKS.check(
    points=0.5,
    title=text(
        "one score a seed, in their order: that of the model whose weights have this seed",
        "un score par graine, dans leur ordre : celui du modèle dont les poids ont cette graine",
    ),
    hint=text(
        "For each seed itself (not its place in the list) another untrained_model, and metric of that model. RandomNull "
        "takes all the scores.",
        "Pour chaque graine elle-même (et non sa place dans la liste), un autre untrained_model, et metric de ce modèle. "
        "RandomNull prend tous les scores.",
    ),
)
def values(student, cases):
    check_stored(student, cases, SCORES)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "each model is asked in evaluation mode, without gradients, on the device that is asked for",
        "chaque modèle est interrogé en mode évaluation, sans gradient, sur l'appareil (device) demandé",
    ),
    hint=text(
        "untrained_model gives a model in evaluation mode, on the device that it is told. Gradients are switched off "
        "by torch.no_grad(), around the call of metric.",
        "untrained_model donne un modèle en mode évaluation, sur l'appareil qu'on lui indique. torch.no_grad(), autour de "
        "l'appel de metric, désactive les gradients.",
    ),
)
def conditions(student, cases):
    check_stored(student, cases, ASKED)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "seeds that cannot serve and scores that are no finite numbers are refused",
        "les graines inutilisables et les scores qui ne sont pas des nombres finis sont refusés",
    ),
    hint=text(
        "checked_seeds and finite_numbers refuse with an InputError. A score that is missing is not to be left out: the "
        "values would be those of fewer models.",
        "checked_seeds et finite_numbers refusent par une InputError. Un score manquant ne doit pas être écarté : les valeurs "
        "seraient celles de moins de modèles.",
    ),
)
def refusals(student, cases):
    for name, why in REFUSALS.items():
        request = cases[name].request
        given = f"seeds={list(seeds_of(request))}"
        wanted = text(f"an InputError for {given}: {why['en']}", f"une InputError pour {given} : {why['fr']}")
        check_refused(student.run(request), "", wanted)
