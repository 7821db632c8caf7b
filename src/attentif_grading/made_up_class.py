"""A made-up class as a real one is: everyone has answered some exercises well, others wrongly, others not at all.

The mark that each answer deserves is known from the catalogue, however large the class, and the first students are
the same in a class of any size. Marks and speed of graders are compared on it.
"""

from __future__ import annotations

import base64
import copy
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from statistics import NormalDist, mean

import nbformat
from nbformat import NotebookNode

from attentif.errors import InputError
from attentif_grading.contracts import load_contracts, load_course
from attentif_grading.exercises import load_exercise
from attentif_grading.notebooks import write_notebook, written_exercises
from attentif_grading.packed_class import Answer, catalogue, mark_of
from attentif_grading.sample_class import (
    Notebooks,
    Submission,
    implementation_source,
    released,
    solved,
)

UNWRITTEN, WRONG, RIGHT = 0.20, 0.25, 0.55  # shares of all answers
VARIANTS = 0.4  # of the right answers; the others are the reference's
ENGLISH, COLAB, SCRATCH = 0.25, 0.5, 0.3  # of the students
# How much of a result is the student's ability; the rest is the day's.
_ABILITY = 0.7
_HARDER = 0.25  # standard deviations for each step of difficulty
REFERENCE = Answer("reference", None, right=True)
_NOTES = (
    "x = torch.arange(12.0).reshape(3, 4)\nx.mean(-1), x.std(-1)",
    "for i in range(3):\n    print(i, 10**-i)",
    "print(sorted(name for name in globals() if not name.startswith('_'))[:10])",
)


@dataclass(frozen=True)
class MadeUp:
    """A made-up student.

    Args:
        submission: what is handed in.
        language: of the notebooks.
        answers: exercise → the catalogued answer that is given; None where the cell is left as it was.
    """

    submission: Submission
    language: str
    answers: dict[str, Answer | None]

    @property
    def marks(self) -> dict[str, float]:
        """What each exercise is worth by the catalogue: by the checks run directly, with known-good parts."""
        return {name: _worth(name, answer) for name, answer in self.answers.items()}


def made_up_class(
    home: Path, built: Path, students: int, seed: int = 2026, english: float = ENGLISH
) -> Iterator[MadeUp]:
    """Students with both notebooks, one after the other; each is the same in a class of any size.

    Whether an answer is right depends on the student's ability and on the exercise's difficulty. Notebooks hold
    outputs, a written report and, some of them, cells of the student's own and what Colab leaves in a file. No two
    written cells are equal letter by letter, so that no grader can take one student's verdict for another's.

    Args:
        home: the course's repository.
        built: where its build wrote.
        students: how many.
        seed: another one makes another class.
        english: the share of students who hand in the English notebooks.

    Raises:
        InputError: nothing is built, or no student is asked for.
    """
    if students < 1:
        raise InputError(expected="at least 1 student", got=f"{students}", remedy="raise it")
    sources = {
        language: (released(built, language), solved(home, built, language)) for language in ("fr", "en")
    }
    exercises = written_exercises(home)
    for number in range(1, students + 1):
        random = Random(f"{seed}/{number}")
        language = "en" if random.random() < english else "fr"
        blank, full = sources[language]
        answers = _answers(random, exercises)
        notebooks = _written(random, f"{number:04}", language, blank, full, answers)
        yield MadeUp(Submission(f"student{number:04}", "made up", notebooks), language, answers)


def hand_in(students: Iterable[MadeUp], home: Path, folder: Path) -> None:
    """Write what students hand in as nbgrader's folder of submissions: STUDENT/ASSIGNMENT/NOTEBOOK.ipynb."""
    assignments = load_course(home).assignments
    for each in students:
        for name, notebook in each.submission.notebooks.items():
            place = folder / each.submission.student / assignments[each.language] / f"{name}.ipynb"
            write_notebook(notebook, place)


def _answers(random: Random, exercises: Iterable[str]) -> dict[str, Answer | None]:
    contracts, exercises = load_contracts(), list(exercises)
    usual = mean(contracts[name].difficulty for name in exercises)
    ability, rest = random.gauss(0, _ABILITY), (1 - _ABILITY**2) ** 0.5
    bounds = [NormalDist().inv_cdf(share) for share in (UNWRITTEN, UNWRITTEN + WRONG)]
    answers: dict[str, Answer | None] = {}
    for name in exercises:
        result = ability + random.gauss(0, rest) - _HARDER * (contracts[name].difficulty - usual)
        if result < bounds[0]:
            answers[name] = None
        elif result < bounds[1]:
            answers[name] = random.choice(_catalogued(name, right=False))
        elif random.random() < VARIANTS:
            answers[name] = random.choice(_catalogued(name, right=True) or (REFERENCE,))
        else:
            answers[name] = REFERENCE
    return answers


