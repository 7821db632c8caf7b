"""The interval of an effect size, against resamples that are written out."""

import numpy as np
import pytest

from attentif import InputError
from attentif.bias.effect_interval import effect_size_interval

FIRST, SECOND = [0.9, 0.5, 0.7, 0.4, 0.8, 0.1], [0.1, 0.3, -0.2, 0.6, 0.0]


def effect(first, second):
    return (np.mean(first) - np.mean(second)) / np.std([*first, *second], ddof=1)


def test_it_is_the_quantiles_of_resampled_words():
    """Words drawn one by one from the same generator, their sentences written out, d computed from its definition."""
    words = list("aabbcdeef"), list("vwxyzz")
    values = (
        np.random.default_rng(1).normal(size=9).tolist(),
        np.random.default_rng(2).normal(size=6).tolist(),
    )
    generator = np.random.default_rng(7)
    drawn = []
    for labels in words:
        names = list(dict.fromkeys(labels))
        drawn.append(
            [[names[i] for i in row] for row in generator.integers(len(names), size=(200, len(names)))]
        )
    resampled = []
    for chosen in zip(*drawn, strict=True):
        sides = [
            [v for name in names for v, label in zip(of, labels, strict=True) if label == name]
            for names, of, labels in zip(chosen, values, words, strict=True)
        ]
        resampled.append(effect(*sides))
    found = effect_size_interval(*values, words, n_resamples=200, level=0.8, seed=7)
    assert found.estimate == pytest.approx(effect(*values), abs=1e-12)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(resampled, [0.1, 0.9])), abs=1e-9)
    assert found.n_groups == 11 and found.effective_size == pytest.approx(15**2 / (3 * 2**2 + 3 + 4 + 2**2))


def test_more_words_make_it_narrower_and_more_sentences_do_not():
    rng = np.random.default_rng(3)
    wide = effect_size_interval(rng.normal(1, 1, 8), rng.normal(0, 1, 8))
    many = effect_size_interval(rng.normal(1, 1, 80), rng.normal(0, 1, 80))
    assert many.high - many.low < 0.6 * (wide.high - wide.low)
    once = effect_size_interval(FIRST, SECOND)
    often = effect_size_interval(
        [v for v in FIRST for _ in range(6)], [v for v in SECOND for _ in range(6)],
        ([i for i in range(6) for _ in range(6)], [i for i in range(5) for _ in range(6)]),
    )  # fmt: skip
    assert often.high - often.low == pytest.approx(once.high - once.low, rel=0.15)
    alike = effect_size_interval([1.0] * 5, [1.0] * 5)
    assert (alike.estimate, alike.low, alike.high) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (([1.0] * 4, SECOND), "at least 5 groups"),
        ((FIRST, SECOND, (list("aabbcc"), list("abcde"))), "at least 5 groups"),
        ((FIRST, SECOND, (list("ab"), list("abcde"))), "6 group labels"),
        (([float("nan")] * 6, SECOND), "finite"),
        ((FIRST, SECOND, None, 10), "n_resamples"),
        ((FIRST, SECOND, None, 200, 1.5), "level between 0 and 1"),
    ],
)
def test_bad_input_is_refused(arguments, told):
    with pytest.raises(InputError, match=told):
        effect_size_interval(*arguments)
