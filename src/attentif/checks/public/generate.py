"""Public checks of generate, on small causal models built by recipe."""

from __future__ import annotations

import numpy as np

from attentif.checks.compare import Mismatch, describe, match, require, value_of
from attentif.checks.drawing import fact, seed_from
from attentif.checks.engine import CheckSet
from attentif.checks.fingerprints import ERROR, features
from attentif.checks.sampling import asked_with, require_law
from attentif.checks.text import text
from attentif.checks.values import Recipe, Request, generator
from attentif.checks.wording import Place

CHECKS = CheckSet("generate")
WRITTEN = Place(text("the text", "le texte"), "BP")

# The probabilities of the next token, a row for each last token; and the same at temperature 0.5, to six digits.
TABLE = ((0.1, 0.4, 0.3, 0.2), (0.35, 0.05, 0.2, 0.4), (0.15, 0.25, 0.5, 0.1), (0.3, 0.34, 0.1, 0.26))
COLD_TABLE = (
    (0.033333, 0.533333, 0.3, 0.133333),
    (0.376923, 0.007692, 0.123077, 0.492308),
    (0.065217, 0.181159, 0.724638, 0.028986),
    (0.317797, 0.408192, 0.035311, 0.238701),
)
BEGINNING = (2, 1)
N_DRAWS = 6_000
EOS = ("eos", "eos_one_row", "eos_some", "eos_in_beginning", "no_eos")
WITHOUT_CHANCE = ("greedy", "one_token", "past_context", "long_beginning", *EOS, "training")
CUTS = ("top_k", "top_p")
TOLERANCES = {"draws": 0.04}
SAMPLER = Recipe("part", {"exercise": "sample_next_token"})
BY_CHANCE = -7.0  # what a probe says of a text that changes with the seed


def written(student, request):
    """The text (B, T + new) of a request; a Mismatch if it is none."""
    value = value_of(student.run(request), request)
    is_text = isinstance(value, np.ndarray) and value.dtype == np.int64 and value.ndim == 2
    wanted = text("an int64 tensor of shape (B, T + new)", "un tenseur int64 de forme (B, T + nouveaux)")
    require(is_text, wanted, describe(value))
    return value


def check_text(student, request, expected):
    """The text of a request, token by token."""
    match(written(student, request), expected, where=WRITTEN)


def check_cases(student, cases, *names):
    """The texts of stored requests."""
    for name in names:
        check_text(student, cases[name].request, cases[name].expected.value)


def table_request(n_rows, n_new, seed, table=TABLE, **options):
    """Rows that all begin alike, continued by a model whose probabilities stand in a table."""
    model = Recipe("table_model", {"shares": [list(row) for row in table]})
    start = np.tile(np.array(BEGINNING, np.int64), (n_rows, 1))
    return Request(
        args=(model, start, n_new), kwargs={**options, "generator": generator(seed), "sample": SAMPLER}
    )


def check_two_steps(student, law_of_next, seed, table=TABLE, **options):
    """Two new tokens a row: each drawn from the probabilities after the one before it, by a draw of its own."""
    request, size = table_request(N_DRAWS, 2, seed, table, **options), len(table)
    value = written(student, request)
    shape = describe(np.zeros((N_DRAWS, len(BEGINNING) + 2), np.int64))
    require(value.shape == (N_DRAWS, len(BEGINNING) + 2), shape, describe(value))
    first, second = value[:, -2], value[:, -1]
    within = text(f"tokens from 0 to {size - 1}", f"des jetons de 0 à {size - 1}")
    require(bool(((value >= 0) & (value < size)).all()), within, text("others", "d'autres"))
    asked, last = asked_with(options), BEGINNING[-1]
    one, other = text("first new token", "premier nouveau jeton"), text("second one", "deuxième")
    require_law(first, law_of_next[last], {each: f"{asked[each]}, {one[each]}" for each in asked})
    for token in range(size):
        if (first == token).sum() < 100:
            continue
        after = text(f"after token {token}", f"après le jeton {token}")
        said = {each: f"{asked[each]}, {other[each]} ({after[each]})" for each in asked}
        require_law(second[first == token], law_of_next[token], said)


def check_seeds(student, seeds, table=TABLE, **options):
    """The generator decides the text: the same with the same seed, another with another."""
    first, again, second = (
        written(student, table_request(100, 6, seed, table, **options)) for seed in (seeds[0], *seeds)
    )
    require(
        np.array_equal(first, again),
        text(
            "the same text with a generator of the same seed",
            "le même texte avec un générateur de même graine",
        ),
        text("another text", "un autre texte"),
    )
    require(
        first.shape == second.shape and float((first == second)[:, len(BEGINNING) :].mean()) < 0.8,
        text("another text with another seed", "un autre texte avec une autre graine"),
        text("the same text", "le même texte"),
    )


