"""Hidden checks of attention_to, against maps computed position by position from the models' arrays."""

from __future__ import annotations

from attentif.checks.engine import CheckSet
from attentif.checks.masked_scoring import KINDS
from attentif.checks.refusals import check_refused
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif.checks.word_looks import check_looks
from attentif_grading.layered_oracle import LayeredSetting
from attentif_grading.masked_oracle import CUT, SIGNS, UNKNOWN, WORDS
from attentif_grading.salt import rng_for

CHECKS = CheckSet("attention_to")
NAME = "attention_to"


def _expected(setting, words, query, candidates):
    """Weights and the rest, by a sum over pieces and a mean over pieces; words are given by their numbers."""
    maps = setting.inside(setting.read(words)[0]).maps
    rows = [maps[:, :, place] for place in setting.places(words, query)]
    look = sum(rows) / len(rows)  # (L, H, T)
    weights = {
        words[each]: sum(look[..., place] for place in setting.places(words, each)) for each in candidates
    }
    return {"weights": weights, "elsewhere": 1 - sum(weights.values())}


def _agrees(student, setting, words, query, candidates, *fields):
    request = Request(
        args=(*setting.recipes, " ".join(words), words[query], [words[each] for each in candidates])
    )
    check_looks(student.run(request), _expected(setting, words, query, candidates), request, *fields)


def _sentence(rng, n, *asked):
    """Random words, none twice, with the asked ones among them: (words, their numbers)."""
    known = [word for word in [*WORDS, *SIGNS] if word not in asked]
    words = [str(word) for word in rng.choice(known, n, replace=False)]
    numbers = [int(number) for number in rng.permutation(n)[: len(asked)]]
    for number, word in zip(numbers, asked, strict=True):
        words[number] = word
    return words, numbers


@CHECKS.check(
    points=0.25,
    title=text(
        "weights on unseen sentences, both kinds of model", "weights sur de nouvelles phrases, pour les deux sortes de modèles"
    ),
    hint=text(
        "One table (L, H) for each candidate, at the word's row.",
        "Une table (L, H) pour chaque candidat, à la ligne du mot.",
    ),
)  # fmt: skip
def weights(student, cases):
    rng = rng_for(NAME, "weights")
    for kind in KINDS:
        for n in (3, 8):
            words, numbers = _sentence(rng, n, *(str(word) for word in rng.choice(WORDS, 3, replace=False)))
            _agrees(student, LayeredSetting.drawn(rng, kind), words, numbers[0], numbers[1:], "weights")


@CHECKS.check(
    points=0.25,
    needs=("weights",),
    title=text(
        "unseen words of two and three pieces, on either side of the look",
        "de nouveaux mots de deux et trois morceaux, de part et d'autre du regard",
    ),
    hint=text(
        "The mean over the pieces that look, the sum over those looked at.",
        "La moyenne sur les morceaux qui regardent, la somme sur ceux qui sont regardés.",
    ),
)
def pieces(student, cases):
    rng = rng_for(NAME, "pieces")
    for kind in (*KINDS, "camembert"):
        cut = [str(word) for word in rng.choice(list(CUT), 3, replace=False)]
        words, numbers = _sentence(rng, 5, *cut)
        setting = LayeredSetting.drawn(rng, kind)
        _agrees(student, setting, words, numbers[0], numbers[1:], "weights")


@CHECKS.check(
    points=0.25,
    needs=("weights",),
    title=text(
        "unseen sentences with the word, or a candidate, twice",
        "de nouvelles phrases où le mot, ou un candidat, figure deux fois",
    ),
    hint=text(
        "The last occurrence of the word looks; the first one of a candidate is looked at, be it the word itself.",
        "La dernière occurrence du mot regarde ; la première d'un candidat est regardée, fût-ce le mot lui-même.",
    ),
)
def places(student, cases):
    rng = rng_for(NAME, "places")
    for kind in KINDS:
        setting = LayeredSetting.drawn(rng, kind)
        one, two, *others = (str(word) for word in rng.choice(WORDS, 6, replace=False))
        _agrees(student, setting, [others[0], one, two, others[1], one, two, others[2]], 4, [2], "weights")
        _agrees(student, setting, [one, others[0], two, one, others[1]], 3, [0, 2], "weights")


@CHECKS.check(
    points=0.25,
    needs=("weights",),
    title=text(
        "elsewhere on unseen sentences, in evaluation mode; unknown words refused",
        "elsewhere sur de nouvelles phrases, en mode évaluation ; mots inconnus refusés",
    ),
    hint=text(
        "What no candidate gets, the specials' share included. find_look refuses what the tokenizer does not know.",
        "Ce que n'obtient aucun candidat, y compris la part des jetons spéciaux. find_look refuse ce que le tokenizer ne connaît pas.",
    ),
)
def elsewhere(student, cases):
    rng = rng_for(NAME, "elsewhere")
    for kind in KINDS:
        words, numbers = _sentence(rng, 6, *(str(word) for word in rng.choice(WORDS, 3, replace=False)))
        setting = LayeredSetting.drawn(rng, kind, training=True)
        _agrees(student, setting, words, numbers[0], numbers[1:], "weights", "elsewhere")
        _agrees(student, setting, words, numbers[1], numbers[2:], "elsewhere")
        said = f"{words[0]} {UNKNOWN}"
        for candidates in ([UNKNOWN], []):
            outcome = student.run(Request(args=(*setting.recipes, said, words[0], candidates)))
            wanted = text(
                f"for {candidates} in {said!r}, an InputError",
                f"pour {candidates} dans {said!r}, une InputError",
            )
            check_refused(outcome, f"{UNKNOWN}|unknown|inconnu|vocab" if candidates else "", wanted)
