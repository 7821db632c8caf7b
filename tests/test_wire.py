"""Frames: what is sent comes back, and nothing else ever does."""

from __future__ import annotations

import json
import math
import socket
import struct
import threading
import time

import numpy as np
import pytest

from attentif.checks.values import Opaque, Outcome, Recipe, Record, Request
from attentif_worker.packing import ARRAY_BYTES, TAG, BadFrame, pack, unpack
from attentif_worker.wire import Closed, Connection, TooLate, connected

LENGTHS = struct.Struct(">IQ")


def _there_and_back(message):
    frame = pack(message)
    n_header, n_arrays = LENGTHS.unpack(frame[: LENGTHS.size])
    assert len(frame) == LENGTHS.size + n_header + n_arrays
    rest = frame[LENGTHS.size :]
    return unpack(rest[:n_header], bytearray(rest[n_header:]))


def _same(first, second) -> bool:
    if isinstance(first, np.ndarray):
        return (
            isinstance(second, np.ndarray)
            and first.dtype == second.dtype
            and first.shape == second.shape
            and first.tobytes() == second.tobytes()
        )
    if type(first) is not type(second):
        return False
    if isinstance(first, (list, tuple)):
        return len(first) == len(second) and all(map(_same, first, second))
    if isinstance(first, dict):
        return list(first) == list(second) and all(_same(first[key], second[key]) for key in first)
    if isinstance(first, (Record, Recipe, Request, Opaque, Outcome)):
        return _same(vars(first), vars(second))
    return first == second or (first != first and second != second)


@pytest.mark.parametrize(
    "message",
    [
        None,
        True,
        3,
        -(2**200),
        0.1,
        math.inf,
        math.nan,
        "é\n\u0000 œ",
        [],
        (1, [2.0, (None,)], {"a": (), 3: "b", (1, 2): False}),
        {TAG: "Outcome", "value": 1},
        np.arange(12.0).reshape(3, 1, 4),
        np.zeros((0, 5), np.float32),
        np.array(True),
        np.array([1 + 2j]),
        np.array([math.nan, -math.inf, -0.0], np.float16),
        [np.arange(3, dtype=np.int8), np.array([True, False, True]), np.arange(2.0)],
        Record("parameter", {"name": "weight"}),
        Opaque("set"),
        Request(
            args=(1,), kwargs={"x": np.ones(3)}, init={"part": Recipe("part", {"exercise": "LayerNorm"})}
        ),
        Outcome(value=(np.ones(2), "a"), gradients={"x": None, "y": np.ones(1)}, inputs_changed=("x",)),
    ],
    ids=lambda message: type(message).__name__,
)
def test_what_is_sent_comes_back(message):
    assert _same(_there_and_back(message), message)


def test_an_array_may_have_any_layout():
    values = np.arange(24.0).reshape(2, 3, 4)
    for array in (
        values.T,
        values[:, ::2],
        np.broadcast_to(values[:1], (2, 3, 4)),
        np.asfortranarray(values),
    ):
        assert _same(_there_and_back(array), np.ascontiguousarray(array))


def test_arrays_that_come_can_be_written_to_and_begin_where_torch_wants_them():
    first, second = _there_and_back([np.arange(3, dtype=np.int8), np.arange(2.0)])
    first[0], second[0] = 7, 7.0
    assert second.ctypes.data % 8 == 0


@pytest.mark.parametrize(
    "value", [{1, 2}, object(), b"bytes", np.array(["text"]), np.array([None]), 1 << 4000]
)
def test_what_is_no_plain_data_arrives_as_opaque(value):
    assert isinstance(_there_and_back([value])[0], Opaque)


def test_what_lies_about_its_type_is_opaque():
    class Lying(dict):
        __class__ = Outcome

    class Array(np.ndarray):
        pass

    assert isinstance(_there_and_back([Lying()])[0], Opaque)
    assert isinstance(_there_and_back([np.arange(3.0).view(Array)])[0], Opaque)


