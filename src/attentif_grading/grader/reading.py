"""A file that a student handed in, read as a notebook: whatever it is, cells come out of it or a clear reason."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from attentif.checks.text import Text, text
from attentif.errors import AttentifError

MAX_CELLS = 5000
MAX_SOURCE = 1_000_000
_CELLS_BEGIN = re.compile(r'"cells"\s*:\s*\[\s*')
_SURROGATES = re.compile("[\ud800-\udfff]")
_PYTHON_LINE = re.compile(r"^(?:def|class|import|from|async def)[ \t]+\w", re.MULTILINE)
_KINDS = {"code": "code", "markdown": "markdown", "heading": "markdown", "raw": "raw"}
_NAMED = (
    (b"%PDF", text("a PDF", "un PDF")),
    (
        b"PK\x03\x04",
        text("a zip archive or an office document", "une archive zip ou un document bureautique"),
    ),
    (b"\x1f\x8b", text("a compressed archive", "une archive compressée")),
    (b"\x89PNG", text("a picture", "une image")),
    (b"\xff\xd8\xff", text("a picture", "une image")),
    (b"<", text("a web page, a login page perhaps", "une page web, peut-être une page de connexion")),
)


class Unreadable(AttentifError):
    """A file from which no cell can be read.

    Args:
        reason: why, in both languages.
    """

    def __init__(self, reason: Text):
        self.reason = reason
        super().__init__(reason["en"])

    def __reduce__(self) -> tuple:
        return type(self), (self.reason,)


@dataclass(frozen=True)
class RawCell:
    """One cell as the student left it; every claim of its metadata is only a claim.

    Args:
        place: its place in the file, from 0.
        kind: code, markdown or raw.
        source: its text.
        cell_id, name, grade_id: Jupyter's, ours and nbgrader's identifiers, if it has any.
        outputs: of a code cell, as in the file.
        attachments: pictures of a text, as in the file.
    """

    place: int
    kind: str
    source: str
    cell_id: str | None = None
    name: str | None = None
    grade_id: str | None = None
    outputs: tuple[Any, ...] = field(default=(), repr=False)
    attachments: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class RawNotebook:
    """What a file says.

    Args:
        cells: in order.
        number, language, release: what its metadata claims, None where they claim nothing usable.
        remarks: what was wrong with the file, in both languages.
    """

    cells: tuple[RawCell, ...]
    number: int | None = None
    language: str | None = None
    release: str | None = None
    remarks: tuple[Text, ...] = ()


def read_notebook(content: bytes) -> RawNotebook:
    """The cells of a file, however damaged.

    A file that is cut off gives the cells before the cut; a Python file gives one code cell. Nothing is kept of the
    metadata but what tells which notebook and which cell it is: names and pictures of people are gone.

    Raises:
        Unreadable: no cell can be read, with the reason.
    """
    remarks: list[Text] = []
    if not content.strip(b" \t\r\n\0"):
        raise Unreadable(text("the file is empty", "le fichier est vide"))
    said = _decoded(content, remarks)
    try:
        found = json.loads(said, strict=False)
    except RecursionError:
        raise Unreadable(_NOT_A_NOTEBOOK) from None
    except ValueError:
        found = _not_json(content, said, remarks)
    cells = _cells_of(found)
    if len(cells) > MAX_CELLS:
        remarks.append(
            text(
                f"the notebook has {len(cells)} cells; the first {MAX_CELLS} were read",
                f"le carnet a {len(cells)} cellules ; les {MAX_CELLS} premières ont été lues",
            )
        )
    raw = [_cell(place, cell, remarks) for place, cell in enumerate(cells[:MAX_CELLS])]
    about = _mapping(_mapping(found.get("metadata")).get("attentif"))
    number, language, release = (about.get(key) for key in ("notebook", "language", "release"))
    return RawNotebook(
        cells=tuple(cell for cell in raw if cell is not None),
        number=number if type(number) is int else None,
        language=_short(language),
        release=_short(release),
        remarks=tuple(remarks),
    )


_NOT_A_NOTEBOOK = text(
    "the file is not a notebook: expected the JSON of a .ipynb file with cells",
    "le fichier n'est pas un carnet : le JSON d'un fichier .ipynb, avec des cellules, était attendu",
)


def _decoded(content: bytes, remarks: list[Text]) -> str:
    encoding = json.detect_encoding(content)
    try:
        said = content.decode(encoding)
    except UnicodeDecodeError:
        said = content.decode(encoding, "replace")
        remarks.append(
            text(
                "some characters of the file could not be read",
                "certains caractères du fichier n'ont pas pu être lus",
            )
        )
    return said.removeprefix("\ufeff")


def _not_json(content: bytes, said: str, remarks: list[Text]) -> dict[str, Any]:
    """What can be had of a file that is not JSON."""
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:16]
    for beginning, what in _NAMED:
        if start.startswith(beginning):
            raise Unreadable(
                text(
                    f"the file is not a notebook but {what['en']}",
                    f"le fichier n'est pas un carnet mais {what['fr']}",
                )
            )
    cells = _before_the_cut(said)
    if cells:
        remarks.append(
            text(
                f"the file is damaged or cut off; its first {len(cells)} cells were read",
                f"le fichier est abîmé ou tronqué ; ses {len(cells)} premières cellules ont été lues",
            )
        )
        return {"cells": cells}
    if not said.lstrip().startswith(("{", "[")) and "\0" not in said and _PYTHON_LINE.search(said):
        remarks.append(
            text(
                "a Python file was handed in instead of a notebook; it was read as one cell",
                "un fichier Python a été rendu au lieu d'un carnet ; il a été lu comme une seule cellule",
            )
        )
        return {"cells": [{"cell_type": "code", "source": said}]}
    raise Unreadable(_NOT_A_NOTEBOOK)


def _before_the_cut(said: str) -> list[Any]:
    begin = _CELLS_BEGIN.search(said)
    if begin is None:
        return []
    decoder, cells, place = json.JSONDecoder(strict=False), [], begin.end()
    while len(cells) <= MAX_CELLS:
        try:
            cell, place = decoder.raw_decode(said, place)
        except (ValueError, RecursionError):
            break
        cells.append(cell)
        separator = re.compile(r"\s*,\s*").match(said, place)
        if separator is None:
            break
        place = separator.end()
    return [cell for cell in cells if isinstance(cell, dict)]


def _cells_of(found: Any) -> list[Any]:
    """The list of cells, in the format of today or in that of before 2015."""
    if isinstance(found, dict):
        if isinstance(found.get("cells"), list):
            return found["cells"]
        if isinstance(found.get("worksheets"), list):
            sheets = [_mapping(sheet).get("cells") for sheet in found["worksheets"]]
            return [cell for sheet in sheets if isinstance(sheet, list) for cell in sheet]
    raise Unreadable(_NOT_A_NOTEBOOK)


def _cell(place: int, cell: Any, remarks: list[Text]) -> RawCell | None:
    if not isinstance(cell, dict):
        return None
    kind = _KINDS.get(cell.get("cell_type") if isinstance(cell.get("cell_type"), str) else "", "raw")
    source = _joined(cell["source"] if "source" in cell else cell.get("input"))
    if len(source) > MAX_SOURCE:
        remarks.append(
            text(
                f"cell {place + 1} is too long ({len(source)} characters) and was left out",
                f"la cellule {place + 1} est trop longue ({len(source)} caractères) et a été laissée de côté",
            )
        )
        return None
    metadata, outputs = _mapping(cell.get("metadata")), cell.get("outputs")
    return RawCell(
        place=place,
        kind=kind,
        source=_SURROGATES.sub("\ufffd", source),
        cell_id=_short(cell.get("id")) or _short(metadata.get("id")),  # the second is Colab's
        name=_short(_mapping(metadata.get("attentif")).get("name")),
        grade_id=_short(_mapping(metadata.get("nbgrader")).get("grade_id")),
        outputs=tuple(outputs) if isinstance(outputs, list) else (),
        attachments=_mapping(cell.get("attachments")),
    )


def _joined(source: Any) -> str:
    """A text that may be written as a list of lines."""
    if isinstance(source, str):
        return source
    if isinstance(source, list):
        return "".join(line for line in source if isinstance(line, str))
    return ""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _short(value: Any) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= 200 else None
