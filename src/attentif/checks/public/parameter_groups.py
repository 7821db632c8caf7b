"""Public checks of parameter_groups: in which list each parameter of a model stands, and how each list decays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from attentif.checks import recipes
from attentif.checks.compare import describe, match, require, value_of
from attentif.checks.engine import CheckSet
from attentif.checks.fingerprints import ERROR
from attentif.checks.text import Text, text
from attentif.checks.values import Recipe, Record, Request
from attentif.checks.wording import Place

CHECKS = CheckSet("parameter_groups")


def split_request(layers, weight_decay, ties=None, frozen=()):
    """A call on a model of these layers, see `assembled_model`."""
    model = Recipe("assembled_model", {"layers": layers, "ties": ties or {}, "frozen": list(frozen)})
    return Request(kwargs={"model": model, "weight_decay": weight_decay})


def groups_of(outcome, request):
    """The two dicts, with the names of the parameters in place of the parameters."""
    value = value_of(outcome, request)
    two = isinstance(value, (list, tuple)) and len(value) == 2
    wanted = text(
        "a list of two dicts, each with params and weight_decay",
        "une liste de deux dictionnaires, chacun avec params et weight_decay",
    )
    require(two, wanted, describe(value))
    groups = []
    for group in value:
        require(isinstance(group, Mapping), wanted, describe(group))
        require("params" in group, wanted, text("a dict without params", "un dictionnaire sans params"))
        listed = isinstance(group["params"], (list, tuple))
        own = text(
            "params: a list of the model's own parameters",
            "params : une liste des paramètres mêmes du modèle",
        )
        require(listed, own, describe(group["params"]))
        for item in group["params"]:
            require(_is_parameter(item), own, describe(item))
        groups.append({**group, "params": [item.fields["name"] for item in group["params"]]})
    return groups


def check_lists(groups, decayed, others):
    """Each parameter must be where it is expected, once, and no other anywhere."""
    first, second = (Counter(group["params"]) for group in groups)
    expected = dict.fromkeys(decayed, (1, 0)) | dict.fromkeys(others, (0, 1))
    for name in [*expected, *first, *second]:
        wanted, got = expected.get(name, (0, 0)), (first[name], second[name])
        require(wanted == got, _placed(name, *wanted), _placed(name, *got))


def check_decays(groups, weight_decay):
    """The first list decays by weight_decay, the second does not."""
    for group, expected, said in zip(
        groups,
        (weight_decay, 0.0),
        (
            text("the first dict", "le premier dictionnaire"),
            text("the second dict", "le second dictionnaire"),
        ),
        strict=True,
    ):
        place = Place({language: f"weight_decay, {which}" for language, which in said.items()})
        none = text("no weight_decay: the optimizer's own", "pas de weight_decay : celui de l'optimiseur")
        number = text(f"weight_decay={expected:g}", f"weight_decay={expected:g}")
        require("weight_decay" in group, number, none)
        decay = group["weight_decay"]
        plain = isinstance(decay, int) and not isinstance(decay, bool)
        match(float(decay) if plain else decay, expected, where=place)


def check_split(student, case):
    """Put a stored model to the student's code and compare both lists."""
    groups = groups_of(student.run(case.request), case.request)
    expected = [[item.fields["name"] for item in group["params"]] for group in case.expected.value]
    check_lists(groups, *expected)
    return groups


def _placed(name: str, n_first: int, n_second: int) -> Text:
    if (n_first, n_second) == (0, 0):
        return text(f"{name} in neither list", f"{name} dans aucune des deux listes")
    if (n_first, n_second) == (1, 0):
        return text(f"{name} in the first list", f"{name} dans la première liste")
    if (n_first, n_second) == (0, 1):
        return text(f"{name} in the second list", f"{name} dans la seconde liste")
    if n_first and n_second:
        return text(f"{name} in both lists", f"{name} dans les deux listes")
    return text(f"{name} {n_first + n_second} times", f"{name} {n_first + n_second} fois")


def _is_parameter(item):
    return isinstance(item, Record) and item.type_name == "parameter"


