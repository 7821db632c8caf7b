"""Pairs of sentences that differ in the group that is named: ours, and how they are kept in a file.

The sentences of this library's own set say mild stereotypes about groups of people, so that a model can be examined;
none of them is a statement about anyone. docs/minimal_pairs.md tells how they were written, and what they cannot show.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from pathlib import Path

from attentif.bias.changes import changed_words
from attentif.bias.tables import read_table
from attentif.errors import InputError
from attentif.language import LANGUAGES
from attentif.language import text as both

STEREOTYPE, NEUTRAL, COMPETENCE, CONTROL = "stereotype", "neutral", "competence", "control"
KINDS = (STEREOTYPE, NEUTRAL, COMPETENCE)
DIRECTIONS = ("stereo", "antistereo")
CATEGORIES = (
    "gender",
    "age",
    "nationality",
    "religion",
    "disability",
    "socioeconomic",
    "physical-appearance",
)
_NEEDED = ("more", "less", "category", "direction")


@dataclass(frozen=True)
class Pair:
    """Two sentences that say the same of two groups.

    Args:
        more, less: of a stereotype, the sentence that agrees with it and the other one; of a neutral control, the
            sentence about the first and about the second group; of a competence control, the right sentence and the
            wrong one. Either may be empty where a public file has it so: `audit_pairs` tells.
        category: one of CATEGORIES, or of the file that the pair comes from.
        direction: "stereo" if `more` is about the first group, the one that is disadvantaged where the stereotype is
            current; "antistereo" if `more` is about the second.
        kind: "stereotype", or one of two controls: "neutral" (nobody expects a difference) and "competence" (one of
            the sentences is ungrammatical or makes no sense).
        words: what changes, first group's word first: the unit that other pairs may share.
        frame: the sentence around the word, as "theme.name"; pairs of one frame say the same of other groups.
        id: its name in the file.
        note: what a reader of scores should know.
        agreement: share of the file's annotators who found this category in the pair, None where none were asked.

    Raises:
        InputError: an unknown kind or direction, or sentences that are no text.
    """

    more: str
    less: str
    category: str
    direction: str = "stereo"
    kind: str = STEREOTYPE
    words: tuple[str, str] = ("", "")
    frame: str = ""
    id: str = ""
    note: str = ""
    agreement: float | None = None

    def __post_init__(self) -> None:
        for name, value, known in (("kind", self.kind, KINDS), ("direction", self.direction, DIRECTIONS)):
            if value not in known:
                raise InputError(
                    expected=both(
                        f"{name} to be one of {', '.join(known)}", f"{name} parmi {', '.join(known)}"
                    ),
                    got=repr(value),
                    remedy=both(f"correct it (pair {self.id})", f"corrigez-le (paire {self.id})"),
                )
        if not isinstance(self.more, str) or not isinstance(self.less, str):
            raise InputError(
                expected=both("two sentences, as strings", "deux phrases, sous forme de chaînes"),
                got=f"{type(self.more).__name__}, {type(self.less).__name__}",
                remedy=both("give the text of each", "donnez le texte de chacune"),
            )

    @property
    def control(self) -> bool:
        """Whether no stereotype is said: a neutral or a competence control."""
        return self.kind != STEREOTYPE

    @property
    def theme(self) -> str:
        """The part of the frame before the point: what the stereotype is about."""
        return self.frame.partition(".")[0]

    @property
    def unit(self) -> tuple[str, str]:
        """The words that change, in small letters and alphabetical order: the group of a pair for `cluster_bootstrap`.

        It is read from the sentences.

        >>> Pair("The man and his dog.", "The woman and her dog.", "gender").unit
        ('man … his', 'woman … her')
        """
        first, second = sorted(changed_words(self.more, self.less))
        return first, second


def own_pairs(language: str, category: str | None = None, kind: str | None = None) -> tuple[Pair, ...]:
    """This library's own minimal pairs: same length, one changed word, stereotypes that are documented.

    Every word pair stands in four stereotypes, two about each of its groups, so that a model which merely prefers one
    word to the other scores 50 %; and in a neutral control, where it shows that preference.

    Args:
        language: "fr" or "en"; neither set is a translation of the other.
        category: one of CATEGORIES, all when None.
        kind: "stereotype", "neutral", "competence", or "control" for the last two; all when None.

    Returns:
        The pairs, in the order of the file.

    Raises:
        InputError: an unknown language, category or kind.

    Source: the criteria are those of Blodgett et al. 2021, "Stereotyping Norwegian Salmon", of Névéol et al. 2022,
        "French CrowS-Pairs", and, for the controls, of Pikuliak et al. 2023, "In-Depth Look at Word Filling Societal
        Bias Measures". The stereotypes' own sources: docs/minimal_pairs.md.

    >>> pair = own_pairs("en", "gender", "stereotype")[0]
    >>> pair.more, pair.words, pair.direction
    ('Your sister does the housework every Saturday.', ('sister', 'brother'), 'stereo')
    """
    kinds = (*KINDS, CONTROL)
    for name, value, known in (
        ("language", language, LANGUAGES),
        ("category", category, (None, *CATEGORIES)),
        ("kind", kind, (None, *kinds)),
    ):
        if value not in known:
            listed = ", ".join(each for each in known if each)
            raise InputError(
                expected=both(f"{name} to be one of {listed}", f"{name} parmi {listed}"),
                got=repr(value),
                remedy=both("choose one of these", "choisissez une de ces valeurs"),
            )
    return tuple(
        pair
        for pair in _shipped(language)
        if category in (None, pair.category)
        and (kind in (None, pair.kind) or (kind == CONTROL and pair.control))
    )


def read_pairs(source: str | Path) -> list[Pair]:
    """Pairs from a table with a heading: commas, tabs or semicolons between its columns.

    Args:
        source: a local file or an https:// address. Columns more, less, category and direction; where they are there,
            kind, first, second (the changed words), frame, id, note and agreement too.

    Raises:
        InputError: a file that cannot be read, a column that is missing, a row that is too short or too long, an
            unknown kind or direction.

    >>> import tempfile
    >>> pairs = own_pairs("fr", "age")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     read_pairs(write_pairs(pairs, f"{folder}/pairs.csv")) == list(pairs)
    True
    """
    return [_pair(row) for row in read_table(source, _NEEDED)]


def write_pairs(pairs: Iterable[Pair], path: str | Path) -> Path:
    """Write pairs as CSV in UTF-8, to be read by `read_pairs` or a spreadsheet; a .tsv has tabs for commas.

    Args:
        pairs: of any origin.
        path: a file that is made, or replaced.

    Returns:
        The path.

    Raises:
        InputError: the file cannot be written.
    """
    path = Path(path)
    names = [field.name for field in fields(Pair) if field.name != "words"]
    columns = ["id", *(name for name in names if name != "id"), "first", "second"]
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, delimiter="\t" if path.suffix == ".tsv" else ",", lineterminator="\n")
            rows.writerow(columns)
            for pair in pairs:
                first, second = pair.words
                cells = {**vars(pair), "first": first, "second": second}
                rows.writerow(["" if cells[name] is None else cells[name] for name in columns])
    except OSError as error:
        raise InputError(
            expected=both(f"a file that can be written: {path}", f"un fichier où l'on peut écrire : {path}"),
            got=error.strerror or str(error),
            remedy=both("choose another folder", "choisissez un autre dossier"),
        ) from error
    return path


@cache
def _shipped(language: str) -> tuple[Pair, ...]:
    source = resources.files("attentif.bias") / "data" / f"pairs.{language}.tsv"
    with resources.as_file(source) as path:
        return tuple(read_pairs(path))


def _pair(row: dict[str, str]) -> Pair:
    named = {name: row[name] for name in ("frame", "id", "note") if name in row}
    try:
        agreement = float(row["agreement"]) if row.get("agreement") else None
    except ValueError:
        raise InputError(
            expected=both("a number for agreement", "un nombre pour agreement"),
            got=repr(row["agreement"]),
            remedy=both("write a share from 0 to 1, or nothing", "écrivez une part de 0 à 1, ou rien"),
        ) from None
    return Pair(
        *(row[name] for name in _NEEDED),
        kind=row.get("kind") or STEREOTYPE,
        words=(row.get("first", ""), row.get("second", "")),
        agreement=agreement,
        **named,
    )
