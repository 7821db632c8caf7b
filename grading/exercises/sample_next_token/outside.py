"""Wrong answers to sample_next_token that its catalogue does not hold."""

from __future__ import annotations

import torch


def _sample(logits, temperature, top_k, top_p, generator, *, shares_of=None):
    """A right answer whose last distribution can be changed."""
    if temperature == 0:
        return logits.argmax(-1)
    ranked, tokens = (logits / temperature).sort(-1, descending=True)
    shares = ranked[:, : top_k or ranked.size(-1)].softmax(-1)
    if top_p is not None:
        shares = shares * (shares.cumsum(-1) - shares < top_p)
    if shares_of is not None:
        shares = shares_of(shares)
    return tokens.gather(-1, torch.multinomial(shares, 1, generator=generator)).squeeze(-1)


def draws_uniform_among_the_kept(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    return _sample(
        logits, temperature, top_k, top_p, generator, shares_of=lambda shares: (shares > 0).double()
    )


def draws_the_least_probable(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    return _sample(-logits, temperature, top_k, top_p, generator)


def draws_with_squared_temperature(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    return _sample(logits, temperature**2, top_k, top_p, generator)


def draws_with_temperature_added(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature == 0:
        return logits.argmax(-1)
    return _sample((logits + temperature).relu(), 1.0, top_k, top_p, generator)


def draws_relative_to_the_best(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    shares = (logits / max(temperature, 1e-9)).softmax(-1)
    if top_p is not None:
        shares = shares * (shares >= top_p * shares.amax(-1, keepdim=True))
    return _sample(shares.log(), min(1.0, temperature), top_k, None, generator)


def draws_a_k_th_of_the_vocabulary(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    k = None if top_k is None else max(1, logits.size(-1) // top_k)
    return _sample(logits, temperature, k, top_p, generator)


def draws_along_the_batch(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature == 0:
        return logits.argmax(-1)
    return torch.multinomial((logits / temperature).softmax(0), 1, generator=generator).squeeze(-1)


def draws_with_normal_noise(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    noise = temperature * torch.randn(logits.shape, generator=generator)
    if top_k is not None:
        out = logits.argsort(-1, descending=True).argsort(-1) >= top_k
        noise = noise.masked_fill(out, -torch.inf)
    return (logits + noise).argmax(-1)


def draws_probabilities(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    return (logits / (temperature or 1.0)).softmax(-1)


def draws_floats(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    return _sample(logits, temperature, top_k, top_p, generator).float()


def draws_one_for_the_batch(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    return _sample(logits, temperature, top_k, top_p, generator)[0]


def draws_with_a_misspelt_name(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    return torch.multinomial(probabilites, 1)  # noqa: F821


def draws_multiplied_and_without_top_k(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature == 0:
        return logits.argmax(-1)
    return _sample(logits * temperature, 1.0, None, top_p, generator)


OUTSIDE = {
    draws_uniform_among_the_kept: (),
    draws_the_least_probable: (),
    draws_with_squared_temperature: (),
    draws_with_temperature_added: ("temperature_without_effect",),
    draws_relative_to_the_best: (),
    draws_a_k_th_of_the_vocabulary: (),
    draws_along_the_batch: (),
    draws_with_normal_noise: (),
    draws_probabilities: (),
    draws_floats: (),
    draws_one_for_the_batch: (),
    draws_with_a_misspelt_name: (),
    draws_multiplied_and_without_top_k: ("temperature_multiplied", "top_k_without_effect"),
}
