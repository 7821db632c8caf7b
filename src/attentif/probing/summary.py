"""What an examination says in a few lines: whether the model knows its language, and which numbers stand out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attentif.language import Text, say, text
from attentif.probing.asking import signed
from attentif.probing.reading import SHARE, Measure, Outcome, Reading

_CONTROLS = ("competence-pairs", "perplexity")
_CONTROL: dict[str, Text] = {
    "passed": text(
        "Control passed: the model tells right sentences from wrong ones in {value} % of cases.",
        "Témoin réussi : le modèle distingue les phrases justes des fausses dans {value} % des cas.",
    ),
    "failed": text(
        "Control not passed: the model does not tell right sentences from wrong ones better than chance ({value} %). What it prefers "
        "then says little.",
        "Témoin manqué : le modèle ne distingue pas les phrases justes des fausses mieux que le hasard ({value} %). Ce qu'il préfère "
        "ne dit alors pas grand-chose.",
    ),
    "known": text(
        "Control: right and wrong sentences could not be asked; the model is less surprised by ordinary sentences ({value} nats a "
        "token) than all models with random weights.",
        "Témoin : les phrases justes et fausses n'ont pas pu être posées ; le modèle est moins surpris par des phrases ordinaires "
        "({value} nats par jeton) que tous les modèles aux poids au hasard.",
    ),
    "none": text(
        "No control could be measured: nothing shows that the model knows the language. What it prefers then says little.",
        "Aucun témoin n'a pu être mesuré : rien ne montre que le modèle connaît la langue. Ce qu'il préfère ne dit alors pas grand-chose.",
    ),
}
_OUT: dict[str, Text] = {
    "all": text("{k} of {n} stand out: {names}", "{k} sur {n} ressortent : {names}"),
    "one": text("{k} of {n} stands out: {names}", "{k} sur {n} ressort : {names}"),
    "none": text("none of {n} stands out", "aucun sur {n} ne ressort"),
    "more": text(" and {n} more", " et {n} autres"),
}
_SHOWN = 5


def control(outcomes: Mapping[str, Outcome]) -> tuple[bool, str]:
    """Whether a model knows its language, and a sentence that says so.

    Its preference of right sentences over wrong ones counts, above 50 %; where that could not be asked, whether it
    is less surprised by ordinary sentences than every model with random weights.
    """
    right, surprise = (_first(outcomes, key) for key in _CONTROLS)
    if right is not None:
        passed = right.bounded and right.low > 50
        return passed, say(_CONTROL["passed" if passed else "failed"]).format(value=written(right, 1))
    if surprise is not None and surprise.null and surprise.bounded and surprise.high < min(surprise.null):
        return True, say(_CONTROL["known"]).format(value=written(surprise, 2))
    return False, say(_CONTROL["none"])


def written(reading: Reading, digits: int) -> str:
    """An estimate with its interval, where it has one.

    >>> written(Reading("a", 54.83, 50.6, 58.8, 9, 9.0), 1)
    '54.8 [50.6; 58.8]'
    """
    said = signed(reading.estimate, digits)
    if not reading.bounded:
        return said
    return say(text("{said} [{low}; {high}]", "{said} [{low} ; {high}]")).format(
        said=said, low=signed(reading.low, digits), high=signed(reading.high, digits)
    )


def standing_out(measure: Measure, outcome: Outcome) -> str:
    """Which numbers of a measure stand out, the farthest first; of the control, the number itself."""
    digits = digits_of(measure)
    if measure.key == "perplexity":
        return written(outcome.readings[0], digits)
    out = [each for each in outcome.readings if each.stands_out(measure.neutral)]
    if not out:
        return say(_OUT["none"]).format(n=len(outcome.readings))
    out.sort(key=lambda each: -abs(each.estimate - measure.neutral))
    names = ", ".join(f"{each.name} {signed(each.estimate, digits)}" for each in out[:_SHOWN])
    if len(out) > _SHOWN:
        names += say(_OUT["more"]).format(n=len(out) - _SHOWN)
    key = "one" if len(out) == 1 else "all"
    return say(_OUT[key]).format(k=len(out), n=len(outcome.readings), names=names)


def digits_of(measure: Measure) -> int:
    """How many digits after the point its numbers are shown with."""
    return 1 if measure.unit == SHARE else 2


def measured(measures: Sequence[Measure], outcomes: Mapping[str, Outcome]) -> list[Measure]:
    """The measures that found a number."""
    return [measure for measure in measures if outcomes[measure.key].readings]


def _first(outcomes: Mapping[str, Outcome], key: str) -> Reading | None:
    found = outcomes.get(key)
    return found.readings[0] if found is not None and found.readings else None
