"""The words that show a person's gender, masculine beside feminine, in French and in English."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from attentif.corpus.morphology_en import Morphology
from attentif.corpus.morphology_fr import adjective, pluralize
from attentif.errors import InputError
from attentif.language import LANGUAGES, text


@dataclass(frozen=True)
class Pair:
    """A word in both genders and one number.

    Args:
        masculine, feminine: the two forms, equal for a word that does not show the gender.
        gender: that of the form that was looked up, "m" or "f"; None where the form does not tell.
        plural: whether the forms are plural; None where they do not tell ("heureux").
    """

    masculine: str
    feminine: str
    gender: str | None
    plural: bool | None = False

    def __post_init__(self) -> None:
        if self.gender not in ("m", "f", None):
            raise InputError(
                expected=text("a gender m, f or None", "un genre m, f ou None"),
                got=repr(self.gender),
                remedy=text("leave None for an epicene word", "laissez None pour un mot épicène"),
            )

    @property
    def forms(self) -> tuple[str, str]:
        """(masculine, feminine)."""
        return self.masculine, self.feminine


Entries = Mapping[str, tuple[Pair, ...]]  # a form in lower case → its readings


@dataclass(frozen=True)
class GenderLexicon:
    """The gendered words of a language, each form with its readings.

    Args:
        language: "fr" or "en".
        nouns, names, adjectives: forms in lower case → readings; adjectives are empty in English.
        with_owner: French nouns that are read so as somebody's only: sa femme → son mari.
        with_article: those that are read so behind an article only: un monsieur → une dame.
        also_words: names that are words of the language too.
        prenominal: adjectives that may precede a noun, in all their forms.
        no_pair: gendered words that are left as they are.
        aspirated: words before which nothing is elided.
    """

    language: str
    nouns: Entries
    names: Entries
    adjectives: Entries = field(default_factory=dict)
    with_owner: Entries = field(default_factory=dict)
    with_article: Entries = field(default_factory=dict)
    also_words: frozenset[str] = frozenset()
    prenominal: frozenset[str] = frozenset()
    no_pair: frozenset[str] = frozenset()
    aspirated: frozenset[str] = frozenset()


@cache
def gender_lexicon(language: str) -> GenderLexicon:
    """The lexicon of a language, "fr" or "en", from the TOML file shipped with the package.

    Raises:
        InputError: another language.

    >>> gender_lexicon("fr").nouns["infirmières"][0].forms
    ('infirmiers', 'infirmières')
    >>> gender_lexicon("en").nouns["wives"][0].forms
    ('husbands', 'wives')
    """
    if language not in LANGUAGES:
        raise InputError(
            expected=text("the language fr or en", "la langue fr ou en"),
            got=repr(language),
            remedy=text('write "fr" or "en"', "écrivez « fr » ou « en »"),
        )
    source = resources.files("attentif.bias.gender") / f"{language}.toml"
    data = tomllib.loads(source.read_text(encoding="utf-8"))
    return (_french if language == "fr" else _english)(data)


def _french(data: Mapping) -> GenderLexicon:
    plurals, feminines = data["plurals"], data["feminines"]

    def both_numbers(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str, bool]]:
        pairs = list(pairs)
        several = [tuple(plurals.get(form, pluralize(form)) for form in pair) for pair in pairs]
        return [(*pair, False) for pair in pairs] + [(*pair, True) for pair in several]

    epicene = [(form, form) for form in data["epicene"].split()]
    described = [adjective(form, feminines) for form in dict.fromkeys(data["adjectives"].split())]
    adjectives = _entries(
        [(a.m_sg, a.f_sg, False) for a in described] + [(a.m_pl, a.f_pl, True) for a in described]
    )
    return GenderLexicon(
        language="fr",
        nouns=_entries(both_numbers([*_pairs(data["nouns"]), *epicene])),
        names=_names(data["names"]),
        adjectives=adjectives,
        with_owner=_entries(both_numbers(_pairs(data["with_owner"]))),
        with_article=_entries(both_numbers(_pairs(data["with_article"]))),
        prenominal=frozenset(
            form for masculine in data["prenominal"].split() for form in adjective(masculine, feminines)
        ),
        no_pair=frozenset(data["no_pair"].split()),
        aspirated=frozenset(data["aspirated"].split()),
    )


def _english(data: Mapping) -> GenderLexicon:
    english = Morphology(plurals=data["plurals"])

    def plural(noun: str) -> str:
        # policewoman → policewomen, grandmother → grandmothers
        ending = next((end for end in ("woman", "man") if noun.endswith(end)), "")
        return data["plurals"].get(noun) or (noun[:-2] + "en" if ending else english.plural(noun))

    nouns = _pairs(data["nouns"])
    forms = [(*pair, False) for pair in [*nouns, *_pairs(data["as_they_are"])]]
    forms += [(plural(masculine), plural(feminine), True) for masculine, feminine in nouns]
    return GenderLexicon(
        language="en",
        nouns=_entries(forms),
        names=_names(data["names"]),
        also_words=frozenset(data["names"]["also_words"].split()),
        no_pair=frozenset(data["no_pair"].split()),
    )


def _pairs(listed: str) -> list[tuple[str, str]]:
    return [tuple(pair.split("/")) for pair in listed.split()]


def _names(data: Mapping) -> Entries:
    paired = zip(data["masculine"].split(), data["feminine"].split(), strict=True)
    return _entries((masculine, feminine, False) for masculine, feminine in paired)


def _entries(forms: Iterable[tuple[str, str, bool]]) -> Entries:
    """Readings by form: heureux is singular and plural, calme is masculine and feminine."""
    found: dict[str, list[Pair]] = {}
    for masculine, feminine, plural in forms:
        if masculine == feminine:
            found.setdefault(masculine.lower(), []).append(Pair(masculine, feminine, None, plural))
            continue
        for form, gender in ((masculine, "m"), (feminine, "f")):
            pair = Pair(masculine, feminine, gender, plural)
            readings = found.setdefault(form.lower(), [])
            if pair not in readings:
                readings.append(pair)
    return {form: tuple(readings) for form, readings in found.items()}
