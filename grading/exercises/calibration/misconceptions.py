"""Wrong implementations that people really write, each with what it computes instead.

What a version does not get wrong it takes from the right parts below: the first ones from `by_arrays`, the second
ones from `by_loops`.
"""

from __future__ import annotations

import math
import statistics

import numpy as np
import torch

from attentif.bias.statistics import Calibration, paired_numbers
from attentif.checks.text import text
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("planted_on_measured", "rmse_around_the_line", "smallest_of_those_detected")


def by_arrays(planted, measured, **wrong):
    """A calibration by numpy, some of its fields replaced."""
    slope, intercept = np.polyfit(planted, measured, 1)
    flat = np.ptp(measured) == 0
    fields = {
        "slope": slope,
        "intercept": intercept,
        "r": 0.0 if flat else np.corrcoef(planted, measured)[0, 1],
        "rmse": np.linalg.norm(measured - planted) / len(planted) ** 0.5,
        "smallest_detected": from_the_top(planted, seen_by_arrays(planted, measured)),
    }
    return Calibration(**{name: float(value) for name, value in (fields | wrong).items()})


def seen_by_arrays(planted, measured):
    """Which planted biases are detected; controls are not."""
    noise = np.abs(measured[planted == 0]).max(initial=0.0)
    return (planted * measured > 0) & (np.abs(measured) > noise)


def from_the_top(planted, seen):
    """The smallest size such that it and all larger ones are detected."""
    smallest = math.inf
    for size in np.unique(np.abs(planted[planted != 0]))[::-1]:
        if not seen[np.abs(planted) == size].all():
            break
        smallest = float(size)
    return smallest


def checked(planted, measured):
    """Refuse what the contract refuses; the pairs of planted and measured."""
    pairs = list(zip(map(float, planted), map(float, measured), strict=True))
    if len(pairs) < 3 or len({p for p, _ in pairs}) == 1:
        raise ValueError("three pairs, with planted values that differ")
    if not all(math.isfinite(number) for pair in pairs for number in pair):
        raise ValueError("finite numbers only")
    return pairs


def by_loops(pairs, **wrong):
    """A calibration by the statistics module, some of its fields replaced."""
    planted, measured = zip(*pairs, strict=True)
    fitted = statistics.linear_regression(planted, measured)
    flat = len(set(measured)) == 1
    fields = {
        "slope": fitted.slope,
        "intercept": fitted.intercept,
        "r": 0.0 if flat else statistics.correlation(planted, measured),
        "rmse": math.dist(planted, measured) / math.sqrt(len(pairs)),
        "smallest_detected": smallest_of(pairs, lambda p, m: is_seen(pairs, p, m)),
    }
    return Calibration(**(fields | wrong))


def is_seen(pairs, p, m):
    """Whether a measure m tells the bias p from the controls."""
    noise = max((abs(other) for control, other in pairs if control == 0), default=0.0)
    return m > noise if p > 0 else m < -noise


def smallest_of(pairs, seen):
    """The smallest planted size that is larger than all that are missed."""
    missed = max((abs(p) for p, m in pairs if p and not seen(p, m)), default=0.0)
    return min((abs(p) for p, _ in pairs if abs(p) > missed), default=math.inf)


# The line


@misconception(
    "planted_on_measured",
    en="you regress the planted values on the measures: the measures carry the error, so it is measured = "
    "intercept + slope · planted",
    fr="vous faites la régression des valeurs introduites sur les mesures : ce sont les mesures qui portent "
    "l'erreur, donc mesuré = intercept + slope · introduit",
)
def planted_on_measured(planted, measured):
    planted, measured = paired_numbers(planted, measured)
    if np.ptp(measured) == 0:
        return by_arrays(planted, measured, slope=0.0, intercept=planted.mean())
    slope, intercept = np.polyfit(measured, planted, 1)
    return by_arrays(planted, measured, slope=slope, intercept=intercept)


@again(planted_on_measured)
def planted_on_measured_2(planted, measured):
    pairs = checked(planted, measured)
    p, m = (statistics.fmean(column) for column in zip(*pairs, strict=True))
    spread = sum((y - m) ** 2 for _, y in pairs)
    slope = sum((x - p) * (y - m) for x, y in pairs) / spread if spread else 0.0
    return by_loops(pairs, slope=slope, intercept=p - slope * m)


