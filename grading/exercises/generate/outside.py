"""Wrong answers to generate that its catalogue does not hold."""

from __future__ import annotations

import torch

from attentif import sample_next_token


def _write(model, token_ids, n, options, eos_id=None, *, read=lambda text: text, put=None, shift=0):
    """A right answer, but for what the model reads, where the token is put, and which one."""
    *options, sample = options
    model.eval()
    finished = torch.zeros(len(token_ids), dtype=torch.bool)
    for _ in range(n):
        window = read(token_ids[:, -model.config.max_length :])
        new = sample(model(window)[:, -1], *options)
        new = (new + shift) % model.config.vocab_size
        if eos_id is not None:
            new = torch.where(finished, eos_id, new)
            finished |= new == eos_id
        parts = [token_ids, new[:, None]]
        token_ids = torch.cat(parts[::-1] if put == "first" else parts, dim=1)
        if finished.all():
            break
    return token_ids


def text_read_backwards(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    options = (temperature, top_k, top_p, generator, sample)
    return _write(model, token_ids, max_new_tokens, options, eos_id, read=lambda text: text.flip(1))


def text_put_before(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    options = (temperature, top_k, top_p, generator, sample)
    return _write(model, token_ids, max_new_tokens, options, eos_id, put="first")


def text_of_next_ids(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    return _write(
        model, token_ids, max_new_tokens, (temperature, top_k, top_p, generator, sample), eos_id, shift=1
    )


def text_one_token_short_of_the_context(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    options = (temperature, top_k, top_p, generator, sample)
    return _write(
        model,
        token_ids,
        max_new_tokens,
        options,
        eos_id,
        read=lambda text: text[:, 1:] if text.size(1) > 1 else text,
    )


def text_one_token_too_few(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    return _write(
        model, token_ids, max_new_tokens - 1, (temperature, top_k, top_p, generator, sample), eos_id
    )


def text_all_at_once(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    """Every new token from the distribution after the beginning."""
    model.eval()
    logits = model(token_ids[:, -model.config.max_length :])[:, -1]
    new = [sample(logits, temperature, top_k, top_p, generator) for _ in range(max_new_tokens)]
    return torch.cat([token_ids, *(column[:, None] for column in new)], dim=1)


def text_of_the_first_row(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    text = _write(
        model, token_ids[:1], max_new_tokens, (temperature, top_k, top_p, generator, sample), eos_id
    )
    return text.repeat(len(token_ids), 1)


def text_padded_with_zeros(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    """After its end a row holds 0 instead of eos_id."""
    text = _write(model, token_ids, max_new_tokens, (temperature, top_k, top_p, generator, sample), eos_id)
    ended = (text[:, token_ids.size(1) :] == eos_id).cumsum(1) > 1 if eos_id is not None else text[:, :0] > 0
    text[:, text.size(1) - ended.size(1) :][ended] = 0
    return text


def text_as_lists(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    return _write(
        model, token_ids, max_new_tokens, (temperature, top_k, top_p, generator, sample), eos_id
    ).tolist()


def text_with_options_in_the_wrong_order(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    return _write(model, token_ids, max_new_tokens, (temperature, top_p, top_k, generator, sample), eos_id)


def text_error(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    return model.generate(token_ids)


def text_greedy_and_without_the_beginning(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    return _write(model, token_ids, max_new_tokens, (0, None, None, None, sample), eos_id)[
        :, token_ids.size(1) :
    ]


OUTSIDE = {
    text_read_backwards: (),
    text_put_before: (),
    text_of_next_ids: (),
    text_one_token_short_of_the_context: (),
    text_one_token_too_few: (),
    text_all_at_once: ("eos_ignored",),
    text_of_the_first_row: (),
    text_padded_with_zeros: (),
    text_as_lists: (),
    text_with_options_in_the_wrong_order: (),
    text_error: (),
    text_greedy_and_without_the_beginning: ("only_the_new_tokens", "always_greedy"),
}
