"""Tests in words, in the language of the notebook: what was compared, how large it is, what chance makes of it."""

from __future__ import annotations

from collections.abc import Sequence

from attentif.bias.paired import PairedTest
from attentif.bias.variance import TemplateSensitivity
from attentif.language import Text, number, say, text

_SAID: dict[str, Text] = {
    "words": text("{name}: p = {p}, the words divided at random.", "{name} : p = {p}, les mots répartis au hasard."),
    "sentences": text(
        "{name}: p = {p}, the sentences divided at random (wrongly).",
        "{name} : p = {p}, les phrases réparties au hasard (à tort).",
    ),
    "paired": text(
        "{name}: {difference} nats on average over {n} pairs; p = {p}, for {groups} flipped signs ({how}).",
        "{name} : {difference} nat en moyenne sur {n} paires ; p = {p}, pour {groups} signes changés ({how}).",
    ),
    "adjusted": text("Adjusted for {n} tests: p = {p}.", "Ajustées pour {n} tests : p = {p}."),
    "sensitivity": text(
        "Templates account for {share} of the variance ({chance} by chance); their means go from {low} to {high} nats; "
        "{agreement} of the scores have the sign of their word's mean.",
        "Les gabarits expliquent {share} de la variance ({chance} par hasard) ; leurs moyennes vont de {low} à {high} nat ; "
        "{agreement} des notes ont le signe de la moyenne de leur mot.",
    ),
}  # fmt: skip
_EXACT, _DRAWN = text("all choices tried", "tous les choix essayés"), text("drawn", "tirés")
_PERCENT = text("{number}%", "{number} %")


def _percent(share: float) -> str:
    return say(_PERCENT).format(number=number(100 * share, 1))


def show_p(p: float, name: str, sentences: bool = False) -> None:
    """Say the p of a permutation test, and what was divided at random."""
    print(say(_SAID["sentences" if sentences else "words"]).format(p=number(p, 5), name=name))


def show_paired(found: PairedTest, name: str) -> None:
    """Say what a paired test found."""
    print(
        say(_SAID["paired"]).format(
            name=name,
            difference=number(found.difference, 3),
            n=found.n_pairs,
            p=number(found.p_value, 5),
            groups=found.n_groups,
            how=say(_EXACT if found.exact else _DRAWN),
        )
    )


def show_adjusted(p_values: Sequence[float]) -> None:
    """Say the adjusted p of several tests, in their order."""
    listed = say(text(", ", " ; ")).join(number(float(p), 4) for p in p_values)
    print(say(_SAID["adjusted"]).format(n=len(p_values), p=listed))


def show_sensitivity(found: TemplateSensitivity) -> None:
    """Say how much templates matter."""
    print(
        say(_SAID["sensitivity"]).format(
            share=_percent(found.template_share),
            chance=_percent(found.chance_share),
            agreement=_percent(found.sign_agreement),
            low=number(found.lowest),
            high=number(found.highest),
        )
    )
