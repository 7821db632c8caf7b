"""Hidden checks of MultiHeadAttention, against torch's nn.MultiheadAttention and a loop over heads."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional as F

from attentif.checks.compare import match, match_gradients, value_of
from attentif.checks.engine import CheckSet
from attentif.checks.public.MultiHeadAttention import output_of
from attentif.checks.text import text
from attentif.checks.values import Recipe, Request, part
from attentif_grading.salt import rng_for

CHECKS = CheckSet("MultiHeadAttention")
NAME = "MultiHeadAttention"
B, T, S, H, K = 3, 4, 6, 2, 5
D = H * K


def _sequence(rng, batch=B, length=T, d_model=D, dtype=np.float64):
    return (rng.normal(size=(batch, length, d_model)) * rng.uniform(0.5, 1.5, (length, 1)) - 0.3).astype(
        dtype
    )


def _layer(rng, d_model=D, n_heads=H, bias=True, dropout=0.0, attend=None, dtype=np.float64):
    state = {}
    for name in ("query", "key", "value", "output"):
        state[f"{name}_projection.weight"] = (
            rng.normal(size=(d_model, d_model)) * 1.5 / d_model**0.5
        ).astype(dtype)
        if bias:
            state[f"{name}_projection.bias"] = (rng.normal(size=d_model) + 0.4).astype(dtype)
    attend = attend or part("scaled_dot_product_attention")
    init = {"d_model": d_model, "n_heads": n_heads, "dropout": dropout, "bias": bias, "attend": attend}
    return {"init": init, "state": state}


def _visible(rng, *shape):
    mask = rng.random(shape) < 0.6
    mask[..., 0] |= ~mask.any(-1)
    return mask


def _torch_layer(layer, query, key, value, mask=None):
    """(output, weights) by torch's own multi-head attention, from tensors; gradients pass."""
    state, n_heads = layer["state"], layer["init"]["n_heads"]
    names = ("query_projection", "key_projection", "value_projection")
    in_bias = None
    if layer["init"]["bias"]:
        in_bias = torch.cat([state[f"{name}.bias"] for name in names])
    hidden = None
    if mask is not None:
        shape = (query.size(0), n_heads, query.size(1), key.size(1))
        hidden = ~torch.from_numpy(mask).expand(shape).reshape(-1, *shape[2:])  # (B * H, T, S)
    output, weights = F.multi_head_attention_forward(
        query.transpose(0, 1), key.transpose(0, 1), value.transpose(0, 1),
        query.size(-1), n_heads, torch.cat([state[f"{name}.weight"] for name in names]), in_bias,
        None, None, False, 0.0, state["output_projection.weight"], state.get("output_projection.bias"),
        training=False, attn_mask=hidden, average_attn_weights=False,
    )  # fmt: skip
    return output.transpose(0, 1), weights


def _oracle(layer, query, key=None, value=None, mask=None):
    """(output, weights) in float64."""
    key = query if key is None else key
    value = key if value is None else value
    state = {name: torch.from_numpy(array).double() for name, array in layer["state"].items()}
    inputs = [torch.from_numpy(array).double() for array in (query, key, value)]
    output, weights = _torch_layer({**layer, "state": state}, *inputs, mask)
    return output.numpy(), weights.numpy()


def _loop(layer, attend, query, key, value, mask):
    """The output head by head, each with its own slice of the projections; attend is for one head."""
    state, n_heads = layer["state"], layer["init"]["n_heads"]
    width = query.shape[-1] // n_heads
    full = np.broadcast_to(mask, (query.shape[0], n_heads, query.shape[1], key.shape[1]))
    output = np.zeros_like(query)
    for row in range(query.shape[0]):
        heads = []
        for head in range(n_heads):
            rows = slice(head * width, (head + 1) * width)
            q, k, v = (
                x[row] @ state[f"{name}_projection.weight"][rows].T + state[f"{name}_projection.bias"][rows]
                for name, x in (("query", query), ("key", key), ("value", value))
            )
            heads.append(attend(q, k, v, full[row, head]))
        output[row] = np.concatenate(heads, -1) @ state["output_projection.weight"].T
        output[row] += state["output_projection.bias"]
    return output


def _by_distance(query, key, value, visible):
    """One head of the recipe `distance_attention`, without dropout."""
    distance = ((query[:, None] - key[None]) ** 2).sum(-1)
    closeness = visible / (1.0 + distance)
    return closeness @ value / closeness.sum(-1, keepdims=True)


def _run(student, layer, **kwargs):
    return student.run(Request(kwargs=kwargs, **layer))


