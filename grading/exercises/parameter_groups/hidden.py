"""Hidden checks of parameter_groups, against the list of layers from which each model was put together."""

from __future__ import annotations

import string

from attentif.checks import recipes
from attentif.checks.engine import CheckSet
from attentif.checks.public.parameter_groups import check_decays, check_lists, groups_of, split_request
from attentif.checks.text import text
from attentif.checks.values import Recipe, Request
from attentif_grading.salt import rng_for

CHECKS = CheckSet("parameter_groups")
NAME = "parameter_groups"
# What the parameters of each kind of layer are: True for those that decay.
ROLES = {
    "linear": {".weight": True, ".bias": False},
    "linear_without_bias": {".weight": True},
    "embedding": {".weight": False},
    "norm": {".weight": False, ".bias": False},
    "own_norm": {".weight": False, ".bias": False},
    "vector": {"": False},
}


def _word(rng):
    return "".join(rng.choice(list(string.ascii_lowercase), 6))


def _layers(rng, kinds):
    """Layers of these kinds in another order, under names that say nothing, some inside others."""
    places = ["", f"{_word(rng)}.", f"{_word(rng)}.{_word(rng)}."]
    layers = {}
    for kind in rng.permutation(kinds):
        sizes = [int(size) for size in rng.integers(2, 6, 1 if kind in ("norm", "own_norm", "vector") else 2)]
        layers[f"{rng.choice(places)}{_word(rng)}"] = [str(kind), *sizes]
    return layers


def _expected(request):
    """(decayed, others) by the roles of the layers; a tied parameter goes by the name that the model gives it."""
    model = request.kwargs["model"]
    layers, ties, frozen = (model.arguments[name] for name in ("layers", "ties", "frozen"))
    decays = {}
    for layer, (kind, *_) in layers.items():
        for ending, decay in ROLES[kind].items():
            decays[f"{layer}{ending}"] = decay
    for name, same in ties.items():
        # One parameter under two names decays if both uses let it; a whole layer brings its own roles along.
        if name in decays:
            decays[name] = decays[same] = decays[name] and decays[same]
    listed = [name for name, _ in recipes.build(model, None).named_parameters()]
    kept = [name for name in listed if not any(f"{name}.".startswith(f"{ice}.") for ice in frozen)]
    renamed = {name: same for name, same in ties.items() if name not in decays}
    lists = ([], [])
    for name in kept:
        origin = next(
            (name.replace(new, old, 1) for new, old in renamed.items() if name.startswith(new)), name
        )
        lists[0 if decays[origin] else 1].append(name)
    return lists


def _agrees(student, request):
    groups = groups_of(student.run(request), request)
    check_lists(groups, *_expected(request))
    return groups


def _decay(rng):
    return float(rng.uniform(0.02, 0.5))


@CHECKS.check(
    points=0.25,
    title=text(
        "unseen models of linear layers and norms",
        "de nouveaux modèles de couches linéaires et de normalisations",
    ),
    hint=text(
        "Any number of layers, at any depth, with biases or without; there may be no linear layer at all.",
        "Des couches en nombre et à profondeur quelconques, avec ou sans biais ; il peut n'y avoir aucune couche "
        "linéaire.",
    ),
)
def split(student, cases):
    rng = rng_for(NAME, "split")
    for kinds in (
        ["linear"] * 3 + ["norm"] * 2 + ["linear_without_bias"],
        ["norm"],
        ["linear"] * 2 + ["norm"],
    ):
        _agrees(student, split_request(_layers(rng, kinds), _decay(rng)))


@CHECKS.check(
    points=0.25,
    needs=("split",),
    title=text(
        "the decays that are asked for, whatever they are",
        "les décroissances demandées, quelles qu'elles soient",
    ),
    hint=text("weight_decay may be 0 too.", "weight_decay peut aussi être nul."),
)
def decays(student, cases):
    rng = rng_for(NAME, "decays")
    for decay in (_decay(rng), 10 * _decay(rng), 0.0):
        request = split_request(_layers(rng, ["linear", "norm", "linear"]), decay)
        check_decays(groups_of(student.run(request), request), decay)


