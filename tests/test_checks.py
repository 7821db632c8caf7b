"""The check engine: what a check pays, how values are compared, what a student's code can and cannot do to it."""

from __future__ import annotations

import json
import math
import random
import re
import sys

import numpy as np
import pytest
import torch
from torch import nn

import attentif
import attentif.checks as checks_package
from attentif import rescue
from attentif.checks import Score, check, recipes, set_language
from attentif.checks.compare import TOLERANCES, Mismatch, match, match_gradients, value_of
from attentif.checks.engine import (
    FAILED,
    PASSED,
    SKIPPED,
    TODO,
    Case,
    Check,
    CheckResult,
    CheckSet,
    Report,
    better,
    check_case,
    expect_error,
)
from attentif.checks.examining import examine, stale_parts
from attentif.checks.fingerprints import (
    ERROR,
    IDENTIFIERS,
    Fingerprints,
    features,
    identifier,
    name_mistakes,
    outcome_features,
)
from attentif.checks.fingerprints import same as agree
from attentif.checks.report import as_html, as_text
from attentif.checks.store import read_exercise
from attentif.checks.student import LocalStudent
from attentif.checks.text import text
from attentif.checks.values import (
    Opaque,
    Outcome,
    Recipe,
    Record,
    Request,
    freeze,
    from_json,
    generator,
    part,
    to_json,
)
from attentif.checks.wording import stopped
from attentif.errors import ExerciseNotDone, InputError
from attentif.judged import judging
from attentif.torch_blocks import TorchDecoderBlock, TorchEncoderBlock
from attentif_grading.checkdata import build_check_data
from attentif_grading.exercises import exercises_in_chain, load_exercise

TITLE = text("a title", "un titre")


@pytest.fixture(autouse=True)
def _english():
    set_language("en")
    yield
    set_language("en")


@pytest.fixture(scope="module")
def exercises():
    """Public sides made afresh, whatever data files are there."""
    names = (
        "causal_mask",
        "warmup_cosine",
        "MultiHeadAttention",
        "mask_tokens",
        "scaled_dot_product_attention",
    )
    return {name: read_exercise(name, build_check_data(load_exercise(name))) for name in names}


@pytest.fixture
def with_exercises(exercises, monkeypatch):
    """check() on these public sides."""
    monkeypatch.setattr(checks_package, "load_exercise", exercises.__getitem__)
    return exercises


def checkset(*runs, needs=None):
    """A set of checks with these run functions, a point each, under the functions' names."""
    checks = CheckSet("anything")
    for run in runs:
        checks.check(points=1.0, title=TITLE, hint=TITLE, needs=(needs or {}).get(run.__name__, ()))(run)
    return checks


def run_of(function, *args, **kwargs):
    """The outcome of one call of a student's function."""
    return LocalStudent(function).run(Request(args=args, kwargs=kwargs))


def refused(expected, got, **options):
    """The Mismatch of a comparison that must fail."""
    with pytest.raises(Mismatch) as caught:
        match(got, expected, **options)
    return caught.value


# What a check pays


@pytest.mark.parametrize("points", [0.25, 0.5, 3.75, 0.0])
def test_points_are_quarters(points):
    assert Check("name", lambda s, c: None, points, TITLE, TITLE).points == points


@pytest.mark.parametrize("points", [0.1, 0.3, 1.05, -0.25])
def test_other_points_are_refused(points):
    with pytest.raises(ValueError, match="quarters"):
        Check("name", lambda s, c: None, points, TITLE, TITLE)


def fails(student, cases):
    raise Mismatch(text("this", "ceci"), text("that", "cela"))


def passes(student, cases):
    pass


def test_a_check_that_needs_a_failed_one_is_skipped_and_so_are_those_behind_it():
    def behind(student, cases):
        raise AssertionError("must not run")

    def further_behind(student, cases):
        raise AssertionError("must not run")

    checks = checkset(
        fails, passes, behind, further_behind, needs={"behind": ["fails"], "further_behind": ["behind"]}
    )
    report = checks.run(LocalStudent(lambda: None))
    assert [result.status for result in report.results] == [FAILED, PASSED, SKIPPED, SKIPPED]
    assert report.earned == 1.0
    assert report.maximum == 4.0
    assert report.results[0].expected == {"en": "this", "fr": "ceci"}
    assert report.results[0].got == {"en": "that", "fr": "cela"}


@pytest.mark.parametrize("error", [NotImplementedError, ExerciseNotDone])
def test_an_unwritten_exercise_is_to_do_not_wrong(error):
    def unwritten():
        raise error("to be written")

    def asks(student, cases):
        value_of(student.run(Request()))

    report = checkset(asks, passes).run(LocalStudent(unwritten))
    assert [result.status for result in report.results] == [TODO, TODO]
    assert report.earned == 0.0
    assert report.unfinished


def test_an_error_is_a_failure_and_says_which():
    def asks(student, cases):
        value_of(student.run(Request()))

    def divides():
        return 1 / 0

    report = checkset(asks, passes).run(LocalStudent(divides))
    assert [result.status for result in report.results] == [FAILED, PASSED]
    line = divides.__code__.co_firstlineno + 1
    said = (
        f"votre code s'est arrêté sur ZeroDivisionError: division by zero, à la ligne {line} : return 1 / 0"
    )
    assert report.results[0].got["fr"] == said
    assert not report.unfinished


