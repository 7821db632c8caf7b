"""The file itself: damaged, mislabelled, or no notebook at all."""

from __future__ import annotations

import copy
import io
import json
import tarfile
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from types import MappingProxyType

from .adversary import Adversary
from .drafts import Draft, Handout, code, name_of

FAMILY = "files"
# Cheap to judge, in both notebooks; the damage is to all cells of the file.
RIGHT = (
    *("causal_mask", "padding_mask", "sinusoidal_encoding", "warmup_cosine", "masked_lm_loss", "perplexity"),
    *("calibration", "cluster_bootstrap"),
)


def files(handout: Handout) -> list[Adversary]:
    """The submissions."""
    made = [_damaged(handout, *each) for each in _DAMAGES]
    made += [
        _unreadable(handout, student, number, what, content) for student, number, what, content in _UNREADABLE
    ]
    return [*made, *_archives(handout), _lone(handout), _duplicate_keys(handout), _nested(handout)]


def _damaged(
    handout: Handout, student: str, number: int, what: str, damage: Callable[[Draft], None]
) -> Adversary:
    language = handout.next_language()
    written, honest = {}, {name: handout.points[name] for name in RIGHT}
    for which in handout.exercises:
        draft = handout.draft(which, language, [name for name in RIGHT if handout.number_of(name) == which])
        damage(draft)
        written[f"{student}/{draft.name}.ipynb"] = draft.file()
    return Adversary(student, FAMILY, number, what, language, written, RIGHT, honest)


def _unreadable(handout: Handout, student: str, number: int, what: str, content: bytes) -> Adversary:
    """The first notebook cannot be read; the second is as it should be."""
    language = handout.next_language()
    second = handout.draft(2, language, ["calibration"])
    first = handout.names[1, language]
    written = {f"{student}/{first}.ipynb": content, f"{student}/{second.name}.ipynb": second.file()}
    honest = {"calibration": handout.points["calibration"]}
    attacked = tuple(name for name in RIGHT if handout.number_of(name) == 1)
    return Adversary(student, FAMILY, number, what, language, written, attacked, honest)


def _metadata_lost(draft: Draft) -> None:
    draft.notebook["metadata"] = {}
    for each in draft.cells:
        each["metadata"] = {}
        each.pop("id", None)


def _grade_ids_changed(draft: Draft) -> None:
    for place, each in enumerate(draft.answers()):
        each["metadata"]["nbgrader"]["grade_id"] = f"cell-{place}"
        each["metadata"]["attentif"] = {}


def _swapped(draft: Draft) -> None:
    """Each answer carries the labels of the next one."""
    cells = draft.answers()
    labels = [(each["metadata"], each["id"]) for each in cells]
    for each, (metadata, number) in zip(cells, labels[1:] + labels[:1], strict=True):
        each["metadata"], each["id"] = metadata, number


def _flags(draft: Draft) -> None:
    for each in draft.cells:
        about = each["metadata"].get("nbgrader")
        if about:
            about |= {"points": 400, "schema_version": 1, "solution": not about["solution"], "locked": False}


def _as_text(draft: Draft) -> None:
    for place, each in enumerate(draft.answers()):
        each["cell_type"] = ("raw", "markdown")[place % 2]
        for name in ("outputs", "execution_count"):
            del each[name]


def _merged(draft: Draft) -> None:
    cells = draft.answers()
    cells[0]["source"] = "\n\n".join(each["source"] for each in cells)
    draft.notebook["cells"] = [each for each in draft.cells if not any(each is c for c in cells[1:])]


def _split(draft: Draft) -> None:
    for each in draft.answers():
        place = draft.cells.index(each)
        draft.cells.insert(place, code("import torch", metadata=copy.deepcopy(each["metadata"])))


def _reversed(draft: Draft) -> None:
    draft.cells.reverse()


def _copied(draft: Draft) -> None:
    draft.notebook["cells"] = [copy.deepcopy(each) for each in draft.cells for _ in range(2)]


def _wrong_first(draft: Draft) -> None:
    """Two definitions: the wrong one above, the right one below. The last counts."""
    for each in draft.answers():
        name = name_of(each)
        if name in RIGHT:
            draft.cells.insert(draft.cells.index(each), code(f"def {name}(*a, **k):\n    return 0\n"))


def _new_cell(draft: Draft) -> None:
    for each in draft.answers():
        if name_of(each) in RIGHT:
            draft.append(each["source"])
            each["source"] = "# my answer is below"


def _no_checks(draft: Draft) -> None:
    draft.notebook["cells"] = [each for each in draft.cells if not each["source"].startswith("check(")]