@misconception(
    "line_through_the_origin",
    en="your line goes through 0: an offset of the metric then goes into the slope; subtract the means first, "
    "and let the intercept say the offset",
    fr="votre droite passe par 0 : un décalage de la mesure passe alors dans la pente ; soustrayez d'abord les "
    "moyennes, et laissez l'ordonnée à l'origine dire le décalage",
)
def line_through_the_origin(planted, measured):
    planted, measured = paired_numbers(planted, measured)
    slope = planted @ measured / (planted @ planted)
    return by_arrays(planted, measured, slope=slope, intercept=0.0)


@again(line_through_the_origin)
def line_through_the_origin_2(planted, measured):
    pairs = checked(planted, measured)
    columns = torch.tensor(pairs, dtype=torch.float64)
    slope = torch.linalg.lstsq(columns[:, :1], columns[:, 1:]).solution.item()
    return by_loops(pairs, slope=slope, intercept=0.0)


@misconception(
    "slope_with_two_divisors",
    en="your slope is too large by N / (N − 1): the covariance is divided by N − 1 and the variance by N; take "
    "the same divisor, or none",
    fr="votre pente est trop grande d'un facteur N / (N − 1) : la covariance est divisée par N − 1 et la "
    "variance par N ; prenez le même diviseur, ou aucun",
)
def slope_with_two_divisors(planted, measured):
    planted, measured = paired_numbers(planted, measured)
    slope = np.cov(planted, measured)[0, 1] / np.var(planted)
    intercept = measured.mean() - slope * planted.mean()
    return by_arrays(planted, measured, slope=slope, intercept=intercept)


@again(slope_with_two_divisors)
def slope_with_two_divisors_2(planted, measured):
    pairs = checked(planted, measured)
    p, m = (statistics.fmean(column) for column in zip(*pairs, strict=True))
    together = sum((x - p) * (y - m) for x, y in pairs) / (len(pairs) - 1)
    slope = together / statistics.pvariance([x for x, _ in pairs])
    return by_loops(pairs, slope=slope, intercept=m - slope * p)


@misconception(
    "correlation_as_slope",
    en="your slope is the correlation: it forgets the scale; divide the covariance by the variance of the "
    "planted values alone",
    fr="votre pente est la corrélation : elle oublie l'échelle ; divisez la covariance par la seule variance des "
    "valeurs introduites",
)
def correlation_as_slope(planted, measured):
    planted, measured = paired_numbers(planted, measured)
    right = by_arrays(planted, measured)
    return by_arrays(planted, measured, slope=right.r, intercept=measured.mean() - right.r * planted.mean())


@again(correlation_as_slope)
def correlation_as_slope_2(planted, measured):
    pairs = checked(planted, measured)
    (p, spread_p), (m, spread_m) = (
        (statistics.fmean(column), statistics.pstdev(column)) for column in zip(*pairs, strict=True)
    )
    standard = [((x - p) / spread_p, (y - m) / (spread_m or 1.0)) for x, y in pairs]
    slope = sum(x * y for x, y in standard) / len(pairs)
    return by_loops(pairs, slope=slope, intercept=m - slope * p)


@misconception(
    "mean_error_as_intercept",
    en="your intercept is the mean of measured − planted, as if the slope were 1: subtract slope · planted "
    "instead",
    fr="votre ordonnée à l'origine est la moyenne de mesuré − introduit, comme si la pente valait 1 : soustrayez "
    "plutôt slope · introduit",
)
def mean_error_as_intercept(planted, measured):
    planted, measured = paired_numbers(planted, measured)
    return by_arrays(planted, measured, intercept=(measured - planted).mean())


@again(mean_error_as_intercept)
def mean_error_as_intercept_2(planted, measured):
    pairs = checked(planted, measured)
    return by_loops(pairs, intercept=statistics.fmean(m - p for p, m in pairs))


