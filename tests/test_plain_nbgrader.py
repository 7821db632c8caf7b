"""Plain nbgrader on what the build makes: full marks, no marks, a mistake that costs its own points only."""

from __future__ import annotations

import ast
import csv
import math
import os
import shutil
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from built_course import built_course

from attentif.checks import store
from attentif.checks.examining import examine
from attentif.checks.report import Score
from attentif.checks.text import set_language
from attentif.errors import InputError
from attentif_grading import packed_class as packed_classes
from attentif_grading.contracts import load_contracts, load_course
from attentif_grading.exercises import load_exercise
from attentif_grading.hidden import grade_hidden
from attentif_grading.nbgrader_course import kernel_environment
from attentif_grading.notebooks import written_exercises
from attentif_grading.packed_class import compare, packed_class
from attentif_grading.places import course_home
from attentif_grading.plain import grade_plainly
from attentif_grading.plain_parallel import grade_side_by_side
from attentif_grading.sample_class import (
    implementation_source,
    released,
    sample_class,
    solved,
    with_implementation,
)
from attentif_grading.solutions import solution_source, without_marks

HOME = course_home()
WRITTEN = written_exercises(HOME)
CONTRACTS = load_contracts(HOME)
FIRST = WRITTEN[0]
PACKED = ("reference", "packed000", "packed013")


def notebook_of(exercise):
    return next(n for n in load_course(HOME).notebooks if exercise in n.exercises)


# Autograding


@pytest.fixture(scope="module")
def graded_class(tmp_path_factory):
    """A small French class: the reference, an untouched release, one mistake in each of two exercises, and two students
    with a catalogued answer to every exercise."""
    built, _ = built_course()
    chosen = {f"{name}.{load_exercise(name).misconceptions[0].name}" for name in WRITTEN[:2]}
    everyone = sample_class(HOME, built, "fr", WRITTEN[:2], variants=False, brief=True)
    submissions = [s for s in everyone if s.student in chosen or s.kind in ("reference", "untouched")]
    packed = [p for p in packed_class(HOME, built, "fr", again=False) if p.submission.student in PACKED]
    folder = tmp_path_factory.mktemp("course") / "class"
    whole = [*submissions, *(p.submission for p in packed[1:])]
    return submissions, packed, grade_side_by_side(HOME, "fr", whole, folder, built)


@pytest.fixture(scope="module")
def graded(graded_class):
    """Those with one answer of the catalogue at most, and all marks."""
    submissions, _, result = graded_class
    return submissions, result


@pytest.fixture(scope="module")
def packed(graded_class):
    """The reference, and those with an answer of the catalogue to every exercise, and all marks."""
    _, everyone, result = graded_class
    return everyone, result


def test_reference_earns_every_automatic_point(graded):
    _, result = graded
    assert result.failed == {}
    assert result.by_exercise("reference") == {
        name: (CONTRACTS[name].points, CONTRACTS[name].points) for name in WRITTEN
    }
    total = sum(CONTRACTS[name].points for name in WRITTEN)
    assert result.automatic("reference") == (total, total)


def test_untouched_release_earns_nothing(graded):
    _, result = graded
    marks = result.of("untouched").values()
    assert len(marks) >= 2 * len(WRITTEN)
    assert [mark.grade_id for mark in marks if mark.score != 0.0] == []


def test_a_mistake_costs_points_of_its_own_exercise_only(graded):
    submissions, result = graded
    wrong = [s for s in submissions if s.kind == "misconception"]
    assert wrong
    for submission in wrong:
        marks = result.by_exercise(submission.student)
        assert marks[submission.exercise][0] < marks[submission.exercise][1]
        others = [name for name in notebook_of(submission.exercise).exercises if name in WRITTEN]
        assert {n: marks[n][0] for n in others if n != submission.exercise} == {
            n: CONTRACTS[n].points for n in others if n != submission.exercise
        }


def test_marks_are_those_of_the_checks_themselves(graded):
    submissions, result = graded
    submission = next(s for s in submissions if s.kind == "misconception")
    exercise = load_exercise(submission.exercise)
    public = store.load_exercise(exercise.name)
    target = exercise.target(exercise.misconceptions[0].function)
    marks = result.of(submission.student)
    assert marks[f"{exercise.name}_public"].score == examine(public, target).earned
    assert marks[f"{exercise.name}_hidden"].score == examine(public, target, exercise.hidden).earned


