"""Hidden checks of log_odds, against probabilities computed token by token from the models' arrays."""

from __future__ import annotations

from attentif.checks.engine import CheckSet
from attentif.checks.masked_scoring import KINDS
from attentif.checks.public.log_odds import CUT, check_number
from attentif.checks.refusals import check_refused
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif_grading.masked_oracle import CUT as CUT_WORDS
from attentif_grading.masked_oracle import SIGNS, UNKNOWN, WORDS, Setting
from attentif_grading.salt import rng_for

CHECKS = CheckSet("log_odds")
NAME = "log_odds"


def _text(rng, n_before, n_after):
    known = [*WORDS, *SIGNS, *CUT_WORDS]
    before, after = ([str(word) for word in rng.choice(known, n)] for n in (n_before, n_after))
    return [*before, "[MASK]", *after]


def _two(rng):
    return [str(word) for word in rng.choice(WORDS, 2, replace=False)]


def _agrees(student, setting, words, first, second):
    tokens, numbers = setting.read(words)
    here = numbers.index(words.index("[MASK]"))
    tokens[here] = setting.mask
    logs = setting.log_probabilities(tokens, here)
    expected = logs[setting.entry(first)] - logs[setting.entry(second)]
    request = Request(args=(*setting.recipes, " ".join(words), first, second))
    check_number(student.run(request), expected, request)


@CHECKS.check(
    points=0.25,
    title=text(
        "unseen texts and words, which may be exchanged", "de nouveaux textes et mots, que l'on peut échanger"
    ),
    hint=text("Exchanging the words changes the sign.", "Échanger les mots change le signe."),
)
def values(student, cases):
    rng = rng_for(NAME, "values")
    for kind in KINDS:
        for n_before, n_after in ((0, 3), (3, 1), (2, 0), (0, 0)):
            setting, words, (first, second) = (
                Setting.drawn(rng, kind),
                _text(rng, n_before, n_after),
                _two(rng),
            )
            _agrees(student, setting, words, first, second)
            _agrees(student, setting, words, second, first)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "evaluation mode, and the signs of CamemBERT", "le mode évaluation, et les signes de CamemBERT"
    ),
    hint=text(
        "MaskedScorer knows the mode and the mask of each model.",
        "MaskedScorer connaît le mode et le masque de chaque modèle.",
    ),
)
def other_models(student, cases):
    rng = rng_for(NAME, "other_models")
    for kind in (*KINDS, "camembert"):
        _agrees(student, Setting.drawn(rng, kind, training=True), _text(rng, 2, 2), *_two(rng))


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "unseen words of several tokens, and unknown ones, refused",
        "de nouveaux mots de plusieurs jetons, ou inconnus, refusés",
    ),
    hint=text("Each of the two words must be one token.", "Chacun des deux mots doit être un seul jeton."),
)
def words_refused(student, cases):
    rng = rng_for(NAME, "words_refused")
    for kind in KINDS:
        setting, words, (first, second) = Setting.drawn(rng, kind), _text(rng, 2, 2), _two(rng)
        long, said = str(rng.choice(list(CUT_WORDS))), " ".join(words)
        unknown = (UNKNOWN, second) if rng.integers(2) else (first, UNKNOWN)
        _refused(student, setting, f"{CUT}|{long}", said, long, second)
        _refused(student, setting, f"{CUT}|{long}", said, first, long)
        _refused(student, setting, f"{UNKNOWN}|unknown|inconnu|vocab", said, *unknown)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "unseen texts without mask, and with two, refused",
        "de nouveaux textes sans masque, ou qui en ont deux, refusés",
    ),
    hint=text("Count the masks of the text.", "Comptez les masques du texte."),
)
def masks_refused(student, cases):
    rng = rng_for(NAME, "masks_refused")
    for kind in KINDS:
        setting, said, asked = Setting.drawn(rng, kind), " ".join(_text(rng, 2, 2)), _two(rng)
        _refused(student, setting, "mask|masque", said.replace("[MASK]", "il"), *asked)
        _refused(student, setting, "mask|masque", f"[MASK] {said}", *asked)


def _refused(student, setting, pattern, *asked):
    shown = ", ".join(map(repr, asked))
    wanted = text(f"an InputError for {shown}", f"une InputError pour {shown}")
    check_refused(student.run(Request(args=(*setting.recipes, *asked))), pattern, wanted)
