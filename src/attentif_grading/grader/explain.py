"""One verdict replayed, for an appeal: each check with what it expected and what came, for staff only."""

from __future__ import annotations

from collections.abc import Generator, Iterator

from attentif.checks.engine import FAILED, Report
from attentif.checks.examining import diagnosed, examine_answer
from attentif.checks.text import text
from attentif.errors import InputError
from attentif_grading.grader.cages import CageSession
from attentif_grading.grader.collect import Handed
from attentif_grading.grader.grade import Grading
from attentif_grading.grader.journal import Journal, pseudonym
from attentif_grading.grader.lent_parts import lent_to
from attentif_grading.grader.notebook_run import NotebookRun
from attentif_grading.grader.reading import Unreadable, read_notebook
from attentif_grading.grader.regrade import handed_in_before
from attentif_grading.grader.repair import repair
from attentif_grading.grader.shown_text import visible
from attentif_grading.grader.troubles import TROUBLES
from attentif_grading.grader.workplace import Workplace, load_judged, run_cells
from attentif_grading.nearest import remedy_for
from attentif_grading.twins import twinned


def explain(grading: Grading, student: str, exercise: str, kind: str) -> Iterator[str]:
    """Judge one exercise of one student again, and tell everything; nothing is written.

    Args:
        grading: of the class.
        student: the identifier, or the pseudonym of the journal.
        exercise: its name.
        kind: of the cage.

    Raises:
        InputError: no such student or exercise, or a notebook that cannot be read.
    """
    handed = _student(grading, student)
    number = grading.notebook_of(exercise)
    file = next((each for each in handed.notebooks if each.number == number), None)
    if file is None:
        raise InputError(
            expected=text(f"notebook {number} of {student}", f"le carnet {number} de {student}"),
            got=text("none handed in", "aucun rendu"),
            remedy=text("there is nothing to explain", "il n'y a rien à expliquer"),
        )
    try:
        repaired = repair(read_notebook(file.file.read()), grading.assignments[number, file.language])
    except Unreadable as error:
        raise InputError(
            expected=text("a notebook that can be read", "un carnet lisible"),
            got=error.reason,
            remedy=text("ask for the file again", "redemandez le fichier"),
        ) from error
    yield f"{handed.student} ({pseudonym(handed.student)}), notebook {number} in {file.language}: {exercise}"
    yield from (f"repaired: {remark['en']}" for remark in repaired.remarks)
    workplace = Workplace(grading.settings)
    run = None
    try:
        cells = run_cells(repaired.cells)
        run = NotebookRun(
            lambda: CageSession(workplace.zygote, workplace.cage(kind)), cells, grading.settings.patience
        )
        yield from (f"cell {name}: {visible(error)}" for name, error in run.errors.items())
        earned = yield from _replayed(run, exercise)
        yield _compared(grading, handed.student, exercise, earned)
    finally:
        if run is not None:
            run.end()
        workplace.close()


def _replayed(run: NotebookRun, exercise: str) -> Generator[str, None, float]:
    """Public checks with their twins, then hidden ones, as the judge puts them; the points at the end."""
    judged = load_judged(exercise)
    answer = run.answer(judged.contract, lent_to(judged.contract))
    try:
        if not answer.there:
            yield f"trouble: {TROUBLES['missing']['en']}"
            return 0.0
        with twinned(judged.exercise) as twins:
            public = examine_answer(judged.public, answer, cases=twins, diagnose=False)
        yield from _told("public", public)
        hidden = examine_answer(judged.public, answer, judged.exercise.hidden, diagnose=False)
        yield from _told("hidden", hidden)
        if public.earned + hidden.earned < public.maximum + hidden.maximum:
            named = diagnosed(answer.student(), judged.public)
            yield from (f"named: {diagnosis.name}: {diagnosis.said['en']}" for diagnosis in named)
        if answer.trouble:
            yield f"trouble: {TROUBLES[answer.trouble]['en']}"
        return public.earned + hidden.earned
    finally:
        answer.close()


def _told(scope: str, report: Report) -> Iterator[str]:
    carried = f", with known-good {', '.join(report.carried_forward)}" if report.carried_forward else ""
    yield f"{scope} checks: {report.earned:g} of {report.maximum:g}{carried}"
    for result in report.results:
        check = result.check
        yield f"  {result.status:<8} {result.earned:g} of {check.points:g}  {check.name}: {check.title['en']}"
        if result.status == FAILED:
            yield f"           expected {visible(result.expected['en'], longest=400)}"
            yield f"           got      {visible(result.got['en'], longest=400)}"


def _compared(grading: Grading, student: str, exercise: str, earned: float) -> str:
    journal = Journal(grading.out)
    try:
        noted = journal.last(student, exercise)
    finally:
        journal.close()
    said = f"{earned:g} of {load_judged(exercise).contract.points:g}"
    if noted is None:
        return f"the journal has no verdict; this one: {said}"
    if noted.earned() == earned:
        return f"as in the journal: {said}"
    return f"the journal says {noted.earned():g}, this run {said}"


def _student(grading: Grading, student: str) -> Handed:
    students = handed_in_before(grading).students
    for each in students:
        if student in (each.student, pseudonym(each.student)):
            return each
    raise InputError(
        expected=text(
            "a student of this class, or a pseudonym", "un étudiant de cette classe, ou un pseudonyme"
        ),
        got=repr(student),
        remedy=remedy_for(student, [each.student for each in students], "in it"),
    )
