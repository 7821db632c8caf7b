"""Decoding: from the probabilities of the next token to a text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from attentif.errors import InputError


def sample_next_token(
    logits: Tensor,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Draw one token a row, after sharpening and cutting the distribution.

    P(token) = softmax(logits / temperature), cut by top-k, then by top-p on what top-k left (its sum brought
    back to 1), then brought back to 1 again; the rows are drawn independently. Temperature 0 is greedy: the
    most probable token.

    Args:
        logits: (B, V), of any floating dtype.
        temperature: divides the logits; below 1 sharpens, above 1 flattens.
        top_k: keep the k most probable tokens: exactly k, even if several are equal at the limit; all when
            None or above V.
        top_p: keep the smallest set of most probable tokens whose probability reaches p; the token that
            crosses p is kept, so at least one always is.
        generator: source of randomness, on the device of the logits; torch's global one when absent.

    Returns:
        int64 (B,).

    Raises:
        InputError: a negative temperature, top_k below 1, or top_p outside (0, 1].

    Source: top-k: Fan et al. 2018, §5.4; top-p (nucleus): Holtzman et al. 2020, §3.1.

    >>> sample_next_token(torch.tensor([[0.0, 3.0, 1.0], [2.0, 0.0, 1.0]]), temperature=0).tolist()
    [1, 0]
    """
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and not 0 < top_p <= 1):
        raise InputError(
            expected="temperature >= 0, top_k >= 1 and 0 < top_p <= 1",
            got=f"temperature={temperature}, top_k={top_k}, top_p={top_p}",
            remedy="temperature=0 is greedy decoding; None leaves top_k and top_p out",
        )
    if temperature == 0:
        return logits.argmax(dim=-1)
    # In half precision a sum over thousands of probabilities loses the small ones.
    logits = logits.to(torch.promote_types(logits.dtype, torch.float32)) / temperature
    # One ranking serves both cuts, and breaks ties the same way: exactly k tokens are kept.
    ranked, order = logits.sort(dim=-1, descending=True, stable=True)  # (B, V)
    if top_k is not None:
        ranked[:, top_k:] = -torch.inf
    if top_p is not None:
        probabilities = ranked.softmax(dim=-1)
        before = probabilities.cumsum(dim=-1) - probabilities  # what the better tokens already hold
        ranked = ranked.masked_fill(before >= top_p, -torch.inf)
    drawn = torch.multinomial(ranked.softmax(dim=-1), 1, generator=generator)  # (B, 1)
    return order.gather(-1, drawn).squeeze(-1)


@torch.no_grad()
def generate(
    model: nn.Module,
    token_ids: Tensor,
    max_new_tokens: int,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    eos_id: int | None = None,
    generator: torch.Generator | None = None,
    sample: Callable[..., Tensor] = sample_next_token,
) -> Tensor:
    """Continue each row, one token after the other.

    Each new token is drawn by `sample` from the logits at the last position. The model answers in
    evaluation mode, without gradients, and is left in the mode in which it came. A text longer than the
    model's context (model.config.max_length) goes on with its last tokens as the context.

    Args:
        model: a causal model, called on int64 (B, T) and giving logits (B, T, V).
        token_ids: int64 (B, T), the beginnings, T at least 1, without padding.
        max_new_tokens: how many tokens to add at most; 0 gives the beginnings back.
        temperature, top_k, top_p, generator: see `sample_next_token`.
        eos_id: a row that has drawn it is finished and repeats it (in a beginning it finishes nothing); None:
            rows never finish.
        sample: how a token is drawn, called as sample(logits, temperature, top_k, top_p, generator).

    Returns:
        int64 (B, T + new), the beginnings included; new is max_new_tokens, or fewer: it ends with the
        token that finishes the last of the rows.

    >>> from attentif.checks.causal_models import causal_model
    >>> model = causal_model(vocab_size=11, seed=1)
    >>> generate(model, torch.ones(2, 3, dtype=torch.long), max_new_tokens=4).shape
    torch.Size([2, 7])
    """
    context = model.config.max_length if hasattr(model, "config") else None
    was_training = model.training
    model.eval()
    try:
        finished = torch.zeros(token_ids.size(0), dtype=torch.bool, device=token_ids.device)
        for _ in range(max_new_tokens):
            window = token_ids if context is None else token_ids[:, -context:]
            drawn = sample(model(window)[:, -1], temperature, top_k, top_p, generator)  # (B,)
            if eos_id is not None:
                drawn = torch.where(finished, eos_id, drawn)
                finished = finished | (drawn == eos_id)
            token_ids = torch.cat([token_ids, drawn[:, None]], dim=1)
            if eos_id is not None and finished.all():
                break
    finally:
        model.train(was_training)
    return token_ids