def _setup_deleted(draft: Draft) -> None:
    draft.cells.remove(draft.cell("setup"))


def _setup_broken(draft: Draft) -> None:
    draft.cell("setup")["source"] = "import numpy as np\nimport torch as T\n1 / 0"


def _minor_zero(draft: Draft) -> None:
    draft.notebook["nbformat_minor"] = 0
    state = {"model_name": "HBoxModel"}
    draft.notebook["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"a": state}}
    draft.notebook["metadata"]["colab"] = {"name": "Copie de devoir.ipynb", "provenance": []}
    for each in draft.cells:
        each["metadata"]["id"] = "same"


def _pictures(draft: Draft) -> None:
    for each in draft.answers()[:4]:
        data = {"image/png": "iVBORw0KGgo" + "A" * 2**21, "text/plain": "<Figure>"}
        each["outputs"] = [{"output_type": "display_data", "data": data, "metadata": {}}]


def _every_source(change: Callable[[str], str]) -> Callable[[Draft], None]:
    def damage(draft: Draft) -> None:
        for each in draft.answers():
            each["source"] = change(each["source"])

    return damage


def _wide_spaces(source: str) -> str:
    head, doc, rest = source.split('"""', 2)
    return f'{head}"""{doc}"""' + rest.replace("    ", "\u00a0\u00a0\u202f ").replace(" = ", "\u00a0=\u200b ")


def _tabs(source: str) -> str:
    head, doc, rest = source.split('"""', 2)
    return f'{head}"""{doc}"""' + rest.replace("\n    ", "\n\t")


def _types_odd(draft: Draft) -> None:
    for each in draft.answers():
        each["source"] = each["source"].splitlines(keepends=True)
        each["outputs"] = {"no": "list"}
    draft.notebook["nbformat_minor"] = "5"
    draft.cells.insert(0, {"cell_type": "poem", "source": None, "metadata": []})
    draft.cells.insert(0, {"source": 3})


_DAMAGES = (
    ("metadata-lost", 53, "all metadata are lost", _metadata_lost),
    ("grade-ids-changed", 53, "the grade ids are renamed", _grade_ids_changed),
    ("labels-swapped", 53, "each answer carries the labels of another", _swapped),
    ("flags-flipped", 53, "flags flipped, 400 points a cell", _flags),
    ("code-as-text", 53, "the answers are Markdown and raw cells", _as_text),
    ("cells-merged", 53, "all answers in one cell", _merged),
    ("cells-split", 53, "cells split, their labels copied", _split),
    ("cells-reversed", 53, "the notebook upside down", _reversed),
    ("cells-copied", 53, "every cell twice", _copied),
    ("defined-twice", 54, "two definitions, the wrong one above", _wrong_first),
    ("answers-below", 55, "the answers in new cells at the end", _new_cell),
    ("checks-deleted", 53, "the cells of checks are deleted", _no_checks),
    ("setup-deleted", 55, "the set-up cell is deleted", _setup_deleted),
    ("setup-broken", 55, "the set-up cell is broken", _setup_broken),
    ("colab-metadata", 58, "Colab's metadata, widgets without state, ids twice", _minor_zero),
    ("pictures-large", 58, "megabytes of pictures", _pictures),
    ("crlf", 63, "line ends of Windows", _every_source(lambda source: source.replace("\n", "\r\n"))),
    (
        "decomposed",
        63,
        "decomposed accents",
        _every_source(lambda source: unicodedata.normalize("NFD", source)),
    ),
    ("spaces-wide", 63, "non-breaking spaces in the code", _every_source(_wide_spaces)),
    ("tabs", 63, "tabs in the code", _every_source(_tabs)),
    ("types-odd", 51, "fields of wrong types, cells of unknown kinds", _types_odd),
)
_UNREADABLE = (
    ("file-empty", 51, "an empty file", b""),
    ("file-html", 51, "the page of a login", b"<!DOCTYPE html><html><title>Connexion</title><form>"),
    ("file-pdf", 51, "a PDF by the name of a notebook", b"%PDF-1.7\n" + bytes(range(256)) * 40),
    ("file-cut", 51, "a notebook cut off", b'{"cells": [{"cell_type": "code", "source": ["def causal_mask('),
    ("file-bomb", 51, "lists in lists, 10**5 deep", b"[" * 10**5),
    (
        "file-numbers",
        51,
        "an integer of a million digits",
        b'{"cells": [], "nbformat": 4' + b"0" * 10**6 + b"}",
    ),
    ("file-zeros", 51, "five megabytes of zeros", bytes(5 * 2**20)),
)


def _utf(handout: Handout, encoding: str) -> tuple[str, Mapping[str, bytes]]:
    language = handout.next_language()
    found = {}
    for which in handout.exercises:
        draft = handout.draft(which, language, [name for name in RIGHT if handout.number_of(name) == which])
        found[draft.name] = json.dumps(draft.notebook, ensure_ascii=False).encode(encoding)
    return language, MappingProxyType(found)


def _archives(handout: Handout) -> list[Adversary]:
    """Encodings and archives: the honest notebook in them counts, what else they hold changes nothing."""
    honest = {name: handout.points[name] for name in RIGHT}
    made = []
    for student, encoding in (("utf-16", "utf-16"), ("byte-order-mark", "utf-8-sig")):
        language, found = _utf(handout, encoding)
        written = {f"{student}/{name}.ipynb": content for name, content in found.items()}
        made.append(Adversary(student, FAMILY, 51, f"in {encoding}", language, written, RIGHT, honest))
    language, found = _utf(handout, "utf-8")
    written = {"zip-slip/devoir.zip": _zip(found, handout)}
    made.append(
        Adversary(
            "zip-slip", FAMILY, 52, "a zip with paths that lead out of it", language, written, RIGHT, honest
        )
    )
    language, found = _utf(handout, "utf-8")
    written = {"tar-links/devoir.tar.gz": _tar(found, handout)}
    made.append(
        Adversary(
            "tar-links", FAMILY, 52, "a tar with links to the gradebook", language, written, RIGHT, honest
        )
    )
    language, found = _utf(handout, "utf-8")
    written = {f"zip-bomb/{name}.ipynb": content for name, content in found.items()} | {
        "zip-bomb/bomb.zip": _bomb()
    }
    made.append(
        Adversary("zip-bomb", FAMILY, 52, "a zip bomb beside the notebooks", language, written, RIGHT, honest)
    )
    return made


def _zip(found: Mapping[str, bytes], handout: Handout) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in found.items():
            archive.writestr(f"{name}.ipynb", content)
        for path in (
            "../../../escaped.ipynb",
            "/escaped.ipynb",
            f"{handout.out}/gradebook.db",
            "..\\..\\escaped.py",
        ):
            archive.writestr(path, b"escaped")
        archive.writestr("README.TXT", b"upper")
        archive.writestr("readme.txt", b"lower")
    return stream.getvalue()


def _tar(found: Mapping[str, bytes], handout: Handout) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, content in found.items():
            entry = tarfile.TarInfo(f"{name}.ipynb")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        for name, target in (("link.ipynb", f"{handout.out}/gradebook.db"), ("passwd.ipynb", "/etc/passwd")):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            archive.addfile(entry)
        device = tarfile.TarInfo("device.ipynb")
        device.type = tarfile.CHRTYPE
        archive.addfile(device)
    return stream.getvalue()


def _bomb() -> bytes:
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("bomb.ipynb", "w", force_zip64=True) as file,
    ):
        for _ in range(200):
            file.write(bytes(2**20))
    return stream.getvalue()


