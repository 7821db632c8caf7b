"""Intervals by group and calibration, against enumeration, simulation, formulas and scipy."""

from __future__ import annotations

import itertools
import math
import warnings

import numpy as np
import pytest
from scipy import stats

from attentif.bias import Calibration, Interval, calibration, cluster_bootstrap
from attentif.errors import InputError


def grouped_sample(generator, n_groups=40, within=0.5):
    """Values around a mean of 0 with an effect of the group, in groups of 1 to 6."""
    sizes = generator.integers(1, 7, n_groups)
    groups = np.repeat(np.arange(n_groups), sizes)
    values = np.repeat(generator.normal(size=n_groups), sizes) + within * generator.normal(size=sizes.sum())
    return values, groups


def test_estimate_and_effective_size_follow_their_formulas():
    values = np.arange(30.0) ** 2
    groups = ["a"] * 16 + ["b"] * 2 + ["c"] * 5 + ["d"] * 3 + ["e"] * 4
    with pytest.warns(UserWarning, match="only 5 groups"):
        interval = cluster_bootstrap(values, groups)
    assert interval.estimate == pytest.approx(values.mean(), rel=1e-12)  # not the mean of the groups' means
    assert interval.n_groups == 5
    assert interval.effective_size == pytest.approx(30**2 / (16**2 + 2**2 + 5**2 + 3**2 + 4**2), rel=1e-12)
    assert all(type(number) is float for number in (interval.estimate, interval.low, interval.effective_size))


def test_interval_equals_the_enumeration_of_all_resamples():
    groups = np.repeat(range(5), [1, 2, 4, 3, 2])
    values = np.array([0.0, 1.0, 3.0, 2.0, 2.0, 5.0, 1.0, -1.0, 0.0, 2.0, 4.0, 4.5])
    every = []
    for drawn in itertools.product(range(5), repeat=5):
        every.append(np.mean([value for g in drawn for value in values[groups == g]]))
    with pytest.warns(UserWarning):
        interval = cluster_bootstrap(values, groups, n_resamples=20_000, level=0.8, seed=3)
    low, high = np.quantile(every, [0.1, 0.9])
    assert interval.low == pytest.approx(low, abs=0.03)
    assert interval.high == pytest.approx(high, abs=0.03)
    assert high - low > 1  # so that the tolerance says something


def test_coverage_by_simulation():
    generator = np.random.default_rng(5)
    by_group, by_value = [], []
    for run in range(500):
        values, groups = grouped_sample(generator)
        interval = cluster_bootstrap(values, groups, n_resamples=200, seed=run)
        by_group.append(interval.low <= 0 <= interval.high)
        if run < 200:
            interval = cluster_bootstrap(values, range(len(values)), n_resamples=200, seed=run)
            by_value.append(interval.low <= 0 <= interval.high)
    assert 0.89 <= np.mean(by_group) <= 0.97  # 0.926 over 2,000 runs, standard error here 0.012
    assert np.mean(by_value) < 0.80  # values taken as independent: far too sure


def test_copies_of_every_group_s_values_bring_no_certainty():
    values, groups = grouped_sample(np.random.default_rng(1))
    once = cluster_bootstrap(values, groups, seed=5)
    thrice = cluster_bootstrap(np.tile(values, 3), np.tile(groups, 3), seed=5)
    assert np.allclose(
        [once.low, once.high, once.effective_size],
        [thrice.low, thrice.high, thrice.effective_size],
        rtol=1e-12,
    )


def test_shift_and_scale_move_the_interval_along():
    values, groups = grouped_sample(np.random.default_rng(2))
    plain, moved = (cluster_bootstrap(v, groups, seed=7) for v in (values, 100 - 3 * values))
    assert moved.low == pytest.approx(100 - 3 * plain.high, abs=1e-9)
    assert moved.high == pytest.approx(100 - 3 * plain.low, abs=1e-9)


def test_seed_level_and_labels():
    values, groups = grouped_sample(np.random.default_rng(3))
    interval = cluster_bootstrap(values, groups, seed=1)
    assert interval == cluster_bootstrap(values, groups, seed=1)
    assert interval != cluster_bootstrap(values, groups, seed=2)
    pairs = [("il", f"elle{group}") for group in groups]  # labels may be tuples, a word pair for instance
    assert interval == cluster_bootstrap(list(values), pairs, seed=1)
    narrow = cluster_bootstrap(values, groups, level=0.5, seed=1)
    assert interval.low < narrow.low < narrow.high < interval.high


def test_no_warning_from_twenty_groups_on():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cluster_bootstrap(range(40), [number % 20 for number in range(40)])
    with pytest.warns(UserWarning, match="too narrow"):
        cluster_bootstrap(range(38), [number % 19 for number in range(38)])


