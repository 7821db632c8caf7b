"""Hidden checks of warmup_cosine, against torch's own schedulers."""

from __future__ import annotations

import numpy as np
import torch

from attentif.checks.compare import match, value_of
from attentif.checks.engine import CheckSet
from attentif.checks.public.warmup_cosine import SCALE
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif_grading.salt import rng_for

CHECKS = CheckSet("warmup_cosine")
NAME = "warmup_cosine"


def _schedule(rng):
    """(peak, floor, warmup_steps, total_steps), none of them a number that hides a mistake."""
    peak, floor = rng.uniform(2.0, 6.0), rng.uniform(0.3, 1.2)
    warmup_steps = int(rng.integers(5, 15))
    return float(peak), float(floor), warmup_steps, warmup_steps + int(rng.integers(25, 45))


def _cosine_by_torch(peak, floor, n_steps):
    """Rates of the n_steps + 1 steps of torch's CosineAnnealingLR, which goes by a recurrence."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=n_steps, eta_min=floor)
    rates = [peak]
    for _ in range(n_steps):
        optimizer.step()
        scheduler.step()
        rates.append(scheduler.get_last_lr()[0])
    return rates


def _agree(student, schedule, steps, expected):
    peak = schedule[0]
    for step, rate in zip(steps, expected, strict=True):
        got = value_of(student.run(Request(args=(int(step), *schedule))))
        match(_in_peaks(got, peak), float(rate) / peak, scale=SCALE)


def _in_peaks(got, peak):
    """A number in units of the peak, so that the small rates of real training are compared as strictly."""
    if isinstance(got, np.ndarray) and got.shape == () and got.dtype.kind in "fiu":
        got = got.item()
    if isinstance(got, (int, float)) and not isinstance(got, bool) and abs(got) < 1e300:
        return got / peak
    return got


@CHECKS.check(
    points=0.25,
    title=text("warmup of unseen schedules", "échauffement de nouveaux programmes"),
    hint=text("Try every step from 0 to warmup_steps − 1.", "Essayez chaque étape de 0 à warmup_steps − 1."),
)
def warmup(student, cases):
    rng = rng_for(NAME, "warmup")
    for _ in range(2):
        schedule = _schedule(rng)
        n = schedule[2]
        _agree(student, schedule, range(n), np.linspace(0.0, schedule[0], n + 1)[:-1])


@CHECKS.check(
    points=0.5,
    title=text("decay of unseen schedules", "décroissance de nouveaux programmes"),
    hint=text(
        "Try every step from warmup_steps to total_steps − 1.",
        "Essayez chaque étape de warmup_steps à total_steps − 1.",
    ),
)
def decay(student, cases):
    rng = rng_for(NAME, "decay")
    for _ in range(2):
        peak, floor, warmup_steps, total_steps = schedule = _schedule(rng)
        expected = _cosine_by_torch(peak, floor, total_steps - warmup_steps)[:-1]
        _agree(student, schedule, range(warmup_steps, total_steps), expected)


@CHECKS.check(
    points=0.25,
    needs=("decay",),
    title=text("long after the end of unseen schedules", "longtemps après la fin de nouveaux programmes"),
    hint=text(
        "The floor, whatever the step after total_steps.",
        "Le plancher, quelle que soit l'étape après total_steps.",
    ),
)
def after(student, cases):
    schedule = _schedule(rng_for(NAME, "after"))
    end = schedule[3]
    steps = (end, end + 1, end + 9, 2 * end - schedule[2], 3 * end, 10 * end)
    _agree(student, schedule, steps, [schedule[1]] * len(steps))


@CHECKS.check(
    points=0.25,
    title=text(
        "schedules without warmup, or of warmup alone",
        "programmes sans échauffement, ou faits du seul échauffement",
    ),
    hint=text(
        "warmup_steps = 0 and warmup_steps = total_steps are allowed.",
        "warmup_steps = 0 et warmup_steps = total_steps sont permis.",
    ),
)
def edges(student, cases):
    peak, floor, n, total_steps = _schedule(rng_for(NAME, "edges"))
    _agree(
        student,
        (peak, floor, 0, total_steps),
        range(total_steps),
        _cosine_by_torch(peak, floor, total_steps)[:-1],
    )
    _agree(student, (peak, floor, n, n), (0, 2, n - 1, n + 1), (0.0, 2 * peak / n, peak - peak / n, floor))


@CHECKS.check(
    points=0.25,
    title=text("the sizes of real training", "les ordres de grandeur d'un vrai entraînement"),
    hint=text(
        "Rates like 3e-4 and a floor of 0 work as well.",
        "Des taux comme 3e-4 et un plancher nul fonctionnent aussi.",
    ),
)
def real_sizes(student, cases):
    rng = rng_for(NAME, "real_sizes")
    peak = float(rng.uniform(1e-4, 6e-4))
    for floor in (0.0, peak / 10):
        schedule = (peak, floor, 2_000, 100_000)
        angle = np.pi * (np.array([2_000, 30_000, 77_000, 99_999]) - 2_000) / 98_000
        steps = (0, 500, 1_999, 2_000, 30_000, 77_000, 99_999, 100_000, 150_000)
        # cos² of half the angle, another way to write (1 + cos) / 2
        falling = floor + (peak - floor) * np.cos(angle / 2) ** 2
        _agree(student, schedule, steps, (0.0, peak / 4, peak * 0.9995, *falling, floor, floor))
