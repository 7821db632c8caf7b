"""Hidden checks of random_null: unseen seeds, sizes and metrics, against the weights of models drawn by the oracle."""

from __future__ import annotations

import math

from attentif.checks.engine import CheckSet
from attentif.checks.null_scores import check_scores
from attentif.checks.refusals import check_refused
from attentif.checks.text import text
from attentif.checks.values import Recipe, Request
from attentif_grading.null_oracle import drawn_seeds, drawn_setting, scores
from attentif_grading.salt import rng_for

CHECKS = CheckSet("random_null")
NAME = "random_null"


def _with(metric, **more):
    return Recipe(metric.name, metric.arguments | more)


def _refused(student, metric, config, seeds):
    request = Request(kwargs={"metric": metric, "config": config, "seeds": seeds})
    check_refused(student.run(request), "", text("an InputError", "une InputError"))


@CHECKS.check(
    points=0.5,
    title=text(
        "the scores of unseen metrics, configurations and seeds",
        "les scores d'autres métriques, configurations et graines",
    ),
    hint=text("Each seed is that of one model.", "Chaque graine est celle d'un modèle."),
)
def values(student, cases):
    rng = rng_for(NAME, "values")
    for n in (2, 3, 9):
        metric, config = drawn_setting(rng)
        seeds = tuple(drawn_seeds(rng, n))
        request = Request(args=(metric,), kwargs={"config": config, "seeds": seeds})
        check_scores(student.run(request), scores(metric, config, seeds), request)
    # From 0 on, but not in order.
    seeds = [int(seed) for seed in rng.permutation(4)]
    request = Request(args=(metric, config, seeds, "cpu"))
    check_scores(student.run(request), scores(metric, config, seeds), request)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "evaluation mode, no gradients and the device, on unseen models",
        "mode évaluation, absence de gradient et appareil (device), sur de nouveaux modèles",
    ),
    hint=text("As in the notebook's checks.", "Comme dans les contrôles du carnet."),
)
def conditions(student, cases):
    rng = rng_for(NAME, "conditions")
    for n in (3, 4):
        metric, config = drawn_setting(rng)
        seeds = drawn_seeds(rng, n)
        given = {"metric": _with(metric, watching=True), "config": config, "seeds": seeds}
        request = Request(kwargs=given, after=("metric",))
        check_scores(student.run(request), scores(metric, config, seeds), request)
    away = float(rng.uniform(60, 90))
    given = {"metric": _with(metric, elsewhere=away), "config": config, "seeds": seeds, "device": "meta"}
    request = Request(kwargs=given)
    check_scores(student.run(request), [away] * len(seeds), request)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "refusals of unseen seeds and scores",
        "refus d'autres graines et d'autres scores",
    ),
    hint=text(
        "A call that cannot give one score for each of its seeds gives none.",
        "Un appel qui ne peut donner un score pour chacune de ses graines n'en donne aucun.",
    ),
)
def refusals(student, cases):
    rng = rng_for(NAME, "refusals")
    metric, config = drawn_setting(rng)
    seeds = drawn_seeds(rng, 6)
    for wrong in ([*seeds, seeds[0]], seeds[2:3], [], [*seeds, 7.25]):
        _refused(student, metric, config, wrong)
    low, second, *_ = sorted(scores(metric, config, seeds))
    for otherwise in (math.nan, -math.inf):
        broken = _with(metric, between=((low + second) / 2, math.inf), otherwise=otherwise)
        _refused(student, broken, config, seeds)
