"""Wrong implementations that people really write, each with what it computes instead."""

from __future__ import annotations

import math
import statistics

import numpy as np
import torch

from attentif.bias.groups import finite_numbers
from attentif.bias.nulls import RandomNull, checked_seeds, untrained_model
from attentif.checks.text import text
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("one_model", "seeds_counted", "summed_up", "gradients_kept")


def asked(metric, model):
    """The score of a model, as it ought to be asked."""
    with torch.no_grad():
        return metric(model)


def kept(scores):
    """The null of these scores, once they are examined."""
    return RandomNull(tuple(finite_numbers(scores, "scores").tolist()))


def listed(seeds):
    """The seeds, once they are examined without the library."""
    seeds = list(seeds)
    if len(seeds) < 2 or len(set(seeds)) != len(seeds) or any(seed != int(seed) for seed in seeds):
        raise ValueError("at least two different whole numbers")
    return seeds


def numbers(scores):
    """The scores, once they are examined without the library."""
    scores = [float(score) for score in scores]
    if not all(map(math.isfinite, scores)):
        raise ValueError("finite scores")
    return tuple(scores)


# Which models


@misconception(
    "one_model",
    en="all your scores are those of the same weights: draw another model for each seed",
    fr="tous vos scores sont ceux des mêmes poids : tirez un autre modèle pour chaque graine",
    warning=text("the same weights are scored each time", "les mêmes poids sont évalués à chaque fois"),
)
def one_model(metric, config, seeds, device="cpu"):
    seeds = checked_seeds(seeds)
    model = untrained_model(config, seeds[0], device)
    return kept([asked(metric, model) for _ in seeds])


@again(one_model)
def one_model_2(metric, config, seeds, device="cpu"):
    found = ()
    for _ in listed(seeds):
        with torch.inference_mode():
            found += (metric(untrained_model(config, 0).to(device)),)
    return RandomNull(numbers(found))


@misconception(
    "seeds_counted",
    en="you draw with the places 0, 1, 2 … of the seeds: draw with the seeds themselves",
    fr="vous tirez avec les places 0, 1, 2… des graines : tirez avec les graines elles-mêmes",
    warning=text("`seeds` is only counted", "`seeds` n'est que compté"),
)
def seeds_counted(metric, config, seeds, device="cpu"):
    n = len(checked_seeds(seeds))
    return kept([asked(metric, untrained_model(config, seed, device)) for seed in range(n)])


@again(seeds_counted)
def seeds_counted_2(metric, config, seeds, device="cpu"):
    found = []
    for number, _ in enumerate(listed(seeds)):
        model = untrained_model(config, device=device, seed=number)
        found.append(asked(metric, model))
    return RandomNull(numbers(found))


@misconception(
    "first_seed_only",
    en="only the first model has its own seed: the weights of the others depend on how many were drawn before; give each "
    "model its seed",
    fr="seul le premier modèle a sa graine : les poids des autres dépendent du nombre de tirages précédents ; donnez à chaque "
    "modèle sa graine",
)
def first_seed_only(metric, config, seeds, device="cpu"):
    from attentif.models import MaskedLM

    seeds = checked_seeds(seeds)
    torch.manual_seed(seeds[0])
    models = [MaskedLM(config).to(device).eval() for _ in seeds]
    return kept([asked(metric, model) for model in models])


@again(first_seed_only)
def first_seed_only_2(metric, config, seeds, device="cpu"):
    import attentif

    found, state = [], None
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        for seed in listed(seeds):
            if state is None:
                torch.manual_seed(seed)
            else:
                torch.set_rng_state(state)
            model = attentif.MaskedLM(config)
            state = torch.get_rng_state()
            found.append(metric(model.to(device).train(False)))
    return RandomNull(numbers(found))


# How each is asked


@misconception(
    "gradients_kept",
    en="metric runs with gradients: call it inside torch.no_grad()",
    fr="metric s'exécute avec les gradients : appelez-la sous torch.no_grad()",
    warning=text("gradients are recorded for nothing", "des gradients sont enregistrés pour rien"),
)
def gradients_kept(metric, config, seeds, device="cpu"):
    return kept([metric(untrained_model(config, seed, device)) for seed in checked_seeds(seeds)])


@again(gradients_kept)
def gradients_kept_2(metric, config, seeds, device="cpu"):
    found = {}
    for seed in listed(seeds):
        with torch.no_grad():
            model = untrained_model(config, seed).to(device)
        found[seed] = metric(model)
    return RandomNull(numbers(found.values()))


@misconception(
    "training_mode",
    en="your models are in training mode, so dropout draws in each score: call model.eval()",
    fr="vos modèles sont en mode entraînement, si bien que le dropout tire dans chaque score : appelez model.eval()",
)
def training_mode(metric, config, seeds, device="cpu"):
    from attentif.models import MaskedLM

    found = []
    for seed in checked_seeds(seeds):
        torch.manual_seed(seed)
        found.append(asked(metric, MaskedLM(config).to(device)))
    return kept(found)