@dataclass(frozen=True)
class Beam:
    """One continuation, what it is worth, and the score that ranks it."""

    token_ids: list[int]
    log_probability: float
    score: float


@torch.no_grad()
def beam_search(
    model: nn.Module,
    token_ids: Tensor,
    max_new_tokens: int,
    n_beams: int = 4,
    alpha: float = 0.6,
    eos_id: int | None = None,
) -> list[Beam]:
    """Keep the n best continuations at every step, and rank them per length.

    score(x) = Σ_t log P(x_t | x_<t) / |x|^α, the sum and the length |x| over the new tokens only.

    The search starts from the beginning alone. At each step every beam is continued by every token, and all
    these candidates together are put in order of their sums Σ_t log P. Those that end with eos_id, if they
    are among the n_beams best candidates, are finished: they leave the search and stay in the running for the
    final ranking. Of those that do not end, the n_beams best go on. After max_new_tokens steps, finished beams
    and those that still went on are ranked together by score.

    The model answers in evaluation mode, without gradients, and is left in the mode in which it came. A text
    longer than its context (model.config.max_length) goes on with its last tokens as the context.

    Args:
        model: a causal model, called on int64 (B, T) and giving logits (B, T, V).
        token_ids: int64 (T,), one beginning.
        max_new_tokens: how many tokens to add at most, at least 1.
        n_beams: how many continuations to keep, at least 1.
        alpha: length penalty, at least 0; 0 ranks by log-probability, 1 by its mean.
        eos_id: the token that finishes a beam (counted in its length); None: none finishes.

    Returns:
        at most n_beams beams, best score first; token_ids include the beginning.

    Raises:
        InputError: max_new_tokens or n_beams below 1, or a negative alpha.

    Source: the score of Wu et al. 2016, §7.
        Deviation: the course's |x|^α instead of ((5 + |x|)/6)^α.

    >>> from attentif.checks.causal_models import causal_model
    >>> model = causal_model(vocab_size=11, seed=1)
    >>> len(beam_search(model, torch.ones(3, dtype=torch.long), max_new_tokens=4, n_beams=2))
    2
    """
    if max_new_tokens < 1 or n_beams < 1 or alpha < 0:
        raise InputError(
            expected="max_new_tokens and n_beams of at least 1, alpha of at least 0",
            got=f"max_new_tokens={max_new_tokens}, n_beams={n_beams}, alpha={alpha}",
            remedy="raise them",
        )
    context = model.config.max_length if hasattr(model, "config") else None
    was_training = model.training
    model.eval()
    alive, log_probabilities = token_ids[None], torch.zeros(1, device=token_ids.device)  # (N, T), (N,)
    finished: list[Beam] = []
    try:
        for length in range(1, max_new_tokens + 1):
            window = alive if context is None else alive[:, -context:]
            step = torch.log_softmax(model(window)[:, -1].float(), dim=-1)  # (N, V)
            totals = log_probabilities[:, None] + step
            # Up to n_beams candidates may finish at once: twice as many leaves enough that go on.
            best, index = totals.flatten().topk(min(2 * n_beams, totals.numel()))
            origin, token = index // step.size(-1), index % step.size(-1)
            candidates = torch.cat([alive[origin], token[:, None]], dim=1)
            ends = token == eos_id if eos_id is not None else torch.zeros_like(token, dtype=torch.bool)
            for row in ends[:n_beams].nonzero().flatten().tolist():
                total = best[row].item()
                finished.append(Beam(candidates[row].tolist(), total, total / length**alpha))
            going_on = (~ends).nonzero().flatten()[:n_beams]
            alive, log_probabilities = candidates[going_on], best[going_on]
            if not len(alive):
                break
            # No beam that goes on can score above its present sum over the longest length.
            finished = sorted(finished, key=lambda beam: beam.score, reverse=True)[:n_beams]
            bound = log_probabilities.max().item() / max_new_tokens**alpha
            if len(finished) == n_beams and finished[-1].score >= bound:
                return finished
    finally:
        model.train(was_training)
    length = alive.size(1) - token_ids.size(0)
    for row, total in zip(alive.tolist(), log_probabilities.tolist(), strict=True):
        finished.append(Beam(row, total, total / length**alpha))
    return sorted(finished, key=lambda beam: beam.score, reverse=True)[:n_beams]
