"""Wrong implementations that students really write, each with what it computes instead."""

from __future__ import annotations

import math

from attentif.checks.text import text
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("warmup_one_ahead", "progress_from_step_zero", "not_clamped", "division_by_zero_without_warmup")


@misconception(
    "warmup_one_ahead",
    en="your warmup is one step ahead: peak · (step + 1) / warmup_steps; the rate is 0 at step 0",
    fr="votre échauffement a une étape d'avance : peak · (step + 1) / warmup_steps ; le taux vaut 0 à l'étape 0",
)
def warmup_one_ahead(step, peak, floor, warmup_steps, total_steps):
    if step >= total_steps:
        return floor
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return floor + 0.5 * (peak - floor) * (1.0 + math.cos(math.pi * progress))


@again(warmup_one_ahead)
def warmup_one_ahead_2(step, peak, floor, warmup_steps, total_steps):
    done = step + 1
    if done <= warmup_steps:
        return done / warmup_steps * peak
    ratio = 1.0 if step >= total_steps else (step - warmup_steps) / (total_steps - warmup_steps)
    return floor + (peak - floor) * math.cos(ratio * math.pi / 2) ** 2


@misconception(
    "warmup_over_w_plus_one",
    en="your warmup divides step + 1 by warmup_steps + 1: it starts above 0; the formula is peak · step / warmup_steps",
    fr="votre échauffement divise step + 1 par warmup_steps + 1 : il part au-dessus de 0 ; la formule est peak · step / warmup_steps",
)
def warmup_over_w_plus_one(step, peak, floor, warmup_steps, total_steps):
    if step >= total_steps:
        return floor
    if step < warmup_steps:
        return peak * (step + 1) / (warmup_steps + 1)
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return floor + 0.5 * (peak - floor) * (1.0 + math.cos(math.pi * progress))


@again(warmup_over_w_plus_one)
def warmup_over_w_plus_one_2(step, peak, floor, warmup_steps, total_steps):
    if step < warmup_steps:
        return peak - peak * (warmup_steps - step) / (warmup_steps + 1)
    ratio = min(1.0, (step - warmup_steps) / max(1, total_steps - warmup_steps))
    coefficient = (1 + math.cos(ratio * math.pi)) / 2
    return coefficient * peak + (1 - coefficient) * floor


@misconception(
    "warmup_from_floor",
    en="your warmup starts at the floor: it starts at 0",
    fr="votre échauffement part du plancher : il part de 0",
)
def warmup_from_floor(step, peak, floor, warmup_steps, total_steps):
    if step >= total_steps:
        return floor
    if step < warmup_steps:
        return floor + (peak - floor) * step / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return floor + 0.5 * (peak - floor) * (1.0 + math.cos(math.pi * progress))


@again(warmup_from_floor)
def warmup_from_floor_2(step, peak, floor, warmup_steps, total_steps):
    if step >= total_steps:
        share = 0.0
    elif step < warmup_steps:
        share = step / warmup_steps
    else:
        share = math.cos(0.5 * math.pi * (step - warmup_steps) / (total_steps - warmup_steps)) ** 2
    return share * peak + (1 - share) * floor


@misconception(
    "no_warmup",
    en="there is no warmup: before step warmup_steps your rate is already the peak",
    fr="il n'y a pas d'échauffement : avant l'étape warmup_steps, votre taux est déjà au pic",
)
def no_warmup(step, peak, floor, warmup_steps, total_steps):
    if step >= total_steps:
        return floor
    if step < warmup_steps:
        return peak
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return floor + 0.5 * (peak - floor) * (1.0 + math.cos(math.pi * progress))


@again(no_warmup)
def no_warmup_2(step, peak, floor, warmup_steps, total_steps):
    waited = max(0, step - warmup_steps)
    ratio = 1.0 if step >= total_steps else waited / max(1, total_steps - warmup_steps)
    return floor + (peak - floor) * math.cos(ratio * math.pi / 2) ** 2


