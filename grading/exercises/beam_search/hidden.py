"""Hidden checks of beam_search: unseen models, against enumeration of all texts and a search over plain numbers."""

from __future__ import annotations

import itertools

import numpy as np

from attentif.checks import recipes
from attentif.checks.engine import CheckSet
from attentif.checks.public.beam_search import FIELDS, check_beams
from attentif.checks.text import text
from attentif.checks.values import Recipe, Request
from attentif_grading.salt import rng_for

CHECKS = CheckSet("beam_search")
NAME = "beam_search"
V = 5
# Sums or scores nearer than this may change places when they are rounded: other inputs are taken then.
APART = 1e-3


class _Model:
    """The recipe of a causal model, and its log-probabilities by a loop over what it reads."""

    def __init__(self, rng, max_length=20, training=False, vocab_size=V):
        sizes = {"vocab_size": vocab_size, "seed": int(rng.integers(2**31)), "max_length": max_length}
        self.recipe = Recipe("causal_model", {**sizes, "sharpness": 1.0, "training": training})
        built = recipes.causal_model(**{**self.recipe.arguments, "training": False})
        names = ("embedding", "by_distance", "output", "bias")
        self.arrays = [getattr(built, name).detach().numpy() for name in names]
        self.max_length, self.vocab_size, self.known = max_length, vocab_size, {}

    def after(self, ids):
        """log P of every token after these."""
        read = tuple(ids[-self.max_length :])
        if read not in self.known:
            embedding, by_distance, output, bias = self.arrays
            vector = sum(by_distance[back] * embedding[token] for back, token in enumerate(reversed(read)))
            logits = vector @ output + bias
            self.known[read] = logits - np.log(np.exp(logits - logits.max()).sum()) - logits.max()
        return self.known[read]


def _beams(pairs, alpha, n_beams):
    """The best of (new tokens with the beginning, sum, number of new tokens), and the nearest two scores."""
    found = [
        {"token_ids": ids, "log_probability": total, "score": total / n**alpha} for ids, total, n in pairs
    ]
    found.sort(key=lambda beam: -beam["score"])
    best = [beam["score"] for beam in found[: n_beams + 1]]
    return found[:n_beams], min(-np.diff(best), default=1.0)


def _search(model, start, n_new, n_beams, alpha, eos_id):
    """(beams, the least distance between candidates that compete)."""
    going_on, ended, apart = [(list(start), 0.0)], [], 1.0
    for n in range(1, n_new + 1):
        candidates = [
            ([*ids, token], total + step)
            for ids, total in going_on
            for token, step in enumerate(model.after(ids).tolist())
        ]
        candidates.sort(key=lambda candidate: -candidate[1])
        apart = min([apart, *-np.diff([total for _, total in candidates[: 2 * n_beams + 1]])])
        ended += [(ids, total, n) for ids, total in candidates[:n_beams] if ids[-1] == eos_id]
        going_on = [(ids, total) for ids, total in candidates if ids[-1] != eos_id][:n_beams]
    beams, nearest = _beams(ended + [(ids, total, n_new) for ids, total in going_on], alpha, n_beams)
    return beams, min(apart, nearest)


def _all_texts(model, start, n_new, alpha, eos_id):
    """Every text that ends with eos_id or has the full length, best first, and the least distance."""
    found = []
    for n in range(1, n_new + 1):
        for new in itertools.product(range(model.vocab_size), repeat=n):
            if eos_id in new[:-1] or (n < n_new and new[-1] != eos_id):
                continue
            ids = [*start, *new]
            total = sum(model.after(ids[: len(start) + i])[token] for i, token in enumerate(new))
            found.append((ids, float(total), n))
    return _beams(found, alpha, len(found))


def _agrees(
    student, rng, n_new, n_beams, alpha, eos_id=None, *, length=3, compared=FIELDS[:2], wanted=None, **sizes
):
    """A search in an unseen model; `wanted` tells of the expected beams whether they show what is asked."""
    for _ in range(300):
        model = _Model(rng, **sizes)
        start = rng.integers(0, model.vocab_size, length).tolist()
        expected, apart = _search(model, start, n_new, n_beams, alpha, eos_id)
        if apart > APART and (wanted is None or wanted(expected)):
            break
    options = {"n_beams": n_beams, "alpha": alpha} | ({} if eos_id is None else {"eos_id": eos_id})
    request = Request(args=(model.recipe, np.array(start, np.int64), n_new), kwargs=options)
    check_beams(student, request, expected, compared)


