"""The bootstrap-t interval and the power of grouped values, against loops, published sizes, laws and simulation."""

from __future__ import annotations

import importlib.util
import itertools
import math
import warnings
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from attentif.bias.intervals import grouped_mean, studentized_interval
from attentif.bias.power import Power, detection_power, power_of, size_needed, smallest_effect
from attentif.errors import InputError


def sample(generator, n_groups=24, shift=0.0):
    sizes = generator.integers(1, 7, n_groups)
    groups = np.repeat(np.arange(n_groups), sizes)
    values = (
        shift + np.repeat(generator.normal(size=n_groups), sizes) + 0.5 * generator.normal(size=sizes.sum())
    )
    return values, groups


def mean_and_error(drawn):
    """Of a list of groups, each a list of values: the ratio estimate and its linearised error, group by group."""
    n_values = sum(map(len, drawn))
    mean = sum(map(sum, drawn)) / n_values
    squares = sum((sum(group) - mean * len(group)) ** 2 for group in drawn)
    return mean, math.sqrt(len(drawn) / (len(drawn) - 1) * squares) / n_values


def test_grouped_mean_equals_its_loop_and_the_known_errors():
    values, groups = sample(np.random.default_rng(1))
    found = grouped_mean(values, groups)
    mean, error = mean_and_error([values[groups == g].tolist() for g in range(24)])
    assert (found.mean, found.error) == (pytest.approx(mean), pytest.approx(error))
    alone = grouped_mean(values, np.arange(len(values)))
    assert alone.error == pytest.approx(stats.sem(values))
    assert alone.effective_size == pytest.approx(len(values))
    # Groups of one size: the error of the groups' means.
    equal = grouped_mean(values[:60], np.arange(60) // 4)
    assert equal.error == pytest.approx(stats.sem(values[:60].reshape(15, 4).mean(axis=1)))


def test_interval_equals_the_enumeration_of_all_resamples():
    groups = np.repeat(range(5), [1, 2, 4, 3, 2])
    values = np.array([0.0, 1.0, 3.0, 2.0, 2.0, 5.0, 1.0, -1.0, 0.0, 2.0, 4.0, 4.5])
    parts = [values[groups == g].tolist() for g in range(5)]
    mean, error = mean_and_error(parts)
    t = []
    for drawn in itertools.product(range(5), repeat=5):
        other, its_error = mean_and_error([parts[g] for g in drawn])
        t.append((other - mean) / (its_error if len(set(drawn)) > 1 else error))
    with pytest.warns(UserWarning, match="only 5 groups: .* level less sure"):
        interval = studentized_interval(values, groups, n_resamples=200_000, level=0.8, seed=3)
    low, high = mean - error * np.quantile(t, 0.9), mean - error * np.quantile(t, 0.1)
    assert interval.low == pytest.approx(low, abs=0.02)
    assert interval.high == pytest.approx(high, abs=0.02)
    assert high - low > 1 and abs((high - mean) - (mean - low)) > 0.1  # lopsided: the ends are not exchanged
    assert (interval.estimate, interval.n_groups) == (pytest.approx(mean), 5)
    assert interval.effective_size == pytest.approx(12**2 / (1 + 4 + 16 + 9 + 4))


def test_coverage_with_ten_groups_by_simulation():
    generator = np.random.default_rng(5)
    held = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for run in range(600):
            values, groups = sample(generator, n_groups=10)
            interval = studentized_interval(values, groups, n_resamples=300, seed=run)
            held.append(interval.low <= 0 <= interval.high)
    assert 0.92 <= np.mean(held) <= 0.98


@pytest.mark.filterwarnings("ignore:only 6 groups")
def test_the_worlds_of_the_benchmark_have_the_means_that_it_compares_with():
    path = Path(__file__).resolve().parents[1] / "benchmarks" / "coverage.py"
    specification = importlib.util.spec_from_file_location("coverage_benchmark", path)
    benchmark = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(benchmark)
    for draw, truth in benchmark.WORLDS.values():
        found = grouped_mean(*draw(np.random.default_rng(9), 20_000))
        assert abs(found.mean - truth) < 4 * found.error < 0.05
    measured = benchmark.coverage("skewed", 6, replicates=5, resamples=100, seed=0)
    assert set(measured) == {"percentile", "bootstrap_t"}
    for each in measured.values():
        assert each["coverage"] + each["below"] + each["above"] == pytest.approx(1.0)


def test_shift_scale_seed_and_labels():
    values, groups = sample(np.random.default_rng(2))
    plain = studentized_interval(values, groups, seed=7)
    moved = studentized_interval(100 - 3 * values, groups, seed=7)
    assert moved.low == pytest.approx(100 - 3 * plain.high, abs=1e-8)
    assert moved.high == pytest.approx(100 - 3 * plain.low, abs=1e-8)
    assert plain == studentized_interval(list(values), [("il", f"elle{g}") for g in groups], seed=7)
    assert plain != studentized_interval(values, groups, seed=8)
    narrow = studentized_interval(values, groups, level=0.5, seed=7)
    assert plain.low < narrow.low < narrow.high < plain.high


def test_groups_that_are_alike_have_no_width_and_a_warning():
    with pytest.warns(UserWarning, match="no certainty"):
        interval = studentized_interval([0.1, 0.7] * 20, np.arange(40) // 2)
    assert interval.low == interval.high == pytest.approx(0.4)
    # One of twenty differs: a third of the resamples are without it, and all their groups are alike.
    values = np.append(np.ones(57), [1.0, 0.0, 0.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        interval = studentized_interval(values, np.arange(60) // 3)
    error = grouped_mean(values, np.arange(60) // 3).error
    assert interval.low == pytest.approx(values.mean() - error)  # theirs is the largest t*: 1
    assert values.mean() < interval.high < 1.1


def test_no_warning_from_twenty_groups_on_and_none_said_twice():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        studentized_interval(np.arange(40) % 7, np.arange(40) % 20)
    with pytest.warns(UserWarning) as said:
        studentized_interval(np.arange(38) % 7, np.arange(38) % 19)
    assert len(said) == 1 and said[0].filename == __file__


@pytest.mark.parametrize(
    ("values", "groups", "options", "said"),
    [
        (range(8), [0, 1, 2, 3] * 2, {}, "at least 5 groups, got 4"),
        (range(8), [0] * 8, {}, "at least 5 groups, got 1"),
        ([1.0, math.nan] * 5, range(10), {}, "finite numbers"),
        (range(6), range(7), {}, "6 group labels"),
        (range(6), range(6), {"level": 95}, "between 0 and 1"),
        (range(6), range(6), {"n_resamples": 10}, "at least 100"),
    ],
)
def test_interval_refuses_in_one_line(values, groups, options, said):
    with pytest.raises(InputError, match=said) as refusal:
        studentized_interval(values, groups, **options)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(("effect", "size", "level"), [(0.5, 12, 0.95), (0.3, 40, 0.9), (1.5, 4, 0.95)])
def test_power_equals_a_simulation_of_the_t_test(effect, size, level):
    values = np.random.default_rng(size).normal(effect, 1.0, (20_000, size))
    seen = np.mean(stats.ttest_1samp(values, 0.0, axis=1).pvalue < 1 - level)
    assert 0.2 < seen < 0.98
    assert detection_power(effect, 1.0, size, level) == pytest.approx(seen, abs=0.013)


def test_power_equals_the_law_of_a_known_spread_when_there_are_many():
    ends = stats.norm.ppf(0.975)
    by_normal = stats.norm.sf(ends - 3) + stats.norm.cdf(-ends - 3)
    assert detection_power(3e-3, 1.0, 1_000_000) == pytest.approx(by_normal, abs=1e-5)
    # Where nothing is there, what is seen is a false alarm.
    assert detection_power(1e-9, 1.0, 30) == pytest.approx(0.05, abs=1e-6)
    assert detection_power(50.0, 1.0, 30) == pytest.approx(1.0)


def test_published_sizes():
    # One-sample t-test, two-sided, 0.05: d = 0.5 takes 34 for a power of 0.8 and 44 for 0.9; d = 0.2, 199.
    assert [size_needed(0.5, 1.0), size_needed(0.5, 1.0, power=0.9), size_needed(0.2, 1.0)] == [34, 44, 199]


@pytest.mark.parametrize(("effect", "spread", "power"), [(0.3, 0.7, 0.8), (2.0, 1.0, 0.9), (9.0, 1.0, 0.6)])
def test_size_needed_is_the_smallest_and_smallest_effect_its_inverse(effect, spread, power):
    size = size_needed(effect, spread, power=power)
    assert detection_power(effect, spread, size) >= power
    assert size == 2 or detection_power(effect, spread, size - 1) < power
    found = smallest_effect(spread, size, power=power)
    assert detection_power(found, spread, size) == pytest.approx(power, abs=1e-6)
    assert found <= effect * (1 + 1e-9)


def test_power_of_grouped_values_follows_its_formulas():
    values, groups = sample(np.random.default_rng(3), n_groups=30)
    found = power_of(values, groups, effect=0.2)
    error = mean_and_error([values[groups == g].tolist() for g in range(30)])[1]
    sizes = np.bincount(groups)
    effective = sizes.sum() ** 2 / (sizes**2).sum()
    spread = error * math.sqrt(effective)
    assert found.effective_size == pytest.approx(effective)
    assert found.design_effect == pytest.approx(error**2 / (values.var(ddof=1) / len(values)))
    assert found.groups_needed == math.ceil(size_needed(0.2, spread) * 30 / effective)
    assert found.pairs_needed == math.ceil(found.groups_needed * len(values) / 30)
    assert found.smallest_effect == pytest.approx(smallest_effect(spread, effective))
    assert (found.n_groups, found.n_pairs, found.effect) == (30, len(values), 0.2)


def test_the_groups_that_are_needed_do_show_the_effect():
    generator = np.random.default_rng(4)
    values, groups = sample(generator, n_groups=400)
    needed = power_of(values, groups, effect=0.6).groups_needed
    assert 20 < needed < 50
    seen = []
    for _ in range(600):
        found = grouped_mean(*sample(generator, needed, shift=0.6))
        threshold = stats.t.ppf(0.975, found.effective_size - 1)
        seen.append(abs(found.mean) > threshold * found.error)
    assert np.mean(seen) == pytest.approx(0.8, abs=0.06)


def test_copies_of_each_pair_are_worth_no_more():
    generator = np.random.default_rng(6)
    preferences = (generator.random(40) < 0.6).astype(float)
    once = power_of(preferences, range(40), effect=0.1)
    copied = power_of(np.tile(preferences, 5), list(range(40)) * 5, effect=0.1)
    assert copied.groups_needed == once.groups_needed
    assert copied.pairs_needed == 5 * once.pairs_needed
    assert (once.design_effect, copied.design_effect) == (pytest.approx(1.0), pytest.approx(5.0, rel=0.03))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: power_of([1.0, 2.0] * 4, [0, 1, 2, 3] * 2, 0.1), "at least 5 groups"),
        (lambda: power_of([1.0] * 12, [0, 1, 2, 3, 4, 5] * 2, 0.1), "groups that differ"),
        (lambda: power_of(range(12), range(12), 0.0), "effect to be a number above 0"),
        (lambda: power_of(range(12), range(12), 0.1, power=80), "power between 0 and 1"),
        (lambda: power_of(range(12), range(12), 0.1, power=0.04), "false alarms"),
        (lambda: power_of(range(12), range(12), 0.1, level=95), "level between 0 and 1"),
        (lambda: power_of(range(505), [0] * 500 + [1, 2, 3, 4, 5], 0.1), "size of at least 2"),
        (lambda: size_needed(1e-7, 1.0), "millions of groups"),
        (lambda: size_needed(0.1, -1.0), "spread to be a number above 0"),
        (lambda: detection_power(0.1, 1.0, 1), "at least 2, got 1"),
        (lambda: smallest_effect(1.0, math.nan), "at least 2, got nan"),
        (lambda: Power(0.1, 0.1, 5, 5, 5, 5, 5.0, -1.0), "design_effect of at least 0"),
    ],
)
def test_power_refuses_in_one_line(call, said):
    with pytest.raises(InputError, match=said) as refusal:
        call()
    assert "\n" not in str(refusal.value)
