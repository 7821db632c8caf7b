"""Batches made ahead of time by a thread, so that a GPU does not wait for them."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from attentif.corpus.batching import Batch


class Prefetched:
    """The batches of another source, the next ones being made while one is used.

    Batches depend on their index alone, so they are the same as without it. One thread makes them all, in order.

    Args:
        batches: another source.
        ahead: how many are made ahead, at least 1.
        pin: put them where a GPU can fetch them by itself.
    """

    def __init__(self, batches: Any, ahead: int = 2, pin: bool = False):
        self.batches, self.ahead, self.pin = batches, ahead, pin
        self._thread = ThreadPoolExecutor(1, "batches")
        self._coming: dict[int, Future[Batch]] = {}

    def __len__(self) -> int:
        """Batches an epoch of the source."""
        return len(self.batches)

    def __getitem__(self, index: int) -> Batch:
        for each in range(index, index + self.ahead + 1):
            if each not in self._coming:
                self._coming[each] = self._thread.submit(self._made, each)
        batch = self._coming.pop(index).result()
        # Whoever jumps elsewhere does not want what was made for the old place.
        for stale in [each for each in self._coming if not index < each <= index + self.ahead]:
            self._coming.pop(stale).cancel()
        return batch

    def _made(self, index: int) -> Batch:
        batch = self.batches[index]
        return {name: each.pin_memory() for name, each in batch.items()} if self.pin else batch

    def close(self) -> None:
        """End the thread; what it was making is dropped."""
        self._thread.shutdown(wait=True, cancel_futures=True)
