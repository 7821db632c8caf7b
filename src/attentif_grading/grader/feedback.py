"""The page that a student receives: marks, what is wrong and where to look, in the language of the notebook.

The page is one file without scripts or pictures. Nothing in it is an input, an expected value or the source of a
hidden check, and nothing that a student wrote is markup.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from attentif.checks.report import format_points
from attentif.checks.text import Text
from attentif.language import typeset
from attentif_grading.contracts import load_contracts, load_course
from attentif_grading.grader.feedback_content import (
    NotebookSection,
    exercise_section,
    question_lines,
    work_on,
)
from attentif_grading.grader.feedback_words import WORDS
from attentif_grading.grader.gradebook import GradedSubmission
from attentif_grading.grader.gradebook_storage import write_whole
from attentif_grading.grader.person_marks import PersonMark
from attentif_grading.grader.reported import speaking
from attentif_grading.grader.shown_text import capitalised, visible
from attentif_grading.notebooks import written_exercises


def feedback_page(
    home: Path,
    submission: GradedSubmission,
    remarks: Sequence[Text] = (),
    marks: Mapping[str, PersonMark] | None = None,
) -> str:
    """The page of one student, as HTML.

    Args:
        home: the course's repository.
        submission: what was handed in, with its verdicts and graded copies.
        remarks: on the files that were handed in, of their repair.
        marks: what persons gave to the written questions (see `person_marks`); the others wait for a mark.
    """
    language = submission.language
    course = load_course(home)
    with speaking(language):
        notebooks = _notebooks(home, submission, marks or {})
        costly, unwritten = work_on(notebooks)
        style = _style()
        return (
            _environment()
            .get_template("feedback.html.j2")
            .render(
                language=language,
                say=lambda said: typeset(said, language),
                policy=_policy(style),
                style=Markup(style),
                course=course.title[language],
                student=visible(submission.shown or submission.student, longest=120),
                notebooks=notebooks,
                earned=sum(notebook.earned for notebook in notebooks),
                maximum=sum(notebook.maximum for notebook in notebooks),
                questions={
                    state: sum(notebook.points_of(state) for notebook in notebooks)
                    for state in ("marked", "waiting", "unanswered")
                },
                questions_maximum=sum(each.maximum for notebook in notebooks for each in notebook.questions),
                costly=costly,
                unwritten=unwritten,
                remarks=[visible(remark[language], longest=600) for remark in remarks],
                t={name: said[language] for name, said in WORDS.items()},
            )
        )


def write_feedback(
    path: Path,
    home: Path,
    submission: GradedSubmission,
    remarks: Sequence[Text] = (),
    marks: Mapping[str, PersonMark] | None = None,
) -> Path:
    """Write the page of one student; see `feedback_page`."""
    write_whole(path, feedback_page(home, submission, remarks, marks).encode("utf-8", "replace"))
    return path


def _notebooks(
    home: Path, submission: GradedSubmission, marks: Mapping[str, PersonMark]
) -> list[NotebookSection]:
    written, contracts, language = written_exercises(home), load_contracts(home), submission.language
    sections = []
    for notebook in load_course(home).notebooks:
        copy = submission.notebooks.get(notebook.file[language])
        exercises = [
            exercise_section(name, contracts[name].points, submission.verdicts.get(name), language)
            for name in notebook.exercises
            if name in written
        ]
        questions = () if copy is None else question_lines(copy, marks)
        sections.append(NotebookSection(notebook.number, copy is not None, tuple(exercises), questions))
    return sections


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("attentif_grading"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"points": format_points, "capitalised": capitalised}
    return environment


@cache
def _style() -> str:
    source, _, _ = _environment().loader.get_source(_environment(), "feedback.css")
    return source


def _policy(style: str) -> str:
    """Nothing may be loaded or run; of styles, this very one."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