def _lone(handout: Handout) -> Adversary:
    """Names that no file system likes."""
    language, found = _utf(handout, "utf-8")
    written = {f"nom-étrange/{name} (1).ipynb": content for name, content in found.items()}
    written |= {
        "nom-étrange/=cmd|calc.txt": b"x",
        "nom-étrange/.DS_Store": b"x",
        "nom-étrange/a\nb.ipynb": b"{}",
    }
    honest = {name: handout.points[name] for name in RIGHT}
    return Adversary(
        "nom-étrange",
        FAMILY,
        52,
        "names with accents, newlines and formulas",
        language,
        written,
        RIGHT,
        honest,
    )


def _duplicate_keys(handout: Handout) -> Adversary:
    language, found = _utf(handout, "utf-8")
    written = {
        f"keys-twice/{name}.ipynb": b'{"cells": [], "metadata": {}, ' + content[1:]
        for name, content in found.items()
    }
    honest = {name: handout.points[name] for name in RIGHT}
    return Adversary("keys-twice", FAMILY, 51, "keys that stand twice", language, written, RIGHT, honest)


def _nested(handout: Handout) -> Adversary:
    language, found = _utf(handout, "utf-8")
    deep = b'"deep": ' + b"[" * 500 + b"]" * 500 + b", "
    written = {f"metadata-deep/{name}.ipynb": b"{" + deep + content[1:] for name, content in found.items()}
    honest = {name: handout.points[name] for name in RIGHT}
    return Adversary(
        "metadata-deep", FAMILY, 51, "lists in lists beside the cells", language, written, RIGHT, honest
    )