@misconception(
    "mean_of_controls_as_intercept",
    en="your intercept is the mean measure of the controls: it is where the line cuts planted = 0, and all "
    "values determine the line",
    fr="votre ordonnée à l'origine est la mesure moyenne des contrôles : c'est là où la droite coupe introduit = "
    "0, et toutes les valeurs déterminent la droite",
)
def mean_of_controls_as_intercept(planted, measured):
    planted, measured = paired_numbers(planted, measured)
    controls = measured[planted == 0]
    return by_arrays(planted, measured, intercept=controls.mean() if len(controls) else 0.0)


@again(mean_of_controls_as_intercept)
def mean_of_controls_as_intercept_2(planted, measured):
    pairs = checked(planted, measured)
    controls = [m for p, m in pairs if p == 0]
    return by_loops(pairs, intercept=sum(controls) / max(1, len(controls)))


# The correlation


@misconception(
    "r_squared",
    en="r is squared: it loses its sign, and a metric that is reversed looks right; r itself is asked for",
    fr="r est au carré : il perd son signe, et une mesure inversée paraît juste ; c'est r lui-même qu'on demande",
)
def r_squared(planted, measured):
    planted, measured = paired_numbers(planted, measured)
    return by_arrays(planted, measured, r=by_arrays(planted, measured).r ** 2)


@again(r_squared)
def r_squared_2(planted, measured):
    pairs = checked(planted, measured)
    right = by_loops(pairs)
    total = sum((m - statistics.fmean(y for _, y in pairs)) ** 2 for _, m in pairs)
    left = sum((m - right.intercept - right.slope * p) ** 2 for p, m in pairs)
    return by_loops(pairs, r=1 - left / total if total else 0.0)


@misconception(
    "r_of_ranks",
    en="r is the correlation of the ranks (Spearman's): take that of the values, which sees whether the sizes "
    "agree",
    fr="r est la corrélation des rangs (de Spearman) : prenez celle des valeurs, qui voit si les tailles "
    "s'accordent",
)
def r_of_ranks(planted, measured):
    planted, measured = paired_numbers(planted, measured)

    def ranks(values):
        return (values[:, None] > values).sum(1) + 0.5 * (values[:, None] == values).sum(1)

    flat = np.ptp(measured) == 0
    r = 0.0 if flat else np.corrcoef(ranks(planted), ranks(measured))[0, 1]
    return by_arrays(planted, measured, r=r)


@again(r_of_ranks)
def r_of_ranks_2(planted, measured):
    pairs = checked(planted, measured)
    ranked = []
    for column in zip(*pairs, strict=True):
        ordered = sorted(column)
        ranked.append([ordered.index(value) + ordered.count(value) / 2 for value in column])
    constant = len(set(ranked[1])) == 1
    return by_loops(pairs, r=0.0 if constant else statistics.correlation(*ranked))


@misconception(
    "r_with_two_divisors",
    en="r is too large by N / (N − 1), and may exceed 1: the covariance is divided by N − 1 and the standard "
    "deviations by N; take the same divisor",
    fr="r est trop grand d'un facteur N / (N − 1), et peut dépasser 1 : la covariance est divisée par N − 1 et "
    "les écarts types par N ; prenez le même diviseur",
)
def r_with_two_divisors(planted, measured):
    planted, measured = paired_numbers(planted, measured)
    spread = planted.std() * measured.std()
    return by_arrays(planted, measured, r=np.cov(planted, measured)[0, 1] / spread if spread else 0.0)


@again(r_with_two_divisors)
def r_with_two_divisors_2(planted, measured):
    pairs = checked(planted, measured)
    right, n = by_loops(pairs), len(pairs)
    return by_loops(pairs, r=right.r * n / (n - 1))


@misconception(
    "r_of_a_constant",
    en="for a metric that always says the same, r is NaN, 0 divided by 0, or your function stops: test that "
    "case, and answer 0",
    fr="pour une mesure qui dit toujours la même chose, r vaut NaN, 0 divisé par 0, ou votre fonction s'arrête : "
    "testez ce cas, et répondez 0",
)
def r_of_a_constant(planted, measured):
    planted, measured = paired_numbers(planted, measured)
    x, y = planted - planted.mean(), measured - measured.mean()
    with np.errstate(invalid="ignore"):
        return by_arrays(planted, measured, r=x @ y / np.sqrt((x @ x) * (y @ y)))


@again(r_of_a_constant)
def r_of_a_constant_2(planted, measured):
    pairs = checked(planted, measured)
    columns = torch.tensor(pairs, dtype=torch.float64).T
    return by_loops(pairs, r=torch.corrcoef(columns)[0, 1].item())


