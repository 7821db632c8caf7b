"""Remarks for the marker, from reading the code. They cost no points, and whoever wants to hides from them.

Marks are for values. What a person may want to look at is another matter: a function of torch's that does the whole
exercise, a rescue part written off, code that looks at its surroundings.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterable, Sequence
from functools import cache

from attentif import rescue
from attentif_grading.grader.repair import CodeCell

# What of torch's, or of transformers', is the whole answer.
BUILTINS: dict[str, str] = {
    "scaled_dot_product_attention": r"(?:F|functional|nn)\s*\.\s*scaled_dot_product_attention|MultiheadAttention|"
    r"multi_head_attention_forward|_scaled_dot_product\w*",
    "MultiHeadAttention": r"MultiheadAttention|multi_head_attention_forward",
    "causal_mask": r"generate_square_subsequent_mask",
    "LayerNorm": r"\blayer_norm\b|native_layer_norm|nn\s*\.\s*(?:LayerNorm|RMSNorm)",
    "EncoderBlock": r"Transformer(?:En|De)coderLayer",
    "DecoderBlock": r"Transformer(?:En|De)coderLayer",
    "BertEmbeddings": r"\bembedding_bag\b|EmbeddingBag",
    "warmup_cosine": r"lr_scheduler|get_cosine_schedule",
    "fill_mask": r"\bpipeline\s*\(",
    "calibration": r"\blinregress\b|\bpolyfit\b|\blstsq\b",
}
_ANY_BUILTIN = re.compile(r"torch\s*\.\s*ops\b|\baten\b|import\s+transformers|from\s+transformers\b")
_RESCUE = re.compile(r"\brescue\b|\btorch_blocks\b|\bknown_good\b")
_TAMPERING = re.compile(
    r"attentif_grading|attentif_worker|attentif\.judged|\bLocalStudent\b|\b_getframe\b|\bf_locals\b|\bgc\.get_|"
    r"/proc/|\bctypes\b|\bos\.(?:kill|fork|_exit|abort)\b|\bsubprocess\b|\bsocket\b|\bptrace\b|"
    r"input_transformers|ast_transformers|\bsettrace\b|\bsetprofile\b|load_exercise|checks\.(?:store|examining|engine|student|compare|values)|"
    r"\bsys\s*\.\s*modules\b|"
    r"__torch_function__"
)
_TOKEN = re.compile(r"[^\W\d]\w*|\d[\w.]*|[^\s\w]")
_RUN = 12  # tokens
_SHARE = 0.5  # of the rescue part's runs


class Flags:
    """Remarks on the exercises of a notebook, see `troubles.FLAGS`.

    Args:
        cells: all that the worker is given of the notebook.
    """

    def __init__(self, cells: Sequence[CodeCell]):
        # What was handed out has nothing to look at.
        self._written = [cell for cell in cells if not cell.untouched]
        self._tampers = any(_TAMPERING.search(cell.source) for cell in self._written if cell.role != "setup")

    def of(self, exercise: str) -> tuple[str, ...]:
        """Identifiers of the remarks on an exercise."""
        answer = "\n".join(
            cell.source for cell in self._written if exercise in (cell.exercise, *cell.defines)
        )
        found = []
        if (exercise in BUILTINS and re.search(BUILTINS[exercise], answer)) or _ANY_BUILTIN.search(answer):
            found.append("torch_builtin")
        if _RESCUE.search(answer) or _copied(answer, exercise):
            found.append("rescue")
        if self._tampers:
            found.append("tampering")
        return tuple(found)


def _copied(answer: str, exercise: str) -> bool:
    theirs = _rescue_runs(exercise)
    return bool(theirs) and len(theirs & set(_runs(_TOKEN.findall(answer)))) >= _SHARE * len(theirs)


@cache
def _rescue_runs(exercise: str) -> frozenset[tuple[str, ...]]:
    """Runs of tokens of the rescue part's body, its docstring left out; none where it is too short to be told."""
    part = rescue.PARTS.get(exercise)
    if part is None:
        return frozenset()
    source = textwrap.dedent(inspect.getsource(getattr(part, "forward", part)))
    tree = ast.parse(source).body[0]
    statements = tree.body[1:] if ast.get_docstring(tree) is not None else tree.body
    # As they are written, for what a student copies is not parsed.
    written = (ast.get_source_segment(source, each) for each in statements)
    return frozenset(_runs(_TOKEN.findall("\n".join(each for each in written if "offer(" not in each))))


def _runs(tokens: Sequence[str]) -> Iterable[tuple[str, ...]]:
    return (tuple(tokens[place : place + _RUN]) for place in range(len(tokens) - _RUN + 1))
