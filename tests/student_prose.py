"""Every text that a student reads, and the guides of the staff, found in their sources; and what of it is prose.

A text is found by walking files, never by running them: notebooks, cards, docstrings, and in the modules every pair
of an English and a French text: `text(en, fr)`, `{"en": …, "fr": …}`, `misconception(…, en=…, fr=…)`.
"""

from __future__ import annotations

import ast
import inspect
import io
import json
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from attentif_grading.contracts import load_contracts, load_course
from attentif_grading.notebook_source import read_notebook_source
from attentif_grading.places import course_home

HOME = course_home()
LANGUAGES = ("fr", "en")
HOLE = "\ufffc"  # stands where code, a formula, an address or a value is


@dataclass(frozen=True)
class Passage:
    """One text as it stands in its source.

    Args:
        place: where, for a person.
        text: Markdown, a docstring or a message.
        names: words that are the same in the other language of a message: they name something of the code.
    """

    place: str
    text: str
    names: frozenset[str] = field(default=frozenset())

    @property
    def paragraphs(self) -> list[str]:
        """The prose of this text: paragraphs, items and table cells, each on one line."""
        return paragraphs(self.text)


@cache
def passages(language: str) -> tuple[Passage, ...]:
    """Everything that students read in a language, and what staff read: model answers and guides."""
    return tuple(_passages(language))


def _passages(language: str) -> Iterator[Passage]:
    for notebook in load_course(HOME).notebooks:
        path = HOME / "notebooks" / language / f"{notebook.file[language]}.ipynb"
        yield from _of_notebook(path)
        source = HOME / "notebooks" / "source" / f"notebook{notebook.number}.py"
        for cell in read_notebook_source(source, notebook.exercises).of(language):
            if cell.manual:
                yield Passage(f"{source.name}, {cell.name}", cell.text)
    for name, contract in load_contracts(HOME).items():
        folder = HOME / "grading" / "exercises" / name
        if not folder.is_dir():
            continue
        yield Passage(f"{name}, card", (folder / f"card.{language}.md").read_text(encoding="utf-8"))
        if language == "fr":
            said = (folder / "docstring.fr.txt").read_text(encoding="utf-8")
        else:
            said = "\n\n".join(_docstrings(HOME / "src" / contract.file, {name, *contract.body}))
        yield _docstring(f"{name}, docstring", said)
    modules = [*HOME.glob("src/attentif/**/*.py"), *HOME.glob("src/attentif_grading/**/*.py")]
    for path in sorted([*modules, *HOME.glob("grading/exercises/*/*.py")]):
        for line, pair in pairs(path.read_text(encoding="utf-8")):
            shared = _words(pair["en"]) & _words(pair["fr"])
            yield Passage(f"{path.relative_to(HOME)}:{line}", pair[language], frozenset(shared))
    yield from instructions(language)
    for path in guides(language):
        yield Passage(path.relative_to(HOME).as_posix(), path.read_text(encoding="utf-8"))


def guides(language: str) -> list[Path]:
    """What staff read in Markdown."""
    files = [*HOME.glob("*.md"), *HOME.glob("docs/*.md"), *HOME.glob("grading/*.md")]
    return sorted(path for path in files if (".fr." in path.name) == (language == "fr"))


def instructions(language: str) -> Iterator[Passage]:
    """The students' README, and the sections of AGENTS.md in a language."""
    folder = HOME / "grading" / "student"
    name = {"fr": "README.fr.md", "en": "README.md"}[language]
    yield Passage(name, (folder / name).read_text(encoding="utf-8"))
    agents = (folder / "AGENTS.md").read_text(encoding="utf-8")
    for section in re.split(r"^(?=## )", agents, flags=re.MULTILINE):
        title = section.partition("\n")[0].removeprefix("## ")
        if title in {"fr": ("Français",), "en": ("English",)}[language]:
            yield Passage(f"AGENTS.md, {title}", section.partition("\n")[2])


# Where texts are