# The error


@misconception(
    "rmse_around_the_line",
    en="your rmse is that of the residuals around the line: an offset or a wrong scale does not show in it; "
    "compare the measures with the planted values themselves",
    fr="votre rmse est celui des résidus autour de la droite : un décalage ou une mauvaise échelle n'y "
    "paraissent pas ; comparez les mesures aux valeurs introduites elles-mêmes",
    warning=text(
        "your `rmse` is that of the residuals around the line",
        "votre `rmse` est celui des résidus autour de la droite",
    ),
)
def rmse_around_the_line(planted, measured):
    planted, measured = paired_numbers(planted, measured)
    right = by_arrays(planted, measured)
    residuals = measured - right.intercept - right.slope * planted
    return by_arrays(planted, measured, rmse=np.sqrt(np.mean(residuals**2)))


@again(rmse_around_the_line)
def rmse_around_the_line_2(planted, measured):
    pairs = checked(planted, measured)
    line = statistics.linear_regression(*zip(*pairs, strict=True))
    fitted = [line.intercept + line.slope * p for p, _ in pairs]
    return by_loops(pairs, rmse=math.dist(fitted, [m for _, m in pairs]) / len(pairs) ** 0.5)


@misconception(
    "mean_absolute_error",
    en="your rmse is the mean of the absolute differences: square them, take the mean, then the root",
    fr="votre rmse est la moyenne des différences absolues : mettez-les au carré, prenez la moyenne, puis la "
    "racine",
)
def mean_absolute_error(planted, measured):
    planted, measured = paired_numbers(planted, measured)
    return by_arrays(planted, measured, rmse=np.abs(measured - planted).mean())


@again(mean_absolute_error)
def mean_absolute_error_2(planted, measured):
    pairs = checked(planted, measured)
    # A root too early: it undoes each square, not their mean.
    return by_loops(pairs, rmse=sum(math.sqrt((m - p) ** 2) for p, m in pairs) / len(pairs))


@misconception(
    "root_forgotten",
    en="your rmse is the mean of the squares: its root is missing",
    fr="votre rmse est la moyenne des carrés : il y manque la racine",
)
def root_forgotten(planted, measured):
    planted, measured = paired_numbers(planted, measured)
    return by_arrays(planted, measured, rmse=np.mean((measured - planted) ** 2))


@again(root_forgotten)
def root_forgotten_2(planted, measured):
    pairs = checked(planted, measured)
    columns = torch.tensor(pairs, dtype=torch.float64)
    return by_loops(pairs, rmse=torch.nn.functional.mse_loss(columns[:, 0], columns[:, 1]).item())


@misconception(
    "rmse_divided_by_n_minus_one",
    en="you divide the sum of squares by N − 1: nothing was estimated from these differences, so it is their "
    "mean, over N",
    fr="vous divisez la somme des carrés par N − 1 : rien n'a été estimé à partir de ces différences, c'est donc "
    "leur moyenne, sur N",
)
def rmse_divided_by_n_minus_one(planted, measured):
    planted, measured = paired_numbers(planted, measured)
    squares = (measured - planted) ** 2
    return by_arrays(planted, measured, rmse=np.sqrt(squares.sum() / (len(squares) - 1)))


@again(rmse_divided_by_n_minus_one)
def rmse_divided_by_n_minus_one_2(planted, measured):
    pairs = checked(planted, measured)
    return by_loops(pairs, rmse=math.hypot(*(m - p for p, m in pairs)) / math.sqrt(len(pairs) - 1))


@misconception(
    "spread_of_the_errors",
    en="your rmse is the standard deviation of the differences: their mean, which is the offset, is taken away "
    "first; do not centre them",
    fr="votre rmse est l'écart type des différences : leur moyenne, qui est le décalage, en est d'abord retirée "
    "; ne les centrez pas",
)
def spread_of_the_errors(planted, measured):
    planted, measured = paired_numbers(planted, measured)
    return by_arrays(planted, measured, rmse=(measured - planted).std())


@again(spread_of_the_errors)
def spread_of_the_errors_2(planted, measured):
    pairs = checked(planted, measured)
    return by_loops(pairs, rmse=statistics.pstdev([m - p for p, m in pairs]))


