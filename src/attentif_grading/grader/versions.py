"""What a verdict depends on, in a few digits: the code that was judged, the checks that judged it, the versions."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import platform
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from attentif_grading.exercises import exercise_folder
from attentif_grading.salt import salt

# What decides marks in an exercise's folder; its catalogue and its texts do not.
CHECK_FILES = ("cases.py", "hidden.py")
# What of the staff's package has a part in a verdict.
JUDGING = (
    *(
        "*_oracle*.py",
        "salt.py",
        "twins.py",
        "grader/conversation.py",
        "grader/notebook_run.py",
        "grader/remembering.py",
        "grader/workplace.py",
        "grader/judge.py",
        "grader/lent_parts.py",
    ),
    *(
        "grader/matching.py",
        "grader/reading.py",
        "grader/repair.py",
        "grader/source_text.py",
        "grader/verdict.py",
    ),
)


def key_of(code: Any, exercise: str) -> str:
    """The key of an exercise in a notebook with this code.

    Args:
        code: plain JSON: all that the worker is given to run.
        exercise: its name.
    """
    parts = [
        json.dumps(code, sort_keys=True),
        exercise,
        checks_version(exercise),
        machinery_version(),
        _secret(),
    ]
    return _digest(part.encode("utf-8", "surrogatepass") for part in parts)[:20]


def version_of(exercises: Iterable[str]) -> str:
    """Of all by which these exercises are judged."""
    parts = [machinery_version(), *(f"{name} {checks_version(name)}" for name in sorted(exercises))]
    return _digest(part.encode() for part in parts)[:12]


@cache
def checks_version(exercise: str) -> str:
    """Of an exercise's own checks, public and hidden, and of its stored cases."""
    folder, package = exercise_folder(exercise), _package("attentif")
    files = [folder / name for name in CHECK_FILES]
    files += [
        package / "checks" / "public" / f"{exercise}.py",
        package / "checks" / "data" / f"{exercise}.json",
    ]
    return _digest(path.read_bytes() for path in files if path.is_file())[:12]


@cache
def machinery_version() -> str:
    """Of the library, of what checks share, of the grader, and of what they stand on."""
    library, worker, staff = map(_package, ("attentif", "attentif_worker", "attentif_grading"))
    files = [path for path in sorted(library.rglob("*.py")) if path.parent.name != "public"]
    files += [path for pattern in JUDGING for path in sorted(staff.glob(pattern))]
    files += sorted(worker.glob("*.py"))
    stands_on = f"{platform.python_version()} {torch.__version__} {np.__version__}"
    return _digest([stands_on.encode(), *(path.read_bytes() for path in files)])[:12]


def _secret() -> str:
    """The salt, from which inputs are drawn; it cannot be read from its digits."""
    return _digest([b"attentif salt ", salt().encode()])[:12]


def _package(name: str) -> Path:
    return Path(importlib.util.find_spec(name).origin).parent


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
