"""What the probes of a cage attack, put out on the judge's side, and what became of it."""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from attentif_worker.probes import BLOCKED, Targets

# Numbers of processes in a cage are low: a target's must not be one of them.
_LOWEST_NUMBER = 100
_SECONDS = 3600


class Canaries:
    """A file, a process, servers and a folder that are worth nothing, until the `with` block ends.

    They are as open as a gradebook can be on a machine of one's own: anybody may read the file and write to the
    folder. A cage that keeps these apart keeps others apart too.
    """

    def __enter__(self) -> Canaries:
        with contextlib.ExitStack() as opened:
            self._folder = Path(tempfile.mkdtemp(prefix="attentif-canaries-"))
            opened.callback(shutil.rmtree, self._folder, ignore_errors=True)
            self._folder.chmod(0o755)
            self._outside = self._folder / "outside"
            self._outside.mkdir()
            self._outside.chmod(0o777)
            self._secret = secrets.token_hex(16)
            self._file = self._outside / "gradebook.db"
            self._file.write_text(self._secret, encoding="utf-8")
            self._file.chmod(0o666)
            self._mark = f"attentif-canary-{secrets.token_hex(8)}"
            self._process = _sleeper(self._mark, self._secret)
            opened.callback(_end, self._process)
            self._servers = {
                "connect_tcp": socket.socket(socket.AF_INET, socket.SOCK_STREAM),
                "send_udp": socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
                "connect_unix": socket.socket(socket.AF_UNIX, socket.SOCK_STREAM),
            }
            for server in self._servers.values():
                opened.callback(server.close)
            self._listen()
            self._opened = opened.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def _listen(self) -> None:
        path = str(self._folder / "service")
        for name, server in self._servers.items():
            server.bind(path if name == "connect_unix" else ("127.0.0.1", 0))
            if name != "send_udp":
                server.listen()
        os.chmod(path, 0o777)

    def targets(self, library_folder: str, descriptors: tuple[int, ...] = ()) -> Targets:
        """What to attack, for the worker.

        Args:
            library_folder: where the student library lies.
            descriptors: open ones that are meant to be in the process that runs the probes.
        """
        return Targets(
            secret=self._secret,
            secret_file=str(self._file),
            process=self._process.pid,
            mark=self._mark,
            tcp_port=self._servers["connect_tcp"].getsockname()[1],
            udp_port=self._servers["send_udp"].getsockname()[1],
            unix_path=str(self._folder / "service"),
            outside_folder=str(self._outside),
            library_folder=library_folder,
            descriptors=descriptors,
        )

    def verified(self, table: Mapping[str, str]) -> dict[str, str]:
        """The same table, corrected by what is seen from here: an attack may succeed without knowing it."""
        return {
            **table,
            **{name: f"got through: {said}" for name, said in self._harm() if _held(table, name)},
        }

    def _harm(self) -> Iterator[tuple[str, str]]:
        if self._process.poll() is not None:
            yield "end_process", "the process has ended"
        for name, server in self._servers.items():
            if select.select([server], [], [], 0)[0]:
                yield name, "the server was reached"
        untouched = [path.name for path in self._outside.iterdir()] == [self._file.name]
        with contextlib.suppress(OSError):
            untouched = untouched and self._file.read_text(encoding="utf-8") == self._secret
            untouched = untouched and self._file.stat().st_mode & 0o777 == 0o666
        if not untouched:
            yield "write_outside", "the file was changed, or others were made beside it"


def _held(table: Mapping[str, str], name: str) -> bool:
    return table.get(name) == BLOCKED


def _sleeper(mark: str, secret: str) -> subprocess.Popen:
    """A process with a number above those of a cage's."""
    code = f"import time; time.sleep({_SECONDS})"
    while True:
        started = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", code, mark],
            env={"ATTENTIF_CANARY": secret},
            stdin=subprocess.DEVNULL,
        )
        if started.pid > _LOWEST_NUMBER:
            return started
        _end(started)


def _end(process: subprocess.Popen) -> None:
    process.kill()
    process.wait()
