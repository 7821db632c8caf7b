"""Public checks of negation_probe: items of all kinds, put to small models of both kinds, with an interval without chance."""

from __future__ import annotations

from attentif.checks.engine import CheckSet
from attentif.checks.limit_probes import (
    check_count,
    check_ends,
    check_names,
    field_probes,
    result_of,
    told_probe,
)
from attentif.checks.text import text

CHECKS = CheckSet("negation_probe")

ACCURACY = ("accuracy_affirmative", "accuracy_negated")
SENSITIVITY = ("sensitivity_affirmative", "sensitivity_negated")
MARGIN = ("margin_affirmative", "margin_negated")
CHANGE = ("overlap", "distance")
FIELDS = (*ACCURACY, *SENSITIVITY, *MARGIN, *CHANGE)
# What each stored case is about.
CASES = {
    "grouped": text("items in groups", "des items en groupes"),
    "alone": text("items without groups", "des items sans groupe"),
    "tied": text(
        "items whose two words are as probable", "des items dont les deux mots sont aussi probables"
    ),
    "certain": text("a model deaf to the negation", "un modèle sourd à la négation"),
    "articles": text("items with (a|an)", "des items avec (a|an)"),
    "unknown": text("items with words out of the vocabulary", "des items aux mots hors du vocabulaire"),
}
KNOWN = ("grouped", "alone", "tied", "certain", "articles")


def probes(cases):
    """Each field in each stored case, and what is said of the items left out."""
    requests = {name: cases[name].request for name in CASES}
    return field_probes(requests, FIELDS) | {
        "told": told_probe(cases["unknown"].request, ["n_used"], ["unknown"])
    }


def check_stored(student, cases, names, fields, ends):
    """Fields of stored cases."""
    for name in names:
        request = cases[name].request
        value = result_of(student.run(request), request, "NegationResult", fields)
        check_ends(value, cases[name].expected.value, fields, CASES[name], ends)


@CHECKS.check(
    points=0.25,
    title=text(
        "accuracy: the right completion among the k most probable words",
        "accuracy : la bonne fin parmi les k mots les plus probables",
    ),
    hint=text(
        "In the negated text the right completion is the other one, `false`. Its place is 1 for the most probable word of the "
        "whole vocabulary; words that are as probable count before it.",
        "Dans le texte nié, la bonne fin est l'autre, `false`. Sa place est 1 pour le mot le plus probable de tout le "
        "vocabulaire ; les mots aussi probables comptent avant elle.",
    ),
)
def accuracy(student, cases):
    check_stored(student, cases, KNOWN, ACCURACY, ["estimate"])


@CHECKS.check(
    points=0.25,
    title=text(
        "sensitivity and margin: the right completion ahead of the wrong one",
        "sensitivity et margin : la bonne fin devant la mauvaise",
    ),
    hint=text(
        "Compare probabilities, not their logarithms; two equal ones are a miss.",
        "Comparez des probabilités, non leurs logarithmes ; deux probabilités égales font un échec.",
    ),
)
def sensitivity(student, cases):
    check_stored(student, cases, KNOWN, (*SENSITIVITY, *MARGIN), ["estimate"])


@CHECKS.check(
    points=0.25,
    title=text(
        "overlap: the same most probable word with and without the negation",
        "overlap : le même mot le plus probable avec et sans la négation",
    ),
    hint=text(
        "Of the whole vocabulary; `true` is written in both texts.",
        "Sur tout le vocabulaire ; `true` est écrit dans les deux textes.",
    ),
)
def overlap(student, cases):
    check_stored(student, cases, KNOWN, ["overlap"], ["estimate"])


@CHECKS.check(
    points=0.25,
    title=text("distance: Jensen–Shannon, from 0 to 1", "distance : celle de Jensen–Shannon, de 0 à 1"),
    hint=text(
        "Both distributions against their mean, over the whole vocabulary; logarithms to base 2, then the root. "
        "jensen_shannon does it: is what you hand over what it asks for?",
        "Les deux distributions comparées à leur moyenne, sur tout le vocabulaire ; logarithmes à base 2, puis la racine. "
        "jensen_shannon le fait : ce que vous lui donnez est-il bien ce qu'elle demande ?",
    ),
)
def distance(student, cases):
    check_stored(student, cases, KNOWN, ["distance"], ["estimate"])


@CHECKS.check(
    points=0.25,
    needs=("accuracy", "sensitivity", "overlap", "distance"),
    title=text(
        "intervals: by groups, and not without width where all answers are alike",
        "intervalles : par groupes, et non de largeur nulle quand toutes les réponses sont pareilles",
    ),
    hint=text(
        "proportion(hits, groups, interval) bounds a share, interval(values, groups) the mean distance; the group of an item is "
        "its cluster.",
        "proportion(réponses, groupes, interval) encadre une proportion, interval(valeurs, groupes) la distance moyenne ; le "
        "groupe d'un item est son cluster.",
    ),
)
def intervals(student, cases):
    check_stored(student, cases, KNOWN, FIELDS, ["low", "high"])


@CHECKS.check(
    points=0.25,
    needs=("accuracy", "sensitivity", "overlap", "distance"),
    title=text(
        "words out of the vocabulary: left out and counted, not called wrong",
        "mots hors du vocabulaire : laissés de côté et comptés, non pas comptés comme faux",
    ),
    hint=text(
        "ask_items parts the items that can be asked from the others; neither numbers nor n_used include the latter.",
        "ask_items sépare les items que l'on peut poser des autres ; ni les nombres ni n_used ne comprennent ces derniers.",
    ),
)
def unknown(student, cases):
    check_stored(student, cases, ["unknown"], FIELDS, ["estimate"])
    request, expected = cases["unknown"].request, cases["unknown"].expected.value
    value = result_of(student.run(request), request, "NegationResult", ["n_used", "unknown"])
    check_count(value, expected, "n_used", CASES["unknown"])
    check_names(value, expected, "unknown", CASES["unknown"])
