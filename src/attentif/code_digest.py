"""What code does, as a short digest: the same after a restart, another once a line of it has changed."""

from __future__ import annotations

import builtins
import hashlib
import sys
import types
from collections.abc import Iterator
from typing import Any

NOTEBOOK = "__main__"


def code_digest(target: Any) -> str:
    """A digest of a function or class, and of what it names in the notebook.

    Code of the notebook counts by its instructions and constants, and so does every function or class of the
    notebook that it names, and theirs in turn; comments, spacing and places do not. What an installed module
    defines counts by its name.

    Args:
        target: a function or class.

    Returns:
        16 hexadecimal digits.
    """
    parts = sorted(_parts(target, set()))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _parts(target: Any, seen: set[int]) -> Iterator[str]:
    if id(target) in seen:
        return
    seen.add(id(target))
    name = getattr(target, "__qualname__", type(target).__qualname__)
    if getattr(target, "__module__", None) != NOTEBOOK:
        yield f"{getattr(target, '__module__', '')}.{name}"
        return
    if isinstance(target, type):
        for base in target.__bases__:
            yield from _parts(base, seen)
        for attribute, value in vars(target).items():
            function = getattr(value, "__func__", value)
            if isinstance(function, types.FunctionType):
                yield from _parts(function, seen)
            elif isinstance(value, int | float | str | None) and not attribute.startswith("__"):
                yield f"{name}.{attribute}={value!r}"
        return
    code = getattr(target, "__code__", None)
    if code is None:
        yield f"{name}: {type(target).__qualname__}"
        return
    defaults = (target.__defaults__, sorted((target.__kwdefaults__ or {}).items()))
    yield f"{name}{_plain(defaults)}: {_instructions(code)}"
    for used in sorted(_names(code)):
        value = target.__globals__.get(used)
        if getattr(value, "__module__", None) == NOTEBOOK and used not in vars(builtins):
            yield from _parts(value, seen)
    enclosed = [cell.cell_contents for cell in target.__closure__ or ()]
    for value in (*enclosed, *(target.__defaults__ or ()), *(target.__kwdefaults__ or {}).values()):
        if isinstance(value, types.FunctionType | type):
            yield from _parts(value, seen)


def _instructions(code: types.CodeType) -> str:
    constants = [
        _instructions(value) if isinstance(value, types.CodeType) else _plain(value)
        for value in code.co_consts
    ]
    names = (code.co_names, code.co_varnames, code.co_freevars)
    return f"{code.co_code.hex()} {names} {constants}"


def _names(code: types.CodeType) -> set[str]:
    inner = (value for value in code.co_consts if isinstance(value, types.CodeType))
    return set(code.co_names).union(*map(_names, inner))


def _plain(value: Any) -> str:
    """A constant, without what changes from process to process: addresses, and the order of a set."""
    if isinstance(value, tuple | list):
        return f"({', '.join(map(_plain, value))})"
    if isinstance(value, frozenset):
        return f"{{{', '.join(sorted(map(_plain, value)))}}}"
    if isinstance(value, int | float | complex | str | bytes | None) or value is ...:
        return repr(value)
    return f"<{getattr(value, '__qualname__', type(value).__qualname__)}>"


def notebook_definition(name: str) -> Any:
    """What the notebook has under a name now; None if nothing."""
    return vars(sys.modules[NOTEBOOK]).get(name)
