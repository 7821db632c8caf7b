"""Which exercises a student has left as they were handed out: what is to be said of them is known without asking.

Only where nothing else in the notebook can have given the exercise a meaning: no cell of the student's own has its name,
nor reaches names in other ways than by writing them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from attentif_grading.grader.repair import CodeCell

_WORD = re.compile(r"[^\W\d]\w*")
# With any of these a name can be given a meaning without being written. As methods, `model.eval()`, some are harmless.
_INDIRECT = re.compile(
    r"(?<![.\w])(?:exec|eval|compile|globals|locals|vars|setattr|delattr|__import__)\b"
    r"|\b(?:__\w*(?:dict|globals|builtins|main|code|setattr|class)\w*__|import_module|importlib|sys|builtins|f_globals|"
    r"f_locals|currentframe|user_ns|run_cell|get_ipython|ctypes|gc|pickle|dill|cloudpickle|marshal|runpy|types|inspect)\b"
    r"|import\s*\(?\s*\*|^\s*[%!]",
    re.MULTILINE,
)


def left_alone(cells: Sequence[CodeCell]) -> frozenset[str]:
    """The exercises whose cells are all as they were handed out, and that nothing else can have defined."""
    # As Python reads names: letters of other kinds are the plain ones.
    mine = [unicodedata.normalize("NFKC", cell.source) for cell in cells if not cell.untouched]
    if any(_INDIRECT.search(source) for source in mine):
        return frozenset()
    written = {name for cell in cells if not cell.untouched for name in cell.defines}
    named = frozenset().union(*(_WORD.findall(source) for source in mine))
    return frozenset(name for cell in cells if cell.untouched for name in cell.defines) - written - named
