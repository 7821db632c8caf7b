"""Pretraining that is killed at any moment, again and again, ends as if nothing had happened."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from test_distributed import environment, reached

from attentif.checkpoint_series import load_newest

STEPS = 400
# A checkpoint after every step: most deaths fall into the writing of one.
SETTINGS = [
    "--corpus", "microcosm:fr", "--objective", "pairs", "--layers", "2", "--width", "32", "--heads", "4", "--batch", "4", "--dropout", "0.1",
    "--steps", str(STEPS), "--evaluate-every", "0", "--checkpoint-every", "1", "--device", "cpu", "--no-progress",
]  # fmt: skip


def start(folder: Path) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "attentif", "pretrain", *SETTINGS, "--out", str(folder)], env=environment(),
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip


def finished(folder: Path) -> dict:
    process = start(folder)
    errors = process.communicate(timeout=600)[1]
    assert process.returncode == 0, errors.decode()[-2000:]
    return load_newest(folder)


def killed_at_random(folder: Path, deaths: int, seed: int) -> list[int]:
    """Kill a run this many times while it trains; where it had come each time."""
    draw, reached_at = random.Random(seed), []
    while len(reached_at) < deaths:
        before = reached(folder)
        process = start(folder)
        end = time.monotonic() + 120
        while reached(folder) <= before and process.poll() is None and time.monotonic() < end:
            time.sleep(0.005)
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(draw.uniform(0, 0.12))
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        reached_at.append(reached(folder))
    return reached_at


def same(first: object, second: object) -> bool:
    """Equal bit for bit, through dicts and lists."""
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(same(first[key], second[key]) for key in first)
    if isinstance(first, list):
        return len(first) == len(second) and all(map(same, first, second))
    return bool((first == second).all()) if hasattr(first, "all") else first == second


@pytest.mark.parametrize("deaths", [3, pytest.param(30, marks=pytest.mark.slow)])
def test_a_run_killed_again_and_again_ends_as_one_that_was_not(deaths, tmp_path):
    undisturbed = finished(tmp_path / "undisturbed")
    reached_at = killed_at_random(tmp_path / "killed", deaths, seed=deaths)
    assert reached_at == sorted(reached_at) and 0 < reached_at[-1] < STEPS
    state = finished(tmp_path / "killed")
    assert state["step"] == STEPS
    for name in undisturbed:
        assert same(state[name], undisturbed[name]), name
    lines = [(tmp_path / name / "metrics.jsonl").read_bytes() for name in ("undisturbed", "killed")]
    assert lines[0] == lines[1]
    model = [(tmp_path / name / "model.safetensors").read_bytes() for name in ("undisturbed", "killed")]
    assert model[0] == model[1]
