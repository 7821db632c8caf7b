"""A class of made-up submissions: the reference, the untouched release, each catalogued answer."""

from __future__ import annotations

import ast
import copy
import inspect
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from attentif.errors import InputError
from attentif_grading.contracts import load_course
from attentif_grading.exercises import Exercise, load_exercise
from attentif_grading.names import defined_names, needed_names
from attentif_grading.solutions import without_marks
from attentif_grading.strip import definition

Notebooks = dict[str, NotebookNode]


@dataclass(frozen=True)
class Submission:
    """What one made-up student hands in.

    Args:
        student: the student's identifier.
        kind: reference, untouched, misconception or variant.
        notebooks: by name, without .ipynb.
        exercise, implementation: where a catalogued answer stands in for the reference, and which.
    """

    student: str
    kind: str
    notebooks: Notebooks
    exercise: str | None = None
    implementation: str | None = None


def released(built: Path, language: str) -> Notebooks:
    """The students' notebooks as they are handed out.

    Raises:
        InputError: nothing is built.
    """
    return _read(built / "notebooks" / language)


def solved(home: Path, built: Path, language: str) -> Notebooks:
    """The students' notebooks with the reference's solutions written in; manual questions left blank."""
    sources = _read(built / "grading" / "source" / load_course(home).assignments[language])
    notebooks = released(built, language)
    for name, notebook in notebooks.items():
        answers = {cell.id: cell.source for cell in sources[name].cells if _is_solution(cell)}
        for cell in notebook.cells:
            if _is_solution(cell):
                cell.source = without_marks(answers[cell.id])
    return notebooks


def with_implementation(notebooks: Notebooks, exercise: Exercise, function: Callable) -> Notebooks:
    """A copy of solved notebooks in which a catalogued implementation stands in for the reference."""
    notebooks = copy.deepcopy(notebooks)
    write_implementation(notebooks, exercise, function)
    return notebooks


def write_implementation(notebooks: Notebooks, exercise: Exercise, function: Callable) -> None:
    """Put a catalogued implementation in the place of the reference.

    Raises:
        InputError: no solution cell of the exercise.
    """
    for notebook in notebooks.values():
        for cell in notebook.cells:
            if _is_solution(cell) and cell.metadata.attentif.name == exercise.name:
                cell.source = implementation_source(cell.source, exercise, function)
                return
    raise InputError(
        expected=f"a solution cell of {exercise.name}",
        got="none",
        remedy="select it in course.toml and build",
    )


def implementation_source(reference: str, exercise: Exercise, function: Callable) -> str:
    """The cell of a student who wrote `function`: for a class, the reference with this method in it.

    Imports and helpers of the catalogue's file that the function uses come first.
    """
    if any(name != "__class__" for name in function.__code__.co_freevars):
        raise InputError(
            expected=f"{function.__name__} of {exercise.name} to stand by itself",
            got=f"a function that closes over {', '.join(function.__code__.co_freevars)}",
            remedy="write it at the top level of its file",
        )
    written = ast.parse(exercise.source_of(function))
    needed = _helpers(function, written)
    # Cells share their names: a helper that another exercise's has too would take its place.
    own = {
        name: f"{name}_of_{exercise.name}"
        for statement in needed
        if not isinstance(statement, ast.Import | ast.ImportFrom)
        for name in defined_names(statement)
        if name != exercise.name
    }
    helpers = [ast.unparse(Renamed(own).visit(statement)) for statement in needed]
    written = Renamed(own).visit(written)
    if exercise.contract.method is None:
        return "\n\n".join([*helpers, ast.unparse(written)])
    tree = ast.parse(reference)
    owner = definition(tree, exercise.name)
    place = owner.body.index(definition(tree, exercise.contract.body[0]))
    owner.body[place] = written.body[0]
    return "\n\n".join([*helpers, ast.unparse(tree)])


def sample_class(
    home: Path,
    built: Path,
    language: str,
    exercises: Iterable[str],
    variants: bool = True,
    brief: bool = False,
) -> list[Submission]:
    """The reference, the untouched release, and one submission for each misconception and variant.

    Args:
        home: the course's repository.
        built: where `attentif-grading build` wrote.
        language: of the notebooks.
        exercises: whose catalogues to take.
        variants: whether accepted variants are among them.
        brief: whether a catalogued answer comes in its own notebook alone, without training and figure
            cells, which divides the time by three; nbgrader then gives 0 to the other notebook.
    """
    reference = solved(home, built, language)
    made = [
        Submission("reference", "reference", reference),
        Submission("untouched", "untouched", released(built, language)),
    ]
    for name in exercises:
        exercise = load_exercise(name)
        answers = [("misconception", m.name, m.function) for m in exercise.misconceptions]
        answers += [("variant", v.name, v.function) for v in exercise.variants] if variants else []
        for kind, answer, function in answers:
            notebooks = with_implementation(reference, exercise, function)
            if brief:
                notebooks = {stem: shortened(nb) for stem, nb in notebooks.items() if nb != reference[stem]}
            made.append(Submission(f"{name}.{answer}", kind, notebooks, name, answer))
    return made


def shortened(notebook: NotebookNode) -> NotebookNode:
    """The notebook without the cells on which no mark depends."""
    idle = ("training", "figure")
    notebook.cells = [cell for cell in notebook.cells if cell.metadata.attentif.get("role") not in idle]
    return notebook


def _helpers(function: Callable, written: ast.Module) -> list[ast.stmt]:
    """Top-level statements of the function's file that it needs, in order."""
    file = ast.parse(inspect.getsource(sys.modules[function.__module__]))
    definers: dict[str, list[ast.stmt]] = {}
    for statement in file.body:
        if not _is_staff_import(statement):
            for name in defined_names(statement):
                definers.setdefault(name, []).append(statement)
    wanted, seen, chosen = needed_names(written), set(), set()
    while wanted:  # a helper may need others, which stand above it or below
        name = wanted.pop()
        seen.add(name)
        for statement in definers.get(name, []):
            chosen.add(statement)
            wanted |= needed_names(statement) - seen
    return [statement for statement in file.body if statement in chosen]


class Renamed(ast.NodeTransformer):
    """Other names for what is defined at the top; where a function has an argument of that name, it keeps its own."""

    def __init__(self, names: dict[str, str]):
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        """A use, or an assignment."""
        node.id = self.names.get(node.id, node.id)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        """A class and what is in it."""
        node.name = self.names.get(node.name, node.name)
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """A function and what is in it."""
        node.name = self.names.get(node.name, node.name)
        return self._with_arguments(node)

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        """A function without a name."""
        return self._with_arguments(node)

    def _with_arguments(self, node: ast.FunctionDef | ast.Lambda) -> ast.FunctionDef | ast.Lambda:
        # Defaults are read outside.
        node.args.defaults = [self.visit(each) for each in node.args.defaults]
        node.args.kw_defaults = [each and self.visit(each) for each in node.args.kw_defaults]
        taken = {argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg)}
        before = self.names
        self.names = {name: new for name, new in before.items() if name not in taken}
        try:
            return self.generic_visit(node)
        finally:
            self.names = before


def _is_staff_import(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and (statement.module or "").split(".")[0] in (
        "attentif_grading",
        "__future__",
    )


def _is_solution(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and bool(cell.metadata.get("nbgrader", {}).get("solution"))


def _read(folder: Path) -> Notebooks:
    paths = sorted(folder.glob("*.ipynb"))
    if not paths:
        raise InputError(
            expected=f"built notebooks in {folder}", got="none", remedy="run `attentif-grading build`"
        )
    return {path.stem: nbformat.read(path, as_version=4) for path in paths}
