"""A Microcosm world: the latents of a sentence, how a document moves between them, and the planted bias.

A sentence has four latents: the topic of its document, the gender and number of its subject, and whether the
subject is new (a noun or a name) or continued from the sentence before (a pronoun). Given its latents, a
sentence is drawn from one grammar expression. The gender bias is planted in log-odds, occupation by
occupation:

    P(feminine | occupation) = sigmoid(planted[occupation])
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np

from attentif.corpus.grammar import Expr, words_of
from attentif.errors import InputError
from attentif.language import text


@dataclass(frozen=True)
class Latent:
    """What a sentence is about and who acts in it."""

    topic: str
    gender: Literal["m", "f"]
    number: Literal["sg", "pl"]
    subject: Literal["new", "continued"]


class LatentChain(NamedTuple):
    """The latents (Z of them), P(latent) of a first sentence (Z,), P(next latent | latent) (Z, Z)."""

    latents: tuple[Latent, ...]
    first_prior: np.ndarray
    transition: np.ndarray


@dataclass(frozen=True, eq=False)
class World:
    """Everything that defines the language: latents, their chain, one expression a latent, the planted bias.

    Arguments: `first_prior` (Z,) and `transition` (Z, Z) are float64 probabilities; `expressions[z]` is the
    sentence given latent z, whose last token is punctuation; `planted` is log P(f | occupation) / P(m |
    occupation) in nats; `pronouns` are (masculine, feminine); each template holds `{occupation}` and
    `[MASK]`, and nothing else in it reveals the gender. Raises InputError when shapes disagree or
    probabilities do not sum to 1.
    """

    language: Literal["fr", "en"]
    size: Literal["small", "full"]
    latents: tuple[Latent, ...]
    first_prior: np.ndarray
    transition: np.ndarray
    expressions: tuple[Expr, ...]
    planted: Mapping[str, float]
    pronouns: tuple[str, str]
    templates: tuple[str, ...]
    sentences_per_document: int = 8

    def __post_init__(self) -> None:
        count = len(self.latents)
        shapes = (len(self.expressions), np.shape(self.first_prior), np.shape(self.transition))
        if count == 0 or shapes != (count, (count,), (count, count)):
            raise InputError(
                expected=text(
                    f"{count or 1} expressions, a prior and a square transition of that many latents",
                    f"{count or 1} expressions, une loi initiale et une transition carrée sur autant d'états latents",
                ),
                got=text(
                    f"{shapes[0]}, {shapes[1]} and {shapes[2]}", f"{shapes[0]}, {shapes[1]} et {shapes[2]}"
                ),
                remedy=text("give one of each per latent", "donnez un élément de chaque par état latent"),
            )
        _check_distributions("first_prior", self.first_prior)
        _check_distributions("transition", self.transition)
        if self.sentences_per_document < 2:
            raise InputError(
                expected="sentences_per_document >= 2",
                got=str(self.sentences_per_document),
                remedy=text(
                    "a sentence pair needs two sentences", "une paire de phrases demande deux phrases"
                ),
            )

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """All forms of its words, in alphabetical order."""
        return tuple(sorted({form for word in words_of(self.expressions) for form, _ in word.forms}))

    def latent_prior(self, last: bool = True) -> np.ndarray:
        """P(latent) (Z,) of any sentence of a document, or of any but the last one if not `last`."""
        count = self.sentences_per_document - (not last)
        current, total = np.asarray(self.first_prior), np.zeros(len(self.latents))
        for _ in range(count):
            total = total + current
            current = current @ self.transition
        return total / count


def _check_distributions(name: str, probabilities: np.ndarray) -> None:
    totals = np.sum(probabilities, axis=-1)
    if not np.all(np.asarray(probabilities) >= 0) or not np.allclose(totals, 1.0, rtol=0, atol=1e-9):
        raise InputError(
            expected=text(
                f"{name} with non-negative rows that sum to 1",
                f"{name} avec des lignes positives ou nulles, de somme 1",
            ),
            got=text(
                f"sums from {np.min(totals):.6g} to {np.max(totals):.6g}",
                f"des sommes de {np.min(totals):.6g} à {np.max(totals):.6g}",
            ),
            remedy=text("divide each row by its sum", "divisez chaque ligne par sa somme"),
        )


def sigmoid(log_odds: float) -> float:
    """P from log-odds: 1 / (1 + exp(−x)).

    >>> round(sigmoid(1.0), 4)
    0.7311
    """
    return 1.0 / (1.0 + math.exp(-log_odds))


def plant(default: Mapping[str, float], bias: float | Mapping[str, float] = 1.0) -> dict[str, float]:
    """The log-odds of every occupation: the default ones times a number, or those of a mapping (0 elsewhere).

    >>> plant({"guide": 0.5, "juge": -1.0}, 2.0), plant({"guide": 0.5, "juge": -1.0}, {"guide": 0.25})
    ({'guide': 1.0, 'juge': -2.0}, {'guide': 0.25, 'juge': 0.0})
    """
    if not isinstance(bias, Mapping):
        return {occupation: log_odds * float(bias) for occupation, log_odds in default.items()}
    unknown = sorted(set(bias) - set(default))
    if unknown:
        raise InputError(
            expected=text(
                f"occupations among {', '.join(sorted(default)[:8])}…",
                f"des métiers parmi {', '.join(sorted(default)[:8])}…",
            ),
            got=", ".join(unknown),
            remedy=text("name occupations of this world", "nommez des métiers de ce monde"),
        )
    return {occupation: float(bias.get(occupation, 0.0)) for occupation in default}


def p_feminine(share: Mapping[str, float], planted: Mapping[str, float]) -> float:
    """P(f | topic) = Σ_occ P(occ | topic) · sigmoid(planted[occ]); `share` is P(occ | topic), any scale.

    >>> p_feminine({"guide": 3, "juge": 1}, {"guide": 0.0, "juge": 0.0})
    0.5
    """
    total = sum(share.values())
    return sum(weight / total * sigmoid(planted[occupation]) for occupation, weight in share.items())


def occupation_weights(
    share: Mapping[str, float], planted: Mapping[str, float], gender: Literal["m", "f"]
) -> dict[str, float]:
    """P(occ | topic, gender) = P(occ | topic) · P(gender | occ) / P(gender | topic).

    Used with `p_feminine` for P(gender | topic), this makes P(f | occ) = sigmoid(planted[occ]) exactly.

    >>> occupation_weights({"guide": 1, "juge": 1}, {"guide": 0.0, "juge": 0.0}, "f")
    {'guide': 0.5, 'juge': 0.5}
    """
    sign = 1.0 if gender == "f" else -1.0
    joint = {occupation: weight * sigmoid(sign * planted[occupation]) for occupation, weight in share.items()}
    total = sum(joint.values())
    return {occupation: weight / total for occupation, weight in joint.items()}


def make_latent_chain(
    topics: Sequence[str] | Mapping[str, float],
    p_feminine_given_topic: Mapping[str, float],
    p_plural: float = 0.3,
    p_continued: float = 0.6,
) -> LatentChain:
    """The latents of all topics and their chain; expressions must follow the order of the latents.

    The topic is drawn once and fixed in a document (equal weights for a list). The first subject is new.
    After that the subject is continued with `p_continued`, gender and number copied, else new with gender
    and number redrawn from P(gender | topic) · P(number). So the gender's distribution is the same at every
    position.

    >>> chain = make_latent_chain(["port", "jardin", "gare"], {"port": 0.4, "jardin": 0.5, "gare": 0.7})
    >>> len(chain.latents), chain.transition.shape, round(float(chain.first_prior.sum()), 9)
    (24, (24, 24), 1.0)
    """
    weights = dict(topics) if isinstance(topics, Mapping) else dict.fromkeys(topics, 1.0)
    total = sum(weights.values())
    latents = tuple(
        Latent(topic, gender, number, subject)
        for topic in weights
        for gender in ("m", "f")
        for number in ("sg", "pl")
        for subject in ("new", "continued")
    )
    fresh = np.array([_p_new_subject(latent, p_feminine_given_topic, p_plural) for latent in latents])
    first_prior = np.array([weights[latent.topic] / total for latent in latents]) * fresh
    transition = np.zeros((len(latents), len(latents)))
    for row, current in enumerate(latents):
        for column, following in enumerate(latents):
            if following.topic != current.topic:
                continue
            transition[row, column] = (1.0 - p_continued) * fresh[column]
            same_actor = (current.gender, current.number) == (following.gender, following.number)
            if same_actor and following.subject == "continued":
                transition[row, column] = p_continued
    return LatentChain(latents, first_prior, transition)


def _p_new_subject(latent: Latent, p_feminine_given_topic: Mapping[str, float], p_plural: float) -> float:
    """P(gender | topic) · P(number) for a new subject, 0 for a continued one."""
    if latent.subject == "continued":
        return 0.0
    feminine = p_feminine_given_topic[latent.topic]
    p_gender = feminine if latent.gender == "f" else 1.0 - feminine
    return p_gender * (p_plural if latent.number == "pl" else 1.0 - p_plural)
