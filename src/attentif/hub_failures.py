"""What went wrong between this machine and the Hugging Face hub, by kind: datasets and models fail alike.

The libraries behind the hub (huggingface_hub, httpx, requests, datasets, transformers) raise errors of their own, which
change with their versions; they are told apart by the names of their types, so that none of them need be there.
"""

from __future__ import annotations

import errno
import socket
from urllib.parse import urlsplit
from urllib.request import getproxies

from attentif.language import text

FULL = text(
    "free some space, or set HF_HOME to a larger disk",
    "libérez de la place, ou mettez HF_HOME sur un disque plus grand",
)

_ABSENT = {"RepositoryNotFoundError", "DatasetNotFoundError", "RevisionNotFoundError", "HFValidationError"}
_CUT = {"RemoteProtocolError", "ChunkedEncodingError", "IncompleteRead", "ContentLengthError"}
_NETWORK = {
    "ConnectionError",
    "FileMetadataError",  # something else than the hub answered: a portal, a proxy
    "HTTPError",
    "LocalEntryNotFoundError",
    "OfflineModeIsEnabled",
    "TimeoutError",
    "TransportError",
    "gaierror",
    "NewConnectionError",
}


def causes(error: BaseException) -> list[BaseException]:
    """An error and what it came from, the nearest first."""
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return chain


def type_names(error: BaseException) -> set[str]:
    """The names of the types of an error and of what it came from, with those that they derive from."""
    return {base.__name__ for link in causes(error) for base in type(link).__mro__}


def failure(error: BaseException) -> str:
    """What kind of failure an error tells of.

    Returns:
        "gated": access must be asked for; "absent": no such thing, or a private one; "refused": this account may not;
        "busy": too many requests; "down": the hub itself fails; "full": no space on the disk; "timeout": no answer in
        time; "cut": the transfer ended too early; "network": no connection; "" for anything else.

    >>> failure(TimeoutError()), failure(ConnectionRefusedError()), failure(OSError(errno.ENOSPC, "full")), failure(KeyError())
    ('timeout', 'network', 'full', '')
    """
    chain, types = causes(error), type_names(error)
    said = " ".join(str(link) for link in chain)
    statuses = [getattr(getattr(link, "response", None), "status_code", None) for link in chain]
    status = next((code for code in statuses if isinstance(code, int)), 0)
    if "GatedRepoError" in types or "is a gated" in said:
        return "gated"
    if types & _ABSENT:
        return "absent"
    if any(isinstance(link, OSError) and link.errno == errno.ENOSPC for link in chain):
        return "full"
    if status in (401, 403):
        return "refused"
    if status == 429:
        return "busy"
    if status >= 500:
        return "down"
    if types & _CUT or "Consistency check failed" in said:
        return "cut"
    # urllib3 counts a refused connection among those that took too long.
    if any("Timeout" in name for name in types) and not types & {
        "NewConnectionError",
        "ConnectionRefusedError",
    }:
        return "timeout"
    if types & _NETWORK or "LocalEntryNotFoundError" in said:
        return "network"
    return ""


def resolved(address: str) -> bool:
    """Whether the network knows the host of an address; a proxy may know it where we do not."""
    if getproxies():
        return True
    try:
        socket.getaddrinfo(urlsplit(address).hostname, None)
    except OSError:
        return False
    return True


def no_way_to(address: str, seconds: float) -> OSError | None:
    """Why the host of an address cannot be reached, None if it can: asked at once, where the libraries try for long.

    Args:
        address: a URL.
        seconds: how long a connection may take.
    """
    if getproxies():
        return None
    parts = urlsplit(address)
    place = parts.hostname or "", parts.port or (80 if parts.scheme == "http" else 443)
    try:
        socket.create_connection(place, seconds).close()
    except OSError as error:
        return error
    return None


def one_line(error: BaseException) -> str:
    """What a library's error says, on one line; the name of its type where it says nothing."""
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__


def shortened(message: str, longest: int = 240) -> str:
    """A message that is no longer than this, for a library may quote a whole page.

    >>> shortened("gone", 3), shortened("gone", 4)
    ('gon…', 'gone')
    """
    return f"{message[:longest]}…" if len(message) > longest else message
