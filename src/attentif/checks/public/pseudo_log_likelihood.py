"""Public checks of pseudo_log_likelihood, on models of both kinds whose tokenizers cut words in pieces."""

from __future__ import annotations

import numpy as np

from attentif.checks.compare import Mismatch, describe, require, value_of
from attentif.checks.engine import CheckSet
from attentif.checks.fingerprints import ERROR, outcome_features
from attentif.checks.masked_scoring import KINDS, near, refusal_probe, titled
from attentif.checks.refusals import check_refused
from attentif.checks.text import text
from attentif.checks.wording import numeral

CHECKS = CheckSet("pseudo_log_likelihood")

# Stored cases of each kind of model.
BATCHES = ("one_by_one", "four_by_four", "seven_by_seven")
WITHIN = ("within", "within_one_word")
CAMEMBERT = ("camembert", "camembert_within")
# What an error must speak of, by stored case.
SENTENCES = "sentence|phrase|text|list|str|cha[iî]ne"
NO_LIST = {"refuses_nothing": SENTENCES, "refuses_string": SENTENCES}
EMPTY = {"refuses_empty_sentence": f"{SENTENCES}|token|jeton|empty|vide"}
MASK = {"refuses_mask": "mask|masque"}
REFUSALS = NO_LIST | EMPTY | MASK


def scores_of(value):
    """The scores as float64 (number of sentences,), whatever holds them; None if these are no numbers."""
    if isinstance(value, (list, tuple)):
        numbers = [
            item.item() if isinstance(item, np.ndarray) and item.shape == () else item for item in value
        ]
        if not all(isinstance(number, (int, float)) and abs(number) < 1e300 for number in numbers):
            return None
        return np.array(numbers, dtype=np.float64)
    if isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype.kind in "iuf":
        return value.astype(np.float64)
    return None


def check_scores(outcome, expected, request):
    """One score a sentence, in the order of the sentences."""
    value = value_of(outcome, request)
    scores, sentences = scores_of(value), request.args[2]
    wanted = text(
        f"one score a sentence, {len(sentences)} in all", f"un score par phrase, {len(sentences)} en tout"
    )
    require(scores is not None and len(scores) == len(expected), wanted, describe(value))
    options = "".join(f", {name}={option!r}" for name, option in request.kwargs.items())
    for sentence, mine, theirs in zip(sentences, scores, expected, strict=True):
        asked = f"{sentence!r}{options}"
        wanted = numeral(theirs, ".5f")
        require(
            near(mine, theirs),
            text(f"{asked}: {wanted['en']} nats", f"{asked} : {wanted['fr']} nats"),
            numeral(mine, ".5f"),
        )


def check_cases(student, cases, *names):
    """Put stored cases to the student's code."""
    for name in names:
        check_scores(student.run(cases[name].request), cases[name].expected.value, cases[name].request)


def check_form(outcome):
    """The scores are an array of float64."""
    value = value_of(outcome)
    fits = isinstance(value, np.ndarray) and value.dtype == np.float64
    wanted = text("a numpy array of float64 numbers", "un tableau numpy de nombres float64")
    got = describe(value)
    if isinstance(value, np.ndarray):  # of numpy or of torch: both come as one
        dtype = value.dtype.name
        got = text(f"an array (or tensor) of {dtype} numbers", f"un tableau (ou tenseur) de nombres {dtype}")
    require(fits, wanted, got)


def of_kind(kind, *names):
    """The names of stored cases of a kind of model."""
    return [f"{name}_{kind}" for name in names]


def probes(cases):
    """The scores of each group of stored cases, then form and refusals where all of them are right."""
    groups = {"camembert": list(CAMEMBERT)}
    for kind in KINDS:
        groups |= {
            f"values_{kind}": of_kind(kind, "values"),
            f"batches_{kind}": of_kind(kind, *BATCHES),
            f"within_{kind}": of_kind(kind, *WITHIN),
            f"whole_words_{kind}": of_kind(kind, "whole_words"),
            f"training_{kind}": of_kind(kind, "training"),
        }

    def probe(names):
        def answer(student):
            outcomes = [student.run(cases[name].request) for name in names]
            # The kind of an error depends on how the same mistake is written.
            if any(outcome.error is not None for outcome in outcomes):
                return np.array([ERROR, 0.0])
            found = [scores_of(outcome.value) for outcome in outcomes]
            if any(scores is None for scores in found):
                return np.concatenate([outcome_features(outcome) for outcome in outcomes])
            return np.nan_to_num(np.concatenate(found), nan=1e6, posinf=1e7, neginf=-1e7)

        return answer

    def right(student):
        for names in groups.values():
            check_cases(student, cases, *names)

    def form(student):
        try:
            right(student)
        except Mismatch:
            return np.ones(1)
        value = student.run(cases["values_attentif"].request).value
        kinds = ("float64", "float32", "float16")
        name = value.dtype.name if isinstance(value, np.ndarray) else ""
        return np.array([1.0 + kinds.index(name) if name in kinds else 0.0])

    refusals = {"no_list": NO_LIST, "empty_sentence": EMPTY, "mask": MASK}
    found = {group: probe(names) for group, names in groups.items()} | {"form": form}
    return found | {group: refusal_probe(cases, patterns, right) for group, patterns in refusals.items()}


