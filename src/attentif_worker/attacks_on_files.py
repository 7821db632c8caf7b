"""Probes of what a student's code can read and write. Each returns what got through, or None."""

from __future__ import annotations

import contextlib
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attentif_worker.probes import Targets

# Folders of the host that somebody may be allowed to write to.
_ELSEWHERE = ("/", "/usr", "/etc", "/var/tmp", "/run", "/home")
_HIGHEST_DESCRIPTOR = 4096


def read_secret(targets: Targets) -> str | None:
    """Read a file that stands for the gradebook, directly and around corners."""
    path = targets.secret_file
    roots = (
        "/proc/1/root",
        f"/proc/{targets.process}/root",
        f"/proc/{os.getppid()}/root",
        "/../../..",
        "/host",
    )
    for attempt in (path, *(root + path for root in roots)):
        with contextlib.suppress(OSError), open(attempt, encoding="utf-8") as file:
            if targets.secret in file.read():
                return f"{attempt} was read"
    return None


def write_outside(targets: Targets) -> str | None:
    """Make a file outside of the working folder; change, empty or remove one."""
    for folder in (targets.outside_folder, *_ELSEWHERE):
        made = os.path.join(folder, f"attentif-probe-{os.getpid()}")
        with contextlib.suppress(OSError):
            os.close(os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            os.unlink(made)
            return f"a file was made in {folder}"
    path = targets.secret_file
    attempts = {
        "written to": lambda: os.close(os.open(path, os.O_WRONLY)),
        "emptied": lambda: os.truncate(path, 0),
        "made unreadable": lambda: os.chmod(path, 0),
        "given another date": lambda: os.utime(path, (0, 0)),
        "renamed": lambda: os.rename(path, path + "-renamed"),
        "removed": lambda: os.unlink(path),
    }
    for what, attempt in attempts.items():
        with contextlib.suppress(OSError):
            attempt()
            return f"{path} was {what}"
    return None


def write_library(targets: Targets) -> str | None:
    """Change the library that the next worker will read."""
    folder = targets.library_folder
    files = [os.path.join(place, name) for place, _, names in os.walk(folder) for name in names][:20]
    made = os.path.join(folder, f"attentif_probe_{os.getpid()}.py")
    with contextlib.suppress(OSError):
        os.close(os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        os.unlink(made)
        return f"a file was made in {folder}"
    for path in files:
        with contextlib.suppress(OSError):
            os.close(os.open(path, os.O_WRONLY))
            return f"{path} can be written to"
        with contextlib.suppress(OSError):
            # The mode that it has: nothing changes where this is allowed.
            os.chmod(path, stat.S_IMODE(os.stat(path).st_mode))
            return f"the rights of {path} can be changed"
    return None


def inherited_descriptors(targets: Targets) -> str | None:
    """Look for open descriptors that nobody meant to leave here: files, folders, sockets of others."""
    strange = []
    for number in set(range(3, _HIGHEST_DESCRIPTOR)) - set(targets.descriptors):
        with contextlib.suppress(OSError):
            os.fstat(number)
            strange.append(number)
    return f"open descriptors {sorted(strange)}" if strange else None
