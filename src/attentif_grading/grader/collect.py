"""From what was handed in, in any mix of folders, archives and files, to each student's notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from attentif.checks.text import Text, text
from attentif.errors import InputError
from attentif_grading.grader.assignment import Assignments
from attentif_grading.grader.handed_file import Found, HandedFile, is_archive
from attentif_grading.grader.handed_files import files_below
from attentif_grading.grader.reading import Unreadable, read_notebook
from attentif_grading.grader.recognise import answers, named, recognise
from attentif_grading.grader.students import Layout, copy_number, safe_identifiers

MAX_FILES = 200
MAX_BYTES = 500_000_000
_TOO_MUCH = text("this student handed in too much", "cette personne a rendu trop de fichiers")


@dataclass(frozen=True)
class HandedNotebook:
    """The file that counts as a student's notebook.

    Args:
        number, language: which notebook it is.
        file: to be read when it is graded.
        unreadable: why nothing can be read from it, None if it can.
    """

    number: int
    language: str
    file: HandedFile
    unreadable: Text | None = None


@dataclass(frozen=True)
class Handed:
    """What one student handed in.

    Args:
        student: an identifier that is safe for folders, databases and addresses.
        shown: the student as written on the folder or file.
        notebooks: one for each number that was handed in, in order; none if all files were set aside.
        remarks: how it was chosen among several files.
    """

    student: str
    shown: str
    notebooks: tuple[HandedNotebook, ...]
    remarks: tuple[Text, ...] = ()


@dataclass(frozen=True)
class SetAside:
    """A file that is no part of a submission.

    Args:
        shown: its place.
        reason: why.
        student: the identifier of whose it is, None where it belongs to nobody.
    """

    shown: str
    reason: Text
    student: str | None = None


@dataclass(frozen=True)
class Collected:
    """Every file accounted for.

    Args:
        students: sorted by identifier.
        set_aside: files that are no part of a submission.
    """

    students: tuple[Handed, ...]
    set_aside: tuple[SetAside, ...]


@dataclass(frozen=True)
class _Candidate:
    notebook: HandedNotebook
    name: str
    answers: int

    @property
    def recency(self) -> tuple[bool, float, int, str]:
        python = self.name.lower().endswith(".py")
        return not python, self.notebook.file.modified, copy_number(self.name), self.name


def collect(paths: Iterable[Path], assignments: Assignments) -> Collected:
    """Find the notebooks of every student.

    Folders are walked, archives are read where they stand and nothing is unpacked to the disk. The student is the
    folder below which a file stands, or what the file's name says beside the notebook's. Of several files for one
    notebook the latest counts, the last by name at equal times, though one without any answer never counts before
    one with answers; in two languages, the one with more answers.

    Args:
        paths: folders, .ipynb files, zip or tar archives.
        assignments: what was handed out.

    Raises:
        InputError: a path does not exist.
    """
    files: dict[str, list[Found]] = {}
    aside: list[SetAside] = []
    for each, owner in _found(paths, assignments):
        if owner is None:
            aside.append(SetAside(each.shown, each.reason))
        else:
            files.setdefault(owner, []).append(each)
    identifiers = safe_identifiers(files)
    students = []
    for owner, theirs in files.items():
        handed, refused = _handed(identifiers[owner], owner, theirs, assignments)
        students.append(handed)
        aside += refused
    return Collected(
        tuple(sorted(students, key=lambda each: each.student)),
        tuple(sorted(aside, key=lambda each: each.shown)),
    )


def _found(paths: Iterable[Path], assignments: Assignments) -> Iterator[tuple[Found, str | None]]:
    """Every file with its student, as written; None for a file that belongs to nobody."""
    courses = {assignment.assignment for assignment in assignments.values()}
    names = {assignment.file for assignment in assignments.values()}
    seen: set[Path] = set()
    for path in map(Path, paths):
        if not path.exists():
            raise InputError(
                expected=text("folders, notebooks or archives", "des dossiers, des carnets ou des archives"),
                got=str(path),
                remedy=text("check the path", "vérifiez le chemin"),
            )
        resolved = path.resolve()
        if resolved in seen:
            continue
        seen.add(resolved)
        label = _label(resolved, courses)
        here = list(files_below(resolved, label))
        layout = Layout([each.parts for each in here if each.hand_in], courses, names)
        owners = {layout.student(each.parts) for each in here if each.file is not None}
        for each in here:
            owner = layout.student(each.parts)
            # A file beside the students' folders makes nobody a student; nor does what a program left behind, nor an
            # archive of the whole class that cannot be opened.
            beside = each.leftover or each.parts == label or (layout.flat(each.parts) and not each.hand_in)
            stray = each.file is None and beside and owner not in owners
            yield each, None if stray else owner


def _label(path: Path, courses: set[str]) -> tuple[str, ...]:
    """How the place of a path begins: a file stands in its folder, an archive and a folder are one themselves."""
    if path.is_dir():
        return (path.parent.name, path.name) if path.name in courses else (path.name,)
    if is_archive(path.name):
        return (path.name,)
    if path.parent.name in courses:
        return path.parent.parent.name, path.parent.name, path.name
    return path.parent.name, path.name


def _handed(
    student: str, shown: str, files: list[Found], assignments: Assignments
) -> tuple[Handed, list[SetAside]]:
    """One student's notebooks, and their files that are none."""
    aside = [SetAside(each.shown, each.reason, student) for each in files if each.file is None]
    candidates: dict[int, list[_Candidate]] = {}
    taken = size = 0
    for each in files:
        if each.file is None:
            continue
        taken, size = taken + 1, size + each.file.size
        if taken > MAX_FILES or size > MAX_BYTES:
            aside.append(SetAside(each.shown, _TOO_MUCH, student))
            continue
        candidate = _examined(each, assignments)
        if isinstance(candidate, _Candidate):
            candidates.setdefault(candidate.notebook.number, []).append(candidate)
        else:
            aside.append(SetAside(each.shown, candidate, student))
    remarks: list[Text] = []
    chosen = []
    for number in sorted(candidates):
        best = _best(candidates[number])
        chosen.append(best.notebook)
        others = [each for each in candidates[number] if each is not best]
        aside += [SetAside(each.notebook.file.shown, _superseded(best), student) for each in others]
        if others:
            remarks.append(_superseded(best, number, len(others) + 1))
    return Handed(student, shown, tuple(chosen), tuple(remarks)), aside


