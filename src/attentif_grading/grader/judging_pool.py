"""Judging in several processes, on this machine or on a cluster, by the interface of `concurrent.futures`."""

from __future__ import annotations

import atexit
import gc
import multiprocessing
import multiprocessing.util
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from attentif.checks.text import text
from attentif.errors import AttentifError, InputError
from attentif_grading.grader.cluster import connect, ended_its_worker
from attentif_grading.grader.levels import Sandbox, require_linux
from attentif_grading.grader.repair import CodeCell
from attentif_grading.grader.sandbox import choose_sandbox
from attentif_grading.grader.verdict import Verdict
from attentif_grading.grader.versions import version_of
from attentif_grading.grader.workplace import Settings, Workplace
from attentif_grading.places import HOME_VARIABLE
from attentif_grading.salt import VARIABLE
from attentif_worker import kernel
from attentif_worker.huge_pages import collapse

# A notebook that has ended so many judging processes is not judged again.
ATTEMPTS = 2


@dataclass(frozen=True)
class Task:
    """One notebook to be judged.

    Args:
        cells: of the repaired notebook.
        exercises: which to judge.
    """

    cells: tuple[CodeCell, ...]
    exercises: tuple[str, ...]


@dataclass(frozen=True)
class Judgement:
    """What came of a task.

    Args:
        verdicts: one an exercise, in the order of the contracts.
        seconds: spent on the notebook's start and cells.
    """

    verdicts: tuple[Verdict, ...]
    seconds: dict[str, float]


_workplaces: dict[Settings, Workplace] = {}
_loaded: set[str] = set()  # exercises of which a judgement has been made here
_staying: set[str] = set()  # those of them after which nothing more has been loaded
_one_at_a_time = threading.Lock()  # a cluster may call from several threads


def judge_task(settings: Settings, task: Task, kind: str, checks: str | None = None) -> Judgement:
    """Judge one notebook in this process.

    Args:
        settings, task: what is judged, and how.
        kind: how it is confined.
        checks: the version of the checks that are meant, see `versions.version_of`; None for those of this process.

    Raises:
        InputError: this process judges by others. A cluster's worker keeps those of its first notebook.
    """
    os.environ[HOME_VARIABLE] = str(settings.home)
    if checks is not None and checks != version_of(task.exercises):
        raise InputError(
            expected=text(
                "workers that judge by the checks of this command",
                "des ouvriers qui jugent avec les vérifications de cette commande",
            ),
            got=text("others, older ones perhaps", "d'autres, plus anciennes peut-être"),
            remedy=text(
                "start the workers again, in the same version of the course and of its packages",
                "relancez les ouvriers, dans la même version du cours et de ses paquets",
            ),
        )
    with _workplace(settings) as workplace:
        verdicts, seconds = workplace.judge(task.cells, task.exercises, kind)
        _leave_to_stay(task.exercises)
        return Judgement(tuple(verdicts), seconds)


def prepare(settings: Settings) -> None:
    """Have all that judging needs ready in this process."""
    with _workplace(settings) as workplace:
        workplace.zygote.ready()


def sandbox_here(settings: Settings, allow_weak: bool) -> Sandbox:
    """The sandbox that this process's machine gives."""
    with _workplace(settings) as workplace:
        return choose_sandbox(workplace, allow_weak)


def _leave_to_stay(judged: Sequence[str]) -> None:
    """All that stays is put into large pages, and no garbage is looked for in it.

    That takes a second: it is done when the exercises of a notebook have all been loaded before, and not again until
    others have.
    """
    if not _loaded.issuperset(judged):
        _loaded.update(judged)
    elif not _staying.issuperset(_loaded):
        _staying.update(_loaded)
        gc.collect()
        gc.freeze()
        collapse()


@contextmanager
def _workplace(settings: Settings) -> Iterator[Workplace]:
    with _one_at_a_time:
        if settings not in _workplaces:
            os.environ[VARIABLE], os.environ[HOME_VARIABLE] = settings.salt, str(settings.home)
            _workplaces[settings] = workplace = Workplace(settings)
            # Processes of a pool end without a word to anybody else.
            multiprocessing.util.Finalize(workplace, workplace.close, exitpriority=10)
            atexit.register(workplace.close)
        yield _workplaces[settings]


def _begin(count: Any, processors: Sequence[int]) -> None:
    """The beginning of a process of the pool.

    Args:
        count: how many have begun, shared by all.
        processors: one for each, if there are as many: a judge and the worker that it waits for then share what
            that processor has in its caches.
    """
    _end_with_parent()
    with count.get_lock():
        number = count.value
        count.value += 1
    if number < len(processors):
        os.sched_setaffinity(0, {processors[number]})


