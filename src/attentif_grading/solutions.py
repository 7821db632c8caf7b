"""The solution cell of an exercise: the library's definition, docstring in the notebook's language."""

from __future__ import annotations

import ast
import re
import textwrap
from pathlib import Path

from attentif.errors import InputError
from attentif_grading.contracts import Contract
from attentif_grading.solution_marks import BEGIN, END
from attentif_grading.strip import body_statements, definition

# In docstring.fr.txt of a class: what follows this line is the docstring of the method.
METHOD_LINE = re.compile(r"^--- (\w+) ---\n", re.MULTILINE)


def solution_source(contract: Contract, language: str, home: Path) -> str:
    """The source of the exercise's function or class, as the solution cell of a notebook.

    The body of the function, or of the exercise's method of a class, stands between nbgrader's marks.

    Args:
        contract: the exercise.
        language: fr takes the docstrings of grading/exercises/NAME/docstring.fr.txt, en the library's own.
        home: the course's repository.
    """
    source = (home / "src" / contract.file).read_text(encoding="utf-8")
    lines = source.splitlines()
    tree = ast.parse(source)
    top = definition(tree, contract.body[0].split(".")[0])
    written = definition(tree, contract.body[0])
    docstrings = french_docstrings(contract, home) if language == "fr" else {}

    # Changes to the file's lines, from the last to the first so that earlier line numbers stay true.
    changes: list[tuple[int, int, tuple[str, ...]]] = []
    body = body_statements(written)
    indent = " " * body[0].col_offset
    changes.append((written.end_lineno, written.end_lineno, (indent + END,)))
    first = _line_after_docstring(written)
    changes.append((first, first, (indent + BEGIN,)))
    for node, name in {top: None, written: contract.method}.items():
        if name in docstrings and ast.get_docstring(node) is not None:
            literal = node.body[0]
            said = _literal(docstrings[name], " " * literal.col_offset)
            changes.append((literal.lineno - 1, literal.end_lineno, said))
    for start, end, new in sorted(changes, reverse=True):
        lines[start:end] = new
    start = min(node.lineno for node in (top, *top.decorator_list)) - 1
    length = top.end_lineno - start + sum(len(new) - (end - begin) for begin, end, new in changes)
    return "\n".join(lines[start : start + length])


def french_docstrings(contract: Contract, home: Path) -> dict[str | None, str]:
    """The French docstrings: of the function or class under None, of a class's method under its name.

    A class whose file has no part for the method says everything at its head: the method's own docstring
    is then empty, rather than in the other language.

    Raises:
        InputError: the file is missing.
    """
    path = home / "grading" / "exercises" / contract.name / "docstring.fr.txt"
    if not path.is_file():
        raise InputError(expected=f"the French docstring in {path}", got="no such file", remedy="write it")
    first, *others = METHOD_LINE.split(path.read_text(encoding="utf-8"))
    said: dict[str | None, str] = {None: first}
    said |= dict(zip(others[::2], others[1::2], strict=True))
    if contract.method is not None:
        said.setdefault(contract.method, "")
    return said


def solution_body(source: str, qualified: str) -> str:
    """The source of a definition's body without its docstring, dedented."""
    node = definition(ast.parse(source), qualified)
    start = _line_after_docstring(node)
    return textwrap.dedent("\n".join(source.splitlines()[start : node.end_lineno])) + "\n"


def without_marks(cell_source: str) -> str:
    """A solution cell as a student would submit it: without nbgrader's marks."""
    kept = [line for line in cell_source.split("\n") if line.strip() not in (BEGIN, END)]
    return "\n".join(kept)


def _line_after_docstring(node: ast.FunctionDef) -> int:
    """Number of lines before the body, comments at its head included in the body."""
    if ast.get_docstring(node, clean=False) is not None:
        return node.body[0].end_lineno
    return node.body[0].lineno - 1


def _literal(text: str, indent: str) -> tuple[str, ...]:
    """A docstring's lines with this indentation; none for an empty text."""
    prefix = 'r"""' if "\\" in text else '"""'
    lines = text.strip().splitlines()
    if len(lines) < 2:
        return tuple(f'{indent}{prefix}{line}"""' for line in lines)
    return (indent + prefix + lines[0], *((indent + line).rstrip() for line in lines[1:]), indent + '"""')