def _agrees(student, layer, **kwargs):
    output, _ = _oracle(layer, **kwargs)
    dtype = kwargs["query"].dtype
    match(output_of(_run(student, layer, **kwargs)), output.astype(dtype))


@CHECKS.check(
    points=0.75,
    title=text("self-attention on unseen inputs", "auto-attention sur des données nouvelles"),
    hint=text(
        "Try it with other sizes: one head, as many heads as dimensions, no bias, one position.",
        "Essayez d'autres tailles : une tête, autant de têtes que de dimensions, sans biais, une position.",
    ),
)
def values(student, cases):
    rng = rng_for(NAME, "values")
    _agrees(student, _layer(rng), query=_sequence(rng))
    _agrees(student, _layer(rng, 12, 4), query=_sequence(rng, 1, 7, 12))
    _agrees(student, _layer(rng, 6, 3, bias=False), query=_sequence(rng, 5, 1, 6))
    _agrees(student, _layer(rng, 6, 6), query=_sequence(rng, 2, 3, 6))
    _agrees(student, _layer(rng, 4, 1), query=_sequence(rng, 2, 3, 4))
    _agrees(student, _layer(rng, dtype=np.float32), query=_sequence(rng, dtype=np.float32))


@CHECKS.check(
    points=0.5,
    needs=("values",),
    title=text("cross-attention on unseen inputs", "attention croisée sur des données nouvelles"),
    hint=text(
        "The keys come from `key`, the values from `value`; only what is missing is replaced.",
        "Les clés viennent de `key`, les valeurs de `value` ; on ne remplace que ce qui manque.",
    ),
)
def cross_attention(student, cases):
    rng = rng_for(NAME, "cross_attention")
    _agrees(student, _layer(rng), query=_sequence(rng), key=_sequence(rng, length=S))
    for length in (S, T, 1):
        key, value = _sequence(rng, length=length), _sequence(rng, length=length)
        _agrees(student, _layer(rng), query=_sequence(rng), key=key, value=value)
    query = _sequence(rng)
    _agrees(student, _layer(rng), query=query, value=_sequence(rng))


@CHECKS.check(
    points=0.5,
    needs=("values",),
    title=text(
        "masks of several shapes on unseen inputs", "masques de plusieurs formes sur des données nouvelles"
    ),
    hint=text("The mask goes to self.attend untouched.", "Le masque va à self.attend sans changement."),
)
def masks(student, cases):
    # Lengths that differ belong to cross_attention and to padding: here they would cost points again.
    rng = rng_for(NAME, "masks")
    memory = _sequence(rng)
    for shape in ((B, H, T, T), (B, 1, T, T), (B, 1, 1, T), (1, H, T, T), (T, T)):
        _agrees(student, _layer(rng), query=_sequence(rng), key=memory, mask=_visible(rng, *shape))


@CHECKS.check(
    points=0.5,
    needs=("values",),
    title=text(
        "the weights of each head on unseen inputs", "les poids de chaque tête sur des données nouvelles"
    ),
    hint=text(
        "The second result has the shape (B, H, T, S), neither averaged nor merged.",
        "Le second résultat a la forme (B, H, T, S), sans moyenne ni fusion.",
    ),
)
def weights(student, cases):
    rng = rng_for(NAME, "weights")
    layer = _layer(rng)
    kwargs = {"query": _sequence(rng), "key": _sequence(rng), "mask": _visible(rng, B, 1, T, T)}
    match(value_of(_run(student, layer, **kwargs)), _oracle(layer, **kwargs))
    layer, query = _layer(rng, 12, 4), _sequence(rng, 1, 5, 12)
    match(value_of(_run(student, layer, query=query)), _oracle(layer, query))


@CHECKS.check(
    points=0.25,
    needs=("masks",),
    title=text(
        "with a causal mask, the future has no influence",
        "avec un masque causal, le futur est sans influence",
    ),
    hint=text(
        "Each position must only see what the mask shows.",
        "Chaque position ne doit voir que ce que le masque montre.",
    ),
)
def causality(student, cases):
    rng = rng_for(NAME, "causality")
    layer, query, seen = _layer(rng), _sequence(rng, length=7), 3
    changed = query.copy()
    changed[:, seen:] += 5.0 * rng.normal(size=changed[:, seen:].shape)
    mask = np.tri(7, dtype=bool)
    first = output_of(_run(student, layer, query=query, mask=mask))
    second = output_of(_run(student, layer, query=changed, mask=mask))
    match(second[:, :seen], first[:, :seen])