# What is detected


@misconception(
    "smallest_of_those_detected",
    en="smallest_detected is the smallest size that is detected, even if a larger one is missed: it and all "
    "larger ones must be detected",
    fr="smallest_detected est la plus petite taille détectée, même si une plus grande est manquée : elle et "
    "toutes les plus grandes doivent l'être",
)
def smallest_of_those_detected(planted, measured):
    planted, measured = paired_numbers(planted, measured)
    sizes = np.unique(np.abs(planted[planted != 0]))
    seen = seen_by_arrays(planted, measured)
    whole = [size for size in sizes if seen[np.abs(planted) == size].all()]
    return by_arrays(planted, measured, smallest_detected=min(whole, default=math.inf))


@again(smallest_of_those_detected)
def smallest_of_those_detected_2(planted, measured):
    pairs = checked(planted, measured)
    missed = {abs(p) for p, m in pairs if not is_seen(pairs, p, m)}
    sizes = {abs(p) for p, _ in pairs if p} - missed
    return by_loops(pairs, smallest_detected=min(sizes) if sizes else math.inf)


@misconception(
    "smallest_single_bias",
    en="smallest_detected is the size of the smallest single bias detected, whatever happens to its opposite and "
    "to the larger ones: all of that size, and all larger ones, must be detected",
    fr="smallest_detected est la taille du plus petit biais détecté à lui seul, quoi qu'il advienne de son "
    "opposé et des plus grands : tous ceux de cette taille, et tous les plus grands, doivent l'être",
)
def smallest_single_bias(planted, measured):
    planted, measured = paired_numbers(planted, measured)
    seen = seen_by_arrays(planted, measured)
    return by_arrays(planted, measured, smallest_detected=np.abs(planted[seen]).min(initial=math.inf))


@again(smallest_single_bias)
def smallest_single_bias_2(planted, measured):
    pairs = checked(planted, measured)
    found = [abs(p) for p, m in pairs if p and is_seen(pairs, p, m)]
    return by_loops(pairs, smallest_detected=min(found) if found else math.inf)


@misconception(
    "one_side_is_enough",
    en="a size counts as detected when one of its biases is, the positive or the negative one: all those of that "
    "size must be",
    fr="une taille compte pour détectée dès que l'un de ses biais l'est, le positif ou le négatif : tous ceux de "
    "cette taille doivent l'être",
)
def one_side_is_enough(planted, measured):
    planted, measured = paired_numbers(planted, measured)
    seen, smallest = seen_by_arrays(planted, measured), math.inf
    for size in sorted(set(np.abs(planted)) - {0.0}, reverse=True):
        if not seen[np.abs(planted) == size].any():
            break
        smallest = size
    return by_arrays(planted, measured, smallest_detected=smallest)


@again(one_side_is_enough)
def one_side_is_enough_2(planted, measured):
    pairs = checked(planted, measured)
    by_size = {}
    for p, m in pairs:
        if p:
            by_size[abs(p)] = by_size.get(abs(p), False) or is_seen(pairs, p, m)
    missed = max((size for size, seen in by_size.items() if not seen), default=0.0)
    return by_loops(pairs, smallest_detected=min((s for s in by_size if s > missed), default=math.inf))


@misconception(
    "controls_without_effect",
    en="the right sign is enough for you: a bias is detected when its measure is also larger in size than that "
    "of every control (planted 0)",
    fr="le bon signe vous suffit : un biais est détecté si sa mesure dépasse aussi, en taille, celle de chaque "
    "contrôle (introduit 0)",
)
def controls_without_effect(planted, measured):
    planted, measured = paired_numbers(planted, measured)
    seen = np.sign(planted) == np.sign(measured)
    return by_arrays(planted, measured, smallest_detected=from_the_top(planted, seen))


@again(controls_without_effect)
def controls_without_effect_2(planted, measured):
    pairs = checked(planted, measured)
    return by_loops(pairs, smallest_detected=smallest_of(pairs, lambda p, m: p * m > 0))


