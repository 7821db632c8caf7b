"""Public checks of sentence_pairs: see `attentif.checks.pairs` and `attentif.checks.pair_draws`."""

from __future__ import annotations

import numpy as np

from attentif.checks.compare import Mismatch, require, value_of
from attentif.checks.engine import CheckSet
from attentif.checks.fingerprints import ERROR
from attentif.checks.pair_draws import (
    ALIKE,
    agreements,
    check_drawn,
    check_generator,
    check_half,
    drawn_in,
    equal_neighbours,
    labels_in,
)
from attentif.checks.pair_edges import (
    check_edges,
    check_repeated,
    follows_here,
    passes_over_empty,
    refusals,
    with_repeats,
)
from attentif.checks.pairs import (
    check_labels,
    check_layout,
    check_pairs,
    first_named,
    pairs_of,
    second_of,
    shelf,
)
from attentif.checks.text import text

CHECKS = CheckSet("sentence_pairs")

# Three standard errors and more of the difference of two answers; known mistakes change a share by more.
TOLERANCES = {"layout": 0.12, "segments": 0.12, "half": 0.15, "drawn": 0.15}


def probes(cases):
    """Shares that known mistakes change; what depends on chance in kind only is rounded to 0, 1 or 2."""
    rng = np.random.default_rng(1_810)
    # Four pairs a document: kinds that alternate are then half and half, whichever comes first.
    long, short = shelf(rng, [80, 70, 90, 75]), shelf(rng, [5] * 200)
    n_near = 16
    uneven = shelf(rng, [*[2] * 10, *[3] * (n_near - 10), *[40] * 20])
    drawn_from = shelf(rng, SHELVES["generator"])
    repeated, few, several = with_repeats(shelf(rng, [60, 5])), shelf(rng, [3, 1, 4]), shelf(rng, [5] * 40)

    def aligned(student, where, seed):
        """The pairs of a shelf, if there is one for each A in order: else the other questions have no sense."""
        pairs = pairs_of(student, where, seed)
        firsts = [first_named(pair) for pair in pairs]
        require(firsts == where.first_names, text("", ""), text("", ""))
        return pairs

    def layout(student):
        pairs, lasts = pairs_of(student, several, 1), []
        shares = np.zeros(5)
        for pair in pairs:
            tokens, first = list(pair.token_ids or ()), several.sentence_of(first_named(pair))
            if first and first == several.documents[several.places[tuple(first)][0]][-1]:
                lasts.append(bool(pair.is_next))
            begins = tokens[:1] == [several.cls_id]
            rest = tokens[begins:]
            is_first = rest[: len(first)] == first
            rest = rest[len(first) :]
            known = second_of(pair, first, several) is not None
            shares += begins, is_first, rest[:1] == [several.sep_id], rest[-1:] == [several.sep_id], known
        n = max(1, len(pairs))
        return [len(pairs) / len(several.firsts), *shares / n, len(lasts) / n, any(lasts)]

    def segments(student):
        shares = np.zeros(7)
        pairs = aligned(student, long, 1)
        for pair, place in zip(pairs, long.firsts, strict=True):
            segments, n_first = pair.segment_ids or [], len(long.sentence(place))
            n_zeros = segments.count(0)
            shares += (
                len(segments) == len(pair.token_ids),
                n_zeros == n_first + 2,
                n_zeros == n_first + 1,
                segments[:1] == [0],
                segments[1:2] == [0],
                segments[-1:] == [1],
                segments == sorted(segments),
            )
        return shares / len(pairs)

    def labels(student):
        pairs = aligned(student, long, 1)
        seconds = [
            second_of(pair, long.sentence(place), long)
            for pair, place in zip(pairs, long.firsts, strict=True)
        ]
        follows = [b == (d, s + 1) for b, (d, s) in zip(seconds, long.firsts, strict=True)]
        others = [(b, d) for b, (d, _), f in zip(seconds, long.firsts, follows, strict=True) if not f]
        own = [b is not None and b[0] == d for b, d in others]
        agree = (labels_in(pairs) == np.array(follows)).mean()
        return [round(2 * float(agree)), any(own), bool(own) and all(own)]

    def half(student):
        told = labels_in(aligned(student, short, 2))
        return [told.mean(), equal_neighbours(told, short).mean()]

    def drawn(student):
        chosen = drawn_in(aligned(student, uneven, 3), uneven)
        near = [b for _, b in chosen if b[0] < n_near]
        by_next = [float(np.mean([b[0] == a[0] + 1 for a, b in chosen])) if chosen else 0.0]
        if len(chosen) < 200:  # too few to tell
            return [-1.0]
        if len(near) < 0.15 * len(chosen):
            return [*by_next, 0.0, 0.0, 0.0]
        return [
            *by_next,
            len(near) / len(chosen),
            np.mean([b[1] == 0 for b in near]),
            np.mean([b[1] == len(uneven.documents[b[0]]) - 1 for b in near]),
        ]

    def generators(student):
        first, again, second = (aligned(student, drawn_from, seed) for seed in (4, 4, 5))
        shares = agreements(first, second, drawn_from)
        return [first == again, *(share > limit for share, limit in zip(shares, ALIKE, strict=True))]

    def repeats(student):
        return [all(follows_here(aligned(student, repeated, 6), repeated))]

    def untouched(student):
        return [len(student.run(few.request(7)).inputs_changed) > 0]

    def edges(student):
        aligned(student, few, 8)  # while pairs are wrong, what is refused is not asked about
        return [*refusals(student), passes_over_empty(student, (9, 10, 11))]

    asked = {
        "layout": layout,
        "segments": segments,
        "labels": labels,
        "half": half,
        "drawn": drawn,
        "generator": generators,
        "repeated": repeats,
        "untouched": untouched,
        "edges": edges,
    }
    return {name: _as_numbers(ask) for name, ask in asked.items()}


def _as_numbers(ask):
    def answer(student):
        try:
            return np.array(ask(student), dtype=np.float64)
        except Mismatch:  # an error, or something else than one pair for each A
            return np.array([ERROR, 0.0])

    return answer


SHELVES = {
    "labels": [60, 45, 70, 50],
    # Short documents, so that one draw a document shows.
    "half": [5] * 300,
    # A few sentences among many: a draw of a sentence is then no draw of a document.
    "drawn": [1, 2, 2, 430, 560],
    # What is drawn stands before all A, so that it can be compared in the order in which it is drawn.
    "generator": [*[1] * 40, *[20] * 12],
}


def _shelf(name):
    return shelf(np.random.default_rng([1, *name.encode()]), SHELVES[name])


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
    rng = np.random.default_rng(1)
    for seed in (1, 2, None):
        check_pairs(student, shelf(rng, [3, 1, 5, 2, 4]), seed)


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
    rng = np.random.default_rng(2)
    for seed in (3, 4):
        check_layout(student, shelf(rng, [5, 1, 7, 4, 6]), seed)


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
    check_labels(student, _shelf("labels"), 4)
    check_repeated(student, with_repeats(shelf(np.random.default_rng(3), [60, 5])), 5)


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
    check_half(student, _shelf("half"), 5)


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
    check_drawn(student, _shelf("drawn"), 6)


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
    check_generator(student, _shelf("generator"), (7, 8))


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
    check_edges(student, np.random.default_rng(9), (9, 10, 11))


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
    request = shelf(np.random.default_rng(10), [4, 3, 5]).request(12)
    outcome = student.run(request)
    value_of(outcome, request)
    require(
        not outcome.inputs_changed,
        text("documents as before the call", "documents comme avant l'appel"),
        text("the function wrote to it", "la fonction y a écrit"),
    )
