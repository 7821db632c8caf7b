"""Which notebook of the assignment a file is, and in which language."""

from __future__ import annotations

import re
from collections import Counter

from attentif.checks.text import LANGUAGES
from attentif_grading.grader.assignment import Assignments
from attentif_grading.grader.reading import RawNotebook
from attentif_grading.grader.source_text import bare, clean_code, defined
from attentif_grading.grader.students import stem_of

_NUMBER = re.compile(r"(?:notebook|carnet|nb)[ _\-]*(\d)", re.IGNORECASE)
_CHOSEN = re.compile(r"setup\(\s*language\s*=\s*[\"'](\w\w)[\"']")


def recognise(notebook: RawNotebook, name: str, assignments: Assignments) -> tuple[int, str] | None:
    """The number and the language of a notebook; None if nothing tells.

    What its metadata claim counts unless it defines exercises of another notebook only; then what it defines, its
    grade ids, its released texts; at last the file's name.

    Args:
        notebook: what was read.
        name: of the file.
        assignments: what was handed out.
    """
    numbers = sorted({number for number, _ in assignments})
    defines = Counter(
        number
        for cell in notebook.cells
        for exercise in set(defined(clean_code(cell.source)))
        for number in numbers
        if exercise in next(a for (n, _), a in assignments.items() if n == number).solutions
    )
    identified, texts = _identified(notebook, assignments)
    if notebook.number in numbers and (defines[notebook.number] or not defines):
        number = notebook.number
    else:
        evidence = {
            n: (defines[n], identified[n], max(texts[n, language] for language in LANGUAGES)) for n in numbers
        }
        number = max(numbers, key=lambda n: evidence[n])
        if not any(evidence[number]):
            by_name = named(name, assignments)
            if by_name is None:
                return None
            number = by_name[0]
    return number, _language(notebook, number, name, texts, assignments)


def named(name: str, assignments: Assignments) -> tuple[int, str] | None:
    """The number and the language that a file's name tells; None if it tells no number."""
    stem = stem_of(name).casefold()
    told = [key for key, assignment in assignments.items() if assignment.file.casefold() in stem]
    if told:
        return told[0]
    match = _NUMBER.search(stem)
    number = int(match.group(1)) if match else None
    return next((key for key in assignments if key[0] == number), None)


def answers(notebook: RawNotebook, number: int, language: str, assignments: Assignments) -> int:
    """How many exercises a file answers: defined at the left margin, and not as they were handed out."""
    solutions = assignments[number, language].solutions
    sources = [clean_code(cell.source) for cell in notebook.cells]
    return len(
        {
            name
            for source in sources
            for name in defined(source)
            if name in solutions and bare(source) != solutions[name].bare
        }
    )


def _identified(notebook: RawNotebook, assignments: Assignments) -> tuple[Counter, Counter]:
    """Number → known grade ids; number and language → released texts that stand in it unchanged."""
    ids, texts = Counter(), Counter()
    sources = {bare(cell.source) for cell in notebook.cells}
    for (number, language), assignment in assignments.items():
        known = sum(cell.grade_id in assignment.by_grade_id for cell in notebook.cells if cell.grade_id)
        ids[number] = max(ids[number], known)
        texts[number, language] = sum(
            cell.bare in sources for cell in assignment.cells if cell.kind == "markdown"
        )
    return ids, texts


def _language(notebook: RawNotebook, number: int, name: str, texts: Counter, assignments: Assignments) -> str:
    if (number, notebook.language) in assignments:
        return notebook.language
    if texts[number, "fr"] != texts[number, "en"]:
        return max(LANGUAGES, key=lambda language: texts[number, language])
    chosen = [found for cell in notebook.cells for found in _CHOSEN.findall(cell.source)]
    if chosen and (number, chosen[-1]) in assignments:
        return chosen[-1]
    by_name = named(name, assignments)
    return by_name[1] if by_name else LANGUAGES[0]
