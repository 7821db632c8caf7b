"""nbgrader's own tools on a graded class: the formgrader, its feedback, its export, and the refusal of its autograde."""

from __future__ import annotations

import csv
import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from browser import Browser, wait_for
from verdicts import answered, full_verdicts, judged, untouched_verdicts

from attentif_grading.contracts import load_course
from attentif_grading.exercises import load_exercise
from attentif_grading.grader.gradebook import GradedSubmission, write_gradebook
from attentif_grading.grader.person_marks import PersonMark, person_marks
from attentif_grading.notebooks import written_exercises
from attentif_grading.places import course_home
from attentif_grading.sample_class import solved

HOME = course_home()
WRITTEN = written_exercises(HOME)
COURSE = load_course(HOME)
ASSIGNMENT = COURSE.assignments["fr"]
FIRST, SECOND = (notebook.file["fr"] for notebook in COURSE.notebooks)
NAME = "warmup_cosine"
ANSWERS = {
    "question_causal": "Le masque cache la suite de la phrase.",
    "question_curve": "La perte commence à ln V.",
    "question_interval": "La pente vaut 1.",
}
TOKEN = "of-this-test-only"


@dataclass
class Formgrader:
    """A class written by us, with nbgrader's formgrader on it."""

    folder: Path
    address: str
    submission: GradedSubmission

    def __call__(self, path: str, data: dict | None = None, method: str = "GET"):
        """What the formgrader's HTTP interface answers."""
        request = urllib.request.Request(
            f"{self.address}/formgrader/api/{path}",
            data=None if data is None else json.dumps(data).encode(),
            headers={"Authorization": f"token {TOKEN}", "Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def notebook(self, name: str) -> dict:
        """The submission of a notebook, as the formgrader lists it."""
        (found,) = self(f"submitted_notebooks/{ASSIGNMENT}/{name}")
        return found

    def cell(self, kind: str, notebook: str, grade_id: str) -> dict:
        """The grade or the comment of a cell."""
        found = self(f"{kind}?submission_id={self.notebook(notebook)['id']}")
        return next(each for each in found if each["name"] == grade_id)


def environment(folder: Path) -> dict[str, str]:
    """No settings of whoever runs the tests; the commands beside this Python."""
    apart = {
        name: str(folder / name)
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "HOME")
    }
    commands = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    return {**os.environ, **apart, "PATH": commands}


def nbgrader(folder: Path, *command: str) -> subprocess.CompletedProcess:
    """Run a command of nbgrader in a graded class."""
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *command],
        cwd=folder,
        env=environment(folder.parent / "apart"),
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def submission():
    wrong = judged(NAME, load_exercise(NAME).misconceptions[0].function)
    notebooks = answered(solved(HOME, HOME, "fr"), ANSWERS)
    verdicts = full_verdicts(WRITTEN) | {NAME: wrong}
    return GradedSubmission("alice", "fr", notebooks, verdicts, shown="Élise Martin")


@pytest.fixture
def formgrader(tmp_path, submission):
    folder = tmp_path / "class"
    write_gradebook(folder, HOME, None, [submission])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (tmp_path / "server.log").open("w")
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "jupyter_server",
            "--allow-root",
            "--no-browser",
            f"--ServerApp.port={port}",
            "--ServerApp.port_retries=0",
            f"--IdentityProvider.token={TOKEN}",
            f"--ServerApp.root_dir={folder}",
            "--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}",
        ],
        cwd=folder,
        env=environment(tmp_path / "apart"),
        stdout=log,
        stderr=log,
    )
    running = Formgrader(folder, f"http://127.0.0.1:{port}", submission)
    try:
        wait_for(lambda: running("status"), "the formgrader")
        yield running
    finally:
        server.terminate()
        server.wait()
        log.close()


def automatic(submission):
    return sum(verdict.earned() for verdict in submission.verdicts.values())


