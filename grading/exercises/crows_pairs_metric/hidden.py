"""Hidden checks of crows_pairs_metric: unseen scores, against counts of the pairs one by one, as exact fractions."""

from __future__ import annotations

from fractions import Fraction

from attentif.checks.engine import CheckSet
from attentif.checks.public.crows_pairs_metric import SHARES
from attentif.checks.refusals import check_refused
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif_grading.pair_tables import tallied
from attentif_grading.salt import rng_for

CHECKS = CheckSet("crows_pairs_metric")
NAME = "crows_pairs_metric"
HALF = Fraction(1, 2)


def _percent(credits):
    """The mean of credits, in %; NaN of none."""
    return float(100 * sum(credits, Fraction(0)) / len(credits)) if credits else float("nan")


def _expected(table, official):
    credits, ties, n_unscored = {"stereo": [], "antistereo": []}, 0, 0
    for (first, second), direction in zip(table.scores, table.directions, strict=True):
        if first != first or second != second:
            n_unscored += 1
        elif first == second:
            ties += 1
            credits[direction].append(None if official else HALF)
        else:
            credits[direction].append(Fraction(first > second))
    every = [*credits["stereo"], *credits["antistereo"]]
    decided = {name: [each for each in of if each is not None] for name, of in credits.items()}
    return {
        "metric": _percent([each or Fraction(0) for each in every]),
        "stereotype": _percent(decided["stereo"]),
        "antistereotype": _percent(decided["antistereo"]),
        "neutral": float(Fraction(100 * ties, len(every))),
        "n_pairs": len(every),
        "n_unscored": n_unscored,
    }


def _agrees(student, table, official=False, *names):
    request = Request(args=(table.scores, table.directions), kwargs={"official": True} if official else {})
    SHARES.check(student, request, _expected(table, official), *names)


def _counts(rng, ties=True):
    """Of one direction: won, lost, tied, no two alike."""
    won, lost, tied = (int(n) for n in rng.choice([1, 2, 3, 4, 5, 6, 7], 3, replace=False))
    return won, lost, tied if ties else 0


@CHECKS.check(
    points=0.25,
    title=text("metric on unseen scores", "metric sur de nouveaux scores"),
    hint=text("In %, over all scored pairs.", "En %, sur toutes les paires évaluées."),
)
def metric(student, cases):
    rng = rng_for(NAME, "metric")
    for _ in range(6):
        _agrees(student, tallied(rng, _counts(rng, False), _counts(rng, False), 0), False, "metric")


@CHECKS.check(
    points=0.25,
    title=text("both directions on unseen scores", "les deux directions sur de nouveaux scores"),
    hint=text(
        "Each direction is divided by its own number of pairs.",
        "Chaque direction est divisée par son propre nombre de paires.",
    ),
)
def directions(student, cases):
    rng = rng_for(NAME, "directions")
    for _ in range(6):
        table = tallied(rng, _counts(rng, False), _counts(rng, False), 0)
        _agrees(student, table, False, "stereotype", "antistereotype")


@CHECKS.check(
    points=0.25,
    needs=("metric",),
    title=text("ties and pairs without scores together", "des égalités et des paires sans scores, ensemble"),
    hint=text(
        "Take out what has no score before anything else.", "Retirez avant tout ce qui n'a pas de score."
    ),
)
def ties_and_unscored(student, cases):
    rng = rng_for(NAME, "ties_and_unscored")
    for n_unscored in (0, 1, 2, 5):
        _agrees(student, tallied(rng, _counts(rng), _counts(rng), n_unscored))


@CHECKS.check(
    points=0.25,
    needs=("metric",),
    title=text("official on unseen scores", "official sur de nouveaux scores"),
    hint=text("Only ties are treated otherwise.", "Seules les égalités sont traitées autrement."),
)
def official(student, cases):
    rng = rng_for(NAME, "official")
    for n_unscored in (0, 2, 3):
        _agrees(student, tallied(rng, _counts(rng), _counts(rng), n_unscored), True)


@CHECKS.check(
    points=0.25,
    needs=("metric",),
    title=text(
        "a single pair, one direction only, and what is refused",
        "une seule paire, une seule direction, et ce qui est refusé",
    ),
    hint=text(
        "The share of no pair is NaN, not 0 and not an accident on the way.",
        "La part d'aucune paire est NaN, et non 0 ni un accident en chemin.",
    ),
)
def edges(student, cases):
    rng = rng_for(NAME, "edges")
    for stereo, antistereo in (((1, 0, 0), (0, 0, 0)), ((0, 0, 0), (0, 1, 0)), ((0, 0, 0), _counts(rng))):
        _agrees(student, tallied(rng, stereo, antistereo, 0))
    table = tallied(rng, _counts(rng), _counts(rng), 0)
    for given in (
        (table.scores, table.directions[1:]),
        ([], []),
        (table.scores, ["more"] * len(table.scores)),
    ):
        check_refused(student.run(Request(args=given)), "", text("an InputError", "une InputError"))
