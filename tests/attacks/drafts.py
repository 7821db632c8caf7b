"""Notebooks in the making: the released ones, some exercises answered, some attacked."""

from __future__ import annotations

import copy
import json
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat

from attentif_grading.contracts import load_contracts, load_course
from attentif_grading.sample_class import released, solved

from .adversary import Adversary

Cell = dict[str, Any]
LANGUAGES = ("fr", "en")
# What is answered rightly beside an attack: quick to judge, and each in another way.
BESIDE = ("causal_mask", "perplexity", "calibration")
_WHOLE = "#: the whole cell\n"
_STUB = re.compile(r"^([ \t]*)#[^\n]*\n[ \t]*raise NotImplementedError\(\)[ \t]*$", re.MULTILINE)


class Handout:
    """What students were given, and what the reference answers.

    Args:
        home, built: see `adversarial_class`.
        out: where the grader will write.
    """

    def __init__(self, home: Path, built: Path, out: Path):
        self.home, self.built, self.out = home, built, out
        course = load_course(home)
        self.exercises = {
            notebook.number: tuple(name for name in notebook.exercises) for notebook in course.notebooks
        }
        self.names = {
            (n.number, language): n.file[language] for n in course.notebooks for language in LANGUAGES
        }
        self.points = {name: load_contracts(home)[name].points for name in course.exercises}
        self._turn = 0

    @cached_property
    def _released(self) -> dict[tuple[int, str], Cell]:
        return self._plain(lambda language: released(self.built, language))

    @cached_property
    def _solved(self) -> dict[tuple[int, str], Cell]:
        return self._plain(lambda language: solved(self.home, self.built, language))

    def _plain(self, notebooks_in: Callable) -> dict[tuple[int, str], Cell]:
        found = {}
        for language in LANGUAGES:
            notebooks = notebooks_in(language)
            for (number, other), name in self.names.items():
                if other == language:
                    notebook = json.loads(nbformat.writes(notebooks[name]))
                    for cell in notebook["cells"]:
                        cell["source"] = "".join(cell["source"])
                    found[number, language] = notebook
        return found

    def next_language(self) -> str:
        """French and English in turn."""
        self._turn += 1
        return LANGUAGES[self._turn % 2]

    def number_of(self, exercise: str) -> int:
        """The notebook that an exercise belongs to."""
        return next(number for number, names in self.exercises.items() if exercise in names)

    def draft(self, number: int, language: str, right: Iterable[str] = ()) -> Draft:
        """A released notebook in which these exercises are answered as the reference does."""
        notebook = copy.deepcopy(self._released[number, language])
        draft = Draft(notebook, self.names[number, language])
        answers = {name_of(cell): cell["source"] for cell in self._solved[number, language]["cells"]}
        for name in right:
            draft.answer(name, answers[name])
        return draft

    def reference(self, exercise: str, language: str) -> str:
        """The reference's answer, as the source of a cell."""
        cells = self._solved[self.number_of(exercise), language]["cells"]
        return next(cell["source"] for cell in cells if name_of(cell) == exercise)

    def stub(self, exercise: str, language: str) -> str:
        """The released cell."""
        cells = self._released[self.number_of(exercise), language]["cells"]
        return next(cell["source"] for cell in cells if name_of(cell) == exercise)

    def with_body(self, exercise: str, language: str, body: str) -> str:
        """The released cell with this body written in it."""
        return _STUB.sub(
            lambda match: textwrap.indent(textwrap.dedent(body).strip(), match[1]),
            self.stub(exercise, language),
        )

    def adversary(
        self,
        student: str,
        family: str,
        number: int,
        what: str,
        bodies: Mapping[str, str],
        first: str = "",
        beside: Iterable[str] | None = BESIDE,
        honest: Mapping[str, float] | None = None,
        last: str = "",
        language: str | None = None,
        change: Callable[[Draft], None] | None = None,
        silent: tuple[str, ...] = (),
    ) -> Adversary:
        """A submission that attacks some exercises and answers others rightly.

        Args:
            bodies: exercise → the body that is written in its released cell, or a whole `cell`.
            first, last: cells of the student's own, after the set-up and at the end of each notebook.
            beside: what is answered rightly besides, in the notebooks that are attacked.
            honest: the fair mark of attacked exercises, where it is not 0.
            change: done to each notebook at the end.
        """
        language = language or self.next_language()
        numbers = sorted({self.number_of(exercise) for exercise in bodies} or {1, 2})
        right = [each for each in beside or () if each not in bodies and self.number_of(each) in numbers]
        marks = {each: self.points[each] for each in right} | dict(honest or {})
        written = {}
        for which in numbers:
            draft = self.draft(which, language, [each for each in right if self.number_of(each) == which])
            for exercise, body in bodies.items():
                if self.number_of(exercise) == which:
                    whole = body.startswith(_WHOLE)
                    source = body.removeprefix(_WHOLE) if whole else self.with_body(exercise, language, body)
                    draft.answer(exercise, source)
            if first:
                draft.insert_first(textwrap.dedent(first))
            if last:
                draft.append(textwrap.dedent(last))
            if change:
                change(draft)
            written[f"{student}/{draft.name}.ipynb"] = draft.file()
        return Adversary(student, family, number, what, language, written, tuple(bodies), marks, silent)

    def all_right(self, number: int, language: str) -> Draft:
        """A notebook with every exercise answered as the reference does."""
        return self.draft(number, language, self.exercises[number])


