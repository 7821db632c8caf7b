"""The check matrix through the judge: each implementation in a process of its own, its answers over the wire."""

from __future__ import annotations

import pytest

from attentif_grading.exercises import exercises_in_chain
from attentif_grading.verify import verify_one

# A function, and a class whose part and its gradients cross the wire.
SOME = ("causal_mask", "MaskedLMHead")


def _equal(name: str, fast: bool) -> None:
    here, there = verify_one(name, fast=fast), verify_one(name, fast=fast, judge=True)
    assert [vars(row) for row in here.rows] == [vars(row) for row in there.rows]
    assert here.vacuous == there.vacuous


@pytest.mark.parametrize("name", SOME)
def test_the_judge_says_what_the_checks_say(name):
    _equal(name, fast=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", exercises_in_chain())
def test_the_judge_says_what_the_checks_say_of_every_implementation(name):
    _equal(name, fast=False)
