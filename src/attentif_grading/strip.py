"""From the library, what students get: bodies of exercises removed, the rest untouched."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from pathlib import Path

import libcst as cst
from libcst.codemod import CodemodContext
from libcst.codemod.visitors import AddImportsVisitor

from attentif.errors import InputError
from attentif_grading.contracts import Contract

STUB_ERROR = "ExerciseNotDone"


def stub_message(contract: Contract) -> str:
    """What the library says in place of an exercise, in both languages."""
    return f"{contract.name}: à écrire dans le carnet / to be written in the notebook"


def strip_source(source: str, contracts: Iterable[Contract]) -> str:
    """The source of a library module with the bodies of these exercises removed.

    Signature and docstring stay; the body becomes one statement, raise ExerciseNotDone(…). A class keeps
    its constructor and its other methods. Helpers and imports that only the body used stay as they are.

    Raises:
        InputError: the module does not define one of the exercises.
    """
    messages = {body: stub_message(contract) for contract in contracts for body in contract.body}
    if not messages:
        return source
    remover = _BodyRemover(messages)
    module = cst.parse_module(source).visit(remover)
    missing = [name for name in messages if name not in remover.done]
    if missing:
        raise InputError(
            expected=f"a definition of {', '.join(missing)}",
            got="none in its module",
            remedy="mend `module` or `body` in contracts.toml",
        )
    context = CodemodContext()
    AddImportsVisitor.add_needed_import(context, "attentif.errors", STUB_ERROR)
    return AddImportsVisitor(context).transform_module(module).code


class _BodyRemover(cst.CSTTransformer):
    """Replaces the bodies of definitions by their qualified name."""

    def __init__(self, messages: dict[str, str]):
        super().__init__()
        self.messages, self.done, self.place = messages, set(), []

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self.place.append(node.name.value)

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:
        self.place.pop()
        return updated_node

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self.place.append(node.name.value)

    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef:
        name = ".".join(self.place)
        self.place.pop()
        if name not in self.messages:
            return updated_node
        self.done.add(name)
        message = cst.SimpleString(f'"{self.messages[name]}"')
        stub = cst.SimpleStatementLine([cst.Raise(cst.Call(cst.Name(STUB_ERROR), [cst.Arg(message)]))])
        kept = [updated_node.body.body[0]] if original_node.get_docstring() is not None else []
        # A new block, so that comments at its head and foot go with the body.
        return updated_node.with_changes(body=cst.IndentedBlock([*kept, stub]))


def strip_tree(package: Path, contracts: Sequence[Contract]) -> None:
    """Strip these exercises in place, in a copy of the library's package folder."""
    for file in sorted({contract.file for contract in contracts}):
        path = package.parent / file
        stripped = strip_source(path.read_text(encoding="utf-8"), [c for c in contracts if c.file == file])
        path.write_text(stripped, encoding="utf-8", newline="\n")


def definition(tree: ast.Module, qualified: str) -> ast.FunctionDef | ast.ClassDef:
    """The definition of `function`, `Class` or `Class.method` at the top of a module.

    Raises:
        InputError: none.
    """
    found: ast.AST = tree
    for name in qualified.split("."):
        kinds = (ast.FunctionDef, ast.ClassDef)
        inside = [n for n in found.body if isinstance(n, kinds) and n.name == name]
        if not inside:
            raise InputError(
                expected=f"a definition of {qualified}",
                got="none",
                remedy="compare contracts.toml with the module",
            )
        found = inside[-1]
    return found


def body_statements(node: ast.FunctionDef | ast.ClassDef) -> list[ast.stmt]:
    """The statements of a definition without its docstring."""
    has_docstring = ast.get_docstring(node, clean=False) is not None
    return node.body[1:] if has_docstring else node.body


def is_stub(node: ast.FunctionDef) -> bool:
    """Whether the body is the one statement that `strip_source` puts there."""
    body = body_statements(node)
    return (
        len(body) == 1
        and isinstance(body[0], ast.Raise)
        and isinstance(body[0].exc, ast.Call)
        and isinstance(body[0].exc.func, ast.Name)
        and body[0].exc.func.id == STUB_ERROR
        and len(body[0].exc.args) == 1
        and isinstance(body[0].exc.args[0], ast.Constant)
    )
