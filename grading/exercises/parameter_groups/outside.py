"""Wrong splits of the parameters outside the catalogue: caught they must be, named only if it is true."""

from __future__ import annotations

from torch import nn


def _split(model, weight_decay, decays):
    every = [parameter for parameter in model.parameters() if parameter.requires_grad]
    chosen = decays(model)
    return [
        {"params": [p for p in every if id(p) in chosen], "weight_decay": weight_decay},
        {"params": [p for p in every if id(p) not in chosen], "weight_decay": 0.0},
    ]


def _weights(model, kind):
    return {id(layer.weight) for layer in model.modules() if isinstance(layer, kind)}


def _right(model):
    return _weights(model, nn.Linear) - _weights(model, nn.Embedding)


def one_group(model, weight_decay):
    return [{"params": list(model.parameters()), "weight_decay": weight_decay}]


def three_groups(model, weight_decay):
    groups = _split(model, weight_decay, _right)
    return [*groups, {"params": [], "weight_decay": 0.0}]


def embeddings_alone(model, weight_decay):
    return _split(model, weight_decay, lambda model: _weights(model, nn.Embedding))


def large_ones(model, weight_decay):
    return _split(model, weight_decay, lambda model: {id(p) for p in model.parameters() if p.numel() > 20})


def square_root_of_the_decay(model, weight_decay):
    groups = _split(model, weight_decay, _right)
    groups[0]["weight_decay"] **= 0.5
    return groups


def last_layer_spared(model, weight_decay):
    def decays(model):
        linear = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
        return {id(layer.weight) for layer in linear[:-1]} - _weights(model, nn.Embedding)

    return _split(model, weight_decay, decays)


def layers_listed(model, weight_decay):
    linear = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
    others = [layer for layer in model.modules() if not isinstance(layer, nn.Linear)]
    return [{"params": linear, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]


def only_what_decays(model, weight_decay):
    groups = _split(model, weight_decay, _right)
    return [groups[0], {"params": [], "weight_decay": 0.0}]


def generators(model, weight_decay):
    groups = _split(model, weight_decay, _right)
    return [{**group, "params": (p for p in group["params"])} for group in groups]


def an_optimizer_s_attribute(model, weight_decay):
    return model.parameters().groups(weight_decay)


def decays_exchanged_and_biases(model, weight_decay):
    groups = _split(
        model,
        weight_decay,
        lambda model: {
            id(p) for layer in model.modules() if isinstance(layer, nn.Linear) for p in layer.parameters()
        },
    )
    groups[0]["weight_decay"], groups[1]["weight_decay"] = 0.0, weight_decay
    return groups


OUTSIDE = {
    one_group: (),
    three_groups: (),
    embeddings_alone: ("nothing_decays",),
    large_ones: (),
    square_root_of_the_decay: (),
    last_layer_spared: (),
    layers_listed: (),
    only_what_decays: (),
    generators: (),
    an_optimizer_s_attribute: (),
    decays_exchanged_and_biases: (),
}
