"""Public checks of layer_similarity: one profile each, on vectors that share a direction and differ in length."""

from __future__ import annotations

import numpy as np

from attentif.checks.engine import CheckSet
from attentif.checks.fingerprints import ERROR, features
from attentif.checks.layer_profiles import FIELDS, check_profiles, profiles_of
from attentif.checks.text import text

CHECKS = CheckSet("layer_similarity")

SEVERAL = ("plain", "numbered", "two_words")
ONE = ("one_sense",)


def probes(cases):
    """Each profile by itself, over the cases with several senses, and in the one with a single sense."""

    def probe(names, field):
        def answer(student):
            outcomes = [student.run(cases[name].request) for name in names]
            found = [None if each.error is not None else profiles_of(each.value) for each in outcomes]
            if None in found:
                return np.array([ERROR, 0.0])
            return np.array([number for profiles in found for number in features(profiles[field])])

        return answer

    return {
        f"{group}_{field}": probe(names, field)
        for group, names in (("several", SEVERAL), ("one", ONE))
        for field in FIELDS
    }


def check_stored(student, cases, names, field):
    """One profile in stored cases."""
    for name in names:
        case = cases[name]
        check_profiles(student.run(case.request), case.expected.value.fields, case.request, field)


@CHECKS.check(
    points=0.25,
    title=text(
        "within: the mean cosine of two occurrences in one sense",
        "within : le cosinus moyen de deux occurrences d'un même sens",
    ),
    hint=text(
        "Vectors divided by their lengths first, along the last axis. Each pair once, none with itself; pairs of all senses "
        "in one mean.",
        "D'abord, les vecteurs divisés par leurs normes, selon le dernier axe. Chaque paire une fois, aucun vecteur avec "
        "lui-même ; les paires de tous les sens dans une seule moyenne.",
    ),
)
def within(student, cases):
    check_stored(student, cases, SEVERAL, "within")


@CHECKS.check(
    points=0.25,
    title=text(
        "across: of two occurrences in different senses; NaN if there is one sense only",
        "across : de deux occurrences de sens différents ; NaN s'il n'y a qu'un sens",
    ),
    hint=text(
        "The pairs that within leaves out. A mean over no pair at all is NaN.",
        "Les paires que within laisse de côté. Une moyenne sur aucune paire vaut NaN.",
    ),
)
def across(student, cases):
    check_stored(student, cases, SEVERAL + ONE, "across")


@CHECKS.check(
    points=0.25,
    title=text(
        "static: of each occurrence with its own vector in layer 0",
        "static : de chaque occurrence avec son propre vecteur de la couche 0",
    ),
    hint=text(
        "Each layer against layer 0, occurrence by occurrence: no pairs here, and 1 in layer 0.",
        "Chaque couche contre la couche 0, occurrence par occurrence : pas de paires ici, et 1 à la couche 0.",
    ),
)
def static(student, cases):
    check_stored(student, cases, SEVERAL + ONE, "static")


@CHECKS.check(
    points=0.25,
    title=text(
        "baseline: of two other words, whatever they are",
        "baseline : de deux autres mots, quels qu'ils soient",
    ),
    hint=text(
        "Pairs of others alone, each once, none with itself.",
        "Des paires des autres mots seulement, chacune une fois, aucun vecteur avec lui-même.",
    ),
)
def baseline(student, cases):
    check_stored(student, cases, SEVERAL + ONE, "baseline")