def _by_name(names, positions):
    return [names[position] for position in positions]


def test_the_line_of_an_error_is_the_student_s_own():
    def through_the_library(target):
        return attentif.causal_mask("three")  # as one calls it

    def through_a_helper(names):
        return _by_name(names, [7])

    for function, arguments, source in (
        (through_the_library, (None,), 'return attentif.causal_mask("three")  # as one calls it'),
        (through_a_helper, ([],), "return [names[position] for position in positions]"),
    ):
        outcome = LocalStudent(function).run(Request(args=arguments))
        assert outcome.line[1] == source
        # A worker is asked by values only, and tells none.
        assert LocalStudent(function, alone=True).run(Request(args=arguments)).line is None
    made = {}
    exec("def divides(x):\n    return x / 0\n", made)
    outcome = LocalStudent(made["divides"]).run(Request(args=(1,)))
    assert outcome.line == (2, "")
    assert stopped(outcome)["en"].endswith("division by zero, at line 2")


def test_an_error_that_stops_several_checks_is_told_once():
    def asks(student, cases):
        value_of(student.run(Request()))

    def asks_again(student, cases):
        value_of(student.run(Request()), Request(args=([1, 2],)))

    report = checkset(asks, asks_again, passes).run(LocalStudent(lambda: 1 / 0))
    for said in (as_text(report), as_html(report)):
        assert said.count("ZeroDivisionError") == 1
        assert said.count("2 checks stop there, whatever they are about") == 1
        assert said.count("the same error as above") == 1
        assert "for [1, 2]" not in said
    alone = as_text(checkset(asks, passes).run(LocalStudent(lambda: 1 / 0)))
    assert "stop there" not in alone and "hint" in alone


def test_leaving_the_process_is_an_error_like_any_other():
    assert run_of(lambda: sys.exit(3)).error == "SystemExit: 3"


def test_the_report_that_pays_more_counts():
    def report(earned):
        result = CheckResult(Check("c", passes, 4.0, TITLE, TITLE), PASSED, earned=earned)
        return Report("x", (result,))

    assert better(report(1.0), report(2.0), ["a", "b", "a"]).carried_forward == ("a", "b")
    assert better(report(1.0), report(2.0), ["a"]).earned == 2.0
    assert not better(report(2.0), report(2.0), ["a"]).carried_forward
    assert better(report(3.0), report(2.0), ["a"]).earned == 3.0


def test_check_case_compares_values_and_gradients():
    cotangent = np.array([1.0, -2.0, 0.5])
    request = Request(kwargs={"x": np.array([1.0, 2.0, 3.0])}, cotangent=cotangent, wrt=("x",))
    square = LocalStudent(lambda x: x**2)
    case = Case(request, square.run(request))
    np.testing.assert_allclose(case.expected.gradients["x"], 2 * request.kwargs["x"] * cotangent)
    check_case(square, case)
    with pytest.raises(Mismatch, match="entry 0: 1, got 2"):
        check_case(LocalStudent(lambda x: x**2 + 1), case)
    with pytest.raises(Mismatch, match="a gradient with respect to x, got none"):
        check_case(LocalStudent(lambda x: x.detach() ** 2), case)
    with pytest.raises(Mismatch, match="the gradient with respect to x, entry 0: 2, got 1"):
        check_case(LocalStudent(lambda x: x.detach() * x), case)


def test_expect_error_wants_an_error_that_speaks_of_it():
    request = Request(args=(1,))

    def raises(error):
        def refuse(x):
            raise error

        return LocalStudent(refuse)

    expect_error(raises(ValueError("the Mask is missing")), request, said="mask")
    for student in (
        raises(ValueError("no")),
        raises(NotImplementedError("mask")),
        LocalStudent(lambda x: "mask"),
    ):
        with pytest.raises(Mismatch):
            expect_error(student, request, said="mask")


# Comparing


def test_shape_is_exact_and_nothing_is_broadcast():
    expected = np.ones((2, 3))
    for got in (np.ones((1, 3)), np.ones(3), np.ones(()), np.ones((2, 3, 1)), np.ones((3, 2)), 1.0):
        assert "(2, 3)" in str(refused(expected, got))
    match(np.ones((2, 3)), expected)


def test_dtype_is_exact_unless_told_otherwise():
    expected = np.ones(3)
    assert "float32" in refused(expected, np.ones(3, dtype=np.float32)).got["en"]
    match(np.ones(3, dtype=np.float32), expected, exact_dtype=False)
    refused(expected, np.ones(3, dtype=np.int64), exact_dtype=False)
    refused(np.array([True, False]), np.array([1, 0]))
    refused(np.array([1, 2]), np.array([1, 2], dtype=np.int32))


@pytest.mark.parametrize("name", ["float64", "float32", "float16"])
def test_tolerance_is_that_of_the_dtype(name):
    relative, absolute = TOLERANCES[name]
    expected = np.array([3.0, -0.5, 0.0]).astype(name)
    margin = absolute + relative * np.abs(expected.astype(np.float64))
    match((expected + 0.8 * margin).astype(name), expected)
    refused(expected, (expected + np.array([0, 0, 1.3]) * margin).astype(name))
    refused(expected, (expected + np.array([1.3, 0, 0]) * margin).astype(name))
    match((expected + 4 * margin).astype(name), expected, scale=5.0)


