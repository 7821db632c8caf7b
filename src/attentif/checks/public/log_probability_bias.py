"""Public checks of log_probability_bias, on models of both kinds whose tokenizers cut words in pieces."""

from __future__ import annotations

import numpy as np

from attentif.checks.association_scores import FIELDS, check_score, fields_of, what_is_seen
from attentif.checks.engine import CheckSet
from attentif.checks.fingerprints import ERROR, outcome_features
from attentif.checks.masked_scoring import KINDS, refusal_probe, titled
from attentif.checks.refusals import check_refused
from attentif.checks.text import text

CHECKS = CheckSet("log_probability_bias")

# Stored cases of each kind of model: where the target stands, and how many tokens the attribute has.
TARGET_FIRST = ("target_first", "target_first_more")
ATTRIBUTE_FIRST = ("attribute_first", "side_by_side")
PIECES = ("pieces_after", "pieces_before")
CAMEMBERT = ("camembert", "camembert_pieces")
# What an error must speak of, by stored case: a word by itself or what is wrong with it, a slot by its name.
CUT = "token|jeton|piece|morceau"
SLOT = r"slot|template|gabarit|target|attribute|emplacement"
CUT_TARGETS = {"refuses_cut_first": f"{CUT}|infirmier", "refuses_cut_second": f"{CUT}|danseuse"}
UNKNOWN_WORDS = {
    f"refuses_unknown_{place}": "zut|unknown|inconnu|vocab" for place in ("first", "second", "attribute")
}
BAD_SLOTS = dict.fromkeys(("refuses_no_target", "refuses_no_attribute", "refuses_target_twice"), SLOT)


def check_cases(student, cases, names, fields=FIELDS):
    """Put stored cases to the student's code."""
    for name in names:
        case = cases[name]
        check_score(student.run(case.request), case.expected.value.fields, case.request, *fields)


def of_kind(kind, *groups):
    """The names of stored cases of a kind of model."""
    return [f"{name}_{kind}" for group in groups for name in group]


def probes(cases):
    """Each number by itself, over the stored cases where the target, or the attribute, stands in the same place."""
    groups = {"camembert": list(CAMEMBERT)}
    for kind in KINDS:
        groups |= {
            f"target_first_{kind}": of_kind(kind, TARGET_FIRST),
            f"attribute_first_{kind}": of_kind(kind, ATTRIBUTE_FIRST),
            f"pieces_{kind}": of_kind(kind, PIECES),
            f"training_{kind}": [f"training_{kind}"],
        }

    def probe(names, field):
        def answer(student):
            outcomes = [student.run(cases[name].request) for name in names]
            # The kind of an error depends on how the same mistake is written.
            if any(outcome.error is not None for outcome in outcomes):
                return np.array([ERROR, 0.0])
            found = [fields_of(outcome.value) for outcome in outcomes]
            if any(numbers is None for numbers in found):
                return np.concatenate([outcome_features(outcome) for outcome in outcomes])
            numbers = np.array([what_is_seen(numbers)[field] for numbers in found])
            return np.nan_to_num(numbers, nan=1e6, posinf=1e7, neginf=-1e7)

        return answer

    def right(student):
        check_cases(student, cases, [name for names in groups.values() for name in names])

    refusals = {"cut_targets": CUT_TARGETS, "unknown_words": UNKNOWN_WORDS, "bad_slots": BAD_SLOTS}
    return {
        f"{group}_{field}": probe(names, field)
        for group, names in groups.items()
        for field in ("raw", "prior", "share")
    } | {group: refusal_probe(cases, patterns, right) for group, patterns in refusals.items()}


def declare(kind):
    """The checks on one kind of model."""

    @CHECKS.check(
        name=f"raw_{kind}",
        points=0.5,
        title=titled(
            kind,
            text(
                "raw: the two words at the target's mask, attribute visible",
                "raw : les deux mots au masque de la cible, attribut visible",
            ),
        ),
        hint=text(
            "Mask the target's token alone, read the log-probabilities at that very position, and subtract that of "
            "the second word from that of the first.",
            "Masquez le seul jeton de la cible, lisez les log-probabilités à cette position même, et soustrayez "
            "celle du second mot à celle du premier.",
        ),
    )
    def raw(student, cases):
        check_cases(student, cases, of_kind(kind, TARGET_FIRST, ATTRIBUTE_FIRST), ("raw",))

    @CHECKS.check(
        name=f"prior_{kind}",
        points=0.25,
        needs=(f"raw_{kind}",),
        title=titled(
            kind,
            text(
                "prior: the attribute masked too, whichever of the two comes first",
                "prior : l'attribut masqué lui aussi, quel que soit celui des deux qui vient d'abord",
            ),
        ),
        hint=text(
            "Two masks are in the sentence now. Which one do the two words compete for, and where does it stand "
            "when the attribute comes first?",
            "Deux masques sont maintenant dans la phrase. Pour lequel les deux mots sont-ils en concurrence, et où "
            "se trouve-t-il quand l'attribut vient d'abord ?",
        ),
    )
    def prior(student, cases):
        check_cases(student, cases, of_kind(kind, TARGET_FIRST, ATTRIBUTE_FIRST), ("prior",))


for _kind in KINDS:
    declare(_kind)

