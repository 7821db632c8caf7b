"""Public checks of head_effect, on models of both kinds with layers and heads."""

from __future__ import annotations

from attentif.checks.engine import CheckSet
from attentif.checks.head_effects import check_effects, effect_features
from attentif.checks.inside_probing import of_kind
from attentif.checks.masked_scoring import KINDS, refusal_probe, titled
from attentif.checks.refusals import check_refused
from attentif.checks.text import text

CHECKS = CheckSet("head_effect")

# Stored cases of each kind of model.
ONE = ("middle", "first", "last")
SEVERAL = ("several",)
TRAINING = ("training",)
# What an error must speak of, by stored case.
HEADS = dict.fromkeys(
    ("refuses_layer", "refuses_head", "refuses_negative", "refuses_none"), "head|tête|layer|couche"
)
TEXTS = dict.fromkeys(("refuses_lengths", "refuses_places"), "token|mask|length|place|jeton|masque|long")
WORDS = dict.fromkeys(("refuses_word", "refuses_cut"), "word|token|mot|jeton")


def check_stored(student, cases, names, *fields):
    """Fields of stored cases."""
    for name in names:
        case = cases[name]
        check_effects(student.run(case.request), case.expected.value.fields, case.request, *fields)


def probes(cases):
    """Each field in each stored case, and what is refused."""
    groups = (ONE, SEVERAL, TRAINING)
    names = [name for kind in KINDS for group in groups for name in of_kind(kind, group)] + ["camembert"]

    def probe(name, field):
        return lambda student: effect_features(student.run(cases[name].request), field)

    def right(student):
        check_stored(student, cases, names, "total", "indirect")

    asked = {f"{name}_{field}": probe(name, field) for name in names for field in ("total", "indirect")}
    refused = {"heads": HEADS, "texts": TEXTS, "words": WORDS}
    return asked | {
        f"refused_{name}": refusal_probe(cases, patterns, right) for name, patterns in refused.items()
    }


@CHECKS.check(
    points=0.25,
    title=text(
        "total: the log-odds in the counterfactual text minus those in the original one",
        "total : la log-cote dans le texte contrefactuel moins celle dans l'original",
    ),
    hint=text(
        "Two texts, at the mask of each: ln P of the first word minus ln P of the second. No head is patched here.",
        "Deux textes, au masque de chacun : ln P du premier mot moins ln P du second. Aucune tête n'est greffée ici.",
    ),
)
def total(student, cases):
    for kind in KINDS:
        check_stored(student, cases, of_kind(kind, ONE), "total")


def declare(kind):
    """The check on one head, for one kind of model."""

    @CHECKS.check(
        name=f"indirect_{kind}",
        points=0.5,
        needs=("total",),
        title=titled(
            kind,
            text(
                "indirect: one head as in the counterfactual text, all else from the original one",
                "indirect : une tête comme dans le texte contrefactuel, tout le reste de l'original",
            ),
        ),
        hint=text(
            "The original text goes through the model; in one layer, the output of one head is exchanged at every position. The "
            "original's own log-odds are subtracted.",
            "C'est le texte original qui traverse le modèle ; dans une couche, la sortie d'une tête est remplacée à toutes les "
            "positions. On soustrait la log-cote de l'original lui-même.",
        ),
    )
    def indirect(student, cases):
        check_stored(student, cases, of_kind(kind, ONE), "indirect")


for _kind in KINDS:
    declare(_kind)

_INDIRECT = tuple(f"indirect_{kind}" for kind in KINDS)


@CHECKS.check(
    points=0.25,
    needs=_INDIRECT,
    title=text(
        "several heads: each patched alone, in their order",
        "plusieurs têtes : chacune greffée seule, dans leur ordre",
    ),
    hint=text(
        "One copy of the original text for each head; in copy i only head i is exchanged.",
        "Une copie du texte original par tête ; dans la copie i, seule la tête i est remplacée.",
    ),
)
def several(student, cases):
    for kind in KINDS:
        check_stored(student, cases, of_kind(kind, SEVERAL), "indirect")
    check_stored(student, cases, ("camembert",), "total", "indirect")


@CHECKS.check(
    points=0.25,
    needs=_INDIRECT,
    title=text(
        "no dropout, even if the model was in training mode",
        "sans abandon (dropout), même si le modèle était en mode entraînement",
    ),
    hint=text(
        "MaskedScorer sees to it; whoever calls the model calls model.eval() before.",
        "MaskedScorer s'en charge ; qui appelle le modèle appelle d'abord model.eval().",
    ),
)
def evaluation(student, cases):
    for kind in KINDS:
        check_stored(student, cases, of_kind(kind, TRAINING), "total", "indirect")


@CHECKS.check(
    points=0.25,
    needs=_INDIRECT,
    title=text(
        "heads that do not exist, texts that do not fit and words that cannot be asked are refused",
        "des têtes qui n'existent pas, des textes qui ne se superposent pas et des mots impossibles sont refusés",
    ),
    hint=text(
        "check_mediation refuses them all with an InputError (which is a ValueError): call it first.",
        "check_mediation les refuse tous par une InputError (qui est une ValueError) : appelez-la d'abord.",
    ),
)
def refusals(student, cases):
    for name, pattern in (HEADS | TEXTS | WORDS).items():
        original, counterfactual, words, heads = cases[name].request.args[2:]
        asked = f"{original!r}, {counterfactual!r}, {words}, {heads}"
        wanted = text(
            f"for {asked}, an InputError that says what is wrong",
            f"pour {asked}, une InputError qui dit ce qui ne va pas",
        )
        check_refused(student.run(cases[name].request), pattern, wanted)
