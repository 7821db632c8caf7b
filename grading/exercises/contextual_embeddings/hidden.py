"""Hidden checks of contextual_embeddings, against vectors computed position by position from the models' arrays."""

from __future__ import annotations

import numpy as np

from attentif.checks.compare import match, value_of
from attentif.checks.engine import CheckSet
from attentif.checks.masked_scoring import KINDS, titled
from attentif.checks.refusals import check_refused
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif_grading.layered_oracle import LayeredSetting
from attentif_grading.masked_oracle import CUT, SIGNS, UNKNOWN, WORDS
from attentif_grading.salt import rng_for

CHECKS = CheckSet("contextual_embeddings")
NAME = "contextual_embeddings"


def _sentence(rng, n, among):
    """Random words, the one that is asked for among them: (words, its number)."""
    words = [str(word) for word in rng.choice([*WORDS, *SIGNS], n)]
    number = int(rng.integers(n))
    words[number] = str(rng.choice(among))
    return words, words.index(words[number])


def _agrees(student, setting, sentences, batch_size):
    """The code's vectors are the oracle's; sentences are pairs (words, number of the word that is asked for)."""
    expected = []
    for words, number in sentences:
        states = setting.inside(setting.read(words)[0]).states
        expected.append(states[:, setting.places(words, number)].mean(axis=1))
    said = [" ".join(words) for words, _ in sentences]
    asked = [words[number] for words, number in sentences]
    request = Request(args=(*setting.recipes, said, asked, batch_size))
    match(
        value_of(student.run(request), request),
        np.stack(expected, axis=1),
        exact_dtype=False,
        of_parts=True,
        where="vectors",
    )


def _declare(kind):
    @CHECKS.check(
        name=f"layers_{kind}",
        points=0.25,
        title=titled(kind, text("every layer, on unseen sentences", "toutes les couches, sur de nouvelles phrases")),
        hint=text(
            "The special token before the text counts among the positions.",
            "Le jeton spécial placé avant le texte compte dans les positions.",
        ),
    )  # fmt: skip
    def layers(student, cases):
        rng = rng_for(NAME, f"layers_{kind}")
        for n_sentences, n_words in ((3, 6), (1, 1)):
            setting = LayeredSetting.drawn(rng, kind)
            _agrees(student, setting, [_sentence(rng, n_words, WORDS) for _ in range(n_sentences)], 32)


for _kind in KINDS:
    _declare(_kind)

_LAYERS = tuple(f"layers_{kind}" for kind in KINDS)


@CHECKS.check(
    points=0.25,
    needs=_LAYERS,
    title=text("unseen words of two and three pieces", "de nouveaux mots de deux et trois morceaux"),
    hint=text(
        "The mean of the vectors of all pieces, in each layer.",
        "La moyenne des vecteurs de tous les morceaux, dans chaque couche.",
    ),
)
def pieces(student, cases):
    rng = rng_for(NAME, "pieces")
    for kind in (*KINDS, "camembert"):
        setting = LayeredSetting.drawn(rng, kind)
        _agrees(student, setting, [_sentence(rng, 5, [word]) for word in CUT], 32)


@CHECKS.check(
    points=0.25,
    needs=_LAYERS,
    title=text(
        "unseen sentences with a word twice, or with one that looks like it",
        "de nouvelles phrases où un mot figure deux fois, ou un autre qui lui ressemble",
    ),
    hint=text(
        "The first occurrence counts, and only one as a word of its own.",
        "C'est la première occurrence qui compte, et seulement comme mot entier.",
    ),
)
def places(student, cases):
    rng = rng_for(NAME, "places")
    alike = {"un": "une", "le": "elle", "infirmière": "infirmier", "infirmier": "infirmière"}
    others = ["dort", "lit", "chat", "livre", "vite", "et"]
    for kind in KINDS:
        setting = LayeredSetting.drawn(rng, kind)
        sentences = []
        for word, like in alike.items():
            around = [str(other) for other in rng.choice(others, 3)]
            sentences.append(([around[0], like, around[1], word, around[2]], 3))
            sentences.append(([*around[:2], word, around[2], word], 2))
        _agrees(student, setting, sentences, 32)


@CHECKS.check(
    points=0.25,
    needs=_LAYERS,
    title=text(
        "unseen sentences of all lengths, in batches of several sizes",
        "de nouvelles phrases de toutes longueurs, en lots de plusieurs tailles",
    ),
    hint=text(
        "Neither the batch nor the padding may show in the vectors, and their order is that of the sentences.",
        "Ni le lot ni le remplissage ne doivent se voir dans les vecteurs, et leur ordre est celui des phrases.",
    ),
)
def batches(student, cases):
    rng = rng_for(NAME, "batches")
    for kind in KINDS:
        setting = LayeredSetting.drawn(rng, kind)
        lengths = [int(n) for n in rng.permutation([1, 2, 4, 5, 7, 9, 3])]
        sentences = [_sentence(rng, n, [*WORDS, *CUT]) for n in lengths]
        for batch_size in (1, 3):
            _agrees(student, setting, sentences, batch_size)


@CHECKS.check(
    points=0.25,
    needs=_LAYERS,
    title=text(
        "no dropout, even if the model was in training mode; unknown words refused",
        "sans abandon (dropout), même si le modèle était en mode entraînement ; mots inconnus refusés",
    ),
    hint=text(
        "hidden_states and find_words see to it: the vectors are those of the evaluation mode.",
        "hidden_states et find_words y veillent : les vecteurs sont ceux du mode évaluation.",
    ),
)
def evaluation(student, cases):
    rng = rng_for(NAME, "evaluation")
    for kind in KINDS:
        setting = LayeredSetting.drawn(rng, kind, training=True)
        _agrees(student, setting, [_sentence(rng, 4, WORDS)], 32)
        words = [str(word) for word in rng.choice(WORDS, 2)]
        said = f"{words[0]} {UNKNOWN} {words[1]}"
        outcome = student.run(Request(args=(*setting.recipes, [said], [UNKNOWN], 32)))
        wanted = text(f"for {said!r}, an InputError", f"pour {said!r}, une InputError")
        check_refused(outcome, f"{UNKNOWN}|unknown|inconnu|vocab", wanted)
