"""Accepted rewritings: a function's own source, compiled again so that it computes the same in another way.

A right answer rewritten is still right, and a mistake rewritten is still that mistake: a student's code has one and
the other at once. What cannot change a value (names, the order of branches) is left alone: checks see values only.
What is computed otherwise, and when, is told in `other_ways` and `other_draws`.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import textwrap
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

from attentif_grading.other_ways import NAMES, OtherWays

# The decorators of the catalogue say what a function is, not what it does.
_CATALOGUE = ("misconception", "again", "variant")
_WAYS = "_other_ways"


def rewritten(function: Callable) -> tuple[Callable, OtherWays] | None:
    """A function that does the same in other ways, and these; None where there is nothing to rewrite.

    The functions of its own module that it uses are rewritten with it. It sees a copy of its module's names, and
    keeps the defaults of its arguments.

    Args:
        function: one with a source. A function that remembers names of another's (a closure), or that needs its class
            by `super()`, is not rewritten.
    """
    plain = inspect.unwrap(function)
    if not isinstance(plain, FunctionType) or plain.__closure__:
        return None
    trees = {plain.__name__: _definition(plain)}
    if trees[plain.__name__] is None:
        return None
    trees |= dict(_helpers(trees[plain.__name__], plain.__globals__))
    ways, names = OtherWays(), dict(plain.__globals__)
    rewriter = _Rewriter(may_sum="sum" not in names)
    body = [rewriter.visit(tree) for tree in trees.values()]
    if not rewriter.places:
        return None
    module = ast.fix_missing_locations(ast.Module(body, type_ignores=[]))
    # Annotations may name what only a type checker imports.
    names[_WAYS] = ways
    exec(
        compile(
            module,
            f"<{plain.__module__}.{plain.__qualname__}, rewritten>",
            "exec",
            annotations.compiler_flag,
            True,
        ),
        names,
    )
    for name in trees:
        old = plain if name == plain.__name__ else inspect.unwrap(plain.__globals__[name])
        new = inspect.unwrap(names[name])
        new.__defaults__, new.__kwdefaults__ = old.__defaults__, old.__kwdefaults__
    return names[plain.__name__], ways


def _definition(function: FunctionType) -> ast.FunctionDef | None:
    """The definition of a function, without the catalogue's decorators; None where it cannot stand by itself."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, TypeError, SyntaxError):
        return None
    if not isinstance(tree, ast.FunctionDef) or tree.name != function.__name__:
        return None
    if {"super", "__class__"} & {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}:
        return None
    tree.decorator_list = [each for each in tree.decorator_list if _name_of(each) not in _CATALOGUE]
    return tree


def _name_of(decorator: ast.expr) -> str | None:
    named = decorator.func if isinstance(decorator, ast.Call) else decorator
    return named.id if isinstance(named, ast.Name) else None


def _helpers(tree: ast.FunctionDef, names: dict[str, Any]) -> Iterator[tuple[str, ast.FunctionDef]]:
    """The definitions of the functions of the same module that a definition uses, and that these use."""
    found: dict[str, ast.FunctionDef] = {tree.name: tree}
    waiting = [tree]
    while waiting:
        used = {node.id for node in ast.walk(waiting.pop()) if isinstance(node, ast.Name)}
        for name in sorted(used - set(found)):
            value = names.get(name)
            helper = inspect.unwrap(value) if isinstance(value, FunctionType) else None
            # One that came by import has names of its own, one that was made by another function, a closure.
            if helper is None or helper.__globals__ is not names or helper.__closure__:
                continue
            definition = _definition(helper) if helper.__name__ == name else None
            if definition is not None:
                found[name] = definition
                waiting.append(definition)
                yield name, definition


def _is_own_part(called: ast.expr) -> bool:
    """Whether it is self.NAME: a layer, perhaps."""
    return (
        isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "self"
    )


class _Rewriter(ast.NodeTransformer):
    """Puts calls of `OtherWays` in the place of operators and calls; counts them."""

    def __init__(self, may_sum: bool):
        self.places, self.may_sum = 0, may_sum

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        # A parameter or a variable of this name is no longer Python's own sum.
        stored = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        named = stored | {n.arg for n in ast.walk(node) if isinstance(n, ast.arg)}
        before, self.may_sum = self.may_sum, self.may_sum and builtins.sum.__name__ not in named
        node.body = [self.visit(statement) for statement in node.body]
        self.may_sum = before
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        chain = isinstance(node.op, ast.Mult) and isinstance(node.left, ast.BinOp)
        if chain and isinstance(node.left.op, ast.Mult):
            factors = [node.left.left, node.left.right, node.right]
            return self._call("multiplied", *(self.visit(factor) for factor in factors))
        node = self.generic_visit(node)
        if isinstance(node.op, ast.Div):
            return self._call("divided", node.left, node.right)
        if isinstance(node.op, ast.MatMult):
            return self._call("product", node.left, node.right)
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        node = self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr in NAMES:
            name = ast.Constant(node.func.attr)
            return self._call("called", name, node.func.value, *node.args, keywords=node.keywords)
        if _is_own_part(node.func):
            return self._call("applied", node.func, *node.args, keywords=node.keywords)
        is_sum = isinstance(node.func, ast.Name) and node.func.id == "sum"
        if is_sum and self.may_sum and node.args and not node.keywords:
            return self._call("summed", *node.args)
        return node

    def _call(self, way: str, *args: ast.expr, keywords: list[ast.keyword] | None = None) -> ast.expr:
        self.places += 1
        way = ast.Attribute(ast.Name(_WAYS, ast.Load()), way, ast.Load())
        return ast.Call(way, list(args), keywords or [])
