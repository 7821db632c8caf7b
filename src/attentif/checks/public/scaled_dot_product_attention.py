"""Public checks of scaled_dot_product_attention."""

from __future__ import annotations

import numpy as np

from attentif.checks.compare import Mismatch, describe, match, require, value_of
from attentif.checks.corruption import percent
from attentif.checks.engine import CheckSet, check_case
from attentif.checks.fingerprints import ERROR, case_probes
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif.checks.wording import named

CHECKS = CheckSet("scaled_dot_product_attention")
ANSWER = OUTPUT, WEIGHTS = named("output", "BHTD"), named("weights", "BHTS")

# Means over 288,000 draws: five standard errors are below 0.015, what known mistakes change is far above.
TOLERANCES = {"dropout": 0.02}
DROPPED = 0.4
STANDARD_ERRORS = 5.5  # a right answer fails once in twenty million


def probes(cases):
    """The stored cases, and what dropout does to the weights on average."""
    own = {"dropout": _dropout_in_numbers(cases["plain"], cases["before_dropout"])}
    return {**case_probes({name: case for name, case in cases.items() if name != "before_dropout"}), **own}


def _with_dropout(case, copies, probability):
    """The stored request, repeated and with dropout; the value is orthogonal, so the output tells the weights."""
    repeated = {n: np.broadcast_to(x, (copies, *x.shape)).copy() for n, x in case.request.kwargs.items()}
    return Request(kwargs={**repeated, "dropout_p": probability})


def _applied(output, case):
    """The weights (copies, T, S) with which this output averaged the values."""
    return output @ case.request.kwargs["value"].T


def _is_answer(value, shapes):
    return (
        isinstance(value, (tuple, list))
        and len(value) == len(shapes)
        and all(isinstance(x, np.ndarray) and x.shape == s for x, s in zip(value, shapes, strict=True))
    )


def _dropout_in_numbers(plain, case):
    def answer(student):
        # While the values themselves are wrong, dropout is not their cause: it is not asked about.
        try:
            check_case(student, plain)
        except Mismatch:
            return np.array([-1.0])
        copies = 3000
        outcome = student.run(_with_dropout(case, copies, DROPPED))
        if outcome.error is not None:
            return np.array([ERROR, 0.0])
        if not _is_answer(outcome.value, [(copies, *x.shape) for x in case.expected.value]):
            return np.array([-1.0])
        output, weights = (np.asarray(x, dtype=np.float64) for x in outcome.value)
        numbers = []
        for applied in (_applied(output, case), weights):
            sums = applied.sum(-1)
            changed = np.abs(applied - case.expected.value[1]).sum(-1)
            numbers += [(np.abs(applied) < 1e-6).mean(), sums.mean(), np.abs(sums - 1).mean(), changed.mean()]
        return np.array(numbers)

    return answer


@CHECKS.check(
    points=1.25,
    title=text("output and weights without a mask", "sortie et poids sans masque"),
    hint=text(
        "Compare each query with each key, divide by √K, take the softmax over the keys, average the values.",
        "Comparez chaque requête à chaque clé, divisez par √K, appliquez le softmax sur les clés, "
        "puis faites la moyenne pondérée des valeurs.",
    ),
)
def values(student, cases):
    check_case(student, cases["plain"], where=ANSWER)
    check_case(student, cases["one_position"], where=ANSWER)
    check_case(student, cases["two_axes"], where=ANSWER)


@CHECKS.check(
    points=0.75,
    needs=("values",),
    title=text("a mask hides keys (True means visible)", "un masque cache des clés (True veut dire visible)"),
    hint=text(
        "A hidden key gets a score of −∞ before the softmax; the mask broadcasts to (..., T, S).",
        "Une clé cachée reçoit un score de −∞ avant le softmax ; le masque se diffuse vers (..., T, S).",
    ),
)
def mask(student, cases):
    check_case(student, cases["masked"], where=ANSWER)
    check_case(student, cases["broadcast_mask"], where=ANSWER)


@CHECKS.check(
    points=0.5,
    needs=("mask",),
    title=text("a query that sees nothing gives zeros", "une requête qui ne voit rien donne des zéros"),
    hint=text(
        "Where a whole row is hidden, the softmax has nothing to share out: of scores of −∞ it makes NaN, of scores that "
        "are all very negative it still makes weights. Both the weights and the output must be 0 there.",
        "Là où toute une ligne est cachée, le softmax n'a rien à répartir : de scores de −∞ il fait des NaN, de scores "
        "tous très négatifs il fait encore des poids. Les poids et la sortie doivent y valoir 0.",
    ),
)
def nothing_visible(student, cases):
    check_case(student, cases["nothing_visible"], where=ANSWER)


