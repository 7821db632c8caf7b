"""The same class graded again: late and new submissions, marks of persons, mended checks, disks and folders that refuse."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import typer
from small_class import (
    SALT,
    command,
    differing,
    files,
    grade_command,
    hand_in,
    journal_lines,
    notebooks,
    ran,
    small_class,
    small_course,
    state,
)

from attentif.errors import InputError
from attentif_grading.exercises import load_exercise
from attentif_grading.grader import commands, derived, judging_pool
from attentif_grading.grader import grade as grading
from attentif_grading.grader.grade import Grading
from attentif_grading.grader.journal import Journal, pseudonym
from attentif_grading.grader.on_the_way import Told
from attentif_grading.grader.versions import version_of
from attentif_grading.grader.workplace import Settings, load_judged

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading needs Linux")
ROOT = os.geteuid() == 0


class HerePool:
    """A pool that judges in this process, whose zygote all tests share."""

    started = 0

    def __init__(self, settings, jobs, cluster=None):
        self.settings = settings
        HerePool.started += 1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def sandbox(self, allow_weak):
        return judging_pool.sandbox_here(self.settings, allow_weak)

    def judge(self, tasks, kind):
        for label, task in tasks:
            yield label, judging_pool.judge_task(self.settings, task, kind)


@pytest.fixture(scope="module", autouse=True)
def here():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATTENTIF_COURSE", str(small_course()))
        patch.setenv("ATTENTIF_SALT", SALT)
        patch.setattr(grading, "JudgingPool", HerePool)
        yield


@pytest.fixture(scope="module")
def whole(here, tmp_path_factory):
    """(the submissions, the graded class)."""
    folder = tmp_path_factory.mktemp("whole")
    submissions = small_class(folder / "rendus")
    outcome, _ = graded(submissions, folder / "out")
    assert (outcome.students, outcome.judged, outcome.kept) == (5, 12, 0)
    return submissions, folder / "out"


@pytest.fixture
def again(whole, tmp_path):
    """A copy of both, to be changed."""
    submissions, out = tmp_path / "rendus", tmp_path / "out"
    shutil.copytree(whole[0], submissions)
    shutil.copytree(whole[1], out)
    return submissions, out


def graded(submissions, out):
    """(the outcome, the lines that were told)."""
    lines = []
    settings = Settings(home=small_course(), built=small_course(), salt=SALT)
    return Grading(settings, out, Told(line=lines.append)).run([submissions], 1), lines


def marks(out):
    rows = list(csv.reader(io.StringIO((out / "marks.csv").read_text(encoding="utf-8"))))
    return {row[0]: dict(zip(rows[0][1:], row[1:], strict=True)) for row in rows[1:]}


def change(out, statement, *values):
    with contextlib.closing(sqlite3.connect(out / "gradebook.db")) as database, database:
        assert database.execute(statement, values).rowcount >= 1


def ask(out, query, *values):
    with contextlib.closing(sqlite3.connect(out / "gradebook.db")) as database:
        return database.execute(query, values).fetchall()


OF = (
    "select m.id from submitted_notebook m join submitted_assignment s on s.id = m.assignment_id "
    "where s.student_id = ?"
)


def test_an_unchanged_class_is_not_judged_again_nor_written(again):
    submissions, out = again
    before, starts = state(out), HerePool.started
    times = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
    outcome, lines = graded(submissions, out)
    assert (outcome.judged, outcome.kept, lines) == (0, 15, [])
    assert HerePool.started == starts
    assert differing(state(out), before) == []
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()} == times


def test_only_a_new_submission_is_judged_and_equal_code_is_known(again):
    submissions, out = again
    hand_in(submissions, "fay", notebooks("fr", {"calibration": 2}, (2,)))
    hand_in(submissions, "gil", notebooks("fr", {}))
    outcome, _ = graded(submissions, out)
    assert (outcome.students, outcome.judged) == (7, 1)
    assert marks(out)["gil"] == marks(out)["ada"]
    lines = {
        (line["student"], line["verdict"]["exercise"]): (line["key"], line["verdict"], line.get("sandbox"))
        for line in journal_lines(out)
    }
    for exercise in ("causal_mask", "LayerNorm", "calibration"):
        assert lines[pseudonym("gil"), exercise] == lines[pseudonym("ada"), exercise]


def test_a_part_of_the_class_leaves_the_others_where_they_are(again):
    submissions, out = again
    before = state(out)
    outcome, lines = graded(submissions / "ada", out)
    assert (outcome.students, outcome.judged) == (1, 0)
    assert differing(state(out), before) == []
    assert lines == ["marks.csv and the report have 4 more, of earlier runs into this folder"]


def test_a_later_submission_takes_the_place_of_the_earlier_one(again):
    submissions, out = again
    assert marks(out)["bo"]["causal_mask"] == "0"
    before = journal_lines(out)
    hand_in(submissions, "bo", notebooks("en", {"calibration": 0}))
    outcome, _ = graded(submissions, out)
    assert outcome.judged == 2  # another exercise of the notebook may call what has changed
    assert marks(out)["bo"]["causal_mask"] == "2"
    assert journal_lines(out)[: len(before)] == before
    of_bo = ask(
        out,
        f"select g.auto_score from grade g join base_cell b on b.id = g.cell_id where g.notebook_id in ({OF}) "
        "and b.name like 'causal_mask%'",
        "bo",
    )
    assert sum(score for (score,) in of_bo) == 2.0
    submitted = nbformat.read(out / "submitted" / "bo" / "devoir2-en" / "notebook1_transformer.ipynb", 4)
    assert submitted == notebooks("en", {})["notebook1_transformer"]


def given_by_hand(out, student):
    """A person marks a question of a student's and says something; what is read back."""
    first = (
        f"(select {{table}}.id from {{table}} join base_cell b on b.id = {{table}}.cell_id "
        f"where {{table}}.notebook_id in ({OF}) and b.name like 'question%' order by b.name limit 1)"
    )
    grade, comment = first.format(table="grade"), first.format(table="comment")
    given = "manual_score = 1.5, extra_credit = 0.5, needs_manual_grade = 0"
    change(out, f"update grade set {given} where id = {grade}", student)
    change(out, f"update comment set manual_comment = 'Bien vu.' where id = {comment}", student)
    return lambda: (
        ask(out, f"select manual_score, extra_credit from grade where id = {grade}", student),
        ask(out, f"select manual_comment from comment where id = {comment}", student),
    )


