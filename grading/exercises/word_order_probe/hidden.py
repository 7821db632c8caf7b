"""Hidden checks of word_order_probe: costs and shares that any right shuffles have, computed from tables."""

from __future__ import annotations

import itertools

from attentif.checks.compare import require
from attentif.checks.engine import CheckSet
from attentif.checks.limit_probes import check_count, check_ends, check_names, ends_of, result_of
from attentif.checks.public.word_order_probe import CASES, FIELDS, check_first_pair
from attentif.checks.refusals import check_refused
from attentif.checks.text import text
from attentif_grading import order_draws as draws
from attentif_grading.salt import rng_for

CHECKS = CheckSet("word_order_probe")
NAME = "word_order_probe"


def _agrees(student, sentences, fields, about, rng=None, **options):
    request = sentences.request(rng, **options)
    value = result_of(student.run(request), request, "WordOrderResult", fields)
    check_ends(value, sentences.expected, fields, CASES[about])
    return value


@CHECKS.check(
    points=0.25,
    title=text(
        "cost on unseen sentences, with any number of shuffles",
        "cost sur de nouvelles phrases, avec un nombre quelconque de mélanges",
    ),
    hint=text("The mean over the shuffles, per token.", "La moyenne sur les mélanges, par jeton."),
)
def cost(student, cases):
    rng = rng_for(NAME, "cost")
    for n_shuffles, lengths in itertools.product((1, 4), ((9, 10, 11, 9, 10, 12), (9, 9, 9, 10, 11))):
        sentences = draws.known_orders(rng, lengths)
        _agrees(student, sentences, ["cost"], "long", n_shuffles=n_shuffles, seed=int(rng.integers(999)))


@CHECKS.check(
    points=0.25,
    title=text(
        "retention on unseen sentences, the mask where it was",
        "retention sur de nouvelles phrases, le masque à sa place",
    ),
    hint=text(
        "The word that is hidden does not count, only whether the guess stays.",
        "Le mot caché n'importe pas ; seul compte que la réponse reste.",
    ),
)
def retention(student, cases):
    rng = rng_for(NAME, "retention")
    lengths = (9, 10, 11, 9, 10, 12, 9)
    _agrees(student, draws.known_orders(rng, lengths), ["retention"], "long", n_shuffles=3)
    _agrees(student, draws.still_mask(rng), ["retention"], "still", n_shuffles=12)


@CHECKS.check(
    points=0.25,
    needs=("cost",),
    title=text(
        "unseen shuffles: never the sentence itself, not always the same, by n-grams",
        "de nouveaux mélanges : jamais la phrase même, pas toujours le même, par n-grammes",
    ),
    hint=text("shuffled does all that.", "shuffled fait tout cela."),
)
def shuffles(student, cases):
    rng = rng_for(NAME, "shuffles")
    short = draws.known_orders(rng, (3, 4, 3, 3, 3, 4))
    _agrees(student, short, ["cost"], "short", n_shuffles=40)
    check_first_pair(
        student, draws.first_pairs(rng).request(n_shuffles=draws.MANY, seed=int(rng.integers(999)))
    )
    for n, lengths in ((3, (9, 10, 11, 9, 9)), (4, (12, 13, 12, 13, 12))):
        sentences = draws.known_orders(rng, lengths, n=n)
        _agrees(student, sentences, ["cost"], "neighbours", n=n, n_shuffles=3)


@CHECKS.check(
    points=0.25,
    needs=("cost",),
    title=text(
        "the seed decides the shuffles: the same again with the same seed, others with another",
        "la graine décide des mélanges : les mêmes avec la même graine, d'autres avec une autre",
    ),
    hint=text("np.random.default_rng(seed)", "np.random.default_rng(seed)"),
)
def seed(student, cases):
    rng = rng_for(NAME, "seed")
    sentences = draws.first_pairs(rng)
    found = []
    for number in (3, 3, 4, 5, 6):
        request = sentences.request(n_shuffles=13, seed=number)
        value = result_of(student.run(request), request, "WordOrderResult", ["cost"])
        found.append(ends_of(value, "cost"))
    require(
        found[0] is not None and found[0] == found[1],
        text("the same cost with the same seed", "le même cost avec la même graine"),
        text("another one", "un autre"),
    )
    require(
        any(other != found[0] for other in found[2:]),
        text("another cost with other seeds", "un autre cost avec d'autres graines"),
        text("always the same", "toujours le même"),
    )


@CHECKS.check(
    points=0.25,
    needs=("cost",),
    title=text(
        "unseen sentences with unknown words: left out and named",
        "de nouvelles phrases aux mots inconnus : laissées de côté et nommées",
    ),
    hint=text("They count for nothing but n_used and unknown.", "Elles ne changent que n_used et unknown."),
)
def unknown(student, cases):
    rng = rng_for(NAME, "unknown")
    for n_unknown in (1, 4):
        sentences = draws.known_orders(rng, (9, 10, 9, 11, 10), unknown=n_unknown)
        value = _agrees(student, sentences, FIELDS, "unknown", rng, n_shuffles=2)
        check_count(value, sentences.expected, "n_used", CASES["unknown"])
        check_names(value, sentences.expected, "unknown", CASES["unknown"])


@CHECKS.check(
    points=0.25,
    needs=("cost",),
    title=text(
        "refused: fewer than five known sentences, one too short, no shuffle",
        "refusés : moins de cinq phrases connues, une phrase trop courte, aucun mélange",
    ),
    hint=text("known_sentences refuses all these.", "known_sentences refuse tout cela."),
)
def refusals(student, cases):
    rng = rng_for(NAME, "refusals")
    few = draws.known_orders(rng, (9, 9, 9, 9), unknown=3)
    many = draws.known_orders(rng, (9, 9, 9, 9, 9))
    for said, sentences, options in (
        ("4 sentences", few, {}),
        ("n = 4", many, {"n": 4}),
        ("n = 0", many, {"n": 0}),
        ("n_shuffles = 0", many, {"n_shuffles": 0}),
    ):
        wanted = text(f"an InputError for {said}", f"une InputError pour {said}")
        check_refused(student.run(sentences.request(**options)), "", wanted)