def test_values_that_are_no_numbers():
    expected = np.array([1.0, 2.0])
    assert refused(expected, np.array([1.0, math.nan])).got["en"] == "1 NaN or infinite values"
    refused(expected, np.array([1.0, math.inf]))
    # Where infinity is expected, it must be there with its sign.
    match(np.array([0.0, -np.inf]), np.array([0.0, -np.inf]))
    refused(np.array([0.0, -np.inf]), np.array([0.0, np.inf]))
    refused(np.array([0.0, -np.inf]), np.array([0.0, -1e300]))
    refused(1.0, math.nan)


def test_the_first_difference_is_named():
    expected = np.arange(6.0).reshape(2, 3)
    got = expected.copy()
    got[1, 1] = -1.0
    mismatch = refused(expected, got, where="output")
    assert mismatch.expected["fr"] == "output[1, 1] = 4 (ligne 1, colonne 1)"
    assert mismatch.got["fr"] == "-1 (1 valeur sur 6 diffère)"
    assert mismatch.got["en"] == "-1 (1 value of 6 differs)"


def test_plain_values():
    match(2, 2.0)
    match(np.array(2.0), 2.0)
    match(np.array(2), 2.0)
    match(np.array(2.00001, dtype=np.float32), 2.0)
    refused(2.0, np.array(2.00001))
    for got in (True, "2", None, np.ones(1), 10**400, np.array(2j), np.array("2")):
        refused(2.0, got)
    match("a", "a")
    match(None, None)
    for got in ("b", None, 3, ["a"]):
        refused("a", got)
    refused(True, 1)
    refused(1, True)


def test_structures():
    match([1.0, (2.0, "a")], (1.0, [2.0, "a"]))
    for got in ([1.0], [1.0, 2.0, 3.0], 1.0, {"0": 1.0}, [1.0, "x"]):
        refused([1.0, 2.0], got)
    fields = {"low": 1.0, "high": 2.0}
    match(Record("Interval", fields), Record("Other", fields))
    match(fields, Record("Interval", fields))
    match({**fields, "more": 1}, Record("Interval", fields))
    refused(Record("Interval", fields), Record("Interval", {"low": 1.0}))
    refused(Record("Interval", fields), {"low": 1.0, "high": 2.5})
    refused(Record("Interval", fields), (1.0, 2.0))


def test_gradients_by_name():
    expected = {"x": np.ones(2), "unused": None}
    match_gradients({"x": np.ones(2), "unused": np.ones(3)}, expected)
    for got in ({"x": None}, {}, {"x": np.zeros(2)}, {"x": np.ones(3)}):
        with pytest.raises(Mismatch):
            match_gradients(got, expected)


def test_bfloat16_is_compared_with_its_own_tolerance():
    frozen = freeze(torch.tensor([1.0, 2.0], dtype=torch.bfloat16))
    match(frozen, np.array([1.01, 2.0], dtype=np.float32), exact_dtype=False)
    with pytest.raises(Mismatch):
        match(frozen, np.array([1.5, 2.0], dtype=np.float32), exact_dtype=False)


def test_a_number_in_half_precision_is_compared_no_more_loosely_than_in_float32():
    for dtype in (torch.float16, torch.float32):
        match(freeze(torch.tensor(1.5, dtype=dtype)), 1.5, scale=1000.0)
        for wrong in (0.0, 1.47):
            with pytest.raises(Mismatch):
                match(freeze(torch.tensor(wrong, dtype=dtype)), 1.5, scale=1000.0)
    with pytest.raises(Mismatch):
        match(freeze(torch.tensor(0.0, dtype=torch.float16)), 1e-3)


# What a student's objects can do


class EqualsEverything:
    def __eq__(self, other):
        return True

    def __array__(self, dtype=None, copy=None):
        return np.ones(2)


class AgreeingArray(np.ndarray):
    """An array whose differences are always 0."""

    def __sub__(self, other):
        return np.zeros(self.shape)

    __rsub__ = __sub__

    def __eq__(self, other):
        return np.ones(self.shape, dtype=bool)

    def astype(self, *args, **kwargs):
        return self


class AgreeingTensor(torch.Tensor):
    """A tensor subclass that answers every function with itself, and numpy() with an AgreeingArray."""

    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        if function is torch.Tensor.numpy:
            return super().__torch_function__(function, types, args, kwargs or {}).view(AgreeingArray)
        if function in (torch.Tensor.detach, torch.Tensor.cpu):
            return args[0]
        return super().__torch_function__(function, types, args, kwargs or {})


def test_objects_that_claim_to_be_equal_are_not():
    expected = np.array([1.0, 2.0])
    wrong = np.array([5.0, 5.0])
    for liar in (
        EqualsEverything(),
        wrong.view(AgreeingArray),
        torch.from_numpy(wrong).as_subclass(AgreeingTensor),
        [EqualsEverything(), EqualsEverything()],
    ):
        outcome = run_of(lambda liar=liar: liar)
        assert outcome.error is None
        refused(expected, outcome.value)
    for value in (2.0, "text", None, True, [1.0]):
        refused(value, freeze(EqualsEverything()))
    assert type(freeze(torch.from_numpy(wrong).as_subclass(AgreeingTensor))) is np.ndarray
    # Right values in a subclass are right values.
    match(freeze(torch.from_numpy(expected.copy()).as_subclass(AgreeingTensor)), expected)