def probes(cases):
    """The stored cases, the law of two new tokens, and what the seed decides."""

    def with_two_seeds(student, request):
        kinds = [request.kwargs | {"generator": generator(seed)} for seed in (1, 2)]
        return [value_of(student.run(Request(args=request.args, kwargs=kwargs))) for kwargs in kinds]

    def text_of(name):
        def answer(student):
            first, second = map(features, with_two_seeds(student, cases[name].request))
            return first if first == second else [BY_CHANCE]

        return answer

    def cut(name):
        def answer(student):
            first, second = with_two_seeds(student, cases[name].request)
            expected = cases[name].expected.value
            if not (isinstance(first, np.ndarray) and first.shape == expected.shape):
                return features(first)
            # What is written in place of the best tokens tells little; that chance writes it tells much.
            return [float(np.array_equal(first, expected)), float(np.array_equal(first, second))]

        return answer

    def draws(student):
        value = written(student, table_request(N_DRAWS, 2, 3, temperature=0.5))
        last = value[:, -2:]
        pairs = [float(((last[:, 0] == a) & (last[:, 1] == b)).mean()) for a in range(4) for b in range(4)]
        return [float(value.shape[1]), *pairs]

    def seeds(student):
        first, again, second = (
            written(student, table_request(100, 6, seed, temperature=1.2)) for seed in (4, 4, 5)
        )
        return [float(np.array_equal(first, again)), float(np.array_equal(first, second))]

    asked = {name: text_of(name) for name in WITHOUT_CHANCE} | {name: cut(name) for name in CUTS}
    asked |= {"draws": draws, "seeds": seeds}
    return {name: _as_numbers(ask) for name, ask in asked.items()}


def _as_numbers(ask):
    def answer(student):
        try:
            return np.array(ask(student), dtype=np.float64)
        except Mismatch:  # an error, or something else than a text
            return np.array([ERROR, 0.0])

    return answer


@CHECKS.check(
    points=0.25,
    title=text(
        "temperature 0: the best token, each time anew", "température 0 : le meilleur jeton, à chaque étape"
    ),
    hint=text(
        "At every step, give the text so far to the model, take the logits of the last position, choose with "
        "`sample`, and put the token at the end of its row. Return the beginnings with what follows them.",
        "À chaque étape, donnez au modèle le texte écrit jusque-là, prenez les logits de la dernière position, choisissez "
        "avec `sample`, et mettez le jeton au bout de sa ligne. Renvoyez les débuts avec leur suite.",
    ),
)
def greedy(student, cases):
    check_cases(student, cases, "greedy", "one_token", "nothing")


@CHECKS.check(
    points=0.25,
    needs=("greedy",),
    title=text("texts longer than the model's context", "textes plus longs que le contexte du modèle"),
    hint=text(
        "The model reads at most model.config.max_length tokens: give it the last ones, but return the whole text.",
        "Le modèle lit au plus model.config.max_length jetons : donnez-lui les derniers, mais renvoyez tout le texte.",
    ),
)
def context(student, cases):
    check_cases(student, cases, "past_context", "long_beginning")


@CHECKS.check(
    points=0.25,
    needs=("greedy",),
    title=text("eos_id: each row finishes by itself", "eos_id : chaque ligne finit de son côté"),
    hint=text(
        "Remember which rows have drawn eos_id; from then on they get eos_id again, while the others go on. Stop when all "
        "have finished. An eos_id in the beginning finishes nothing.",
        "Retenez quelles lignes ont tiré eos_id ; elles le reçoivent ensuite à chaque étape, pendant que les autres "
        "continuent. Arrêtez quand toutes ont fini. Un eos_id dans le début ne termine rien.",
    ),
)
def end_of_text(student, cases):
    check_cases(student, cases, *EOS)


@CHECKS.check(
    points=0.25,
    title=text(
        "two new tokens are drawn one after the other, by the generator",
        "deux nouveaux jetons sont tirés l'un après l'autre, par le générateur",
    ),
    hint=text(
        "Hand temperature and generator on to `sample` as they are, at every step: a generator made anew at each "
        "step draws the same numbers again.",
        "Passez temperature et generator tels quels à `sample`, à chaque étape : un générateur recréé à chaque "
        "étape tire de nouveau les mêmes nombres.",
    ),
)
def draws(student, cases):
    table, cold = fact("TABLE", TABLE), fact("COLD_TABLE", COLD_TABLE)
    check_two_steps(student, table, seed_from(1), table)
    check_two_steps(student, cold, seed_from(2), table, temperature=0.5)
    check_seeds(student, (seed_from(3), seed_from(4)), table, temperature=1.5)


@CHECKS.check(
    points=0.25,
    title=text("top_k and top_p are handed on", "top_k et top_p sont transmis"),
    hint=text(
        "sample(logits, temperature, top_k, top_p, generator) takes all of them.",
        "sample(logits, temperature, top_k, top_p, generator) les prend tous.",
    ),
)
def cuts(student, cases):
    check_cases(student, cases, *CUTS)


@CHECKS.check(
    points=0.25,
    needs=("greedy",),
    title=text(
        "no dropout, even if the model was in training mode",
        "sans dropout, même si le modèle était en mode entraînement",
    ),
    hint=text(
        "Call model.eval() before the model, and give its mode back at the end.",
        "Appelez model.eval() avant le modèle, et rendez-lui son mode à la fin.",
    ),
)
def evaluation(student, cases):
    check_cases(student, cases, "training")
