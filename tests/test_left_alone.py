"""What a student has left as it was handed out is not asked, and never taken for what is written elsewhere."""

from __future__ import annotations

import copy

import nbformat
import pytest

from attentif_grading.grader import judge, workplace
from attentif_grading.grader.assignment import load_assignments
from attentif_grading.grader.left_alone import left_alone
from attentif_grading.grader.reading import read_notebook
from attentif_grading.grader.repair import CodeCell, repair
from attentif_grading.grader.sandbox import choose_sandbox
from attentif_grading.grader.workplace import Settings, Workplace
from attentif_grading.places import course_home

GIVEN = (
    CodeCell("setup", "import torch", "setup", untouched=True),
    CodeCell("one", "def one(): ...", "definition", "one", ("one",), untouched=True),
    CodeCell("two", "def two(): ...", "definition", "two", ("two",), untouched=True),
)


def _mine(source: str, *defines: str) -> CodeCell:
    return CodeCell("cell_9", source, "definition" if defines else "extra", None, defines)


def test_what_was_handed_out_and_is_named_nowhere_is_left_alone():
    assert left_alone(GIVEN) == {"one", "two"}
    assert left_alone((*GIVEN, _mine("model.eval()\nx = ones(3)\nprint(x)"))) == {"one", "two"}


@pytest.mark.parametrize(
    "source",
    [
        "one = lambda: 3",
        "def helper():\n    global one",
        "One = one",
        "print('one')",
        "ｏｎｅ = 3",
    ],
)
def test_what_is_named_elsewhere_is_asked(source):
    assert left_alone((*GIVEN, _mine(source))) == {"two"}


@pytest.mark.parametrize(
    "source",
    [
        "exec(text)",
        "globals()['o' + 'ne'] = f",
        "setattr(module, name, f)",
        "from mine import *",
        "from mine import (*)",
        "import sys\nsys.modules[name]",
        "import builtins",
        "f.__globals__.update(mine)",
        "vars(m)[name] = f",
        "%run mine.py",
        "   !cat x",
        "get_ipython().run_cell(text)",
        "__import__('mine')",
    ],
)
def test_nothing_is_left_alone_where_names_are_reached_otherwise(source):
    assert left_alone((*GIVEN, _mine(source))) == frozenset()


def test_a_written_cell_beside_the_untouched_one_counts():
    assert left_alone((*GIVEN, _mine("def two(): return 3", "two"))) == {"one"}


@pytest.fixture(scope="module")
def here():
    home = course_home()
    found = Workplace(Settings(home, home, "left alone"))
    yield found
    found.close()


@pytest.mark.parametrize("number", [1, 2])
def test_the_verdict_is_the_one_that_asking_would_give(here, number, monkeypatch):
    home = course_home()
    assignment = load_assignments(home, home)[number, "fr"]
    notebook = nbformat.read(home / "notebooks" / "fr" / f"{assignment.file}.ipynb", as_version=4)
    cells = repair(read_notebook(nbformat.writes(copy.deepcopy(notebook)).encode()), assignment).cells
    assert left_alone(cells) == set(assignment.exercises)
    asked = []
    true = judge.judge_exercise
    monkeypatch.setattr(judge, "judge_exercise", lambda *a, **k: asked.append(1) or true(*a, **k))
    kind = choose_sandbox(here, allow_weak=True).kind
    quick, _ = here.judge(cells, assignment.exercises, kind)
    assert not asked
    monkeypatch.setattr(workplace, "left_alone", lambda cells: frozenset())
    slow, _ = here.judge(cells, assignment.exercises, kind)
    assert len(asked) == len(slow) == len(assignment.exercises)
    for one, other in zip(quick, slow, strict=True):
        assert one.to_json() | {"seconds": {}} == other.to_json() | {"seconds": {}}
        assert one.earned() == 0.0 and {check.status for check in one.checks} == {"todo"}
