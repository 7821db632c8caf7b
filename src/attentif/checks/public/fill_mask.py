"""Public checks of fill_mask, on a model of this library's kind and on one of transformers' kind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from attentif.checks.compare import Mismatch, describe, match, require, value_of
from attentif.checks.engine import CheckSet
from attentif.checks.fingerprints import ERROR, outcome_features
from attentif.checks.refusals import check_refused, refused
from attentif.checks.text import text

CHECKS = CheckSet("fill_mask")

KINDS = {
    "attentif": text("a model of attentif", "un modèle d'attentif"),
    "transformers": text("a model of transformers' kind", "un modèle de type transformers"),
}
ONE_MASK = ("middle", "first", "best", "five")
SEVERAL_MASKS = ("two", "three")
BAD_K = ("zero", "negative", "large")
THE_MASK, THE_K = "mask|masque", r"\bk\b"  # what an error must speak of
# Probabilities may have been computed in float32 and be returned as plain floats.
SCALE = 1000.0


def same_token(token):
    """A token without what tokenizers add to show spaces, and without capitals (decode() may write them)."""
    return token.strip().lstrip("▁Ġ ").lower()


def check_answers(outcome, expected, request=None):
    """One list a mask of (token, probability) pairs, as expected of the request."""
    value = value_of(outcome, request)
    asked = text("", "")
    if request is not None:
        asked = text(f"in {request.args[2]!r}, ", f"dans {request.args[2]!r}, ")
    lists = isinstance(value, (list, tuple)) and all(isinstance(best, (list, tuple)) for best in value)
    shape = text(
        f"one list a mask, {len(expected)} in all, of (token, probability) pairs",
        f"une liste par masque, {len(expected)} en tout, de paires (jeton, probabilité)",
    )
    require(lists and len(value) == len(expected), shape, describe(value))
    for number, (best, answers) in enumerate(zip(value, expected, strict=True), start=1):
        require(
            len(best) == len(answers),
            text(f"mask {number}: {len(answers)} pairs", f"masque {number} : {len(answers)} paires"),
            text(f"{len(best)}", f"{len(best)}"),
        )
        known = {same_token(token): float(probability) for token, probability in answers}
        for rank, (pair, (token, probability)) in enumerate(zip(best, answers, strict=True), start=1):
            place = text(
                f"{asked['en']}mask {number}, rank {rank}:", f"{asked['fr']}masque {number}, rang {rank} :"
            )
            fits = isinstance(pair, (list, tuple)) and len(pair) == 2 and isinstance(pair[0], str)
            require(
                fits,
                text(
                    f"{place['en']} a pair (token, probability)",
                    f"{place['fr']} une paire (jeton, probabilité)",
                ),
                kinds_of(pair),
            )
            # Two tokens of nearly the same probability may come in either order.
            theirs = known.get(same_token(pair[0]), -1.0)
            require(
                same_token(pair[0]) == same_token(token) or abs(theirs - probability) <= 1e-5 * probability,
                text(f"{place['en']} {token!r}", f"{place['fr']} {token!r}"),
                text(repr(pair[0]), repr(pair[0])),
            )
            match(pair[1], float(probability), scale=SCALE, where=f"P({token!r})")


def kinds_of(pair):
    """What stands in the place of a pair; of two things, what each is."""
    if not isinstance(pair, (list, tuple)) or len(pair) != 2:
        return describe(pair)
    kinds = ", ".join(
        item.dtype.name if isinstance(item, np.ndarray) else getattr(item, "type_name", type(item).__name__)
        for item in pair
    )
    return text(f"a pair ({kinds})", f"une paire ({kinds})")


def check_mask_missing(outcome):
    """A text without mask must be refused."""
    wanted = text(
        "an InputError that says that the mask is missing", "une InputError qui dit que le masque manque"
    )
    check_refused(outcome, THE_MASK, wanted)


def probes(cases):
    """The stored cases, those of one question together: where the mask stands, two mistakes may agree.

    Tokens are compared as the checks do, and errors by whether they speak of the mask.
    """
    groups = {"other_name": ["camembert", "camembert_two"]}
    for kind in KINDS:
        groups[f"one_mask_{kind}"] = [f"{name}_{kind}" for name in ONE_MASK]
        groups[f"several_{kind}"] = [f"{name}_{kind}" for name in SEVERAL_MASKS]
        groups[f"training_{kind}"] = [f"training_{kind}"]

    def probe(names):
        def answer(student):
            outcomes = [student.run(cases[name].request) for name in names]
            if any(outcome.error is not None for outcome in outcomes):
                return np.array([ERROR, 0.0])
            shown = [replace(outcome, value=_with_same_tokens(outcome.value)) for outcome in outcomes]
            return np.concatenate([outcome_features(outcome) for outcome in shown])

        return answer

    def refusal(case):
        def answer(student):
            outcome = student.run(case.request)
            if outcome.error is not None:
                return np.array([ERROR, float(refused(outcome, THE_MASK))])
            return outcome_features(outcome)

        return answer

    def refusals_of_k(kind):
        def answer(student):
            # While the answers themselves are wrong, k is not their cause: it is not asked about.
            try:
                check_cases(student, cases, *(f"{name}_{kind}" for name in ONE_MASK))
            except Mismatch:
                return np.ones(len(BAD_K))
            outcomes = [student.run(cases[f"refuses_{bad}_{kind}"].request) for bad in BAD_K]
            return np.array([float(refused(outcome, THE_K)) for outcome in outcomes])

        return answer

    refusals = {f"refuses_{kind}": refusal(cases[f"refuses_{kind}"]) for kind in KINDS}
    refusals |= {f"refuses_k_{kind}": refusals_of_k(kind) for kind in KINDS}
    return {name: probe(names) for name, names in groups.items()} | refusals


def _with_same_tokens(value):
    if isinstance(value, str):
        return same_token(value)
    return [_with_same_tokens(item) for item in value] if isinstance(value, (list, tuple)) else value


def check_cases(student, cases, *names):
    """Put stored cases to the student's code."""
    for name in names:
        request = cases[name].request
        check_answers(student.run(request), cases[name].expected.value, request)