def _examined(each: Found, assignments: Assignments) -> _Candidate | Text:
    """What a file is, or why it is no notebook of the assignment."""
    name = each.parts[-1]
    try:
        notebook = read_notebook(each.file.read())
    except Unreadable as error:
        key = named(name, assignments)
        if key is None:
            return error.reason
        return _Candidate(HandedNotebook(*key, each.file, error.reason), name, -1)
    key = recognise(notebook, name, assignments)
    if key is None:
        files = ", ".join(dict.fromkeys(assignment.file for assignment in assignments.values()))
        return text(
            f"it is none of the notebooks that were handed out ({files}): no name, cell or text of theirs is in it",
            f"ce n'est aucun des carnets distribués ({files}) : on n'y trouve aucun de leurs noms, de leurs cellules ni de leurs textes",
        )
    return _Candidate(HandedNotebook(*key, each.file), name, answers(notebook, *key, assignments))


def _best(candidates: list[_Candidate]) -> _Candidate:
    """The one that counts: in each language the latest with answers; of the languages the one with more answers."""

    def latest(some: Iterable[_Candidate]) -> _Candidate:
        return max(some, key=lambda each: (min(each.answers, 1), each.recency))

    languages = {each.notebook.language for each in candidates}
    by_language = [latest(c for c in candidates if c.notebook.language == language) for language in languages]
    return max(by_language, key=lambda each: (each.answers, each.recency))


def _superseded(best: _Candidate, number: int | None = None, count: int = 0) -> Text:
    name, language = best.notebook.file.shown, best.notebook.language
    if number is None:
        return text(f"another file counts: {name}", f"un autre fichier compte : {name}")
    return text(
        f"{count} files were handed in for notebook {number}; the one that counts is {name} ({language})",
        f"{count} fichiers ont été rendus pour le carnet {number} ; celui qui compte est {name} ({language})",
    )
