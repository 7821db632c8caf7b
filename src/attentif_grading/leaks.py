"""What must never reach students, and the three rules by which a release is refused.

1. Stub. In the wheel of the tree, the body of every exercise that students write is the statement that
   `strip_source` puts there; in its notebooks, every solution cell holds nbgrader's stub.
2. Canary. No file of the tree or of its wheel contains a mark of the staff side (`MARKS`), bears the name of
   one of its files, or has the content of one.
3. Copy. No file of the tree or of its wheel contains a run of ten consecutive tokens of a secret body.
   Secret bodies are those of the exercises that students write, and of every function in a hidden.py, a
   misconceptions.py and a variants.py; signatures, docstrings, decorators and what stands at the top of a
   module are no part of them. The wrong answers of an outside.py give nothing away: rule 2 alone guards that file. Tokens are names, numbers and operators; comments, strings and layout are
   dropped. In files of the tree, comments, strings and prose are searched too.
   A run is no secret if it also stands in the given library: src/attentif of this repository, stripped here
   and now (so a constructor, a rescue part, a public check or a deselected exercise may resemble a secret).
   That allowance comes from the repository and never from the tree under examination, and it has a limit:
   when more than half of the runs of a solution stand in the given library, the library itself gives the
   solution away, and the release is refused. Bodies of fewer than ten tokens have no run; rule 1 alone guards
   them. Notebooks have no allowance: a cell that a solution resembles must be written differently.
"""

from __future__ import annotations

import ast
import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from attentif_grading import CANARY
from attentif_grading.contracts import Contract, load_contracts
from attentif_grading.exercises import exercise_folder, exercises_in_chain
from attentif_grading.names import parse_cell
from attentif_grading.notebooks import written_exercises
from attentif_grading.solutions import solution_body
from attentif_grading.strip import body_statements, definition, is_stub, strip_source
from attentif_grading.tokens import Run, code_tokens, function_bodies, runs, text_runs

MARKS = (CANARY, "attentif_grading", "grade_hidden", "BEGIN SOLUTION", "BEGIN HIDDEN TESTS", "ATTENTIF_SALT")
STAFF_FILES = (
    "hidden.py",
    "misconceptions.py",
    "variants.py",
    "outside.py",
    "gradebook.db",
    "contracts.toml",
    "rubric.toml",
    "rubric.fr.md",
    "rubric.en.md",
)
_TEXT = {".py", ".ipynb", ".json", ".md", ".txt", ".toml", ".csv", ".html", ".yml", ".yaml", ".cfg", ""}


@dataclass(frozen=True)
class Leak:
    """Something of the staff side in a file for students.

    Args:
        rule: stub, canary or copy.
        file: in the tree; for the wheel, WHEEL!FILE.
        what: what was found there.
    """

    rule: str
    file: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}: {self.what} ({self.rule})"


@dataclass(frozen=True)
class StaffSide:
    """What must not be found, computed once from the repository.

    Args:
        contracts: the exercises whose bodies must be stubs.
        secret: run → what it belongs to.
        hashes: content hash → staff file.
        given_away: leaks of the given library itself.
    """

    contracts: tuple[Contract, ...]
    secret: Mapping[Run, str]
    hashes: Mapping[str, str]
    given_away: tuple[Leak, ...]

    @classmethod
    def of(cls, home: Path) -> StaffSide:
        """The staff side of the course in this repository."""
        contracts = tuple(load_contracts(home)[name] for name in written_exercises(home))
        solutions = dict(_solutions(home, contracts))
        given = _given_runs(home, contracts)
        secret = {run: what for run, what in _secret_runs(solutions).items() if run not in given}
        return cls(contracts, secret, _staff_hashes(home), tuple(_given_away(solutions, given)))


def find_leaks(tree: Path, side: StaffSide) -> list[Leak]:
    """All leaks in a tree for students, one a file, rule and thing that leaks."""
    files = dict(_files(tree))
    secret, staff = side.secret, side.hashes
    leaks = [*_unstubbed(files, side.contracts), *side.given_away]
    for name, content in files.items():
        path = PurePosixPath(name.rpartition("!")[2])
        if path.name in STAFF_FILES or "attentif_grading" in path.parts:
            leaks.append(Leak("canary", name, "a file of the staff side, by its name"))
        if hashlib.sha256(content).hexdigest() in staff:
            leaks.append(Leak("canary", name, f"the content of {staff[hashlib.sha256(content).hexdigest()]}"))
        leaks += [Leak("canary", name, f"the mark {mark!r}") for mark in MARKS if mark.encode() in content]
        if path.suffix in _TEXT:
            found = text_runs(path, content.decode("utf-8", "replace")) & secret.keys()
            leaks += [
                Leak("copy", name, f"code of {what}") for what in sorted({secret[run] for run in found})
            ]
    return leaks


