"""Plain text files: reading them, and cutting text into sentences, documents, training and validation."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from attentif.errors import InputError
from attentif.language import text as both

Data = TypeVar("Data")  # anything with a length and slices: str, list, array, tensor

_UTF16_OR_32_MARKS = (b"\xff\xfe", b"\xfe\xff")
_TEXT_CONTROLS = frozenset(b"\t\n\v\f\r\x1b")


def read_text(path: str | Path) -> str:
    """The text of any UTF-8 file; a byte order mark is dropped and line ends become "\\n".

    Raises InputError, in one line: missing or unreadable file, a folder, nothing but white space, binary
    data, another encoding (with the offset in bytes and the command that converts it).
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError(
            expected=both(f"a text file at {path}", f"un fichier de texte {path}"),
            got=both("no such file", "aucun fichier de ce nom"),
            remedy=both("check the path and the current folder", "vérifiez le chemin et le dossier courant"),
        ) from None
    except IsADirectoryError:
        raise InputError(
            expected=both(f"a text file at {path}", f"un fichier de texte {path}"),
            got=both("a folder", "un dossier"),
            remedy=both(
                f"name one file in it, or load the folder with hub:{path}",
                f"nommez un de ses fichiers, ou chargez le dossier par hub:{path}",
            ),
        ) from None
    except (OSError, ValueError) as error:  # ValueError: a path with a zero byte
        raise InputError(
            expected=both(f"a text file at {path}", f"un fichier de texte {path}"),
            got=getattr(error, "strerror", None) or str(error),
            remedy=both("check the path and its permissions", "vérifiez le chemin et les droits d'accès"),
        ) from None
    text = _decode(data, path).replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise InputError(
            expected=both(f"text in {path}", f"du texte dans {path}"),
            got=both(
                f"an empty file ({len(data)} bytes, nothing to read)",
                f"un fichier vide ({len(data)} octets, rien à lire)",
            ),
            remedy=both("give a file that contains text", "donnez un fichier qui contient du texte"),
        )
    return text


def _decode(data: bytes, path: Path) -> str:
    if data.startswith(_UTF16_OR_32_MARKS):
        raise InputError(
            expected=both(f"UTF-8 text in {path}", f"du texte en UTF-8 dans {path}"),
            got=both(
                "a byte order mark of UTF-16 or UTF-32", "la marque d'ordre des octets d'UTF-16 ou d'UTF-32"
            ),
            remedy=both(
                f"convert it: iconv -f UTF-16 -t UTF-8 {path} > new.txt",
                f"convertissez-le : iconv -f UTF-16 -t UTF-8 {path} > new.txt",
            ),
        )
    zero = data.find(b"\0")
    if zero >= 0:
        raise InputError(
            expected=both(f"UTF-8 text in {path}", f"du texte en UTF-8 dans {path}"),
            got=both(
                f"binary data (a zero byte at byte {zero})",
                f"des données binaires (un octet nul à l'octet {zero})",
            ),
            remedy=both(
                "extract the text first: archives, PDF, images and arrays are not read",
                "extrayez d'abord le texte : archives, PDF, images et tableaux ne sont pas lus",
            ),
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if _looks_binary(data):
            raise InputError(
                expected=both(f"UTF-8 text in {path}", f"du texte en UTF-8 dans {path}"),
                got=both("binary data", "des données binaires"),
                remedy=both(
                    "extract the text first: archives, PDF, images and arrays are not read",
                    "extrayez d'abord le texte : archives, PDF, images et tableaux ne sont pas lus",
                ),
            ) from None
        # The codec counts from after a byte order mark; the user's tools count from the start of the file.
        offset = error.start + (3 if data.startswith(b"\xef\xbb\xbf") else 0)
        line = data.count(b"\n", 0, offset) + 1
        raise InputError(
            expected=both(f"UTF-8 text in {path}", f"du texte en UTF-8 dans {path}"),
            got=both(
                f"byte 0x{data[offset]:02x} at byte {offset} (line {line}), which UTF-8 does not allow",
                f"l'octet 0x{data[offset]:02x} à l'octet {offset} (ligne {line}), que UTF-8 ne permet pas",
            ),
            remedy=both(
                f"convert it, for instance: iconv -f WINDOWS-1252 -t UTF-8 {path} > new.txt",
                f"convertissez-le, par exemple : iconv -f WINDOWS-1252 -t UTF-8 {path} > new.txt",
            ),
        ) from None


def _looks_binary(data: bytes) -> bool:
    start = data[:4096]
    controls = sum(byte < 32 and byte not in _TEXT_CONTROLS for byte in start)
    return controls > 0.02 * len(start)


def split_train_validation(data: Data, fraction: float = 0.9) -> tuple[Data, Data]:
    """The first `fraction` of a text, list, array or tensor for training, the rest for validation.

    No shuffling: neighbouring text would leak from one part into the other.

    >>> split_train_validation("abcdefghij")
    ('abcdefghi', 'j')
    """
    length = len(data)
    cut = int(length * fraction) if 0 < fraction < 1 else 0
    if not 0 < cut < length:
        raise InputError(
            expected=both(
                "something to train on and something to validate on", "de quoi entraîner et de quoi valider"
            ),
            got=both(
                f"length {length} cut at fraction {fraction}",
                f"une longueur de {length} coupée à la fraction {fraction}",
            ),
            remedy=both(
                "give more data or a fraction between 0 and 1",
                "donnez plus de données, ou une fraction entre 0 et 1",
            ),
        )
    return data[:cut], data[cut:]


def documents(text: str) -> list[list[str]]:
    """Documents of sentences: a line is a sentence, one blank line or more ends a document.

    >>> documents("Un.\\nDeux.\\n\\n\\n  Trois.  \\n")
    [['Un.', 'Deux.'], ['Trois.']]
    """
    found: list[list[str]] = [[]]
    for line in text.split("\n"):
        sentence = line.strip()
        if sentence:
            found[-1].append(sentence)
        elif found[-1]:
            found.append([])
    return [document for document in found if document]


def sentences(text: str) -> list[str]:
    """Every sentence (line that is not blank) of a text, in order.

    >>> sentences("Un.\\n\\nDeux.\\n")
    ['Un.', 'Deux.']
    """
    return [sentence for document in documents(text) for sentence in document]


def split_documents(
    documents: list[list[str]], fraction: float = 0.9
) -> tuple[list[list[str]], list[list[str]]]:
    """The first `fraction` of the sentences for training, the rest for validation, in their documents.

    A document is cut in two only where the limit falls inside it, so that one long document can be split too.

    >>> split_documents([["a", "b"], ["c", "d", "e"]], fraction=0.6)
    ([['a', 'b'], ['c']], [['d', 'e']])
    """
    numbered = [(index, sentence) for index, document in enumerate(documents) for sentence in document]
    return tuple(_regroup(part) for part in split_train_validation(numbered, fraction))


def _regroup(numbered: list[tuple[int, str]]) -> list[list[str]]:
    groups: dict[int, list[str]] = {}
    for index, sentence in numbered:
        groups.setdefault(index, []).append(sentence)
    return list(groups.values())
