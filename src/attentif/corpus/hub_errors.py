"""What the libraries behind the hub raise, as one error of ours with a remedy."""

from __future__ import annotations

import errno

from attentif.errors import InputError
from attentif.language import Said, Text, text

_NETWORK_ERRORS = {"ConnectionError", "TimeoutError", "HTTPError", "TransportError"}
_EMPTY = text(
    "check that the file or split is not empty", "vérifiez que le fichier ou la partie n'est pas vide"
)
_PROGRAM = text(
    "choose a dataset (or a revision of it) that is stored as data files, not as a program",
    "choisissez un ensemble (ou une révision) enregistré en fichiers de données, et non en programme",
)
_NO_FILES = text(
    "choose a dataset that holds JSON, CSV, Parquet or text files",
    "choisissez un ensemble qui contient des fichiers JSON, CSV, Parquet ou de texte",
)
_NO_DATASET = text(
    "check the name at https://huggingface.co/datasets; a private one needs: hf auth login",
    "vérifiez le nom sur https://huggingface.co/datasets ; un ensemble privé demande : hf auth login",
)
_DISK_FULL = text(
    "free some space, or set HF_HOME to a larger disk",
    "libérez de la place, ou mettez HF_HOME sur un disque plus grand",
)
_NO_NETWORK = text(
    "check the connection, or use a text file or microcosm:fr, which need none",
    "vérifiez la connexion, ou prenez un fichier de texte ou microcosm:fr, qui s'en passent",
)
_UNKNOWN = text(
    "check that the dataset is whole and readable, or try another",
    "vérifiez que l'ensemble est complet et lisible, ou essayez-en un autre",
)


def explained(error: BaseException, name: str, where: Text) -> InputError:
    """The error of a library as one line with a remedy; what the library says stays in its own words.

    Args:
        error: as it was raised.
        name: of the dataset.
        where: which dataset, configuration and split were asked for.
    """
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    types = {base.__name__ for link in chain for base in type(link).__mro__}
    telling = chain[1] if len(chain) > 1 and type(error).__name__ == "DatasetGenerationError" else error
    message = " ".join(str(telling).split()).rstrip(".").split(" on the Hugging Face Hub either: ")[-1]
    shown: Said = f"{message[:240]}…" if len(message) > 240 else message or type(error).__name__
    if isinstance(error, StopIteration):
        shown, remedy = text("no row at all", "aucune ligne"), _EMPTY
    elif "gated" in message:
        remedy = text(
            f"ask for access at https://huggingface.co/datasets/{name}, then log in: hf auth login",
            f"demandez l'accès sur https://huggingface.co/datasets/{name}, puis connectez-vous : hf auth login",
        )
    elif "scripts are no longer supported" in message:
        remedy = _PROGRAM
    elif types & {"DataFilesNotFoundError", "EmptyDatasetError"}:
        remedy = _NO_FILES
    elif types & {"DatasetNotFoundError", "RepositoryNotFoundError", "HFValidationError"}:
        remedy = _NO_DATASET
    elif "onfig" in message and isinstance(error, ValueError):
        remedy = text(
            f"name a configuration: hub:{name}:CONFIG", f"nommez une configuration : hub:{name}:CONFIG"
        )
    elif "split" in message and isinstance(error, (ValueError, KeyError)):
        remedy = text(
            f"name a split: hub:{name}:CONFIG:SPLIT", f"nommez une partie (split) : hub:{name}:CONFIG:SPLIT"
        )
    elif any(isinstance(link, OSError) and link.errno == errno.ENOSPC for link in chain):
        remedy = _DISK_FULL
    elif types & _NETWORK_ERRORS or "LocalEntryNotFoundError" in message:
        remedy = _NO_NETWORK
    else:
        remedy = _UNKNOWN
    return InputError(expected=where, got=shown, remedy=remedy)
