"""Wrong answers to beam_search that its catalogue does not hold."""

from __future__ import annotations

import torch

from attentif import Beam


def _search(
    model,
    token_ids,
    n_new,
    n_beams,
    alpha,
    eos_id,
    *,
    scale=1.0,
    worst=False,
    power=None,
    read=None,
    sign=1.0,
):
    """A right answer, but for what is asked otherwise."""
    model.eval()
    start, beams, done = token_ids.tolist(), [(0.0, [])], []
    for _ in range(n_new):
        grown = []
        for total, new in beams:
            window = (start + new)[-model.config.max_length :]
            logits = model(torch.tensor([window if read is None else read(window)]))[0, -1]
            step = (logits.double() / scale).log_softmax(-1).tolist()
            grown += [(total + share, [*new, token]) for token, share in enumerate(step)]
        grown.sort(key=lambda pair: pair[0], reverse=not worst)
        done += [pair for pair in grown[:n_beams] if pair[1][-1] == eos_id]
        beams = [pair for pair in grown if pair[1][-1] != eos_id][:n_beams]
    power = power or (lambda n: n**alpha)
    every = [Beam(start + new, sign * total, sign * total / power(len(new))) for total, new in done + beams]
    return sorted(every, key=lambda beam: beam.score, reverse=sign > 0)[:n_beams]


def beams_by_temperature(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    return _search(model, token_ids, max_new_tokens, n_beams, alpha, eos_id, scale=0.5)


def beams_the_worst(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    return _search(model, token_ids, max_new_tokens, n_beams, alpha, eos_id, worst=True)


def beams_with_the_penalty_of_the_paper(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    def power(n):
        return ((5 + n) / 6) ** alpha

    return _search(model, token_ids, max_new_tokens, n_beams, alpha, eos_id, power=power)


def beams_read_backwards(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    return _search(model, token_ids, max_new_tokens, n_beams, alpha, eos_id, read=lambda ids: ids[::-1])


def beams_of_costs(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    """−log P, the least first."""
    return _search(model, token_ids, max_new_tokens, n_beams, alpha, eos_id, sign=-1.0)


def beams_one_too_many(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    return _search(model, token_ids, max_new_tokens, n_beams + 1, alpha, eos_id)


def beams_the_worst_first(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    return _search(model, token_ids, max_new_tokens, n_beams, alpha, eos_id)[::-1]


def beams_only_the_best(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    return _search(model, token_ids, max_new_tokens, n_beams, alpha, eos_id)[:1]


def beams_as_lists_of_ids(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    return [beam.token_ids for beam in _search(model, token_ids, max_new_tokens, n_beams, alpha, eos_id)]


def beams_one_step_only(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    return _search(model, token_ids, 1, n_beams, alpha, eos_id)


def beams_error(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    return model(token_ids).topk(n_beams).indexes


def beams_multiplied_and_without_the_beginning(
    model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None
):
    def power(n):
        return n**-alpha

    found = _search(model, token_ids, max_new_tokens, n_beams, alpha, eos_id, power=power)
    return [Beam(beam.token_ids[len(token_ids) :], beam.log_probability, beam.score) for beam in found]


OUTSIDE = {
    beams_by_temperature: (),
    beams_the_worst: (),
    beams_with_the_penalty_of_the_paper: (),
    beams_read_backwards: (),
    beams_of_costs: (),
    beams_one_too_many: (),
    beams_the_worst_first: (),
    beams_only_the_best: (),
    beams_as_lists_of_ids: (),
    beams_one_step_only: (),
    beams_error: (),
    beams_multiplied_and_without_the_beginning: ("only_the_new_tokens", "penalty_multiplied"),
}
