"""Accepted rewritings: what they compute is the same, how they compute it is not."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from attentif_grading.exercises import exercises_in_chain, load_exercise
from attentif_grading.other_ways import OtherWays
from attentif_grading.rewritings import rewritten


def numbers(*shape, dtype=torch.float32):
    return torch.randn(shape, dtype=torch.float64).to(dtype)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("softmax", lambda way, x: way.called("softmax", x, -1)),
        ("softmax", lambda way, x: way.called("softmax", F, x, dim=1)),
        ("log_softmax", lambda way, x: way.called("log_softmax", torch, x, -1)),
        ("sum", lambda way, x: way.called("sum", x)),
        ("sum", lambda way, x: way.called("sum", x, (0, 2), keepdim=True)),
        ("mean", lambda way, x: way.called("mean", x, dim=1)),
        ("mean", lambda way, x: way.called("mean", torch, x, 0)),
        ("exp", lambda way, x: way.called("exp", x)),
        ("log", lambda way, x: way.called("log", torch, x * x)),
        ("sqrt", lambda way, x: way.called("sqrt", x * x)),
        ("rsqrt", lambda way, x: way.called("rsqrt", x * x)),
        ("linear", lambda way, x: way.called("linear", F, x, torch.ones(2, 70).to(x), torch.ones(2).to(x))),
        ("/", lambda way, x: way.divided(x, x.exp())),
        ("@", lambda way, x: way.product(x, x.mT)),
        ("*", lambda way, x: way.multiplied(x, 0.3, x)),
    ],
)
def test_an_array_is_computed_otherwise_with_the_same_gradient(name, call, dtype):
    x = numbers(3, 40, 70, dtype=dtype).requires_grad_()

    class AsWritten:
        def called(self, name, receiver, *args, **options):
            return getattr(receiver, name)(*args, **options)

        divided = staticmethod(lambda x, y: x / y)
        product = staticmethod(lambda x, y: x @ y)
        multiplied = staticmethod(lambda x, y, z: x * y * z)

    way = OtherWays()
    other, plain = call(way, x), call(AsWritten(), x)
    assert way.taken == {name: 1}
    assert other.dtype is plain.dtype is dtype and other.shape == plain.shape
    tolerance = {"rtol": 2e-4, "atol": 1e-4} if dtype is torch.float32 else {"rtol": 1e-11, "atol": 1e-11}
    torch.testing.assert_close(other, plain, **tolerance)
    weights = numbers(*plain.shape, dtype=dtype)
    slopes = [torch.autograd.grad((y * weights).sum(), x, retain_graph=True)[0] for y in (other, plain)]
    scale = slopes[1].abs().max().item()
    torch.testing.assert_close(slopes[0] / scale, slopes[1] / scale, **tolerance)


@pytest.mark.parametrize(
    ("name", "args"),
    [("var", (-1,)), ("std", (0,)), ("logsumexp", (-1,)), ("cumsum", (-1,)), ("tanh", ())],
)
def test_float32_is_computed_in_double_and_comes_back(name, args):
    x, way = numbers(30, 50), OtherWays()
    other = way.called(name, x, *args)
    assert other.dtype is torch.float32 and way.taken == {name: 1}
    torch.testing.assert_close(other, getattr(x, name)(*args))
    assert torch.equal(other, getattr(x.double(), name)(*args).float())


def test_functions_of_several_arrays_are_computed_in_double():
    x, weight, way = numbers(6, 8), numbers(8), OtherWays()
    targets = torch.arange(6)
    pairs = [
        (("layer_norm", F, x, (8,), weight), {"bias": weight}, F.layer_norm(x, (8,), weight, weight)),
        (("cross_entropy", F, x, targets), {}, F.cross_entropy(x, targets)),
        (("einsum", torch, "ij,j->i", x, weight), {}, x @ weight),
    ]
    for args, options, plain in pairs:
        other = way.called(*args, **options)
        assert other.dtype is torch.float32
        torch.testing.assert_close(other, plain)
    assert set(way.taken) == {"layer_norm", "cross_entropy", "einsum"}
    with torch.autocast("cpu", torch.bfloat16):  # it chooses the precision there
        assert way.called("einsum", torch, "ij,j->i", x, weight).dtype is torch.bfloat16


def test_a_layer_is_read_from_its_end_and_anything_else_called_as_it_is():
    layer, x, way = nn.Linear(50, 4), numbers(3, 50), OtherWays()
    torch.testing.assert_close(way.applied(layer, x), layer(x))
    assert way.applied(nn.Identity(), x) is x and way.applied(max, 1, 2) == 2
    assert way.taken == {"linear": 1}


def test_plain_numbers():
    way = OtherWays()
    assert way.divided(0.7, 4.9) == 0.7 * (1 / 4.9) != 0.7 / 4.9
    assert way.summed([0.1, 0.2, 0.3]) == 0.3 + 0.2 + 0.1 != 0.1 + 0.2 + 0.3
    for name, x in (("log", 7.3), ("exp", 7.3), ("sqrt", 7.3)):
        assert math.isclose(way.called(name, math, x), getattr(math, name)(x), rel_tol=1e-14)
    assert way.taken == {"/": 1, "sum": 1, "log": 1, "exp": 1, "sqrt": 1}


HALF = torch.tensor([1.0, 3.0], dtype=torch.float16)


@pytest.mark.parametrize(
    "call",
    [
        lambda way: way.divided(7, 2),
        lambda way: way.divided(49.0, 49),  # a count, to be rounded down perhaps
        lambda way: way.divided(torch.tensor([0.5, 0.0]), torch.tensor([0.0, 0.0])),
        lambda way: way.divided(torch.tensor([3e-39]), 1e-39),
        lambda way: way.divided(HALF, 3.0),
        lambda way: way.multiplied([0], 2, 3),
        lambda way: way.multiplied(1e300, 1e300, 0.0),
        lambda way: way.product(torch.ones(2, 2, dtype=torch.long), torch.ones(2, 2, dtype=torch.long)),
        lambda way: way.summed([1, 2, 3]),
        lambda way: way.summed([[1], [2]], []),
        lambda way: way.called("sum", torch.ones(3, dtype=torch.long)),
        lambda way: way.called("mean", torch.zeros(0)),
        lambda way: way.called("softmax", HALF, -1),
        lambda way: way.called("log", math, 8, 2),
        lambda way: way.called("var", torch.ones(3, dtype=torch.float64)),
        lambda way: way.called("sqrt", torch.zeros(2)),
        lambda way: way.called("sum", type("Object", (), {"sum": lambda self: "its own"})()),
    ],
)
def test_what_would_not_be_the_same_is_done_as_it_was_written(call):
    way = OtherWays()
    call(way)
    assert not way.taken


@pytest.mark.parametrize(
    "call",
    [
        (ZeroDivisionError, lambda way: way.divided(0.5, 0.0)),
        (TypeError, lambda way: way.divided("a", "b")),
        (ValueError, lambda way: way.called("log", math, -1.0)),
        (OverflowError, lambda way: way.called("exp", math, 1e4)),
        (RuntimeError, lambda way: way.product(torch.ones(2, 3), torch.ones(2, 3))),
        (IndexError, lambda way: way.called("sum", torch.ones(2), 5)),
        (AttributeError, lambda way: way.called("sum", 3)),
    ],
)
def test_what_fails_fails_as_it_was_written(call):
    error, attempt = call
    with pytest.raises(error):
        attempt(OtherWays())


@pytest.mark.parametrize(
    ("args", "options", "values", "shares"),
    [
        (("rand", torch, 4000), {}, None, None),
        (("random", np.random.default_rng(1), 4000), {}, None, None),
        (("randint", torch, 3, (4000,)), {}, [0, 1, 2], [1 / 3] * 3),
        (("randint", torch, 2, 4, (4000,)), {}, [2, 3], [0.5] * 2),
        (("integers", np.random.default_rng(2), 3), {"size": 4000}, [0, 1, 2], [1 / 3] * 3),
        (("integers", np.random.default_rng(2), 0, np.int64(2)), {"size": 4000}, [0, 1], [0.5] * 2),
        (("multinomial", torch, torch.tensor([0.7, 0.0, 0.3]), 4000, True), {}, [0, 2], [0.7, 0.3]),
    ],
)
def test_other_draws_follow_the_same_law(args, options, values, shares):
    way = OtherWays()
    drawn = np.asarray(way.called(*args, **options))
    assert way.taken == {args[0]: 1}
    if values is None:
        assert drawn.min() >= 0.0 and drawn.max() < 1.0 and abs(drawn.mean() - 0.5) < 0.03
    else:
        found, counts = np.unique(drawn, return_counts=True)
        assert found.tolist() == values and np.allclose(counts / 4000, shares, atol=0.03)


def test_an_order_is_an_order_and_the_generator_still_decides():
    way = OtherWays()

    def drawn(seed):
        return way.called("randperm", torch, 9, generator=torch.Generator().manual_seed(seed)).tolist()

    assert sorted(drawn(1)) == list(range(9)) and drawn(1) == drawn(1) != drawn(2)


# Whole functions


def _third(x):
    return x / 3.1


def by_a_helper(x, *, power=2.0):
    total = sum([_third(x), power])
    return total


def with_its_own_sum(x, sum=max):
    return sum([x, 0.25]) / 3.7


def nothing_to_rewrite(x):
    return x + 1


@torch.no_grad()
def decorated(x):
    return x.exp() / 3.0


def made_by(factor):
    def inner(x):
        return x / factor

    return inner


def test_a_function_is_rewritten_with_its_helpers_and_keeps_its_defaults():
    function, ways = rewritten(by_a_helper)
    assert function(1.3) == pytest.approx(by_a_helper(1.3), rel=1e-14)
    assert function(1.3, power=0.1) == pytest.approx(by_a_helper(1.3, power=0.1), rel=1e-14)
    assert ways.taken == {"/": 2, "sum": 2}
    assert function.__kwdefaults__ is by_a_helper.__kwdefaults__
    assert "_other_ways" not in globals()  # the names of its module are as they were
    function, ways = rewritten(with_its_own_sum)
    assert function(1.3) == pytest.approx(1.3 / 3.7) and ways.taken == {"/": 1}


def test_other_decorators_stay():
    function, ways = rewritten(decorated)
    x = torch.ones(2, requires_grad=True)
    assert not function(x).requires_grad and set(ways.taken) == {"exp", "/"}


@pytest.mark.parametrize(
    "function", [nothing_to_rewrite, made_by(3), len, lambda x: x / 2, nn.Linear.__init__, torch.exp]
)
def test_what_cannot_be_rewritten_or_would_not_change_is_left_out(function):
    assert rewritten(function) is None


def test_most_exercises_are_rewritten_and_their_modules_are_untouched():
    found = {}
    for name in exercises_in_chain():
        exercise = load_exercise(name)
        before = {m.name: m.function.__code__ for m in exercise.misconceptions}
        found[name] = sum(rewritten(m.function) is not None for m in exercise.misconceptions)
        assert before == {m.name: m.function.__code__ for m in exercise.misconceptions}
    assert sum(found.values()) >= 450
    # Boolean masks, blocks of parts, groups of parameters and sentences compute nothing in fractions.
    nothing = {name for name, count in found.items() if count == 0}
    assert nothing <= {
        *(
            "causal_mask",
            "parameter_groups",
            "generate",
            "EncoderBlock",
            "DecoderBlock",
            "swap_gender",
            "random_null",
        )
    }