def _of_notebook(path: Path) -> Iterator[Passage]:
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        said = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
        place = f"{path.parent.name}/{path.name}, {cell['metadata']['attentif']['name']}"
        if cell["cell_type"] == "markdown":
            yield Passage(place, said)
            continue
        code = re.sub(r"^(\s*)[%!]", r"\1# ", said, flags=re.MULTILINE)
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type == tokenize.COMMENT:
                yield Passage(f"{place}, comment", token.string.lstrip("#! "))
        for node in ast.walk(ast.parse(code)):
            said = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            if " " in said and "[MASK]" not in said:  # neither a word nor a sentence of the small language
                yield _docstring(f"{place}, string", inspect.cleandoc(said))


def _docstring(place: str, said: str) -> Passage:
    """A docstring, and the names of its arguments, formulas and examples."""
    code = [*_ARGUMENT.findall(said), *_DOCTEST.findall(said), *re.findall(r"^.* = .*$", said, re.MULTILINE)]
    return Passage(place, said, frozenset(WORD.findall(" ".join(code).replace("_", " "))))


def _docstrings(path: Path, names: set[str]) -> Iterator[str]:
    """The docstrings of these functions, classes and methods `C.m`."""
    waiting: list[tuple[str, ast.AST]] = [("", ast.parse(path.read_text(encoding="utf-8")))]
    for outer, node in waiting:
        for child in node.body:
            if isinstance(child, (ast.FunctionDef, ast.ClassDef)):
                name = f"{outer}{child.name}"
                if name in names:
                    yield ast.get_docstring(child) or ""
                if isinstance(child, ast.ClassDef):
                    waiting.append((f"{name}.", child))


