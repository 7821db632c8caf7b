"""Pretraining steps of this library and of its peers, in turn in one process, on the same batches.

    python benchmarks/pretraining.py --machine "2 cores of a server CPU, nothing else running"
    python benchmarks/pretraining.py --device cuda --workloads bert-base-128 bert-base-512 gpt2-1024 --compile --machine "one …"

Workloads:
- masked: rows of 128 random tokens, vocabulary 8192, width 256, 4 layers, dropout 0.1;
- uneven: the same model on sentences of uneven lengths (Sequoia, French), the peers' padded to the longest of each batch;
- causal: nanoGPT's configuration for a CPU (4 layers, width 128, context 64, batch 12, 65 characters, no dropout);
- bert-base-128, bert-base-512, gpt2-1024: the published sizes, for a GPU.

Peers: transformers' BertForMaskedLM (fused attention), the same with a head on masked positions only, torch's
nn.TransformerEncoder with our head, transformers' GPT2LMHeadModel. All train by the same AdamW (one kernel), clipping at 1, in
the same dtype, threads and mode of compiling. Every step is timed apart; a ratio is that of the medians of a turn, and its
spread is over the turns. Model FLOP utilisation is 6 N a token and 12 · layers · length · width for attention, over the rate of
a large product of matrices measured here and now in the same dtype.
"""

from __future__ import annotations

import argparse
import datetime
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from torch import Tensor, nn
from torch.nn import functional as F

from attentif.attention import fused_attention, scaled_dot_product_attention
from attentif.choices import choose_attention, padding_share
from attentif.corpus.batching import MaskedBatches, PackedBatches, RowBatches, seeded_generator
from attentif.corpus.tokenizers import train_tokenizer
from attentif.hardware import choose_device
from attentif.heads import MaskedLMHead
from attentif.models import CausalLM, MaskedLM, ModelConfig, Parts
from attentif.objectives import IGNORED, mask_tokens
from attentif.optimization import adamw, parameter_groups
from attentif.pretraining import to_device, training_step
from attentif.training_objectives import CausalObjective, MaskedObjective

HERE = Path(__file__).resolve().parent
SEQUOIA = HERE.parent.parent / "shared" / "data" / "french-sequoia"
RATE = 1e-4


@dataclass(frozen=True)
class Workload:
    """A model and the shape of its batches."""

    vocab_size: int
    width: int
    layers: int
    heads: int
    length: int
    batch: int
    dropout: float
    causal: bool = False
    uneven: bool = False

    def parameters(self) -> int:
        """Numbers that a token is multiplied with: blocks, and the head once."""
        return 12 * self.layers * self.width**2 + self.vocab_size * self.width

    def flops(self, tokens: int, targets: int) -> float:
        """Of a step that predicts `targets` of `tokens` tokens: products counted as two, backward twice forward."""
        blocks = 6 * 12 * self.layers * self.width**2 * tokens
        attention = 12 * self.layers * self.length * self.width * tokens * (0.5 if self.causal else 1)
        return blocks + attention + 6 * self.vocab_size * self.width * targets


WORKLOADS = {
    "masked": Workload(8192, 256, 4, 4, 128, 32, 0.1),
    "uneven": Workload(8192, 256, 4, 4, 128, 32, 0.1, uneven=True),
    "causal": Workload(65, 128, 4, 4, 64, 12, 0.0, causal=True),
    "bert-base-128": Workload(30522, 768, 12, 12, 128, 256, 0.1),
    "bert-base-512": Workload(30522, 768, 12, 12, 512, 64, 0.1),
    "gpt2-1024": Workload(50257, 768, 12, 12, 1024, 16, 0.0, causal=True),
}


