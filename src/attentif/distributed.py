"""One run on several processes: each takes its share of the rows of every batch, and all end with the same weights.

`torchrun --nproc-per-node N -m attentif.pretraining …` starts them; gloo carries the gradients on CPUs, NCCL on GPUs.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn

from attentif.corpus.batching import seed_of
from attentif.errors import InputError
from attentif.hardware import choose_device
from attentif.language import text
from attentif.packing import repacked

Batch = dict[str, Tensor]

# torchrun -m attentif.pretraining runs a module that the package has imported already: harmless, and said by each process.
warnings.filterwarnings(
    "ignore", r".*found in sys.modules after import of package 'attentif'", RuntimeWarning
)


@dataclass(frozen=True)
class Group:
    """The processes of a run, and which of them this one is.

    Args:
        rank: of this process, from 0.
        size: how many there are.
        local_rank: of this process among those of its machine.
    """

    rank: int = 0
    size: int = 1
    local_rank: int = 0

    @property
    def first(self) -> bool:
        """Whether this process is the one that writes and speaks."""
        return self.rank == 0


def this_group() -> Group:
    """The group that was joined; a group of one where there is none."""
    if not (dist.is_available() and dist.is_initialized()):
        return Group()
    return Group(dist.get_rank(), dist.get_world_size(), int(os.environ.get("LOCAL_RANK", "0")))


@contextmanager
def joined(device: str = "auto") -> Iterator[Group]:
    """The group that torchrun made this process part of, joined as long as the context lasts.

    Args:
        device: of the run; "auto", "cpu" or "cuda".
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield Group()
        return
    on_gpu = choose_device(device).type == "cuda"
    dist.init_process_group("nccl" if on_gpu else "gloo", **_meeting_place())
    group = this_group()
    if on_gpu:
        torch.cuda.set_device(group.local_rank)
    try:
        yield group
    finally:
        dist.destroy_process_group()


def _meeting_place() -> dict[str, Any]:
    """Where the processes find each other: the launcher's store, under names of this attempt.

    The launcher keeps one store for all attempts. Without names of its own an attempt finds the addresses of the one
    before, where nobody listens any more.
    """
    if os.environ.get("TORCHELASTIC_USE_AGENT_STORE") != "True":
        return {}
    address, port = os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"])
    store = dist.TCPStore(address, port, is_master=False, wait_for_workers=False)
    attempt = os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")
    size, rank = int(os.environ["WORLD_SIZE"]), int(os.environ["RANK"])
    return {"store": dist.PrefixStore(f"attempt {attempt}", store), "world_size": size, "rank": rank}


def mean_over(group: Group, value: float) -> float:
    """The mean of a number over the processes of a group."""
    if group.size == 1:
        return value
    device = torch.device("cuda", group.local_rank) if dist.get_backend() == "nccl" else torch.device("cpu")
    total = torch.tensor(value, dtype=torch.float64, device=device)
    dist.all_reduce(total)
    return total.item() / group.size


def wait_for_all(group: Group) -> None:
    """Go on when every process of a group has come here."""
    if group.size > 1:
        dist.barrier()


def gathered(group: Group, value: Any) -> list[Any]:
    """A value of each process, in the order of their ranks, on all of them."""
    if group.size == 1:
        return [value]
    values: list[Any] = [None] * group.size
    dist.all_gather_object(values, value)
    return values


def own_generator(seed: int, group: Group, step: int = 0) -> None:
    """Seed this process's generators: the first one as a run of one process, the others each its own way."""
    torch.manual_seed(seed if group.first and not step else seed_of(seed, step, group.rank))


def share_of(batch: Batch, group: Group) -> Batch:
    """This process's rows of a batch: one in `group.size`, at least one.

    Where there are fewer rows than processes some get a row that is another's as well, which `Shared` does not count.
    """
    n_rows = len(batch["token_ids"])
    rows = torch.arange(min(group.rank, n_rows - 1), n_rows, group.size)
    kept = {name: each[rows] for name, each in batch.items() if name != "slots"}
    if "slots" in batch:
        longest = batch["token_ids"].size(1) - (
            "labels" not in batch
        )  # a causal model does not read the last
        kept["slots"] = repacked(batch["slots"], rows.tolist(), longest)
    return kept


class Shared:
    """An objective of which each process computes its share, so that the mean gradient is that of the whole batch.

    With c targets in this process's rows and C in all rows of the batch, the loss of process r is N · (c / C) times its
    mean, whose mean over the N processes is the loss of the whole.

    Args:
        objective: see `attentif.pretraining.training_step`.
        model: of this process, on its device.
        group: of the run.
    """

    def __init__(self, objective: Any, model: nn.Module, group: Group):
        self.objective, self.group = objective, group
        device = next(model.parameters()).device
        self.whole = nn.parallel.DistributedDataParallel(
            _Whole(model, objective),
            device_ids=[device.index] if device.type == "cuda" else None,
            # A masked model without pairs has a head that is not used.
            find_unused_parameters=True,
        )
        self._factors: list[dict[str, float]] = []
        self._next = 0

    def shares(self, pieces: Sequence[Batch]) -> list[Batch]:
        """This process's rows of the pieces of the next step.

        Raises:
            InputError: fewer rows than processes in all pieces.
        """
        if all(len(piece["token_ids"]) < self.group.size for piece in pieces):
            raise InputError(
                expected=text(
                    f"batches of at least {self.group.size} rows, one a process",
                    f"des lots d'au moins {self.group.size} lignes, une par processus",
                ),
                got=str(max(len(piece["token_ids"]) for piece in pieces)),
                remedy=text(
                    "take larger batches or fewer processes",
                    "prenez des lots plus grands ou moins de processus",
                ),
            )
        own = [share_of(piece, self.group) for piece in pieces]
        whole = [self.objective.counts(piece) for piece in pieces]
        counts = [self.objective.counts(piece) for piece in own]
        in_all = {term: max(1, sum(each[term] for each in whole)) for term in whole[0]}
        mine = {term: max(1, sum(each[term] for each in counts)) for term in counts[0]}
        self._factors = [
            {
                # The step weighs a piece by its share of this process's targets: that is undone here.
                term: self.group.size * mine[term] / in_all[term]
                if len(piece["token_ids"]) > self.group.rank
                else 0.0
                for term in in_all
            }
            for piece in pieces
        ]
        self._next = 0
        return own

    def counts(self, batch: Batch) -> dict[str, int]:
        """How many targets each term of the loss is a mean over."""
        return self.objective.counts(batch)

    def __call__(self, model: nn.Module, batch: Batch) -> dict[str, Tensor]:
        """The terms of the loss of this process's rows, weighed by their share."""
        factors = self._factors[self._next]
        self._next += 1
        # Gradients are exchanged once a step, when the last piece has been computed.
        self.whole.require_backward_grad_sync = self._next == len(self._factors)
        return {term: mean * factors[term] for term, mean in self.whole(batch).items()}


class _Whole(nn.Module):
    """A model and what it is trained on, in one forward pass, whose end torch listens to."""

    def __init__(self, model: nn.Module, objective: Callable):
        super().__init__()
        self.model, self.objective = model, objective

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        """The terms of the loss."""
        return self.objective(self.model, batch)
