"""Other ways to compute the same: what `rewritings` puts in the place of an operator or of a call.

Code cannot tell what types it will meet, so the choice is made while it runs. Where a result is the same but for
its last digits, or is drawn from the same law, it is computed otherwise; everything else (whole numbers, texts,
half precision, a denominator of 0, an object with a method of that name) is done as it was written, and fails as
it was written.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attentif_grading.other_draws import DRAWS, drawn_otherwise

_NAMESPACES = (torch, F, math, np)
# In half precision another order is another result.
_DTYPES = (torch.float32, torch.float64)
_NUMPY = (np.dtype("float32"), np.dtype("float64"))


class OtherWays:
    """What stands in rewritten code for the operators and calls that were there.

    Attributes:
        taken: name of the operator or call → how many times it was computed otherwise.
    """

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()

    def divided(self, x: Any, y: Any) -> Any:
        """x / y as x · (1 / y)."""
        plain = x / y
        if not (_inexact(plain) and _inexact(x, whole=True) and _inexact(y, whole=True)):
            return plain
        if _counts(x) and _counts(y):  # 49 · (1 / 49) is not 1: a share of counts may be rounded down later
            return plain
        if bool(np.any(_values(y) == 0)):
            return plain
        with np.errstate(all="ignore"):
            other = x * (1 / y)
        return self._took("/", other) if _near(plain, other) else plain

    def product(self, x: Any, y: Any) -> Any:
        """x @ y with the inner axis read from its end."""
        if not (_is_array(x) and _is_array(y)) or x.ndim == 0 or y.ndim == 0:
            return x @ y
        inner = -1 if y.ndim == 1 else -2
        if x.shape[-1] != y.shape[inner]:
            return x @ y
        return self._took("@", _flipped(x, (-1,)) @ _flipped(y, (inner,)))

    def multiplied(self, x: Any, y: Any, z: Any) -> Any:
        """(x · y) · z as x · (y · z)."""
        plain = x * y * z
        if not all(_inexact(value) for value in (x, y, z, plain)):
            return plain
        other = x * (y * z)
        return self._took("*", other) if _near(plain, other) else plain

    def summed(self, items: Iterable[Any], *start: Any) -> Any:
        """sum(items), from the last to the first."""
        items = list(items)
        if start or not items or not all(_inexact(item) for item in items):
            return sum(items, *start)
        return self._took("sum", sum(items[::-1]))

    def applied(self, layer: Any, *args: Any, **options: Any) -> Any:
        """layer(*args, **options), where the layer is torch's Linear, with the inner axis read from its end."""
        fits = type(layer) is nn.Linear and len(args) == 1 and not options and _is_array(args[0])
        if not fits or args[0].shape[-1:] != layer.weight.shape[-1:]:
            return layer(*args, **options)
        return self._took("linear", F.linear(args[0].flip(-1), layer.weight.flip(-1), layer.bias))

    def called(self, name: str, receiver: Any, *args: Any, **options: Any) -> Any:
        """receiver.name(*args, **options), where the receiver is a tensor, an array, torch, F, math or numpy."""
        written: Callable[..., Any] = getattr(receiver, name)
        if any(receiver is namespace for namespace in _NAMESPACES):
            subject, rest = (args[0], args[1:]) if args else (None, ())
        else:
            subject, rest = receiver, args
        other = None
        if name in DRAWS:
            other = drawn_otherwise(name, receiver, written, args, options)
        elif receiver is math:
            other = _OF_NUMBERS[name](subject) if name in _OF_NUMBERS and _is_positive(args) else None
        elif name in _IN_DOUBLE:
            # einsum takes its formula first.
            first = args[1] if name == "einsum" and len(args) > 1 else subject
            if isinstance(first, Tensor) and first.dtype is torch.float32:
                method = subject is receiver
                call = getattr(subject.double(), name) if method else written
                other = _in_double(call, first, args, options)
        elif _is_array(subject):
            other = _of_array(name, subject, rest, options)
        return written(*args, **options) if other is None else self._took(name, other)

    def _took(self, name: str, value: Any) -> Any:
        self.taken[name] += 1
        return value


def _is_array(value: Any) -> bool:
    if isinstance(value, Tensor):
        return value.dtype in _DTYPES
    return isinstance(value, np.ndarray) and value.dtype in _NUMPY


def _inexact(value: Any, whole: bool = False) -> bool:
    """Whether a value is a float or holds floats; with `whole`, a plain whole number will do as well."""
    return _is_array(value) or isinstance(value, float) or (whole and type(value) is int)


