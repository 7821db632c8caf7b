"""Hidden checks of negation_probe, against probabilities computed token by token and SciPy's distance."""

from __future__ import annotations

from attentif.checks.engine import CheckSet
from attentif.checks.limit_probes import check_count, check_ends, check_names, result_of
from attentif.checks.masked_scoring import KINDS
from attentif.checks.public.negation_probe import (
    ACCURACY,
    CASES,
    CHANGE,
    FIELDS,
    MARGIN,
    SENSITIVITY,
)
from attentif.checks.refusals import check_refused
from attentif.checks.text import text
from attentif_grading import negation_draws as draws
from attentif_grading.salt import rng_for

CHECKS = CheckSet("negation_probe")
NAME = "negation_probe"
ASKED = {"k": draws.K, "margin": draws.MARGIN}


def _agrees(student, items, fields, about, ends=("estimate",), asked=None, **options):
    """The result of a call on items, as checked; `asked` are the items that can be."""
    request = draws.request(items, **options)
    value = result_of(student.run(request), request, "NegationResult", fields)
    right = draws.expected(items if asked is None else asked, **options)
    check_ends(value, right, fields, CASES[about], ends)
    return value


@CHECKS.check(
    points=0.25,
    title=text(
        "accuracy on unseen items, for several k and with ties",
        "accuracy sur de nouveaux items, pour plusieurs k et avec des égalités",
    ),
    hint=text(
        "The k most probable words, no more; equals count before the right completion.",
        "Les k mots les plus probables, pas davantage ; les égaux comptent avant la bonne fin.",
    ),
)
def accuracy(student, cases):
    rng = rng_for(NAME, "accuracy")
    for kind in KINDS:
        items = draws.grouped(rng, draws.mixed(rng, kind))
        for k in (1, 3, 5):
            _agrees(student, items, ACCURACY, "grouped", k=k)
    _agrees(student, draws.tied(rng, "transformers"), ACCURACY, "tied", **ASKED)


@CHECKS.check(
    points=0.25,
    title=text(
        "sensitivity and margin on unseen items, with ties",
        "sensitivity et margin sur de nouveaux items, avec des égalités",
    ),
    hint=text(
        "P(right) > P(wrong), strictly; P(right) − P(wrong) > margin.",
        "P(bonne fin) > P(mauvaise), strictement ; P(bonne fin) − P(mauvaise) > margin.",
    ),
)
def sensitivity(student, cases):
    rng = rng_for(NAME, "sensitivity")
    fields = (*SENSITIVITY, *MARGIN)
    for kind in KINDS:
        _agrees(student, draws.mixed(rng, kind), fields, "alone", **ASKED)
        _agrees(student, draws.tied(rng, kind), fields, "tied", **ASKED)


@CHECKS.check(
    points=0.25,
    title=text(
        "overlap and distance on unseen items, with the articles a and an",
        "overlap et distance sur de nouveaux items, avec les articles a et an",
    ),
    hint=text(
        "Only the negation may differ between the two texts that are compared.",
        "Seule la négation doit différer entre les deux textes comparés.",
    ),
)
def change(student, cases):
    rng = rng_for(NAME, "change")
    for kind in KINDS:
        _agrees(student, draws.mixed(rng, kind), CHANGE, "alone")
        _agrees(student, draws.with_articles(rng, kind), CHANGE, "articles")


@CHECKS.check(
    points=0.25,
    needs=("accuracy", "sensitivity", "change"),
    title=text(
        "intervals on unseen groups, and where all answers are alike",
        "intervalles sur de nouveaux groupes, et là où toutes les réponses sont pareilles",
    ),
    hint=text(
        "Ten right answers out of ten still leave a doubt: proportion knows.",
        "Dix bonnes réponses sur dix laissent encore un doute : proportion le sait.",
    ),
)
def intervals(student, cases):
    rng = rng_for(NAME, "intervals")
    for kind in KINDS:
        ends = ("low", "high")
        items = draws.grouped(rng, draws.mixed(rng, kind), most=4)
        _agrees(student, items, FIELDS, "grouped", ends, **ASKED)
        certain = draws.grouped(rng, draws.certain(rng, kind), most=2)
        _agrees(student, certain, FIELDS, "certain", ends, **ASKED)


@CHECKS.check(
    points=0.25,
    needs=("accuracy", "sensitivity", "change"),
    title=text(
        "unseen words out of the vocabulary: left out and counted",
        "de nouveaux mots hors du vocabulaire : laissés de côté et comptés",
    ),
    hint=text(
        "An item is left out as a whole, in both forms.",
        "Un item est laissé de côté en entier, sous ses deux formes.",
    ),
)
def unknown(student, cases):
    rng = rng_for(NAME, "unknown")
    for kind in KINDS:
        known = draws.mixed(rng, kind)[:9]
        bad = draws.unknown(rng, known[0].setting, 4)
        items = [*bad[:2], *known, *bad[2:]]
        value = _agrees(student, items, FIELDS, "unknown", asked=known, **ASKED)
        told = {"n_used": len(known), "unknown": [item.affirmative for item in bad]}
        check_count(value, told, "n_used", CASES["unknown"])
        check_names(value, told, "unknown", CASES["unknown"])


@CHECKS.check(
    points=0.25,
    needs=("accuracy", "sensitivity", "change"),
    title=text(
        "refused: a k or a margin out of range, too few items that can be asked",
        "refusés : un k ou une marge hors de leurs bornes, trop peu d'items que l'on puisse poser",
    ),
    hint=text(
        "check_settings refuses the former, ask_items the latter when it is told how many groups there must be.",
        "check_settings refuse les premiers, ask_items les derniers si on lui dit combien de groupes il faut.",
    ),
)
def refusals(student, cases):
    rng = rng_for(NAME, "refusals")
    items = draws.mixed(rng, "attentif")
    few = [*items[:4], *draws.unknown(rng, items[0].setting, 3)]
    size = len(items[0].setting.tokens)
    for said, asked, options in (
        ("k = 0", items, {"k": 0}),
        (f"k = {size}", items, {"k": size}),
        ("margin = 1", items, {"margin": 1.0}),
        ("4 items", few, {}),
    ):
        wanted = text(f"an InputError for {said}", f"une InputError pour {said}")
        check_refused(student.run(draws.request(asked, **options)), "", wanted)
