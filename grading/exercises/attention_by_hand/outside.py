"""Wrong answers to attention_by_hand that no misconception describes."""

from __future__ import annotations

import torch

from attentif.by_hand import KEY, QUERY, VALUE


def _tables(scores=None, weights=None):
    query, key, value = (torch.tensor(rows, dtype=torch.float64) for rows in (QUERY, KEY, VALUE))
    scores = query @ key.T / 2**0.5 if scores is None else scores(query, key)
    weights = scores.softmax(-1) if weights is None else weights(scores)
    return {"scores": scores, "weights": weights, "outputs": weights @ value}


def one_slip():
    answer = _tables()
    answer["weights"][1, 2] += 0.02
    return answer


def one_sign_lost():
    return _tables(scores=lambda query, key: (query @ key.T).abs() / 2**0.5)


def distances():
    return _tables(scores=lambda query, key: -torch.cdist(query, key))


def hard_maximum():
    return _tables(weights=lambda scores: torch.nn.functional.one_hot(scores.argmax(-1), 3).double())


def uniform():
    return _tables(weights=lambda scores: torch.full((3, 3), 1 / 3, dtype=torch.float64))


def causal():
    return _tables(weights=lambda scores: scores.masked_fill(torch.ones(3, 3).triu(1) > 0, -1e9).softmax(-1))


def one_decimal():
    return {name: table.round(decimals=1) for name, table in _tables().items()}


def percent():
    answer = _tables()
    return answer | {"weights": 100 * answer["weights"]}


def three_tables_without_names():
    return tuple(_tables().values())


def dots_left():
    return {name: [[...] * len(row) for row in table] for name, table in _tables().items()}


def texts():
    return {name: [[f"{x:.3f}" for x in row] for row in table.tolist()] for name, table in _tables().items()}


def outputs_flat():
    answer = _tables()
    return answer | {"outputs": answer["outputs"].flatten()}


def unscaled_and_keys_averaged():
    answer = _tables(scores=lambda query, key: query @ key.T)
    return answer | {"outputs": answer["weights"] @ torch.tensor(KEY, dtype=torch.float64)}


OUTSIDE = {
    one_slip: (),
    one_sign_lost: (),
    distances: (),
    hard_maximum: (),
    uniform: (),
    causal: (),
    one_decimal: (),
    percent: (),
    three_tables_without_names: (),
    dots_left: (),
    texts: (),
    outputs_flat: (),
    unscaled_and_keys_averaged: ("no_scaling", "keys_averaged"),
}