@CHECKS.check(
    points=0.5,
    needs=("values",),
    title=text("large scores do not overflow", "les grands scores ne débordent pas"),
    hint=text(
        "Use a softmax that subtracts the maximum first.",
        "Utilisez un softmax qui soustrait d'abord le maximum.",
    ),
)
def large_scores(student, cases):
    check_case(student, cases["large_scores"], where=ANSWER)


@CHECKS.check(
    points=0.5,
    needs=("mask",),
    title=text("gradients reach query, key and value", "les gradients atteignent query, key et value"),
    hint=text(
        "Stay with torch operations from the arguments to the result: no detach, no numpy, no .data.",
        "Restez dans les opérations de torch, des arguments au résultat : ni detach, ni numpy, ni .data.",
    ),
)
def gradients(student, cases):
    check_case(student, cases["gradients"], where=ANSWER)


@CHECKS.check(
    points=0.5,
    needs=("values",),
    title=text(
        "dropout: some weights become 0, the others grow, the average stays",
        "abandon (dropout) : des poids passent à 0, les autres grandissent, la moyenne reste",
    ),
    hint=text(
        "After the softmax and before the average, replace each weight by 0 with probability dropout_p and divide "
        "the others by 1 − dropout_p; return the weights as they were before.",
        "Après le softmax et avant la moyenne, remplacez chaque poids par 0 avec la probabilité dropout_p et "
        "divisez les autres par 1 − dropout_p ; renvoyez les poids d'avant l'abandon.",
    ),
)
def dropout(student, cases):
    check_dropout(student, cases["before_dropout"], 300, DROPPED)


def check_dropout(student, case, copies, probability):
    """Judge dropout by the shares of many draws; the case tells output and weights without it."""
    request = _with_dropout(case, copies, probability)
    value = value_of(student.run(request), request)
    expected_output, weights = (np.broadcast_to(x, (copies, *x.shape)) for x in case.expected.value)
    both = text(
        f"output {expected_output.shape} and weights {weights.shape}",
        f"output {expected_output.shape} et weights {weights.shape}",
    )
    require(_is_answer(value, (expected_output.shape, weights.shape)), both, describe(value))
    match(value[1], weights, where=named("weights", "BTS"))
    # A kept weight is larger than before, one that is left alone equal, a dropped one 0.
    applied = _applied(value[0], case)
    kept = applied > weights / 2
    dropped = 1 - kept.mean()
    margin = STANDARD_ERRORS * (probability * (1 - probability) / kept.size) ** 0.5
    wanted, give = percent(probability), percent(margin)
    require(
        abs(dropped - probability) <= margin,
        text(
            f"with dropout_p={probability}, {wanted['en']} (± {give['en']}) of the weights replaced by 0",
            f"avec dropout_p={probability}, {wanted['fr']} (± {give['fr']}) des poids remplacés par 0",
        ),
        percent(dropped),
    )
    for axis, n in ((-1, kept.shape[-1]), (-2, kept.shape[-2])):
        counts = (~kept).sum(axis)
        ratio = float(((counts - probability * n) ** 2).mean() / (n * probability * (1 - probability)))
        require(
            0.5 < ratio < 1.7,
            text("each weight dropped by a draw of its own", "chaque poids abandonné par son propre tirage"),
            text("weights dropped together", "des poids abandonnés ensemble"),
        )
    asked = 1 / (1 - probability)
    factor = float(np.median(applied[kept] / weights[kept]))
    times = text("multiplied by {}", "multipliés par {}")
    wanted, found = ({lang: times[lang].format(_short(x, lang)) for lang in times} for x in (asked, factor))
    require(
        abs(factor / asked - 1) < 1e-3,
        text(
            f"the other weights divided by 1 − dropout_p, so {wanted['en']}",
            f"les autres poids divisés par 1 − dropout_p, donc {wanted['fr']}",
        ),
        found if abs(factor - 1) > 1e-3 else text("they are as before", "ils sont comme avant"),
    )
    expected = np.where(kept, asked * weights, 0.0) @ case.request.kwargs["value"]
    match(value[0], expected, where=named("output", "BTD"))


def _short(value, language):
    return f"{value:.4g}".replace(".", "," if language == "fr" else ".")
