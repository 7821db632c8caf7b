"""Where one process judges: its box, its zygote, its exercises, all made once; then notebook after notebook."""

from __future__ import annotations

import ast
import builtins
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from os import geteuid
from pathlib import Path

import torch

from attentif.checks.text import text
from attentif.errors import InputError
from attentif_grading.grader.assignment import Assignment, load_assignments
from attentif_grading.grader.box import LIBRARY, make_box
from attentif_grading.grader.cages import CageLost, CageSession, NoCage, Zygote
from attentif_grading.grader.flags import Flags
from attentif_grading.grader.judge import Judged, judge_notebook, not_judged
from attentif_grading.grader.left_alone import left_alone
from attentif_grading.grader.notebook_run import NotebookRun, RunCell
from attentif_grading.grader.patience import Patience
from attentif_grading.grader.repair import CodeCell
from attentif_grading.grader.verdict import Verdict
from attentif_grading.grader.work_folder import WorkFolder
from attentif_worker.cage import Cage, default_hidden, default_readable
from attentif_worker.cells import DEFINITIONS, WHOLE

DISK_BYTES = 64 * 2**20
# Cells of which only imports, functions and classes are run.
_IDLE = ("figure", "training")
_BOUND = re.compile(
    r"^(?:for[ \t]+)?([A-Za-z_]\w*(?:[ \t]*,[ \t]*[A-Za-z_]\w*)*)[ \t]*(?::[^=\n]+)?(?:=(?!=)|in\b)", re.M
)
_DEFINED = re.compile(r"^(?:def|class)[ \t]+([A-Za-z_]\w*)", re.M)


@dataclass(frozen=True)
class Settings:
    """How a class is graded, the same in every process.

    Args:
        home: the course's repository.
        built: where its build wrote.
        salt: the course's secret.
        patience: how long to wait.
    """

    home: Path
    built: Path
    salt: str
    patience: Patience = field(default_factory=Patience)


class Workplace:
    """What one process needs to judge notebooks.

    Args:
        settings: see `Settings`.

    Raises:
        InputError: nothing is built.
    """

    def __init__(self, settings: Settings):
        torch.set_num_threads(1)  # several processes judge side by side
        self.settings = settings
        self._folder = WorkFolder()
        self._cages = self._folder.path / "cages"
        self._cages.mkdir(0o711)
        start = make_box(settings.built, self._folder.path / "box")
        self.library = str(start.parent / LIBRARY)
        self.zygote = Zygote(start, self._setup_sources())

    def close(self) -> None:
        """End all processes and remove all files of it."""
        self.zygote.end()
        self._folder.remove()

    @cached_property
    def assignments(self) -> dict[tuple[int, str], Assignment]:
        """What was handed out, by number and language."""
        return load_assignments(self.settings.home, self.settings.built)

    @cached_property
    def given_names(self) -> frozenset[str]:
        """What Python itself and the set-up cells of the release define."""
        imported = (name for source in self._setup_sources() for name in _imported(source))
        return frozenset((*dir(builtins), *imported))

    def cage(self, kind: str) -> Cage:
        """The confinement of one notebook: a user of its own if we are root, and a folder of its own."""
        user = 10**6 + secrets.randbelow(10**9) if geteuid() == 0 else None
        return Cage(
            kind=kind,
            readable=(*default_readable(), self.library),
            hidden=default_hidden(),
            folder=tempfile.mkdtemp(dir=self._cages),
            uid=user,
            gid=user,
            disk_bytes=DISK_BYTES,
        )

    def judge(
        self, cells: Sequence[CodeCell], exercises: Iterable[str], kind: str
    ) -> tuple[list[Verdict], dict[str, float]]:
        """Verdicts on some exercises of a notebook, and the seconds spent on its cage and on its cells.

        Args:
            cells: of the repaired notebook.
            exercises: which to judge.
            kind: how the notebook is confined, see `Cage`.

        Raises:
            InputError: no process can be had here in which a student's code could run.
        """
        judged = [load_judged(name) for name in exercises]
        try:
            run, ran = self._run(cells, kind)
        except NoCage as error:
            raise _no_process(error) from error
        except CageLost:
            return [not_judged(each, "notebook") for each in judged], {}
        try:
            shadowed = shadows(cells, self.given_names)
            remarks = Flags(cells)
            verdicts = [
                replace(
                    verdict,
                    flags=(*verdict.flags, *remarks.of(verdict.exercise)),
                    trouble=_why_missing(verdict, cells, run.errors),
                )
                for verdict in judge_notebook(run, judged, shadowed, left_alone(cells))
            ]
            return verdicts, {"definitions": round(ran, 4)}
        finally:
            run.end()
            for left in self._cages.iterdir():
                shutil.rmtree(left, ignore_errors=True)

    def _run(self, cells: Sequence[CodeCell], kind: str) -> tuple[NotebookRun, float]:
        """A notebook whose cells have run, and the seconds that this took.

        Its cage may be lost by no fault of its own, when the system is short of memory: it is tried once more.
        """

        def make() -> tuple[NotebookRun, float]:
            self.zygote.ready()  # its start is no part of the notebook's time
            began = time.perf_counter()
            run = NotebookRun(
                lambda: CageSession(self.zygote, self.cage(kind)), run_cells(cells), self.settings.patience
            )
            return run, time.perf_counter() - began

        try:
            return make()
        except CageLost:
            self.zygote.end()
            return make()

    def _setup_sources(self) -> tuple[str, ...]:
        """The set-up cells of what was handed out: the zygote runs them once, so that workers find all imported."""
        cells = (cell for assignment in self.assignments.values() for cell in assignment.cells)
        return tuple(dict.fromkeys(cell.source for cell in cells if cell.role == "setup"))


