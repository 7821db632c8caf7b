"""nbgrader's gradebook, as we write it: nbgrader's rows, a marker's entries kept, and nothing lost to a kill or a lock."""

from __future__ import annotations

import csv
import errno
import json
import os
import random
import signal
import sqlite3
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import nbformat
import pytest
from verdicts import answered, full_verdicts, judged, untouched_verdicts

from attentif.errors import InputError
from attentif_grading.contracts import load_course
from attentif_grading.exercises import load_exercise
from attentif_grading.grader.course_folder import GRADEBOOK
from attentif_grading.grader.gradebook import GradedSubmission, open_gradebook, write_gradebook
from attentif_grading.grader.gradebook_storage import explained, write_whole
from attentif_grading.grader.person_marks import PersonMark, person_marks
from attentif_grading.notebooks import written_exercises
from attentif_grading.places import course_home
from attentif_grading.plain import grade_plainly
from attentif_grading.sample_class import Submission, released, solved, with_implementation

HOME = course_home()
WRITTEN = written_exercises(HOME)
COURSE = load_course(HOME)
ASSIGNMENT = COURSE.assignments["fr"]
FIRST, SECOND = (notebook.file["fr"] for notebook in COURSE.notebooks)
FULL, NOTHING = full_verdicts(WRITTEN), untouched_verdicts(WRITTEN)
ANSWERS = {"question_causal": "Le masque cache la suite.", "question_interval": "La pente vaut 1."}

ROWS = """
    select s.student_id, n.name, b.name, g.auto_score, g.manual_score, g.extra_credit, g.needs_manual_grade
    from grade g join base_cell b on b.id = g.cell_id join submitted_notebook m on m.id = g.notebook_id
    join notebook n on n.id = m.notebook_id join submitted_assignment s on s.id = m.assignment_id order by 1, 2, 3
"""
COMMENTS = """
    select s.student_id, n.name, b.name, c.auto_comment, c.manual_comment
    from comment c join base_cell b on b.id = c.cell_id join submitted_notebook m on m.id = c.notebook_id
    join notebook n on n.id = m.notebook_id join submitted_assignment s on s.id = m.assignment_id order by 1, 2, 3
"""
CELLS = """
    select n.name, c.name, c.cell_type, c.locked, c.source, c.checksum from source_cell c
    join notebook n on n.id = c.notebook_id order by 1, 2
"""
GRADED = """
    select n.name, b.name, g.max_score, g.cell_type from grade_cells g
    join base_cell b on b.id = g.id join notebook n on n.id = b.notebook_id order by 1, 2
"""
SUBMITTED = """
    select s.student_id, a.name, s.timestamp, s.extension, n.name, m.flagged, m.late_submission_penalty
    from submitted_notebook m join notebook n on n.id = m.notebook_id
    join submitted_assignment s on s.id = m.assignment_id join assignment a on a.id = s.assignment_id order by 1, 2, 5
"""
EVERYTHING = (ROWS, COMMENTS, CELLS, GRADED, SUBMITTED)


def rows(folder, query):
    with sqlite3.connect(folder / GRADEBOOK) as database:
        return database.execute(query).fetchall()


def change(folder, statement, *values):
    with sqlite3.connect(folder / GRADEBOOK) as database:
        assert database.execute(statement, values).rowcount == 1
    database.close()


def grades(folder, student):
    """(automatic, manual, extra, waits) by grade id."""
    return {name: tuple(rest) for who, _, name, *rest in rows(folder, ROWS) if who == student}


def comments(folder, student):
    return {name: tuple(rest) for who, _, name, *rest in rows(folder, COMMENTS) if who == student}


@pytest.fixture(scope="module")
def notebooks():
    return answered(solved(HOME, HOME, "fr"), ANSWERS)


def submission(notebooks, student="alice", verdicts=FULL, **more):
    handed_in = {name: f'{{"{student}": "{name}"}}'.encode() for name in notebooks}
    return GradedSubmission(student, "fr", notebooks, verdicts, handed_in, **more)


@pytest.fixture(scope="module")
def written(tmp_path_factory, notebooks):
    """A class of three: everything right, the release, and one notebook only."""
    folder = tmp_path_factory.mktemp("gradebook") / "class"
    count = write_gradebook(
        folder,
        HOME,
        None,
        [
            submission(
                notebooks,
                shown="=Dupont, Élise\n",
                timestamp=datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=1))),
            ),
            submission(released(HOME, "fr"), "blank", NOTHING),
            submission({FIRST: notebooks[FIRST]}, "half"),
        ],
    )
    assert count == 3
    return folder


