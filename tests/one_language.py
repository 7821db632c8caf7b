"""Where a module of the library says something in one language only."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from attentif_grading.contracts import load_contracts
from attentif_grading.places import course_home

PACKAGE = course_home() / "src" / "attentif"
TEXTS = ("Said", "Text")  # annotations of what is in both languages, or the same in both


@dataclass
class Source:
    """The messages of one module that are said in one language only.

    Args:
        code: of the module.
        exercises: functions `f`, methods `C.m` and classes `C` that stand in the notebooks' cells. A cell
            imports no text function, so what is said there is a plain string.
    """

    code: str
    exercises: frozenset[str] = frozenset()

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.code)

    @cached_property
    def of_texts(self) -> set[str]:
        """The names by which the module calls `text`."""
        names = [n for n in ast.walk(self.tree) if isinstance(n, ast.alias) and n.name == "text"]
        return {"text"} | {name.asname for name in names if name.asname}

    def calls(self, wanted: set[str]):
        """(call, the functions around it) of these names, outside of the exercises."""

        def walk(node, around):
            for child in ast.iter_child_nodes(node):
                inside = around
                if isinstance(child, (ast.FunctionDef, ast.ClassDef)):
                    inside = [*around, child]
                    if ".".join(each.name for each in inside) in self.exercises:
                        continue
                if isinstance(child, ast.Call) and _name(child.func) in wanted:
                    yield child, around
                yield from walk(child, inside)

        yield from walk(self.tree, [])

    def assigned(self, target: str, around: list) -> list[ast.expr]:
        """What a name or an attribute is given, in the innermost function that does so, else in the module."""
        for scope in [*reversed(around), self.tree]:
            found = []
            for node in ast.walk(scope):
                if isinstance(node, ast.AnnAssign) and node.value and ast.unparse(node.target) == target:
                    found.append(node.value)
                for place in node.targets if isinstance(node, ast.Assign) else ():
                    pairs = [(place, node.value)]
                    if isinstance(place, ast.Tuple) and isinstance(node.value, ast.Tuple):
                        pairs = list(zip(place.elts, node.value.elts, strict=False))
                    found += [value for one, value in pairs if ast.unparse(one) == target]
            if found:
                return found
        return []

    def in_one_language(self, node: ast.expr, around: list, seen: frozenset = frozenset()) -> list[str]:
        """The strings with words that this expression may say as they are."""
        if isinstance(node, ast.Constant):
            return [node.value] if isinstance(node.value, str) and speaks(node.value) else []
        found, parts = [], []
        if isinstance(node, ast.JoinedStr):
            whole = "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
            found = [whole] if speaks(whole) else []
            values = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
            parts = [value for value in values if isinstance(value, (ast.IfExp, ast.BoolOp))]
        elif isinstance(node, (ast.Name, ast.Attribute)):
            name = ast.unparse(node)
            parts = [] if name in seen else self.assigned(name, around)
            seen |= {name}
        elif isinstance(node, ast.Call):  # what anything else returns is a value
            parts = node.args if _name(node.func) == "joined" else []
        elif isinstance(node, ast.IfExp):
            parts = [node.body, node.orelse]
        elif isinstance(node, ast.BinOp):
            parts = [node.left, node.right]
        elif isinstance(node, (ast.BoolOp, ast.Dict)):
            parts = node.values
        elif isinstance(node, ast.Tuple):
            parts = node.elts
        elif isinstance(node, (ast.Subscript, ast.Starred)):
            parts = [node.value]
        return found + [said for part in parts for said in self.in_one_language(part, around, seen)]

    def taking_texts(self) -> dict[str, dict[str, bool]]:
        """Functions that are given texts, to raise an error with them for instance: which arguments are texts."""
        found = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef) and node.name not in ("__init__", "say", "joined"):
                given = [*node.args.args, *node.args.kwonlyargs]
                kinds = {each.arg: each.annotation for each in given if each.arg not in ("self", "cls")}
                texts = {arg: kind is not None and ast.unparse(kind) in TEXTS for arg, kind in kinds.items()}
                if any(texts.values()):
                    found[node.name] = texts
        return found


def _name(node: ast.expr) -> str:
    return getattr(node, "id", getattr(node, "attr", ""))


def speaks(said: str) -> bool:
    """Whether a string holds words, and not just names and marks of the code."""
    prose = re.sub(r"\S*[=_:\[\]()#/]\S*|\{\}", " ", said)
    return re.search(r"[^\W\d_]{2,}", prose) is not None


def unsaid(source: Source, taking_texts: dict[str, dict[str, bool]]) -> tuple[list[str], int]:
    """Messages in one language, with their lines, and the number of errors that the module raises."""
    found, n_errors = [], 0
    for call, around in source.calls({"InputError", "LeakError"}):
        n_errors += 1
        for keyword in call.keywords:
            for said in source.in_one_language(keyword.value, around):
                found.append(f"{call.lineno}: {keyword.arg}={said!r}")
    for call, around in source.calls(set(taking_texts)):
        texts = taking_texts[_name(call.func)]
        named = [(keyword.arg, keyword.value) for keyword in call.keywords]
        for name, value in [*zip(texts, call.args, strict=False), *named]:
            if texts.get(name):
                found += [f"{call.lineno}: {name}={said!r}" for said in source.in_one_language(value, around)]
    return found, n_errors


def modules():
    """The library's modules whose errors students meet: not the command line.

    The public checks' own texts are held by other tests.
    """
    return [
        path
        for path in sorted(PACKAGE.rglob("*.py"))
        if not path.name.startswith("cli") and path.parent.name != "public"
    ]


def in_cells(path: Path) -> frozenset[str]:
    """What of a module stands in the notebooks' cells: functions, and classes with their constructors."""
    module = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    contracts = [each for each in load_contracts(course_home()).values() if each.module == module]
    return frozenset(name for each in contracts for name in (each.name, *each.body))
