"""What a run is said to cost, against what models really have, compute and keep."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from typer.testing import CliRunner

from attentif.attention import fused_attention, scaled_dot_product_attention
from attentif.cli import app
from attentif.cost import MACHINES, Machine, Shape, machine_named, plan, shape_of_parameters
from attentif.errors import InputError
from attentif.models import CausalLM, MaskedLM, ModelConfig, Parts
from attentif.objectives import mask_tokens
from attentif.training_objectives import CausalObjective, MaskedObjective

SHAPES = [
    Shape(layers=3, width=64, vocab_size=500, context=32, heads=4, causal=True),
    Shape(layers=2, width=96, vocab_size=2000, context=64, heads=3, causal=False),
    Shape(layers=6, width=48, vocab_size=300, context=128, heads=2, causal=False),
]


def model_of(shape: Shape, attend=fused_attention, dropout: float = 0.1):
    config = ModelConfig(
        shape.vocab_size, shape.width, shape.layers, shape.heads, shape.context, dropout=dropout, n_segments=0 if shape.causal else 1
    )  # fmt: skip
    return (CausalLM if shape.causal else MaskedLM)(config, Parts(attend=attend, norm=nn.LayerNorm)).train()


def batch_of(shape: Shape, rows: int) -> dict:
    ids = torch.randint(5, shape.vocab_size, (rows, shape.context + shape.causal))
    if shape.causal:
        return {"token_ids": ids}
    inputs, labels = mask_tokens(ids, 4, shape.vocab_size, range(5))
    return {"token_ids": inputs, "labels": labels}


def loss_of(shape: Shape, model, batch: dict) -> torch.Tensor:
    objective = CausalObjective() if shape.causal else MaskedObjective()
    return sum(objective(model, batch).values())


@pytest.mark.parametrize("shape", SHAPES)
def test_parameters_are_those_of_the_model(shape):
    counted = model_of(shape).n_parameters()
    if not shape.causal:  # a masked model's head transforms once more, and classifies pairs
        counted -= 2 * (shape.width**2 + shape.width)
    assert shape.parameters == pytest.approx(counted, rel=0.02)


@pytest.mark.parametrize("shape", SHAPES)
def test_operations_are_those_that_torch_counts(shape):
    torch.manual_seed(0)
    model, batch = model_of(shape, scaled_dot_product_attention, dropout=0.0), batch_of(shape, 8)
    with FlopCounterMode(display=False) as counter:
        loss_of(shape, model, batch).backward()
    tokens = 8 * shape.context
    said = shape.flops_per_token() * tokens
    if shape.causal:  # the explicit formula computes the half that the mask hides
        said += 0.5 * 12 * shape.layers * shape.context * shape.width * tokens
    assert said == pytest.approx(counter.get_total_flops(), rel=0.08)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("explicit", [False, True])
def test_activations_are_about_what_autograd_keeps(shape, explicit):
    """In float32, by counting what is kept for the backward pass; each storage once, weights left out."""
    attend = scaled_dot_product_attention if explicit else fused_attention
    model, batch, rows = model_of(shape, attend, dropout=0.1 if explicit else 0.0), batch_of(shape, 8), 8
    weights = {parameter.data_ptr() for parameter in model.parameters()}
    kept: dict[int, int] = {}

    def pack(tensor):
        if tensor.untyped_storage().data_ptr() not in weights:
            kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        loss_of(shape, model, batch)
    said = shape.activation_bytes(rows, half=False, fused=not explicit)
    assert 0.5 < said / sum(kept.values()) < 2.0


def test_recomputing_and_fusing_cost_less():
    shape = SHAPES[2]
    explicit, fused = (shape.activation_bytes(8, half=True, fused=each) for each in (False, True))
    assert shape.activation_bytes(8, half=True, recompute=True) < 0.6 * fused < fused < explicit
    assert shape.activation_bytes(8, half=False) > 1.5 * fused


def test_a_plan_adds_up():
    shape = SHAPES[0]
    machine = Machine("ours", memory=2e9, rate=1e12, format="float32", utilisation=0.5)
    found = plan(shape, 1e6, machine, rows=4)
    assert found.flops == pytest.approx(1e6 * shape.flops_per_token())
    assert found.seconds == pytest.approx(found.flops / 0.5e12) and found.fits
    assert plan(shape, 1e6, machine, 4, recompute=True).seconds == pytest.approx(found.seconds * 4 / 3)
    largest = plan(shape, 1e6, machine, rows=found.rows)
    assert largest.fits and not plan(shape, 1e6, machine, rows=2 * found.rows).fits
    assert str(found.rows) in plan(shape, 1e6, machine, rows=2 * found.rows).advice["en"]
    tiny = Machine("tiny", memory=1e8, rate=1e12, format="float32", utilisation=0.5)
    assert "--recompute" in plan(shape, 1e6, tiny, 4).advice["en"]
    assert "smaller model" in plan(shape, 1e6, tiny, 4, recompute=True).advice["en"]


@pytest.mark.parametrize(("size", "fits"), [(110e6, True), (345e6, True), (1.5e9, False)])
def test_what_fits_a_t4(size, fits):
    shape = shape_of_parameters(size, 30522, 512, causal=False)
    assert shape.parameters == pytest.approx(size, rel=0.15)
    assert bool(plan(shape, 1e9, MACHINES["t4"], rows=1).fits) is fits


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: machine_named("v100"), "a GPU among t4, a100, h100, h200, got 'v100'"),
        (lambda: plan(SHAPES[0], 0, MACHINES["t4"], 4), "tokens and rows of at least 1"),
        (
            lambda: plan(SHAPES[0], 10, MACHINES["t4"], 4, utilisation=1.5),
            "a utilisation above 0 and at most 1",
        ),
        (lambda: Shape(0, 8, 9, 9, 1, True), "layers of at least 1"),
    ],
)
def test_plans_that_make_no_sense_are_refused(call, told):
    with pytest.raises(InputError, match=told):
        call()


def test_the_command_says_whether_a_run_fits():
    done = CliRunner().invoke(
        app, ["plan", "--params", "110e6", "--tokens", "1e9", "--context", "128", "--gpu", "t4"]
    )
    assert done.exit_code == 0, done.output
    assert "12 layers of width 768" in done.output and "it fits" in done.output and "hours" in done.output
    done = CliRunner().invoke(
        app, ["plan", "--layers", "48", "--width", "1600", "--heads", "25", "--vocab-size", "50257", "--tokens", "1e9", "--objective", "causal", "--gpu", "t4"]
    )  # fmt: skip
    assert "it does not fit" in done.output and "--recompute" in done.output
    done = CliRunner().invoke(app, ["plan", "--tokens", "1e9"])
    assert done.exit_code and "--params, or --layers and --width" in str(done.exception)
