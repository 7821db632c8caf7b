"""Hidden checks of pseudo_log_likelihood, against its definition, token by token, from the models' arrays."""

from __future__ import annotations

from attentif.checks.engine import CheckSet
from attentif.checks.masked_scoring import KINDS, titled
from attentif.checks.public.pseudo_log_likelihood import EMPTY, MASK, NO_LIST, check_form, check_scores
from attentif.checks.refusals import check_refused
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif_grading.masked_oracle import CUT, SIGNS, WORDS, Setting
from attentif_grading.salt import rng_for

CHECKS = CheckSet("pseudo_log_likelihood")
NAME = "pseudo_log_likelihood"


def _sentence(rng, n_whole, n_cut=0):
    """Words in a random order, n_cut of them of several tokens; one of the whole words comes twice."""
    words = [str(word) for word in rng.choice([*WORDS, *SIGNS], n_whole)]
    if n_whole > 2:
        words[-1] = words[0]
    words += [str(word) for word in rng.choice(list(CUT), n_cut, replace=False)]
    return [str(word) for word in rng.permutation(words)]


def _oracle(setting, words, within_word=False):
    """The score of a sentence by its definition."""
    tokens, numbers = setting.read(words)
    total = 0.0
    for here, number in enumerate(numbers):
        if number < 0:
            continue
        hidden = [
            there == here or (within_word and there > here and numbers[there] == number)
            for there in range(len(tokens))
        ]
        masked = [setting.mask if hide else token for token, hide in zip(tokens, hidden, strict=True)]
        total += setting.log_probabilities(masked, here)[tokens[here]]
    return total


def _ask(student, setting, sentences, **options):
    """Put sentences (lists of words) to the student's code and compare the scores."""
    request = Request(args=(*setting.recipes, [" ".join(words) for words in sentences]), kwargs=options)
    expected = [_oracle(setting, words, options.get("within_word", False)) for words in sentences]
    outcome = student.run(request)
    check_scores(outcome, expected, request)
    return outcome


def _declare(kind):
    @CHECKS.check(
        name=f"values_{kind}",
        points=0.5,
        title=titled(
            kind, text("unseen sentences of several lengths", "de nouvelles phrases de plusieurs longueurs")
        ),
        hint=text(
            "The sum runs over the tokens of the text alone; padding and specials have no part in it.",
            "La somme porte sur les seuls jetons du texte ; le remplissage et les jetons spéciaux n'y entrent pas.",
        ),
    )
    def values(student, cases):
        rng = rng_for(NAME, f"values_{kind}")
        sentences = [_sentence(rng, n_whole, n_cut) for n_whole, n_cut in ((4, 1), (1, 0), (6, 0), (0, 2))]
        check_form(_ask(student, Setting.drawn(rng, kind), sentences))

    @CHECKS.check(
        name=f"within_word_{kind}",
        points=0.5,
        needs=(f"values_{kind}",),
        title=titled(kind, text("within_word on unseen sentences", "within_word sur de nouvelles phrases")),
        hint=text(
            "A word of three pieces: its first is read with three masks, its second with two, its third with one.",
            "Un mot de trois morceaux : le premier se lit avec trois masques, le deuxième avec deux, le troisième avec un.",
        ),
    )
    def within_word(student, cases):
        rng = rng_for(NAME, f"within_word_{kind}")
        setting = Setting.drawn(rng, kind)
        _ask(student, setting, [_sentence(rng, 3, 2), _sentence(rng, 2, 1)], within_word=True)
        _ask(
            student, setting, [["soignantes", "danseuse"], _sentence(rng, 4)], within_word=True, batch_size=3
        )


for _kind in KINDS:
    _declare(_kind)

_VALUES = tuple(f"values_{kind}" for kind in KINDS)


@CHECKS.check(
    points=0.5,
    needs=_VALUES,
    title=text("unseen sentences, in batches of any size", "de nouvelles phrases, par lots de toute taille"),
    hint=text(
        "A score is the same alone and in company.",
        "Un score est le même seul et en compagnie d'autres phrases.",
    ),
)
def batches(student, cases):
    rng = rng_for(NAME, "batches")
    for kind in KINDS:
        setting = Setting.drawn(rng, kind)
        sentences = [_sentence(rng, n_whole, n_cut) for n_whole, n_cut in ((5, 1), (2, 0), (3, 0))]
        for batch_size in (1, 4, int(rng.integers(5, 9))):
            _ask(student, setting, sentences, batch_size=batch_size)


