"""The box: all that a worker may import of ours. The students' edition of the library, and the worker's own package."""

from __future__ import annotations

import compileall
import importlib.util
import shutil
from pathlib import Path

from attentif.errors import InputError

LIBRARY = "library"  # its folder in a box
# Rescue parts are answers, or nearly: they are for notebooks at home.
LEFT_OUT = ("rescue", "torch_blocks.py")
START = """\
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, {library!r})
from attentif_worker.zygote import main, tidy_path
tidy_path({library!r})
main(int(sys.argv[1]))
"""


def make_box(built: Path, folder: Path) -> Path:
    """Fill a folder with what workers import.

    Args:
        built: where `attentif-grading build` wrote.
        folder: absent or empty.

    Returns:
        the program that starts a zygote.

    Raises:
        InputError: there is no build.
    """
    student = require_box(built)
    library = folder / LIBRARY
    ignored = shutil.ignore_patterns("__pycache__", *LEFT_OUT)
    shutil.copytree(student, library / "attentif", ignore=ignored)
    worker = worker_package()
    shutil.copytree(worker, library / "attentif_worker", ignore=shutil.ignore_patterns("__pycache__"))
    (library / "attentif" / "rescue").mkdir()
    shutil.move(library / "attentif_worker" / "no_rescue.py", library / "attentif" / "rescue" / "__init__.py")
    # Once for all zygotes; and no worker could write there.
    compileall.compile_dir(library, quiet=2)
    start = folder / "start.py"
    start.write_text(START.format(library=str(library)), encoding="utf-8")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)  # read by workers of another user
    return start


def require_box(built: Path) -> Path:
    """The students' edition of the library.

    Raises:
        InputError: there is no build, or it was made from other checks than these: nothing that a worker sends would be
            understood, and a whole class would have no marks.
    """
    student = built / "build" / "student" / "src" / "attentif"
    if not student.is_dir():
        raise InputError(
            expected=f"the students' edition of the library in {student}",
            got="none",
            remedy="run `attentif-grading build`",
        )
    ours = Path(importlib.util.find_spec("attentif").origin).parent
    # Of the library itself, the build changes what students write; these files it leaves as they are.
    for path in sorted((ours / "checks").glob("*.py")):
        theirs = student / "checks" / path.name
        if not theirs.is_file() or theirs.read_bytes() != path.read_bytes():
            raise InputError(
                expected=f"a build of this library in {student}",
                got=f"one of another version: checks/{path.name} differs",
                remedy="run `attentif-grading build`",
            )
    return student


def worker_package() -> Path:
    """The folder of `attentif_worker`."""
    return Path(importlib.util.find_spec("attentif_worker").origin).parent
