"""Messages between the judge and a worker: a JSON header, then the raw bytes of its arrays. No pickle.

A frame is two lengths (4 and 8 bytes, big-endian), the header, the bytes. In the header, an array is its dtype, its
shape and its place among the bytes; tuples, dicts and the records of `attentif.checks.values` are tagged objects.
Whatever comes in is untrusted: sizes are capped before anything is read, and only plain data is ever made of it.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Iterable
from hashlib import blake2b
from itertools import islice
from typing import Any

import numpy as np

from attentif.checks.values import Opaque, Outcome, Recipe, Record, Request

Raw = tuple[bytes, bytearray]  # the header of a message and its arrays, as they came
LENGTHS = struct.Struct(">IQ")
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
_DIGITS = 19
_LARGE_INTEGER = re.compile(rb"(?<![\d.])\d{%d,}(?![\d.])" % _DIGITS)
_HALF_OF_A_PAIR = re.compile(rb"\\u[dD][89a-fA-F]")
_DTYPES = {
    np.dtype(name).name: np.dtype(name)
    for name in (
        *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("float16", "float32", "float64", "complex64", "complex128"),
    )
}
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}
_TAGGED = {cls.__name__: cls for cls in (Recipe, Request, Record, Opaque, Outcome)}
_KINDS = frozenset(_TAGGED.values())
_AS_IT_IS = frozenset((str, float, bool, type(None)))
_SIMPLE = _AS_IT_IS | {int}
_FIELDS = {name: tuple(cls.__dataclass_fields__) for name, cls in _TAGGED.items()}


class BadFrame(Exception):
    """A frame that is too large, damaged, or made of anything but plain data."""


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
    return b"".join((LENGTHS.pack(len(header), place[0]), header, *arrays))


def _plain(value: Any, arrays: list[bytes], place: list[int], depth: int) -> Any:
    kind = type(value)
    if kind in _AS_IT_IS:
        return value
    if kind is int:
        return value if value.bit_length() <= _INTEGER_BITS else {TAG: "Opaque", "type_name": "int"}
    if depth > DEPTH:
        raise BadFrame("a message that is nested too deep")
    if kind is np.ndarray:
        return _plain_array(value, arrays, place)
    if kind is list:
        return _plain_items(value, arrays, place, depth)
    if kind is tuple:
        return {TAG: "tuple", "items": _plain_items(value, arrays, place, depth)}
    if kind is dict:
        # By pairs, for keys need not be texts.
        pairs = [_plain_items(pair, arrays, place, depth) for pair in value.items()]
        return {TAG: "dict", "items": pairs}
    if kind in _KINDS:
        tagged = {TAG: kind.__name__}
        for name in _FIELDS[kind.__name__]:
            tagged[name] = _plain(getattr(value, name), arrays, place, depth + 1)
        return tagged
    if isinstance(value, np.generic):
        return _plain(value.item(), arrays, place, depth)
    return {TAG: "Opaque", "type_name": kind.__name__[:80]}


def _plain_items(items: Iterable[Any], arrays: list[bytes], place: list[int], depth: int) -> list:
    return [item if type(item) in _AS_IT_IS else _plain(item, arrays, place, depth + 1) for item in items]


def _plain_array(value: np.ndarray, arrays: list[bytes], place: list[int]) -> dict[str, Any]:
    name = _NAMES.get(value.dtype)
    if name is None and value.dtype.name in _DTYPES:  # in the other byte order
        name = value.dtype.name
        value = value.astype(_DTYPES[name])
    if name is None:
        return {TAG: "Opaque", "type_name": f"ndarray of {value.dtype.name}"[:80]}
    raw = value.tobytes()
    raw += b"\0" * (-len(raw) % 8)  # so that each array begins where its items may
    arrays.append(raw)
    at = place[0]
    place[0] += len(raw)
    return {TAG: "array", "dtype": name, "shape": list(value.shape), "at": at}


def unpack(header: bytes, arrays: bytearray) -> Any:
    """The message of a frame.

    Raises:
        BadFrame: it is not one.
    """
    if _many_large_integers(header):
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


def _many_large_integers(header: bytes) -> bool:
    if len(header) < _LARGE_INTEGERS * _DIGITS:
        return False
    found = islice(_LARGE_INTEGER.finditer(header), _LARGE_INTEGERS + 1)
    return sum(1 for _ in found) > _LARGE_INTEGERS


def digest(raw: Raw) -> bytes:
    """Sixteen bytes that tell this message from any other."""
    made = blake2b(raw[0], digest_size=16)
    made.update(b"\0")
    made.update(raw[1])
    return made.digest()


def _rebuilt(value: Any, arrays: bytearray, depth: int) -> Any:
    if depth > 2 * DEPTH:
        raise BadFrame("a message that is nested too deep")
    if isinstance(value, list):
        return _rebuilt_items(value, arrays, depth)
    if not isinstance(value, dict):
        return value
    tag = value[TAG]
    if tag == "array":
        return _array(value["dtype"], value["shape"], value["at"], arrays)
    if tag == "tuple":
        return tuple(_rebuilt_items(_listed(value["items"]), arrays, depth))
    if tag == "dict":
        pairs = [_rebuilt_items(_listed(pair), arrays, depth + 1) for pair in _listed(value["items"])]
        return {key: item for key, item in pairs}
    if tag not in _TAGGED:
        raise BadFrame("a message with an unknown tag")
    made = _TAGGED[tag](*_rebuilt_items([value[name] for name in _FIELDS[tag]], arrays, depth))
    if not _well_formed(made):
        raise BadFrame(f"a damaged {tag}")
    return made


def _rebuilt_items(items: list, arrays: bytearray, depth: int) -> list:
    return [item if type(item) in _SIMPLE else _rebuilt(item, arrays, depth + 1) for item in items]


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


def _listed(value: Any) -> list:
    if not isinstance(value, list):
        raise BadFrame("a damaged message: no list")
    return value


def _array(dtype: Any, shape: Any, at: Any, arrays: bytearray) -> np.ndarray:
    if dtype not in _DTYPES or not isinstance(shape, list) or len(shape) > AXES:
        raise BadFrame("an array of an unknown kind")
    for size in (*shape, at):
        if type(size) is not int or not 0 <= size <= ARRAY_BYTES:
            raise BadFrame("an array of an unknown shape")
    count = math.prod(shape)
    if at + count * _DTYPES[dtype].itemsize > len(arrays):
        raise BadFrame("an array larger than the message")
    flat = np.frombuffer(arrays, _DTYPES[dtype], count, at) if count else np.empty(0, _DTYPES[dtype])
    if dtype == "bool":  # a byte that is neither 0 nor 1 would be both
        flat = np.frombuffer(arrays, np.uint8, count, at) != 0 if count else flat
    return flat.reshape(shape)