@again(training_mode)
def training_mode_2(metric, config, seeds, device="cpu"):
    def score(seed):
        return asked(metric, untrained_model(config, seed, device).train())

    return RandomNull(numbers(map(score, listed(seeds))))


@misconception(
    "device_forgotten",
    en="your models stay on the CPU: hand device on to untrained_model",
    fr="vos modèles restent sur le CPU : transmettez device à untrained_model",
)
def device_forgotten(metric, config, seeds, device="cpu"):
    return kept([asked(metric, untrained_model(config, seed)) for seed in checked_seeds(seeds)])


@again(device_forgotten)
def device_forgotten_2(metric, config, seeds, device="cpu"):
    found = np.zeros(len(listed(seeds)))
    for place, seed in enumerate(seeds):
        model = untrained_model(config, seed, "cpu").requires_grad_(False)
        found[place] = metric(model)
    return RandomNull(numbers(found))


# What is returned


@misconception(
    "summed_up",
    en="you return the mean of the scores: return them all, as RandomNull(values), whose mean and spread follow from them",
    fr="vous renvoyez la moyenne des scores : renvoyez-les tous, dans RandomNull(values), dont la moyenne et l'étendue se déduisent",
    warning=text("the scores are averaged", "les scores sont moyennés"),
)
def summed_up(metric, config, seeds, device="cpu"):
    return kept([asked(metric, untrained_model(config, seed, device)) for seed in checked_seeds(seeds)]).mean


@again(summed_up)
def summed_up_2(metric, config, seeds, device="cpu"):
    return statistics.fmean(
        numbers(asked(metric, untrained_model(config, seed, device)) for seed in listed(seeds))
    )


@misconception(
    "sorted_scores",
    en="you sort the scores: leave them in the order of the seeds, so that each can be drawn again",
    fr="vous triez les scores : laissez-les dans l'ordre des graines, pour que chacun puisse être retrouvé",
)
def sorted_scores(metric, config, seeds, device="cpu"):
    return kept(sorted(asked(metric, untrained_model(config, seed, device)) for seed in checked_seeds(seeds)))


@again(sorted_scores)
def sorted_scores_2(metric, config, seeds, device="cpu"):
    found = [asked(metric, untrained_model(config, seed, device)) for seed in listed(seeds)]
    return RandomNull(tuple(np.sort(numbers(found)).tolist()))


@misconception(
    "from_fifty",
    en="you keep the distance from 50: return the scores as metric gives them, RandomNull looks at both sides itself",
    fr="vous gardez la distance à 50 : renvoyez les scores tels que les donne metric, RandomNull regarde lui-même des deux côtés",
)
def from_fifty(metric, config, seeds, device="cpu"):
    return kept(
        [abs(asked(metric, untrained_model(config, seed, device)) - 50) for seed in checked_seeds(seeds)]
    )


@again(from_fifty)
def from_fifty_2(metric, config, seeds, device="cpu"):
    found = np.array([asked(metric, untrained_model(config, seed, device)) for seed in listed(seeds)])
    return RandomNull(numbers(np.maximum(found, 100 - found) - 50))


# What is refused


@misconception(
    "repeated_seeds",
    en="seeds that come twice are accepted: refuse them with checked_seeds(seeds), the same model would count as two",
    fr="vous acceptez des graines répétées : refusez-les avec checked_seeds(seeds), le même modèle compterait pour deux",
)
def repeated_seeds(metric, config, seeds, device="cpu"):
    return kept([asked(metric, untrained_model(config, seed, device)) for seed in seeds])


@again(repeated_seeds)
def repeated_seeds_2(metric, config, seeds, device="cpu"):
    # Each seed once, as whole numbers: what was given twice is lost without a word.
    different = dict.fromkeys(int(seed) for seed in seeds)
    found = [asked(metric, untrained_model(config, seed, device)) for seed in different]
    return RandomNull(numbers(found))


@misconception(
    "scores_left_out",
    en="you leave out scores that are no finite numbers: refuse them, the values would be those of fewer models",
    fr="vous écartez les scores qui ne sont pas des nombres finis : refusez-les, les valeurs seraient celles de moins de modèles",
)
def scores_left_out(metric, config, seeds, device="cpu"):
    found = np.array([asked(metric, untrained_model(config, seed, device)) for seed in checked_seeds(seeds)])
    return RandomNull(tuple(found[np.isfinite(found)].tolist()))


@again(scores_left_out)
def scores_left_out_2(metric, config, seeds, device="cpu"):
    found = []
    for seed in listed(seeds):
        score = asked(metric, untrained_model(config, seed, device))
        if -math.inf < score < math.inf:
            found.append(score)
    return RandomNull(tuple(found))
