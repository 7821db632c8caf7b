"""Frames between the judge and a worker: a JSON header, then the raw bytes of its arrays. No pickle.

A frame is two lengths (4 and 8 bytes, big-endian), the header, the bytes. In the header, an array is its dtype, its
shape and its place among the bytes; tuples, dicts and the records of `attentif.checks.values` are tagged objects.
Whatever comes in is untrusted: sizes are capped before anything is read, and only plain data is ever made of it.
"""

from __future__ import annotations

import json
import math
import re
import socket
import struct
import time
from itertools import islice
from typing import Any

import numpy as np

from attentif.checks.values import Opaque, Outcome, Recipe, Record, Request

_LENGTHS = struct.Struct(">IQ")
HEADER_BYTES = 16 * 2**20
ARRAY_BYTES = 64 * 2**20
DEPTH = 24
AXES = 16
TAG = "$"
# Larger integers are no answer to anything here, and take long to write and to read.
_INTEGER_BITS = 2000
# Python's hash of an integer is known beforehand: many large ones that share theirs would make a set or a dict of them
# take hours. Those of 64 bits share it with seven others at most.
_LARGE_INTEGERS = 1000
_LARGE_INTEGER = re.compile(rb"(?<![\d.])\d{19,}(?![\d.])")
_HALF_OF_A_PAIR = re.compile(rb"\\u[dD][89a-fA-F]")
_DTYPES = {
    np.dtype(name).name: np.dtype(name)
    for name in (
        *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("float16", "float32", "float64", "complex64", "complex128"),
    )
}
_TAGGED = {cls.__name__: cls for cls in (Recipe, Request, Record, Opaque, Outcome)}
_FIELDS = {name: tuple(cls.__dataclass_fields__) for name, cls in _TAGGED.items()}


class BadFrame(Exception):
    """A frame that is too large, damaged, or made of anything but plain data."""


class Closed(Exception):
    """The other side has closed, or has died."""


class TooLate(Exception):
    """The other side did not answer in time."""


def pack(message: Any) -> bytes:
    """The frame of a message: plain data, arrays, and the records of `attentif.checks.values`.

    Raises:
        BadFrame: it holds something else, or is too large to travel.
    """
    arrays: list[bytes] = []
    place = [0]
    try:
        header = json.dumps(_plain(message, arrays, place, 0), separators=(",", ":")).encode()
    except (ValueError, RecursionError, UnicodeEncodeError) as error:
        raise BadFrame(f"a message that cannot be written: {type(error).__name__}") from error
    if len(header) > HEADER_BYTES or place[0] > ARRAY_BYTES:
        raise BadFrame(f"a message of {len(header)} and {place[0]} bytes")
    return b"".join((_LENGTHS.pack(len(header), place[0]), header, *arrays))


def _plain(value: Any, arrays: list[bytes], place: list[int], depth: int) -> Any:
    kind = type(value)
    if kind in (str, float, bool, type(None)):
        return value
    if kind is int:
        return value if value.bit_length() <= _INTEGER_BITS else {TAG: "Opaque", "type_name": "int"}
    if depth > DEPTH:
        raise BadFrame("a message that is nested too deep")
    if kind is np.ndarray:
        if value.dtype.name not in _DTYPES:
            return {TAG: "Opaque", "type_name": f"ndarray of {value.dtype.name}"[:80]}
        raw = np.ascontiguousarray(value).tobytes()
        raw += b"\0" * (-len(raw) % 8)  # so that each array begins where its items may
        arrays.append(raw)
        place[0] += len(raw)
        return {
            TAG: "array",
            "dtype": value.dtype.name,
            "shape": list(value.shape),
            "at": place[0] - len(raw),
        }
    if kind is list:
        return [_plain(item, arrays, place, depth + 1) for item in value]
    if kind is tuple:
        return {TAG: "tuple", "items": [_plain(item, arrays, place, depth + 1) for item in value]}
    if kind is dict:
        # By pairs, for keys need not be texts.
        pairs = [
            [_plain(k, arrays, place, depth + 1), _plain(v, arrays, place, depth + 1)]
            for k, v in value.items()
        ]
        return {TAG: "dict", "items": pairs}
    if kind in _TAGGED.values():
        fields = _FIELDS[kind.__name__]
        return {
            TAG: kind.__name__,
            **{name: _plain(getattr(value, name), arrays, place, depth + 1) for name in fields},
        }
    if isinstance(value, np.generic):
        return _plain(value.item(), arrays, place, depth)
    return {TAG: "Opaque", "type_name": kind.__name__[:80]}


