"""Wrong answers outside the catalogues of grading/exercises: caught they must be, named only if it is true.

Each entry: function, and the names of catalogued mistakes that would be true of it.
"""

from __future__ import annotations

import importlib
import math
from pathlib import Path

import torch
from torch.nn import functional as F


def _attention(query, key, value, mask=None, *, scale=None, fill=-math.inf, dim=-1):
    scores = query @ key.mT * (query.size(-1) ** -0.5 if scale is None else scale)
    if mask is not None:
        scores = scores.masked_fill(~mask, fill)
    weights = scores.softmax(dim)
    return (weights @ value, weights) if mask is None else ((weights * mask) @ value, weights * mask)


def attention_of_rolled_keys(query, key, value, mask=None, dropout_p=0.0):
    return _attention(query, key.roll(1, -2), value, mask)


def attention_by_cosine(query, key, value, mask=None, dropout_p=0.0):
    return _attention(F.normalize(query, dim=-1), F.normalize(key, dim=-1), value, mask)


def attention_squared_weights(query, key, value, mask=None, dropout_p=0.0):
    _, weights = _attention(query, key, value, mask)
    return weights**2 @ value, weights**2


def attention_relu(query, key, value, mask=None, dropout_p=0.0):
    weights = (query @ key.mT / query.size(-1) ** 0.5).relu()
    weights = weights / weights.sum(-1, keepdim=True).clamp(min=1e-9)
    return weights @ value, weights


def attention_unscaled_and_inverted(query, key, value, mask=None, dropout_p=0.0):
    return _attention(query, key, value, None if mask is None else ~mask, scale=1.0)


def attention_hard(query, key, value, mask=None, dropout_p=0.0):
    _, weights = _attention(query, key, value, mask)
    hard = F.one_hot(weights.argmax(-1), weights.size(-1)).to(weights)
    return hard @ value, hard


def attention_plus_value_mean(query, key, value, mask=None, dropout_p=0.0):
    output, weights = _attention(query, key, value, mask)
    return output + value.mean(-2, keepdim=True), weights


def attention_shape_error(query, key, value, mask=None, dropout_p=0.0):
    return query @ key, key


def attention_dropout_of_whole_keys(query, key, value, mask=None, dropout_p=0.0):
    _, weights = _attention(query, key, value, mask)
    kept = torch.rand(*weights.shape[:-2], 1, weights.size(-1)) >= dropout_p
    return weights * kept / (1 - dropout_p) @ value, weights


def attention_half_precision(query, key, value, mask=None, dropout_p=0.0):
    output, weights = _attention(query.half(), key.half(), value.half(), mask)
    return output.to(query), weights.to(query)


def _split(self, x):
    return x.unflatten(-1, (self.n_heads, -1)).transpose(1, 2)


def _multi_head(self, query, key, value, mask, p):
    key = query if key is None else key
    value = key if value is None else value
    return self.attend(
        _split(self, self.query_projection(query)),
        _split(self, self.key_projection(key)),
        _split(self, self.value_projection(value)),
        mask,
        p,
    )


def heads_summed(self, query, key=None, value=None, mask=None):
    output, weights = _multi_head(self, query, key, value, mask, self.dropout * self.training)
    merged = output.sum(1).repeat(1, 1, self.n_heads)
    return self.output_projection(merged), weights


def heads_reversed(self, query, key=None, value=None, mask=None):
    output, weights = _multi_head(self, query, key, value, mask, self.dropout * self.training)
    return self.output_projection(output.flip(1).transpose(1, 2).flatten(2)), weights


def output_projection_twice(self, query, key=None, value=None, mask=None):
    output, weights = _multi_head(self, query, key, value, mask, self.dropout * self.training)
    return self.output_projection(self.output_projection(output.transpose(1, 2).flatten(2))), weights


def projection_without_bias(self, query, key=None, value=None, mask=None):
    output, weights = _multi_head(self, query, key, value, mask, self.dropout * self.training)
    return output.transpose(1, 2).flatten(2) @ self.output_projection.weight.T, weights


def projection_not_transposed(self, query, key=None, value=None, mask=None):
    output, weights = _multi_head(self, query, key, value, mask, self.dropout * self.training)
    return output.transpose(1, 2).flatten(2) @ self.output_projection.weight, weights


