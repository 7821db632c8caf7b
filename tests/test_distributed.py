"""Several processes train as one does: the same weights to rounding, whatever dies and however many go on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from attentif.checkpoint import load_checkpoint
from attentif.checkpoint_series import checkpoints
from attentif.corpus.batching import MaskedBatches, PackedBatches, RowBatches
from attentif.corpus.tokenizers import WordTokenizer
from attentif.distributed import Group, share_of
from attentif.packing import EMPTY

SOURCE = Path(__file__).resolve().parents[1] / "src"
SETTINGS = [
    "--corpus", "microcosm:fr", "--objective", "masked", "--layers", "1", "--width", "16", "--heads", "2", "--batch", "6",
    "--accumulation", "2", "--steps", "24", "--warmup", "4", "--evaluate-every", "8", "--checkpoint-every", "4", "--device", "cpu",
    "--no-progress",
]  # fmt: skip


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ATTENTIF_")}
    paths = [str(SOURCE), str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**kept, "PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1", "NBGRADER_EXECUTION": ""}


def command(out: Path, processes: int, *more: str, restarts: int = 0) -> list[str]:
    settings = [*SETTINGS, "--out", str(out), *more]
    if processes == 1:
        return [sys.executable, "-m", "attentif.pretraining", *settings]
    launcher = ["-m", "torch.distributed.run", "--nproc-per-node", str(processes), "--standalone"]
    return [
        sys.executable,
        *launcher,
        "--max-restarts",
        str(restarts),
        "-m",
        "attentif.pretraining",
        *settings,
    ]


def trained(out: Path, processes: int, *more: str) -> str:
    done = subprocess.run(
        command(out, processes, *more), env=environment(), capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def weights(folder: Path) -> torch.Tensor:
    """All but the biases of keys: these change no softmax, so their gradient is rounding, which Adam makes large."""
    state = load_checkpoint(folder / "checkpoint.pt")["model"]
    return torch.cat(
        [each.flatten().double() for name, each in state.items() if not name.endswith("key_projection.bias")]
    )


def history(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alone") / "run"
    trained(folder, 1)
    return folder


def assert_as_alone(folder: Path, alone: Path) -> None:
    torch.testing.assert_close(weights(folder), weights(alone), rtol=0, atol=2e-5)
    ours, theirs = history(folder), history(alone)
    assert [entry["step"] for entry in ours] == [entry["step"] for entry in theirs]
    for entry, other in zip(ours, theirs, strict=True):
        assert entry.keys() == other.keys()
        for name, value in entry.items():
            assert value == pytest.approx(other[name], rel=1e-4, abs=1e-6), name


def test_two_processes_train_as_one(alone, tmp_path):
    said = trained(tmp_path / "run", 2)
    assert "× 2 processes" in said and said.count("24 steps in") == 1
    assert_as_alone(tmp_path / "run", alone)


def test_a_run_goes_on_with_another_number_of_processes(alone, tmp_path):
    """Begun by two, cut off, continued by three, cut off, ended by one."""
    folder = tmp_path / "run"
    cut_off(folder, 2, after=4)
    cut_off(folder, 3, after=12)
    assert "resumed from step" in trained(folder, 1)
    assert_as_alone(folder, alone)


def cut_off(folder: Path, processes: int, after: int) -> None:
    """Run until a checkpoint of a step is there, then kill everything."""
    process = subprocess.Popen(
        command(folder, processes), env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    wait_for(lambda: reached(folder) >= after, process)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def reached(folder: Path) -> int:
    try:
        return max((load_checkpoint(path)["step"] for path in checkpoints(folder)), default=0)
    except (ValueError, OSError):  # it is being renamed
        return 0


def wait_for(happened, process: subprocess.Popen) -> None:
    end = time.monotonic() + 240
    while not happened():
        assert process.poll() in (None, 0) and time.monotonic() < end
        if process.poll() == 0:
            return
        time.sleep(0.02)


def test_a_worker_that_is_killed_is_started_again(alone, tmp_path):
    folder = tmp_path / "run"
    process = subprocess.Popen(
        command(folder, 2, restarts=2),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(lambda: reached(folder) >= 8, process)
    workers = children(process.pid)
    killed = workers[-1]
    os.kill(killed, signal.SIGKILL)
    said, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors[-3000:]
    assert "resumed from step" in said
    assert_as_alone(folder, alone)


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if parent == pid:
                found.append(int(entry.name))
    return sorted(found)


def test_too_many_processes_are_told_so(tmp_path):
    done = subprocess.run(
        command(tmp_path / "run", 2, "--batch", "1", "--accumulation", "1"), env=environment(), capture_output=True, text=True,
        timeout=300,
    )  # fmt: skip
    assert done.returncode != 0 and "expected batches of at least 2 rows, one a process, got 1" in done.stderr


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_shares_hold_every_row_once(size):
    generator = torch.Generator().manual_seed(1)
    rows = [
        [2, *torch.randint(5, 19, (n,), generator=generator).tolist(), 3] for n in (3, 1, 6, 2, 9, 4, 4, 1, 7)
    ]
    batches = MaskedBatches(RowBatches(rows, 9, 0), WordTokenizer([f"w{n}" for n in range(14)]))
    batch = PackedBatches(batches, 0)[0]
    shares = [share_of(batch, Group(rank, size)) for rank in range(size)]
    for name in ("token_ids", "labels"):
        together = torch.cat([share[name] for share in shares])
        assert sorted(together.tolist()) == sorted(batch[name].tolist())
    for share in shares:
        filled = share["slots"][share["slots"] != EMPTY]
        tokens = (share["token_ids"] != 0).flatten().nonzero().flatten()
        assert sorted(filled.tolist()) == tokens.tolist()


def test_a_batch_with_fewer_rows_than_processes_gives_each_a_row():
    batch = {"token_ids": torch.arange(6).reshape(2, 3)}
    shares = [share_of(batch, Group(rank, 4))["token_ids"].tolist() for rank in range(4)]
    assert shares == [[[0, 1, 2]], [[3, 4, 5]], [[3, 4, 5]], [[3, 4, 5]]]