def unpack(header: bytes, arrays: bytearray) -> Any:
    """The message of a frame.

    Raises:
        BadFrame: it is not one.
    """
    if sum(1 for _ in islice(_LARGE_INTEGER.finditer(header), _LARGE_INTEGERS + 1)) > _LARGE_INTEGERS:
        raise BadFrame("a message of too many large integers")
    try:
        plain = json.loads(header.decode())
        if _HALF_OF_A_PAIR.search(header):
            json.dumps(plain, ensure_ascii=False).encode()  # a text that no file can hold is refused here
        return _rebuilt(plain, arrays, 0)
    except BadFrame:
        raise
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError, MemoryError) as error:
        raise BadFrame(f"a damaged message: {type(error).__name__}") from error


def _rebuilt(value: Any, arrays: bytearray, depth: int) -> Any:
    if depth > 2 * DEPTH:
        raise BadFrame("a message that is nested too deep")
    if isinstance(value, list):
        return [item if type(item) in _SIMPLE else _rebuilt(item, arrays, depth + 1) for item in value]
    if not isinstance(value, dict):
        return value
    tag = value[TAG]
    if tag == "array":
        return _array(value["dtype"], value["shape"], value["at"], arrays)
    if tag == "tuple":
        return tuple(_rebuilt(_listed(value["items"]), arrays, depth + 1))
    if tag == "dict":
        pairs = [_rebuilt(_listed(pair), arrays, depth + 1) for pair in _listed(value["items"])]
        return {key: item for key, item in pairs}
    if tag not in _TAGGED:
        raise BadFrame("a message with an unknown tag")
    made = _TAGGED[tag](**{name: _rebuilt(value[name], arrays, depth + 1) for name in _FIELDS[tag]})
    if not _well_formed(made):
        raise BadFrame(f"a damaged {tag}")
    return made


def _well_formed(made: Any) -> bool:
    """Whether a record's fields have the types that whoever reads it relies on."""
    if isinstance(made, Opaque):
        return isinstance(made.type_name, str)
    if isinstance(made, (Record, Recipe)):
        name, fields = (
            (made.type_name, made.fields) if isinstance(made, Record) else (made.name, made.arguments)
        )
        return isinstance(name, str) and isinstance(fields, dict) and all(isinstance(k, str) for k in fields)
    if isinstance(made, Outcome):
        return (
            isinstance(made.error, (str, type(None)))
            and isinstance(made.unfinished, bool)
            and isinstance(made.gradients, dict)
            and all(isinstance(name, str) for name in made.gradients)
            and isinstance(made.inputs_changed, tuple)
            and all(isinstance(name, str) for name in made.inputs_changed)
        )
    return isinstance(made.args, tuple) and isinstance(made.kwargs, dict)


_SIMPLE = (str, float, int, bool, type(None))


def _listed(value: Any) -> list:
    if not isinstance(value, list):
        raise BadFrame("a damaged message: no list")
    return value


def _array(dtype: Any, shape: Any, at: Any, arrays: bytearray) -> np.ndarray:
    if dtype not in _DTYPES or not isinstance(shape, list) or len(shape) > AXES:
        raise BadFrame("an array of an unknown kind")
    if not all(type(size) is int and 0 <= size <= ARRAY_BYTES for size in (*shape, at)):
        raise BadFrame("an array of an unknown shape")
    count = math.prod(shape)
    if at + count * _DTYPES[dtype].itemsize > len(arrays):
        raise BadFrame("an array larger than the message")
    flat = np.frombuffer(arrays, _DTYPES[dtype], count, at) if count else np.empty(0, _DTYPES[dtype])
    if dtype == "bool":  # a byte that is neither 0 nor 1 would be both
        flat = np.frombuffer(arrays, np.uint8, count, at) != 0 if count else flat
    return flat.reshape(shape)