def test_frozen_values_are_plain_and_the_student_has_no_handle_on_them():
    tensor = torch.ones(2, 3, requires_grad=True)
    frozen = freeze(tensor)
    with torch.no_grad():
        tensor.zero_()
    assert type(frozen) is np.ndarray
    assert (frozen == 1.0).all()
    assert freeze(object()) == Opaque("object")
    assert freeze(np.array([object()])) == Opaque("ndarray of objects")
    assert freeze(np.float32(0.5)) == 0.5
    assert freeze({"a": (torch.tensor(1), [None])}) == {"a": (np.array(1), [None])}
    deep = inner = []
    for _ in range(20):
        inner.append([])
        inner = inner[0]
    assert "Opaque" in repr(freeze(deep))


def test_inputs_are_copies_and_changes_are_reported():
    given = np.arange(4.0)

    def writes(x, y):
        x.zero_()
        return y

    outcome = run_of(writes, x=given, y=given)
    assert outcome.inputs_changed == ("x",)
    np.testing.assert_array_equal(outcome.value, np.arange(4.0))
    np.testing.assert_array_equal(given, np.arange(4.0))
    assert run_of(lambda x, y: x + 1, x=given, y=given).inputs_changed == ()
    assert run_of(lambda x: x, x=np.array([math.nan])).inputs_changed == ()


def test_random_states_and_the_default_dtype_are_given_back():
    torch.manual_seed(5)
    np.random.seed(5)
    random.seed(5)
    wanted = torch.rand(1).item(), np.random.rand(), random.random()
    torch.manual_seed(5)
    np.random.seed(5)
    random.seed(5)

    def meddles():
        torch.manual_seed(1)
        np.random.seed(1)
        random.seed(1)
        torch.set_default_dtype(torch.float64)
        raise ValueError("in the middle")

    assert run_of(meddles).error == "ValueError: in the middle"
    assert torch.get_default_dtype() == torch.float32
    assert (torch.rand(1).item(), np.random.rand(), random.random()) == wanted


def test_the_same_code_gets_the_same_draws_whatever_ran_before():
    def draws():
        return [torch.rand(3), float(np.random.rand()), random.random()]

    first = run_of(draws).value
    torch.rand(7), np.random.rand(3), random.random()
    match(run_of(draws).value, first, scale=0.0)


def test_nothing_reaches_the_error_stream(capsys):
    def noisy():
        print("to the error stream", file=sys.stderr)
        return 1.0

    stream = sys.stderr
    assert run_of(noisy).value == 1.0
    said = capsys.readouterr()
    assert said.err == ""
    assert "to the error stream" in said.out
    assert sys.stderr is stream


def test_errors_are_one_short_line():
    def verbose():
        raise ValueError("many\nlines  " + "x" * 1000)

    error = run_of(verbose).error
    assert error.startswith("ValueError: many lines xx")
    assert "\n" not in error
    assert len(error) < 400


def test_gradients_are_asked_for_only_with_a_cotangent():
    def enabled(x):
        return torch.tensor(torch.is_grad_enabled()) & (x > 0)

    assert not run_of(enabled, x=np.ones(1)).value.any()


def test_a_class_is_built_with_the_given_parameters_in_their_dtype():
    class Linear(nn.Module):
        def __init__(self, width, attend=None):
            super().__init__()
            self.layer = nn.Linear(width, width)
            self.dropout = nn.Dropout(0.5)

        def forward(self, x):
            return self.dropout(self.layer(x))

    weight, bias = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0.5, -0.5])
    request = Request(
        args=(np.array([[1.0, 1.0]]),),
        init={"width": 2},
        state={"layer.weight": weight, "layer.bias": bias},
        cotangent=np.array([[1.0, 10.0]]),
        parameter_gradients=True,
    )
    outcome = LocalStudent(Linear, "forward").run(request)
    np.testing.assert_allclose(outcome.value, [[3.5, 6.5]])
    assert outcome.value.dtype == np.float64
    np.testing.assert_allclose(outcome.gradients["layer.weight"], [[1, 1], [10, 10]])
    np.testing.assert_allclose(outcome.gradients["layer.bias"], [1, 10])


def test_parts_are_offered_or_left_to_the_students_own():
    def uses(x, attend="my own"):
        return str(attend)

    request = Request(args=(1,), kwargs={"attend": part("causal_mask")})
    assert "causal_mask" in LocalStudent(uses, None, lambda name: name).run(request).value
    assert LocalStudent(uses).run(request).value == "my own"
    other = Request(args=(1,), kwargs={"attend": Recipe("distance_attention")})
    assert "distance_attention" in LocalStudent(uses).run(other).value


# Recipes


def test_a_generator_is_built_from_its_seed():
    def draw(g):
        return torch.rand(3, generator=g)

    first, again, other = (run_of(draw, g=generator(seed)).value for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).all()


def test_the_context_model_is_its_formula():
    model = recipes.context_model(vocab_size=7, seed=3, d_model=4, max_length=6)
    ids = torch.tensor([[2, 5, 0, 6, 3]])
    got = model(ids).detach().numpy()[0]
    embedding, by_distance = model.embedding.detach().numpy(), model.by_distance.detach().numpy()
    for here in range(5):
        vector = sum(
            by_distance[there - here + 6] * embedding[token]
            for there, token in enumerate(ids[0].tolist())
            if token
        )
        np.testing.assert_allclose(
            got[here], vector @ model.output.detach().numpy() + model.bias.detach().numpy()
        )
    training = recipes.context_model(vocab_size=7, seed=3, d_model=4, max_length=6, training=True)
    assert (training(ids) - model(ids)).abs().min() > 1e-6


