"""The same sentence about a person of the other gender, with all that agrees."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Literal

from attentif.bias.gender.english import EnglishReading
from attentif.bias.gender.french_agreement import FrenchReading
from attentif.bias.gender.french_forms import before
from attentif.bias.gender.lexicon import gender_lexicon
from attentif.bias.gender.words import Word, cut, with_capitals_of, written
from attentif.errors import InputError
from attentif.language import text

OTHER = {"m": "f", "f": "m", None: None}


@dataclass(frozen=True)
class Counterfactual:
    """A swapped sentence and what is to be known of it.

    Args:
        text: the swapped sentence.
        changed: the words that changed, (before, after), in their order.
        left: (word, reason) for each word in doubt: "no pair" (gendered, but its counterpart is another word's:
            left as it is), "antecedent" (nothing says what a pronoun stands for: taken for a person), "ambiguous".
        reversible: whether swapping again gives the sentence back. Where it does not, two sentences have the
            same counterfactual, or a rule was wrong.
    """

    text: str
    changed: tuple[tuple[str, str], ...]
    left: tuple[tuple[str, str], ...]
    reversible: bool

    def __post_init__(self) -> None:
        if any(old == new for old, new in self.changed):
            raise InputError(
                expected=text("changed words that differ", "des mots changés qui diffèrent"),
                got=str(self.changed),
                remedy=text("leave out the words that stay", "laissez de côté les mots qui restent"),
            )


def read_words(sentence: str, language: Literal["fr", "en"]) -> tuple[list[Word], str]:
    """A sentence as words that know what they agree with, and what follows the last of them.

    Raises:
        InputError: no text, or a language other than "fr" and "en".

    >>> words, tail = read_words("L'infirmière range la table.", "fr")
    >>> [(word.text, word.agrees_with, word.person) for word in words][:3]
    [("L'", (1,), False), ('infirmière', (1,), True), ('range', (), False)]
    """
    lexicon = gender_lexicon(language)
    if not isinstance(sentence, str):
        raise InputError(
            expected=text("a sentence (str)", "une phrase (str)"),
            got=type(sentence).__name__,
            remedy=text("swap one sentence at a time", "échangez une phrase à la fois"),
        )
    compounds = frozenset(form for form in (*lexicon.nouns, *lexicon.with_owner) if "-" in form)
    words, gaps = cut(sentence, language, compounds)
    read = (FrenchReading if language == "fr" else EnglishReading)(words, lexicon)
    heads = getattr(read, "heads", None)
    result = []
    for position, (word, gap) in enumerate(zip(words, gaps, strict=False)):
        pair = read.pairs.get(position)
        if heads is None:  # English: a gendered word is about a person, and agrees with nothing else
            agrees_with, person, gender = (
                (position,) if pair else (),
                pair is not None,
                pair.gender if pair else None,
            )
        else:
            head = heads.get(position)
            agrees_with = read.agreements.get(position, ())
            person = head is not None and head.person
            gender = head.gender if head is not None else pair.gender if pair else None
        forms = pair.forms if pair else None
        result.append(Word(word, gap, forms, gender, agrees_with, person, read.doubts.get(position, "")))
    return result, gaps[-1]


def fitted(form: str, following: str, language: str) -> str:
    """A form as it is written before another word: "la" → "l'" before "amie"; English has no such change.

    >>> fitted("la", "amie", "fr"), fitted("que", "elle", "fr"), fitted("her", "aunt", "en")
    ("l'", "qu'", 'her')
    """
    return before(form, following, gender_lexicon(language).aspirated) if language == "fr" else form


def swap_gender(sentence: str, language: Literal["fr", "en"]) -> str:
    """The sentence with every person's gender changed to the other one, and what agrees with them.

    A word with two forms takes its gender from the words that it agrees with. Their genders after the swap are the
    other one for a person and the same for a thing, and the word's new form is

        feminine if all of them are feminine, else masculine,

    as French agrees with a group ("le père et la mère sont fatigués" keeps its participle). A word with one form for both
    genders has that of the word that agrees with it; where nothing tells, the form stays. Then a word that has changed, or
    stands before one that has, takes the form that suits what now follows it (elision, contraction: `l'homme` gives
    `la femme`, `d'elle` gives `de lui`, `ma tante` gives `mon oncle`), with its capitals. All others stay as they are.

    Args:
        sentence: a text; several sentences are read as one.
        language: "fr" or "en".

    Returns:
        The swapped sentence, with the same punctuation and spaces. Swapping again gives the sentence back, wherever
        it is not also the counterfactual of another one.

    Raises:
        InputError (a ValueError): no text, or another language.

    Limits: two genders only, those of the grammar. Persons are found by a list of words, French antecedents by rules of thumb
    (the nearest fitting subject): "la directrice lit la lettre, elle est longue" goes wrong. So do homographs (`un avocat`
    to eat), nouns of one gender for everybody (`la victime`, `la personne`) with what is said of them later, adjectives
    used as nouns (`la petite`, `les blonds`), the past participle after "s'imaginer que", and in English "gave her bread"
    beside "gave him bread". A name that is not in the list stays, though pronouns around it change; mentions of the body
    or of history ("pregnant", "the first woman to …") are not understood.

    Source: counterfactual data augmentation, Lu et al. 2020, "Gender Bias in Neural Natural Language
        Processing", §4; for languages with grammatical gender, Zmigrod et al. 2019, "Counterfactual Data
        Augmentation for Mitigating Gender Stereotypes in Languages with Rich Morphology".
        Deviation: in the second paper a learned model inflects the words, here rules do.

    >>> swap_gender("L'infirmière range la table, car elle est fatiguée.", "fr")
    "L'infirmier range la table, car il est fatigué."
    >>> swap_gender("She gave her father his keys.", "en")
    'He gave his mother her keys.'
    """
    words, tail = read_words(sentence, language)
    forms = [word.text for word in words]
    for index in reversed(range(len(words))):  # from the right: a form depends on the one that follows it
        word, form = words[index], words[index].text
        genders = []
        for head in (words[number] for number in word.agrees_with):
            gender = head.gender or word.gender
            genders.append(OTHER[gender] if head.person else gender)
        if word.forms and genders and None not in genders:
            form = word.forms[1 if set(genders) == {"f"} else 0]
        following = words[index + 1].text if index + 1 < len(words) else ""
        after = forms[index + 1] if index + 1 < len(words) else ""
        if form.lower() != word.text.lower() or after != following:
            form = fitted(form, after, language)
            forms[index] = with_capitals_of(word.text, form)
    return written(words, forms, tail)


def counterfactual(sentence: str, language: Literal["fr", "en"]) -> Counterfactual:
    """The swapped sentence with the words that changed, those in doubt, and whether it can be swapped back.

    Args:
        sentence, language: see `swap_gender`.

    Raises:
        InputError: see `swap_gender`.

    >>> found = counterfactual("Miss Martin sees her brother.", "en")
    >>> found.changed, found.left, found.reversible
    ((('her', 'his'), ('brother', 'sister')), (('Miss', 'no pair'),), True)
    """
    swapped = swap_gender(sentence, language)
    words, _ = read_words(sentence, language)
    parts = [cut(each, language)[0] for each in (sentence, swapped)]
    changed = []
    for kind, start, end, first, last in difflib.SequenceMatcher(None, *parts, autojunk=False).get_opcodes():
        if kind == "replace" and end - start == last - first:
            changed += zip(parts[0][start:end], parts[1][first:last], strict=True)
        elif kind != "equal":
            changed.append((" ".join(parts[0][start:end]), " ".join(parts[1][first:last])))
    return Counterfactual(
        text=swapped,
        changed=tuple(changed),
        left=tuple((word.text, word.doubt) for word in words if word.doubt),
        reversible=swap_gender(swapped, language) == sentence,
    )
