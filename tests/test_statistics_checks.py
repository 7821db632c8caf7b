"""The checks of cluster_bootstrap and calibration: where their bounds come from, what they say, what they forgive."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from attentif import InputError, rescue
from attentif.bias import Calibration, Interval, calibration, cluster_bootstrap
from attentif.bias.statistics import coded_groups
from attentif.checks.engine import PASSED
from attentif.checks.examining import examine
from attentif.checks.fields import fields_of, near, plain
from attentif.checks.public.cluster_bootstrap import BOUNDS
from attentif.checks.store import read_exercise
from attentif.checks.values import Record
from attentif.errors import ExerciseNotDone
from attentif_grading import bootstrap_oracle as oracle
from attentif_grading.checkdata import build_check_data, dump
from attentif_grading.contracts import load_contracts
from attentif_grading.exercises import load_exercise
from attentif_grading.leaks import _given_away, _given_runs, _solutions
from attentif_grading.places import course_home
from attentif_grading.strip import strip_source

NAMES = ("cluster_bootstrap", "calibration")


@pytest.fixture(scope="module")
def public():
    """Public sides made afresh, whatever data files are there."""
    return {name: read_exercise(name, build_check_data(load_exercise(name))) for name in NAMES}


def catalogued(name, mistake):
    return next(m.function for m in load_exercise(name).misconceptions if m.name == mistake)


def failed(public, name, function):
    """(check → (expected, got)) of the public checks that fail."""
    results = examine(public[name], function).results
    return {r.check.name: (r.expected, r.got) for r in results if r.status not in (PASSED, "skipped")}


def reseeded(function, shift):
    """The same code with another stream of draws."""

    def answer(values, groups, n_resamples=2000, level=0.95, seed=0):
        return function(values, groups, n_resamples, level, seed + shift)

    return answer


# Where the bounds come from


@pytest.mark.parametrize("n_resamples", [100, 500, 1000, 2000, 4000])
@pytest.mark.parametrize("p", [0.01, 0.025, 0.05, 0.25, 0.65, 0.975])
def test_chance_takes_a_right_quantile_out_of_its_bounds_once_in_a_hundred_million(n_resamples, p):
    least, greatest = oracle.shares_around(p, n_resamples)
    assert least < p < greatest
    # The lowest and the highest rank that a convention may take for the quantile.
    low_rank, high_rank = math.floor(p * n_resamples), math.ceil(p * n_resamples) + 1
    # The k-th smallest is below a quantile of the law where k draws or more are.
    assert stats.binom.sf(low_rank - 1, n_resamples, least) <= oracle.FALSE_REJECTION
    assert stats.binom.cdf(high_rank - 1, n_resamples, greatest) <= oracle.FALSE_REJECTION
    # Not so wide that anything is inside.
    if n_resamples >= 1000 and 0.025 <= p <= 0.975:
        spread = math.sqrt(p * (1 - p) / n_resamples)
        assert max(greatest - p, p - least) < 10 * spread


def test_the_law_equals_the_enumeration_of_all_resamples():
    values, groups = [1.0, 4.0, 2.0, 2.5, -1.0, 0.5, 3.0, 8.0], list("abcbdeea")
    sums, sizes = oracle.totals(values, groups)
    every = [
        sum(sums[g] for g in drawn) / sum(sizes[g] for g in drawn)
        for drawn in itertools.product(range(5), repeat=5)
    ]
    drawn = oracle.resampled_means(sums, sizes, 200_000)
    for share in (0.03, 0.2, 0.5, 0.9, 0.97):
        at = np.quantile(every, share)
        below = np.mean(np.array(every) <= at + 1e-9)
        assert np.mean(drawn <= at + 1e-9) == pytest.approx(below, abs=0.006)


def test_the_bounds_of_a_few_values_are_those_of_all_their_resamples():
    request = load_exercise("cluster_bootstrap").requests["few"]
    sums, sizes = map(np.array, oracle.totals(*request.args))
    drawn = np.stack(np.meshgrid(*[np.arange(len(sums))] * len(sums)), axis=-1).reshape(-1, len(sums))
    means = np.sort(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1))
    for bounds, p in zip(BOUNDS["few"], (0.025, 0.975), strict=True):
        ends = np.quantile(means, oracle.shares_around(p, 2000), method="inverted_cdf")
        # Outwards, by one or two of the few means that there are.
        assert 0 <= ends[0] - bounds[0] <= 0.025 and 0 <= bounds[1] - ends[1] <= 0.025


@pytest.mark.parametrize("name", sorted(set(BOUNDS) - {"few"}))
def test_stored_bounds_are_those_of_the_law(name):
    request = load_exercise("cluster_bootstrap").requests[name]
    n_resamples, level = request.kwargs.get("n_resamples", 2000), request.kwargs.get("level", 0.95)
    means = oracle.resampled_means(*oracle.totals(*request.args), 1_000_000)
    for bounds, p in zip(BOUNDS[name], ((1 - level) / 2, (1 + level) / 2), strict=True):
        for bound, share in zip(bounds, oracle.shares_around(p, n_resamples), strict=True):
            # Two laws of many draws, and a bound of three decimals: here, one step of it at most.
            error = 6 * math.sqrt(share * (1 - share) / len(means))
            first, last = np.quantile(means, [max(0.0, share - error), min(1.0, share + error)])
            assert first - 0.001 <= bound <= last + 0.001


def test_the_interval_of_the_library_is_inside_whatever_the_seed():
    for name in ("words_80", "numbers"):
        request = load_exercise("cluster_bootstrap").requests[name]
        for seed in range(40):
            found = cluster_bootstrap(*request.args, **(request.kwargs | {"seed": seed}))
            for end, (least, greatest) in zip((found.low, found.high), BOUNDS[name], strict=True):
                assert least <= end <= greatest


def test_the_data_file_is_the_same_in_every_build():
    """Also what is kept of a mistake that draws anew each time."""
    for name in NAMES:
        exercise = load_exercise(name)
        assert dump(build_check_data(exercise)) == dump(build_check_data(exercise))


# What is forgiven, and what is not


def test_another_stream_of_draws_costs_nothing_and_hides_no_mistake(public):
    exercise = load_exercise("cluster_bootstrap")
    for checks in (None, exercise.hidden):
        report = examine(public["cluster_bootstrap"], reseeded(cluster_bootstrap, 977), checks)
        assert report.earned == report.maximum
    for mistake in ("values_resampled", "drawn_twice_counted_once", "equal_arms", "values_redrawn_too"):
        report = examine(public["cluster_bootstrap"], reseeded(catalogued("cluster_bootstrap", mistake), 977))
        assert [diagnosis.name for diagnosis in report.diagnoses] == [mistake]


@pytest.mark.parametrize("secret", ["one", "two", "three"])
def test_hidden_checks_see_what_is_hard_to_see_whatever_the_secret(secret, public, monkeypatch):
    monkeypatch.setenv("ATTENTIF_SALT", secret)
    exercise = load_exercise("cluster_bootstrap")
    for mistake in ("values_redrawn_too", "equal_arms", "mirrored", "last_group_never_drawn"):
        report = examine(
            public["cluster_bootstrap"], catalogued("cluster_bootstrap", mistake), exercise.hidden
        )
        assert report.earned < report.maximum, mistake


def test_a_dict_and_numbers_of_other_types_are_accepted(public):
    def bootstrap(*args, **options):
        found = cluster_bootstrap(*args, **options)
        return {**vars(found), "n_groups": float(found.n_groups), "estimate": np.array(found.estimate)}

    report = examine(public["cluster_bootstrap"], bootstrap)
    assert report.earned == report.maximum

    def compared(planted, measured):
        return {name: np.float64(value) for name, value in vars(calibration(planted, measured)).items()}

    report = examine(public["calibration"], compared)
    assert report.earned == report.maximum


def test_fields_that_are_no_numbers_are_not_taken_for_some():
    assert fields_of(Record("X", {"a": 1, "b": 2.5}), ("a", "b")) == {"a": 1.0, "b": 2.5}
    for wrong in (None, (1, 2), {"a": 1}, {"a": 1, "b": "2"}, {"a": True, "b": 2}, {"a": None, "b": 2}):
        assert fields_of(wrong, ("a", "b")) is None
    assert plain(10**400) == math.inf and plain(-(10**400)) == -math.inf
    assert near(math.inf, math.inf) and not near(1e300, math.inf) and not near(math.inf, 2.0)
    assert not near(math.nan, math.nan) and not near(math.nan, 0.0)


# What they say


def test_the_bounds_of_an_end_are_told_in_both_languages(public):
    said = failed(public, "cluster_bootstrap", catalogued("cluster_bootstrap", "level_without_effect"))
    assert set(said) == {"levels", "labels"}
    expected, got = said["levels"]
    asked = "65 valeurs en 22 groupes, level=0.8, seed=1"
    assert expected["fr"] == f"low entre 1,827 et 1,932 pour {asked}"
    assert expected["en"].startswith("low between 1.827 and 1.932 for 65 values in 22 groups, level=0.8")
    assert float(got["en"]) < 1.827


def test_seeds_and_refusals_are_told(public):
    name = "cluster_bootstrap"
    said = failed(public, name, catalogued(name, "seed_always_the_same"))
    assert list(said) == ["seed"]
    assert said["seed"][0]["en"] == "other draws with seed=12 than with seed=11"
    said = failed(public, name, catalogued(name, "few_groups_accepted"))
    assert list(said) == ["refusals"]
    assert said["refusals"][0]["fr"].startswith(
        "une InputError pour cluster_bootstrap([0.5, -1.0, 0.25, 2.0, 1.5, 0.75], ['a', 'b', 'c', 'd', 'a', 'b']) : "
    )


def test_a_calibration_that_is_off_is_told_with_its_call(public):
    said = failed(public, "calibration", catalogued("calibration", "r_squared"))
    assert list(said) == ["correlation"]
    assert said["correlation"][0]["fr"].startswith("r = 0,980401 pour calibration([0.5, -0.25, ")
    said = failed(public, "calibration", catalogued("calibration", "nothing_detected_is_zero"))
    assert said["smallest_detected"][0]["en"].startswith("smallest_detected = inf for calibration(")


# The library's own, and what students are given


@pytest.mark.parametrize("groups", [[["a", 1]] * 6, [np.zeros(2)] * 6, [{"word": "a"}] * 6])
def test_labels_that_cannot_be_counted_are_refused(groups):
    with pytest.raises(InputError, match="turn lists and arrays into tuples"):
        cluster_bootstrap([0.5] * 6, groups)


@pytest.mark.parametrize("written", [*((name,) for name in NAMES), NAMES])
def test_the_given_library_does_not_give_these_solutions_away(written):
    home = course_home()
    contracts = tuple(load_contracts()[name] for name in written)
    assert not list(_given_away(dict(_solutions(home, contracts)), _given_runs(home, contracts)))


def test_what_is_given_works_where_both_are_still_to_be_written():
    contracts = [load_contracts()[name] for name in NAMES]
    path = course_home() / "src" / contracts[0].file
    module = {"__name__": contracts[0].module}
    source = strip_source(path.read_text(encoding="utf-8"), contracts)
    exec(compile(source, str(path), "exec", dont_inherit=True), module)
    for name, args in (("cluster_bootstrap", ([0.0] * 6, range(6))), ("calibration", ([0, 1, 2], [0, 1, 3]))):
        with pytest.raises(ExerciseNotDone):
            module[name](*args)
    values, codes = module["coded_groups"](range(40), [("w", n % 20) for n in range(40)], 100, 0.9)
    assert codes.tolist() == [*range(20), *range(20)] and values[-1] == 39.0
    assert [array.tolist() for array in module["paired_numbers"]([0, 1, 2], [3, 1, 2])] == [
        [0.0, 1.0, 2.0],
        [3.0, 1.0, 2.0],
    ]


def test_the_rescued_interval_is_around_the_mean_and_knows_the_level():
    values, groups = load_exercise("cluster_bootstrap").requests["words"].args
    ours, wide, narrow = (
        make(values, groups, level=level)
        for make, level in (
            (cluster_bootstrap, 0.95),
            (rescue.cluster_bootstrap, 0.95),
            (rescue.cluster_bootstrap, 0.5),
        )
    )
    assert isinstance(wide, Interval) and wide.estimate == pytest.approx(ours.estimate)
    assert wide.low < narrow.low < wide.estimate < narrow.high < wide.high
    of_groups = [
        np.mean(coded_groups(values, groups, 100, 0.5)[0][np.array(groups) == g]) for g in set(groups)
    ]
    error = np.std(of_groups, ddof=1) / math.sqrt(len(of_groups))
    assert wide.high - wide.low == pytest.approx(2 * 1.959964 * error, rel=1e-4)


def test_the_rescued_calibration_has_the_library_s_line_and_detects_nothing():
    planted, measured = load_exercise("calibration").requests["plain"].args
    ours, theirs = calibration(planted, measured), rescue.calibration(planted, measured)
    assert isinstance(theirs, Calibration)
    for name in ("slope", "intercept", "r", "rmse"):
        assert getattr(theirs, name) == pytest.approx(getattr(ours, name))
    assert theirs.smallest_detected == math.inf > ours.smallest_detected
    assert rescue.calibration([-1.0, 0.0, 1.0], [0.25] * 3).r == 0.0
