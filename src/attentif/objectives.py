"""Objectives: what a language model is trained to predict, and how its error is counted."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from attentif.errors import InputError

IGNORED = -100  # the label of a position that is not part of the loss


def mask_tokens(
    token_ids: Tensor,
    mask_id: int,
    vocab_size: int,
    special_ids: Sequence[int],
    generator: torch.Generator | None = None,
    probability: float = 0.15,
) -> tuple[Tensor, Tensor]:
    """Corrupt a batch for masked language modelling, and say what was there.

    Each token that is not special is selected with probability `probability`, independently. A
    selected token becomes [MASK] (80 %), a random token (10 %), or stays as it is (10 %).

    Args:
        token_ids: int64 (B, T); left untouched.
        mask_id: the id of [MASK].
        vocab_size: V; random tokens are drawn from 0 … V − 1 without the special ones.
        special_ids: ids that are never selected and never drawn ([CLS], [SEP], padding …).
        generator: source of randomness, drawn on its own device (generator.device); when absent,
            torch's global one, and the draws are made on the device of token_ids.
        probability: the share of tokens to select, in [0, 1].

    Returns:
        (inputs, labels), both int64 (B, T): the corrupted tokens, and the original token at
        the selected positions, −100 elsewhere.

    Raises:
        InputError: every token of the vocabulary is special.

    Source: Devlin et al. 2019, "BERT", §3.1, task 1.
        Deviation: tokens are selected by independent draws, not as a fixed number per
        sequence; a random token may equal the original, and is never a special one.

    >>> ids = torch.arange(5, 17).reshape(2, 6)
    >>> inputs, labels = mask_tokens(ids, 4, 20, range(5), torch.Generator().manual_seed(0))
    >>> bool((inputs[labels == -100] == ids[labels == -100]).all())
    True
    """
    device = token_ids.device if generator is None else generator.device

    def uniform() -> Tensor:
        return torch.rand(token_ids.shape, generator=generator, device=device).to(token_ids.device)

    specials = torch.tensor(sorted(set(special_ids)), device=token_ids.device)
    eligible = ~torch.isin(token_ids, specials)
    selected = eligible & (uniform() < probability)
    # One draw splits the selected tokens 80/10/10.
    action = uniform()

    vocabulary = torch.arange(vocab_size, device=token_ids.device)
    drawable = vocabulary[~torch.isin(vocabulary, specials)]
    if not len(drawable):
        raise InputError(expected="a token that is not special", got="none", remedy="check vocab_size")
    drawn = torch.randint(len(drawable), token_ids.shape, generator=generator, device=device)
    random_ids = drawable[drawn.to(token_ids.device)]

    inputs = torch.where(selected & (action < 0.8), mask_id, token_ids)
    inputs = torch.where(selected & (action >= 0.8) & (action < 0.9), random_ids, inputs)
    labels = torch.where(selected, token_ids, IGNORED)
    return inputs, labels


def masked_lm_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean cross-entropy over the selected positions, and over them only.

    L = −(1/|M|) Σ_{i ∈ M} log softmax(logits_i)[label_i], M = {i : label_i ≠ −100}.

    Args:
        logits: (..., V).
        labels: int64 (...), −100 where nothing is predicted.

    Returns:
        scalar, nats a token; 0 (with a gradient of 0) when nothing is selected. Its dtype is that
        of the logits, but float32 for narrower ones, which are computed in float32.

    Source: Devlin et al. 2019, §3.1, task 1.

    >>> loss = masked_lm_loss(torch.zeros(2, 3, 8), torch.tensor([[5, -100, -100], [-100, 1, 2]]))
    >>> round(loss.item(), 4)  # ln 8
    2.0794
    """
    flat = logits.flatten(0, -2)  # (N, V)
    flat = flat.to(torch.promote_types(flat.dtype, torch.float32))
    total = F.cross_entropy(flat, labels.flatten(), ignore_index=IGNORED, reduction="sum")
    return total / (labels != IGNORED).sum().clamp(min=1)


