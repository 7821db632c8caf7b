"""Hidden checks of pair_scores, against the definitions, token by token, from the models' arrays."""

from __future__ import annotations

from attentif.checks.engine import CheckSet
from attentif.checks.masked_scoring import KINDS
from attentif.checks.pair_scoring import DEFINITIONS, check_table
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif_grading.masked_oracle import CUT, SIGNS, WORDS, Setting
from attentif_grading.pair_oracle import crossed_pair, pair_oracle
from attentif_grading.salt import rng_for

CHECKS = CheckSet("pair_scores")
NAME = "pair_scores"


def _words(rng, n, of=(*WORDS, *SIGNS)):
    return [str(word) for word in rng.choice(list(of), n, replace=False)]


def _one_place(rng, n_before, n_after, n_first, n_second, cut=False):
    """Two sentences that differ in one stretch of n_first and n_second words; a word around it comes twice."""
    around = _words(rng, n_before + n_after - (n_before > 0 and n_after > 0))
    around += around[: n_before + n_after - len(around)]
    rest = [word for word in WORDS if word not in around]
    changed = _words(rng, n_first + n_second, list(CUT) if cut else rest)
    before, after = around[:n_before], around[n_before:]
    return tuple([*before, *part, *after] for part in (changed[:n_first], changed[n_first:]))


def _two_places(rng):
    """Two sentences that differ in two words, no word twice."""
    a, b, c, d, e, f, g = _words(rng, 7, WORDS)
    return [a, b, c, d, e], [a, f, c, g, e]


def _pairs(rng):
    return [
        _one_place(rng, 1, 3, 1, 1),
        _one_place(rng, 0, 2, 1, 2),
        _two_places(rng),
        _one_place(rng, 2, 1, 1, 1, cut=True),
        _one_place(rng, 0, 1, 1, 1),
    ]


def _ask(student, setting, pairs, definition, **options):
    said = [tuple(" ".join(words) for words in pair) for pair in pairs]
    request = Request(args=(*setting.recipes, said), kwargs={"kind": definition, **options})
    expected = [pair_oracle(setting, pair, definition) for pair in pairs]
    check_table(student.run(request), expected, request)


def _on_both_kinds(student, definition):
    rng = rng_for(NAME, definition)
    for kind in KINDS:
        _ask(student, Setting.drawn(rng, kind, looks=True), _pairs(rng), definition)


@CHECKS.check(
    points=0.5,
    title=text("unmodified on unseen pairs", "unmodified sur de nouvelles paires"),
    hint=text(
        "A pair may differ in two places: all the rest is shared.",
        "Une paire peut différer à deux endroits : tout le reste est commun.",
    ),
)
def unmodified(student, cases):
    _on_both_kinds(student, "unmodified")


@CHECKS.check(
    points=0.5,
    title=text("modified on unseen pairs", "modified sur de nouvelles paires"),
    hint=text(
        "Each sentence is divided by its own number of changed tokens.",
        "Chaque phrase est divisée par son propre nombre de jetons modifiés.",
    ),
)
def modified(student, cases):
    _on_both_kinds(student, "modified")


@CHECKS.check(
    points=0.25,
    title=text("aul on unseen pairs", "aul sur de nouvelles paires"),
    hint=text("Shared and changed tokens alike.", "Jetons communs et modifiés, sans distinction."),
)
def aul(student, cases):
    _on_both_kinds(student, "aul")


@CHECKS.check(
    points=0.25,
    title=text("aula on unseen pairs", "aula sur de nouvelles paires"),
    hint=text(
        "The attention received: the mean over layers, heads and all tokens that look, specials among them.",
        "L'attention reçue : la moyenne sur les couches, les têtes et tous les jetons qui regardent, spéciaux compris.",
    ),
)
def aula(student, cases):
    _on_both_kinds(student, "aula")


@CHECKS.check(
    points=0.25,
    needs=("unmodified", "modified"),
    title=text(
        "every definition in batches of any size, and in training mode",
        "toutes les définitions par lots de toute taille, et en mode entraînement",
    ),
    hint=text(
        "A score is the same alone and in company, whatever the mode that the model came in.",
        "Un score est le même seul et en compagnie, quel que soit le mode dans lequel le modèle arrive.",
    ),
)
def batches(student, cases):
    rng = rng_for(NAME, "batches")
    for kind in KINDS:
        for definition in DEFINITIONS:
            setting = Setting.drawn(rng, kind, training=True, looks=True)
            pairs = _pairs(rng)[:3]
            for batch_size in (1, int(rng.integers(3, 8))):
                _ask(student, setting, [*pairs, pairs[0]], definition, batch_size=batch_size)


@CHECKS.check(
    points=0.25,
    needs=("unmodified", "modified"),
    title=text(
        "official on unseen pairs, and words that were only added",
        "official sur de nouvelles paires, et des mots seulement ajoutés",
    ),
    hint=text(
        "With `official` the alignment depends on which sentence comes first; the scores have 3 decimals.",
        "Avec `official`, l'alignement dépend de la phrase qui vient en premier ; les scores ont 3 décimales.",
    ),
)
def official(student, cases):
    rng = rng_for(NAME, "official")
    for kind in KINDS:
        setting = Setting.drawn(rng, kind, looks=True)
        added = _one_place(rng, 2, 2, 1, 0)
        _ask(student, setting, [added, *_pairs(rng)[:2]], "modified")
        first, *words = _words(rng, 6, WORDS)
        said = crossed_pair(setting, [first], words[:2], words[2:])
        crossed = tuple(sentence.split() for sentence in said)
        # Shared are the first word, of the two the first sentence's earlier one, and the last three.
        shared = {1, 2, 4, 5, 6}, {1, 3, 4, 5, 6}
        for definition in ("unmodified", "modified"):
            request = Request(args=(*setting.recipes, [said]), kwargs={"kind": definition, "official": True})
            expected = [pair_oracle(setting, crossed, definition, shared)]
            check_table(student.run(request), expected, request, rounded=True)


@CHECKS.check(
    points=0.25,
    needs=("unmodified", "modified"),
    title=text(
        "unseen pairs with the signs of CamemBERT", "de nouvelles paires avec les signes de CamemBERT"
    ),
    hint=text(
        "Mask by id, with the tokenizer's own mask, at the positions that align_pair gives.",
        "Masquez par identifiant, avec le masque propre au tokenizer, aux positions que donne align_pair.",
    ),
)
def other_signs(student, cases):
    rng = rng_for(NAME, "other_signs")
    setting = Setting.drawn(rng, "camembert", looks=True)
    for definition in DEFINITIONS:
        _ask(student, setting, [_one_place(rng, 1, 2, 1, 1, cut=True), _two_places(rng)], definition)