@CHECKS.check(
    points=0.5,
    needs=("split",),
    title=text(
        "embeddings in unseen models, tied or not", "plongements dans de nouveaux modèles, partagés ou non"
    ),
    hint=text(
        "The tied linear layer may come before the embedding or after it.",
        "La couche linéaire qui partage la matrice peut venir avant le plongement ou après.",
    ),
)
def embeddings(student, cases):
    rng = rng_for(NAME, "embeddings")
    _agrees(student, split_request(_layers(rng, ["embedding"] * 2 + ["linear"] * 2 + ["norm"]), _decay(rng)))
    for kind in ("linear", "linear_without_bias"):
        token, head = _word(rng), _word(rng)
        for order in (
            {token: ["embedding", 6, 3], head: [kind, 3, 6]},
            {head: [kind, 3, 6], token: ["embedding", 6, 3]},
        ):
            layers = order | _layers(rng, ["linear", "norm"])
            _agrees(student, split_request(layers, _decay(rng), ties={f"{head}.weight": f"{token}.weight"}))


@CHECKS.check(
    points=0.25,
    needs=("split",),
    title=text(
        "shared and frozen layers in unseen models", "couches partagées et gelées dans de nouveaux modèles"
    ),
    hint=text(
        "Collect parameters by identity; leave out those that need no gradient.",
        "Rassemblez les paramètres par identité ; laissez ceux qui ne demandent pas de gradient.",
    ),
)
def once(student, cases):
    rng = rng_for(NAME, "once")
    layers = _layers(rng, ["linear"] * 3 + ["norm"])
    linear = [name for name, (kind, *_) in layers.items() if kind == "linear"]
    _agrees(student, split_request(layers, _decay(rng), ties={f"{_word(rng)}": linear[1]}))
    layers = _layers(rng, ["linear"] * 3 + ["norm"] * 2)
    frozen = [str(name) for name in rng.permutation(list(layers))[:2]]
    left = next(name for name, (kind, *_) in layers.items() if kind == "linear" and name not in frozen)
    _agrees(student, split_request(layers, _decay(rng), frozen=[*frozen, f"{left}.weight"]))


@CHECKS.check(
    points=0.25,
    needs=("split",),
    title=text("unseen models with parts of one's own", "de nouveaux modèles avec des parties maison"),
    hint=text(
        "Every parameter that needs a gradient must be in a list, whatever module holds it.",
        "Tout paramètre qui demande un gradient doit être dans une liste, quel que soit le module qui le porte.",
    ),
)
def any_model(student, cases):
    rng = rng_for(NAME, "any_model")
    for _ in range(2):
        kinds = ["linear", "own_norm", "own_norm", "vector", "linear_without_bias", "vector"]
        _agrees(student, split_request(_layers(rng, kinds), _decay(rng)))


@CHECKS.check(
    points=0.25,
    needs=("embeddings",),
    title=text("the course's own models", "les modèles du cours"),
    hint=text(
        "BERT's output matrix is its token embedding.",
        "La matrice de sortie de BERT est son plongement des jetons.",
    ),
)
def library_models(student, cases):
    rng = rng_for(NAME, "library_models")
    for kind in ("MaskedLM", "CausalLM"):
        sizes = {
            "vocab_size": int(rng.integers(9, 20)),
            "d_model": 6,
            "n_heads": 2,
            "n_layers": 2,
            "max_length": 7,
        }
        request = Request(
            kwargs={"model": Recipe("library_model", {"kind": kind, **sizes}), "weight_decay": _decay(rng)}
        )
        listed = [name for name, _ in recipes.build(request.kwargs["model"], None).named_parameters()]
        # By the names that the library gives to its linear layers.
        linear = ("projection", "expand", "contract", "transform", "pooler", "classifier")
        decayed = [name for name in listed if name.endswith(tuple(f"{layer}.weight" for layer in linear))]
        groups = groups_of(student.run(request), request)
        check_lists(groups, decayed, [name for name in listed if name not in decayed])
