"""Sign-flip tests and Holm's correction, against enumeration, scipy, simulation and the definition."""

from __future__ import annotations

import itertools
import math
import warnings

import numpy as np
import pytest
from scipy import stats

from attentif.bias.paired import PairedTest, holm, paired_test
from attentif.errors import InputError


def p_by_loop(differences, groups):
    labels = list(dict.fromkeys(groups))
    observed, count = abs(sum(differences)), 0
    for signs in itertools.product((1, -1), repeat=len(labels)):
        sign = dict(zip(labels, signs, strict=True))
        total = abs(sum(sign[g] * d for g, d in zip(groups, differences, strict=True)))
        count += total >= observed - 1e-12
    return count / 2 ** len(labels)


@pytest.mark.parametrize("n", [6, 9, 12])
def test_p_equals_the_enumeration_of_all_signs(n):
    generator = np.random.default_rng(n)
    for shift in (0.0, 0.6):
        first, second = generator.normal(shift, 1.0, n), generator.normal(0.0, 1.0, n)
        found = paired_test(first, second)
        expected = p_by_loop(first - second, range(n))
        assert found.p_value == pytest.approx(expected, rel=1e-12)
        assert (found.n_pairs, found.n_groups, found.exact) == (n, n, True)
        assert found.difference == pytest.approx(first.mean() - second.mean())
        back = paired_test(second, first)
        assert (back.p_value, back.difference) == (found.p_value, pytest.approx(-found.difference))


def test_p_equals_scipy_s():
    generator = np.random.default_rng(1)
    differences = generator.normal(0.4, 1.0, 11)
    expected = stats.permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=math.inf, alternative="two-sided"
    )
    assert paired_test(differences, np.zeros(11)).p_value == pytest.approx(expected.pvalue)


def test_groups_share_their_sign():
    generator = np.random.default_rng(2)
    groups = ["a", "b", "c", "a", "d", "e", "f", "a", "b", "g", "g", "g", "c"]
    first, second = generator.normal(0.8, 1.0, 13), generator.normal(0.0, 1.0, 13)
    found = paired_test(first, second, groups=groups)
    assert found.p_value == pytest.approx(p_by_loop(first - second, groups))
    assert found.p_value != paired_test(first, second).p_value
    assert (found.n_pairs, found.n_groups) == (13, 7)
    assert found.difference == pytest.approx(np.mean(first - second))  # of the pairs, not of the groups


def test_equal_differences_tie_in_spite_of_rounding():
    # 0.1 + 0.2 − 0.3 is no 0 in floating point: signs +, +, − and −, −, + have the observed sum all the same.
    assert paired_test([0.1, 0.2, 0.3] * 2, [0.0] * 6).p_value == 2 / 64
    assert paired_test([0.1, 0.2, -0.3] * 2, [0.0] * 6).p_value == 1.0
    assert paired_test([0.7] * 8, [0.7] * 8).p_value == 1.0


def test_sixteen_groups_are_exact_and_seventeen_are_drawn():
    first = np.arange(1.0, 17.0)
    assert paired_test(first, np.zeros(16)) == PairedTest(8.5, 2 / 2**16, 16, 16, exact=True)
    found = paired_test(np.arange(1.0, 18.0), np.zeros(17), n_resamples=400)
    assert (found.exact, found.p_value) == (False, 1 / 401)


def test_monte_carlo_is_close_to_the_enumeration_and_seeded():
    generator = np.random.default_rng(3)
    differences = generator.normal(0.35, 1.0, 17)
    sums = np.array(list(itertools.product((1, -1), repeat=17))) @ differences
    exact = np.mean(np.abs(sums) >= abs(differences.sum()) - 1e-12)
    drawn = [paired_test(differences, np.zeros(17), 999, seed).p_value for seed in range(40)]
    assert np.mean(drawn) == pytest.approx((999 * exact + 1) / 1000, abs=4 * math.sqrt(exact / 999 / 40))
    assert len(set(drawn)) > 10
    assert drawn[7] == paired_test(differences, np.zeros(17), 999, 7).p_value


def test_p_is_right_under_the_null_for_groups_and_wrong_for_their_pairs():
    generator = np.random.default_rng(4)
    labels = np.repeat(range(12), 6)
    by_group, by_pair = [], []
    for _ in range(300):
        differences = np.repeat(generator.normal(size=12), 6) + 0.3 * generator.normal(size=72)
        by_group.append(paired_test(differences, np.zeros(72), groups=labels).p_value)
        by_pair.append(paired_test(differences, np.zeros(72), n_resamples=199).p_value)
    assert 0.01 <= np.mean(np.array(by_group) <= 0.05) <= 0.09
    assert 0.4 <= np.mean(np.array(by_group) <= 0.5) <= 0.6
    assert np.mean(np.array(by_pair) <= 0.05) > 0.2


def test_a_warning_under_six_groups():
    with pytest.warns(UserWarning, match="only 5 groups: no difference"):
        assert paired_test([1.0] * 5, [0.0] * 5).p_value == 2 / 32
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert paired_test([1.0] * 6, [0.0] * 6).p_value == 2 / 64


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (([1.0, 2.0], [1.0]), "two scores a pair, got 2 and 1"),
        (([], []), "first to be a list of finite"),
        (([1.0], [math.nan]), "second to be a list of finite"),
        (([1.0] * 7, [2.0] * 7, 20), "at least 100"),
        (([1.0] * 7, [2.0] * 7, 1000, 0, "abc"), "7 group labels"),
    ],
)
def test_paired_test_refuses_in_one_line(arguments, said):
    with pytest.raises(InputError, match=said) as refusal:
        paired_test(*arguments)
    assert "\n" not in str(refusal.value)
    with pytest.raises(InputError):
        PairedTest(difference=0.0, p_value=1.2, n_pairs=3, n_groups=3, exact=True)


def holm_by_steps(p_values):
    """Holm's procedure as he states it: at each level, reject one after the other until one is not small enough."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted = [1.0] * len(p_values)
    for alpha in np.arange(1, 2001) / 2000:
        for step, index in enumerate(order):
            if p_values[index] > alpha / (len(p_values) - step) + 1e-12:
                break
            adjusted[index] = min(adjusted[index], alpha)
    return adjusted


def test_holm_equals_his_procedure_level_by_level():
    generator = np.random.default_rng(5)
    for m in (1, 2, 5, 9):
        p_values = np.round(generator.uniform(0, 0.3, m), 3).tolist()
        found = holm(p_values)
        assert found.dtype == np.float64
        # Rejected at a level exactly when the adjusted value is at most it; levels stand 0.0005 apart.
        assert np.ceil(np.round(found * 2000, 6)) / 2000 == pytest.approx(holm_by_steps(p_values))


def test_holm_on_cases_worked_by_hand():
    assert holm([0.01, 0.02, 0.03]).tolist() == pytest.approx([0.03, 0.04, 0.04])
    assert holm([0.5, 0.9, 0.04]).tolist() == pytest.approx([1.0, 1.0, 0.12])
    assert holm([0.02, 0.02]).tolist() == pytest.approx([0.04, 0.04])
    assert holm([0.0, 1.0]).tolist() == [0.0, 1.0]


@pytest.mark.parametrize(
    ("p_values", "said"), [([], "p_values"), ([0.1, 1.5], "got 1.5"), ([-0.1], "from 0 to 1")]
)
def test_holm_refuses_in_one_line(p_values, said):
    with pytest.raises(InputError, match=said) as refusal:
        holm(p_values)
    assert "\n" not in str(refusal.value)
