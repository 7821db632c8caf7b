"""Hidden checks of number_probe, against probabilities computed token by token, SciPy's laws and a loop over pieces."""

from __future__ import annotations

from attentif.checks.engine import CheckSet
from attentif.checks.limit_probes import check_count, check_names, result_of
from attentif.checks.masked_scoring import KINDS
from attentif.checks.public.number_probe import CASES, SHARE, check_pieces, check_shares
from attentif.checks.refusals import check_refused
from attentif.checks.text import text
from attentif_grading import number_draws as draws
from attentif_grading.salt import rng_for

CHECKS = CheckSet("number_probe")
NAME = "number_probe"


def _value(student, items, numbers, names):
    request = draws.request(items, numbers)
    return result_of(student.run(request), request, "NumberResult", names)


@CHECKS.check(
    points=0.5,
    title=text(
        "accuracy on unseen questions, with ties", "accuracy sur de nouvelles questions, avec des égalités"
    ),
    hint=text("Strictly ahead of every wrong word.", "Strictement devant tous les mots faux."),
)
def accuracy(student, cases):
    rng = rng_for(NAME, "accuracy")
    for kind in KINDS:
        for ties in (False, True):
            items = draws.mixed(rng, kind, ties, each=9 + 4 * ties)
            value = _value(student, items, [1], ["accuracy"])
            about = CASES["tied" if ties else "plain"]
            check_shares(value, draws.expected(items, [1]), about, ["estimate"])


@CHECKS.check(
    points=0.25,
    needs=("accuracy",),
    title=text(
        "exact intervals and tests on unseen questions",
        "intervalles et tests exacts sur de nouvelles questions",
    ),
    hint=text("The chance is that of the kind.", "Le hasard est celui du type."),
)
def bounds(student, cases):
    rng = rng_for(NAME, "bounds")
    for each in (8, 15):
        items = draws.mixed(rng, "attentif", each=each)
        value = _value(student, items, [1], ["accuracy"])
        check_shares(value, draws.expected(items, [1]), CASES["plain"], SHARE)


@CHECKS.check(
    points=0.25,
    title=text("pieces of unseen integers", "morceaux de nouveaux entiers"),
    hint=text("Specials are no pieces.", "Les jetons spéciaux ne sont pas des morceaux."),
)
def pieces(student, cases):
    rng = rng_for(NAME, "pieces")
    for kind in KINDS:
        items, numbers = draws.mixed(rng, kind, each=8), draws.integers(rng, 24)
        value = _value(student, items, numbers, ["pieces"])
        check_pieces(value, draws.expected(items, numbers), CASES["plain"])


@CHECKS.check(
    points=0.25,
    needs=("accuracy",),
    title=text(
        "unseen words out of the vocabulary: left out and named",
        "de nouveaux mots hors du vocabulaire : laissés de côté et nommés",
    ),
    hint=text("They are neither right nor wrong.", "Ils ne sont ni justes ni faux."),
)
def unknown(student, cases):
    rng = rng_for(NAME, "unknown")
    for kind in KINDS:
        known = draws.mixed(rng, kind, each=8)
        bad = draws.unknown(rng, known[0].setting, 4)
        value = _value(student, [*bad[:1], *known, *bad[1:]], [1], ["accuracy"])
        told = draws.expected(known, [1], bad)
        check_shares(value, told, CASES["unknown"], ["estimate", "low", "high"])
        check_count(value, told, "n_used", CASES["unknown"])
        check_names(value, told, "unknown", CASES["unknown"])


@CHECKS.check(
    points=0.25,
    needs=("accuracy",),
    title=text(
        "refused: items of one kind with different chances, integers below 0, nothing to ask",
        "refusés : des items d'un type aux hasards différents, des entiers négatifs, rien à demander",
    ),
    hint=text(
        "check_numbers refuses the first two, ask_items the last.",
        "check_numbers refuse les deux premiers, ask_items le dernier.",
    ),
)
def refusals(student, cases):
    rng = rng_for(NAME, "refusals")
    items = draws.mixed(rng, "attentif", each=8)
    bad = draws.unknown(rng, items[0].setting, 3)
    other = draws.one_more_candidate(items)
    for said, asked, numbers in (
        ("3 candidates beside 2", [*items, other], [1]),
        ("integers = [-1]", items, [1, -1]),
        ("unknown words alone", bad, [1]),
    ):
        wanted = text(f"an InputError for {said}", f"une InputError pour {said}")
        check_refused(student.run(draws.request(asked, numbers)), "", wanted)