def declare(kind):
    """The checks on one kind of model."""

    @CHECKS.check(
        name=f"values_{kind}",
        points=0.75,
        title=titled(
            kind,
            text(
                "each token masked in its turn, one sum a sentence",
                "chaque jeton masqué à son tour, une somme par phrase",
            ),
        ),
        hint=text(
            "For each token of the text, and for none of the specials: a copy of the sentence where it alone is masked, "
            "and the log-probability of the true token at that position. What fills up shorter sentences must be "
            "hidden from the model.",
            "Pour chaque jeton du texte, et pour aucun jeton spécial : une copie de la phrase où lui seul est masqué, "
            "et la log-probabilité du vrai jeton à cette position. Ce qui complète les phrases plus courtes doit "
            "rester invisible au modèle.",
        ),
    )
    def values(student, cases):
        check_cases(student, cases, f"values_{kind}")

    @CHECKS.check(
        name=f"within_word_{kind}",
        points=0.5,
        needs=(f"values_{kind}",),
        title=titled(
            kind,
            text(
                "within_word: the later pieces of the word masked too",
                "within_word : les morceaux suivants du mot masqués aussi",
            ),
        ),
        hint=text(
            "Only the pieces of the same word, and only those that follow: the ones before stay visible, as do the other "
            "words. The score is still that of one token at a time.",
            "Seulement les morceaux du même mot, et seulement ceux qui suivent : ceux d'avant restent visibles, ainsi "
            "que les autres mots. Le score est toujours celui d'un jeton à la fois.",
        ),
    )
    def within_word(student, cases):
        check_cases(student, cases, *of_kind(kind, *WITHIN, "whole_words"))


for _kind in KINDS:
    declare(_kind)

_VALUES = tuple(f"values_{kind}" for kind in KINDS)


@CHECKS.check(
    points=0.5,
    needs=_VALUES,
    title=text(
        "the same scores whatever the batch size and the other sentences",
        "les mêmes scores quelles que soient la taille du lot et les autres phrases",
    ),
    hint=text(
        "batch_size cuts the masked copies into batches; the last one may be smaller. Add up each token's score where "
        "its own sentence stands, a sentence that comes twice included.",
        "batch_size découpe les copies masquées en lots ; le dernier peut être plus petit. Ajoutez le score de chaque "
        "jeton à la place de sa propre phrase, même si une phrase figure deux fois.",
    ),
)
def batches(student, cases):
    for kind in KINDS:
        check_cases(student, cases, *of_kind(kind, *BATCHES))


@CHECKS.check(
    points=0.25,
    needs=tuple(f"within_word_{kind}" for kind in KINDS),
    title=text(
        "CamemBERT's signs: pieces inside a word without ##",
        "les signes de CamemBERT : des morceaux de mots sans ##",
    ),
    hint=text(
        "CamemBERT marks where a word begins (▁), BERT where it goes on (##). The encoding of MaskedScorer tells the word of "
        "each token, and so does word_ids() in transformers.",
        "CamemBERT marque le début d'un mot (▁), BERT sa suite (##). L'encodage de MaskedScorer donne le mot de chaque "
        "jeton, tout comme word_ids() dans transformers.",
    ),
)
def other_signs(student, cases):
    check_cases(student, cases, *CAMEMBERT)


@CHECKS.check(
    points=0.25,
    needs=_VALUES,
    title=text(
        "no dropout, even if the model was in training mode",
        "sans abandon (dropout), même si le modèle était en mode entraînement",
    ),
    hint=text("Call model.eval() before the model.", "Appelez model.eval() avant le modèle."),
)
def evaluation(student, cases):
    check_cases(student, cases, *(f"training_{kind}" for kind in KINDS))


@CHECKS.check(
    points=0.25,
    needs=_VALUES,
    title=text("a numpy array of float64", "un tableau numpy de float64"),
    hint=text(
        "np.zeros(number_of_sentences) is such an array; a tensor becomes one by .double().numpy().",
        "np.zeros(nombre_de_phrases) est un tel tableau ; un tenseur le devient par .double().numpy().",
    ),
)
def form(student, cases):
    check_form(student.run(cases["values_attentif"].request))


@CHECKS.check(
    points=0.25,
    needs=_VALUES,
    title=text(
        "refused: no list of sentences, an empty sentence, a mask in the text",
        "refusés : autre chose qu'une liste de phrases, une phrase vide, un masque dans le texte",
    ),
    hint=text(
        "Raise an InputError (which is a ValueError) that says what is wrong: check_sentences looks at the list, "
        "MaskedScorer.encode(sentence, masks_allowed=False) at each sentence.",
        "Levez une InputError (qui est une ValueError) qui dit ce qui ne va pas : check_sentences examine la liste, "
        "MaskedScorer.encode(phrase, masks_allowed=False) chaque phrase.",
    ),
)
def refusals(student, cases):
    for name, pattern in REFUSALS.items():
        sentences = cases[name].request.args[2]
        wanted = text(
            f"for {sentences!r}, an InputError that says what is wrong",
            f"pour {sentences!r}, une InputError qui dit ce qui ne va pas",
        )
        check_refused(student.run(cases[name].request), pattern, wanted)
