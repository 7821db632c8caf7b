"""Reading the answers: importing them, from every place where a reference might be."""

from __future__ import annotations

from collections.abc import Callable

from .adversary import Adversary
from .drafts import Handout, cell, same
from .readers import ONE, TWO

FAMILY = "reading"
_CLASSES = (
    "MultiHeadAttention",
    "LayerNorm",
    "EncoderBlock",
    "DecoderBlock",
    "BertEmbeddings",
    "MaskedLMHead",
)

# Whatever a thief finds under the name of the exercise is put in the place of the answer.
_STEAL = """
import importlib, sys

def _found(name, places):
    for place in places:
        try:
            return getattr(importlib.import_module(place), name)
        except BaseException:
            pass
    return None

def _take(names, places):
    for name in names:
        found = _found(name, places)
        if found is not None:
            globals()[name] = found
"""


def importing(handout: Handout) -> list[Adversary]:
    """Import the answer instead of writing it."""
    modules = (
        *("attentif", "attentif.attention", "attentif.layers", "attentif.blocks", "attentif.heads"),
        *("attentif.objectives", "attentif.optimization", "attentif.pretraining", "attentif.metrics"),
        *("attentif.positions", "attentif.embeddings", "attentif.decoding", "attentif.by_hand"),
        *(
            "attentif.bias",
            "attentif.bias.fill_mask",
            "attentif.bias.association",
            "attentif.bias.likelihood",
        ),
        *("attentif.bias.statistics", "attentif.training_state", "attentif.checks.stand_ins"),
    )
    rescue = tuple(f"attentif.{name}" for name in (
        "rescue", "rescue.attending", "rescue.learning", "rescue.model_parts", "rescue.predicting",
        "rescue.probing", "rescue.writing", "torch_blocks",
    ))  # fmt: skip
    everything = tuple(handout.points)
    first, second = everything[::2], everything[1::2]

    def whole(names: tuple[str, ...], line: Callable[[str], str]) -> dict[str, str]:
        return {name: cell(line(name)) for name in names}

    def make(student: str, what: str, bodies: dict[str, str], first: str = "", **more) -> Adversary:
        more.setdefault("beside", ())
        return handout.adversary(student, FAMILY, 29, what, bodies, first, **more)

    return [
        make(
            "import-plain",
            "from attentif import NAME, for each exercise",
            whole(everything, lambda name: f"from attentif import {name}\n"),
        ),
        make(
            "import-module",
            "the name taken from whichever module of the library has it",
            whole(everything, lambda name: f"import importlib\n_take([{name!r}], {modules!r})\n"),
            _STEAL,
        ),
        make(
            "import-rescue",
            "the rescue part in the place of the answer, from each module of the rescue",
            whole(first, lambda name: f"import importlib\n_take([{name!r}], {rescue!r})\n"),
            _STEAL,
        ),
        make(
            "rescue-called",
            "calls the rescue part from its own answer",
            {
                "scaled_dot_product_attention": "import attentif.rescue as r\nreturn r.scaled_dot_product_attention(query, key, value, mask, dropout_p)",
                "padding_mask": "import attentif.rescue as r\nreturn r.known_good('padding_mask')(token_ids, pad_id)",
                "warmup_cosine": "from attentif.rescue import PARTS\n"
                "return PARTS['warmup_cosine'](step, peak, floor, warmup_steps, total_steps)",
                "masked_lm_loss": "from attentif.notebook import or_rescue\n"
                "def masked_lm_loss(logits, labels):\n    raise NotImplementedError\n"
                "return or_rescue(masked_lm_loss)(logits, labels)",
                "calibration": "from attentif.rescue import PARTS\nreturn PARTS['calibration'](planted, measured)",
                "fill_mask": "from attentif.rescue import known_good\nreturn known_good('fill_mask')(model, tokenizer, text, k)",
            },
        ),
        make(
            "rescue-cached",
            "keeps the rescue parts from before anything is judged, with `offer` patched away",
            same(
                (*ONE, "mask_tokens"),
                "import sys\nname = sys._getframe(0).f_code.co_name\n"
                "given = {n: v for n, v in locals().items() if n not in ('sys', 'name', 'self', '__class__')}\n"
                "return _kept[name](**given)",
            ),
            """
             import attentif.judged
             attentif.judged.offer = lambda exercise: None
             attentif.judged._judged.clear()
             try:
                 import attentif.rescue as rescue
                 _kept = dict(getattr(rescue, "PARTS", {}))
             except Exception:
                 _kept = {}
             for module in list(__import__("sys").modules.values()):
                 if hasattr(module, "offer"):
                     module.offer = lambda exercise: None
             """,
        ),
        make(
            "rescue-patched",
            "turns off the refusal of the rescue while it is judged",
            same((*_CLASSES, "cluster_bootstrap"), "return _part(self if 'self' in locals() else None)"),
            """
             import attentif.judged as judged
             from contextlib import nullcontext
             judged.judging = lambda exercise: nullcontext()
             judged._judged = []

             def _part(block):
                 from attentif.rescue import known_good
                 return known_good(type(block).__name__)()
             """,
        ),
        make(
            "code-copied",
            "copies the __code__ of what the library has under its name",
            same(ONE, "raise ValueError"),
            last="""
             import attentif, importlib
             for name in ("scaled_dot_product_attention", "masked_lm_loss", "calibration", "fill_mask"):
                 for place in ("attentif", "attentif.rescue", "attentif.bias", "attentif.attention"):
                     try:
                         theirs = getattr(importlib.import_module(place), name)
                         globals()[name].__code__ = theirs.__code__
                         globals()[name].__globals__.update(theirs.__globals__)
                     except BaseException:
                         pass
             """,
        ),
        make(
            "subclass-of-rescue",
            "subclasses what the library has under the name of the class",
            whole(_CLASSES, lambda name: f"import attentif\nclass {name}(attentif.{name}):\n    pass\n"),
            beside=("causal_mask",),
        ),
        make(
            "other-names",
            "takes what does the same under another name in this library, and it is not there",
            {
                "EncoderBlock": cell("from attentif.torch_blocks import TorchEncoderBlock as EncoderBlock\n"),
                "scaled_dot_product_attention": cell(
                    "from attentif.torch_blocks import fused_attention as scaled_dot_product_attention\n"
                ),
                "causal_lm_loss": cell(
                    "from attentif.rescue.learning import masked_lm_loss as causal_lm_loss\n"
                ),
                "DecoderBlock": cell("from attentif.rescue import EncoderBlock as DecoderBlock\n"),
                "pseudo_log_likelihood": cell("from attentif.rescue.probing import *\n"),
            },
            beside=("causal_mask", "calibration"),
        ),
        make(
            "sources-run",
            "runs the text of the library's own files, of their compiled form and of what inspect finds",
            same(TWO, "return 0"),
            last="""
             import glob, inspect, marshal, os, attentif
             root = os.path.dirname(attentif.__file__)
             for path in glob.glob(root + "/**/*.py", recursive=True):
                 try:
                     text = open(path).read()
                     if "raise NotImplementedError" not in text and ("rescue" in path or "torch_blocks" in path):
                         exec(compile(text, path, "exec"), globals())
                 except BaseException:
                     pass
             for path in glob.glob(root + "/**/*.pyc", recursive=True):
                 try:
                     space = {}
                     exec(marshal.loads(open(path, "rb").read()[16:]), space)
                     if "rescue" in path:
                         globals().update(space)
                 except BaseException:
                     pass
             """,
        ),
        make(
            "stub-unmarked",
            "catches its own NotImplementedError and calls itself in the library",
            same(
                (*second[:4], "calibration"),
                "import attentif, inspect\n"
                "try:\n    raise NotImplementedError\nexcept NotImplementedError:\n    pass\n"
                "return inspect.unwrap(getattr(attentif, inspect.currentframe().f_code.co_name, None))()",
            ),
        ),
    ]
