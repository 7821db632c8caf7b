"""Hidden checks of generate: unseen models, against texts written by a loop over plain numbers."""

from __future__ import annotations

import numpy as np

from attentif.checks import recipes
from attentif.checks.engine import CheckSet
from attentif.checks.public.generate import (
    BEGINNING,
    SAMPLER,
    check_seeds,
    check_text,
    check_two_steps,
    table_request,
)
from attentif.checks.text import text
from attentif.checks.values import Recipe, Request
from attentif_grading.salt import rng_for

CHECKS = CheckSet("generate")
NAME = "generate"
V = 9
EOS_IDS = (5, 6, 7, 8)


def _model(rng, max_length=20, training=False):
    arguments = {"vocab_size": V, "seed": int(rng.integers(2**31)), "max_length": max_length, "d_model": 5}
    return Recipe("causal_model", {**arguments, "training": training})


def _start(rng, rows, length, below=5):
    """Beginnings; of tokens below 5, so that others may end a text."""
    return rng.integers(0, below, (rows, length)).astype(np.int64)


def _best_next(model, rows):
    """The most probable token after each row, from the model's arrays by a loop over what it reads."""
    built = recipes.causal_model(**{**model.arguments, "training": False})
    names = ("embedding", "by_distance", "output", "bias")
    embedding, by_distance, output, bias = (getattr(built, name).detach().numpy() for name in names)
    best = []
    for row in rows:
        read = row[-built.config.max_length :]
        vector = sum(by_distance[back] * embedding[token] for back, token in enumerate(reversed(read)))
        best.append(int(np.argmax(vector @ output + bias)))
    return best


def _greedy(model, start, n_new, eos_id=None):
    """(text, the step at which each row finished or None)."""
    rows, ended = [list(map(int, row)) for row in start], [None] * len(start)
    for step in range(n_new):
        for place, token in enumerate(_best_next(model, rows)):
            rows[place].append(token if ended[place] is None else eos_id)
            if token == eos_id and ended[place] is None:
                ended[place] = step
        if None not in ended:
            break
    return np.array(rows, np.int64), ended


def _request(model, start, n_new, **options):
    return Request(args=(model, start, n_new), kwargs={"temperature": 0, "sample": SAMPLER, **options})


def _agrees(student, model, start, n_new, **options):
    check_text(student, _request(model, start, n_new, **options), _greedy(model, start, n_new, **options)[0])


def _lively(rng, rows, length, n_new, **sizes):
    """A model and beginnings whose continuations are not all of one token."""
    for _ in range(200):
        model, start = _model(rng, **sizes), _start(rng, rows, length)
        new = _greedy(model, start, n_new)[0][:, length:]
        if all(len(set(row)) >= min(4, n_new) for row in new.tolist()):
            break
    return model, start


def _ending(rng, rows, n_new, wanted):
    """(model, beginnings, eos_id): the steps at which the rows finish are as wanted."""
    for _ in range(400):
        model, start = _lively(rng, rows, 3, n_new)
        text_of_all = _greedy(model, start, n_new)[0][:, 3:].tolist()
        for eos_id in EOS_IDS:
            ended = [row.index(eos_id) if eos_id in row else None for row in text_of_all]
            after = [
                row[end + 1 : end + 2] != [eos_id]
                for row, end in zip(text_of_all, ended, strict=True)
                if end is not None
            ]
            if wanted(ended) and all(after):
                return model, start, eos_id
    raise LookupError("no text that ends as wanted")


@CHECKS.check(
    points=0.25,
    title=text("unseen models at temperature 0", "de nouveaux modèles, à la température 0"),
    hint=text(
        "The logits of the last position say what follows the text so far.",
        "Les logits de la dernière position disent ce qui suit le texte écrit jusque-là.",
    ),
)
def greedy(student, cases):
    rng = rng_for(NAME, "greedy")
    for rows, length, n_new in ((4, 3, 6), (1, 1, 5), (2, 6, 1)):
        _agrees(student, *_lively(rng, rows, length, n_new), n_new)


