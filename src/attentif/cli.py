"""The command line: attentif pretrain | generate | probe."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Annotated, Any

import typer

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
    attention: Annotated[str | None, typer.Option(help="explicit | fused  [explicit]")] = None,
    batch: Annotated[int | None, typer.Option(help="Rows a micro-batch  [32]")] = None,
    accumulation: Annotated[int | None, typer.Option(help="Micro-batches a step  [1]")] = None,
    steps: Annotated[int | None, typer.Option(help="Optimizer steps  [1000]")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Peak  [0.001]")] = None,
    floor_learning_rate: Annotated[float | None, typer.Option(help="Last  [0.0001]")] = None,
    warmup: Annotated[int | None, typer.Option(help="Steps of warmup  [100]")] = None,
    weight_decay: Annotated[float | None, typer.Option(help="Of the matrices  [0.1]")] = None,
    early_masking: Annotated[
        float | None, typer.Option(help="Share of tokens masked in the first 70 % of the steps  [0.15]")
    ] = None,
    validation_share: Annotated[float | None, typer.Option(help="Last part of a text  [0.1]")] = None,
    seed: Annotated[int | None, typer.Option(help="Of weights, data and dropout  [0]")] = None,
    device: Annotated[str | None, typer.Option(help="auto | cpu | cuda  [auto]")] = None,
    precision: Annotated[str | None, typer.Option(help="auto | float32 | bfloat16 | float16  [auto]")] = None,
    evaluate_every: Annotated[int | None, typer.Option(help="In steps; 0: at the end  [250]")] = None,
    checkpoint_every: Annotated[int | None, typer.Option(help="In steps; 0: at the end  [250]")] = None,
    out: Annotated[Path, typer.Option(help="Folder for model, metrics and checkpoint.")] = Path("runs/last"),
    resume: Annotated[bool, typer.Option(help="Go on from the folder's checkpoint.")] = True,
    progress: Annotated[bool, typer.Option(help="Show a bar.")] = True,
) -> None:
    """Pretrain a masked or causal model; a run that was cut off goes on where it was."""
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

    target = choose_device(settings.device)
    numbers = choose_precision(settings.precision, target)
    experiment = prepare(settings)
    print(
        f"{settings.objective} model of {experiment.model.n_parameters():,} parameters on {target.type}, "
        f"{numbers.name} ({numbers.reason['en']}); {experiment.corpus.name}, {experiment.tokenizer.vocab_size} tokens"
    )
    result = run(experiment, out, resume=resume, progress=progress)
    losses = validation_loss(experiment)
    resumed = f", resumed from step {result.resumed_from}" if result.resumed_from else ""
    print(f"{result.steps} steps in {result.seconds:.1f} s{resumed}")
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


@app.command()
def generate(
    model: Annotated[Path, typer.Argument(help="Folder of a causal model that `attentif pretrain` wrote.")],
    prompt: Annotated[str, typer.Option(help="Beginning of the text.")] = "",
    tokens: Annotated[int, typer.Option(help="How many tokens to add at most.")] = 100,
    temperature: Annotated[float, typer.Option(help="0 is greedy.")] = 1.0,
    top_k: Annotated[int | None, typer.Option(help="Keep the k most probable tokens.")] = None,
    top_p: Annotated[float | None, typer.Option(help="Keep the most probable tokens up to this sum.")] = None,
    beams: Annotated[int, typer.Option(help="More than 1: beam search instead of sampling.")] = 1,
    alpha: Annotated[float, typer.Option(help="Length penalty of beam search.")] = 0.6,
    samples: Annotated[int, typer.Option(help="How many texts.")] = 1,
    seed: Annotated[int, typer.Option(help="Of the sampling.")] = 0,
) -> None:
    """Continue a text with a causal model."""
    import torch

    from attentif.checkpoint import load_model
    from attentif.corpus.tokenizers import load_tokenizer
    from attentif.decoding import beam_search
    from attentif.decoding import generate as sample
    from attentif.models import CausalLM

    network, words = load_model(model), load_tokenizer(model)
    if not isinstance(network, CausalLM):
        raise InputError(
            expected="a causal model",
            got=f"a {type(network).__name__}",
            remedy="pretrain with --objective causal, or use `attentif probe`",
        )
    start = words.encode(prompt)
    by_rows = not _reads_windows(model)
    if by_rows:
        start = [words.cls_id, *start]
    if not start:
        start = words.encode("\n") or [words.cls_id]
    eos = words.sep_id if by_rows else None
    ids = torch.tensor([start])
    generator = torch.Generator().manual_seed(seed)
    if beams > 1:
        found = beam_search(network, ids[0], tokens, beams, alpha, eos)
        texts = [beam.token_ids for beam in found[:samples]]
    else:
        rows = ids.expand(samples, -1)
        texts = sample(network, rows, tokens, temperature, top_k, top_p, eos, generator).tolist()
    for text in texts:
        print(words.decode(text, skip_special_tokens=True))


@app.command()
def probe(
    model: Annotated[
        str,
        typer.Argument(help="Folder of a masked model of ours, or a transformers model's folder or name."),
    ],
    text: Annotated[
        list[str] | None, typer.Option("--text", help="A sentence with [MASK]; may be repeated.")
    ] = None,
    k: Annotated[int, typer.Option(help="How many words to show.")] = 5,
    pairs: Annotated[
        Path | None,
        typer.Option(help="File with two sentences a line, separated by a tab: which is likelier?"),
    ] = None,
) -> None:
    """Ask a masked model for hidden words, or which of two sentences it finds likelier."""
    from attentif.bias import fill_mask, pseudo_log_likelihood
    from attentif.corpus.text import read_text

    if not text and pairs is None:
        raise InputError(
            expected="--text with a [MASK], or --pairs with a file", got="neither", remedy="give one of them"
        )
    network, words = _open_masked(model)
    for sentence in text or []:
        print(sentence)
        for answers in fill_mask(network, words, sentence, k):
            print("  " + "   ".join(f"{token} {probability:.3f}" for token, probability in answers))
    if pairs is not None:
        lines = [line.split("\t") for line in read_text(pairs).splitlines() if line.strip()]
        if any(len(line) != 2 for line in lines):
            raise InputError(
                expected="two sentences a line, separated by a tab",
                got=f"another number in {pairs}",
                remedy="check the separators",
            )
        scores = pseudo_log_likelihood(network, words, [sentence for line in lines for sentence in line])
        for (first, second), a, b in zip(lines, scores[::2], scores[1::2], strict=True):
            print(f"{a - b:+8.3f} nats   {first}   |   {second}")


def _open_masked(name: str) -> tuple[Any, Any]:
    """A masked model and its tokenizer, ours or transformers'."""
    folder = Path(name)
    if (folder / "run.json").exists() or (
        (folder / "tokenizer.json").exists() and (folder / "config.json").exists()
    ):
        from attentif.checkpoint import load_model
        from attentif.corpus.tokenizers import load_tokenizer
        from attentif.models import MaskedLM

        if (folder / "run.json").exists():
            network = load_model(folder)
            if not isinstance(network, MaskedLM):
                raise InputError(
                    expected="a masked model",
                    got=f"a {type(network).__name__}",
                    remedy="pretrain with --objective masked, or use `attentif generate`",
                )
            return network, load_tokenizer(folder)
    from transformers import AutoModelForMaskedLM, AutoTokenizer

    try:
        return AutoModelForMaskedLM.from_pretrained(name), AutoTokenizer.from_pretrained(name)
    except (OSError, ValueError) as error:
        raise InputError(
            expected="the folder of a masked model, or the name of one on the hub",
            got=f"{name!r}: {str(error).splitlines()[0][:120]}",
            remedy="check the path, or the name and the connection",
        ) from error


def _reads_windows(folder: Path) -> bool:
    """Whether a causal model was trained on windows of a running text, without [CLS] and [SEP]."""
    import json

    try:
        return not json.loads((folder / "run.json").read_text(encoding="utf-8"))["corpus"].startswith(
            "microcosm"
        )
    except (OSError, ValueError, KeyError):
        return True


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
