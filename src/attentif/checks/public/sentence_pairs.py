"""Public checks of sentence_pairs: see `attentif.checks.pairs` and `attentif.checks.pair_draws`."""

from __future__ import annotations

from attentif.checks.compare import require, value_of
from attentif.checks.drawing import rng_from, seed_from
from attentif.checks.engine import CheckSet
from attentif.checks.pair_draws import (
    check_drawn,
    check_generator,
    check_half,
)
from attentif.checks.pair_edges import (
    check_edges,
    check_repeated,
    with_repeats,
)
from attentif.checks.pair_probes import (
    TOLERANCES,
    probes,
    stored_shelf,
)
from attentif.checks.pairs import (
    check_labels,
    check_layout,
    check_pairs,
    shelf,
)
from attentif.checks.text import text

__all__ = ["CHECKS", "TOLERANCES", "probes"]

CHECKS = CheckSet("sentence_pairs")


@CHECKS.check(
    points=0.25,
    title=text(
        "a pair for each sentence that has a next one, in order",
        "une paire pour chaque phrase qui en a une suivante, dans l'ordre",
    ),
    hint=text(
        "Go through each document by itself, from its first sentence to the last but one.",
        "Parcourez chaque document séparément, de sa première phrase à l'avant-dernière.",
    ),
)
def pairs(student, cases):
    rng = rng_from(1)
    for seed in (1, 2, None):
        check_pairs(student, shelf(rng, [3, 1, 5, 2, 4]), seed_from(seed))


@CHECKS.check(
    points=0.25,
    needs=("pairs",),
    title=text(
        "[CLS] A [SEP] B [SEP], and segments 0 up to the first [SEP], then 1",
        "[CLS] A [SEP] B [SEP], et des segments 0 jusqu'au premier [SEP], puis 1",
    ),
    hint=text(
        "One segment for each token, specials too: A has its length and two more, with the first [SEP]; B its length and one "
        "more.",
        "Un segment pour chaque jeton, jetons spéciaux compris : la longueur de A et deux de plus, avec le premier [SEP] ; "
        "celle de B et un de plus.",
    ),
)
def layout(student, cases):
    rng = rng_from(2)
    for seed in (3, 4):
        check_layout(student, shelf(rng, [5, 1, 7, 4, 6]), seed_from(seed))


@CHECKS.check(
    points=0.25,
    needs=("pairs",),
    title=text(
        "is_next tells the truth; a random B is of another document",
        "is_next dit vrai ; un B au hasard vient d'un autre document",
    ),
    hint=text(
        "True if B is the sentence that follows A. The document of a random B is drawn among the others, without A's own.",
        "True si B est la phrase qui suit A. Le document d'un B au hasard est tiré parmi les autres, sans celui de A.",
    ),
)
def labels(student, cases):
    check_labels(student, stored_shelf("labels"), *map(seed_from, (4, 13, 14)))
    check_repeated(student, with_repeats(shelf(rng_from(3), [60, 5])), seed_from(5))


@CHECKS.check(
    points=0.25,
    needs=("pairs",),
    title=text(
        "half of the pairs are next, each by its own draw",
        "la moitié des paires se suivent, chacune par son propre tirage",
    ),
    hint=text(
        "One draw for each pair decides between the next sentence and a random one.",
        "Pour chaque paire, un tirage décide entre la phrase suivante et une phrase au hasard.",
    ),
)
def half(student, cases):
    check_half(student, stored_shelf("half"), seed_from(5))


@CHECKS.check(
    points=0.25,
    needs=("pairs",),
    title=text(
        "a random B: a document first, then one of its sentences",
        "un B au hasard : d'abord un document, puis une de ses phrases",
    ),
    hint=text(
        "Two draws, both uniform: all other documents are equally likely, long or short, then all sentences of the one drawn.",
        "Deux tirages, tous deux uniformes : tous les autres documents sont aussi probables, longs ou courts, puis toutes les "
        "phrases du document tiré.",
    ),
)
def random_sentences(student, cases):
    check_drawn(student, stored_shelf("drawn"), *map(seed_from, (6, 15, 16, 17)))


@CHECKS.check(
    points=0.25,
    needs=("pairs",),
    title=text("all draws come from the generator", "tous les tirages viennent du générateur"),
    hint=text(
        "Give generator=generator to every function that draws, for is_next and for the random sentence.",
        "Donnez generator=generator à chaque fonction qui tire au hasard, pour is_next et pour la phrase au hasard.",
    ),
)
def generator_used(student, cases):
    check_generator(student, stored_shelf("generator"), (seed_from(7), seed_from(8)))


@CHECKS.check(
    points=0.25,
    needs=("pairs",),
    title=text(
        "empty documents are passed over, documents without a pair refused",
        "les documents vides sont ignorés, ceux qui ne donnent aucune paire sont refusés",
    ),
    hint=text(
        "Drop the empty documents first, into a list of your own. Raise an InputError (which is a ValueError) if fewer than two "
        "are left, or if none of them has two sentences.",
        "Écartez d'abord les documents vides, dans une liste à vous. Levez une InputError (qui est une ValueError) s'il en "
        "reste moins de deux, ou si aucun n'a deux phrases.",
    ),
)
def edges(student, cases):
    check_edges(student, rng_from(9), tuple(map(seed_from, (9, 10, 11))))


@CHECKS.check(
    points=0.25,
    needs=("pairs",),
    title=text("documents is left untouched", "documents reste intact"),
    hint=text(
        "Build new lists: [cls_id, *first, sep_id], without insert, append or pop on the sentences.",
        "Construisez de nouvelles listes : [cls_id, *first, sep_id], sans insert, append ni pop sur les phrases.",
    ),
)
def untouched(student, cases):
    request = shelf(rng_from(10), [4, 3, 5]).request(seed_from(12))
    outcome = student.run(request)
    value_of(outcome, request)
    require(
        not outcome.inputs_changed,
        text("documents as before the call", "documents comme avant l'appel"),
        text("the function wrote to it", "la fonction y a écrit"),
    )
