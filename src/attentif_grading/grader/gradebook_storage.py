"""Writing to a course folder that others may hold, or that may be full: whole files, and errors that say what to do."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attentif.checks.text import text
from attentif.errors import InputError

_AGAIN = text(
    "then give the same command again: what is already graded is kept",
    "puis redonnez la même commande : ce qui est déjà corrigé est gardé",
)
# SQLite's own sentences, which is all that its errors have in common over Python's versions.
_SAID = {
    "locked": "held",
    "disk is full": "full",
    "database or disk is full": "full",
    "readonly": "refused",
    "unable to open": "refused",
    "disk I/O error": "refused",
    "not a database": "damaged",
    "malformed": "damaged",
}
_NUMBERS = {
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EACCES: "refused",
    errno.EPERM: "refused",
    errno.EROFS: "refused",
    errno.EEXIST: "refused",
    errno.ENOTDIR: "refused",
    errno.EISDIR: "refused",
}


def database_url(path: Path, wait: float = 30.0) -> str:
    """SQLAlchemy's address of a gradebook; a lock of another program is waited for, `wait` seconds at most.

    The journal is SQLite's default, a file beside the gradebook that is rolled back by whoever opens it next
    after a kill. A write-ahead log would leave marks outside gradebook.db, where a copy of that file misses
    them, and it does not work on network file systems.
    """
    return f"sqlite:///{path}?timeout={wait:g}"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a kill leaves the old content or the new one; a file that is the same stays as it is."""
    unfinished = path.with_name(f".unfinished-{path.name}")
    try:
        if path.is_file() and path.read_bytes() == content:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    finally:  # of an earlier run that was killed, too
        unfinished.unlink(missing_ok=True)


@contextmanager
def explained(path: Path, wait: float) -> Iterator[None]:
    """Turn what a disk or a database says into an error that tells what to do.

    Args:
        path: the gradebook.
        wait: how long a lock was waited for, in seconds.

    Raises:
        InputError: held by another program, full, not writable or damaged. Anything else passes.
    """
    from sqlalchemy.exc import DatabaseError

    try:
        yield
    except (DatabaseError, OSError, ValueError) as error:
        said = _explanation(error, path, wait)
        if said is None:
            raise
        raise said from error


def _explanation(error: Exception, path: Path, wait: float) -> InputError | None:
    if isinstance(error, InputError):
        return None
    if isinstance(error, OSError):
        kind = _NUMBERS.get(error.errno)
    else:  # nbgrader hands on SQLAlchemy's errors as ValueErrors
        kind = next((kind for part, kind in _SAID.items() if part in str(error)), None)
    return _ERRORS[kind](path, wait, error) if kind else None


def _held(path: Path, wait: float, error: Exception) -> InputError:
    return InputError(
        expected=text(
            f"a gradebook {path} that no other program is writing to",
            f"un carnet de notes {path} dans lequel aucun autre programme n'écrit",
        ),
        got=text(
            f"one that stayed locked for {wait:g} seconds", f"un fichier resté verrouillé {wait:g} secondes"
        ),
        remedy=text(
            f"close the formgrader or the program that holds it, {_AGAIN['en']}",
            f"fermez le formgrader ou le programme qui le tient, {_AGAIN['fr']}",
        ),
    )


def _full(path: Path, wait: float, error: Exception) -> InputError:
    return InputError(
        expected=text(f"room on the disk of {path.parent}", f"de la place sur le disque de {path.parent}"),
        got=text("a full disk", "un disque plein"),
        remedy=text(f"make room, {_AGAIN['en']}", f"faites de la place, {_AGAIN['fr']}"),
    )


def _refused(path: Path, wait: float, error: Exception) -> InputError:
    return InputError(
        expected=text(
            f"a folder {path.parent} that can be written to",
            f"un dossier {path.parent} accessible en écriture",
        ),
        got=text(f"a refusal ({_last_line(error)})", f"un refus ({_last_line(error)})"),
        remedy=text(
            f"give yourself the right to write there or choose another folder, {_AGAIN['en']}",
            f"donnez-vous le droit d'y écrire ou choisissez un autre dossier, {_AGAIN['fr']}",
        ),
    )


def _damaged(path: Path, wait: float, error: Exception) -> InputError:
    return InputError(
        expected=text(f"a gradebook of nbgrader in {path}", f"un carnet de notes de nbgrader dans {path}"),
        got=text("a damaged or foreign file", "un fichier abîmé ou d'une autre nature"),
        remedy=text(
            "put a sound copy in its place, or move it away and give the same command again: automatic marks "
            "come back, marks given by hand do not",
            "mettez une copie saine à sa place, ou déplacez-le et redonnez la même commande : les notes automatiques "
            "reviennent, celles données à la main non",
        ),
    )


_ERRORS = {"held": _held, "full": _full, "refused": _refused, "damaged": _damaged}


def _last_line(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return str(getattr(error, "orig", error)).splitlines()[0][:120]
