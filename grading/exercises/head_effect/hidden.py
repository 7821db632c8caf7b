"""Hidden checks of head_effect, against models computed position by position with one head's output replaced."""

from __future__ import annotations

import numpy as np

from attentif.checks.engine import CheckSet
from attentif.checks.head_effects import check_effects
from attentif.checks.masked_scoring import KINDS, titled
from attentif.checks.refusals import check_refused
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif_grading.layered_oracle import H, L, LayeredSetting
from attentif_grading.masked_oracle import CUT, UNKNOWN, WORDS
from attentif_grading.salt import rng_for

CHECKS = CheckSet("head_effect")
NAME = "head_effect"
MASK = "[MASK]"
ALL = [(layer, head) for layer in range(L) for head in range(H)]


def _expected(setting, texts, words, heads):
    """Total and indirect effects, in numbers of the oracle."""
    place = setting.read(texts[0])[1].index(texts[0].index(MASK))
    tokens = [setting.read(each)[0] for each in texts]
    for each in tokens:
        each[place] = setting.mask
    one, two = (setting.tokens.index(setting.entry(word)) for word in words)

    def log_odds(inside):
        return inside.logits[place, one] - inside.logits[place, two]

    original, counterfactual = (setting.inside(each) for each in tokens)
    patched = [setting.inside(tokens[0], {(i, j): counterfactual.outputs[i, j]}) for i, j in heads]
    return {
        "total": log_odds(counterfactual) - log_odds(original),
        "indirect": np.array([log_odds(each) - log_odds(original) for each in patched]),
    }


def _texts(rng, n, changed):
    """A random text with a mask, and the same with some words exchanged."""
    original = [str(word) for word in rng.choice(WORDS, n)]
    numbers = [int(number) for number in rng.permutation(n)[: changed + 1]]
    original[numbers[0]] = MASK
    counterfactual = list(original)
    for number in numbers[1:]:
        counterfactual[number] = str(rng.choice([word for word in WORDS if word != original[number]]))
    return original, counterfactual


def _agrees(student, setting, texts, words, heads, *fields):
    request = Request(args=(*setting.recipes, *(" ".join(each) for each in texts), words, heads))
    check_effects(student.run(request), _expected(setting, texts, words, heads), request, *fields)


def _pronouns(rng):
    return tuple(str(word) for word in rng.choice(WORDS, 2, replace=False))


@CHECKS.check(
    points=0.25,
    title=text(
        "total on unseen texts, both kinds of model",
        "total sur de nouveaux textes, pour les deux sortes de modèles",
    ),
    hint=text("Counterfactual minus original, in nats.", "Contrefactuel moins original, en nats."),
)
def total(student, cases):
    rng = rng_for(NAME, "total")
    for kind in (*KINDS, "camembert"):
        _agrees(
            student, LayeredSetting.drawn(rng, kind), _texts(rng, 6, 1), _pronouns(rng), [(0, 0)], "total"
        )


def _declare(kind):
    @CHECKS.check(
        name=f"indirect_{kind}",
        points=0.5,
        needs=("total",),
        title=titled(kind, text("indirect on unseen texts and heads", "indirect sur de nouveaux textes et têtes")),
        hint=text(
            "The head's output at every position, in its own layer alone.",
            "La sortie de la tête à toutes les positions, dans sa seule couche.",
        ),
    )  # fmt: skip
    def indirect(student, cases):
        rng = rng_for(NAME, f"indirect_{kind}")
        for changed in (1, 3):
            for number in rng.permutation(len(ALL))[:2]:
                setting = LayeredSetting.drawn(rng, kind)
                _agrees(
                    student,
                    setting,
                    _texts(rng, 7, changed),
                    _pronouns(rng),
                    [ALL[number]],
                    "total",
                    "indirect",
                )


for _kind in KINDS:
    _declare(_kind)

_INDIRECT = tuple(f"indirect_{kind}" for kind in KINDS)


@CHECKS.check(
    points=0.25,
    needs=_INDIRECT,
    title=text(
        "all heads of a model, in any order, with words cut in pieces",
        "toutes les têtes d'un modèle, dans un ordre quelconque, avec des mots en morceaux",
    ),
    hint=text("Each head is patched alone.", "Chaque tête est greffée seule."),
)
def all_heads(student, cases):
    rng = rng_for(NAME, "all_heads")
    twos = [word for word, pieces in CUT.items() if len(pieces) == 2]
    for kind in KINDS:
        one, other = (str(word) for word in rng.choice(twos, 2, replace=False))
        texts = (["une", one, "lit", MASK], ["une", other, "lit", MASK])
        heads = [ALL[number] for number in rng.permutation(len(ALL))]
        _agrees(student, LayeredSetting.drawn(rng, kind), texts, _pronouns(rng), heads, "total", "indirect")


@CHECKS.check(
    points=0.25,
    needs=_INDIRECT,
    title=text(
        "two texts that are the same: no effect at all; evaluation mode",
        "deux textes identiques : aucun effet ; mode évaluation",
    ),
    hint=text(
        "A head that is given its own output changes nothing, and dropout must not either.",
        "Une tête qui reçoit sa propre sortie ne change rien, et l'abandon (dropout) non plus.",
    ),
)
def no_change(student, cases):
    rng = rng_for(NAME, "no_change")
    for kind in KINDS:
        for changed in (0, 2):
            setting = LayeredSetting.drawn(rng, kind, training=True)
            _agrees(student, setting, _texts(rng, 5, changed), _pronouns(rng), ALL[1:4], "total", "indirect")


@CHECKS.check(
    points=0.25,
    needs=_INDIRECT,
    title=text(
        "unseen heads, texts and words that cannot be asked, refused",
        "de nouvelles têtes, de nouveaux textes et mots impossibles, refusés",
    ),
    hint=text("Call check_mediation first.", "Appelez d'abord check_mediation."),
)
def refusals(student, cases):
    rng = rng_for(NAME, "refusals")
    for kind in KINDS:
        setting = LayeredSetting.drawn(rng, kind)
        original, counterfactual = (" ".join(each) for each in _texts(rng, 6, 1))
        words = _pronouns(rng)
        for asked in (
            (original, counterfactual, words, [(int(rng.integers(L)), H + int(rng.integers(3)))]),
            (original, counterfactual, words, [(L, 0)]),
            (original, f"{counterfactual} {words[0]}", words, [(0, 0)]),
            (original, counterfactual, (words[0], UNKNOWN), [(0, 0)]),
        ):
            wanted = text(f"for {asked}, an InputError", f"pour {asked}, une InputError")
            check_refused(student.run(Request(args=(*setting.recipes, *asked))), "", wanted)
