"""Wrong implementations that students really write, each with what it computes instead."""

from __future__ import annotations

from torch import nn

from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("norms_decay", "tied_in_both_lists", "frozen_listed")


def _matrices(model):
    """The ids of the matrices of linear layers that are no embeddings."""
    linear = {id(layer.weight) for layer in model.modules() if isinstance(layer, nn.Linear)}
    return linear - {id(layer.weight) for layer in model.modules() if isinstance(layer, nn.Embedding)}


def _trained(model):
    return [parameter for parameter in model.parameters() if parameter.requires_grad]


@misconception(
    "everything_decays",
    en="all parameters are in the first list: biases, norms and embeddings belong in the second",
    fr="tous les paramètres sont dans la première liste : biais, normalisations et plongements vont dans la seconde",
)
def everything_decays(model, weight_decay):
    return [
        {"params": _trained(model), "weight_decay": weight_decay},
        {"params": [], "weight_decay": 0.0},
    ]


@again(everything_decays)
def everything_decays_2(model, weight_decay):
    every = list(filter(lambda p: p.requires_grad, model.parameters()))
    return [dict(params=every[i:], weight_decay=weight_decay * (i == 0)) for i in (0, len(every))]


@misconception(
    "nothing_decays",
    en="no matrix of a linear layer is in the first list, that of what decays: they all belong there",
    fr="aucune matrice de couche linéaire n'est dans la première liste, celle de ce qui décroît : toutes y ont leur place",
)
def nothing_decays(model, weight_decay):
    return [
        {"params": [], "weight_decay": weight_decay},
        {"params": _trained(model), "weight_decay": 0.0},
    ]


@again(nothing_decays)
def nothing_decays_2(model, weight_decay):
    first, second = [], []
    for p in model.parameters():
        if p.requires_grad:
            (first if isinstance(p, nn.Linear) else second).append(p)
    return [{"params": first, "weight_decay": weight_decay}, {"params": second, "weight_decay": 0.0}]