def _why_missing(verdict: Verdict, cells: Sequence[CodeCell], errors: Mapping[str, str]) -> str | None:
    """Of an exercise that is not there, whether its cell is no Python; of any other, its trouble."""
    mine = [errors.get(cell.name, "") for cell in cells if verdict.exercise in (cell.exercise, *cell.defines)]
    no_python = any(error.startswith(("SyntaxError", "IndentationError", "TabError")) for error in mine)
    return "syntax" if verdict.trouble == "missing" and no_python else verdict.trouble


def _no_process(error: NoCage) -> InputError:
    return InputError(
        expected=text(
            "a confined process for a student's notebook", "un processus confiné pour le carnet d'un étudiant"
        ),
        got=text(f"none, twice: {error}", f"aucun, deux fois : {error}"),
        remedy=text(
            "free some memory, or use fewer --jobs, and give the same command again: it goes on where it stopped",
            "libérez de la mémoire, ou moins de --jobs, et redonnez la même commande : elle reprend où elle s'est arrêtée",
        ),
    )


@cache
def load_judged(name: str) -> Judged:
    """An exercise as it is judged, made once."""
    return Judged.load(name)


def run_cells(cells: Sequence[CodeCell]) -> list[RunCell]:
    """The cells of a repaired notebook as a worker runs them."""
    last = {name: place for place, cell in enumerate(cells) for name in _answers(cell)}
    ready: dict[int, list[str]] = {}
    for name, place in last.items():
        # A helper in a cell of the student's own directly below belongs to it.
        while place + 1 < len(cells) and cells[place + 1].role == "extra":
            place += 1
        ready.setdefault(place, []).append(name)
    return [
        RunCell(
            name=cell.name,
            source=cell.source,
            mode=DEFINITIONS if cell.role in _IDLE else WHOLE,
            place=tuple(ready.get(place, ())),
            given=cell.role == "setup",
        )
        for place, cell in enumerate(cells)
    ]


def _answers(cell: CodeCell) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*((cell.exercise,) if cell.exercise else ()), *cell.defines)))


def shadows(cells: Sequence[CodeCell], given: frozenset[str]) -> bool:
    """Whether a cell gives a new meaning to a name of the set-up or of Python itself, by accident perhaps."""
    exercises = {name for cell in cells for name in _answers(cell)}
    return any((_bound(cell.source) & given) - exercises for cell in cells if cell.role != "setup")


def _imported(source: str) -> set[str]:
    tree = ast.parse(source)
    aliases = (
        alias for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom)) for alias in node.names
    )
    return {(alias.asname or alias.name).partition(".")[0] for alias in aliases}


def _bound(source: str) -> set[str]:
    names = {name.strip() for match in _BOUND.finditer(source) for name in match.group(1).split(",")}
    return names | set(_DEFINED.findall(source))
