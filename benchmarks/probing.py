"""Pairs scored in batches, and one masked token at a time as the authors of CrowS-Pairs do, on the same model.

    python benchmarks/probing.py --machine "2 cores of a server CPU, nothing else running"

The model is a small BERT with random weights (2 layers, width 64): speed does not depend on what the weights are. Its
vocabulary is made of the pairs themselves, 4,000 pieces, and once more filled up with unused ones to the 30,522 of
bert-base-uncased, whose head costs more than such layers; with one thread and with two. Both score every pair; each score of the one is compared
with that of the other, and a difference beyond rounding ends the benchmark. In each turn all run one after the other:
one token at a time as the authors' script does it, which keeps gradients, the same without them, and ours.
`--sentences` also scores growing numbers of sentences, and tells how the memory of the process grows.
"""

from __future__ import annotations

import argparse
import datetime
import json
import platform
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from tokenizers import BertWordPieceTokenizer

from attentif.bias.likelihood import pseudo_log_likelihood
from attentif.bias.pair_scores import pair_scores
from attentif.bias.preferences import crows_pairs_metric

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "tests"))
from crows_peer import FILES, crows_rows, one_token_at_a_time, shares_of  # noqa: E402

PIECES, WIDTH, LAYERS = 4000, 64, 2
SLOW = {"one token at a time": True, "one token at a time, without gradients": False}
VOCABULARIES = (30522, PIECES)  # that of bert-base-uncased, and the pairs' own


def main() -> None:
    """Measure and keep the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--machine", help="in words")
    parser.add_argument("--pairs", type=int, default=None, help="the first ones only")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2], help="of both sides alike")
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--sentences", type=int, nargs="*", default=[1_000, 4_000, 16_000])
    parser.add_argument("--results", type=Path, default=HERE / "results")
    parser.add_argument("--memory-of", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if not FILES["en"].exists():
        sys.exit(f"error: the public pairs are not in {FILES['en'].parent}")
    if asked.memory_of is not None:
        print(json.dumps(_memory(asked.memory_of, asked.batch_size)))
        return
    if not asked.machine:
        parser.error("--machine is missing: say in words what this runs on")
    kept = {
        "benchmark": "probing",
        "machine": asked.machine,
        "date": datetime.date.today().isoformat(),
        **compare(asked),
    }
    asked.results.mkdir(exist_ok=True)
    path = asked.results / "probing.json"
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(kept, indent=1))
    print(f"kept in {path}", file=sys.stderr)


def compare(asked: argparse.Namespace) -> dict[str, Any]:
    """Both on the same pairs, in turn, with each vocabulary."""
    rows = crows_rows("en")[: asked.pairs]
    found = {}
    for threads in asked.threads:
        torch.set_num_threads(threads)
        for size in VOCABULARIES:
            found[f"{size} pieces, threads: {threads}"] = _turns(rows, size, asked)
    ratios = {
        f"{slow}, {name}": [
            theirs / ours
            for theirs, ours in zip(of["seconds"][slow], of["seconds"]["in batches"], strict=True)
        ]
        for name, of in found.items()
        for slow in SLOW
    }
    return {
        "settings": {
            "pairs": len(rows),
            "turns": asked.turns,
            "batch_size": asked.batch_size,
            "model": f"BERT, {LAYERS} layers, width {WIDTH}, random weights",
            "threads": asked.threads,
            "torch": torch.__version__,
            "transformers": transformers.__version__,
            "python": platform.python_version(),
        },
        "measurements": {
            **found,
            "peak_memory_in_mb": [_apart(count, asked.batch_size) for count in asked.sentences],
        },
        "ratios": {
            name: {
                "median": round(statistics.median(each), 2),
                "low": round(min(each), 2),
                "high": round(max(each), 2),
            }
            for name, each in ratios.items()
        },
    }


def _turns(rows: list[dict[str, str]], vocabulary: int, asked: argparse.Namespace) -> dict[str, Any]:
    """Times of both, and how their scores agree."""
    directions = [row["stereo_antistereo"] for row in rows]
    model, tokenizer = small_bert(vocabulary)
    pairs = [_in_order(row) for row in rows]
    seconds: dict[str, list[float]] = {name: [] for name in (*SLOW, "in batches")}
    for turn in range(1, asked.turns + 1):
        for name, gradients in SLOW.items():
            started = time.perf_counter()
            with torch.set_grad_enabled(gradients):
                theirs = np.array([one_token_at_a_time(model, tokenizer, *pair) for pair in pairs])
            seconds[name].append(time.perf_counter() - started)
        started = time.perf_counter()
        ours = pair_scores(model, tokenizer, pairs, batch_size=asked.batch_size, official=True)
        seconds["in batches"].append(time.perf_counter() - started)
        difference = float(np.abs(ours - theirs).max())
        assert difference < 0.0015, f"a pair's score differs by {difference}"
        last = {name: round(each[-1], 2) for name, each in seconds.items()}
        print(f"{vocabulary} pieces, turn {turn}: {last}", file=sys.stderr)
    oriented = [
        tuple(scores) if way == "stereo" else tuple(scores[::-1])
        for scores, way in zip(ours, directions, strict=True)
    ]
    found = crows_pairs_metric(oriented, directions, official=True)
    expected = shares_of([(*scores, way) for scores, way in zip(theirs, directions, strict=True)])
    return {
        "seconds": {name: [round(each, 2) for each in values] for name, values in seconds.items()},
        "largest_difference_of_a_score": round(difference, 6),
        "scores_equal_to_3_decimals": round(float((ours == theirs).mean()), 5),
        "official_metric": {"ours": round(found.metric, 3), "one token at a time": round(expected[0], 3)},
    }


def small_bert(vocabulary: int) -> tuple[transformers.BertForMaskedLM, transformers.BertTokenizer]:
    """The model of the comparison, the same in each process."""
    texts = [row[side] for row in crows_rows("en") for side in ("sent_more", "sent_less")]
    trained = BertWordPieceTokenizer(lowercase=True)
    trained.train_from_iterator(texts, vocab_size=PIECES, show_progress=False)
    pieces = trained.get_vocab()
    pieces |= {f"[unused{number}]": number for number in range(len(pieces), vocabulary)}
    tokenizer = transformers.BertTokenizer(vocab=pieces)
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(tokenizer), hidden_size=WIDTH, num_hidden_layers=LAYERS, num_attention_heads=4,
        intermediate_size=4 * WIDTH, max_position_embeddings=512, initializer_range=0.12,
    )  # fmt: skip
    return transformers.BertForMaskedLM(config).eval(), tokenizer


def _in_order(row: dict[str, str]) -> tuple[str, str]:
    """The two sentences in the order of the authors' script."""
    pair = row["sent_more"], row["sent_less"]
    return pair if row["stereo_antistereo"] == "stereo" else pair[::-1]


def _apart(count: int, batch_size: int) -> dict[str, float]:
    """The memory of scoring this many sentences, in a process of its own."""
    command = [sys.executable, __file__, "--memory-of", str(count), "--batch-size", str(batch_size)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _memory(count: int, batch_size: int) -> dict[str, float]:
    model, tokenizer = small_bert(VOCABULARIES[0])
    sentences = [row["sent_more"] for row in crows_rows("en")]
    sentences = [sentences[number % len(sentences)] for number in range(count)]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    pseudo_log_likelihood(model, tokenizer, sentences, batch_size=batch_size)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"sentences": count, "before": round(before, 1), "peak": round(after, 1)}


if __name__ == "__main__":
    main()
