"""Public checks of attention_to, on models of both kinds whose tokenizers cut words in pieces."""

from __future__ import annotations

from attentif.checks.engine import CheckSet
from attentif.checks.inside_probing import of_kind
from attentif.checks.masked_scoring import KINDS, refusal_probe, titled
from attentif.checks.text import text
from attentif.checks.word_looks import check_looks, look_features

CHECKS = CheckSet("attention_to")

# Stored cases of each kind of model.
WHOLE = ("plain", "two")
PIECES = ("pieces_to", "pieces_from")
PLACES = ("last_word", "first_candidate")
TRAINING = ("training",)
# What an error must speak of, by stored case; of an empty list, any clear error will do.
UNKNOWN = {
    "refuses_unknown": "zut|unknown|inconnu|vocab",
    "refuses_missing": "chat|word|mot|sentence|phrase|substring|list",
}
EMPTY = {"refuses_none": ""}


def check_stored(student, cases, names, *fields):
    """Fields of stored cases."""
    for name in names:
        case = cases[name]
        check_looks(student.run(case.request), case.expected.value.fields, case.request, *fields)


def probes(cases):
    """The weights in each stored case, what elsewhere adds to them, and what is refused."""
    groups = (WHOLE, PIECES, PLACES, TRAINING)
    names = [name for kind in KINDS for group in groups for name in of_kind(kind, group)] + ["camembert"]

    def probe(name, field):
        return lambda student: look_features(student.run(cases[name].request), field)

    def right(student):
        check_stored(student, cases, names, "weights", "elsewhere")

    asked = {f"{name}_{field}": probe(name, field) for name in names for field in ("weights", "elsewhere")}
    refused = {"unknown": UNKNOWN, "empty": EMPTY}
    return asked | {
        f"refused_{name}": refusal_probe(cases, patterns, right) for name, patterns in refused.items()
    }


def declare(kind):
    """The check on whole words, for one kind of model."""

    @CHECKS.check(
        name=f"weights_{kind}",
        points=0.25,
        title=titled(
            kind,
            text("weights: from the word to each candidate, (L, H)", "weights : du mot vers chaque candidat, (L, H)"),
        ),
        hint=text(
            "In a map, row t says how token t shares out its look: the word that looks chooses the row, the candidate the "
            "column. No mean over heads or layers.",
            "Dans une carte, la ligne t dit comment le jeton t répartit son regard : le mot qui regarde choisit la ligne, le "
            "candidat la colonne. Pas de moyenne sur les têtes ni sur les couches.",
        ),
    )  # fmt: skip
    def weights(student, cases):
        check_stored(student, cases, of_kind(kind, WHOLE), "weights")


for _kind in KINDS:
    declare(_kind)

_WEIGHTS = tuple(f"weights_{kind}" for kind in KINDS)


@CHECKS.check(
    points=0.25,
    needs=_WEIGHTS,
    title=text(
        "words cut in pieces, and words that occur twice",
        "des mots coupés en morceaux, et des mots qui figurent deux fois",
    ),
    hint=text(
        "To a word in pieces the weights add up; from one, their mean is taken. The last occurrence looks, the first one is "
        "looked at: find_look gives both.",
        "Vers un mot en morceaux, les poids s'additionnent ; depuis un tel mot, on en prend la moyenne. La dernière occurrence "
        "regarde, la première est regardée : find_look donne les deux.",
    ),
)
def pieces(student, cases):
    for kind in KINDS:
        check_stored(student, cases, of_kind(kind, PIECES + PLACES), "weights")
    check_stored(student, cases, ("camembert",), "weights")


@CHECKS.check(
    points=0.25,
    needs=_WEIGHTS,
    title=text(
        "elsewhere: what is left for all other tokens",
        "elsewhere : ce qui reste pour tous les autres jetons",
    ),
    hint=text(
        "A row of a map sums to 1, the specials and the word itself included.",
        "Une ligne de carte a pour somme 1, jetons spéciaux et mot lui-même compris.",
    ),
)
def elsewhere(student, cases):
    for kind in KINDS:
        check_stored(student, cases, of_kind(kind, WHOLE + PIECES[:1]), "elsewhere")