@misconception(
    "progress_from_step_zero",
    en="your cosine starts at step 0, as step / total_steps: it starts at the end of the warmup, (step − warmup_steps) / (total_steps − warmup_steps)",
    fr="votre cosinus part de l'étape 0, en step / total_steps : il part de la fin de l'échauffement, (step − warmup_steps) / (total_steps − warmup_steps)",
    warning=text(
        "your cosine starts at step 0, with `step / total_steps`",
        "votre cosinus part de l'étape 0, avec `step / total_steps`",
    ),
)
def progress_from_step_zero(step, peak, floor, warmup_steps, total_steps):
    if step >= total_steps:
        return floor
    if step < warmup_steps:
        return peak * step / warmup_steps
    return floor + 0.5 * (peak - floor) * (1.0 + math.cos(math.pi * step / total_steps))


@again(progress_from_step_zero)
def progress_from_step_zero_2(step, peak, floor, warmup_steps, total_steps):
    falling = floor + (peak - floor) * math.cos(min(step / total_steps, 1.0) * math.pi / 2) ** 2
    return falling if step >= warmup_steps else step / warmup_steps * peak


@misconception(
    "progress_over_total",
    en="your progress is (step − warmup_steps) / total_steps: divided by total_steps − warmup_steps, it reaches 1 at step total_steps",
    fr="votre avancement est (step − warmup_steps) / total_steps : divisé par total_steps − warmup_steps, il atteint 1 à l'étape total_steps",
)
def progress_over_total(step, peak, floor, warmup_steps, total_steps):
    if step >= total_steps:
        return floor
    if step < warmup_steps:
        return peak * step / warmup_steps
    progress = (step - warmup_steps) / total_steps
    return floor + 0.5 * (peak - floor) * (1.0 + math.cos(math.pi * progress))


@again(progress_over_total)
def progress_over_total_2(step, peak, floor, warmup_steps, total_steps):
    if not step < total_steps:
        return float(floor)
    if warmup_steps > step:
        return step / warmup_steps * peak
    angle = math.pi / total_steps * (step - warmup_steps)
    return (peak + floor) / 2 + (peak - floor) / 2 * math.cos(angle)


@misconception(
    "one_step_early",
    en="your decay is over one step early: it divides by total_steps − warmup_steps − 1 instead of total_steps − warmup_steps",
    fr="votre décroissance finit une étape trop tôt : elle divise par total_steps − warmup_steps − 1 au lieu de total_steps − warmup_steps",
)
def one_step_early(step, peak, floor, warmup_steps, total_steps):
    if step >= total_steps:
        return floor
    if step < warmup_steps:
        return peak * step / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps - 1)
    return floor + 0.5 * (peak - floor) * (1.0 + math.cos(math.pi * progress))


@again(one_step_early)
def one_step_early_2(step, peak, floor, warmup_steps, total_steps):
    last = total_steps - 1
    if step > last:
        return floor
    if step < warmup_steps:
        return step / warmup_steps * peak
    return floor + (peak - floor) * math.sin(math.pi / 2 * (last - step) / (last - warmup_steps)) ** 2


@misconception(
    "full_cosine",
    en="your rate goes through a whole period of the cosine: half of it, from 1 to −1, is enough (π, not 2π)",
    fr="votre taux parcourt une période entière du cosinus : la moitié, de 1 à −1, suffit (π et non 2π)",
)
def full_cosine(step, peak, floor, warmup_steps, total_steps):
    if step >= total_steps:
        return floor
    if step < warmup_steps:
        return peak * step / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return floor + 0.5 * (peak - floor) * (1.0 + math.cos(2 * math.pi * progress))


@again(full_cosine)
def full_cosine_2(step, peak, floor, warmup_steps, total_steps):
    if step < warmup_steps:
        return step / warmup_steps * peak
    ratio = min(1.0, (step - warmup_steps) / max(1, total_steps - warmup_steps))
    return floor + (peak - floor) * math.cos(math.pi * ratio) ** 2


@misconception(
    "quarter_cosine",
    en="your rate follows a quarter of the cosine: it takes (1 + cos(π x)) / 2, not cos(π x / 2)",
    fr="votre taux suit un quart du cosinus : il faut (1 + cos(π x)) / 2 et non cos(π x / 2)",
)
def quarter_cosine(step, peak, floor, warmup_steps, total_steps):
    if step >= total_steps:
        return floor
    if step < warmup_steps:
        return peak * step / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return floor + (peak - floor) * math.cos(0.5 * math.pi * progress)