def test_marks_and_comments_of_persons_stay(again, stricter):
    submissions, out = again
    by_hand = given_by_hand(out, "ada")
    wanted = ([(1.5, 0.5)], [("Bien vu.",)])
    assert by_hand() == wanted
    page = (out / "pages" / "ada.html").read_text(encoding="utf-8")
    graded(submissions, out)
    assert by_hand() == wanted
    assert "Bien vu." in (out / "pages" / "ada.html").read_text(encoding="utf-8") and "Bien vu." not in page
    hand_in(submissions, "hal", notebooks("fr", {"calibration": 3}, (2,)))
    graded(submissions, out)
    stricter()
    commands.regrade("causal_mask", out, 1, None, False, yes=True, dry_run=False)
    assert by_hand() == wanted
    assert "Bien vu." in (out / "pages" / "ada.html").read_text(encoding="utf-8")


@pytest.fixture
def stricter(monkeypatch):
    """Call it: the hidden checks of causal_mask expect from then on that the diagonal is not seen."""

    def change_it():
        module = load_exercise("causal_mask")._module("hidden")
        source = Path(module.__file__).read_text(encoding="utf-8")
        assert source.count("key <= query") == 1
        changed = {"__name__": "changed_hidden"}
        exec(compile(source.replace("key <= query", "key < query"), "changed_hidden.py", "exec"), changed)
        monkeypatch.setattr(module, "CHECKS", changed["CHECKS"])
        load_judged.cache_clear()

    yield change_it
    monkeypatch.undo()
    load_judged.cache_clear()


def test_regrade_shows_what_changes_and_writes_it_only_when_told(again, stricter, monkeypatch, capsys):
    _, out = again
    by_hand = state(out)
    stricter()
    commands.regrade("causal_mask", out, 1, None, False, yes=False, dry_run=True)
    printed = capsys.readouterr().out
    assert f"{pseudonym('ada')} causal_mask: 2 -> 1 of 2" in printed
    assert printed.endswith("nothing is written\n")
    assert differing(state(out), by_hand) == []
    shown = []

    def answers(no_or_yes):
        def confirm(question):
            shown.append(capsys.readouterr().out)  # the marks were printed before the question
            assert differing(state(out), by_hand) == []
            return no_or_yes

        return confirm

    monkeypatch.setattr(typer, "confirm", answers(False))
    commands.regrade("causal_mask", out, 1, None, False, yes=False, dry_run=False)
    assert capsys.readouterr().out == "nothing is written\n"
    assert differing(state(out), by_hand) == []
    monkeypatch.setattr(typer, "confirm", answers(True))
    commands.regrade("causal_mask", out, 1, None, False, yes=False, dry_run=False)
    assert all("causal_mask: 2 -> 1 of 2" in each for each in shown) and len(shown) == 2

    of_ada = [
        sum(check["earned"] for check in line["verdict"]["checks"])
        for line in journal_lines(out)
        if line["student"] == pseudonym("ada") and line["verdict"]["exercise"] == "causal_mask"
    ]
    assert of_ada == [2.0, 1.0]
    assert marks(out)["ada"]["causal_mask"] == "1" and marks(out)["ada"]["LayerNorm"] == "3"
    scores = ask(
        out,
        f"select g.auto_score from grade g join base_cell b on b.id = g.cell_id where g.notebook_id in ({OF}) "
        "and b.name like 'causal_mask%'",
        "ada",
    )
    assert sum(score for (score,) in scores) == 1.0
    changed = differing(files(out), {name: each for name, each in by_hand.items() if isinstance(each, bytes)})
    assert {"pages/ada.html", "marks.csv", "report.json"} <= set(changed)
    assert not {"students.csv", "set_aside.csv", "handed_in.json"} & set(changed)
    # And what was regraded is not judged again: the key is of the code and the files of the checks.
    assert marks(out)["ada"]["causal_mask"] == "1"