def test_feedback_and_export_exist(graded):
    submissions, result = graded
    with result.csv.open(encoding="utf-8") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert set(rows) == {submission.student for submission in submissions} | set(PACKED)
    assert float(rows["reference"]["score"]) == result.automatic("reference")[0]
    assert float(rows["untouched"]["score"]) == 0.0
    for submission in submissions:
        pages = {page.stem for page in result.feedback[submission.student]}
        assert pages == set(submission.notebooks)


def test_graded_hidden_cells_tell_titles_and_diagnosis_only(graded):
    submissions, result = graded
    submission = next(s for s in submissions if s.kind == "misconception")
    exercise = load_exercise(submission.exercise)
    stem, assignment = notebook_of(exercise.name).file["fr"], load_course(HOME).assignments["fr"]
    place = f"*/autograded/{submission.student}/{assignment}/{stem}.ipynb"
    (path,) = result.csv.parent.glob(place)
    cells = nbformat.read(path, as_version=4).cells
    (cell,) = [c for c in cells if c.metadata.attentif.name == f"{exercise.name}_hidden"]
    (output,) = cell.outputs
    assert output.output_type == "execute_result" and set(output.data) == {"text/plain", "text/html"}
    shown = output.data["text/html"].replace("&#x27;", "'")
    assert all(check.title["fr"] in shown for check in exercise.hidden.checks)
    assert exercise.misconceptions[0].said["fr"] in shown
    assert not any(check.hint["fr"] in shown for check in exercise.hidden.checks)
    page = next(p for p in result.feedback[submission.student] if p.stem == stem).read_text(encoding="utf-8")
    assert exercise.hidden.checks[0].title["fr"] in page.replace("&#x27;", "'")


def test_untouched_submission_is_not_taken_for_an_answer_to_the_questions(graded):
    _, result = graded
    manual = [m for m in result.of("untouched").values() if not m.grade_id.endswith(("_public", "_hidden"))]
    assert manual and all(mark.score == 0.0 for mark in manual)


# The whole catalogue, several answers a student


def test_marks_of_all_exercises_together_are_those_of_the_catalogue(packed):
    everyone, result = packed
    found = compare(everyone, {"nbgrader": result})
    assert found["unequal"] == found["paid"] == [] and found["failed"] == {}
    assert found["marks"] == 3 * len(WRITTEN) and found["exercises"] == len(WRITTEN)
    assert {answer.right for answer in everyone[2].answers.values()} == {False, True}
    with result.csv.open(encoding="utf-8") as file:
        rows = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert set(PACKED) < set(rows)
    assert rows["packed000"] == result.automatic("packed000")[0] < rows["reference"]


def test_a_mark_that_is_not_the_catalogue_s_is_told(packed):
    everyone, result = packed
    wrong = everyone[1]
    name, answer = next(iter(wrong.answers.items()))
    true = next(m for m in result.marks if m.student == "packed000" and m.grade_id == f"{name}_hidden")
    forged = replace(true, score=true.score + 0.25)
    marks = [forged if m is true else m for m in result.marks]
    found = compare(everyone, {"nbgrader": replace(result, marks=marks), "other": result})
    assert [line.split(":")[0] for line in found["unequal"]] == [f"packed000 {name} {answer.name}"]
    assert found["different"] == [f"packed000 {name}_hidden: nbgrader {forged.score}, other {true.score}"]
    # A mistake that the catalogue itself takes for right is told too.
    blind = replace(wrong, answers={name: replace(answer, function=load_exercise(name).reference)})
    full = replace(forged, score=CONTRACTS[name].points)
    others = [m for m in result.marks if m.student == "reference" or m is true]
    marks = [full if m is true else m for m in others]
    found = compare([blind], {"nbgrader": replace(result, marks=marks)})
    assert found["paid"] == [f"packed000 {name} {answer.name}"]


