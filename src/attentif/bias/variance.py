"""Would another template have said the same?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from attentif.bounds import digits, settle
from attentif.errors import InputError
from attentif.language import text


@dataclass(frozen=True)
class TemplateSensitivity:
    """How much the scores of the same words depend on the template that they stand in.

    Args:
        template_share: η², the share of the variance that the templates' means account for, from 0 to 1.
        chance_share: what templates that do nothing account for on average, beside which to read it.
        sign_agreement: the share of the scores that have the sign of their word's mean, from 0 to 1.
        lowest, highest: the smallest and the largest mean of a template, in the unit of the scores.
    """

    template_share: float
    chance_share: float
    sign_agreement: float
    lowest: float
    highest: float

    def __post_init__(self) -> None:
        names = ("template_share", "chance_share", "sign_agreement")
        settle(self, 0, 1, *names)
        for name in names:
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(
                    expected=text(f"{name} from 0 to 1", f"{name} entre 0 et 1"),
                    got=digits(getattr(self, name)),
                    remedy=text("divide by the total", "divisez par le total"),
                )


def checked_table(scores: Sequence[Sequence[float]]) -> np.ndarray:
    """Check a table template × word; it comes back as float64 (templates, words)."""
    try:
        table = np.asarray(scores, dtype=np.float64)
    except (TypeError, ValueError):
        table = np.array(math.nan)
    if table.ndim != 2 or min(table.shape) < 2:
        raise InputError(
            expected=text(
                "a table of at least 2 templates (rows) and 2 words (columns)",
                "un tableau d'au moins 2 gabarits (lignes) et 2 mots (colonnes)",
            ),
            got=text(f"shape {table.shape}", f"des dimensions {table.shape}")
            if table.ndim
            else text("rows of different lengths, or no numbers", "des lignes inégales, ou pas de nombres"),
            remedy=text("score every word in every template", "notez chaque mot dans chaque gabarit"),
        )
    missing = int(np.count_nonzero(~np.isfinite(table)))
    if missing:
        raise InputError(
            expected=text("a finite score for every cell", "un score fini dans chaque case"),
            got=text(f"{missing} missing", f"il en manque {missing}"),
            remedy=text(
                "leave out the words, or the templates, that could not be scored",
                "retirez les mots, ou les gabarits, qui n'ont pas pu être notés",
            ),
        )
    return table


def template_sensitivity(scores: Sequence[Sequence[float]] | Any) -> TemplateSensitivity:
    """Share of the variance by template, and how often all templates say the same sign.

    With T templates (rows), W words (columns), m the mean of all scores and m_t that of template t,

        η² = SS_template / SS_total,     SS_template = W · Σ_t (m_t − m)²,     SS_total = Σ_tw (x_tw − m)²;

    templates without any effect have a share of (T − 1) / (T·W − 1) on average. The sign agreement is the share of
    the T·W scores whose sign is that of their word's mean over the templates. Rounding counts for nothing: a word's mean
    below 10⁻¹² in size is 0, and where all scores are equal, SS_total is 0 too.

    Args:
        scores: (T, W) finite numbers, at least 2 × 2, none missing; 0 means no bias.

    Returns:
        TemplateSensitivity(template_share, chance_share, sign_agreement, lowest, highest); the share is 0 where
        all scores are equal, up to rounding.

    Raises:
        InputError: no such table, a missing or infinite score.

    Source: η²: Fisher 1925, "Statistical Methods for Research Workers", chapter VII; the question: Delobelle et al. 2022,
        "Measuring Fairness with Biased Rulers".

    >>> template_sensitivity([[1.0, 2.0, 3.0], [2.0, 2.0, -1.0]]).sign_agreement.__round__(3)
    0.833
    >>> template_sensitivity([[1.0, 2.0], [3.0, 4.0]])
    TemplateSensitivity(template_share=0.8, chance_share=0.3333333333333333, sign_agreement=1.0, lowest=1.5, highest=3.5)
    """
    table = checked_table(scores)
    n_templates, n_words = table.shape
    by_template = table.mean(axis=1)  # (T,)
    total = np.square(table - table.mean()).sum()
    between = n_words * np.square(by_template - table.mean()).sum()
    # Rounding alone is no variance.
    varies = total > 1e-20 * np.square(table).sum()
    by_word = table.mean(axis=0)  # (W,)
    agree = np.sign(table) == np.sign(np.where(np.abs(by_word) < 1e-12, 0.0, by_word))  # (T, W)
    return TemplateSensitivity(
        template_share=float(min(between / total, 1.0)) if varies else 0.0,
        chance_share=(n_templates - 1) / (table.size - 1),
        sign_agreement=float(agree.mean()),
        lowest=float(by_template.min()),
        highest=float(by_template.max()),
    )
