"""The French lexicon of Microcosm: read from TOML, inflected once, kept in frozen records."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources

from attentif.corpus.morphology_fr import (
    AdjectiveForms,
    VerbForms,
    adjective,
    conjugate,
    elides,
    pluralize,
)


@dataclass(frozen=True)
class Noun:
    """A common noun; `plural` is None for a mass noun."""

    singular: str
    plural: str | None
    gender: str
    elides: bool


@dataclass(frozen=True)
class Frame:
    """Verbs that go with every one of the nouns, and adjectives that suit them."""

    verbs: tuple[VerbForms, ...]
    nouns: tuple[Noun, ...]
    adjectives: tuple[AdjectiveForms, ...]


@dataclass(frozen=True)
class Topic:
    """What a document may be about: who acts, what is done to what, where, around which event."""

    name: str
    occupations: tuple[str, ...]
    persons: tuple[AdjectiveForms, ...]
    frames: tuple[Frame, ...]
    places: tuple[Noun, ...]
    events: tuple[Noun, ...]


@dataclass(frozen=True)
class Lexicon:
    """Everything that the grammar draws its words from.

    `phrases[name]` is a list of patterns, each a list of slots, each slot a tuple of interchangeable words.
    `adjectives[name]`, `verbs[name]` and `words[name]` are the closed lists of the grammar.
    """

    planted: Mapping[str, float]
    topics: tuple[Topic, ...]
    adjectives: Mapping[str, tuple[AdjectiveForms, ...]]
    verbs: Mapping[str, tuple[VerbForms, ...]]
    words: Mapping[str, tuple[str, ...]]
    phrases: Mapping[str, tuple[tuple[tuple[str, ...], ...], ...]]
    templates: tuple[str, ...]
    aspirated: frozenset[str]


def load_lexicon(size: str) -> Lexicon:
    """The lexicon of a size, "small" or "full", from the TOML file shipped with the package."""
    source = resources.files("attentif.corpus") / "lexicon" / f"fr_{size}.toml"
    return read_lexicon(source.read_text(encoding="utf-8"))


def read_lexicon(text: str) -> Lexicon:
    """The lexicon written in TOML: see the comments at the top of lexicon/fr_small.toml."""
    data = tomllib.loads(text)
    reader = _Reader(data)
    return Lexicon(
        planted={
            occupation: float(log_odds)
            for log_odds, occupations in data["planted"].items()
            for occupation in occupations.split()
        },
        topics=tuple(reader.topic(name, entry) for name, entry in data["topics"].items()),
        adjectives={name: reader.adjectives(forms) for name, forms in data["adjectives"].items()},
        verbs={name: reader.verbs(forms) for name, forms in data["verbs"].items()},
        words={name: tuple(forms.split()) for name, forms in data["words"].items()},
        phrases={
            name: tuple(tuple(tuple(slot.split()) for slot in pattern) for pattern in patterns)
            for name, patterns in data["phrases"].items()
        },
        templates=tuple(data["templates"]),
        aspirated=reader.aspirated,
    )


class _Reader:
    """Inflects the entries of one file with the exceptions that the file lists."""

    def __init__(self, data: Mapping):
        self.aspirated = frozenset(data.get("aspirated", "").split())
        self.irregular_verbs = data.get("irregular_verbs", {})
        self.irregular_adjectives = data.get("irregular_adjectives", {})
        self.irregular_plurals = data.get("irregular_plurals", {})

    def topic(self, name: str, entry: Mapping) -> Topic:
        return Topic(
            name=name,
            occupations=tuple(entry["occupations"].split()),
            persons=tuple(self.person(pair) for pair in entry.get("persons", "").split()),
            frames=tuple(self.frame(frame) for frame in entry["frames"]),
            places=self.nouns(entry["places"]),
            events=self.nouns(entry["events"]),
        )

    def frame(self, entry: Mapping) -> Frame:
        return Frame(
            self.verbs(entry["verbs"]), self.nouns(entry), self.adjectives(entry.get("adjectives", ""))
        )

    def nouns(self, entry: Mapping) -> tuple[Noun, ...]:
        """Masculine nouns under `m`, feminine under `f`; a final minus marks a mass noun."""
        return tuple(self.noun(form, gender) for gender in "mf" for form in entry.get(gender, "").split())

    def noun(self, form: str, gender: str) -> Noun:
        singular = form.rstrip("-")
        plural = None if form != singular else self.irregular_plurals.get(singular, pluralize(singular))
        return Noun(singular, plural, gender, elides(singular, self.aspirated))

    def person(self, pair: str) -> AdjectiveForms:
        """A noun of person with two forms, written masculine/feminine."""
        masculine, feminine = pair.split("/")
        return AdjectiveForms(masculine, feminine, pluralize(masculine), pluralize(feminine))

    def verbs(self, forms: str) -> tuple[VerbForms, ...]:
        return tuple(conjugate(form, self.irregular_verbs) for form in forms.split())

    def adjectives(self, forms: str) -> tuple[AdjectiveForms, ...]:
        return tuple(adjective(form, self.irregular_adjectives) for form in forms.split())


def by_gender(nouns: Iterable[Noun], gender: str, elided: bool | None = None) -> list[Noun]:
    """The nouns of a gender, only those that elide (or do not) when asked."""
    return [n for n in nouns if n.gender == gender and elided in (None, n.elides)]
