"""Where the course lives: the folder that holds grading/contracts.toml."""

from __future__ import annotations

import os
from pathlib import Path

from attentif.errors import InputError

HOME_VARIABLE = "ATTENTIF_COURSE"


def course_home() -> Path:
    """The repository that holds grading/ and notebooks/.

    The variable ATTENTIF_COURSE names it; else it is looked for upwards from the working
    folder, then beside the installed package (an editable installation).

    Raises:
        InputError: no such folder.
    """
    named = os.environ.get(HOME_VARIABLE)
    if named:
        candidates = [Path(named)]
    else:
        here = Path.cwd()
        candidates = [here, *here.parents, Path(__file__).resolve().parents[2]]
    for candidate in candidates:
        if (candidate / "grading" / "contracts.toml").is_file():
            return candidate.resolve()
    raise InputError(
        expected="a folder with grading/contracts.toml",
        got=f"none from {candidates[0]} upwards",
        remedy=f"go to the course's repository, or set {HOME_VARIABLE} to it",
    )