# What is written


def test_automatic_cells_score_what_was_judged_and_wait_for_nobody(written):
    found = grades(written, "alice")
    for name in WRITTEN:
        for scope in ("public", "hidden"):
            assert found[f"{name}_{scope}"] == (FULL[name].earned(scope), None, None, 0)
    assert all(row == (0.0, None, None, 0) for row in grades(written, "blank").values())


def test_questions_wait_for_a_person_unless_unanswered(written):
    found, said = grades(written, "alice"), comments(written, "alice")
    assert found["question_causal"] == found["question_interval"] == (None, None, None, 1)
    assert found["question_curve"] == (0.0, None, None, 0)
    assert said["question_curve"] == ("No response.", None) and said["question_causal"] == (None, None)
    assert said[WRITTEN[0]] == (None, None)
    assert comments(written, "blank")[WRITTEN[0]] == ("No response.", None)


def test_a_notebook_that_was_not_handed_in_scores_0(written):
    second = [row for row in rows(written, ROWS) if row[:2] == ("half", SECOND)]
    assert second and all(row[3:] == (0.0, None, None, 0) for row in second)
    first = [row for row in rows(written, ROWS) if row[:2] == ("half", FIRST)]
    assert sum(row[3] or 0 for row in first) == sum(
        FULL[n].earned() for n in COURSE.notebooks[0].exercises if n in FULL
    )
    assert not (written / "autograded" / "half" / ASSIGNMENT / f"{SECOND}.ipynb").exists()


def test_nbgrader_reads_totals_from_it(written):
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{written / GRADEBOOK}") as gradebook:
        alice = gradebook.find_submission(ASSIGNMENT, "alice")
        assert alice.score == sum(FULL[name].earned() for name in WRITTEN)
        assert alice.needs_manual_grade and alice.max_score == 200.0
        assert not gradebook.find_submission(ASSIGNMENT, "blank").needs_manual_grade
        assert alice.timestamp == datetime(2026, 3, 1, 11)
        assert (alice.student.last_name, alice.student.first_name) == ("Dupont Élise", "")


def test_folders_hold_what_nbgrader_looks_for(written, notebooks):
    for step in ("source", "release"):
        assert {p.stem for p in (written / step / ASSIGNMENT).glob("*.ipynb")} == {FIRST, SECOND}
    handed_in = written / "submitted" / "alice" / ASSIGNMENT
    assert json.loads((handed_in / f"{FIRST}.ipynb").read_text()) == {"alice": FIRST}
    assert (handed_in / "timestamp.txt").read_text() == "2026-03-01T12:00:00+01:00\n"
    copy = nbformat.read(written / "autograded" / "alice" / ASSIGNMENT / f"{FIRST}.ipynb", as_version=4)
    nbformat.validate(copy)
    assert [c.source for c in copy.cells] == [c.source for c in notebooks[FIRST].cells]
    assert not list(written.rglob(".unfinished-*"))


def test_cells_of_checks_show_the_tables_of_the_verdict_and_no_value_of_a_hidden_one(tmp_path, notebooks):
    name = "scaled_dot_product_attention"
    wrong = judged(name, load_exercise(name).misconceptions[0].function)
    leak = {"en": "HIDDEN-CANARY", "fr": "HIDDEN-CANARY"}
    checks = tuple(replace(c, expected=leak, got=leak) if c.scope == "hidden" else c for c in wrong.checks)
    write_gradebook(
        tmp_path, HOME, None, [submission(notebooks, verdicts={name: replace(wrong, checks=checks)})]
    )
    path = tmp_path / "autograded" / "alice" / ASSIGNMENT / f"{FIRST}.ipynb"
    assert "HIDDEN-CANARY" not in path.read_text()
    cells = {c.metadata.attentif.name: c for c in nbformat.read(path, as_version=4).cells}
    for scope in ("public", "hidden"):
        (output,) = cells[f"{name}_{scope}"].outputs
        assert float(output.data["text/plain"]) == wrong.earned(scope)
        assert "cause probable" in output.data["text/html"]
    # Without a verdict, there is nothing to show and a person must look.
    assert cells["causal_mask_public"].outputs == []
    assert grades(tmp_path, "alice")["causal_mask_public"] == (None, None, None, 1)