_VALUES = tuple(f"{field}_{kind}" for field in ("raw", "prior") for kind in KINDS)


@CHECKS.check(
    points=0.25,
    needs=_VALUES,
    title=text(
        "corrected: what the attribute adds to the prior", "corrected : ce que l'attribut ajoute à prior"
    ),
    hint=text(
        "The prior is what the frame prefers without the attribute: take it away from raw.",
        "prior est ce que le gabarit préfère sans l'attribut : retirez-le de raw.",
    ),
)
def corrected(student, cases):
    for kind in KINDS:
        check_cases(student, cases, of_kind(kind, TARGET_FIRST[:1], ATTRIBUTE_FIRST[:1]), ("corrected",))


@CHECKS.check(
    points=0.25,
    needs=("corrected",),
    title=text(
        "an attribute cut in several tokens: one mask each",
        "un attribut de plusieurs jetons : un masque chacun",
    ),
    hint=text(
        "fill_template gives the positions of all the attribute's tokens. Mask them all, one for one: the sentence "
        "keeps its length.",
        "fill_template donne les positions de tous les jetons de l'attribut. Masquez-les tous, un pour un : la "
        "phrase garde sa longueur.",
    ),
)
def several_tokens(student, cases):
    for kind in KINDS:
        check_cases(student, cases, of_kind(kind, PIECES))


@CHECKS.check(
    points=0.25,
    needs=("corrected",),
    title=text(
        "no dropout, even if the model was in training mode",
        "sans abandon (dropout), même si le modèle était en mode entraînement",
    ),
    hint=text("Call model.eval() before the model.", "Appelez model.eval() avant le modèle."),
)
def evaluation(student, cases):
    check_cases(student, cases, [f"training_{kind}" for kind in KINDS])


@CHECKS.check(
    points=0.25,
    needs=("corrected",),
    title=text(
        "CamemBERT's signs: a mask named <mask>, pieces without ##",
        "les signes de CamemBERT : un masque nommé <mask>, des morceaux de mots sans ##",
    ),
    hint=text(
        "Mask by id, with the tokenizer's own mask, and leave it to the tokenizer to cut the words.",
        "Masquez par identifiant, avec le masque propre au tokenizer, et laissez le tokenizer découper les mots.",
    ),
)
def other_signs(student, cases):
    check_cases(student, cases, CAMEMBERT)


@CHECKS.check(
    points=0.25,
    needs=("corrected",),
    title=text(
        "a target cut in several tokens is refused, whichever of the two it is",
        "une cible de plusieurs jetons est refusée, que ce soit la première ou la seconde",
    ),
    hint=text(
        "One mask holds one token: a longer word cannot be compared there. Raise an InputError (which is a "
        "ValueError) that names the word; fill_template does.",
        "Un masque tient lieu d'un seul jeton : un mot plus long ne peut y être comparé. Levez une InputError (qui est "
        "une ValueError) qui nomme le mot ; fill_template le fait.",
    ),
)
def cut_targets(student, cases):
    for name, pattern in CUT_TARGETS.items():
        first, second = cases[name].request.args[3:5]
        wanted = text(
            f"for {first} / {second}, an InputError that names the word of several tokens",
            f"pour {first} / {second}, une InputError qui nomme le mot de plusieurs jetons",
        )
        check_refused(student.run(cases[name].request), pattern, wanted)


@CHECKS.check(
    points=0.25,
    needs=("corrected",),
    title=text(
        "a word that the tokenizer does not know is refused",
        "un mot que le tokenizer ne connaît pas est refusé",
    ),
    hint=text(
        "The unknown token has a probability too, which says nothing of your word. Raise an InputError (which is a "
        "ValueError) that names the word; fill_template does.",
        "Le jeton inconnu a lui aussi une probabilité, qui ne dit rien de votre mot. Levez une InputError (qui est une "
        "ValueError) qui nomme le mot ; fill_template le fait.",
    ),
)
def unknown_words(student, cases):
    for name, pattern in UNKNOWN_WORDS.items():
        words = ", ".join(cases[name].request.args[3:])
        wanted = text(
            f"for {words}, an InputError that names the unknown word",
            f"pour {words}, une InputError qui nomme le mot inconnu",
        )
        check_refused(student.run(cases[name].request), pattern, wanted)


@CHECKS.check(
    points=0.25,
    needs=("corrected",),
    title=text(
        "a template that lacks a slot, or repeats one, is refused",
        "un gabarit sans l'un des deux emplacements, ou qui en répète un, est refusé",
    ),
    hint=text(
        "[TARGET] and [ATTRIBUTE] stand in the template once each. Raise an InputError (which is a ValueError) "
        "that names the slot; fill_template does.",
        "[TARGET] et [ATTRIBUTE] figurent une fois chacun dans le gabarit. Levez une InputError (qui est une ValueError) "
        "qui nomme l'emplacement ; fill_template le fait.",
    ),
)
def bad_slots(student, cases):
    for name, pattern in BAD_SLOTS.items():
        template = cases[name].request.args[2]
        wanted = text(
            f"for {template!r}, an InputError that names the slots",
            f"pour {template!r}, une InputError qui nomme les emplacements",
        )
        check_refused(student.run(cases[name].request), pattern, wanted)