def test_the_distance_attention_is_its_formula():
    rng = np.random.default_rng(0)
    query, key, value = (
        torch.from_numpy(rng.normal(size=size)) for size in ((2, 3, 4), (2, 5, 4), (2, 5, 6))
    )
    mask = torch.from_numpy(rng.random((3, 5)) < 0.7) | torch.eye(3, 5, dtype=torch.bool)
    output, weights = recipes.distance_attention(query, key, value, mask, 0.25)
    for b, t in np.ndindex(2, 3):
        odds = [float(mask[t, s]) / (1 + float(((query[b, t] - key[b, s]) ** 2).sum())) for s in range(5)]
        expected = sum(odd * value[b, s] for s, odd in enumerate(odds)) / sum(odds)
        torch.testing.assert_close(output[b, t], 0.75 * expected)
        torch.testing.assert_close(weights[b, t], torch.tensor(odds, dtype=torch.float64) / sum(odds))


def test_the_hub_like_pair_speaks_as_transformers_does():
    tokenizer = recipes.hub_tokenizer(["il", "dort", "."], style="camembert")
    assert tokenizer.mask_token == "<mask>"
    encoded = tokenizer("il <mask> ici.", return_tensors="pt")
    assert encoded["input_ids"].tolist() == [[1, 4, 7, 3, 6, 2]]
    assert encoded.attention_mask.tolist() == [[1] * 6]
    assert tokenizer.encode("il dort") == [1, 4, 5, 2]
    assert tokenizer.encode("il dort", add_special_tokens=False) == [4, 5]
    assert tokenizer.convert_ids_to_tokens([4, 7]) == ["il", "<mask>"]
    assert tokenizer.decode(torch.tensor([1, 4, 5, 2]), skip_special_tokens=True) == "il dort"
    batch = tokenizer(["il", "il dort ."], return_tensors="pt")
    assert batch["input_ids"].tolist() == [[1, 4, 2, 0, 0], [1, 4, 5, 6, 2]]
    model = recipes.hub_model(vocab_size=8, seed=1)
    alone = model(**tokenizer("il", return_tensors="pt")).logits
    torch.testing.assert_close(model(**batch).logits[0, :3], alone[0])
    # As BERT does, it reads the padding if nothing hides it.
    careless = model(batch["input_ids"]).logits
    torch.testing.assert_close(model(**batch)[0][1], careless[1])
    assert (model(**batch).logits[0, :3] - careless[0, :3]).abs().max() > 1e-3


# Rescue parts and carried errors


def wrapped(name):
    """A student's function that hides the rescue part behind its own name."""
    if isinstance(rescue.PARTS[name], type):
        return type("Hidden", (rescue.PARTS[name],), {})

    def answer(*args, **kwargs):
        return rescue.PARTS[name](*args, **kwargs)

    return answer


@pytest.mark.parametrize("name", sorted(set(rescue.PARTS) & set(exercises_in_chain())))
def test_a_rescue_part_is_no_answer(name):
    public = read_exercise(name, build_check_data(load_exercise(name)))
    for checks in (None, load_exercise(name).hidden):
        report = examine(public, wrapped(name), checks)
        assert report.earned == 0.0
        assert all(result.status in (FAILED, SKIPPED) for result in report.results)
    assert "rescue" in report.results[0].got["en"]


def test_a_rescue_part_serves_outside_its_own_exercise():
    mask = rescue.causal_mask(3)
    with judging("warmup_cosine"):
        assert torch.equal(rescue.causal_mask(3), mask)
    with judging("causal_mask"):
        with pytest.raises(InputError, match="rescue"):
            rescue.causal_mask(3)
        # To judge something else meanwhile frees nothing.
        with judging("warmup_cosine"), pytest.raises(InputError, match="rescue"):
            rescue.causal_mask(3)
    assert torch.equal(rescue.causal_mask(3), mask)


def by_torch_encoder(self, x, mask=None):
    parts = (self.attention, self.feed_forward, self.norm_attention, self.norm_feed_forward)
    block = TorchEncoderBlock(*parts, self.dropout.p, self.norm_first)
    return block.train(self.training)(x, mask)


def by_rescue_decoder(self, x, mask=None):
    parts = (self.attention, self.feed_forward, self.norm_attention, self.norm_feed_forward)
    block = rescue.DecoderBlock(*parts, dropout=self.dropout.p, norm_first=self.norm_first)
    return block.train(self.training)(x, mask=mask)


def by_torch_decoder(self, x, memory=None, mask=None, memory_mask=None):
    parts = (self.self_attention, self.feed_forward, self.norm_self, self.norm_feed_forward)
    block = TorchDecoderBlock(*parts, self.cross_attention, self.norm_cross, self.dropout.p, self.norm_first)
    return block.train(self.training)(x, memory, mask, memory_mask)


def by_base_of_the_rescue(self, x, mask=None):
    parts = (self.attention, self.feed_forward, self.norm_attention, self.norm_feed_forward)
    block = rescue.EncoderBlock.__bases__[0](*parts, self.dropout.p, self.norm_first)
    return block.train(self.training)(x, mask)


def by_the_masked_loss(logits, token_ids, pad_id=None):
    labels = token_ids[:, 1:]
    labels = labels if pad_id is None else labels.masked_fill(labels == pad_id, -100)
    return rescue.masked_lm_loss(logits[:, :-1], labels)


