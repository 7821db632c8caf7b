"""Cells in a worker: what a notebook defines is found, whatever else is in it. In processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap

import pytest

PROGRAM = """
import json, sys
from attentif_worker.cells import Cells
cells = Cells()
errors = [cells.run(source, mode) for source, mode in json.loads(sys.stdin.read())]
names = {n: v for n, v in cells.namespace.items() if isinstance(v, (int, str, list)) and not n.startswith("__")}
called = {n: v() for n, v in cells.namespace.items() if callable(v) and n.startswith("f_")}
print(json.dumps([errors, names, called]))
"""


def _run(*cells: str, modes: tuple[str, ...] = ()):
    given = [(textwrap.dedent(c), modes[i] if modes else "whole") for i, c in enumerate(cells)]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], input=json.dumps(given), capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_cells_share_their_names_and_an_error_costs_its_statement_only():
    errors, names, called = _run(
        "a = 1",
        """
        b = a + 1
        c = undefined
        d = 4

        def f_one():
            return b
        """,
        "e = b",
    )
    assert errors[0] is None and errors[1].startswith("NameError") and errors[2] is None
    assert names == {"a": 1, "b": 2, "e": 2}
    assert called == {"f_one": 2}


@pytest.mark.parametrize("end", ["raise SystemExit(3)", "raise KeyboardInterrupt", "import sys\nsys.exit(0)"])
def test_an_exit_is_an_error_like_any_other(end):
    errors, names, _ = _run(end, "after = 1")
    assert errors[0] and names == {"after": 1}


def test_what_is_no_python_costs_its_block_only():
    errors, names, called = _run(
        """
        a = 1
        def f_broken(:
            return 1

        @staticmethod
        def f_right():
            return a

        if a:
            b = 2
        else:
            b = 3
        """
    )
    assert errors[0].startswith("SyntaxError")
    assert names == {"a": 1, "b": 2} and called == {"f_right": 1}


def test_magics_and_shell_lines_do_nothing_and_the_rest_of_the_cell_runs():
    errors, names, _ = _run(
        """
        %matplotlib inline
        !pip install something
        a = 1
        files = !ls
        %timeit sum(range(3))
        """,
        "%%time\nb = 2",
        "%%bash\nrm -rf important",
        "%%capture out\nc = 3",
        "get_ipython().run_line_magic('load_ext', 'autoreload')\ndisplay(3)\nd = 4",
    )
    assert [error for error in errors if error] == []
    assert {name: names[name] for name in "abcd"} == {"a": 1, "b": 2, "c": 3, "d": 4}


def test_what_is_there_on_colab_only_does_nothing():
    errors, names, _ = _run(
        """
        from google.colab import drive, files
        drive.mount("/content/drive")
        uploaded = files.upload()
        count = len([name for name in uploaded])
        """
    )
    assert errors == [None] and names["count"] == 0


def test_definitions_only():
    errors, names, called = _run(
        "import math\nstep = 1 / 0\nlist_ = [1]\ndef f_pi(): return int(math.pi)", modes=("definitions",)
    )
    assert errors == [None] and names == {} and called == {"f_pi": 3}


def test_annotations_that_are_put_off_stay_so_in_later_cells():
    errors, _, called = _run(
        "from __future__ import annotations", "def f_typed(x: Missing = 1) -> Missing: return x"
    )
    assert errors == [None, None] and called == {"f_typed": 1}


def test_a_functions_source_can_be_read():
    errors, names, _ = _run("def f_one(): return 1", "import inspect\nsource = inspect.getsource(f_one)")
    assert errors == [None, None] and names["source"].startswith("def f_one")
