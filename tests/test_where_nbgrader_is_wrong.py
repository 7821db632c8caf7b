"""Honest submissions that plain nbgrader marks wrongly, and the confined grader for what they are; see docs/grading.md."""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Callable

import nbformat
import pytest
from built_course import built_course
from nbformat import NotebookNode

from attentif_grading.contracts import load_contracts, load_course
from attentif_grading.nbgrader_course import generate, open_course, write_settings
from attentif_grading.notebooks import write_notebook, written_exercises
from attentif_grading.places import course_home
from attentif_grading.plain_parallel import grade_side_by_side
from attentif_grading.same_marks import grade_confined, gradebook_marks
from attentif_grading.sample_class import Submission, shortened, solved

HOME = course_home()
STEM = load_course(HOME).notebooks[0].file["fr"]
CONTRACTS = load_contracts(HOME)
WRITTEN = [n for n in written_exercises(HOME) if n in load_course(HOME).notebooks[0].exercises]
FULL = {name: CONTRACTS[name].points for name in WRITTEN}


def cell_of(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    return next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def after(notebook: NotebookNode, grade_id: str, source: str) -> None:
    place = notebook.cells.index(cell_of(notebook, grade_id))
    notebook.cells.insert(place + 1, nbformat.v4.new_code_cell(source, id=f"own{place}"))


def ended(notebook):
    cell_of(notebook, "causal_mask").source = "import os\n\ndef causal_mask(length):\n    os._exit(0)"


def copied(notebook):
    cell = copy.deepcopy(cell_of(notebook, "padding_mask"))
    cell.id = "copied"
    notebook.cells.append(cell)


def renamed(notebook):
    cell_of(notebook, "causal_mask_hidden").metadata.nbgrader.grade_id = "causal_mask_hidden-copy1"


def without_metadata(notebook):
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({})


def deleted(notebook):
    notebook.cells.remove(cell_of(notebook, "perplexity_hidden"))


def colab_in_the_cell(notebook):
    cell = cell_of(notebook, "sinusoidal_encoding")
    cell.source = "from google.colab import drive\ndrive.mount('/content/drive')\n\n" + cell.source


def helper_below(notebook):
    cell = cell_of(notebook, "warmup_cosine")
    helper = cell.source.replace("def warmup_cosine(", "def at_step(")
    cell.source = "def warmup_cosine(*args, **kwargs):\n    return at_step(*args, **kwargs)"
    after(notebook, "sample_next_token_hidden", helper)


def mended_below(notebook):
    cell = cell_of(notebook, "perplexity")
    after(notebook, "sample_next_token_hidden", cell.source)
    cell.source = "def perplexity(*args, **kwargs):\n    return 0.0"


def math_renamed(notebook):
    after(notebook, "scaled_dot_product_attention_hidden", "math = 20  # ma note")


# Damage, and the exercises that it honestly costs. The file's name is damage too.
DAMAGE: dict[str, tuple[Callable[[NotebookNode], None], set[str]]] = {
    "ended": (ended, {"causal_mask"}),
    "copied": (copied, set()),
    "renamed": (renamed, set()),
    "without_metadata": (without_metadata, set()),
    "deleted": (deleted, set()),
    "colab_in_the_cell": (colab_in_the_cell, set()),
    "helper_below": (helper_below, set()),
    "mended_below": (mended_below, set()),
    "math_renamed": (math_renamed, set()),
    "file_name": (lambda notebook: None, set()),
}
HONEST = {name: FULL | dict.fromkeys(lost, 0.0) for name, (_, lost) in DAMAGE.items()}


def reference() -> NotebookNode:
    return shortened(solved(HOME, built_course()[0], "fr")[STEM])


def submissions() -> list[Submission]:
    """The reference's first notebook, with one kind of damage each."""
    notebook, made = reference(), []
    for name, (damage, _) in DAMAGE.items():
        mine = copy.deepcopy(notebook)
        damage(mine)
        made.append(Submission(name, "damaged", {f"{STEM} (1)" if name == "file_name" else STEM: mine}))
    return made


def marks_of(graded, student: str) -> dict[str, float]:
    marks = graded.by_exercise(student)
    return {name: marks.get(name, (0.0, 0.0))[0] for name in WRITTEN}


def test_the_confined_grader_gives_the_honest_mark(tmp_path):
    built, _ = built_course()
    # Harmless to both graders: what a cell below takes from the library under this name is empty there.
    imported_below = reference()
    after(
        imported_below,
        "sample_next_token_hidden",
        "from attentif.decoding import generate, sample_next_token",
    )
    harmless = Submission("imported_below", "harmless", {STEM: imported_below})
    graded = grade_confined(HOME, {"fr": [*submissions(), harmless]}, tmp_path / "class", built)
    assert {name: marks_of(graded, name) for name in DAMAGE} == HONEST
    assert marks_of(graded, "imported_below") == FULL


@pytest.mark.slow
def test_plain_nbgrader_does_not(tmp_path):
    built, _ = built_course()
    graded = grade_side_by_side(HOME, "fr", submissions(), tmp_path / "class", built, feedback=False)
    wrong = {name for name in DAMAGE if marks_of(graded, name) != HONEST[name]}
    assert wrong == set(DAMAGE)
    # A crash, a copied or a renamed cell: nothing of the submission is marked, what was right before included.
    assert {"ended", "copied", "renamed"} <= set(graded.failed)
    lost = {name: {e for e in WRITTEN if marks_of(graded, name)[e] < FULL[e]} for name in DAMAGE}
    assert lost["without_metadata"] == lost["ended"] == lost["copied"] == set(WRITTEN)
    assert lost["deleted"] == lost["mended_below"] == {"perplexity"}
    assert lost["colab_in_the_cell"] == {"sinusoidal_encoding"} and lost["helper_below"] == {"warmup_cosine"}
    used = {"sinusoidal_encoding", "warmup_cosine", "training_step", "perplexity"}
    assert lost["math_renamed"] == used


@pytest.mark.slow
def test_one_copied_cell_ends_plain_nbgrader_for_everyone_after_it(tmp_path):
    built, _ = built_course()
    assignment = load_course(HOME).assignments["fr"]
    damaged = {each.student: each.notebooks[STEM] for each in submissions() if each.student != "file_name"}
    # The mark of "deleted" is not what counts here, but that it has one.
    for student, kind in {"anna": "deleted", "berta": "copied", "clara": "deleted"}.items():
        write_notebook(damaged[kind], tmp_path / "submitted" / student / assignment / f"{STEM}.ipynb")
    with open_course(HOME, tmp_path, built) as api:
        generate(api, built / "grading" / "source", [assignment])
    write_settings(HOME, tmp_path, built)
    command = [sys.executable, "-m", "nbgrader", "autograde", assignment]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode != 0
    graded = {mark.student for mark in gradebook_marks(HOME, tmp_path / "gradebook.db", ["fr"]) if mark.score}
    assert graded == {"anna"}