def test_scores_never_pass_the_points_of_a_cell(tmp_path, notebooks):
    name = WRITTEN[0]
    generous = tuple(replace(c, points=100.0, earned=100.0) for c in FULL[name].checks)
    write_gradebook(
        tmp_path, HOME, None, [submission(notebooks, verdicts={name: replace(FULL[name], checks=generous)})]
    )
    assert grades(tmp_path, "alice")[f"{name}_public"][0] == FULL[name].maximum("public")


@pytest.mark.parametrize("student", ["../up", "a/b", ".hidden", "a,b", "", "x" * 129, "a\nb", "a*", "a+b"])
def test_identifiers_that_cannot_name_a_folder_are_refused(student):
    with pytest.raises(InputError, match="identifier"):
        GradedSubmission(student, "fr", {}, {})


# Writing again


def mark(folder, student, grade_id, score, extra=None, comment=None):
    """What the formgrader writes when a person enters a mark."""
    where = "(select g.id from grade g join base_cell b on b.id = g.cell_id join submitted_notebook m on m.id = g.notebook_id join submitted_assignment s on s.id = m.assignment_id where s.student_id = ? and b.name = ?)"
    change(
        folder,
        f"update grade set manual_score = ?, extra_credit = ?, needs_manual_grade = 0 where id = {where}",
        score,
        extra,
        student,
        grade_id,
    )
    if comment is not None:
        place = where.replace("grade g", "comment g")
        change(
            folder, f"update comment set manual_comment = ? where id = {place}", comment, student, grade_id
        )


def test_what_a_person_entered_stays(tmp_path, notebooks):
    first = submission(notebooks, shown="Élise")
    write_gradebook(tmp_path, HOME, None, [first])
    mark(tmp_path, "alice", "question_causal", 4.5, 0.25, "Bien vu, mais <b>pourquoi</b> ?")
    mark(tmp_path, "alice", f"{WRITTEN[0]}_hidden", 0.5)
    change(tmp_path, "update student set last_name = 'Martin' where id = ?", "alice")
    before = [rows(tmp_path, query) for query in EVERYTHING]
    write_gradebook(tmp_path, HOME, None, [first])
    assert [rows(tmp_path, query) for query in EVERYTHING] == before
    assert rows(tmp_path, "select last_name from student") == [("Martin",)]
    # Another verdict changes automatic scores; where a person had marked over one, it asks to be looked at.
    write_gradebook(tmp_path, HOME, None, [replace(first, verdicts=NOTHING)])
    found = grades(tmp_path, "alice")
    assert found["question_causal"] == (None, 4.5, 0.25, 0)
    assert found[f"{WRITTEN[0]}_hidden"] == (0.0, 0.5, None, 1)
    assert found[f"{WRITTEN[1]}_hidden"] == (0.0, None, None, 0)
    assert comments(tmp_path, "alice")["question_causal"] == (None, "Bien vu, mais <b>pourquoi</b> ?")
    # It goes on asking until somebody has looked.
    write_gradebook(tmp_path, HOME, None, [replace(first, verdicts=NOTHING)])
    assert grades(tmp_path, "alice")[f"{WRITTEN[0]}_hidden"] == (0.0, 0.5, None, 1)
    assert person_marks(tmp_path, ASSIGNMENT, "alice")["question_causal"] == PersonMark(
        4.75, "Bien vu, mais <b>pourquoi</b> ?"
    )


def test_a_changed_answer_asks_to_be_marked_again(tmp_path, notebooks):
    write_gradebook(tmp_path, HOME, None, [submission(notebooks)])
    mark(tmp_path, "alice", "question_causal", 4.5)
    mark(tmp_path, "alice", "question_interval", 3.0)
    other = answered(notebooks, {"question_causal": "Une autre réponse."})
    write_gradebook(tmp_path, HOME, None, [submission(other)])
    found = grades(tmp_path, "alice")
    assert found["question_causal"] == (None, 4.5, None, 1)
    assert found["question_interval"] == (None, 3.0, None, 0)
    assert person_marks(tmp_path, ASSIGNMENT, "alice").keys() == {"question_interval"}
    # A notebook that is gone from the submission is gone from the folders.
    write_gradebook(tmp_path, HOME, None, [submission({FIRST: other[FIRST]})])
    assert not list(tmp_path.glob(f"*ed/alice/*/{SECOND}.ipynb"))
    assert grades(tmp_path, "alice")["question_interval"][0] == 0.0


