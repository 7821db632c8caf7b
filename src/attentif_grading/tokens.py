"""Code reduced to the tokens by which a copy is recognised, whatever its comments, strings and spacing."""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from collections.abc import Iterator, Sequence
from pathlib import PurePath

RUN = 10  # a run of so many tokens is taken for a copy

_WORD = re.compile(r"[^\W\d]\w*|\d[\w.]*|\*\*|//|->|[-+*/%@&|^=<>!:]=|<<|>>|\S")
_FENCE = re.compile(r"```[^\n]*\n(.*?)```", re.DOTALL)
_LAYOUT = {
    tokenize.ENCODING,
    tokenize.NEWLINE,
    tokenize.NL,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}

Run = tuple[str, ...]


def code_tokens(source: str) -> list[str]:
    """The names, numbers and operators of Python code, without comments, strings and layout."""
    return _split(source)[0]


def runs(tokens: Sequence[str]) -> Iterator[Run]:
    """Every run of `RUN` tokens, in order."""
    for start in range(len(tokens) - RUN + 1):
        yield tuple(tokens[start : start + RUN])


def text_runs(path: PurePath, content: str) -> set[Run]:
    """All runs in a file that a student gets, wherever code may stand in it.

    In Python code: the code itself, its comments (a solution commented out) and each of its strings. In a
    notebook: the same of each code cell, and each other cell as text. In JSON: each string. In any other
    text: its words, and the code between ``` fences.
    """
    if path.suffix == ".ipynb":
        notebook = json.loads(content)
        found: set[Run] = set()
        for cell in notebook["cells"]:
            source = "".join(cell["source"])
            found |= _python_runs(source) if cell["cell_type"] == "code" else _prose_runs(source)
        return found
    if path.suffix == ".py":
        return _python_runs(content)
    if path.suffix == ".json":
        return {run for said in _strings(json.loads(content)) for run in runs(_words(said))}
    return _prose_runs(content)


def function_bodies(source: str) -> Iterator[tuple[str, str]]:
    """(name, code of the body) of each function and method of a module, docstring and signature left out."""
    module = ast.parse(source)
    methods = [node for owner in module.body if isinstance(owner, ast.ClassDef) for node in owner.body]
    for node in (*module.body, *methods):
        if isinstance(node, ast.FunctionDef):
            has_docstring = ast.get_docstring(node) is not None
            yield node.name, "\n".join(map(ast.unparse, node.body[1 if has_docstring else 0 :]))


def _prose_runs(text: str) -> set[Run]:
    found = set(runs(_words(text)))
    return found.union(*(_python_runs(code) for code in _FENCE.findall(text)))


def _python_runs(source: str) -> set[Run]:
    code, comments, strings = _split(source)
    found = {run for said in strings for run in runs(_words(said))}
    return found | set(runs(code)) | set(runs(_words("\n".join(comments))))


def _split(source: str) -> tuple[list[str], list[str], list[str]]:
    """Code tokens, comments, strings; plain words where the tokenizer gives up (magics, half a cell)."""
    code, comments, strings = [], [], []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                comments.append(token.string.lstrip("#"))
            elif token.type == tokenize.STRING:
                strings.append(token.string.strip("rbfuRBFU").strip("\"'"))
            elif token.type not in _LAYOUT and not tokenize.tok_name[token.type].startswith("FSTRING"):
                # The same cut as for words, so that code and prose that quotes it can be compared.
                code.extend(_words(token.string))
    except (tokenize.TokenError, SyntaxError):
        return _words(source), comments, strings
    return code, comments, strings


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _strings([key, item])
