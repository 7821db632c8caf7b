"""Tables with a heading, from a local file or an address, and what can be wrong with them."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from attentif.checkpoint import write_atomically
from attentif.corpus.text import read_text
from attentif.errors import InputError
from attentif.hub_failures import one_line, shortened
from attentif.language import text as both

TIMEOUT_SECONDS = 30
_DELIMITERS = (",", "\t", ";")
_HUB = re.compile(r"hf://datasets/(?P<name>[^/]+/[^/]+)/(?P<file>.+)")


def local_copy(source: str | Path) -> Path:
    """The file itself, or a copy of what is at an address, kept so that it is fetched once.

    Copies are in attentif/ of XDG_CACHE_HOME (~/.cache where it is not set); those of the hub in the hub's own cache.

    Args:
        source: a path; or an address that begins with https:// or http://; or "hf://datasets/OWNER/NAME/FILE", a file of a
            data set of the Hugging Face hub, which needs the package `huggingface_hub` (`datasets` brings it).

    Raises:
        InputError: the address gives no file.
    """
    address = str(source)
    if not re.match(r"https?://|hf://", address):
        return Path(source).expanduser()
    try:
        if found := _HUB.fullmatch(address):
            from huggingface_hub import hf_hub_download

            return Path(hf_hub_download(found["name"], found["file"], repo_type="dataset"))
        folder = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "attentif"
        copy = (
            folder
            / f"{hashlib.sha256(address.encode()).hexdigest()[:16]}-{Path(urlsplit(address).path).name}"
        )
        if not copy.is_file():
            with urllib.request.urlopen(address, timeout=TIMEOUT_SECONDS) as answer:
                data = answer.read()
            write_atomically(copy, lambda target: target.write_bytes(data))
        return copy
    except Exception as error:  # urllib and huggingface_hub each raise their own
        raise InputError(
            expected=both(f"a file at {address}", f"un fichier à l'adresse {address}"),
            got=shortened(one_line(error)),
            remedy=both(
                "check the address and the connection, or give a file that you have fetched",
                "vérifiez l'adresse et la connexion, ou donnez un fichier déjà téléchargé",
            ),
        ) from error


def read_table(source: str | Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """The rows of a table as dictionaries; commas, tabs or semicolons are told apart by its heading.

    Args:
        source: a local file or an address, in UTF-8.
        columns: those that must be there; others come along.

    Returns:
        One dictionary a row, column → text, at least one.

    Raises:
        InputError: no such file, another encoding, an empty one, a column that is missing or there twice, no row, or a
            row of another length than the heading.
    """
    text = read_text(local_copy(source))
    name = Path(str(source)).name
    heading = next(line for line in text.splitlines() if line.strip())
    delimiter = max(_DELIMITERS, key=lambda mark: len(set(columns) & set(_cells(heading, mark))))
    rows = csv.reader(io.StringIO(text.lstrip("\n"), newline=""), delimiter=delimiter)
    try:
        names = [cell.strip() for cell in next(rows)]
        _check_heading(name, names, columns)
        found = []
        for cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(names):
                raise InputError(
                    expected=both(
                        f"{len(names)} cells in each row of {name}, as in its heading",
                        f"{len(names)} cases par ligne dans {name}, comme dans son en-tête",
                    ),
                    got=both(
                        f"{len(cells)} near line {rows.line_num}",
                        f"{len(cells)} vers la ligne {rows.line_num}",
                    ),
                    remedy=both(
                        "put quotes around a text that holds a separator, and close them",
                        "mettez entre guillemets un texte qui contient un séparateur, et fermez-les",
                    ),
                )
            found.append(dict(zip(names, cells, strict=True)))
    except csv.Error as error:
        raise InputError(
            expected=both(f"a table in {name}", f"un tableau dans {name}"),
            got=f"{error} (line {rows.line_num})",
            remedy=both("export it again as CSV in UTF-8", "exportez-le de nouveau en CSV, en UTF-8"),
        ) from error
    if not found:
        raise InputError(
            expected=both(f"rows under the heading of {name}", f"des lignes sous l'en-tête de {name}"),
            got=both("none", "aucune"),
            remedy=both("fetch the file again", "téléchargez de nouveau le fichier"),
        )
    return found


def _cells(line: str, delimiter: str) -> list[str]:
    return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter))]


def _check_heading(name: str, names: list[str], columns: Sequence[str]) -> None:
    missing = [column for column in columns if names.count(column) != 1]
    if missing:
        shown = ", ".join(names)
        raise InputError(
            expected=both(
                f"the column {', '.join(missing)} once in {name}",
                f"une colonne {', '.join(missing)} dans {name}",
            ),
            got=shown if len(shown) <= 200 else f"{shown[:200]}…",
            remedy=both(
                "give the file as it was published, with its heading",
                "donnez le fichier tel que publié, avec son en-tête",
            ),
        )