def test_others_stay_and_the_other_language_gets_its_own_assignment(tmp_path, notebooks):
    write_gradebook(tmp_path, HOME, None, [submission(notebooks)])
    english = GradedSubmission("bob", "en", solved(HOME, HOME, "en"), FULL)
    write_gradebook(tmp_path, HOME, None, [english])
    assert {row[:2] for row in rows(tmp_path, SUBMITTED)} == {
        ("alice", ASSIGNMENT),
        ("bob", COURSE.assignments["en"]),
    }
    assert rows(tmp_path, "select name from assignment order by 1") == [("devoir2-en",), ("devoir2-fr",)]


def test_settings_that_staff_changed_stay(tmp_path, notebooks):
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    write_gradebook(tmp_path, HOME, None, [submission(notebooks)])
    assert (tmp_path / "nbgrader_config.py").read_text() == "c = get_config()\n"


def test_a_gradebook_of_another_release_is_refused(tmp_path, notebooks):
    write_gradebook(tmp_path, HOME, None, [submission(notebooks)])
    change(tmp_path, "update source_cell set name = 'gone' where name = ?", f"{WRITTEN[0]}_public")
    change(tmp_path, "update base_cell set name = 'gone' where name = ?", f"{WRITTEN[0]}_public")
    before = rows(tmp_path, ROWS)
    with pytest.raises(InputError, match="another release"):
        write_gradebook(tmp_path, HOME, None, [submission(notebooks, "bob")])
    assert rows(tmp_path, ROWS) == before


def test_without_a_build_it_says_what_to_do(tmp_path, notebooks):
    with pytest.raises(InputError, match="attentif-grading build"):
        write_gradebook(tmp_path / "out", HOME, tmp_path, [submission(notebooks)])


# Trouble


def test_a_locked_gradebook_is_waited_for_then_explained_and_the_same_command_goes_on(tmp_path, notebooks):
    write_gradebook(tmp_path, HOME, None, [submission(notebooks)])
    holder = sqlite3.connect(tmp_path / GRADEBOOK, isolation_level=None)
    holder.execute("begin immediate")
    with pytest.raises(InputError, match=r"stayed locked for 0.2 seconds.*close the formgrader"):
        write_gradebook(tmp_path, HOME, None, [submission(notebooks, "bob")], wait=0.2)
    assert len(rows(tmp_path, SUBMITTED)) == 2  # it can be read meanwhile
    holder.execute("rollback")
    holder.close()
    write_gradebook(tmp_path, HOME, None, [submission(notebooks, "bob")], wait=0.2)
    assert len(grades(tmp_path, "bob")) == len(grades(tmp_path, "alice"))


def test_a_file_that_is_no_gradebook_is_explained_and_kept(tmp_path, notebooks):
    (tmp_path / GRADEBOOK).write_text("precious" * 1000)
    with pytest.raises(InputError, match="damaged or foreign"):
        write_gradebook(tmp_path, HOME, None, [submission(notebooks)])
    assert (tmp_path / GRADEBOOK).read_text() == "precious" * 1000


def test_a_place_that_is_no_folder_is_explained(tmp_path, notebooks):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(InputError, match="can be written to"):
        write_gradebook(tmp_path / "out", HOME, None, [submission(notebooks)])


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="no users of this kind here")
def test_a_folder_without_the_right_to_write_is_explained(tmp_path, notebooks):
    write_gradebook(tmp_path, HOME, None, [submission(notebooks)])
    paths = [tmp_path / GRADEBOOK, *tmp_path.rglob("*"), tmp_path]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = rows(tmp_path, ROWS)

    def write():
        with pytest.raises(InputError, match="right to write"):
            write_gradebook(tmp_path, HOME, None, [submission(notebooks, "bob")])

    try:
        if os.geteuid():
            write()
        else:  # root may write everywhere
            assert_in_child(
                lambda: (os.chmod(tmp_path.parent, 0o755), open_up(tmp_path), os.setuid(65534), write())
            )
    finally:
        for path in paths:
            path.chmod(0o755 if path.is_dir() else 0o644)
    assert rows(tmp_path, ROWS) == before


def open_up(folder):
    """Let another user reach a folder of pytest's, which is its own."""
    for parent in folder.parents:
        if parent.stat().st_mode & 0o005 != 0o005:
            parent.chmod(0o755)


def assert_in_child(work):
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            import traceback

            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.ENOSPC, "full disk"), (errno.EROFS, "right to write"), (errno.EDQUOT, "full disk")],
)
def test_a_full_or_read_only_disk_is_explained(tmp_path, number, said):
    with pytest.raises(InputError, match=said), explained(tmp_path / GRADEBOOK, 1.0):
        raise OSError(number, os.strerror(number))
    with pytest.raises(OSError, match="Interrupted"), explained(tmp_path / GRADEBOOK, 1.0):
        raise OSError(errno.EINTR, "Interrupted")