def _end_with_parent() -> None:
    """However the grader ends, its processes end with it."""
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    if not multiprocessing.parent_process().is_alive():
        os._exit(1)
    signal.signal(signal.SIGTERM, _end_now)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the grader itself says when to stop
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _end_now(*_: object) -> None:
    for workplace in _workplaces.values():
        workplace.close()
    os._exit(0)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C waits, also for processes that are started meanwhile: those have nothing to say to it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class JudgingPool:
    """Judges notebooks side by side.

    Args:
        settings: the same in every process.
        jobs: processes on this machine.
        cluster: the address of a dask scheduler, in place of processes here.
    """

    def __init__(self, settings: Settings, jobs: int, cluster: str | None = None):
        require_linux()
        self.settings, self.jobs, self.cluster = settings, jobs, cluster
        self._client: Any = None
        self._others = frozenset(multiprocessing.active_children())
        self._executor = self._started()

    def __enter__(self) -> JudgingPool:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.close(at_once=kind is not None)

    def close(self, at_once: bool = False) -> None:
        """End all processes.

        Args:
            at_once: do not wait for what is being judged: nobody wants it any more.
        """
        with _uninterrupted():
            if at_once:
                for process in multiprocessing.active_children():
                    if process not in self._others:
                        process.terminate()
            if self._client is None:
                self._executor.shutdown(cancel_futures=True)
            else:  # dask's own signature: without waiting it cancels
                self._executor.shutdown(wait=False)
                self._client.close()

    def sandbox(self, allow_weak: bool) -> Sandbox:
        """The sandbox that is used."""
        try:
            found = self._submitted(sandbox_here, self.settings, allow_weak)
            if self.cluster is None:
                for _ in range(self.jobs - 1):  # the others get ready meanwhile
                    self._submitted(prepare, self.settings)
            return found.result()
        except BrokenProcessPool as error:
            raise InputError(
                expected=text("a process that judges", "un processus qui juge"),
                got=text(
                    "one that was ended while it started, for want of memory perhaps",
                    "un processus arrêté pendant son démarrage, faute de mémoire peut-être",
                ),
                remedy=text(
                    "give the same command again, with fewer --jobs if need be",
                    "redonnez la même commande, avec moins de --jobs s'il le faut",
                ),
            ) from error

    def judge(self, tasks: Iterator[tuple[Any, Task]], kind: str) -> Iterator[tuple[Any, Judgement | None]]:
        """Judge tasks as they come.

        Args:
            tasks: each with a label; taken one by one as processes are free.
            kind: how workers are confined.

        Yields:
            the label and what came of it, in the order in which they end; None if the notebook ended the judging
            processes again and again.
        """
        ahead = 2 * self.jobs + 2
        running: dict[Future, tuple[Any, Task, int]] = {}
        again: list[tuple[Any, Task, int]] = []
        exhausted = False
        while True:
            alone = any(attempt > 1 for _, _, attempt in running.values())
            while not exhausted and not again and not alone and len(running) < ahead:
                found = next(tasks, None)
                if found is None:
                    exhausted = True
                else:
                    self._submit(running, (*found, 1), kind)
            # One at a time, so that the one that ends its process is found out.
            if again and not running:
                self._submit(running, again.pop(), kind)
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                label, task, attempt = running.pop(future)
                try:
                    judgement = future.result()
                except BrokenProcessPool:
                    # Those that only wait have ended nothing.
                    tried, lost = self._weighed([(label, task, attempt), *running.values()])
                    again += tried
                    running.clear()
                    self._executor = self._started()
                    yield from ((each, None) for each in lost)
                    break
                except AttentifError:
                    raise  # nothing can be judged here: no build, no course
                except Exception as error:
                    if self.cluster is not None:
                        ended_its_worker(error)  # says so if it is the cluster that is lost
                    # Whatever one notebook makes of the judge, the class goes on without its marks.
                    judgement = None
                yield label, judgement

    def _submit(
        self, running: dict[Future, tuple[Any, Task, int]], item: tuple[Any, Task, int], kind: str
    ) -> None:
        label, task, attempt = item
        try:
            checks = version_of(task.exercises)
            future = self._submitted(judge_task, self.settings, task, kind, checks)
        except BrokenProcessPool as error:
            # It broke since its last answer: that is found out like any other end.
            future = Future()
            future.set_exception(error)
        running[future] = label, task, attempt

    def _submitted(self, function: Callable, *arguments: Any) -> Future:
        with _uninterrupted():
            return self._executor.submit(function, *arguments)

    @staticmethod
    def _weighed(items: list[tuple[Any, Task, int]]) -> tuple[list[tuple[Any, Task, int]], list[Any]]:
        """What is tried again, and the labels of what is given up."""
        tried = [(label, task, attempt + 1) for label, task, attempt in items if attempt < ATTEMPTS]
        return tried, [label for label, _, attempt in items if attempt >= ATTEMPTS]

    def _started(self) -> Executor:
        if self.cluster is None:
            context = multiprocessing.get_context("spawn")
            processors = sorted(os.sched_getaffinity(0))
            processors = processors if 1 < self.jobs == len(processors) else []
            return ProcessPoolExecutor(self.jobs, context, _begin, (context.Value("i", 0), processors))
        self._client, executor, self.jobs = connect(self.cluster)
        return executor
