"""Rescue parts for notebook 2: scores of a masked model, and their statistics."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attentif.judged import offer


def log_probability_bias(
    model: nn.Module, tokenizer: Any, template: str, first: str, second: str, attribute: str
) -> Any:
    """A simpler measure: the two words in the target's place, without a prior to subtract."""
    offer("log_probability_bias")
    from attentif.bias import association  # that package needs the checks, and they need this module

    scorer = association.MaskedScorer(model, tokenizer)
    nats = []
    for word in (first, second):
        filled = association.fill_template(scorer, template, word, attribute)
        question = scorer.masked(filled.ids, (filled.target,))
        (answer,) = scorer.log_probabilities([question], [(filled.target,)])
        nats.append(float(answer[filled.ids[filled.target]]))
    return association.AssociationScore(nats[0] - nats[1], 0.0, nats[0] - nats[1])


def pseudo_log_likelihood(
    model: nn.Module,
    tokenizer: Any,
    sentences: Sequence[str],
    within_word: bool = False,
    batch_size: int = 64,
) -> np.ndarray:
    """A simpler score: nothing is masked, each token is read where it stands written."""
    offer("pseudo_log_likelihood")
    from attentif.bias.scorer import MaskedScorer

    scorer = MaskedScorer(model, tokenizer)
    totals = []
    for said in map(scorer.encode, sentences):
        written = torch.tensor([said.ids[place] for place in said.positions])
        table = scorer.log_probabilities([said.ids], [said.positions]).cpu()
        totals.append(float(table.gather(1, written[:, None]).sum()))
    return np.array(totals)


def cluster_bootstrap(
    values: Sequence[float],
    groups: Sequence[Any],
    n_resamples: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> Any:
    """A simpler interval, without draws: normal, from the spread of the groups' means, which all count alike."""
    offer("cluster_bootstrap")
    from attentif.bias.statistics import Interval, coded_groups

    array, codes = coded_groups(values, groups, n_resamples, level)
    of_groups = torch.tensor([array[codes == code].mean() for code in range(codes.max() + 1)])
    middle, error = float(array.mean()), float(of_groups.std()) / math.sqrt(len(of_groups))
    normal = torch.distributions.Normal(middle, error + 1e-12)
    low, high = (float(normal.icdf(torch.tensor(0.5 + side * level / 2))) for side in (-1, 1))
    return Interval(middle, low, high, len(of_groups), float(len(of_groups)))


def calibration(planted: Sequence[float], measured: Sequence[float]) -> Any:
    """torch's own least squares, correlation and mean square error; nothing is claimed to be detected."""
    offer("calibration")
    from attentif.bias.statistics import Calibration, paired_numbers

    true, said = (torch.from_numpy(numbers) for numbers in paired_numbers(planted, measured))
    design = torch.nn.functional.pad(true[:, None], (0, 1), value=1.0)  # (N, 2)
    slope, intercept = torch.linalg.lstsq(design, said[:, None]).solution[:, 0].tolist()
    r = torch.corrcoef(torch.stack((true, said)))[0, 1].nan_to_num().item()
    return Calibration(slope, intercept, r, F.mse_loss(said, true).sqrt().item(), math.inf)


def contextual_embeddings(
    model: nn.Module,
    tokenizer: Any,
    sentences: Sequence[str],
    words: str | Sequence[str],
    batch_size: int = 32,
) -> Tensor:
    """A simpler reading, one sentence at a time: a word cut in pieces counts by its last one."""
    offer("contextual_embeddings")
    from attentif.limits import inside, representations

    scorer = representations.MaskedScorer(model, tokenizer)
    found = representations.find_words(scorer, sentences, words)
    columns = [inside.hidden_states(scorer, [ids])[:, :, max(places)] for ids, places in found]
    return torch.cat(columns, dim=1)
