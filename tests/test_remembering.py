"""Checks that remember, and answers in another process: the same verdicts as without both."""

from __future__ import annotations

import numpy as np
import pytest

from attentif.checks.compare import match, value_of
from attentif.checks.engine import CheckSet
from attentif.checks.store import examine, examine_answer
from attentif.checks.store import load_exercise as load_public
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif_grading.exercises import load_exercise
from attentif_grading.grader.catalogue_run import remote_answer
from attentif_grading.grader.remembering import RememberedChecks

SAID = text("a title", "un titre")


def _reports(name, function, checks):
    exercise = load_exercise(name)
    with remote_answer(exercise, exercise.target(function)) as answer:
        return examine_answer(load_public(name), answer, checks, diagnose=False)


@pytest.mark.parametrize("name", ["causal_mask", "LayerNorm", "masked_lm_loss", "warmup_cosine"])
def test_what_is_remembered_is_what_the_checks_say(name):
    exercise, public = load_exercise(name), load_public(name)
    remembered = RememberedChecks(exercise.hidden)
    reference = getattr(exercise.reference, exercise.contract.method or "", exercise.reference)
    functions = [reference, *(m.function for m in exercise.misconceptions[:4])]
    functions += [v.function for v in exercise.variants[:2]]
    for function in (*functions, *functions):  # the second time all of it is known
        plain = examine(public, exercise.target(function), exercise.hidden, diagnose=False)
        assert _reports(name, function, remembered).results == plain.results


def test_a_known_answer_is_not_judged_again():
    judged = []
    checks = CheckSet("causal_mask")

    @checks.check(points=1, title=SAID, hint=SAID)
    def two(student, cases):
        for length in (2, 3):
            answer = value_of(student.run(Request(args=(length,))))
            judged.append(length)
            match(answer, np.tril(np.ones((length, length), bool)))

    remembered, right = RememberedChecks(checks), load_exercise("causal_mask").reference
    for _ in range(3):
        assert _reports("causal_mask", right, remembered).earned == 1
    assert judged == [2, 3]

    def wrong_from_three(length):
        return right(length) if length < 3 else ~right(length)

    for _ in range(3):
        assert _reports("causal_mask", wrong_from_three, remembered).earned == 0
    assert judged == [2, 3, 2, 3]
    assert _reports("causal_mask", right, remembered).earned == 1


def test_an_answer_that_comes_too_late_is_remembered_by_nobody():
    checks = CheckSet("causal_mask")

    @checks.check(points=1, title=SAID, hint=SAID)
    def one(student, cases):
        match(value_of(student.run(Request(args=(2,)))), np.tril(np.ones((2, 2), bool)))

    def ended(length):
        import os

        os._exit(0)

    remembered, right = RememberedChecks(checks), load_exercise("causal_mask").reference
    assert _reports("causal_mask", ended, remembered).earned == 0
    assert _reports("causal_mask", right, remembered).earned == 1
    assert _reports("causal_mask", ended, remembered).earned == 0


def test_a_check_that_asks_something_else_each_time_is_judged_each_time():
    lengths = iter((2, 3, 4))
    checks = CheckSet("causal_mask")

    @checks.check(points=1, title=SAID, hint=SAID)
    def another_length(student, cases):
        length = next(lengths)
        match(value_of(student.run(Request(args=(length,)))), np.tril(np.ones((length, length), bool)))

    remembered, right = RememberedChecks(checks), load_exercise("causal_mask").reference
    assert _reports("causal_mask", right, remembered).earned == 1
    # Another answer to what was asked first: the check runs, asks for 3, and that answer is right.
    assert _reports("causal_mask", lambda n: right(n) if n > 2 else ~right(n), remembered).earned == 1
    assert _reports("causal_mask", lambda n: ~right(n), remembered).earned == 0


def test_what_writes_to_its_inputs_is_flagged_when_it_is_known_too():
    def writes(logits, labels):
        logits.data += 1
        return logits.sum()

    exercise = load_exercise("masked_lm_loss")
    remembered = RememberedChecks(exercise.hidden)
    for _ in range(2):
        with remote_answer(exercise, exercise.target(writes)) as answer:
            examine_answer(load_public("masked_lm_loss"), answer, remembered, diagnose=False)
            assert answer.inputs_changed
