"""What the checks made of every implementation, and the figures that tell whether they can be trusted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from attentif_grading.unfinished import MARK

# A mistake in its first version is always named: the fingerprints are its own. One that is written or composed
# otherwise may answer a little differently, and then no name is better than a wrong one.
NAMED_SHARE = 0.95
# A wrong name sends a student the wrong way, so one in fifty is the most; a right answer never gets any.
WRONG_NAME_SHARE = 0.02


@dataclass
class Row:
    """One implementation put to all checks of its exercise.

    Args:
        exercise, kind, name: whose code it is; see `Matrix.of` for the kinds.
        earned, maximum: points, of public and hidden checks together.
        named: mistakes that the checks named.
        passed, failed: checks, as public:NAME or hidden:NAME.
        faults: checks that raised an error of their own instead of judging.
        composed: what the implementation was composed with.
        true_names: mistakes that it has, of one outside the catalogue.
    """

    exercise: str
    kind: str
    name: str
    earned: float
    maximum: float
    named: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    composed: str = ""
    true_names: tuple[str, ...] = ()

    @property
    def caught(self) -> bool:
        """Whether it lost marks."""
        return self.earned < self.maximum

    @property
    def well_named(self) -> bool:
        """Whether the checks named the mistake, and no other."""
        return self.named == (self.name,)

    @property
    def wrong_names(self) -> tuple[str, ...]:
        """Of one outside the catalogue, the names given that are not true of it."""
        return tuple(name for name in self.named if name not in self.true_names)

    def __str__(self) -> str:
        composed = f" with {self.composed}" if self.composed else ""
        return f"{self.exercise}: {self.name} ({self.kind}{composed})"


@dataclass
class Matrix:
    """All rows, and what they say together."""

    rows: list[Row] = field(default_factory=list)
    vacuous: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def of(self, *kinds: str) -> list[Row]:
        """The rows of these kinds.

        reference, variant: right. misconception, again: a catalogued mistake, and its second version. outside: a
        mistake that no misconception describes. trivial: an answer that knows nothing. composed: a misconception put
        together with accepted variants, see `compositions`. composed_right: a reference or a variant, likewise.
        """
        return [row for row in self.rows if row.kind in kinds]

    def summary(self) -> dict[str, Any]:
        """The figures by their stable keys."""
        first, second, composed = (self.of(kind) for kind in ("misconception", "again", "composed"))
        references, variants, right = (self.of(kind) for kind in ("reference", "variant", "composed_right"))
        catalogued, outside = self.of("misconception", "again", "composed"), self.of("outside")
        return {
            "exercises": len(references),
            "misconceptions": len(first),
            "caught": sum(row.caught for row in first),
            "named": sum(row.well_named for row in first),
            "second_versions": len(second),
            "second_versions_caught": sum(row.caught for row in second),
            "second_versions_named": sum(row.well_named for row in second),
            "named_share_again": _share(row.well_named for row in second),
            "composed": len(composed),
            "composed_caught": sum(row.caught for row in composed),
            "composed_named": sum(row.well_named for row in composed),
            "named_share_composed": _share(row.well_named for row in composed),
            "outside": len(outside),
            "outside_caught": sum(row.caught for row in outside),
            "wrong_name_share": _share((bool(row.wrong_names) for row in outside), of_nothing=0.0),
            "variants": len(variants),
            "variants_full_marks": sum(not row.caught for row in variants),
            "composed_right": len(right),
            "composed_right_full_marks": sum(not row.caught for row in right),
            "references_full_marks": sum(not row.caught for row in references),
            "vacuous_checks": len(self.vacuous),
            "unfinished": self.unfinished,
            "not_caught": [str(row) for row in (*catalogued, *outside) if not row.caught],
            "not_named": [
                f"{row} named {', '.join(row.named) or 'nothing'}" for row in catalogued if not row.well_named
            ],
            "wrong_names": [
                f"{row} named {', '.join(row.wrong_names)}" for row in outside if row.wrong_names
            ],
            "variants_that_lose": [str(row) for row in (*variants, *right) if row.caught],
            "vacuous": self.vacuous,
            "faulty": [
                f"{row.exercise}: on {row.name} ({row.kind}), {said}"
                for row in self.rows
                for said in row.faults
                if MARK not in said  # a check that is not written is told once, as unfinished
            ],
            "seconds": round(self.seconds, 1),
        }

    @property
    def sound(self) -> bool:
        """Whether the graders can be trusted."""
        said = self.summary()
        return not (
            said["unfinished"]
            or said["not_caught"]
            or said["named"] < said["misconceptions"]
            or min(said["named_share_again"], said["named_share_composed"]) < NAMED_SHARE
            or said["wrong_name_share"] > WRONG_NAME_SHARE
            or said["variants_that_lose"]
            or said["vacuous"]
            or said["faulty"]
            or said["references_full_marks"] != said["exercises"]
        )


def _share(found: Iterable[bool], of_nothing: float = 1.0) -> float:
    """The share of True."""
    found = list(found)
    return sum(found) / len(found) if found else of_nothing


def vacuous_checks(exercise: str, rows: list[Row]) -> list[str]:
    """Checks that pay for a trivial answer, or that nothing wrong ever fails."""
    wrong = [row for row in rows if row.kind == "misconception"]
    trivial = [row for row in rows if row.kind == "trivial"]
    found = []
    for check in (*rows[0].passed, *rows[0].failed):
        paid = [row.name for row in trivial if check in row.passed]
        if paid:
            found.append(f"{exercise} {check}: passed by {', '.join(paid)}")
        elif not any(check in row.failed for row in wrong):
            found.append(f"{exercise} {check}: no misconception fails it")
    return found