@again(quarter_cosine)
def quarter_cosine_2(step, peak, floor, warmup_steps, total_steps):
    if step < warmup_steps:
        return step / warmup_steps * peak
    left = max(0.0, (total_steps - step) / max(1, total_steps - warmup_steps))
    share = math.sin(left * math.pi / 2)
    return share * peak + (1 - share) * floor


@misconception(
    "pi_missing",
    en="π is missing: your cosine only goes from 1 to cos(1)",
    fr="il manque π : votre cosinus ne va que de 1 à cos(1)",
)
def pi_missing(step, peak, floor, warmup_steps, total_steps):
    if step >= total_steps:
        return floor
    if step < warmup_steps:
        return peak * step / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return floor + 0.5 * (peak - floor) * (1.0 + math.cos(progress))


@again(pi_missing)
def pi_missing_2(step, peak, floor, warmup_steps, total_steps):
    if step >= total_steps:
        return float(floor)
    if step < warmup_steps:
        return step / warmup_steps * peak
    half = (step - warmup_steps) / (total_steps - warmup_steps) / 2
    return peak - (peak - floor) * math.sin(half) ** 2


@misconception(
    "cosine_rises",
    en="your rate rises from the floor to the peak after the warmup: 1 + cos, not 1 − cos",
    fr="votre taux monte du plancher au pic après l'échauffement : 1 + cos, et non 1 − cos",
)
def cosine_rises(step, peak, floor, warmup_steps, total_steps):
    if step >= total_steps:
        return floor
    if step < warmup_steps:
        return peak * step / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return floor + 0.5 * (peak - floor) * (1.0 - math.cos(math.pi * progress))


@again(cosine_rises)
def cosine_rises_2(step, peak, floor, warmup_steps, total_steps):
    if step >= total_steps:
        return floor
    if step < warmup_steps:
        return step / warmup_steps * peak
    return (
        floor
        + (peak - floor) * math.sin(math.pi / 2 * (step - warmup_steps) / (total_steps - warmup_steps)) ** 2
    )


@misconception(
    "linear_decay",
    en="your rate falls in a straight line: it follows half a cosine",
    fr="votre taux descend en ligne droite : il suit un demi-cosinus",
)
def linear_decay(step, peak, floor, warmup_steps, total_steps):
    if step >= total_steps:
        return floor
    if step < warmup_steps:
        return peak * step / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return peak - (peak - floor) * progress


@again(linear_decay)
def linear_decay_2(step, peak, floor, warmup_steps, total_steps):
    if step < warmup_steps:
        return step / warmup_steps * peak
    left = max(0, total_steps - step) / max(1, total_steps - warmup_steps)
    return floor + left * (peak - floor)


@misconception(
    "floor_ignored",
    en="the floor has no effect: your rate falls to 0",
    fr="le plancher est sans effet : votre taux descend jusqu'à 0",
)
def floor_ignored(step, peak, floor, warmup_steps, total_steps):
    if step >= total_steps:
        return 0.0
    if step < warmup_steps:
        return peak * step / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return 0.5 * peak * (1.0 + math.cos(math.pi * progress))


@again(floor_ignored)
def floor_ignored_2(step, peak, floor, warmup_steps, total_steps):
    if step < warmup_steps:
        return step / warmup_steps * peak
    ratio = min(1.0, (step - warmup_steps) / max(1, total_steps - warmup_steps))
    return peak * math.cos(ratio * math.pi / 2) ** 2


@misconception(
    "floor_after_the_end_only",
    en="your cosine falls to 0 and only the last value is the floor: the cosine itself goes from peak to floor",
    fr="votre cosinus descend à 0 et seule la dernière valeur est le plancher : le cosinus lui-même va du pic au plancher",
)
def floor_after_the_end_only(step, peak, floor, warmup_steps, total_steps):
    if step >= total_steps:
        return floor
    if step < warmup_steps:
        return peak * step / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return 0.5 * peak * (1.0 + math.cos(math.pi * progress))


@again(floor_after_the_end_only)
def floor_after_the_end_only_2(step, peak, floor, warmup_steps, total_steps):
    if warmup_steps <= step < total_steps:
        return peak * math.cos((step - warmup_steps) / (total_steps - warmup_steps) * math.pi / 2) ** 2
    return floor if step >= total_steps else step / warmup_steps * peak


