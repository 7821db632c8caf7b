"""Bounds of computed numbers: a share of 100.00000000000001 % is one of 100 %, and 100.1 % is a mistake."""

from __future__ import annotations

from typing import Any

# Of a bound, or of 1 where the bound is smaller: thousands of roundings, and far less than any mistake.
SLACK = 1e-9


def onto_bounds(value: Any, low: float, high: float, slack: float = SLACK) -> Any:
    """A number, moved onto the bound that it passes by rounding alone; any other one as it is.

    >>> onto_bounds(100.00000000000001, 0, 100), onto_bounds(100.1, 0, 100), onto_bounds(-1e-17, 0, 100)
    (100.0, 100.1, 0.0)
    """
    if low - slack * max(1.0, abs(low)) <= value < low:
        return float(low)
    if high < value <= high + slack * max(1.0, abs(high)):
        return float(high)
    return value


def settle(result: Any, low: float, high: float, *names: str, slack: float = SLACK) -> None:
    """Move these fields of a frozen dataclass onto their bounds, from its `__post_init__`; then they can be compared strictly."""
    for name in names:
        object.__setattr__(result, name, onto_bounds(getattr(result, name), low, high, slack))


def digits(value: Any) -> str:
    """A number with digits enough to tell it from a bound near which it is refused.

    >>> digits(100.0000002), digits(0.25), digits(float("nan"))
    ('100.0000002', '0.25', 'nan')
    """
    try:
        return f"{float(value):.12g}"
    except (TypeError, ValueError):  # no number at all
        return repr(value)
