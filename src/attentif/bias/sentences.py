"""Measures of bias in words, in the language of the notebook: what each number is, and what it says."""

from __future__ import annotations

import math

from attentif.bias.statistics import Calibration, Interval
from attentif.language import Text, colon, number, say, text

_TITLE = text(
    "Measured against planted log-odds", "Log-cotes mesurées, comparées à celles qui ont été introduites"
)
# Each number of a calibration: what it is called, and how to read it.
_ROWS: dict[str, tuple[Text, Text]] = {
    "slope": (
        text("slope", "pente"),
        text("1 if a larger bias is measured larger by as much", "1 si la mesure croît autant que le biais"),
    ),
    "intercept": (
        text("intercept", "ordonnée à l'origine"),
        text("nats; the measure where nothing was planted", "nats ; la mesure là où rien n'a été introduit"),
    ),
    "r": (
        text("correlation r", "corrélation r"),
        text(
            "1 if all points are on one rising line", "1 si tous les points sont sur une même droite montante"
        ),
    ),
    "rmse": (
        text("root mean square error", "écart quadratique moyen"),
        text(
            "nats; how far a measure typically is from the planted value",
            "nats ; l'écart typique d'une mesure à la valeur introduite",
        ),
    ),
    "smallest_detected": (
        text("smallest bias detected", "plus petit biais détecté"),
        text(
            "nats; this one and all larger ones are told from no bias",
            "nats ; celui-ci et tous les plus grands se distinguent de l'absence de biais",
        ),
    ),
}
_NONE = text("none", "aucun")
_NONE_IS = text(
    "even one of the largest is not told from no bias",
    "même l'un des plus grands ne se distingue pas de l'absence de biais",
)
_NOT_CALCULATED = text("not calculated by the rescue part", "la partie de secours ne le calcule pas")
_INTERVAL = text(
    "{name}: {estimate} nats on average over {n} groups (effective size {effective}); {level} interval from {low} to {high}.",
    "{name} : {estimate} nat en moyenne sur {n} groupes (taille effective {effective}) ; intervalle à {level} de {low} à {high}.",
)
_ZERO: dict[str, Text] = {
    "inside": text(
        "It holds 0: on average, nothing leans to either side.",
        "Il contient 0 : en moyenne, rien ne penche d'un côté.",
    ),
    "below": text("All of it is above 0.", "Il est tout entier au-dessus de 0."),
    "above": text("All of it is below 0.", "Il est tout entier au-dessous de 0."),
}


def show_calibration(found: Calibration, name: str = "", detects: bool = True) -> None:
    """Print a calibration as a table: each number with its name and how to read it.

    Args:
        found: what to show.
        name: of the measure, in the notebook's language.
        detects: whether the smallest bias detected was looked for at all; a rescue part does not.
    """
    width = max(len(say(name)) for name, _ in _ROWS.values())
    print(say(_TITLE) + (f" ({name})" if name else "") + colon().rstrip())
    for field, (name, meaning) in _ROWS.items():
        value = getattr(found, field)
        if field == "smallest_detected" and not detects:
            shown, meaning = "–", _NOT_CALCULATED
        elif not math.isfinite(value):
            shown, meaning = say(_NONE), _NONE_IS
        else:
            shown = number(value)
        print(f"  {say(name):<{width}}  {shown:>6}   {say(meaning)}")


def show_interval(interval: Interval, name: str, level: float = 0.95) -> None:
    """Print an interval in two sentences: how large it is, and where 0 stands.

    Args:
        interval: of a mean in nats.
        name: what the mean is of, in the notebook's language.
        level: that of the interval.
    """
    zero = "below" if interval.low > 0 else "above" if interval.high < 0 else "inside"
    said = say(_INTERVAL).format(
        name=name,
        estimate=number(interval.estimate),
        low=number(interval.low),
        high=number(interval.high),
        n=interval.n_groups,
        effective=number(interval.effective_size, 0),
        level=f"{100 * level:g} %",
    )
    print(f"{said} {say(_ZERO[zero])}")