def main() -> None:
    """Measure and keep the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--machine", required=True, help="in words")
    parser.add_argument(
        "--workloads", nargs="+", choices=list(WORKLOADS), default=["masked", "uneven", "causal"]
    )
    parser.add_argument("--device", default="cpu")
    parser.add_argument(
        "--dtype", choices=("float32", "bfloat16", "float16"), default="float32", help="of the forward pass"
    )
    parser.add_argument("--compile", action="store_true", help="all of them")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--steps", type=int, default=3, help="timed in each turn")
    parser.add_argument("--name", default="pretraining", help="of the file of results")
    parser.add_argument("--results", type=Path, default=HERE / "results")
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    device = choose_device(asked.device)
    if device.type == "cuda":
        torch.set_float32_matmul_precision("high")
    dtype = None if asked.dtype == "float32" else getattr(torch, asked.dtype)
    peak = matmul_rate(device, dtype or torch.float32)
    measured = {name: measure(name, asked, device, dtype, peak) for name in asked.workloads}
    kept = {
        "benchmark": "pretraining",
        "machine": asked.machine,
        "date": datetime.date.today().isoformat(),
        "settings": {
            "workloads": {name: vars(WORKLOADS[name]) for name in asked.workloads},
            "turns": asked.turns, "steps": asked.steps, "threads": asked.threads, "device": device.type, "dtype": asked.dtype,
            "compile": asked.compile, "matmul_tflops": round(peak / 1e12, 3), "torch": torch.__version__,
            "transformers": transformers.__version__, "python": platform.python_version(),
        },
        "measurements": {name: each["measurements"] for name, each in measured.items()},
        "ratios": {f"{name}, {peer}": ratio for name, each in measured.items() for peer, ratio in each["ratios"].items()},
    }  # fmt: skip
    asked.results.mkdir(exist_ok=True)
    path = asked.results / f"{asked.name}.json"
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(kept["ratios"], indent=1))
    print(f"kept in {path}", file=sys.stderr)


def matmul_rate(device: torch.device, dtype: torch.dtype) -> float:
    """Operations a second of a large product of matrices, the best of several."""
    size = 8192 if device.type == "cuda" else 1024
    a, b = (torch.randn(size, size, device=device, dtype=dtype) for _ in range(2))
    best = 0.0
    for _ in range(10):
        _wait(device)
        started = time.perf_counter()
        for _ in range(5):
            a @ b
        _wait(device)
        best = max(best, 5 * 2 * size**3 / (time.perf_counter() - started))
    return best


def measure(
    name: str, asked: argparse.Namespace, device: torch.device, dtype: Any, peak: float
) -> dict[str, Any]:
    """All contestants on one workload, in turn."""
    workload = WORKLOADS[name]
    padded, packed, vocabulary = batches_of(workload)
    workload = Workload(**{**vars(workload), "vocab_size": vocabulary})
    contestants = dict(contestants_of(workload, asked, device, dtype))
    seconds: dict[str, list[float]] = {each: [] for each in contestants}
    tokens: dict[str, list[float]] = {each: [] for each in contestants}
    memory: dict[str, float] = {}
    index = 0
    for turn in range(asked.turns + 1):  # the first one warms up
        for each, step in contestants.items():
            source = packed if each == "attentif, packed" else padded
            taken, seen = [], 0
            if device.type == "cuda":
                torch.cuda.reset_peak_memory_stats()
            for number in range(asked.steps):
                batch = source[index + number]
                seen += (
                    int((batch["token_ids"] != 0).sum()) if workload.uneven else batch["token_ids"].numel()
                )
                batch = to_device(batch, device)
                _wait(device)
                started = time.perf_counter()
                step(batch)
                _wait(device)
                taken.append(time.perf_counter() - started)
            if turn:
                seconds[each].append(sum(taken))
                tokens[each].append(seen)
            if device.type == "cuda":
                memory[each] = round(torch.cuda.max_memory_allocated() / 2**20)
        index += asked.steps
        print(f"{name}, turn {turn} of {asked.turns}", file=sys.stderr)
    rates = {each: [n / s for n, s in zip(tokens[each], seconds[each], strict=True)] for each in contestants}
    best = max(
        (each for each in contestants if each.startswith("attentif")),
        key=lambda each: statistics.median(rates[each]),
    )
    share = 1.0 if workload.causal else 0.15
    used = workload.flops(1, 0) + workload.flops(0, 1) * share  # a token, and what of it is predicted
    return {
        "measurements": {
            each: {
                "tokens_per_second": round(statistics.median(rate)), "low": round(min(rate)), "high": round(max(rate)),
                "model_flop_utilisation": round(used * statistics.median(rate) / peak, 3),
                **({"peak_memory_mb": memory[each]} if each in memory else {}),
            }
            for each, rate in rates.items()
        }
        | ({"padding": round(padding_share([padded[i] for i in range(20)], 0), 3)} if workload.uneven else {}),
        "ratios": {f"{best} / {each}": _ratio(rates[best], rate) for each, rate in rates.items() if not each.startswith("attentif")},
    }  # fmt: skip


def _ratio(ours: list[float], theirs: list[float]) -> dict[str, float]:
    each = sorted(a / b for a, b in zip(ours, theirs, strict=True))
    return {"median": round(statistics.median(each), 2), "low": round(each[0], 2), "high": round(each[-1], 2)}


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


class _Full:
    """Batches of full rows of random tokens, masked where the workload is."""

    def __init__(self, workload: Workload):
        self.workload = workload

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        of, generator = self.workload, seeded_generator(1, index)
        ids = torch.randint(5, of.vocab_size, (of.batch, of.length + of.causal), generator=generator)
        if of.causal:
            return {"token_ids": ids}
        inputs, labels = mask_tokens(ids, 4, of.vocab_size, range(5), generator)
        return {"token_ids": inputs, "labels": labels}


class _Shuffled(RowBatches):
    """Rows in random order, as a plain loop takes them: not grouped by length."""

    def _order(self, epoch: int) -> list[list[int]]:
        drawn = torch.randperm(len(self.rows), generator=seeded_generator(self.seed, epoch)).tolist()
        return [
            drawn[i : i + self.batch_size]
            for i in range(0, len(drawn) - self.batch_size + 1, self.batch_size)
        ]

    def __len__(self) -> int:
        return len(self.rows) // self.batch_size


def batches_of(workload: Workload) -> tuple[Any, Any, int]:
    """Padded batches, the same ones packed, and the size of the vocabulary."""
    if not workload.uneven:
        return _Full(workload), _Full(workload), workload.vocab_size
    if not SEQUOIA.is_dir():
        sys.exit(f"error: the sentences of Sequoia are not in {SEQUOIA}")
    files = sorted(SEQUOIA.glob("*.txt"))
    lines = [line for path in files for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    tokenizer: Any = train_tokenizer("wordpiece", lines, workload.vocab_size)
    rows = [
        [tokenizer.cls_id, *tokenizer.encode(line)[: workload.length - 2], tokenizer.sep_id] for line in lines
    ]
    padded = MaskedBatches(_Shuffled(rows, workload.batch, tokenizer.pad_id), tokenizer)
    return padded, PackedBatches(padded, tokenizer.pad_id), tokenizer.vocab_size


def contestants_of(
    workload: Workload, asked: argparse.Namespace, device: torch.device, dtype: Any
) -> Iterator[tuple[str, Callable]]:
    """Name → what makes a step on a batch."""
    kinds = [choose_attention("auto", device, workload.length).value]
    kinds += [each for each in ("explicit", "fused") if each not in kinds and device.type == "cpu"]
    for kind in kinds:
        yield f"attentif, {kind} attention", ours(workload, kind, asked, device, dtype)
    if workload.uneven:
        yield "attentif, packed", ours(workload, kinds[0], asked, device, dtype)
    if workload.causal:
        yield "GPT2LMHeadModel", peer(gpt2(workload), workload, asked, device, dtype)
        return
    yield "BertForMaskedLM", peer(bert(workload), workload, asked, device, dtype)
    yield (
        "BertForMaskedLM, head on masked positions",
        peer(MaskedOnly(bert(workload)), workload, asked, device, dtype),
    )
    yield (
        "nn.TransformerEncoder, head on masked positions",
        peer(TorchEncoder(workload), workload, asked, device, dtype),
    )


def ours(
    workload: Workload, kind: str, asked: argparse.Namespace, device: torch.device, dtype: Any
) -> Callable:
    """A step of this library's loop."""
    torch.manual_seed(0)
    attend = {"explicit": scaled_dot_product_attention, "fused": fused_attention}[kind]
    config = ModelConfig(
        workload.vocab_size,
        workload.width,
        workload.layers,
        workload.heads,
        workload.length,
        dropout=workload.dropout,
    )
    model = (CausalLM if workload.causal else MaskedLM)(config, Parts(attend=attend, norm=nn.LayerNorm))
    model.to(device).train()
    body = model.decoder if workload.causal else model.encoder
    if asked.compile:
        for block in body.blocks:
            block.compile()
    optimizer = adamw(parameter_groups(model, 0.1), RATE)
    objective = CausalObjective() if workload.causal else MaskedObjective()
    return lambda batch: training_step(model, [batch], objective, optimizer, RATE, autocast_dtype=dtype)


