"""Judging bootstrap intervals: exact fields exactly, the ends between bounds, never by one stream of draws.

Bounds come from the law of the resampled mean; where a right interval of that many resamples ends, chance moves it
outside them less than once in a million gradings. Nothing here computes them.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

from attentif.checks.calls import call_or
from attentif.checks.compare import require
from attentif.checks.fields import ABSOLUTE, RELATIVE, numbers_of, require_field
from attentif.checks.refusals import check_refused
from attentif.checks.student import Student
from attentif.checks.text import Text, text
from attentif.checks.values import Request
from attentif.checks.wording import numeral

FIELDS = ("estimate", "low", "high", "n_groups", "effective_size")
# (least, greatest) low, then (least, greatest) high.
Bounds = tuple[tuple[float, float], tuple[float, float]]


def interval_request(values: Sequence[float], groups: Sequence[Hashable], **options: float) -> Request:
    """A call of cluster_bootstrap."""
    return Request(args=(list(values), list(groups)), kwargs=options)


def asked_of(request: Request) -> Text:
    """The call, or what it is about, in words that do not repeat all its values."""
    values, groups = request.args
    options = "".join(f", {name}={value}" for name, value in request.kwargs.items())
    n_groups = len(set(groups))
    sizes = text(
        f"{len(values)} values in {n_groups} groups{options}",
        f"{len(values)} valeurs en {n_groups} groupes{options}",
    )
    return call_or("cluster_bootstrap", request, sizes)


def interval_of(student: Student, request: Request) -> dict[str, float]:
    """The fields of the interval that the code gives for this call."""
    return numbers_of(student.run(request), request, "Interval", FIELDS)


def check_exact(student: Student, request: Request, expected: Mapping[str, float], *names: str) -> None:
    """These fields do not depend on chance."""
    numbers = interval_of(student, request)
    for name in names:
        require_field(numbers, expected, name, asked_of(request))


def check_ends(student: Student, request: Request, bounds: Bounds) -> None:
    """Both ends must lie where a right interval of as many resamples can end."""
    numbers, asked = interval_of(student, request), asked_of(request)
    for name, (least, greatest) in zip(("low", "high"), bounds, strict=True):
        rounding = ABSOLUTE + RELATIVE * abs(numbers[name])
        inside = least - rounding <= numbers[name] <= greatest + rounding
        low, high = (numeral(bound, ".3f") for bound in (least, greatest))
        require(
            inside,
            text(
                f"{name} between {low['en']} and {high['en']} for {asked['en']}",
                f"{name} entre {low['fr']} et {high['fr']} pour {asked['fr']}",
            ),
            numeral(numbers[name]),
        )


def check_seed(
    student: Student, values: Sequence[float], groups: Sequence[Hashable], seeds: tuple[int, int]
) -> None:
    """The seed decides all draws: the same again with the same seed, others with another."""
    first, again, other = (
        interval_of(student, interval_request(values, groups, n_resamples=200, seed=seed))
        for seed in (seeds[0], *seeds)
    )
    ends = [{name: numbers[name] for name in ("low", "high")} for numbers in (first, again, other)]
    require(
        ends[0] == ends[1],
        text(
            f"the same low and high when seed={seeds[0]} is given twice",
            f"les mêmes low et high quand seed={seeds[0]} est donné deux fois",
        ),
        text("others", "d'autres"),
    )
    require(
        ends[0] != ends[2],
        text(
            f"other draws with seed={seeds[1]} than with seed={seeds[0]}",
            f"d'autres tirages avec seed={seeds[1]} qu'avec seed={seeds[0]}",
        ),
        text("the same low and high", "les mêmes low et high"),
    )


def check_call_refused(student: Student, request: Request, why: Text) -> None:
    """The call must be refused by an InputError or another ValueError; `why` says what is wrong with it."""
    asked = asked_of(request)
    wanted = text(
        f"an InputError for {asked['en']}: {why['en']}", f"une InputError pour {asked['fr']} : {why['fr']}"
    )
    check_refused(student.run(request), "", wanted)
