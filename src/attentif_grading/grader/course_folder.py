"""The nbgrader course that a graded class is kept in: its settings, its notebooks, and the cells that its gradebook knows."""

from __future__ import annotations

import logging
import os
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import Environment, PackageLoader

from attentif.checks.text import text
from attentif.errors import InputError
from attentif_grading.contracts import load_course
from attentif_grading.grader.gradebook_storage import database_url, write_whole
from attentif_grading.nbgrader_course import CONFIG

GRADEBOOK = "gradebook.db"


def prepare_folder(out: Path, home: Path, built: Path, language: str, wait: float) -> None:
    """Make `out` an nbgrader course that has this language's assignment; what is there already stays.

    Args:
        out: the course's folder.
        home: the course's repository.
        built: where `attentif-grading build` wrote.
        language: fr or en.
        wait: seconds to wait for a lock on the gradebook.

    Raises:
        InputError: nothing is built, or the gradebook holds submissions of another release of the assignment.
    """
    course = load_course(home)
    assignment = course.assignments[language]
    source, release = built / "grading" / "source" / assignment, built / "notebooks" / language
    for folder in (source, release):
        if not any(folder.glob("*.ipynb")):
            raise InputError(
                expected=text(f"built notebooks in {folder}", f"des carnets construits dans {folder}"),
                got=text("none", "aucun"),
                remedy=text("run `attentif-grading build`", "lancez `attentif-grading build`"),
            )
    out.mkdir(parents=True, exist_ok=True)
    (out / "exchange").mkdir(exist_ok=True)
    if not (out / CONFIG).exists():
        template = Environment(loader=PackageLoader("attentif_grading"), autoescape=False)
        page = template.get_template("nbgrader_config.py.j2").render(course_id=course.id)
        write_whole(out / CONFIG, page.encode())
    _teach(out / GRADEBOOK, source, assignment, course.id, wait)
    for step, folder in (("source", source), ("release", release)):
        for path in sorted(folder.glob("*.ipynb")):
            write_whole(out / step / assignment / path.name, path.read_bytes())


def _teach(database: Path, source: Path, assignment: str, course_id: str, wait: float) -> None:
    """Make a gradebook know the assignment. A new one appears whole: a kill leaves none or all of it."""
    folder = database.with_name(".unfinished-gradebook")
    shutil.rmtree(folder, ignore_errors=True)  # of an earlier run that was killed
    if database.exists():
        _save_cells(database, source, assignment, course_id, wait)
        return
    folder.mkdir()
    try:
        with _unsafely():
            _save_cells(folder / GRADEBOOK, source, assignment, course_id, wait)
        with (folder / GRADEBOOK).open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(folder / GRADEBOOK, database)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _unsafely() -> Iterator[None]:
    """No waiting for the disk after each of nbgrader's many commits: what is written is nobody's yet."""
    from sqlalchemy import Engine, event

    def hurry(connection: Any, record: Any) -> None:
        connection.execute("pragma synchronous = off")

    event.listen(Engine, "connect", hurry)
    try:
        yield
    finally:
        event.remove(Engine, "connect", hurry)


@contextmanager
def _quietly() -> Iterator[None]:
    """nbgrader logs each error of the database with its whole trace; what is raised says it in a line."""
    logger = logging.getLogger("tornado.application")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def _save_cells(database: Path, source: Path, assignment: str, course_id: str, wait: float) -> None:
    """What nbgrader's generate_assignment puts into a gradebook, without its other work."""
    from nbgrader.api import Gradebook
    from nbgrader.preprocessors import CheckCellMetadata, ComputeChecksums, LockCells, SaveCells
    from sqlalchemy.exc import SAWarning

    from attentif_grading.stubs import ClearSolutionsInLanguage

    url = database_url(database, wait)
    if not database.exists():
        _create_tables(url)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # of nbgrader's own queries
        notebooks = {}
        for file in sorted(source.glob("*.ipynb")):
            notebook = nbformat.read(file, as_version=4)
            resources = {"nbgrader": {"notebook": file.stem, "assignment": assignment, "db_url": url}}
            for step in (LockCells, ClearSolutionsInLanguage, CheckCellMetadata, ComputeChecksums):
                notebook, resources = step().preprocess(notebook, resources)
            notebooks[file.stem] = (notebook, resources)
        wanted = {name: _cells(notebook) for name, (notebook, _) in notebooks.items()}
        with _quietly(), Gradebook(url, course_id) as gradebook:
            known, used = _known(gradebook, assignment)
            if known == wanted:
                return
            if used and {name: set(c) for name, c in known.items()} != {n: set(c) for n, c in wanted.items()}:
                raise InputError(
                    expected=text(
                        f"a gradebook {database} of this very assignment {assignment}",
                        f"un carnet de notes {database} de ce même devoir {assignment}",
                    ),
                    got=text(
                        "one of another release, with submissions",
                        "celui d'une autre version, avec des copies",
                    ),
                    remedy=text("choose another folder", "choisissez un autre dossier"),
                )
            gradebook.update_or_create_assignment(assignment)
            for name in set(known) - set(wanted):
                gradebook.remove_notebook(name, assignment)
        with _quietly():
            for notebook, resources in notebooks.values():
                SaveCells().preprocess(notebook, resources)


def _create_tables(url: str) -> None:
    """nbgrader's empty tables, with the version that `nbgrader db upgrade` reads, for which nbgrader starts a process."""
    import nbgrader
    from alembic.script import ScriptDirectory
    from nbgrader.api import Base
    from sqlalchemy import Column, MetaData, String, Table, create_engine, insert

    version = Table("alembic_version", MetaData(), Column("version_num", String(32), nullable=False))
    head = ScriptDirectory(str(Path(nbgrader.__file__).parent / "alembic")).get_current_head()
    engine = create_engine(url)
    try:
        with engine.begin() as db:
            Base.metadata.create_all(db)
            version.create(db)
            db.execute(insert(version).values(version_num=head))
    finally:
        engine.dispose()


def _cells(notebook: nbformat.NotebookNode) -> dict[str, str]:
    """What is compared of each cell that nbgrader knows: its points and its checksum."""
    about = [cell.metadata.nbgrader for cell in notebook.cells if "nbgrader" in cell.metadata]
    return {cell.grade_id: f"{float(cell.get('points', 0.0))} {cell.get('checksum')}" for cell in about}


def _known(gradebook: object, assignment: str) -> tuple[dict[str, dict[str, str]], bool]:
    """What a gradebook knows of an assignment, as `_cells` says it, and whether somebody has handed it in."""
    from nbgrader.api import MissingEntry

    try:
        found = gradebook.find_assignment(assignment)
    except MissingEntry:
        return {}, False
    known = {}
    for notebook in found.notebooks:
        points = {cell.name: cell.max_score for cell in notebook.grade_cells}
        cells = {
            cell.name: f"{float(points.get(cell.name, 0.0))} {cell.checksum}"
            for cell in notebook.source_cells
        }
        # A kill between the cells and their sources leaves fewer of the ones than of the others.
        complete = {cell.name for cell in notebook.solution_cells} | set(points)
        known[notebook.name] = {name: said for name, said in cells.items() if name in complete}
    return known, bool(found.submissions)
