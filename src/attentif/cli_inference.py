"""The commands that read a trained model: attentif generate | probe."""

from __future__ import annotations

import json
import math
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from attentif.errors import InputError


def generate(
    model: Annotated[Path, typer.Argument(help="Folder of a causal model that `attentif pretrain` wrote.")],
    prompt: Annotated[str, typer.Option(help="Beginning of the text.")] = "",
    tokens: Annotated[int, typer.Option(help="How many tokens to add at most.")] = 100,
    temperature: Annotated[float, typer.Option(help="0 is greedy.")] = 1.0,
    top_k: Annotated[int | None, typer.Option(help="Keep the k most probable tokens.")] = None,
    top_p: Annotated[float | None, typer.Option(help="Keep the most probable tokens up to this sum.")] = None,
    beams: Annotated[int, typer.Option(help="More than 1: beam search instead of sampling.")] = 1,
    alpha: Annotated[float, typer.Option(help="Length penalty of beam search.")] = 0.6,
    samples: Annotated[int, typer.Option(help="How many texts; with beam search, one a beam at most.")] = 1,
    seed: Annotated[int, typer.Option(help="Of the sampling.")] = 0,
) -> None:
    """Continue a text with a causal model."""
    texts_at_most = samples if beams == 1 else beams
    _check(
        (tokens >= 1, "--tokens of at least 1", tokens, "100 is the default"),
        (samples >= 1, "--samples of at least 1", samples, "1 is the default"),
        (beams >= 1, "--beams of at least 1", beams, "1 samples, more search"),
        (samples <= texts_at_most, f"--samples of at most {beams}, one a beam", samples, "raise --beams"),
        (0 <= temperature < math.inf, "--temperature of at least 0", temperature, "0 is greedy, 1 the model's"),
        (top_k is None or top_k >= 1, "--top-k of at least 1", top_k, "leave it out to keep all tokens"),
        (top_p is None or 0 < top_p <= 1, "--top-p above 0, at most 1", top_p, "leave it out to keep all tokens"),
        (0 <= alpha < math.inf, "--alpha of at least 0", alpha, "0.6 is the default"),
        (0 <= seed < 2**63, "--seed from 0 to 2^63 - 1", seed, "choose a smaller one"),
    )  # fmt: skip
    import torch

    from attentif.checkpoint import load_model
    from attentif.corpus.tokenizers import load_tokenizer
    from attentif.decoding import beam_search
    from attentif.decoding import generate as sample
    from attentif.kv_cache import Cached
    from attentif.models import CausalLM

    network, words = load_model(model), load_tokenizer(model)
    if not isinstance(network, CausalLM):
        raise InputError(
            expected="a causal model",
            got=f"a {type(network).__name__}",
            remedy="pretrain with --objective causal, or use `attentif probe`",
        )
    _say_unknown(words, [prompt])
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
        found = beam_search(Cached(network), ids[0], tokens, beams, alpha, eos)
        texts = [beam.token_ids for beam in found[:samples]]
    else:
        rows = ids.expand(samples, -1)
        texts = sample(Cached(network), rows, tokens, temperature, top_k, top_p, eos, generator).tolist()
    for text in texts:
        print(words.decode(text, skip_special_tokens=True))


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
    suite: Annotated[
        str | None, typer.Option(help="Examine the model whole: all, bias or limits. Needs --out.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="Of the examination's questions and page: fr or en.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the page, the JSON and the CSV.")] = None,
    null_seeds: Annotated[
        int, typer.Option(help="Models with random weights to compare with; 0 for none, 40 for a p-value.")
    ] = 10,
    device: Annotated[str, typer.Option(help="cpu, cuda … or auto.")] = "auto",
    data: Annotated[
        Path | None,
        typer.Option(
            help="Folder of public test sets (CrowS-Pairs, StereoSet, Winogender, SEAT) to ask as well."
        ),
    ] = None,
) -> None:
    """Ask a masked model for hidden words, which of two sentences it finds likelier, or examine it whole."""
    asked = bool(text) or pairs is not None
    if suite is not None:
        _check(
            (not asked, "--suite alone", "--text or --pairs with it", "ask them in a command of their own"),
            (out is not None, "--out with a folder", "none", "say where the report goes: --out DIR"),
            (
                null_seeds >= 0 and null_seeds != 1,
                "--null-seeds of 0, or 2 and more",
                null_seeds,
                "10 is the default",
            ),
        )
        from attentif.probing.command import examine_model

        examine_model(model, suite, language, out, null_seeds, device, data)
        return
    from attentif.bias import fill_mask, pseudo_log_likelihood
    from attentif.language import Remark

    _check(
        (asked, "--text with a [MASK], --pairs with a file, or --suite", "none", "give one of them"),
        (k >= 1, "--k of at least 1", k, "5 is the default"),
    )
    compared = [] if pairs is None else _read_pairs(pairs)
    network, words = open_masked(model)
    # All is computed before anything is printed: a refusal is the only line of its command.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Remark)  # unknown words: named below, once for all texts
        filled = [(sentence, fill_mask(network, words, sentence, k)) for sentence in text or []]
        sentences = [sentence for pair in compared for sentence in pair]
        scores = pseudo_log_likelihood(network, words, sentences) if sentences else []
    _say_unknown(words, [*(text or []), *sentences])
    for sentence, gaps in filled:
        print(sentence)
        for answers in gaps:
            print("  " + "   ".join(f"{token} {probability:.3f}" for token, probability in answers))
    for (first, second), a, b in zip(compared, scores[::2], scores[1::2], strict=True):
        print(f"{a - b:+8.3f} nats   {first}   |   {second}")


def _check(*limits: tuple[bool, str, Any, str]) -> None:
    """Refuse the first setting that does not fit, of (whether it fits, what was expected, got, remedy)."""
    for fits, expected, got, remedy in limits:
        if not fits:
            raise InputError(expected=expected, got=str(got), remedy=remedy)


def _read_pairs(path: Path) -> list[list[str]]:
    from attentif.corpus.text import read_text

    lines = [line.split("\t") for line in read_text(path).splitlines() if line.strip()]
    for line in lines:
        if len(line) != 2:
            raise InputError(
                expected="two sentences a line, separated by a tab",
                got=f"{len(line)} in {path}: {line[0][:40]!r}",
                remedy="check the separators",
            )
    return lines


def _say_unknown(tokenizer: Any, texts: Sequence[str]) -> None:
    """One line on stderr that names the words which the model cannot read."""
    from attentif.bias.encoding import TextEncoder

    encoder = TextEncoder(tokenizer)
    words = dict.fromkeys(word for text in texts for word in text.split())
    unknown = [word for word in words if encoder.unk_id in tokenizer.encode(word)]
    if unknown:
        print(
            f"warning: not in the vocabulary, so the model reads {encoder.token(encoder.unk_id)} instead: "
            + ", ".join(unknown),
            file=sys.stderr,
        )


def open_masked(name: str) -> tuple[Any, Any]:
    """A masked model and its tokenizer, ours or transformers'."""
    folder = Path(name)
    if (folder / "run.json").exists():
        from attentif.checkpoint import load_model
        from attentif.corpus.tokenizers import load_tokenizer
        from attentif.models import MaskedLM

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
        said = str(error).splitlines() or [type(error).__name__]
        raise InputError(
            expected="the folder of a masked model, or the name of one on the hub",
            got=f"{name!r}: {said[0][:120]}",
            remedy="check the path, or the name and the connection",
        ) from error


def _reads_windows(folder: Path) -> bool:
    """Whether a causal model was trained on windows of a running text, without [CLS] and [SEP]."""
    try:
        corpus = json.loads((folder / "run.json").read_text(encoding="utf-8"))["corpus"]
        return not corpus.startswith("microcosm")
    except (OSError, ValueError, KeyError):
        return True