def causal_lm_loss(logits: Tensor, token_ids: Tensor, pad_id: int | None = None) -> Tensor:
    """Mean cross-entropy of each next token given the tokens before it.

    L = −(1/N) Σ_t log softmax(logits_t)[x_{t+1}] over the N targets that are not padding.

    Args:
        logits: (B, T, V); those of the last position predict nothing.
        token_ids: int64 (B, T), the tokens that the logits were computed from.
        pad_id: the id of padding, never a target; None if there is none.

    Returns:
        scalar, nats a token; 0 (with a gradient of 0) when there is no target. Its dtype is that
        of the logits, but float32 for narrower ones, which are computed in float32.

    Source: Radford et al. 2018, §3.1, equation 1.

    >>> loss = causal_lm_loss(torch.zeros(2, 5, 8), torch.ones(2, 5, dtype=torch.long))
    >>> round(loss.item(), 4)  # ln 8
    2.0794
    """
    # The last position gets no target; cutting it off the logits instead would copy them.
    targets = F.pad(token_ids[:, 1:], (0, 1), value=IGNORED)  # (B, T)
    if pad_id is not None:
        targets = targets.masked_fill(targets == pad_id, IGNORED)
    wide = logits.to(torch.promote_types(logits.dtype, torch.float32)).flatten(0, 1)  # (B * T, V)
    nats = F.cross_entropy(wide, targets.flatten(), ignore_index=IGNORED, reduction="sum")
    return nats / targets.ne(IGNORED).sum().clamp(min=1)


@dataclass(frozen=True)
class SentencePair:
    """[CLS] A [SEP] B [SEP] with its segments, and whether B really follows A."""

    token_ids: list[int]
    segment_ids: list[int]
    is_next: bool


def sentence_pairs(
    documents: Sequence[Sequence[Sequence[int]]],
    cls_id: int,
    sep_id: int,
    generator: torch.Generator | None = None,
) -> list[SentencePair]:
    """Make one pair out of every sentence that has a next one.

    With probability 1/2, B is the sentence that follows A; else it is drawn from another
    document (a document, then one of its sentences, uniformly). Each pair has its own draw.

    Args:
        documents: documents of sentences of token ids, without specials; left untouched. A
            document without sentences counts for nothing.
        cls_id, sep_id: the ids of [CLS] and [SEP].
        generator: source of randomness (on the CPU); torch's global one when absent.

    Returns:
        one SentencePair per non-last sentence, in order: token_ids = [CLS] A [SEP] B [SEP],
        segment_ids = 0 up to and with the first [SEP], then 1; is_next, whether B follows A.

    Raises:
        InputError: fewer than two documents with sentences, or none with two sentences.

    Source: Devlin et al. 2019, §3.1, task 2.
        Deviation: A and B are single sentences, not spans of up to 512 tokens.

    >>> pairs = sentence_pairs([[[5], [6, 7]], [[8]]], 2, 3, torch.Generator().manual_seed(1))
    >>> pairs[0].token_ids, pairs[0].segment_ids, pairs[0].is_next
    ([2, 5, 3, 6, 7, 3], [0, 0, 0, 1, 1, 1], True)
    """
    documents = [document for document in documents if len(document)]
    if len(documents) < 2 or all(len(document) < 2 for document in documents):
        raise InputError(
            expected="at least two documents, one of them of two sentences or more",
            got=f"{len(documents)} non-empty document(s)",
            remedy="separate documents by an empty line",
        )

    def draw(below: int) -> int:
        return int(torch.randint(below, (), generator=generator))

    pairs = []
    for index, document in enumerate(documents):
        for first, following in itertools.pairwise(document):
            is_next = draw(2) == 1
            if is_next:
                second = following
            else:
                other = draw(len(documents) - 1)
                other += other >= index  # skip A's own document
                second = documents[other][draw(len(documents[other]))]
            token_ids = [cls_id, *first, sep_id, *second, sep_id]
            segment_ids = [0] * (len(first) + 2) + [1] * (len(second) + 1)
            pairs.append(SentencePair(token_ids, segment_ids, is_next))
    return pairs
