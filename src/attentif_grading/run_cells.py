"""Run a notebook's code cells in this process, in order, and tell what each printed, warned of and took.

It needs neither Jupyter nor nbformat, so that it serves on a machine with nothing but torch (--without needs Linux or
macOS, where a process can be copied):

    python -m attentif_grading.run_cells NOTEBOOK.ipynb ... [--short] [--skip-checks] [--without EXERCISE ...] > ran.json

A marked solution cell of grading/source runs as it is; the hidden checks are left out.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import re
import shutil
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from attentif import run_folder
from attentif_grading.solution_marks import BEGIN, END

UNWRITTEN = "raise NotImplementedError()"
# What is changed where only that the training cells run is asked: their number of steps, and the world to a small one.
SHORT = (r"^steps = .*$", "steps = 3")
MANY = 3  # alternatives, from which on a whole run beforehand pays
SMALL = (r"\bmicrocosm:(\w+):full\b", r"microcosm:\1")


@dataclass(frozen=True)
class Ran:
    """What became of one code cell.

    Args:
        name, role: those of its metadata.
        seconds: how long it ran.
        printed: its standard output, then its error stream.
        warned: "Category: message" for each warning that it would have shown.
        error: the traceback that stopped it, None if nothing did.
    """

    name: str
    role: str
    seconds: float
    printed: str
    warned: tuple[str, ...] = ()
    error: str | None = None


def code_cells(path: Path) -> list[dict[str, Any]]:
    """The code cells of a notebook file: name, role, exercise and source of each, without hidden checks."""
    found = []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        about = cell["metadata"].get("attentif", {})
        if cell["cell_type"] == "code" and not about.get("name", "").endswith("_hidden"):
            found.append({"role": "", "exercise": None, **about, "source": "".join(cell["source"])})
    return found


def left_out(cells: Iterable[Mapping[str, Any]], exercises: Iterable[str]) -> list[dict[str, Any]]:
    """The same cells with the solutions of these exercises taken out again."""
    unwanted = set(exercises)
    return [
        {**cell, "source": _stub(cell["source"])}
        if cell["role"] == "definition" and cell["exercise"] in unwanted
        else dict(cell)
        for cell in cells
    ]


def _stub(source: str) -> str:
    """A source cell whose marked solution is the stub."""
    pattern = rf"^( *){re.escape(BEGIN)}$.*^ *{re.escape(END)}$"
    return re.sub(pattern, rf"\1{UNWRITTEN}", source, flags=re.MULTILINE | re.DOTALL)


def shortened(cells: Iterable[Mapping[str, Any]], small: bool = False) -> list[dict[str, Any]]:
    """The same cells with a few steps of training, and of the small Microcosm only if `small`."""
    for change in (SHORT, SMALL) if small else (SHORT,):
        cells = [{**cell, "source": re.sub(*change, cell["source"], flags=re.MULTILINE)} for cell in cells]
    return list(cells)


def run_cells(
    cells: Iterable[Mapping[str, Any]], names: dict[str, Any] | None = None, keep_going: bool = True
) -> list[Ran]:
    """Execute cells in one namespace.

    Args:
        cells: see `code_cells`.
        names: the namespace; a fresh one when None. A cell's last expression is not shown.
        keep_going: whether cells after an error run too, as they do when a reader goes on.
    """
    names = {"__name__": "__main__"} if names is None else names
    done = []
    for cell in cells:
        out, err, error = io.StringIO(), io.StringIO(), None
        started = time.perf_counter()
        with (
            warnings.catch_warnings(record=True) as caught,
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            try:
                exec(compile(cell["source"], f"<{cell['name']}>", "exec"), names)
            except Exception:
                error = traceback.format_exc()
        seconds = round(time.perf_counter() - started, 3)
        warned = tuple(f"{each.category.__name__}: {each.message}" for each in caught)
        done.append(Ran(cell["name"], cell["role"], seconds, out.getvalue() + err.getvalue(), warned, error))
        if error and not keep_going:
            break
    return done


def run_without(cells: Sequence[Mapping[str, Any]], alternatives: Iterable[str]) -> dict[str, list[Ran]]:
    """Execute cells once for each alternative, with its exercises (A, or A+B) left unwritten; "" leaves out none.

    What comes before the first cell that differs is run once for all: each alternative is a fork of this process that
    goes on from there. What it keeps of a training is taken away before the next.
    """
    beginnings: dict[str, int] = {}
    for alternative in alternatives:
        changed = left_out(cells, alternative.split("+"))
        differs = (number for number, cell in enumerate(changed) if cell["source"] != cells[number]["source"])
        beginnings[alternative] = next(differs, len(cells))
    results: dict[str, list[Ran]] = {}
    names: dict[str, Any] = {"__name__": "__main__"}
    ran: list[Ran] = []
    if len(beginnings) > MANY:
        with runs_kept_for_now():
            run_cells(cells)  # for what it imports and computes once a process: no fork has to do it again
    with runs_kept_for_now() as kept:
        for number in range(len(cells) + 1):
            for alternative in [each for each, first in beginnings.items() if first == number]:
                rest = left_out(cells, alternative.split("+"))[number:]
                results[alternative] = ran + (_in_a_fork(rest, names, kept) if rest else [])
            if len(results) == len(beginnings):
                break
            ran = ran + run_cells(cells[number : number + 1], names)
    return {alternative: results[alternative] for alternative in beginnings}


def _in_a_fork(cells: Sequence[Mapping[str, Any]], names: dict[str, Any], kept: Path) -> list[Ran]:
    """`run_cells` in a copy of this process; the folder of kept runs is as before afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        before, told = Path(folder) / "before", Path(folder) / "told.json"
        shutil.copytree(kept, before)
        child = os.fork()
        if not child:
            try:
                told.write_text(
                    json.dumps([asdict(each) for each in run_cells(cells, names)]), encoding="utf-8"
                )
            finally:
                os._exit(0)  # nothing that the parent has still to write is written twice
        os.waitpid(child, 0)
        shutil.rmtree(kept)
        shutil.copytree(before, kept)
        if not told.exists():
            raise RuntimeError(f"the process that ran {cells[0]['name']} and what follows ended by itself")
        return [Ran(**each) for each in json.loads(told.read_text(encoding="utf-8"))]


