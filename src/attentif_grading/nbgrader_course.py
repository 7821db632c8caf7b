"""An nbgrader course in a folder of its own, and the environment in which it runs students' code."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from attentif.errors import AttentifError
from attentif_grading.places import HOME_VARIABLE

if TYPE_CHECKING:
    from nbgrader.apps import NbGraderAPI

CONFIG = "nbgrader_config.py"


class NbGraderFailed(AttentifError):
    """A command of nbgrader that failed: its last words."""


def kernel_environment(home: Path, built: Path | None = None) -> dict[str, str]:
    """What nbgrader and its kernels see: the stripped library before the real one, and that this is grading.

    Both folders of PYTHONPATH hold an `attentif`; the first wins as a whole. `attentif_grading` is only
    in the second. nbgrader calls the command alembic, which stands beside this Python even where no
    environment is active.

    Args:
        home: the course's repository.
        built: where `attentif-grading build` wrote, `home` itself when absent.
    """
    folders = ((built or home) / "build" / "student" / "src", home / "src")
    commands, path = str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)
    return {
        "PATH": path if commands in path.split(os.pathsep) else os.pathsep.join((commands, path)),
        "PYTHONPATH": os.pathsep.join(map(str, folders)),
        HOME_VARIABLE: str(home),
        "ATTENTIF_GRADING": "1",
        "OMP_NUM_THREADS": "1",
        "MPLBACKEND": "Agg",
        "TOKENIZERS_PARALLELISM": "false",
        "HF_HUB_OFFLINE": "1",
    }


@contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """These variables for a while; whatever is changed meanwhile is put back too."""
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        for name in set(os.environ) - set(before):
            del os.environ[name]
        os.environ.update(before)


@contextmanager
def open_course(home: Path, folder: Path, built: Path | None = None) -> Iterator[NbGraderAPI]:
    """nbgrader with the course's settings, on this folder instead of grading/: its gradebook is untouched.

    Args:
        home: the course's repository.
        folder: where nbgrader's own folders and its gradebook go.
        built: where `attentif-grading build` wrote, `home` itself when absent.
    """
    from nbgrader.apps import NbGraderAPI
    from sqlalchemy.exc import SAWarning
    from traitlets.config import Config
    from traitlets.config.loader import PyFileConfigLoader

    with environment({}), warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # of nbgrader's own queries
        config: Config = PyFileConfigLoader(CONFIG, str(home / "grading")).load_config()
        # The course's settings are for what is built in it.
        os.environ.update(kernel_environment(home, built))
        exchange = folder / "exchange"
        exchange.mkdir(parents=True, exist_ok=True)
        config.CourseDirectory.root = str(folder)
        config.CourseDirectory.db_url = f"sqlite:///{folder / 'gradebook.db'}"
        config.Exchange.root = str(exchange)
        config.NbGraderAPI.log_level = logging.WARNING
        yield NbGraderAPI(config=config)


def write_settings(home: Path, folder: Path, built: Path | None = None) -> None:
    """Let nbgrader's own commands, given in `folder`, work on it with the course's settings; see `open_course`."""
    folder = folder.resolve()
    settings = f"""import os

load_subconfig({str(home / "grading" / CONFIG)!r})
c = get_config()
c.CourseDirectory.root = {str(folder)!r}
c.CourseDirectory.db_url = {f"sqlite:///{folder / 'gradebook.db'}"!r}
c.Exchange.root = {str(folder / "exchange")!r}
os.environ.update({kernel_environment(home, built)!r})
"""
    (folder / CONFIG).write_text(settings, encoding="utf-8")


def generate(api: NbGraderAPI, source: Path, assignments: list[str]) -> Path:
    """Run nbgrader's generate_assignment on grading/source; the folder of what it released."""
    root = Path(api.coursedir.root)
    for assignment in assignments:
        shutil.copytree(source / assignment, root / "source" / assignment, dirs_exist_ok=True)
        succeed(api.generate_assignment(assignment), f"generate_assignment {assignment}")
    return root / "release"


def succeed(result: Mapping[str, object], what: str) -> None:
    """Raise what nbgrader says if its command failed.

    Raises:
        NbGraderFailed: with the last lines of its log.
    """
    if result["success"]:
        return
    said = str(result.get("error") or "") + "\n" + str(result.get("log") or "")
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    raise NbGraderFailed(f"nbgrader {what} failed: {' | '.join(lines[-6:])[-600:] or 'it says nothing'}")