@misconception(
    "sign_without_effect",
    en="a measure of the wrong sign counts as detected if it is large: the sign must be that of the planted bias",
    fr="une mesure du mauvais signe compte pour détectée si elle est grande : le signe doit être celui du biais "
    "introduit",
)
def sign_without_effect(planted, measured):
    planted, measured = paired_numbers(planted, measured)
    seen = np.abs(measured) > np.abs(measured[planted == 0]).max(initial=0.0)
    return by_arrays(planted, measured, smallest_detected=from_the_top(planted, seen))


@again(sign_without_effect)
def sign_without_effect_2(planted, measured):
    pairs = checked(planted, measured)

    def seen(p, m):
        return is_seen(pairs, 1.0, abs(m))

    return by_loops(pairs, smallest_detected=smallest_of(pairs, seen))


@misconception(
    "largest_control_with_its_sign",
    en="you compare with the largest measure of the controls, sign included: one of −0.3 is as much noise as one "
    "of 0.3; take their sizes",
    fr="vous comparez à la plus grande mesure des contrôles, signe compris : une de −0,3 est autant du bruit "
    "qu'une de 0,3 ; prenez leurs tailles",
)
def largest_control_with_its_sign(planted, measured):
    planted, measured = paired_numbers(planted, measured)
    noise = measured[planted == 0].max(initial=0.0)
    seen = np.sign(planted) * measured > noise
    return by_arrays(planted, measured, smallest_detected=from_the_top(planted, seen))


@again(largest_control_with_its_sign)
def largest_control_with_its_sign_2(planted, measured):
    pairs = checked(planted, measured)
    noise = max([0.0] + [m for p, m in pairs if p == 0])
    smallest = smallest_of(pairs, lambda p, m: math.copysign(m, m * p) > noise)
    return by_loops(pairs, smallest_detected=smallest)


@misconception(
    "mean_control",
    en="you compare with the mean of the controls' sizes: a measure must be larger in size than that of every "
    "control, so than the largest",
    fr="vous comparez à la moyenne des tailles des contrôles : une mesure doit dépasser, en taille, celle de chaque "
    "contrôle, donc la plus grande",
)
def mean_control(planted, measured):
    planted, measured = paired_numbers(planted, measured)
    controls = np.abs(measured[planted == 0])
    seen = (planted * measured > 0) & (np.abs(measured) > (controls.mean() if len(controls) else 0.0))
    return by_arrays(planted, measured, smallest_detected=from_the_top(planted, seen))


@again(mean_control)
def mean_control_2(planted, measured):
    pairs = checked(planted, measured)
    controls = [abs(m) for p, m in pairs if p == 0]

    def seen(p, m):
        # Their number times its size, against all of theirs.
        return p * m > 0 and len(controls) * abs(m) > sum(controls)

    return by_loops(pairs, smallest_detected=smallest_of(pairs, seen))


@misconception(
    "smallest_control",
    en="you compare with the smallest of the controls' sizes: a measure must be larger in size than that of every "
    "control, so than the largest",
    fr="vous comparez à la plus petite des tailles des contrôles : une mesure doit dépasser, en taille, celle de "
    "chaque contrôle, donc la plus grande",
)
def smallest_control(planted, measured):
    planted, measured = paired_numbers(planted, measured)
    controls = np.abs(measured[planted == 0])
    seen = (planted * measured > 0) & (np.abs(measured) > (controls.min() if len(controls) else 0.0))
    return by_arrays(planted, measured, smallest_detected=from_the_top(planted, seen))


@again(smallest_control)
def smallest_control_2(planted, measured):
    pairs = checked(planted, measured)
    controls = [abs(m) for p, m in pairs if p == 0]

    def seen(p, m):
        # Larger than one of them is enough.
        return p * m > 0 and (not controls or any(abs(m) > control for control in controls))

    return by_loops(pairs, smallest_detected=smallest_of(pairs, seen))


@misconception(
    "as_large_as_a_control",
    en="a measure as large as that of a control counts as detected: it must be larger",
    fr="une mesure aussi grande que celle d'un contrôle compte pour détectée : elle doit être plus grande",
)
def as_large_as_a_control(planted, measured):
    planted, measured = paired_numbers(planted, measured)
    noise = np.abs(measured[planted == 0]).max(initial=0.0)
    seen = (planted * measured > 0) & (np.abs(measured) >= noise)
    return by_arrays(planted, measured, smallest_detected=from_the_top(planted, seen))