def pairs(code: str) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, {en, fr}) of every text that a module says in both languages; what it puts in is a hole."""
    tree = ast.parse(code)
    names = {n.asname or n.name for n in ast.walk(tree) if isinstance(n, ast.alias) and n.name == "text"}
    for node in ast.walk(tree):
        found: dict[str, ast.expr] = {}
        if isinstance(node, ast.Call):
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if called in names | {"text"} and len(node.args) == 2:
                found = dict(zip(("en", "fr"), node.args, strict=True))
            else:
                found = {k.arg: k.value for k in node.keywords if k.arg in LANGUAGES}
        elif isinstance(node, ast.Dict):
            keys = [getattr(key, "value", None) for key in node.keys]
            found = {k: v for k, v in zip(keys, node.values, strict=True) if k in LANGUAGES}
        if set(found) == set(LANGUAGES):
            yield node.lineno, {language: _string(value) for language, value in found.items()}


def _string(node: ast.expr) -> str:
    """What an expression says, with a hole for each value that it puts in."""
    if isinstance(node, ast.Constant):
        return re.sub(r"\{[^{}\s]*\}", HOLE, node.value) if isinstance(node.value, str) else HOLE
    if isinstance(node, ast.JoinedStr):
        return "".join(p.value if isinstance(p, ast.Constant) else _put_in(p.value) for p in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _string(node.left) + _string(node.right)
    if isinstance(node, ast.IfExp):
        return f"{_string(node.body)}\n\n{_string(node.orelse)}"
    if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "format":
        return _string(node.func.value)
    return HOLE


def _put_in(node: ast.expr) -> str:
    """A value in a sentence; of two words the first."""
    return _string(node.body) if isinstance(node, ast.IfExp) else HOLE


# What of it is prose

_MATH = re.compile(r"\$\$.*?\$\$|\$[^$\n]+\$", re.DOTALL)
_FENCE = re.compile(r"^( *)```.*?^ *```", re.DOTALL | re.MULTILINE)
_DOCTEST = re.compile(r"^ *>>>.*?(?=\n *\n|\Z)", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"``.+?``|`[^`]*`|<code>.*?</code>|<kbd>.*?</kbd>", re.DOTALL)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_TAG = re.compile(
    r"</?(?:details|summary|[ou]l|li|table|t[rdh]|h[1-6]|[hb]r|p|a|img|b|i|em|strong|su[bp]|div|span)\b[^>]*>"
)
_DOCSTRING = re.compile(r"^(?:Args|Arguments ?|Returns|Résultat ?|Source ?):|^>>> ", re.MULTILINE)
# A line of a docstring that is set by hand: aligned formulas, tables of numbers.
_ALIGNED = re.compile(r"^(?:.*\S {3,}\S.*| .*\S {2,}\S.*|.* = .*\S {2,}\S.*)$", re.MULTILINE)
_ADDRESS = re.compile(r"https?://[^\s)>]+")
_ARGUMENT = re.compile(r"^ {4,8}[\w*().,\s]*?\b\w+ ?:(?= )", re.MULTILINE)
# Code that stands in a docstring or a message without marks: d_model, torch.nn, f(x), x=1, (B, T), a[0], --option.
_NAKED = re.compile(
    r"""(?<![\w«])(?:
        \w[\w.]*\([^()]*["=][^()]*\)
      | --?[a-z][\w-]+
      | [\w.]*_\w[\w.]*(?:\(\))?
      | \.[a-z]{2,5}\b
      | [A-Za-z]\w*(?:\.[a-z_]\w*)+(?:\(\))?
      | (?:torch|nn|np|transformers)(?:\.\w+)+
      | \w+\((?:[^()\s]*|\w+(?:,\ \w+)+)\)
      | \w+=[^\s,;)]+
      | \w+\[[^\]]*\]
      | \[[A-Z]+\]
      | '[^'\s]+'(?!\w)
      | <[a-z]+>
      | \{[^{}]*\}
      | \w+\^\S+
      | \((?:[\w.−]+,\ )+[\w.−]+,?\)
    )""",
    re.VERBOSE,
)


_EMPHASIS = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]+?)(?<=[^\s*])\*(?![\w*])")
_MARKS = re.compile(r"\*\*|^#+ |^ *[-*] |^ *\d+\. |^> ?", re.MULTILINE)
OPEN, CLOSE = "\x02", "\x03"  # around what Markdown sets in italics


def cleaned(text: str) -> str:
    """A text with holes for code, formulas and addresses, and without the marks of Markdown."""
    said = _DOCTEST.sub("", _FENCE.sub("", text))
    said = re.sub(r"(?<=\n\n)(?: {4}\S.*\n)+(?=\n)", "", said) if said.startswith("# ") else said
    for pattern in (_CODE, _MATH, _ADDRESS):
        said = pattern.sub(HOLE, said)
    said = _LINK.sub(r"\1", said)
    said = re.sub(r"</summary>|<li>|</?t[rdh]>", "\n\n", said)
    said = _TAG.sub("", said)
    if _DOCSTRING.search(text):
        said = _ARGUMENT.sub("", _ALIGNED.sub("", said))
    said = _NAKED.sub(HOLE, said)
    said = _MARKS.sub("", said)
    return _EMPHASIS.sub(rf"{OPEN}\1{CLOSE}", said)


def paragraphs(text: str) -> list[str]:
    """The pieces of prose of a text, each on one line."""
    text = re.sub(r"^(?= *(?:[-*]|\d+\.) )", "\n", text, flags=re.MULTILINE)
    text = re.sub(r"^ *\|[-:| ]+\|$", "", text, flags=re.MULTILINE)
    text = re.sub(r"^ *\|.*\|$", _cells, text, flags=re.MULTILINE)
    joined = (re.sub(r"\s*\n\s*", " ", piece).strip() for piece in re.split(r"\n\s*\n", cleaned(text)))
    return [piece for piece in joined if piece]


def _cells(row: re.Match) -> str:
    return "\n\n".join(cell.strip() for cell in row.group().split("|"))


_LETTERS = "A-Za-zÀ-ÖØ-öø-ÿŒœ"
WORD = re.compile(rf"(?<!\w)[{_LETTERS}]+(?:['-][{_LETTERS}]+)*(?!\w)")


def _words(text: str) -> set[str]:
    return set(WORD.findall(cleaned(text)))
