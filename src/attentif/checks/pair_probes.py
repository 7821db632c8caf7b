"""What is asked of sentence_pairs on stored shelves, and the probes for its known mistakes."""

from __future__ import annotations

import numpy as np

from attentif.checks.compare import Mismatch, require
from attentif.checks.drawing import rng_from
from attentif.checks.fingerprints import ERROR
from attentif.checks.pair_draws import (
    ALIKE,
    agreements,
    drawn_in,
    equal_neighbours,
    labels_in,
)
from attentif.checks.pair_edges import (
    follows_here,
    passes_over_empty,
    refusals,
    with_repeats,
)
from attentif.checks.pairs import (
    first_named,
    pairs_of,
    second_of,
    shelf,
)
from attentif.checks.text import text

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


def stored_shelf(name):
    """The documents of one of SHELVES, the same in every run below an exercise."""
    return shelf(rng_from(1, *name.encode()), SHELVES[name])
