"""Hidden checks of fill_mask, against the models' formula computed by a loop."""

from __future__ import annotations

import numpy as np

from attentif.checks import recipes
from attentif.checks.compare import match, value_of
from attentif.checks.engine import CheckSet
from attentif.checks.hub_like import vocabulary_of
from attentif.checks.public.fill_mask import KINDS, SCALE, check_answers, check_mask_missing
from attentif.checks.text import text
from attentif.checks.values import Recipe, Request
from attentif_grading.salt import rng_for

CHECKS = CheckSet("fill_mask")
NAME = "fill_mask"
WORDS = ["il", "elle", "lit", "dort", "chante", "parle", "un", "une", "livre", "chat"]
WORDS += ["maison", "rue", "vite", "bien", "tard", "ici", "mais", "et", ".", "!"]


def _setting(rng, kind, training=False, style="bert"):
    """(model, tokenizer) as recipes, and the vocabulary."""
    words = [str(word) for word in rng.permutation(WORDS)]
    tokens = vocabulary_of(words, style)
    arguments = {"vocab_size": len(tokens), "seed": int(rng.integers(2**31)), "training": training}
    if kind == "attentif":
        return Recipe("context_model", arguments), Recipe("word_tokenizer", {"words": words}), tokens
    return Recipe("hub_model", arguments), Recipe("hub_tokenizer", {"words": words, "style": style}), tokens


def _text(rng, n_words, mask_positions):
    words = [str(word) for word in rng.choice(WORDS, n_words)]
    for position in mask_positions:
        words[position] = "[MASK]"
    return " ".join(words)


def _oracle(model, tokens, said, style="bert"):
    """The probabilities (V,) at each mask: from the model's arrays, word by word."""
    built = recipes.context_model(**{**model.arguments, "training": False})
    embedding, by_distance, output, bias = (
        getattr(built, array).detach().numpy() for array in ("embedding", "by_distance", "output", "bias")
    )
    first, last = ("[CLS]", "[SEP]") if style == "bert" else ("<s>", "</s>")
    mask = "[MASK]" if style == "bert" else "<mask>"
    written = [first, *(mask if word == "[MASK]" else word for word in said.split()), last]
    answers = []
    for here, word in enumerate(written):
        if word != mask:
            continue
        vector = np.zeros(embedding.shape[1])
        for there, other in enumerate(written):
            vector += by_distance[there - here + built.config.max_length] * embedding[tokens.index(other)]
        odds = np.exp(vector @ output + bias)
        answers.append(odds / odds.sum())
    return answers


def _best(probabilities, tokens, k):
    order = sorted(range(len(tokens)), key=lambda i: -probabilities[i])[:k]
    return [(tokens[i], float(probabilities[i])) for i in order]


def _agrees(student, rng, kind, n_words, mask_positions, k=None, training=False, style="bert"):
    model, tokenizer, tokens = _setting(rng, kind, training, style)
    said = _text(rng, n_words, mask_positions)
    expected = [_best(p, tokens, 5 if k is None else k) for p in _oracle(model, tokens, said, style)]
    kwargs = {} if k is None else {"k": k}
    check_answers(student.run(Request(args=(model, tokenizer, said), kwargs=kwargs)), expected)


def _declare(kind, said):
    def titled(en, fr):
        return text(f"{said['en']}: {en}", f"{said['fr']} : {fr}")

    @CHECKS.check(
        name=f"one_mask_{kind}",
        points=0.5,
        title=titled("unseen sentences with one mask", "de nouvelles phrases à un masque"),
        hint=text(
            "The position counts the special token before the text.",
            "La position compte le jeton spécial placé avant le texte.",
        ),
    )
    def one_mask(student, cases):
        rng = rng_for(NAME, f"one_mask_{kind}")
        for n_words, position, k in ((6, 2, 4), (4, 3, None), (7, 0, 1), (5, 4, 8)):
            _agrees(student, rng, kind, n_words, (position,), k)

    @CHECKS.check(
        name=f"several_masks_{kind}",
        points=0.25,
        needs=(f"one_mask_{kind}",),
        title=titled("unseen sentences with several masks", "de nouvelles phrases à plusieurs masques"),
        hint=text(
            "One list a mask, in the order of the text.", "Une liste par masque, dans l'ordre du texte."
        ),
    )
    def several_masks(student, cases):
        rng = rng_for(NAME, f"several_masks_{kind}")
        _agrees(student, rng, kind, 8, (1, 6), 3)
        _agrees(student, rng, kind, 7, (0, 1, 4, 6), 2)

    @CHECKS.check(
        name=f"only_masks_{kind}",
        points=0.25,
        needs=(f"one_mask_{kind}",),
        title=titled("a text of nothing but masks", "un texte fait seulement de masques"),
        hint=text("A text may be as short as one mask.", "Un texte peut n'être qu'un masque."),
    )
    def only_masks(student, cases):
        rng = rng_for(NAME, f"only_masks_{kind}")
        _agrees(student, rng, kind, 1, (0,), 3)
        _agrees(student, rng, kind, 3, (0, 1, 2), 2)

    @CHECKS.check(
        name=f"whole_vocabulary_{kind}",
        points=0.25,
        needs=(f"one_mask_{kind}",),
        title=titled(
            "k = V: all tokens, probabilities that sum to 1",
            "k = V : tous les jetons, des probabilités de somme 1",
        ),
        hint=text(
            "The probabilities are those over the whole vocabulary, specials included, whatever k.",
            "Les probabilités sont celles sur tout le vocabulaire, jetons spéciaux compris, quel que soit k.",
        ),
    )
    def whole_vocabulary(student, cases):
        rng = rng_for(NAME, f"whole_vocabulary_{kind}")
        model, tokenizer, tokens = _setting(rng, kind)
        said = _text(rng, 5, (2,))
        outcome = student.run(Request(args=(model, tokenizer, said), kwargs={"k": len(tokens)}))
        check_answers(outcome, [_best(p, tokens, len(tokens)) for p in _oracle(model, tokens, said)])
        match(float(sum(float(probability) for _, probability in value_of(outcome)[0])), 1.0, scale=SCALE)


for _kind, _said in KINDS.items():
    _declare(_kind, _said)


@CHECKS.check(
    points=0.25,
    needs=("one_mask_transformers",),
    title=text(
        "unseen sentences where the mask is named <mask>",
        "de nouvelles phrases là où le masque s'appelle <mask>",
    ),
    hint=text("Ask the tokenizer for the name of its mask.", "Demandez au tokenizer le nom de son masque."),
)
def other_mask_name(student, cases):
    rng = rng_for(NAME, "other_mask_name")
    _agrees(student, rng, "transformers", 6, (2,), 4, style="camembert")
    _agrees(student, rng, "transformers", 5, (0, 3), 2, style="camembert")


@CHECKS.check(
    points=0.25,
    needs=("one_mask_attentif", "one_mask_transformers"),
    title=text(
        "evaluation mode, and a clear error without mask, on unseen sentences",
        "mode évaluation, et erreur claire sans masque, sur de nouvelles phrases",
    ),
    hint=text(
        "Both kinds of model; the error says that the mask is missing.",
        "Les deux sortes de modèles ; l'erreur dit que le masque manque.",
    ),
)
def evaluation_and_refusal(student, cases):
    rng = rng_for(NAME, "evaluation_and_refusal")
    for kind in KINDS:
        _agrees(student, rng, kind, 6, (3,), 4, training=True)
        model, tokenizer, _ = _setting(rng, kind)
        outcome = student.run(Request(args=(model, tokenizer, _text(rng, 5, ()))))
        check_mask_missing(outcome)