@CHECKS.check(
    points=0.25,
    needs=("greedy",),
    title=text("beyond the context of unseen models", "au-delà du contexte de nouveaux modèles"),
    hint=text(
        "The model reads the last tokens only; the text keeps all.",
        "Le modèle ne lit que les derniers jetons ; le texte les garde tous.",
    ),
)
def context(student, cases):
    rng = rng_for(NAME, "context")
    for length, n_new, max_length in ((4, 8, 7), (9, 5, 6), (7, 3, 7)):
        _agrees(student, *_lively(rng, 3, length, n_new, max_length=max_length), n_new)


@CHECKS.check(
    points=0.5,
    needs=("greedy",),
    title=text(
        "rows that finish at different steps, or never",
        "lignes qui finissent à des étapes différentes, ou jamais",
    ),
    hint=text(
        "A finished row repeats eos_id; the text is as long as the row that finishes last.",
        "Une ligne finie répète eos_id ; le texte est aussi long que la ligne qui finit la dernière.",
    ),
)
def end_of_text(student, cases):
    rng = rng_for(NAME, "end_of_text")

    def apart(ended):
        return None not in ended and len(set(ended)) > 1 and max(ended) < 7

    def one_never(ended):
        return None in ended and any(end is not None and end < 5 for end in ended)

    for rows, wanted in ((2, apart), (3, one_never), (1, lambda ended: ended[0] in (1, 2, 3))):
        model, start, eos_id = _ending(rng, rows, 8, wanted)
        _agrees(student, model, start, 8, eos_id=eos_id)
        _agrees(student, model, start, 8)
    # The same texts go on if eos_id stands in the beginnings already.
    model, start = _lively(rng, 2, 4, 5)
    _agrees(student, model, start, 5, eos_id=int(start[0, -1]))


@CHECKS.check(
    points=0.25,
    title=text(
        "two new tokens of an unseen table, by chance and by the generator",
        "deux nouveaux jetons d'un nouveau tableau, par le hasard et par le générateur",
    ),
    hint=text(
        "Every step draws anew, at the given temperature, from the given generator.",
        "Chaque étape tire de nouveau, à la température donnée, avec le générateur donné.",
    ),
)
def draws(student, cases):
    rng = rng_for(NAME, "draws")
    table = _table(rng)
    for temperature in (1.0, 0.6):
        powers = [[share ** (1 / temperature) for share in row] for row in table]
        law = [[power / sum(row) for power in row] for row in powers]
        check_two_steps(student, law, int(rng.integers(2**31)), table, temperature=temperature)
    seeds = rng.choice(2**31, 2, replace=False)
    check_seeds(student, (int(seeds[0]), int(seeds[1])), table)


@CHECKS.check(
    points=0.25,
    needs=("greedy",),
    title=text("top_k, top_p and the mode of unseen models", "top_k, top_p et le mode de nouveaux modèles"),
    hint=text(
        "All options go to `sample`; the model answers in evaluation mode.",
        "Toutes les options vont à `sample` ; le modèle répond en mode évaluation.",
    ),
)
def options(student, cases):
    rng = rng_for(NAME, "options")
    table = _table(rng)
    for cut in ({"top_k": 1}, {"top_p": float(rng.uniform(1e-6, 1e-3))}):
        request = table_request(30, 4, int(rng.integers(2**31)), table, temperature=2.5, **cut)
        row = list(BEGINNING)
        for _ in range(4):
            row.append(int(np.argmax(table[row[-1]])))
        check_text(student, request, np.tile(np.array(row, np.int64), (30, 1)))
    model, start = _lively(rng, 2, 3, 5, training=True)
    _agrees(student, model, start, 5)


def _table(rng, size=5):
    """Probabilities of the next token after each of five, none of them small or near another."""
    rows = [rng.permutation(0.65 ** np.arange(size) * rng.uniform(0.9, 1.0, size)) for _ in range(size)]
    return [[float(share) for share in row / row.sum()] for row in rows]