def peer(
    model: nn.Module, workload: Workload, asked: argparse.Namespace, device: torch.device, dtype: Any
) -> Callable:
    """A step of a plain loop around a peer."""
    model.to(device).train()
    if asked.compile:
        model.compile()
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=RATE, betas=(0.9, 0.95), weight_decay=0.1, fused=True
    )

    def step(batch: dict[str, Tensor]) -> None:
        optimizer.zero_grad(set_to_none=True)
        ids = batch["token_ids"]
        with torch.autocast(device.type, dtype) if dtype else nullcontext():
            if workload.causal:
                given = {"input_ids": ids[:, :-1].contiguous()}
                logits = model(**given).logits
                loss = F.cross_entropy(logits.flatten(0, 1).float(), ids[:, 1:].flatten())
            else:
                visible = (ids != 0).long() if workload.uneven else None
                loss = model(input_ids=ids, attention_mask=visible, labels=batch["labels"]).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        loss.item()

    return step


def bert(workload: Workload) -> Any:
    """transformers' BERT with fused attention."""
    return transformers.BertForMaskedLM(
        transformers.BertConfig(
            vocab_size=workload.vocab_size, hidden_size=workload.width, num_hidden_layers=workload.layers,
            num_attention_heads=workload.heads, intermediate_size=4 * workload.width, max_position_embeddings=workload.length,
            hidden_dropout_prob=workload.dropout, attention_probs_dropout_prob=workload.dropout, attn_implementation="sdpa",
        )
    )  # fmt: skip


