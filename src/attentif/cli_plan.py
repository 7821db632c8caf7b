"""The command line: attentif plan."""

from __future__ import annotations

from typing import Annotated

import typer

from attentif.errors import InputError


def plan(
    tokens: Annotated[float, typer.Option(help="That the run sees, 1e9 for a billion.")],
    params: Annotated[float | None, typer.Option(help="Size of the model; a usual shape is chosen.")] = None,
    layers: Annotated[int | None, typer.Option(help="Instead of --params.")] = None,
    width: Annotated[int | None, typer.Option(help="Instead of --params.")] = None,
    heads: Annotated[int | None, typer.Option(help="Heads of 64 when left out.")] = None,
    vocab_size: Annotated[int, typer.Option(help="Tokens of the vocabulary.")] = 30522,
    context: Annotated[int, typer.Option(help="Longest row, in tokens.")] = 512,
    objective: Annotated[str, typer.Option(help="masked | causal")] = "masked",
    batch: Annotated[int, typer.Option(help="Rows a micro-batch.")] = 32,
    recompute: Annotated[bool, typer.Option(help="Compute blocks again instead of keeping them.")] = False,
    gpu: Annotated[str, typer.Option(help="t4 | a100 | h100 | h200")] = "t4",
    utilisation: Annotated[
        float | None, typer.Option(help="Share of the GPU's rate that is reached.")
    ] = None,
) -> None:
    """Say what a pretraining run will cost: size, memory, operations, time; and whether it fits a GPU."""
    from attentif.cost import Shape, machine_named, shape_of_parameters
    from attentif.cost import plan as planned

    machine, causal = machine_named(gpu), objective == "causal"
    if objective not in ("masked", "causal"):
        raise InputError(
            expected="--objective masked or causal", got=repr(objective), remedy="choose one of these"
        )
    if params is not None:
        shape = shape_of_parameters(params, vocab_size, context, causal)
    elif layers is not None and width is not None:
        shape = Shape(layers, width, vocab_size, context, heads or max(1, width // 64), causal)
    else:
        raise InputError(
            expected="--params, or --layers and --width", got="neither", remedy="say how large the model is"
        )
    found = planned(shape, tokens, machine, batch, recompute, utilisation)
    share = machine.utilisation if utilisation is None else utilisation
    print(
        f"{shape.layers} layers of width {shape.width}, {found.parameters / 1e6:,.0f} M parameters, {objective}, rows of {context} tokens"
    )
    print(
        f"{found.flops:.2e} operations: {_time(found.seconds)} on one {machine.name} in {machine.format}, at {share:.0%} of its "
        f"{machine.rate / 1e12:.0f} TFLOP/s{' and a third more for recomputing' if recompute else ''}"
    )
    print(
        f"{found.memory / 1e9:.1f} GB at its peak with {batch} rows at a time; the GPU has {machine.memory / 1e9:.0f} GB"
    )
    if found.fits:
        print(f"it fits; up to {found.rows} rows at a time would")
    else:
        print(f"it does not fit: {found.advice['en']}")


def _time(seconds: float) -> str:
    for unit, size in (("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.1f} seconds"
