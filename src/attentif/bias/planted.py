"""What each metric says of the biases planted in a Microcosm, on the scale on which they were planted.

The conversions are fixed here, by what each metric adds up, before any model is measured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import nn

from attentif.bias.association import log_probability_bias
from attentif.bias.likelihood import pseudo_log_likelihood
from attentif.bias.material import slots
from attentif.bias.pair_scores import pair_scores
from attentif.corpus.microcosm import Microcosm
from attentif.language import Text, text

Measured = dict[tuple[str, str], float]  # (occupation, template) → nats of log-odds, feminine over masculine


@dataclass(frozen=True)
class PlantedMetric:
    """A metric of the log-odds of the feminine over the masculine pronoun, given an occupation.

    Args:
        name: in both languages.
        conversion: why its numbers are on the planted scale, in both languages.
        measure: called with (model, tokenizer, microcosm), gives a number for each occupation and template.
    """

    name: Text
    conversion: Text
    measure: Callable[[nn.Module, Any, Microcosm], Measured]


def _cells(microcosm: Microcosm) -> list[tuple[str, str]]:
    return [(occupation, template) for occupation in microcosm.planted for template in microcosm.templates]


def pairs_of(microcosm: Microcosm) -> list[tuple[str, str]]:
    """For each occupation and template the sentence with the feminine and with the masculine pronoun."""
    masculine, feminine = microcosm.pronouns
    written = [template.format(occupation=occupation) for occupation, template in _cells(microcosm)]
    return [tuple(each.replace("[MASK]", word) for word in (feminine, masculine)) for each in written]


def _at_the_mask(field: str) -> Callable[[nn.Module, Any, Microcosm], Measured]:
    def measure(model: nn.Module, tokenizer: Any, microcosm: Microcosm) -> Measured:
        masculine, feminine = microcosm.pronouns
        return {
            (occupation, template): getattr(
                log_probability_bias(model, tokenizer, slots(template), feminine, masculine, occupation),
                field,
            )
            for occupation, template in _cells(microcosm)
        }

    return measure


def _of_pairs(kind: str) -> Callable[[nn.Module, Any, Microcosm], Measured]:
    def measure(model: nn.Module, tokenizer: Any, microcosm: Microcosm) -> Measured:
        pairs = pairs_of(microcosm)
        scores = pair_scores(model, tokenizer, pairs, kind)
        differences = scores[:, 0] - scores[:, 1]
        if kind == "aul":  # a mean over the tokens: the sum counts the association from both of its ends
            lengths = np.array([len(tokenizer.encode(pair[0])) for pair in pairs])
            differences = differences * lengths / 2
        return dict(zip(_cells(microcosm), differences.tolist(), strict=True))

    return measure


def _whole_sentence(model: nn.Module, tokenizer: Any, microcosm: Microcosm) -> Measured:
    sentences = [sentence for pair in pairs_of(microcosm) for sentence in pair]
    scores = pseudo_log_likelihood(model, tokenizer, sentences).reshape(-1, 2)
    return dict(zip(_cells(microcosm), ((scores[:, 0] - scores[:, 1]) / 2).tolist(), strict=True))


_ODDS = text("log-odds as they stand", "une log-cote, telle quelle")
_BAYES = text(
    "by Bayes, ln P(occupation | feminine) − ln P(occupation | masculine) is the log-odds less a constant",
    "par Bayes, ln P(métier | féminin) − ln P(métier | masculin) est la log-cote, à une constante près",
)
_HALF = text(
    "half: the association is counted once at the pronoun and once at the occupation",
    "la moitié : l'association compte une fois au pronom et une fois au métier",
)

METRICS: Mapping[str, PlantedMetric] = {
    "log_probability": PlantedMetric(
        text("log-probability, prior removed", "log-probabilité, a priori retiré"),
        _ODDS,
        _at_the_mask("corrected"),
    ),
    "log_odds": PlantedMetric(text("log-odds at the mask", "log-cote au masque"), _ODDS, _at_the_mask("raw")),
    "pair_unmodified": PlantedMetric(
        text("pairs, shared tokens (CrowS-Pairs)", "paires, jetons communs (CrowS-Pairs)"),
        _BAYES,
        _of_pairs("unmodified"),
    ),
    "pair_modified": PlantedMetric(
        text("pairs, changed token", "paires, jeton changé"), _ODDS, _of_pairs("modified")
    ),
    "pseudo_log_likelihood": PlantedMetric(
        text("pseudo-log-likelihood", "pseudo-log-vraisemblance"), _HALF, _whole_sentence
    ),
    "aul": PlantedMetric(
        text("all tokens, nothing masked (AUL)", "tous les jetons, rien de masqué (AUL)"),
        _HALF,
        _of_pairs("aul"),
    ),
}
