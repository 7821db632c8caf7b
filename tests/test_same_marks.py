"""The confined grader gives the marks of the catalogue, and those of plain nbgrader."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from itertools import islice

import nbformat
import pytest
from built_course import built_course

from attentif_grading.contracts import load_contracts, load_course
from attentif_grading.exercises import load_exercise
from attentif_grading.grader.students import MAX_IDENTIFIER
from attentif_grading.made_up_class import MadeUp, hand_in, made_up_class
from attentif_grading.names import defined_names
from attentif_grading.notebooks import written_exercises
from attentif_grading.packed_class import compare, differences
from attentif_grading.places import course_home
from attentif_grading.plain import Graded, Mark
from attentif_grading.same_marks import grade_confined, packed_class_in_both
from attentif_grading.sample_class import Renamed, implementation_source
from attentif_grading.solutions import solution_source, without_marks

HOME = course_home()
WRITTEN = written_exercises(HOME)
CONTRACTS = load_contracts(HOME)
# A right one, blank ones, every kind of answer, half-done ones; three of them English.
PACKED = ("reference", "untouched", "packed000", "packed001", "packed012", "half0", "half1")
MADE_UP = 2


@pytest.fixture(scope="module")
def confined(tmp_path_factory):
    """Some of the packed class and of a made-up one, graded together."""
    built, _ = built_course()
    packed = [
        p for p in packed_class_in_both(HOME, built, "fr", again=False) if p.submission.student in PACKED
    ]
    made_up = list(made_up_class(HOME, built, MADE_UP))
    by_language = {"fr": [], "en": []}
    for each in (*packed, *made_up):
        by_language[each.language].append(each.submission)
    assert all(by_language.values())
    folder = tmp_path_factory.mktemp("class") / "confined"
    return packed, made_up, grade_confined(HOME, by_language, folder, built)


def test_confined_marks_are_those_of_the_catalogue(confined):
    packed, _, result = confined
    found = compare(packed, {"attentif": result})
    assert found["unequal"] == found["paid"] == [] and found["failed"] == {}
    assert found["submissions"] == len(PACKED) and found["marks"] == len(PACKED) * len(WRITTEN)
    assert {answer.right for each in packed for answer in each.answers.values()} == {False, True}
    assert {each.language for each in packed} == {"fr", "en"}


def test_helpers_of_two_exercises_have_different_names():
    """Else a student of the packed class, who has an answer to each, would lose one to the other."""
    sources = []
    for name in ("paired_test", "permutation_p_value"):  # both have a helper by_arrays, and at_least
        exercise = load_exercise(name)
        reference = without_marks(solution_source(CONTRACTS[name], "fr", HOME))
        sources.append(implementation_source(reference, exercise, exercise.misconceptions[0].function))
    helpers = [
        {
            name
            for statement in ast.parse(source).body
            if not isinstance(statement, ast.Import | ast.ImportFrom)
            for name in defined_names(statement)
        }
        for source in sources
    ]
    assert "by_arrays_of_paired_test" in helpers[0] and len(helpers[1]) > 1
    assert not helpers[0] & helpers[1]
    assert "gaps_of_permutation_p_value" in helpers[1]  # named by a default alone: by_arrays(..., gaps=gaps)


def test_an_argument_of_a_helper_s_name_keeps_it():
    source = "def f(x, at=1, near=near):\n    return near(x) + at + (lambda near: near)(2)\n\ndef at():\n    return near(0)\n"
    renamed = Renamed({"near": "near_of_g", "at": "at_of_g"}).visit(ast.parse(source))
    assert ast.unparse(renamed) == (
        "def f(x, at=1, near=near_of_g):\n    return near(x) + at + (lambda near: near)(2)\n\n"
        "def at_of_g():\n    return near_of_g(0)"
    )


def test_students_called_after_a_mistake_keep_their_whole_name():
    """A sample class finds its students' marks by these names, and the grader cuts long ones."""
    called = [f"{name}.{each.name}" for name in CONTRACTS for each in load_exercise(name).misconceptions]
    assert len(called) > 600
    assert [name for name in called if len(name) > MAX_IDENTIFIER] == []


def test_half_done_submissions_earn_their_half(confined):
    packed, _, result = confined
    for each in packed:
        if each.submission.kind == "half done":
            marks = {
                name: earned for name, (earned, _) in result.by_exercise(each.submission.student).items()
            }
            assert 0 < len(each.unwritten) < len(WRITTEN)
            assert marks == {n: 0.0 if n in each.unwritten else CONTRACTS[n].points for n in WRITTEN}


def test_made_up_students_earn_what_their_answers_are_worth(confined):
    _, made_up, result = confined
    for each in made_up:
        marks = {name: earned for name, (earned, _) in result.by_exercise(each.submission.student).items()}
        assert marks == each.marks
    assert any(None in each.answers.values() for each in made_up)