@pytest.mark.parametrize(
    ("values", "groups", "options", "said"),
    [
        (range(8), [0, 1, 2, 3] * 2, {}, "at least 5 groups, got 4"),
        ([], [], {}, "finite numbers"),
        ([1.0, math.nan] * 5, range(10), {}, "finite numbers"),
        ([[1.0, 2.0]] * 6, range(6), {}, "finite numbers"),
        (["a"] * 6, range(6), {}, "finite numbers"),
        (range(6), range(7), {}, "6 group labels"),
        (range(6), [0.0, 1.0, 2.0, 3.0, 4.0, math.nan], {}, "6 group labels"),
        (range(6), range(6), {"level": 95}, "between 0 and 1"),
        (range(6), range(6), {"n_resamples": 10}, "at least 100"),
        (range(6), range(6), {"n_resamples": 2000.5}, "whole number"),
    ],
)
def test_bootstrap_refuses_in_one_line(values, groups, options, said):
    with pytest.raises(InputError, match=said) as refusal:
        cluster_bootstrap(values, groups, **options)
    assert "\n" not in str(refusal.value)


def test_calibration_equals_scipy():
    generator = np.random.default_rng(4)
    planted = generator.normal(size=17)
    measured = 0.3 + 0.8 * planted + 0.2 * generator.normal(size=17)
    found, expected = calibration(planted, measured), stats.linregress(planted, measured)
    assert found.slope == pytest.approx(expected.slope, rel=1e-12)
    assert found.intercept == pytest.approx(expected.intercept, rel=1e-12)
    assert found.r == pytest.approx(expected.rvalue, rel=1e-12)
    assert found.rmse == pytest.approx(
        math.sqrt(sum((m - p) ** 2 for p, m in zip(planted, measured, strict=True)) / 17)
    )


def test_rmse_sees_an_offset_that_the_correlation_does_not():
    found = calibration([-1, 0, 0.5, 1], [-0.5, 0.5, 1.0, 1.5])
    assert (found.slope, found.intercept, found.r) == pytest.approx((1, 0.5, 1))
    assert found.rmse == pytest.approx(0.5)


def test_a_metric_that_says_always_the_same():
    found = calibration([-1.0, 0.0, 2.0], [0.1, 0.1, 0.1])
    assert (found.slope, found.r, found.smallest_detected) == (pytest.approx(0.0), 0.0, math.inf)


def smallest_by_hand(planted, measured):
    noise = max([abs(m) for p, m in zip(planted, measured, strict=True) if p == 0], default=0)
    smallest = math.inf
    for size in sorted({abs(p) for p in planted} - {0}, reverse=True):
        for p, m in zip(planted, measured, strict=True):
            if abs(p) == size and not (m > noise if p > 0 else m < -noise):
                return smallest
        smallest = size
    return smallest


@pytest.mark.parametrize(
    ("planted", "measured", "smallest"),
    [
        ([-1, -0.5, -0.25, 0, 0.25, 0.5, 1], [-0.9, -0.4, -0.2, 0.1, 0.2, 0.4, 0.9], 0.25),
        ([-1, -0.5, -0.25, 0, 0.25, 0.5, 1], [-0.9, -0.4, -0.2, -0.3, 0.2, 0.4, 0.9], 0.5),  # a noisy control
        ([-1, -0.5, -0.25, 0.25, 0.5, 1], [-0.9, 0.1, -0.2, 0.2, 0.4, 0.9], 1.0),  # 0.5 fails on one side
        ([-1, 0, 1], [0.5, 0.1, 0.9], math.inf),
    ],
)
def test_smallest_detected_on_cases_worked_by_hand(planted, measured, smallest):
    assert calibration(planted, measured).smallest_detected == smallest


def test_smallest_detected_equals_a_search_from_the_largest_down():
    generator = np.random.default_rng(5)
    seen = set()
    for _ in range(200):
        planted = generator.choice([-1, -0.5, -0.25, 0, 0.25, 0.5, 1], size=12)
        measured = planted + 0.25 * generator.normal(size=12)
        expected = smallest_by_hand(planted, measured)
        seen.add(expected)
        assert calibration(planted, measured).smallest_detected == expected
    assert seen == {0.25, 0.5, 1.0, math.inf}


@pytest.mark.parametrize(
    ("planted", "measured", "said"),
    [
        ([0.0, 1.0], [0.0, 1.0], "3 or more, got 2 and 2"),
        ([0.0, 1.0, 2.0], [0.0, 1.0], "got 3 and 2"),
        ([1.0, 1.0, 1.0], [0.0, 1.0, 2.0], "different sizes"),
        ([0.0, 1.0, math.inf], [0.0, 1.0, 2.0], "planted to be a list of finite"),
        ([0.0, 1.0, 2.0], np.array([[0.0], [1.0], [2.0]]), "measured to be a list of finite"),
        ([0.0, 1.0, 2.0], ["a", "b", None], "measured to be a list of finite"),
    ],
)
def test_calibration_refuses_in_one_line(planted, measured, said):
    with pytest.raises(InputError, match=said) as refusal:
        calibration(planted, measured)
    assert "\n" not in str(refusal.value)


def test_results_are_frozen_and_checked():
    with pytest.raises(InputError):
        Interval(estimate=0.0, low=1.0, high=0.0, n_groups=5, effective_size=5.0)
    with pytest.raises(InputError):
        Calibration(slope=1.0, intercept=0.0, r=1.0, rmse=-0.1, smallest_detected=1.0)
    with pytest.raises(AttributeError):
        Interval(estimate=0.0, low=0.0, high=0.0, n_groups=5, effective_size=5.0).low = 1.0
