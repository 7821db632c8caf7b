"""The questions of each probe in French and English, written for this library; none is of a public test set."""

from __future__ import annotations

from types import ModuleType

import numpy as np

from attentif.errors import InputError
from attentif.language import LANGUAGES, text
from attentif.limits import items_en, items_fr
from attentif.limits.coreference import ReferentItem
from attentif.limits.facts import Fact
from attentif.limits.mediation_table import MediationPair
from attentif.limits.negation import NegationItem
from attentif.limits.numbers import NumberItem
from attentif.limits.roles import RoleItem
from attentif.limits.sensitivity import Edit, edits_of

_MATERIAL = {"fr": items_fr, "en": items_en}
_NEGATION = {"fr": ("est", "n'est pas"), "en": ("is", "is not")}
_PRIME = {"fr": "{} ?", "en": "{}?"}


def negation_items(language: str) -> list[NegationItem]:
    """Things and what they are and are not, one group a thing.

    >>> negation_items("en")[0].negated
    'A mackerel is not (a|an) [MASK].'
    """
    yes, no = _NEGATION[_known(language)]
    return [
        NegationItem(
            f"{subject} {yes} {article} [MASK].", f"{subject} {no} {article} [MASK].", is_one, is_not
        )
        for subject, article, is_one, is_not in _MATERIAL[language].NEGATION
    ]


def fact_items(language: str) -> list[Fact]:
    """Facts that everybody knows, each with a prime; the candidates are the answers to the other facts of its relation.

    >>> fact = fact_items("en")[0]
    >>> fact.text, fact.prime, fact.candidates, fact.group
    ('The capital of France is [MASK].', 'London?', ('Rome', 'Berlin', 'Madrid', 'London'), 'capital')
    """
    found = []
    for relation, facts in _of(language).FACTS.items():
        answers = [answer for _, answer, _ in facts]
        for statement, answer, wrong in facts:
            prime = _PRIME[language].format(wrong[:1].upper() + wrong[1:])
            others = tuple(each for each in answers if each != answer)
            found.append(Fact(statement, answer, others, prime, group=relation))
    return found


def number_items(language: str, n: int = 20, seed: int = 0) -> list[NumberItem]:
    """Comparisons of two numbers below 100, and sequences with a gap in digits and in words; n of each kind, drawn.

    Half of the comparisons of a kind are right with either word, so a model that ignores the numbers is right half of
    the time; of a sequence the wrong candidates are the numbers just before and just after it.

    Args:
        language: "fr" or "en".
        n: even, from 2 to 40: all numbers and pairs of a kind are different. Of sequences in words there are at most
            as many as the words allow.
        seed: of numpy's generator.

    >>> items = number_items("en", n=2)
    >>> sorted({item.kind for item in items}), items[0].answer
    (['age', 'comparison', 'position', 'sequence', 'sequence in words'], 'larger')
    """
    material = _of(language)
    if isinstance(n, bool) or not isinstance(n, int) or n % 2 or not 2 <= n <= 40:
        raise InputError(
            expected=text("n to be an even number from 2 to 40", "un n pair, de 2 à 40"),
            got=repr(n),
            remedy=text("20 is usual", "20 est une valeur courante"),
        )
    generator = np.random.default_rng(seed)
    items = []
    for kind, (frame, more, less) in material.COMPARISONS.items():
        numbers = generator.permutation(np.arange(10, 99))[: 2 * n].reshape(n, 2).tolist()
        for index, pair in enumerate(numbers):
            low, high = sorted(pair)
            first, second, answer, wrong = (
                (high, low, more, less) if index % 2 == 0 else (low, high, less, more)
            )
            items.append(NumberItem(frame.format(a=first, b=second), answer, (wrong,), kind))
    for kind, names in (
        ("sequence", [str(number) for number in range(1, 100)]),
        ("sequence in words", list(material.NUMBER_WORDS)),
    ):
        for place in generator.permutation(np.arange(4, len(names) - 4))[:n].tolist():
            statement = material.SEQUENCE.format(
                before=", ".join(names[place - 2 : place]), after=", ".join(names[place + 1 : place + 3])
            )
            items.append(NumberItem(statement, names[place], (names[place - 3], names[place + 3]), kind))
    return items


def role_items(language: str) -> list[RoleItem]:
    """Who did what to whom, and the same with the roles exchanged.

    >>> role_items("en")[0].text, role_items("en")[0].reversed
    ('Nobody remembers which child the doctor had [MASK].', 'Nobody remembers which doctor the child had [MASK].')
    """
    material = _of(language)
    return [
        RoleItem(
            material.ROLE_FRAME.format(patient=patient, agent=agent),
            target,
            reversed=material.ROLE_FRAME.format(patient=agent, agent=patient),
        )
        for agent, patient, target in material.ROLES
    ]


def completion_items(language: str) -> list[RoleItem]:
    """Two sentences, the end of the second implied by the first, with a right word and two odd ones."""
    return [RoleItem(text, expected, others=odd) for text, expected, odd in _of(language).COMPLETIONS]


def referent_items(language: str) -> list[ReferentItem]:
    """Pairs of sentences in which one adjective decides between two nouns (of one gender, in French)."""
    return [
        ReferentItem(frame.format(one_word), frame.format(other_word), (first, second))
        for frame, first, second, one_word, other_word in _of(language).REFERENTS
    ]


def edits(language: str) -> list[Edit]:
    """Sentences with a gap under edits that keep their meaning, see `edits_of`; one group a sentence."""
    return [
        edit
        for text, other in _of(language).PARAPHRASES
        for edit in edits_of(text, language, paraphrase=other)
    ]


def order_sentences(language: str) -> list[str]:
    """Sentences of at least six words that do not begin with a name."""
    return list(_of(language).SENTENCES)


def polysemous(language: str) -> dict[str, dict[str, tuple[str, ...]]]:
    """word → sense → sentences with the word in that sense; a pronoun with and without a referent among them."""
    return _of(language).POLYSEMOUS


def random_words(language: str) -> list[tuple[str, str]]:
    """Pairs (sentence, a word of it) that have nothing to do with each other, to measure how alike any vectors are."""
    return list(_of(language).RANDOM_WORDS)


def mediation_pairs(language: str) -> list[MediationPair]:
    """Occupations against a person of the other gender than the stereotype's, one group an occupation.

    words = (pronoun against the stereotype, pronoun of the stereotype), so a total effect above 0 means that the
    person's gender reaches the pronoun.

    >>> pair = mediation_pairs("en")[0]
    >>> pair.original, pair.counterfactual, pair.words
    ('The mechanic said that [MASK] was tired.', 'The woman said that [MASK] was tired.', ('she', 'he'))
    """
    material = _of(language)
    return [
        MediationPair(
            frame.format(occupation),
            frame.format(material.PERSONS[1 - stereotype]),
            (material.PRONOUNS[1 - stereotype], material.PRONOUNS[stereotype]),
            group=occupation,
        )
        for occupation, stereotype in material.OCCUPATIONS
        for frame in material.MEDIATION_FRAMES
    ]


def _known(language: str) -> str:
    if language not in _MATERIAL:
        raise InputError(
            expected=text(f"one of {', '.join(LANGUAGES)}", f"une langue parmi {', '.join(LANGUAGES)}"),
            got=repr(language),
            remedy=text("questions are written in these", "les questions sont écrites dans ces langues"),
        )
    return language


def _of(language: str) -> ModuleType:
    return _MATERIAL[_known(language)]