@CHECKS.check(
    points=0.25,
    needs=_VALUES,
    title=text(
        "the scores in the order of the sentences, one that comes twice included",
        "les scores dans l'ordre des phrases, même si l'une figure deux fois",
    ),
    hint=text(
        "If you sort by length, put the scores back; a text is no good key for its score.",
        "Si vous triez par longueur, remettez les scores en ordre ; un texte est une mauvaise clé pour son score.",
    ),
)
def order(student, cases):
    rng = rng_for(NAME, "order")
    for kind in KINDS:
        long, short, middle = _sentence(rng, 5), _sentence(rng, 1), _sentence(rng, 3)
        _ask(student, Setting.drawn(rng, kind), [long, short, middle, short, long])


@CHECKS.check(
    points=0.25,
    needs=_VALUES,
    title=text("a single sentence of a single token", "une seule phrase d'un seul jeton"),
    hint=text(
        "The result is an array of one number even then.",
        "Même alors, le résultat est un tableau, d'un seul nombre.",
    ),
)
def one_token(student, cases):
    rng = rng_for(NAME, "one_token")
    for kind in KINDS:
        for batch_size in (1, 64):
            _ask(student, Setting.drawn(rng, kind), [[str(rng.choice(WORDS))]], batch_size=batch_size)


@CHECKS.check(
    points=0.5,
    needs=tuple(f"within_word_{kind}" for kind in KINDS),
    title=text(
        "unseen sentences with the signs of CamemBERT", "de nouvelles phrases avec les signes de CamemBERT"
    ),
    hint=text(
        "Ask the encoding which tokens make a word; how a tokenizer marks them is its own affair.",
        "Demandez à l'encodage quels jetons forment un mot ; la façon dont un tokenizer les marque ne regarde que lui.",
    ),
)
def other_signs(student, cases):
    rng = rng_for(NAME, "other_signs")
    setting = Setting.drawn(rng, "camembert")
    _ask(student, setting, [_sentence(rng, 2, 2), _sentence(rng, 3)])
    _ask(student, setting, [_sentence(rng, 2, 2), _sentence(rng, 0, 1)], within_word=True)


@CHECKS.check(
    points=0.25,
    needs=_VALUES,
    title=text(
        "evaluation mode, on unseen sentences and both kinds of model",
        "mode évaluation, sur de nouvelles phrases et les deux sortes de modèles",
    ),
    hint=text(
        "Call model.eval(), or let MaskedScorer do it.",
        "Appelez model.eval(), ou laissez MaskedScorer le faire.",
    ),
)
def evaluation(student, cases):
    rng = rng_for(NAME, "evaluation")
    for kind in KINDS:
        _ask(student, Setting.drawn(rng, kind, training=True), [_sentence(rng, 3), _sentence(rng, 1, 1)])


@CHECKS.check(
    points=0.25,
    needs=_VALUES,
    title=text(
        "refused among unseen sentences: an empty one, a mask; and what is no list",
        "refusés parmi de nouvelles phrases : une phrase vide, un masque ; et ce qui n'est pas une liste",
    ),
    hint=text(
        "Each is an InputError that says what is wrong.",
        "Chacun donne une InputError qui dit ce qui ne va pas.",
    ),
)
def refusals(student, cases):
    rng = rng_for(NAME, "refusals")
    (empty,), (mask,), no_list = EMPTY.values(), MASK.values(), NO_LIST["refuses_string"]
    for kind in KINDS:
        setting = Setting.drawn(rng, kind)
        sentences = [" ".join(_sentence(rng, n)) for n in (3, 2)]
        place = int(rng.integers(3))
        for pattern, asked in (
            (empty, [*sentences[:place], "", *sentences[place:]]),
            (mask, [*sentences[:place], f"{sentences[0]} [MASK]", *sentences[place:]]),
            (no_list, []),
            (no_list, str(rng.choice(WORDS))),
        ):
            wanted = text(f"an InputError for {asked!r}", f"une InputError pour {asked!r}")
            outcome = student.run(Request(args=(*setting.recipes, asked)))
            check_refused(outcome, pattern, wanted)