def dropout_on_the_output(self, query, key=None, value=None, mask=None):
    output, weights = _multi_head(self, query, key, value, mask, self.dropout * self.training)
    output = self.output_projection(output.transpose(1, 2).flatten(2))
    return F.dropout(output, self.dropout, self.training), weights


def mask_transposed(self, query, key=None, value=None, mask=None):
    mask = None if mask is None or mask.size(-1) != mask.size(-2) else mask.mT
    output, weights = _multi_head(self, query, key, value, mask, self.dropout * self.training)
    return self.output_projection(output.transpose(1, 2).flatten(2)), weights


def no_projection_and_mask_lost(self, query, key=None, value=None, mask=None):
    output, weights = _multi_head(self, query, key, value, None, self.dropout * self.training)
    return output.transpose(1, 2).flatten(2), weights


def query_returned(self, query, key=None, value=None, mask=None):
    return query, torch.ones(query.size(0), self.n_heads, query.size(1), query.size(1))


def name_error(self, query, key=None, value=None, mask=None):
    return undefined_name(query)  # noqa: F821


def wrong_matmul(self, query, key=None, value=None, mask=None):
    return query @ query, query


def weights_of_the_first_head(self, query, key=None, value=None, mask=None):
    output, weights = _multi_head(self, query, key, value, mask, self.dropout * self.training)
    return self.output_projection(output.transpose(1, 2).flatten(2)), weights[:, 0]


def lengths_exchanged(self, query, key=None, value=None, mask=None):
    output, weights = _multi_head(self, query, key, value, mask, self.dropout * self.training)
    length = query.size(1) if key is None else key.size(1)
    return self.output_projection(output.transpose(1, 2).flatten(2)[:, :length]), weights[..., :length, :]


def causal_random(length):
    return torch.rand(length, length) < 0.5


def causal_flipped(length):
    return torch.ones(length, length, dtype=torch.bool).tril().flip(1)


def causal_too_long(length):
    return torch.ones(length + 1, length + 1, dtype=torch.bool).tril()


def causal_nested_list(length):
    return [[s <= t for s in range(length)] for t in range(length)]


def causal_additive_transposed(length):
    return torch.full((length, length), -math.inf).tril(-1)


def causal_error(length):
    return torch.ones(length).tril()


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


def rate_exponential(step, peak, floor, warmup_steps, total_steps):
    if step < warmup_steps:
        return peak * step / warmup_steps
    return max(floor, peak * 0.97 ** (step - warmup_steps))


def rate_inverse_root(step, peak, floor, warmup_steps, total_steps):
    step = max(step, 1)
    return peak * min(step / max(warmup_steps, 1), (max(warmup_steps, 1) / step) ** 0.5)


def rate_squared_warmup(step, peak, floor, warmup_steps, total_steps):
    if step >= total_steps:
        return floor
    if step < warmup_steps:
        return peak * (step / warmup_steps) ** 2
    return floor + 0.5 * (peak - floor) * (
        1 + math.cos(math.pi * (step - warmup_steps) / (total_steps - warmup_steps))
    )


def rate_as_text(step, peak, floor, warmup_steps, total_steps):
    return str(floor)


def rate_constant(step, peak, floor, warmup_steps, total_steps):
    return floor


def rate_linear_from_one_ahead(step, peak, floor, warmup_steps, total_steps):
    if step >= total_steps:
        return floor
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    return peak - (peak - floor) * (step - warmup_steps) / (total_steps - warmup_steps)


def rate_two_cycles(step, peak, floor, warmup_steps, total_steps):
    if step >= total_steps:
        return floor
    if step < warmup_steps:
        return peak * step / warmup_steps
    progress = 2 * (step - warmup_steps) / (total_steps - warmup_steps) % 1.0
    return floor + 0.5 * (peak - floor) * (1 + math.cos(math.pi * progress))


def _answers(model, tokenizer, text, k, *, temperature=1.0, shift=0):
    from attentif.bias import MaskedScorer

    scorer = MaskedScorer(model, tokenizer)
    ids = list(scorer.encode(text).ids)
    places = [i + shift for i, token in enumerate(ids) if token == scorer.mask_id]
    if not places:
        raise ValueError("the mask is missing")
    rows = (scorer.log_probabilities([ids], [places]) / temperature).softmax(-1)
    return [
        [(scorer.token(i), float(row[i])) for i in row.argsort(descending=True)[:k].tolist()] for row in rows
    ]


