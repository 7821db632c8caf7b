"""Execute notebooks as a student does who runs everything from the top; prints what went wrong in each, as JSON.

It runs inside the environment under test and needs nothing but nbformat and nbclient:

    python execute.py NOTEBOOK.ipynb ...
"""

import json
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient


def main() -> None:
    """Each notebook is executed in its own folder, and written back with its outputs."""
    found = {}
    for path in map(Path, sys.argv[1:]):
        notebook = nbformat.read(path, as_version=4)
        started = time.perf_counter()
        client = NotebookClient(
            notebook,
            timeout=1200,
            kernel_name="python3",
            allow_errors=True,
            resources={"metadata": {"path": str(path.parent)}},
        )
        client.execute()
        nbformat.write(notebook, path)
        found[f"{path.parent.name}/{path.name}"] = {
            "seconds": round(time.perf_counter() - started, 1),
            "cells": sum(cell.cell_type == "code" for cell in notebook.cells),
            "troubles": [trouble for cell in notebook.cells for trouble in _troubles(cell)],
            "setup": "".join(_printed(cell) for cell in notebook.cells if _name(cell) == "setup").strip(),
            "last": "".join(_printed(cell) for cell in notebook.cells[-1:]).strip(),
        }
    print(json.dumps(found, ensure_ascii=False))


def _name(cell) -> str:
    return cell.metadata.get("attentif", {}).get("name", "")


def _printed(cell) -> str:
    return "".join(each.text for each in cell.get("outputs", []) if each.output_type == "stream")


def _troubles(cell) -> list:
    """Errors, and what stands in red: warnings above all. A progress bar stands there too, and is none."""
    found = []
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            found.append(f"{_name(cell)}: {output.ename}: {output.evalue}")
        elif output.output_type == "stream" and output.name == "stderr":
            lines = [
                line
                for line in output.text.replace("\r", "\n").splitlines()
                if line.strip() and "it/s" not in line
            ]
            found += [f"{_name(cell)}: {line}" for line in lines if "%|" not in line]
    return found


if __name__ == "__main__":
    main()
