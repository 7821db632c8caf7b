"""What a child may send to hold up or to end the judge."""

from __future__ import annotations

import json
import pickle
import struct
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from types import SimpleNamespace

import numpy as np
import pytest

from attentif.checks.values import Record
from attentif.errors import InputError
from attentif_grading.contracts import load_contracts
from attentif_grading.grader.cages import CageLost
from attentif_grading.grader.judging_pool import JudgingPool, Task
from attentif_grading.grader.lent_parts import MEMORY, LentParts
from attentif_grading.grader.patience import Patience
from attentif_grading.grader.repair import CodeCell
from attentif_grading.grader.workplace import Workplace
from attentif_worker.packing import BadFrame, pack, unpack
from attentif_worker.wire import connected


def _header(value) -> bytes:
    return json.dumps(value).encode()


def test_many_integers_of_one_hash_are_refused():
    same = [k * (2**61 - 1) for k in range(1, 5000)]
    assert len({hash(number) for number in same}) == 1
    with pytest.raises(BadFrame):
        unpack(_header({"$": "dict", "items": [[number, 0] for number in same]}), bytearray())
    with pytest.raises(BadFrame):
        unpack(_header(same), bytearray())


def test_what_an_honest_answer_holds_is_read():
    answer = [2**62, 6 * 10**30, 0.00012345678901234567, "1" * 30, [0.1 + 0.2] * 5000, "é\U0001f600"]
    frame = pack(answer)
    n_header, _ = struct.unpack_from(">IQ", frame)
    assert unpack(frame[12 : 12 + n_header], bytearray()) == answer


def test_a_text_that_no_file_can_hold_is_refused():
    with pytest.raises(BadFrame):
        unpack(b'["\\ud800"]', bytearray())


def test_a_lent_part_takes_no_more_memory_than_it_may():
    contracts = load_contracts()
    parts = LentParts({"scaled_dot_product_attention": contracts["scaled_dot_product_attention"]})
    rows = int((MEMORY / 4) ** 0.5) + 1000
    long = np.zeros((rows, 1), np.float32)
    said = parts.answer(
        {
            "part": "call",
            "exercise": "scaled_dot_product_attention",
            "tensors": [long] * 3,
            "needs": [False] * 3,
            "grad": False,
            "args": tuple(Record("tensor", {"number": number}) for number in range(3)),
            "kwargs": {},
        },
        1,
    )
    assert "memory" in said["error"][1]


class NoSession:
    """A cage: the first so many workers close at once, after which there is none."""

    left = 0

    def __init__(self, *_):
        if NoSession.left <= 0:
            raise CageLost("no memory")

    def start_worker(self):
        NoSession.left -= 1
        if NoSession.left < 0:
            raise CageLost("no memory")
        mine, theirs = connected()
        theirs.close()
        return mine


@pytest.mark.parametrize("workers", [0, 1])
def test_a_machine_without_memory_is_not_the_student_s_fault(monkeypatch, workers):
    """Before any cell has run, grading stops, to go on later; after that, it is the notebook that has no marks."""
    monkeypatch.setattr("attentif_grading.grader.workplace.CageSession", NoSession)
    monkeypatch.setattr(NoSession, "left", workers)
    here = Workplace.__new__(Workplace)
    here.settings = SimpleNamespace(patience=Patience())
    here.zygote = SimpleNamespace(
        ready=lambda: None, end=lambda: monkeypatch.setattr(NoSession, "left", workers)
    )
    here.cage = lambda kind: None
    cells = [CodeCell("one", "x = 1", "extra", None)]
    if workers == 0:
        with pytest.raises(InputError, match="no memory") as stopped:
            here.judge(cells, ["causal_mask"], "namespaces")
        assert "no memory" in str(pickle.loads(pickle.dumps(stopped.value)))  # it comes from another process
    else:
        verdicts, _ = here.judge(cells, ["causal_mask"], "namespaces")
        assert [verdict.trouble for verdict in verdicts] == ["notebook"]


def test_a_notebook_that_ends_the_judge_costs_no_other(monkeypatch):
    """Each judging of `bad` breaks the pool; the others, which ran or waited beside it, are judged."""

    class Executor:
        def __init__(self):
            self.broken = False

        def submit(self, _, settings, task, kind, checks):
            future = Future()
            if task.exercises == ("bad",):
                self.broken = True
            if self.broken:
                future.set_exception(BrokenProcessPool())
            else:
                future.set_result(task.exercises[0])
            return future

        def shutdown(self, **how):
            pass

    monkeypatch.setattr(JudgingPool, "_started", lambda self: Executor())
    pool = JudgingPool(None, jobs=2)
    names = ["first", "bad", "second", "third", "fourth", "bad", "fifth", "sixth"]
    tasks = iter([((place, name), Task((), (name,))) for place, name in enumerate(names)])
    found = dict(pool.judge(tasks, "namespaces"))
    assert len(found) == len(names)
    assert {name: result for (_, name), result in found.items()} == {
        name: None if name == "bad" else name for name in names
    }