def probes(cases):
    """Of each stored model, how often each parameter is in each list; the order in a list does not matter."""

    def probe(request):
        model = recipes.build(request.kwargs["model"], None)
        names = [name for name, _ in model.named_parameters()]

        def answer(student):
            outcome = student.run(request)
            if outcome.error is not None:
                return np.array([ERROR, 0.0])
            value = outcome.value
            if not (isinstance(value, (list, tuple)) and all(isinstance(group, Mapping) for group in value)):
                return np.array([-1.0])
            numbers = [float(len(value))]
            for group in value[:2]:
                params, decay = group.get("params"), group.get("weight_decay", -1.0)
                items = params if isinstance(params, (list, tuple)) else []
                counted = Counter(item.fields["name"] for item in items if _is_parameter(item))
                numbers += [counted[name] for name in names]
                numbers += [sum(isinstance(item, kind) for item in items) for kind in (str, np.ndarray)]
                numbers.append(decay if isinstance(decay, (int, float)) else -2.0)
            return np.array(numbers, dtype=np.float64)

        return answer

    return {name: probe(case.request) for name, case in cases.items()}


@CHECKS.check(
    points=0.25,
    title=text(
        "matrices of linear layers in the first list; biases and norms in the second",
        "matrices des couches linéaires dans la première liste ; biais et normalisations dans la seconde",
    ),
    hint=text(
        'Two dicts, first that of what decays: {"params": a list of parameters, "weight_decay": a number}. A layer '
        "is linear if it is an nn.Linear; model.modules() gives all layers.",
        'Deux dictionnaires, d\'abord celui de ce qui décroît : {"params": une liste de paramètres, "weight_decay": un '
        "nombre}. Une couche est linéaire si c'est une nn.Linear ; model.modules() donne toutes les couches.",
    ),
)
def split(student, cases):
    check_split(student, cases["plain"])


@CHECKS.check(
    points=0.25,
    needs=("split",),
    title=text(
        "the first list decays by weight_decay, the second by 0",
        "la première liste décroît de weight_decay, la seconde de 0",
    ),
    hint=text(
        "Each dict has its own weight_decay; without it the optimizer takes its default, which is not 0 for AdamW.",
        "Chaque dictionnaire a son weight_decay ; sans lui, l'optimiseur prend sa valeur par défaut, non nulle pour AdamW.",
    ),
)
def decays(student, cases):
    for name in ("plain", "embeddings"):
        request = cases[name].request
        check_decays(groups_of(student.run(request), request), request.kwargs["weight_decay"])


@CHECKS.check(
    points=0.25,
    needs=("split",),
    title=text(
        "embeddings do not decay, even if a linear layer uses their matrix",
        "les plongements ne décroissent pas, même si une couche linéaire utilise leur matrice",
    ),
    hint=text(
        "The matrix of an nn.Embedding has two axes too: the shape does not tell. A tied matrix is one parameter: "
        "id() tells that, its names do not.",
        "La matrice d'une nn.Embedding a deux axes elle aussi : la forme ne dit rien. Une matrice partagée est un seul "
        "paramètre : id() le dit, ses noms ne le disent pas.",
    ),
)
def embeddings(student, cases):
    check_split(student, cases["embeddings"])
    check_split(student, cases["tied"])


@CHECKS.check(
    points=0.25,
    needs=("split",),
    title=text(
        "each parameter that needs a gradient once: shared layers, frozen ones",
        "chaque paramètre qui demande un gradient, une seule fois : couches partagées, couches gelées",
    ),
    hint=text(
        "A layer may stand in two places of the model, and a parameter may have requires_grad=False.",
        "Une couche peut se trouver à deux endroits du modèle, et un paramètre peut avoir requires_grad=False.",
    ),
)
def once(student, cases):
    check_split(student, cases["shared"])
    check_split(student, cases["frozen"])


@CHECKS.check(
    points=0.25,
    needs=("split",),
    title=text(
        "other names, norms of one's own, parameters that belong to no layer",
        "d'autres noms, des normalisations maison, des paramètres qui ne sont d'aucune couche",
    ),
    hint=text(
        "Names say nothing: what is not the matrix of a linear layer does not decay, whatever it is called.",
        "Les noms ne disent rien : ce qui n'est pas la matrice d'une couche linéaire ne décroît pas, quel que soit son "
        "nom.",
    ),
)
def any_model(student, cases):
    check_split(student, cases["other_names"])
    check_split(student, cases["own_parts"])
