"""Running the cells of a notebook for what they define: one bad statement costs that statement, not the notebook."""

from __future__ import annotations
import __future__

import ast
import builtins
import linecache
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

WHOLE, DEFINITIONS = "whole", "definitions"
_DEFINING = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
# Cell magics whose body is Python of the notebook; the body of any other, bash for one, is not run.
_TRANSPARENT = ("time", "timeit", "capture", "prun")


class Cells:
    """A notebook's namespace, which is the module __main__, and the cells that are run in it."""

    def __init__(self) -> None:
        module = types.ModuleType("__main__")
        sys.modules["__main__"] = module
        self.namespace = vars(module)
        self.namespace["__builtins__"] = builtins
        self._flags = 0
        self._ran = 0
        shell = _Shell(self)
        builtins.get_ipython = lambda: shell
        builtins.display = lambda *shown, **how: None
        for name in ("google", "google.colab"):
            sys.modules.setdefault(name, _Absent(name))
        sys.modules["google.colab"] = _Absent("google.colab")

    def run(self, source: str, mode: str = WHOLE) -> str | None:
        """Run a cell.

        Args:
            source: as it stands in the notebook, magics included.
            mode: "whole", or "definitions" for its imports, functions and classes alone.

        Returns:
            the first error, "TypeName: message"; None if there was none. After a statement that fails the rest of the
            cell is run for its definitions; of what is no Python, the other blocks are run.
        """
        first: str | None = None
        failed = False
        self._ran += 1
        file = f"<cell {self._ran}>"
        for piece in _pieces(source):
            if isinstance(piece, Exception):
                first = first or _line(piece)
                continue
            linecache.cache[file] = (len(piece.text), None, piece.text.splitlines(True), file)
            for statement in piece.tree.body:
                self._flags |= _features(statement)
                if not isinstance(statement, _DEFINING) and (mode == DEFINITIONS or failed):
                    continue
                try:
                    module = ast.Module([statement], type_ignores=[])
                    code = compile(module, file, "exec", flags=self._flags, dont_inherit=True)
                    exec(code, self.namespace)
                except BaseException as error:  # an exit is an error like any other here
                    first, failed = first or _line(error), True
        return first


class _Piece:
    def __init__(self, text: str, tree: ast.Module):
        self.text, self.tree = text, tree


def _pieces(source: str) -> Iterator[_Piece | Exception]:
    """The cell as one parsed piece; where it is no Python, each block at the margin that is, and the error."""
    try:
        yield _parsed(source)
        return
    except Exception as error:
        yield error
    for block in _blocks(source):
        try:
            yield _parsed(block)
        except Exception:
            continue  # the error of the whole cell is told


def _parsed(source: str) -> _Piece:
    try:
        return _Piece(source, ast.parse(source))
    except SyntaxError:
        # Magics and shell lines are no Python; only then is the slow way needed.
        from IPython.core.inputtransformer2 import TransformerManager

        changed = TransformerManager().transform_cell(source)
        return _Piece(changed, ast.parse(changed))


def _blocks(source: str) -> list[str]:
    """The source, cut before each line that begins a statement at the margin; decorators stay with theirs."""
    lines, blocks = source.splitlines(), [[]]
    for line in lines:
        begins = (
            bool(line)
            and line[0] not in " \t#)]}\"'"
            and not line.startswith(("else", "elif", "except", "finally"))
        )
        if begins and not (blocks[-1] and blocks[-1][-1].startswith("@")):
            blocks.append([])
        blocks[-1].append(line)
    return ["\n".join(block) + "\n" for block in blocks if any(line.strip() for line in block)]


def _features(statement: ast.stmt) -> int:
    if not (isinstance(statement, ast.ImportFrom) and statement.module == "__future__"):
        return 0
    found = (getattr(__future__, alias.name, None) for alias in statement.names)
    return sum(feature.compiler_flag for feature in found if feature is not None)


def _line(error: BaseException) -> str:
    from attentif.checks.student import error_line

    return error_line(error)


class _Shell:
    """What stands where IPython's shell would: magics do nothing, but those that only run their body do run it."""

    def __init__(self, cells: Cells):
        self.run_cell_magic = lambda name, line, body: cells.run(body) if name in _TRANSPARENT else None
        self.user_ns = cells.namespace

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *args, **kwargs: None


class _Absent(types.ModuleType):
    """A module that is there on Colab only: whatever is asked of it does nothing."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Nothing()


class _Nothing:
    def __call__(self, *args: Any, **kwargs: Any) -> _Nothing:
        return self

    def __getattr__(self, name: str) -> _Nothing:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __bool__(self) -> bool:
        return False