@misconception(
    "floor_as_a_bound",
    en="you cut the cosine at the floor with max: it goes smoothly from peak to floor, floor + ½ (peak − floor)(1 + cos)",
    fr="vous coupez le cosinus au plancher par max : il va en douceur du pic au plancher, floor + ½ (peak − floor)(1 + cos)",
)
def floor_as_a_bound(step, peak, floor, warmup_steps, total_steps):
    if step >= total_steps:
        return floor
    if step < warmup_steps:
        return peak * step / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return max(floor, 0.5 * peak * (1.0 + math.cos(math.pi * progress)))


@again(floor_as_a_bound)
def floor_as_a_bound_2(step, peak, floor, warmup_steps, total_steps):
    if step < warmup_steps:
        return step / warmup_steps * peak
    ratio = min(1.0, (step - warmup_steps) / max(1, total_steps - warmup_steps))
    rate = peak * math.cos(ratio * math.pi / 2) ** 2
    return rate if rate > floor else floor


@misconception(
    "amplitude_is_the_peak",
    en="your cosine has the amplitude of the whole peak: it starts at floor + peak; take peak − floor",
    fr="votre cosinus a pour amplitude le pic entier : il part de floor + peak ; prenez peak − floor",
)
def amplitude_is_the_peak(step, peak, floor, warmup_steps, total_steps):
    if step >= total_steps:
        return floor
    if step < warmup_steps:
        return peak * step / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return floor + 0.5 * peak * (1.0 + math.cos(math.pi * progress))


@again(amplitude_is_the_peak)
def amplitude_is_the_peak_2(step, peak, floor, warmup_steps, total_steps):
    if step < warmup_steps:
        return step / warmup_steps * peak
    ratio = min(1.0, (step - warmup_steps) / max(1, total_steps - warmup_steps))
    return peak * math.cos(ratio * math.pi / 2) ** 2 + floor


@misconception(
    "half_missing",
    en="the factor ½ is missing: 1 + cos goes from 2 to 0",
    fr="il manque le facteur ½ : 1 + cos va de 2 à 0",
)
def half_missing(step, peak, floor, warmup_steps, total_steps):
    if step >= total_steps:
        return floor
    if step < warmup_steps:
        return peak * step / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return floor + (peak - floor) * (1.0 + math.cos(math.pi * progress))


@again(half_missing)
def half_missing_2(step, peak, floor, warmup_steps, total_steps):
    if step >= total_steps:
        return floor
    if step < warmup_steps:
        return step / warmup_steps * peak
    angle = math.pi * (step - warmup_steps) / (total_steps - warmup_steps)
    return peak + (peak - floor) * math.cos(angle)


@misconception(
    "peak_and_floor_exchanged",
    en="peak and floor are exchanged: your warmup climbs to the floor, and your rate ends at the peak",
    fr="peak et floor sont échangés : l'échauffement monte au plancher, puis le taux finit au pic",
)
def peak_and_floor_exchanged(step, peak, floor, warmup_steps, total_steps):
    peak, floor = floor, peak
    if step >= total_steps:
        return floor
    if step < warmup_steps:
        return peak * step / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return floor + 0.5 * (peak - floor) * (1.0 + math.cos(math.pi * progress))


@again(peak_and_floor_exchanged)
def peak_and_floor_exchanged_2(step, peak, floor, warmup_steps, total_steps):
    if step < warmup_steps:
        return floor * step / warmup_steps
    ratio = min(1.0, (step - warmup_steps) / max(1, total_steps - warmup_steps))
    return peak + (floor - peak) * math.cos(ratio * math.pi / 2) ** 2


@misconception(
    "not_clamped",
    en="after step total_steps your rate rises again: it stays at the floor",
    fr="après l'étape total_steps, votre taux remonte : il reste au plancher",
)
def not_clamped(step, peak, floor, warmup_steps, total_steps):
    if step < warmup_steps:
        return peak * step / warmup_steps
    progress = (step - warmup_steps) / max(1, total_steps - warmup_steps)
    return floor + 0.5 * (peak - floor) * (1.0 + math.cos(math.pi * progress))


