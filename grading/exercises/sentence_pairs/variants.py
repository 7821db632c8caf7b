"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import itertools
import random

import numpy as np
import torch

from attentif import InputError, SentencePair
from attentif_grading.exercises import variant


@variant
def drawn_again(documents, cls_id, sep_id, generator=None):
    documents = list(filter(len, documents))
    if len(documents) < 2 or max(map(len, documents)) == 1:
        raise InputError(expected="two documents and a pair", got="fewer", remedy="give more text")
    pairs = []
    for d in range(len(documents)):
        for i in range(len(documents[d]) - 1):
            sentence, follows = documents[d][i + 1], torch.rand((), generator=generator) < 0.5
            if not follows:
                other = d
                while other == d:
                    other = torch.randint(0, len(documents), (1,), generator=generator).item()
                position = torch.randint(0, len(documents[other]), (1,), generator=generator).item()
                sentence = documents[other][position]
            head = [cls_id] + documents[d][i] + [sep_id]
            tokens = head + sentence + [sep_id]
            segments = [0 if k < len(head) else 1 for k in range(len(tokens))]
            pairs.append(SentencePair(token_ids=tokens, segment_ids=segments, is_next=bool(follows)))
    return pairs


@variant
def all_draws_at_once(documents, cls_id, sep_id, generator=None):
    documents = [document for document in documents if len(document) > 0]
    firsts = [(d, s) for d, document in enumerate(documents) for s in range(len(document) - 1)]
    if len(documents) < 2 or not firsts:
        raise ValueError("no pair can be made of these documents")
    chances = torch.rand(3, len(firsts), generator=generator, dtype=torch.float64).tolist()
    pairs = []
    for (d, s), kind, which, where in zip(firsts, *chances, strict=True):
        other = (d + 1 + int(which * (len(documents) - 1))) % len(documents)
        random_one = documents[other][int(where * len(documents[other]))]
        second = random_one if kind < 0.5 else documents[d][s + 1]
        tokens, segments = [], []
        for segment, part in enumerate(([cls_id, *documents[d][s], sep_id], [*second, sep_id])):
            tokens += part
            segments += [segment] * len(part)
        pairs.append(SentencePair(tokens, segments, kind >= 0.5))
    return pairs


@variant
def pythons_own_random(documents, cls_id, sep_id, generator=None):
    chance = random.Random(int(torch.randint(2**62, (), generator=generator)))
    filled = [document for document in documents if document]
    if len(filled) < 2 or all(len(document) == 1 for document in filled):
        raise InputError(expected="at least two documents and one pair", got="none", remedy="give more text")

    def pair(document, first, following):
        is_next = chance.choice([True, False])
        others = [each for each in filled if each is not document]
        second = following if is_next else chance.choice(chance.choice(others))
        return SentencePair(
            [cls_id, *first, sep_id, *second, sep_id],
            [0] * len([cls_id, *first, sep_id]) + [1] * len([*second, sep_id]),
            is_next,
        )

    return [pair(doc, a, b) for doc in filled for a, b in itertools.pairwise(doc)]


@variant
def numbers_of_numpy(documents, cls_id, sep_id, generator=None):
    rng = np.random.default_rng(torch.randint(2**60, (2,), generator=generator).tolist())
    documents = [document for document in documents if document]
    if len(documents) < 2 or max(len(document) for document in documents) < 2:
        raise InputError(expected="documents that make a pair", got="none", remedy="give more text")
    pairs = []
    for place, document in enumerate(documents):
        coins = rng.integers(0, 2, len(document) - 1)
        for i, coin in enumerate(coins):
            elsewhere = documents[rng.choice(np.delete(np.arange(len(documents)), place))]
            second = document[i + 1] if coin else elsewhere[rng.integers(len(elsewhere))]
            tokens = torch.tensor([cls_id, *document[i], sep_id, *second, sep_id])
            segments = (torch.arange(len(tokens)) > len(document[i]) + 1).long()
            pairs.append(SentencePair(tokens.tolist(), segments.tolist(), int(coin)))
    return pairs