def _values(value: Any) -> np.ndarray:
    return np.asarray(value.detach().cpu() if isinstance(value, Tensor) else value)


def _counts(value: Any) -> bool:
    values = _values(value)
    return bool(np.all(values == np.round(values)))


def _near(plain: Any, other: Any) -> bool:
    """Whether two results are finite and the same but for their last digits."""
    if type(plain) is not type(other) or getattr(plain, "dtype", None) != getattr(other, "dtype", None):
        return False
    first, second = _values(plain), _values(other)
    relative = 1e-5 if first.dtype == np.float32 else 1e-12
    return bool(np.isfinite(first).all() and np.allclose(first, second, rtol=relative, atol=0.0))


def _is_positive(args: tuple) -> bool:
    # Small enough for every exponential; a second argument (a base) is left alone.
    return len(args) == 1 and isinstance(args[0], (int, float)) and 0 < args[0] < 700


def _flipped(x: Any, axes: tuple[int, ...]) -> Any:
    return x.flip(axes) if isinstance(x, Tensor) else np.flip(x, axes)


def _of_array(name: str, x: Any, rest: tuple, options: dict) -> Any:
    """Another way for a call on an array; None where there is none."""
    if name in ("sum", "mean"):
        return _reduced(name, x, rest, options)
    if not isinstance(x, Tensor):
        return x**0.5 if name == "sqrt" and not options and bool((x >= 0).all()) else None
    if name in ("softmax", "log_softmax"):
        axis = rest[0] if rest else options.get("dim")
        if axis is None or len(rest) > 1 or set(options) - {"dim"}:
            return None
        return torch.log_softmax(x, axis).exp() if name == "softmax" else x - x.logsumexp(axis, keepdim=True)
    if name == "exp":
        return (x * math.log2(math.e)).exp2()
    if name == "log":
        return x.log2() * math.log(2)
    if name in ("sqrt", "rsqrt") and bool((x > 0).all()):  # at 0 the slopes of the two ways differ
        return x * x.rsqrt() if name == "sqrt" else x.sqrt().reciprocal()
    if name == "linear" and rest and _is_array(rest[0]) and rest[0].shape[-1:] == x.shape[-1:]:
        return F.linear(x.flip(-1), rest[0].flip(-1), *rest[1:], **options)
    return None


def _reduced(name: str, x: Any, rest: tuple, options: dict) -> Any:
    """A sum or a mean, from the last term to the first; the mean as a sum and a division."""
    if set(options) - {"dim", "axis", "keepdim", "keepdims"} or len(rest) > 2:
        return None
    axes = rest[0] if rest else options.get("dim", options.get("axis"))
    axes = tuple(range(x.ndim)) if axes is None else (axes,) if isinstance(axes, int) else tuple(axes)
    if not all(isinstance(axis, int) and -x.ndim <= axis < x.ndim for axis in axes):
        return None
    total = _flipped(x, axes).sum(*rest, **options)
    if name == "sum":
        return total
    size, left = (a.numel() if isinstance(a, Tensor) else np.size(a) for a in (x, total))
    return total / (size // left) if size else None


def _in_double(call: Callable, x: Tensor, args: tuple, options: dict) -> Any:
    """Computed in double precision, and back."""
    tensors = [value for value in (x, *args, *options.values()) if isinstance(value, Tensor)]
    if torch.is_autocast_enabled(x.device.type) or any(t.dtype is torch.float64 for t in tensors):
        return None
    if any(t.is_floating_point() and t.dtype is not torch.float32 for t in tensors):
        return None

    def wide(value: Any) -> Any:
        return value.double() if _is_array(value) else value

    result = call(*map(wide, args), **{name: wide(value) for name, value in options.items()})
    return result.float() if isinstance(result, Tensor) else None


_OF_NUMBERS: dict[str, Callable[[float], float]] = {
    "sqrt": lambda x: x**0.5,
    "exp": lambda x: math.pow(math.e, x),
    "log": lambda x: math.log2(x) * math.log(2),
}
_IN_DOUBLE = ("var", "std", "layer_norm", "cross_entropy", "logsumexp", "cumsum", "gelu", "tanh", "einsum")
NAMES = DRAWS | {
    *("sum", "mean", "softmax", "log_softmax", "exp", "log", "sqrt", "rsqrt", "linear"),
    *_IN_DOUBLE,
}
