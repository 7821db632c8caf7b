"""What was said of the files when they were handed in, kept for commands that start from the graded class itself."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

from attentif.errors import InputError
from attentif_grading.grader.collect import Collected, Handed, SetAside

FILE = "handed_in.json"


def record(collected: Collected) -> str:
    """The students with their names and remarks, and the files set aside, as JSON."""
    students = [
        {"student": each.student, "shown": each.shown, "remarks": list(each.remarks)}
        for each in collected.students
    ]
    said = {"students": students, "set_aside": [asdict(each) for each in collected.set_aside]}
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"


def with_earlier(collected: Collected, out: Path) -> Collected:
    """What was handed in now, and the students of earlier runs into the same folder, whose marks stay there."""
    try:
        students = json.loads((out / FILE).read_text(encoding="utf-8"))["students"]
        earlier = [Handed(each["student"], each["shown"], (), tuple(each["remarks"])) for each in students]
    except (OSError, ValueError, KeyError, TypeError):
        return collected
    now = {each.student for each in collected.students}
    others = (each for each in earlier if each.student not in now)
    return replace(
        collected, students=tuple(sorted((*collected.students, *others), key=lambda each: each.student))
    )


def with_record(collected: Collected, out: Path) -> Collected:
    """A class collected from its graded copy, with what was said of it when it was handed in.

    Args:
        collected: the notebooks that are kept in `out`.
        out: the folder of the graded class.

    Raises:
        InputError: the record is missing or damaged.
    """
    found = {each.student: each for each in collected.students}
    try:
        said = json.loads((out / FILE).read_text(encoding="utf-8"))
        students = tuple(
            replace(
                found.get(each["student"], Handed(each["student"], each["shown"], ())),
                shown=each["shown"],
                remarks=tuple(each["remarks"]),
            )
            for each in said["students"]
        )
        return Collected(students, tuple(SetAside(**each) for each in said["set_aside"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            expected=f"the list of what was handed in in {out / FILE}",
            got=f"none that can be read ({type(error).__name__})",
            remedy="give the `attentif-grading grade` command of this class again: it writes the list",
        ) from error
