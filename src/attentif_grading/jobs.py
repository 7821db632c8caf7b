"""Work on exercises in several processes, one exercise at a time each."""

from __future__ import annotations

import multiprocessing
import os
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any

import torch

from attentif.checks.student import error_line
from attentif.errors import AttentifError, InputError

# Begun last, one of these would go on alone at the end. Nothing but the balance depends on the list.
LONGEST = (
    *("sentence_pairs", "log_probability_bias", "pseudo_log_likelihood", "cluster_bootstrap", "DecoderBlock"),
    *("sample_next_token", "mask_tokens", "MultiHeadAttention"),
)


def n_cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class _Failed:
    """Why work could not be done: not every exception travels between processes."""

    line: str
    trace: str


def in_processes(work: Callable[[str], Any], names: list[str], jobs: int) -> Iterator[Any]:
    """What `work`, a function that travels between processes, makes of each exercise, as they are done.

    Raises:
        InputError: the work on one of them failed, or a process died; what was done is lost.
    """
    order = sorted(names, key=lambda name: LONGEST.index(name) if name in LONGEST else len(LONGEST))
    # Processes of their own, not copies of this one: torch's threads do not survive a copy.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        waiting = {pool.submit(_tried, work, name): name for name in order}
        try:
            for done in as_completed(waiting):
                found = _result(done, waiting[done])
                yield found
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _result(done: Any, name: str) -> Any:
    try:
        found = done.result()
    except BrokenProcessPool as error:
        raise InputError(
            expected="processes that live until the work is done",
            got=f"one that was ended from outside, for want of memory perhaps, before {name} was done",
            remedy="give fewer jobs",
        ) from error
    if not isinstance(found, _Failed):
        return found
    cause = RuntimeError(f"in the process that worked on {name}:\n{found.trace}")
    raise InputError(
        expected=f"work on {name} that comes to its end",
        got=found.line,
        remedy="with --jobs 1 it fails in this process, and shows where",
    ) from cause


def _tried(work: Callable[[str], Any], name: str) -> Any:
    try:
        return work(name)
    except Exception as error:
        line = str(error) if isinstance(error, AttentifError) else error_line(error)
        return _Failed(" ".join(line.split()), traceback.format_exc())