@pytest.mark.slow
def test_the_whole_catalogue_earns_the_same_marks_from_both_graders(tmp_path):
    command = ["verify-marks", "--json", "--out", str(tmp_path / "marks"), "--grader", "both"]
    done = subprocess.run(
        [sys.executable, "-m", "attentif_grading.cli", *command],
        capture_output=True,
        text=True,
        env={**os.environ, "ATTENTIF_COURSE": str(HOME)},
    )
    found = json.loads(done.stdout)
    assert found["unequal"] == found["different"] == found["paid"] == [] and found["failed"] == {}
    assert found["submissions"] >= 40 and set(found["seconds"]) == {"nbgrader", "attentif"}
    assert found["marks"] == 2 * found["submissions"] * found["exercises"] and done.returncode == 0


def test_marks_on_which_graders_differ_are_told_cell_by_cell():
    def graded(*scores: float) -> Graded:
        cells = ("f_public", "f_hidden", "essay")
        return Graded([Mark("s", "n", c, score, 2.0, False) for c, score in zip(cells, scores, strict=True)])

    # The same sum, otherwise made up; and a question that a person marks.
    said = differences({"a": graded(1.0, 2.0, 0.0), "b": graded(2.0, 1.0, 1.5)})
    assert said == ["s f_public: a 1.0, b 2.0", "s f_hidden: a 2.0, b 1.0"]
    assert differences({"a": graded(1.0, 2.0, 0.0), "b": graded(1.0, 2.0, 1.0)}) == []
    lost = replace(graded(1.0, 2.0, 0.0), marks=[])
    assert len(differences({"a": graded(1.0, 2.0, 0.0), "b": lost})) == 2


# The made-up class


@pytest.fixture(scope="module")
def class_of_thirty():
    return list(made_up_class(HOME, built_course()[0], 30))


def test_the_first_students_are_the_same_in_a_class_of_any_size(class_of_thirty):
    built, _ = built_course()
    again = list(made_up_class(HOME, built, 3))
    assert again == class_of_thirty[:3]
    other = list(islice(made_up_class(HOME, built, 3, seed=1), 3))
    assert [each.answers for each in other] != [each.answers for each in again]


def test_shares_of_right_wrong_and_unwritten_are_those_of_a_class(class_of_thirty):
    def kind(answer):
        return "unwritten" if answer is None else "right" if answer.right else "wrong"

    counts = Counter(kind(a) for each in class_of_thirty for a in each.answers.values())
    total = sum(counts.values())
    assert total == 30 * len(WRITTEN)
    wanted = {"right": 0.55, "wrong": 0.25, "unwritten": 0.2}
    assert all(abs(counts[name] / total - share) < 0.12 for name, share in wanted.items())
    rights = [sum(kind(a) == "right" for a in each.answers.values()) for each in class_of_thirty]
    assert max(rights) - min(rights) > len(WRITTEN) / 2  # some are able, some are not
    assert {each.language for each in class_of_thirty} == {"fr", "en"}


def test_written_cells_are_the_student_s_own_and_the_others_as_handed_out(class_of_thirty):
    sources = Counter()
    for each in class_of_thirty[:8]:
        for notebook in each.submission.notebooks.values():
            for cell in notebook.cells:
                name = cell.metadata.get("attentif", {}).get("exercise")
                if cell.metadata.get("nbgrader", {}).get("solution") and name:
                    written = each.answers[name] is not None
                    assert cell.source.startswith(f"# {name}, {each.submission.student[-4:]}\n") is written
                    sources[cell.source] += written
    assert set(sources.values()) <= {0, 1}


def test_what_is_handed_in_is_what_nbgrader_takes(class_of_thirty, tmp_path):
    hand_in(class_of_thirty[:6], HOME, tmp_path)
    course = load_course(HOME)
    paths = sorted(tmp_path.rglob("*.ipynb"))
    assert len(paths) == 6 * len(course.notebooks)
    assert {path.parent.name for path in paths} <= set(course.assignments.values())
    minors = set()
    for path in paths:
        notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
        nbformat.validate(notebook)
        minors.add(notebook.nbformat_minor)
        assert any(cell.get("outputs") for cell in notebook.cells)
    assert minors == {0, 5}  # some from Colab


def test_a_made_up_answer_is_worth_what_the_catalogue_says(class_of_thirty):
    student: MadeUp = class_of_thirty[0]
    right = {name for name, answer in student.answers.items() if answer is not None and answer.right}
    assert all(student.marks[name] == CONTRACTS[name].points for name in right)
    assert all(student.marks[name] == 0 for name, answer in student.answers.items() if answer is None)
    assert all(0 <= mark <= CONTRACTS[name].points for name, mark in student.marks.items())