def by_judging_something_else(logits, labels):
    with judging("x"):
        return rescue.masked_lm_loss(logits, labels)


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("EncoderBlock", by_torch_encoder),
        ("EncoderBlock", by_rescue_decoder),
        ("EncoderBlock", by_base_of_the_rescue),
        ("DecoderBlock", by_torch_decoder),
        ("causal_lm_loss", by_the_masked_loss),
        ("masked_lm_loss", by_judging_something_else),
    ],
)
def test_what_the_library_gives_is_no_answer_by_another_door(name, function):
    exercise = load_exercise(name)
    public = read_exercise(name, build_check_data(exercise))
    for checks in (None, exercise.hidden):
        report = examine(public, exercise.target(function), checks)
        assert report.earned == 0.0
        assert not [result.fault for result in report.results if result.fault]


def test_the_known_good_attention_refuses_keys_and_values_of_different_lengths():
    # torch's fused kernel reads past the end of the shorter one and takes the process down.
    query, key, value = torch.randn(1, 2, 4, 3), torch.randn(1, 2, 6, 3), torch.randn(1, 2, 4, 3)
    with pytest.raises(InputError, match="same length"):
        rescue.scaled_dot_product_attention(query, key, value)
    with pytest.raises(InputError, match="same length"):
        rescue.scaled_dot_product_attention(query, value, key)


class OwnBadAttention(attentif.MultiHeadAttention):
    """Right itself, with a student's wrong attention by default."""

    def __init__(self, d_model, n_heads, dropout=0.0, bias=True, attend=lambda q, k, v, m, p: (q, q @ q.mT)):
        super().__init__(d_model, n_heads, dropout, bias, attend)


def test_an_earlier_mistake_costs_nothing_here(exercises):
    for checks in (None, load_exercise("MultiHeadAttention").hidden):
        report = examine(exercises["MultiHeadAttention"], OwnBadAttention, checks)
        assert report.earned == report.maximum
        assert report.carried_forward == ("scaled_dot_product_attention",)
        assert not report.diagnoses
        for language in ("en", "fr"):
            set_language(language)
            for shown in (as_text(report), as_html(report)):
                assert shown.count("scaled_dot_product_attention") == 2, "the function to mend is named"
    own = examine(exercises["MultiHeadAttention"], attentif.MultiHeadAttention)
    assert not own.carried_forward


def test_a_class_that_keeps_an_old_part_is_noticed(exercises):
    exercise = exercises["MultiHeadAttention"]
    new = {"scaled_dot_product_attention": lambda *a: None}
    assert stale_parts(exercise, attentif.MultiHeadAttention, new) == ["scaled_dot_product_attention"]
    same = {"scaled_dot_product_attention": attentif.scaled_dot_product_attention}
    assert stale_parts(exercise, attentif.MultiHeadAttention, same) == []
    assert stale_parts(exercise, attentif.MultiHeadAttention, {}) == []
    assert stale_parts(exercises["causal_mask"], attentif.causal_mask, new) == []


# What check() shows


def strict(length):
    return torch.ones(length, length, dtype=torch.bool).tril(-1)


strict.__name__ = "causal_mask"


def test_check_prints_a_table_in_the_language_of_the_notebook(with_exercises, capsys):
    score = check(strict)
    said = capsys.readouterr().out
    assert said.startswith("causal_mask   0 / 1 points")
    assert "✗     0/0.5  each position sees itself and the past (wrong)" in said
    assert "expected: causal_mask(4), row 0, column 0: True" in said
    assert "got: False" in said
    assert "likely cause: a position does not see itself" in said
    assert "– " in said
    assert "2 further checks run when the notebook is graded." in said

    set_language("fr")
    check(strict)
    said = capsys.readouterr().out
    assert "✗     0/0,5  chaque position se voit elle-même et le passé (faux)" in said
    assert "attendu : causal_mask(4), ligne 0, colonne 0 : True" in said
    assert "obtenu : False" in said
    assert "piste : Les lignes sont les requêtes" in said
    assert "cause probable : une position ne se voit pas elle-même" in said
    assert "2 autres contrôles s'exécuteront à la correction." in said
    assert score == 0.0


def test_a_right_answer_earns_its_public_points_and_hears_of_the_hidden_checks(with_exercises, capsys):
    for target in (attentif.causal_mask, attentif.MultiHeadAttention, attentif.warmup_cosine):
        score = check(target)
        said = capsys.readouterr().out
        assert (
            score
            == score.report.maximum
            == with_exercises[target.__name__]
            .checks.run(LocalStudent(target, None, rescue.known_good), with_exercises[target.__name__].cases)
            .maximum
        )
        assert "further checks run" in said
        assert not re.search(r"\ball (checks|tests) pass|everything|perfect", said, re.IGNORECASE)


def test_an_unwritten_exercise_is_shown_as_such(with_exercises, capsys):
    def causal_mask(length):
        raise NotImplementedError

    score = check(causal_mask)
    said = capsys.readouterr().out
    assert score == 0.0
    assert "still to be written" in said
    assert "wrong" not in said


def test_what_is_no_exercise_is_refused():
    with pytest.raises(InputError, match="without calling it"):
        check(3.5)
    with pytest.raises(InputError, match="own name"):
        check(math.floor)


