"""The student wheel: the library without the bodies of the exercises, one small file, no dependencies."""

from __future__ import annotations

import shutil
from pathlib import Path

from attentif import __version__
from attentif.errors import InputError
from attentif_grading.contracts import Contract
from attentif_grading.nbgrader_course import environment
from attentif_grading.strip import strip_tree

# The time stamp of every file in the wheel, 2 February 1980: the content alone decides the bytes.
EPOCH = "318297600"
_PYPROJECT = """\
[build-system]
requires = ["flit-core>=3.9"]
build-backend = "flit_core.buildapi"

[project]
name = "attentif"
version = "{version}"
description = "A Transformer library to write, to read and to examine: the students' edition"
license = "MIT"
license-files = [{licenses}]
requires-python = ">=3.11"
# No dependencies: a notebook platform has torch and numpy, and they are never replaced.
dependencies = []
"""
_SCRIPT = """
[project.scripts]
attentif = "attentif.cli:main"
"""


def stage_library(home: Path, out: Path, contracts: list[Contract]) -> Path:
    """Copy src/attentif to build/student/src/attentif below `out`, bodies of these exercises removed.

    Returns:
        build/student, the folder from which the wheel is made.
    """
    student = out / "build" / "student"
    package = student / "src" / "attentif"
    shutil.rmtree(student, ignore_errors=True)
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")
    shutil.copytree(home / "src" / "attentif", package, ignore=ignored)
    shutil.rmtree(package / "checks" / "data", ignore_errors=True)
    shutil.copytree(out / "src" / "attentif" / "checks" / "data", package / "checks" / "data")
    models = home / "data" / "models"
    if models.is_dir():
        # Notebook 2 probes these where there is no network.
        shutil.copytree(models, package / "data" / "models")
    strip_tree(package, contracts)
    has_licence = (home / "LICENSE").is_file()
    if has_licence:
        shutil.copyfile(home / "LICENSE", student / "LICENSE")
    pyproject = _PYPROJECT.format(version=__version__, licenses='"LICENSE"' if has_licence else "")
    if (package / "cli.py").is_file():
        pyproject += _SCRIPT
    (student / "pyproject.toml").write_text(pyproject, encoding="utf-8")
    return student


def wheel_name() -> str:
    """Name of the wheel's file."""
    return f"attentif-{__version__}-py3-none-any.whl"


def build_wheel(student: Path) -> Path:
    """Build the wheel of a staged library into its dist folder.

    Raises:
        InputError: flit-core is not installed.
    """
    try:
        from flit_core import wheel
    except ImportError as error:
        raise InputError(
            expected="flit-core, to build the wheel", got="none", remedy="pip install 'attentif[grading]'"
        ) from error
    dist = student / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    dist.mkdir()
    with environment({"SOURCE_DATE_EPOCH": EPOCH}):
        made = wheel.make_wheel_in(student / "pyproject.toml", dist)
    return Path(made.file)
