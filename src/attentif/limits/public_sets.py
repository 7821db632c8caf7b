"""Readers of the public psycholinguistic sets NEG-136, ROLE-88 and CPRAG (Ettinger 2020), which are not shipped.

They are fetched by the user from https://github.com/aetting/lm-diagnostics.
"""

from __future__ import annotations

import csv
from pathlib import Path

from attentif.errors import InputError
from attentif.language import text
from attentif.limits.negation import NegationItem
from attentif.limits.roles import RoleItem


def read_neg136(path: str | Path) -> list[NegationItem]:
    """The items of NEG-136-SIMP.tsv or NEG-136-NAT.tsv, the gap before a full stop.

    In the first one, "(a|an)" is settled by each completion, as its authors do.

    Raises:
        InputError: a file that is missing or has other columns.
    """
    rows = _rows(path, "context_aff", "context_neg", "target_aff", "target_neg")
    return [
        NegationItem(
            _gap(row["context_aff"]),
            _gap(row["context_neg"]),
            row["target_aff"].strip(),
            row["target_neg"].strip(),
        )
        for row in rows
    ]


def read_role88(path: str | Path) -> list[RoleItem]:
    """The pairs of ROLE-88.tsv: each target in the context where people write it more often, and in the reversed one.

    Pairs of contexts are told by their number ("61-a" and "61-b"). One whose two cloze values are equal has no right
    side and is left out.

    Raises:
        InputError: a file that is missing, has other columns, or a context without its reversed one.
    """
    pairs: dict[str, list[dict[str, str]]] = {}
    for row in _rows(path, "item", "context", "target", "tgt_cloze"):
        pairs.setdefault(row["item"].rsplit("-", 1)[0], []).append(row)
    items = []
    for number, rows in pairs.items():
        if len(rows) != 2 or rows[0]["target"] != rows[1]["target"]:
            raise InputError(
                expected=text("two contexts of one target", "deux contextes pour une même cible"),
                got=text(f"{len(rows)} for item {number}", f"{len(rows)} pour l'item {number}"),
                remedy=text("fetch the file again", "téléchargez de nouveau le fichier"),
            )
        right, wrong = sorted(rows, key=lambda row: -float(row["tgt_cloze"]))
        if float(right["tgt_cloze"]) > float(wrong["tgt_cloze"]):
            items.append(
                RoleItem(
                    _gap(right["context"]),
                    right["target"].strip(),
                    reversed=_gap(wrong["context"]),
                    group=number,
                )
            )
    return items


def read_cprag(path: str | Path) -> list[RoleItem]:
    """The items of CPRAG-102.tsv: the expected completion against one of its category and one of another.

    Raises:
        InputError: a file that is missing or has other columns.
    """
    rows = _rows(path, "context_s1", "context_s2", "expected", "within_category", "between_category")
    return [
        RoleItem(
            _gap(f"{row['context_s1'].strip()} {row['context_s2'].strip()}"),
            row["expected"].strip(),
            others=(row["within_category"].strip(), row["between_category"].strip()),
        )
        for row in rows
    ]


def _gap(context: str) -> str:
    return f"{context.strip()} [MASK]."


def _rows(path: str | Path, *columns: str) -> list[dict[str, str]]:
    try:
        with Path(path).open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            rows, found = list(reader), reader.fieldnames or []
    except OSError as error:
        raise InputError(
            expected=text("a file of the public set", "un fichier du jeu public"),
            got=str(path),
            remedy=text(
                "fetch it from https://github.com/aetting/lm-diagnostics",
                "téléchargez-le depuis https://github.com/aetting/lm-diagnostics",
            ),
        ) from error
    missing = [column for column in columns if column not in found]
    if missing or not rows:
        raise InputError(
            expected=text(f"the columns {', '.join(columns)}", f"les colonnes {', '.join(columns)}"),
            got=text(f"no {', '.join(missing) or 'rows'}", f"sans {', '.join(missing) or 'lignes'}"),
            remedy=text("fetch the file again", "téléchargez de nouveau le fichier"),
        )
    return rows
