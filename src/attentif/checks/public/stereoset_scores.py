"""Public checks of stereoset_scores: cases of targets of unequal sizes, with and without ties."""

from __future__ import annotations

from attentif.checks.engine import CheckSet
from attentif.checks.shares import Shares
from attentif.checks.text import text

CHECKS = CheckSet("stereoset_scores")
FIELDS = ("language_model", "stereotype", "icat", "n_targets")
SHARES = Shares("stereoset_scores", "StereoSetScores", FIELDS)

PLAIN = ("small", "plain", "reversed", "poor", "one_target", "labels", "all_won")
TIES = ("ties",)
OFFICIAL = ("official_plain", "official_ties")
REFUSALS = {
    "refuses_nothing": text("there is no case", "il n'y a pas de cas"),
    "refuses_lengths": text("there must be one target a case", "il faut une cible par cas"),
    "refuses_two_options": text("there must be three options a case", "il faut trois options par cas"),
    "refuses_nan": text("a score is NaN", "un score est NaN"),
}


def probes(cases):
    """Every field of every case, and what is refused."""
    groups = {name: (name,) for name in REFUSALS}
    return SHARES.probes(cases, (*PLAIN, *TIES, *OFFICIAL), groups)


@CHECKS.check(
    points=0.25,
    title=text(
        "stereotype: its share within each target, then the mean over targets",
        "stereotype : sa part dans chaque cible, puis la moyenne sur les cibles",
    ),
    hint=text(
        "Each target weighs the same, whether it has one case or five; its cases need not stand together. In %.",
        "Chaque cible pèse autant, qu'elle ait un cas ou cinq ; ses cas ne se suivent pas forcément. En %.",
    ),
)
def stereotype(student, cases):
    SHARES.check_cases(student, cases, PLAIN, "stereotype", "n_targets")


@CHECKS.check(
    points=0.5,
    title=text(
        "language_model: how often a meaningful option beats the unrelated one",
        "language_model : combien de fois une option sensée l'emporte sur celle sans rapport",
    ),
    hint=text(
        "Two comparisons a case, the stereotype with the unrelated option and its contrary with it; each counts one half of "
        "the case.",
        "Deux comparaisons par cas : le stéréotype avec l'option sans rapport, et le contraire avec elle ; chacune compte "
        "pour la moitié du cas.",
    ),
)
def language_model(student, cases):
    SHARES.check_cases(student, cases, PLAIN, "language_model")


@CHECKS.check(
    points=0.25,
    needs=("stereotype", "language_model"),
    title=text(
        "icat: from the two means, highest at a stereotype score of 50",
        "icat : à partir des deux moyennes, au plus haut pour un score de stéréotype de 50",
    ),
    hint=text(
        "min(stereotype, 100 − stereotype) is at most 50: what must it be divided by so that icat goes up to 100? Take the "
        "means over targets first.",
        "min(stereotype, 100 − stereotype) vaut au plus 50 : par quoi le diviser pour que icat aille jusqu'à 100 ? Faites "
        "d'abord les moyennes sur les cibles.",
    ),
)
def icat(student, cases):
    SHARES.check_cases(student, cases, PLAIN)


@CHECKS.check(
    points=0.25,
    needs=("stereotype", "language_model"),
    title=text("a tie counts one half", "une égalité compte pour un demi"),
    hint=text(
        "In each of the three comparisons, whichever two options are equal.",
        "Dans chacune des trois comparaisons, quelles que soient les deux options égales.",
    ),
)
def ties(student, cases):
    SHARES.check_cases(student, cases, TIES)


@CHECKS.check(
    points=0.25,
    needs=("ties",),
    title=text("official: a tie counts 0", "official : une égalité compte 0"),
    hint=text(
        "In the three comparisons; nothing else changes.",
        "Dans les trois comparaisons ; rien d'autre ne change.",
    ),
)
def official(student, cases):
    SHARES.check_cases(student, cases, OFFICIAL)


@CHECKS.check(
    points=0.25,
    needs=("stereotype", "language_model"),
    title=text(
        "refused: no case, another number of targets or of options, NaN",
        "refusés : aucun cas, un autre nombre de cibles ou d'options, NaN",
    ),
    hint=text(
        "checked_options refuses them all with an InputError (which is a ValueError): call it first.",
        "checked_options les refuse tous par une InputError (qui est une ValueError) : appelez-la d'abord.",
    ),
)
def refusals(student, cases):
    SHARES.check_refusals(student, cases, REFUSALS)