def _files(tree: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of the tree, and every file inside its wheels, by name."""
    for path in sorted(tree.rglob("*")):
        name = path.relative_to(tree).as_posix()
        if not path.is_file() or name.startswith(".git/"):
            continue
        yield name, path.read_bytes()
        if path.suffix == ".whl":
            with zipfile.ZipFile(path) as wheel:
                yield from ((f"{name}!{inner}", wheel.read(inner)) for inner in wheel.namelist())


def _unstubbed(files: dict[str, bytes], contracts: Iterable[Contract]) -> Iterator[Leak]:
    for name, content in files.items():
        inner = PurePosixPath(name.rpartition("!")[2])
        if inner.suffix == ".ipynb":
            yield from _unstubbed_cells(name, json.loads(content))
        for contract in contracts:
            if inner.suffix == ".py" and inner.parts[-len(contract.file.parts) :] == contract.file.parts:
                tree = ast.parse(content)
                for body in contract.body:
                    if not is_stub(definition(tree, body)):
                        yield Leak("stub", name, f"{body} is written")


def _unstubbed_cells(name: str, notebook: dict) -> Iterator[Leak]:
    for cell in notebook["cells"]:
        about = cell["metadata"].get("nbgrader", {})
        if cell["cell_type"] != "code" or not about.get("solution"):
            continue
        bodies = [n for n in ast.walk(parse_cell("".join(cell["source"]))) if isinstance(n, ast.FunctionDef)]
        stub = "raise NotImplementedError()"
        if not any([ast.unparse(s) for s in body_statements(node)] == [stub] for node in bodies):
            yield Leak("stub", name, f"the solution cell {about['grade_id']} is written")


def _secret_runs(solutions: Mapping[str, str]) -> dict[Run, str]:
    """Each run of a secret body, with what it belongs to."""
    found: dict[Run, str] = {}
    for name in exercises_in_chain():
        for stem in ("hidden", "misconceptions", "variants"):
            path = exercise_folder(name) / f"{stem}.py"
            if path.is_file():
                for function, body in function_bodies(path.read_text(encoding="utf-8")):
                    found |= dict.fromkeys(runs(code_tokens(body)), f"{stem}.py of {name}, {function}")
    for what, body in solutions.items():
        found |= dict.fromkeys(runs(code_tokens(body)), f"the solution of {what}")
    return found


def _solutions(home: Path, contracts: Iterable[Contract]) -> Iterator[tuple[str, str]]:
    for contract in contracts:
        source = (home / "src" / contract.file).read_text(encoding="utf-8")
        yield from ((body, solution_body(source, body)) for body in contract.body)


def _given_runs(home: Path, contracts: Iterable[Contract]) -> dict[Run, str]:
    """Each run of the library as students get it, with its file."""
    given: dict[Run, str] = {}
    for path in sorted((home / "src" / "attentif").rglob("*.py")):
        file = path.relative_to(home / "src")
        source = strip_source(path.read_text(encoding="utf-8"), [c for c in contracts if c.file == file])
        given |= dict.fromkeys(text_runs(file, source), file.as_posix())
    return given


def _given_away(solutions: Mapping[str, str], given: Mapping[Run, str]) -> Iterator[Leak]:
    for what, body in solutions.items():
        own = list(runs(code_tokens(body)))
        shared = [run for run in own if run in given]
        if 2 * len(shared) > len(own):
            yield Leak("copy", given[shared[0]], f"most of the solution of {what}")


def _staff_hashes(home: Path) -> dict[str, str]:
    """Content hash → name of each file that only staff have. Statements and docstrings are for students."""
    folders = (home / "grading" / "exercises", home / "src" / "attentif_grading", home / "grading" / "source")
    paths = [
        path for folder in folders for path in sorted(folder.rglob("*")) if path.suffix in (".py", ".ipynb")
    ]
    return {
        hashlib.sha256(path.read_bytes()).hexdigest(): path.relative_to(home).as_posix() for path in paths
    }