def test_the_score_is_a_plain_number_for_nbgrader():
    result = CheckResult(Check("c", passes, 1.0, TITLE, TITLE), PASSED, earned=1.0)
    score = Score(Report("x", (result, result)))
    assert isinstance(score, float)
    assert repr(score) == str(score) == "2.0"
    assert json.dumps(score) == "2.0"
    assert float(score) == 2.0
    assert [name for name in dir(score) if name.startswith("_repr_")] == ["_repr_html_"]


@pytest.mark.parametrize(("earned", "expected"), [(5.0, 1.0), (-2.0, 0.0), (0.75, 0.75)])
def test_the_score_never_leaves_its_range(earned, expected):
    result = CheckResult(Check("c", passes, 1.0, TITLE, TITLE), PASSED, earned=earned)
    assert Score(Report("x", (result,))) == expected


def test_the_html_table_escapes_what_a_student_wrote():
    evil = text("<script>alert(1)</script>", "<script>alert(2)</script>")
    result = CheckResult(Check("c", fails, 1.0, TITLE, TITLE), FAILED, expected=TITLE, got=evil)
    report = Report("x", (result,), n_hidden=3)
    shown = as_html(report, ["attention"])
    assert "<script>" not in shown
    assert "&lt;script&gt;alert(1)" in shown
    assert "attention" in shown
    set_language("fr")
    assert "alert(2)" in as_html(report)
    assert "alert(2)" in as_text(report)


def test_a_failed_check_without_values_is_shown_with_its_hint():
    # At grading, a check may fail on other cases than those of which something may be said.
    hint = text("look at the scale", "regardez l'échelle")
    report = Report("x", (CheckResult(Check("c", fails, 1.0, TITLE, hint), FAILED),))
    assert "the scale" in as_html(report) and "the scale" in as_text(report)


# Naming


def known(**mistakes):
    """Fingerprints over the probes a, b, c, where the reference answers 0; a mistake by what it changes."""
    answers = {
        name: {probe: np.array([float(changes.get(probe, 0.0))] * 3) for probe in "abc"}
        for name, changes in mistakes.items()
    }
    reference = {probe: np.zeros(3) for probe in "abc"}
    return Fingerprints(reference, answers, {name: TITLE for name in mistakes}, {})


def named(answers, fingerprints):
    probes = {
        probe: (lambda student, probe=probe: np.asarray(answers.get(probe, [0.0] * 3), dtype=float))
        for probe in "abc"
    }
    return {diagnosis.name for diagnosis in name_mistakes(None, probes, fingerprints)}


def same(number):
    return [number] * 3


def test_a_mistake_that_explains_everything_is_named():
    catalogue = known(one={"a": 1, "b": 2}, other={"a": 1, "b": 3}, third={"c": 1})
    assert named({"a": same(1), "b": same(2)}, catalogue) == {"one"}
    assert named({}, catalogue) == set()
    assert named({"a": same(1.00001), "b": same(2)}, catalogue) == {"one"}
    assert named({"a": same(9), "b": same(9)}, catalogue) == set()


def test_a_mistake_that_would_have_changed_more_is_not_named():
    assert named({"a": same(1)}, known(one={"a": 1, "b": 2})) == set()


def test_several_mistakes_at_once_are_named_where_each_shows():
    catalogue = known(one={"a": 1}, other={"b": 1}, third={"c": 1})
    assert named({"a": same(1), "b": same(1)}, catalogue) == {"one", "other"}
    # What both change together agrees with neither.
    catalogue = known(one={"a": 1, "b": 1}, other={"b": 2, "c": 2})
    assert named({"a": same(1), "b": same(7), "c": same(2)}, catalogue) == {"one", "other"}


def test_a_tie_names_nobody():
    assert named({"a": same(1)}, known(one={"a": 1}, twin={"a": 1})) == set()
    catalogue = known(one={"a": 1, "b": 2}, twin={"a": 1, "b": 3})
    assert named({"a": same(1), "b": same(9)}, catalogue) == set()


def test_the_same_error_is_no_explanation_unless_something_else_is_right():
    catalogue = known(one={"a": 1})
    catalogue.mistakes["one"]["a"] = np.array([ERROR, 5.0])
    catalogue.mistakes["one"]["b"] = np.array([ERROR, 5.0])
    error = [ERROR, 5.0]
    assert named({"a": error, "b": error}, catalogue) == {"one"}
    assert named({"a": error, "b": error, "c": same(4)}, catalogue) == set()
    assert named({"a": error, "b": error, "c": error}, catalogue) == set()


def test_features_tell_values_apart():
    values = [
        np.zeros((2, 3)),
        np.zeros((3, 2)),
        np.ones((2, 3)),
        np.eye(3),
        np.full((2, 3), np.nan),
        np.array([[0.0, -np.inf], [0.0, 0.0]]),
        np.array([[0.0, 0.0], [-np.inf, 0.0]]),
        [1.0, 2.0],
        [2.0, 1.0],
        "a",
        "b",
        None,
        {"x": 1.0},
        Record("R", {"x": 1.0, "y": 3.0}),
    ]
    seen = [tuple(features(value)) for value in values]
    assert len(set(seen)) == len(values)
    for value in (np.array(["a"]), np.array([1j]), 10**400, Opaque("thing")):
        assert features(value) == [-1.0]
    assert outcome_features(Outcome(error="ValueError: x"))[0] == ERROR
    assert (
        outcome_features(Outcome(error="ValueError: x")) == outcome_features(Outcome(error="ValueError"))
    ).all()


