"""Checks that remember, and answers in another process: the same verdicts as without both."""

from __future__ import annotations

import numpy as np
import pytest

from attentif.checks.compare import match, value_of
from attentif.checks.engine import CheckSet
from attentif.checks.examining import diagnosed, examine, examine_answer
from attentif.checks.store import load_exercise as load_public
from attentif.checks.student import LocalStudent
from attentif.checks.text import text
from attentif.checks.values import Record, Request
from attentif.rescue import known_good
from attentif_grading.exercises import load_exercise
from attentif_grading.grader import judge, remembered_parts
from attentif_grading.grader.catalogue_run import remote_answer
from attentif_grading.grader.judge import Judged, reports_on
from attentif_grading.grader.lent_parts import LentParts, lent_to
from attentif_grading.grader.remembered_parts import RememberedParts
from attentif_grading.grader.remembering import RememberedChecks
from attentif_worker.packing import LENGTHS, pack

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


def test_parts_that_remember_answer_what_parts_answer(monkeypatch):
    """With known-good parts of their own, without any memory, with one that is empty, full, and cut off half-way."""
    exercise, public = load_exercise("EncoderBlock"), load_public("EncoderBlock")
    target = exercise.reference
    monkeypatch.setattr(remembered_parts, "_roots", {})
    made = []
    monkeypatch.setattr(remembered_parts, "LentParts", lambda *args: made.append(1) or LentParts(*args))

    def asked():
        with remote_answer(exercise, target) as answer:
            student = answer.student(())
            return [student.run(case.request) for case in public.cases.values()]

    plain = [
        LocalStudent(target, exercise.contract.method, known_good).run(c.request)
        for c in public.cases.values()
    ]
    first = asked()
    n_made = len(made)
    assert n_made > 0
    second = asked()
    assert len(made) == n_made, "all was known"
    # Whatever comes after the first question of each request is forgotten: it is answered after what was known.
    for root in remembered_parts._roots.values():
        for node in root.branches.values():
            node.branches.clear()
    third = asked()
    assert len(made) > n_made
    for found in (first, second, third):
        for mine, theirs in zip(found, plain, strict=True):
            match(mine.value, theirs.value)
            assert set(mine.gradients) == set(theirs.gradients)
            for name, gradient in theirs.gradients.items():
                match(mine.gradients[name], gradient)


def test_large_questions_are_not_piled_up(monkeypatch):
    """Known questions wait for a new one, to be put to the parts; many large ones would take the judge's memory."""
    monkeypatch.setattr(remembered_parts, "_roots", {})
    monkeypatch.setattr(remembered_parts, "ASKED_BYTES", 20_000)
    exercise, name = load_exercise("MultiHeadAttention"), "scaled_dot_product_attention"
    large = [np.zeros((1, 1, 30, 32), np.float32)] * 3
    arguments = tuple(Record("tensor", {"number": number}) for number in range(3))
    about = {"part": "call", "exercise": name, "needs": [False] * 3, "grad": False, "kwargs": {}}
    question = _as_it_comes({**about, "tensors": large, "args": arguments})
    answers = []
    for _ in range(2):  # the second time all is known
        parts = RememberedParts(lent_to(exercise.contract), known_good)
        answers.append([])
        for _ in range(6):
            answers[-1].append(parts.answer(question))
            assert sum(len(question[1]) for question, _ in parts._asked.values()) <= 20_000
    assert answers[0] == answers[1]


@pytest.mark.parametrize("known", [0, 1, 2, 3])
def test_a_part_draws_the_same_numbers_whatever_is_remembered(monkeypatch, known):
    monkeypatch.setattr(remembered_parts, "_roots", {})
    exercise = load_exercise("EncoderBlock")
    x = np.ones((2, 3, 4), np.float32)
    module = known_good("FeedForward")(4, 8, dropout=0.5)
    parameters = {name: p.detach().numpy() for name, p in module.named_parameters()}
    call = {
        "part": "call",
        "exercise": "FeedForward",
        "made": ((4, 8), {"dropout": 0.5}),
        "training": True,
        "names": list(parameters),
        "tensors": [x, *parameters.values()],
        "needs": [True] * (1 + len(parameters)),
        "grad": True,
        "args": (Record("tensor", {"number": 0}),),
        "kwargs": {},
    }
    backward = {"part": "backward", "number": 2, "gradients": [x]}
    questions = [_as_it_comes(each) for each in (call, call, {**call, "training": False}, backward)]

    def answers():
        parts = RememberedParts(lent_to(exercise.contract), known_good)
        return [parts.answer(question) for question in questions]

    first = answers()
    assert first[0] != first[1]
    node = next(iter(remembered_parts._roots.values()))
    for _ in range(known):
        node = next(iter(node.branches.values()))
    node.branches.clear()
    assert answers() == first


def _as_it_comes(question):
    frame = pack(question)
    n_header = LENGTHS.unpack(frame[: LENGTHS.size])[0]
    return frame[LENGTHS.size :][:n_header], bytearray(frame[LENGTHS.size + n_header :])


def test_questions_beyond_what_is_kept_are_still_answered(monkeypatch):
    monkeypatch.setattr(remembered_parts, "_roots", {})
    monkeypatch.setattr(remembered_parts, "BYTES", -1)
    exercise = load_exercise("MultiHeadAttention")
    for _ in range(2):
        with remote_answer(exercise, exercise.reference) as answer:
            report = load_public("MultiHeadAttention").checks.run(
                answer.student(()), dict(load_public("MultiHeadAttention").cases)
            )
            assert report.earned == report.maximum
    assert not any(root.branches for root in remembered_parts._roots.values())


def test_what_answers_as_an_earlier_answer_is_told_the_same(monkeypatch):
    judged = Judged.load("causal_mask")
    mistake = judged.exercise.misconceptions[0]
    asked = []
    monkeypatch.setattr(judge, "diagnosed", lambda *args: asked.append(1) or diagnosed(*args))
    said = []
    for _ in range(3):
        with remote_answer(judged.exercise, judged.exercise.target(mistake.function)) as answer:
            said.append(reports_on(judged, answer))
    assert len(asked) == 1
    assert said[0] == said[1] == said[2]
    assert [d.name for d in said[2][0].diagnoses] == [mistake.name]
    other = judged.exercise.misconceptions[1]
    with remote_answer(judged.exercise, judged.exercise.target(other.function)) as answer:
        assert [d.name for d in reports_on(judged, answer)[0].diagnoses] == [other.name]