def exported(folder: Path) -> dict[str, str]:
    done = nbgrader(folder, "export", "--to=marks.csv")
    assert done.returncode == 0, done.stderr
    with (folder / "marks.csv").open(encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    return row


def test_marks_saved_through_the_formgrader_count_and_stay(formgrader):
    earned = automatic(formgrader.submission)
    listed = formgrader(f"submissions/{ASSIGNMENT}")
    assert [(each["student"], each["score"], each["needs_manual_grade"]) for each in listed] == [
        ("alice", earned, True)
    ]
    assert formgrader.notebook(FIRST)["needs_manual_grade"]
    grade = formgrader.cell("grades", FIRST, "question_causal")
    assert grade["needs_manual_grade"] and grade["max_score"] == 6.0
    said = formgrader(f"grade/{grade['id']}", {"manual_score": 4.5, "extra_credit": 0.25}, "PUT")
    assert said["manual_score"] == 4.5 and not said["needs_manual_grade"]
    comment = formgrader.cell("comments", FIRST, "question_causal")
    formgrader(f"comment/{comment['id']}", {"manual_comment": "Bien, mais prouvez-le."}, "PUT")
    before = formgrader(f"submission/{ASSIGNMENT}/alice")
    assert before["score"] == earned + 4.75

    # Written again while the formgrader runs.
    write_gradebook(formgrader.folder, HOME, None, [formgrader.submission])
    after = formgrader(f"submission/{ASSIGNMENT}/alice")
    assert after["score"] == before["score"]
    assert formgrader.cell("grades", FIRST, "question_causal")["manual_score"] == 4.5
    assert formgrader.cell("comments", FIRST, "question_causal")["manual_comment"] == "Bien, mais prouvez-le."
    assert person_marks(formgrader.folder, ASSIGNMENT, "alice") == {
        "question_causal": PersonMark(4.75, "Bien, mais prouvez-le.")
    }
    # Another verdict shows without a restart of the formgrader.
    less = replace(
        formgrader.submission, verdicts=formgrader.submission.verdicts | untouched_verdicts([NAME])
    )
    write_gradebook(formgrader.folder, HOME, None, [less])
    assert formgrader(f"submission/{ASSIGNMENT}/alice")["score"] == automatic(less) + 4.75 < after["score"]
    write_gradebook(formgrader.folder, HOME, None, [formgrader.submission])
    row = exported(formgrader.folder)
    assert float(row["score"]) == earned + 4.75 and row["last_name"] == "Élise Martin"


def test_its_autograde_is_refused_before_it_touches_anything(formgrader):
    copy = formgrader.folder / "autograded" / "alice" / ASSIGNMENT / f"{FIRST}.ipynb"
    (formgrader.folder / "submitted" / "alice" / ASSIGNMENT).mkdir(parents=True)
    (formgrader.folder / "submitted" / "alice" / ASSIGNMENT / f"{FIRST}.ipynb").write_bytes(copy.read_bytes())
    before = copy.read_bytes()
    said = formgrader(f"submission/{ASSIGNMENT}/alice/autograde", {}, "POST")
    assert not said["success"] and "attentif-grading grade" in said["log"]
    done = nbgrader(formgrader.folder, "autograde", ASSIGNMENT, "--force")
    assert done.returncode != 0 and "attentif-grading grade" in done.stderr
    assert copy.read_bytes() == before
    assert formgrader(f"submission/{ASSIGNMENT}/alice")["score"] == automatic(formgrader.submission)


@pytest.mark.slow
def test_its_feedback_has_marks_diagnosis_and_the_comment(formgrader):
    comment = formgrader.cell("comments", FIRST, "question_causal")
    formgrader(f"comment/{comment['id']}", {"manual_comment": "Bien, mais prouvez-le."}, "PUT")
    done = nbgrader(formgrader.folder, "generate_feedback", ASSIGNMENT)
    assert done.returncode == 0, done.stderr
    page = (formgrader.folder / "feedback" / "alice" / ASSIGNMENT / f"{FIRST}.html").read_text(
        encoding="utf-8"
    )
    assert "Bien, mais prouvez-le." in page
    assert load_exercise(NAME).misconceptions[0].said["fr"] in page
    assert load_exercise(NAME).hidden.checks[0].title["fr"] in page


@pytest.mark.slow
def test_a_marker_sees_the_questions_and_saves_a_mark_and_a_comment_in_a_browser(formgrader, tmp_path):
    browser = Browser(tmp_path / "chromium")
    try:
        # The cookie is good below the folder of the page that was opened with the token.
        browser.open(f"{formgrader.address}/formgrader/manage_assignments?token={TOKEN}")
        browser.open(f"{formgrader.address}/formgrader/gradebook/{ASSIGNMENT}/{FIRST}")
        wait_for(
            lambda: "Submission #1" in browser.value("document.body.innerText"), "the list of submissions"
        )
        browser.open(f"{formgrader.address}/formgrader/submissions/{formgrader.notebook(FIRST)['id']}/")
        wait_for(
            lambda: browser.value("!!document.querySelector('#question_causal.needs_manual_grade')"), "a mark"
        )
        shown = browser.value("document.body.innerText")
        assert ANSWERS["question_causal"] in shown
        assert load_exercise(NAME).misconceptions[0].said["fr"] in shown
        waiting = browser.value("[...document.querySelectorAll('.needs_manual_grade')].map(each => each.id)")
        assert waiting == ["question_causal", "question_curve"]
        browser.value("document.querySelector('#question_causal').scrollIntoView({block: 'center'})")
        browser.type_into("#question_causal", "5")
        browser.type_into("#question_causal-comment", "Clair et juste.")
        wait_for(
            lambda: (
                formgrader.cell("comments", FIRST, "question_causal")["manual_comment"] == "Clair et juste."
            ),
            "the comment",
        )
        wait_for(
            lambda: formgrader.cell("grades", FIRST, "question_causal")["manual_score"] == 5.0, "the mark"
        )
        assert formgrader(f"submission/{ASSIGNMENT}/alice")["score"] == automatic(formgrader.submission) + 5.0
        # Graded again, with the page still open: the mark is there when it is loaded anew.
        write_gradebook(formgrader.folder, HOME, None, [formgrader.submission])
        browser.open(f"{formgrader.address}/formgrader/submissions/{formgrader.notebook(FIRST)['id']}/")
        wait_for(lambda: browser.value("document.querySelector('#question_causal').value") == "5", "the mark")
        wait_for(
            lambda: (
                browser.value("document.querySelector('#question_causal-comment').value") == "Clair et juste."
            ),
            "the comment",
        )
    finally:
        browser.close()
    assert float(exported(formgrader.folder)["score"]) == automatic(formgrader.submission) + 5.0
