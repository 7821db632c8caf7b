"""The questions on limits that a model is put: of Microcosm's words for our small ones, of everyday language for others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import nn

from attentif.corpus.microcosm import Microcosm
from attentif.language import say, text
from attentif.limits.facts import Fact
from attentif.limits.items import fact_items, negation_items, number_items, order_sentences
from attentif.limits.negation import NegationItem
from attentif.limits.numbers import NumberItem
from attentif.pretrained import world_of

FEWEST_WORDS, N_SENTENCES = 10, 16  # so that three n-grams of three words are left, beside a sign at the end


@dataclass(frozen=True)
class LimitQuestions:
    """What a model is asked.

    Args:
        negations: what changes from the first text of an item to the second → items.
        sentences: of nine words and more, to be shuffled.
        facts: with a prime.
        numbers: of any kinds.
    """

    negations: Mapping[str, tuple[NegationItem, ...]]
    sentences: tuple[str, ...]
    facts: tuple[Fact, ...]
    numbers: tuple[NumberItem, ...]


@dataclass(frozen=True)
class _State:
    """How a clause of Microcosm ends: what is expected after each of two beginnings, in the masculine and the feminine."""

    clause: str
    kind: str
    other: str
    expected: tuple[str, str]
    unexpected: tuple[str, str]


# In French the two words after "mais" are the same with and without negation; English has no "not", but "although".
_STATES = {
    "fr": (
        _State("notre {} travaille souvent , ", "mais {} est", "mais {} n' est pas", ("fatigué triste", "fatiguée triste"), ("prudent calme", "prudente calme")),
        _State("notre {} travaille souvent , ", "car {} est", "mais {} est", ("prudent calme", "prudente calme"), ("fatigué triste", "fatiguée triste")),
    ),
    "en": (_State("our {} works at night ", "because {} is", "although {} is", ("calm happy", "calm happy"), ("tired busy", "tired busy")),),
}  # fmt: skip
_CHANGES = {
    "mais {} n' est pas": text("but … is → but … is not", "mais … est → mais … n'est pas"),
    "mais {} est": text("since … is → but … is", "car … est → mais … est"),
    "although {} is": text("because … is → although … is", "because … is → although … is"),
}
# What is done with what: verbs of one kind of thing alone, its most frequent name, and the article.
_DEEDS = {
    "fr": (
        ("signe relit", "le", "contrat"), ("réserve", "le", "chalet"), ("organise", "le", "séjour"), ("joue répète", "le", "morceau"),
        ("règle", "le", "piano"), ("examine", "le", "bilan"), ("signe relit", "la", "plainte"),
        ("réserve", "la", "chambre"), ("organise", "la", "croisière"), ("joue répète", "la", "sonate"), ("examine", "la", "radio"),
        ("conclut", "la", "vente"),
    ),
    "en": (
        ("signs checks", "the", "chart"), ("cleans", "the", "needle"), ("corrects explains", "the", "essay"), ("draws copies", "the", "map"),
        ("peels cuts", "the", "onion"), ("tastes serves", "the", "soup"), ("feeds leads", "the", "cow"), ("plants waters", "the", "tree"),
    ),
}  # fmt: skip
# Microcosm has no number but those of its grammar: a frame that asks for one, a frame that asks for several.
_ONE, _SEVERAL = text("one", "un seul"), text("several", "plusieurs")
_COUNTED = {
    "fr": ("votre [MASK] travaille", "plusieurs [MASK] travaillent"),
    "en": ("another [MASK] works", "two [MASK] work"),
}
# Before and behind, so that no two questions are the same.
_AROUND = {
    "fr": (("", "ensuite , ", "alors , ", "enfin , "), ("ce soir", "souvent", "avec soin", "cette semaine")),
    "en": (("", "today , ", "luckily , ", "perhaps , "), ("at night", "at noon", "at dawn", "quietly")),
}
_PLAIN = text("is → is not", "est → n'est pas")


def questions_for(model: nn.Module, language: str) -> LimitQuestions:
    """The questions for a model.

    Args:
        model: a masked model.
        language: "fr" or "en", of the notebook; a small model has its own.
    """
    own = world_of(model)
    if own is None:
        return LimitQuestions(
            negations={say(_PLAIN): tuple(negation_items(language))},
            sentences=tuple(each for each in order_sentences(language) if len(each.split()) >= FEWEST_WORDS),
            facts=tuple(fact_items(language)),
            numbers=tuple(number_items(language)),
        )
    return LimitQuestions(
        negations={say(_CHANGES[each.other]): _items(own, each) for each in _STATES[own]},
        sentences=_sentences(own),
        facts=_facts(own),
        numbers=_numbers(own),
    )


def _items(language: str, state: _State) -> tuple[NegationItem, ...]:
    """One item an occupation, its pronoun and its two words in turn."""
    world = Microcosm(language)
    items = []
    for number, occupation in enumerate(world.planted):
        gender, word = number % 2, number // 2 % 2
        start, pronoun = state.clause.format(occupation), world.pronouns[gender]
        texts = (f"{start}{kind.format(pronoun)} [MASK] ." for kind in (state.kind, state.other))
        words = (each[gender].split()[word] for each in (state.expected, state.unexpected))
        items.append(NegationItem(*texts, *words, group=occupation))
    return tuple(items)


def _sentences(language: str) -> tuple[str, ...]:
    """New sentences of Microcosm, as its tokens with spaces between them; those with an elision are left out."""
    world = Microcosm(language)
    found = (
        " ".join(world.tokenizer.id_to_token(token) for token in ids)
        for document in world.documents(60, seed=7)
        for ids in document
        if FEWEST_WORDS <= len(ids) <= 14
    )
    return tuple([each for each in found if "'" not in each and "," not in each][:N_SENTENCES])


def _facts(language: str) -> tuple[Fact, ...]:
    """Who does something does it to things of one kind: the candidates, and the prime, are things of other kinds."""
    found = []
    pronoun = Microcosm(language).pronouns[1]
    for verbs, article, answer in _DEEDS[language]:
        others = [(each, said) for said, same, each in _DEEDS[language] if same == article]
        wrong = [each for each, said in others if said != verbs]
        for number, verb in enumerate(verbs.split()):
            text = f"{pronoun} {verb} {article} [MASK] ."
            prime = f"{article} {wrong[number]} ."
            found.append(Fact(text, answer, tuple(wrong), prime, group=f"{verbs} {article}"))
    return tuple(found)


def _numbers(language: str) -> tuple[NumberItem, ...]:
    """One occupation, or several: its singular against its plural, in each of the two frames."""
    items, (starts, ends) = [], _AROUND[language]
    for kind, frame, several in zip((_ONE, _SEVERAL), _COUNTED[language], (False, True), strict=True):
        for index, occupation in enumerate(Microcosm(language).planted):
            forms = occupation, f"{occupation}s"
            start, end = starts[index // 4 % 4], ends[index % 4]
            items.append(
                NumberItem(f"{start}{frame} {end} .", forms[several], (forms[not several],), say(kind))
            )
    return tuple(items)
