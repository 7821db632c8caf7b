"""Public checks of BertEmbeddings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from attentif.checks.compare import Mismatch, describe, match, require, value_of
from attentif.checks.corruption import STANDARD_ERRORS, percent
from attentif.checks.engine import Case, CheckSet, check_case
from attentif.checks.fingerprints import ERROR, case_probes
from attentif.checks.refusals import refused
from attentif.checks.text import text
from attentif.checks.wording import named, stopped

CHECKS = CheckSet("BertEmbeddings")
VECTORS = named("output", "BPD")
# Shares of 72,000 components: five standard errors are below 0.01, what known mistakes change is far above.
TOLERANCES = {"dropout": 0.02, "evaluation": 0.02}
COPIES = 1000
# What torch raises where a table is read past its end.
ACCIDENTS = ("IndexError", "RuntimeError")


def probes(cases):
    """The stored cases; what dropout does in both modes, in shares; how a text that is too long ends."""
    left_out = ("one_token", "evaluation", "refuses_too_long")
    own = case_probes({name: case for name, case in cases.items() if name not in left_out})
    own = {name: _any_error(probe) for name, probe in own.items()}
    for name, training in (("dropout", True), ("evaluation", False)):
        own[name] = _dropout_in_numbers(cases["sum"], cases["evaluation"], training)
    return own | {"too_long": _end_of(cases["sum"], cases["refuses_too_long"])}


def _any_error(probe):
    # Which error torch raises depends on how the table is read.
    def answer(student):
        numbers = probe(student)
        return np.array([ERROR, 0.0]) if numbers[0] == ERROR else numbers

    return answer


def _is_right(student, case):
    """Whether the values are right. While they are not, nothing else is their cause, nor asked about."""
    try:
        check_case(student, case, of_parts=True)
    except Mismatch:
        return False
    return True


def _dropout_in_numbers(plain, case, training):
    probability = case.request.init["dropout"]

    def answer(student):
        if not _is_right(student, plain):
            return np.array([probability, 0.0, 1 - probability] if training else [0.0, 1.0, 0.0])
        many = repeated(case, COPIES, training)
        outcome = student.run(many.request)
        if outcome.error is not None:
            return np.array([ERROR, 0.0])
        expected = many.expected.value
        if not (isinstance(outcome.value, np.ndarray) and outcome.value.shape == expected.shape):
            return np.array([-1.0])
        got = outcome.value.astype(np.float64)
        kept = expected / (1 - probability)
        return np.array([np.isclose(got, wanted, 1e-4).mean() for wanted in (0.0, expected, kept)])

    return answer


def _end_of(plain, case):
    def answer(student):
        if not _is_right(student, plain):
            return np.array([ERROR, 0.0])
        outcome = student.run(case.request)
        if outcome.error is None:
            return np.array([0.0])
        if refused(outcome):
            return np.array([ERROR, 0.0])
        return np.array([ERROR, 1.0 if outcome.error.startswith(ACCIDENTS) else 2.0])

    return answer


def repeated(case, copies, training):
    """A stored request on its rows many times over, with the result that it gives without dropout."""
    rows = {name: np.tile(ids, (copies, 1)) for name, ids in case.request.kwargs.items()}
    expected = np.tile(case.expected.value, (copies, 1, 1))
    return Case(replace(case.request, kwargs=rows, training=training), replace(case.expected, value=expected))


def check_dropout(student, case, copies):
    """Judge dropout in training by the shares of many draws; the case tells the vectors without it."""
    probability = case.request.init["dropout"]
    many = repeated(case, copies, training=True)
    got, expected = value_of(student.run(many.request), many.request), many.expected.value
    fits = isinstance(got, np.ndarray) and got.shape == expected.shape and got.dtype == expected.dtype
    require(fits, describe(expected), describe(got))
    larger = expected / (1 - probability)
    dropped = np.abs(got) < np.abs(larger) / 2
    margin = STANDARD_ERRORS * (probability * (1 - probability) / dropped.size) ** 0.5
    wanted, give = percent(probability), percent(margin)
    share = float(((got == 0.0) & dropped).mean())
    require(
        abs(share - probability) <= margin,
        text(
            f"in training, with dropout={probability}, {wanted['en']} (± {give['en']}) of the components are 0",
            f"à l'entraînement, avec dropout={probability}, {wanted['fr']} (± {give['fr']}) des composantes "
            "valent 0",
        ),
        percent(share),
    )
    # The sum over a whole axis varies as independent draws do; over the rows there are few sums, so a wide limit.
    for axis, low, high in ((2, 0.5, 1.7), (1, 0.5, 1.7), (0, 0.0, 6.0)):
        n = dropped.shape[axis]
        spread = ((dropped.sum(axis) - probability * n) ** 2).mean() / (n * probability * (1 - probability))
        require(
            low <= float(spread) <= high,
            text(
                "each component dropped by a draw of its own",
                "chaque composante abandonnée par son propre tirage",
            ),
            text("components dropped together", "des composantes abandonnées ensemble"),
        )
    match(got, np.where(dropped, 0.0, larger).astype(expected.dtype), of_parts=True, where=VECTORS)


def check_refused(student, request):
    """A text that is too long must be refused, and the error must speak of the length."""
    outcome = student.run(request)
    length, limit = request.kwargs["token_ids"].shape[1], request.init["max_length"]
    wanted = text(
        f"for {length} tokens and max_length={limit}, an InputError that speaks of the length",
        f"pour {length} jetons et max_length={limit}, une InputError qui parle de la longueur",
    )
    require(outcome.error is not None, wanted, describe(outcome.value))
    speaks_of_it = rf"long|length|max|\b{limit}\b|\b{length}\b"
    require(refused(outcome, speaks_of_it), wanted, stopped(outcome))


@CHECKS.check(
    points=0.5,
    title=text("token + segment + position, normalised", "jeton + segment + position, puis la normalisation"),
    hint=text(
        "Look each of the three up in its own table, the positions being 0, 1, 2 … T − 1; add; then normalise.",
        "Lisez chacun des trois dans sa propre table, les positions étant 0, 1, 2 … T − 1 ; additionnez ; puis "
        "normalisez.",
    ),
)
def values(student, cases):
    for name in ("sum", "one_token", "three_segments"):
        check_case(student, cases[name], of_parts=True, where=VECTORS)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text("without segment_ids, every segment is 0", "sans segment_ids, tous les segments valent 0"),
    hint=text(
        "Row 0 of the segment table is added then: absent does not mean without a segment.",
        "On ajoute alors la ligne 0 de la table des segments : l'absence ne veut pas dire qu'il n'y a pas de "
        "segment.",
    ),
)
def no_segments(student, cases):
    check_case(student, cases["no_segments"], of_parts=True, where=VECTORS)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "gradients reach the three tables and the normalisation",
        "les gradients atteignent les trois tables et la normalisation",
    ),
    hint=text(
        "Read the tables by calling them (or by their weight), without .data, detach or no_grad.",
        "Lisez les tables en les appelant (ou par leur poids, weight), sans .data, ni detach, ni no_grad.",
    ),
)
def gradients(student, cases):
    check_case(student, cases["gradients"], of_parts=True, where=VECTORS)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "dropout comes last, in training only",
        "l'abandon (dropout) vient en dernier, à l'entraînement seulement",
    ),
    hint=text(
        "self.dropout is a layer: it knows by itself whether the model is training. Give it the normalised vectors.",
        "self.dropout est une couche : elle sait d'elle-même si le modèle s'entraîne. Donnez-lui les vecteurs "
        "normalisés.",
    ),
)
def dropout(student, cases):
    check_case(student, cases["evaluation"], of_parts=True, where=VECTORS)
    check_dropout(student, cases["evaluation"], 100)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "max_length tokens are embedded, one more is refused",
        "max_length jetons sont acceptés, un de plus est refusé",
    ),
    hint=text(
        "Before any table is read: check_length(token_ids, self.max_length) raises the error.",
        "Avant de lire la moindre table : check_length(token_ids, self.max_length) lève l'erreur.",
    ),
)
def too_long(student, cases):
    check_case(student, cases["whole_table"], of_parts=True, where=VECTORS)
    check_refused(student, cases["refuses_too_long"].request)