def test_a_full_database_is_explained_and_loses_nothing(tmp_path, notebooks):
    from sqlalchemy import event

    write_gradebook(tmp_path, HOME, None, [submission(notebooks)])
    before = rows(tmp_path, ROWS)
    with open_gradebook(tmp_path, HOME) as book:

        @event.listens_for(book._engine, "connect")
        def limit(connection, _):
            connection.execute("pragma max_page_count = 1")

        with pytest.raises(InputError, match="full disk"):
            for number in range(20):
                book.write(submission(notebooks, f"s{number}"))
    kept = rows(tmp_path, ROWS)
    assert [row for row in kept if row[0] == "alice"] == before
    assert len(kept) % len(before) == 0  # whole submissions only


def test_whole_files_only(tmp_path, monkeypatch):
    path = tmp_path / "deep" / "file"
    write_whole(path, b"one")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
    with pytest.raises(OSError, match="full"):
        write_whole(path, b"two")
    assert path.read_bytes() == b"one" and os.listdir(path.parent) == ["file"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_killed_at_any_moment_the_same_command_completes_it(tmp_path, notebooks):
    everyone = [
        submission(notebooks, f"s{number}", timestamp=datetime(2026, 1, 2, tzinfo=UTC)) for number in range(4)
    ]
    began = time.monotonic()
    write_gradebook(tmp_path / "calm", HOME, None, everyone)
    took = time.monotonic() - began
    draw = random.Random(3)
    kills = 0
    for number in range(12):
        child = os.fork()
        if child == 0:
            write_gradebook(tmp_path / "killed", HOME, None, everyone)
            os._exit(0)
        time.sleep(draw.uniform(0.02, took))
        os.kill(child, signal.SIGKILL)
        kills += os.WIFSIGNALED(os.waitpid(child, 0)[1])
        if number == 5 and (tmp_path / "killed" / GRADEBOOK).exists():
            assert rows(tmp_path / "killed", "pragma integrity_check") == [("ok",)]
    assert kills >= 3
    write_gradebook(tmp_path / "killed", HOME, None, everyone)
    for query in EVERYTHING:
        assert rows(tmp_path / "killed", query) == rows(tmp_path / "calm", query)
    assert not list((tmp_path / "killed").rglob(".unfinished-*"))
    for path in (tmp_path / "calm").rglob("*.ipynb"):
        assert (tmp_path / "killed" / path.relative_to(tmp_path / "calm")).read_bytes() == path.read_bytes()


# Against nbgrader


@pytest.mark.slow
def test_rows_are_those_that_nbgrader_writes(tmp_path, notebooks):
    exercise = load_exercise("warmup_cosine")
    wrong = exercise.misconceptions[0].function
    handed_in = with_implementation(notebooks, exercise, wrong)
    students = [
        Submission("alice", "misconception", handed_in),
        Submission("half", "partly done", {SECOND: notebooks[SECOND]}),
    ]
    plain = grade_plainly(HOME, "fr", students, tmp_path / "plain", HOME, feedback=False)
    assert plain.failed == {}
    ours = [
        submission(handed_in, verdicts=FULL | {exercise.name: judged(exercise.name, wrong)}),
        submission({SECOND: notebooks[SECOND]}, "half"),
    ]
    write_gradebook(tmp_path / "ours", HOME, None, ours)
    for query in EVERYTHING:
        assert rows(tmp_path / "ours", query) == rows(tmp_path / "plain", query)
    lost = [row for row in rows(tmp_path / "ours", ROWS) if row[2] == "warmup_cosine_hidden"]
    assert lost[0][3] < FULL[exercise.name].maximum("hidden")
    from nbgrader.api import Gradebook
    from nbgrader.plugins.export import CsvExportPlugin

    exports = []
    for folder in ("ours", "plain"):
        with Gradebook(f"sqlite:///{tmp_path / folder / GRADEBOOK}") as gradebook:
            exporter = CsvExportPlugin()
            exporter.to = str(tmp_path / f"{folder}.csv")
            exporter.export(gradebook)
        exports.append(list(csv.DictReader((tmp_path / f"{folder}.csv").open(encoding="utf-8"))))
    assert exports[0] == exports[1] and len(exports[0]) == 2