def test_what_is_too_deep_or_too_large_is_not_sent():
    deep: list = []
    for _ in range(100):
        deep = [deep]
    with pytest.raises(BadFrame):
        pack(deep)
    with pytest.raises(BadFrame):
        pack(np.zeros(ARRAY_BYTES // 8 + 1))


ARRAY = {TAG: "array", "dtype": "float64", "shape": [2], "at": 0}
OUTCOME = {
    TAG: "Outcome",
    "value": None,
    "gradients": {TAG: "dict", "items": []},
    "error": None,
    "unfinished": False,
    "inputs_changed": {TAG: "tuple", "items": []},
}


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"a": 1}',
        b'{"$": "os.system"}',
        b"[" * 100_000 + b"]" * 100_000,
        *(
            json.dumps(damaged).encode()
            for damaged in (
                ARRAY | {"dtype": "object"},
                ARRAY | {"dtype": "<U4"},
                ARRAY | {"dtype": ["float64"]},
                ARRAY | {"shape": [-1]},
                ARRAY | {"shape": [2.0]},
                ARRAY | {"shape": [True]},
                ARRAY | {"shape": "2"},
                ARRAY | {"shape": [1] * 40},
                ARRAY | {"shape": [2**62, 4]},
                ARRAY | {"shape": [3]},
                ARRAY | {"at": -8},
                ARRAY | {"at": 8},
                ARRAY | {"at": None},
                {TAG: "tuple", "items": 3},
                {TAG: "dict", "items": [[1]]},
                {TAG: "dict", "items": [[[1], 2]]},
                {TAG: "Record", "type_name": 3, "fields": {TAG: "dict", "items": []}},
                {TAG: "Record", "type_name": "a", "fields": []},
                {TAG: "Opaque", "type_name": None},
                OUTCOME | {"error": ["a"]},
                OUTCOME | {"unfinished": 1},
                OUTCOME | {"gradients": []},
                OUTCOME | {"inputs_changed": "x"},
                {TAG: "Outcome", "value": 1},
            )
        ),
    ],
    ids=lambda header: header[:40].decode(errors="replace"),
)
def test_a_damaged_header_is_refused(header):
    with pytest.raises(BadFrame):
        unpack(header, bytearray(16))


def test_bytes_that_are_neither_true_nor_false_are_one_of_them():
    header = json.dumps(ARRAY | {"dtype": "bool", "shape": [3]}).encode()
    assert unpack(header, bytearray([0, 1, 77])).tolist() == [False, True, True]


def _pair() -> tuple[Connection, Connection]:
    mine, theirs = connected()
    return mine, Connection(theirs)


def test_messages_and_open_files_cross():
    mine, theirs = _pair()
    inner, outer = socket.socketpair()
    mine.send({"do": "worker"}, descriptors=(inner.fileno(),))
    inner.close()
    message, files = theirs.receive_with_files()
    assert message == {"do": "worker"} and len(files) == 1
    with socket.socket(fileno=files[0]) as crossed:
        crossed.send(b"here")
    assert outer.recv(10) == b"here"


@pytest.mark.parametrize("with_files", [True, False])
def test_messages_that_come_together_are_read_one_by_one(with_files):
    mine, theirs = connected()
    messages = [{"number": 1}, np.arange(100_000), "", [np.zeros(3), "last"]]

    def send():
        theirs.sendall(b"".join(pack(message) for message in messages))
        theirs.close()

    sender = threading.Thread(target=send)
    sender.start()
    reader = Connection(mine.stream, with_files=with_files)
    assert all(_same(reader.receive(time.monotonic() + 5), message) for message in messages)
    with pytest.raises(Closed):
        reader.receive(time.monotonic() + 5)
    sender.join()


def test_arrays_of_the_other_byte_order_arrive_as_they_are():
    swapped = np.arange(3.0).astype(">f8")
    assert _there_and_back(swapped).tolist() == [0.0, 1.0, 2.0]


def test_a_length_that_is_only_claimed_takes_no_memory_and_no_time():
    mine, theirs = _pair()
    for lengths in (LENGTHS.pack(2**32 - 1, 0), LENGTHS.pack(10, 2**63)):
        theirs.stream.send(lengths)
        with pytest.raises(BadFrame):
            mine.receive(time.monotonic() + 5)


def test_who_is_late_or_gone_is_told_apart():
    mine, theirs = _pair()
    theirs.stream.send(LENGTHS.pack(100, 0) + b"[1,")
    with pytest.raises(TooLate):
        mine.receive(time.monotonic() + 0.1)
    theirs.close()
    with pytest.raises(Closed):
        mine.receive(time.monotonic() + 5)
    with pytest.raises(Closed):
        for _ in range(100):
            mine.send("x" * 10_000, time.monotonic() + 5)


def test_who_reads_nothing_holds_nobody_up():
    mine, _theirs = _pair()
    with pytest.raises(TooLate):
        while True:
            mine.send(np.zeros(100_000), time.monotonic() + 0.1)
