"""Wrong answers to random_null outside its catalogue: caught they must be, named only if it is true."""

from __future__ import annotations

import numpy as np
import torch

from attentif.bias.nulls import RandomNull, checked_seeds, random_null, untrained_model


def seeds_in_a_row(metric, config, seeds, device="cpu"):
    first, *others = checked_seeds(seeds)
    return random_null(metric, config, range(first, first + 1 + len(others)), device)


def next_seeds(metric, config, seeds, device="cpu"):
    return random_null(metric, config, [seed + 1 for seed in checked_seeds(seeds)], device)


def never_seeded(metric, config, seeds, device="cpu"):
    from attentif.models import MaskedLM

    found = []
    for _ in checked_seeds(seeds):
        model = MaskedLM(config).to(device).eval()
        with torch.no_grad():
            found.append(metric(model))
    return RandomNull(tuple(found))


def _of_values(change):
    def answer(metric, config, seeds, device="cpu"):
        return change(np.array(random_null(metric, config, seeds, device).values))

    answer.__name__ = change.__name__
    return answer


def centred(values):
    return RandomNull(tuple(values - values.mean()))


def rounded(values):
    return RandomNull(tuple(values.round(1)))


def reversed_order(values):
    return RandomNull(tuple(values[::-1]))


def mean_and_spread(values):
    return RandomNull((values.mean(), values.std(ddof=1)))


def last_left_out(values):
    return RandomNull((values[0], *values[:-1]))


def shares_of_one(values):
    return RandomNull(tuple(values / 100))


def standardised(values):
    return RandomNull(tuple((values - values.mean()) / (values.std() + 1e-12)))


def a_list(values):
    return values.tolist()


def running_mean(values):
    return RandomNull(tuple(np.cumsum(values) / np.arange(1, len(values) + 1)))


def half_of_the_weights(metric, config, seeds, device="cpu"):
    @torch.no_grad()
    def smaller(model):
        for parameter in model.parameters():
            parameter.mul_(0.5)
        return metric(model)

    return random_null(smaller, config, seeds, device)


def the_configuration_scored(metric, config, seeds, device="cpu"):
    return RandomNull(tuple(metric(config) for _ in checked_seeds(seeds)))


def one_score_too_many(metric, config, seeds, device="cpu"):
    found = random_null(metric, config, seeds, device).values
    return RandomNull((*found, 50.0))


def gradients_kept_and_sorted(metric, config, seeds, device="cpu"):
    return RandomNull(
        tuple(sorted(metric(untrained_model(config, seed, device)) for seed in checked_seeds(seeds)))
    )


OUTSIDE = {
    seeds_in_a_row: (),
    next_seeds: (),
    never_seeded: (),
    **{
        _of_values(change): ()
        for change in (
            centred,
            rounded,
            reversed_order,
            mean_and_spread,
            last_left_out,
            shares_of_one,
            standardised,
            a_list,
            running_mean,
        )
    },
    half_of_the_weights: (),
    the_configuration_scored: (),
    one_score_too_many: (),
    gradients_kept_and_sorted: ("gradients_kept", "sorted_scores"),
}
