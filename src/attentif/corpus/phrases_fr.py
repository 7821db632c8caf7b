"""French phrases as grammar expressions: articles, elision, contraction and agreement inside a phrase.

Weights follow the words: a class of ten nouns is drawn ten times as often as a class of one, so that every
noun keeps its own weight whatever its gender and first letter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attentif.corpus.grammar import Expr, alt, opt, seq, word
from attentif.corpus.lexicon_fr import Frame, Noun
from attentif.corpus.morphology_fr import AdjectiveForms, pluralize

ARTICLES = {"m": {"le": 3, "un": 2, "ce": 1.5}, "f": {"la": 3, "une": 2, "cette": 1.5}}
VOWEL_ARTICLES = {"m": {"l'": 3, "un": 2, "cet": 1.5}, "f": {"l'": 3, "une": 2, "cette": 1.5}}
PLURAL_ARTICLES = {"les": 4, "des": 2, "ces": 1}
POSSESSIVES = {"sg": ("son", "sa", "ses"), "pl": ("leur", "leur", "leurs")}
POSSESSIVE_WEIGHT = 2.0
P_PRENOMINAL = 0.3

Weights = dict[str, float]


def zipf(forms: Iterable[str], exponent: float = 0.4) -> Weights:
    """Mild Zipf weights in the order of the list, (rank + 3)^−exponent; a form listed twice adds up.

    >>> weights = zipf(["dossier", "bilan"])
    >>> weights["dossier"] > weights["bilan"] > 0.5
    True
    """
    weights: Weights = {}
    for rank, form in enumerate(forms):
        weights[form] = weights.get(form, 0.0) + (rank + 3.0) ** -exponent
    return weights


def plurals(forms: Weights) -> Weights:
    """The plurals with the weights of their singulars."""
    return {pluralize(form): weight for form, weight in forms.items()}


def split_nouns(nouns: Sequence[Noun]) -> dict[tuple[str, bool], Weights]:
    """Singular forms with their weights, by (gender, whether the noun elides)."""
    weights = zipf(noun.singular for noun in nouns)
    classes: dict[tuple[str, bool], Weights] = {
        (gender, vowel): {} for gender in "mf" for vowel in (False, True)
    }
    for noun in nouns:
        classes[noun.gender, noun.elides][noun.singular] = weights[noun.singular]
    return classes


def determiners(gender: str, vowel: bool, owner: str) -> Weights:
    """Singular determiners before a noun of this gender, with the possessive of the owner (sg, pl).

    >>> sorted(determiners("f", True, "sg"))
    ['cette', "l'", 'son', 'une']
    """
    forms = dict(VOWEL_ARTICLES[gender] if vowel else ARTICLES[gender])
    masculine, feminine, _ = POSSESSIVES[owner]
    forms[feminine if gender == "f" and not vowel else masculine] = POSSESSIVE_WEIGHT
    return forms


def noun_phrase(
    nouns: Sequence[Noun], prenominal: Sequence[AdjectiveForms], owner: str, indefinite: bool = True
) -> Expr:
    """A determiner (un, une only when `indefinite`) and a singular noun: le dossier, sa dernière radio."""
    branches = []
    for (gender, vowel), forms in split_nouns(nouns).items():
        if forms:
            phrase = _singular(gender, vowel, forms, prenominal, owner, indefinite)
            branches.append((sum(forms.values()), phrase))
    return alt(*branches)


def possessed(nouns: Sequence[Noun], owner: str) -> Expr:
    """The owner's (sg, pl) noun: son procès, son audience, sa réunion, leur réunion."""
    masculine, feminine, _ = POSSESSIVES[owner]
    branches = []
    for (gender, vowel), forms in split_nouns(nouns).items():
        if forms:
            possessive = feminine if gender == "f" and not vowel else masculine
            branches.append((sum(forms.values()), seq(possessive, word(forms))))
    return alt(*branches)


def after_a(nouns: Sequence[Noun]) -> Expr:
    """à + article + noun: au tribunal, à la gare, à l' hôpital."""
    return _contracted(nouns, "au", "à")


def after_de(nouns: Sequence[Noun]) -> Expr:
    """de + article + noun: du tribunal, de la gare, de l' hôpital."""
    return _contracted(nouns, "du", "de")


def _contracted(nouns: Sequence[Noun], fused: str, preposition: str) -> Expr:
    classes = split_nouns(nouns)
    vowel = classes["m", True] | classes["f", True]
    branches = [
        (sum(forms.values()), seq(start, word(forms)))
        for forms, start in (
            (classes["m", False], fused),
            (classes["f", False], f"{preposition} la"),
            (vowel, f"{preposition} l'"),
        )
        if forms
    ]
    return alt(*branches)


def object_phrase(
    frame: Frame, prenominal: Sequence[AdjectiveForms], owner: str, p_adjective: float, p_plural: float
) -> Expr:
    """An object and what agrees with it: la nouvelle radio complète, leurs dossiers urgents, un examen."""
    nouns, adjectives = frame.nouns, frame.adjectives
    branches = []
    for gender in "mf":
        cases = [
            (sum(forms.values()), _singular(gender, vowel, forms, prenominal, owner))
            for (its_gender, vowel), forms in split_nouns(nouns).items()
            if its_gender == gender and forms
        ]
        if cases:
            total = sum(weight for weight, _ in cases)
            qualified = _qualify(alt(*cases), adjectives, f"{gender}_sg", p_adjective)
            branches.append(((1.0 - p_plural) * total, qualified))
        plurals = zipf(noun.plural for noun in nouns if noun.gender == gender and noun.plural)
        if plurals and p_plural > 0:
            articles = PLURAL_ARTICLES | {POSSESSIVES[owner][2]: POSSESSIVE_WEIGHT}
            qualified = _qualify(word(plurals), adjectives, f"{gender}_pl", p_adjective)
            branches.append((p_plural * sum(plurals.values()), seq(word(articles), qualified)))
    return alt(*branches)


def _singular(
    gender: str,
    vowel: bool,
    forms: Weights,
    prenominal: Sequence[AdjectiveForms],
    owner: str,
    indefinite: bool = True,
) -> Expr:
    """Determiner, perhaps an adjective, noun; no adjective before a vowel, which would change the article."""
    articles = determiners(gender, vowel, owner)
    if not indefinite:
        articles = {form: weight for form, weight in articles.items() if form not in ("un", "une")}
    start: Expr = word(articles)
    if not vowel:
        start = seq(start, opt(P_PRENOMINAL, word(zipf(getattr(a, f"{gender}_sg") for a in prenominal))))
    return seq(start, word(forms))


def _qualify(noun: Expr, adjectives: Sequence[AdjectiveForms], form: str, probability: float) -> Expr:
    if not adjectives or probability == 0:
        return noun
    return seq(noun, opt(probability, word(zipf(getattr(a, form) for a in adjectives))))


def adverbials(patterns: Sequence[Sequence[Sequence[str]]]) -> Expr:
    """One of the patterns, a slot after the other; a pattern weighs the root of the number of its phrases."""
    branches = []
    for pattern in patterns:
        count = 1
        for slot in pattern:
            count *= len(slot)
        branches.append((count**0.5, seq(*(word(zipf(slot)) for slot in pattern))))
    return alt(*branches)