def fill_with_temperature(model, tokenizer, text, k=5):
    return _answers(model, tokenizer, text, k, temperature=0.5)


def fill_one_after(model, tokenizer, text, k=5):
    return _answers(model, tokenizer, text, k, shift=1)


def fill_masks_in_reverse(model, tokenizer, text, k=5):
    return _answers(model, tokenizer, text, k)[::-1]


def fill_one_too_few(model, tokenizer, text, k=5):
    return [best[:-1] for best in _answers(model, tokenizer, text, k)]


def fill_uniform(model, tokenizer, text, k=5):
    return [
        [(token, 1 / tokenizer.vocab_size) for token, _ in best]
        for best in _answers(model, tokenizer, text, k)
    ]


def fill_as_dict(model, tokenizer, text, k=5):
    return [dict(best) for best in _answers(model, tokenizer, text, k)]


def fill_k_cut_to_the_vocabulary(model, tokenizer, text, k=5):
    return _answers(model, tokenizer, text, max(1, min(k, model.config.vocab_size)))


def fill_error(model, tokenizer, text, k=5):
    return model.predict(text)


def fill_percent_of_ids(model, tokenizer, text, k=5):
    return [
        [(rank, 100 * p) for rank, (_, p) in enumerate(best)] for best in _answers(model, tokenizer, text, k)
    ]


OUTSIDE = {
    "scaled_dot_product_attention": {
        attention_of_rolled_keys: ("dropout_missing",),
        attention_by_cosine: ("dropout_missing",),
        attention_squared_weights: ("dropout_missing",),
        attention_relu: (),
        attention_unscaled_and_inverted: ("no_scaling", "mask_inverted", "dropout_missing"),
        attention_hard: (),
        attention_plus_value_mean: ("dropout_missing",),
        attention_shape_error: (),
        attention_dropout_of_whole_keys: ("nan_when_nothing_visible",),
        attention_half_precision: ("dropout_missing", "nan_when_nothing_visible"),
    },
    "MultiHeadAttention": {
        heads_summed: (),
        heads_reversed: (),
        output_projection_twice: (),
        projection_without_bias: (),
        projection_not_transposed: (),
        dropout_on_the_output: (),
        mask_transposed: ("mask_not_passed",),
        no_projection_and_mask_lost: ("no_output_projection", "mask_not_passed"),
        query_returned: (),
        name_error: (),
        wrong_matmul: (),
        weights_of_the_first_head: (),
        lengths_exchanged: (),
    },
    "causal_mask": {
        causal_random: (),
        causal_flipped: (),
        causal_too_long: (),
        causal_nested_list: (),
        causal_additive_transposed: ("additive_float",),
        causal_error: (),
    },
    "mask_tokens": {
        mask_70_20_10: (),
        mask_spans: (),
        mask_whole_rows: (),
        mask_32_bits: (),
        mask_tokens_of_the_batch: ("specials_drawn",),
        mask_81_9_10_and_mutated: ("draws_81_9_10", "input_mutated"),
        mask_fixed_seed: ("generator_ignored",),
        mask_labels_minus_one: ("labels_another_negative",),
        mask_nothing: (),
        mask_first_tokens: (),
    },
    "warmup_cosine": {
        rate_exponential: (),
        rate_inverse_root: (),
        rate_squared_warmup: (),
        rate_as_text: (),
        rate_constant: (),
        rate_linear_from_one_ahead: ("warmup_one_ahead", "linear_decay"),
        rate_two_cycles: (),
    },
    "fill_mask": {
        fill_with_temperature: (),
        fill_one_after: (),
        fill_masks_in_reverse: ("k_not_checked",),
        fill_one_too_few: (),
        fill_uniform: (),
        fill_as_dict: (),
        fill_k_cut_to_the_vocabulary: ("k_not_checked",),
        fill_error: (),
        fill_percent_of_ids: ("percentages", "ids_returned"),
    },
}

# Other exercises have a file of their own, outside_NAME.py, whose OUTSIDE is of the same form.
for _path in sorted(Path(__file__).parent.glob("outside_*.py")):
    OUTSIDE[_path.stem.removeprefix("outside_")] = importlib.import_module(_path.stem).OUTSIDE
