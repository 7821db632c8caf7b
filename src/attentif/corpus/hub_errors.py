"""What the libraries behind the hub raise, as one error of ours with a remedy."""

from __future__ import annotations

from attentif.errors import InputError
from attentif.hub_failures import FULL, causes, failure, one_line, shortened, type_names
from attentif.language import Said, Text, text

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
_NO_NETWORK = text(
    "check the connection, or use a text file or microcosm:fr, which need none",
    "vérifiez la connexion, ou prenez un fichier de texte ou microcosm:fr, qui s'en passent",
)
_SLOW = text(
    "try again in a few minutes, or use a text file or microcosm:fr, which need no network",
    "réessayez dans quelques minutes, ou prenez un fichier de texte ou microcosm:fr, qui se passent de réseau",
)
_CUT = text(
    "the download ended too early: run it again, it goes on or starts afresh",
    "le téléchargement s'est arrêté trop tôt : relancez-le, il reprendra ou recommencera",
)
_UNKNOWN = text(
    "check that the dataset is whole and readable, or try another",
    "vérifiez que l'ensemble est complet et lisible, ou essayez-en un autre",
)
_BY_KIND = {
    "full": FULL,
    "cut": _CUT,
    "timeout": _SLOW,
    "busy": _SLOW,
    "down": _SLOW,
    "network": _NO_NETWORK,
}


def explained(error: BaseException, name: str, where: Text) -> InputError:
    """The error of a library as one line with a remedy; what the library says stays in its own words.

    Args:
        error: as it was raised.
        name: of the dataset.
        where: which dataset, configuration and split were asked for.
    """
    chain, types, kind = causes(error), type_names(error), failure(error)
    telling = chain[1] if len(chain) > 1 and type(error).__name__ == "DatasetGenerationError" else error
    message = one_line(telling).split(" on the Hugging Face Hub either: ")[-1]
    shown: Said = shortened(message)
    if isinstance(error, StopIteration):
        shown, remedy = text("no row at all", "aucune ligne"), _EMPTY
    elif kind == "gated":
        remedy = text(
            f"ask for access at https://huggingface.co/datasets/{name}, then log in: hf auth login",
            f"demandez l'accès sur https://huggingface.co/datasets/{name}, puis connectez-vous : hf auth login",
        )
    elif "scripts are no longer supported" in message:
        remedy = _PROGRAM
    elif types & {"DataFilesNotFoundError", "EmptyDatasetError"}:
        remedy = _NO_FILES
    elif kind in ("absent", "refused"):
        remedy = _NO_DATASET
    elif "onfig" in message and isinstance(error, ValueError):
        remedy = text(
            f"name a configuration: hub:{name}:CONFIG", f"nommez une configuration : hub:{name}:CONFIG"
        )
    elif "split" in message and isinstance(error, (ValueError, KeyError)):
        remedy = text(
            f"name a split: hub:{name}:CONFIG:SPLIT", f"nommez une partie (split) : hub:{name}:CONFIG:SPLIT"
        )
    else:
        remedy = _BY_KIND.get(kind, _UNKNOWN)
    return InputError(expected=where, got=shown, remedy=remedy)
