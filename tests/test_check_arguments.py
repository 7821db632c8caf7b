"""What a check hands to a student's code: copies all the way down, and word of what was written to."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from attentif.checks.arguments import Arguments
from attentif.checks.recipes import build
from attentif.checks.student import LocalStudent
from attentif.checks.values import Recipe, Request, generator

BATCH = {
    "ids": np.arange(6).reshape(2, 3),
    "options": {"names": ["a", "b"], "scale": 0.5},
    "layers": [np.ones(2), (np.zeros(3), [1, 2])],
}


def outcome_of(function):
    """The outcome of function(batch), and the batch as it was given."""
    given = copy.deepcopy(BATCH)
    outcome = LocalStudent(function).run(Request(kwargs={"batch": given}))
    assert outcome.error is None
    return outcome, given


def write_to_array(batch):
    batch["ids"].zero_()


def write_to_array_in_place_of_list(batch):
    batch["layers"][1][0].add_(1.0)


def add_key(batch):
    batch["new"] = 1


def drop_key(batch):
    del batch["options"]["scale"]


def replace_array(batch):
    batch["ids"] = batch["ids"] + 1


def replace_number(batch):
    batch["options"]["scale"] = 0.25


def append(batch):
    batch["layers"][1][1].append(3)


def sort(batch):
    batch["options"]["names"].reverse()


def empty(batch):
    batch.clear()


WRITTEN = {
    write_to_array: ("batch['ids']",),
    write_to_array_in_place_of_list: ("batch['layers'][1][0]",),
    add_key: ("batch",),
    drop_key: ("batch['options']",),
    replace_array: ("batch",),
    replace_number: ("batch['options']",),
    append: ("batch['layers'][1][1]",),
    sort: ("batch['options']['names']",),
    empty: ("batch",),
}


def same(first, second):
    """Whether two nested values are equal."""
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(same(first[key], second[key]) for key in first)
    if isinstance(first, (list, tuple)):
        return len(first) == len(second) and all(map(same, first, second))
    return bool(np.array_equal(first, second))


@pytest.mark.parametrize("function", WRITTEN, ids=lambda function: function.__name__)
def test_writing_to_an_argument_is_reported_and_reaches_nothing_else(function):
    outcome, given = outcome_of(function)
    assert outcome.inputs_changed == WRITTEN[function]
    assert same(given, BATCH)


def test_reading_is_no_writing():
    def reads(batch):
        batch["options"]["scale"] = 0.5  # the same again
        names = [*batch["options"]["names"], "c"]
        return {**batch, "n": len(names), "sum": batch["layers"][0].sum()}

    outcome, _ = outcome_of(reads)
    assert outcome.inputs_changed == ()


def test_the_next_call_gets_fresh_arguments():
    request = Request(args=({"ids": np.zeros(2)}, [1]))

    def greedy(options, items):
        options["ids"] += 1
        items.append(2)
        options["seen"] = True
        return options["ids"], len(items), len(options)

    student = LocalStudent(greedy)
    first, second = student.run(request), student.run(request)
    assert repr(first) == repr(second)
    assert first.inputs_changed == ("0['ids']", "0", "1")


def test_an_object_that_claims_to_be_the_number_is_not():
    class Equal(float):
        def __eq__(self, other):
            return True

        __hash__ = float.__hash__

    def swaps(batch):
        batch["options"]["scale"] = Equal(7.0)

    assert outcome_of(swaps)[0].inputs_changed == ("batch['options']",)


def test_recipes_and_gradients_work_inside_containers():
    def function(options, x):
        return torch.rand(2, generator=options["generators"][0]) * x

    def ask(seed):
        options = {"generators": (generator(seed),)}
        x = np.array([1.0, 2.0])
        return LocalStudent(function).run(
            Request(kwargs={"options": options, "x": x}, cotangent=np.ones(2), wrt=("x",))
        )

    first, again, other = ask(1), ask(1), ask(2)
    np.testing.assert_array_equal(first.value, again.value)
    assert not np.array_equal(first.value, other.value)
    np.testing.assert_allclose(first.gradients["x"], first.value / np.array([1.0, 2.0]))
    assert first.inputs_changed == ()


def test_tensors_of_a_request_are_copied_too():
    given = torch.arange(3.0)
    outcome = LocalStudent(lambda x: x.mul_(2)).run(Request(kwargs={"x": given}))
    np.testing.assert_array_equal(outcome.value, [0.0, 2.0, 4.0])
    assert outcome.inputs_changed == ("x",)
    assert given.tolist() == [0.0, 1.0, 2.0]


def test_a_changed_dtype_is_a_change():
    def halves(x):
        x.data = x.data.half()

    outcome = LocalStudent(halves).run(Request(kwargs={"x": np.arange(3.0)}))
    assert outcome.inputs_changed == ("x",)


def test_what_a_recipe_builds_keeps_no_handle_on_it(monkeypatch):
    from attentif.checks import recipes

    monkeypatch.setitem(recipes.FACTORIES, "words", lambda words: words)
    recipe = Recipe("words", {"words": ["a"]})
    build(recipe, None).append("b")
    assert recipe.arguments == {"words": ["a"]}


def test_what_cannot_travel_is_refused():
    with pytest.raises(TypeError, match="object"):
        Arguments().build([object()], "x")
