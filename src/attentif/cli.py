"""The command line: attentif pretrain | generate | probe | plan."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Annotated, Any

import typer

from attentif.cli_inference import generate, probe
from attentif.cli_plan import plan
from attentif.errors import AttentifError, InputError

app = typer.Typer(
    help="Pretrain, sample and probe small Transformers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command()
def pretrain(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option(help="TOML file with the settings below by name; flags win over it.")
    ] = None,
    corpus: Annotated[
        str | None,
        typer.Option(help="microcosm:fr | microcosm:en:full | FILE.txt | hub:NAME  [default: microcosm:fr]"),
    ] = None,
    rows: Annotated[
        int | None, typer.Option(help="At most so many rows of a hub dataset; 0: all  [0]")
    ] = None,
    objective: Annotated[str | None, typer.Option(help="causal | masked | pairs  [causal]")] = None,
    tokenizer: Annotated[str | None, typer.Option(help="auto | char | bpe | wordpiece  [auto]")] = None,
    vocab_size: Annotated[int | None, typer.Option(help="Of a trained tokenizer  [4096]")] = None,
    layers: Annotated[int | None, typer.Option(help="Number of blocks  [2]")] = None,
    heads: Annotated[int | None, typer.Option(help="Attention heads, a divisor of the width  [4]")] = None,
    width: Annotated[int | None, typer.Option(help="d_model  [64]")] = None,
    context_length: Annotated[
        int | None, typer.Option("--context", help="Longest sequence, in tokens  [64]")
    ] = None,
    dropout: Annotated[float | None, typer.Option(help="In [0, 1)  [0.0]")] = None,
    post_norm: Annotated[bool | None, typer.Option("--post-norm/--pre-norm", help="Order of norms")] = None,
    init_std: Annotated[float | None, typer.Option(help="Initial weights  [1/√width]")] = None,
    scale_embeddings: Annotated[
        bool | None, typer.Option(help="Multiply a causal model's embeddings by √width  [no]")
    ] = None,
    attention: Annotated[str | None, typer.Option(help="auto | explicit | fused  [auto]")] = None,
    packing: Annotated[
        bool | None, typer.Option(help="Rows put end to end  [where there is much padding]")
    ] = None,
    compile: Annotated[
        bool | None, typer.Option(help="torch.compile  [on a GPU, rows of one length]")
    ] = None,
    recompute: Annotated[bool | None, typer.Option(help="Less memory, more time  [no]")] = None,
    tf32: Annotated[bool | None, typer.Option(help="Faster float32 products on a GPU  [yes]")] = None,
    prefetch: Annotated[int | None, typer.Option(help="Batches made ahead  [2 on a GPU, 0 on a CPU]")] = None,
    batch: Annotated[int | None, typer.Option(help="Rows a micro-batch  [32]")] = None,
    accumulation: Annotated[int | None, typer.Option(help="Micro-batches a step  [1]")] = None,
    steps: Annotated[int | None, typer.Option(help="Optimizer steps  [1000]")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Peak  [0.001]")] = None,
    floor_learning_rate: Annotated[float | None, typer.Option(help="Last  [0.0001; peak/10 if less]")] = None,
    warmup: Annotated[int | None, typer.Option(help="Steps of warmup  [100; all if fewer]")] = None,
    weight_decay: Annotated[float | None, typer.Option(help="Of the matrices  [0.1]")] = None,
    beta2: Annotated[float | None, typer.Option(help="AdamW's second β  [0.95]")] = None,
    early_masking: Annotated[
        float | None, typer.Option(help="Share of tokens masked in the first 70 % of the steps  [0.15]")
    ] = None,
    validation_share: Annotated[float | None, typer.Option(help="Last part of a text  [0.1]")] = None,
    seed: Annotated[int | None, typer.Option(help="Of weights, data and dropout  [0]")] = None,
    device: Annotated[str | None, typer.Option(help="auto | cpu | cuda  [auto]")] = None,
    precision: Annotated[str | None, typer.Option(help="auto | float32 | bfloat16 | float16  [auto]")] = None,
    evaluate_every: Annotated[int | None, typer.Option(help="In steps; 0: at the end  [250]")] = None,
    checkpoint_every: Annotated[int | None, typer.Option(help="In steps; 0: at the end  [250]")] = None,
    keep_checkpoints: Annotated[int | None, typer.Option(help="How many of the last stay  [2]")] = None,
    out: Annotated[Path, typer.Option(help="Folder for model, metrics and checkpoint.")] = Path("runs/last"),
    resume: Annotated[bool, typer.Option(help="Go on from the folder's checkpoint.")] = True,
    progress: Annotated[bool, typer.Option(help="Show a bar.")] = True,
) -> None:
    """Pretrain a masked or causal model; a run that was cut off goes on where it was."""
    from attentif.distributed import joined
    from attentif.evaluation import compare_with_floor, unigram_baseline, validation_loss
    from attentif.experiment import RunConfig, prepare, run
    from attentif.hardware import choose_device, choose_precision

    values = _read_toml(config) if config else {}
    given = {name: value for name, value in context.params.items() if value is not None}
    given["context"] = given.pop("context_length", None)
    for name in ("config", "out", "resume", "progress"):
        given.pop(name, None)
    values |= {name: value for name, value in given.items() if value is not None}
    settings = RunConfig.from_mapping(values)

    with joined(settings.device) as group:
        numbers = choose_precision(settings.precision, choose_device(settings.device))
        experiment = prepare(settings)
        if not group.first:
            run(experiment, out, resume=resume, progress=False)
            return
        together = f" × {group.size} processes" if group.size > 1 else ""
        print(
            f"{settings.objective} model of {experiment.model.n_parameters():,} parameters on "
            f"{choose_device(settings.device).type}{together}, {numbers.name} ({numbers.reason['en']}); "
            f"{experiment.corpus.name}, {experiment.tokenizer.vocab_size} tokens"
        )
        print("; ".join(map(str, experiment.chosen)))
        result = run(experiment, out, resume=resume, progress=progress)
    losses = validation_loss(experiment)
    resumed = f", resumed from step {result.resumed_from}" if result.resumed_from else ""
    skipped = (
        f", {result.skipped_steps} of them skipped (no number, or a spike)" if result.skipped_steps else ""
    )
    print(f"{result.steps} steps in {result.seconds:.1f} s{resumed}{skipped}")
    print("validation: " + ", ".join(f"{term} {value:.4f}" for term, value in losses.items()) + " nats")
    if experiment.corpus.world is not None:
        compared = compare_with_floor(experiment)
        print(
            f"floor {compared.floor:.4f}; the model is {compared.excess:+.2%} ± {compared.excess_error:.2%} "
            f"above it ({compared.predictions} predictions)"
        )
    else:
        print(f"guessing by frequency alone: {unigram_baseline(experiment):.4f} nats")
    print(f"saved in {out}")


app.command()(generate)
app.command()(probe)
app.command()(plan)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(
            expected=f"a readable TOML file at {path}",
            got=str(error).replace("\n", " "),
            remedy="check the path and the syntax",
        ) from error


def run_app(application: typer.Typer) -> None:
    """Run a command line; an error that the user can act on is one line and exit code 2."""
    try:
        application()
    except AttentifError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("stopped; the same command goes on from the last checkpoint", file=sys.stderr)
        sys.exit(130)


def main() -> None:
    """Entry point of `attentif`."""
    run_app(app)