@again(as_large_as_a_control)
def as_large_as_a_control_2(planted, measured):
    pairs = checked(planted, measured)
    controls = [abs(m) for p, m in pairs if p == 0]

    def seen(p, m):
        return p * m > 0 and not any(abs(m) < control for control in controls)

    return by_loops(pairs, smallest_detected=smallest_of(pairs, seen))


@misconception(
    "size_with_its_sign",
    en="smallest_detected is the smallest detected value, sign included, so a negative one, or an error: sizes "
    "are compared, |planted|",
    fr="smallest_detected est la plus petite valeur détectée, signe compris, donc une valeur négative, ou une "
    "erreur : on compare des tailles, |introduit|",
)
def size_with_its_sign(planted, measured):
    planted, measured = paired_numbers(planted, measured)
    sound = np.abs(planted) >= from_the_top(planted, seen_by_arrays(planted, measured))
    return by_arrays(planted, measured, smallest_detected=planted[sound].min(initial=math.inf))


@again(size_with_its_sign)
def size_with_its_sign_2(planted, measured):
    pairs = checked(planted, measured)
    smallest = smallest_of(pairs, lambda p, m: is_seen(pairs, p, m))
    found = sorted(p for p, _ in pairs if abs(p) >= smallest)
    return by_loops(pairs, smallest_detected=found[0] if found else math.inf)


@misconception(
    "nothing_detected_is_zero",
    en="when even the largest bias is missed, smallest_detected is 0, the best there could be: answer math.inf",
    fr="quand même le plus grand biais est manqué, smallest_detected vaut 0, le mieux possible : répondez "
    "math.inf",
)
def nothing_detected_is_zero(planted, measured):
    planted, measured = paired_numbers(planted, measured)
    smallest = from_the_top(planted, seen_by_arrays(planted, measured))
    return by_arrays(planted, measured, smallest_detected=smallest if smallest < math.inf else 0.0)


@again(nothing_detected_is_zero)
def nothing_detected_is_zero_2(planted, measured):
    pairs = checked(planted, measured)
    smallest = 0.0
    for size in sorted({abs(p) for p, _ in pairs if p}, reverse=True):
        if any(abs(p) == size and not is_seen(pairs, p, m) for p, m in pairs):
            break
        smallest = size
    return by_loops(pairs, smallest_detected=smallest)


@misconception(
    "smallest_of_nothing",
    en="when even the largest bias is missed, your function stops on the minimum of nothing: answer math.inf "
    "there",
    fr="quand même le plus grand biais est manqué, votre fonction s'arrête sur le minimum de rien : répondez "
    "alors math.inf",
)
def smallest_of_nothing(planted, measured):
    planted, measured = paired_numbers(planted, measured)
    sizes, seen = np.abs(planted), seen_by_arrays(planted, measured)
    missed = sizes[(planted != 0) & ~seen]
    sound = sizes[sizes > missed.max()] if len(missed) else sizes[sizes > 0]
    return by_arrays(planted, measured, smallest_detected=sound.min())


@again(smallest_of_nothing)
def smallest_of_nothing_2(planted, measured):
    pairs = checked(planted, measured)
    missed = [abs(p) for p, m in pairs if p and not is_seen(pairs, p, m)]
    sound = [abs(p) for p, _ in pairs if p and abs(p) > max(missed, default=0.0)]
    return by_loops(pairs, smallest_detected=min(sound))


@misconception(
    "controls_required",
    en="without controls (no planted 0) your function stops on the maximum of nothing: the sign alone counts "
    "then",
    fr="sans contrôle (aucun 0 introduit), votre fonction s'arrête sur le maximum de rien : le signe seul compte "
    "alors",
)
def controls_required(planted, measured):
    planted, measured = paired_numbers(planted, measured)
    noise = np.abs(measured[planted == 0]).max()
    seen = (planted * measured > 0) & (np.abs(measured) > noise)
    return by_arrays(planted, measured, smallest_detected=from_the_top(planted, seen))


@again(controls_required)
def controls_required_2(planted, measured):
    pairs = checked(planted, measured)
    noise = max(abs(m) for p, m in pairs if p == 0)
    smallest = smallest_of(pairs, lambda p, m: abs(m) > noise and (p > 0) == (m > 0))
    return by_loops(pairs, smallest_detected=smallest)


