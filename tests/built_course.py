"""The assignment, built once for all tests into a temporary folder, and the tree that students get."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from attentif_grading.build import Built, make
from attentif_grading.places import course_home
from attentif_grading.release import assemble


def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="attentif-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def built_course() -> tuple[Path, Built]:
    """(the folder below which everything was written, what the build says of it).

    Check data come from the repository; that they are those of their sources is what tests/test_build.py asks.
    """
    folder = _folder()
    return folder, make(course_home(), folder, say=lambda line: None, data_at_hand=True)


@cache
def student_tree() -> Path:
    """What a release would write; copy it before changing it."""
    folder, built = built_course()
    tree = _folder() / "tree"
    assemble(course_home(), folder, built.wheel, tree)
    return tree
