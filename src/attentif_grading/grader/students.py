"""Whose a file is, by the folders and names that nbgrader, Moodle, Drive and people use; identifiers that are safe."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable

from attentif.submission import ENDING

MAX_IDENTIFIER = 64
# A folder of one student, or the beginning of a file's name; the name may hold the separator itself.
_MOODLE = re.compile(
    r"(?P<name>.+)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)(?:_(?P<file>.*))?", re.DOTALL
)
_COPY = re.compile(
    r"(?:^(?:copie de|copy of) )|(?:[ _-]*\(\d+\)|[ _-]+(?:copy|copie)[ _-]*\d*)$", re.IGNORECASE
)
_ENDING = re.compile(r"\.(?:ipynb|txt|json|py|zip|tar|tgz|gz|bz2|tbz2|xz|txz|7z|rar|pdf)$", re.IGNORECASE)
_SOME_NOTEBOOK = re.compile(
    r"(?P<student>.*?)(?:^|[ _.\-]+)(?:notebook|carnet|nb|devoir|assignment|homework|hw|tp)[ _\-]?\d.*",
    re.IGNORECASE,
)
# What the notebook's last cell adds to its name.
_HANDED_IN = re.compile(rf"^(?:{'|'.join(ENDING.values())})(?![^\W_])", re.IGNORECASE)
_COLLECTIONS = {"submitted", "submissions", "submission", "rendus", "rendu", "copies", "devoirs"}
_SEPARATORS = " _-.–—"


class Layout:
    """How the files of one folder or archive lie, learnt from all of them.

    Args:
        places: of each file: the folder or archive that was given, the folders in it, the file's name.
        assignments: names of nbgrader's assignments.
        files: names of the notebooks that were handed out, without .ipynb.
    """

    def __init__(
        self, places: Iterable[tuple[str, ...]], assignments: Collection[str], files: Collection[str]
    ):
        places = list(places)
        self._assignments, self._files = assignments, files
        self._depth = _common_depth(places, assignments, files)
        rests = [rest_of_name(parts[-1], files) for parts in places if len(parts) == self._depth + 2]
        # One student's folder holds notebooks under their own names; then its other files are theirs too.
        self._one_student = any(known and not rest for rest, known in rests) and not any(
            known and rest for rest, known in rests
        )

    def flat(self, parts: tuple[str, ...]) -> bool:
        """Whether a file stands beside the students' folders, or where all students' files stand."""
        return len(parts) <= self._depth + 2

    def student(self, parts: tuple[str, ...]) -> str:
        """The student of a file, as the name is written there."""
        for part in parts:
            if match := _MOODLE.fullmatch(part):
                return f"{match['name']}_{match['id']}"
        if len(parts) >= 3 and parts[-2] in self._assignments:
            return parts[-3]
        if len(parts) > self._depth + 2:
            return parts[self._depth + 1]
        rest, _ = rest_of_name(parts[-1], self._files)
        folder = parts[min(self._depth, len(parts) - 1)]
        return folder if self._one_student or not rest else rest


def rest_of_name(name: str, files: Collection[str]) -> tuple[str, bool]:
    """What a file's name says beside the notebook's, and whether it holds the name of one that was handed out.

    >>> rest_of_name("Zoé Martin-notebook1_bert (2).ipynb", ["notebook1_bert"])
    ('Zoé Martin', True)
    >>> rest_of_name("zoe.ipynb", ["notebook1_bert"])
    ('zoe', False)
    >>> rest_of_name("zoe_notebook1_bert_rendu.ipynb", ["notebook1_bert"])
    ('zoe', True)
    """
    stem = stem_of(name)
    for file in sorted(files, key=len, reverse=True):
        before, found, after = _partition(stem, file)
        if found:
            after = _HANDED_IN.sub("", after)
            return " ".join(
                part for part in (before.strip(_SEPARATORS), after.strip(_SEPARATORS)) if part
            ), True
    match = _SOME_NOTEBOOK.fullmatch(stem)
    return (match["student"].strip(_SEPARATORS), False) if match else (stem, False)


def stem_of(name: str) -> str:
    """A file's name without its endings and without what a browser or a drive adds to a copy's."""
    if match := _MOODLE.fullmatch(name):
        name = match["file"] or name
    while _ENDING.search(name):
        name = _ENDING.sub("", name)
    return _COPY.sub("", _COPY.sub("", name)).strip()


def copy_number(name: str) -> int:
    """The number that a browser gave to a file of a name that was there already; 0 if it gave none.

    >>> copy_number("notebook1 (12).ipynb")
    12
    """
    numbers = re.findall(r"\((\d{1,6})\)", name)
    return int(numbers[-1]) if numbers else 0


def safe_identifiers(students: Iterable[str]) -> dict[str, str]:
    """Student as written → identifier for folders, databases and web addresses, different for each.

    Letters of any script, digits, `-`, `_` and `.` stay. Names that would become the same, also where upper and lower
    case are, get a few digits made from the name.
    """
    cleaned = {student: _cleaned(student) for student in students}
    times = Counter(identifier.casefold() for identifier in cleaned.values())
    return {
        student: identifier
        if times[identifier.casefold()] == 1
        else f"{identifier[: MAX_IDENTIFIER - 9]}-{hashlib.sha256(student.encode()).hexdigest()[:8]}"
        for student, identifier in cleaned.items()
    }


def _cleaned(student: str) -> str:
    composed = unicodedata.normalize("NFC", student)
    kept = "".join(c if c.isalnum() or c in "-_." else "_" for c in composed)
    kept = re.sub(r"_{2,}", "_", kept).strip("_.-")
    while len(kept.encode()) > 2 * MAX_IDENTIFIER or len(kept) > MAX_IDENTIFIER:
        kept = kept[:-1]
    return kept or f"student-{hashlib.sha256(composed.encode()).hexdigest()[:8]}"


def _partition(stem: str, file: str) -> tuple[str, bool, str]:
    match = re.search(re.escape(file), stem, re.IGNORECASE)
    return (stem[: match.start()], True, stem[match.end() :]) if match else (stem, False, "")


def _common_depth(places: list[tuple[str, ...]], assignments: Collection[str], files: Collection[str]) -> int:
    """How many folders stand around the whole class.

    A folder around all files does if the folders in it hold the same files, if the files in it name several students,
    or if it bears a name that says so.
    """
    depth = 0
    while True:
        inner = [parts[depth + 1 :] for parts in places]
        if not inner or any(len(parts) < 2 for parts in inner) or len({parts[0] for parts in inner}) > 1:
            return depth
        around = inner[0][0]
        in_folders = Counter(stem for _, stem in {(parts[1:-1], stem_of(parts[-1])) for parts in inner})
        told = (rest_of_name(parts[-1], files) for parts in inner)
        named = {rest for rest, known in told if known and rest} if len({p[:-1] for p in inner}) == 1 else ()
        class_like = around in assignments or around.casefold() in _COLLECTIONS
        class_like = class_like or len(named) > 1 or any(count > 1 for count in in_folders.values())
        if _MOODLE.fullmatch(around) or not class_like:
            return depth
        depth += 1