def gpt2(workload: Workload) -> Any:
    """transformers' GPT-2 with fused attention."""
    return transformers.GPT2LMHeadModel(
        transformers.GPT2Config(
            vocab_size=workload.vocab_size, n_embd=workload.width, n_layer=workload.layers, n_head=workload.heads,
            n_positions=workload.length, resid_pdrop=workload.dropout, embd_pdrop=workload.dropout, attn_pdrop=workload.dropout,
            bos_token_id=0, eos_token_id=0, attn_implementation="sdpa", use_cache=False,
        )
    )  # fmt: skip


@dataclass
class _Loss:
    loss: Tensor


class MaskedOnly(nn.Module):
    """transformers' BERT, given what makes ours fast: its head on the masked positions only."""

    def __init__(self, model: Any):
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None, labels: Tensor) -> _Loss:
        """As the model's own."""
        hidden = self.model.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        selected = labels != IGNORED
        return _Loss(F.cross_entropy(self.model.cls(hidden[selected]).float(), labels[selected]))


class TorchEncoder(nn.Module):
    """torch's nn.TransformerEncoder between our embeddings and our head."""

    def __init__(self, workload: Workload):
        super().__init__()
        from attentif.embeddings import BertEmbeddings

        self.embeddings = BertEmbeddings(
            workload.vocab_size, workload.width, workload.length, dropout=workload.dropout, norm=nn.LayerNorm
        )
        layer = nn.TransformerEncoderLayer(
            workload.width, workload.heads, 4 * workload.width, workload.dropout, F.gelu, batch_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, workload.layers, enable_nested_tensor=False)
        self.head = MaskedLMHead(self.embeddings.token, norm=nn.LayerNorm)

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None, labels: Tensor) -> _Loss:
        """As the other peers."""
        hidden_from = None if attention_mask is None else attention_mask == 0
        hidden = self.encoder(self.embeddings(input_ids), src_key_padding_mask=hidden_from)
        selected = labels != IGNORED
        return _Loss(F.cross_entropy(self.head(hidden[selected]).float(), labels[selected]))


if __name__ == "__main__":
    main()
