"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

from torch import nn

from attentif_grading.exercises import variant


@variant
def sets_of_ids(model, weight_decay):
    embedded = {id(m.weight) for m in model.modules() if isinstance(m, nn.Embedding)}
    linear = {id(m.weight) for m in model.modules() if isinstance(m, nn.Linear)}
    trained = [p for p in model.parameters() if p.requires_grad]
    return [
        {"params": [p for p in trained if id(p) in linear - embedded], "weight_decay": weight_decay},
        {"params": [p for p in trained if id(p) not in linear - embedded], "weight_decay": 0.0},
    ]


@variant
def module_by_module(model, weight_decay):
    decay, no_decay, seen = [], [], set()
    # Embeddings first: a matrix that they share is then taken when the linear layer comes.
    layers = sorted(model.modules(), key=lambda layer: not isinstance(layer, nn.Embedding))
    for layer in layers:
        for name, p in layer.named_parameters(recurse=False):
            if p in seen or not p.requires_grad:
                continue
            seen.add(p)
            (decay if isinstance(layer, nn.Linear) and name == "weight" else no_decay).append(p)
    return (
        {"params": tuple(decay), "weight_decay": weight_decay},
        {"params": tuple(no_decay), "weight_decay": 0},
    )


@variant
def users_of_each_parameter(model, weight_decay):
    users = {}
    for layer in model.modules():
        for name, p in layer.named_parameters(recurse=False):
            users.setdefault(p, []).append((layer, name))
    groups = [{"params": [], "weight_decay": weight_decay}, {"params": [], "weight_decay": 0.0}]
    for p in sorted(users, key=lambda p: -p.numel()):
        if p.requires_grad:
            matrix = all(isinstance(layer, nn.Linear) and name == "weight" for layer, name in users[p])
            groups[not matrix]["params"].append(p)
    return groups


@variant
def by_subtraction(model, weight_decay):
    every = {p for p in model.parameters() if p.requires_grad}
    matrices = {m.weight for m in model.modules() if isinstance(m, nn.Linear)}
    tables = {m.weight for m in model.modules() if isinstance(m, nn.Embedding)}
    decayed = every & matrices - tables
    return [
        {"params": list(decayed), "weight_decay": weight_decay, "name": "decayed"},
        {"params": list(every - decayed), "weight_decay": 0.0, "name": "others"},
    ]