def test_regrading_what_has_not_changed_changes_nothing(again):
    submissions, out = again
    (submissions / "ivy").mkdir()
    (submissions / "ivy" / "report.pdf").write_bytes(b"%PDF")
    (submissions / "ivy" / "notes.txt").write_text("x")
    (submissions / "Zoé Martin" / "notebook1_transformer (1).ipynb").write_bytes(
        (submissions / "Zoé Martin" / "notebook1_transformer.ipynb").read_bytes()
    )
    graded(submissions, out)
    before = state(out)
    assert "Zoé Martin" in before["pages/Zoé_Martin.html"].decode()
    commands.regrade("calibration", out, 1, None, False, yes=True, dry_run=False)
    assert differing(state(out), before) == []


@pytest.mark.slow  # the parts of it are in the ordinary run
def test_the_command_regrades_by_the_checks_of_a_changed_course(again, tmp_path, monkeypatch):
    _, out = again
    course = tmp_path / "course"
    shutil.copytree(small_course(), course, symlinks=True)
    hidden = course / "grading" / "exercises" / "causal_mask" / "hidden.py"
    hidden.write_text(
        hidden.read_text(encoding="utf-8").replace("key <= query", "key < query"), encoding="utf-8"
    )
    before = state(out)
    line = command("regrade", "--exercise", "causal_mask", "--out", out, "--jobs", 1)
    done = ran(line, course, given="n\n")
    assert done.returncode == 0, done.stderr
    assert f"{pseudonym('ada')} causal_mask: 2 -> 1 of 2" in done.stdout
    assert done.stdout.endswith("nothing is written\n")
    assert differing(state(out), before) == []


def test_a_worker_with_other_checks_refuses_to_judge():
    settings = Settings(home=small_course(), built=small_course(), salt=SALT)
    with pytest.raises(InputError, match="start the workers again"):
        judging_pool.judge_task(
            settings, judging_pool.Task((), ("causal_mask",)), "namespaces", version_of(("LayerNorm",))
        )


@pytest.mark.slow  # the parts of it are in the ordinary run
def test_explain_replays_a_verdict(again):
    _, out = again
    done = ran(command("explain", "bo", "causal_mask", "--out", out))
    assert done.returncode == 0, done.stderr
    assert "as in the journal: 0 of 2" in done.stdout
    assert "failed" in done.stdout and "expected" in done.stdout and "named: " in done.stdout
    refused = ran(command("explain", "bob", "causal_mask", "--out", out))
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("error: expected a student of this class") and "bo" in refused.stderr


def test_a_gradebook_that_is_moved_away_is_written_again(again):
    submissions, out = again
    before = state(out)
    (out / "gradebook.db").unlink()
    outcome, _ = graded(submissions, out)
    assert outcome.judged == 0
    assert differing(state(out), before) == []


def test_a_held_gradebook_does_not_stop_the_judging(whole, tmp_path, monkeypatch):
    submissions, done = whole
    out = tmp_path / "out"
    graded_first = small_subset(submissions, tmp_path)
    graded(graded_first, out)
    monkeypatch.setattr(derived, "open_gradebook", impatient(derived.open_gradebook))
    monkeypatch.setattr(derived, "person_marks", impatient(derived.person_marks))
    with contextlib.closing(sqlite3.connect(out / "gradebook.db", isolation_level=None)) as other:
        other.execute("begin exclusive")
        with pytest.raises(InputError) as refused:
            graded(submissions, out)
        other.execute("rollback")
    assert "that no other program is writing to" in str(refused.value)
    assert "give the same command again" in str(refused.value)
    assert len(journal_lines(out)) == 15
    outcome, lines = graded(submissions, out)
    assert (outcome.judged, lines) == (0, [])
    assert differing(state(out), state(done)) == []