def declare(kind, said):
    """The checks on one kind of model."""

    def titled(en, fr):
        return text(f"{said['en']}: {en}", f"{said['fr']} : {fr}")

    @CHECKS.check(
        name=f"one_mask_{kind}",
        points=0.5,
        title=titled("the k best tokens for one mask", "les k meilleurs jetons pour un masque"),
        hint=text(
            "At which position does the model answer for the mask, the specials around counted? Probabilities are shares "
            "of the whole vocabulary.",
            "À quelle position le modèle répond-il pour le masque, en comptant les jetons spéciaux autour ? Les "
            "probabilités sont des parts de tout le vocabulaire.",
        ),
    )
    def one_mask(student, cases):
        check_cases(student, cases, *(f"{name}_{kind}" for name in ONE_MASK))

    @CHECKS.check(
        name=f"several_masks_{kind}",
        points=0.25,
        needs=(f"one_mask_{kind}",),
        title=titled("several masks, one list each", "plusieurs masques, une liste chacun"),
        hint=text(
            "Find all positions of the mask; all stay masked while each is answered.",
            "Trouvez toutes les positions du masque ; tous restent masqués pendant qu'on répond à chacun.",
        ),
    )
    def several_masks(student, cases):
        check_cases(student, cases, *(f"{name}_{kind}" for name in SEVERAL_MASKS))

    @CHECKS.check(
        name=f"no_mask_{kind}",
        points=0.25,
        needs=(f"one_mask_{kind}",),
        title=titled("a text without mask is refused", "un texte sans masque est refusé"),
        hint=text(
            "Raise an InputError (which is a ValueError) that says that the text has no [MASK].",
            "Levez une InputError (qui est une ValueError) qui dit que le texte n'a pas de [MASK].",
        ),
    )
    def no_mask(student, cases):
        check_mask_missing(student.run(cases[f"refuses_{kind}"].request))

    @CHECKS.check(
        name=f"evaluation_{kind}",
        points=0.25,
        needs=(f"one_mask_{kind}",),
        title=titled(
            "no dropout, even if it was in training mode",
            "sans abandon (dropout), même s'il était en mode entraînement",
        ),
        hint=text("Call model.eval() before the model.", "Appelez model.eval() avant le modèle."),
    )
    def evaluation(student, cases):
        check_cases(student, cases, f"training_{kind}")


for _kind, _said in KINDS.items():
    declare(_kind, _said)


@CHECKS.check(
    points=0.25,
    needs=("one_mask_attentif", "one_mask_transformers"),
    title=text("k below 1 or above V is refused", "k inférieur à 1 ou supérieur à V est refusé"),
    hint=text(
        "Compare k with 1 and with the number of columns of the probabilities before topk; raise an InputError "
        "(which is a ValueError) that names k.",
        "Comparez k à 1 et au nombre de colonnes des probabilités avant topk ; levez une InputError (qui est une "
        "ValueError) qui nomme k.",
    ),
)
def k_out_of_range(student, cases):
    for kind in KINDS:
        for bad in BAD_K:
            request = cases[f"refuses_{bad}_{kind}"].request
            k, vocab_size = request.kwargs["k"], request.args[0].arguments["vocab_size"]
            wanted = text(
                f"for k={k} and a vocabulary of {vocab_size} tokens, an InputError that names k",
                f"pour k={k} et un vocabulaire de {vocab_size} jetons, une InputError qui nomme k",
            )
            check_refused(student.run(request), THE_K, wanted)


@CHECKS.check(
    points=0.25,
    needs=("one_mask_transformers",),
    title=text(
        "[MASK] works where the mask is named <mask>", "[MASK] fonctionne là où le masque s'appelle <mask>"
    ),
    hint=text(
        "CamemBERT writes <mask>: replace [MASK] by tokenizer.mask_token before you encode.",
        "CamemBERT écrit <mask> : remplacez [MASK] par tokenizer.mask_token avant d'encoder.",
    ),
)
def other_mask_name(student, cases):
    check_cases(student, cases, "camembert", "camembert_two")