class Connection:
    """Frames over a stream socket.

    Args:
        stream: the socket; it is closed with the connection.
        header_bytes, array_bytes: the largest frame that is accepted.
    """

    def __init__(
        self, stream: socket.socket, header_bytes: int = HEADER_BYTES, array_bytes: int = ARRAY_BYTES
    ):
        self.stream, self.header_bytes, self.array_bytes = stream, header_bytes, array_bytes

    def send(self, message: Any, deadline: float | None = None, descriptors: tuple[int, ...] = ()) -> None:
        """Send a message, with open files beside it.

        Raises:
            Closed: nobody reads any more. TooLate: not taken before the deadline. BadFrame: see `pack`.
        """
        self.send_frame(pack(message), deadline, descriptors)

    def send_frame(
        self, packed: bytes, deadline: float | None = None, descriptors: tuple[int, ...] = ()
    ) -> None:
        """Send a message that is packed already; see `send`."""
        frame = memoryview(packed)
        try:
            self._wait(deadline)
            if descriptors:
                sent = socket.send_fds(self.stream, [frame], list(descriptors))
                frame = frame[sent:]
            while frame:
                self._wait(deadline)
                frame = frame[self.stream.send(frame) :]
        except TimeoutError as error:
            raise TooLate from error
        except OSError as error:
            raise Closed from error

    def receive(self, deadline: float | None = None) -> Any:
        """The next message.

        Args:
            deadline: on the clock of `time.monotonic`; without one, it waits for ever.

        Raises:
            Closed, TooLate, BadFrame: none came. After any of them nothing more can be read.
        """
        return self.receive_with_files(deadline, 0)[0]

    def receive_with_files(self, deadline: float | None = None, n_files: int = 1) -> tuple[Any, list[int]]:
        """The next message and the open files that came with it."""
        raw, files = self._received(deadline, n_files)
        return unpack(*raw), files

    def receive_raw(self, deadline: float | None = None) -> tuple[bytes, bytearray]:
        """The header and the arrays of the next message, for `unpack`."""
        return self._received(deadline, 0)[0]

    def _received(self, deadline: float | None, n_files: int) -> tuple[tuple[bytes, bytearray], list[int]]:
        lengths, files = bytearray(), []
        try:
            if n_files:
                self._wait(deadline)
                first, files, _, _ = socket.recv_fds(self.stream, _LENGTHS.size, n_files)
                if not first:
                    raise Closed
                lengths += first
            lengths += self._exactly(_LENGTHS.size - len(lengths), deadline)
            n_header, n_arrays = _LENGTHS.unpack(lengths)
            if n_header > self.header_bytes or n_arrays > self.array_bytes:
                raise BadFrame(f"a message of {n_header} and {n_arrays} bytes")
            header = self._exactly(n_header, deadline)
            return (bytes(header), self._exactly(n_arrays, deadline)), list(files)
        except TimeoutError as error:
            raise TooLate from error
        except OSError as error:
            raise Closed from error

    def close(self) -> None:
        """Close the socket."""
        self.stream.close()

    def _wait(self, deadline: float | None) -> None:
        if deadline is None:
            self.stream.settimeout(None)
            return
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.stream.settimeout(left)

    def _exactly(self, size: int, deadline: float | None) -> bytearray:
        # Made as it comes: a length that is only claimed must not take the memory.
        data = bytearray()
        while len(data) < size:
            self._wait(deadline)
            piece = self.stream.recv(min(size - len(data), 2**20))
            if not piece:
                raise Closed
            data += piece
        return data


def connected() -> tuple[Connection, socket.socket]:
    """A connection, and the socket of its other end."""
    mine, theirs = socket.socketpair()
    return Connection(mine), theirs