# What is refused


@misconception(
    "lengths_not_compared",
    en="with a measure too many or too few you go on: zip stops at the shorter list; compare the lengths, or let "
    "paired_numbers do it",
    fr="avec une mesure de trop ou de moins, vous continuez : zip s'arrête à la liste la plus courte ; comparez "
    "les longueurs, ou laissez paired_numbers le faire",
)
def lengths_not_compared(planted, measured):
    n = min(len(planted), len(measured))
    return by_arrays(*paired_numbers(planted[:n], measured[:n]))


@again(lengths_not_compared)
def lengths_not_compared_2(planted, measured):
    pairs = [(p, m) for p, m in zip(planted, measured, strict=False)]
    return by_loops(checked(*zip(*pairs, strict=True)))


@misconception(
    "two_values_accepted",
    en="two values are accepted, and a line goes through any two points: ask for three",
    fr="deux valeurs sont acceptées, et une droite passe par deux points quelconques : exigez-en trois",
)
def two_values_accepted(planted, measured):
    if len(planted) == 2 and len(measured) == 2:
        return by_arrays(np.array(planted), np.array(measured))
    return by_arrays(*paired_numbers(planted, measured))


@again(two_values_accepted)
def two_values_accepted_2(planted, measured):
    pairs = list(zip(planted, measured, strict=True))
    if len(pairs) < 2 or not all(map(math.isfinite, [*planted, *measured])) or len(set(planted)) < 2:
        raise ValueError("at least two pairs of finite numbers")
    return by_loops(pairs)


@misconception(
    "equal_planted_accepted",
    en="planted biases that are all equal give a slope of 0 / 0, or an accident on the way: refuse them with an "
    "InputError",
    fr="des biais introduits tous égaux donnent une pente de 0 / 0, ou un accident en chemin : refusez-les par "
    "une InputError",
)
def equal_planted_accepted(planted, measured):
    planted, measured = np.asarray(planted, float), np.asarray(measured, float)
    if planted.shape != measured.shape or len(planted) < 3 or not np.isfinite(planted + measured).all():
        raise ValueError("three pairs of finite numbers")
    x, y = planted - planted.mean(), measured - measured.mean()
    with np.errstate(invalid="ignore"):
        slope = x @ y / (x @ x)
    if np.isnan(slope):
        return Calibration(slope, slope, slope, 0.0, math.inf)
    return by_arrays(planted, measured)


@again(equal_planted_accepted)
def equal_planted_accepted_2(planted, measured):
    pairs = list(zip(planted, measured, strict=True))
    if len(pairs) < 3 or not all(math.isfinite(p) and math.isfinite(m) for p, m in pairs):
        raise ValueError("three pairs of finite numbers")
    p, m = (statistics.fmean(column) for column in zip(*pairs, strict=True))
    slope = sum((x - p) * (y - m) for x, y in pairs) / sum((x - p) ** 2 for x, _ in pairs)
    return by_loops(pairs, slope=slope, intercept=m - slope * p)


@misconception(
    "nan_accepted",
    en="a measure that is NaN is accepted, and spoils every number: refuse it with an InputError, so that its "
    "case is looked at",
    fr="une mesure qui vaut NaN est acceptée, et gâte tous les nombres : refusez-la par une InputError, pour "
    "qu'on regarde ce cas",
)
def nan_accepted(planted, measured):
    if len(planted) != len(measured) or len(planted) < 3 or min(planted) == max(planted):
        raise ValueError("three pairs, planted values that differ")
    planted, measured = np.array(planted), np.array(measured)
    if not np.isfinite(measured).all():
        error = np.sqrt(np.mean((measured - planted) ** 2))
        return Calibration(error, error, error, error, math.inf)
    return by_arrays(planted, measured)


@again(nan_accepted)
def nan_accepted_2(planted, measured):
    pairs = list(zip(planted, measured, strict=True))
    kept = [(p, m) for p, m in pairs if math.isfinite(m)]
    if len(kept) < 3 or len({p for p, _ in kept}) < 2:
        raise ValueError("three pairs, planted values that differ")
    return by_loops(kept)
