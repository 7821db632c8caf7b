"""Where the public test sets are, which this repository does not hold: their licences are not its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from attentif_grading.places import course_home


def public_set(name: str) -> Path:
    """A file of a public set; the test that asks for one is skipped where it is absent.

    They are looked for in ATTENTIF_PUBLIC_SETS, else in ../shared/data/bias beside the repository.
    """
    folder = os.environ.get("ATTENTIF_PUBLIC_SETS") or course_home().parent / "shared" / "data" / "bias"
    path = Path(folder) / name
    if not path.is_file():
        pytest.skip(f"{name} is not shipped, and not in {folder}: set ATTENTIF_PUBLIC_SETS to its folder")
    return path
