"""Where the notebook is that these cells stand in: Colab knows, the environment may, else the folder is searched."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from attentif.language import Text, say, text

MOST_BYTES = 200 * 2**20
_COLAB_SECONDS = 60
_ASKED: Text = text(
    "Path of this notebook (.ipynb), or nothing to give up: ",
    "Chemin de ce carnet (.ipynb), ou rien pour abandonner : ",
)
_NO_NOTEBOOK: Text = text(
    "{path}: no notebook of the assignment there", "{path} : il n'y a là aucun carnet du devoir"
)


@dataclass(frozen=True)
class Found:
    """A notebook as it is saved, or as Colab shows it.

    Args:
        content: the JSON of the file.
        name: of the file, without .ipynb.
        saved: when it was last saved; for Colab, which gives what is on the screen, the moment of asking.
        live: whether it is what is on the screen, so that nothing can be unsaved.
    """

    content: Mapping[str, Any]
    name: str
    saved: datetime
    live: bool = False


def find_notebook(
    history: Sequence[str], path: str | Path | None = None, ask: Callable[[str], str] | None = None
) -> Found | None:
    """The notebook that these cells stand in.

    In this order: the path that is given, Colab's own interface, the path that the environment tells, the notebooks of
    the working folder, a question to the student.

    Args:
        history: the cells that were run in this session: of several notebooks, the one that has most of them is meant.
        path: where it is, if that is known.
        ask: puts the question, `input` by default.

    Returns:
        None if there is none in any of these places.
    """
    if path is not None:
        return _read(Path(path).expanduser())
    found = _from_colab()
    if found is None:
        told = [read for place in _told_by_environment() if (read := _read(place))]
        found = _likeliest(told, history) or _likeliest(list(_in_folder(Path.cwd())), history)
    return found or _asked(ask or input)  # a notebook replaces input while a cell runs


def notebook_source(cell: Mapping[str, Any]) -> str:
    """The source of a cell of a notebook's JSON, which may be a text or its lines."""
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(map(str, source))


def _from_colab() -> Found | None:
    """What Colab's page shows. Source: google.colab._message, the interface that its own tools use."""
    if "google.colab" not in sys.modules:
        return None
    try:
        from google.colab import _message

        answer = _message.blocking_request("get_ipynb", request="", timeout_sec=_COLAB_SECONDS)
        content = answer["ipynb"]
    except Exception:  # a page that was closed, a Colab that has changed: there are other ways
        return None
    if not _of_assignment(content):
        return None
    name = content["metadata"].get("colab", {}).get("name", "") or "notebook.ipynb"
    return Found(content, Path(str(name)).stem, datetime.now().astimezone(), live=True)


def _told_by_environment() -> Iterator[Path]:
    """Paths that VS Code and Jupyter's server leave in the kernel."""
    told = (
        getattr(sys.modules["__main__"], "__vsc_ipynb_file__", None),
        os.environ.get("JPY_SESSION_NAME"),
    )
    for place in (Path(each) for each in told if each and str(each).endswith(".ipynb")):
        # Jupyter's is below the folder where its server was started, which a kernel does not know.
        here = Path.cwd()
        yield from dict.fromkeys((place, *(up / place for up in (here, *here.parents)), here / place.name))


def _in_folder(folder: Path) -> Iterator[Found]:
    for path in sorted(folder.glob("*.ipynb")):
        found = _read(path)
        if found is not None:
            yield found


def _likeliest(found: Sequence[Found], history: Sequence[str]) -> Found | None:
    """The notebook with most of the cells that were run; of several such, the one that was saved last."""
    ran = {bare(source) for source in history} - {""}

    def in_common(each: Found) -> int:
        return len(ran & {bare(notebook_source(cell)) for cell in each.content["cells"]})

    return max(found, key=lambda each: (in_common(each), each.saved), default=None)


def _asked(ask: Callable[[str], str]) -> Found | None:
    for _ in range(3):
        try:
            said = ask(say(_ASKED)).strip().strip("'\"")
        except (
            EOFError,
            NotImplementedError,
            RuntimeError,
        ):  # nobody can be asked, as where cells run by themselves
            return None
        if not said:
            return None
        path = Path(said).expanduser()
        found = _read(path) or _read(path.with_name(path.name + ".ipynb"))
        if found is not None:
            return found
        print(say(_NO_NOTEBOOK).format(path=path))
    return None


def _read(path: Path) -> Found | None:
    with contextlib.suppress(OSError, ValueError, RecursionError):
        about = path.stat()
        if about.st_size <= MOST_BYTES:
            content = json.loads(path.read_text(encoding="utf-8"))
            if _of_assignment(content) and not content["metadata"]["attentif"].get("handed_in"):
                return Found(content, path.stem, datetime.fromtimestamp(about.st_mtime).astimezone())
    return None


def _of_assignment(content: Any) -> bool:
    return (
        isinstance(content, dict)
        and isinstance(content.get("metadata"), dict)
        and isinstance(content["metadata"].get("attentif"), dict)
        and isinstance(content.get("cells"), list)
        and all(isinstance(cell, dict) for cell in content["cells"])
    )


def bare(source: str) -> str:
    """Code without any white space: cells that differ in nothing else are the same cell."""
    return "".join(source.split())
