"""A class of hostile and of unlucky students: what each hands in, and the mark that an honest grader gives.

All of it is made here, from the built notebooks. `attentif-grading attack-suite` hands it in and compares.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from .adversary import Adversary
from .comparing import comparing
from .drafts import Handout
from .files import files
from .forging import forging
from .frames import frames
from .honest import honest
from .importing import importing
from .killing import killing
from .lending import lending
from .outside import outside
from .people import people
from .searching import searching
from .values import values

__all__ = ["FAMILIES", "Adversary", "adversarial_class"]

FAMILIES = {
    "forging": "forging the verdict",
    "comparing": "fooling the comparison",
    "reading": "reading the answers",
    "killing": "killing and exhausting",
    "files": "the file itself",
    "honest": "honest students who must not lose marks",
    "people": "attacks on people and reports",
}


def adversarial_class(home: Path, built: Path, out: Path | None = None) -> list[Adversary]:
    """Every submission, in the order of the families.

    Args:
        home: the course's repository.
        built: where `attentif-grading build` wrote.
        out: where they will be graded to, for those who know it.
    """
    handout = Handout(home, built, out or home / "graded")
    makers = (
        forging,
        frames,
        comparing,
        values,
        importing,
        searching,
        outside,
        lending,
        killing,
        files,
        honest,
        people,
    )
    made = [adversary for make in makers for adversary in make(handout)]
    twice = [name for name, count in Counter(each.student for each in made).items() if count > 1]
    if twice:
        raise ValueError(f"several adversaries of one name: {twice}")
    return made
