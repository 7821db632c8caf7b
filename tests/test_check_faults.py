"""Errors where none should be: in a check itself, and of every kind in a student's code."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest

import attentif
from attentif.checks import set_language
from attentif.checks.compare import Mismatch, value_of
from attentif.checks.engine import FAILED, PASSED, SKIPPED, TODO, CheckSet
from attentif.checks.examining import examine, stale_parts
from attentif.checks.report import as_html, as_text
from attentif.checks.store import read_exercise
from attentif.checks.student import LocalStudent
from attentif.checks.text import text
from attentif.checks.values import Recipe, Request, part
from attentif_grading import hidden
from attentif_grading.checkdata import build_check_data
from attentif_grading.exercises import load_exercise
from attentif_grading.hidden import grade_hidden
from attentif_grading.verify import verify

NAME = "causal_mask"
TITLE = text("a title", "un titre")


@pytest.fixture(autouse=True)
def _english():
    set_language("en")
    yield
    set_language("en")


def checkset(*runs, needs=None):
    """A set of checks with these run functions, a point each, under the functions' names."""
    checks = CheckSet("anything")
    for run in runs:
        checks.check(points=1.0, title=TITLE, hint=TITLE, needs=(needs or {}).get(run.__name__, ()))(run)
    return checks


def passes(student, cases):
    pass


def raising(error):
    """A function that raises this, whatever it is given."""

    def function(*args, **kwargs):
        raise error

    return function


class Silent(Exception):
    """An error that cannot tell its message."""

    def __str__(self):
        raise SystemExit


# In a check


@pytest.mark.parametrize(
    "error",
    [IndexError("list index\nout of range"), AssertionError(), KeyError("x"), SystemExit(2), Silent()],
    ids=lambda error: type(error).__name__,
)
def test_a_fault_of_a_check_is_a_failure_that_says_so(error):
    def faulty(student, cases):
        raise error

    def behind(student, cases):
        raise Mismatch(TITLE, TITLE)

    checks = checkset(faulty, passes, behind, needs={"behind": ["faulty"]})
    report = checks.run(LocalStudent(lambda: None))
    assert [result.status for result in report.results] == [FAILED, PASSED, SKIPPED]
    assert report.earned == 1.0
    first = report.results[0]
    assert first.fault.startswith(type(error).__name__) and "\n" not in first.fault
    for language, said in (("en", "the check itself failed"), ("fr", "le contrôle lui-même a échoué")):
        assert said in first.got[language] and type(error).__name__ in first.got[language]
        set_language(language)
        assert said in as_text(report)
        assert said.split()[0] in as_html(report)


def test_a_failed_answer_is_no_fault():
    def wants(student, cases):
        raise Mismatch(TITLE, TITLE)

    results = checkset(wants, passes).run(LocalStudent(lambda: None)).results
    assert [result.fault for result in results] == [None, None]


def test_a_check_that_fails_on_an_unwritten_exercise_leaves_it_to_do():
    def careless(student, cases):
        student.run(Request()).value.shape  # noqa: B018

    report = checkset(careless, passes).run(LocalStudent(raising(NotImplementedError())))
    assert [result.status for result in report.results] == [TODO, TODO]
    assert report.results[0].fault.startswith("AttributeError")


@pytest.mark.parametrize(
    "request_",
    [Request(args=(Recipe("no such recipe"),)), Request(args=([part(NAME)],)), Request(args=({1},))],
)
def test_a_request_that_cannot_be_built_is_a_fault_of_the_check(request_):
    def asks(student, cases):
        value_of(student.run(request_))

    (result,) = checkset(asks).run(LocalStudent(lambda *args: 1)).results
    assert result.status == FAILED and result.fault


def test_stopping_stops():
    def interrupted(student, cases):
        raise KeyboardInterrupt

    def asks(student, cases):
        student.run(Request())

    with pytest.raises(KeyboardInterrupt):
        checkset(interrupted).run(LocalStudent(lambda: None))
    with pytest.raises(KeyboardInterrupt):
        checkset(asks).run(LocalStudent(raising(KeyboardInterrupt())))


# In a student's code


class Foreign(BaseException):
    """What no `except Exception` sees."""


@pytest.mark.parametrize(
    "error", [SystemExit(3), Foreign("odd"), GeneratorExit(), asyncio.CancelledError(), Silent()]
)
def test_whatever_a_students_code_raises_is_a_failure(error):
    def asks(student, cases):
        value_of(student.run(Request()))

    report = checkset(asks, passes).run(LocalStudent(raising(error)))
    assert [result.status for result in report.results] == [FAILED, PASSED]
    assert type(error).__name__ in report.results[0].got["en"]
    assert report.results[0].fault is None


def test_a_constructor_that_is_no_function_gets_a_verdict():
    class MultiHeadAttention(attentif.MultiHeadAttention):
        __init__ = 3

    exercise = load_exercise("MultiHeadAttention")
    public = read_exercise("MultiHeadAttention", build_check_data(exercise))
    assert examine(public, MultiHeadAttention).earned == 0.0
    assert stale_parts(public, MultiHeadAttention, {"scaled_dot_product_attention": max}) == []


# In naming, at grading, in the verification


def test_a_probe_at_fault_names_nobody_and_costs_nothing():
    exercise = load_exercise(NAME)
    public = read_exercise(NAME, build_check_data(exercise))
    wrong = exercise.target(exercise.misconceptions[0].function)
    sound = examine(public, wrong)
    assert sound.diagnoses

    def faulty(student):
        raise IndexError

    broken = replace(public, probes={**public.probes, "four": faulty})
    report = examine(broken, wrong)
    assert report.diagnoses == ()
    assert report.earned == sound.earned


def add_faulty_check(monkeypatch, raise_it):
    """Give the exercise one more hidden check, worth a quarter."""
    exercise = load_exercise(NAME)
    extra = CheckSet(NAME)
    extra.check(points=0.25, title=text("a title", "un titre"), hint=TITLE)(raise_it)
    monkeypatch.setattr(exercise.hidden, "checks", [*exercise.hidden.checks, *extra.checks])
    return exercise


def test_at_grading_a_fault_is_told_without_its_message(monkeypatch):
    def faulty(student, cases):
        raise ValueError("length 4242 was drawn")

    exercise = add_faulty_check(monkeypatch, faulty)
    score = grade_hidden(NAME, {NAME: exercise.reference})
    assert score == sum(check.points for check in exercise.hidden.checks) - 0.25
    for language in ("en", "fr"):
        set_language(language)
        assert hidden._FAULT[language].replace("'", "&#x27;") in score._repr_html_()
    assert "4242" not in score._repr_html_() + repr(score.report)


def test_verification_tells_a_fault_from_a_verdict(monkeypatch):
    def careless(student, cases):
        outcome = student.run(Request(args=(3,)))
        if outcome.value[0, 0] != np.True_:
            raise Mismatch(TITLE, TITLE)

    add_faulty_check(monkeypatch, careless)
    matrix = verify([NAME])
    assert not matrix.sound
    told = matrix.summary()["faulty"]
    assert any(
        line.startswith(f"{NAME}: on none (trivial), hidden:careless raised TypeError") for line in told
    )
    # The reference and the right variants are judged.
    assert not any(f"on {NAME} (reference)" in line or "(variant)" in line for line in told)