def _written(
    random: Random,
    number: str,
    language: str,
    blank: Notebooks,
    full: Notebooks,
    answers: dict[str, Answer | None],
) -> Notebooks:
    notebooks = {}
    colab, scratch = random.random() < COLAB, random.random() < SCRATCH
    for stem, notebook in blank.items():
        solutions = {cell.id: cell.source for cell in full[stem].cells}
        notebook = copy.deepcopy(notebook)
        for cell in notebook.cells:
            name = cell.metadata.attentif.get("exercise")
            if cell.metadata.attentif.get("role") == "definition" and answers.get(name) is not None:
                code = _source(language, name, answers[name], solutions[cell.id])
                cell.source = f"# {name}, {number}\n{code}"
            elif _is_report(cell):
                cell.source = _report(random, number, language)
            _show(random, cell)
        if scratch:
            _add_notes(random, notebook, number)
        if colab:
            _as_colab_saves(notebook, stem)
        notebooks[stem] = notebook
    return notebooks


@cache
def _catalogued(name: str, right: bool) -> tuple[Answer, ...]:
    return tuple(answer for answer in catalogue(name) if answer.right is right)


@cache
def _implemented(language: str, name: str, function: Callable, reference: str) -> str:
    return implementation_source(reference, load_exercise(name), function)


def _source(language: str, name: str, answer: Answer, reference: str) -> str:
    if answer.function is None:
        return reference
    return _implemented(language, name, answer.function, reference)


@cache
def _mark_of(name: str, function: Callable) -> float:
    return mark_of(name, function)


def _worth(name: str, answer: Answer | None) -> float:
    if answer is None:
        return 0.0
    return load_contracts()[name].points if answer.right else _mark_of(name, answer.function)


def _is_report(cell: NotebookNode) -> bool:
    about = cell.metadata.get("nbgrader", {})
    return bool(about.get("grade") and about.get("solution"))


def _report(random: Random, number: str, language: str) -> str:
    sentences = {
        "fr": (
            "La perte baisse vite, puis lentement.",
            "Le masque cache les mots suivants.",
            "L'écart est petit.",
        ),
        "en": ("The loss falls fast, then slowly.", "The mask hides later words.", "The gap is small."),
    }[language]
    return f"{number}. " + " ".join(random.choices(sentences, k=random.randint(3, 12)))


def _show(random: Random, cell: NotebookNode) -> None:
    """What a cell has shown when the student ran it."""
    role = cell.metadata.attentif.get("role")
    if cell.cell_type != "code":
        return
    if role == "figure":
        cell.outputs = [
            nbformat.v4.new_output("display_data", data={"image/png": _picture(random.randrange(8))})
        ]
    elif role == "training":
        steps = "".join(f"step {step}: loss {5 / (1 + step / 200):.3f}\n" for step in range(0, 2000, 50))
        cell.outputs = [nbformat.v4.new_output("stream", name="stderr", text=steps)]
    elif role == "check":
        cell.outputs = [nbformat.v4.new_output("execute_result", data={"text/plain": "1.0"})]


@cache
def _picture(number: int) -> str:
    """A curve in PNG, about as large as those of the notebooks."""
    from matplotlib.figure import Figure

    random, figure = Random(number), Figure(figsize=(6, 4))
    figure.subplots().plot([random.random() + 5 / (1 + step) for step in range(400)])
    content = io.BytesIO()
    figure.savefig(content, format="png")
    return base64.b64encode(content.getvalue()).decode()


def _add_notes(random: Random, notebook: NotebookNode, number: str) -> None:
    for place in sorted(random.sample(range(2, len(notebook.cells)), k=2), reverse=True):
        note = f"# {number}\n{random.choice(_NOTES)}"
        notebook.cells.insert(place, nbformat.v4.new_code_cell(note, id=f"note{place}", metadata={}))


def _as_colab_saves(notebook: NotebookNode, stem: str) -> None:
    """Colab's own metadata; it writes format 4.0, in which cells have no identifier of their own."""
    notebook.nbformat_minor = 0
    notebook.metadata.update({"colab": {"provenance": [], "name": f"{stem}.ipynb"}, "gpuClass": "standard"})
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {}}
    for cell in notebook.cells:
        cell.metadata["id"] = cell.pop("id")
        if cell.cell_type == "code":
            cell.metadata["colab"] = {"base_uri": "https://localhost:8080/"}
