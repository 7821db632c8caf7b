"""The 80/10/10 corruption of masked language models, as evidence about the true word.

With V′ words that may be drawn as replacements, a visible word v is evidence keep·1[w = v] + background
for the true word w. Source: Devlin et al. 2019, BERT, section 3.1.
"""

from __future__ import annotations

from dataclasses import dataclass

from attentif.errors import InputError
from attentif.language import text


@dataclass(frozen=True)
class Corruption:
    """How a row was corrupted: each word selected with `probability`, then masked, replaced or kept.

    >>> Corruption().visible(10), Corruption().selected(10)
    ((0.865, 0.0015), (0.1, 0.01))
    """

    probability: float = 0.15
    mask: float = 0.8
    random: float = 0.1
    keep: float = 0.1

    def __post_init__(self) -> None:
        shares = (self.mask, self.random, self.keep)
        if not 0 < self.probability < 1 or min(shares) < 0 or abs(sum(shares) - 1) > 1e-9:
            raise InputError(
                expected=text(
                    "0 < probability < 1 and shares of mask, random and keep that sum to 1",
                    "0 < probability < 1 et des parts mask, random et keep dont la somme est 1",
                ),
                got=text(f"{self.probability:g} and {shares}", f"{self.probability:g} et {shares}"),
                remedy=text(
                    "BERT's are 0.15 and 0.8, 0.1, 0.1", "celles de BERT sont 0,15 et 0,8 ; 0,1 ; 0,1"
                ),
            )

    def visible(self, n_words: int) -> tuple[float, float]:
        """(keep, background) weights of a visible word not known to be selected."""
        return 1.0 - self.probability * (1.0 - self.keep), self.probability * self.random / n_words

    def selected(self, n_words: int) -> tuple[float, float]:
        """(keep, background) weights of a visible word that was selected."""
        return self.keep, self.random / n_words
