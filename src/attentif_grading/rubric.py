"""grading/rubric.toml: how the report's questions are marked, read and checked against the notebooks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from attentif.checks.text import LANGUAGES, Text
from attentif.errors import InputError
from attentif_grading.contracts import load_course
from attentif_grading.nearest import remedy_for
from attentif_grading.notebook_source import SourceCell, read_notebook_source
from attentif_grading.toml_table import Table

CRITERIA = ("right", "evidence", "clear")
N_LEVELS = 4


@dataclass(frozen=True)
class Pair:
    """What is said, and what goes with it: the example of a level, the answer to a claim.

    Args:
        said: in both languages.
        beside: in both languages; empty where a level has no example.
    """

    said: Text
    beside: Text


@dataclass(frozen=True)
class Criterion:
    """One criterion of one question.

    Args:
        name: in both languages.
        points: of its levels, the best first.
        levels: what earns them.
    """

    name: Text
    points: tuple[float, ...]
    levels: tuple[Pair, ...]


@dataclass(frozen=True)
class Question:
    """How one question is marked.

    Args:
        grade_id: of its cell.
        notebook: 1 or 2.
        title: in a few words.
        asked, answer: the notebooks' own texts, the question and the model answer.
        points: of its cell.
        reference: what the reference solution shows.
        criteria: in the order of `CRITERIA`.
        wrong: claims that are often made.
    """

    grade_id: str
    notebook: int
    title: Text
    asked: Text
    answer: Text
    points: float
    reference: tuple[Text, ...]
    criteria: tuple[Criterion, ...]
    wrong: tuple[Pair, ...]


def read_rubric(home: Path) -> list[Question]:
    """The questions of the notebooks that the course has, in their order.

    Raises:
        InputError: no such file; a manual question of the notebooks is missing, or one is not theirs; points that do
            not add up to the cell's; levels that do not go down to 0, or not as many in both languages.
    """
    file = Table.read(home / "grading" / "rubric.toml")
    cells = _manual_cells(home)
    for key in file.values:
        if key not in ("notebook", *cells):
            raise InputError(
                expected="manual questions of the notebooks in rubric.toml",
                got=repr(key),
                remedy=remedy_for(key, cells, "theirs"),
            )
    given = {notebook.number for notebook in load_course(home).notebooks}
    return [_question(file, grade_id, *cell) for grade_id, cell in cells.items() if cell[0] in given]


def _manual_cells(home: Path) -> dict[str, tuple[int, dict[str, tuple[SourceCell, SourceCell]]]]:
    """Grade id → (notebook, language → (question, model answer)): a question stands just before its answer."""
    found: dict[str, tuple[int, dict[str, tuple[SourceCell, SourceCell]]]] = {}
    for path in sorted((home / "notebooks" / "source").glob("notebook[0-9].py")):
        source = read_notebook_source(path, ())
        for language in LANGUAGES:
            for question, answer in pairwise(source.of(language)):
                if answer.manual:
                    found.setdefault(answer.manual, (int(path.stem[-1]), {}))[1][language] = question, answer
    return found


def _question(file: Table, grade_id: str, notebook: int, cells: dict) -> Question:
    table = file.table(grade_id).only("title", "reference", *CRITERIA, "wrong")
    criteria = tuple(_criterion(file, table, notebook, name) for name in CRITERIA)
    points = cells["fr"][1].points
    given = sum(criterion.points[0] for criterion in criteria)
    if given != points:
        raise InputError(
            expected=f"criteria of {grade_id} in rubric.toml worth the {points:g} points of its cell",
            got=f"{given:g}",
            remedy=f"change [notebook.{notebook}] there, or points=… in the notebook's source",
        )
    return Question(
        grade_id,
        notebook,
        table.in_languages("title"),
        {language: question.text for language, (question, _) in cells.items()},
        {language: answer.text for language, (_, answer) in cells.items()},
        points,
        tuple(_in_both(table.table("reference"))),
        criteria,
        tuple(_pairs(table.table("wrong"))),
    )


def _criterion(file: Table, question: Table, notebook: int, name: str) -> Criterion:
    about = file.table("notebook").table(str(notebook)).table(name).only("points", *LANGUAGES)
    points = tuple(
        about.take(
            "points", list, _falls_to_0, f"{N_LEVELS} points, each less than the one before, down to 0,"
        )
    )
    table = question.table(name)
    levels = tuple(_pairs(table))
    if len(levels) != N_LEVELS:
        raise InputError(
            expected=f"{N_LEVELS} levels in {table.place}",
            got=str(len(levels)),
            remedy="one for each of its points",
        )
    return Criterion(
        Table({k: about.values.get(k) for k in LANGUAGES}, about.place).in_languages(), points, levels
    )


def _falls_to_0(points: list) -> bool:
    are_numbers = all(isinstance(each, (int, float)) and not isinstance(each, bool) for each in points)
    if not are_numbers or len(points) != N_LEVELS or points[-1] != 0:
        return False
    return all(first > second for first, second in pairwise(points)) and all(
        each * 4 == int(each * 4) for each in points
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and _is_text(value[0]) and isinstance(value[1], str)


def _in_both(table: Table, fits: Callable[[Any], Any] = _is_text, what: str = "texts") -> list[Text]:
    """The items of the lists fr and en, together.

    Raises:
        InputError: a list is missing or empty, an item of another kind, or one language has more.
    """
    table.only(*LANGUAGES)
    lists = {
        language: table.take(
            language, list, lambda items: items and all(map(fits, items)), f"a list of {what}"
        )
        for language in LANGUAGES
    }
    counts = {language: len(items) for language, items in lists.items()}
    if len(set(counts.values())) > 1:
        raise InputError(
            expected=f"as much in both languages in {table.place}",
            got=", ".join(f"{count} in {language}" for language, count in counts.items()),
            remedy="write what is missing",
        )
    return [dict(zip(LANGUAGES, items, strict=True)) for items in zip(*lists.values(), strict=True)]


def _pairs(table: Table) -> list[Pair]:
    found = []
    for pair in _in_both(table, _is_pair, "pairs of texts"):
        said, beside = ({language: pair[language][n].strip() for language in LANGUAGES} for n in (0, 1))
        if bool(beside["fr"]) != bool(beside["en"]):
            raise InputError(
                expected=f"as much in both languages in {table.place}",
                got=f"an example in one only, {beside['fr'] or beside['en']!r}",
                remedy="write the other, or leave both out",
            )
        found.append(Pair(said, beside))
    return found
