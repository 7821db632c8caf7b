"""Wrong corruptions outside the catalogue: caught they must be, named only if it is true."""

from __future__ import annotations

import torch


def _corrupt(
    token_ids, mask_id, vocab_size, special_ids, generator, probability, *, shares=(0.8, 0.9), where=None
):
    words = torch.tensor([i for i in range(vocab_size) if i not in special_ids])
    selected = torch.isin(token_ids, words) & (torch.rand(token_ids.shape, generator=generator) < probability)
    selected = selected if where is None else where(selected)
    action = torch.rand(token_ids.shape, generator=generator)
    drawn = words[torch.randint(len(words), token_ids.shape, generator=generator)]
    inputs = torch.where(selected & (action < shares[0]), mask_id, token_ids)
    inputs = torch.where(selected & (action >= shares[0]) & (action < shares[1]), drawn, inputs)
    return inputs, torch.where(selected, token_ids, -100)


def mask_70_20_10(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    return _corrupt(token_ids, mask_id, vocab_size, special_ids, generator, probability, shares=(0.7, 0.9))


def mask_spans(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    def widened(selected):
        return selected | selected.roll(1, 1) & ~torch.isin(token_ids, torch.tensor(special_ids))

    return _corrupt(token_ids, mask_id, vocab_size, special_ids, generator, probability / 2, where=widened)


def mask_whole_rows(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    rows = torch.rand(len(token_ids), 1, generator=generator) < probability
    words = ~torch.isin(token_ids, torch.tensor(special_ids))
    return _corrupt(token_ids, mask_id, vocab_size, special_ids, generator, 1.0, where=lambda s: rows & words)


def mask_fixed_number_of_the_batch(
    token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15
):
    """As many places a batch each time, specials among them, which are then let go."""
    chosen = torch.randperm(token_ids.numel(), generator=generator)[: round(probability * token_ids.numel())]
    places = torch.zeros(token_ids.numel(), dtype=torch.bool)
    places[chosen] = True
    words = ~torch.isin(token_ids, torch.tensor(special_ids))
    return _corrupt(
        token_ids,
        mask_id,
        vocab_size,
        special_ids,
        generator,
        1.0,
        where=lambda s: places.view_as(token_ids) & words,
    )


def mask_32_bits(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    pair = _corrupt(token_ids, mask_id, vocab_size, special_ids, generator, probability)
    return tuple(array.int() for array in pair)


def mask_tokens_of_the_batch(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    inputs, labels = _corrupt(
        token_ids, mask_id, vocab_size, special_ids, generator, probability, shares=(0.8, 0.8)
    )
    shuffled = token_ids.flatten()[torch.randperm(token_ids.numel(), generator=generator)].view_as(token_ids)
    swap = (labels != -100) & (inputs == token_ids) & (torch.rand(token_ids.shape, generator=generator) < 0.5)
    return torch.where(swap, shuffled, inputs), labels


def mask_81_9_10_and_mutated(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    inputs, labels = _corrupt(
        token_ids, mask_id, vocab_size, special_ids, generator, probability, shares=(0.81, 0.9)
    )
    token_ids.copy_(inputs)
    return token_ids, labels


def mask_fixed_seed(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    return _corrupt(
        token_ids, mask_id, vocab_size, special_ids, torch.Generator().manual_seed(0), probability
    )


def mask_labels_minus_one(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    inputs, labels = _corrupt(token_ids, mask_id, vocab_size, special_ids, generator, probability)
    return inputs, labels.where(labels != -100, -1)


def mask_nothing(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    return token_ids, torch.full_like(token_ids, -100)


def mask_first_tokens(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    first = torch.arange(token_ids.size(1)) < probability * token_ids.size(1)
    words = ~torch.isin(token_ids, torch.tensor(special_ids))
    return _corrupt(
        token_ids, mask_id, vocab_size, special_ids, generator, 1.0, where=lambda s: first & words
    )


OUTSIDE = {
    mask_70_20_10: (),
    mask_spans: (),
    mask_whole_rows: (),
    mask_fixed_number_of_the_batch: ("fixed_number_a_batch", "specials_counted_in_the_share"),
    mask_32_bits: (),
    mask_tokens_of_the_batch: ("specials_drawn",),
    mask_81_9_10_and_mutated: ("draws_81_9_10", "input_mutated"),
    mask_fixed_seed: ("generator_ignored",),
    mask_labels_minus_one: ("labels_another_negative",),
    mask_nothing: (),
    mask_first_tokens: (),
}