@contextlib.contextmanager
def runs_kept_for_now() -> Iterator[Path]:
    """A folder of its own for what training cells keep, so that no earlier run is read back."""
    before = os.environ.get(run_folder.VARIABLE)
    with tempfile.TemporaryDirectory() as folder:
        os.environ[run_folder.VARIABLE] = folder
        try:
            yield Path(folder)
        finally:
            del os.environ[run_folder.VARIABLE]
            if before is not None:
                os.environ[run_folder.VARIABLE] = before


def main(arguments: list[str] | None = None) -> int:
    """Run notebooks one after the other; exit code 1 if a cell failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("notebooks", nargs="+", type=Path)
    parser.add_argument("--short", action="store_true", help="train for a few steps only")
    parser.add_argument("--small", action="store_true", help="with --short: on the small Microcosm only")
    parser.add_argument("--skip-checks", action="store_true", help="leave the check cells out")
    parser.add_argument(
        "--without",
        nargs="*",
        default=[""],
        metavar="EXERCISE",
        help="run each notebook once for each of these, left unwritten (one of them may be A+B)",
    )
    asked = parser.parse_args(arguments)
    runs = []
    for path in asked.notebooks:
        cells = [each for each in code_cells(path) if not (asked.skip_checks and each["role"] == "check")]
        cells = shortened(cells, asked.small) if asked.short else cells
        for exercises, ran in run_without(cells, asked.without).items():
            runs.append(
                {"notebook": str(path), "without": exercises, "cells": [asdict(each) for each in ran]}
            )
    print(json.dumps(runs, ensure_ascii=False))
    return int(any(cell["error"] for run in runs for cell in run["cells"]))


if __name__ == "__main__":
    sys.exit(main())