def test_every_answer_of_the_catalogue_is_handed_in_once(monkeypatch):
    written = []
    monkeypatch.setattr(
        packed_classes, "write_implementation", lambda notebooks, exercise, function: written.append(function)
    )
    built, _ = built_course()
    for again in (False, True):
        everyone = list(packed_class(HOME, built, "en", again))[2:]
        for name in WRITTEN:
            exercise = load_exercise(name)
            given = [each.answers[name] for each in everyone if name in each.answers]
            mistakes = exercise.all_misconceptions if again else exercise.misconceptions
            assert [a.function for a in given if not a.right] == [m.function for m in mistakes]
            assert [a.name for a in given if a.right] == [v.name for v in exercise.variants]
        assert written == [answer.function for each in everyone for answer in each.answers.values()]
        written.clear()


def test_processes_are_asked_for_in_whole_numbers_and_an_empty_folder(tmp_path):
    with pytest.raises(InputError, match="at least 1 process"):
        grade_side_by_side(HOME, "fr", [], tmp_path / "a", jobs=0)
    (tmp_path / "kept").write_text("x")
    with pytest.raises(InputError, match="an empty folder"):
        grade_side_by_side(HOME, "fr", [], tmp_path)


# The environment


def test_kernels_see_the_stripped_library_and_the_graders():
    built, _ = built_course()
    program = (
        "import attentif, attentif_grading, os; "
        "print(attentif.__file__, attentif_grading.__file__, os.environ['ATTENTIF_GRADING'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **kernel_environment(HOME, built)},
        capture_output=True,
        text=True,
        check=True,
        cwd=built,
    )
    library, graders, grading = done.stdout.split()
    assert library == str(built / "build" / "student" / "src" / "attentif" / "__init__.py")
    assert graders == str(HOME / "src" / "attentif_grading" / "__init__.py") and grading == "1"


def test_nbgrader_finds_its_commands_where_no_environment_is_active(monkeypatch):
    monkeypatch.setenv("PATH", "/usr/bin")
    path = kernel_environment(HOME)["PATH"]
    assert Path(shutil.which("alembic", path=path)).parent == Path(sys.executable).parent
    assert path.endswith(f"{os.pathsep}/usr/bin")
    monkeypatch.setenv("PATH", path)
    assert kernel_environment(HOME)["PATH"] == path


def test_grading_leaves_the_environment_as_it_was(graded):
    assert "ATTENTIF_GRADING" not in os.environ
    assert str(built_course()[0]) not in os.environ.get("PYTHONPATH", "")


def test_course_folder_must_be_empty(tmp_path):
    (tmp_path / "gradebook.db").write_text("precious")
    with pytest.raises(InputError, match="empty folder"):
        grade_plainly(HOME, "fr", [], tmp_path, built_course()[0])
    assert (tmp_path / "gradebook.db").read_text() == "precious"


def test_without_a_build_it_says_what_to_do(tmp_path):
    with pytest.raises(InputError, match="attentif-grading build"):
        grade_plainly(HOME, "fr", [], tmp_path / "course", tmp_path)
    with pytest.raises(InputError, match="attentif-grading build"):
        released(tmp_path, "fr")


# Hidden cells


