"""Losses against naive loops, and the random parts (masking, pairs) by statistics on many draws."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from oracles import (
    assert_binomial,
    assert_distribution,
    assert_independent,
    assert_same,
    randn,
    seeded,
)
from torch.nn import functional as F

from attentif import InputError, SentencePair, causal_lm_loss, mask_tokens, masked_lm_loss, sentence_pairs

IGNORED = -100

# Losses


def naive_loss(logits, pairs):
    """Mean of −log softmax(logits[place])[target] over (place, target), and its gradient, by loops."""
    gradient = torch.zeros(logits.shape, dtype=torch.float64)
    total = 0.0
    for place, target in pairs:
        row = [float(value) for value in logits[place]]
        highest = max(row)
        norm = sum(math.exp(value - highest) for value in row)
        total += math.log(norm) + highest - row[target]
        for word, value in enumerate(row):
            gradient[(*place, word)] += (math.exp(value - highest) / norm - (word == target)) / len(pairs)
    return total / max(1, len(pairs)), gradient


def check_loss(loss, logits, pairs, tolerance: float = 1e-12) -> None:
    """loss(logits) against the naive one, in value and gradient."""
    logits = logits.detach().clone().requires_grad_()
    value = loss(logits)
    value.backward()
    expected, gradient = naive_loss(logits.detach(), pairs)
    assert value.shape == ()
    assert_same(value.detach().double(), torch.tensor(expected, dtype=torch.float64), tolerance)
    assert_same(logits.grad.double(), gradient, tolerance)


def check_masked_loss(candidate) -> None:
    labels = torch.full((3, 5), IGNORED)
    labels[0, 1], labels[0, 4], labels[1, 2] = 3, 0, 6  # unequal numbers a row, none in the last
    pairs = [((0, 1), 3), ((0, 4), 0), ((1, 2), 6)]
    check_loss(lambda logits: candidate(logits, labels), 3 * randn(3, 5, 7, seed=1), pairs)
    everywhere = torch.arange(4).reshape(1, 4)
    check_loss(lambda logits: candidate(logits, everywhere), randn(1, 4, 7), [((0, i), i) for i in range(4)])


def check_causal_loss(candidate) -> None:
    ids = torch.tensor([[2, 5, 1, 4, 6], [3, 3, 2, 0, 0], [1, 0, 0, 0, 0]])
    logits = 3 * randn(3, 5, 7, seed=1)
    every = [((b, t), int(ids[b, t + 1])) for b in range(3) for t in range(4)]
    check_loss(lambda x: candidate(x, ids), logits, every)
    check_loss(lambda x: candidate(x, ids, None), logits, every)
    real = [(place, target) for place, target in every if target != 0]
    check_loss(lambda x: candidate(x, ids, 0), logits, real)
    check_loss(lambda x: candidate(x, ids, pad_id=3), logits, [p for p in every if p[1] != 3])


def test_masked_lm_loss_equals_naive_loops():
    check_masked_loss(masked_lm_loss)


def test_causal_lm_loss_equals_naive_loops():
    check_causal_loss(causal_lm_loss)


def cross_entropy(logits, labels, **named):
    return F.cross_entropy(logits.flatten(0, -2), labels.flatten(), **named)


@pytest.mark.parametrize(
    "mistake",
    [
        lambda logits, labels: cross_entropy(logits, labels.clamp(min=0)),
        lambda logits, labels: cross_entropy(logits, labels, reduction="sum"),
        lambda logits, labels: cross_entropy(logits, labels, reduction="sum") / labels.numel(),
        lambda logits, labels: torch.stack(
            [cross_entropy(row, label, reduction="sum") / (label != IGNORED).sum().clamp(min=1)
             for row, label in zip(logits, labels, strict=True)]
        ).mean(),
        lambda logits, labels: cross_entropy(logits.softmax(-1), labels),
        lambda logits, labels: cross_entropy(logits, labels) / math.log(2),
    ],
    ids=["every position", "sum", "over all positions", "mean of rows", "softmax twice", "bits"],
)  # fmt: skip
def test_the_comparison_sees_wrong_masked_losses(mistake):
    with pytest.raises(AssertionError):
        check_masked_loss(mistake)


def shifted(logits, ids, pad_id=None, logits_to=-1, ids_from=1, ignore=True):
    targets = ids[:, ids_from:] if ids_from else ids
    logits = logits[:, :logits_to] if logits_to else logits
    if pad_id is not None and ignore:
        targets = targets.masked_fill(targets == pad_id, IGNORED)
    return cross_entropy(logits, targets)


@pytest.mark.parametrize(
    "mistake",
    [
        lambda logits, ids, pad_id=None: shifted(logits, ids, pad_id, None, 0),
        lambda logits, ids, pad_id=None: shifted(logits[:, 1:], ids[:, :-1], pad_id, None, 0),
        lambda logits, ids, pad_id=None: shifted(logits, ids, pad_id, ignore=False),
        lambda logits, ids, pad_id=None: shifted(logits[:, :-1], ids[:, 1:], pad_id),
        lambda logits, ids, pad_id=None: cross_entropy(
            logits[:, :-1],
            ids[:, 1:] if pad_id is None else ids[:, 1:].masked_fill(ids[:, :-1] == pad_id, IGNORED),
        ),
    ],
    ids=["not shifted", "shifted backwards", "padding counted", "shifted by two", "padded inputs left out"],
)
def test_the_comparison_sees_wrong_causal_losses(mistake):
    with pytest.raises(AssertionError):
        check_causal_loss(mistake)


def test_the_comparison_accepts_correct_losses_written_differently():
    check_masked_loss(cross_entropy)
    check_causal_loss(shifted)


@pytest.mark.parametrize(
    "loss",
    [
        lambda logits: masked_lm_loss(logits, torch.full((2, 3), IGNORED)),
        lambda logits: causal_lm_loss(logits, torch.tensor([[4, 0, 0], [2, 0, 0]]), pad_id=0),
        lambda logits: causal_lm_loss(logits[:, :1], torch.tensor([[4], [2]])),
        lambda logits: masked_lm_loss(logits.flatten(0, 1)[:0], torch.empty(0, dtype=torch.long)),
    ],
    ids=["nothing selected", "nothing but padding", "one token", "no position"],
)
def test_without_a_target_the_loss_is_zero_with_a_zero_gradient(loss):
    logits = randn(2, 3, 7, requires_grad=True)
    value = loss(logits)
    value.backward()
    assert value.item() == 0.0 and value.shape == ()
    assert logits.grad.abs().max() == 0.0


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_logits_are_summed_in_float32(dtype):
    # 4,096 positions of about ln 100 each: their sum has no room in fp16, and no precision in bf16.
    logits = randn(8, 513, 100, dtype=torch.float32).to(dtype)
    ids = torch.randint(0, 100, (8, 513), generator=seeded(1))
    got = causal_lm_loss(logits, ids)
    expected = causal_lm_loss(logits.double(), ids)
    assert got.dtype == torch.float32
    assert_same(got.double(), expected, tolerance=1e-6)


def test_extreme_logits_give_finite_losses():
    logits = torch.tensor([[1e4, 0.0, -1e4]], requires_grad=True)
    masked_lm_loss(logits, torch.tensor([2])).backward()
    assert masked_lm_loss(logits, torch.tensor([2])).item() == 2e4
    assert logits.grad.tolist() == [[1.0, 0.0, -1.0]]


@given(st.integers(1, 4), st.integers(1, 5), st.integers(2, 6), st.integers(0, 500), st.floats(0, 1))
def test_masked_loss_on_random_labels(rows, length, vocab_size, seed, share):
    labels = torch.randint(0, vocab_size, (rows, length), generator=seeded(seed))
    labels[torch.rand(rows, length, generator=seeded(seed + 1)) > share] = IGNORED
    pairs = [
        ((b, t), int(labels[b, t])) for b in range(rows) for t in range(length) if labels[b, t] != IGNORED
    ]
    check_loss(lambda x: masked_lm_loss(x, labels), randn(rows, length, vocab_size, seed=seed), pairs)


# Masking

SPECIALS = (0, 1, 2, 3, 4)
MASK, V = 4, 37


def sequences(n_rows: int = 4200, length: int = 64) -> torch.Tensor:
    """[CLS] … [SEP] … [SEP] [PAD] …: 204,000 words of unequal frequencies, among [UNK] and other specials."""
    generator = seeded(5)
    frequencies = torch.arange(1, V - 4, dtype=torch.float64)
    ids = torch.multinomial(frequencies, n_rows * length, replacement=True, generator=generator) + 5
    ids = ids.reshape(n_rows, length)
    ids[torch.rand(n_rows, length, generator=generator) < 0.02] = 1
    ids[:, 0] = 2
    ids[:, 30] = 3
    end = torch.randint(40, length, (n_rows, 1), generator=generator)
    place = torch.arange(length)
    ids = torch.where(place == end, 3, ids)
    return torch.where(place > end, 0, ids)


def check_masking(candidate) -> None:
    """All that is said of mask_tokens; each test rejects a correct one for one seed in a million."""
    ids = sequences()
    before = ids.clone()
    inputs, labels = candidate(ids, MASK, V, SPECIALS, seeded(11))
    assert torch.equal(ids, before), "the input was changed"
    assert inputs.dtype == labels.dtype == torch.int64 and inputs.shape == labels.shape == ids.shape

    eligible = ~torch.isin(ids, torch.tensor(SPECIALS))
    selected = labels != IGNORED
    assert not bool((selected & ~eligible).any()), "a special token was selected"
    assert torch.equal(labels[selected], ids[selected])
    assert torch.equal(inputs[~selected], ids[~selected])
    drawn = inputs[selected & (inputs != MASK)]
    assert not bool(torch.isin(drawn, torch.tensor(SPECIALS)).any()), "a special token was drawn"

    n_selected = int(selected.sum())
    assert_binomial(n_selected, int(eligible.sum()), 0.15)
    became_mask = selected & (inputs == MASK)
    changed = selected & (inputs != ids) & ~became_mask
    same = selected & (inputs == ids)
    # A random token equals the original once in V' draws: those look unchanged.
    drawable = V - len(SPECIALS)
    counts = [int(kind.sum()) for kind in (became_mask, changed, same)]
    assert_distribution(counts, [0.8, 0.1 * (1 - 1 / drawable), 0.1 * (1 + 1 / drawable)])

    # Given that it changed, a token is uniform over the others: sum these laws over the originals.
    originals = torch.bincount(ids[changed], minlength=V).double()
    law = torch.zeros(V, dtype=torch.float64)
    law[5:] = (originals.sum() - originals[5:]) / (drawable - 1)
    assert_distribution(torch.bincount(inputs[changed], minlength=V), law / law.sum())

    # Draws are independent of the word, the place and the neighbour; rows differ as Bernoulli draws do.
    words = torch.stack(
        [torch.bincount(ids[eligible & chosen], minlength=V)[5:] for chosen in (selected, ~selected)]
    )
    assert_independent(words)
    places = torch.stack([(eligible & chosen).sum(0) for chosen in (selected, ~selected)])
    assert_independent(places[:, places.sum(0) > 0])
    actions = torch.stack(
        [torch.bincount(ids[kind], minlength=V)[5:] for kind in (became_mask, changed | same)]
    )
    assert_independent(actions)
    both = eligible[:, 1:] & eligible[:, :-1]
    left, right = selected[:, :-1][both], selected[:, 1:][both]
    assert_independent(torch.bincount(2 * left.long() + right.long(), minlength=4).reshape(2, 2))
    first, second = became_mask[:, :-1], became_mask[:, 1:]
    pair = selected[:, :-1] & selected[:, 1:]
    assert_independent(
        torch.bincount(2 * first[pair].long() + second[pair].long(), minlength=4).reshape(2, 2)
    )
    # Σ (count − 0.15 n)² / (n · 0.15 · 0.85) over the rows is a chi-square variable of as many degrees.
    n = eligible.sum(1).double()
    spread = ((selected.sum(1) - 0.15 * n).square() / (n * 0.15 * 0.85)).sum().item()
    assert abs(spread - len(ids)) < 6 * math.sqrt(2 * len(ids)), "rows are not independent draws"


def test_mask_tokens_by_statistics():
    check_masking(mask_tokens)


def masking(
    select=None, low=0.8, high=0.9, second_draw=False, draw_specials=False, by_row=None, in_place=False,
    eligible_ids=(0, 2, 3), span=False, keep_random=True,
):  # fmt: skip
    """A masking with something wrong; `eligible_ids` are the specials that it forgets to protect."""

    def mask(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
        def uniform():
            return torch.rand(token_ids.shape, generator=generator)

        protected = torch.tensor([s for s in special_ids if s not in eligible_ids])
        eligible = ~torch.isin(token_ids, protected)
        draws = uniform().masked_fill(~eligible, 2.0)
        selected = draws < probability
        if by_row:
            wanted = (probability * eligible.sum(1, keepdim=True)).round()
            selected = draws.argsort(1).argsort(1) < wanted
        if span:
            selected = eligible & (selected | selected.roll(1, 1)) & (uniform() < 0.56)
        action = uniform()
        masked = selected & (action < low)
        if second_draw:
            replaced = selected & ~masked & (uniform() < 0.1 / 0.2 * second_draw)
        else:
            replaced = selected & (action >= low) & (action < high)
        least = 0 if draw_specials else len(special_ids)
        random_ids = torch.randint(least, vocab_size, token_ids.shape, generator=generator)
        if not keep_random:
            random_ids = random_ids.clamp(max=vocab_size - 8)
        inputs = token_ids if in_place else token_ids.clone()
        labels = torch.where(selected, token_ids, IGNORED)
        inputs[masked] = mask_id
        inputs[replaced] = random_ids[replaced]
        return inputs, labels

    return mask


@pytest.mark.parametrize(
    "mistake",
    [
        masking(low=0.81, high=0.90, eligible_ids=()),
        masking(second_draw=0.8, eligible_ids=()),
        masking(low=1.0, eligible_ids=()),
        masking(low=0.8, high=1.0, eligible_ids=()),
        masking(draw_specials=True, eligible_ids=()),
        masking(keep_random=False, eligible_ids=()),
        masking(by_row=True, eligible_ids=()),
        masking(span=True, eligible_ids=()),
        masking(in_place=True, eligible_ids=()),
        masking(eligible_ids=(0,)),
        masking(eligible_ids=(1,)),
        lambda *a: (mask_tokens(*a)[0], a[0].clone()),
        lambda *a: mask_tokens(*a, probability=0.16),
        lambda *a: tuple(t.int() for t in mask_tokens(*a)),
    ],
    ids=[
        "81/9/10", "80/8/12", "all [MASK]", "80/20/0", "specials drawn", "not uniform", "fixed number a row",
        "neighbours together", "in place", "padding selected", "[UNK] selected", "labels everywhere", "16 %",
        "int32",
    ],
)  # fmt: skip
def test_the_statistics_see_wrong_masking(mistake):
    with pytest.raises(AssertionError):
        check_masking(mistake)


def test_the_statistics_accept_correct_masking_written_differently():
    check_masking(masking(eligible_ids=()))
    check_masking(masking(second_draw=1.0, eligible_ids=()))


def test_masking_belongs_to_its_generator():
    ids = sequences(20)
    state = torch.get_rng_state()
    first = mask_tokens(ids, MASK, V, SPECIALS, seeded(1))
    again = mask_tokens(ids, MASK, V, SPECIALS, seeded(1))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    other = mask_tokens(ids, MASK, V, SPECIALS, seeded(2))
    assert not torch.equal(first[1], other[1])
    generator = seeded(1)
    mask_tokens(ids, MASK, V, SPECIALS, generator)
    assert not torch.equal(mask_tokens(ids, MASK, V, SPECIALS, generator)[1], first[1])
    assert torch.equal(torch.get_rng_state(), state), "the global generator moved"
    mask_tokens(ids, MASK, V, SPECIALS)
    assert not torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_probabilities_at_the_ends(probability):
    ids = sequences(50)
    inputs, labels = mask_tokens(ids, MASK, V, SPECIALS, seeded(1), probability)
    eligible = ~torch.isin(ids, torch.tensor(SPECIALS))
    assert torch.equal(labels != IGNORED, eligible if probability else torch.zeros_like(eligible))
    assert probability or torch.equal(inputs, ids)


def test_specials_are_those_that_are_named():
    ids = torch.full((200, 100), 7)
    _, labels = mask_tokens(ids, 9, 10, (7,), seeded(0))
    assert bool((labels == IGNORED).all())
    inputs, labels = mask_tokens(ids, 9, 10, (8, 9), seeded(0))
    assert set(inputs[labels != IGNORED].unique().tolist()) == {*range(8), 9}
    inputs, _ = mask_tokens(ids, 9, 10, (), seeded(0))
    assert set(inputs.unique().tolist()) == set(range(10))


def test_a_vocabulary_of_specials_alone_is_refused():
    with pytest.raises(InputError, match="a token that is not special, got none; check vocab_size"):
        mask_tokens(torch.zeros(2, 3, dtype=torch.long), MASK, 5, range(5), seeded(0))


# Sentence pairs

CLS, SEP = 2, 3


def corpus(n_documents: int = 12) -> list[list[list[int]]]:
    """Documents of 1 to 6 sentences; a sentence [d, s] tells where it comes from."""
    return [[[100 + d, 200 + s] + [9] * (s % 3) for s in range(1 + d % 6)] for d in range(n_documents)]


def halves(pair: SentencePair) -> tuple[list[int], list[int]]:
    middle = pair.token_ids.index(SEP)
    return pair.token_ids[1:middle], pair.token_ids[middle + 1 : -1]


def check_pairs(candidate) -> None:
    documents = corpus()
    before = [[list(sentence) for sentence in document] for document in documents]
    generator = seeded(3)
    firsts = [(d, s) for d, document in enumerate(documents) for s in range(len(document) - 1)]
    labels, drawn = Counter(), Counter()
    by_first = Counter()
    for _ in range(700):
        pairs = candidate(documents, CLS, SEP, generator)
        assert [halves(pair)[0] for pair in pairs] == [documents[d][s] for d, s in firsts]
        for pair, (d, s) in zip(pairs, firsts, strict=True):
            first, second = halves(pair)
            assert first == documents[d][s] and second in [x for document in documents for x in document]
            assert pair.token_ids == [CLS, *first, SEP, *second, SEP]
            assert pair.segment_ids == [0] * (len(first) + 2) + [1] * (len(second) + 1)
            labels[bool(pair.is_next)] += 1
            by_first[(d, s), bool(pair.is_next)] += 1
            if pair.is_next:
                assert second == documents[d][s + 1]
            else:
                assert second[0] - 100 != d, "a random sentence of the same document"
                drawn[d, second[0] - 100, second[1] - 200] += 1
    assert documents == before, "the documents were changed"
    assert sum(labels.values()) > 17_000
    assert_binomial(labels[True], sum(labels.values()), 0.5)
    assert_independent([[by_first[first, label] for first in firsts] for label in (True, False)])
    # A document, then one of its sentences, uniformly: long documents do not count for more.
    for d in (5, 11):
        places = [(e, s) for e, document in enumerate(documents) if e != d for s in range(len(document))]
        law = [1 / (len(documents) - 1) / len(documents[e]) for e, s in places]
        assert_distribution([drawn[d, e, s] for e, s in places], law)


def test_sentence_pairs_by_statistics():
    check_pairs(sentence_pairs)


def pairing(
    same_document=False, by_sentence=False, share=0.5, segment_shift=0, no_last=False, label=lambda x: x
):
    """Sentence pairs with something wrong."""

    def make(documents, cls_id, sep_id, generator=None):
        def draw(n):
            return int(torch.randint(n, (), generator=generator))

        everything = [(d, sentence) for d, document in enumerate(documents) for sentence in document]
        pairs = []
        for d, document in enumerate(documents):
            for first, following in pairwise(document):
                is_next = float(torch.rand((), generator=generator)) < share
                second = following
                while not is_next:
                    if by_sentence:
                        other, second = everything[draw(len(everything))]
                    else:
                        other = draw(len(documents))
                        second = documents[other][draw(len(documents[other]))]
                    if same_document or other != d:
                        break
                tokens = [cls_id, *first, sep_id, *second] + [sep_id] * (not no_last)
                zeros = len(first) + 2 + segment_shift
                pairs.append(SentencePair(tokens, [0] * zeros + [1] * (len(tokens) - zeros), label(is_next)))
        return pairs

    return make


@pytest.mark.parametrize(
    "mistake",
    [
        pairing(same_document=True),
        pairing(by_sentence=True),
        pairing(share=0.55),
        pairing(segment_shift=-1),
        pairing(no_last=True),
        pairing(label=lambda is_next: not is_next),
    ],
    ids=[
        "own document",
        "every sentence alike",
        "55 %",
        "[SEP] in segment 1",
        "no last [SEP]",
        "label inverted",
    ],
)
def test_the_statistics_see_wrong_pairs(mistake):
    with pytest.raises(AssertionError):
        check_pairs(mistake)


def test_the_statistics_accept_correct_pairs_written_differently():
    check_pairs(pairing())


def test_pairs_belong_to_their_generator():
    documents = corpus()
    state = torch.get_rng_state()
    first, again = (sentence_pairs(documents, CLS, SEP, seeded(1)) for _ in range(2))
    assert first == again != sentence_pairs(documents, CLS, SEP, seeded(2))
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(
    "documents",
    [[], [[[5], [6]]], [[[5]], [[6]]], [[[5], [6]], []], [[], []]],
    ids=["nothing", "one document", "single sentences", "one and an empty one", "empty ones"],
)
def test_documents_that_make_no_pair_are_refused(documents):
    with pytest.raises(InputError, match="at least two documents"):
        sentence_pairs(documents, CLS, SEP, seeded(0))


def test_empty_documents_are_passed_over():
    pairs = sentence_pairs([[], [[5], [6]], [], [[7]]], CLS, SEP, seeded(0))
    assert len(pairs) == 1 and halves(pairs[0])[0] == [5]
