"""Public checks of fact_probe: facts found and missed, primed and not, put to small models of both kinds."""

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

CHECKS = CheckSet("fact_probe")

PRIMED = ("misprime_drop", "misprime_shift")
ERRORS = ("right_type_wrong_fact", "confidence_when_wrong")
FIELDS = ("precision", "reciprocal_rank", *ERRORS, *PRIMED)
LISTS = ("unknown", "unknown_candidates")
CASES = {
    "grouped": text("facts of relations", "des faits groupés par relation"),
    "alone": text("facts without relations", "des faits sans relation"),
    "tied": text("facts with equally probable words", "des faits aux mots aussi probables"),
    "unprimed": text("facts without primes", "des faits sans amorce"),
    "unknown": text("facts with words out of the vocabulary", "des faits aux mots hors du vocabulaire"),
}
KNOWN = ("grouped", "alone", "tied")


def probes(cases):
    """Each field in each stored case, and what is said of the facts and candidates left out."""
    requests = {name: cases[name].request for name in CASES}
    return field_probes(requests, FIELDS) | {"told": told_probe(cases["unknown"].request, ["n_used"], LISTS)}


def check_stored(student, cases, names, fields, ends=("estimate",)):
    """Fields of stored cases."""
    for name in names:
        request = cases[name].request
        value = result_of(student.run(request), request, "FactResult", ["n_used"])
        check_ends(value, cases[name].expected.value, fields, CASES[name], ends)


@CHECKS.check(
    points=0.25,
    title=text(
        "precision: the answer is the most probable word of all",
        "precision : la réponse est le mot le plus probable de tous",
    ),
    hint=text(
        "Of the whole vocabulary, not of the candidates. An answer that shares the first place is not found.",
        "De tout le vocabulaire, non des candidats. Une réponse qui partage la première place n'est pas trouvée.",
    ),
)
def precision(student, cases):
    check_stored(student, cases, KNOWN, ["precision"])


@CHECKS.check(
    points=0.25,
    title=text(
        "reciprocal_rank: the mean of 1 / rank among the candidates",
        "reciprocal_rank : la moyenne de 1 / rang parmi les candidats",
    ),
    hint=text(
        "The rank begins at 1, and grows by one for every candidate that is at least as probable as the answer. Take 1 / rank "
        "of each fact, then the mean.",
        "Le rang commence à 1, et augmente de un pour chaque candidat au moins aussi probable que la réponse. Prenez 1 / rang "
        "de chaque fait, puis la moyenne.",
    ),
)
def reciprocal_rank(student, cases):
    check_stored(student, cases, KNOWN, ["reciprocal_rank"])


@CHECKS.check(
    points=0.25,
    title=text(
        "errors: plausible ones, and how sure the model is of them",
        "erreurs : celles qui sont plausibles, et l'assurance du modèle quand il se trompe",
    ),
    hint=text(
        "right_type_wrong_fact counts the facts whose most probable word is another candidate, out of all facts; "
        "confidence_when_wrong is the mean probability of that word, out of the missed facts alone.",
        "right_type_wrong_fact compte les faits dont le mot le plus probable est un autre candidat, sur tous les faits ; "
        "confidence_when_wrong est la probabilité moyenne de ce mot, sur les seuls faits manqués.",
    ),
)
def errors(student, cases):
    check_stored(student, cases, KNOWN, ERRORS)


@CHECKS.check(
    points=0.25,
    title=text(
        "misprimes: what a wrong word before the text takes away",
        "amorces fausses : ce qu'un mot faux placé devant fait perdre",
    ),
    hint=text(
        "Without the prime minus with it, over the facts that have one. The shift is one of natural logarithms.",
        "Sans l'amorce moins avec elle, sur les faits qui en ont une. misprime_shift porte sur des logarithmes népériens.",
    ),
)
def misprimes(student, cases):
    check_stored(student, cases, KNOWN, PRIMED)


@CHECKS.check(
    points=0.25,
    needs=("precision", "reciprocal_rank", "errors", "misprimes"),
    title=text(
        "intervals by relation, and None where fewer than 5 groups are left",
        "intervalles par relation, et None là où il reste moins de 5 groupes",
    ),
    hint=text(
        "proportion bounds shares of facts, interval means; where_enough gives None where too few groups are left.",
        "proportion encadre les proportions de faits, interval les moyennes ; where_enough renvoie None là où il reste trop "
        "peu de groupes.",
    ),
)
def intervals(student, cases):
    check_stored(student, cases, KNOWN, FIELDS, ["low", "high"])
    check_stored(student, cases, ["unprimed"], FIELDS)


@CHECKS.check(
    points=0.25,
    needs=("precision", "reciprocal_rank", "errors", "misprimes"),
    title=text(
        "words out of the vocabulary: facts left out, candidates too, and both named",
        "mots hors du vocabulaire : faits laissés de côté, candidats aussi, les uns et les autres nommés",
    ),
    hint=text(
        "ask_items parts the facts, ask_candidates their candidates: a fact stays as long as its answer is known.",
        "ask_items trie les faits, ask_candidates leurs candidats : un fait reste tant que sa réponse est connue.",
    ),
)
def unknown(student, cases):
    check_stored(student, cases, ["unknown"], FIELDS)
    request, expected = cases["unknown"].request, cases["unknown"].expected.value
    value = result_of(student.run(request), request, "FactResult", ["n_used", *LISTS])
    check_count(value, expected, "n_used", CASES["unknown"])
    for name in LISTS:
        check_names(value, expected, name, CASES["unknown"])
