"""What the page of a student shows, exercise by exercise, in one language: plain texts for the template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nbformat import NotebookNode

from attentif.checks.engine import FAILED, TODO, CheckResult
from attentif.checks.report import carried_sentence
from attentif.checks.text import Text, colon
from attentif_grading.grader.feedback_words import MARKS, REMEDIES, STATUS, WORDS
from attentif_grading.grader.person_marks import PersonMark
from attentif_grading.grader.reported import report_of
from attentif_grading.grader.shown_text import capitalised, visible
from attentif_grading.grader.troubles import TROUBLES
from attentif_grading.grader.verdict import HIDDEN, PUBLIC, Verdict


@dataclass(frozen=True)
class CheckLine:
    """A check: its status and sign, title, points, and what explains a failure as (word, text) pairs."""

    status: str
    mark: str
    said: str
    title: str
    earned: float
    points: float
    details: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ExerciseSection:
    """An exercise of the page.

    Args:
        name: its name.
        earned, maximum: its points.
        groups: (heading, lines) of its checks; none where the exercise is not written.
        causes: the named mistakes.
        trouble: why it could not be judged to its end, and what to do; empty if it could.
        notes: further sentences, below the checks.
        written: whether there is an answer.
        reason: the main reason for what was lost, for the summary.
    """

    name: str
    earned: float
    maximum: float
    groups: tuple[tuple[str, tuple[CheckLine, ...]], ...] = ()
    causes: tuple[str, ...] = ()
    trouble: str = ""
    notes: tuple[str, ...] = ()
    written: bool = True
    reason: str = ""

    @property
    def lost(self) -> float:
        """Points lost."""
        return self.maximum - self.earned


@dataclass(frozen=True)
class QuestionLine:
    """A written question.

    Args:
        number: its place in the notebook, from 1.
        maximum: its points.
        state: marked by a person, waiting for a mark, or unanswered.
        earned: its points so far, None while it waits.
        comment: of the person.
    """

    number: int
    maximum: float
    state: str
    earned: float | None
    comment: str


@dataclass(frozen=True)
class NotebookSection:
    """A notebook of the page."""

    number: int
    handed_in: bool
    exercises: tuple[ExerciseSection, ...]
    questions: tuple[QuestionLine, ...]

    @property
    def earned(self) -> float:
        """Points earned in checks."""
        return sum(exercise.earned for exercise in self.exercises)

    @property
    def maximum(self) -> float:
        """Points that the checks are worth."""
        return sum(exercise.maximum for exercise in self.exercises)

    def points_of(self, state: str) -> float:
        """Points that its questions in a state are worth: marked, waiting or unanswered; of marked ones, earned."""
        return sum(
            each.maximum if each.earned is None or state == "unanswered" else each.earned
            for each in self.questions
            if each.state == state
        )


def exercise_section(name: str, maximum: float, verdict: Verdict | None, language: str) -> ExerciseSection:
    """What the page says of one exercise; called while the language is the page's (see `speaking`).

    Args:
        name: of the exercise.
        maximum: its points.
        verdict: what was judged; None if nothing was.
        language: fr or en.
    """
    if verdict is None:
        said = WORDS["not_judged"][language]
        return ExerciseSection(name, 0.0, maximum, trouble=said, reason=said)
    report = report_of(verdict)
    trouble = ""
    if verdict.trouble:
        parts = (TROUBLES.get(verdict.trouble), REMEDIES.get(verdict.trouble))
        trouble = " ".join(_sentence(part[language]) for part in parts if part)
    untouched = all(result.status == TODO for result in report.results)
    causes = tuple(dict.fromkeys(diagnosis.said[language] for diagnosis in report.diagnoses))
    notes = [carried_sentence(report)] if report.carried_forward else []
    if "inputs_changed" in verdict.flags:
        notes.append(WORDS["inputs_changed"][language])
    groups, hints = [], set()
    for scope, heading in ((PUBLIC, "in_notebook"), (HIDDEN, "at_grading")):
        results = [r for r, c in zip(report.results, verdict.checks, strict=True) if c.scope == scope]
        if results and not untouched:
            groups.append(
                (WORDS[heading][language], tuple(_line(result, language, hints) for result in results))
            )
    failed = [
        f"{WORDS['fails'][language]}{colon(language)}{result.check.title[language]}"
        for result in report.results
        if result.status == FAILED
    ]
    return ExerciseSection(
        name=name,
        earned=report.earned,
        maximum=maximum,
        groups=tuple(groups),
        causes=causes,
        trouble=trouble,
        notes=tuple(notes),
        written=bool(trouble) or not untouched,
        reason=next(iter((*causes, *filter(None, [trouble]), *failed)), ""),
    )


def question_lines(notebook: NotebookNode, marks: Mapping[str, PersonMark]) -> tuple[QuestionLine, ...]:
    """The written questions of a graded copy, in order."""
    from nbgrader.utils import compute_checksum, is_grade, is_solution

    lines = []
    for cell in notebook.cells:
        if not (is_grade(cell) and is_solution(cell)):
            continue
        about = cell.metadata.nbgrader
        maximum, mark = float(about.points), marks.get(about.grade_id)
        state, earned, comment = "waiting", None, ""
        if mark is not None and mark.score is not None:
            state, earned = "marked", mark.score
            comment = visible(mark.comment, longest=4000, keep="\n")
        elif about.get("checksum") == compute_checksum(cell):
            state, earned = "unanswered", 0.0
        lines.append(QuestionLine(len(lines) + 1, maximum, state, earned, comment))
    return tuple(lines)


def work_on(notebooks: Sequence[NotebookSection]) -> tuple[list[ExerciseSection], list[ExerciseSection]]:
    """What to take up again: written exercises that lost points, the most costly first; and the unwritten ones."""
    exercises = [each for notebook in notebooks if notebook.handed_in for each in notebook.exercises]
    lost = [each for each in exercises if each.written and each.lost > 0]
    return sorted(lost, key=lambda each: -each.lost), [each for each in exercises if not each.written]


def _line(result: CheckResult, language: str, hints: set[str]) -> CheckLine:
    """A check's line; a hint that stands above already is not said again."""
    details: list[tuple[str, Text | None]] = []
    said = STATUS[result.status]
    if result.status == FAILED and result.fault:
        said = WORDS["fault"]
    elif result.status == FAILED:
        hint = result.check.hint
        details = [("expected", result.expected), ("got", result.got)]
        details += [] if hint[language] in hints else [("hint", hint)]
        hints.add(hint[language])
    return CheckLine(
        status=result.status,
        mark=MARKS[result.status],
        said=said[language],
        title=result.check.title[language],
        earned=result.earned,
        points=result.check.points,
        details=tuple(
            (WORDS[word][language], text[language]) for word, text in details if text and text[language]
        ),
    )


def _sentence(said: str) -> str:
    said = capitalised(said)
    return said if said.endswith((".", "!", "?")) else f"{said}."
