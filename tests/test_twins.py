"""Twins of the public checks: nobody has seen them, and they mark every answer as the stored cases do."""

from __future__ import annotations

import json

import numpy as np
import pytest

from attentif.checks.drawing import drawn_from, fact, rng_from, seed_from
from attentif.checks.store import load_exercise as load_public
from attentif.checks.store import public_module
from attentif.checks.values import to_json
from attentif.judged import judging
from attentif_grading.checkdata import same_within_rounding
from attentif_grading.exercises import exercises_in_chain, load_exercise
from attentif_grading.salt import VARIABLE
from attentif_grading.trivial import trivial_answers
from attentif_grading.twins import twin_cases, twinned

EXERCISES = exercises_in_chain()
# The numbers of the first stand in its statement; the other calls leave no choice.
FIXED = {
    ("attention_by_hand", "answer"),
    ("causal_mask", "one"),
    ("holm", "refuses_empty"),
    ("perplexity", "refuses_no_batch"),
}
QUICK = (
    "causal_mask",
    "scaled_dot_product_attention",
    "warmup_cosine",
    "generate",
    "calibration",
    "cluster_bootstrap",
)


@pytest.fixture
def secret(monkeypatch):
    """Sets the assignment's secret."""
    return lambda value: monkeypatch.setenv(VARIABLE, value)


def as_text(request):
    return json.dumps(to_json(request), sort_keys=True)


def on_stored(exercise, student):
    with judging(exercise.name):
        return public_module(exercise.name).CHECKS.run(student, dict(load_public(exercise.name).cases))


def on_twins(exercise, student):
    with judging(exercise.name), twinned(exercise) as cases:
        return public_module(exercise.name).CHECKS.run(student, cases)


def catalogue(exercise):
    """(name, function) of every implementation but the reference."""
    yield from ((m.name, m.function) for m in exercise.all_misconceptions)
    yield from ((v.name, v.function) for v in exercise.variants)
    yield from trivial_answers(exercise).items()
    yield from ((function.__name__, function) for function in exercise.outside)


def differences(exercise):
    """What the two mark differently, one line an implementation."""
    found = []
    for name, function in catalogue(exercise):
        student = exercise.student(exercise.target(function))
        first, second = on_stored(exercise, student), on_twins(exercise, student)
        faults = [result.fault for result in second.results if result.fault]
        if first.earned != second.earned or faults:
            changed = [
                (a.check.name, a.status, b.status)
                for a, b in zip(first.results, second.results, strict=True)
                if a.status != b.status
            ]
            found.append(f"{name}: {first.earned} stored, {second.earned} on twins; {changed} {faults}")
    return found


class Recorder:
    """A student that notes what is asked of another one, and what that answers."""

    def __init__(self, student):
        self.student, self.known = student, {}

    def run(self, request):
        return self.known.setdefault(as_text(request), self.student.run(request))


class Table:
    """A student that has the answers to all that was asked below the exercise, and knows nothing else."""

    def __init__(self, known, otherwise):
        self.known, self.otherwise, self.n_found = known, otherwise, 0

    def run(self, request):
        found = self.known.get(as_text(request))
        self.n_found += found is not None
        return self.otherwise.run(request) if found is None else found


@pytest.mark.parametrize("name", EXERCISES)
def test_every_stored_case_has_a_twin_that_differs(name, secret):
    secret("one of this test")
    exercise = load_exercise(name)
    stored, twins = exercise.requests, twin_cases(exercise)
    assert list(stored) == list(twins)
    same = {(name, case) for case in stored if as_text(stored[case]) == as_text(twins[case].request)}
    assert same == {fixed for fixed in FIXED if fixed[0] == name}


@pytest.mark.parametrize("name", EXERCISES)
def test_the_stored_cases_stay_what_students_have(name):
    stored = {case: to_json(each.request) for case, each in load_public(name).cases.items()}
    requests = {case: to_json(request) for case, request in load_exercise(name).requests.items()}
    # Inputs that were solved for (a weight for a planted activation) differ in the last bits between processors.
    assert same_within_rounding(requests, stored)


@pytest.mark.parametrize("name", EXERCISES)
def test_the_reference_has_full_marks_on_twins(name, secret):
    secret("another one of this test")
    exercise = load_exercise(name)
    report = on_twins(exercise, exercise.student(exercise.reference))
    assert report.earned == report.maximum


@pytest.mark.parametrize("name", [name for name in EXERCISES if name != "attention_by_hand"])
def test_a_table_of_all_that_the_public_checks_ask_earns_nothing(name, secret):
    secret("a third one")
    exercise = load_exercise(name)
    recorder = Recorder(exercise.student(exercise.reference))
    assert on_stored(exercise, recorder).earned > 0
    for otherwise in ("zeros", "none"):
        unknown = exercise.student(exercise.target(trivial_answers(exercise)[otherwise]))
        table = Table(recorder.known, unknown)
        below = on_stored(exercise, table)
        assert below.earned == below.maximum  # or the table says nothing
        assert on_twins(exercise, table).earned == 0


def test_the_secret_decides_the_twins(secret):
    exercise = load_exercise("scaled_dot_product_attention")
    secret("first")
    first, again = twin_cases(exercise), twin_cases(exercise)
    secret("second")
    second = twin_cases(exercise)
    texts = [as_text(cases["plain"].request) for cases in (first, again, second)]
    assert texts[0] == texts[1] != texts[2]


def test_draws_are_those_of_every_run_unless_another_source_is_set():
    assert seed_from(5) == 5 and seed_from(None) is None and fact("X", 16.0) == 16.0
    assert rng_from(5).random() == np.random.default_rng(5).random()
    with drawn_from(np.random.default_rng(1), {"X": 20.0}):
        seeds = [seed_from(seed) for seed in range(200)]
        assert len(set(seeds)) == 200 and not set(seeds) & set(range(200))
        assert seed_from(None) is None and fact("X", 16.0) == 20.0 and fact("Y", 3) == 3
        drawn = rng_from(5).random()
        # Whatever was drawn before.
        assert drawn == rng_from(5).random() != np.random.default_rng(5).random()
    with drawn_from(np.random.default_rng(2)):
        assert rng_from(5).random() != drawn
    assert seed_from(5) == 5 and fact("X", 16.0) == 16.0


@pytest.mark.parametrize("name", QUICK)
def test_twins_mark_as_the_stored_cases_do(name, secret):
    secret("a fourth one")
    assert differences(load_exercise(name)) == []


@pytest.mark.slow
@pytest.mark.parametrize("value", ["five", "six", "seven"])
@pytest.mark.parametrize("name", EXERCISES)
def test_twins_mark_every_answer_as_the_stored_cases_do(name, value, secret):
    secret(value)
    assert differences(load_exercise(name)) == []
