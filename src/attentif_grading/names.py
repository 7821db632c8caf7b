"""Which global names a cell needs, and which ones cells define: a solution must run in its notebook."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable


def parse_cell(source: str) -> ast.Module:
    """The syntax tree of a code cell, magics and shell lines left out."""
    kept = ["pass" if line.lstrip().startswith(("%", "!")) else line for line in source.split("\n")]
    return ast.parse("\n".join(kept))


def bound_names(tree: ast.AST) -> set[str]:
    """Every name that is assigned, imported or defined anywhere in the tree, arguments included."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            names.add(node.name)
    return names


def needed_names(tree: ast.AST) -> set[str]:
    """Names that the tree reads and neither binds nor finds among the builtins."""
    bound = bound_names(tree)
    statements = tree.body if isinstance(tree, ast.Module) else [tree]
    # A default is read where the function stands, whatever its arguments are called: f(x, find=find).
    defaults = {
        name
        for node in statements
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for default in [*node.args.defaults, *node.args.kw_defaults]
        if default is not None
        for name in _read_names(default)
    }
    defined = set().union(*map(defined_names, statements))
    found = (_read_names(tree) - bound) | (defaults - defined)
    return found - set(dir(builtins)) - {"__class__"}


def _read_names(tree: ast.AST) -> set[str]:
    return {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


def defined_names(statement: ast.stmt) -> set[str]:
    """Names that a top-level statement defines; what stands inside functions does not count."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {statement.name}
    return bound_names(statement)


def top_level_names(sources: Iterable[str]) -> set[str]:
    """Names that the top level of these cells defines."""
    return {name for source in sources for node in parse_cell(source).body for name in defined_names(node)}