def small_subset(submissions, folder):
    subset = folder / "first"
    shutil.copytree(submissions / "ada", subset / "ada")
    return subset


def impatient(function):
    return lambda *arguments, **options: function(*arguments, **{**options, "wait": 0.2})


def test_two_graders_do_not_work_in_one_folder(again):
    submissions, out = again
    journal = Journal(out)
    try:
        with pytest.raises(InputError, match="another grader at work there"):
            graded(submissions, out)
    finally:
        journal.close()
    graded(submissions, out)


@pytest.mark.parametrize("foreign", [b'{"some": "log"}\n', b"notes of mine", b'{"key": 1}\n{"key": "', b"\n"])
def test_a_foreign_journal_is_refused_and_left_as_it_is(whole, tmp_path, foreign):
    out = tmp_path / "out"
    out.mkdir()
    (out / "journal.jsonl").write_bytes(foreign)
    with pytest.raises(InputError, match=r"expected a journal in .*put that file away"):
        graded(whole[0], out)
    assert (out / "journal.jsonl").read_bytes() == foreign
    assert [path.name for path in out.iterdir()] == ["journal.jsonl"]


def one_line(done):
    """The single line of a command that failed as our commands do."""
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = [each for each in done.stderr.splitlines() if each != "0 of 5 students"]
    assert line.startswith("error: expected ")
    return line


def test_what_cannot_be_graded_is_said_in_one_line(whole, tmp_path):
    file, empty, no_build = tmp_path / "file", tmp_path / "empty", tmp_path / "course"
    file.write_text("mine")
    empty.mkdir()
    shutil.copytree(small_course(), no_build, symlinks=True, ignore=shutil.ignore_patterns("build"))
    absent = tmp_path / "absent"
    cases = {
        "Not a directory": (whole[0], file / "out", None),
        "File exists": (whole[0], file, None),
        "got " + str(absent): (absent, tmp_path / "out", None),
        "got no files and nobody's notebook": (empty, tmp_path / "out", None),
        "run `attentif-grading build`": (whole[0], tmp_path / "out2", no_build),
    }
    for wanted, (submissions, out, course) in cases.items():
        assert wanted in one_line(ran(grade_command(submissions, out), course))
    assert file.read_text() == "mine"
    assert not (tmp_path / "out").exists()


@contextlib.contextmanager
def disk(folder, size):
    """A disk of this size at `folder`; it is called with options to mount it again."""
    if not ROOT:
        pytest.skip("only root can mount a small disk")
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True
    )
    if done.returncode:
        pytest.skip("no disk can be mounted here")
    try:
        yield lambda options: subprocess.run(["mount", "-o", f"remount,{options}", folder], check=True)
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


# The journal finds no room; the gradebook; a graded copy or a page; the last files.
@pytest.mark.parametrize("size", ["8k", "64k", "1400k", "2200k"])
def test_a_full_disk_stops_with_one_line_and_the_rest_is_done_later(whole, tmp_path, size, caplog):
    submissions, done = whole
    with disk(tmp_path / "disk", size) as mounted:
        out = tmp_path / "disk" / "out"
        with pytest.raises(InputError, match=r"(a full disk|No space left).*the same command again"):
            graded(submissions, out)
        assert caplog.records == []  # nbgrader would tell its own story
        known = len(journal_lines(out))
        mounted("size=64m")
        outcome, _ = graded(submissions, out)
        assert outcome.kept == known or size == "8k"
        assert differing(state(out), state(done)) == []


def test_a_folder_that_may_not_be_written_to_is_refused(again, tmp_path):
    submissions, out = again
    with disk(tmp_path / "disk", "64m") as mounted:
        there = tmp_path / "disk" / "out"
        shutil.copytree(out, there)
        mounted("ro")
        with pytest.raises(InputError, match="Read-only file system"):
            graded(submissions, there)
        mounted("rw")
        assert graded(submissions, there)[0].judged == 0


@pytest.mark.skipif(ROOT, reason="root may write everywhere")
def test_a_folder_of_somebody_else_is_refused(again):
    submissions, out = again
    out.chmod(0o555)
    (out / "journal.jsonl").chmod(0o444)
    try:
        with pytest.raises(InputError, match="Permission denied"):
            graded(submissions, out)
    finally:
        out.chmod(0o755)
        (out / "journal.jsonl").chmod(0o644)
    assert graded(submissions, out)[0].judged == 0
