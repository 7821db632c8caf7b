"""Public checks of contextual_embeddings, on models of both kinds whose tokenizers cut words in pieces."""

from __future__ import annotations

from attentif.checks.engine import CheckSet
from attentif.checks.inside_probing import check_stored, of_kind, value_probes
from attentif.checks.masked_scoring import KINDS, refusal_probe, titled
from attentif.checks.refusals import check_refused
from attentif.checks.text import text

CHECKS = CheckSet("contextual_embeddings")

# Stored cases of each kind of model.
WHOLE = ("whole", "alone", "one_word")
PIECES = ("pieces", "after_pieces")
PLACES = ("twice", "inside", "shared")
BATCHES = ("unequal", "batches")
TRAINING = ("training",)
# What an error must speak of, by stored case; of lists that do not fit, any clear error will do.
UNKNOWN = {
    "refuses_unknown": "zut|unknown|inconnu|vocab",
    "refuses_missing": "chat|word|mot|sentence|phrase|substring|list",
}
LENGTHS = {"refuses_count": "", "refuses_none": ""}
VECTORS = "vectors"


def probes(cases):
    """The answer to each stored case by itself, and what is refused."""
    groups = (WHOLE, PIECES, PLACES, BATCHES, TRAINING)
    names = [name for kind in KINDS for group in groups for name in of_kind(kind, group)] + ["camembert"]

    def right(student):
        check_stored(student, cases, names, VECTORS)

    refused = {"unknown": UNKNOWN, "lengths": LENGTHS}
    return value_probes(cases, names) | {
        f"refused_{name}": refusal_probe(cases, patterns, right) for name, patterns in refused.items()
    }


def declare(kind):
    """The check on whole words, for one kind of model."""

    @CHECKS.check(
        name=f"layers_{kind}",
        points=0.25,
        title=titled(
            kind,
            text(
                "one vector a layer and sentence, (L + 1, N, D)", "un vecteur par couche et par phrase, (L + 1, N, D)"
            ),
        ),
        hint=text(
            "All layers, from what enters the first block to what leaves the last one; the sentences on the second axis; "
            "of each sentence the position of its word, the special token in front counted.",
            "Toutes les couches, de ce qui entre dans le premier bloc à ce qui sort du dernier ; les phrases sur le deuxième "
            "axe ; de chaque phrase, la position de son mot, en comptant le jeton spécial du début.",
        ),
    )  # fmt: skip
    def layers(student, cases):
        check_stored(student, cases, of_kind(kind, WHOLE), VECTORS)


for _kind in KINDS:
    declare(_kind)

_LAYERS = tuple(f"layers_{kind}" for kind in KINDS)


@CHECKS.check(
    points=0.25,
    needs=_LAYERS,
    title=text("a word cut in pieces: the mean of them all", "un mot coupé en morceaux : la moyenne de tous"),
    hint=text(
        "Every piece has its own position and its own vector in each layer; their mean is the word's. A word after it "
        "stands further on than its number in the sentence.",
        "Chaque morceau a sa position, et son vecteur dans chaque couche ; leur moyenne est celui du mot. Un mot placé "
        "après lui se trouve plus loin que son rang dans la phrase.",
    ),
)
def pieces(student, cases):
    for kind in KINDS:
        check_stored(student, cases, of_kind(kind, PIECES), VECTORS)
    check_stored(student, cases, ("camembert",), VECTORS)


@CHECKS.check(
    points=0.25,
    needs=_LAYERS,
    title=text(
        "the right place: the first occurrence, as a word of its own",
        "la bonne place : la première occurrence, comme mot entier",
    ),
    hint=text(
        '"un" is no occurrence in "une", nor is the first piece of "infirmier" one of "infirmière". find_words knows.',
        "« un » n'apparaît pas dans « une », ni « infirmière » dans le premier morceau d'« infirmier ». find_words le sait.",
    ),
)
def places(student, cases):
    for kind in KINDS:
        check_stored(student, cases, of_kind(kind, PLACES), VECTORS)


@CHECKS.check(
    points=0.25,
    needs=_LAYERS,
    title=text(
        "sentences of unequal lengths, in several batches, in their order",
        "des phrases de longueurs inégales, en plusieurs lots, dans leur ordre",
    ),
    hint=text(
        "The vectors do not depend on what else is in the batch: the padding is hidden from the model. The i-th vector is "
        "that of the i-th sentence, the last, smaller batch included.",
        "Les vecteurs ne dépendent pas de ce qui se trouve dans le lot : le remplissage est caché au modèle. Le vecteur de rang i "
        "est celui de la phrase de rang i, y compris dans le dernier lot, plus petit.",
    ),
)
def batches(student, cases):
    for kind in KINDS:
        check_stored(student, cases, of_kind(kind, BATCHES), VECTORS)


@CHECKS.check(
    points=0.25,
    needs=_LAYERS,
    title=text(
        "a word that is unknown or missing, and lists that do not fit, are refused",
        "un mot inconnu ou absent, et des listes qui ne vont pas ensemble, sont refusés",
    ),
    hint=text(
        "find_words refuses them all with an InputError (which is a ValueError): call it first.",
        "find_words les refuse tous par une InputError (qui est une ValueError) : appelez-la d'abord.",
    ),
)
def refusals(student, cases):
    for name, pattern in (UNKNOWN | LENGTHS).items():
        sentences, words = cases[name].request.args[2:4]
        wanted = text(
            f"for {sentences!r} and {words!r}, an InputError that says what is wrong",
            f"pour {sentences!r} et {words!r}, une InputError qui dit ce qui ne va pas",
        )
        check_refused(student.run(cases[name].request), pattern, wanted)
