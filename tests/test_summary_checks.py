"""Association and paired tests as exercises: where their bounds come from, and that nothing given away solves them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from attentif.bias.paired import paired_test
from attentif.bias.permutation import permutation_p_value
from attentif.checks.public import paired_test as paired_checks
from attentif.checks.public import permutation_p_value as permutation_checks
from attentif.checks.summaries import Summary
from attentif.checks.text import text
from attentif.checks.values import Outcome, Record
from attentif.errors import ExerciseNotDone
from attentif_grading import division_oracle as oracle
from attentif_grading.bootstrap_oracle import FALSE_REJECTION
from attentif_grading.contracts import load_contracts
from attentif_grading.exercises import load_exercise
from attentif_grading.leaks import _given_away, _given_runs, _solutions
from attentif_grading.places import course_home
from attentif_grading.strip import strip_source

NAMES = ("weat_effect_size", "permutation_p_value", "paired_test", "template_sensitivity")


def eighths(rng, n, middle=0.0):
    return (np.round(8 * rng.normal(middle, 1.0, n)) / 8).tolist()


def test_shares_of_divisions_equal_the_enumeration():
    rng, seen = np.random.default_rng(1), set()
    for n_first, n_second in ((2, 3), (3, 5), (4, 4), (1, 6)):
        first, second = eighths(rng, n_first, 0.5), eighths(rng, n_second)
        values = [*first, *second]

        def apart(chosen, values=values):
            rest = [value for place, value in enumerate(values) if place not in chosen]
            return np.mean([values[place] for place in chosen]) - np.mean(rest)

        observed = apart(range(n_first)) - 1e-9
        every = [apart(chosen) >= observed for chosen in itertools.combinations(range(len(values)), n_first)]
        seen.add(float(np.mean(every)))
        assert oracle.share_of_divisions(first, second) == pytest.approx(np.mean(every))
    assert len(seen) > 2


def test_shares_with_groups_equal_the_librarys():
    rng = np.random.default_rng(2)
    for _ in range(5):
        codes = [np.repeat(range(n), rng.integers(1, 5, n)) for n in (4, 5)]
        values = [eighths(rng, len(each), shift) for each, shift in zip(codes, (0.6, 0.0), strict=True)]
        words = [f"x{code}" for code in codes[0]], [f"y{code}" for code in codes[1]]
        expected = permutation_p_value(*values, groups=words)
        assert oracle.share_of_divisions(*values, words) == pytest.approx(expected)


def test_shares_of_signs_equal_the_enumeration():
    rng = np.random.default_rng(3)
    for n in (4, 7, 9):
        first, second = eighths(rng, n, 0.4), eighths(rng, n)
        differences = np.subtract(first, second)
        sums = [np.dot(signs, differences) for signs in itertools.product((1, -1), repeat=n)]
        expected = np.mean(np.abs(sums) >= abs(differences.sum()) - 1e-9)
        assert oracle.share_of_signs(first, second) == pytest.approx(expected)
    labels = list("abcabdeffa")
    first, second = eighths(rng, 10, 0.3), eighths(rng, 10)
    assert oracle.share_of_signs(first, second, labels) == pytest.approx(
        paired_test(first, second, groups=labels).p_value
    )


def test_values_that_are_no_64ths_are_no_exact_count():
    with pytest.raises(ValueError, match="64ths"):
        oracle.share_of_divisions([0.1], [0.5, 0.25])


@pytest.mark.parametrize("n", [150, 900, 3000])
@pytest.mark.parametrize("share", [1e-12, 0.02, 0.39, 0.9])
def test_chance_takes_a_right_share_out_of_its_bounds_once_in_a_hundred_million(share, n):
    low, high = (round(bound * (n + 1)) - 1 for bound in oracle.drawn_bounds(share, n))
    assert stats.binom.cdf(low - 1, n, share) <= FALSE_REJECTION
    assert stats.binom.sf(high, n, share) <= FALSE_REJECTION
    # Not so wide that anything is inside.
    assert (high - low) / n < 14 * np.sqrt(share * (1 - share) / n) + 2 / n


@pytest.mark.parametrize(
    ("checks", "share_of", "case", "stored"),
    [
        (permutation_checks, oracle.share_of_divisions, "drawn", permutation_checks.BOUNDS),
        (permutation_checks, oracle.share_of_divisions, "unequal", permutation_checks.UNEQUAL),
        (paired_checks, oracle.share_of_signs, "drawn", paired_checks.BOUNDS),
    ],
)
def test_stored_bounds_are_those_of_the_exact_share(checks, share_of, case, stored):
    request = load_exercise(checks.CHECKS.exercise).requests[case]
    expected = oracle.drawn_bounds(share_of(*request.args), request.kwargs["n_resamples"])
    assert pytest.approx(expected, abs=1e-4) == stored


def test_numbers_are_read_whatever_holds_them():
    summary = Summary(("p", "exact"), lambda request: text("", ""), "Test")
    assert summary.read(Record("Other", {"p": 0.5, "exact": True})) == {"p": 0.5, "exact": 1.0}
    assert summary.read({"p": np.array(0.5), "exact": 0, "more": "x"}) == {"p": 0.5, "exact": 0.0}
    for wrong in (0.5, {"p": 0.5}, {"p": "0.5", "exact": True}, None):
        assert summary.read(wrong) is None
    assert summary.found(Outcome(error="ValueError: no")) is None
    alone = Summary(("d",), lambda request: text("", ""))
    assert alone.read(2) == {"d": 2.0} and alone.read(True) is None and alone.read([1.0]) is None


@pytest.mark.parametrize("name", NAMES)
def test_the_given_library_does_not_give_the_solution_away(name):
    home, contracts = course_home(), (load_contracts()[name],)
    assert not list(_given_away(dict(_solutions(home, contracts)), _given_runs(home, contracts)))


def test_half_a_solution_goes_with_it():
    """The associations of words: with them given, the effect size would be one line."""
    contract = load_contracts()["weat_effect_size"]
    source = (course_home() / "src" / contract.file).read_text(encoding="utf-8")
    module = {"__name__": contract.module}
    exec(compile(strip_source(source, [contract]), str(contract.file), "exec", dont_inherit=True), module)
    for call in ("associations", "weat_effect_size", "association_test"):
        with pytest.raises(ExerciseNotDone):
            module[call](*[[[1.0, 0.0]]] * (3 if call == "associations" else 4))
    assert module["checked_vectors"](x=[[1.0, 2.0]])[0].tolist() == [[1.0, 2.0]]