@CHECKS.check(
    points=0.25,
    needs=("masks", "cross_attention"),
    title=text(
        "padding on either side changes nothing",
        "un remplissage (padding) à gauche ou à droite ne change rien",
    ),
    hint=text("Hidden keys must not count at all.", "Les clés cachées ne doivent pas compter du tout."),
)
def padding(student, cases):
    rng = rng_for(NAME, "padding")
    layer, query, memory = _layer(rng), _sequence(rng), _sequence(rng, length=S)
    plain = output_of(_run(student, layer, query=query, key=memory))
    extra = 9.0 * _sequence(rng, length=2)
    for sides in ((extra, memory), (memory, extra)):
        mask = np.concatenate([np.full(part.shape[1], part is memory) for part in sides])[None, None, None]
        padded = _run(student, layer, query=query, key=np.concatenate(sides, 1), mask=mask)
        match(output_of(padded), plain)


@CHECKS.check(
    points=0.25,
    needs=("cross_attention",),
    title=text(
        "the order of the batch, and of what is read, does not matter",
        "ni l'ordre du lot, ni celui de ce qui est lu ne compte",
    ),
    hint=text(
        "No row may see another row of the batch, and attention alone knows no order.",
        "Une ligne du lot n'en voit pas d'autre, et l'attention seule ne connaît pas l'ordre.",
    ),
)
def permutations(student, cases):
    rng = rng_for(NAME, "permutations")
    layer, query, memory = _layer(rng), _sequence(rng), _sequence(rng, length=S)
    plain = output_of(_run(student, layer, query=query, key=memory))
    order, rows = rng.permutation(S), np.roll(np.arange(B), 1)
    match(output_of(_run(student, layer, query=query, key=memory[:, order])), plain)
    match(output_of(_run(student, layer, query=query[rows], key=memory[rows])), plain[rows])


@CHECKS.check(
    points=0.5,
    needs=("values",),
    title=text("gradients on unseen inputs", "gradients sur des données nouvelles"),
    hint=text(
        "Inputs, weights and biases of all four projections must receive one.",
        "Les entrées, les poids et les biais des quatre projections doivent en recevoir un.",
    ),
)
def gradients(student, cases):
    rng = rng_for(NAME, "gradients")
    layer, mask = _layer(rng), _visible(rng, B, 1, T, T)
    inputs = {name: _sequence(rng) for name in ("query", "key", "value")}
    cotangent = rng.normal(size=(B, T, D))
    leaves = {n: torch.from_numpy(a).requires_grad_() for n, a in (inputs | layer["state"]).items()}
    output, _ = _torch_layer({**layer, "state": leaves}, *(leaves[name] for name in inputs), mask)
    expected = torch.autograd.grad(output, list(leaves.values()), torch.from_numpy(cotangent))
    request = Request(
        kwargs={**inputs, "mask": mask},
        cotangent=cotangent,
        wrt=tuple(inputs),
        parameter_gradients=True,
        **layer,
    )
    outcome = student.run(request)
    match(output_of(outcome), output.detach().numpy())
    match_gradients(outcome.gradients, {n: g.numpy() for n, g in zip(leaves, expected, strict=True)})


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text("evaluation mode on unseen inputs", "mode évaluation sur des données nouvelles"),
    hint=text("Dropout belongs to training.", "L'abandon (dropout) appartient à l'entraînement."),
)
def evaluation(student, cases):
    rng = rng_for(NAME, "evaluation")
    _agrees(student, _layer(rng, dropout=0.5), query=_sequence(rng), key=_sequence(rng))


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "another attention in its place, on unseen inputs",
        "une autre attention à sa place, sur des données nouvelles",
    ),
    hint=text(
        "The layer works with whatever attention it was given as `attend`.",
        "La couche fonctionne avec l'attention qu'on lui donne, quelle qu'elle soit, par `attend`.",
    ),
)
def given_attention(student, cases):
    rng = rng_for(NAME, "given_attention")
    layer = _layer(rng, dropout=0.25, attend=Recipe("distance_attention"))
    query, memory, mask = _sequence(rng), _sequence(rng), _visible(rng, B, 1, T, T)
    expected = _loop(layer, _by_distance, query, memory, memory, mask)
    request = {"query": query, "key": memory, "mask": mask}
    match(output_of(_run(student, layer, **request)), expected)
    # The recipe multiplies its output by 1 − dropout_p, the biases of the last projection are left.
    bias = layer["state"]["output_projection.bias"]
    trained = student.run(Request(kwargs=request, training=True, **layer))
    match(output_of(trained), 0.75 * (expected - bias) + bias)