@pytest.fixture(scope="module", autouse=True)
def _fresh_data():
    """Hidden cells read the public data beside the library; here, that of the build under test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "_data", lambda: built_course()[0] / "src/attentif/checks/data")
        store.load_exercise.cache_clear()
        yield
    store.load_exercise.cache_clear()


def test_hidden_score_is_a_plain_number_for_nbgrader():
    exercise = load_exercise(FIRST)
    full = sum(check.points for check in exercise.hidden.checks)
    score = grade_hidden(FIRST, {FIRST: exercise.reference})
    assert isinstance(score, Score) and float(repr(score)) == score == full
    assert repr(score) == repr(float(full))


def test_hidden_score_shows_no_value_and_no_hint():
    exercise = load_exercise(FIRST)
    score = grade_hidden(FIRST, {FIRST: exercise.target(exercise.misconceptions[0].function)})
    assert 0 <= score < sum(check.points for check in exercise.hidden.checks)
    assert all(result.expected is None and result.got is None for result in score.report.results)
    for language in ("fr", "en"):
        set_language(language)
        page = score._repr_html_()
        assert exercise.misconceptions[0].said[language].split("<")[0][:20].replace("'", "&#x27;") in page
        assert all(check.hint[language] not in page for check in exercise.hidden.checks)
    set_language("en")


class Explosive:
    def __getattribute__(self, name):
        raise SystemExit


def leave(*args, **kwargs):
    raise SystemExit(0)


def stop(*args, **kwargs):
    raise KeyboardInterrupt


ANSWERS = {
    "none": None,
    "number": 3,
    "explosive": Explosive(),
    "exit": leave,
    "stop": stop,
    "class": type("E", (), {}),
}


@pytest.mark.parametrize("answer", list(ANSWERS))
def test_whatever_stands_under_the_name_scores_zero_without_a_traceback(answer):
    score = grade_hidden(FIRST, {FIRST: ANSWERS[answer]})
    assert score == 0.0 and "Traceback" not in score._repr_html_()


def test_missing_name_scores_zero_and_says_so():
    score = grade_hidden(FIRST, {})
    assert score == 0.0 and "does not exist" in score._repr_html_()


@pytest.mark.filterwarnings("ignore:look")
def test_nothing_reaches_the_error_stream(capfd):
    def noisy(*args, **kwargs):
        import warnings

        warnings.warn("look", stacklevel=1)
        print("text", file=sys.stderr)
        raise ValueError

    grade_hidden(FIRST, {FIRST: noisy})
    assert capfd.readouterr().err == ""


# The sample class


def test_solved_notebooks_differ_from_the_release_in_solution_cells_only():
    built, _ = built_course()
    for language in ("fr", "en"):
        blank, full = released(built, language), solved(HOME, built, language)
        assert blank.keys() == full.keys()
        changed = []
        for name in blank:
            for before, after in zip(blank[name].cells, full[name].cells, strict=True):
                assert before.metadata == after.metadata
                if before.source != after.source:
                    changed.append(after.metadata.attentif.name)
                    solution = solution_source(CONTRACTS[changed[-1]], language, HOME)
                    assert after.source == without_marks(solution)
        assert sorted(changed) == sorted(WRITTEN)


@pytest.mark.parametrize("name", WRITTEN)
def test_each_catalogued_answer_can_be_handed_in(name):
    exercise = load_exercise(name)
    reference = without_marks(solution_source(CONTRACTS[name], "en", HOME))
    answers = [*exercise.misconceptions, *exercise.variants]
    cells = {answer.name: implementation_source(reference, exercise, answer.function) for answer in answers}
    assert len({ast.dump(ast.parse(cell)) for cell in cells.values()}) == len(answers)
    for cell in cells.values():
        names = [n.name for n in ast.parse(cell).body if isinstance(n, (ast.FunctionDef, ast.ClassDef))]
        assert names[-1] == name and "attentif_grading" not in cell


def test_helpers_of_the_catalogue_come_along(tmp_path, monkeypatch):
    (tmp_path / "catalogue.py").write_text(
        textwrap.dedent(
            """
            import math
            import torch
            from attentif_grading.exercises import misconception
            SIZE = math.pi

            def _helper(x):
                return _other(x)

            def _unused(x):
                return x

            def _other(x):
                return x * SIZE

            def wrong(query, key, value, mask=None, dropout_p=0.0):
                return _helper(torch.ones(1))

            def make(n):
                def closed(query):
                    return n
                return closed
            """
        )
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    import catalogue

    exercise = load_exercise("scaled_dot_product_attention")
    cell = implementation_source("", exercise, catalogue.wrong)
    assert "_unused" not in cell and "attentif_grading" not in cell
    namespace: dict = {}
    exec(cell, namespace)
    assert namespace["scaled_dot_product_attention"](None, None, None).item() == pytest.approx(math.pi)
    with pytest.raises(InputError, match="closes over n"):
        implementation_source("", exercise, catalogue.make(1))


def test_implementation_of_an_exercise_that_is_not_there_is_refused():
    notebooks = {"empty": nbformat.v4.new_notebook()}
    exercise = load_exercise(FIRST)
    with pytest.raises(InputError, match="solution cell"):
        with_implementation(notebooks, exercise, exercise.misconceptions[0].function)