@misconception(
    "only_biases_spared",
    en="you spare biases only: the gains of norms and the embeddings do not decay either",
    fr="vous n'épargnez que les biais : ni les gains des normalisations, ni les plongements ne décroissent non plus",
)
def only_biases_spared(model, weight_decay):
    decayed, others = [], []
    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False):
            seen = any(parameter is other for other in (*decayed, *others))
            if parameter.requires_grad and not seen:
                (others if name.endswith("bias") else decayed).append(parameter)
    return [
        {"params": decayed, "weight_decay": weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]


@again(only_biases_spared)
def only_biases_spared_2(model, weight_decay):
    spared = {id(p) for name, p in model.named_parameters() if "bias" in name.rsplit(".", 1)[-1]}
    every = _trained(model)
    return [
        {"params": [p for p in every if (id(p) in spared) == last], "weight_decay": decay}
        for last, decay in ((False, weight_decay), (True, 0.0))
    ]


@misconception(
    "norms_decay",
    en="the gains of the norms are in the first list: only the matrices of linear layers decay",
    fr="les gains des normalisations sont dans la première liste : seules les matrices des couches linéaires décroissent",
)
def norms_decay(model, weight_decay):
    spared = {id(layer.weight) for layer in model.modules() if isinstance(layer, nn.Embedding)}
    decayed = [
        parameter
        for name, parameter in model.named_parameters()
        if parameter.requires_grad and id(parameter) not in spared and name.endswith("weight")
    ]
    chosen = {id(parameter) for parameter in decayed}
    others = [parameter for parameter in _trained(model) if id(parameter) not in chosen]
    return [{"params": decayed, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]


@again(norms_decay)
def norms_decay_2(model, weight_decay):
    groups = {True: {}, False: {}}
    tables = [layer.weight for layer in model.modules() if isinstance(layer, nn.Embedding)]
    for layer in model.modules():
        for name, p in layer.named_parameters(recurse=False):
            if p.requires_grad:
                groups[name == "weight" and not any(p is table for table in tables)][id(p)] = p
    return [
        {"params": [*groups[True].values()], "weight_decay": weight_decay},
        {"params": [*groups[False].values()], "weight_decay": 0.0},
    ]


@misconception(
    "biases_decay",
    en="the biases of linear layers are in the first list: only their matrices decay",
    fr="les biais des couches linéaires sont dans la première liste : seules leurs matrices décroissent",
)
def biases_decay(model, weight_decay):
    chosen = _matrices(model)
    for layer in model.modules():
        if isinstance(layer, nn.Linear) and layer.bias is not None:
            chosen.add(id(layer.bias))
    return [
        {"params": [p for p in _trained(model) if id(p) in chosen], "weight_decay": weight_decay},
        {"params": [p for p in _trained(model) if id(p) not in chosen], "weight_decay": 0.0},
    ]


@again(biases_decay)
def biases_decay_2(model, weight_decay):
    tables = {layer.weight for layer in model.modules() if isinstance(layer, nn.Embedding)}
    linear = [layer for layer in model.modules() if type(layer) is nn.Linear]
    decayed = {p for layer in linear for p in layer.parameters() if p.requires_grad} - tables
    others = {p for p in model.parameters() if p.requires_grad} - decayed
    return [
        {"params": list(decayed), "weight_decay": weight_decay},
        {"params": list(others), "weight_decay": 0.0},
    ]


@misconception(
    "embeddings_decay",
    en="you go by the number of axes: the matrix of an embedding has two as well, and does not decay",
    fr="vous vous fiez au nombre d'axes : la matrice d'un plongement en a deux elle aussi, et ne décroît pas",
)
def embeddings_decay(model, weight_decay):
    return [
        {"params": [p for p in _trained(model) if p.dim() >= 2], "weight_decay": weight_decay},
        {"params": [p for p in _trained(model) if p.dim() < 2], "weight_decay": 0.0},
    ]


@again(embeddings_decay)
def embeddings_decay_2(model, weight_decay):
    groups = [{"params": [], "weight_decay": decay} for decay in (weight_decay, 0.0)]
    for _, p in model.named_parameters():
        if p.requires_grad:
            groups[len(p.shape) == 1]["params"].append(p)
    return groups


@misconception(
    "tied_matrix_decays",
    en="a matrix that is an embedding and the weight of a linear layer at once decays: it is an embedding, so it does not",
    fr="une matrice qui est à la fois un plongement et le poids d'une couche linéaire décroît : c'est un plongement, "
    "elle ne doit pas",
)
def tied_matrix_decays(model, weight_decay):
    linear = {id(layer.weight) for layer in model.modules() if isinstance(layer, nn.Linear)}
    return [
        {"params": [p for p in _trained(model) if id(p) in linear], "weight_decay": weight_decay},
        {"params": [p for p in _trained(model) if id(p) not in linear], "weight_decay": 0.0},
    ]


@again(tied_matrix_decays)
def tied_matrix_decays_2(model, weight_decay):
    decayed = []
    for layer in model.modules():
        if isinstance(layer, nn.Linear) and layer.weight.requires_grad:
            decayed.append(layer.weight)
    others = [p for p in model.parameters() if p.requires_grad and all(p is not w for w in decayed)]
    return [{"params": decayed, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]


@misconception(
    "tied_in_both_lists",
    en="a tied matrix is in both lists, once for each of its layers: it is one parameter, list it once",
    fr="une matrice partagée est dans les deux listes, une fois pour chacune de ses couches : c'est un seul paramètre, "
    "mettez-le une seule fois",
)
def tied_in_both_lists(model, weight_decay):
    linear = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
    decayed = [layer.weight for layer in linear if layer.weight.requires_grad]
    matrices = _matrices(model)
    others = [parameter for parameter in _trained(model) if id(parameter) not in matrices]
    return [{"params": decayed, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]


@again(tied_in_both_lists)
def tied_in_both_lists_2(model, weight_decay):
    groups = [{"params": [], "weight_decay": weight_decay}, {"params": [], "weight_decay": 0.0}]
    for layer in model.modules():
        for name, p in layer.named_parameters(recurse=False):
            place = 0 if isinstance(layer, nn.Linear) and name == "weight" else 1
            if p.requires_grad and not any(p is other for other in groups[place]["params"]):
                groups[place]["params"].append(p)
    return groups


@misconception(
    "shared_listed_twice",
    en="a parameter with two names is listed once for each: compare parameters by identity, not by name",
    fr="un paramètre qui a deux noms figure une fois pour chacun : comparez les paramètres par identité, pas par nom",
)
def shared_listed_twice(model, weight_decay):
    matrices = _matrices(model)
    every = [p for _, p in model.named_parameters(remove_duplicate=False) if p.requires_grad]
    return [
        {"params": [p for p in every if id(p) in matrices], "weight_decay": weight_decay},
        {"params": [p for p in every if id(p) not in matrices], "weight_decay": 0.0},
    ]


@again(shared_listed_twice)
def shared_listed_twice_2(model, weight_decay):
    by_name = {}
    for prefix, layer in model.named_modules(remove_duplicate=False):
        for name, p in layer._parameters.items():
            if p is not None and p.requires_grad:
                by_name[f"{prefix}.{name}"] = p
    chosen = _matrices(model)
    decayed = {name: p for name, p in by_name.items() if id(p) in chosen}
    return [
        {"params": list(decayed.values()), "weight_decay": weight_decay},
        {"params": [p for name, p in by_name.items() if name not in decayed], "weight_decay": 0.0},
    ]


@misconception(
    "frozen_listed",
    en="frozen parameters are listed too: leave out those with requires_grad=False",
    fr="les paramètres gelés figurent aussi : laissez de côté ceux dont requires_grad vaut False",
)
def frozen_listed(model, weight_decay):
    matrices = _matrices(model)
    return [
        {"params": [p for p in model.parameters() if id(p) in matrices], "weight_decay": weight_decay},
        {"params": [p for p in model.parameters() if id(p) not in matrices], "weight_decay": 0.0},
    ]


@again(frozen_listed)
def frozen_listed_2(model, weight_decay):
    tables = [layer.weight for layer in model.modules() if isinstance(layer, nn.Embedding)]
    groups = [{"params": [], "weight_decay": weight_decay}, {"params": [], "weight_decay": 0.0}]
    linear = [layer.weight for layer in model.modules() if isinstance(layer, nn.Linear)]
    for p in model.parameters():
        decays = any(p is w for w in linear) and all(p is not w for w in tables)
        groups[not decays]["params"].append(p)
    return groups


@misconception(
    "both_decay",
    en="both lists decay by weight_decay: the second one has a decay of 0",
    fr="les deux listes décroissent de weight_decay : la seconde a une décroissance nulle",
)
def both_decay(model, weight_decay):
    matrices = _matrices(model)
    return [
        {"params": [p for p in _trained(model) if id(p) in matrices], "weight_decay": weight_decay},
        {"params": [p for p in _trained(model) if id(p) not in matrices], "weight_decay": weight_decay},
    ]


@again(both_decay)
def both_decay_2(model, weight_decay):
    groups = {True: [], False: []}
    chosen = _matrices(model)
    for p in model.parameters():
        if p.requires_grad:
            groups[id(p) in chosen].append(p)
    return [{"params": params, "weight_decay": weight_decay} for params in groups.values()]


@misconception(
    "neither_decays",
    en="both lists have a decay of 0: the first one decays by weight_decay",
    fr="les deux listes ont une décroissance nulle : la première décroît de weight_decay",
)
def neither_decays(model, weight_decay):
    matrices = _matrices(model)
    return [
        {"params": [p for p in _trained(model) if id(p) in matrices], "weight_decay": 0.0},
        {"params": [p for p in _trained(model) if id(p) not in matrices], "weight_decay": 0.0},
    ]


@again(neither_decays)
def neither_decays_2(model, weight_decay):
    weight_decay, chosen = 0.0, _matrices(model)
    decayed = list(filter(lambda p: p.requires_grad and id(p) in chosen, model.parameters()))
    others = list(filter(lambda p: p.requires_grad and id(p) not in chosen, model.parameters()))
    return [dict(params=params, weight_decay=weight_decay) for params in (decayed, others)]


@misconception(
    "order_exchanged",
    en="the two dicts are in the other order: first what decays, then the rest",
    fr="les deux dictionnaires sont dans l'autre ordre : d'abord ce qui décroît, puis le reste",
)
def order_exchanged(model, weight_decay):
    matrices = _matrices(model)
    return [
        {"params": [p for p in _trained(model) if id(p) not in matrices], "weight_decay": 0.0},
        {"params": [p for p in _trained(model) if id(p) in matrices], "weight_decay": weight_decay},
    ]


@again(order_exchanged)
def order_exchanged_2(model, weight_decay):
    groups, chosen = {0.0: [], weight_decay: []}, _matrices(model)
    for p in _trained(model):
        groups[weight_decay if id(p) in chosen else 0.0].append(p)
    return [{"params": params, "weight_decay": decay} for decay, params in sorted(groups.items())]


@misconception(
    "decay_of_its_own",
    en="the first list decays by 0.01 whatever is asked: it decays by weight_decay",
    fr="la première liste décroît de 0,01 quoi qu'on demande : elle décroît de weight_decay",
)
def decay_of_its_own(model, weight_decay):
    matrices = _matrices(model)
    return [
        {"params": [p for p in _trained(model) if id(p) in matrices], "weight_decay": 0.01},
        {"params": [p for p in _trained(model) if id(p) not in matrices], "weight_decay": 0.0},
    ]


@again(decay_of_its_own)
def decay_of_its_own_2(model, weight_decay, usual=1e-2):
    groups, chosen = [[], []], _matrices(model)
    for p in _trained(model):
        groups[id(p) not in chosen].append(p)
    return [dict(params=params, weight_decay=usual * (1 - i)) for i, params in enumerate(groups)]


@misconception(
    "second_decay_left_out",
    en="the second dict has no weight_decay: the optimizer then takes its own, 0.01 for AdamW; write 0",
    fr="le second dictionnaire n'a pas de weight_decay : l'optimiseur prend alors le sien, 0,01 pour AdamW ; écrivez 0",
)
def second_decay_left_out(model, weight_decay):
    matrices = _matrices(model)
    return [
        {"params": [p for p in _trained(model) if id(p) in matrices], "weight_decay": weight_decay},
        {"params": [p for p in _trained(model) if id(p) not in matrices]},
    ]


@again(second_decay_left_out)
def second_decay_left_out_2(model, weight_decay):
    chosen = _matrices(model)
    groups = [{"params": []}, {"params": []}]
    for p in _trained(model):
        groups[id(p) not in chosen]["params"].append(p)
    groups[0]["weight_decay"] = weight_decay
    return groups


@misconception(
    "other_parameters_left_out",
    en="parameters of other modules than torch's layers are in neither list, and would never be trained: all that do not "
    "decay go into the second",
    fr="les paramètres d'autres modules que les couches de torch ne sont dans aucune liste, et ne seraient jamais "
    "entraînés : tous ceux qui ne décroissent pas vont dans la seconde",
)
def other_parameters_left_out(model, weight_decay):
    matrices, others = _matrices(model), {}
    for layer in model.modules():
        if isinstance(layer, (nn.Linear, nn.LayerNorm, nn.Embedding)):
            for parameter in layer.parameters():
                if parameter.requires_grad and id(parameter) not in matrices:
                    others[id(parameter)] = parameter
    return [
        {"params": [p for p in _trained(model) if id(p) in matrices], "weight_decay": weight_decay},
        {"params": list(others.values()), "weight_decay": 0.0},
    ]


@again(other_parameters_left_out)
def other_parameters_left_out_2(model, weight_decay):
    of = {kind: set() for kind in (nn.Linear, nn.LayerNorm, nn.Embedding)}
    for layer in model.modules():
        if type(layer) in of:
            of[type(layer)] |= {p for p in layer.parameters() if p.requires_grad}
    decayed = {layer.weight for layer in model.modules() if type(layer) is nn.Linear} - of[nn.Embedding]
    decayed &= of[nn.Linear]
    return [
        {"params": list(decayed), "weight_decay": weight_decay},
        {"params": list(set.union(*of.values()) - decayed), "weight_decay": 0.0},
    ]


@misconception(
    "all_but_known_layers_decay",
    en="what is neither a bias nor in torch's LayerNorm and Embedding decays: norms of one's own and single vectors must "
    "not; look for what is linear instead",
    fr="ce qui n'est ni un biais, ni dans LayerNorm ou Embedding de torch, décroît : ni les normalisations maison, ni les "
    "vecteurs isolés ne le doivent ; cherchez plutôt ce qui est linéaire",
)
def all_but_known_layers_decay(model, weight_decay):
    spared = set()
    for layer in model.modules():
        for name, parameter in layer.named_parameters(recurse=False):
            if isinstance(layer, (nn.LayerNorm, nn.Embedding)) or name.endswith("bias"):
                spared.add(id(parameter))
    return [
        {"params": [p for p in _trained(model) if id(p) not in spared], "weight_decay": weight_decay},
        {"params": [p for p in _trained(model) if id(p) in spared], "weight_decay": 0.0},
    ]


@again(all_but_known_layers_decay)
def all_but_known_layers_decay_2(model, weight_decay):
    known = [layer for layer in model.modules() if type(layer) in (nn.Embedding, nn.LayerNorm)]
    others = {p for layer in known for p in layer.parameters()}
    others |= {p for name, p in model.named_parameters() if name.split(".")[-1].endswith("bias")}
    others = {p for p in others if p.requires_grad}
    decayed = set(_trained(model)) - others
    return [
        {"params": [*decayed], "weight_decay": weight_decay},
        {"params": [*others], "weight_decay": 0.0},
    ]


@misconception(
    "by_name",
    en="you go by the names of the parameters: a norm may be called ln_1 and a linear layer normaliser; go by the kind of "
    "the layer",
    fr="vous vous fiez aux noms des paramètres : une normalisation peut s'appeler ln_1 et une couche linéaire normaliser ; "
    "fiez-vous à la sorte de couche",
)
def by_name(model, weight_decay):
    def spared(name, parameter):
        return "bias" in name or "norm" in name or "embed" in name

    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    return [
        {"params": [p for name, p in named if not spared(name, p)], "weight_decay": weight_decay},
        {"params": [p for name, p in named if spared(name, p)], "weight_decay": 0.0},
    ]


@again(by_name)
def by_name_2(model, weight_decay):
    groups = [{"params": [], "weight_decay": weight_decay}, {"params": [], "weight_decay": 0.0}]
    for name, p in model.named_parameters():
        if p.requires_grad:
            last = any(word in name for word in ("embed", "norm", "bias"))
            groups[last]["params"].append(p)
    return groups


@misconception(
    "names_listed",
    en="your lists hold the names of the parameters: the optimizer needs the parameters themselves",
    fr="vos listes contiennent les noms des paramètres : l'optimiseur a besoin des paramètres eux-mêmes",
)
def names_listed(model, weight_decay):
    matrices = _matrices(model)
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    return [
        {"params": [name for name, p in named if id(p) in matrices], "weight_decay": weight_decay},
        {"params": [name for name, p in named if id(p) not in matrices], "weight_decay": 0.0},
    ]


@again(names_listed)
def names_listed_2(model, weight_decay):
    every = {name: p for name, p in model.named_parameters() if p.requires_grad}
    chosen = _matrices(model)
    decayed = sorted(name for name, p in every.items() if id(p) in chosen)
    return [
        {"params": decayed, "weight_decay": weight_decay},
        {"params": sorted(every.keys() - set(decayed)), "weight_decay": 0.0},
    ]


@misconception(
    "copies_listed",
    en="your lists hold copies: the optimizer would train them, and not the model; list its parameters themselves, "
    "without .data, .detach() or state_dict()",
    fr="vos listes contiennent des copies : l'optimiseur les entraînerait, et non le modèle ; mettez ses paramètres "
    "eux-mêmes, sans .data, .detach() ni state_dict()",
)
def copies_listed(model, weight_decay):
    matrices = _matrices(model)
    return [
        {"params": [p.data for p in _trained(model) if id(p) in matrices], "weight_decay": weight_decay},
        {"params": [p.data for p in _trained(model) if id(p) not in matrices], "weight_decay": 0.0},
    ]


@again(copies_listed)
def copies_listed_2(model, weight_decay):
    chosen, groups = _matrices(model), ([], [])
    for p in model.parameters():
        if p.requires_grad:
            groups[id(p) not in chosen].append(nn.Parameter(p.detach().clone()))
    return [
        {"params": params, "weight_decay": decay}
        for params, decay in zip(groups, (weight_decay, 0.0), strict=True)
    ]