def _of_several_lengths(beams):
    return len({len(beam["token_ids"]) for beam in beams}) > 1


@CHECKS.check(
    points=0.5,
    title=text("unseen models, without eos_id", "de nouveaux modèles, sans eos_id"),
    hint=text(
        "All continuations of all beams compete at every step.",
        "Toutes les continuations de tous les faisceaux sont en concurrence à chaque étape.",
    ),
)
def continuations(student, cases):
    rng = rng_for(NAME, "continuations")
    for n_new, n_beams, length in ((5, 3, 4), (4, 1, 2), (1, 4, 1), (6, 2, 1)):
        _agrees(student, rng, n_new, n_beams, 0.6, length=length)


@CHECKS.check(
    points=0.25,
    needs=("continuations",),
    title=text("scores in unseen models", "scores dans de nouveaux modèles"),
    hint=text("The sum divided by |x|^α, whatever α.", "La somme divisée par |x|^α, quel que soit α."),
)
def scores(student, cases):
    rng = rng_for(NAME, "scores")
    for alpha in (0.0, 0.45, 1.0, 1.7):
        _agrees(student, rng, 4, 3, alpha, length=5, compared=FIELDS)


@CHECKS.check(
    points=0.5,
    needs=("continuations",),
    title=text(
        "as many beams as texts: the search finds all",
        "autant de faisceaux que de textes : la recherche les trouve tous",
    ),
    hint=text(
        "With n_beams larger than the number of texts, nothing is lost on the way.",
        "Avec n_beams plus grand que le nombre de textes, rien ne se perd en chemin.",
    ),
)
def all_texts(student, cases):
    rng = rng_for(NAME, "all_texts")
    for eos_id, alpha in ((None, 0.8), (1, 0.0), (2, 0.9)):
        # Of a few models, the one whose texts are the furthest apart in score.
        tried = []
        for _ in range(12):
            model, start = _Model(rng, vocab_size=3), rng.integers(0, 3, 2).tolist()
            expected, apart = _all_texts(model, start, 3, alpha, eos_id)
            tried.append((apart, len(tried), model, start, expected))
        _, _, model, start, expected = max(tried)
        options = {"n_beams": 27, "alpha": alpha} | ({} if eos_id is None else {"eos_id": eos_id})
        request = Request(args=(model.recipe, np.array(start, np.int64), 3), kwargs=options)
        check_beams(student, request, expected)


@CHECKS.check(
    points=0.25,
    needs=("continuations",),
    title=text("beams that finish in unseen models", "faisceaux qui finissent dans de nouveaux modèles"),
    hint=text(
        "A finished beam is set aside and takes no place from those that go on.",
        "Un faisceau fini est mis de côté et ne prend la place d'aucun de ceux qui continuent.",
    ),
)
def finished_beams(student, cases):
    rng = rng_for(NAME, "finished_beams")
    for n_new, n_beams, eos_id in ((5, 3, 4), (6, 2, 0), (4, 4, 2)):
        _agrees(student, rng, n_new, n_beams, 0.0, eos_id, wanted=_of_several_lengths)


@CHECKS.check(
    points=0.25,
    needs=("finished_beams",),
    title=text(
        "ranking of beams of different lengths in unseen models",
        "classement de faisceaux de longueurs différentes dans de nouveaux modèles",
    ),
    hint=text(
        "Every beam is divided by the power of its own length.",
        "Chaque faisceau est divisé par la puissance de sa propre longueur.",
    ),
)
def ranking(student, cases):
    rng = rng_for(NAME, "ranking")
    for alpha, eos_id in ((0.6, 1), (1.0, 3), (1.5, 0)):
        _agrees(student, rng, 6, 3, alpha, eos_id, compared=FIELDS, wanted=_of_several_lengths)


@CHECKS.check(
    points=0.25,
    needs=("continuations",),
    title=text(
        "context and evaluation mode of unseen models", "contexte et mode évaluation de nouveaux modèles"
    ),
    hint=text("The last tokens only, and no dropout.", "Les derniers jetons seulement, et pas de dropout."),
)
def context_and_mode(student, cases):
    rng = rng_for(NAME, "context_and_mode")
    _agrees(student, rng, 5, 3, 0.6, length=3, max_length=4)
    _agrees(student, rng, 3, 2, 0.6, length=8, max_length=6)
    _agrees(student, rng, 4, 3, 0.6, training=True)
