"""The English lexicon of Microcosm: read from TOML, kept in frozen records that the grammar inflects.

Lists are in order of frequency: the i-th word of a list weighs (i + 1)^(−s), a mild Zipf law.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from attentif.corpus.morphology_en import Morphology

Weights = Mapping[str, float]

P_SINGULAR = 0.6  # of the mentions of a noun that has both numbers


@dataclass(frozen=True)
class Nouns:
    """Nouns as a noun phrase needs them: weighted forms, by the determiners that may precede them."""

    any_number: Weights  # after "the" or a possessive
    singular: Weights  # countable, after "this", "a" or "an"
    plural: Weights  # after "these" or "two"


@dataclass(frozen=True, eq=False)
class Frame:
    """Verbs that go with every one of the nouns, adjectives that suit them all.

    `prepositions` and `targets` make a complement of place or means that suits every verb: "on the shelf".
    `before_targets` is "the", "nothing" or "the or possessive".
    """

    verbs: Weights
    nouns: Nouns
    adjectives: Weights
    prepositions: Weights
    targets: Weights
    before_targets: str


@dataclass(frozen=True)
class Topic:
    """What a document may be about: who acts, what is done to what, where, around which event."""

    name: str
    occupations: Weights
    frames: tuple[Frame, ...]
    places: Weights  # after "in the"
    spots: Weights  # after "near the"
    events: Weights  # after "before the"


@dataclass(frozen=True)
class Lexicon:
    """Everything that the grammar draws its words from; `words[name]` are the lists shared by all topics."""

    planted: Mapping[str, float]
    topics: tuple[Topic, ...]
    words: Mapping[str, Weights]
    morphology: Morphology
    tenses: Weights
    templates: tuple[str, ...]


def load_lexicon(size: str) -> Lexicon:
    """The lexicon of a size, "small" or "full", from the TOML file shipped with the package."""
    source = resources.files("attentif.corpus").joinpath("lexicon", f"en_{size}.toml")
    return read_lexicon(source.read_text(encoding="utf-8"))


def read_lexicon(text: str) -> Lexicon:
    """The lexicon written in TOML: see the comments at the top of lexicon/en_small.toml."""
    data = tomllib.loads(text)
    reader = _Reader(data)
    return Lexicon(
        planted={name: float(log_odds) for name, log_odds in data["planted"].items()},
        topics=tuple(reader.topic(name, entry) for name, entry in data["topics"].items()),
        words={name: reader.weights(forms) for name, forms in data["words"].items()},
        morphology=reader.morphology,
        tenses=data["tenses"],
        templates=tuple(data["templates"]),
    )


class _Reader:
    """Turns the lists of one file into weighted forms, with the exceptions that the file names."""

    def __init__(self, data: Mapping):
        spelling = data.get("spelling", {})
        self.exponent = float(data["zipf_exponent"])
        self.mass = frozenset(spelling.get("mass", "").split())
        self.morphology = Morphology(
            plurals=spelling.get("plurals", {}),
            pasts=spelling.get("pasts", {}),
            doubling=frozenset(spelling.get("doubling", "").split()),
            articles=spelling.get("articles", {}),
        )

    def weights(self, forms: str) -> Weights:
        """The words of a list, split at spaces ("_" stands for a space inside one), with Zipf weights."""
        words = [form.replace("_", " ") for form in forms.split()]
        return {form: (rank + 1.0) ** -self.exponent for rank, form in enumerate(words)}

    def topic(self, name: str, entry: Mapping) -> Topic:
        return Topic(
            name=name,
            occupations=dict.fromkeys(entry["occupations"].split(), 1.0),
            frames=tuple(self.frame(frame) for frame in entry["frames"]),
            places=self.weights(entry["places"]),
            spots=self.weights(entry["spots"]),
            events=self.weights(entry["events"]),
        )

    def frame(self, entry: Mapping) -> Frame:
        return Frame(
            verbs=self.weights(entry["verbs"]),
            nouns=self.nouns(entry["nouns"]),
            adjectives=self.weights(entry["adjectives"]),
            prepositions=self.weights(entry["prepositions"]),
            targets=self.weights(entry["targets"]),
            before_targets=entry.get("before_targets", "the"),
        )

    def nouns(self, forms: str) -> Nouns:
        lemmas = self.weights(forms)
        singular = {noun: weight for noun, weight in lemmas.items() if noun not in self.mass}
        plural = {self.morphology.plural(noun): weight for noun, weight in singular.items()}
        uncountable = {noun: weight for noun, weight in lemmas.items() if noun in self.mass}
        either = add(scale(singular, P_SINGULAR), scale(plural, 1 - P_SINGULAR), uncountable)
        return Nouns(any_number=either, singular=singular, plural=plural)


def scale(weights: Weights, factor: float) -> Weights:
    """Every weight times the factor."""
    return {form: weight * factor for form, weight in weights.items()}


def add(*several: Weights) -> Weights:
    """The sums of the weights of equal forms.

    >>> add({"sheep": 0.5, "cow": 1.0}, {"sheep": 0.5})
    {'sheep': 1.0, 'cow': 1.0}
    """
    result: dict[str, float] = {}
    for weights in several:
        for form, weight in weights.items():
            result[form] = result.get(form, 0.0) + weight
    return result
