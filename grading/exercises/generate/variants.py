"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import torch

from attentif import sample_next_token
from attentif_grading.exercises import variant


@variant
def columns_in_a_list(
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
    was_training = model.training
    model.eval()
    columns = list(token_ids.unbind(dim=1))
    n_rows, done = token_ids.shape[0], set()
    with torch.no_grad():
        while len(columns) < token_ids.shape[1] + max_new_tokens and (eos_id is None or len(done) < n_rows):
            window = torch.stack(columns[-model.config.max_length :], dim=1)
            scores = model(window)[:, -1, :]
            new = sample(
                scores, temperature=temperature, top_k=top_k, top_p=top_p, generator=generator
            ).tolist()
            new = [eos_id if row in done else token for row, token in enumerate(new)]
            done.update(row for row, token in enumerate(new) if token == eos_id)
            columns.append(torch.tensor(new, device=token_ids.device))
    model.train(was_training)
    return torch.stack(columns, dim=1)


@variant
def room_made_beforehand(
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
    model = model.eval()
    n_rows, length = token_ids.shape
    text = torch.full((n_rows, length + max_new_tokens), -1 if eos_id is None else eos_id)
    text[:, :length] = token_ids
    going_on = torch.ones(n_rows, dtype=torch.bool)
    end = length
    while end < text.size(1) and going_on.any():
        first = max(0, end - model.config.max_length)
        logits = model(text[:, first:end])
        drawn = sample(logits[:, end - first - 1], temperature, top_k, top_p, generator)
        # Rows that have finished already hold eos_id.
        text[going_on, end] = drawn[going_on]
        if eos_id is not None:
            going_on &= drawn != eos_id
        end += 1
    return text[:, :end]


@variant
def step_by_recursion(
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
    mode = model.training

    def go_on(text, finished, n_left):
        if n_left == 0 or bool(finished.all()):
            return text
        model.train(False)
        last = model(text[:, -model.config.max_length :])[:, -1]
        token = sample(last, temperature, top_k, top_p, generator)
        if eos_id is not None:
            token = token * ~finished + eos_id * finished
            finished = finished.logical_or(token.eq(eos_id))
        return go_on(torch.hstack([text, token.unsqueeze(1)]), finished, n_left - 1)

    try:
        return go_on(token_ids, torch.zeros(len(token_ids), dtype=torch.bool), max_new_tokens)
    finally:
        model.train(mode)


@variant
def only_rows_that_go_on(
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
    """The model is asked about unfinished rows alone."""
    was_training = model.training
    model.eval()
    texts = token_ids.tolist()
    open_rows = list(range(len(texts)))
    for _ in range(max_new_tokens):
        if not open_rows:
            break
        window = torch.tensor([texts[row][-model.config.max_length :] for row in open_rows])
        new = sample(model(window)[:, -1], temperature, top_k, top_p, generator)
        for row, token in zip(list(open_rows), new.tolist(), strict=True):
            texts[row].append(token)
            if token == eos_id:
                open_rows.remove(row)
    model.train(was_training)
    longest = max(len(text) for text in texts)
    return torch.tensor([text + [eos_id] * (longest - len(text)) for text in texts])
