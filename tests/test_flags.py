"""Flags cost nothing: they tell a marker where to look."""

from __future__ import annotations

import inspect

import pytest

import attentif
from attentif import rescue
from attentif_grading.exercises import load_exercise
from attentif_grading.grader.flags import BUILTINS, Flags
from attentif_grading.grader.repair import CodeCell
from attentif_grading.grader.troubles import FLAGS
from attentif_grading.packed_class import catalogue


def _flags(exercise: str, source: str, elsewhere: str = "") -> tuple[str, ...]:
    cells = [CodeCell(exercise, source, "definition", exercise), CodeCell("cell_9", elsewhere, "extra")]
    return Flags(cells).of(exercise)


@pytest.mark.parametrize("exercise", sorted(rescue.PARTS))
def test_a_rescue_part_that_is_called_or_copied_is_flagged(exercise):
    assert "rescue" in _flags(exercise, f"from attentif.rescue import {exercise}")
    body = inspect.getsource(getattr(rescue.PARTS[exercise], "forward", rescue.PARTS[exercise]))
    short = ("EncoderBlock", "DecoderBlock", "LayerNorm", "training_flops", "warmup_cosine")
    if exercise not in short:  # these hold nothing that could be told from other code
        assert "rescue" in _flags(exercise, body.replace(f'offer("{exercise}")', "pass"))


@pytest.mark.parametrize("exercise", sorted(BUILTINS))
def test_the_reference_has_no_flag(exercise):
    assert not _flags(exercise, inspect.getsource(load_exercise(exercise).reference))


def test_torch_that_does_the_whole_exercise_is_flagged():
    source = (
        "def scaled_dot_product_attention(q, k, v):\n    return F.scaled_dot_product_attention(q, k, v), None"
    )
    assert _flags("scaled_dot_product_attention", source) == ("torch_builtin",)
    assert _flags("LayerNorm", "x = F.layer_norm(x, (4,))") == ("torch_builtin",)
    assert _flags("causal_mask", "torch.ops.aten.tril(x)") == ("torch_builtin",)
    assert not _flags("masked_lm_loss", "F.cross_entropy(logits, labels)")


def test_looking_around_is_flagged_wherever_it_stands():
    assert _flags("causal_mask", "def causal_mask(n): ...", "import sys; sys._getframe(1)") == ("tampering",)
    assert _flags("causal_mask", "def causal_mask(n): return open('/proc/self/maps')") == ("tampering",)


def test_right_answers_of_the_catalogue_are_hardly_ever_taken_for_copies():
    names = [name for name in rescue.PARTS if hasattr(attentif, name)]
    answers = [(n, a) for n in names for a in catalogue(n) if a.right]
    copies = [(n, a.name) for n, a in answers if "rescue" in _flags(n, inspect.getsource(a.function))]
    assert len(answers) > 60
    assert len(copies) <= 0.02 * len(answers), copies


def test_each_flag_has_its_sentence():
    assert {"torch_builtin", "rescue", "tampering", "inputs_changed"} == set(FLAGS)
