"""Hidden checks of fact_probe, against probabilities computed token by token and plain counts."""

from __future__ import annotations

from attentif.checks.engine import CheckSet
from attentif.checks.limit_probes import check_count, check_ends, check_names, result_of
from attentif.checks.masked_scoring import KINDS
from attentif.checks.public.fact_probe import CASES, ERRORS, FIELDS, LISTS, PRIMED
from attentif.checks.refusals import check_refused
from attentif.checks.text import text
from attentif_grading import fact_draws as draws
from attentif_grading.salt import rng_for

CHECKS = CheckSet("fact_probe")
NAME = "fact_probe"
VALUES = ("precision", "reciprocal_rank", "errors", "misprimes")


def _agrees(student, facts, fields, about, ends=("estimate",), asked=None):
    request = draws.request(facts)
    value = result_of(student.run(request), request, "FactResult", ["n_used"])
    check_ends(value, draws.expected(facts if asked is None else asked), fields, CASES[about], ends)
    return value


def _declare(name, fields, title, hint, ties=False):
    @CHECKS.check(name=name, points=0.25, title=title, hint=hint)
    def values(student, cases):
        rng = rng_for(NAME, name)
        for kind in KINDS:
            _agrees(student, draws.mixed(rng, kind), fields, "alone")
        if ties:
            _agrees(student, draws.tied(rng, "transformers"), fields, "tied")


_declare(
    "precision",
    ["precision"],
    text("precision on unseen facts, with ties", "precision sur de nouveaux faits, avec des égalités"),
    text("Ahead of every other word.", "Devant tous les autres mots."),
    ties=True,
)
_declare(
    "reciprocal_rank",
    ["reciprocal_rank"],
    text(
        "reciprocal_rank on unseen facts, with ties",
        "reciprocal_rank sur de nouveaux faits, avec des égalités",
    ),
    text("Among the candidates that the vocabulary has.", "Parmi les candidats que possède le vocabulaire."),
    ties=True,
)
_declare(
    "errors",
    ERRORS,
    text("errors on unseen facts, and how sure", "erreurs sur de nouveaux faits, et avec quelle assurance"),
    text("Of missed facts, the word that stands first.", "Des faits manqués, le mot qui est premier."),
)
_declare(
    "misprimes",
    PRIMED,
    text("misprimes on unseen facts", "amorces fausses sur de nouveaux faits"),
    text("Facts without a prime do not count.", "Les faits sans amorce ne comptent pas."),
)


@CHECKS.check(
    points=0.25,
    needs=VALUES,
    title=text(
        "intervals on unseen relations, and None where too little is left",
        "intervalles sur de nouvelles relations, et None là où il reste trop peu",
    ),
    hint=text("The group of a fact is its cluster.", "Le groupe d'un fait est son cluster."),
)
def intervals(student, cases):
    rng = rng_for(NAME, "intervals")
    for kind in KINDS:
        facts = draws.grouped(rng, draws.mixed(rng, kind))
        _agrees(student, facts, FIELDS, "grouped", ("low", "high"))
        _agrees(student, draws.unprimed(rng, kind), FIELDS, "unprimed")


@CHECKS.check(
    points=0.25,
    needs=VALUES,
    title=text(
        "unseen words out of the vocabulary named, and too few facts refused",
        "de nouveaux mots hors du vocabulaire nommés, et trop peu de faits refusés",
    ),
    hint=text(
        "ask_items refuses what is left of fewer than 5 groups.",
        "ask_items refuse ce dont il reste moins de 5 groupes.",
    ),
)
def unknown(student, cases):
    rng = rng_for(NAME, "unknown")
    for kind in KINDS:
        known = draws.mixed(rng, kind, 14)
        bad = draws.unknown(rng, known[0].setting, 4)
        value = _agrees(student, [bad[0], *known, *bad[1:]], FIELDS, "unknown", asked=known)
        told = draws.expected(known, bad)
        check_count(value, told, "n_used", CASES["unknown"])
        for name in LISTS:
            check_names(value, told, name, CASES["unknown"])
    wanted = text("an InputError for 4 facts", "une InputError pour 4 faits")
    check_refused(student.run(draws.request([*known[:4], *bad])), "", wanted)
