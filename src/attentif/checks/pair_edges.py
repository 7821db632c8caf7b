"""Judging sentence pairs of documents out of the ordinary: repeated sentences, empty documents, none with a pair."""

from __future__ import annotations

import numpy as np

from attentif.checks.compare import Mismatch, require
from attentif.checks.pairs import Shelf, check_pairs, first_named, pairs_of, shelf, some
from attentif.checks.text import text

# Nothing here makes a pair, so that no code waits for another document that is not there.
REFUSED = ([], [[[5, 6]]], [[[5]], [[6, 7]], [[8]]], [[], []])


def with_repeats(shelf: Shelf) -> Shelf:
    """The same shelf, with every third sentence of the first document the same."""
    first, *others = shelf.documents
    repeated = [first[0] if s % 3 == 0 else sentence for s, sentence in enumerate(first)]
    return Shelf([repeated, *others], shelf.cls_id, shelf.sep_id)


def check_repeated(student, shelf, seed=None):
    """Where a sentence occurs twice in a document, the next one is that after this occurrence."""
    for index, right in enumerate(follows_here(pairs_of(student, shelf, seed), shelf)):
        d, s = shelf.firsts[index]
        require(
            right,
            text(
                f"pair {index}: the sentence after sentence {s} of document {d} (which also stands elsewhere in it), or "
                "one of another document",
                f"paire {index} : la phrase qui suit la phrase {s} du document {d} (qui s'y trouve aussi ailleurs), ou "
                "une phrase d'un autre document",
            ),
            text(f"another one of document {d}", f"une autre du document {d}"),
        )


def follows_here(pairs, shelf):
    """For each pair, whether a B of A's document is the sentence at the next place; True for the others."""
    answers = []
    for pair, (d, s) in zip(some(pairs), shelf.firsts, strict=False):
        words = [token for token in pair.token_ids or () if token not in (shelf.cls_id, shelf.sep_id)]
        second = words[len(shelf.documents[d][s]) :]
        answers.append(second == shelf.documents[d][s + 1] or second not in shelf.documents[d])
    return answers


def refusals(student) -> list[bool]:
    """For each of these documents, whether the call is refused with an InputError or another ValueError."""
    outcomes = [student.run(Shelf(documents).request(1)) for documents in REFUSED]
    return [(outcome.error or "").partition(":")[0] in ("InputError", "ValueError") for outcome in outcomes]


def with_empty(shelf: Shelf) -> Shelf:
    """The same documents with empty ones between them, and at both ends."""
    documents = [each for document in shelf.documents for each in ([], document)]
    return Shelf([*documents, []], shelf.cls_id, shelf.sep_id)


def check_edges(student, rng, seeds):
    """Empty documents count for nothing; documents that make no pair are refused."""
    for documents, refused in zip(REFUSED, refusals(student), strict=True):
        wanted = text(
            f"for documents={documents}, an InputError", f"pour documents={documents}, une InputError"
        )
        require(refused, wanted, text("no such error", "pas de telle erreur"))
    for seed in seeds:
        check_pairs(student, with_empty(shelf(rng, [9, 4, 7])), seed)


def passes_over_empty(student, seeds) -> bool:
    """Whether, with empty documents among them, there still is a pair for each A."""
    try:
        for seed in seeds:
            where = with_empty(shelf(np.random.default_rng(seed), [9, 4, 7]))
            if [first_named(pair) for pair in pairs_of(student, where, seed)] != where.first_names:
                return False
    except Mismatch:
        return False
    return True