class Draft:
    """A notebook in the making.

    Args:
        notebook: plain JSON with each source one text; it is changed.
        name: of its file, without .ipynb.
    """

    def __init__(self, notebook: Cell, name: str):
        self.notebook, self.name = notebook, name

    @property
    def cells(self) -> list[Cell]:
        """The cells."""
        return self.notebook["cells"]

    def cell(self, name: str) -> Cell:
        """The cell of this name, or that in which this exercise is written."""
        return next(cell for cell in self.cells if name_of(cell) == name)

    def answers(self) -> list[Cell]:
        """The cells in which exercises are written."""
        return [
            cell
            for cell in self.cells
            if cell["metadata"].get("nbgrader", {}).get("solution") and is_code(cell)
        ]

    def answer(self, exercise: str, source: str) -> None:
        """Write the cell of an exercise."""
        self.cell(exercise)["source"] = source

    def insert_first(self, source: str) -> None:
        """A cell of one's own after the set-up."""
        self.cells.insert(self.cells.index(self.cell("setup")) + 1, code(source))

    def append(self, source: str) -> None:
        """A cell of one's own at the end."""
        self.cells.append(code(source))

    def above(self, exercise: str, source: str) -> None:
        """A cell of one's own above the answer to an exercise."""
        self.cells.insert(self.cells.index(self.cell(exercise)), code(source))

    def file(self) -> bytes:
        """The content of the file."""
        return json.dumps(self.notebook).encode()


def name_of(cell: Cell) -> str | None:
    """The name that the build gave to a cell."""
    return cell["metadata"].get("attentif", {}).get("name")


def is_code(cell: Cell) -> bool:
    """Whether it is a cell of code."""
    return cell["cell_type"] == "code"


def code(source: str, **more: Any) -> Cell:
    """A cell of the student's own."""
    return {
        "cell_type": "code",
        "metadata": {},
        "source": source,
        "outputs": [],
        "execution_count": None,
        **more,
    }


def markdown(source: str) -> Cell:
    """A text of the student's own."""
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def cell(source: str) -> str:
    """In place of a body: the whole cell of an exercise."""
    return _WHOLE + textwrap.dedent(source)


def same(exercises: Iterable[str], body: str) -> dict[str, str]:
    """The same body for several exercises."""
    return dict.fromkeys(exercises, body)
