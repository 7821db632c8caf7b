"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from attentif_grading.exercises import variant


@variant
def sequential_cuts(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    """The usual order of the steps in the vocabulary itself, with scatter."""
    if temperature < 0.0:
        raise ValueError("temperature must not be negative")
    if top_k is not None and top_k <= 0:
        raise ValueError("top_k must be positive")
    if top_p is not None and (top_p <= 0.0 or top_p > 1.0):
        raise ValueError("top_p must be in (0, 1]")
    if temperature == 0.0:
        return torch.argmax(logits, dim=-1)
    scores = logits / temperature
    if top_k is not None:
        values, places = torch.topk(scores, min(top_k, scores.shape[-1]), dim=-1)
        scores = torch.full_like(scores, float("-inf")).scatter_(-1, places, values)
    if top_p is not None:
        ranked, places = torch.sort(scores, descending=True, dim=-1)
        removed = F.softmax(ranked, dim=-1).cumsum(-1) > top_p
        # One place further, so that the token that crosses p stays.
        removed[..., 1:] = removed[..., :-1].clone()
        removed[..., 0] = False
        scores = scores.masked_fill(removed.scatter(-1, places, removed), float("-inf"))
    probabilities = F.softmax(scores, dim=-1)
    return torch.multinomial(probabilities, num_samples=1, generator=generator)[:, 0]


@variant
def gumbel_noise(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    """The greatest of logits plus Gumbel noise is a draw from their softmax."""
    if temperature < 0:
        raise ValueError(f"temperature={temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k={top_k}")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError(f"top_p={top_p}")
    # A tiny temperature in double precision leaves the best token alone; equal ones do not matter.
    scores = logits.double() / max(temperature, 1e-12)
    ranks = scores.argsort(dim=-1, descending=True).argsort(dim=-1)
    if top_k is not None:
        scores = scores.where(ranks < top_k, -torch.inf)
    if top_p is not None:
        shares = scores.softmax(-1)
        better = shares[:, None, :] * (ranks[:, None, :] < ranks[:, :, None])  # (B, V, V)
        scores = scores.where(better.sum(-1) < top_p, -torch.inf)
    noise = torch.rand(scores.shape, generator=generator, dtype=torch.float64)
    return (scores - (-noise.log()).log()).argmax(-1)


@variant
def inverse_distribution(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    """One uniform number a row, looked up in the running sum of the probabilities."""
    bad = [
        name
        for name, wrong in (
            ("temperature", temperature < 0),
            ("top_k", top_k is not None and top_k < 1),
            ("top_p", top_p is not None and not 0 < top_p <= 1),
        )
        if wrong
    ]
    if bad:
        raise ValueError(f"{', '.join(bad)} out of range")
    if temperature == 0:
        return logits.max(-1).indices
    ranked, tokens = (logits.double() / temperature).sort(-1, descending=True)
    shares = ranked[:, :top_k].softmax(-1)
    sums = shares.cumsum(-1)
    if top_p is not None:
        n_kept = (sums < top_p).sum(-1, keepdim=True) + 1
        n_kept = n_kept.clamp(max=shares.size(-1))
        sums = sums.where(torch.arange(shares.size(-1)) < n_kept, sums.gather(-1, n_kept - 1))
    target = sums[:, -1:] * torch.rand(len(sums), 1, generator=generator, dtype=torch.float64)
    return tokens.gather(-1, torch.searchsorted(sums, target, right=True)).flatten()


@variant
def row_by_row(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    """One row after the other; equal rows are cut once."""
    if not temperature >= 0:
        raise ValueError("temperature below 0")
    if top_k is not None and not top_k >= 1:
        raise ValueError("top_k below 1")
    if top_p is not None and not (0 < top_p <= 1):
        raise ValueError("top_p outside (0, 1]")
    drawn = torch.empty(len(logits), dtype=torch.long)
    kinds, kind_of_row = logits.unique(dim=0, return_inverse=True)
    for number, row in enumerate(kinds):
        places = (kind_of_row == number).nonzero()[:, 0]
        if temperature == 0:
            drawn[places] = row.argmax()
            continue
        kept = row.argsort(descending=True)[: top_k or len(row)]
        shares = torch.exp((row[kept] - row[kept[0]]) / temperature)
        shares /= shares.sum()
        if top_p is not None:
            total, n_kept = 0.0, 0
            while total < top_p and n_kept < len(shares):
                total += float(shares[n_kept])
                n_kept += 1
            kept, shares = kept[:n_kept], shares[:n_kept]
        drawn[places] = kept[torch.multinomial(shares, len(places), replacement=True, generator=generator)]
    return drawn