@again(not_clamped)
def not_clamped_2(step, peak, floor, warmup_steps, total_steps):
    rising = step / warmup_steps * peak if step < warmup_steps else None
    length = total_steps - warmup_steps if total_steps > warmup_steps else 1
    falling = floor + (peak - floor) * math.cos(math.pi / 2 * (step - warmup_steps) / length) ** 2
    return falling if rising is None else rising


@misconception(
    "zero_after_the_end",
    en="after step total_steps your rate is 0: it stays at the floor",
    fr="après l'étape total_steps, votre taux est nul : il reste au plancher",
)
def zero_after_the_end(step, peak, floor, warmup_steps, total_steps):
    if step > total_steps:
        return 0.0
    if step < warmup_steps:
        return peak * step / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return floor + 0.5 * (peak - floor) * (1.0 + math.cos(math.pi * progress))


@again(zero_after_the_end)
def zero_after_the_end_2(step, peak, floor, warmup_steps, total_steps):
    if step < warmup_steps:
        return step / warmup_steps * peak
    if warmup_steps <= step <= total_steps:
        return (
            floor
            + (peak - floor)
            * math.cos(math.pi / 2 * (step - warmup_steps) / (total_steps - warmup_steps)) ** 2
        )
    return 0


@misconception(
    "share_of_the_peak",
    en="you return a factor between 0 and 1: the learning rate itself is asked for",
    fr="vous renvoyez un facteur entre 0 et 1 : on demande le taux d'apprentissage lui-même",
)
def share_of_the_peak(step, peak, floor, warmup_steps, total_steps):
    if step >= total_steps:
        return floor / peak
    if step < warmup_steps:
        return step / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return (floor + 0.5 * (peak - floor) * (1.0 + math.cos(math.pi * progress))) / peak


@again(share_of_the_peak)
def share_of_the_peak_2(step, peak, floor, warmup_steps, total_steps):
    lowest = floor / peak
    if step < warmup_steps:
        return float(step) / warmup_steps
    ratio = min(1.0, (step - warmup_steps) / max(1, total_steps - warmup_steps))
    return lowest + (1 - lowest) * math.cos(ratio * math.pi / 2) ** 2


@misconception(
    "division_by_zero_without_warmup",
    en="with warmup_steps = 0 your function divides by 0: test step < warmup_steps, which is then never true",
    fr="avec warmup_steps = 0, votre fonction divise par 0 : testez step < warmup_steps, qui n'est alors jamais vrai",
)
def division_by_zero_without_warmup(step, peak, floor, warmup_steps, total_steps):
    if step <= warmup_steps:
        return peak * step / warmup_steps
    if step >= total_steps:
        return floor
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return floor + 0.5 * (peak - floor) * (1.0 + math.cos(math.pi * progress))


@again(division_by_zero_without_warmup)
def division_by_zero_without_warmup_2(step, peak, floor, warmup_steps, total_steps):
    if not step > warmup_steps:
        share = step / warmup_steps
        return share * peak
    ratio = min(1.0, (step - warmup_steps) / max(1, total_steps - warmup_steps))
    return floor + (peak - floor) * math.cos(ratio * math.pi / 2) ** 2


@misconception(
    "division_by_zero_without_decay",
    en="with warmup_steps = total_steps your function divides by 0: test step ≥ total_steps before you compute the progress",
    fr="avec warmup_steps = total_steps, votre fonction divise par 0 : testez step ≥ total_steps avant de calculer l'avancement",
)
def division_by_zero_without_decay(step, peak, floor, warmup_steps, total_steps):
    if step < warmup_steps:
        return peak * step / warmup_steps
    progress = min(1.0, (step - warmup_steps) / (total_steps - warmup_steps))
    return floor + 0.5 * (peak - floor) * (1.0 + math.cos(math.pi * progress))


@again(division_by_zero_without_decay)
def division_by_zero_without_decay_2(step, peak, floor, warmup_steps, total_steps):
    if step < warmup_steps:
        return step / warmup_steps * peak
    left = max(0, (total_steps - step) / (total_steps - warmup_steps))
    return floor + (peak - floor) * math.sin(left * math.pi / 2) ** 2
