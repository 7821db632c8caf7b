"""Connections between the judge and a worker: frames of `attentif_worker.packing` over a socket."""

from __future__ import annotations

import socket
import time
from typing import Any

from attentif_worker.packing import ARRAY_BYTES, HEADER_BYTES, LENGTHS, BadFrame, Raw, pack, unpack

_PIECE = 2**20  # bytes that are asked for at a time, at most
_AHEAD = 2**16  # where more may be read than is due, at least
_NEAR = 0.25  # seconds that a deadline may be missed by


class Closed(Exception):
    """The other side has closed, or has died."""


class TooLate(Exception):
    """The other side did not answer in time."""


class Connection:
    """Frames over a stream socket.

    Args:
        stream: the socket; it is closed with the connection.
        header_bytes, array_bytes: the largest frame that is accepted.
        with_files: whether messages may bring open files; then nothing is read ahead.
    """

    def __init__(
        self,
        stream: socket.socket,
        header_bytes: int = HEADER_BYTES,
        array_bytes: int = ARRAY_BYTES,
        with_files: bool = True,
    ):
        self.stream, self.header_bytes, self.array_bytes = stream, header_bytes, array_bytes
        self._least = 0 if with_files else _AHEAD
        self._ahead = bytearray()  # what has come and is not read yet

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
            if descriptors:
                self._wait(deadline)
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
            deadline: on the clock of `time.monotonic`, kept to a quarter of a second; without one, it waits for ever.

        Raises:
            Closed, TooLate, BadFrame: none came. After any of them nothing more can be read.
        """
        return unpack(*self.receive_raw(deadline))

    def receive_with_files(self, deadline: float | None = None, n_files: int = 1) -> tuple[Any, list[int]]:
        """The next message and the open files that came with it."""
        raw, files = self._received(deadline, n_files)
        return unpack(*raw), files

    def receive_raw(self, deadline: float | None = None) -> Raw:
        """The header and the arrays of the next message, for `unpack`."""
        return self._received(deadline, 0)[0]

    def _received(self, deadline: float | None, n_files: int) -> tuple[Raw, list[int]]:
        files: list[int] = []
        try:
            if n_files:
                self._wait(deadline)
                first, files, _, _ = socket.recv_fds(self.stream, LENGTHS.size, n_files)
                if not first:
                    raise Closed
                self._ahead += first
            n_header, n_arrays = LENGTHS.unpack(self._exactly(LENGTHS.size, deadline))
            if n_header > self.header_bytes or n_arrays > self.array_bytes:
                raise BadFrame(f"a message of {n_header} and {n_arrays} bytes")
            header = bytes(self._exactly(n_header, deadline))
            return (header, self._exactly(n_arrays, deadline)), list(files)
        except TimeoutError as error:
            raise TooLate from error
        except OSError as error:
            raise Closed from error

    def close(self) -> None:
        """Close the socket."""
        self.stream.close()

    def _wait(self, deadline: float | None) -> None:
        """Have the next call of the socket end at the deadline."""
        set_now = self.stream.gettimeout()
        if deadline is None:
            if set_now is not None:
                self.stream.settimeout(None)
            return
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        # Setting it takes a call of the system: an earlier one serves if it is about as long.
        if set_now is None or left < 1 or abs(left - set_now) > _NEAR:
            self.stream.settimeout(left)

    def _exactly(self, size: int, deadline: float | None) -> bytearray:
        # Made as it comes: a length that is only claimed must not take the memory.
        while len(self._ahead) < size:
            self._wait(deadline)
            piece = self.stream.recv(max(self._least, min(size - len(self._ahead), _PIECE)))
            if not piece:
                raise Closed
            self._ahead += piece
        data = self._ahead[:size]
        del self._ahead[:size]
        return data


def connected() -> tuple[Connection, socket.socket]:
    """A connection, and the socket of its other end."""
    mine, theirs = socket.socketpair()
    return Connection(mine), theirs
