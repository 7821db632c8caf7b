"""Judging what chance decides in sentence pairs, by shares of many draws.

A share may differ from its expectation by 5.5 standard errors: a right answer fails one of these comparisons once in
twenty million.
"""

from __future__ import annotations

import numpy as np

from attentif.checks.compare import require
from attentif.checks.corruption import STANDARD_ERRORS, percent, require_share
from attentif.checks.pairs import pairs_of, second_of, some
from attentif.checks.text import text

# Two answers that agree in more of is_next, or of the random sentences, do not draw them by their generators.
ALIKE = (0.9, 0.5)
# A sentence that should be drawn so often is not left out by chance.
RARE = 30


def check_half(student, shelf, seed=None):
    """Half of the pairs are next, each by a draw of its own."""
    labels = labels_in(pairs_of(student, shelf, seed))
    what = text("pairs with is_next = True", "paires où is_next = True")
    require_share(int(labels.sum()), labels.size, 0.5, what)
    alike = equal_neighbours(labels, shelf)
    margin = STANDARD_ERRORS * 0.5 / len(alike) ** 0.5
    require(
        abs(alike.mean() - 0.5) <= margin,
        text(
            "each pair decided by a draw of its own: two pairs in a row have the same is_next half of the time",
            "chaque paire décidée par son propre tirage : deux paires de suite ont le même is_next une fois sur deux",
        ),
        percent(float(alike.mean())),
    )


def check_drawn(student, shelf, seed=None, *others):
    """A random B: each other document as often as any, and in it each sentence as often as any."""
    drawn = [pair for each in (seed, *others) for pair in drawn_in(pairs_of(student, shelf, each), shelf)]
    many = text("many pairs with a B of another document", "beaucoup de paires avec un B d'un autre document")
    require(len(drawn) > 100, many, text(f"{len(drawn)}", f"{len(drawn)}"))
    for d, document in enumerate(shelf.documents):
        chances, length = sum(first[0] != d for first, _ in drawn), len(document)
        chosen = [second[1] for _, second in drawn if second[0] == d]
        of = text(f"document {d} (of length {length})", f"document {d} (de longueur {length})")
        what = text(f"{of['en']} drawn", f"{of['fr']} tiré")
        _require_count(len(chosen), chances, 1 / (len(shelf.documents) - 1), what)
        for s in range(length) if len(chosen) >= RARE * length else ():
            what = text(f"sentence {s} of {of['en']} drawn", f"phrase {s} du {of['fr']} tirée")
            _require_count(chosen.count(s), len(chosen), 1 / length, what)
    # Long documents have too many sentences to count each: 0 is the beginning of a document, 1 its end.
    places = [(s + 0.5) / len(shelf.documents[d]) for _, (d, s) in drawn]
    margin = STANDARD_ERRORS / (12 * len(places)) ** 0.5
    halfway, mean = percent(0.5, 0), percent(float(np.mean(places)))
    require(
        abs(np.mean(places) - 0.5) <= margin,
        text(
            f"random sentences {halfway['en']} through their document on average",
            f"des phrases au hasard à {halfway['fr']} de leur document en moyenne",
        ),
        mean,
    )


def _require_count(count, n, share, what):
    mean, margin = n * share, STANDARD_ERRORS * (n * share * (1 - share)) ** 0.5 + 1e-9
    require(
        abs(count - mean) <= margin,
        text(f"{what['en']} about {mean:.0f} times", f"{what['fr']} environ {mean:.0f} fois"),
        text(f"{count} times", f"{count} fois"),
    )


def check_generator(student, shelf, seeds):
    """The generator decides all draws: the same again with the same seed, others with another."""
    first, again, second = (pairs_of(student, shelf, seed) for seed in (seeds[0], *seeds))
    same = text(
        "the same pairs with a generator of the same seed",
        "les mêmes paires avec un générateur de même graine",
    )
    require(first == again, same, text("others", "d'autres"))
    said = (
        text("other is_next with another seed", "d'autres is_next avec une autre graine"),
        text("other random sentences with another seed", "d'autres phrases au hasard avec une autre graine"),
    )
    for share, limit, wanted in zip(agreements(first, second, shelf), ALIKE, said, strict=True):
        alike = percent(share, 0)
        require(
            share <= limit,
            wanted,
            text(f"the same in {alike['en']} of the cases", f"les mêmes dans {alike['fr']} des cas"),
        )


def labels_in(pairs):
    """is_next of every pair, as an array; a Mismatch if one is no truth value."""
    labels = [pair.is_next for pair in some(pairs)]
    told = text("is_next: True or False", "is_next : True ou False")
    require(None not in labels, told, text("something else", "autre chose"))
    return np.array(labels, dtype=bool)


def equal_neighbours(labels, shelf):
    """For each two pairs in a row of one document, whether they have the same label."""
    documents = np.array([d for d, _ in shelf.firsts[: len(labels)]])
    alike = (labels[1 : len(documents)] == labels[: len(documents) - 1])[documents[1:] == documents[:-1]]
    require(len(alike) > 0, text("pairs in a row", "des paires de suite"), text("none", "aucune"))
    return alike


def drawn_in(pairs, shelf):
    """(place of A, place of B) of every pair whose B is of another document."""
    found = [
        (place, second_of(pair, shelf.sentence(place), shelf))
        for pair, place in zip(some(pairs), shelf.firsts, strict=False)
    ]
    return [(first, second) for first, second in found if second is not None and second[0] != first[0]]


def agreements(first, second, shelf):
    """How often two answers agree in is_next, and in the random sentences: by place, or in the order of drawing."""
    labels = [
        a.is_next is not None and a.is_next == b.is_next
        for a, b in zip(some(first), some(second), strict=False)
    ]
    drawn = [drawn_in(pairs, shelf) for pairs in (first, second)]
    other = dict(drawn[1])
    by_place = [other[place] == b for place, b in drawn[0] if place in other]
    in_order = [a[1] == b[1] for a, b in zip(*drawn, strict=False)]
    shares = [float(np.mean(alike)) if alike else 0.0 for alike in (labels, by_place, in_order)]
    return shares[0], max(shares[1:])
