"""A model's loss against the floor on the same predictions: paired difference, standard error, leak."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from attentif.corpus.floors import Nats
from attentif.corpus.rows import as_array
from attentif.errors import ExplainedError, InputError
from attentif.language import joined, text

LEAK_ERRORS = 3.0
LEAK_EVIDENCE = (
    6.6  # nats: a false alarm has a probability of at most exp(−6.6) = 0.00136, that of three errors
)


class LeakError(ExplainedError):
    """A model beat the best possible one: it saw the answers, or the two were not compared alike."""


@dataclass(frozen=True)
class Comparison:
    """Nats a prediction of model and floor, their difference and its standard error, and the relative excess.

    `excess` is difference / floor and `excess_error` its standard error, NaN for a floor of 0. `evidence`
    is how much likelier the model finds the truth than the floor does: Σ_rows mean (floor − model), in
    nats.
    """

    model: float
    floor: float
    difference: float
    standard_error: float
    evidence: float
    predictions: int
    rows: int

    @property
    def excess(self) -> float:
        return self.difference / self.floor if self.floor > 0 else math.nan

    @property
    def excess_error(self) -> float:
        return self.standard_error / self.floor if self.floor > 0 else math.nan

    @property
    def leak(self) -> bool:
        """Below the floor by more than three standard errors, and by evidence that does not rest on them.

        An overconfident model gains a little almost everywhere and loses much where it is wrong, which a
        sample may miss: then the standard error is far too small. But for an honest model E[q / p] = Σ q =
        1, the truth being drawn from p; so exp(evidence) has a mean of at most 1, and exceeds 1/α with a
        probability of at most α.
        """
        return self.difference < -LEAK_ERRORS * self.standard_error and self.evidence > LEAK_EVIDENCE


def compare(model_nats, floor: Nats, strict: bool = True) -> Comparison:
    """Paired comparison on the same predictions, in the same (row-major) order.

    difference = mean(model − floor); its standard error takes a row's predictions as one cluster, since
    they share a sentence: SE² = R/(R−1) · Σ_r (Σ_{i in r} (d_i − difference))² / M², for M predictions in R
    rows.

    model_nats: (M,) losses in nats. Raises LeakError where the model is significantly below the floor (see
    `Comparison.leak`), unless `strict` is False; InputError when the numbers of predictions differ.

    >>> floor = Nats(np.array([1.0, 2.0, 1.5]), np.array([0, 0, 1]), np.array([1, 2, 1]))
    >>> result = compare([1.25, 2.5, 1.5], floor)
    >>> result.difference, round(result.excess, 4), result.leak
    (0.25, 0.1667, False)
    """
    model = as_array(model_nats).astype(np.float64)
    if model.shape != floor.nats.shape or not len(model) or not np.isfinite(model).all():
        raise InputError(
            expected=text(
                f"{len(floor)} finite losses, at least one, a prediction each",
                f"{len(floor)} pertes finies, au moins une, chacune pour une prédiction",
            ),
            got=joined(
                text(f"shape {model.shape}", f"la forme {model.shape}"),
                ""
                if np.isfinite(model).all()
                else text(" with values that are not finite", " avec des valeurs qui ne sont pas finies"),
            ),
            remedy=text(
                "compute model and floor on the same batches",
                "calculez la perte du modèle et le plancher sur les mêmes lots",
            ),
        )
    difference = model - floor.nats
    mean = float(difference.mean())
    _, cluster = np.unique(floor.row, return_inverse=True)
    counts, sums = np.bincount(cluster), np.bincount(cluster, difference)
    totals = sums - counts * mean
    correction = len(totals) / max(len(totals) - 1, 1)
    error = math.sqrt(correction * float(totals @ totals)) / len(model)
    if len(totals) == 1:
        error = math.inf  # one row says nothing of how rows vary
    evidence = float(-(sums / counts).sum())
    result = Comparison(float(model.mean()), floor.mean, mean, error, evidence, len(model), len(totals))
    if strict and result.leak:
        below = f"{-mean / error if error else math.inf:.1f}"
        raise LeakError(
            expected=text(
                f"a loss of at least the floor of {result.floor:.4f} nats",
                f"une perte au moins égale au plancher de {result.floor:.4f} nats",
            ),
            got=text(
                f"{result.model:.4f} ({below} standard errors below)",
                f"{result.model:.4f} ({below} erreurs types au-dessous)",
            ),
            remedy=text(
                "the model sees what it must predict, or model and floor were given different batches",
                "le modèle voit ce qu'il doit prédire, ou le modèle et le plancher n'ont pas reçu les mêmes lots",
            ),
        )
    return result