def test_texts_and_kinds_of_errors_are_compared_exactly():
    """Two of them are as different as any two, however near their numbers and however wide the tolerance."""
    near = IDENTIFIERS + 1_000_000.0
    assert not agree(np.array([near]), np.array([near + 1]), 0.5)
    assert agree(np.array([near, 3.0]), np.array([near, 3.0001]), 2e-4)
    assert not agree(np.array([near, 3.0]), np.array([near, 3.1]), 2e-4)
    assert not agree(np.array([2.0]), np.array([near]), 1e9)
    words = [f"{first}{second}" for first in "abcdefghij" for second in "klmnopqrstuvwxyz"]
    numbers = [np.array(features(word)) for word in words]
    assert not any(agree(first, second, 2e-4) for i, first in enumerate(numbers) for second in numbers[:i])
    one, other = (
        {"a": np.array([ERROR, identifier(kind)]), "b": np.zeros(3), "c": np.zeros(3)}
        for kind in ("ValueError", "IndexError")
    )
    catalogue = Fingerprints(
        {probe: np.zeros(3) for probe in "abc"},
        {"one": one, "other": other},
        {"one": TITLE, "other": TITLE},
        {},
    )
    assert named({"a": one["a"]}, catalogue) == {"one"}
    assert named({"a": other["a"]}, catalogue) == {"other"}
    assert named({"a": [ERROR, identifier("ValueError") + 1]}, catalogue) == set()
    assert features("\ud800") == features("?")  # half a character is a text too


# Values as JSON


def test_requests_survive_json():
    request = Request(
        args=(np.arange(3), "text", None),
        kwargs={"g": generator(3), "shape": (2, [1, True])},
        init={"attend": part("causal_mask")},
        state={"weight": np.array([[0.1, 1e-300]], dtype=np.float32)},
        cotangent=np.ones(2),
        wrt=("x",),
    )
    back = from_json(json.loads(json.dumps(to_json(request))))
    assert same_values(back, request)
    assert isinstance(back.args, tuple)
    assert back.state["weight"].dtype == np.float32


def same_values(first, second):
    """Equality with arrays inside, dtypes and NaN included."""
    if isinstance(first, np.ndarray) or isinstance(second, np.ndarray):
        same_kind = (
            type(first) is type(second) and first.dtype == second.dtype and first.shape == second.shape
        )
        return same_kind and first.tobytes() == second.tobytes()
    if type(first) is not type(second):
        return False
    if isinstance(first, dict):
        return list(first) == list(second) and all(same_values(first[k], second[k]) for k in first)
    if isinstance(first, (list, tuple)):
        return len(first) == len(second) and all(map(same_values, first, second))
    if isinstance(first, (Request, Recipe, Record, Opaque)):
        return same_values(vars(first), vars(second))
    return first == second or (first != first and second != second)


def test_any_value_survives_json():
    hypothesis = pytest.importorskip("hypothesis")
    from hypothesis import strategies as st
    from hypothesis.extra import numpy as hnp

    scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
    dtypes = st.sampled_from([np.float64, np.float32, np.float16, np.int64, np.int32, np.bool_])
    arrays = dtypes.flatmap(
        lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, min_side=0, max_side=4))
    )
    values = st.recursive(
        scalars | arrays,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.lists(inner, max_size=3).map(tuple)
            | st.dictionaries(st.text(), inner, max_size=3)
            | st.builds(Recipe, st.text(), st.dictionaries(st.text(), inner, max_size=2))
            | st.builds(Record, st.text(), st.dictionaries(st.text(), inner, max_size=2))
        ),
        max_leaves=12,
    )

    @hypothesis.given(values)
    def survives(value):
        assert same_values(from_json(json.loads(json.dumps(to_json(value)))), value)

    survives()


def test_rounded_json_keeps_the_given_digits():
    value = {"x": np.array([1 / 3, 123456.789, 0.0, -1e-12]), "y": 2 / 3, "n": np.array([10**12])}
    back = from_json(json.loads(json.dumps(to_json(value, 5))))
    assert back["x"].tolist() == [0.33333, 123460.0, 0.0, -1e-12]
    assert back["y"] == 0.66667
    assert back["n"].tolist() == [10**12]


def test_bfloat16_is_a_dtype_of_its_own():
    """Its values travel as float32, but it is no float32, and has its own tolerance."""
    import torch

    from attentif.checks.compare import Mismatch, match
    from attentif.checks.values import freeze

    ones = torch.ones(2, 3)
    with pytest.raises(Mismatch):
        match(freeze(ones.bfloat16()), freeze(ones))
    with pytest.raises(Mismatch):
        match(freeze(ones), freeze(ones.bfloat16()))
    match(freeze((ones * 1.0078125).bfloat16()), freeze(ones.bfloat16()))
    with pytest.raises(Mismatch):
        match(freeze((ones * 1.2).bfloat16()), freeze(ones.bfloat16()))


def test_what_a_student_prints_in_a_hidden_check_is_not_shown(capsys):
    from attentif import causal_mask as reference
    from attentif_grading.hidden import grade_hidden

    def causal_mask(length):
        print("length", length)
        return reference(length)

    score = grade_hidden("causal_mask", {"causal_mask": causal_mask})
    assert score == score.report.maximum
    assert capsys.readouterr().out == ""
